package cataloguetest_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/hes"
	"github.com/personalised-prevention/nhs/cohort/internal/cataloguetest"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/cohort/rtds"
	"github.com/personalised-prevention/nhs/cohort/sact"
)

// all returns the tables of every catalogue package.
func all() []*cohort.Table {
	return slices.Concat(person.Tables(), gpes.Tables(), hes.Tables(), sact.Tables(), rtds.Tables())
}

func TestCatalogues(t *testing.T) {
	t.Parallel()
	taken := map[string]string{}
	for _, table := range all() {
		info := table.Info()
		for _, name := range []string{"name " + info.Name, "row " + info.Row} {
			if other, ok := taken[name]; ok {
				t.Errorf("%s: %s is that of %s as well", info.Name, name, other)
			}
			taken[name] = info.Name
		}
		for what, text := range map[string]string{
			"Doc": info.Doc, "Absence": info.Absence, "Refresh": info.Refresh, "Source": info.Source,
		} {
			sentence(t, info.Name+" "+what, text)
		}
		if strings.ContainsAny(info.Row[:1], "aeiouAEIO") {
			t.Errorf("%s: sentences say: there is a %s", info.Name, info.Row)
		}
		if len(info.PersonKeys) == 0 {
			t.Errorf("%s names no person key", info.Name)
		}
		if info.Name != "person" && len(info.Order) < 2 {
			t.Errorf("%s has no tie columns", info.Name)
		}
		for _, column := range info.Columns {
			describes(t, info.Name, column)
		}
	}
}

func describes(t *testing.T, table string, column cohort.ColumnInfo) {
	t.Helper()
	name := table + " " + column.Name
	sentence(t, name, column.Doc)
	if column.Phrase == "" && name != "person gender" && name != "person postcode" {
		t.Errorf("%s has no phrase", name)
	}
	// GP journals hold dirt that no dictionary lists.
	if len(column.Values) > 0 && name != "gpes.journal ETHNIC" {
		for _, unknown := range column.Unknowns {
			if column.Values[unknown] == "" {
				t.Errorf("%s: no meaning for the unknown value %q", name, unknown)
			}
		}
	}
	for value, meaning := range column.Values {
		if value == "" || strings.HasSuffix(meaning, ".") {
			t.Errorf("%s: value %q %q", name, value, meaning)
		}
		// Whoever reads the meaning must not be surprised by what is read as missing.
		if strings.HasPrefix(meaning, "not known") && !slices.Contains(column.Unknowns, value) {
			t.Errorf("%s: %q means %q and is not read as unknown", name, value, meaning)
		}
	}
}

// sentence checks that a description is one and ends as one.
func sentence(t *testing.T, what, text string) {
	t.Helper()
	if !strings.HasSuffix(text, ".") || strings.Contains(text, "  ") || strings.Contains(text, "\n") {
		t.Errorf("%s: %q is not described in a sentence", what, text)
	}
}

func TestSentinels(t *testing.T) {
	t.Parallel()
	for _, table := range all() {
		faults, err := cataloguetest.Sentinels(table)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range faults {
			t.Error(fault)
		}
	}
}

// TestTablesDoNotMix makes sure that the compiler keeps the columns of any two tables apart.
func TestTablesDoNotMix(t *testing.T) {
	t.Parallel()
	taken := map[reflect.Type]int{}
	rows := []any{
		person.Registrations.Rows, person.Deaths.Rows, gpes.Journal, hes.APC.Rows, hes.OP.Rows, hes.AE.Rows, hes.ECDS.Rows,
		hes.CC.Rows, sact.Administrations.Rows, sact.Regimens.Rows, sact.Cycles.Rows, sact.Drugs.Rows, sact.Outcomes.Rows,
		rtds.Attendances.Rows, rtds.Prescriptions.Rows, rtds.Exposures.Rows,
	}
	for i, r := range rows {
		if other, ok := taken[reflect.TypeOf(r)]; ok {
			t.Errorf("rows %d and %d have one type", i, other)
		}
		taken[reflect.TypeOf(r)] = i
	}
	if want := len(all()) - 1; len(rows) != want { // the person table has no rows
		t.Errorf("%d tables are tested of %d", len(rows), want)
	}
}

// TestDecode stores a definition over every catalogue and reads it back.
func TestDecode(t *testing.T) {
	t.Parallel()
	asked := []cohort.Criterion{
		person.Practice.Known(),
		person.Registrations.Where(person.Registrations.On(cohort.Index)).Exists(),
		person.Deaths.Where(person.Deaths.UnderlyingCause.Known()).Exists(),
		gpes.Journal.Where(gpes.NotDeleted()).Exists(),
		hes.APC.Where(hes.APC.Emergency(), hes.APC.Finished()).Exists(),
		hes.APC.Where(hes.APC.Elective()).Exists(),
		hes.OP.Where(hes.OP.Seen()).Exists(),
		hes.AE.Where(hes.AE.Diagnosis.Known()).Exists(),
		hes.ECDS.Where(hes.ECDS.Diagnosis.Known()).Exists(),
		hes.CC.Where(hes.CC.Once()).Exists(),
		sact.Administrations.Where(sact.Administrations.DrugCode.Known()).Exists(),
		sact.Regimens.Where(sact.Regimens.Chemotherapy()).Exists(),
		sact.Cycles.Exists(), sact.Drugs.Exists(), sact.Outcomes.Exists(),
		rtds.Attendances.Where(rtds.Attendances.Radical(), rtds.Attendances.InEngland()).Exists(),
		rtds.Prescriptions.Where(cohort.Any(rtds.Prescriptions.Teletherapy(), rtds.Prescriptions.Brachytherapy())).Exists(),
		rtds.Exposures.Exists(),
	}
	steps := make([]cohort.Step, len(asked))
	for i, criterion := range asked {
		steps[i] = cohort.Include(fmt.Sprintf("question %d", i+1), criterion)
	}
	definition, err := cohort.New("every-catalogue", "1", steps...)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-06-01")))
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := cohort.Decode(plan.JSON(), all()...)
	if err != nil {
		t.Fatal(err)
	}
	if decoded.Hash() != plan.Hash() || decoded.English() != plan.English() {
		t.Error("the stored definition reads differently")
	}
	if got, want := len(plan.Uses().Tables), len(all()); got != want {
		t.Errorf("the definition reads %d tables of %d", got, want)
	}
}

// TestPublishedFinds makes sure that the comparison with a dictionary can fail.
func TestPublishedFinds(t *testing.T) {
	t.Parallel()
	dictionary := "# comment\nrtds.exposures\tPRESCRIPTIONID\tDate\nrtds.exposures\tAPPTDATE\tDate\nrtds.exposures\tRADIOISOTOPE\tString\n"
	faults := strings.Join(cataloguetest.Published([]*cohort.Table{rtds.Exposures.Table}, dictionary), "\n")
	for _, want := range []string{
		"PRESCRIPTIONID is published as Date, not a text", "MACHINEID is not published", "APPTDATE comes too late",
	} {
		if !strings.Contains(faults, want) {
			t.Errorf("no fault %q in:\n%s", want, faults)
		}
	}
}
