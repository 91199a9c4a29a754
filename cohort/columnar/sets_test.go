package columnar_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/columnar"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/hes"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// TestManySets: more sets of rows than a mask has bits, and more different masks than there are classes.
func TestManySets(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	var codes []string
	for i := range 700 {
		codes = append(codes, snomed(i))
	}
	steps := []cohort.Step{cohort.Include("known", person.Practice.Known())}
	for i := range 70 {
		var some []string
		for _, code := range codes {
			if r.IntN(8) == 0 {
				some = append(some, code)
			}
		}
		list := codelist.Must(codelist.New(codelist.Info{ID: strconv.Itoa(i), Version: "1", System: codelist.SNOMEDCT, Source: "made up"}, some...))
		steps = append(steps, cohort.Exclude(strconv.Itoa(i), gpes.Journal.Where(gpes.Code.In(list)).Count().AtLeast(2)))
	}
	icd := codelist.Must(codelist.New(codelist.Info{ID: "icd", Version: "1", System: codelist.ICD10, Source: "made up"}, "I20-I25", "C*", "J450"))
	steps = append(steps, cohort.Exclude("patterns", hes.APC.Rows.Where(hes.APC.Diagnosis.AnyIn(icd)).Exists()))
	sameAsReference(t, steps, func(i int) *cohort.Record {
		record := cohort.NewRecord(strconv.Itoa(i), person.Practice.Of("A81001"))
		for range r.IntN(4) {
			cohort.Append(record, gpes.Code.Of(codes[r.IntN(len(codes))]))
		}
		if i%2 == 0 {
			pool := []string{"I19X", "I200", "I259", "I26", "C", "C509", "D", "J450", "J451", ""}
			cohort.Append(record, hes.APC.Diagnosis.Of(pool[r.IntN(len(pool))], pool[r.IntN(len(pool))]))
		}
		return record
	})
}

func sameAsReference(t *testing.T, steps []cohort.Step, someone func(i int) *cohort.Record) {
	t.Helper()
	definition, err := cohort.New("drawn", "1", steps...)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := definition.Bind()
	if err != nil {
		t.Fatal(err)
	}
	var records []*cohort.Record
	for i := range 300 {
		records = append(records, someone(i))
	}
	memory, err := columnar.Collect(each(records))
	if err != nil {
		t.Fatal(err)
	}
	indexed, err := columnar.Collect(each(records))
	if err != nil {
		t.Fatal(err)
	}
	if err := indexed.Index(gpes.Table(), "CODE"); err != nil {
		t.Fatal(err)
	}
	for _, from := range []columnar.Source{memory, indexed, columnar.Scattered{Memory: memory, Seed: 3}} {
		i := 0
		for m, err := range columnar.Everyone(t.Context(), plan, from) {
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(plan.Evaluate(records[i]).Steps, m.Steps); diff != "" {
				t.Fatalf("%T: person %d (-want +got):\n%s", from, i, diff)
			}
			i++
		}
	}
}

// TestQuestionOfThePersonInARow: the language has no such predicate, and the tree has.
func TestQuestionOfThePersonInARow(t *testing.T) {
	t.Parallel()
	memory := columnar.NewMemory([]string{"1", "2", "3"})
	if err := memory.Table(person.Table(), nil, columnar.Texts("gender", []string{"1", "2", ""})); err != nil {
		t.Fatal(err)
	}
	if err := memory.Table(gpes.Table(), []int32{0, 1, 2, 4}, columnar.Numbers("VALUE1_CONDITION", []float64{1, 1, 1, 2})); err != nil {
		t.Fatal(err)
	}
	people := &tree.Table{Name: "person", PerPerson: true, Columns: []tree.Column{{Name: "gender", Kind: tree.Text, Sources: []string{"gender"}}}}
	journal := &tree.Table{Name: "gpes.journal", Columns: []tree.Column{{Name: "VALUE1_CONDITION", Kind: tree.Number, Sources: []string{"VALUE1_CONDITION"}}}}
	twos := &tree.Rows{Table: journal, Where: []tree.Node{tree.Compare{Left: tree.Cell{Table: journal}, Op: tree.Equal, Right: tree.Constant{Of: tree.Number, Number: 2}}}}
	female := tree.InTexts{Value: tree.Field{Table: people}, Texts: []string{"2"}}
	ones := &tree.Rows{Table: journal, Index: 1, Where: []tree.Node{tree.Any{Of: []tree.Node{
		female, tree.All{Of: []tree.Node{tree.Exists{Rows: twos}, tree.Known{Value: tree.Cell{Table: journal}}}},
	}}}}
	got, err := columnar.FirstStep(&tree.Plan{
		Tables: []*tree.Table{journal, people}, Rows: []*tree.Rows{twos, ones},
		Steps: []tree.Step{{Criterion: tree.Exists{Rows: ones}}},
	}, memory)
	if err != nil || !slices.Equal(got, []bool{false, true, true}) {
		t.Errorf("%v, %v", got, err)
	}
}
