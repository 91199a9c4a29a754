package columnar

import "github.com/personalised-prevention/nhs/internal/tree"

// indexVector is some rows of a column of an index: of one page of it, unless its texts are so long that pages end early.
type indexVector struct {
	column *columnReader
	row    int64 // the first
	n      int
	code   string // of all rows; empty if this is another column

	part    storeVector // what is read of it, at a time
	some    []int32
	allIDs  []uint32
	allDays []tree.Day
	numeric []float64
	strings []string
}

func (v *indexVector) same() (code string, ok bool) { return v.code, v.code != "" }

// open finds the pages of the column, once.
func (v *indexVector) open() error {
	c := v.column
	if c.chunk != nil || c.err != nil {
		return c.err
	}
	chunk, err := c.group.file.outline.Chunk(c.group.group, c.source.at, c.group.shard.room)
	if err != nil {
		c.err = c.fail(err)
		return c.err
	}
	c.chunk, c.pages = chunk, make([]*readPage, len(chunk.Pages))
	return nil
}

// from makes the part that of the rows from one on, as far as its page has them, and reports whether these are all.
func (v *indexVector) from(at int) bool {
	row := v.row + int64(at)
	v.part.column, v.part.page = v.column, v.column.pageAt(row)
	p := &v.column.chunk.Pages[v.part.page]
	v.part.from = int(row - p.First)
	v.part.n = min(v.n-at, p.Rows-v.part.from)
	return v.part.n == v.n
}

func (v *indexVector) dictionary() *dictionary {
	if v.open() != nil {
		return nil
	}
	var d *dictionary
	for at := 0; at < v.n; at += v.part.n {
		v.from(at)
		if d = v.part.dictionary(); d == nil {
			return nil
		}
	}
	return d
}

func (v *indexVector) ids() ([]uint32, error) {
	if err := v.open(); err != nil {
		return nil, err
	}
	if v.from(0) {
		return v.part.ids()
	}
	read := func([]int32) ([]uint32, error) { return v.part.ids() }
	return joinParts(v, &v.allIDs, nil, read)
}

func (v *indexVector) days(rows []int32) ([]tree.Day, error) {
	return joinParts(v, &v.allDays, rows, v.part.days)
}

func (v *indexVector) numbers(rows []int32) ([]float64, error) {
	return joinParts(v, &v.numeric, rows, v.part.numbers)
}

func (v *indexVector) texts(rows []int32) ([]string, error) {
	return joinParts(v, &v.strings, rows, v.part.texts)
}

// joinParts reads the given rows, all if rows is nil, page by page.
func joinParts[T any](v *indexVector, into *[]T, rows []int32, read func(rows []int32) ([]T, error)) ([]T, error) {
	if err := v.open(); err != nil {
		return nil, err
	}
	if v.from(0) {
		return read(rows)
	}
	*into = (*into)[:0]
	for at := 0; at < v.n; at += v.part.n {
		v.from(at)
		var some []int32
		if rows != nil {
			some = v.some[:0]
			for len(rows) > 0 && int(rows[0]) < at+v.part.n {
				some = append(some, rows[0]-int32(at))
				rows = rows[1:]
			}
			v.some = some
			if len(some) == 0 {
				continue
			}
		}
		values, err := read(some)
		if err != nil {
			return nil, err
		}
		*into = append(*into, values...)
	}
	return *into, nil
}
