package caas_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/hes"
	"github.com/personalised-prevention/nhs/cohort/library"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// What was imported and exported is imported with the same meaning.
func TestExportRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCohort(t)
		o := caas.ImportOptions{
			Steps: registered(), Accept: everything(), JoinUnstated: caas.AllRules,
			RelativeTimes: rapid.SampledFrom([]caas.RelativeUnit{"", caas.DaysBefore, caas.MonthsAfter}).Draw(t, "unit"),
			SpecialCases:  map[string]cohort.Criterion{"Very large": gpes.Journal.Where(gpes.Value1.AtLeast(40)).Exists()},
		}
		roundTrip(t, c, o)
	})
}

type fataler interface {
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func roundTrip(t fataler, c caas.Cohort, o caas.ImportOptions) {
	plan, ok := planned(t, c, o)
	if !ok {
		return
	}
	exported, err := caas.Export(plan, caas.ExportOptions{Texts: c, RelativeTimes: o.RelativeTimes, Accept: accept(caas.UnheldStep, caas.SpecialCase)})
	if err != nil {
		if x, ok := errors.AsType[*caas.InexactError](err); ok {
			t.Fatal(x.Report)
		}
		t.Fatal(err)
	}
	got := slices.DeleteFunc(losses(exported.Report), func(l caas.Loss) bool { return l == caas.SpecialCase })
	if len(got) != len(o.Steps) {
		t.Fatalf("lost: %v", exported.Report)
	}
	for i := range plan.Steps() {
		at := fmt.Sprintf("steps[%d]", i)
		if !slices.ContainsFunc(exported.Report.Parts, func(p caas.Part) bool { return strings.HasPrefix(p.Path, at) }) {
			t.Fatalf("%s is not accounted for: %v", at, exported.Report)
		}
	}
	// The published form survives its own JSON.
	document, err := json.Marshal(exported.Cohort)
	var again caas.Cohort
	if err := errors.Join(err, json.Unmarshal(document, &again)); err != nil {
		t.Fatal(err)
	}
	o.Lists = nil // the exported lists are whole
	second, ok := planned(t, again, o)
	if !ok || second.Hash() != plan.Hash() {
		t.Fatalf("another meaning:\n%s\n%s", plan.English(), document)
	}
}

func planned(t fataler, c caas.Cohort, o caas.ImportOptions) (*cohort.Plan, bool) {
	im, err := caas.Import(c, o)
	if errors.Is(err, nhs.ErrInvalid) {
		return nil, false // nothing is left
	}
	if err != nil {
		t.Fatal(err)
	}
	plan, err := im.Definition.Bind(cohort.Index.Is(reference))
	if err != nil {
		if plan, err = im.Definition.Bind(); err != nil {
			t.Fatal(err)
		}
	}
	return plan, true
}

func TestExportPublishedDefinitions(t *testing.T) {
	t.Parallel()
	var cohorts []caas.Cohort
	if err := json.Unmarshal(published(t, "caas/published-cohort-definitions.json"), &cohorts); err != nil {
		t.Fatal(err)
	}
	for _, c := range cohorts {
		roundTrip(t, c, caas.ImportOptions{Accept: everything()})
		roundTrip(t, c, caas.ImportOptions{Accept: everything(), Lists: clusters(t), Steps: registered()})
	}
}

// planOf binds a definition of ours.
func planOf(t *testing.T, steps ...cohort.Step) *cohort.Plan {
	t.Helper()
	d, err := cohort.New("ours", "1", append(registered(), steps...)...)
	if err != nil {
		t.Fatal(err)
	}
	return bound(t, d)
}

// Questions written by hand are exported when the published form can ask them, and
// decide alike once imported.
func TestExportHandWritten(t *testing.T) {
	t.Parallel()
	had := func(id, code string, more ...cohort.RowPred[gpes.Entry]) cohort.Rows[gpes.Entry] {
		return gpes.Journal.Where(append(more, gpes.Code.In(list(t, id, codelist.SNOMEDCT, code)), gpes.Date.NotAfter(cohort.Index))...)
	}
	asthma, stroke := had("ast_cod", asthmaCode), had("strk_cod", strokeCode)
	age := person.AgeOn(cohort.Index)
	diagnoses := list(t, "diagnoses", codelist.ICD10, "D580", "I26-I27", "Z99*", "K05")
	inpatient := hes.APC.Where(hes.APC.Diagnosis.AnyIn(diagnoses), hes.APC.EpisodeStart.NotAfter(cohort.Index))
	outpatient := hes.OP.Where(hes.OP.Diagnosis.AnyIn(diagnoses), hes.OP.Date.NotAfter(cohort.Index))
	for name, steps := range map[string][]cohort.Step{
		"one":             {cohort.Include("asthma", asthma.Exists())},
		"named":           {cohort.Include("asthma", cohort.Define("asthma", "1", asthma.Exists()))},
		"ages only":       {cohort.Include("young or old", cohort.Any(age.Below(16), age.AtLeast(65))).IfUnknown(cohort.Refer)},
		"two steps":       {cohort.Include("asthma", asthma.Exists()), cohort.Include("stroke", stroke.Exists())},
		"any":             {cohort.Include("either", cohort.Any(asthma.Exists(), stroke.Exists()))},
		"all":             {cohort.Include("both", cohort.All(asthma.Exists(), stroke.Exists()))},
		"all in any":      {cohort.Include("some", cohort.Any(cohort.All(asthma.Exists(), stroke.Exists()), asthma.Count().Above(1)))},
		"any in all":      {cohort.Include("ages", cohort.All(cohort.Any(age.Below(16), age.AtLeast(65)), asthma.Exists())).IfUnknown(cohort.Refer)},
		"years":           {cohort.Include("aged 40 to 74", age.Between(40, 74)).IfUnknown(cohort.Refer), cohort.Include("asthma", asthma.Exists())},
		"within":          {cohort.Include("lately", had("ast_cod", asthmaCode, gpes.Date.Within(cohort.Years(1), cohort.Index)).Exists())},
		"days":            {cohort.Include("lately", had("ast_cod", asthmaCode, gpes.Date.Within(cohort.Days(30), cohort.Index)).Exists())},
		"after a day":     {cohort.Include("since", had("ast_cod", asthmaCode, gpes.Date.After(cohort.MustDate("2026-04-30"))).Exists())},
		"between days":    {cohort.Include("in 2026", had("ast_cod", asthmaCode, gpes.Date.Between(cohort.MustDate("2026-04-30"), cohort.MustDate("2026-05-01"))).Exists())},
		"two first days":  {cohort.Include("in 2026", had("ast_cod", asthmaCode, gpes.Date.NotBefore(cohort.MustDate("2026-04-30")), gpes.Date.NotBefore(cohort.MustDate("2026-05-02"))).Exists())},
		"two last days":   {cohort.Include("in 2026", had("ast_cod", asthmaCode, gpes.Date.NotAfter(cohort.MustDate("2026-05-01")), gpes.Date.Before(cohort.MustDate("2026-05-01"))).Exists())},
		"at least two":    {cohort.Include("twice", asthma.Count().AtLeast(2))},
		"in hospital":     {cohort.Include("stroke", cohort.Any(inpatient.Exists(), outpatient.Exists()))},
		"anywhere":        {cohort.Include("stroke", cohort.Any(stroke.Exists(), inpatient.Exists(), outpatient.Exists()))},
		"a later one out": {cohort.Include("unresolved", cohort.All(asthma.Exists(), cohort.Not(cohort.All(stroke.Exists(), cohort.Latest(stroke, gpes.Date).After(cohort.Latest(asthma, gpes.Date)))))).IfUnknown(cohort.Refer)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := planOf(t, steps...)
			exported, err := caas.Export(plan, caas.ExportOptions{Accept: accept(caas.UnheldStep)})
			if err != nil {
				t.Fatal(err)
			}
			if got := losses(exported.Report); len(got) != 1 { // being registered
				t.Fatalf("lost:\n%v", exported.Report)
			}
			im := imported(t, exported.Cohort, caas.ImportOptions{Steps: registered(), Accept: accept(caas.ClusterNotGiven, caas.AgeOnly)})
			again := bound(t, im.Definition)
			rapid.Check(t, func(rt *rapid.T) {
				p := drawPatient(rt)
				if got, want := again.Evaluate(p.record()).Outcome, plan.Evaluate(p.record()).Outcome; got != want {
					rt.Errorf("%v, exported %v: %+v\n%s", want, got, p, again.English())
				}
			})
		})
	}
}

// What the published form has no place for is told, refused, and borne when accepted.
func TestExportLosses(t *testing.T) {
	t.Parallel()
	entries := gpes.Journal.Where(gpes.Code.In(list(t, "asthma", codelist.SNOMEDCT, asthmaCode)), gpes.Date.NotAfter(cohort.Index))
	asthma, twice := entries.Exists(), entries.Count().AtLeast(2)
	women := person.Gender.Is(person.Female)
	for name, tt := range map[string]struct {
		steps  []cohort.Step
		want   []caas.Loss
		effect caas.Effect
	}{
		"an exclusion":       {[]cohort.Step{cohort.Include("asthma", asthma), cohort.Exclude("asthma again", asthma)}, []caas.Loss{caas.UnheldStep}, caas.AddsPeople},
		"demographics":       {[]cohort.Step{cohort.Include("asthma", asthma), cohort.Include("women", women).IfUnknown(cohort.Refer)}, []caas.Loss{caas.UnheldStep}, caas.AddsPeople},
		"within a rule":      {[]cohort.Step{cohort.Include("asthma", cohort.All(asthma, women)).IfUnknown(cohort.Refer)}, []caas.Loss{caas.UnheldPart}, caas.AddsPeople},
		"beside a rule":      {[]cohort.Step{cohort.Include("asthma", cohort.Any(asthma, women)).IfUnknown(cohort.Refer)}, []caas.Loss{caas.UnheldPart}, caas.MissesPeople},
		"admitted care only": {[]cohort.Step{cohort.Include("stroke", hes.APC.Where(hes.APC.Diagnosis.AnyIn(list(t, "diagnoses", codelist.ICD10, "D580")), hes.APC.EpisodeStart.NotAfter(cohort.Index)).Exists())}, []caas.Loss{caas.UnheldPart}, caas.AddsPeople},
		"other patterns": {[]cohort.Step{cohort.Include("asthma", asthma), cohort.Include("some of I20", cohort.Any(
			hes.APC.Where(hes.APC.Diagnosis.AnyIn(list(t, "c", codelist.ICD10, "I20.1-I20.4")), hes.APC.EpisodeStart.NotAfter(cohort.Index)).Exists(),
			hes.OP.Where(hes.OP.Diagnosis.AnyIn(list(t, "c", codelist.ICD10, "I20.1-I20.4")), hes.OP.Date.NotAfter(cohort.Index)).Exists(),
		))}, []caas.Loss{caas.UnheldStep}, caas.AddsPeople},
		"an open end":      {[]cohort.Step{cohort.Include("asthma", gpes.Journal.Where(gpes.Code.In(list(t, "asthma", codelist.SNOMEDCT, asthmaCode))).Exists())}, []caas.Loss{caas.OpenEnd}, caas.MissesPeople},
		"two unions":       {[]cohort.Step{cohort.Include("some", cohort.Any(asthma, twice)), cohort.Include("others", cohort.Any(twice, asthma))}, []caas.Loss{caas.UnheldStep}, caas.AddsPeople},
		"no code":          {[]cohort.Step{cohort.Include("asthma", asthma), cohort.Include("an entry", gpes.Journal.Where(gpes.Date.NotAfter(cohort.Index)).Exists())}, []caas.Loss{caas.UnheldStep}, caas.AddsPeople},
		"a value":          {[]cohort.Step{cohort.Include("asthma", asthma), cohort.Include("value", gpes.Journal.Where(gpes.Code.In(list(t, "asthma", codelist.SNOMEDCT, asthmaCode)), gpes.Value1.AtLeast(3)).Exists())}, []caas.Loss{caas.UnheldStep}, caas.AddsPeople},
		"age on a day":     {[]cohort.Step{cohort.Include("asthma", asthma), cohort.Include("age", person.AgeOn(cohort.MustDate("2027-03-31")).AtLeast(75)).IfUnknown(cohort.Refer)}, []caas.Loss{caas.UnheldStep}, caas.AddsPeople},
		"another age step": {[]cohort.Step{cohort.Include("asthma", asthma), cohort.Include("old", person.AgeOn(cohort.Index).AtLeast(75)).IfUnknown(cohort.Refer), cohort.Include("older", person.AgeOn(cohort.Index).AtLeast(80)).IfUnknown(cohort.Refer)}, []caas.Loss{caas.UnheldStep}, caas.AddsPeople},
		"another tie rule": {[]cohort.Step{cohort.Include("asthma", cohort.All(asthma, cohort.Not(cohort.All(asthma, cohort.Latest(entries, gpes.Date).NotBefore(cohort.Latest(entries, gpes.Date)))))).IfUnknown(cohort.Refer)}, []caas.Loss{caas.UnheldPart}, caas.AddsPeople},
		"a special case":   {[]cohort.Step{cohort.Include("asthma", cohort.All(asthma, cohort.Define("special case: large", "1", asthma)))}, []caas.Loss{caas.SpecialCase}, ""},
		"not":              {[]cohort.Step{cohort.Include("asthma", cohort.All(asthma, cohort.Not(asthma)))}, []caas.Loss{caas.UnheldPart}, caas.AddsPeople},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := planOf(t, tt.steps...)
			_, err := caas.Export(plan, caas.ExportOptions{Accept: []caas.Acceptance{{Loss: caas.UnheldStep, Remedy: caas.LeaveOut, Within: "steps[0]"}}})
			refused, ok := errors.AsType[*caas.InexactError](err)
			if !ok {
				t.Fatalf("got %v", err)
			}
			var got []caas.Loss
			for _, p := range refused.Refused() {
				got = append(got, p.Loss)
				if p.Effect != tt.effect {
					t.Errorf("effect %q", p.Effect)
				}
			}
			diff(t, tt.want, got)
			if _, err := caas.Export(plan, caas.ExportOptions{Accept: accept(caas.UnheldStep, caas.UnheldPart, caas.OpenEnd, caas.SpecialCase)}); err != nil {
				t.Error(err)
			}
		})
	}
}

// A library cohort: five conditions are the lists of one rule, the rest has no place.
func TestExportTalkingTherapies(t *testing.T) {
	t.Parallel()
	d, err := library.TalkingTherapies(40, 74, person.Practice.In("A81001"))
	if err != nil {
		t.Fatal(err)
	}
	exported, err := caas.Export(bound(t, d), caas.ExportOptions{Accept: accept(caas.UnheldStep), Texts: caas.Cohort{Purpose: "Direct care"}})
	if err != nil {
		t.Fatal(err)
	}
	c := exported.Cohort
	rules := c.ConditionGroups[0].Conditions[0].Rulesets[0].Rules
	if len(c.ConditionGroups) != 1 || len(rules) != 1 || len(rules[0].Inclusions) != 5 || *c.PatientAgeConstraint.MinMonths != 480 || *c.PatientAgeConstraint.MaxMonths != 900 || c.Purpose != "Direct care" || c.Slug != "talking-therapies" {
		t.Errorf("exported %+v", c)
	}
	where := []string{}
	for _, p := range exported.Report.Losses() {
		where = append(where, p.Where)
	}
	if len(where) != 4 || !strings.Contains(where[3], "in contact with Talking Therapies") {
		t.Errorf("lost %q", where)
	}
}

func TestExportRefuses(t *testing.T) {
	t.Parallel()
	if _, err := caas.Export(nil, caas.ExportOptions{}); !errors.Is(err, nhs.ErrInvalid) {
		t.Errorf("nil: %v", err)
	}
	if _, err := caas.Export(planOf(t), caas.ExportOptions{RelativeTimes: "weeks"}); !errors.Is(err, nhs.ErrInvalid) {
		t.Errorf("unit: %v", err)
	}
	if _, err := caas.Export(planOf(t), caas.ExportOptions{Accept: []caas.Acceptance{{}}}); !errors.Is(err, nhs.ErrInvalid) {
		t.Errorf("acceptance: %v", err)
	}
	if _, err := caas.Export(planOf(t), caas.ExportOptions{Accept: accept(caas.UnheldStep)}); !errors.Is(err, nhs.ErrInvalid) || !strings.Contains(err.Error(), "no step") {
		t.Errorf("nothing: %v", err)
	}
}

// Clusters are known again by the names of lists.
func TestExportClusters(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{"AST_COD": "AST_COD", "refsets/ast_cod": "AST_COD", "AST_COD (2)": "AST_COD", "asthma": "", "AST_COD ICD-10": ""} {
		plan := planOf(t, cohort.Include("had", gpes.Journal.Where(gpes.Code.In(list(t, id, codelist.SNOMEDCT, asthmaCode)), gpes.Date.NotAfter(cohort.Index)).Exists()))
		exported, err := caas.Export(plan, caas.ExportOptions{Accept: accept(caas.UnheldStep)})
		if err != nil {
			t.Fatal(err)
		}
		l := exported.Cohort.ConditionGroups[0].Conditions[0].Rulesets[0].Rules[0].Inclusions[0]
		got := ""
		if l.ClusterName != nil {
			got = *l.ClusterName
		}
		if got != want || !slices.Equal([]caas.Code{{ID: asthmaCode, Value: asthmaCode, CodeSystem: *l.CodeSystem}}, l.Codes) {
			t.Errorf("%s: %+v", id, l)
		}
	}
}
