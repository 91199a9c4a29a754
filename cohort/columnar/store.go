package columnar

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// Store is tables in Parquet files, each sorted by person. It does not change and may be used by several goroutines. The
// files must not change either.
//
// A store is a folder with a folder for each table, named like the table in the catalogue, with one or more files of the
// columns that it publishes:
//
//	store/person/part-0.parquet
//	store/gpes.journal/part-0.parquet
//	store/gpes.journal/part-1.parquet
//
// [Table] names other places and columns. Of the columns that may say whose a row is, the first that the table's files
// have does. Files are read in order of their names; other files, and those whose name begins with a dot or an underscore,
// are left alone. [Sort] and [Index] make stores.
//
// # Order
//
// The rows of a table are in order of person, over all its files. A person's key is a text, and a number is its decimal
// text, so that one table may hold numbers and another texts. Shorter keys come before longer ones, and those of one length
// are in order of their bytes: numbers by size, texts of equal length in the order of any database. Texts of different
// lengths must be sorted by length first. What is out of order is found while it is read, and is an error.
//
// # Types
//
//   - Days are DATE, TIMESTAMP (in UTC, the day that it is in England then; without a zone, its own day), or text such as
//     2025-06-01, 20250601 or 2025-06-01T09:30. Other texts, parts of a day included, are read as missing and counted
//     in [Reading].
//   - Numbers are INT32, INT64, FLOAT, DOUBLE or DECIMAL.
//   - Texts and codes are BYTE_ARRAY or FIXED_LEN_BYTE_ARRAY, or whole numbers, which are read as their decimal text. A
//     text may also be BOOLEAN, which is read as true or false.
//
// A column of any other type, like one that is not there, is an error before anything is read.
//
// # Population
//
// The people are those of the table person, one row each, if the store has it, or of another table that [Population]
// names; otherwise everybody who has a row in a table that the plan reads.
type Store struct {
	dir        string
	tables     map[string]*storeTable
	population *cohort.Table // nil for everybody who has a row
	zone       *time.Location
	memory     int64
	// blockPeople is how many people a block has at most.
	blockPeople int
	noIndex     bool
	// Of an index that is made, for tests; 0 for the usual.
	partPeople, indexPage int
}

// An OpenOption changes how [Open] reads a store.
type OpenOption func(*Store) error

// Place says where a table is and what its columns are called, where that is not as [Store] has it.
type Place struct {
	// Files are patterns of files, as in [filepath.Glob]; those that do not begin at the root are in the store's folder.
	// Empty means the folder of the table's name.
	Files []string
	// Key is the name in the files of the column that says whose a row is; empty for the first that the catalogue
	// names and the files have.
	Key string
	// Columns gives the name in the files of a column by the name that it is published by.
	Columns map[string]string
}

// Table says where a table of the catalogue is.
func Table(name string, place Place) OpenOption {
	return func(s *Store) error {
		if name == "" {
			return errors.New("a table has no name")
		}
		s.tables[name] = &storeTable{name: name, place: place}
		return nil
	}
}

// Population makes the people of a table, with one row each, the population.
func Population(t *cohort.Table) OpenOption {
	return func(s *Store) error {
		if t == nil || len(t.Info().Order) > 0 {
			return errors.New("the population must be a table with one row a person")
		}
		s.population = t
		return nil
	}
}

// Budget bounds, in bytes, the pages that each goroutine holds and decodes at a time. More is needed where one person has
// millions of rows, or pages are very large. The default is 64 MiB, the least 1 MiB.
func Budget(bytes int64) OpenOption {
	return func(s *Store) error {
		if bytes < 1<<20 {
			return errors.New("Budget must be at least 1 MiB")
		}
		s.memory = bytes
		return nil
	}
}

// Zone is where the day of a point in time is asked for; Europe/London if there is none.
func Zone(zone *time.Location) OpenOption {
	return func(s *Store) error {
		if zone == nil {
			return errors.New("Zone needs a time zone")
		}
		s.zone = zone
		return nil
	}
}

// Open finds the tables of a store and reads the outline of every file. An error names every file that cannot be read.
// Which tables and columns there must be is known, and checked, when a plan is run.
func Open(dir string, options ...OpenOption) (*Store, error) {
	s, err := newStore(dir, options)
	if err == nil {
		err = s.find()
	}
	if err != nil {
		return nil, fmt.Errorf("columnar.Open: %w", err)
	}
	return s, nil
}

// newStore returns a store whose tables are not looked for yet.
func newStore(dir string, options []OpenOption) (*Store, error) {
	s := &Store{dir: dir, tables: map[string]*storeTable{}, memory: 64 << 20, blockPeople: blockPeople}
	for _, option := range options {
		if err := option(s); err != nil {
			return nil, err
		}
	}
	if s.zone == nil {
		zone, err := time.LoadLocation("Europe/London")
		if err != nil {
			return nil, fmt.Errorf("the time zone of England is not known here; install a time zone database or give a Zone: %w", err)
		}
		s.zone = zone
	}
	return s, nil
}

// size is how many people there are, 0 when that is not known.
func (s *Store) size() int {
	if s.population == nil || s.tables[s.population.Name()] == nil {
		return 0
	}
	return int(s.tables[s.population.Name()].rows)
}

// find finds the tables and their files.
func (s *Store) find() error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		_, known := s.tables[e.Name()]
		if isDir(s.dir, e) && !known && !hidden(e.Name()) {
			s.tables[e.Name()] = &storeTable{name: e.Name()}
		}
	}
	var faults []error
	for _, t := range s.tables {
		faults = append(faults, t.find(s.dir)...)
	}
	if s.population == nil && s.tables[person.Table().Name()] != nil {
		s.population = person.Table()
	}
	if len(faults) == 0 && s.population != nil && !s.noIndex {
		for _, t := range s.tables {
			if err := s.findIndex(t); err != nil {
				faults = append(faults, fmt.Errorf("table %s: its index: %w", t.name, err))
			}
		}
	}
	return joinSorted(faults)
}

// isDir reports whether an entry is a folder or a link to one.
func isDir(dir string, e os.DirEntry) bool {
	if e.Type()&os.ModeSymlink == 0 {
		return e.IsDir()
	}
	info, err := os.Stat(filepath.Join(dir, e.Name()))
	return err == nil && info.IsDir()
}

func hidden(name string) bool { return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") }

// joinSorted joins errors in order of their texts.
func joinSorted(faults []error) error {
	slices.SortFunc(faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(faults...)
}

// storeTable is one table of a store.
type storeTable struct {
	name  string
	place Place
	files []*storeFile
	rows  int64
	index *tableIndex // nil if there is none
}

// storeFile is one file of a table.
type storeFile struct {
	name    string // for errors: without the folder of the store
	path    string
	size    int64
	written time.Time
	first   int64 // how many rows the files before it have
	file    *flatfile.File
}

// find opens the files of the table.
func (t *storeTable) find(dir string) (faults []error) {
	paths, err := t.paths(dir, "*.parquet")
	if err != nil {
		return []error{fmt.Errorf("table %s: %w", t.name, err)}
	}
	for _, path := range paths {
		f := newFile(dir, path)
		f.first = t.rows
		if err := f.outline(); err != nil {
			faults = append(faults, fmt.Errorf("file %s: %w", f.name, err))
			continue
		}
		if len(t.files) > 0 && reflect.DeepEqual(t.files[0].file.Columns, f.file.Columns) {
			f.file.Columns = t.files[0].file.Columns // once in memory, and not once a file
		}
		t.rows += f.file.Rows
		t.files = append(t.files, f)
	}
	return faults
}

// paths returns where the files of the table are, those of the given patterns if there is no place for it.
func (t *storeTable) paths(dir string, patterns ...string) (paths []string, err error) {
	for i, pattern := range patterns {
		patterns[i] = filepath.Join(escape(t.name), pattern)
	}
	if len(t.place.Files) > 0 {
		patterns = t.place.Files
	}
	for _, pattern := range patterns {
		if !filepath.IsAbs(pattern) {
			pattern = filepath.Join(escape(dir), pattern)
		}
		found, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		paths = append(paths, found...)
	}
	paths = slices.DeleteFunc(paths, func(path string) bool { return hidden(filepath.Base(path)) })
	slices.Sort(paths)
	return slices.Compact(paths), nil
}

func newFile(dir, path string) *storeFile {
	f := &storeFile{name: path, path: path}
	if relative, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(relative) {
		f.name = relative
	}
	return f
}

// escape makes a pattern of a path.
func escape(path string) string {
	return strings.NewReplacer(`*`, `[*]`, `?`, `[?]`, `[`, `[[]`).Replace(path)
}

// open opens the file, which must be as it was when it was opened first.
func (f *storeFile) open() (*os.File, error) {
	if info, err := os.Stat(f.path); err != nil {
		return nil, withoutPath(err)
	} else if !info.Mode().IsRegular() { // to open a pipe would be to wait for who writes to it
		return nil, errNoFile
	}
	opened, err := os.Open(f.path)
	if err != nil {
		return nil, withoutPath(err)
	}
	info, err := opened.Stat()
	switch {
	case err != nil:
		err = withoutPath(err)
	case f.written.IsZero():
		f.size, f.written = info.Size(), info.ModTime()
	case info.Size() != f.size || !info.ModTime().Equal(f.written):
		err = errChanged
	}
	if err != nil {
		_ = opened.Close()
		return nil, err
	}
	return opened, nil
}

var (
	errNoFile  = errors.New("it is not a file")
	errChanged = errors.New("it has changed since it was opened first")
)

// outline reads the end of the file.
func (f *storeFile) outline() error {
	opened, err := f.open()
	if err != nil {
		return err
	}
	defer opened.Close()
	if f.file, err = flatfile.OpenWide(opened, f.size); err != nil {
		return withoutPath(err)
	}
	names := map[string]bool{}
	for _, c := range f.file.Columns {
		if names[c.Name] {
			return fmt.Errorf("there are two columns %q", c.Name)
		}
		names[c.Name] = true
	}
	return nil
}

// withoutPath leaves out of an error the path, which is told before it.
func withoutPath(err error) error {
	if inner, ok := errors.AsType[*os.PathError](err); ok {
		return inner.Err
	}
	return err
}

// column returns the position in the file of a column by its published name, or -1.
func (t *storeTable) column(f *storeFile, published string) (at int, name string) {
	name = t.named(published)
	return slices.IndexFunc(f.file.Columns, func(c flatfile.Column) bool { return c.Name == name }), name
}

// named returns the name in the files of a published column.
func (t *storeTable) named(published string) string {
	if name, ok := t.place.Columns[published]; ok {
		return name
	}
	return published
}
