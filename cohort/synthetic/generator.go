package synthetic

import (
	"math/bits"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/hes"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/cohort/rtds"
	"github.com/personalised-prevention/nhs/cohort/sact"
	"github.com/personalised-prevention/nhs/internal/calendar"
)

// generator makes the rows of one person after another. It is used by one goroutine.
type generator struct {
	population *Population
	words      *vocabularies
	sheets     []*sheet // that of people first
	byName     map[string]*sheet
	writers    []writer
	people     *peopleSheet
	moves      movesSheet
	journal    *journalSheet
	inHand     patient
	row        row

	national          Rows
	diagnosisPercents [20]float64
	procedurePercents [24]float64
}

// allTables returns the tables of every catalogue, that of people first.
func allTables() (tables []*cohort.Table) {
	for _, of := range [][]*cohort.Table{person.Tables(), gpes.Tables(), hes.Tables(), sact.Tables(), rtds.Tables()} {
		tables = append(tables, of...)
	}
	return tables
}

func (p *Population) newGenerator() *generator {
	g := &generator{population: p, words: p.words(), byName: make(map[string]*sheet)}
	g.national, g.diagnosisPercents, g.procedurePercents = National(), diagnosisPercents(), procedurePercents()
	for _, t := range allTables() {
		if p.rows[t.Name()] == 0 {
			continue
		}
		s := newSheet(t, p.keyColumn(t.Info().PersonKeys))
		switch t.Name() {
		case "person":
			g.words.personSheet(s)
			g.people = newPeopleSheet(s)
		case "person.registrations":
			g.moves = movesSheet{s.column("scn"), s.column("from"), s.column("to"), s.column("val")}
			g.moves.practice.words = g.words.practices
		case "gpes.journal":
			g.words.journalSheet(s)
			g.journal = newJournalSheet(s, g.words)
		default:
			g.words.assign(s)
		}
		g.sheets = append(g.sheets, s)
		g.byName[t.Name()] = s
		s.mean = p.rows[t.Name()]
	}
	for _, w := range []struct {
		table string
		write func(*patient, *sheet)
	}{
		{"person", g.personRow},
		{"person.registrations", g.registrations},
		{"person.deaths", g.death},
		{"gpes.journal", g.journalRows},
		{"hes.apc", g.admissions}, // and hes.cc
		{"hes.op", g.appointments},
		{"hes.ae", g.emergencies},
		{"hes.ecds", g.emergencies},
	} {
		if s := g.byName[w.table]; s != nil {
			g.writers = append(g.writers, writer{s, w.write})
		}
	}
	return g
}

// writer writes the rows that a person has in a sheet.
type writer struct {
	sheet *sheet
	write func(*patient, *sheet)
}

// keyColumn returns the column that the keys of a population are in: the first of the catalogue identifies people, the
// last are pseudonyms.
func (p *Population) keyColumn(keys []string) string {
	const old = "PSEUDO_HESID" // of extracts that nobody makes any more
	if !p.pseudonymous() {
		return keys[0]
	}
	if last := keys[len(keys)-1]; last != old {
		return last
	}
	return keys[len(keys)-2]
}

// patient is a human being as the tables show them: on the day of the extract.
type patient struct {
	human

	place int          // of the person among all
	key   int64        // of the person
	died  calendar.Day // by the extract; 0 while alive
	end   calendar.Day // the last day of care
	until calendar.Day // the day of the extract

	age                    int // on the last day of care
	sex, ethnicity, area   int // places among the words of each
	practice, region, site int
	district               int
	load                   float64 // how much care the person takes; 1 on average
	has                    []bool  // conditions of the core
	raised                 bool    // blood glucose, short of diabetes
}

// topics of the tables come after those of people.
const (
	topicRecord topic = 100 + iota
	topicHospital
	topicCancer
	topicDetails
	topicShuffle
	topicPseudonym
)

// person adds the rows of the person of an index to the sheets.
func (g *generator) person(i int) {
	p := g.patient(i)
	for _, w := range g.writers {
		w.write(p, w.sheet)
	}
	g.cancerCare(p)
	for _, s := range g.sheets {
		s.end(p.key)
	}
}

func (g *generator) patient(i int) *patient {
	pop := g.population
	original := pop.original(i)
	p := &g.inHand
	*p = patient{human: pop.human(original), place: i, key: pop.key(i), until: pop.extract}
	h := &p.human
	p.ethnicity, p.sex = placeOf(g.words.ethnicity, h.ethnicity), placeOf(g.words.sex, h.lasting.Gender)
	p.end = p.until
	for _, stop := range [...]calendar.Day{h.died, h.removed} {
		if since(stop, pop.extract) {
			p.end = min(p.end, stop)
		}
	}
	if since(h.died, pop.extract) {
		p.died = h.died
	}
	at := h.home
	p.area, p.practice, p.region, p.district = at.areaAt, at.at.at, at.at.region0, at.at.district0
	p.site = at.at.board0
	p.age = max(p.born.Years(p.end), 0)
	d := pop.dice(original, topicDetails)
	u := d.unit()
	p.load = 3 * u * u * pop.byAgeLoad.at(p.age)
	return p
}

// placeOf returns where a word is, the first place if it is nowhere.
func placeOf(words []string, word string) int {
	for i, w := range words {
		if w == word {
			return i
		}
	}
	return 0
}

// events returns how many rows of a table the person has, of so many on average.
func (p *patient) events(d *dice, mean float64) int {
	expected := mean * p.load
	n := int(expected)
	if d.unit() < expected-float64(n) {
		n++
	}
	return n
}

// between returns a day from one to another, rather late than early; no day if there is none.
func (d *dice) between(from, to calendar.Day) calendar.Day {
	if from > to {
		return 0
	}
	u := d.unit()
	return to - calendar.Day(u*u*float64(to-from+1))
}

// row is a row of a sheet in the making, with what its columns have in common.
type row struct {
	dice

	p *patient

	day, end   calendar.Day // of what the row tells
	from, to   calendar.Day // of the stay that it belongs to
	decided    calendar.Day
	order, of  int // in that
	emergency  bool
	diagnoses  []int // places among diagnoses
	procedures []int
	best       bool
	key        []byte // of the row
	parent     []byte
	top        []byte
	join       []byte
	other      []byte // of a row elsewhere
	serials    [idTumour + 1]int
	plan       *treatment
	cycle      int
	drug       int
	dose       float64
}

// add adds the row to a sheet.
func (s *sheet) add(r *row) {
	for _, f := range s.fields {
		if f.draw != nil {
			f.draw(r, f)
		}
	}
	s.rows++
}

// begin returns the row in hand, with nothing in it but a person and dice for a topic.
func (g *generator) begin(p *patient, t topic) *row {
	r := &g.row
	*r = row{
		dice: g.population.dice(p.index, t), p: p, diagnoses: r.diagnoses[:0], procedures: r.procedures[:0],
		key: r.key[:0], parent: r.parent[:0], top: r.top[:0], join: r.join[:0], other: r.other[:0],
	}
	return r
}

// id makes another identifier for a purpose, that nobody else has, in the room of one that is of no more use: 12 digits in
// no order and, when it has more, nines before them. It is not of a size to be hidden in: the digits are the person's place
// and an ordinal, mixed.
func (r *row) id(room *[]byte, prefix string, digits, purpose int) []byte {
	const each, all, factor = 10_000, 1_000_000_000_000, 618_033_988_749 // the last has no factor in common with the one before
	n := uint64(r.p.place)*each + uint64(r.serials[purpose]%each)        //nolint:gosec // not negative
	r.serials[purpose]++
	high, low := bits.Mul64(n, factor)
	_, n = bits.Div64(high, low, all)
	b := (*room)[:0]
	b = append(b, prefix...)
	for ; digits > 12; digits-- {
		b = append(b, '9')
	}
	for unit := uint64(all / 10); unit > 0; unit /= 10 {
		b = append(b, decimal[n/unit%10])
	}
	*room = b
	return b
}

// window returns the days on which a person can have rows of the table.
func (s *sheet) window(p *patient) (from, to calendar.Day) {
	return max(p.born, s.from), min(p.end, s.until)
}
