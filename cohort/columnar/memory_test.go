package columnar_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/columnar"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/hes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// TestMemoryCleans: columns are read as the catalogue says.
func TestMemoryCleans(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		column columnar.Column // a missing value, and a known one
		known  cohort.Criterion
	}{
		"day beyond the calendar": {columnar.Days("date_of_birth", []int32{math.MinInt32, 0}), person.DateOfBirth.Known()},
		"declared day":            {columnar.Days("date_of_birth", []int32{-62091, 0}), person.DateOfBirth.Known()}, // 1800-01-01
		"empty text":              {columnar.Texts("primary_care_provider", []string{"", "A81001"}), person.Practice.Known()},
		"declared text":           {columnar.Texts("primary_care_provider", []string{"V81999", "A81001"}), person.Practice.Known()},
		"coded text":              {columnar.Coded("primary_care_provider", []string{"A81001"}, []uint32{1, 0}), person.Practice.Known()},
	} {
		memory := columnar.NewMemory([]string{"9990000018", "9990000026"})
		if err := memory.Table(person.Table(), nil, test.column); err != nil {
			t.Fatal(err)
		}
		definition, err := cohort.New("known", "1", cohort.Include("known", test.known))
		if err != nil {
			t.Fatal(err)
		}
		plan, err := definition.Bind()
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second is from what the first has cleaned
			for m, err := range columnar.Members(t.Context(), plan, memory) {
				if err != nil || m.Key.Reveal() != "9990000026" {
					t.Errorf("%s: the other person is a member, or %v", name, err)
				}
			}
		}
	}
}

func TestMemoryOfEvents(t *testing.T) {
	t.Parallel()
	memory := columnar.NewMemory([]string{"9990000018", "9990000026", "9990000034"})
	starts := []int32{0, 2, 2, 5}
	err := memory.Table(gpes.Table(), starts,
		columnar.Numbers("VALUE1_CONDITION", []float64{150, math.NaN(), math.Inf(1), 120, math.Copysign(0, -1)}), columnar.Missing("DATE"))
	if err != nil {
		t.Fatal(err)
	}
	// The members are those with a value that is at least 0 and has no day: the first and the last.
	definition, err := cohort.New("values", "1", cohort.Include("values",
		gpes.Journal.Where(gpes.Value1.AtLeast(0), cohort.IsUnknown(gpes.Date.Before(cohort.MustDate("2025-06-01")))).Exists()))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := definition.Bind()
	if err != nil {
		t.Fatal(err)
	}
	result, err := columnar.Run(t.Context(), plan, memory)
	if err != nil || result.Members() != 2 {
		t.Errorf("%v, want 2 members", err)
	}
}

func TestMemoryRefuses(t *testing.T) {
	t.Parallel()
	two := []string{"9990000018", "9990000026"}
	values := columnar.Numbers("VALUE1_CONDITION", []float64{1, 2})
	for name, test := range map[string]struct {
		table   *cohort.Table
		starts  []int32
		columns columnar.Column
		says    string
	}{
		"starts too short":  {gpes.Table(), []int32{0, 2}, values, "one more than the 2 people"},
		"starts that fall":  {gpes.Table(), []int32{0, 2, 1}, values, "never fall"},
		"starts at 1":       {gpes.Table(), []int32{1, 1, 2}, values, "begin with 0"},
		"two rows a person": {person.Table(), []int32{0, 0, 2}, columnar.Missing("gender"), "row 2"},
		"no such column":    {gpes.Table(), []int32{0, 1, 2}, columnar.Texts("MADE_UP", []string{"", ""}), "no such column"},
		"too few rows":      {gpes.Table(), []int32{0, 1, 3}, values, "2 rows; the table has 3"},
		"another kind":      {gpes.Table(), []int32{0, 1, 2}, columnar.Texts("DATE", []string{"", ""}), "of kind date"},
		"a day as a text":   {gpes.Table(), []int32{0, 1, 2}, columnar.Days("CODE", []int32{1, 2}), "of kind code"},
		"codes as a whole":  {hes.APC.Table, []int32{0, 1, 2}, columnar.Texts("DIAG_4", []string{"", ""}), "no such column"},
		"no such value":     {gpes.Table(), []int32{0, 1, 2}, columnar.Coded("CODE", []string{"1"}, []uint32{0, 2}), "row 2: position 2 of 1"},
	} {
		err := columnar.NewMemory(two).Table(test.table, test.starts, test.columns)
		if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "999") {
			t.Errorf("%s: %v; want %q", name, err, test.says)
		}
	}
}

func TestMemoryIndexRefuses(t *testing.T) {
	t.Parallel()
	memory := columnar.NewMemory([]string{"9990000018"})
	err := memory.Table(gpes.Table(), []int32{0, 1}, columnar.Days("DATE", []int32{0}), columnar.Coded("CODE", []string{"1", "1"}, []uint32{0}))
	if err != nil {
		t.Fatal(err)
	}
	for column, says := range map[string]string{"DATE": "no column of codes", "VALUE1_CONDITION": "no column of codes", "CODE": "must all be different"} {
		if err := memory.Index(gpes.Table(), column); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v; want %q", column, err, says)
		}
	}
	if err := memory.Index(person.Table(), "gender"); err == nil {
		t.Error("a table that is not there is indexed")
	}
}

func TestCollectRefuses(t *testing.T) {
	t.Parallel()
	fault := errors.New("reading failed")
	if _, err := columnar.Collect(nil); err == nil {
		t.Error("nil is collected")
	}
	for _, given := range []error{fault, nil} {
		_, err := columnar.Collect(func(yield func(*cohort.Record, error) bool) {
			_ = yield(cohort.NewRecord("9990000018"), nil) && yield(nil, given)
		})
		if err == nil || !strings.Contains(err.Error(), "person 2") || given != nil && !errors.Is(err, given) {
			t.Errorf("after a failure: %v", err)
		}
	}
}
