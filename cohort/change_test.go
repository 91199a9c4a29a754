package cohort_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

func TestChange(t *testing.T) {
	t.Parallel()
	born := func(text string) *cohort.Record { return record(person.DateOfBirth.Of(date(text))) }
	died := func(text string) *cohort.Record { return record(person.DateOfDeath.Of(date(text))) }
	age, asthma := person.AgeOn(index), gpes.Journal.Where(gpes.Code.In(list(t, "asthma", asthmaCode)), gpes.Date.NotAfter(index))
	value := cohort.Latest(asthma, gpes.Value1)
	one := journal(entry{code: asthmaCode, date: "2025-01-01", value: 139.7})
	tests := []struct {
		name      string
		criterion cohort.Criterion
		record    *cohort.Record
		want      cohort.Change
	}{
		{"too young", age.Between(40, 74), born("1986-03-14"), cohort.Change{Value: "39", Bound: "40", Distance: "1", From: date("2026-03-14"), Text: "it is 39, 1 below 40; at least 40 would make it yes, as it would be from 2026-03-14 on"}},
		{"too old", age.Between(40, 74), born("1940-01-01"), cohort.Change{Value: "85", Bound: "74", Distance: "11", Text: "it is 85, 11 above 74; at most 74 would make it yes"}},
		{"old enough", age.Between(40, 74), born("1985-06-01"), cohort.Change{Value: "40", Bound: "40", Distance: "0", From: date("2060-06-01"), Text: "it is 40, exactly 40; less than 40 would make it no, as it would be from 2060-06-01 on"}},
		{"at the upper end", age.Between(40, 74), born("1950-06-02"), cohort.Change{Value: "74", Bound: "74", Distance: "0", From: date("2025-06-02"), Text: "it is 74, exactly 74; more than 74 would make it no, as it would be from 2025-06-02 on"}},
		{"at least", age.AtLeast(65), born("1960-06-02"), cohort.Change{Value: "64", Bound: "65", Distance: "1", From: date("2025-06-02"), Text: "it is 64, 1 below 65; at least 65 would make it yes, as it would be from 2025-06-02 on"}},
		{"leap birthday", age.Above(17), born("2008-02-29"), cohort.Change{Value: "17", Bound: "17", Distance: "0", From: date("2026-03-01"), Text: "it is 17, exactly 17; more than 17 would make it yes, as it would be from 2026-03-01 on"}},
		{"months", person.AgeInMonthsOn(index).Below(6), born("2024-12-02"), cohort.Change{Value: "5", Bound: "6", Distance: "1", From: date("2025-06-02"), Text: "it is 5, 1 below 6; at least 6 would make it no, as it would be from 2025-06-02 on"}},
		{"birth not known", age.AtLeast(65), record(), cohort.Change{Value: "not known", Bound: "65", Text: "it is not known; a value would decide"}},
		{"a day late", person.DateOfDeath.NotAfter(index), died("2025-06-02"), cohort.Change{Value: "2025-06-02", Bound: "2025-06-01", Distance: "1 day", Text: "it is 2025-06-02, 1 day after 2025-06-01; on or before 2025-06-01 would make it yes"}},
		{"on the day", person.DateOfDeath.On(index), died("2025-06-01"), cohort.Change{Value: "2025-06-01", Bound: "2025-06-01", Distance: "0 days", Text: "it is 2025-06-01, exactly 2025-06-01; other than 2025-06-01 would make it no"}},
		{"in the window", person.DateOfDeath.Within(cohort.Days(90), index), died("2025-05-30"), cohort.Change{Value: "2025-05-30", Bound: "2025-06-01", Distance: "2 days", Text: "it is 2025-05-30, 2 days before 2025-06-01; after 2025-06-01 would make it no"}},
		{"other day not known", person.DateOfBirth.Before(person.DateOfDeath), born("1950-01-01"), cohort.Change{Value: "1950-01-01", Text: "it is 1950-01-01, and what it is compared with is not known"}},
		{"exact decimals", value.AtLeast(140), one, cohort.Change{Value: "139.7", Bound: "140", Distance: "0.3", Text: "it is 139.7, 0.3 below 140; at least 140 would make it yes"}},
		{"count", asthma.Count().AtLeast(2), one, cohort.Change{Value: "1", Bound: "2", Distance: "1", Text: "it is 1, 1 below 2; at least 2 would make it yes"}},
		{"exists", asthma.Exists(), one, cohort.Change{Value: "1 matching row", Text: "1 matching row; with none the answer would be no"}},
		{"no row", asthma.Exists(), record(), cohort.Change{Value: "0 matching rows", Text: "no row matches; one that does would make it yes"}},
		{"undecided row", asthma.Exists(), journal(entry{code: asthmaCode}), cohort.Change{Value: "0 matching rows", Text: "no row matches for certain, and of 1 row it is not known; one that does would make it yes"}},
		{"text", person.Gender.Is(person.Female), record(person.Gender.Of("1")), cohort.Change{Value: "1", Bound: `"2"`, Text: `1 is not in; a text of "2" would make it yes`}},
		{"code", cohort.Latest(asthma, gpes.Code).In(list(t, "asthma", asthmaCode)), one, cohort.Change{Value: asthmaCode, Bound: "code list asthma 1", Text: asthmaCode + " is in; no code of code list asthma 1 would make it no"}},
		{"known", person.LSOA.Known(), record(), cohort.Change{Value: "not known", Text: "it is not known; any value would make it yes"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			why, err := planOf(t, test.criterion).Explain(t.Context(), test.record)
			if err != nil {
				t.Fatal(err)
			}
			finding := why.Steps[1].Finding
			if diff := cmp.Diff(&test.want, finding.Change, cmpopts.EquateComparable(cohort.Date{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if !test.want.From.IsZero() {
				// On that day, and not on the day before, the answer is another.
				for _, at := range []struct {
					day     cohort.Date
					changed bool
				}{{test.want.From, true}, {test.want.From.AddDays(-1), false}} {
					definition, err := cohort.New("later", "1", registered(), cohort.Include("asked", test.criterion).IfUnknown(cohort.Refer))
					if err != nil {
						t.Fatal(err)
					}
					plan, err := definition.Bind(index.Is(at.day))
					if err != nil {
						t.Fatal(err)
					}
					if got := plan.Evaluate(test.record).Steps[1].Verdict; (got != finding.Verdict) != at.changed {
						t.Errorf("on %v: %v", at.day, got)
					}
				}
			}
		})
	}
}

func TestTurns(t *testing.T) {
	t.Parallel()
	a, b, c := person.LSOA.Known(), person.ICB.Known(), person.Outcode.Known()
	fields := record(person.LSOA.Of("E01000001"), person.ICB.Of("QWO"))
	tests := []struct {
		name      string
		criterion cohort.Criterion
		want      int
	}{
		{"all but one", cohort.All(a, b, c), 1},
		{"either of two", cohort.Any(a, b, c), 0},
		{"just enough", cohort.AtLeast(2, a, b, c), 2},
		{"not enough", cohort.AtLeast(3, a, b, c), 1},
		{"one alone", cohort.Any(a, c), 1},
		{"turned round", cohort.Not(cohort.Any(a, c)), 1},
		{"in a name", cohort.Define("named", "1", cohort.IsYes(cohort.All(a, b))), 2},
		{"two wanting", cohort.All(c, person.Region.Known()), 0},
		{"certain or unknown", cohort.IsUnknown(person.DateOfDeath.NotAfter(index)), 2},
		{"referred", person.DateOfDeath.NotAfter(index), 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			why, err := planOf(t, test.criterion).Explain(t.Context(), fields)
			if err != nil {
				t.Fatal(err)
			}
			step := why.Steps[1]
			if len(step.Turns) != test.want {
				t.Errorf("%d turns, want %d: %v", len(step.Turns), test.want, step.Turns)
			}
			for _, turn := range step.Turns {
				if turn.Effect == step.Effect || turn.From == turn.To || turn.Change == nil {
					t.Errorf("%+v does not change %v", turn, step.Effect)
				}
			}
			if got := strings.Count(why.Text(), "- would "); got != test.want+1 { // and registered
				t.Errorf("%d turns in the text:\n%s", got, why.Text())
			}
		})
	}
}

func TestReasons(t *testing.T) {
	t.Parallel()
	build := func(code string) *cohort.Plan {
		return bind(t, registered(),
			cohort.Include("Aged 40 to 74!", person.AgeOn(index).Between(40, 74)).IfUnknown(cohort.Refer),
			cohort.Exclude("has died", person.DeadOn(index)).IfUnknown(cohort.TreatAsNo).Code(code))
	}
	plan := build("DECEASED")
	tests := []struct {
		name, born, died string
		status           cohort.Status
		reasons          []cohort.Reason
	}{
		{"member", "1970-01-01", "", cohort.Actionable, nil},
		{"too young", "2000-01-01", "", cohort.NotEligible, []cohort.Reason{{2, cohort.FilterRule, "aged-40-to-74", "Aged 40 to 74!", cohort.Fails}}},
		{"dead", "1970-01-01", "2020-01-01", cohort.NotActionable, []cohort.Reason{{3, cohort.SuppressionRule, "DECEASED", "has died", cohort.Fails}}},
		{"both", "2000-01-01", "2020-01-01", cohort.NotEligible, []cohort.Reason{
			{2, cohort.FilterRule, "aged-40-to-74", "Aged 40 to 74!", cohort.Fails}, {3, cohort.SuppressionRule, "DECEASED", "has died", cohort.Fails},
		}},
		{"age not known", "", "", cohort.NotActionable, []cohort.Reason{{2, cohort.FilterRule, "aged-40-to-74", "Aged 40 to 74!", cohort.Refers}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := record(person.DateOfBirth.Of(date(test.born)), person.DateOfDeath.Of(date(test.died)))
			why, err := plan.Explain(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.reasons, why.Reasons); diff != "" || why.Status != test.status {
				t.Errorf("status %v, want %v; (-want +got):\n%s", why.Status, test.status, diff)
			}
			data, err := json.Marshal(why)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(data), nhsNumber) || !strings.Contains(string(data), `"key":"[person]"`) ||
				!strings.Contains(string(data), `"status":"`+test.status.String()+`"`) {
				t.Errorf("the data:\n%s", data)
			}
		})
	}

	without, other := build(""), build("DEAD")
	if plan.Hash() != without.Hash() || plan.DocumentHash() == without.DocumentHash() || plan.DocumentHash() == other.DocumentHash() || plan.English() == other.English() {
		t.Error("a reason code must show in the document and the text, and not in the meaning")
	}
	back, err := cohort.Decode(plan.JSON(), person.Table())
	if err != nil || back.DocumentHash() != plan.DocumentHash() {
		t.Errorf("decoding changed the code: %v", err)
	}
	if _, err := cohort.New("x", "1", registered().Code("two\nlines")); err == nil || !strings.Contains(err.Error(), "the reason code") {
		t.Errorf("a code of two lines: %v", err)
	}
}
