package synthetic

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/internal/calendar"
)

// ExtractLag is how many months the GP extract is older than PDS. Source: the GDPPR extract is served each
// quarter, about two months late.
const ExtractLag = 2

// Config says which population to invent. The zero Config is a thousand people.
type Config struct {
	// Seed chooses the people. Every seed, including zero, is as good as another.
	Seed uint64
	// People is how many there are, at most [MaxPeople]; zero means 1000.
	People int
	// On is the day that PDS shows, from 1948-07-05 to 2199-12-31; zero means 2026-11-01. Ages and events
	// are counted back from it.
	On cohort.Date
	// Rows says which tables there are and how many rows a person has in each: [National], or a part of it. Nil is
	// the fields of the person and the core of the GP journal, about five rows a person.
	Rows Rows
}

// Population is invented people. It does not change and may be used by several goroutines.
type Population struct {
	config    Config
	on        calendar.Day // that PDS shows
	extract   calendar.Day
	numbers   numbers
	practices []share[practice]
	nearby    choice // of practices
	tables    tables

	rows       Rows
	words      func() *vocabularies // made when they are needed
	byAgeLoad  byAge
	regimens   []share[*treatment]
	courses    []share[*treatment]
	generators sync.Pool
}

// New checks config and prepares its population. An error names the field that is wrong.
func New(config Config) (*Population, error) {
	if config.People == 0 {
		config.People = 1000
	}
	if config.On.IsZero() {
		config.On = cohort.MustDate("2026-11-01")
	}
	if err := config.Rows.check(); err != nil {
		return nil, err
	}
	if config.People < 0 || config.People > MaxPeople {
		return nil, fmt.Errorf("synthetic.New: Config.People must be from 0 to %d", MaxPeople)
	}
	first, last := cohort.MustDate("1948-07-05"), cohort.MustDate("2199-12-31")
	if config.On.Compare(first) < 0 || config.On.Compare(last) > 0 {
		return nil, fmt.Errorf("synthetic.New: Config.On must be from %v to %v", first, last)
	}
	p := &Population{
		config:    config,
		on:        dayOf(config.On),
		extract:   dayOf(config.On).AddMonths(-ExtractLag),
		numbers:   newNumbers(config.Seed),
		practices: geography(),
		tables:    newTables(),
	}
	p.nearby = newChoice(p.practices)
	p.rows = config.Rows.orCore()
	p.words = sync.OnceValue(func() *vocabularies { return newVocabularies(p.practices) })
	p.byAgeLoad = load()
	p.regimens, p.courses = shares(regimens()), shares(courses())
	p.generators.New = func() any { return p.newGenerator() }
	return p, nil
}

// Len returns how many people there are.
func (p *Population) Len() int { return p.config.People }

// People yields everyone as PDS shows them on [Config.On], in order of index. The only error is that of a
// context that ended, and ends the stream.
func (p *Population) People(ctx context.Context) iter.Seq2[Person, error] {
	return each(ctx, p.Len(), p.Person)
}

// Records yields everyone as the GP extract has them, in the order of [Population.People]: the fields of
// package person and the journal of package gpes. The only error is that of a context that ended, and ends
// the stream.
func (p *Population) Records(ctx context.Context) iter.Seq2[*cohort.Record, error] {
	return each(ctx, p.Len(), p.Record)
}

// Person returns one of the people, from 0 to Len-1. Like the index of a slice, any other panics.
func (p *Population) Person(i int) Person {
	original := p.original(i)
	h := p.human(original)
	shown, _ := h.view(p.on)
	shown.Number = p.numberKey(i)
	if original != i {
		shown.SupersededBy = p.numberKey(original)
	}
	return shown
}

// Record returns the record of the same person in the GP extract and, with [Config.Rows], in every other table:
// what [Population.Write] writes of the person, no more and no less. An index from 0 to Len-1 is good; any other
// panics.
func (p *Population) Record(i int) *cohort.Record {
	if p.config.Rows == nil {
		return p.record(i)
	}
	g, _ := p.generators.Get().(*generator)
	defer p.generators.Put(g)
	g.person(i)
	record := cohort.NewRecord(p.number(i))
	for _, s := range g.sheets {
		if err := s.put(record); err != nil {
			panic("synthetic: " + err.Error()) // a fault in the tables of this package
		}
		s.reset()
	}
	return record
}

// original returns the index of the human being behind index i: i itself, or, when i is a second number of
// the person before, that person's. Only odd indices are second numbers, so there are no chains.
func (p *Population) original(i int) int {
	if i < 0 || i >= p.Len() {
		panic(fmt.Sprintf("synthetic: index %d of a population of %d", i, p.Len()))
	}
	if i%2 == 0 {
		return i
	}
	if d := p.dice(i, topicTwin); d.chance(2 * twinPercent) {
		return i - 1
	}
	return i
}

func (p *Population) dice(i int, t topic) dice { return newDice(p.config.Seed, i, t) }

func each[T any](ctx context.Context, n int, at func(i int) T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for i := range n {
			if err := ctx.Err(); err != nil {
				var none T
				yield(none, err)
				return
			}
			if !yield(at(i), nil) {
				return
			}
		}
	}
}
