package synthetic

import (
	"github.com/personalised-prevention/nhs/internal/calendar"
)

// Purposes of identifiers.
const (
	idEpisode = iota + 1
	idSUS
	idSpell
	idAppointment
	idAttendance
	idPeriod
	idRegimen
	idCycle
	idDrug
	idRadiotherapy
	idVisit
	idPrescription
	idTumour
)

// admissions writes hospital episodes, in spells of one or more, and the critical care in them.
func (g *generator) admissions(p *patient, s *sheet) {
	r := g.begin(p, topicHospital)
	first, last := s.window(p)
	care := g.byName["hes.cc"]
	for n := p.events(&r.dice, s.mean); n > 0; {
		r.from = r.between(first, last)
		if r.from == 0 {
			break
		}
		r.of = 1
		if r.chance(longSpellPercent) {
			r.of += 1 + r.below(2)
		}
		r.of = min(r.of, n)
		r.emergency = r.chance(emergencyPercent)
		r.decided = max(p.born, r.from.AddDays(-r.below(120)))
		r.day = r.from
		r.id(&r.parent, "", 12, idSpell)
		for r.order = 1; r.order <= r.of; r.order++ {
			r.episode(g, last)
			s.add(r)
			if care != nil && r.chance(100*care.mean/s.mean) {
				g.criticalCare(care)
			}
			r.day = r.end
			n--
		}
	}
}

// episode draws what one episode has, from the day on which it begins.
func (r *row) episode(g *generator, last calendar.Day) {
	stay := 0
	if r.emergency || r.chance(nightPercent) {
		u := r.unit()
		stay = int(u * u * u * 30)
	}
	r.end = min(r.day.AddDays(stay), last)
	r.to = 0
	if r.order == r.of {
		r.to = r.end
	}
	digits := 12
	if r.day >= longKeys() {
		digits = 20
	}
	r.id(&r.key, "", digits, idEpisode)
	r.id(&r.join, "", 14, idSUS)
	r.diagnoses = r.diagnoses[:0]
	if r.chance(noDiagnosisPercent) {
		r.diagnoses = append(r.diagnoses, 0) // R69X
	} else {
		for _, percent := range g.diagnosisPercents {
			if !r.chance(percent) {
				break
			}
			r.diagnoses = append(r.diagnoses, g.diagnosis(r))
		}
	}
	r.procedures = r.procedures[:0]
	switch at := r.unit() * 100; {
	case at < procedurePercent:
		for _, percent := range g.procedurePercents {
			if !r.chance(percent) {
				break
			}
			r.procedures = append(r.procedures, g.procedure(r))
		}
	case at < procedurePercent+procedureNotKnownPercent:
		r.procedures = append(r.procedures, 1) // &
	case at < 100-procedureEmptyPercent:
		r.procedures = append(r.procedures, 0) // -
	}
}

// diagnosis draws one of the diagnoses: often one of those that are named, those that the person has among them.
func (g *generator) diagnosis(r *row) int {
	if r.chance(namedDiagnosisPercent) {
		u := r.unit()
		return 1 + int(u*u*float64(g.words.named-1))
	}
	u := r.unit()
	return g.words.named + int(u*u*float64(len(g.words.diagnoses4)-g.words.named))
}

func (g *generator) procedure(r *row) int {
	u := r.unit()
	return 2 + int(u*u*float64(len(g.words.procedures4)-2))
}

// criticalCare writes a period of critical care in the episode in hand.
func (g *generator) criticalCare(s *sheet) {
	r := &g.row
	r.id(&r.other, "", 25, idPeriod)
	r.key, r.other = r.other, r.key
	r.best = r.chance(bestMatchPercent)
	s.add(r)
	r.key, r.other = r.other, r.key
}

// appointments writes outpatient appointments.
func (g *generator) appointments(p *patient, s *sheet) {
	r := g.begin(p, topicHospital+100)
	first, last := s.window(p)
	for n := p.events(&r.dice, s.mean); n > 0; n-- {
		if r.day = r.between(first, last); r.day == 0 {
			return
		}
		r.decided = max(p.born, r.day.AddDays(-r.below(180)))
		digits := 12
		if r.day >= longKeys() {
			digits = 20
		}
		r.id(&r.key, "", digits, idAppointment)
		r.diagnoses = append(r.diagnoses[:0], 0) // R69X
		if r.chance(outpatientDiagnosisPercent) {
			r.diagnoses[0] = g.diagnosis(r)
			for len(r.diagnoses) < 12 && r.chance(outpatientSecondPercent) {
				r.diagnoses = append(r.diagnoses, g.diagnosis(r))
			}
		}
		r.procedures = append(r.procedures[:0], 0) // -
		if r.chance(outpatientProcedurePercent) {
			r.procedures[0] = g.procedure(r)
			for len(r.procedures) < 24 && r.chance(outpatientFurtherPercent) {
				r.procedures = append(r.procedures, g.procedure(r))
			}
		}
		s.add(r)
	}
}

// emergencies writes visits to A&E, of the old data set or of the new.
func (g *generator) emergencies(p *patient, s *sheet) {
	t := topicHospital + 200
	if s.table.Name() == "hes.ecds" {
		t = topicHospital + 300
	}
	r := g.begin(p, t)
	first, last := s.window(p)
	for n := p.events(&r.dice, s.mean); n > 0; n-- {
		if r.day = r.between(first, last); r.day == 0 {
			return
		}
		r.id(&r.key, "", 12, idAttendance)
		s.add(r)
	}
}
