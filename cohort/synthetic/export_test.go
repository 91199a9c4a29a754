package synthetic

import (
	"strconv"
	"strings"
)

// KeyColumns returns the column that holds the key, by table.
func KeyColumns(p *Population) map[string]string {
	names := make(map[string]string)
	for _, s := range p.newGenerator().sheets {
		names[s.table.Name()] = s.key
	}
	return names
}

// Trait is a row of the tables of conditions and histories: what some people of an age on have entries of.
type Trait struct {
	Name, Sex string
	From      int // years
	Codes     []string
	percent   byAge
}

// Percent returns how many people of an age have it.
func (t Trait) Percent(age int) float64 { return t.percent.at(age) }

// Traits returns both tables.
func Traits() (list []Trait) {
	for _, c := range conditions() {
		t := Trait{Name: "condition " + c.codes[0].value, percent: c.percent}
		for _, code := range c.codes {
			t.Codes = append(t.Codes, code.value)
		}
		list = append(list, t)
	}
	for _, h := range histories() {
		list = append(list, Trait{h.name, h.sex, h.from, strings.Fields(h.codes), h.percent})
	}
	return list
}

// Treatment is a row of the tables of regimens and courses. Courses have no name, but differ in cancer and fractions.
type Treatment struct {
	Name, Sex string
	Share     float64
}

// Treatments returns both tables.
func Treatments() (ofDrugs, ofRadiation []Treatment) {
	for _, t := range regimens() {
		ofDrugs = append(ofDrugs, Treatment{t.regimen, t.sex, t.share})
	}
	for _, t := range courses() {
		ofRadiation = append(ofRadiation, Treatment{t.cancer + " " + strconv.Itoa(t.fractions), t.sex, t.share})
	}
	return ofDrugs, ofRadiation
}

// Drawn is a person in hand, with what was drawn.
type Drawn struct {
	Age                    int // at the end of care
	Sex, Ethnicity, Region string
	InCare                 bool // to the day of the extract
	g                      *generator
}

// Drawn calls each with everybody, one after the other.
func (p *Population) Drawn(each func(Drawn)) {
	g := p.newGenerator()
	for i := range p.Len() {
		g.person(i)
		h := &g.inHand
		each(Drawn{h.age, h.lasting.Gender, h.human.ethnicity, h.home.region, h.end == h.until, g})
		for _, s := range g.sheets {
			s.reset()
		}
	}
}

// Column returns a column of the person's rows of a table. Days are counted.
func (d Drawn) Column(table, name string) []string {
	s := d.g.byName[table]
	c, cells := s.column(name), make([]string, s.rows)
	(&sheet{columns: []*column{c}}).index()
	for row := range cells {
		switch i, ok := c.at(row); {
		case !ok:
		case len(c.words) > 0:
			cells[row] = c.words[c.places[i]]
		case len(c.numbers) > 0:
			cells[row] = strconv.FormatFloat(c.numbers[i], 'f', -1, 64)
		case len(c.days) > 0:
			cells[row] = strconv.Itoa(int(c.days[i]))
		default:
			cells[row] = string(c.textAt(i))
		}
	}
	return cells
}

// NamedDiagnoses returns the codes of the parameters.
func NamedDiagnoses() []string { return strings.Fields(namedDiagnoses) }
