package cohort_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/cohort"
)

// described is a table of stays with everything said about it that can be said.
func described() cohort.TableInfo {
	return cohort.TableInfo{
		Name: "stays", Row: "stay", Order: []string{"START", "DAYS"}, PersonKeys: []string{"NHS_NUMBER", "PERSON_ID"},
		From: cohort.MustDate("1997-04-01"), Until: cohort.MustDate("2020-03-31"), Lag: cohort.Months(3),
		Doc: "Stays.", Absence: "No stay.", Refresh: "Monthly.", Source: "This test.",
		Columns: []cohort.ColumnInfo{
			{
				Name: "START", Kind: cohort.DateKind, Unknowns: []string{"1800-01-01"},
				Values: map[string]string{"1800-01-01": "null"}, Filled: 99.9, Doc: "First day.",
			},
			{
				Name: "DAYS", Kind: cohort.NumberKind, Low: 0, High: 998, Unknowns: []string{"999"},
				From: cohort.MustDate("2002-04-01"), Doc: "Length.",
			},
		},
	}
}

// TestDescriptionsDoNotCount compares the plans of a table with and without what is said about it.
func TestDescriptionsDoNotCount(t *testing.T) {
	t.Parallel()
	type stay struct{}
	plan := func(info cohort.TableInfo) *cohort.Plan {
		schema := cohort.EventTable[stay](info)
		return planOf(t, cohort.Latest(cohort.RowsOf(schema), schema.Number("DAYS")).AtLeast(7))
	}
	bare := cohort.TableInfo{Name: "stays", Row: "stay", Order: []string{"START", "DAYS"}, Columns: []cohort.ColumnInfo{
		{Name: "START", Kind: cohort.DateKind, Unknowns: []string{"1800-01-01"}},
		{Name: "DAYS", Kind: cohort.NumberKind, Unknowns: []string{"999"}},
	}}
	full, plain := plan(described()), plan(bare)
	if diff := cmp.Diff(string(plain.JSON()), string(full.JSON())); diff != "" {
		t.Errorf("descriptions changed the document:\n%s", diff)
	}
	if full.Hash() != plain.Hash() {
		t.Error("descriptions changed the meaning")
	}
}

func TestDescriptionIsACopy(t *testing.T) {
	t.Parallel()
	table := cohort.EventTable[struct{}](described()).Table()
	info := table.Info()
	info.PersonKeys[0], info.Columns[0].Values["1800-01-01"] = "x", "x"
	if again := table.Info(); again.PersonKeys[0] == "x" || again.Columns[0].Values["1800-01-01"] == "x" {
		t.Error("the description of a table can be changed")
	}
}

func TestDescriptionsRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spoil func(info *cohort.TableInfo)
		want  string
	}{
		"a value without a meaning": {func(info *cohort.TableInfo) { info.Columns[0].Values[""] = "" }, "no meaning"},
		"bounds upside down":        {func(info *cohort.TableInfo) { info.Columns[1].Low = 999 }, "upside down"},
		"bounds of a date":          {func(info *cohort.TableInfo) { info.Columns[0].High = 9 }, "holds no numbers"},
		"more than all":             {func(info *cohort.TableInfo) { info.Columns[0].Filled = 100.1 }, "percentage filled"},
		"less than none":            {func(info *cohort.TableInfo) { info.Columns[0].Filled = -1 }, "percentage filled"},
		"complete before it begins": {func(info *cohort.TableInfo) { info.Complete = cohort.MustDate("1997-04-01") }, "Complete"},
		"ends before it begins":     {func(info *cohort.TableInfo) { info.Until = cohort.MustDate("1997-03-31") }, "Until"},
		"key without a name":        {func(info *cohort.TableInfo) { info.PersonKeys[0] = "" }, "PersonKeys"},
		"key named twice":           {func(info *cohort.TableInfo) { info.PersonKeys[0] = "PERSON_ID" }, "PersonKeys"},
		"key that is a column":      {func(info *cohort.TableInfo) { info.PersonKeys[0] = "DAYS" }, "PersonKeys"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if fault := recover(); fault == nil || !strings.Contains(fmt.Sprint(fault), test.want) {
					t.Errorf("got %v, want a panic with %q", fault, test.want)
				}
			}()
			info := described()
			test.spoil(&info)
			cohort.EventTable[struct{}](info)
		})
	}
}
