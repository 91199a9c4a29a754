package person_test

import (
	_ "embed"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/internal/cataloguetest"
	"github.com/personalised-prevention/nhs/cohort/person"
)

var (
	//go:embed testdata/columns.txt
	columns string
	//go:embed testdata/published.txt
	published string
)

func TestTables(t *testing.T) {
	t.Parallel()
	if got := person.Tables(); got[0] != person.Table() || len(got[0].Info().Order) != 0 {
		t.Errorf("the table with one row per person is not the first of %v", got)
	}
	got, err := cataloguetest.Columns(
		cataloguetest.Variable{Name: "Registrations", Value: person.Registrations},
		cataloguetest.Variable{Name: "Deaths", Value: person.Deaths},
	)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(columns, got); diff != "" {
		t.Errorf("testdata/columns.txt differs:\n%s", diff)
	}
}

// TestPublished leaves the order of the person table out: stored definitions depend on it.
func TestPublished(t *testing.T) {
	t.Parallel()
	for _, fault := range cataloguetest.Published(person.Tables(), published) {
		if !strings.HasPrefix(fault, "person ") || !strings.HasSuffix(fault, "comes too late") {
			t.Error(fault)
		}
	}
}

// TestSample compares the catalogue with a cohort file that CaaS delivers.
func TestSample(t *testing.T) {
	t.Parallel()
	file, err := os.Open("../../../shared/data/caas/add_1_-_CAAS_BREAST_SCREENING_COHORT.parquet")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the sample data are not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	stat, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	sample, err := parquet.OpenFile(file, stat.Size())
	if err != nil {
		t.Fatal(err)
	}
	inFile := map[string]bool{}
	for _, column := range sample.Schema().Columns() {
		inFile[column[0]] = true
	}
	info := person.Table().Info()
	for _, column := range info.Columns {
		if derived := strings.HasPrefix(column.Doc, "Derived"); derived == inFile[column.Name] {
			t.Errorf("column %s: derived %v, in the file %v", column.Name, derived, inFile[column.Name])
		}
	}
	if !inFile[info.PersonKeys[0]] {
		t.Errorf("the person key %s is not in the file", info.PersonKeys[0])
	}
}

// TestFields fills every field of the person, and then with what means "not known".
func TestFields(t *testing.T) {
	t.Parallel()
	day := cohort.MustDate("2025-06-01")
	fields := map[string]struct {
		known cohort.Criterion
		value cohort.Cell[cohort.Criterion]
	}{
		"date_of_birth":                          {person.DateOfBirth.Known(), person.DateOfBirth.Of(day)},
		"gender":                                 {person.Gender.Known(), person.Gender.Of("1")},
		"date_of_death":                          {person.DateOfDeath.Known(), person.DateOfDeath.Of(day)},
		"death_status":                           {person.DeathStatus.Known(), person.DeathStatus.Of("1")},
		"postcode":                               {person.Postcode.Known(), person.Postcode.Of("LS1 6AE")},
		"address_effective_from_date":            {person.AddressSince.Known(), person.AddressSince.Of(day)},
		"outcode":                                {person.Outcode.Known(), person.Outcode.Of("LS1")},
		"lsoa":                                   {person.LSOA.Known(), person.LSOA.Of("E01000001")},
		"imd_decile":                             {person.IMDDecile.Known(), person.IMDDecile.Of(1)},
		"region":                                 {person.Region.Known(), person.Region.Of("E12000003")},
		"primary_care_provider":                  {person.Practice.Known(), person.Practice.Of("A81001")},
		"primary_care_effective_from_date":       {person.PracticeSince.Known(), person.PracticeSince.Of(day)},
		"icb":                                    {person.ICB.Known(), person.ICB.Of("QWO")},
		"current_posting":                        {person.Posting.Known(), person.Posting.Of("BAA")},
		"current_posting_effective_from_date":    {person.PostingSince.Known(), person.PostingSince.Of(day)},
		"reason_for_removal":                     {person.ReasonForRemoval.Known(), person.ReasonForRemoval.Of("EMB")},
		"reason_for_removal_effective_from_date": {person.DateOfRemoval.Known(), person.DateOfRemoval.Of(day)},
		"home_telephone_number":                  {person.HomePhone.Known(), person.HomePhone.Of("01632960000")},
		"mobile_telephone_number":                {person.MobilePhone.Known(), person.MobilePhone.Of("07700900000")},
		"email_address":                          {person.Email.Known(), person.Email.Of("a@example.org")},
		"preferred_language":                     {person.Language.Known(), person.Language.Of("en")},
		"is_interpreter_required":                {person.InterpreterRequired.Known(), person.InterpreterRequired.Of("true")},
		"superseded_by_nhs_number":               {person.SupersededBy.Known(), person.SupersededBy.Of("9990000026")},
		"invalid_flag":                           {person.Invalid.Known(), person.Invalid.Of("true")},
		"eligibility":                            {person.Eligible.Known(), person.Eligible.Of("true")},
	}
	if got := len(person.Table().Info().Columns); got != len(fields) {
		t.Errorf("%d fields are tested of %d", len(fields), got)
	}
	for name, field := range fields {
		definition, err := cohort.New("known", "1", cohort.Include("known", field.known))
		if err != nil {
			t.Fatal(err)
		}
		plan, err := definition.Bind()
		if err != nil {
			t.Fatal(err)
		}
		if got := plan.Uses().Tables[0].Columns; !slices.Equal(got, []string{name}) {
			t.Errorf("the variable for %s reads %v", name, got)
		}
		if plan.Evaluate(cohort.NewRecord("9990000018", field.value)).Outcome != cohort.Member {
			t.Errorf("%s is not known when it is filled", name)
		}
	}
}

func TestDeadOn(t *testing.T) {
	t.Parallel()
	died := func(text string) cohort.Cell[cohort.Criterion] { return person.DateOfDeath.Of(cohort.MustDate(text)) }
	formal := person.DeathStatus.Of("2")
	tests := []struct {
		name   string
		fields []cohort.Cell[cohort.Criterion]
		want   cohort.Verdict
	}{
		{"nothing recorded", nil, cohort.Unknown},
		{"the day before", []cohort.Cell[cohort.Criterion]{died("2025-05-31"), formal}, cohort.Yes},
		{"that day", []cohort.Cell[cohort.Criterion]{died("2025-06-01"), formal}, cohort.Yes},
		{"the day after", []cohort.Cell[cohort.Criterion]{died("2025-06-02"), formal}, cohort.No},
		{"without a date", []cohort.Cell[cohort.Criterion]{person.DeathStatus.Of("1")}, cohort.Yes},
		{"with a floor date", []cohort.Cell[cohort.Criterion]{died("1800-01-01"), formal}, cohort.Yes},
		{"without a status", []cohort.Cell[cohort.Criterion]{died("2025-05-31")}, cohort.Yes},
	}
	definition, err := cohort.New("dead", "1",
		cohort.Include("registered", person.Practice.Known()),
		cohort.Include("dead", person.DeadOn(cohort.Index)).IfUnknown(cohort.Refer))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-06-01")))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		if got := plan.Evaluate(cohort.NewRecord("9990000018", test.fields...)).Steps[1].Verdict; got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

// TestAges asks for the ages that programmes go by, of people born on either side of a boundary.
func TestAges(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, born, on string
		age            func(day cohort.Operand[cohort.Date]) cohort.NumberSeries
		want           float64
	}{
		{"2 on 31 August 2025", "2023-08-31", "2025-09-01", person.SchoolAge, 2},
		{"1 on 31 August 2025", "2023-09-01", "2025-09-01", person.SchoolAge, 1},
		{"still so in July", "2023-08-31", "2026-07-15", person.SchoolAge, 2},
		{"the last day of the school year before", "2023-08-31", "2025-08-31", person.SchoolAge, 1},
		{"the youngest in Reception", "2021-08-31", "2025-09-03", person.SchoolAge, 4},
		{"the oldest in Reception", "2020-09-01", "2025-09-03", person.SchoolAge, 4},
		{"turns 5 in the school year, on its last day", "2021-08-31", "2025-09-03", in(cohort.AcademicYear), 5},
		{"turns 5 in the school year, on its first day", "2020-09-01", "2025-09-03", in(cohort.AcademicYear), 5},
		{"turns 6 in the school year", "2020-08-31", "2025-09-03", in(cohort.AcademicYear), 6},
		{"born on 29 February, by year of birth", "2004-02-29", "2025-02-28", in(cohort.CalendarYear), 21},
		{"by year of birth, on the first day", "1985-12-31", "2025-01-01", in(cohort.CalendarYear), 40},
		{"by year of birth, on the last day", "1985-12-31", "2025-12-31", in(cohort.CalendarYear), 40},
		{"born the day after", "1986-01-01", "2025-12-31", in(cohort.CalendarYear), 39},
		{"65 in the screening year 2024/25", "1960-03-31", "2024-04-01", in(cohort.FinancialYear), 65},
		{"65 in the screening year 2025/26", "1960-04-01", "2024-04-01", in(cohort.FinancialYear), 64},
		{"65 in the screening year that began", "1960-04-01", "2025-04-01", in(cohort.FinancialYear), 65},
		{"6 months", "2024-12-01", "2025-06-01", person.AgeInMonthsOn, 6},
	}
	for _, test := range tests {
		definition, err := cohort.New("age", "1", cohort.Include("age", test.age(cohort.Index).Is(test.want)).IfUnknown(cohort.TreatAsNo))
		if err != nil {
			t.Fatal(err)
		}
		plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate(test.on)))
		if err != nil {
			t.Fatal(err)
		}
		born := person.DateOfBirth.Of(cohort.MustDate(test.born))
		if got := plan.Evaluate(cohort.NewRecord("9990000018", born)).Outcome; got != cohort.Member {
			t.Errorf("%s: born %s, the age on %s is not %v", test.name, test.born, test.on, test.want)
		}
	}
}

func in(year cohort.Year) func(day cohort.Operand[cohort.Date]) cohort.NumberSeries {
	return func(day cohort.Operand[cohort.Date]) cohort.NumberSeries { return person.AgeReachedIn(year, day) }
}

func TestUnknownValues(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cell  cohort.Cell[cohort.Criterion]
		known cohort.Criterion
	}{
		"gender 0":      {person.Gender.Of("0"), person.Gender.Known()},
		"gender 9":      {person.Gender.Of("9"), person.Gender.Known()},
		"dummy area":    {person.LSOA.Of("Z99999999"), person.LSOA.Known()},
		"no practice":   {person.Practice.Of("V81997"), person.Practice.Known()},
		"no birth":      {person.DateOfBirth.Of(cohort.MustDate("1801-01-01")), person.DateOfBirth.Known()},
		"far death":     {person.DateOfDeath.Of(cohort.MustDate("9999-01-01")), person.DateOfDeath.Known()},
		"no removal":    {person.ReasonForRemoval.Of(""), person.ReasonForRemoval.Known()},
		"no day of it":  {person.DateOfRemoval.Of(cohort.Date{}), person.DateOfRemoval.Known()},
		"no postcode":   {person.Postcode.Of(""), person.Postcode.Known()},
		"no outcode":    {person.Outcode.Of(""), person.Outcode.Known()},
		"no care board": {person.ICB.Of(""), person.ICB.Known()},
	}
	for name, test := range tests {
		definition, err := cohort.New("known", "1", cohort.Include("known", test.known))
		if err != nil {
			t.Fatal(err)
		}
		plan, err := definition.Bind()
		if err != nil {
			t.Fatal(err)
		}
		if got := plan.Evaluate(cohort.NewRecord("9990000018", test.cell)).Outcome; got != cohort.NotMember {
			t.Errorf("%s counts as known", name)
		}
	}
}

// verdict answers a criterion for one person on 2025-06-01.
func verdict(t *testing.T, criterion cohort.Criterion, record *cohort.Record) cohort.Verdict {
	t.Helper()
	definition, err := cohort.New("asked", "1",
		cohort.Include("any", cohort.Any(person.Registrations.Exists(), person.Deaths.Exists())),
		cohort.Include("asked", criterion).IfUnknown(cohort.Refer))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-06-01")))
	if err != nil {
		t.Fatal(err)
	}
	return plan.Evaluate(record).Steps[1].Verdict
}

func TestPracticeOn(t *testing.T) {
	t.Parallel()
	type period struct {
		practice, from, to string
		scn                float64
	}
	tests := map[string]struct {
		periods []period
		want    cohort.Verdict
	}{
		"lasting":                {[]period{{"A81001", "2020-01-01", "9999-12-31", 1}}, cohort.Yes},
		"without an end":         {[]period{{"A81001", "2020-01-01", "", 1}}, cohort.Yes},
		"from that day":          {[]period{{"A81001", "2025-06-01", "", 1}}, cohort.Yes},
		"from the day after":     {[]period{{"A81001", "2025-06-02", "", 1}}, cohort.Unknown},
		"until that day":         {[]period{{"A81001", "2020-01-01", "2025-06-01", 1}}, cohort.Yes},
		"until the day before":   {[]period{{"A81001", "2020-01-01", "2025-05-31", 1}}, cohort.Unknown},
		"another practice":       {[]period{{"A81002", "2020-01-01", "", 1}}, cohort.No},
		"moved away":             {[]period{{"A81001", "2020-01-01", "2025-05-31", 1}, {"A81002", "2025-06-01", "", 2}}, cohort.No},
		"two at a time":          {[]period{{"A81002", "2019-01-01", "", 3}, {"A81001", "2020-01-01", "", 1}}, cohort.Yes},
		"changed on the day":     {[]period{{"A81001", "2020-01-01", "", 2}, {"A81002", "2020-01-01", "", 1}}, cohort.Yes},
		"a code for no practice": {[]period{{"V81999", "2020-01-01", "", 1}}, cohort.Unknown},
		"never":                  {nil, cohort.Unknown},
	}
	registrations := person.Registrations
	for name, test := range tests {
		record := cohort.NewRecord("9990000018")
		for _, p := range test.periods {
			to := cohort.Date{}
			if p.to != "" {
				to = cohort.MustDate(p.to)
			}
			cohort.Append(record, registrations.From.Of(cohort.MustDate(p.from)), registrations.To.Of(to),
				registrations.Practice.Of(p.practice), registrations.SerialChange.Of(p.scn))
		}
		if got := verdict(t, person.PracticeOn(cohort.Index).Is("A81001"), record); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

func TestCauses(t *testing.T) {
	t.Parallel()
	deaths := person.Deaths
	list, err := codelist.New(codelist.Info{ID: "heart", Version: "1", System: codelist.ICD10, Source: "written for this test"}, "I219", "I21")
	if err != nil {
		t.Fatal(err)
	}
	underlying := deaths.Where(deaths.UnderlyingCause.In(list), deaths.Date.NotAfter(cohort.Index)).Exists()
	mentioned := deaths.Where(deaths.MentionedCause.AnyIn(list), deaths.Date.NotAfter(cohort.Index)).Exists()
	for name, test := range map[string]struct {
		date, cause           string
		mentions              []string
		underlying, mentioned cohort.Verdict
	}{
		"underlying":     {"2025-06-01", "I219", nil, cohort.Yes, cohort.No},
		"mentioned":      {"2025-06-01", "C509", []string{"C509", "I21"}, cohort.No, cohort.Yes},
		"later":          {"2025-06-02", "I219", []string{"I21"}, cohort.No, cohort.No},
		"day not known":  {"9999-12-31", "I219", []string{"I21"}, cohort.No, cohort.No},
		"before coding":  {"1999-01-01", "", nil, cohort.No, cohort.No},
		"something else": {"2025-01-01", "J440", []string{"J440"}, cohort.No, cohort.No},
	} {
		record := cohort.NewRecord("9990000018")
		cohort.Append(record, deaths.Date.Of(cohort.MustDate(test.date)), deaths.UnderlyingCause.Of(test.cause), deaths.MentionedCause.Of(test.mentions...))
		if got := verdict(t, underlying, record); got != test.underlying {
			t.Errorf("%s: underlying: got %v, want %v", name, got, test.underlying)
		}
		if got := verdict(t, mentioned, record); got != test.mentioned {
			t.Errorf("%s: mentioned: got %v, want %v", name, got, test.mentioned)
		}
	}
}
