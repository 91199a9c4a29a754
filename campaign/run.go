package campaign

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/notify"
)

// run is one sending of a stage. Its people are fixed and sealed when it begins,
// whatever is built later, so that a restart sends the same; a journal beside them
// says how far it has got.
//
// A stage goes on with its last run. That ends where it is when the list is built
// again in the middle of the stage, or when somebody it has not sent must not be
// messaged any more: whom it has not sent goes with a later run.
type run struct {
	Stage    governance.Stage  `json:"stage"`
	Proposal governance.Digest `json:"proposal"` // root
	Manifest governance.Digest `json:"manifest"`
	Batch    int               `json:"batch"` // people in a batch
	People   []recipient       `json:"people"`

	Checked []governance.Checked `json:"checked"` // how People were
	LeftOut []leftOut            `json:"leftOut"` // when the run began

	name    string // counts up within the stage, such as "pilot-1"
	begun   bool   // it has files
	over    bool   // a later run of its stage has the people it has not sent
	done    int    // how many, from the first, NHS Notify has or has refused
	left    int    // and those it may have
	batches int    // in the journal, and one more, which may have been authorised; 0 without a journal
}

// reference returns the reference of a batch in the audit log. It is the
// campaign's own: NHS Notify's changes when messages are taken out of a batch, and
// who was authorised does not.
func (r *run) reference(batch int) string { return fmt.Sprintf("%s-%d", r.name, batch) }

// knows reports whether a batch of the audit log is one of the run's.
func (r *run) knows(e governance.Entry) bool {
	number, ours := strings.CutPrefix(e.Batch.Reference, r.name+"-")
	i, err := strconv.Atoi(number)
	return ours && err == nil && i < r.batches && e.Manifest == r.Manifest
}

// ErrFilesMissing means that the audit log has a batch that the files in
// [Config.Dir] do not know of. As long as it is not certain who has been messaged,
// nobody is: bring the files back.
var ErrFilesMissing = errors.New("the audit log has a batch that the files in the directory do not know of")

// goesOn reports whether a run can send those whom it has not sent.
func (r *run) goesOn(current governance.Digest) bool { return r.Manifest == current && !r.over }

// bound returns the people of a run who can go with no other: all of them while
// it can go on, and then those it has sent.
func (r *run) bound(current governance.Digest) []recipient {
	if r.goesOn(current) {
		return r.People
	}
	return r.People[:r.left]
}

// sends reports whether a stage sends messages. A synthetic one does, if not to
// people; a dry run does not.
func sends(stage governance.Stage) bool { return stage != governance.DryRun }

func stages() []governance.Stage {
	return []governance.Stage{
		governance.Synthetic, governance.DryRun, governance.Pilot, governance.Ramp, governance.National,
	}
}

// told is what NHS Notify has said in answer to requests.
type told struct {
	sent    map[string]string // accepted: reference to message id, "" while pending
	refused map[string]string // not accepted: reference to the reason
}

// recall reads every run from its files: who is in it, how far it got, and what
// was asked about it.
func (c *Campaign) recall(ctx context.Context) error {
	var runs []*run
	known := told{sent: map[string]string{}, refused: map[string]string{}}
	for _, stage := range stages() {
		for number := 1; ; number++ {
			r := &run{name: fmt.Sprintf("%s-%d", stage, number), begun: true}
			err := c.unseal(r.name, r)
			if errors.Is(err, errNoFile) {
				break
			}
			if err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
			c.order(r.People)
			if err := c.follow(ctx, r, known); err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
			if number > 1 {
				runs[len(runs)-1].over = true
			}
			runs = append(runs, r)
		}
	}
	if err := c.reread(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.runs, c.told = runs, known
	return nil
}

// complete makes sure, before a live stage is sent or settled, that the files know
// of every live batch. A rehearsal has a directory of its own, and needs none.
func (c *Campaign) complete(stage governance.Stage) error {
	if !stage.Live() {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range c.config.Authority.Batches(c.config.Proposal.ID) {
		known := slices.ContainsFunc(c.runs, func(r *run) bool { return r.knows(e) })
		if e.Stage.Live() && !known {
			return fmt.Errorf("%w: %s", ErrFilesMissing, e.Batch.Reference)
		}
	}
	return nil
}

// follow reads a run's journal, and adds to what is known.
func (c *Campaign) follow(ctx context.Context, r *run, known told) error {
	if !sends(r.Stage) {
		r.left = len(r.People)
		return nil
	}
	journal, err := c.journal(r)
	if err != nil {
		return err
	}
	defer func() { _ = journal.Close() }()
	b, empty := batchFollower{people: r.People, number: -1, known: known}, true
	for record, err := range journal.Records(ctx) {
		if err != nil {
			return err
		}
		empty = false
		if err := b.next(record); err != nil {
			return err
		}
	}
	if !empty {
		r.batches = b.number + 2
	}
	r.done, r.left = b.end()
	return nil
}

func (c *Campaign) journal(r *run) (*notify.FileJournal, error) {
	return notify.OpenJournal(c.path(r.name + ".journal"))
}

// batchFollower goes through a journal batch by batch.
type batchFollower struct {
	people []recipient
	known  told

	number  int               // of the batch the journal is at
	batch   []recipient       // what has not been taken out of it
	refused map[string]string // who has, and why
	first   int               // index of its first person
	behind  int               // people in it and the batches before it
	open    bool              // a request was planned, and its outcome is not known
	ended   bool              // accepted, or nobody left in it
}

func (b *batchFollower) next(record notify.Record) error {
	switch record.Kind {
	case notify.RecordPlanned:
		if record.Batch != b.number {
			b.first, b.behind = b.behind, b.behind+record.Messages
			if b.behind > len(b.people) {
				return notify.ErrJournalMismatch
			}
			b.number, b.batch, b.ended = record.Batch, b.people[b.first:b.behind], false
			b.refused = map[string]string{}
		}
		b.open = true
	case notify.RecordRefused:
		b.open = false
	case notify.RecordRejected:
		b.open = false
		return b.reject(record.Rejected)
	case notify.RecordAccepted:
		b.open = false
		for i, p := range b.batch {
			b.known.sent[p.reference] = ""
			if i < len(record.IDs) {
				b.known.sent[p.reference] = record.IDs[i]
			}
		}
		b.finish()
	case notify.RecordRun, notify.RecordDone:
	}
	return nil
}

// reject takes people out of the batch.
func (b *batchFollower) reject(rejected []notify.RejectedMessage) error {
	for _, m := range rejected {
		if m.Index < 0 || m.Index >= len(b.batch) {
			return notify.ErrJournalMismatch
		}
		b.refused[b.batch[m.Index].reference] = m.Code
	}
	b.batch = slices.DeleteFunc(slices.Clone(b.batch), func(p recipient) bool {
		_, out := b.refused[p.reference]
		return out
	})
	if len(b.batch) == 0 {
		b.finish()
	}
	return nil
}

func (b *batchFollower) finish() {
	maps.Copy(b.known.refused, b.refused)
	b.ended = true
}

// end returns how many people are in batches that NHS Notify has ended, and with
// one that it may have. A batch that it certainly does not have is as if it had not
// been tried.
func (b *batchFollower) end() (done, left int) {
	switch {
	case b.ended:
		return b.behind, b.behind
	case b.open:
		maps.Copy(b.known.refused, b.refused)
		return b.first, b.behind
	default:
		return b.first, b.first
	}
}

// authorised adds up the people in the batches of the audit log that match.
func (c *Campaign) authorised(match func(governance.Entry) bool) int {
	n := 0
	for _, e := range c.config.Authority.Batches(c.config.Proposal.ID) {
		if match(e) {
			n += e.Batch.Recipients
		}
	}
	return n
}

func (c *Campaign) stageCap(stage governance.Stage) int {
	for _, s := range c.config.Proposal.Volume.Stages {
		if s.Stage == stage {
			return s.Cap
		}
	}
	return 0
}

// messaged returns everybody NHS Notify has or may have a message to.
func (c *Campaign) messaged() map[nhs.Number]recipient {
	c.mu.Lock()
	defer c.mu.Unlock()
	people := map[nhs.Number]recipient{}
	for _, r := range c.runs {
		if sends(r.Stage) {
			for _, p := range r.People[:r.left] {
				people[p.Number] = p
			}
		}
	}
	return people
}
