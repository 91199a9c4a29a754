package caas_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/hes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// Well-formed SNOMED CT concepts, for lists of this package's tests.
const (
	asthmaCode   = "195967001"
	strokeCode   = "230690007"
	resolvedCode = "162004"
	otherCode    = "38341003"
)

var reference = cohort.MustDate("2026-11-01")

// published definition with one rule, which a test completes.
func definition(rule caas.Rule) caas.Cohort {
	return caas.Cohort{
		ID: "c1", Slug: "made-up", Name: "Made up", LastUpdated: "2026-01-02T03:04:05.678Z",
		ConditionGroups: []caas.ConditionGroup{{ID: "g1", Name: "Breathing", Conditions: []caas.Condition{{
			ID: "d1", Description: new("Asthma"), Rulesets: []caas.Ruleset{{ID: "s1", Rules: []caas.Rule{rule}}},
		}}}},
	}
}

// codes is a published list of SNOMED CT codes without a cluster.
func codes(name string, values ...string) caas.CodeList {
	l := caas.CodeList{ID: "list-" + name, ShortDescription: name, CodeSystem: &caas.CodeSystem{ID: "s", Name: "SNOMED"}}
	for _, v := range values {
		l.Codes = append(l.Codes, caas.Code{ID: "code-" + v, Value: v, ShortDescription: "term of " + v, CodeSystem: caas.CodeSystem{ID: "s", Name: "SNOMED"}})
	}
	return l
}

func gdppr() []caas.Dataset { return []caas.Dataset{{ID: "1", Acronym: new("GDPPR")}} }

func asthma() caas.Rule {
	return caas.Rule{ID: "u1", Inclusions: []caas.CodeList{codes("asthma", asthmaCode)}, Datasets: gdppr()}
}

// accept accepts kinds of loss by leaving out.
func accept(losses ...caas.Loss) []caas.Acceptance {
	var out []caas.Acceptance
	for _, l := range losses {
		out = append(out, caas.Acceptance{Loss: l, Remedy: caas.LeaveOut})
	}
	return out
}

// registered is the first step that keeps people without records out.
func registered() []cohort.Step {
	return []cohort.Step{cohort.Include("registered", person.Practice.Known())}
}

func imported(tb testing.TB, c caas.Cohort, o caas.ImportOptions) *caas.Imported {
	tb.Helper()
	im, err := caas.Import(c, o)
	if err != nil {
		if x, ok := errors.AsType[*caas.InexactError](err); ok {
			tb.Log(x.Report)
		}
		tb.Fatal(err)
	}
	return im
}

// bound binds the index date, if there is one.
func bound(tb testing.TB, d *cohort.Definition) *cohort.Plan {
	tb.Helper()
	plan, err := d.Bind(cohort.Index.Is(reference))
	if err != nil {
		if plan, err = d.Bind(); err != nil {
			tb.Fatal(err)
		}
	}
	return plan
}

// patient is a person with a journal, hospital episodes and appointments.
type patient struct {
	born                   string
	entries                []entry
	episodes, appointments []entry
}

type entry struct{ code, date string }

// operation reports whether a hospital code of these tests is of OPCS-4; the others are
// diagnoses.
func operation(code string) bool { return code[0] == 'K' || code[0] == 'X' }

func (p patient) record() *cohort.Record {
	r := cohort.NewRecord("9990000018", person.Practice.Of("A81001"), person.DateOfBirth.Of(dateOf(p.born)))
	for _, e := range p.entries {
		cohort.Append(r, gpes.Code.Of(e.code), gpes.Date.Of(dateOf(e.date)))
	}
	for _, e := range p.episodes {
		cells := []cohort.Cell[cohort.RowPred[hes.Episode]]{hes.APC.Diagnosis.Of(e.code)}
		if operation(e.code) {
			cells = []cohort.Cell[cohort.RowPred[hes.Episode]]{hes.APC.Procedure.Of("-", e.code)}
		}
		cohort.Append(r, hes.APC.EpisodeStart.Of(dateOf(e.date)), cells...)
	}
	for _, e := range p.appointments {
		cells := []cohort.Cell[cohort.RowPred[hes.Appointment]]{hes.OP.Diagnosis.Of(e.code)}
		if operation(e.code) {
			cells = []cohort.Cell[cohort.RowPred[hes.Appointment]]{hes.OP.Procedure.Of(e.code)}
		}
		cohort.Append(r, hes.OP.Date.Of(dateOf(e.date)), cells...)
	}
	return r
}

func dateOf(text string) cohort.Date {
	if text == "" {
		return cohort.Date{}
	}
	return cohort.MustDate(text)
}

func list(tb testing.TB, id string, system codelist.System, codes ...string) *codelist.List {
	tb.Helper()
	l, err := codelist.New(codelist.Info{ID: id, Version: "2026", System: system, Source: "written for this test"}, codes...)
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

// losses are the kinds of a report, in order, without what follows from others.
func losses(r caas.Report) []caas.Loss {
	var out []caas.Loss
	for _, p := range r.Losses() {
		if p.Loss != caas.NothingLeft {
			out = append(out, p.Loss)
		}
	}
	return out
}

// leaves are the paths of all values of a document without content below them.
func leaves(v reflect.Value, path string) []string {
	switch {
	case v.Kind() == reflect.Pointer && !v.IsNil():
		return leaves(v.Elem(), path)
	case v.Kind() == reflect.Struct:
		var out []string
		for field, value := range v.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			out = append(out, leaves(value, strings.TrimPrefix(path+"."+name, "."))...)
		}
		return out
	case v.Kind() == reflect.Slice && v.Len() > 0:
		var out []string
		for i := range v.Len() {
			out = append(out, leaves(v.Index(i), fmt.Sprintf("%s[%d]", path, i))...)
		}
		return out
	default:
		return []string{path}
	}
}

// unaccounted holds a report against every field of what it reports on.
func unaccounted(c caas.Cohort, r caas.Report) (faults []string) {
	times := map[string]int{}
	for _, p := range r.Parts {
		for _, f := range p.Fields {
			times[strings.TrimPrefix(p.Path+"."+f, ".")]++
		}
		if p.What == "" || p.Done == "" || p.Where == "" || p.Standing == "" || (p.Standing == caas.NotExpressed) != (p.Loss != "") {
			faults = append(faults, fmt.Sprintf("no account: %+v", p))
		}
	}
	for _, path := range leaves(reflect.ValueOf(c), "") {
		if times[path] != 1 {
			faults = append(faults, fmt.Sprintf("%s is accounted for %d times", path, times[path]))
		}
		delete(times, path)
	}
	for path := range times {
		faults = append(faults, path+" is no field")
	}
	return faults
}
