package columnar

import (
	"fmt"
	"slices"
	"sync"

	"github.com/personalised-prevention/nhs/internal/flatfile"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// storePlan is what a plan reads of a store.
type storePlan struct {
	store  *Store
	tables []*planTable // as in the plan, perhaps with that of the population behind them
	// population is the position of the table of the population, or -1.
	population int
	extra      bool // the plan itself does not read that table
	rows       int  // that a block has, at most, and that a person has
	memory     int64
	people     int // that a block has, at most
	// parts is how many people each part of the index has; nil if no table is read by its index.
	parts   []int
	readers sync.Pool // of *indexMemory

	memories sync.Pool // of *shardMemory
}

// planTable is what a plan reads of one table.
type planTable struct {
	*storeTable
	of    *tree.Table // without columns, for the population alone
	files []planFile
	by    *indexedTable // nil if it is not read by its index
}

// planFile is what a plan reads of one file.
type planFile struct {
	*storeFile
	key     int
	keyName string         // published
	columns []sourceColumn // of each column of the plan its sources, one after the other
	date    int            // the date column of the table, where it tells which rows are too early, or -1
}

// sourceColumn is one column of a file.
type sourceColumn struct {
	at   int
	form storedForm
	of   *tree.Column
	name string // published
}

// resolve finds the tables and columns of a plan. An error names all that is missing or of a wrong type.
func (s *Store) resolve(plan *tree.Plan) (*storePlan, error) {
	p := &storePlan{store: s, population: -1}
	tables := plan.Tables
	if s.population != nil {
		for i, t := range tables {
			if t.Name == s.population.Name() {
				p.population = i
			}
		}
		if p.population < 0 {
			p.population, p.extra = len(tables), true
			tables = append(slices.Clip(tables), &tree.Table{
				Name: s.population.Name(), PersonKeys: s.population.Info().PersonKeys, PerPerson: true,
			})
		}
	}
	var faults []error
	width := 0
	for _, t := range tables {
		resolved, problems := s.resolveTable(t)
		faults = append(faults, problems...)
		p.tables = append(p.tables, resolved)
		for _, c := range t.Columns {
			width = max(width, 0) + 24*len(c.Sources)
		}
	}
	if len(faults) == 0 {
		faults = p.useIndexes(plan)
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("the store does not have what the plan reads: %w", joinSorted(faults))
	}
	p.memory, p.people = s.memory, s.blockPeople
	if p.parts != nil {
		p.memory = 4 * s.memory
		if s.blockPeople == blockPeople {
			p.people = indexPeople
		}
	}
	// Half for the rows of a block, and half for what its pages hold beside them.
	p.rows = max(1024, int(p.memory/2)/(width+32))
	return p, nil
}

func (s *Store) resolveTable(of *tree.Table) (t *planTable, faults []error) {
	found := s.tables[of.Name]
	if found == nil || len(found.files) == 0 {
		return nil, []error{fmt.Errorf("there is no table %s: no file %s/*.parquet, and no place is given for it", of.Name, of.Name)}
	}
	t = &planTable{storeTable: found, of: of}
	for _, file := range found.files {
		f, problems := resolveFile(found, file, of)
		faults = append(faults, problems...)
		if len(t.files) > 0 && t.files[0].keyName != f.keyName && t.files[0].keyName != "" && f.keyName != "" {
			faults = append(faults, fmt.Errorf("file %s: people are told by column %q, and in file %s by %q", f.name, f.keyName, t.files[0].name, t.files[0].keyName))
		}
		t.files = append(t.files, f)
	}
	return t, faults
}

// resolveFile finds the columns of a file.
func resolveFile(t *storeTable, file *storeFile, of *tree.Table) (f planFile, faults []error) {
	f = planFile{storeFile: file, date: -1}
	fail := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("file %s: %w", file.name, fmt.Errorf(format, args...)))
	}
	if err := f.findKey(t, of); err != nil {
		fail("%w", err)
	}
	for i := range of.Columns {
		c := &of.Columns[i]
		for _, source := range c.Sources {
			at, name := t.column(file, source)
			if at < 0 {
				fail("there is no column %q", name)
				continue
			}
			stored := sourceColumn{at: at, form: formOf(&file.file.Columns[at]), of: c, name: source}
			if err := checkKind(stored.form, c.Kind); err != nil {
				fail("column %q %w", name, err)
			}
			f.columns = append(f.columns, stored)
		}
	}
	if at, _ := t.column(file, of.Date); of.Date != "" && of.Earliest > 0 && at >= 0 {
		if form := formOf(&file.file.Columns[at]); form == formDay || form == formSeconds {
			f.date = at
		}
	}
	return f, faults
}

// findKey finds the column that says whose a row is.
func (f *planFile) findKey(t *storeTable, of *tree.Table) error {
	names := of.PersonKeys
	if t.place.Key != "" {
		names = []string{t.place.Key}
	}
	for _, name := range names {
		at, stored := t.column(f.storeFile, name)
		if at < 0 {
			continue
		}
		f.key, f.keyName = at, name
		if err := checkKey(&f.file.Columns[at]); err != nil {
			return fmt.Errorf("column %q %w", stored, err)
		}
		return nil
	}
	if len(names) == 0 {
		return fmt.Errorf("nothing says which column of table %s has the person: give a Place with a Key", t.name)
	}
	return fmt.Errorf("there is no column that says whose a row is; it would be one of %q", names)
}

// converter returns what cleans the values of a column of the file.
func (f *planFile) converter(s *Store, c *sourceColumn) converter {
	return converter{of: &f.file.Columns[c.at], form: c.form, column: c.of, zone: s.zone}
}

// countingReader is a reader of a file that counts.
type countingReader struct {
	from interface {
		ReadAt(p []byte, off int64) (int, error)
		Close() error
	}
	bytes *int64
}

func (c *countingReader) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.from.ReadAt(p, off)
	*c.bytes += int64(n)
	return n, err //nolint:wrapcheck // as it is
}

// fileOf returns the file as read from what has been opened.
func (f *planFile) fileOf(r *countingReader) *flatfile.File { return f.file.From(r) }
