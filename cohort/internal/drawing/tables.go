package drawing

import (
	"maps"
	"slices"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/hes"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/cohort/rtds"
	"github.com/personalised-prevention/nhs/cohort/sact"
)

// Tables returns the tables that definitions are drawn about, that of persons first.
func Tables() []*cohort.Table {
	return []*cohort.Table{
		person.Table(), gpes.Table(), hes.APC.Table, sact.Administrations.Table, rtds.Exposures.Table, person.Deaths.Table,
	}
}

// events is an event table with the columns that questions are drawn about.
type events[E any] struct {
	rows    cohort.Rows[E]
	dates   []cohort.DateColumn[E]
	numbers []cohort.NumberColumn[E]
	texts   []words[cohort.TextColumn[E]]
	codes   []coded[cohort.CodeColumn[E]]
	wide    []coded[cohort.CodesColumn[E]]
}

// words is a text with some of what it may be.
type words[V any] struct {
	value V
	texts []string
}

// measure is a number with some of what it is likely to be.
type measure[V any] struct {
	value   V
	numbers []float64
}

// coded is a code, or several, with its system.
type coded[V any] struct {
	value  V
	system codelist.System
}

func journal() events[gpes.Entry] {
	return events[gpes.Entry]{
		rows:    gpes.Journal,
		dates:   []cohort.DateColumn[gpes.Entry]{gpes.Date, gpes.Date, gpes.RecordDate},
		numbers: []cohort.NumberColumn[gpes.Entry]{gpes.Value1, gpes.Value2, gpes.Quantity},
		texts: []words[cohort.TextColumn[gpes.Entry]]{
			{gpes.EpisodeCondition, []string{"F", "N", "O"}},
			{gpes.Sex, []string{"1", "2", "3"}},
			{gpes.Practice, anyText()},
			{gpes.Deleted, []string{"true", "false"}},
		},
		codes: []coded[cohort.CodeColumn[gpes.Entry]]{{gpes.Code, codelist.SNOMEDCT}},
	}
}

func admissions() events[hes.Episode] {
	t := hes.APC
	return events[hes.Episode]{
		rows:    t.Rows,
		dates:   []cohort.DateColumn[hes.Episode]{t.EpisodeStart, t.EpisodeEnd, t.AdmissionDate, t.DischargeDate},
		numbers: []cohort.NumberColumn[hes.Episode]{t.EpisodeOrder, t.Age, t.EpisodeDays, t.ExactAge},
		texts: []words[cohort.TextColumn[hes.Episode]]{
			{t.Key, anyText()}, {t.Sex, []string{"1", "2"}}, {t.LSOA2011, []string{"E01000001", "E01000002"}}, {t.AdmissionMethod, []string{"11", "21", "28"}},
		},
		codes: []coded[cohort.CodeColumn[hes.Episode]]{{t.PrimaryDiagnosis, codelist.ICD10}, {t.MainProcedure, codelist.OPCS4}, {t.Cause, codelist.ICD10}},
		wide:  []coded[cohort.CodesColumn[hes.Episode]]{{t.Diagnosis, codelist.ICD10}, {t.Procedure, codelist.OPCS4}},
	}
}

func administrations() events[sact.Administration] {
	t := sact.Administrations
	return events[sact.Administration]{
		rows:    t.Rows,
		dates:   []cohort.DateColumn[sact.Administration]{t.Date, t.CycleStart, t.RegimenStart},
		numbers: []cohort.NumberColumn[sact.Administration]{t.Dose, t.Cycle, t.CyclePerformanceStatus},
		texts: []words[cohort.TextColumn[sact.Administration]]{
			{t.Drug, anyText()}, {t.StatedGender, []string{"1", "2"}}, {t.Morphology, []string{"8140/3", "8500/3"}}, {t.UnitText, anyText()},
		},
		codes: []coded[cohort.CodeColumn[sact.Administration]]{
			{t.PrimaryDiagnosis, codelist.ICD10}, {t.DrugCode, codelist.DMD}, {t.DiagnosisSNOMED, codelist.SNOMEDCT},
		},
	}
}

func exposures() events[rtds.Exposure] {
	t := rtds.Exposures
	return events[rtds.Exposure]{
		rows:    t.Rows,
		dates:   []cohort.DateColumn[rtds.Exposure]{t.Date},
		numbers: []cohort.NumberColumn[rtds.Exposure]{t.BeamEnergy},
		texts:   []words[cohort.TextColumn[rtds.Exposure]]{{t.Machine, anyText()}, {t.Time, []string{"09:00", "10:30"}}, {t.Provider, anyText()}},
	}
}

func deaths() events[person.Death] {
	t := person.Deaths
	return events[person.Death]{
		rows:    t.Rows,
		dates:   []cohort.DateColumn[person.Death]{t.Date, t.RegistrationDate},
		numbers: []cohort.NumberColumn[person.Death]{t.Neonatal},
		texts:   []words[cohort.TextColumn[person.Death]]{{t.Place, []string{"H", "E"}}, {t.LSOA, []string{"E01000001", "E01000002"}}},
		codes:   []coded[cohort.CodeColumn[person.Death]]{{t.UnderlyingCause, codelist.ICD10}, {t.Injury, codelist.ICD10}},
		wide:    []coded[cohort.CodesColumn[person.Death]]{{t.MentionedCause, codelist.ICD10}},
	}
}

func sources() []source {
	return []source{journal(), admissions(), administrations(), exposures(), deaths()}
}

func codedSources() []source {
	return []source{journal(), admissions(), administrations(), deaths()}
}

// wideSources are those with several codes in a row.
func wideSources() []source { return []source{admissions(), deaths()} }

// fields are those of the person, each kind on its own.

func dateFields() []cohort.DateSeries {
	return []cohort.DateSeries{person.DateOfBirth, person.DateOfDeath, person.PracticeSince}
}

func textFields() []words[cohort.TextSeries] {
	return []words[cohort.TextSeries]{
		{person.Gender, []string{person.Male, person.Female}},
		{person.LSOA, []string{"E01000001", "E01000002"}},
		{person.Practice, []string{"A81001", "A81002"}},
		{person.Postcode, anyText()},
	}
}

// The values that definitions and people share, so that bounds are met exactly.

// anyText holds texts that order differently by bytes and by the rules of a language.
func anyText() []string {
	return []string{"a", "B", "b", "A", "É", "é", "z", "a b", "a%", "_", "'", "ß", "😀"}
}

// codesOf returns codes of a system, what its columns hold as "not known", and what is not quite a code.
func codesOf(system codelist.System) []string {
	codes, ok := map[codelist.System][]string{
		codelist.ICD10: {
			"I639", "I63", "I630", "I63X", "I64X", "I100", "I10", "I10X", "E119", "E11", "E1190", "G01X", "R69X", "R55X", "C509", "i639", "I639 ", "I6", "I",
		},
		codelist.OPCS4: {"K401", "K40", "K409", "K461", "H33", "X999", "-", "&", "k401", "K4"},
	}[system]
	if !ok {
		return []string{"38341003", "195967001", "75367002", "44054006", "271649006", "3834100", "38341003 ", "local"}
	}
	return codes
}

// listed returns what a code list of a system may hold, patterns among it.
func listed(system codelist.System) []string {
	codes, ok := map[codelist.System][]string{
		codelist.ICD10: {"I639", "I10X", "R69X", "R55X", "E119", "C509", "I63*", "I60-I64", "E1*", "I63.0-I63.8", "I10*", "G01*", "C*"},
		codelist.OPCS4: {"K401", "H33", "X999", "K40*", "K40-K46", "K40.1-K40.4"},
	}[system]
	if !ok {
		return []string{"38341003", "195967001", "75367002", "44054006", "271649006"}
	}
	return codes
}

// dayPool are the index date and days from which months and years are hard to count.
func dayPool() []cohort.Date {
	return dates(
		"2025-06-01", "2024-06-01", "2025-03-01", "1950-06-01", "2024-02-29", "2025-02-28", "2025-03-31", "2024-08-31", "2024-12-31",
		"2023-12-31", "2024-01-31", "2025-01-31", "2025-04-01", "2025-09-01", "1969-12-31", "2000-02-29",
	)
}

func endsOfMonths() []cohort.Date {
	return dates("2025-02-28", "2024-02-29", "2025-04-30", "2023-02-28", "2024-11-30", "2025-03-31", "1900-02-28")
}

func startsOfYears() []cohort.Date {
	return dates("2024-04-01", "2024-09-01", "2025-01-01", "2025-04-01")
}

func endsOfYears() []cohort.Date {
	return dates("2024-03-31", "2024-08-31", "2024-12-31", "2025-03-31")
}

func dates(texts ...string) []cohort.Date {
	days := make([]cohort.Date, len(texts))
	for i, text := range texts {
		days[i] = cohort.MustDate(text)
	}
	return days
}

// farDays lie at the ends of the calendar, at those of other calendars, and at days that mean "not known".
func farDays() []cohort.Date {
	return dates(
		"0001-01-01", "0001-01-31", "0004-02-29", "9999-12-31", "9999-12-01", "9998-02-28", "9999-03-31", "1582-10-10", "1800-01-01", "1801-01-01", "1900-01-01", "9999-01-01",
	)
}

func numberPool() []float64 {
	return []float64{0, 1, 2, 3, 0.1, 0.2, 0.3, 0.15, 0.6, 2.67, 40.05, 11, 12, 40, 74, 75, 98, 99, 140, 140.5, 7001, 18, 9, -1, 1e15, 1e-7}
}

// sums are those of short decimals, which floats miss.
func sums() []float64 { return []float64{0.3, 0.6, 0.1, 0.15, 0.2, 0.7, 2.67, 40.05, 1, 0.8} }

// counts are how many of something there may be.
func counts() []float64 { return []float64{1, 2, 3, 0, 4, 6} }

// lengths are those of time.
func lengths() []float64 { return []float64{0, 1, -1, 12, 18, 40, 74, 75, 11} }

func periodPool() []cohort.Period {
	return []cohort.Period{
		cohort.Years(1), cohort.Months(1), cohort.Days(1), cohort.Months(3), cohort.Days(90), cohort.Years(5), cohort.Days(2), cohort.Months(13), cohort.Years(200),
	}
}

// listOf makes a list that is named for what it holds.
func listOf(system codelist.System, codes map[string]bool) *codelist.List {
	all := slices.Sorted(maps.Keys(codes))
	return codelist.Must(codelist.New(codelist.Info{
		ID: "drawn/" + string(system) + "/" + join(all), Version: "1", System: system, Source: "drawn at random",
	}, all...))
}
