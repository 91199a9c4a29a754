package gpes_test

import (
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
)

func TestTable(t *testing.T) {
	t.Parallel()
	info := gpes.Table().Info()
	if info.Doc == "" || info.Absence == "" || info.Refresh == "" || info.Order[0] != "DATE" {
		t.Errorf("the table is not described: %+v", info)
	}
	for _, column := range info.Columns {
		if column.Doc == "" {
			t.Errorf("column %s is not described", column.Name)
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
