package hes_test

import (
	_ "embed"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/hes"
	"github.com/personalised-prevention/nhs/cohort/internal/cataloguetest"
	"github.com/personalised-prevention/nhs/cohort/person"
)

var (
	//go:embed testdata/columns.txt
	columns string
	//go:embed testdata/published.txt
	published string
)

func TestColumns(t *testing.T) {
	t.Parallel()
	got, err := cataloguetest.Columns(
		cataloguetest.Variable{Name: "APC", Value: hes.APC},
		cataloguetest.Variable{Name: "OP", Value: hes.OP},
		cataloguetest.Variable{Name: "AE", Value: hes.AE},
		cataloguetest.Variable{Name: "ECDS", Value: hes.ECDS},
		cataloguetest.Variable{Name: "CC", Value: hes.CC},
	)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(columns, got); diff != "" {
		t.Errorf("testdata/columns.txt differs:\n%s", diff)
	}
}

func TestPublished(t *testing.T) {
	t.Parallel()
	for _, fault := range cataloguetest.Published(hes.Tables(), published) {
		t.Error(fault)
	}
}

func list(t *testing.T, system codelist.System, codes ...string) *codelist.List {
	t.Helper()
	l, err := codelist.New(codelist.Info{ID: codes[0], Version: "1", System: system, Source: "written for this test"}, codes...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// ask answers a criterion for one person on 2025-06-01.
func ask(t *testing.T, criterion cohort.Criterion, record *cohort.Record) cohort.Verdict {
	t.Helper()
	definition, err := cohort.New("asked", "1",
		cohort.Include("registered", person.Practice.Known()),
		cohort.Include("asked", criterion).IfUnknown(cohort.Refer))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-06-01")))
	if err != nil {
		if plan, err = definition.Bind(); err != nil { // not every question has an index date
			t.Fatal(err)
		}
	}
	return plan.Evaluate(record).Steps[1].Verdict
}

func day(text string) cohort.Date { return cohort.MustDate(text) }

// stay is one row of admitted patient care.
type stay = []cohort.Cell[cohort.RowPred[hes.Episode]]

func admitted(stays ...stay) *cohort.Record {
	r := cohort.NewRecord("9990000018")
	for _, cells := range stays {
		cohort.Append(r, cells[0], cells[1:]...)
	}
	return r
}

func TestAdmissions(t *testing.T) {
	t.Parallel()
	apc := hes.APC
	stroke := apc.Where(
		apc.Diagnosis.AnyIn(list(t, codelist.ICD10, "I639", "I64X")),
		apc.Emergency(), apc.Finished(),
		apc.AdmissionDate.Within(cohort.Years(2), cohort.Index),
	).Exists()
	row := func(date, method, status string, codes ...string) stay {
		return stay{
			apc.AdmissionDate.Of(day(date)), apc.EpisodeStart.Of(day(date)), apc.AdmissionMethod.Of(method),
			apc.EpisodeStatus.Of(status), apc.Diagnosis.Of(codes...),
		}
	}
	tests := map[string]struct {
		record *cohort.Record
		want   cohort.Verdict
	}{
		"primary":                {admitted(row("2024-06-01", "21", "3", "I639", "E119")), cohort.Yes},
		"secondary":              {admitted(row("2024-06-01", "21", "3", "E119", "I10X", "I64X")), cohort.Yes},
		"first day of the years": {admitted(row("2023-06-01", "2A", "3", "I639")), cohort.Yes},
		"day before the years":   {admitted(row("2023-05-31", "2A", "3", "I639")), cohort.No},
		"elective":               {admitted(row("2024-06-01", "11", "3", "I639")), cohort.No},
		"birth":                  {admitted(row("2024-06-01", "82", "3", "I639")), cohort.No},
		"unfinished":             {admitted(row("2024-06-01", "21", "1", "I639")), cohort.No},
		"method not known":       {admitted(row("2024-06-01", "99", "3", "I639")), cohort.No},
		"admission not known":    {admitted(row("1800-01-01", "21", "3", "I639")), cohort.No},
		"diagnosis not known":    {admitted(row("2024-06-01", "21", "3", "R69X")), cohort.No},
		"two stays, not one":     {admitted(row("2024-06-01", "21", "3", "E119"), row("2024-06-01", "11", "3", "I639")), cohort.No},
		"nothing":                {admitted(), cohort.No},
	}
	for name, test := range tests {
		if got := ask(t, stroke, test.record); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

func TestEveryEmergencyMethod(t *testing.T) {
	t.Parallel()
	apc := hes.APC
	for _, column := range apc.Table.Info().Columns {
		if column.Name != "ADMIMETH" {
			continue
		}
		for method := range column.Values {
			record := admitted(stay{apc.AdmissionMethod.Of(method)})
			emergency := ask(t, apc.Where(apc.Emergency()).Exists(), record) == cohort.Yes
			elective := ask(t, apc.Where(apc.Elective()).Exists(), record) == cohort.Yes
			if emergency != (method[0] == '2') || elective != (method[0] == '1') {
				t.Errorf("method %s: emergency %v, elective %v", method, emergency, elective)
			}
		}
	}
}

// TestLatestEpisode gives rows of one day in every order: the order of episodes decides, then the key.
func TestLatestEpisode(t *testing.T) {
	t.Parallel()
	apc := hes.APC
	row := func(order float64, key, method string) stay {
		return stay{
			apc.EpisodeStart.Of(day("2025-01-01")), apc.EpisodeOrder.Of(order), apc.Key.Of(key), apc.DischargeMethod.Of(method),
		}
	}
	first, second, third := row(1, "9", "1"), row(2, "7", "2"), row(2, "8", "4")
	died := cohort.Latest(apc.Rows, apc.DischargeMethod).Is("4")
	for _, order := range [][]stay{
		{first, second, third},
		{first, third, second},
		{second, first, third},
		{second, third, first},
		{third, first, second},
		{third, second, first},
	} {
		if got := ask(t, died, admitted(order...)); got != cohort.Yes {
			t.Errorf("got %v", got)
		}
	}
	// An order of 99 is not known, so it comes last among those of the day.
	if got := ask(t, died, admitted(row(99, "99", "1"), third)); got != cohort.Yes {
		t.Errorf("unknown order: got %v", got)
	}
}

func TestBabies(t *testing.T) {
	t.Parallel()
	record := admitted(stay{
		hes.APC.EpisodeStart.Of(day("2025-01-01")), hes.APC.Age.Of(7003), hes.APC.ExactAge.Of(0.048),
	})
	if got := ask(t, cohort.Latest(hes.APC.Rows, hes.APC.Age).AtLeast(65), record); got != cohort.Unknown {
		t.Errorf("a baby of 7003 years: %v", got)
	}
	if got := ask(t, cohort.Latest(hes.APC.Rows, hes.APC.ExactAge).Below(1), record); got != cohort.Yes {
		t.Errorf("the decimal age: %v", got)
	}
}

func TestProcedures(t *testing.T) {
	t.Parallel()
	hip := hes.APC.Where(hes.APC.Procedure.AnyIn(list(t, codelist.OPCS4, "W371"))).Exists()
	other := hes.APC.Where(cohort.Not(hes.APC.Procedure.AnyIn(list(t, codelist.OPCS4, "W371")))).Exists()
	for name, test := range map[string]struct {
		codes       []string
		hip, others cohort.Verdict
	}{
		"second":           {[]string{"X401", "W371"}, cohort.Yes, cohort.No},
		"another":          {[]string{"X401"}, cohort.No, cohort.Yes},
		"none":             {[]string{"-"}, cohort.No, cohort.No},
		"not known":        {[]string{"&"}, cohort.No, cohort.No},
		"old none":         {[]string{"X999"}, cohort.No, cohort.No},
		"one with no code": {[]string{"X998"}, cohort.No, cohort.Yes},
	} {
		record := admitted(stay{hes.APC.Procedure.Of(test.codes...)})
		if got := ask(t, hip, record); got != test.hip {
			t.Errorf("%s: got %v, want %v", name, got, test.hip)
		}
		if got := ask(t, other, record); got != test.others {
			t.Errorf("%s, others: got %v, want %v", name, got, test.others)
		}
	}
}

func TestAppointments(t *testing.T) {
	t.Parallel()
	op := hes.OP
	twice := op.Where(op.Specialty.Is("320"), op.Seen(), op.Date.NotAfter(cohort.Index)).Count().AtLeast(2)
	record := func(attended ...string) *cohort.Record {
		r := cohort.NewRecord("9990000018")
		for i, a := range attended {
			cohort.Append(r, op.Date.Of(day("2025-01-01").AddDays(i)), op.Specialty.Of("320"), op.Attended.Of(a), op.Diagnosis.Of("R69X"))
		}
		return r
	}
	for name, test := range map[string]struct {
		record *cohort.Record
		want   cohort.Verdict
	}{
		"on time and late": {record("5", "6"), cohort.Yes},
		"too late":         {record("5", "7"), cohort.No},
		"missed":           {record("3", "5", "2", "4"), cohort.No},
		"not known":        {record("5", "9"), cohort.No},
	} {
		if got := ask(t, twice, test.record); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
	if got := ask(t, op.Where(op.Diagnosis.Known()).Exists(), record("5")); got != cohort.No {
		t.Errorf("an outpatient diagnosis of R69X: %v", got)
	}
}

// TestEmergencies asks both tables, as a look back over April 2020 must.
func TestEmergencies(t *testing.T) {
	t.Parallel()
	asthma := cohort.Any(
		hes.AE.Where(hes.AE.DetailedDiagnosis.AnyIn(list(t, codelist.AEDiagnosis, "251")),
			hes.AE.ArrivalDate.Within(cohort.Years(10), cohort.Index)).Exists(),
		hes.ECDS.Where(hes.ECDS.Diagnosis.AnyIn(list(t, codelist.SNOMEDCT, "195967001")),
			hes.ECDS.ArrivalDate.Within(cohort.Years(10), cohort.Index)).Exists(),
	)
	before, after, sentinel := cohort.NewRecord("9990000018"), cohort.NewRecord("9990000018"), cohort.NewRecord("9990000018")
	cohort.Append(before, hes.AE.ArrivalDate.Of(day("2018-03-01")), hes.AE.DetailedDiagnosis.Of("01", "251"))
	cohort.Append(after, hes.ECDS.ArrivalDate.Of(day("2023-03-01")), hes.ECDS.Diagnosis.Of("38341003", "195967001"))
	cohort.Append(sentinel, hes.ECDS.ArrivalDate.Of(day("1900-01-01")), hes.ECDS.Diagnosis.Of("195967001"))
	for name, test := range map[string]struct {
		record *cohort.Record
		want   cohort.Verdict
	}{"A&E": {before, cohort.Yes}, "emergency care": {after, cohort.Yes}, "date not known": {sentinel, cohort.No}} {
		if got := ask(t, asthma, test.record); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

func TestCriticalCare(t *testing.T) {
	t.Parallel()
	cc := hes.CC
	ventilated := cohort.Latest(cc.Where(cc.PeriodType.Is("01"), cc.Once()), cc.AdvancedRespiratoryDays).AtLeast(2)
	record := func(days float64, best string) *cohort.Record {
		r := cohort.NewRecord("9990000018")
		cohort.Append(r, cc.StartDate.Of(day("2025-01-01")), cc.PeriodType.Of("01"), cc.BestMatch.Of(best), cc.AdvancedRespiratoryDays.Of(days))
		return r
	}
	for name, test := range map[string]struct {
		record *cohort.Record
		want   cohort.Verdict
	}{
		"two days":           {record(2, "1"), cohort.Yes},
		"one day":            {record(1, "1"), cohort.No},
		"998 or more":        {record(998, "1"), cohort.Yes},
		"days not known":     {record(999, "1"), cohort.Unknown},
		"not the best match": {record(2, ""), cohort.Unknown},
		"no period":          {cohort.NewRecord("9990000018"), cohort.Unknown},
	} {
		if got := ask(t, ventilated, test.record); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}
