package columnar

import (
	"math"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/internal/drawing"
	"github.com/personalised-prevention/nhs/internal/flatfile"
)

func snomedList(t fataler, codes ...string) *codelist.List {
	t.Helper()
	list, err := codelist.New(codelist.Info{ID: codes[0], Version: "1", System: codelist.SNOMEDCT, Source: "made up"}, codes...)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Codes that are stored as whole numbers, in a dictionary, are those that they are as texts, whatever is asked of them.
func TestCodesAsWholeNumbers(t *testing.T) {
	t.Parallel()
	pool := []any{"195967001", "75367002", "38341003", "271649006", nil}
	rapid.Check(t, func(t *rapid.T) {
		asthma, other := gpes.Code.In(snomedList(t, "195967001", "75367002")), gpes.Code.In(snomedList(t, "38341003"))
		definition, err := cohort.New("whole", "1",
			cohort.Include("some", gpes.Journal.Where(asthma).Count().AtLeast(2)),
			cohort.Exclude("other", gpes.Journal.Where(other).Exists()),
			cohort.Include("latest", cohort.Latest(gpes.Journal, gpes.Code).In(snomedList(t, "75367002"))).IfUnknown(cohort.Refer),
			cohort.Include("different", cohort.CountDistinct(gpes.Journal, gpes.Code).AtLeast(2)),
			cohort.Include("known", gpes.Journal.Where(gpes.Code.Known()).Count().AtLeast(3)))
		if err != nil {
			t.Fatal(err)
		}
		bound, err := definition.Bind()
		if err != nil {
			t.Fatal(err)
		}
		people := drawing.People(t, rapid.IntRange(1, 20).Draw(t, "people"), drawing.Dirt{Many: 30}, bound)
		for _, p := range people {
			for _, row := range p.Rows {
				row.Cells["CODE"] = rapid.SampledFrom(pool).Draw(t, "code")
			}
		}
		people = slices.DeleteFunc(people, func(p drawing.Person) bool { return !inPopulation(bound.Tree(), p) })
		dir := folder(t)
		defer os.RemoveAll(dir)
		for _, s := range storedTables(t, bound.Tree(), people, false) {
			s.whole = map[string]bool{"CODE": true}
			s.layout = flatfile.Layout{PageRows: rapid.SampledFrom([]int{7, 1000}).Draw(t, "rows of a page")}
			s.write(t, dir)
		}
		s, err := Open(dir, func(s *Store) error { s.blockPeople = 4; return nil })
		if err != nil {
			t.Fatal(err)
		}
		checkAnswers(t, bound, s, people)
	})
}

// A matcher finds whole numbers as it finds their texts, and no other texts of the same number.
func TestMatcherOfWholeNumbers(t *testing.T) {
	t.Parallel()
	icd, err := codelist.New(codelist.Info{ID: "icd", Version: "1", System: codelist.ICD10, Source: "made up"}, "I20-I25")
	if err != nil {
		t.Fatal(err)
	}
	numbers := []int64{195967001, 0, -195967001, math.MinInt64, math.MaxInt64, 38341003}
	for _, lists := range [][]*codelist.List{
		{snomedList(t, "195967001"), snomedList(t, "38341003", "195967001")},
		{snomedList(t, "195967001"), icd}, // which has ranges
	} {
		m := newMatcher(lists)
		d := &dictionary{size: len(numbers) + 1, integers: numbers}
		for id := range d.size {
			got := m.maskOf(d, id)
			if want := m.mask((&dictionary{size: d.size, integers: numbers}).spelled()[id]); got != want {
				t.Errorf("%d lists: value %d is in %b, want %b", len(lists), id, got, want)
			}
		}
	}
	if n, ok := wholeNumber("007"); ok {
		t.Errorf("007 is the text of %d", n)
	}
}
