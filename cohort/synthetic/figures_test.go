package synthetic_test

import (
	"math"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/synthetic"
)

// is asks whether a column has one of some values, has whether it has any.
func is(column string, values ...string) func(cells) bool {
	in := equals(values...)
	return func(c cells) bool { return in(c(column)) }
}

func has(column string) func(cells) bool { return func(c cells) bool { return c(column) != "" } }

func coded(column string) func(cells) bool {
	return func(c cells) bool { return !equals("", "-", "&")(c(column)) }
}

func both(a, b func(cells) bool) func(cells) bool { return func(c cells) bool { return a(c) && b(c) } }

func noDay(column string) func(cells) bool { return is(column, "1800-01-01", "1801-01-01") }

// peopleFigures are those of the tables of package person.
func peopleFigures() []figure {
	removal := func(c cells) bool { return !equals("", "DEA")(c("reason_for_removal")) }
	region := func(n string) func(cells) bool { return is("region", "E1200000"+n) }
	return []figure{
		{"person", "women", 50.9, is("gender", "2"), nil},
		{"person", "men", 48.9, is("gender", "1"), nil},
		{"person", "sex not known", 0.1, is("gender", "0"), nil},
		{"person", "sex not given", 0.05, is("gender", "9"), nil},
		{"person", "partial or no birth", 0.35, is("date_of_birth", ""), nil},
		{"person", "no address", 0.05, is("lsoa", "Z99999999"), nil},
		{"person", "North East", 4.7, region("1"), nil},
		{"person", "North West", 13.1, region("2"), nil},
		{"person", "Yorkshire", 9.7, region("3"), nil},
		{"person", "East Midlands", 8.6, region("4"), nil},
		{"person", "West Midlands", 10.5, region("5"), nil},
		{"person", "East of England", 11.2, region("6"), nil},
		{"person", "London", 15.6, region("7"), nil},
		{"person", "South East", 16.4, region("8"), nil},
		{"person", "South West", 10.1, region("9"), nil},
		{"person", "superseded", 0.15, has("superseded_by_nhs_number"), nil},
		{"person", "language", 4, has("preferred_language"), nil},
		{"person", "interpreter filled", 23.2, has("is_interpreter_required"), nil},
		{"person", "address since", 90, has("address_effective_from_date"), nil},
		{"person", "removed", 2.75, removal, nil}, // of 3% in 24 months, those in the first 22
		{"person", "embarked", 45, is("reason_for_removal", "EMB"), removal},
		{"person", "gone away", 30, is("reason_for_removal", "CGA"), removal},
		{"person", "to Scotland", 15, is("reason_for_removal", "SCT"), removal},
		{"person", "to Northern Ireland", 5, is("reason_for_removal", "NIT"), removal},
		{"person", "armed forces", 5, is("reason_for_removal", "AFL"), removal},
		{"person", "defence", 0.2, has("current_posting"), nil},
		{"person", "home phone", 45, has("home_telephone_number"), nil},
		{"person", "invalid", 0.05, is("invalid_flag", "true"), nil},
		{"person", "not eligible", 0.5, is("eligibility", "false"), nil},
		{"person.deaths", "cause known", 78.7, has("S_COD_CODE_1"), nil},
		{"person.deaths", "underlying cause", 78.7, has("S_UNDERLYING_COD_ICD10"), nil},
		{"person.deaths", "two causes", 43.3, has("S_COD_CODE_2"), nil},
		{"person.deaths", "inquest", 3, func(c cells) bool { // five of a hundred, not all of which are over
			return cohort.MustDate(c("REG_DATE_OF_DEATH")).AddDays(30).Compare(cohort.MustDate(c("REG_DATE"))) < 0
		}, nil},
	}
}

// coreFigures are those of a journal that has nothing but its core.
func coreFigures() []figure {
	dated := func(c cells) bool {
		return c("RECORD_DATE") != "" && c("DATE") > "1900" && c("DATE") <= extractDay().String()
	}
	return []figure{
		{"gpes.journal", "episode", 3.5, has("EPISODE_CONDITION"), nil},
		{"gpes.journal", "ethnicity not stated", 4, is("ETHNIC", "Z"), has("ETHNIC")},
		{"gpes.journal", "typed years late", 0.45, func(c cells) bool { // 5% of diagnoses
			return cohort.MustDate(c("DATE")).AddDays(31).Compare(cohort.MustDate(c("RECORD_DATE"))) < 0
		}, dated},
	}
}

// journalFigures are those of a national journal: most are published.
func journalFigures() []figure {
	value := func(c cells) bool { return c("VALUE1_CONDITION") != "" }
	height := is("CODE", "50373000")
	prescription := has("EPISODE_PRESCRIPTION")
	return []figure{
		{"gpes.journal", "no date", 0.03, is("DATE", "1800-01-01"), nil},
		{"gpes.journal", "in the future", 0.02, func(c cells) bool { return c("DATE") > extractDay().String() }, nil},
		{"gpes.journal", "not typed", 0.06, is("RECORD_DATE", ""), nil},
		{
			"gpes.journal", "typed late", 20, func(c cells) bool { return c("RECORD_DATE") > c("DATE") },
			func(c cells) bool {
				return c("RECORD_DATE") != "" && c("DATE") > "1900" && c("DATE") <= extractDay().String()
			},
		},
		{"gpes.journal", "ethnicity", 36.8, has("ETHNIC"), nil},
		{"gpes.journal", "episode", 3.5, has("EPISODE_CONDITION"), nil},
		{"gpes.journal", "prescription", 17.6, prescription, nil},
		{"gpes.journal", "quantity", 17.6, has("VALUE1_PRESCRIPTION"), nil},
		{"gpes.journal", "daily dose", 29.9, has("VALUE2_PRESCRIPTION"), nil},
		{"gpes.journal", "value", 30.1, value, nil},
		{"gpes.journal", "second value", 1.1, has("VALUE2_CONDITION"), nil},
		{"gpes.journal", "links", 1.3, has("LINKS"), nil},
		{"gpes.journal", "acute", 25, is("EPISODE_PRESCRIPTION", "A"), prescription},
		{"gpes.journal", "authorisation", 10, is("EPISODE_PRESCRIPTION", "R"), prescription},
		{"gpes.journal", "of the last five years", 52.5, func(c cells) bool { return c("DATE") > extractDay().AddMonths(-60).String() }, nil}, // the later the more
		{"gpes.journal", "CKD resolved", 6, is("CODE", "939211000000104"), is("CODE", "939211000000104", "433144002", "431857002", "433146000")},
		{"gpes.journal", "statin", 4, is("CODE", "319997009"), prescription},
		{"gpes.journal", "height in metres", 5, func(c cells) bool {
			return strings.HasPrefix(c("VALUE1_CONDITION"), "1.") || strings.HasPrefix(c("VALUE1_CONDITION"), "2.")
		}, height},
		{"gpes.journal", "reading of nothing", 0.1, is("VALUE1_CONDITION", "0"), both(value, func(c cells) bool { return !height(c) && len(c("CODE")) < 12 })},
	}
}

// hospitalFigures are those of hospital data, most of them published.
func hospitalFigures() []figure {
	emergency := func(c cells) bool { return strings.HasPrefix(c("ADMIMETH"), "2") }
	planned := func(c cells) bool { return !emergency(c) }
	first := is("EPIORDER", "1")
	return []figure{
		{"hes.apc", "no diagnosis", 0.5, is("DIAG_4_01", "R69X"), nil},
		{"hes.apc", "two diagnoses", 82, has("DIAG_4_02"), nil},
		{"hes.apc", "three", 57, has("DIAG_4_03"), nil},
		{"hes.apc", "four", 45, has("DIAG_4_04"), nil},
		{"hes.apc", "five", 35, has("DIAG_4_05"), nil},
		{"hes.apc", "eight", 17.5, has("DIAG_4_08"), nil},
		{"hes.apc", "ten", 11.4, has("DIAG_4_10"), nil},
		{"hes.apc", "fifteen", 3.3, has("DIAG_4_15"), nil},
		{"hes.apc", "twenty", 1.2, has("DIAG_4_20"), nil},
		{"hes.apc", "procedure", 59.1, coded("OPERTN_4_01"), nil},
		{"hes.apc", "procedure not known", 0.4, is("OPERTN_4_01", "&"), nil},
		{"hes.apc", "procedure filled", 99.8, has("OPERTN_4_01"), nil},
		{"hes.apc", "two procedures", 39, has("OPERTN_4_02"), nil},
		{"hes.apc", "three procedures", 21, has("OPERTN_4_03"), nil},
		{"hes.apc", "five procedures", 6, has("OPERTN_4_05"), nil},
		{"hes.apc", "no day", 0.03, noDay("ADMIDATE"), nil},
		{"hes.apc", "emergency", 35, emergency, first},
		{"hes.apc", "long spell", 10.5, is("SPELEND", "N"), first}, // of 12%, as some people have one episode only
		{"hes.apc", "no procedure filled", 0.2, is("OPERTN_4_01", ""), nil},
		{"hes.apc", "nights", 17, func(c cells) bool { return c("EPIDUR") != "0" }, both(planned, is("SPELEND", "Y"))}, // of 25%, those of a whole day
		{"hes.apc", "no spell", 0.04, is("SUSSPELLID", "-1"), has("SUSSPELLID")},
		{"hes.apc", "codes of three characters", 11, func(c cells) bool { return strings.HasSuffix(c("DIAG_4_01"), "X") }, nil},
		{"hes.ae", "referral not known", 0.35, is("AEREFSOURCE", "99"), nil},
		{"hes.apc", "A&E", 10.3, has("AEKEY"), nil},
		{"hes.apc", "spell", 70, has("SUSSPELLID"), nil},
		{"hes.apc", "self-discharge", 1, is("DISMETH", "2"), is("SPELEND", "Y")},
		{"hes.apc", "practice not known", 0.7, is("GPPRAC", "V81999", "V81997", "V81998", "&"), nil},
		{"hes.apc", "ethnicity not known", 3, is("ETHNOS", "99"), has("ETHNOS")},
		{"hes.op", "no diagnosis", 97, is("DIAG_4_01", "R69X"), nil},
		{"hes.op", "two diagnoses", 0.7, has("DIAG_4_02"), nil},
		{"hes.op", "procedure", 36.9, coded("OPERTN_4_01"), nil},
		{"hes.op", "further procedure", 30, has("OPERTN_4_02"), coded("OPERTN_4_01")},
		{"hes.op", "attended", 77, is("ATTENDED", "5", "6"), nil},
		{"hes.op", "no day of absence", 58.3, noDay("DNADATE"), nil},
		{"hes.op", "invalid day of absence", 10, is("DNADATE", "1801-01-01"), noDay("DNADATE")},
		{"hes.ae", "diagnosis", 71, has("DIAG2_01"), nil},
		{"hes.ae", "second diagnosis", 25, has("DIAG2_02"), has("DIAG2_01")},
		{"hes.ecds", "diagnosis", 67.6, has("DIAGNOSIS_CODE_1"), nil},
		{"hes.ecds", "second diagnosis", 4.9, has("DIAGNOSIS_CODE_2"), nil},
		{"hes.ecds", "qualifier", 74, has("DIAGNOSIS_QUALIFIER_1"), nil},
		{"hes.ecds", "comorbidity", 4, has("COMORBIDITIES_1"), nil},
		{"hes.ecds", "complaint", 78.4, has("CHIEF_COMPLAINT"), nil},
		{"hes.ecds", "acuity", 83.9, has("ACUITY"), nil},
		{"hes.ecds", "floor", 0.13, is("ARRIVAL_DATE", "1900-01-01"), nil},
		{"hes.ecds", "in the future", 0.02, func(c cells) bool { return c("ARRIVAL_DATE") > extractDay().String() }, nil},
		{"hes.cc", "best match", 43.7, has("BESTMATCH"), nil},
		{"hes.cc", "days not known", 0.5, is("CCLEV2DAYS", "999"), has("CCLEV2DAYS")},
		{"sact.outcomes", "final day", 60, has("DATE_OF_FINAL_TREATMENT"), nil},
		{"sact.administrations", "drug in small letters", 70, func(c cells) bool { return c("Drug_Name") == strings.ToLower(c("Drug_Name")) }, nil},
		{"sact.administrations", "drug in capitals", 10, func(c cells) bool { return c("Drug_Name") == strings.ToUpper(c("Drug_Name")) }, nil},
		{"sact.administrations", "in centimetres", 1, func(c cells) bool {
			return len(c("Height_At_Start_Of_Regimen")) == 3 && c("Height_At_Start_Of_Regimen")[1] != '.'
		}, nil},
		{"sact.administrations", "zero lost", 6, is("SACT_Administration_Route", "1", "2"), nil},
		{"sact.administrations", "performance not recorded", 2, is("Performance_Status_At_Start_Of_Regimen_-_Adult", "9"), has("Performance_Status_At_Start_Of_Regimen_-_Adult")},
	}
}

func TestFiguresOfPeople(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("one goroutine, and much to draw")
	}
	s := newSample(t, 100_000, synthetic.Rows{"person": 1, "person.registrations": 1, "person.deaths": 1, "gpes.journal": 0.1})
	for _, f := range append(peopleFigures(), coreFigures()...) {
		f.check(t, s)
	}
	// Everybody has one practice now, and some had another.
	postcodes := make(map[string]string)
	for i, key := range s.column(t, "person", "nhs_number") {
		postcodes[key] = s.column(t, "person", "postcode")[i]
	}
	moved := 0
	for p, err := range population(t, synthetic.Config{Seed: 3, People: 100_000, On: on()}).People(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if postcodes[p.Number.Reveal()] != p.Postcode {
			moved++
		}
	}
	// A journal that is asked to have next to no rows has its core.
	if got := float64(s.rows(t, "gpes.journal")) / 100_000; math.Abs(got-4.5) > 0.1 {
		t.Errorf("the core of a journal has %.2f rows", got)
	}
	closeTo(t, "moved since the extract", 1.5, moved, len(postcodes))
	closeTo(t, "practices before", 13.7, s.rows(t, "person.registrations")-s.rows(t, "person"), s.rows(t, "person"))
}

func TestFiguresOfJournals(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("one goroutine, and much to draw")
	}
	s := newSample(t, 1500, synthetic.Rows{"person": 1, "gpes.journal": 238})
	for _, f := range journalFigures() {
		f.check(t, s)
	}
}

func TestFiguresOfHospitals(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("one goroutine, and much to draw")
	}
	rows := synthetic.National()
	delete(rows, "gpes.journal")
	rows["hes.op"], rows["hes.ecds"], rows["hes.cc"] = 8, 20, 1
	s := newSample(t, 4000, rows)
	for _, f := range hospitalFigures() {
		f.check(t, s)
	}
}
