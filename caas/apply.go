package caas

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/redact"
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
//   - Of records with the same stamps, or without any, the one in the delivery that
//     arrived last counts, and if that is not known, the one that is applied last. But
//     one that was applied before with these stamps, the same in every column, is
//     repeated and changes nothing.
//   - A record at a place in a delivery up to which the person's records have been
//     applied is repeated, whatever its stamps. So a delivery whose application ended
//     in the middle is simply applied again.
//
// No specification says that stamps may be used so; that the serial change number of
// PDS counts the changes of one person is an assumption. So is that arrivals follow the
// order of changes. A person who leaves and comes back without any of their stamps or
// columns changing looks like a repeated record: that is told with an [Anomaly].
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

// Rows returns how many rows are accounted for: what became of records, nil returns
// and refused rows. It is as many as the Tally counts.
func (t *Totals) Rows() int64 {
	return t.Joined + t.Amended + t.Left + t.Superseded + t.Unchanged + t.Repeated + t.Outdated + t.Tally.NilReturns + t.Tally.Refused
}

// ApplyError reports the row at which [Applier.Apply] stopped. What comes before it is
// stored; it may be stored itself, if storing it is what failed. Its text masks what
// could be an NHS number: databases quote values.
type ApplyError struct {
	Row int64 // from 1
	Err error
}

// Error implements the error interface.
func (e *ApplyError) Error() string {
	return fmt.Sprintf("apply row %d: %s", e.Row, redact.Text(e.Err.Error()))
}

// Unwrap returns the cause, as it came.
func (e *ApplyError) Unwrap() error { return e.Err }

// Apply applies the records of a delivery in order, and accounts for every one, in
// the part that was done if there is an error. Of the delivery, [Delivery.Records] and
// the ID are required, and Arrived is used. The ID is the same each time that the same
// records are applied, and of no other records that arrive at the same time.
//
// A [*RowError] among the records is counted as refused. Any other error of the
// records ends the application. One of the Membership, the context or a callback does
// so, too, and is an [*ApplyError]. In both cases the delivery is to be applied again.
func (a Applier) Apply(ctx context.Context, d Delivery) (Totals, error) {
	var t Totals
	switch {
	case a.Members == nil:
		return t, &nhs.ArgumentError{Name: "membership", Reason: "must not be nil"}
	case d.ID == "":
		return t, &nhs.ArgumentError{Name: "delivery id", Reason: "must not be empty"}
	case d.Records == nil:
		return t, &nhs.ArgumentError{Name: "records", Reason: "must not be nil"}
	}
	p := rowPlace{delivery: d.ID, arrived: d.Arrived.Truncate(time.Second).UTC()}
	for r, err := range d.Records {
		p.position++
		r.Row = cmp.Or(r.Row, p.position) // records that do not come from a file have no row
		if err == nil && !r.NilReturn() && !r.Type.known() {
			err = &RowError{Row: r.Row, Column: columnType, Reason: errType.Error(), cause: errType}
		}
		bad, isRow := errors.AsType[*RowError](err)
		switch {
		case isRow:
			r.Row = bad.Row
		case err != nil:
			return t, err
		}
		if err := a.row(ctx, &t, p, r, bad); err != nil {
			return t, &ApplyError{Row: r.Row, Err: err}
		}
	}
	return t, nil
}

// rowPlace is where a record stands.
type rowPlace struct {
	delivery string
	arrived  time.Time // the delivery, to the second: every database keeps that
	position int64     // in the delivery, from 1
}

// row deals with what the records yield: a record, or a row that is not usable.
func (a Applier) row(ctx context.Context, t *Totals, p rowPlace, r Record, bad *RowError) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	switch {
	case bad != nil:
		t.Tally.Count(Record{}, bad)
		if a.Refused != nil {
			return a.Refused(bad)
		}
		return nil
	case r.NilReturn():
		t.Tally.Count(r, nil)
		return nil
	}
	change, people, err := a.change(ctx, p, r)
	if err != nil {
		return err
	}
	if len(people) > 0 {
		if err := a.Members.Commit(ctx, change, r, people...); err != nil {
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
func (a Applier) change(ctx context.Context, p rowPlace, r Record) (Change, []Member, error) {
	c := Change{
		Delivery: p.delivery, Row: r.Row, Number: r.Number, Type: r.Type,
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
	case m.reached(p):
		c.Kind = ChangeRepeated
		return c, nil, nil
	case order == 0 && r.stamped() && slices.Contains(m.Digests, digest):
		c.Kind = ChangeRepeated
		if m.SupersededBy.IsZero() && m.In == (r.Type == Delete) {
			c.Anomalies = append(c.Anomalies, AnomalyOvertaken)
		}
		return c, nil, nil
	case order < 0, order == 0 && m.arrivedAfter(p):
		c.Kind = ChangeOutdated
		return c, nil, nil
	}
	people, err := a.move(ctx, &c, &m, r)
	if err != nil {
		return c, nil, err
	}
	if c.Kind == "" {
		byType(&c, &m)
	}
	return c, append([]Member{m.noted(c, p, order, digest)}, people...), nil
}

// byType does what the type of the record says.
func byType(c *Change, m *Member) {
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
