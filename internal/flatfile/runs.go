package flatfile

import "math"

// Run is rows that have the same value, one after the other.
type Run struct {
	Index uint32 // of the value in the dictionary
	End   int32  // the row behind them, in the page, of the rows with a value
}

// ReadRuns is [Chunk.Read] for a column of which many rows have the same value one after the other: an indexed page has
// Runs, of which no two in a row have the same value, and no Indexes.
func (c *Chunk) ReadRuns(page int, p *Page) error { return c.readPage(page, p, true) }

// Unroll makes the Indexes of a page that has been read as runs.
func (c *Chunk) Unroll(p *Page) error {
	if len(p.Indexes) > 0 || len(p.Runs) == 0 {
		return nil
	}
	var err error
	if p.Indexes, err = grow(c.reader.shared, p.Indexes, int64(p.known), 4); err != nil {
		return c.fail(err)
	}
	for _, r := range p.Runs {
		from := len(p.Indexes)
		p.Indexes = p.Indexes[:r.End]
		for i := range p.Indexes[from:] {
			p.Indexes[from+i] = r.Index
		}
	}
	return nil
}

// readRuns reads indexes, all less than limit.
func (p *Page) readRuns(s *shared, from hybrid, limit int64) (err error) {
	if p.known > math.MaxInt32 {
		return ErrMemory
	}
	var part [256]uint32
	last := int64(-1) // none
	for row := 0; row < p.known; {
		if err := from.run(); err != nil {
			return err
		}
		packed := part[:min(len(part), max(1, from.packed), p.known-row)]
		if p.Runs, err = growRuns(s, p.Runs, len(packed)); err != nil {
			return err
		}
		runs, at := p.Runs[:cap(p.Runs)], len(p.Runs)-1
		if from.repeats > 0 {
			if int64(from.value) >= limit {
				return errBeyond
			}
			row += min(from.repeats, p.known-row)
			at += one(int64(from.value) != last)
			runs[at], last = Run{from.value, int32(row)}, int64(from.value) //nolint:gosec // as many as rows
			p.Runs, from.repeats = runs[:at+1], 0
			continue
		}
		unpack(packed, from.groups[from.bit>>3:], from.width) // of which each part but the last fills whole bytes
		if int64(largest(packed)) >= limit {
			return errBeyond
		}
		for _, index := range packed {
			row++
			at += one(int64(index) != last)
			runs[at], last = Run{index, int32(row)}, int64(index)
		}
		p.Runs = runs[:at+1]
		from.packed -= len(packed)
		from.bit += len(packed) * from.width
	}
	return nil
}

// growRuns makes room for n more.
func growRuns(s *shared, runs []Run, n int) ([]Run, error) {
	if len(runs)+n <= cap(runs) {
		return runs, nil
	}
	return grow(s, runs, int64(max(len(runs)+n, 2*cap(runs))), 8)
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
