package columnar

import (
	"errors"
	"math"
	"math/bits"

	"github.com/personalised-prevention/nhs/internal/tree"
)

// storeVector is some rows of a column, all of one page.
type storeVector struct {
	column       *columnReader
	page         int
	from, n      int    // rows of the page
	code         string // of all rows; empty if it is not told
	dayBuffer    []tree.Day
	numberBuffer []float64
	textBuffer   []string
}

// vector returns a vector of n rows of the row group, from one on, for use again.
func (s *storeShard) vector(c *columnReader, from int64, n int) *storeVector {
	if s.usedVecs == len(s.vectors) {
		s.vectors = append(s.vectors, new(storeVector))
	}
	v := s.vectors[s.usedVecs]
	s.usedVecs++
	v.column, v.page, v.n, v.code = c, c.pageAt(from), n, ""
	v.from = int(from - c.chunk.Pages[v.page].First)
	return v
}

func (v *storeVector) same() (code string, ok bool) { return v.code, v.code != "" }

func (v *storeVector) dictionary() *dictionary {
	c := v.column
	if p := c.pages[v.page]; p != nil && !p.page.Indexed {
		return nil
	}
	indexed, err := c.chunk.Indexed(v.page)
	if err != nil {
		c.err = c.fail(err)
	}
	if !indexed || err != nil {
		return nil
	}
	return c.dictionary()
}

func (v *storeVector) ids() ([]uint32, error) {
	p, err := v.column.read(v.page)
	if err != nil {
		return nil, err
	}
	if !p.page.Indexed {
		return nil, v.column.fail(errNotIndexed)
	}
	present := p.page.Present()
	if present == nil {
		return p.page.Indexes[v.from : v.from+v.n], nil
	}
	if len(p.ids) == 0 {
		p.ids = extend(p.ids, p.page.Rows)
		spread(p.ids, p.page.Indexes, present, uint32(v.column.dict.size-1)) //nolint:gosec // fits
	}
	return p.ids[v.from : v.from+v.n], nil
}

var errNotIndexed = errors.New("a page without indexes was asked for them")

// spread gives every row its own of the dense values, and those without one the missing one.
func spread(out, dense []uint32, present []uint64, missing uint32) {
	for w, word := range present {
		rows := out[64*w : min(64*w+64, len(out))]
		if bits.OnesCount64(word) == len(rows) {
			copy(rows, dense)
			dense = dense[len(rows):]
			continue
		}
		for i := range rows {
			rows[i] = missing
		}
		for ; word != 0; word &= word - 1 {
			rows[bits.TrailingZeros64(word)] = dense[0]
			dense = dense[1:]
		}
	}
}

func (v *storeVector) days(rows []int32) ([]tree.Day, error) {
	p, err := v.column.read(v.page)
	if err != nil {
		return nil, err
	}
	if rows == nil && p.has() {
		return p.values.days[v.from : v.from+v.n], nil
	}
	if p.page.Indexed {
		v.dayBuffer = pickRows(v.dayBuffer, v.column.dict.days, v, p, rows, 0)
	} else {
		v.dayBuffer = pickRows(v.dayBuffer, p.values.days, v, p, rows, 0)
	}
	return v.dayBuffer, nil
}

func (v *storeVector) numbers(rows []int32) ([]float64, error) {
	p, err := v.column.read(v.page)
	if err != nil {
		return nil, err
	}
	if rows == nil && p.has() {
		return p.values.numbers[v.from : v.from+v.n], nil
	}
	if p.page.Indexed {
		v.numberBuffer = pickRows(v.numberBuffer, v.column.dict.numbers, v, p, rows, math.NaN())
	} else {
		v.numberBuffer = pickRows(v.numberBuffer, p.values.numbers, v, p, rows, math.NaN())
	}
	return v.numberBuffer, nil
}

func (v *storeVector) texts(rows []int32) ([]string, error) {
	p, err := v.column.read(v.page)
	if err != nil {
		return nil, err
	}
	if p.page.Indexed {
		v.textBuffer = pickRows(v.textBuffer, v.column.dict.spelled(), v, p, rows, "")
	} else {
		v.textBuffer = pickRows(v.textBuffer, p.values.texts, v, p, rows, "")
	}
	return v.textBuffer, nil
}

// pickRows returns the values of the given rows of a vector, of all if rows is nil. from are the values that the page has
// or points to.
func pickRows[T any](out, from []T, v *storeVector, p *readPage, rows []int32, missing T) []T {
	n := len(rows)
	if rows == nil {
		n = v.n
	}
	out = extend(out, n)
	switch {
	case p.page.Known() == 0:
		for i := range out {
			out[i] = missing
		}
	case p.page.Present() == nil && p.page.Indexed:
		pickIndexed(out, from, p.page.Indexes[v.from:v.from+v.n], rows)
	case p.page.Present() == nil:
		pickPlain(out, from[v.from:v.from+v.n], rows)
	default:
		for i := range out {
			row := i
			if rows != nil {
				row = int(rows[i])
			}
			at, known := p.page.Rank(v.from + row)
			switch {
			case !known:
				out[i] = missing
			case p.page.Indexed:
				out[i] = from[p.page.Indexes[at]]
			default:
				out[i] = from[at]
			}
		}
	}
	return out
}

// pickIndexed and pickPlain do so where no value is missing.

func pickIndexed[T any](out, from []T, indexes []uint32, rows []int32) {
	if rows == nil {
		for i, index := range indexes {
			out[i] = from[index]
		}
		return
	}
	for i, row := range rows {
		out[i] = from[indexes[row]]
	}
}

func pickPlain[T any](out, from []T, rows []int32) {
	if rows == nil {
		copy(out, from)
		return
	}
	for i, row := range rows {
		out[i] = from[row]
	}
}
