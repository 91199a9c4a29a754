package cohort_test

import (
	"iter"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

const (
	nhsNumber = "9990000018" // in the range reserved for tests

	hypertensionCode = "38341003"
	asthmaCode       = "195967001"
	pressureCode     = "75367002"
)

var (
	day   = cohort.MustDate("2025-06-01")
	index = cohort.Index
)

func list(tb testing.TB, id string, codes ...string) *codelist.List {
	tb.Helper()
	l, err := codelist.New(codelist.Info{ID: id, Version: "1", System: codelist.SNOMEDCT, Source: "written for this test"}, codes...)
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

// registered is a first step that keeps people without records out.
func registered() cohort.Step { return cohort.Include("registered", person.Practice.Known()) }

// planOf makes a plan that asks one criterion, as at 2025-06-01.
func planOf(tb testing.TB, criterion cohort.Criterion) *cohort.Plan {
	tb.Helper()
	return bind(tb, registered(), cohort.Include("asked", criterion).IfUnknown(cohort.Refer))
}

func bind(tb testing.TB, steps ...cohort.Step) *cohort.Plan {
	tb.Helper()
	definition, err := cohort.New("test", "1", steps...)
	if err != nil {
		tb.Fatal(err)
	}
	plan, err := definition.Bind(index.Is(day))
	if err != nil {
		// Not every definition has the index date.
		if plan, err = definition.Bind(); err != nil {
			tb.Fatal(err)
		}
	}
	return plan
}

// ask answers one criterion for one person.
func ask(tb testing.TB, criterion cohort.Criterion, record *cohort.Record) cohort.Verdict {
	tb.Helper()
	return planOf(tb, criterion).Evaluate(record).Steps[1].Verdict
}

func people(records ...*cohort.Record) iter.Seq2[*cohort.Record, error] {
	return func(yield func(*cohort.Record, error) bool) {
		for _, record := range records {
			if !yield(record, nil) {
				return
			}
		}
	}
}

// record is a registered person with the given fields.
func record(fields ...cohort.Cell[cohort.Criterion]) *cohort.Record {
	r := cohort.NewRecord(nhsNumber, person.Practice.Of("A81001"))
	r.Set(fields...)
	return r
}

// entry is one row of the GP journal; zero values are missing.
type entry struct {
	date, recorded string
	code           string
	value          float64
}

// journal is a registered person with journal entries.
func journal(entries ...entry) *cohort.Record {
	r := record()
	for _, e := range entries {
		cells := []cohort.Cell[cohort.RowPred[gpes.Entry]]{gpes.RecordDate.Of(date(e.recorded)), gpes.Date.Of(date(e.date))}
		if e.value != 0 {
			cells = append(cells, gpes.Value1.Of(e.value))
		}
		cohort.Append(r, gpes.Code.Of(e.code), cells...)
	}
	return r
}

func date(text string) cohort.Date {
	if text == "" {
		return cohort.Date{}
	}
	return cohort.MustDate(text)
}
