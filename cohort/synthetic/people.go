package synthetic

import (
	"strconv"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/internal/calendar"
)

// personSheet has the columns of the table of people, each with its words.
func (v *vocabularies) personSheet(s *sheet) {
	for name, words := range map[string][]string{
		"gender": v.sex, "preferred_language": {"pl", "ro", "pa", "ur", "bn", "gu", "ar", "bsl"},
		"is_interpreter_required": {"false", "true"}, "lsoa": v.areas, "region": v.regions,
		"primary_care_provider": v.practices, "icb": v.boards, "current_posting": {"DMS"},
		"reason_for_removal": reasons(), "death_status": {"1", "2"},
		"invalid_flag": {"false", "true"}, "eligibility": {"true", "false"},
	} {
		s.column(name).words = words
	}
}

func reasons() []string {
	words := []string{"DEA"}
	for _, r := range removals() {
		words = append(words, r.value)
	}
	return words
}

// personRow writes the row of a person as PDS had it on the day of the extract.
func (g *generator) personRow(p *patient, s *sheet) {
	d := g.population.dice(p.index, topicDetails+50)
	h, extract := p.human, g.population.extract
	word := func(name string, place int) { s.column(name).word(place) }
	if p.place != p.index && d.chance(supersededKnownPercent) {
		s.column("superseded_by_nhs_number").text([]byte(g.population.number(p.index)))
	}
	if h.birth == toTheDay {
		s.column("date_of_birth").day(p.born)
	}
	word("gender", p.sex)
	if d.chance(languagePercent) {
		word("preferred_language", d.below(8))
		word("is_interpreter_required", d.below(2))
	} else if d.chance(interpreterFilledPercent) {
		word("is_interpreter_required", 0)
	}
	if h.home.postcode != "" {
		s.column("postcode").text([]byte(h.home.postcode))
		s.column("outcode").text([]byte(h.home.district))
		s.column("imd_decile").number(float64(1 + mix(uint64(p.area))%10)) //nolint:gosec // not negative
		word("region", p.region)
	}
	if d.chance(addressSincePercent) {
		s.column("address_effective_from_date").day(d.between(p.born, p.end))
	}
	word("lsoa", p.area)
	if since(h.removed, extract) {
		word("reason_for_removal", placeOf(reasons(), h.reason))
		s.column("reason_for_removal_effective_from_date").day(dayOf(h.removed))
	} else {
		word("primary_care_provider", p.practice)
		word("icb", p.site)
		s.column("primary_care_effective_from_date").day(g.registered(p))
	}
	if d.chance(defencePercent) {
		word("current_posting", 0)
		s.column("current_posting_effective_from_date").day(d.between(p.born, p.end))
	}
	if since(h.noticed, extract) {
		word("death_status", int(h.status[0]-'1'))
		if !h.undated {
			s.column("date_of_death").day(p.died)
		}
	}
	if d.chance(homePhonePercent) { // numbers that are kept free for fiction
		s.column("home_telephone_number").text(strconv.AppendInt([]byte("01632960"), int64(100+d.below(900)), 10))
	}
	if h.lasting.HasMobile {
		s.column("mobile_telephone_number").text(strconv.AppendInt([]byte("07700900"), int64(100+d.below(900)), 10))
	}
	if h.lasting.HasEmail {
		email := strconv.AppendInt([]byte("someone"), int64(d.below(1_000_000)), 10)
		s.column("email_address").text(append(email, "@example.org"...))
	}
	word("invalid_flag", boolean(d.chance(invalidPercent)))
	word("eligibility", boolean(d.chance(notEligiblePercent)))
	s.rows++
}

func boolean(is bool) int {
	if is {
		return 1
	}
	return 0
}

// registered returns the day on which the person joined the present practice.
func (g *generator) registered(p *patient) calendar.Day {
	if !p.joined.IsZero() {
		return dayOf(p.joined)
	}
	d := g.population.dice(p.index, topicDetails+60)
	return d.between(p.born, p.end)
}

// registrations writes the history of practices, of which one goes on unless the person has left.
func (g *generator) registrations(p *patient, s *sheet) {
	h, extract := p.human, g.population.extract
	number := float64(1 + p.key%90)
	add := func(practice string, from, to calendar.Day) {
		s.column("scn").number(number)
		s.column("from").day(from)
		s.column("to").day(to)
		s.column("val").word(placeOf(g.words.practices, practice))
		s.rows++
		number++
	}
	joined := g.registered(p)
	if h.earlier != h.home.practice && joined > p.born {
		d := g.population.dice(p.index, topicDetails+70)
		add(h.earlier, d.between(p.born, joined-1), joined-1)
	}
	last := dayOf(cohort.MustDate("9999-12-31"))
	if since(h.removed, extract) {
		last = dayOf(h.removed)
	}
	add(h.home.practice, joined, last)
}

// death writes the registration of a death, if it is registered.
func (g *generator) death(p *patient, s *sheet) {
	if p.died == 0 {
		return
	}
	r := &g.row
	*r = row{dice: g.population.dice(p.index, topicDetails+80), p: p, diagnoses: r.diagnoses[:0], procedures: r.procedures}
	r.day, r.end = p.died, p.died.AddDays(1+r.below(8))
	if r.chance(inquestPercent) {
		r.end = r.end.AddDays(60 + r.below(180))
	}
	if r.end > p.until {
		return
	}
	for ok := true; ok; ok = len(r.diagnoses) < 15 && r.chance(furtherCausePercent) {
		r.diagnoses = append(r.diagnoses, g.diagnosis(r))
	}
	s.add(r)
}
