package gpes_test

import (
	_ "embed"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/internal/cataloguetest"
)

//go:embed testdata/published.txt
var published string

// TestPublished leaves the order of columns out: stored definitions depend on it.
func TestPublished(t *testing.T) {
	t.Parallel()
	for _, fault := range cataloguetest.Published(gpes.Tables(), published) {
		if !strings.HasSuffix(fault, "comes too late") {
			t.Error(fault)
		}
	}
}

// TestColumns fills every column of one entry, and then with the values that mean "not known".
func TestColumns(t *testing.T) {
	t.Parallel()
	day := cohort.MustDate("2025-06-01")
	floor := cohort.MustDate("1900-01-01")
	columns := map[string]struct {
		known          cohort.RowPred[gpes.Entry]
		value, unknown cohort.Cell[cohort.RowPred[gpes.Entry]]
	}{
		"Date":                {gpes.Date.Known(), gpes.Date.Of(day), gpes.Date.Of(floor)},
		"RecordDate":          {gpes.RecordDate.Known(), gpes.RecordDate.Of(day), gpes.RecordDate.Of(floor)},
		"Code":                {gpes.Code.Known(), gpes.Code.Of("38341003"), gpes.Code.Of("")},
		"SensitiveCode":       {gpes.SensitiveCode.Known(), gpes.SensitiveCode.Of("1"), gpes.SensitiveCode.Of("")},
		"EpisodeCondition":    {gpes.EpisodeCondition.Known(), gpes.EpisodeCondition.Of("N"), gpes.EpisodeCondition.Of("")},
		"EpisodePrescription": {gpes.EpisodePrescription.Known(), gpes.EpisodePrescription.Of("A"), gpes.EpisodePrescription.Of("")},
		"Value1":              {gpes.Value1.Known(), gpes.Value1.Of(0), gpes.Links.Of("")},
		"Value2":              {gpes.Value2.Known(), gpes.Value2.Of(80.5), gpes.Links.Of("")},
		"Quantity":            {gpes.Quantity.Known(), gpes.Quantity.Of(28), gpes.Links.Of("")},
		"DailyDose":           {gpes.DailyDose.Known(), gpes.DailyDose.Of(2), gpes.Links.Of("")},
		"Links":               {gpes.Links.Known(), gpes.Links.Of("7"), gpes.Links.Of("")},
		"Practice":            {gpes.Practice.Known(), gpes.Practice.Of("A81001"), gpes.Practice.Of("")},
		"Supplier":            {gpes.Supplier.Known(), gpes.Supplier.Of("TPP"), gpes.Supplier.Of("")},
		"ExtractDate":         {gpes.ExtractDate.Known(), gpes.ExtractDate.Of(day), gpes.ExtractDate.Of(floor)},
		"Sex":                 {gpes.Sex.Known(), gpes.Sex.Of("2"), gpes.Sex.Of("0")},
		"Ethnicity":           {gpes.Ethnicity.Known(), gpes.Ethnicity.Of("A"), gpes.Ethnicity.Of("Z")},
		"LSOA":                {gpes.LSOA.Known(), gpes.LSOA.Of("E01000001"), gpes.LSOA.Of("Z99999999")},
		"JournalExtractDate":  {gpes.JournalExtractDate.Known(), gpes.JournalExtractDate.Of(day), gpes.JournalExtractDate.Of(floor)},
		"ProcessedDate":       {gpes.ProcessedDate.Known(), gpes.ProcessedDate.Of(day), gpes.ProcessedDate.Of(floor)},
		"DateOfBirth":         {gpes.DateOfBirth.Known(), gpes.DateOfBirth.Of(day), gpes.DateOfBirth.Of(floor)},
		"YearMonthOfBirth":    {gpes.YearMonthOfBirth.Known(), gpes.YearMonthOfBirth.Of("1960-01"), gpes.YearMonthOfBirth.Of("")},
		"YearOfBirth":         {gpes.YearOfBirth.Known(), gpes.YearOfBirth.Of(1960), gpes.Links.Of("")},
		"DateOfDeath":         {gpes.DateOfDeath.Known(), gpes.DateOfDeath.Of(day), gpes.DateOfDeath.Of(floor)},
		"YearOfDeath":         {gpes.YearOfDeath.Known(), gpes.YearOfDeath.Of(2024), gpes.Links.Of("")},
		"Unit":                {gpes.Unit.Known(), gpes.Unit.Of("mmol/mol"), gpes.Unit.Of("")},
		"UCUM":                {gpes.UCUM.Known(), gpes.UCUM.Of("mmol/mol"), gpes.UCUM.Of("")},
		"Comparator":          {gpes.Comparator.Known(), gpes.Comparator.Of("<"), gpes.Comparator.Of("")},
		"RangeLow":            {gpes.RangeLow.Known(), gpes.RangeLow.Of(20), gpes.Links.Of("")},
		"RangeHigh":           {gpes.RangeHigh.Known(), gpes.RangeHigh.Of(42), gpes.Links.Of("")},
		"Deleted":             {gpes.Deleted.Known(), gpes.Deleted.Of("false"), gpes.Deleted.Of("")},
	}
	if got := len(gpes.Table().Info().Columns); got != len(columns) {
		t.Errorf("%d columns are tested of %d", len(columns), got)
	}
	for name, column := range columns {
		definition, err := cohort.New("known", "1", cohort.Include("known", gpes.Journal.Where(column.known).Exists()))
		if err != nil {
			t.Fatal(err)
		}
		plan, err := definition.Bind()
		if err != nil {
			t.Fatal(err)
		}
		filled, emptied := cohort.NewRecord("9990000018"), cohort.NewRecord("9990000018")
		cohort.Append(filled, column.value)
		cohort.Append(emptied, column.unknown)
		if plan.Evaluate(filled).Outcome != cohort.Member || plan.Evaluate(emptied).Outcome != cohort.NotMember {
			t.Errorf("column %s does not tell known from unknown", name)
		}
	}
}

func TestNotDeleted(t *testing.T) {
	t.Parallel()
	definition, err := cohort.New("standing", "1", cohort.Include("standing", gpes.Journal.Where(gpes.NotDeleted()).Exists()))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := definition.Bind()
	if err != nil {
		t.Fatal(err)
	}
	for flag, want := range map[string]cohort.Outcome{"": cohort.Member, "false": cohort.Member, "true": cohort.NotMember} {
		record := cohort.NewRecord("9990000018")
		cohort.Append(record, gpes.Code.Of("38341003"), gpes.Deleted.Of(flag))
		if got := plan.Evaluate(record).Outcome; got != want {
			t.Errorf("flag %q: got %v, want %v", flag, got, want)
		}
	}
}
