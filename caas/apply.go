package caas

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/personalised-prevention/nhs"
)

// Applier applies the records of cohort files to a [Membership].
//
// The type of a record decides what it does: ADD and AMENDED make the person a
// member, DEL ends that. A record that contradicts what was known does the same and
// is told with an [Anomaly]: an AMENDED of somebody absent lets them join, because
// CaaS takes them to be in the cohort; a DEL of somebody absent is noted. Death,
// invalidity and eligibility are reasons that are told, and decide nothing.
//
// Records may be delivered late, and more than once:
//
//   - A record whose serial change number is lower than that of the last one applied
//     to the person is outdated and changes nothing. If either has no serial change
//     number, or both have the same, the change time stamps decide in the same way.
//   - Of records with the same stamps, or without any, the one delivered last counts;
//     but one that was applied before with these stamps, the same in every column, is
//     repeated and changes nothing.
//   - A record at a place in a delivery up to which the person's records have been
//     applied is repeated, whatever its stamps. So a delivery whose application ended
//     in the middle is simply applied again.
//
// No specification says that stamps may be used so; that the serial change number of
// PDS counts the changes of one person is an assumption.
//
// An Applier is used by one goroutine at a time, and so is its Membership by one
// Applier.
type Applier struct {
	Members Membership // required

	// Supersession is what a superseded NHS number means for membership.
	Supersession Supersession

	// Each, if it is set, sees what becomes of each record, after it is stored. When a
	// delivery is applied again it sees repeated records as such: what may happen only
	// once belongs to [Membership.Commit].
	Each func(Change) error

	// Refused, if it is set, sees the rows that are not usable. They are counted in
	// any case.
	Refused func(*RowError) error
}

// Supersession is what it means for membership that a record was merged into that of
// another NHS number.
type Supersession int

const (
	// SupersessionTold means nothing: the record type decides, and that the number is
	// superseded is a reason that is told. Whether the surviving number belongs to
	// the cohort is left to CaaS.
	SupersessionTold Supersession = iota

	// SupersessionMoves means that the membership goes over to the surviving number,
	// along the whole chain if that is superseded as well. A record of any type ends
	// the membership of the number that it says is superseded. If that number was a
	// member, or the record says it is one, the surviving number joins, unless a
	// record of its own has made it leave.
	SupersessionMoves
)

// Totals account for a delivery. Rows are records, nil returns and refused rows; and
// records are the sum of what became of them.
type Totals struct {
	Tally Tally // the rows, by what they are

	Joined     int64
	Amended    int64
	Left       int64
	Superseded int64
	Unchanged  int64
	Repeated   int64
	Outdated   int64

	SurvivorsJoined int64 // people who joined as the survivors of superseded numbers; they have no record here
	Anomalies       int64 // records with an anomaly
}

// Apply applies the records of a delivery in order, and accounts for every one, in
// the part that was done if there is an error. The delivery's name is the same each
// time that the same records are applied, and of no other records: [Delivery.ID],
// for one.
//
// A [*RowError] among the records is counted as refused. Any other error, of the
// records, the Membership, the context or a callback, ends the application, and the
// delivery is to be applied again.
func (a Applier) Apply(ctx context.Context, delivery string, records iter.Seq2[Record, error]) (Totals, error) {
	var t Totals
	switch {
	case a.Members == nil:
		return t, &nhs.ArgumentError{Name: "membership", Reason: "must not be nil"}
	case delivery == "":
		return t, &nhs.ArgumentError{Name: "delivery", Reason: "must have a name"}
	case records == nil:
		return t, &nhs.ArgumentError{Name: "records", Reason: "must not be nil"}
	}
	for r, err := range records {
		if ctx.Err() != nil {
			return t, ctx.Err()
		}
		if err := a.record(ctx, &t, delivery, r, err); err != nil {
			return t, err
		}
	}
	return t, nil
}

// record deals with what the records yield.
func (a Applier) record(ctx context.Context, t *Totals, delivery string, r Record, err error) error {
	if err == nil && !r.NilReturn() && !r.Type.known() {
		err = &RowError{Row: r.Row, Column: columnType, Reason: errType.Error(), cause: errType}
	}
	if err != nil || r.NilReturn() {
		bad, ok := errors.AsType[*RowError](err)
		if err != nil && !ok {
			return err
		}
		t.Tally.Count(r, err)
		if ok && a.Refused != nil {
			return a.Refused(bad)
		}
		return nil
	}
	place := cmp.Or(r.Row, t.Tally.Rows()+1) // records that do not come from a file have no row
	change, people, err := a.change(ctx, delivery, place, r)
	if err != nil {
		return err
	}
	if len(people) > 0 {
		if err := a.Members.Commit(ctx, change, people...); err != nil {
			return err
		}
	}
	t.Tally.Count(r, nil)
	t.count(change)
	if a.Each != nil {
		return a.Each(change)
	}
	return nil
}

func (t *Totals) count(c Change) {
	switch c.Kind {
	case ChangeJoined:
		t.Joined++
	case ChangeAmended:
		t.Amended++
	case ChangeLeft:
		t.Left++
	case ChangeSuperseded:
		t.Superseded++
	case ChangeUnchanged:
		t.Unchanged++
	case ChangeRepeated:
		t.Repeated++
	case ChangeOutdated:
		t.Outdated++
	}
	if c.SurvivorJoined {
		t.SurvivorsJoined++
	}
	if len(c.Anomalies) > 0 {
		t.Anomalies++
	}
}

// change works out what a record does, and returns the people as they are to be
// stored: none if nothing is.
func (a Applier) change(ctx context.Context, delivery string, place int64, r Record) (Change, []Member, error) {
	c := Change{
		Delivery: delivery, Row: r.Row, Number: r.Number, Type: r.Type,
		Serial: r.SerialChangeNumber, Timestamp: r.ChangeTimestamp, Reasons: r.Reasons(),
	}
	m, err := a.Members.Member(ctx, r.Number)
	if err != nil {
		return c, nil, err
	}
	m.Number = r.Number
	digest := r.digest()
	order, disagree := m.order(r)
	if disagree {
		c.Anomalies = append(c.Anomalies, AnomalyStampsDisagree)
	}
	switch {
	case m.Delivery == delivery && place <= m.Row,
		order == 0 && r.stamped() && slices.Contains(m.Digests, digest):
		c.Kind = ChangeRepeated
		return c, nil, nil
	case order < 0:
		c.Kind = ChangeOutdated
		return c, nil, nil
	}
	people, err := a.move(ctx, &c, &m, r)
	if err != nil {
		return c, nil, err
	}
	if c.Kind == "" {
		c.byType(&m)
	}
	m.note(c, place, order, digest)
	return c, append([]Member{m}, people...), nil
}

// byType does what the type of the record says.
func (c *Change) byType(m *Member) {
	was, own := m.In, m.Delivery != ""
	if !m.SupersededBy.IsZero() {
		if c.Type == Delete {
			c.Kind = ChangeUnchanged // it has gone already
			return
		}
		c.Anomalies = append(c.Anomalies, AnomalyNoLongerMerged)
		m.SupersededBy = nhs.Number{}
	}
	m.In = c.Type != Delete
	switch {
	case c.Type == Delete && was:
		c.Kind = ChangeLeft
	case c.Type == Delete:
		c.Kind = ChangeUnchanged
		c.Anomalies = append(c.Anomalies, AnomalyDeleteOfAbsent)
	case was:
		c.Kind = ChangeAmended
		if c.Type == Add && own { // the first record of a survivor may well be an ADD
			c.Anomalies = append(c.Anomalies, AnomalyAddOfMember)
		}
	default:
		c.Kind = ChangeJoined
		if c.Type == Amend {
			c.Anomalies = append(c.Anomalies, AnomalyAmendOfAbsent)
		}
	}
}

// move lets the membership go over to the surviving number if that is the rule, and
// returns whom else that concerns. It leaves the kind of the change empty if there
// is nobody to go over to.
func (a Applier) move(ctx context.Context, c *Change, m *Member, r Record) ([]Member, error) {
	switch {
	case r.SupersededBy.IsZero():
		return nil, nil
	case r.SupersededBy == r.Number:
		c.Anomalies = append(c.Anomalies, AnomalySupersedesItself)
		return nil, nil
	case a.Supersession != SupersessionMoves:
		return nil, nil
	}
	survivor, err := a.survivor(ctx, r)
	if err != nil {
		return nil, err
	}
	if survivor.Number.IsZero() {
		c.Anomalies = append(c.Anomalies, AnomalySurvivorsInCircle)
		return nil, nil
	}
	was, moved := m.In, m.SupersededBy
	if !moved.IsZero() && moved != survivor.Number {
		before, err := a.Members.Member(ctx, moved)
		if err != nil {
			return nil, err
		}
		if before.In {
			c.Anomalies = append(c.Anomalies, AnomalyOtherSurvivor)
		}
	}
	m.In, m.SupersededBy = false, survivor.Number
	c.Survivor, c.Kind = survivor.Number, ChangeSuperseded
	switch {
	case !was && r.Type == Delete:
		c.Kind = ChangeUnchanged
		if moved.IsZero() {
			c.Anomalies = append(c.Anomalies, AnomalyDeleteOfAbsent)
		}
	case survivor.In:
		if !was && moved == survivor.Number {
			c.Kind = ChangeUnchanged
		}
	case survivor.Delivery != "":
		c.Anomalies = append(c.Anomalies, AnomalySurvivorLeft)
	default:
		survivor.In, c.SurvivorJoined = true, true
		return []Member{survivor}, nil
	}
	return nil, nil
}

// survivor follows the numbers that superseded each other to the last, and returns
// the zero Member if they go round in a circle.
func (a Applier) survivor(ctx context.Context, r Record) (Member, error) {
	seen := []nhs.Number{r.Number}
	for next := r.SupersededBy; ; {
		if slices.Contains(seen, next) {
			return Member{}, nil
		}
		seen = append(seen, next)
		m, err := a.Members.Member(ctx, next)
		if err != nil {
			return Member{}, err
		}
		m.Number = next
		if m.SupersededBy.IsZero() {
			return m, nil
		}
		next = m.SupersededBy
	}
}
