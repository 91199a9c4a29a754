package columnar

import (
	"cmp"
	"context"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/flatfile"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// indexing makes the index of one table.
type indexing struct {
	store    *Store
	files    files
	settings settings
	table    *storeTable
	keys     []string      // of persons, the best first
	columns  []tree.Column // that of codes first

	plans    []*storePlan // of each column alone
	lock     sync.Mutex   // of
	progress Progress
}

func (b *indexing) build(ctx context.Context, parts []indexedPeople) error {
	for _, c := range b.columns {
		p, err := b.store.resolve(&tree.Plan{Tables: []*tree.Table{{
			Name: b.table.name, PersonKeys: b.keys, Columns: []tree.Column{c}, Dated: -1,
		}}})
		if err != nil {
			return err
		}
		b.plans = append(b.plans, p)
	}
	spans, err := b.spans(ctx, parts)
	if err != nil {
		return err
	}
	b.progress.Of = int(parts[len(parts)-1].rows.to)
	home := filepath.Join(b.store.dir, b.table.name)
	if err := os.MkdirAll(home, 0o750); err != nil {
		return withoutPath(err)
	}
	return replace(filepath.Join(home, indexFolder), func(folder string) error {
		made := make([]manifestPart, len(parts))
		err := share(ctx, b.settings.workers, len(parts), func(ctx context.Context, next func() (int, bool)) error {
			for i, ok := next(); ok; i, ok = next() {
				p := &partIndexing{indexing: b, people: parts[i], rows: spans[i]}
				if err := p.write(ctx, folder, i); err != nil {
					return err
				}
				if err := p.tell(folder, i, &made[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		return b.finish(folder, made)
	})
}

// spans finds the rows of the people of each part.
func (b *indexing) spans(ctx context.Context, parts []indexedPeople) ([]rowSpan, error) {
	l := newLocator(ctx, b.plans[0])
	defer l.close()
	spans := []rowSpan{{0, b.table.rows}}
	for i := range parts[1:] {
		row, err := l.seek(0, parts[i+1].low)
		if err != nil {
			return nil, err
		}
		if row < spans[i].from {
			return nil, l.plan.tables[0].fail(row, errUnsorted)
		}
		spans[i].to = row
		spans = append(spans, rowSpan{row, b.table.rows})
	}
	return spans, nil
}

// partIndexing makes the index of the rows of some people. It reads the table column by column, so that no more than one of
// them is in memory.
type partIndexing struct {
	*indexing
	people indexedPeople
	rows   rowSpan // of the table

	owners []int32 // of every row of these people
	codes  []codeRows
	order  []int32 // which rows have a code, in order of that
}

// each goes through the rows of the people, a column of them.
func (p *partIndexing) each(ctx context.Context, column int, do func(first int, seg *segment, v vector) error) error {
	s := p.plans[column].shard()
	defer s.close()
	s.low, s.high = p.people.low, p.people.high
	s.tables[0].rows, s.tables[1].rows = p.rows, p.people.rows
	var b block
	first := 0
	for {
		err := s.next(ctx, &b)
		if err == io.EOF { //nolint:errorlint // as it is returned
			return nil
		}
		if err != nil {
			return err
		}
		for _, seg := range b.tables[0] {
			if err := do(first, seg, seg.columns[0][0]); err != nil {
				return err
			}
		}
		first += b.people
	}
}

// sort reads the codes, and finds the order of the rows.
func (p *partIndexing) sort(ctx context.Context) error {
	texts, rows := newInterned(), p.rows.to-p.rows.from
	p.owners = make([]int32, 0, rows)
	ids := make([]uint32, 0, rows)
	err := p.each(ctx, 0, func(first int, seg *segment, v vector) (err error) {
		for i, end := range seg.starts[1:] {
			for range end - seg.starts[i] {
				p.owners = append(p.owners, int32(first+seg.first+i)) //nolint:gosec // people of a part
			}
		}
		ids, err = texts.add(ids, v)
		return err
	})
	if err != nil {
		return err
	}
	starts := make([]int64, len(texts.texts)) // by code: how many rows, and then where the next one goes
	for _, id := range ids {
		starts[id]++
	}
	var known []uint32
	for id, text := range texts.texts {
		if text != "" && strings.IndexByte(text, 0) < 0 { // others are in no list
			known = append(known, uint32(id))
		}
	}
	slices.SortFunc(known, func(a, b uint32) int { return cmp.Compare(texts.texts[a], texts.texts[b]) })
	at := int64(0)
	wanted := make([]bool, len(starts))
	for _, id := range known {
		p.codes = append(p.codes, codeRows{code: texts.texts[id], from: at, to: at + starts[id]})
		starts[id], at, wanted[id] = at, at+starts[id], true
	}
	p.order = make([]int32, at)
	for row, id := range ids {
		if wanted[id] {
			p.order[starts[id]] = int32(row)
			starts[id]++
		}
	}
	return nil
}

const (
	// personColumn is the column of the numbers of people, from the first of the part on.
	personColumn = "_person"
	// indexPage is how many rows a page has, and directoryPage how many codes: few, because few of them are asked for.
	indexPage     = 4096
	directoryPage = 1024
)

// write writes the two files.
func (p *partIndexing) write(ctx context.Context, folder string, part int) error {
	if err := p.sort(ctx); err != nil {
		return err
	}
	err := writePart(p.files, filepath.Join(folder, rowsName(part)), func(out io.Writer) error { return p.writeRows(ctx, out) })
	if err != nil {
		return err
	}
	return writePart(p.files, filepath.Join(folder, codesName(part)), p.writeCodes)
}

func (p *partIndexing) writeRows(ctx context.Context, out io.Writer) error {
	stored := []flatfile.Column{storedColumn(p.columns[0]), {Name: personColumn, Type: format.Int32, Plain: true}}
	for _, c := range p.columns[1:] {
		stored = append(stored, storedColumn(c))
	}
	layout := flatfile.Layout{
		Codec: format.Snappy, PageRows: indexPage, Sorted: []string{p.columns[0].Name, personColumn}, CreatedBy: "nhs columnar",
	}
	if p.store.indexPage > 0 {
		layout.PageRows = p.store.indexPage
	}
	w, err := flatfile.NewColumnWriter(out, stored, layout)
	if err != nil {
		return err
	}
	for _, c := range p.codes {
		w.Columns[0].Text(c.code, int(c.to-c.from))
	}
	people := reordered(p.owners, p.order)
	w.Columns[1].Int32s(people, nil)
	for i := range p.columns[1:] {
		if err := p.writeColumn(ctx, i+1, w.Columns[i+2]); err != nil {
			return err
		}
	}
	if err := w.EndBatch(len(p.order)); err != nil {
		return err
	}
	return w.Close()
}

// storedColumn is how the index has a column.
func storedColumn(c tree.Column) flatfile.Column {
	s := flatfile.Column{Name: c.Name, Type: format.ByteArray, Logical: new(format.StringType), Optional: true}
	switch c.Kind {
	case tree.Date:
		s.Type, s.Logical, s.Coded = format.Int32, new(format.DateType), true
	case tree.Number:
		s.Type, s.Logical = format.Double, nil
	case tree.Text, tree.Code, tree.Codes:
	}
	return s
}

// writeColumn reads a column of all rows, and writes it in order.
func (p *partIndexing) writeColumn(ctx context.Context, column int, to *flatfile.Appender) error {
	switch p.columns[column].Kind {
	case tree.Date:
		days := make([]int32, 0, len(p.owners))
		err := p.each(ctx, column, func(_ int, _ *segment, v vector) error {
			read, err := v.days(nil)
			for _, day := range read {
				days = append(days, int32(day))
			}
			return err
		})
		if err != nil {
			return err
		}
		putInOrder(p.order, days, func(day *int32) bool {
			missing := *day == 0
			*day -= int32(calendar.Epoch)
			return missing
		}, to.Int32s)
		return nil
	case tree.Number:
		numbers := make([]float64, 0, len(p.owners))
		err := p.each(ctx, column, func(_ int, _ *segment, v vector) error {
			read, err := v.numbers(nil)
			numbers = append(numbers, read...)
			return err
		})
		if err != nil {
			return err
		}
		putInOrder(p.order, numbers, func(x *float64) bool { return math.IsNaN(*x) }, to.Doubles)
		return nil
	case tree.Text, tree.Code, tree.Codes:
	}
	texts := newInterned()
	ids := make([]uint32, 0, len(p.owners))
	err := p.each(ctx, column, func(_ int, _ *segment, v vector) (err error) {
		ids, err = texts.add(ids, v)
		return err
	})
	if err != nil {
		return err
	}
	to.UseTexts(texts.texts)
	putInOrder(p.order, ids, func(id *uint32) bool { return *id == 0 }, to.Indexes)
	return nil
}

// putInOrder hands values on in another order, some at a time, and says which are missing.
func putInOrder[T any](order []int32, values []T, missing func(*T) bool, put func([]T, []bool)) {
	var some [indexPage]T
	var null [indexPage]bool
	for len(order) > 0 {
		n := min(len(order), len(some))
		for i, row := range order[:n] {
			some[i] = values[row]
			null[i] = missing(&some[i])
		}
		put(some[:n], null[:n])
		order = order[n:]
	}
}

// writeCodes writes which rows have each code.
func (p *partIndexing) writeCodes(out io.Writer) error {
	w, err := flatfile.NewColumnWriter(out, directoryColumns(), flatfile.Layout{Codec: format.Snappy, PageRows: directoryPage, CreatedBy: "nhs columnar"})
	if err != nil {
		return err
	}
	for _, c := range p.codes {
		w.Columns[0].Text(c.code, 1)
		w.Columns[1].Integer(c.from, 1)
		w.Columns[2].Integer(c.to-c.from, 1)
	}
	if err := w.EndBatch(len(p.codes)); err != nil {
		return err
	}
	return w.Close()
}

// tell notes what has been made, and how far the index is.
func (p *partIndexing) tell(folder string, part int, made *manifestPart) error {
	files := partOf(folder, folder, part)
	if err := files.outline(); err != nil {
		return err
	}
	people := int(p.people.rows.to - p.people.rows.from)
	*made = manifestPart{People: people, Rows: len(p.order), Footer: files.footer()}
	if p.settings.progress == nil {
		return nil
	}
	p.lock.Lock()
	defer p.lock.Unlock()
	p.progress.People += people
	p.progress.Rows += len(p.owners)
	p.settings.progress(p.progress)
	return nil
}

// interned is different texts, by number; the first is that of missing ones.
type interned struct {
	texts []string
	ids   map[string]uint32
	// Of the dictionary that was used last: which numbers its texts have, and 1 more; 0 if that has not been asked.
	of    *dictionary
	known []uint32
}

func newInterned() *interned {
	return &interned{texts: []string{""}, ids: map[string]uint32{"": 0}}
}

// add appends the numbers of all texts of a vector.
func (t *interned) add(to []uint32, v vector) ([]uint32, error) {
	d := v.dictionary()
	if d == nil {
		texts, err := v.texts(nil)
		for _, text := range texts {
			to = append(to, t.id(text))
		}
		return to, err
	}
	if t.of != d {
		t.of, t.known = d, extend(t.known, d.size)
		clear(t.known)
	}
	texts := d.spelled()
	ids, err := v.ids()
	for _, id := range ids {
		if t.known[id] == 0 {
			t.known[id] = t.id(texts[id]) + 1
		}
		to = append(to, t.known[id]-1)
	}
	return to, err
}

func (t *interned) id(text string) uint32 {
	id, ok := t.ids[text]
	if !ok {
		id = uint32(len(t.texts)) //nolint:gosec // rows of a part
		text = strings.Clone(text)
		t.ids[text], t.texts = id, append(t.texts, text)
	}
	return id
}
