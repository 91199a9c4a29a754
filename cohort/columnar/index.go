package columnar

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/internal/durable"
	"github.com/personalised-prevention/nhs/internal/flatfile"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// Index adds to a store, for each of the tables that has a column of one code, a copy of its rows in order of code, so that a
// plan that asks for codes only reads the rows that have them. The store must have a table of its people, and is to be opened
// again. The copies are in the folders of the tables and about as large as the tables; what it takes besides is as for [Sort].
//
// A plan that asks about rows of a table whatever their code, or whose population is another, reads the table itself. An
// index of files that have changed since is an error: make it again, or remove its folder.
//
// The copy is in the folder _index of the table's: people are divided into parts of up to 262,144, in order, and each part has
// a file of rows, by code and then by person, and one that says how many rows each code has.
func Index(ctx context.Context, store *Store, tables ...*cohort.Table) error {
	if err := indexTables(ctx, disk{}, store, tables); err != nil {
		return fmt.Errorf("columnar.Index: %w", err)
	}
	return nil
}

// indexFolder is where the index of a table is, in the folder of the table.
const indexFolder = "_index"

// indexPeople is how many people a part has: so many that a code has pages of its own, and few enough to be read at a time.
const indexPeople = 1 << 18

// manifest says what an index is of.
type manifest struct {
	Version int            `json:"version"`
	Column  string         `json:"column"` // of codes
	Source  string         `json:"source"` // fingerprint of the files
	Parts   []manifestPart `json:"parts"`
}

// manifestPart is the part of the people from one key on.
type manifestPart struct {
	Low  string `json:"low"` // empty for the first
	Rows int64  `json:"rows"`
}

const (
	manifestName    = "manifest.json"
	manifestVersion = 1
	maxManifest     = 16 << 20
)

func rowsName(part int) string  { return fmt.Sprintf("rows-%05d.parquet", part) }
func codesName(part int) string { return fmt.Sprintf("codes-%05d.parquet", part) }

// fingerprint says which files, and how the people are.
func (s *Store) fingerprint(t *storeTable) string {
	sum := sha256.New()
	for _, of := range []*storeTable{t, s.tables[s.population.Name()]} {
		for _, f := range of.files {
			fmt.Fprintf(sum, "%s %d %x\n", filepath.ToSlash(f.name), f.size, f.file.Footer)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func indexTables(ctx context.Context, files files, s *Store, tables []*cohort.Table) error {
	if s.population == nil || s.tables[s.population.Name()] == nil {
		return errors.New("the store has no table of its people, in whose order they could be divided")
	}
	lows, err := s.lows(ctx)
	if err != nil {
		return err
	}
	indexed := 0
	for _, table := range tables {
		t := s.tables[table.Name()]
		if t == nil || len(t.files) == 0 {
			return fmt.Errorf("there is no table %s", table.Name())
		}
		columns := sourcesOf(table.Info().Columns)
		columns = slices.DeleteFunc(columns, func(c tree.Column) bool { return !s.has(t.name, c.Name) })
		code := codeColumn(table, columns)
		if code < 0 {
			continue
		}
		indexed++
		columns[0], columns[code] = columns[code], columns[0]
		b := indexing{store: s, files: files, table: t, lows: lows}
		b.shape = rowShape{table: t, keys: table.Info().PersonKeys, columns: columns}
		if len(b.shape.keys) == 0 {
			b.shape.keys = []string{t.place.Key}
		}
		if err := b.build(ctx); err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
	}
	if indexed == 0 {
		return errors.New("no table has a column of one code")
	}
	return nil
}

// codeColumn returns the position of the column of codes, or -1.
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

// lows returns the keys with which the parts begin, the first of them empty.
func (s *Store) lows(ctx context.Context) ([]string, error) {
	p, err := s.resolve(new(tree.Plan))
	if err != nil {
		return nil, err
	}
	lows, people := []string{""}, 0
	most := indexPeople
	if s.partPeople > 0 {
		most = s.partPeople
	}
	from := p.shard()
	defer from.close()
	var b block
	for {
		err := from.next(ctx, &b)
		if errors.Is(err, io.EOF) {
			return lows, nil
		}
		if err != nil {
			return nil, err
		}
		for i := range b.people {
			if people == most {
				lows, people = append(lows, b.key(i)), 0
			}
			people++
		}
	}
}

// indexing makes the index of one table.
type indexing struct {
	store *Store
	files files
	table *storeTable
	lows  []string
	shape rowShape
	texts bool

	parts []manifestPart
}

func (b *indexing) build(ctx context.Context) error {
	home := filepath.Join(b.store.dir, b.table.name)
	if err := os.MkdirAll(home, 0o750); err != nil {
		return withoutPath(err)
	}
	dst := filepath.Join(home, indexFolder)
	if err := os.RemoveAll(dst); err != nil { // the old one
		return withoutPath(err)
	}
	return whole(dst, func(folder string) error {
		runs := filepath.Join(folder, ".runs")
		if err := os.MkdirAll(runs, 0o750); err != nil {
			return withoutPath(err)
		}
		sorter := &sorter{files: b.files, folder: runs, memory: int(min(max(b.store.memory, 1<<20)*2, 1<<30))}
		if b.store.memory < 1<<20 {
			sorter.memory = int(b.store.memory)
		}
		if err := b.collect(ctx, sorter); err != nil {
			return err
		}
		if err := sorter.reduce(ctx); err != nil {
			return err
		}
		if err := b.write(ctx, sorter, folder); err != nil {
			return err
		}
		if err := os.RemoveAll(runs); err != nil {
			return withoutPath(err)
		}
		return durable.SyncDir(folder)
	})
}

// collect reads the rows that have a code and a person: by part, code and person.
func (b *indexing) collect(ctx context.Context, sorter *sorter) error {
	var lows []personKey
	for _, low := range b.lows[1:] {
		lows = append(lows, newKey([]byte(low)))
	}
	var units []sortUnit
	for _, f := range b.table.files {
		for g := range f.file.RowGroups() {
			units = append(units, sortUnit{f, g, g + 1})
		}
	}
	var lock sync.Mutex
	return parallel(ctx, len(units), func(ctx context.Context, next func() (int, bool)) error {
		c := &rowCollector{sorter: sorter}
		var sortKey []byte
		r := &rowReader{shape: &b.shape, store: b.store}
		r.put = func(key, row []byte) error {
			cells := storedCells{row}
			code := cells.text()
			if len(code) == 0 || bytes.IndexByte(code, 0) >= 0 {
				return nil // no list has it
			}
			part, found := slices.BinarySearchFunc(lows, newKey(key[2:]), personKey.compare)
			if found {
				part++
			}
			sortKey = binary.BigEndian.AppendUint32(sortKey[:0], uint32(part)) //nolint:gosec // far fewer
			sortKey = append(append(append(sortKey, code...), 0), key...)
			return c.add(sortKey, row)
		}
		for i, ok := next(); ok; i, ok = next() {
			if err := r.parquet(ctx, units[i].file, units[i].from, units[i].to); err != nil {
				return err
			}
		}
		lock.Lock()
		b.texts = b.texts || r.texts
		lock.Unlock()
		return c.spill()
	})
}

// write writes the files of all parts.
func (b *indexing) write(ctx context.Context, sorter *sorter, folder string) error {
	b.parts = make([]manifestPart, len(b.lows))
	err := parallel(ctx, len(b.lows), func(ctx context.Context, next func() (int, bool)) error {
		for i, ok := next(); ok; i, ok = next() {
			rows, err := b.part(ctx, sorter, folder, i)
			if err != nil {
				return err
			}
			b.parts[i] = manifestPart{b.lows[i], rows}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return writePart(b.files, filepath.Join(folder, manifestName), func(out io.Writer) error {
		return json.NewEncoder(out).Encode(manifest{manifestVersion, b.shape.columns[0].Name, b.store.fingerprint(b.table), b.parts})
	})
}

// indexLayout has small pages, because few rows of a page are asked for.
func indexLayout() flatfile.Layout {
	return flatfile.Layout{Codec: format.Snappy, PageRows: 1024, GroupRows: 1 << 18}
}

// part writes the rows of one part and how many each code has, and returns how many there are.
func (b *indexing) part(ctx context.Context, sorter *sorter, folder string, part int) (rows int64, err error) {
	from := binary.BigEndian.AppendUint32(nil, uint32(part)) //nolint:gosec // far fewer
	to := binary.BigEndian.AppendUint32(nil, uint32(part+1)) //nolint:gosec // far fewer
	var codes []string
	var counts []int64
	layout := indexLayout()
	if b.store.layout != nil {
		layout = *b.store.layout
	}
	err = writePart(b.files, filepath.Join(folder, rowsName(part)), func(out io.Writer) error {
		w, err := newRowWriter(out, b.shape.keys[0], b.texts, b.shape.columns, layout)
		if err != nil {
			return err
		}
		err = sorter.merge(ctx, from, to, func(key, row []byte) error {
			end := 4 + bytes.IndexByte(key[4:], 0)
			if n := len(codes); n == 0 || codes[n-1] != string(key[4:end]) {
				codes, counts = append(codes, string(key[4:end])), append(counts, 0)
			}
			counts[len(counts)-1]++
			rows++
			return w.add(key[end+1:], row)
		})
		if err != nil {
			return err
		}
		return w.close()
	})
	if err != nil {
		return 0, err
	}
	return rows, writePart(b.files, filepath.Join(folder, codesName(part)), func(out io.Writer) error {
		w, err := flatfile.NewColumnWriter(out, directoryColumns(), flatfile.Layout{Codec: format.Snappy, PageRows: 1024, CreatedBy: "nhs columnar"})
		if err != nil {
			return err
		}
		firsts := make([]int64, len(counts))
		for i := range counts[:max(0, len(counts)-1)] {
			firsts[i+1] = firsts[i] + counts[i]
		}
		w.Columns[0].Texts(codes, nil)
		w.Columns[1].Integers(firsts, nil)
		w.Columns[2].Integers(counts, nil)
		if err := w.EndBatch(len(codes)); err != nil {
			return err
		}
		return w.Close()
	})
}

// directoryColumns are those of a file that says which rows codes have.
func directoryColumns() []flatfile.Column {
	return []flatfile.Column{
		{Name: "code", Type: format.ByteArray, Logical: new(format.StringType), Plain: true},
		{Name: "first", Type: format.Int64, Plain: true},
		{Name: "rows", Type: format.Int64, Plain: true},
	}
}
