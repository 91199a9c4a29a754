package columnar

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/internal/durable"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// Index adds to a store, for each of the tables that has a column of one code, a copy of its rows in order of code, so that a
// plan that asks for codes only reads the rows that have them. The store must have a table of its people, all of whose rows
// say whose they are, and is to be opened again. Of the options, [Workers] and [OnProgress] count: how many people of how
// many are done, anew for every table. Index needs, on each goroutine, some 200 MB whatever the number of people, and disk
// for the copies, which are about as large as the tables.
//
// A plan that asks about rows of a table whatever their code, or whose population is another, reads the table itself. An
// index of files that have changed since is an error: make it again, from a store opened with [NoIndex], or remove its
// folder. A new index takes the place of an old one when it is complete; after an error the old one is there still.
//
// # Layout
//
// The index of a table is in the folder _index of the table's. People are numbered from 0, in the order of their table, and
// divided into parts of up to 131,072. Each part has two Parquet files:
//
//   - rows-00000.parquet has its rows that have a code and belong to somebody, in order of code and then of person: the
//     column of codes, _person, which counts from the first person of the part, and all other columns of the table
//     that the catalogue publishes. It is one row group with pages of 4,096 rows.
//   - codes-00000.parquet says of every code, in order, the first row that has it and how many have.
//
// The document manifest.json says how many people and rows each part has, and of which files the index is.
func Index(ctx context.Context, store *Store, tables []*cohort.Table, options ...Option) error {
	if err := indexTables(ctx, disk{}, store, tables, options); err != nil {
		return fmt.Errorf("columnar.Index: %w", err)
	}
	return nil
}

// NoIndex leaves the indexes of a store alone, also those that are not of its files.
func NoIndex() OpenOption {
	return func(s *Store) error {
		s.noIndex = true
		return nil
	}
}

const (
	// indexFolder is where the index of a table is, in the folder of the table.
	indexFolder = "_index"
	// indexPeople is how many people a part has at most: so many that a code has pages of its own, and so few that what is
	// known of them stays in the caches of a processor.
	indexPeople = 1 << 17
	// indexRows is about how many rows of a table a part has at most, for they are sorted in memory.
	indexRows = 4 << 20
)

// manifest says what an index is of.
type manifest struct {
	Version int            `json:"version"`
	Column  string         `json:"column"` // of codes
	Source  string         `json:"source"` // fingerprint of the files
	Parts   []manifestPart `json:"parts"`
}

// manifestPart is some people, one after the other.
type manifestPart struct {
	People int    `json:"people"`
	Rows   int    `json:"rows"`
	Footer string `json:"footer"` // fingerprint of its two files
}

const (
	manifestName    = "manifest.json"
	manifestVersion = 2
	maxManifest     = 16 << 20
)

func rowsName(part int) string  { return fmt.Sprintf("rows-%05d.parquet", part) }
func codesName(part int) string { return fmt.Sprintf("codes-%05d.parquet", part) }

// fingerprint says which files there are, and how they are read.
func (s *Store) fingerprint(t *storeTable) string {
	sum := sha256.New()
	for _, of := range []*storeTable{t, s.tables[s.population.Name()]} {
		fmt.Fprintf(sum, "%q %v %s\n", of.place.Key, of.place.Columns, s.zone)
		for _, f := range of.files {
			fmt.Fprintf(sum, "%s %d %x\n", filepath.ToSlash(f.name), f.size, f.file.Footer)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// footer is the fingerprint of the files of a part.
func (p indexPart) footer() string {
	sum := sha256.New()
	for _, f := range []*storeFile{p.rows, p.codes} {
		fmt.Fprintf(sum, "%d %x\n", f.size, f.file.Footer)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func indexTables(ctx context.Context, files files, s *Store, tables []*cohort.Table, options []Option) error {
	settings, err := settingsOf(everything, options)
	if err != nil {
		return err
	}
	if s.population == nil || s.tables[s.population.Name()] == nil {
		return errors.New("the store has no table of its people, in whose order they could be divided")
	}
	var found []*indexing
	rows := int64(0)
	for _, table := range tables {
		t := s.tables[table.Name()]
		if t == nil || len(t.files) == 0 {
			return fmt.Errorf("there is no table %s", table.Name())
		}
		columns := slices.DeleteFunc(sourcesOf(table.Info().Columns), func(c tree.Column) bool { return !t.hasAll(c.Name) })
		code := codeColumn(table, columns)
		if code < 0 {
			continue
		}
		columns[0], columns[code] = columns[code], columns[0]
		found = append(found, &indexing{store: s, files: files, settings: settings, table: t, keys: table.Info().PersonKeys, columns: columns})
		rows = max(rows, t.rows)
	}
	if len(found) == 0 {
		return errors.New("no table has a column of one code")
	}
	parts, err := s.parts(ctx, rows)
	if err != nil {
		return err
	}
	for _, b := range found {
		if err := b.build(ctx, parts); err != nil {
			return fmt.Errorf("table %s: %w", b.table.name, err)
		}
	}
	return nil
}

// codeColumn returns the position of the column of codes of a table of events, or -1.
func codeColumn(table *cohort.Table, columns []tree.Column) int {
	info := table.Info()
	if len(info.Order) == 0 {
		return -1
	}
	for _, c := range info.Columns {
		if c.Kind == cohort.CodeKind {
			if at := slices.IndexFunc(columns, func(s tree.Column) bool { return s.Name == c.Name }); at >= 0 {
				return at
			}
		}
	}
	return -1
}

// hasAll reports whether every file of the table has a column.
func (t *storeTable) hasAll(published string) bool {
	return !slices.ContainsFunc(t.files, func(f *storeFile) bool {
		at, _ := t.column(f, published)
		return at < 0
	})
}

// indexedPeople is the people of a part.
type indexedPeople struct {
	low, high personKey // from, if it is known, up to, if it is known
	rows      rowSpan   // in the table of people
}

var errNoKey = errors.New("the row does not say whose it is: sort the table with columnar.Sort, which leaves such rows out")

// parts divides the people, evenly, and makes sure that everybody has one row, and every row somebody.
func (s *Store) parts(ctx context.Context, rows int64) ([]indexedPeople, error) {
	p, err := s.resolve(new(tree.Plan))
	if err != nil {
		return nil, err
	}
	people := p.tables[p.population].rows
	n := max((people+indexPeople-1)/indexPeople, rows/indexRows, min(4, people/(indexPeople/8)), 1)
	if s.partPeople > 0 {
		n = (people + int64(s.partPeople) - 1) / int64(s.partPeople)
	}
	from := p.shard()
	defer from.close()
	from.remember()
	c := &from.tables[p.population].keyCursor
	parts := []indexedPeople{{low: nobody(), high: nobody(), rows: rowSpan{0, people}}}
	row := int64(0)
	for err = c.start(ctx, 0, people); err == nil && !c.done; err = c.advance(ctx) {
		if c.from != row {
			break
		}
		if at := int64(len(parts)); at < n && row == people*at/n {
			last := &parts[at-1]
			last.high, last.rows.to = c.key, row
			parts = append(parts, indexedPeople{low: c.key, high: nobody(), rows: rowSpan{row, people}})
		}
		row++
	}
	if err == nil && row < people {
		err = c.table.fail(row, errNoKey)
	}
	return parts, err
}

// replace makes a folder that takes the place of another when it is whole.
func replace(dst string, fill func(folder string) error) (err error) {
	parent := filepath.Dir(dst)
	folder, err := os.MkdirTemp(parent, "."+filepath.Base(dst)+".*")
	if err != nil {
		return withoutPath(err)
	}
	defer func() { err = errors.Join(err, withoutPath(os.RemoveAll(folder))) }()
	made, old := filepath.Join(folder, "new"), filepath.Join(folder, "old")
	if err := os.Mkdir(made, 0o750); err != nil {
		return withoutPath(err)
	}
	if err := fill(made); err != nil {
		return err
	}
	if err := durable.SyncDir(made); err != nil {
		return err
	}
	if err := os.Rename(dst, old); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(made, dst); err != nil {
		return err
	}
	return durable.SyncDir(parent)
}

// finish writes the document that says what the index is of.
func (b *indexing) finish(folder string, parts []manifestPart) error {
	return writePart(b.files, filepath.Join(folder, manifestName), func(out io.Writer) error {
		return json.NewEncoder(out).Encode(manifest{manifestVersion, b.columns[0].Name, b.store.fingerprint(b.table), parts})
	})
}
