package cohort_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// sample uses the parts of the language that most definitions use.
func sample(tb testing.TB) *cohort.Plan {
	tb.Helper()
	pressure := gpes.Journal.Where(gpes.Code.In(list(tb, "pressure", pressureCode)), gpes.Date.Within(cohort.Years(1), index))
	return bind(tb,
		cohort.Include("practice", person.Practice.In("A81001", "A81002")).IfUnknown(cohort.TreatAsNo),
		cohort.Include("age 40 to 74", person.AgeOn(index).Between(40, 74)).IfUnknown(cohort.Refer),
		cohort.Include("high pressure", cohort.Define("high-systolic", "1.0.0", cohort.Latest(pressure, gpes.Value1).AtLeast(140))).IfUnknown(cohort.TreatAsNo),
		cohort.Exclude("two diagnoses", gpes.Journal.Where(gpes.Code.In(list(tb, "hypertension", hypertensionCode))).Count().AtLeast(2)),
	)
}

// TestGolden pins the text and the document: both are compared by people and by hash across versions.
func TestGolden(t *testing.T) {
	t.Parallel()
	plan := sample(t)
	for name, got := range map[string]string{"sample.txt": plan.English(), "sample.json": string(plan.JSON()) + "\n"} {
		want, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	document := string(sample(t).JSON())
	tests := []struct {
		name, old, new string
		want           string
	}{
		{"not JSON", `{"schema"`, `{schema`, "invalid character"},
		{"more after it", `"tables":`, `"tables":[]}{"x":`, "something follows"},
		{"another schema", `"schema":1`, `"schema":2`, "schema 2 is not supported"},
		{"a field nobody knows", `"schema":1`, `"schema":1,"extra":1`, "unknown field"},
		{"kind of step", `"kind":"exclude"`, `"kind":"omit"`, `no such kind of step: "omit"`},
		{"policy", `"ifUnknown":"refer"`, `"ifUnknown":"ask"`, `no such policy for unknown: "ask"`},
		{"policy left out", `,"ifUnknown":"refer"`, ``, "can be unknown"},
		{"question", `"op":"between"`, `"op":"beyond"`, `no such question: "beyond"`},
		{"value", `"is":"age"`, `"is":"height"`, `no such value: "height"`},
		{"missing value", `"op":"inTexts","value":{"is":"column","table":"person","column":"primary_care_provider"}`, `"op":"inTexts"`, "a value is missing"},
		{"missing rows", `"op":"inTexts"`, `"op":"exists"`, "rows are missing"},
		{"column", `"column":"VALUE1_CONDITION"`, `"column":"VALUE9"`, `no column "VALUE9"`},
		{"table", `"rows":{"table":"gpes.journal"`, `"rows":{"table":"gpes.other"`, `table "gpes.other" is not among`},
		{"unknown on the right", `{"op":"inTexts","value":{"is":"column","table":"person","column":"primary_care_provider"},"texts":["A81001","A81002"]},"ifUnknown":"no"`, `{"op":"<","value":{"is":"date","date":"2025-06-01"},"to":{"is":"column","table":"person","column":"date_of_birth"}}`, "can be unknown"},
		{"column outside its rows", `"table":"person","column":"primary_care_provider"}`, `"table":"gpes.journal","column":"EPISODE_CONDITION"}`, "used outside rows"},
		{"kinds compared", `"low":{"is":"number","number":40}`, `"low":{"is":"date","date":"2025-01-01"}`, "a number is compared with a date"},
		{"texts compared with a day", `"column":"primary_care_provider"`, `"column":"date_of_birth"`, "texts are compared with a date"},
		{"partial day", `"date":"2025-06-01"`, `"date":"2025-06"`, "not a calendar date"},
		{"open parameter", `"date":"2025-06-01",`, ``, "not a calendar date"},
		{"texts not sorted", `["A81001","A81002"]`, `["A81002","A81001"]`, "not sorted"},
		{"texts twice", `["A81001","A81002"]`, `["A81001","A81001"]`, "not sorted and distinct"},
		{"set without texts", `,"texts":["A81001","A81002"]`, ``, "set of texts is empty"},
		{"open set", `"texts":["A81001","A81002"]`, `"param":"practices"`, `parameter "practices" has no value`},
		{"number left out", `{"is":"number","number":40}`, `{"is":"number"}`, "a number without its value"},
		{"code list not given", `"list":"pressure 1"`, `"list":"pressure 2"`, `code list "pressure 2" is not in the document`},
		{"code exchanged", `"codes":["75367002"]`, `"codes":["38341003"]`, "do not have the hash"},
		{"code damaged", `"codes":["75367002"]`, `"codes":["75367003"]`, "check digit"},
		{"tie order", `"order":["DATE","RECORD_DATE"`, `"order":["RECORD_DATE","DATE"`, "catalogue differs"},
		{"unknown values", `"9999-01-01"`, `"9999-12-31"`, "catalogue differs"},
		{"two parts of a name", `"op":"named","id":"high-systolic","version":"1.0.0","of":[{`, `"op":"named","id":"high-systolic","version":"1.0.0","of":[{"op":"known","value":{"is":"column","table":"person","column":"icb"}},{`, "2 parts: want 1"},
		{"name left out", `"id":"high-systolic"`, `"id":""`, "id of a defined criterion"},
		{"no name", `"id":"test"`, `"id":""`, "the id is empty"},
		{"endless window", `"months":12`, `"months":9223372036854775807`, "longer than 200 years"},
		{"window of both", `"months":12`, `"months":12,"days":-9223372036854775808`, "period is not positive"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			changed := strings.Replace(document, test.old, test.new, 1)
			if changed == document {
				t.Fatalf("the document has no %s", test.old)
			}
			_, err := cohort.Decode([]byte(changed), person.Table(), gpes.Table())
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "cohort.Decode: ") {
				t.Errorf("got %v, want an error of Decode with %q", err, test.want)
			}
		})
	}
	if _, err := cohort.Decode([]byte(document), person.Table()); err == nil {
		t.Error("a table that was not given is read")
	}
}

// TestDecodeUnusedList adds a list that no step reads.
func TestDecodeUnusedList(t *testing.T) {
	t.Parallel()
	plan := bind(t, registered())
	extra := bind(t, cohort.Include("x", gpes.Journal.Where(gpes.Code.In(list(t, "l", asthmaCode))).Exists()))
	_, lists, _ := strings.Cut(string(extra.JSON()), `"codeLists":`)
	lists, _, _ = strings.Cut(lists, `,"tables"`)
	document := strings.Replace(string(plan.JSON()), `"tables":`, `"codeLists":`+lists+`,"tables":`, 1)
	if _, err := cohort.Decode([]byte(document), person.Table()); err == nil || !strings.Contains(err.Error(), "1 code lists are given and 0 are used") {
		t.Errorf("got %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(sample(f).JSON())
	f.Add(tour(f).JSON())
	f.Add(eachPlan(f).JSON())
	f.Add(bind(f, registered()).JSON())
	f.Add([]byte(`{"schema":1}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		plan, err := cohort.Decode(document, tables()...)
		if err != nil {
			return
		}
		// Whatever is accepted can be read by every reader, and comes back the same.
		plan.English()
		plan.Uses()
		someone := journal(entry{date: "2025-01-01", code: pressureCode, value: 150})
		stayOf(someone, "2025-01-01", "2025-01-03", diagnoses.Of(strokeCode), stayDays.Of(2))
		if _, err := plan.Explain(t.Context(), someone); err != nil {
			t.Fatal(err)
		}
		again, err := cohort.Decode(plan.JSON(), tables()...)
		if err != nil {
			t.Fatalf("the encoding is refused: %v\n%s", err, plan.JSON())
		}
		if string(again.JSON()) != string(plan.JSON()) || again.Hash() != plan.Hash() {
			t.Fatalf("the encoding is not stable:\n%s", plan.JSON())
		}
	})
}
