package catalogue_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/internal/catalogue"
)

type stay struct{}

type stays struct {
	cohort.Rows[stay]
	Table *cohort.Table

	Start     cohort.DateColumn[stay]
	Days      cohort.NumberColumn[stay]
	Ward      cohort.TextColumn[stay]
	Main      cohort.CodeColumn[stay]
	Diagnosis cohort.CodesColumn[stay]
}

func entry(order ...string) (t stays) {
	t.Rows, t.Table = catalogue.Table(cohort.TableInfo{Name: "stays", Row: "stay", Order: order},
		catalogue.Date(&t.Start, cohort.ColumnInfo{Name: "START"}),
		catalogue.Number(&t.Days, cohort.ColumnInfo{Name: "DAYS"}),
		catalogue.Text(&t.Ward, cohort.ColumnInfo{Name: "WARD"}),
		catalogue.Code(&t.Main, cohort.ColumnInfo{Name: "DIAG_01", System: codelist.ICD10}),
		catalogue.Codes(&t.Diagnosis, cohort.ColumnInfo{
			Name: "DIAG", System: codelist.ICD10, Sources: catalogue.Numbered("DIAG_%02d", 3),
		}),
	)
	return t
}

func TestTable(t *testing.T) {
	t.Parallel()
	table := entry("START", "DAYS")
	var names []string
	for _, column := range table.Table.Info().Columns {
		names = append(names, fmt.Sprint(column.Name, " ", column.Kind, column.Sources))
	}
	want := []string{"START date []", "DAYS number []", "WARD text []", "DIAG_01 code []", "DIAG codes [DIAG_01 DIAG_02 DIAG_03]"}
	if !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
	definition, err := cohort.New("stays", "1", cohort.Include("full", table.Where(
		table.Start.Known(), table.Days.AtLeast(2), table.Ward.Is("3"), table.Main.Known(), table.Diagnosis.Known(),
	).Exists()))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := definition.Bind()
	if err != nil {
		t.Fatal(err)
	}
	record := cohort.NewRecord("9990000018")
	cohort.Append(record, table.Start.Of(cohort.MustDate("2025-06-01")), table.Days.Of(2), table.Ward.Of("3"), table.Main.Of("I10X"), table.Diagnosis.Of("I10X"))
	if got := plan.Evaluate(record).Outcome; got != cohort.Member {
		t.Errorf("got %v", got)
	}
}

func TestTableRefuses(t *testing.T) {
	t.Parallel()
	defer func() {
		if fault := recover(); fault == nil || !strings.Contains(fmt.Sprint(fault), `table "stays"`) {
			t.Errorf("got %v, want a panic about the table", fault)
		}
	}()
	entry("DAYS")
}
