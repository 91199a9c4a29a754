package campaign_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/campaign"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/governance/export"
)

// TestDefinition finds the steps that need each field, the columns by which rows are put in order included.
func TestDefinition(t *testing.T) {
	t.Parallel()
	systolic := codelist.Must(codelist.New(codelist.Info{ID: "illustrative/systolic", Version: "1", System: codelist.SNOMEDCT, Source: "a test"}, "72313002"))
	readings := gpes.Journal.Where(gpes.Code.In(systolic), gpes.Date.Within(cohort.Months(24), cohort.Index))
	d, err := cohort.New("blood-pressure", "1.0.0",
		cohort.Include("registered", person.Practice.Known()),
		cohort.Include("aged 40 or more", person.AgeOn(cohort.Index).AtLeast(40)).IfUnknown(cohort.TreatAsNo),
		cohort.Include("high blood pressure", cohort.Latest(readings, gpes.Value1).AtLeast(140)).IfUnknown(cohort.TreatAsNo))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := d.Bind(cohort.Index.Is(cohort.MustDate("2026-11-01")))
	if err != nil {
		t.Fatal(err)
	}
	got, err := campaign.Definition(plan)
	if err != nil {
		t.Fatal(err)
	}
	if got.English != plan.English() || len(got.CodeLists) != 1 || !slices.Equal(got.CodeLists[0].Codes, []string{"72313002"}) {
		t.Errorf("got %+v", got)
	}
	facet, err := campaign.CohortFacet(plan)
	if err != nil || got.CodeLists[0].Digest != facet.CodeLists[0].Codes {
		t.Errorf("the code list has another digest than in the facet: %v", err)
	}
	want := map[string][]string{
		"person.primary_care_provider": {"registered"}, "person.date_of_birth": {"aged 40 or more"},
	}
	fields := 0
	for _, n := range got.Needs {
		name := n.DataSet + "." + n.Field
		if rules, ok := want[name]; ok && !slices.Equal(rules, n.Rules) {
			t.Errorf("%s is needed by %v, want %v", name, n.Rules, rules)
		}
		if n.DataSet == "gpes.journal" && !slices.Equal(n.Rules, []string{"high blood pressure"}) {
			t.Errorf("%s is needed by %v", name, n.Rules)
		}
		fields++
	}
	var uses []governance.Use
	for _, u := range campaign.Uses(plan) {
		fields -= len(u.Fields)
		uses = append(uses, u)
	}
	if fields != 0 {
		t.Errorf("%d more fields are needed than used: %v and %v", fields, got.Needs, uses)
	}
	i := slices.IndexFunc(uses, func(u governance.Use) bool { return u.DataSet == "gpes.journal" })
	if diff := cmp.Diff("2024-11-01", uses[i].Earliest); diff != "" {
		t.Errorf("the journal is read from (-want +got)\n%s", diff)
	}
}

// TestEvidence makes the exports of a campaign from what runs.
func TestEvidence(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{})
	_, m := w.built()
	d, err := campaign.Definition(w.plan)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := export.NewSpecification(w.proposal, d, w.clock()); err != nil {
		t.Error(err)
	}
	if _, err := export.NewDPIAAnnex(w.proposal, d, w.clock()); err != nil {
		t.Error(err)
	}
	if _, err := export.NewSummary(w.proposal, m, w.clock()); err != nil {
		t.Error(err)
	}
}
