package synthetic

import (
	"math"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// adult is the age in years from which readings are taken and therapy is offered.
const adult = 16

// journal writes the GP journal of one person.
type journal struct {
	*dice

	record  *cohort.Record
	human   *human
	extract cohort.Date
	end     cohort.Date // the last day of care
	row     []cell      // reused from row to row
}

type cell = cohort.Cell[cohort.RowPred[gpes.Entry]]

// entry is one row of a journal as it should be, before the dirt.
type entry struct {
	date, typed cohort.Date
	code        string
	episode     string
}

func (p *Population) writeJournal(record *cohort.Record, h *human) {
	j := &journal{dice: p.dice(h.index, topicJournal), record: record, human: h, extract: p.extract, end: p.extract}
	for _, stop := range []cohort.Date{h.died, h.removed} {
		if since(stop, j.end) {
			j.end = stop
		}
	}
	age := h.born.Age(j.end)
	has := j.conditions(p.conditions, age)
	if age >= adult {
		j.smoking()
		j.bloodPressure(has[hypertension])
		j.bodyMass()
		j.therapy(age)
	}
}

// conditions writes diagnoses and their reviews, and returns which of the conditions the person has.
func (j *journal) conditions(list []condition, age int) []bool {
	has := make([]bool, len(list))
	for i, c := range list {
		percent := c.percent.at(age)
		if c.doubles >= 0 {
			// Less likely for some, so that the average stays although it is twice as likely for others.
			percent /= 1 + list[c.doubles].percent.at(age)/100
			if has[c.doubles] {
				percent *= 2
			}
		}
		if has[i] = j.chance(percent); !has[i] {
			continue
		}
		code := pick(j.dice, c.codes)
		onset := j.day(j.human.born.AddMonths(12*c.from), j.end)
		diagnosis := entry{date: onset, typed: onset, code: code, episode: "F"}
		if j.chance(backDatedPercent) {
			diagnosis.typed = j.day(onset, j.end)
		}
		j.write(diagnosis)
		for range j.below(3) {
			j.write(j.seen(j.day(onset, j.end), code))
		}
	}
	return has
}

func (j *journal) smoking() {
	if !j.chance(smokingAskedPercent) {
		return
	}
	code := pick(j.dice, []share[string]{
		{smokerPercent, smokerCode},
		{exSmokerPercent, exSmokerCode},
		{100 - smokerPercent - exSmokerPercent, neverSmokedCode},
	})
	for range 1 + j.below(3) {
		j.write(j.seen(j.recent(10), code))
	}
}

func (j *journal) bloodPressure(raised bool) {
	systolic, diastolic := systolicMean, diastolicMean
	if raised {
		systolic, diastolic = systolic+systolicRaised, diastolic+diastolicRaised
	} else if !j.chance(pressureTakenPercent) {
		return
	}
	for range 1 + j.below(4) {
		high := j.normal(systolic, systolicDeviation)
		low := min(j.normal(diastolic, diastolicDeviation), high-10)
		j.write(j.seen(j.recent(5), bloodPressureCode),
			gpes.Value1.Of(j.reading(math.Round(high))), gpes.Value2.Of(math.Round(low)))
	}
}

func (j *journal) bodyMass() {
	if !j.chance(bodyMassTakenPercent) {
		return
	}
	usual := j.normal(bodyMassMean, bodyMassDeviation)
	for range 1 + j.below(3) {
		tenths := math.Round(10 * max(13, j.normal(usual, 1)))
		j.write(j.seen(j.recent(5), bodyMassCode), gpes.Value1.Of(j.reading(tenths/10)))
	}
}

// therapy writes contacts with NHS Talking Therapies.
func (j *journal) therapy(age int) {
	percent := therapyPercent
	switch j.human.lasting.Gender {
	case person.Male:
		percent *= therapyMen
	case person.Female:
		percent *= therapyWomen
	}
	if age >= 65 {
		percent *= therapyFrom65
	}
	if j.chance(percent) {
		for range 1 + j.below(2) {
			j.write(j.seen(j.recent(therapyYears), therapyCode))
		}
	}
}

// recent returns a day of the last years of care, in adult life.
func (j *journal) recent(years int) cohort.Date {
	return j.day(latest(j.human.born.AddMonths(12*adult), j.end.AddMonths(-12*years).AddDays(1)), j.end)
}

// seen is an entry that is not the first of its kind, typed on its day or some days later.
func (j *journal) seen(date cohort.Date, code string) entry {
	e := entry{date: date, typed: date, code: code, episode: "O"}
	if j.chance(lateEntryPercent) {
		e.typed = earliest(date.AddDays(1+j.below(30)), j.extract)
	}
	return e
}

// reading spoils a few values: not measured, or a slipped decimal point.
func (j *journal) reading(value float64) float64 {
	if !j.chance(implausiblePercent) {
		return value
	}
	return []float64{0, value / 10, value * 10}[j.below(3)]
}

// write appends an entry, with dirt.
func (j *journal) write(e entry, values ...cell) {
	practice := j.human.home.practice
	if e.date.Compare(j.human.joined) < 0 {
		practice = j.human.earlier
	}
	switch at := j.unit() * 100; {
	case at < dateMissingPercent:
		e.date = cohort.MustDate("1800-01-01")
	case at < dateMissingPercent+typedMissingPercent:
		e.typed = cohort.Date{}
	case at < dateMissingPercent+typedMissingPercent+futurePercent:
		e.date = j.extract.AddDays(1 + j.below(326_000)) // up to nine centuries
	}
	j.row = append(j.row[:0],
		gpes.RecordDate.Of(e.typed),
		gpes.Code.Of(e.code),
		gpes.Practice.Of(practice),
		gpes.ExtractDate.Of(j.extract),
		gpes.Sex.Of(j.human.lasting.Gender),
		gpes.LSOA.Of(j.human.home.area),
	)
	if j.chance(ethnicFilledPercent) {
		j.row = append(j.row, gpes.Ethnicity.Of(j.human.ethnicity))
	}
	if j.chance(episodeFilledPercent) {
		j.row = append(j.row, gpes.EpisodeCondition.Of(e.episode))
	}
	j.row = append(j.row, values...)
	cohort.Append(j.record, gpes.Date.Of(e.date), j.row...)
	if j.chance(twicePercent) {
		cohort.Append(j.record, gpes.Date.Of(e.date), j.row...)
	}
}
