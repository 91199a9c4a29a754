package synthetic

import (
	"strconv"

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

// peopleSheet are the columns of the table of people.
type peopleSheet struct {
	superseded, born, gender, language, interpreter, postcode, outcode, decile, region, addressSince *column
	area, removal, removed, practice, board, joined, posting, postingSince, deathStatus, died        *column
	homePhone, mobile, email, invalid, eligible                                                      *column

	text []byte // of a number or address
}

func newPeopleSheet(s *sheet) *peopleSheet {
	return &peopleSheet{
		superseded: s.column("superseded_by_nhs_number"), born: s.column("date_of_birth"), gender: s.column("gender"),
		language: s.column("preferred_language"), interpreter: s.column("is_interpreter_required"),
		postcode: s.column("postcode"), outcode: s.column("outcode"), decile: s.column("imd_decile"), region: s.column("region"),
		addressSince: s.column("address_effective_from_date"), area: s.column("lsoa"),
		removal: s.column("reason_for_removal"), removed: s.column("reason_for_removal_effective_from_date"),
		practice: s.column("primary_care_provider"), board: s.column("icb"), joined: s.column("primary_care_effective_from_date"),
		posting: s.column("current_posting"), postingSince: s.column("current_posting_effective_from_date"),
		deathStatus: s.column("death_status"), died: s.column("date_of_death"),
		homePhone: s.column("home_telephone_number"), mobile: s.column("mobile_telephone_number"), email: s.column("email_address"),
		invalid: s.column("invalid_flag"), eligible: s.column("eligibility"),
	}
}

// personRow writes the row of a person as PDS had it on the day of the extract.
func (g *generator) personRow(p *patient, s *sheet) {
	d := g.population.dice(p.index, topicDetails+50)
	h, extract, to := &p.human, g.population.extract, g.people
	if p.place != p.index && d.chance(supersededKnownPercent) {
		to.superseded.text(strconv.AppendInt(to.text[:0], g.population.key(p.index), 10))
	}
	if h.birth == toTheDay {
		to.born.day(p.born)
	}
	to.gender.word(p.sex)
	if d.chance(languagePercent) {
		to.language.word(d.below(8))
		to.interpreter.word(d.below(2))
	} else if d.chance(interpreterFilledPercent) {
		to.interpreter.word(0)
	}
	if h.home.postcode != "" {
		to.postcode.text(append(to.text[:0], h.home.postcode...))
		to.outcode.text(append(to.text[:0], h.home.district...))
		to.decile.number(float64(1 + mix(uint64(p.area))%10)) //nolint:gosec // not negative
		to.region.word(p.region)
	}
	if d.chance(addressSincePercent) {
		to.addressSince.day(d.between(p.born, p.end))
	}
	to.area.word(p.area)
	if since(h.removed, extract) {
		to.removal.word(placeOf(reasons(), h.reason))
		to.removed.day(h.removed)
	} else {
		to.practice.word(p.practice)
		to.board.word(p.site)
		to.joined.day(g.registered(p))
	}
	if d.chance(defencePercent) {
		to.posting.word(0)
		to.postingSince.day(d.between(p.born, p.end))
	}
	if since(h.noticed, extract) {
		to.deathStatus.word(int(h.status[0] - '1'))
		if !h.undated {
			to.died.day(p.died)
		}
	}
	if d.chance(homePhonePercent) { // numbers that are kept free for fiction
		to.homePhone.text(strconv.AppendInt(append(to.text[:0], "01632960"...), int64(100+d.below(900)), 10))
	}
	if h.lasting.HasMobile {
		to.mobile.text(strconv.AppendInt(append(to.text[:0], "07700900"...), int64(100+d.below(900)), 10))
	}
	if h.lasting.HasEmail {
		to.text = strconv.AppendInt(append(to.text[:0], "someone"...), int64(d.below(1_000_000)), 10)
		to.email.text(append(to.text, "@example.org"...))
	}
	to.invalid.word(boolean(d.chance(invalidPercent)))
	to.eligible.word(boolean(d.chance(notEligiblePercent)))
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
	if p.joined != 0 {
		return p.joined
	}
	d := g.population.dice(p.index, topicDetails+60)
	return d.between(p.born, p.end)
}

// movesSheet are the columns of the table of registrations.
type movesSheet struct{ number, from, to, practice *column }

// registrations writes the history of practices, of which one goes on unless the person has left.
func (g *generator) registrations(p *patient, s *sheet) {
	h, extract := &p.human, g.population.extract
	number := float64(1 + p.key%90)
	add := func(at *practice, from, to calendar.Day) {
		g.moves.number.number(number)
		g.moves.from.day(from)
		g.moves.to.day(to)
		g.moves.practice.word(at.at)
		s.rows++
		number++
	}
	joined := g.registered(p)
	if h.earlier != h.home.at && joined > p.born {
		d := g.population.dice(p.index, topicDetails+70)
		add(h.earlier, d.between(p.born, joined-1), joined-1)
	}
	last := calendar.Of(9999, 12, 31)
	if since(h.removed, extract) {
		last = h.removed
	}
	add(h.home.at, joined, last)
}

// death writes the registration of a death, if it is registered.
func (g *generator) death(p *patient, s *sheet) {
	if p.died == 0 {
		return
	}
	r := g.begin(p, topicDetails+80)
	r.day, r.end = p.died, p.died.AddDays(1+r.below(8))
	if r.chance(inquestPercent) {
		r.end = r.end.AddDays(60 + r.below(180))
	}
	if r.end > p.until {
		return
	}
	for ok := r.chance(causeFilledPercent); ok; ok = len(r.diagnoses) < 15 && r.chance(furtherCausePercent) {
		r.diagnoses = append(r.diagnoses, g.diagnosis(r))
	}
	s.add(r)
}
