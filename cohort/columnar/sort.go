package columnar

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/internal/durable"
	"github.com/personalised-prevention/nhs/internal/flatfile"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// Sort reads tables from files in any order and writes a store, in a folder of its own that must not exist yet, with the rows
// in order of person. It needs about twice the size of the data on the disk of the folder, and on each goroutine, of which
// there is one for every processor, the memory of [Budget], 128 MiB at first, for the rows that it sorts or writes, and
// what one page of each column takes when it is read.
//
// The files of a table are where [Open] looks for them, in src, or where [Table] says. They are Parquet, as for Open, or CSV
// with a line of column names: UTF-8, days such as 2025-06-01 or 20250601, empty cells missing. All columns of the catalogue
// that a file has are kept, and no others, under the names that are published; the column of persons is named like the first
// that the catalogue names. Rows without a person are left out, and counted.
//
// The report says how many rows were kept, and what became missing on the way: days outside the calendar, texts that are
// no day or no number, and numbers that are not finite. Values that mean "not known" are kept.
//
// The folder appears when it is complete. After an error, as when ctx is done or a disk is full, nothing is left behind.
func Sort(ctx context.Context, dst, src string, tables []*cohort.Table, options ...OpenOption) (*Reading, error) {
	read, err := sortTables(ctx, disk{}, dst, src, tables, options)
	if err != nil {
		return nil, fmt.Errorf("columnar.Sort: %w", err)
	}
	return read, nil
}

func sortTables(ctx context.Context, files files, dst, src string, tables []*cohort.Table, options []OpenOption) (*Reading, error) {
	s, err := newStore(src, append([]OpenOption{Budget(128 << 20)}, options...))
	if err != nil {
		return nil, err
	}
	if len(tables) == 0 {
		return nil, errors.New("no tables are asked for")
	}
	read := new(Reading)
	return read, whole(dst, func(folder string) error {
		for _, table := range tables {
			t := tableSort{store: s, files: files, of: table, folder: folder, read: read}
			if err := t.sort(ctx); err != nil {
				return fmt.Errorf("table %s: %w", table.Name(), err)
			}
		}
		return nil
	})
}

// whole makes a folder whole or not at all: make fills one of another name.
func whole(dst string, fill func(folder string) error) (err error) {
	if _, err := os.Lstat(dst); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s is there already: choose another name, or remove it first", dst)
	}
	parent := filepath.Dir(dst)
	folder, err := os.MkdirTemp(parent, "."+filepath.Base(dst)+".*")
	if err != nil {
		return fmt.Errorf("a folder in %s: %w", parent, withoutPath(err))
	}
	defer func() { err = errors.Join(err, withoutPath(os.RemoveAll(folder))) }()
	if err := os.Chmod(folder, 0o750); err != nil { //nolint:gosec // a folder needs the right to enter
		return withoutPath(err)
	}
	if err := fill(folder); err != nil {
		return err
	}
	if err := os.Rename(folder, dst); err != nil {
		return err
	}
	return durable.SyncDir(parent)
}

// tableSort sorts one table.
type tableSort struct {
	store  *Store
	files  files
	of     *cohort.Table
	folder string
	read   *Reading

	shape rowShape
	texts bool // keys are texts
}

func (t *tableSort) sort(ctx context.Context) error {
	units, err := t.units()
	if err != nil {
		return err
	}
	runs := filepath.Join(t.folder, ".runs")
	if err := os.MkdirAll(runs, 0o750); err != nil {
		return withoutPath(err)
	}
	sorter := &sorter{files: t.files, folder: runs, memory: int(min(t.store.memory, 1<<30))}
	if err := t.collect(ctx, sorter, units); err != nil {
		return err
	}
	if err := sorter.reduce(ctx); err != nil {
		return err
	}
	if err := t.merge(ctx, sorter); err != nil {
		return err
	}
	return withoutPath(os.RemoveAll(runs))
}

// sortUnit is what one goroutine reads at a time: row groups of a Parquet file, or a whole file of another kind.
type sortUnit struct {
	file     *storeFile
	from, to int
}

// units finds the files of the table and the columns that they have.
func (t *tableSort) units() (units []sortUnit, err error) {
	info := t.of.Info()
	stored := t.store.tables[info.Name]
	if stored == nil {
		stored = &storeTable{name: info.Name}
	}
	t.shape = rowShape{table: stored, keys: info.PersonKeys}
	paths, err := stored.paths(t.store.dir, "*.parquet", "*.csv")
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("there are no files %s/*.parquet or *.csv, and no place is given for it", info.Name)
	}
	var faults []error
	has := map[string]bool{} // names in files
	for _, path := range paths {
		f := newFile(t.store.dir, path)
		var names []string
		if strings.EqualFold(filepath.Ext(path), ".csv") {
			units = append(units, sortUnit{file: f})
			names, err = csvNames(f)
		} else if err = f.outline(); err == nil {
			for g := range f.file.RowGroups() {
				units = append(units, sortUnit{f, g, g + 1})
			}
			for _, c := range f.file.Columns {
				names = append(names, c.Name)
			}
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("file %s: %w", f.name, err))
		}
		for _, name := range names {
			has[name] = true
		}
	}
	for _, c := range sourcesOf(info.Columns) {
		if has[stored.named(c.Name)] {
			t.shape.columns = append(t.shape.columns, c)
		}
	}
	return units, joinSorted(faults)
}

// csvNames returns the names of the columns of a file.
func csvNames(f *storeFile) ([]string, error) {
	opened, err := f.open()
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	_, names, err := csvOf(&lineReader{from: opened, bytes: new(int64)})
	return names, err
}

// sourcesOf returns the columns of files that columns of the catalogue stand for.
func sourcesOf(columns []cohort.ColumnInfo) (sources []tree.Column) {
	for _, c := range columns {
		names, kind := c.Sources, tree.Code
		if len(names) == 0 {
			names, kind = []string{c.Name}, tree.Kind(c.Kind)
		}
		for _, name := range names {
			if !slices.ContainsFunc(sources, func(s tree.Column) bool { return s.Name == name }) {
				sources = append(sources, tree.Column{Name: name, Kind: kind, Sources: []string{name}})
			}
		}
	}
	return sources
}

// collect reads all units, on all processors.
func (t *tableSort) collect(ctx context.Context, sorter *sorter, units []sortUnit) error {
	return parallel(ctx, len(units), func(ctx context.Context, next func() (int, bool)) error {
		c := &rowCollector{sorter: sorter}
		r := &rowReader{shape: &t.shape, store: t.store, put: c.add}
		for i, ok := next(); ok; i, ok = next() {
			u := units[i]
			var err error
			if u.file.file == nil {
				err = r.csv(ctx, u.file)
			} else {
				err = r.parquet(ctx, u.file, u.from, u.to)
			}
			if err != nil {
				return err
			}
		}
		sorter.lock.Lock()
		t.read.add(&r.read)
		t.texts = t.texts || r.texts
		sorter.lock.Unlock()
		return c.spill()
	})
}

// partBytes is how many bytes of rows a file of a store has, about.
const partBytes = 256 << 20

// merge writes the sorted rows, in several files at a time.
func (t *tableSort) merge(ctx context.Context, sorter *sorter) error {
	size := int64(0)
	for _, r := range sorter.runs {
		if n := len(r.marks); n > 0 {
			size += r.marks[n-1].at + markEvery
		}
	}
	keys := sorter.parts(max(runtime.GOMAXPROCS(0), int(size/partBytes)))
	dir := filepath.Join(t.folder, t.of.Name())
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return withoutPath(err)
	}
	err := parallel(ctx, len(keys)+1, func(ctx context.Context, next func() (int, bool)) error {
		for i, ok := next(); ok; i, ok = next() {
			var from, to []byte
			if i > 0 {
				from = keys[i-1]
			}
			if i < len(keys) {
				to = keys[i]
			}
			err := t.part(filepath.Join(dir, fmt.Sprintf("part-%05d.parquet", i)), func(w *rowWriter) error {
				return sorter.merge(ctx, from, to, w.add)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return durable.SyncDir(dir)
}

// part writes one file.
func (t *tableSort) part(path string, fill func(*rowWriter) error) error {
	key := ""
	if len(t.shape.keys) > 0 {
		key = t.shape.keys[0]
	}
	if own := t.shape.table.place.Key; own != "" {
		key = own
	}
	return writePart(t.files, path, func(out io.Writer) error {
		w, err := newRowWriter(out, key, t.texts, t.shape.columns, flatfile.Layout{
			Codec: format.Snappy, Sorted: []string{key}, GroupRows: t.groupRows(),
		})
		if err != nil {
			return err
		}
		w.once = len(t.of.Info().Order) == 0
		if err := fill(w); err != nil {
			return err
		}
		return w.close()
	})
}

// groupRows is how many rows a row group has, so that one, at about eight bytes a value, fits in the memory.
func (t *tableSort) groupRows() int {
	return max(1<<14, min(1<<20, int(t.store.memory/8)/(len(t.shape.columns)+1)))
}

// writePart writes a file and makes it durable.
func writePart(files files, path string, write func(io.Writer) error) error {
	out, err := files.create(path)
	if err != nil {
		return fmt.Errorf("file %s: %w", filepath.Base(path), withoutPath(err))
	}
	if err = write(out); err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("file %s: %w", filepath.Base(path), withoutPath(err))
	}
	return nil
}
