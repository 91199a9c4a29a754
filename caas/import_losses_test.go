package caas_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
)

// What is not exact is refused, told, and borne only when accepted.
func TestImportLosses(t *testing.T) {
	t.Parallel()
	rule := func(change func(*caas.Rule)) caas.Cohort {
		r := asthma()
		change(&r)
		return definition(r)
	}
	dates := func(d caas.EventDateConstraint) caas.Cohort {
		return rule(func(r *caas.Rule) { r.EventDateConstraint = &d })
	}
	set := func(change func(*caas.Ruleset)) caas.Cohort {
		c := definition(asthma())
		change(&c.ConditionGroups[0].Conditions[0].Rulesets[0])
		return c
	}
	odd := func(value, system string) caas.Cohort {
		return rule(func(r *caas.Rule) {
			r.Inclusions[0].Codes = append(r.Inclusions[0].Codes, caas.Code{Value: value, CodeSystem: caas.CodeSystem{Name: system}})
		})
	}
	special := []caas.PreCoordinatedConstraint{{Type: caas.PreCoordinatedConstraintType{Name: "Very large", RulesetText: "BMI of 40 or more"}}}
	for name, tt := range map[string]struct {
		cohort caas.Cohort
		want   caas.Loss
		effect caas.Effect
		empty  bool // nothing is left once it is left out
	}{
		"cluster": {rule(func(r *caas.Rule) { r.Inclusions[0].ClusterName = new("AST_COD") }), caas.ClusterNotGiven, caas.MissesPeople, false},
		"resolving cluster": {rule(func(r *caas.Rule) {
			r.Resolving = []caas.CodeList{codes("resolved", resolvedCode)}
			r.Resolving[0].ClusterName = new("ASTRES_COD")
		}), caas.ClusterNotGiven, caas.AddsPeople, false},
		"no codes":               {rule(func(r *caas.Rule) { r.Inclusions = append(r.Inclusions, codes("empty")) }), caas.NoCodes, caas.MissesPeople, false},
		"only an empty list":     {rule(func(r *caas.Rule) { r.Inclusions[0].Codes = nil }), caas.NoCodes, caas.MissesPeople, true},
		"no resolving codes":     {rule(func(r *caas.Rule) { r.Resolving = []caas.CodeList{codes("empty")} }), caas.NoCodes, caas.AddsPeople, false},
		"ambiguous code":         {odd("K04", "SNOMED"), caas.UnsortedCode, caas.MissesPeople, false},
		"damaged code":           {odd("530558861000132000", "SNOMED"), caas.UnsortedCode, caas.MissesPeople, false},
		"wrong prefix":           {odd("ICD10:195967001", "SNOMED"), caas.UnsortedCode, caas.MissesPeople, false},
		"empty code":             {odd("", ""), caas.UnsortedCode, caas.MissesPeople, false},
		"code of another system": {odd("ICD10:D580", "SNOMED"), caas.UnreadCode, caas.MissesPeople, false},
		"labelled code":          {odd("d58.0", "ICD-10"), caas.UnreadCode, caas.MissesPeople, false},
		"too many characters": {rule(func(r *caas.Rule) {
			r.Inclusions[0].Codes = append(r.Inclusions[0].Codes, codes("", "ICD10:M45X2").Codes...)
			r.Datasets = append(r.Datasets, caas.Dataset{Acronym: new("HES")})
		}), caas.UnreadCode, caas.MissesPeople, false},
		"many in several tables": {rule(func(r *caas.Rule) {
			r.Inclusions[0].Codes = append(r.Inclusions[0].Codes, codes("", "ICD10:M450").Codes...)
			r.Datasets = append(r.Datasets, caas.Dataset{Acronym: new("HES")})
			r.EventCountConstraint = &caas.EventCountConstraint{Count: 99}
		}), caas.UnclearCount, caas.AddsPeople, false},
		"only form tells":    {odd("I26", "SNOMED"), caas.UnreadCode, caas.MissesPeople, false},
		"data set":           {rule(func(r *caas.Rule) { r.Datasets = append(r.Datasets, caas.Dataset{Acronym: new("SACT")}) }), caas.UnreadDataset, caas.MissesPeople, false},
		"data set inclusion": {rule(func(r *caas.Rule) { r.DatasetInclusion = gdppr() }), caas.UnclearInclusion, "", false},
		"ages upside down": {rule(func(r *caas.Rule) {
			r.PatientAgeConstraints = []caas.PatientAgeConstraint{{MinMonths: new(60), MaxMonths: new(60)}}
		}), caas.UnclearAge, caas.AddsPeople, false},
		"negative age": {rule(func(r *caas.Rule) {
			r.PatientAgeConstraints = []caas.PatientAgeConstraint{{MinMonths: new(-1)}}
		}), caas.UnclearAge, caas.AddsPeople, false},
		"no day":            {dates(caas.EventDateConstraint{FixedEarliestDate: new("spring")}), caas.UnclearTime, caas.AddsPeople, false},
		"time of day":       {dates(caas.EventDateConstraint{FixedLatestDate: new("2020-01-01T12:00:00Z")}), caas.UnclearTime, caas.AddsPeople, false},
		"no months":         {dates(caas.EventDateConstraint{WithinLastMonths: new(0)}), caas.UnclearTime, caas.AddsPeople, false},
		"dates upside down": {dates(caas.EventDateConstraint{FixedEarliestDate: new("2020-01-02"), FixedLatestDate: new("2020-01-01")}), caas.UnclearTime, caas.MissesPeople, true},
		"relative time":     {dates(caas.EventDateConstraint{RelativeLatestTime: new(3)}), caas.RelativeTime, caas.AddsPeople, false},
		"no number":         {rule(func(r *caas.Rule) { r.EventCountConstraint = &caas.EventCountConstraint{} }), caas.UnclearCount, "", false},
		"special case":      {rule(func(r *caas.Rule) { r.PreCoordinated = special }), caas.SpecialCase, caas.AddsPeople, false},
		"age only": {rule(func(r *caas.Rule) {
			r.Inclusions, r.PatientAgeConstraints = nil, []caas.PatientAgeConstraint{{MinMonths: new(780)}}
		}), caas.AgeOnly, caas.AddsPeople, false},
		"rule without content": {rule(func(r *caas.Rule) { r.Inclusions = nil }), caas.NoRules, caas.MissesPeople, true},
		"set without rules":    {set(func(s *caas.Ruleset) { s.Rules = nil }), caas.NoRules, caas.MissesPeople, true},
		"fixed reference": {func() caas.Cohort {
			c := definition(asthma())
			c.FixedDateReference = new("soon")
			return c
		}(), caas.UnclearTime, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := caas.Import(tt.cohort, caas.ImportOptions{Steps: registered()})
			refused, ok := errors.AsType[*caas.InexactError](err)
			if !ok || !errors.Is(err, nhs.ErrInvalid) {
				t.Fatalf("got %v", err)
			}
			if got := refused.Refused(); len(got) != 1 || got[0].Loss != tt.want || got[0].Effect != tt.effect {
				t.Fatalf("got %+v\n%v", got, refused.Report)
			}
			if faults := unaccounted(tt.cohort, refused.Report); faults != nil {
				t.Errorf("%q", faults)
			}
			im, err := caas.Import(tt.cohort, caas.ImportOptions{Steps: registered(), Accept: append(accept(tt.want), caas.Acceptance{Loss: tt.want, Remedy: caas.FindNobody})})
			if tt.empty {
				if !errors.Is(err, nhs.ErrInvalid) || !strings.Contains(err.Error(), "finds anybody") {
					t.Errorf("nothing is left: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := losses(im.Report); !slices.Equal(got, []caas.Loss{tt.want}) || im.Report.Exact() {
				t.Errorf("accepted: %v", got)
			}
			if text := im.Report.String(); !strings.Contains(text, "accepted") || strings.Contains(text, "refused") {
				t.Errorf("report:\n%s", text)
			}
		})
	}
}

// A loss can be borne by finding nobody, and in one place only.
func TestImportAcceptance(t *testing.T) {
	t.Parallel()
	c := definition(asthma())
	set := &c.ConditionGroups[0].Conditions[0].Rulesets[0]
	second := asthma()
	set.And, set.Rules = new(false), append(set.Rules, second)
	for i := range set.Rules {
		set.Rules[i].EventDateConstraint = &caas.EventDateConstraint{RelativeEarliestTime: new(i)}
	}
	const first = "conditionGroups[0].conditions[0].rulesets[0].rules[0]"
	leave := caas.Acceptance{Loss: caas.RelativeTime, Remedy: caas.LeaveOut, Within: first}
	nobody := caas.Acceptance{Loss: caas.RelativeTime, Remedy: caas.FindNobody}

	_, err := caas.Import(c, caas.ImportOptions{Accept: []caas.Acceptance{leave}})
	refused, ok := errors.AsType[*caas.InexactError](err)
	if !ok || len(refused.Refused()) != 1 || !strings.Contains(refused.Refused()[0].Path, "rules[1]") {
		t.Fatalf("got %v", err)
	}
	im := imported(t, c, caas.ImportOptions{Accept: []caas.Acceptance{leave, nobody}})
	remedies := []caas.Remedy{}
	for _, p := range im.Report.Losses() {
		remedies = append(remedies, p.Remedy)
	}
	diff(t, []caas.Remedy{caas.LeaveOut, caas.FindNobody, caas.FindNobody}, remedies) // the last: the rule
	if text := bound(t, im.Definition).English(); strings.Contains(text, "rule 1.1.1.2") || !strings.Contains(text, "rule 1.1.1.1") {
		t.Errorf("rules: %s", text)
	}
	// In a set that wants all its rules, one that finds nobody takes the set with it.
	set.And = new(true)
	if _, err := caas.Import(c, caas.ImportOptions{Accept: []caas.Acceptance{leave, nobody}}); !errors.Is(err, nhs.ErrInvalid) {
		t.Errorf("all: %v", err)
	}
}
