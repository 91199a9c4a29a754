package caas

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/personalised-prevention/nhs"
)

// Membership is who is in a cohort: the caller's database. An [Applier] reads and
// changes it. [MemoryMembership] is one without a database.
type Membership interface {
	// Member returns what is known of a person, and the zero Member if that is nothing.
	Member(ctx context.Context, number nhs.Number) (Member, error)

	// Commit stores a change, what it needs of the record that made it, and the people
	// whom it concerns as they are after it. It stores all of that or, with an error,
	// nothing; a store that cannot tell which it was returns an error, and will be asked
	// again. All Commits of a delivery may be one transaction.
	//
	// Changes stored here are each stored once, however often a delivery is applied:
	// whatever is to follow from a change follows from this.
	Commit(ctx context.Context, change Change, record Record, people ...Member) error
}

// Member is what a [Membership] knows of a person who is, or was, in the cohort, or
// who was said to leave it. People who have left are kept, so that a record that
// arrives late does not bring them back.
type Member struct {
	Number nhs.Number
	In     bool // is in the cohort

	// SupersededBy is the NHS number to which the membership went; see
	// [SupersessionMoves].
	SupersededBy nhs.Number

	// The last record applied: its stamps, where it stood, and the digests of all
	// records with these stamps. They are empty for somebody who came in only as the
	// survivor of a superseded number.
	Serial    int64     // serial change number
	Timestamp int64     // change time stamp
	Delivery  string    // its ID
	Arrived   time.Time // the delivery, in UTC and whole seconds; zero if that is not known
	Position  int64     // among the records of the delivery, from 1
	Digests   []string  // of personal data: not to be shown
}

// Format prints whether the person is in the cohort only, for every verb.
func (m Member) Format(s fmt.State, _ rune) {
	_, _ = fmt.Fprintf(s, "Member(in the cohort: %t)", m.In)
}

// LogValue logs whether the person is in the cohort only.
func (m Member) LogValue() slog.Value { return slog.GroupValue(slog.Bool("in", m.In)) }

// MemoryMembership is a [Membership] in memory. Its zero value is empty and ready.
// It is safe for concurrent use.
type MemoryMembership struct {
	mu      sync.Mutex
	people  map[nhs.Number]Member
	changes []Change
}

// Member implements [Membership].
func (m *MemoryMembership) Member(_ context.Context, number nhs.Number) (Member, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return detached(m.people[number]), nil
}

// Commit implements [Membership].
func (m *MemoryMembership) Commit(_ context.Context, change Change, _ Record, people ...Member) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.people == nil {
		m.people = map[nhs.Number]Member{}
	}
	for _, p := range people {
		m.people[p.Number] = detached(p)
	}
	m.changes = append(m.changes, change)
	return nil
}

// Members yields the people who are in the cohort, by NHS number.
func (m *MemoryMembership) Members() iter.Seq[nhs.Number] {
	m.mu.Lock()
	defer m.mu.Unlock()
	var in []nhs.Number
	for p := range maps.Values(m.people) {
		if p.In {
			in = append(in, p.Number)
		}
	}
	slices.SortFunc(in, nhs.Number.Compare)
	return slices.Values(in)
}

// People yields everybody of whom something is known, by NHS number.
func (m *MemoryMembership) People() iter.Seq[Member] {
	m.mu.Lock()
	defer m.mu.Unlock()
	people := make([]Member, 0, len(m.people))
	for p := range maps.Values(m.people) {
		people = append(people, detached(p))
	}
	slices.SortFunc(people, func(a, b Member) int { return a.Number.Compare(b.Number) })
	return slices.Values(people)
}

// Changes yields the changes, in the order in which they were stored.
func (m *MemoryMembership) Changes() iter.Seq[Change] {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Values(slices.Clone(m.changes))
}

// detached returns m with digests of its own.
func detached(m Member) Member {
	m.Digests = slices.Clone(m.Digests)
	return m
}
