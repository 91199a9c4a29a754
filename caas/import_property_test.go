package caas_test

import (
	"encoding/json"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/cohort"
)

// The definitions of this file are drawn so that bounds are met exactly, and hold the
// dirt of published ones.

// draws makes definitions: clean ones, which lose nothing, and dirty ones.
type draws struct {
	*rapid.T

	dirty    bool
	hospital bool // all rules read hospital data, too
}

// number draws none or one of the numbers, of which the last few are dirt.
func (d draws) number(name string, dirt int, values ...int) *int {
	if !d.dirty {
		values = values[:len(values)-dirt]
	}
	if len(values) == 0 || rapid.Bool().Draw(d.T, "no "+name) {
		return nil
	}
	return new(rapid.SampledFrom(values).Draw(d.T, name))
}

func (d draws) text(name string, dirt int, values ...string) *string {
	if !d.dirty {
		values = values[:len(values)-dirt]
	}
	if len(values) == 0 || rapid.Bool().Draw(d.T, "no "+name) {
		return nil
	}
	return new(rapid.SampledFrom(values).Draw(d.T, name))
}

// several draws from one to most, or none if it is dirty.
func (d draws) several(name string, most int) int {
	least := 1
	if d.dirty {
		least = 0
	}
	return rapid.IntRange(least, most).Draw(d.T, name)
}

func (d draws) rarely(name string) bool {
	return d.dirty && rapid.IntRange(0, 5).Draw(d.T, name) == 0
}

// boundaries are the ends of windows, and days that entries may lie on.
func boundaries() []string {
	return []string{"2025-10-31", "2025-11-01", "2026-04-30", "2026-05-01", "2026-05-02", "2026-10-31", "2026-11-01", "2026-11-02"}
}

func (d draws) band() caas.PatientAgeConstraint {
	return caas.PatientAgeConstraint{MinMonths: d.number("least age", 1, 0, 6, 60, 192), MaxMonths: d.number("age below", 2, 0, 193, -1, 6)}
}

func (d draws) bands() (out []caas.PatientAgeConstraint) {
	for range rapid.IntRange(0, 2).Draw(d.T, "bands") {
		out = append(out, d.band())
	}
	return out
}

func (d draws) list() caas.CodeList {
	l := caas.CodeList{
		ID:               rapid.SampledFrom([]string{"", "l1", "l2"}).Draw(d.T, "list id"),
		ShortDescription: rapid.SampledFrom([]string{"", "asthma", "stroke\n- and more"}).Draw(d.T, "list"),
		ClusterName:      d.text("cluster", 1, "", "AST_COD"),
	}
	if rapid.Bool().Draw(d.T, "system of the list") {
		l.CodeSystem = &caas.CodeSystem{ID: "s", Name: rapid.SampledFrom([]string{"SNOMED", "ICD-10", ""}).Draw(d.T, "list system")}
	}
	values, systems := []string{asthmaCode, strokeCode, resolvedCode, " " + asthmaCode, "SNOMED:" + asthmaCode}, []string{"SNOMED", "SNOMED CT"}
	if d.dirty {
		values = append(values, "K04", "K041", "junk", "")
		systems = append(systems, "ICD-10", "OPCS", "", "Read")
	}
	if d.dirty || d.hospital {
		values = append(values, "ICD10:D580", "I26")
	}
	for range d.several("codes", 3) {
		l.Codes = append(l.Codes, caas.Code{
			ID: "c", Value: rapid.SampledFrom(values).Draw(d.T, "code"),
			CodeSystem: caas.CodeSystem{Name: rapid.SampledFrom(systems).Draw(d.T, "system")},
		})
	}
	return l
}

func (d draws) lists(n int) (out []caas.CodeList) {
	for range n {
		out = append(out, d.list())
	}
	return out
}

func (d draws) datasets() (out []caas.Dataset) {
	for range rapid.IntRange(0, 2).Draw(d.T, "data sets") {
		out = append(out, caas.Dataset{ID: "d", Acronym: d.text("acronym", 2, "GPES v4", "GDPPR", "", "HES", "SACT"), Name: new("GDPPR")})
	}
	if d.hospital {
		out = append(out, caas.Dataset{ID: "d", Acronym: new("HES")}, caas.Dataset{ID: "d", Acronym: new("GDPPR")})
	}
	return out
}

func (d draws) rule() caas.Rule {
	r := caas.Rule{
		ID: "u", Inclusions: d.lists(d.several("inclusions", 2)),
		Resolving:             d.lists(rapid.IntRange(0, 1).Draw(d.T, "resolving")),
		PatientAgeConstraints: d.bands(), Datasets: d.datasets(),
	}
	if rapid.Bool().Draw(d.T, "dated") {
		r.EventDateConstraint = &caas.EventDateConstraint{
			WithinLastMonths:     d.number("months", 1, 6, 12, 0),
			FixedEarliestDate:    d.text("from", 1, append(boundaries()[:5], "", "spring")...),
			FixedLatestDate:      d.text("to", 0, boundaries()[2:]...),
			RelativeEarliestTime: d.number("relative from", 1, 6), RelativeLatestTime: d.number("relative to", 1, 1),
		}
	}
	if n := d.number("count", 1, 1, 2, 3, 0); n != nil {
		r.EventCountConstraint = &caas.EventCountConstraint{Count: *n}
	}
	if d.rarely("special") {
		r.PreCoordinated = []caas.PreCoordinatedConstraint{{ID: "p", Type: caas.PreCoordinatedConstraintType{ID: "t", Name: "Very large"}}}
	}
	if d.rarely("inclusion") {
		r.DatasetInclusion = gdppr()
	}
	return r
}

func drawCohort(t *rapid.T) caas.Cohort {
	d := draws{t, rapid.Bool().Draw(t, "dirty"), rapid.Bool().Draw(t, "hospital")}
	c := caas.Cohort{
		ID: "c1", Slug: "drawn", Name: "Drawn", LastUpdated: "2026-01-02T03:04:05.678Z",
		FixedDateReference: d.text("reference", 0, "", "2026-11-01", "2026-10-31T00:00:00.000Z"),
	}
	if rapid.IntRange(0, 3).Draw(t, "age of the cohort") == 0 {
		c.PatientAgeConstraint = new(d.band())
	}
	for range rapid.IntRange(1, 2).Draw(t, "groups") {
		g := caas.ConditionGroup{Name: rapid.SampledFrom([]string{"", "Breathing", "A \"quoted\"\tname\u202e"}).Draw(t, "group")}
		for range d.several("conditions", 2) {
			condition := caas.Condition{Description: d.text("condition", 0, "", "People with:\n- asthma\n- stroke")}
			for range d.several("rule sets", 2) {
				s := caas.Ruleset{And: new(rapid.Bool().Draw(t, "and"))}
				if d.rarely("join unstated") {
					s.And = nil
				}
				for range d.several("rules", 3) {
					s.Rules = append(s.Rules, d.rule())
				}
				condition.Rulesets = append(condition.Rulesets, s)
			}
			g.Conditions = append(g.Conditions, condition)
		}
		c.ConditionGroups = append(c.ConditionGroups, g)
	}
	return c
}

// everything accepts all that can be left out, and lets the rest find nobody.
func everything() []caas.Acceptance {
	accepted := accept(caas.ClusterNotGiven, caas.NoCodes, caas.UnsortedCode, caas.UnlistedCode, caas.UnreadCode, caas.UnreadDataset,
		caas.UnclearInclusion, caas.UnclearAge, caas.UnclearTime, caas.RelativeTime, caas.UnclearCount, caas.SpecialCase, caas.NoEvents,
		caas.AgeOnly, caas.NoRules)
	for _, loss := range []caas.Loss{caas.SpecialCase, caas.UnclearJoin, caas.UnclearTime} {
		accepted = append(accepted, caas.Acceptance{Loss: loss, Remedy: caas.FindNobody})
	}
	return accepted
}

// Whatever is published, every field of it is accounted for once, and what is refused
// without acceptances is what is lost with them.
func TestImportAccountsForEverything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCohort(t)
		var report caas.Report
		_, err := caas.Import(c, caas.ImportOptions{Steps: registered()})
		refused, inexact := errors.AsType[*caas.InexactError](err)
		switch {
		case inexact:
			report = refused.Report
		case err != nil:
			t.Skip(err) // nothing is left to find anybody
		}
		im, err := caas.Import(c, caas.ImportOptions{Steps: registered(), Accept: everything()})
		switch {
		case err == nil && inexact:
			diffReports(t, report, im.Report)
			report = im.Report
		case err == nil:
			report = im.Report
		case !errors.Is(err, nhs.ErrInvalid):
			t.Fatal(err)
		}
		if faults := unaccounted(c, report); faults != nil {
			t.Fatalf("%q", faults)
		}
		if _, err := json.Marshal(report); err != nil {
			t.Fatal(err)
		}
	})
}

func diffReports(t *rapid.T, refused, accepted caas.Report) {
	for i, p := range refused.Parts {
		if i >= len(accepted.Parts) || p.Path != accepted.Parts[i].Path || p.Standing != accepted.Parts[i].Standing {
			t.Fatalf("part %d: %+v, accepted %+v", i, p, accepted.Parts[i])
		}
	}
}

// Imported definitions decide like a second reading of the published model, which
// knows neither the language nor the importer.
func TestImportAgreesWithAPlainReading(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCohort(t)
		im, err := caas.Import(c, caas.ImportOptions{Steps: registered(), Accept: everything()})
		people := rapid.SliceOfN(rapid.Custom(drawPatient), 6, 10).Draw(t, "people")
		if err != nil {
			for _, p := range people {
				if got := (reading{p, day0(c)}).cohort(c); got != "no" {
					t.Fatalf("%v, and read as %s: %+v", err, got, p)
				}
			}
			return
		}
		plan, err := im.Definition.Bind(cohort.Index.Is(reference))
		if err != nil {
			if plan, err = im.Definition.Bind(); err != nil {
				t.Fatal(err)
			}
		}
		for _, p := range people {
			got, want := plan.Evaluate(p.record()).Outcome, map[string]cohort.Outcome{"yes": cohort.Member, "no": cohort.NotMember, "unknown": cohort.Referred}
			if read := (reading{p, day0(c)}).cohort(c); got != want[read] {
				t.Fatalf("got %v, read as %s\n%+v\n%s\n%v", got, read, p, plan.English(), im.Report)
			}
			why, err := plan.Explain(t.Context(), p.record())
			if err != nil {
				t.Fatal(err)
			}
			told, err := im.Explain(why)
			if err != nil {
				t.Fatal(err)
			}
			if told.Outcome != got || told.Text() == "" {
				t.Fatalf("told otherwise: %s", told.Text())
			}
		}
	})
}

func drawPatient(t *rapid.T) patient {
	p := patient{born: rapid.SampledFrom([]string{"", "1990-01-01", "2010-09-30", "2010-10-01", "2010-10-02", "2010-11-01", "2021-11-01", "2021-11-02", "2026-05-01", "2026-05-02"}).Draw(t, "born")}
	some := func(what string, most int, codes ...string) (out []entry) {
		for range rapid.IntRange(0, most).Draw(t, what) {
			out = append(out, entry{
				rapid.SampledFrom(codes).Draw(t, "code"),
				rapid.SampledFrom(append(boundaries(), "", "2020-01-01")).Draw(t, "date"),
			})
		}
		return out
	}
	p.entries = some("entries", 4, asthmaCode, strokeCode, resolvedCode, otherCode)
	p.episodes = some("episodes", 2, "D580", "D589", "I260", "K041", "K042")
	p.appointments = some("appointments", 2, "D580", "I269", "K041", "X401")
	return p
}

// Any document of the API's form is imported or refused.
func FuzzImport(f *testing.F) {
	f.Add([]byte(`{"id":"1","lastUpdated":"2026-01-01","conditionGroups":[{"conditions":[{"rulesets":[{"rules":[{"codeListInclusions":[{"codes":[{"value":"195967001","codeSystem":{"name":"SNOMED"}}]}]}]}]}]}]}`))
	f.Add([]byte(`{"id":"1","lastUpdated":"2026-01-01","fixedDateReference":"2026-03-31T23:00:00Z","conditionGroups":[{"conditions":[{"rulesets":[{"logicallyAndRules":true,"rules":[{"codeListInclusions":[{"clusterName":"AST_COD","codes":[]}],"eventDateConstraint":{"withinLastMonths":12}},{"patientAgeConstraints":[{"minAgeMonths":60,"maxAgeMonths":0}]}]}]}]}]}`))
	f.Add([]byte(`{"conditionGroups":[null]}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		var c caas.Cohort
		if json.Unmarshal(document, &c) != nil {
			return
		}
		im, err := caas.Import(c, caas.ImportOptions{Steps: registered(), Accept: everything()})
		if (im == nil) != (err != nil) {
			t.Fatalf("%v beside %v", im, err)
		}
		var report caas.Report
		if refused, ok := errors.AsType[*caas.InexactError](err); ok {
			report = refused.Report
		} else if err == nil {
			report = im.Report
			bound(t, im.Definition)
		} else {
			return
		}
		if faults := unaccounted(c, report); faults != nil {
			t.Errorf("%q", faults)
		}
	})
}
