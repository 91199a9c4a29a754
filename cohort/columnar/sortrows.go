package columnar

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/personalised-prevention/nhs/internal/flatfile"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// rowShape is the columns of the rows that are sorted: one for each column that is published, in the order of the catalogue.
type rowShape struct {
	table   *storeTable
	keys    []string // of persons, the best first
	columns []tree.Column
}

// rowReader reads rows of one file.
type rowReader struct {
	shape *rowShape
	store *Store
	read  Reading
	texts bool // there is a key that is not a number
	key   []byte
	row   []byte
	put   func(key, row []byte) error
}

// keyBytes appends a key such that the order of the bytes is the order of keys.
func keyBytes(to []byte, key string) []byte {
	return append(binary.BigEndian.AppendUint16(to, uint16(len(key))), key...) //nolint:gosec // at most maxKey
}

// What a row holds, column by column: a day as a number, 0 if it is missing; a number as its bits; a text after its
// length.
func (r *rowReader) addDay(day tree.Day) { r.row = binary.AppendUvarint(r.row, uint64(day)) } //nolint:gosec // not negative

func (r *rowReader) addNumber(x float64) {
	r.row = binary.BigEndian.AppendUint64(r.row, math.Float64bits(x))
}

func (r *rowReader) addText(text string) {
	r.row = append(binary.AppendUvarint(r.row, uint64(len(text))), text...)
}

func (r *rowReader) addMissing(k tree.Kind) {
	switch k {
	case tree.Date:
		r.addDay(0)
	case tree.Number:
		r.addNumber(math.NaN())
	case tree.Text, tree.Code, tree.Codes:
		r.addText("")
	}
}

// flush hands out the row of a person.
func (r *rowReader) flush(key personKey) error {
	if !key.known() {
		r.read.NoKey++
		return nil
	}
	r.texts = r.texts || key.number < 0
	r.read.Rows++
	r.key = keyBytes(r.key[:0], key.String())
	return r.put(r.key, r.row)
}

// count counts a value that becomes missing.
func (r *rowReader) count(column string, f fault) {
	c := r.read.column(r.shape.table.name, column)
	switch f {
	case faultUnknown:
		c.Unknown++
	case faultCalendar:
		c.OutsideCalendar++
	case faultUnreadable:
		c.Unreadable++
	case faultNotFinite:
		c.NotFinite++
	case sound:
	}
}

// parquet reads row groups of a file from one up to another.
func (r *rowReader) parquet(ctx context.Context, f *storeFile, from, to int) error {
	opened, err := f.open()
	if err != nil {
		return fmt.Errorf("file %s: %w", f.name, err)
	}
	defer opened.Close()
	file := f.file.From(&countingReader{opened, &r.read.Bytes})
	for group := from; group < to; group++ {
		r.read.RowGroups++
		if err := r.group(ctx, f, file, group); err != nil {
			return fmt.Errorf("file %s, row group %d: %w", f.name, group+1, err)
		}
	}
	return nil
}

// columnStream reads a column page by page.
type columnStream struct {
	converter
	name       string
	chunk      *flatfile.Chunk
	next       int // page
	page       flatfile.Page
	values     values
	dictionary *values
	at         int // row of page
}

// open finds the columns of a row group: that of keys, and of each column of the shape, nil for those it does not have.
func (r *rowReader) open(f *storeFile, file *flatfile.File, group int, room *flatfile.Room) (key *columnStream, columns []*columnStream, err error) {
	plan := planFile{storeFile: f}
	if err := plan.findKey(r.shape.table, &tree.Table{PersonKeys: r.shape.keys}); err != nil {
		return nil, nil, err
	}
	key = new(columnStream)
	if key.chunk, err = file.Chunk(group, plan.key, room); err != nil {
		return nil, nil, err
	}
	for i := range r.shape.columns {
		c := &r.shape.columns[i]
		at, name := r.shape.table.column(f, c.Name)
		if at < 0 {
			columns = append(columns, nil)
			continue
		}
		s := &columnStream{name: c.Name, converter: converter{of: &f.file.Columns[at], form: formOf(&f.file.Columns[at]), column: c, zone: r.store.zone}}
		if err := checkKind(s.form, c.Kind); err != nil {
			return nil, nil, fmt.Errorf("column %q %w", name, err)
		}
		if s.chunk, err = file.Chunk(group, at, room); err != nil {
			return nil, nil, err
		}
		columns = append(columns, s)
	}
	return key, columns, nil
}

func (r *rowReader) group(ctx context.Context, f *storeFile, file *flatfile.File, group int) error {
	room := flatfile.NewRoom(math.MaxInt64)
	key, columns, err := r.open(f, file, group, room)
	if err != nil {
		return err
	}
	var people keys
	for left := f.file.GroupRows(group); left > 0; {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		turned, err := key.turn()
		if err != nil {
			return err
		}
		if turned {
			v := key.page.Values
			if key.page.Indexed {
				if v, err = key.chunk.Dictionary(); err != nil {
					return err
				}
			}
			if err := people.take(key.chunk.Column, &v); err != nil {
				return err
			}
		}
		n := key.page.Rows - key.at
		for _, c := range columns {
			if c == nil {
				continue
			}
			if err := c.load(r); err != nil {
				return err
			}
			n = min(n, c.page.Rows-c.at)
		}
		for i := range n {
			if err := r.one(key, columns, &people, i); err != nil {
				return fmt.Errorf("row %d: %w", f.file.GroupRows(group)-left+int64(i)+1, err)
			}
		}
		key.at += n
		for _, c := range columns {
			if c != nil {
				c.at += n
			}
		}
		left -= int64(n)
	}
	return nil
}

// one hands out a row, the i-th from where the columns are.
func (r *rowReader) one(key *columnStream, columns []*columnStream, people *keys, i int) error {
	who := nobody()
	if at, ok := key.page.Rank(key.at + i); ok {
		if key.page.Indexed {
			at = int(key.page.Indexes[at])
		}
		who = people.at(at)
	}
	r.row = r.row[:0]
	for j, c := range columns {
		kind := r.shape.columns[j].Kind
		if c == nil {
			r.addMissing(kind)
			continue
		}
		at, ok := c.page.Rank(c.at + i)
		if !ok {
			r.addMissing(kind)
			continue
		}
		v := &c.values
		if c.page.Indexed {
			v, at = c.dictionary, int(c.page.Indexes[at])
		}
		if v.faults != nil && v.faults[at] != sound {
			r.count(c.name, v.faults[at])
		}
		switch kind {
		case tree.Date:
			r.addDay(v.days[at])
		case tree.Number:
			r.addNumber(v.numbers[at])
		case tree.Text, tree.Code, tree.Codes:
			if !utf8.ValidString(v.texts[at]) {
				return fmt.Errorf("column %q is not UTF-8", c.name)
			}
			r.addText(v.texts[at])
		}
	}
	return r.flush(who)
}

// turn goes to the next page when it is at the end of one.
func (s *columnStream) turn() (bool, error) {
	if s.at < s.page.Rows {
		return false, nil
	}
	if s.next == len(s.chunk.Pages) {
		return false, errors.New("a column ends before the others")
	}
	s.next++
	s.at = 0
	return true, s.chunk.Read(s.next-1, &s.page)
}

// load is turn, with the values of the page.
func (s *columnStream) load(r *rowReader) error {
	turned, err := s.turn()
	if err != nil || !turned {
		return err
	}
	r.read.Pages++
	if !s.page.Indexed {
		return s.convert(&s.values, &s.page.Values)
	}
	if s.dictionary != nil {
		return nil
	}
	d, err := s.chunk.Dictionary()
	if err != nil {
		return err
	}
	s.dictionary = new(values)
	return s.convert(s.dictionary, &d)
}

// storedCells takes the cells of a row apart.
type storedCells struct{ rest []byte }

func (s *storedCells) day() tree.Day {
	n, size := binary.Uvarint(s.rest)
	s.rest = s.rest[size:]
	return tree.Day(n) //nolint:gosec // as it was written
}

func (s *storedCells) number() float64 {
	x := math.Float64frombits(binary.BigEndian.Uint64(s.rest))
	s.rest = s.rest[8:]
	return x
}

func (s *storedCells) text() []byte {
	n, size := binary.Uvarint(s.rest)
	text := s.rest[size : size+int(n)] //nolint:gosec // as it was written
	s.rest = s.rest[size+int(n):]      //nolint:gosec // as it was written
	return text
}
