package parity_test

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/hes"
	"github.com/personalised-prevention/nhs/cohort/internal/drawing"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/cohort/rtds"
	"github.com/personalised-prevention/nhs/cohort/sact"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// population is people and what the sources hold about them, and about strangers, table by table.
type population struct {
	people []drawing.Person // without strangers
	sheets []*sheet
}

// sheet is one table as its source has it, in order of person.
type sheet struct {
	table   *cohort.Table
	name    string // in the engines
	key     string // the column that says whose a row is
	columns []sheetColumn
	rows    []sheetRow
}

type sheetColumn struct {
	name string
	kind cohort.Kind
}

type sheetRow struct {
	person string
	cells  map[string]any // a string, a float64, a calendar.Day or nil
}

// layOut lays out the rows of people by table, with the columns that the plans read. Everybody in the population has a
// row in the table of persons, and no stranger has.
func layOut(people []drawing.Person, plans ...*cohort.Plan) *population {
	p := &population{}
	rows := map[*cohort.Table][]sheetRow{}
	for _, someone := range people {
		if someone.Stranger {
			someone.Rows = slices.DeleteFunc(slices.Clone(someone.Rows), ofPersons)
		} else {
			p.people = append(p.people, someone)
			if !slices.ContainsFunc(someone.Rows, ofPersons) {
				rows[person.Table()] = append(rows[person.Table()], sheetRow{person: someone.Key})
			}
		}
		for _, row := range someone.Rows {
			rows[row.Table] = append(rows[row.Table], sheetRow{someone.Key, row.Cells})
		}
	}
	for _, table := range slices.Concat(person.Tables(), gpes.Tables(), hes.Tables(), sact.Tables(), rtds.Tables()) {
		if s := newSheet(table, plans); s != nil {
			s.rows = rows[table]
			slices.SortStableFunc(s.rows, func(a, b sheetRow) int { return strings.Compare(a.person, b.person) })
			p.sheets = append(p.sheets, s)
		}
	}
	return p
}

func ofPersons(row drawing.Row) bool { return row.Table == person.Table() }

// newSheet makes a sheet of the columns that plans read of a table; nil when none reads it. That of persons is always
// there.
func newSheet(table *cohort.Table, plans []*cohort.Plan) *sheet {
	info := table.Info()
	read := map[string]bool{}
	used := table == person.Table()
	for _, plan := range plans {
		for _, use := range plan.Uses().Tables {
			if use.Table == info.Name {
				used = true
				for _, source := range use.Sources {
					read[source] = true
				}
			}
		}
	}
	if !used {
		return nil
	}
	s := &sheet{table: table, name: strings.ReplaceAll(info.Name, ".", "_"), key: info.PersonKeys[0]}
	for _, c := range info.Columns {
		sources := c.Sources
		if len(sources) == 0 {
			sources = []string{c.Name}
		}
		for _, source := range sources {
			if read[source] {
				s.columns = append(s.columns, sheetColumn{source, c.Kind})
				read[source] = false
			}
		}
	}
	return s
}

// tame rounds the numbers of columns that a plan adds up to what the exact decimals of DuckDB and Spark hold: they
// refuse to add others up. Those of other columns stay as they are.
func (p *population) tame(plans ...*cohort.Plan) {
	for _, plan := range plans {
		for _, rows := range plan.Tree().Steps {
			for part := range drawing.Parts(rows.Criterion) {
				sum, ok := part.(tree.Summary)
				if !ok || sum.How != tree.Sum && sum.How != tree.Mean {
					continue
				}
				for _, s := range p.sheets {
					if s.table.Name() == sum.Rows.Table.Name {
						s.tame(sum.Rows.Table.Columns[sum.Column].Name)
					}
				}
			}
		}
	}
}

func (s *sheet) tame(column string) {
	for _, row := range s.rows {
		x, ok := row.cells[column].(float64)
		switch {
		case !ok || x-x != 0:
		case math.Abs(x) >= 1e15:
			row.cells[column] = math.Copysign(999_999_999_999_999, x)
		default:
			row.cells[column], _ = strconv.ParseFloat(strconv.FormatFloat(x, 'f', 12, 64), 64)
		}
	}
}
