package columnar

import (
	"math"
	"math/bits"
	"slices"

	"github.com/personalised-prevention/nhs/internal/tree"
)

// group finds the candidates of several sets of rows in one pass over a column of codes. Without codes all rows are.
type group struct {
	program       *program
	table         *tree.Table
	at            int // the table in the plan
	column        int // or -1
	matcher       *matcher
	flags         []*flags // of the dictionaries in use
	done, missing words
	first         bool // nobody has been asked about
	found         []candidates
	used          int
}

// ownRow is a row, and in the upper half the person whose it is.
type ownRow uint64

func newOwnRow(person int, row int32) ownRow { return ownRow(person)<<32 | ownRow(row) } //nolint:gosec // neither is negative

func (r ownRow) row() int32    { return int32(r & math.MaxInt32) }
func (r ownRow) person() int32 { return int32(r >> 32) } //nolint:gosec // as it was put in

// candidates are rows of a segment, in order. Masks say which of the sets of rows each may be in.
type candidates struct {
	segment *segment
	rows    []ownRow
	masks   []uint64
	// whole, if it is not 0, is the mask of all rows of the segment, of everybody: there are no others.
	whole uint64
}

func (g *group) reset() {
	g.used = 0
	g.done = g.done.fit(g.program.people.n)
}

// cover finds the candidates of people who have not been asked about.
func (g *group) cover(live words) {
	if !lacking(&g.missing, live, g.done) {
		return
	}
	g.first = g.done.empty()
	for _, seg := range g.program.block.tables[g.at] {
		if seg.rows == 0 {
			continue
		}
		if g.used == len(g.found) {
			g.found = append(g.found, candidates{})
		}
		c := &g.found[g.used]
		c.segment = seg
		if err := g.scan(c); err != nil {
			g.program.fail(err)
			return
		}
		if len(c.rows) > 0 || c.whole != 0 {
			g.used++
		}
	}
	g.done.add(g.missing)
}

func (g *group) scan(c *candidates) error {
	c.whole = 0
	if code, ok := g.same(c.segment); ok {
		c.rows = c.rows[:0]
		if g.first { // later these are candidates already
			c.whole = g.matcher.mask(code)
		}
		return nil
	}
	c.rows, c.masks = extend(c.rows, c.segment.size()+1), extend(c.masks, c.segment.size()+1)
	if g.column < 0 {
		c.all(g.missing)
		for i := range c.masks {
			c.masks[i] = ^uint64(0)
		}
		return nil
	}
	vectors := c.segment.columns[g.column]
	if d := vectors[0].dictionary(); d != nil && len(vectors) == 1 && c.segment.starts != nil {
		ids, err := vectors[0].ids()
		if err == nil {
			c.flagged(g.missing, ids, g.flagsOf(d))
		}
		return err
	}
	c.all(g.missing)
	if len(c.rows) == 0 {
		return nil
	}
	clear(c.masks)
	for _, v := range vectors {
		if err := g.mark(c, v); err != nil {
			return err
		}
	}
	k := 0
	for i, mask := range c.masks {
		c.rows[k], c.masks[k] = c.rows[i], mask
		k += one(mask != 0)
	}
	c.rows, c.masks = c.rows[:k], c.masks[:k]
	return nil
}

// same returns the one code of all rows of a segment that is laid out by code.
func (g *group) same(seg *segment) (code string, ok bool) {
	if g.column < 0 || seg.starts != nil || len(seg.columns[g.column]) != 1 {
		return "", false
	}
	u, ok := seg.columns[g.column][0].(uniform)
	if !ok {
		return "", false
	}
	return u.same()
}

// mark sets the masks of codes in one of several columns, or of a column without a dictionary.
func (g *group) mark(c *candidates, v vector) error {
	if d := v.dictionary(); d != nil {
		ids, err := v.ids()
		if err != nil {
			return err
		}
		f := g.flagsOf(d)
		for i, row := range c.rows {
			c.masks[i] |= f.mask(ids[row.row()])
		}
		return nil
	}
	rows := make([]int32, len(c.rows))
	for i, row := range c.rows {
		rows[i] = row.row()
	}
	texts, err := v.texts(rows)
	if err != nil {
		return err
	}
	for i, text := range texts {
		c.masks[i] |= g.matcher.mask(text)
	}
	return nil
}

// all takes all rows of some people.
func (c *candidates) all(people words) {
	k := 0
	if c.segment.starts == nil {
		for row, person := range c.segment.people {
			own := c.segment.first + int(person)
			c.rows[k] = newOwnRow(own, int32(row))
			k += int(people[own>>6] >> (own & 63) & 1)
		}
	} else {
		for person, at := range c.segment.of(people) {
			for row := c.segment.starts[at]; row < c.segment.starts[at+1]; row++ {
				c.rows[k] = newOwnRow(person, row)
				k++
			}
		}
	}
	c.rows, c.masks = c.rows[:k], c.masks[:k]
}

// flagged takes the rows of some people whose codes are flagged.
func (c *candidates) flagged(people words, ids []uint32, f *flags) {
	seg, rows, class, k := c.segment, c.rows, f.class, 0
	for w, word := range people {
		for ; word != 0; word &= word - 1 {
			person := w*64 + bits.TrailingZeros64(word)
			i := person - seg.first
			if i < 0 || i >= len(seg.starts)-1 {
				continue
			}
			at := newOwnRow(person, seg.starts[i])
			for _, id := range ids[seg.starts[i]:seg.starts[i+1]] {
				rows[k] = at
				at++
				k += int((uint32(class[id]) + 255) >> 8)
			}
		}
	}
	c.rows, c.masks = rows[:k], c.masks[:k]
	for i, row := range c.rows {
		c.masks[i] = f.mask(ids[row.row()])
	}
}

// flags are the masks of the values of a dictionary: those of its class or, when there are too many classes, its own.
type flags struct {
	of    *dictionary
	class []uint8
	masks []uint64 // by class; that of class 0 is 0
	own   []uint64
}

const ownMask = 255

func (f *flags) mask(id uint32) uint64 {
	if class := f.class[id]; class != ownMask {
		return f.masks[class]
	}
	return f.own[id]
}

func (g *group) flagsOf(d *dictionary) *flags {
	for _, f := range slices.Backward(g.flags) {
		if f.of == d {
			return f
		}
	}
	g.flags = slices.DeleteFunc(g.flags, func(f *flags) bool { return f.of.size == 0 })
	f := &flags{of: d, class: make([]uint8, d.size), masks: []uint64{0}}
	classes := map[uint64]uint8{0: 0}
	for id := range d.size {
		mask := g.matcher.maskOf(d, id)
		if mask == 0 {
			continue
		}
		class, ok := classes[mask]
		switch {
		case ok:
		case len(f.masks) < ownMask:
			class = uint8(len(f.masks)) //nolint:gosec // less than 255
			classes[mask], f.masks = class, append(f.masks, mask)
		default:
			if class = ownMask; f.own == nil {
				f.own = make([]uint64, d.size)
			}
			f.own[id] = mask
		}
		f.class[id] = class
	}
	g.flags = append(g.flags, f)
	return f
}
