package synthetic

import (
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/internal/calendar"
)

// treatment is a regimen of drugs, or a course of radiotherapy, for a cancer.
type treatment struct {
	share  float64 // of treatments
	cancer string  // ICD-10
	sex    string  // of the only ones who have it; empty for all

	regimen, group string
	drugs          []drug
	intent         string
	oral           bool

	fractions    int
	dose         float64 // of all fractions, in grays
	region, site string
}

// drug is one of a regimen, with its dose in milligrams.
type drug struct {
	name string
	dose float64
}

// cancerCare writes the tables of systemic anti-cancer therapy and of radiotherapy: few people have any rows, and
// those many.
func (g *generator) cancerCare(p *patient) {
	r := g.begin(p, topicCancer)
	percent := treatedByAge().at(p.age)
	if r.chance(percent * drugTreatedPercent / 100) {
		g.drugTreatment()
	}
	if r.chance(percent * irradiatedPercent / 100) {
		g.radiotherapy(g.treatment(g.population.courses), 0)
	}
	if p.lasting.Gender == person.Female && r.chance(lymphomaPercent) {
		from := p.born.AddMonths(12 * 10)
		if day := r.between(max(from, firstRadiotherapy()), min(p.born.AddMonths(12*36)-1, p.end)); day != 0 {
			mantle := hodgkin()
			g.radiotherapy(&mantle, day)
		}
	}
}

// add adds the row in hand to a table, if it is wanted.
func (g *generator) add(table string) {
	if s := g.byName[table]; s != nil {
		s.add(&g.row)
	}
}

// treatment draws one that the person can have.
func (g *generator) treatment(of []share[*treatment]) *treatment {
	for {
		t := pick(&g.row.dice, of)
		if t.sex == "" || t.sex == g.row.p.lasting.Gender {
			return t
		}
	}
}

// times draws how often something happens, so many times on average in a nation, and less with less data, but once.
func (g *generator) times(table string, national float64) int {
	u := g.row.unit()
	return max(1, int(2*u*national*g.population.rows[table]/g.national[table]+0.5))
}

// drugTreatment writes regimens, their cycles and drugs.
func (g *generator) drugTreatment() {
	r := &g.row
	for range g.times("sact.administrations", regimensEach) {
		first, last := max(r.p.born, firstDrugTreatment()), r.p.end
		if r.from = r.between(first, last); r.from == 0 {
			return
		}
		r.plan = g.treatment(g.population.regimens)
		r.id(&r.top, "M", 12, idRegimen)
		r.day, r.decided = r.from, r.from.AddDays(-r.below(30))
		cycles := g.times("sact.administrations", cyclesEach)
		r.end = min(r.from.AddDays(cycleDays*(cycles-1)), last)
		g.add("sact.regimens")
		for r.cycle = 1; r.cycle <= cycles && r.from.AddDays(cycleDays*(r.cycle-1)) <= last; r.cycle++ {
			r.to = r.from.AddDays(cycleDays * (r.cycle - 1))
			r.day = r.to
			r.id(&r.parent, "C", 12, idCycle)
			g.add("sact.cycles")
			for r.drug = range r.plan.drugs {
				for visit := range g.times("sact.administrations", visitsEach) {
					r.day = min(r.to.AddDays(7*visit), last)
					r.dose = float64(int(r.plan.drugs[r.drug].dose * (0.7 + 0.6*r.unit())))
					r.id(&r.key, "D", 12, idDrug)
					g.add("sact.drugs")
					g.add("sact.administrations")
				}
			}
		}
		r.day = r.end
		g.add("sact.outcomes")
	}
}

// radiotherapy writes a course: an attendance for each fraction, with its prescription and exposures. It begins on a day,
// or on any.
func (g *generator) radiotherapy(t *treatment, day calendar.Day) {
	r := &g.row
	r.plan = t
	if r.from = day; day == 0 {
		if r.from = r.between(max(r.p.born, firstRadiotherapy()), r.p.end); r.from == 0 {
			return
		}
	}
	r.decided = r.from.AddDays(-5 - r.below(40))
	r.id(&r.top, "", 12, idTumour)
	r.id(&r.parent, "E", 12, idRadiotherapy)
	r.of = min(t.fractions, g.times("rtds.attendances", fractionsEach))
	for r.order = 1; r.order <= r.of; r.order++ {
		if r.day = r.from.AddDays((r.order - 1) * 7 / 5); r.day > r.p.end {
			return
		}
		r.id(&r.key, "", 12, idVisit)
		r.id(&r.join, "P", 12, idPrescription)
		g.add("rtds.attendances")
		g.add("rtds.prescriptions")
		for range 1 + r.below(3) {
			g.add("rtds.exposures")
		}
	}
}
