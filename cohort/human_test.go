package cohort_test

import (
	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// human is a person as the sources write one: texts and days as strings, with what stands for "not known"
// still in place. It makes a record for the package, and is read directly by the judge.
type human struct {
	fields map[string]any
	rows   map[string][]map[string]any // by table
}

func drawHuman(t *rapid.T) human {
	// Few days to a person, so that rows share them.
	few := []string{drawDay(t).String(), drawDay(t).String(), drawDay(t).String()}
	optionalDay := func(name, none string) string {
		return rapid.SampledFrom(append(few, few[0], few[1], few[2], "", none)).Draw(t, name)
	}
	sample := func(name string, values ...string) string { return rapid.SampledFrom(values).Draw(t, name) }
	h := human{
		fields: map[string]any{
			"primary_care_provider": "A81001",
			"date_of_birth":         optionalDay("born", "1800-01-01"), "date_of_death": optionalDay("died", "9999-01-01"),
			"gender": sample("gender", "", "0", "1", "2"), "lsoa": sample("area", "", "Z99999999", "E01000001"),
		},
		rows: map[string][]map[string]any{"gpes.journal": nil, "stays": nil},
	}
	for range rapid.IntRange(0, 4).Draw(t, "entries") {
		row := map[string]any{
			"DATE": optionalDay("date", "1900-01-01"), "RECORD_DATE": optionalDay("record date", "1800-01-01"),
			"CODE": sample("code", "", hypertensionCode, asthmaCode, pressureCode), "EPISODE_CONDITION": sample("episode", "", "F", "O"),
		}
		if rapid.Bool().Draw(t, "value") {
			row["VALUE1_CONDITION"] = drawNumber(t)
		}
		h.rows["gpes.journal"] = append(h.rows["gpes.journal"], row)
	}
	for range rapid.IntRange(0, 3).Draw(t, "stays") {
		h.rows["stays"] = append(h.rows["stays"], map[string]any{
			"ADMIDATE": optionalDay("admitted", "1800-01-01"), "DISDATE": optionalDay("discharged", "1800-01-01"),
			"KEY":    sample("key", "", "a", "c"),
			"DIAG":   rapid.SliceOfN(rapid.SampledFrom([]string{"", "R69X", strokeCode, diabetesCode, faintCode}), 0, 3).Draw(t, "diagnoses"),
			"OPERTN": []string{sample("operation", "-", "K401")},
			"DAYS":   rapid.SampledFrom([]float64{0.1, 0.2, 0.3, 1, 2, 40, 999}).Draw(t, "days"),
		})
	}
	return h
}

func drawRecord(t *rapid.T) *cohort.Record { return drawHuman(t).record() }

func (h human) record() *cohort.Record {
	day := func(row map[string]any, name string) cohort.Date { return date(word(row, name)) }
	r := record(person.Practice.Of(word(h.fields, "primary_care_provider")),
		person.DateOfBirth.Of(day(h.fields, "date_of_birth")), person.DateOfDeath.Of(day(h.fields, "date_of_death")),
		person.Gender.Of(word(h.fields, "gender")), person.LSOA.Of(word(h.fields, "lsoa")))
	for _, row := range h.rows["gpes.journal"] {
		cells := []cohort.Cell[cohort.RowPred[gpes.Entry]]{
			gpes.Date.Of(day(row, "DATE")), gpes.RecordDate.Of(day(row, "RECORD_DATE")), gpes.EpisodeCondition.Of(word(row, "EPISODE_CONDITION")),
		}
		if x, ok := row["VALUE1_CONDITION"].(float64); ok {
			cells = append(cells, gpes.Value1.Of(x))
		}
		cohort.Append(r, gpes.Code.Of(word(row, "CODE")), cells...)
	}
	for _, row := range h.rows["stays"] {
		codes, _ := row["DIAG"].([]string)
		done, _ := row["OPERTN"].([]string)
		days, _ := row["DAYS"].(float64)
		stayOf(r, word(row, "ADMIDATE"), word(row, "DISDATE"), stayKey.Of(word(row, "KEY")),
			diagnoses.Of(codes...), operations.Of(done...), stayDays.Of(days))
	}
	return r
}

// word reads a text of a row or of a part of a document; empty when there is none.
func word(from map[string]any, name string) string {
	text, _ := from[name].(string)
	return text
}
