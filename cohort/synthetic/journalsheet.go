package synthetic

import (
	"math"
	"strings"

	"github.com/personalised-prevention/nhs/internal/calendar"
)

// journalSheet are the columns of the GP journal, which has more rows than all other tables together.
type journalSheet struct {
	*sheet

	date, typed, code, episode, prescription, value1, value2, quantity, daily *column
	practice, ethnicity, sensitive, links                                     *column
	supplier, sex, area, born, monthBorn, yearBorn, died, yearDied            *column
	extracts                                                                  []*column

	readings  []preparedReading
	medicines []preparedMedicine
	draw      choice // of a reading
	prescribe choice // of a medicine
	histories []preparedHistory

	prevalence [smoking + 1]byAge // of what histories come after
}

type preparedReading struct {
	reading

	place int
}

type preparedMedicine struct {
	medicine

	place int
}

type preparedHistory struct {
	history

	places, resolved []int
}

// The words of two columns.
const (
	episodeFirst = iota
	episodeNew
	episodeOther
)

func (v *vocabularies) journalSheet(s *sheet) {
	for name, words := range map[string][]string{
		"CODE": v.journal, "EPISODE_CONDITION": {"F", "N", "O"}, "EPISODE_PRESCRIPTION": {"A", "I", "R"},
		"PRACTICE": v.practices, "GP_SYSTEM_SUPPLIER": v.suppliers, "SEX": v.sex, "ETHNIC": v.ethnicity, "LSOA": v.areas,
		"SENSITIVE_CODE": {"0", "1"}, "YEAR_MONTH_OF_BIRTH": v.monthsOfBirth, "uom": {"mmol/mol", "mmHg", "kg/m2"},
		"uom_ucum": {"mmol/mol", "mm[Hg]", "kg/m2"}, "comparator": {"<", ">"}, "deletion_flag": {"false", "true"},
	} {
		s.column(name).words = words
	}
}

func newJournalSheet(s *sheet, v *vocabularies) *journalSheet {
	j := &journalSheet{
		sheet: s, date: s.column("DATE"), typed: s.column("RECORD_DATE"), code: s.column("CODE"),
		episode: s.column("EPISODE_CONDITION"), prescription: s.column("EPISODE_PRESCRIPTION"),
		value1: s.column("VALUE1_CONDITION"), value2: s.column("VALUE2_CONDITION"),
		quantity: s.column("VALUE1_PRESCRIPTION"), daily: s.column("VALUE2_PRESCRIPTION"),
		practice: s.column("PRACTICE"), ethnicity: s.column("ETHNIC"),
		sensitive: s.column("SENSITIVE_CODE"), links: s.column("LINKS"),
		supplier: s.column("GP_SYSTEM_SUPPLIER"), sex: s.column("SEX"), area: s.column("LSOA"),
		born: s.column("DATE_OF_BIRTH"), monthBorn: s.column("YEAR_MONTH_OF_BIRTH"), yearBorn: s.column("YEAR_OF_BIRTH"),
		died: s.column("DATE_OF_DEATH"), yearDied: s.column("YEAR_OF_DEATH"),
		extracts: []*column{
			s.column("REPORTING_PERIOD_END_DATE"), s.column("JOURNAL_REPORTING_PERIOD_END_DATE"), s.column("PROCESSED_TIMESTAMP"),
		},
	}
	places := func(codes string) (all []int) {
		for code := range strings.FieldsSeq(codes) {
			all = append(all, v.journalAt[code])
		}
		return all
	}
	var shares []share[int]
	for i, r := range readings() {
		j.readings = append(j.readings, preparedReading{r, v.journalAt[r.code]})
		shares = append(shares, share[int]{r.share, i})
	}
	j.draw, shares = newChoice(shares), nil
	for i, m := range medicines() {
		j.medicines = append(j.medicines, preparedMedicine{m, v.journalAt[m.code]})
		shares = append(shares, share[int]{m.share, i})
	}
	j.prescribe = newChoice(shares)
	for i, c := range conditions() {
		j.prevalence[i] = c.percent
	}
	const smokers = smokerPercent * smokingAskedPercent / 100
	j.prevalence[smoking] = byAge{smokers * (20 - adult) / 20, smokers, smokers, smokers, smokers}
	for _, h := range histories() {
		j.histories = append(j.histories, preparedHistory{h, places(h.codes), places(h.resolved)})
	}
	return j
}

// journalRows writes the journal of a person: what records in memory have, the histories of other conditions, and so
// many readings, prescriptions and other entries that there are as many rows as asked for, on average.
func (g *generator) journalRows(p *patient, s *sheet) {
	j, from := g.journal, s.counted
	p.has = g.population.writeJournal(&p.human, func(e *entry) { g.coreEntry(p, e) })
	if s.mean > coreRows {
		d := g.population.dice(p.index, topicRecord)
		j.history(&d, p)
		for n := p.events(&d, s.mean-coreRows-historyRows); n > 0; n-- {
			j.entry(&d, p)
		}
	}
	if s.rows == from {
		return
	}
	g.steady(p, from)
}

// steady fills the columns that are the same in all rows of a person since one.
func (g *generator) steady(p *patient, from int) {
	j := g.journal
	j.supplier.same(from, g.population.supplier(p.practice))
	j.sex.same(from, p.sex)
	j.area.same(from, p.area)
	for _, c := range j.extracts {
		c.sameDay(from, p.until)
	}
	year, month, _ := p.born.Civil()
	j.yearBorn.sameNumber(from, float64(year))
	j.monthBorn.same(from, max(0, (year-firstMonth)*12+int(month)-1))
	if !g.population.pseudonymous() { // what only identifiable data have
		j.born.sameDay(from, p.born)
		j.died.sameDay(from, p.died)
	}
	if p.died != 0 {
		year, _, _ := p.died.Civil()
		j.yearDied.sameNumber(from, float64(year))
	}
}

// coreEntry writes a row that records in memory have too.
func (g *generator) coreEntry(p *patient, e *entry) {
	j := g.journal
	j.date.day(e.date)
	j.typed.day(e.typed)
	j.code.word(g.words.journalAt[e.code])
	j.practice.word(e.practice.at)
	if e.ethnicity != "" {
		j.ethnicity.word(p.ethnicity)
	}
	switch e.shown {
	case "F":
		j.episode.word(episodeFirst)
	case "O":
		j.episode.word(episodeOther)
	}
	if !math.IsNaN(e.value1) {
		j.value1.number(e.value1)
	}
	if !math.IsNaN(e.value2) {
		j.value2.number(e.value2)
	}
	j.sensitive.word(0)
	j.rows++
}

// history writes entries of conditions and circumstances that some people have had.
func (j *journalSheet) history(d *dice, p *patient) {
	for i := range j.histories {
		h := &j.histories[i]
		if h.sex != "" && h.sex != p.lasting.Gender || !d.chance(j.likely(h, p)) {
			continue
		}
		earliest := p.born.AddMonths(12 * h.from)
		if h.years > 0 {
			earliest = max(earliest, p.end.AddMonths(-12*h.years))
		}
		onset := d.between(earliest, p.end)
		if onset == 0 {
			continue
		}
		p.raised = p.raised || h.name == raisedGlucose
		code := h.places[d.below(len(h.places))]
		episode := episodeFirst
		for range 1 + d.below(2+h.more) {
			j.row(d, p, onset, code, episode)
			j.rows++
			onset, episode = d.between(onset, p.end), episodeOther
		}
		if len(h.resolved) > 0 && d.chance(resolvedPercent) {
			j.row(d, p, d.between(onset, p.end), h.resolved[0], episodeOther)
			j.rows++
		}
	}
}

// likely returns in percent how likely the person has had something: less without what it comes after, so that the
// average stays although it is likelier with that.
func (j *journalSheet) likely(h *preparedHistory, p *patient) float64 {
	percent := h.percent.at(p.age)
	if h.times == 0 {
		return percent
	}
	percent /= 1 + (h.times-1)*j.prevalence[h.after].at(p.age)/100
	if p.has[h.after] {
		percent *= h.times
	}
	return percent
}

// entry writes one of the many entries: a prescription, a reading, or anything.
func (j *journalSheet) entry(d *dice, p *patient) {
	from := max(p.born, p.until.AddDays(-365*journalYears))
	day := d.between(from, p.end)
	if day == 0 {
		return
	}
	switch at := d.unit() * 100; {
	case at < prescriptionPercent:
		m := &j.medicines[j.prescribe.draw(d)]
		place := m.place
		if m.code == "" {
			u := d.unit()
			place = inventedConcepts + int(u*u*u*inventedConcepts)
		}
		j.row(d, p, day, place, -1)
		j.prescription.word(j.kind(d))
		j.quantity.number(float64([...]int{28, 28, 56, 28, 84, 100, 30, 1}[d.below(8)]))
		j.daily.number(float64([...]int{1, 1, 2, 1, 3, 4, 1, 2}[d.below(8)]))
		j.rows++
		return
	case at < prescriptionPercent+readingPercent:
		j.reading(d, p, day)
	default:
		u := d.unit()
		j.row(d, p, day, int(u*u*u*inventedConcepts), episodeNew)
	}
	if d.chance(dailyAnyhowPercent) {
		j.daily.number(0)
	}
	j.rows++
}

// kind draws acute, issue or authorisation.
func (*journalSheet) kind(d *dice) int {
	switch at := d.unit() * 100; {
	case at < acutePercent:
		return 0
	case at < 100-authorisationPercent:
		return 1
	default:
		return 2
	}
}

// reading writes a row with a value, now and then spoiled. Values of people with diabetes or before it are higher where
// the table says so.
func (j *journalSheet) reading(d *dice, p *patient, day calendar.Day) {
	r := &j.readings[j.draw.draw(d)]
	place := r.place
	if r.code == "" {
		place = inventedConcepts/2 + d.below(200)
	}
	j.row(d, p, day, place, -1)
	mean := r.mean
	if p.has[diabetes] {
		mean += r.diabetic
	} else if p.raised {
		mean += r.before
	}
	value := max(r.least, d.normal(mean, r.deviation))
	value = math.Round(value*r.scale) / r.scale
	if r.code == heightCode && d.chance(metresPercent) {
		value /= 100
	}
	if d.chance(implausiblePercent) {
		value = [...]float64{0, value / 10, value * 10}[d.below(3)]
	}
	j.value1.number(value)
	if r.second > 0 {
		j.value2.number(math.Round(d.normal(r.second, 9)))
	}
}

// row writes what all entries have, dirt included: days that are missing or in the future, entries typed late or twice.
func (j *journalSheet) row(d *dice, p *patient, day calendar.Day, code, episode int) {
	typed := day
	if d.chance(lateEntryPercent) {
		typed = min(day.AddDays(1+d.below(30)), p.until)
	}
	switch at := d.unit() * 100; {
	case at >= dateMissingPercent+typedMissingPercent+futurePercent:
	case at < dateMissingPercent:
		day = noDay()
	case at < dateMissingPercent+typedMissingPercent:
		typed = 0
	default:
		day = p.until.AddDays(1 + d.below(326_000))
	}
	j.date.day(day)
	j.typed.day(typed)
	j.code.word(code)
	j.practice.word(p.practice)
	if d.chance(ethnicFilledPercent) {
		j.ethnicity.word(p.ethnicity)
	}
	if episode >= 0 && d.chance(eventEpisodePercent) {
		j.episode.word(episode)
	}
	j.sensitive.word(0)
	if d.chance(linksPercent) {
		j.links.text([]byte{decimal[1+d.below(9)], decimal[d.below(10)], decimal[d.below(10)]})
	}
}
