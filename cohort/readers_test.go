package cohort_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

func TestUses(t *testing.T) {
	t.Parallel()
	asthma := gpes.Code.In(list(t, "asthma", asthmaCode))
	recent := func(p cohort.Period) cohort.Criterion {
		return gpes.Journal.Where(asthma, gpes.Date.Within(p, index)).Exists()
	}
	from := func(predicates ...cohort.RowPred[gpes.Entry]) cohort.Criterion {
		return gpes.Journal.Where(predicates...).Exists()
	}
	tests := []struct {
		name      string
		criterion cohort.Criterion
		columns   string
		earliest  string
	}{
		{"window", recent(cohort.Years(1)), "DATE CODE", "2024-06-01"},
		{"longest window", cohort.Any(recent(cohort.Months(3)), recent(cohort.Years(5))), "DATE CODE", "2020-06-01"},
		{"one without a window", cohort.Any(recent(cohort.Months(3)), from(asthma)), "DATE CODE", ""},
		{"not before", from(gpes.Date.NotBefore(cohort.MustDate("2020-01-01"))), "DATE", "2020-01-01"},
		{"after", from(gpes.Date.After(cohort.MustDate("2020-01-01"))), "DATE", "2020-01-02"},
		{"on", from(gpes.Date.On(index)), "DATE", "2025-06-01"},
		{"tighter of two", from(gpes.Date.NotBefore(cohort.MustDate("2020-01-01")), gpes.Date.Within(cohort.Years(1), index)), "DATE", "2024-06-01"},
		{"inside all", from(cohort.All(asthma, gpes.Date.On(index))), "DATE CODE", "2025-06-01"},
		{"inside any", from(cohort.Any(asthma, gpes.Date.On(index))), "DATE CODE", ""},
		{"an end is no start", from(gpes.Date.NotAfter(index)), "DATE", ""},
		{"another date", from(gpes.RecordDate.NotBefore(index)), "RECORD_DATE", ""},
		{"window that differs by person", from(gpes.Date.Within(cohort.Years(1), person.DateOfDeath)), "DATE", ""},
		{"count", gpes.Journal.Where(asthma).Count().AtLeast(2), "CODE", ""},
		{"episodes", gpes.Journal.Where(asthma).Episodes(cohort.Days(3)).AtLeast(2), "DATE CODE", ""},
		{"sum", cohort.Sum(gpes.Journal.Where(gpes.Date.On(index)), gpes.Value1).Is(1), "DATE VALUE1_CONDITION", "2025-06-01"},
		{"sum and a longer reach", cohort.All(cohort.Sum(gpes.Journal.Where(gpes.Date.On(index)), gpes.Value1).Is(1), from(gpes.Date.NotBefore(cohort.MustDate("2020-01-01")))), "DATE VALUE1_CONDITION", "2020-01-01"},
		{"sum without a window", cohort.All(cohort.Sum(gpes.Journal, gpes.Value1).Is(1), from(gpes.Date.On(index))), "DATE VALUE1_CONDITION", ""},
		{"window after", from(gpes.Date.WithinAfter(cohort.Days(30), cohort.MustDate("2020-01-01"))), "DATE", "2020-01-01"},
		{"between", from(gpes.Date.Between(cohort.MustDate("2020-01-01"), index)), "DATE", "2020-01-01"},
		{"between from a day of the person", from(gpes.Date.Between(person.DateOfBirth, index)), "DATE", ""},
		{"year of the index", from(gpes.Date.NotBefore(cohort.Day(index).StartOf(cohort.FinancialYear))), "DATE", "2025-04-01"},
		{"period before the index", from(gpes.Date.After(cohort.Day(index).Minus(cohort.Months(15)))), "DATE", "2024-03-02"},
		{"period after the index", from(gpes.Date.On(cohort.Day(index).Plus(cohort.Days(2)))), "DATE", "2025-06-03"},
		{"shifted row", from(gpes.Date.Plus(cohort.Years(1)).NotBefore(index)), "DATE", ""},
		{"other day of the row", from(cohort.InOrder(gpes.RecordDate, gpes.Date)), "DATE RECORD_DATE", ""},
		{"rows alone", gpes.Journal.Exists(), "", ""},
		{"picked", cohort.Latest(gpes.Journal.Where(gpes.Date.On(index)), gpes.Links).Is("x"), "DATE RECORD_DATE CODE EPISODE_CONDITION EPISODE_PRESCRIPTION VALUE1_CONDITION VALUE2_CONDITION VALUE1_PRESCRIPTION VALUE2_PRESCRIPTION LINKS PRACTICE", "2025-06-01"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			plan := planOf(t, test.criterion)
			uses := plan.Uses()
			want := cohort.TableUse{Table: "gpes.journal", Columns: strings.Fields(test.columns), Earliest: date(test.earliest)}
			if len(uses.Tables) != 2 || uses.Tables[0].Table != want.Table || strings.Join(uses.Tables[0].Columns, " ") != test.columns || uses.Tables[0].Earliest != want.Earliest {
				t.Errorf("got %v, want %v", uses.Tables, want)
			}
			if uses.Tables[1].Table != "person" || !uses.Tables[1].Earliest.IsZero() {
				t.Errorf("person is used as %v", uses.Tables[1])
			}
			if !want.Earliest.IsZero() && !strings.Contains(plan.English(), "Read from "+test.earliest+" on.") {
				t.Errorf("the text does not say from when:\n%s", plan.English())
			}
		})
	}
	lists := planOf(t, cohort.All(from(gpes.Code.In(list(t, "b", asthmaCode))), from(gpes.Code.In(list(t, "a", asthmaCode))), from(gpes.Code.In(list(t, "b", asthmaCode))))).Uses().CodeLists
	if len(lists) != 2 || lists[0].ID() != "a" || lists[1].ID() != "b" {
		t.Errorf("code lists: %v, want a and b", lists)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	pressure := gpes.Journal.Where(gpes.Code.In(list(t, "pressure", pressureCode)), gpes.Date.NotAfter(index))
	plan := bind(t, registered(),
		cohort.Include("high", cohort.All(
			person.AgeOn(index).Between(40, 74),
			cohort.Latest(pressure, gpes.Value1).AtLeast(140),
			pressure.Count().AtLeast(2),
		)).IfUnknown(cohort.Refer))
	someone := journal(
		entry{code: pressureCode, date: "2025-01-01", value: 150},
		entry{code: pressureCode, date: "2025-02-01", value: 130},
		entry{code: pressureCode, value: 170},
		entry{code: asthmaCode, date: "2025-02-02"})
	got, err := plan.Explain(t.Context(), someone)
	if err != nil {
		t.Fatal(err)
	}
	row := func(n int, undecided bool, values ...string) cohort.Evidence {
		e := cohort.Evidence{Table: "gpes.journal", Row: n, Undecided: undecided}
		for i := 0; i < len(values); i += 2 {
			e.Values = append(e.Values, cohort.NamedValue{Name: values[i], Value: values[i+1]})
		}
		return e
	}
	field := func(name, value string) []cohort.Evidence {
		return []cohort.Evidence{{Table: "person", Values: []cohort.NamedValue{{Name: name, Value: value}}}}
	}
	where := "(code is in code list pressure 1 (1 code, e03386fc3e63) and date is on or before 2025-06-01 (index))"
	want := []cohort.StepExplanation{
		{Label: "registered", Verdict: yes, Effect: cohort.Passes, Finding: cohort.Finding{
			Question: "the registered GP practice is known", Verdict: yes, Evidence: field("primary_care_provider", "A81001"),
		}},
		{Label: "high", Verdict: no, Effect: cohort.Fails, Finding: cohort.Finding{
			Question: "all of", Verdict: no,
			Parts: []cohort.Finding{
				{
					Question: "the age in completed years on 2025-06-01 (index), counted from the date of birth, is between 40 and 74, both included",
					Verdict:  unknown, Evidence: field("date_of_birth", "not known"),
				},
				{
					Question: "first value of the latest GP journal entry where " + where + " is at least 140", Verdict: no,
					Evidence: []cohort.Evidence{
						row(2, false, "DATE", "2025-02-01", "CODE", pressureCode, "VALUE1_CONDITION", "130"),
						row(3, true, "DATE", "not known", "CODE", pressureCode, "VALUE1_CONDITION", "170"),
					},
				},
				{
					Question: "the number of times there is a GP journal entry where " + where + " is at least 2", Verdict: yes,
					Evidence: []cohort.Evidence{
						row(1, false, "DATE", "2025-01-01", "CODE", pressureCode),
						row(2, false, "DATE", "2025-02-01", "CODE", pressureCode),
						row(3, true, "DATE", "not known", "CODE", pressureCode),
					},
				},
			},
		}},
	}
	without := cmp.Options{
		cmpopts.IgnoreFields(cohort.StepExplanation{}, "Code", "Turns"), cmpopts.IgnoreFields(cohort.Finding{}, "Change"),
	}
	if diff := cmp.Diff(want, got.Steps, without); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got.Outcome != cohort.NotMember || got.Key != someone.Key() || got.Definition != "test" || got.Version != "1" {
		t.Errorf("got %v of %s %s", got.Outcome, got.Definition, got.Version)
	}
	for _, line := range []string{
		"[person] is not a member: cohort test, version 1.\n",
		"2. Include: high. No: fails.\n",
		"      unknown: the age",
		"- gpes.journal row 3: DATE not known, CODE 75367002, VALUE1_CONDITION 170 (undecided, not counted)\n",
	} {
		if !strings.Contains(got.Text(), line) {
			t.Errorf("the text lacks %q:\n%s", line, got.Text())
		}
	}
}

func TestExplainManyRows(t *testing.T) {
	t.Parallel()
	someone := record()
	for range 8 {
		cohort.Append(someone, gpes.Code.Of(asthmaCode))
	}
	why, err := planOf(t, gpes.Journal.Where(gpes.Code.Known()).Exists()).Explain(t.Context(), someone)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(why.Steps[1].Finding.Evidence); got != 8 {
		t.Errorf("%d rows of evidence, want all 8", got)
	}
	if text := why.Text(); strings.Count(text, "- gpes.journal row") != 5 || !strings.Contains(text, "and 3 more") {
		t.Errorf("the text does not stop at 5 rows:\n%s", text)
	}
}
