package synthetic

import (
	"math"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/internal/calendar"
)

// adult is the age in years from which readings are taken and therapy is offered.
const adult = 16

// journal writes the GP journal of one person.
type journal struct {
	dice

	human   *human
	extract calendar.Day
	end     calendar.Day // the last day of care
	emit    func(*entry)
	written entry // reused from row to row
}

// entry is one row of a journal.
type entry struct {
	date, typed    calendar.Day
	code           string
	episode        string
	value1, value2 float64 // NaN for none

	// What dirt and chance leave of it.
	practice  *practice
	ethnicity string // empty for none
	shown     string // the episode, empty for none
}

// writeJournal makes the core of a journal: what cohorts ask about most. It returns which of the conditions the person
// has, and whether the person smokes.
func (p *Population) writeJournal(h *human, emit func(*entry)) []bool {
	j := &journal{dice: p.dice(h.index, topicJournal), human: h, extract: p.extract, end: p.extract, emit: emit}
	for _, stop := range [...]calendar.Day{h.died, h.removed} {
		if since(stop, j.end) {
			j.end = stop
		}
	}
	age := h.born.Years(j.end)
	has := j.conditions(p.tables.conditions, age)
	if age >= adult {
		has[smoking] = j.smoking()
		j.bloodPressure(has[hypertension])
		j.bodyMass()
		j.therapy(age)
	}
	return has
}

// conditions writes diagnoses and their reviews, and returns which of the conditions the person has.
func (j *journal) conditions(list []condition, age int) []bool {
	has := make([]bool, smoking+1)
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
		code := pick(&j.dice, c.codes)
		onset := j.day(j.human.born.AddMonths(12*c.from), j.end)
		diagnosis := entry{date: onset, typed: onset, code: code, episode: "F", value1: math.NaN(), value2: math.NaN()}
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

// smoking writes answers to whether the person smokes, and returns whether that is so.
func (j *journal) smoking() bool {
	if !j.chance(smokingAskedPercent) {
		return false
	}
	code := pick(&j.dice, []share[string]{
		{smokerPercent, smokerCode},
		{exSmokerPercent, exSmokerCode},
		{100 - smokerPercent - exSmokerPercent, neverSmokedCode},
	})
	for range 1 + j.below(3) {
		j.write(j.seen(j.recent(10), code))
	}
	return code == smokerCode
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
		e := j.seen(j.recent(5), bloodPressureCode)
		e.value1, e.value2 = j.reading(math.Round(high)), math.Round(low)
		j.write(e)
	}
}

func (j *journal) bodyMass() {
	if !j.chance(bodyMassTakenPercent) {
		return
	}
	usual := j.normal(bodyMassMean, bodyMassDeviation)
	for range 1 + j.below(3) {
		tenths := math.Round(10 * max(13, j.normal(usual, 1)))
		e := j.seen(j.recent(5), bodyMassCode)
		e.value1 = j.reading(tenths / 10)
		j.write(e)
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
func (j *journal) recent(years int) calendar.Day {
	return j.day(max(j.human.born.AddMonths(12*adult), j.end.AddMonths(-12*years)+1), j.end)
}

// seen is an entry that is not the first of its kind, typed on its day or some days later.
func (j *journal) seen(date calendar.Day, code string) entry {
	e := entry{date: date, typed: date, code: code, episode: "O", value1: math.NaN(), value2: math.NaN()}
	if j.chance(lateEntryPercent) {
		e.typed = min(date.AddDays(1+j.below(30)), j.extract)
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

// write hands out an entry, with dirt.
func (j *journal) write(e entry) {
	e.practice = j.human.home.at
	if e.date < j.human.joined {
		e.practice = j.human.earlier
	}
	switch at := j.unit() * 100; {
	case at < dateMissingPercent:
		e.date = noDay()
	case at < dateMissingPercent+typedMissingPercent:
		e.typed = 0
	case at < dateMissingPercent+typedMissingPercent+futurePercent:
		e.date = j.extract.AddDays(1 + j.below(326_000)) // up to nine centuries
	}
	if j.chance(ethnicFilledPercent) {
		e.ethnicity = j.human.ethnicity
	}
	if j.chance(episodeFilledPercent) {
		e.shown = e.episode
	}
	j.written = e
	j.emit(&j.written)
	if j.chance(twicePercent) {
		j.emit(&j.written)
	}
}

// record returns a record with the core of the journal and the fields that cohorts ask about.
func (p *Population) record(i int) *cohort.Record {
	h := p.human(p.original(i))
	record := cohort.NewRecord(p.number(i), h.fields(p.extract)...)
	var row []cohort.Cell[cohort.RowPred[gpes.Entry]] // reused from row to row
	p.writeJournal(&h, func(e *entry) {
		row = append(row[:0],
			gpes.RecordDate.Of(dateOf(e.typed)),
			gpes.Code.Of(e.code),
			gpes.Practice.Of(e.practice.code),
			gpes.ExtractDate.Of(dateOf(p.extract)),
			gpes.Sex.Of(h.lasting.Gender),
			gpes.LSOA.Of(h.home.area),
		)
		if e.ethnicity != "" {
			row = append(row, gpes.Ethnicity.Of(e.ethnicity))
		}
		if e.shown != "" {
			row = append(row, gpes.EpisodeCondition.Of(e.shown))
		}
		if !math.IsNaN(e.value1) {
			row = append(row, gpes.Value1.Of(e.value1))
		}
		if !math.IsNaN(e.value2) {
			row = append(row, gpes.Value2.Of(e.value2))
		}
		cohort.Append(record, gpes.Date.Of(dateOf(e.date)), row...)
	})
	return record
}
