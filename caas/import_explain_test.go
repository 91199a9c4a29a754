package caas_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/hes"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/cohort/synthetic"
)

func explained(t *testing.T, im *caas.Imported, p patient) *caas.Explanation {
	t.Helper()
	why, err := bound(t, im.Definition).Explain(t.Context(), p.record())
	if err != nil {
		t.Fatal(err)
	}
	told, err := im.Explain(why)
	if err != nil {
		t.Fatal(err)
	}
	return told
}

func TestExplain(t *testing.T) {
	t.Parallel()
	c := definition(asthma())
	rule := &c.ConditionGroups[0].Conditions[0].Rulesets[0].Rules[0]
	rule.Resolving = []caas.CodeList{codes("asthma resolved", resolvedCode)}
	rule.PatientAgeConstraints = []caas.PatientAgeConstraint{{MinMonths: new(60), MaxMonths: new(0)}}
	c.ConditionGroups = append(c.ConditionGroups, caas.ConditionGroup{Name: "Brain", Conditions: []caas.Condition{{
		Rulesets: []caas.Ruleset{{Rules: []caas.Rule{{Inclusions: []caas.CodeList{codes("stroke", strokeCode)}, Datasets: gdppr()}}}},
	}}})
	im := imported(t, c, caas.ImportOptions{Steps: registered()})

	told := explained(t, im, patient{born: "1990-01-01", entries: []entry{{asthmaCode, "2020-01-01"}, {otherCode, "2020-01-02"}, {asthmaCode, "2021-01-01"}}})
	want := `[person] is a member: Made up (made-up, version 2026-01-02T03:04:05.678Z).
Worked out here from the published definition and the records at hand: this is not CaaS's own answer.
Include: registered. Yes: passes.
Group 1 "Breathing": yes.
   Condition 1.1 "Asthma": yes.
      Rule set 1.1.1: yes.
         Rule 1.1.1.1: yes.
            yes: a code of asthma
               - 195967001 (term of 195967001) of asthma on 2021-01-01, in gpes.journal, which stands for GDPPR
               - 195967001 (term of 195967001) of asthma on 2020-01-01, in gpes.journal, which stands for GDPPR
            yes: not resolved by a later code of asthma resolved
            yes: aged 5 years (60 months) or more
Group 2 "Brain": no.
`
	diff(t, want, told.Text())
	if text := fmt.Sprintf("%v %+v %#v %s", told, told, told, told); strings.Contains(text, asthmaCode) {
		t.Errorf("printed: %s", text)
	}
	assertMasked(t, told.Text(), nhs.MustNumber("9990000018"))

	resolved := explained(t, im, patient{born: "1990-01-01", entries: []entry{{asthmaCode, "2020-01-01"}, {resolvedCode, "2020-01-02"}}})
	asked := resolved.Groups[0].Of[0].Of[0].Of[0].Asked[1]
	if resolved.Outcome != cohort.NotMember || asked.Verdict != cohort.No || len(asked.Entries) != 1 || asked.Entries[0].Date != "2020-01-02" {
		t.Errorf("resolved: %+v", resolved.Groups)
	}
}

// Hospital entries are told by the code that counts, among others of the episode.
func TestExplainHospitalEntries(t *testing.T) {
	t.Parallel()
	rule := asthma()
	rule.Inclusions[0].Codes = append(rule.Inclusions[0].Codes, codes("", "ICD10:D580").Codes...)
	rule.Datasets = append(rule.Datasets, caas.Dataset{Acronym: new("HES")})
	im := imported(t, definition(rule), caas.ImportOptions{})
	r := cohort.NewRecord("9990000018")
	cohort.Append(r, hes.APC.EpisodeStart.Of(cohort.MustDate("2020-01-01")), hes.APC.Diagnosis.Of("I10X", "D580", "E119"))
	why, err := bound(t, im.Definition).Explain(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	told, err := im.Explain(why)
	if err != nil {
		t.Fatal(err)
	}
	entries := told.Groups[0].Of[0].Of[0].Of[0].Asked[0].Entries
	want := caas.FoundEntry{Code: "D580", Term: "term of ICD10:D580", List: "asthma", Date: "2020-01-01", Table: "hes.apc", Datasets: []string{"HES"}}
	diff(t, []caas.FoundEntry{want}, entries)
}

func TestExplainRefusesOthers(t *testing.T) {
	t.Parallel()
	im := imported(t, definition(asthma()), caas.ImportOptions{})
	longer := definition(asthma())
	longer.ConditionGroups = append(longer.ConditionGroups, longer.ConditionGroups[0])
	renamed := definition(asthma())
	renamed.ConditionGroups[0].Name = "Brain"
	other := definition(asthma())
	other.Slug = "other"
	for name, c := range map[string]caas.Cohort{"more groups": longer, "another name": renamed, "another slug": other} {
		why, err := bound(t, imported(t, c, caas.ImportOptions{}).Definition).Explain(t.Context(), patient{}.record())
		if err != nil {
			t.Fatal(err)
		}
		if told, err := im.Explain(why); err == nil || told != nil {
			t.Errorf("%s: %v", name, told)
		}
	}
	if _, err := im.Explain(nil); err == nil {
		t.Error("nothing is explained")
	}
}

// clusters are lists such as a team would have from a release of reference sets: a code
// of the synthetic population each, so that some people are found.
func clusters(t *testing.T) map[string][]*codelist.List {
	t.Helper()
	out := map[string][]*codelist.List{}
	for id, code := range map[string]string{
		"SPHEROCYTOSIS_COD": "46635009", "SPLENIC_COD": "44054006", "THAL_COD": "195967001", "AFIB_COD": "53741008",
		"PAD_COD": "194828000", "CHRONHD_COD": "38341003", "CKDATRISK2_COD": "59621000", "CKD1AND2ATRISK1_COD": "396275006",
	} {
		out[id] = []*codelist.List{list(t, strings.ToLower(id), codelist.SNOMEDCT, code)}
	}
	return out
}

// The published definitions are imported with what a team would give, evaluated over
// invented people and explained.
func TestPublishedDefinitionsImport(t *testing.T) {
	t.Parallel()
	var cohorts []caas.Cohort
	if err := json.Unmarshal(published(t, "caas/published-cohort-definitions.json"), &cohorts); err != nil {
		t.Fatal(err)
	}
	pop, err := synthetic.New(synthetic.Config{Seed: 11, People: 3000, On: reference})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cohorts {
		t.Run(c.Slug, func(t *testing.T) {
			t.Parallel()
			_, err := caas.Import(c, caas.ImportOptions{})
			if _, ok := errors.AsType[*caas.InexactError](err); !ok {
				t.Errorf("imported without lists: %v", err)
			}
			// Either with the published codes, or with lists of the clusters.
			bare := imported(t, c, caas.ImportOptions{Accept: everything()})
			full := imported(t, c, caas.ImportOptions{Accept: everything(), Steps: registered(), Lists: clusters(t)})
			for _, im := range []*caas.Imported{bare, full} {
				if faults := unaccounted(c, im.Report); faults != nil {
					t.Errorf("%q", faults)
				}
			}
			var members []*cohort.Record
			attrition, err := bound(t, full.Definition).Run(t.Context(), pop.Records(t.Context()), func(r *cohort.Record, result cohort.Result) error {
				if result.Outcome == cohort.Member {
					members = append(members, r)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if n := attrition.Raw().Members; n < 50 || n > 1500 {
				t.Errorf("%d members", n)
			}
			for _, plan := range []struct {
				im     *caas.Imported
				record *cohort.Record
			}{{full, members[0]}, {bare, plant(bare)}} {
				why, err := bound(t, plan.im.Definition).Explain(t.Context(), plan.record)
				if err != nil {
					t.Fatal(err)
				}
				told, err := plan.im.Explain(why)
				if err != nil {
					t.Fatal(err)
				}
				form := regexp.MustCompile(`(?s)is a member: .*\nGroup \d ".*": yes.*\n   Condition .*: yes.*\n      Rule set .*: yes.*` +
					`\n         Rule .*: yes.*\n            yes: a code of [A-Z0-9_]+_COD.*\n               - \d+ .*of [A-Z0-9_]+_COD on \d{4}-\d\d-\d\d, in gpes.journal, which stands for G`)
				if !form.MatchString(told.Text()) {
					t.Errorf("told:\n%s", told.Text())
				}
			}
		})
	}
}

// plant makes a person with the first code that a definition looks for.
func plant(im *caas.Imported) *cohort.Record {
	plan, err := im.Definition.Bind(cohort.Index.Is(reference))
	if err != nil {
		panic(err)
	}
	lists := plan.Uses().CodeLists
	wanted := slices.IndexFunc(lists, func(l *codelist.List) bool { return !strings.Contains(l.ID(), "CKD1AND2") })
	r := cohort.NewRecord("9990000018", person.Practice.Of("A81001"), person.DateOfBirth.Of(cohort.MustDate("1950-01-01")))
	for code := range lists[wanted].Codes() {
		cohort.Append(r, gpes.Code.Of(code), gpes.Date.Of(cohort.MustDate("2020-01-01")))
		break
	}
	return r
}
