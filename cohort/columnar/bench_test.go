package columnar_test

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/columnar"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// The reference question: aged 40 to 74 on the index date, one of 200 diagnoses in the last five years, none of 300
// exclusions ever, the last systolic blood pressure before the index date at least 140, alive.

const (
	indexDay   = 20362 // 2025-10-01, from 1970-01-01
	fiveYears  = 18536 // 2020-10-01
	bornAfter  = -7032 // 1950-10-01: 75 on the index date
	bornUpTo   = 5752  // 1985-10-01: 40 on the index date
	noDay      = math.MinInt32
	codes      = 50_000
	systolicAt = 3
)

// events is a population with about 19 events a person, rows sorted by person, in plain columns.
type events struct {
	names        []string // of codes
	born, died   []int32
	starts, date []int32
	code         []uint32
	value        []float64
}

func diagnoses() (at []int) {
	for i := range 200 {
		at = append(at, 300+10*i)
	}
	return at
}

func exclusions() (at []int) {
	for i := range 300 {
		at = append(at, 4000+30*i)
	}
	return at
}

// snomed makes a valid concept identifier.
func snomed(i int) string {
	item := strconv.Itoa(100_000+i*17) + "00"
	for check := range 10 {
		if code := item + strconv.Itoa(check); codelist.SNOMEDCT.Check(code) == nil {
			return code
		}
	}
	panic("no check digit fits")
}

func newEvents(people int) *events {
	r := rand.New(rand.NewPCG(1234, 1))
	e := &events{starts: []int32{0}}
	weights := make([]float64, codes)
	total := 0.0
	for i := range codes {
		e.names = append(e.names, snomed(i))
		if i != systolicAt {
			total += 1 / math.Pow(float64(i+3), 0.95)
		}
		weights[i] = total
	}
	table := make([]uint32, 1<<20)
	for i, at := 0, 0; i < len(table); i++ {
		for weights[at]/total < float64(i)/float64(len(table)) {
			at++
		}
		table[i] = uint32(at)
	}
	const last = indexDay + 90
	var days []int32
	for range people {
		age := r.IntN(95 * 365)
		born := int32(last - age)
		e.born = append(e.born, born)
		died := int32(noDay)
		if old := float64(age) / (95 * 365); r.Float64() < 0.02+0.08*old {
			died = last - int32(r.IntN(3000))
		}
		e.died = append(e.died, died)
		n := int((0.35 + 1.3*float64(age)/(95*365)) * math.Exp(math.Log(20)-0.405+0.9*r.NormFloat64()))
		if r.IntN(33) == 0 {
			n = 0
		}
		from := max(born, 12784)
		days = days[:0]
		for range min(n, 4000) {
			x := r.Float64()
			days = append(days, last-int32(x*x*float64(last-from)))
		}
		slices.Sort(days)
		before := int32(noDay)
		for _, day := range days {
			code, value := table[r.IntN(len(table))], math.NaN()
			switch {
			case r.IntN(20) == 0 && day != before:
				before, code, value = day, systolicAt, math.Round(133+19*r.NormFloat64())
			case code%8 == 1:
				value = float64(r.IntN(2000)) / 10
			}
			e.date, e.code, e.value = append(e.date, day), append(e.code, code), append(e.value, value)
		}
		e.starts = append(e.starts, int32(len(e.date)))
	}
	return e
}

func (e *events) memory(tb testing.TB) *columnar.Memory {
	tb.Helper()
	keys := make([]string, len(e.born))
	for i := range keys {
		keys[i] = fmt.Sprintf("999%07d", i)
	}
	m := columnar.NewMemory(keys)
	journal := []columnar.Column{
		columnar.Days("DATE", e.date), columnar.Coded("CODE", e.names, e.code), columnar.Numbers("VALUE1_CONDITION", e.value),
	}
	for _, name := range gpes.Table().Info().Order {
		if !slices.Contains([]string{"DATE", "CODE", "VALUE1_CONDITION"}, name) {
			journal = append(journal, columnar.Missing(name))
		}
	}
	if err := m.Table(person.Table(), nil, columnar.Days("date_of_birth", e.born), columnar.Days("date_of_death", e.died)); err != nil {
		tb.Fatal(err)
	}
	if err := m.Table(gpes.Table(), e.starts, journal...); err != nil {
		tb.Fatal(err)
	}
	return m
}

func (e *events) list(tb testing.TB, id string, at ...int) *codelist.List {
	tb.Helper()
	var codes []string
	for _, i := range at {
		codes = append(codes, e.names[i])
	}
	list, err := codelist.New(codelist.Info{ID: id, Version: "1", System: codelist.SNOMEDCT, Source: "made up"}, codes...)
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

func (e *events) plan(tb testing.TB) *cohort.Plan {
	tb.Helper()
	before := gpes.Date.Before(cohort.Index)
	coded := func(id string, at ...int) cohort.RowPred[gpes.Entry] { return gpes.Code.In(e.list(tb, id, at...)) }
	definition, err := cohort.New("reference", "1",
		cohort.Include("aged 40 to 74", person.AgeOn(cohort.Index).Between(40, 74)).IfUnknown(cohort.TreatAsNo),
		cohort.Include("diagnosis in five years", gpes.Journal.Where(coded("diagnoses", diagnoses()...), before,
			gpes.Date.NotBefore(cohort.MustDate("2020-10-01"))).Exists()),
		cohort.Exclude("excluded", gpes.Journal.Where(coded("exclusions", exclusions()...), before).Exists()),
		cohort.Include("high", cohort.Latest(gpes.Journal.Where(coded("systolic", systolicAt), before, gpes.Value1.Known()),
			gpes.Value1).AtLeast(140)).IfUnknown(cohort.TreatAsNo),
		cohort.Exclude("died", person.DateOfDeath.Before(cohort.Index)).IfUnknown(cohort.TreatAsNo))
	if err != nil {
		tb.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-10-01")))
	if err != nil {
		tb.Fatal(err)
	}
	return plan
}

// classes says of each code in which of the three lists it is.
func (e *events) classes(lists map[string]uint8) []uint8 {
	classes := make([]uint8, len(e.names))
	for i, name := range e.names {
		classes[i] = lists[name]
	}
	return classes
}

func (e *events) lists() map[string]uint8 {
	lists := map[string]uint8{e.names[systolicAt]: 4}
	for _, at := range diagnoses() {
		lists[e.names[at]] = 1
	}
	for _, at := range exclusions() {
		lists[e.names[at]] = 2
	}
	return lists
}

// loop answers the question as one would write it for this question alone.
func (e *events) loop(lists map[string]uint8) (members int) {
	classes := e.classes(lists)
	for p, born := range e.born {
		if born <= bornAfter || born > bornUpTo || e.died[p] != noDay && e.died[p] < indexDay {
			continue
		}
		var found uint8
		lastDay, lastValue := int32(noDay), 0.0
		for row := e.starts[p]; row < e.starts[p+1]; row++ {
			class := classes[e.code[row]]
			if class == 0 {
				continue
			}
			day := e.date[row]
			if day >= indexDay {
				continue
			}
			switch {
			case class == 1:
				if day >= fiveYears {
					found |= 1
				}
			case class == 2:
				found |= 2
			case day > lastDay && e.value[row] == e.value[row]:
				lastDay, lastValue = day, e.value[row]
			}
		}
		if found == 1 && lastValue >= 140 {
			members++
		}
	}
	return members
}

// compare runs two functions in turn, and reports how long each takes for a person, and the median of the ratios.
func compare(b *testing.B, people int, ours, peer func()) {
	b.Helper()
	var mine, theirs, ratios []float64
	for b.Loop() {
		began := time.Now()
		peer()
		between := time.Now()
		ours()
		ended := time.Now()
		mine, theirs = append(mine, float64(ended.Sub(between))), append(theirs, float64(between.Sub(began)))
		ratios = append(ratios, mine[len(mine)-1]/theirs[len(theirs)-1])
	}
	median := func(x []float64) float64 {
		slices.Sort(x)
		return x[len(x)/2]
	}
	b.ReportMetric(median(mine)/float64(people), "ns/person")
	b.ReportMetric(median(theirs)/float64(people), "peer-ns/person")
	b.ReportMetric(median(ratios), "x-peer")
	b.ReportMetric(0, "ns/op")
}

func run(b *testing.B, plan *cohort.Plan, from columnar.Source, options ...columnar.Option) *columnar.Result {
	b.Helper()
	result, err := columnar.Run(b.Context(), plan, from, append(options, columnar.Workers(1))...)
	if err != nil {
		b.Fatal(err)
	}
	return result
}

// BenchmarkReference asks the reference question in memory: outcomes against a loop written by hand over the same columns,
// and the whole attrition against the outcomes.
func BenchmarkReference(b *testing.B) {
	const people = 1_000_000
	e := newEvents(people)
	memory, plan, lists := e.memory(b), e.plan(b), e.lists()
	outcomes := func() { run(b, plan, memory, columnar.OutcomesOnly()) }
	if got, want := run(b, plan, memory).Members(), e.loop(lists); got != want {
		b.Fatalf("%d members, want %d of %d events", got, want, len(e.date))
	}
	b.Run("outcomes against a loop", func(b *testing.B) {
		b.ReportAllocs()
		compare(b, people, outcomes, func() { e.loop(lists) })
	})
	b.Run("attrition against outcomes", func(b *testing.B) {
		compare(b, people, func() { run(b, plan, memory) }, outcomes)
	})
}

// posted is the rows of the population in order of code.
type posted struct {
	codes  map[string]int // of each code, where it is in starts
	starts []int
	people []int32
	date   []int32
	value  []float64
}

func (e *events) posted() *posted {
	p := &posted{codes: map[string]int{}, starts: make([]int, len(e.names)+1)}
	for i, name := range e.names {
		p.codes[name] = i
	}
	for _, code := range e.code {
		p.starts[code+1]++
	}
	for i := range e.names {
		p.starts[i+1] += p.starts[i]
	}
	next := slices.Clone(p.starts)
	p.people, p.date, p.value = make([]int32, len(e.code)), make([]int32, len(e.code)), make([]float64, len(e.code))
	for i := range e.born {
		for row := e.starts[i]; row < e.starts[i+1]; row++ {
			at := next[e.code[row]]
			next[e.code[row]]++
			p.people[at], p.date[at], p.value[at] = int32(i), e.date[row], e.value[row]
		}
	}
	return p
}

// lookUp answers the question with the rows in order of code, as one would write it for this question alone.
func (e *events) lookUp(p *posted, lists map[string]uint8) (members int) {
	n := len(e.born)
	diagnosed, excluded := make([]uint64, n/64+1), make([]uint64, n/64+1)
	lastDay, lastValue := make([]int32, n), make([]float64, n)
	for code, class := range lists {
		at := p.codes[code]
		for row := p.starts[at]; row < p.starts[at+1]; row++ {
			day, who := p.date[row], p.people[row]
			switch {
			case day >= indexDay:
			case class == 1:
				if day >= fiveYears {
					diagnosed[who/64] |= 1 << (who % 64)
				}
			case class == 2:
				excluded[who/64] |= 1 << (who % 64)
			case day > lastDay[who] && p.value[row] == p.value[row]:
				lastDay[who], lastValue[who] = day, p.value[row]
			}
		}
	}
	for w := range diagnosed {
		for word := diagnosed[w] &^ excluded[w]; word != 0; word &= word - 1 {
			i := w*64 + bits.TrailingZeros64(word)
			if lastValue[i] >= 140 && e.born[i] > bornAfter && e.born[i] <= bornUpTo && (e.died[i] == noDay || e.died[i] >= indexDay) {
				members++
			}
		}
	}
	return members
}

// BenchmarkIndexed asks the reference question of rows that are laid out by code.
func BenchmarkIndexed(b *testing.B) {
	const people = 1_000_000
	e := newEvents(people)
	memory, plan, lists := e.memory(b), e.plan(b), e.lists()
	if err := memory.Index(gpes.Table(), "CODE"); err != nil {
		b.Fatal(err)
	}
	posted := e.posted()
	if got, want := run(b, plan, memory).Members(), e.lookUp(posted, lists); got != want || got != e.loop(lists) {
		b.Fatalf("%d members, want %d", got, want)
	}
	compare(b, people, func() { run(b, plan, memory, columnar.OutcomesOnly()) }, func() { e.lookUp(posted, lists) })
}

// BenchmarkCompile runs a plan of 40 steps with 40,000 codes over one person.
func BenchmarkCompile(b *testing.B) {
	e := newEvents(1)
	var steps []cohort.Step
	for i := range 40 {
		var at []int
		for j := range 1000 {
			at = append(at, i*1000+j)
		}
		coded := gpes.Code.In(e.list(b, strconv.Itoa(i), at...))
		steps = append(steps, cohort.Include(strconv.Itoa(i), gpes.Journal.Where(coded, gpes.Date.Within(cohort.Years(i+1), cohort.Index)).Exists()))
	}
	definition, err := cohort.New("large", "1", steps...)
	if err != nil {
		b.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-10-01")))
	if err != nil {
		b.Fatal(err)
	}
	somebody := newEvents(1).memory(b)
	b.ReportAllocs()
	for b.Loop() {
		run(b, plan, somebody)
	}
}
