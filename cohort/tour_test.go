package cohort_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// tour uses the parts of the language that sample does not.
func tour(tb testing.TB) *cohort.Plan {
	tb.Helper()
	strokes := stays.Where(diagnoses.AnyIn(icd(tb, "stroke", strokeCode)))
	return bind(tb,
		registered(),
		cohort.Include("episodes", strokes.Episodes(cohort.Days(28)).AtLeast(2)),
		cohort.Include("kinds of diagnosis", cohort.CountDistinct(stays, diagnoses).AtLeast(3)),
		cohort.Include("stays", cohort.All(
			cohort.Sum(strokes, stayDays).AtLeast(10),
			cohort.Mean(strokes, stayDays).Below(20.5),
			cohort.Min(strokes, stayDays).Above(0),
			cohort.Max(strokes, discharged).NotAfter(index),
		)).IfUnknown(cohort.TreatAsNo),
		cohort.Include("school age", person.SchoolAge(index).Between(4, 15)).IfUnknown(cohort.Refer),
		cohort.Include("turns 65", person.AgeReachedIn(cohort.FinancialYear, index).AtMost(65)).IfUnknown(cohort.Refer),
		cohort.Include("a long stay as a child", stays.Where(
			cohort.InOrder(admitted, discharged),
			cohort.DaysBetween(admitted, discharged).AtLeast(28),
			person.AgeAt(admitted).Below(18),
			person.AgeInMonthsAt(admitted).AtLeast(6),
			admitted.WithinAfter(cohort.Months(6), cohort.Earliest(stays, admitted)),
			discharged.Between(person.DateOfBirth.Plus(cohort.Days(28)), cohort.Day(index).StartOf(cohort.AcademicYear)),
		).Exists()),
		cohort.Include("stage", cohort.Case(
			cohort.When(cohort.IsYes(cohort.Define("long-stay", "1.0.0", cohort.Latest(stays, stayDays).AtLeast(28))), cohort.Number(3)),
			cohort.When(cohort.Greatest(cohort.Latest(stays, stayDays), cohort.Earliest(stays, stayDays)).AtLeast(7), cohort.Number(2)),
			cohort.Otherwise(cohort.Number(1)),
		).AtLeast(2)).IfUnknown(cohort.TreatAsNo),
		cohort.Exclude("where", cohort.Coalesce(person.LSOA, cohort.Case(
			cohort.When(cohort.IsUnknown(cohort.All(person.DateOfDeath.Before(index), stays.Exists())), cohort.Text("none")))).Is("none")).IfUnknown(cohort.TreatAsNo),
		cohort.Include("first of both", cohort.Least(person.DateOfDeath, cohort.Day(index)).NotAfter(index)),
		cohort.Exclude("rising", cohort.Any(
			cohort.Latest(stays, stayDays).AboveValue(cohort.Earliest(stays, stayDays)),
			cohort.MonthsBetween(cohort.Min(stays, admitted), cohort.Day(index)).Below(3),
			cohort.YearsBetween(cohort.Max(stays, discharged).EndOf(cohort.CalendarYear), person.DateOfDeath).Above(1),
		)).IfUnknown(cohort.Refer),
	)
}

// tables are those that the plans of the tests read.
func tables() []*cohort.Table {
	return []*cohort.Table{person.Table(), gpes.Table(), staySchema.Table()}
}

func TestGoldenTour(t *testing.T) {
	t.Parallel()
	plan := tour(t)
	own := eachPlan(t)
	for name, got := range map[string]string{
		"tour.txt": plan.English(), "tour.json": string(plan.JSON()) + "\n",
		"each.txt": own.English(), "each.json": string(own.JSON()) + "\n",
	} {
		want, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	var spaced bytes.Buffer
	if err := json.Indent(&spaced, plan.JSON(), "", "  "); err != nil {
		t.Fatal(err)
	}
	for _, document := range [][]byte{plan.JSON(), spaced.Bytes()} {
		decoded, err := cohort.Decode(document, tables()...)
		if err != nil {
			t.Fatal(err)
		}
		if decoded.DocumentHash() != plan.DocumentHash() || decoded.Hash() != plan.Hash() || decoded.English() != plan.English() {
			t.Error("decoding changed the plan")
		}
	}
}

// eachPlan asks whether people died within a year of their first diagnosis.
func eachPlan(tb testing.TB) *cohort.Plan {
	tb.Helper()
	yearAfter := person.DateOfDeath.Between(index, cohort.Day(index).Plus(cohort.Years(1)))
	plan, err := asked(tb, cohort.Include("x", yearAfter).IfUnknown(cohort.TreatAsNo)).Bind(index.IsEach(firstHypertension(tb)))
	if err != nil {
		tb.Fatal(err)
	}
	return plan
}

// TestDecodeRefusesEach changes a document with a parameter that is each person's own.
func TestDecodeRefusesEach(t *testing.T) {
	t.Parallel()
	plan := eachPlan(t)
	refuses(t, string(plan.JSON()), []refusal{
		{"no name", `"is":"each"`, `"is":"each","xparam":1`, "unknown field"},
		{"empty name", `"param":"index"}`, `"param":""}`, "name of a parameter is empty"},
		{"no series", `"of":{"is":"earliest"`, `"from":{"is":"earliest"`, "a value is missing"},
		{"series of texts", `"of":{"is":"earliest","column":"DATE"`, `"of":{"is":"earliest","column":"LINKS"`, "each person's own text"},
		{"two series of one name", `"of":{"is":"earliest"`, `"of":{"is":"latest"`, "two different series are both called index"},
		{"a day of the same name", `"low":{"is":"each"`, `"low":{"is":"date","date":"2025-06-01","param":"index"},"high":{"is":"each"`, `parameter "index" is used as`},
		{"an open day", `"of":{"is":"earliest","column":"DATE"`, `"of":{"is":"date","param":"cutoff","date":""},"born":{"is":"earliest","column":"DATE"`, "not a calendar date"},
		{"policy left out", `,"ifUnknown":"no"`, ``, "each person's own index can be missing"},
	})
	nested := strings.Replace(string(plan.JSON()), `"of":{"is":"earliest"`, `"of":{"is":"each","param":"other","of":{"is":"column","table":"person","column":"date_of_birth"}},"born":{"is":"earliest"`, 1)
	if _, err := cohort.Decode([]byte(nested), tables()...); err == nil || !strings.Contains(err.Error(), `the series of "index" rests on a parameter that is each person's own itself`) {
		t.Errorf("nested: %v", err)
	}
}

func TestDecodeRefusesTour(t *testing.T) {
	t.Parallel()
	document := string(tour(t).JSON())
	refuses(t, document, []refusal{
		{"sum of texts", `"column":"DAYS"`, `"column":"KEY"`, "the sum or mean of text values"},
		{"smallest of texts", `{"is":"min",`, `{"is":"min","x":1,`, "unknown field"},
		{"largest of codes", `"column":"DISDATE"`, `"column":"DIAG"`, "the smallest or largest of codes values"},
		{"no gap", `"days":28`, `"days":0`, "the gap is not positive"},
		{"gap of two units", `"days":28`, `"months":1,"days":28`, "the gap is not positive"},
		{"endless gap", `"days":28`, `"days":9223372036854775807`, "longer than 200 years"},
		{"no rows to sum up", `{"is":"countDistinct","column":"DIAG","rows":{"table":"stays"}}`, `{"is":"countDistinct","column":"DIAG"}`, "rows are missing"},
		{"column of another table", `{"is":"countDistinct","column":"DIAG"`, `{"is":"countDistinct","column":"CODE"`, `no column "CODE"`},
		{"fields of a person summed up", `{"is":"countDistinct","column":"DIAG","rows":{"table":"stays"}`, `{"is":"countDistinct","column":"gender","rows":{"table":"person"}`, "one row per person"},
		{"day as a number", `"is":"daysBetween","from":{"is":"column","table":"stays","column":"ADMIDATE"}`, `"is":"daysBetween","from":{"is":"column","table":"stays","column":"DAYS"}`, "a length of time is counted from a number"},
		{"unit of time", `"is":"daysBetween"`, `"is":"weeksBetween"`, `no such value: "weeksBetween"`},
		{"no day to count to", `"is":"daysBetween","from"`, `"is":"daysBetween","born"`, "a value is missing"},
		{"kind of year", `"year":"academic"`, `"year":"lunar"`, "no such year"},
		{"year of a number", `"is":"endOf","of":{"is":"date","date":"2025-06-01","param":"index"}`, `"is":"endOf","of":{"is":"number","number":3}`, "a year is taken from a number"},
		{"period after a number", `"is":"after","of":{"is":"column","table":"person","column":"date_of_birth"}`, `"is":"after","of":{"is":"number","number":3}`, "a period is counted from a number"},
		{"no period", `"is":"after","of":{"is":"column","table":"person","column":"date_of_birth"},"days":28`, `"is":"after","of":{"is":"column","table":"person","column":"date_of_birth"}`, "the period is not positive"},
		{"case of nothing", `"cases":[{"when":{"op":"isUnknown"`, `"values":[],"cases":[],"xcases":[{"when":{"op":"isUnknown"`, "unknown field"},
		{"case without a condition", `"is":"case","cases":[{"when":{"op":"isUnknown","of":[{"op":"all"`, `"is":"case","cases":[{"when":{"op":"maybe","of":[{"op":"all"`, "a value is missing"},
		{"case of two kinds", `"then":{"is":"number","number":3}`, `"then":{"is":"text","text":"x"}`, "a choice between a text and a number"},
		{"empty text", `"then":{"is":"text","text":"none"}`, `"then":{"is":"text"}`, `the text "" is empty`},
		{"nothing chosen", `"then":{"is":"number","number":3}`, `"then":{"is":"coalesce"}`, "a choice between no values"},
		{"smallest of texts", `"is":"coalesce"`, `"is":"least"`, "the smallest or largest of text values"},
		{"choice of several codes", `"then":{"is":"number","number":3}`, `"then":{"is":"latest","column":"DIAG","rows":{"table":"stays"}}`, "choose between single values"},
		{"value left out", `"then":{"is":"number","number":3}`, `"then":null`, "a value is missing"},
		{"certain of two", `"op":"isYes","of":[`, `"op":"isYes","of":[{"op":"exists","rows":{"table":"stays"}},`, `"isYes" has 2 parts: want 1`},
		{"a member that nobody reads", `"then":{"is":"number","number":3}`, `"then":{"is":"number","number":3,"months":2}`, "something that the plan does not"},
		{"a policy without effect", `"op":"known","value":{"is":"column","table":"person","column":"primary_care_provider"}}`, `"op":"known","value":{"is":"column","table":"person","column":"primary_care_provider"}},"ifUnknown":"no"`, "something that the plan does not"},
		{"other sources", `"DIAG_03"`, `"DIAG_04"`, "catalogue differs"},
	})
}

// refusal is a change of a document and what Decode then says.
type refusal struct{ name, old, new, want string }

func refuses(t *testing.T, document string, tests []refusal) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			changed := strings.Replace(document, test.old, test.new, 1)
			if changed == document {
				t.Fatalf("the document has no %s", test.old)
			}
			_, err := cohort.Decode([]byte(changed), tables()...)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "cohort.Decode: ") {
				t.Errorf("got %v, want an error of Decode with %q", err, test.want)
			}
		})
	}
}
