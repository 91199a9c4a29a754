package drawing

import (
	"fmt"

	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// Dirt says what the data hold beyond what every source and every engine can.
type Dirt struct {
	// NotFinite allows NaN, infinities and minus zero among the numbers.
	NotFinite bool
	// BeyondCalendar allows days before year 1 and after year 9999.
	BeyondCalendar bool
	// Strangers adds people who are not in the population, with rows that must be passed over.
	Strangers bool
	// Many is how many rows of each table one person has; 0 for no more than others.
	Many int
}

// Person is one person and what the sources hold about them.
type Person struct {
	// Key is an NHS number of the range for tests; no two people have the same.
	Key string
	// Stranger people are not in the population: no engine answers for them.
	Stranger bool
	// Rows are in no order. Of a table with one row a person there is one or none.
	Rows []Row
}

// Row is one row as its source holds it.
type Row struct {
	Table *cohort.Table
	// Cells are by the published name of the source column: a string for texts and codes, a float64 for numbers, a
	// [calendar.Day] for days, or nil. Those that no plan reads are left out.
	Cells map[string]any
}

// People draws n people, one or more, and perhaps strangers after them, for the plans that are to be asked about them; the plans
// read [Tables] only. Their keys are in order of the text, and do not follow each other.
func People(t *rapid.T, n int, dirt Dirt, plans ...*cohort.Plan) []Person {
	var trees []*tree.Plan
	for _, plan := range plans {
		trees = append(trees, plan.Tree())
	}
	w := writer{drawer: drawer{state: &state{t: t}}, dirt: dirt, bounds: boundsOf(trees), tables: merge(trees)}
	many := w.below(n, "who has many rows")
	all := n
	if dirt.Strangers {
		all += 1 + n/8
	}
	people := make([]Person, all)
	for i := range people {
		people[i] = w.person(dirt.Many > 0 && i == many)
		people[i].Key, people[i].Stranger = key(i), i >= n
	}
	return people
}

// Population draws people by number, always the same ones for the same arguments.
func Population(number, n int, dirt Dirt, plans ...*cohort.Plan) []Person {
	return rapid.Custom(func(t *rapid.T) []Person { return People(t, n, dirt, plans...) }).Example(number)
}

// Record returns the person as the reference evaluator reads one.
func (p Person) Record() *cohort.Record {
	record := cohort.NewRecord(p.Key)
	for _, row := range p.Rows {
		if err := record.Put(row.Table, row.named()); err != nil {
			panic(fmt.Sprintf("drawing: %v", err)) // a row that was drawn wrongly
		}
	}
	return record
}

// named returns the cells by the columns of the catalogue.
func (r Row) named() map[string]any {
	cells := map[string]any{}
	for _, column := range r.Table.Info().Columns {
		if column.Kind == cohort.CodesKind {
			var codes []string
			for _, source := range column.Sources {
				if code, ok := r.Cells[source].(string); ok {
					codes = append(codes, code)
				}
			}
			cells[column.Name] = codes
			continue
		}
		cell := r.Cells[column.Name]
		if day, ok := cell.(calendar.Day); ok {
			cell = dateOf(day)
		}
		cells[column.Name] = cell
	}
	return cells
}

// dateOf returns the date in public; no date outside the calendar.
func dateOf(day calendar.Day) cohort.Date {
	if day < calendar.First || day > calendar.Last {
		return cohort.Date{}
	}
	date, err := cohort.NewDate(day.Civil())
	if err != nil {
		panic(fmt.Sprintf("drawing: %v", err)) // never of a day in the calendar
	}
	return date
}

// key returns an NHS number for position i, from 999 000 0000.
func key(i int) string {
	for body := 99900000 + i*7; ; body++ {
		for last := range 10 {
			nine := body*10 + last
			sum, digits := 0, nine
			for weight := 2; weight <= 10; weight++ {
				sum += weight * (digits % 10)
				digits /= 10
			}
			if check := (11 - sum%11) % 11; check < 10 {
				return fmt.Sprintf("%09d%d", nine, check)
			}
		}
	}
}

// table is what is drawn of one table.
type table struct {
	info      *cohort.Table
	perPerson bool
	sources   []string // columns, in order
	columns   map[string]column
}

// column is a source column: what it belongs to, and of which system its codes are.
type column struct {
	tree.Column
	system codelist.System
}

// merge returns the tables that the plans read, each once, with the columns that any of them reads.
func merge(plans []*tree.Plan) []table {
	var tables []table
	for _, info := range Tables() {
		merged := table{info: info, columns: map[string]column{}}
		read := false
		for _, plan := range plans {
			for _, each := range plan.Tables {
				if each.Name == info.Name() {
					read = true
					merged.add(each)
				}
			}
		}
		if read {
			tables = append(tables, merged)
		}
	}
	return tables
}

func (t *table) add(read *tree.Table) {
	t.perPerson = read.PerPerson
	systems := map[string]codelist.System{}
	for _, c := range t.info.Info().Columns {
		systems[c.Name] = c.System
	}
	for _, c := range read.Columns {
		for _, source := range c.Sources {
			if _, ok := t.columns[source]; !ok {
				t.sources = append(t.sources, source)
				t.columns[source] = column{c, systems[c.Name]}
			}
		}
	}
}
