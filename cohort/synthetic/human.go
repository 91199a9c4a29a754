package synthetic

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/internal/calendar"
)

// human is the truth about one human being, of which PDS and the GP extract each show what was known on
// their day. Days of what never happened are zero.
type human struct {
	index     int
	lasting   Person // what does not depend on the day, but for the day of birth
	born      calendar.Day
	birth     precision
	ethnicity string

	home    home
	next    home // from moved
	moved   calendar.Day
	earlier *practice // before joined
	joined  calendar.Day

	reason        string
	removed       calendar.Day
	died, noticed calendar.Day
	status        string
	undated       bool
}

// precision is how much of a day of birth is known.
type precision uint8

const (
	toTheDay precision = iota
	toTheMonth
	toTheYear
	notAtAll
)

// human draws the person of an index.
func (p *Population) human(i int) human {
	h := human{index: i}
	p.identify(&h)
	p.house(&h)
	p.happen(&h)
	p.reach(&h)
	return h
}

// identify draws birth, sex and names. Everybody was born by the day of the extract.
func (p *Population) identify(h *human) {
	d := p.dice(h.index, topicIdentity)
	band := pick(&d, p.tables.ages)
	age := band.from + d.below(band.width)
	if band.width > 5 {
		age = min(age, band.from+d.below(band.width))
	}
	h.born = p.extract.AddMonths(-12 * age).AddDays(-d.below(365))
	switch at := d.unit() * 100; {
	case at < birthMonthOnlyPercent:
		h.birth = toTheMonth
	case at < birthMonthOnlyPercent+birthYearOnlyPercent:
		h.birth = toTheYear
	case at < birthMonthOnlyPercent+birthYearOnlyPercent+birthMissingPercent:
		h.birth = notAtAll
	}
	h.lasting.Gender = pick(&d, p.tables.sexes)
	given, family := p.tables.given[h.lasting.Gender], p.tables.family
	h.lasting.GivenName, h.lasting.FamilyName = given[d.below(len(given))], family[d.below(len(family))]
	h.lasting.Restricted = d.chance(restrictedPercent)
}

// house draws homes, practices and, because it varies by region, ethnicity.
func (p *Population) house(h *human) {
	d := p.dice(h.index, topicHome)
	age := h.born.Years(p.extract)
	h.home = p.settle(&d)
	if d.chance(movedPercent) {
		h.next = p.settle(&d)
		h.moved = d.day(p.extract.AddDays(1), p.on)
	}
	h.earlier = h.home.at
	if d.chance(earlierPercent) {
		h.earlier = &p.practices[p.nearby.draw(&d)].value
		h.joined = d.day(h.born, p.extract)
	}

	percent := (100 - p.tables.categoryA) * p.tables.otherEthnicity.at(age)
	if h.home.region == london {
		percent *= londonEthnicity
	} else {
		percent *= elsewhereEthnicity
	}
	h.ethnicity = "A"
	if d.chance(percent) {
		h.ethnicity = pick(&d, p.tables.others)
	}
	if d.chance(ethnicNotSaid) {
		h.ethnicity = "Z"
	}
}

// happen draws death and removal.
func (p *Population) happen(h *human) {
	d := p.dice(h.index, topicEvents)
	on := p.on
	if d.chance(removedPercent) {
		h.reason = pick(&d, p.tables.removals)
		h.removed = d.day(max(h.born, on.AddMonths(-removedMonths)+1), on)
	}
	if !d.chance(p.tables.deaths.at(h.born.Years(on))) {
		return
	}
	h.died = d.day(max(h.born, on.AddMonths(-deathMonths)+1), on)
	h.noticed = min(h.died.AddDays(d.below(deathNoticeDays)), on)
	if h.removed > h.died {
		h.reason, h.removed = "", 0 // the dead do not move away
	}
	h.status = "2"
	if d.chance(informalPercent) {
		h.status, h.undated = "1", d.chance(undatedPercent)
	} else {
		h.reason, h.removed = "DEA", h.noticed
	}
}

// reach draws the ways to reach somebody.
func (p *Population) reach(h *human) {
	d := p.dice(h.index, topicContact)
	c := contacts(h.born.Years(p.on))
	h.lasting.ReadsApp = d.chance(c.app)
	h.lasting.HasMobile = d.chance(c.mobile)
	h.lasting.HasEmail = d.chance(c.email)
}

// view returns what was known on a day: the person as PDS showed them, and the home they then had.
func (h *human) view(day calendar.Day) (shown Person, at home) {
	shown, at = h.lasting, h.home
	born := dateOf(h.born).String()
	shown.DateOfBirth = born[:[...]int{toTheDay: len("1932-05-06"), toTheMonth: len("1932-05"), toTheYear: len("1932"), notAtAll: 0}[h.birth]]
	if since(h.moved, day) {
		at = h.next
	}
	shown.Postcode, shown.LSOA, shown.Practice = at.postcode, at.area, at.practice
	if since(h.removed, day) {
		shown.ReasonForRemoval, shown.DateOfRemoval = h.reason, dateOf(h.removed).String()
		shown.Practice, at.board = "", ""
	}
	if since(h.noticed, day) {
		shown.DeathStatus = h.status
		if !h.undated {
			shown.DateOfDeath = dateOf(h.died).String()
		}
	}
	return shown, at
}

// fields returns what was known on a day as the fields of a record. Partial days are missing.
func (h *human) fields(day calendar.Day) []cohort.Cell[cohort.Criterion] {
	shown, at := h.view(day)
	complete := func(text string) cohort.Date {
		d, err := cohort.ParseDate(text)
		if err != nil {
			return cohort.Date{}
		}
		return d
	}
	return []cohort.Cell[cohort.Criterion]{
		person.DateOfBirth.Of(complete(shown.DateOfBirth)),
		person.Gender.Of(shown.Gender),
		person.Postcode.Of(shown.Postcode),
		person.Outcode.Of(at.district),
		person.LSOA.Of(shown.LSOA),
		person.Practice.Of(shown.Practice),
		person.ICB.Of(at.board),
		person.ReasonForRemoval.Of(shown.ReasonForRemoval),
		person.DateOfRemoval.Of(complete(shown.DateOfRemoval)),
		person.DateOfDeath.Of(complete(shown.DateOfDeath)),
		person.DeathStatus.Of(shown.DeathStatus),
	}
}

// since reports whether something that happened on a day, if it did, had happened by another.
func since(happened, by calendar.Day) bool {
	return happened != 0 && happened <= by
}
