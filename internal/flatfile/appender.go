package flatfile

import (
	"fmt"
	"math"

	"github.com/parquet-go/parquet-go/format"
)

// Appender takes the values of a column. Those in the plural take one value a row; null,
// if it is not nil, is as long as them and true where there is none, whatever they hold
// there. Those that end in "In" take the values of the rows that have one, and nothing for
// the others. Those in the singular take the same value for n rows, as a run, which costs
// nearly the same however long it is.
//
// What goes wrong, such as a wrong type, is told by [ColumnWriter.EndBatch].
type Appender struct {
	file     *ColumnWriter
	column   *Column
	position int  // from 1
	ordered  bool // there is a least and a greatest value

	// The caller's dictionary, and where its values are in ours: from 1, 0 if nowhere.
	known      []uint64
	knownTexts []string
	places     []uint32

	// The page.
	rows   int
	nulls  int
	levels presence
	ids    packer   // values by dictionary, unless
	plain  []byte   // they are here
	bits   int      // booleans in plain
	bounds extremes // of the values in plain, and of numbers in ids

	// The chunk.
	total          int // rows, those of the page included
	plainly        bool
	dictionary     dictionary
	stamps         []uint32 // of each entry: the page that it was seen in last, from 1
	dictionaryPage []byte
	chunk          []byte // pages
	raw            int64  // bytes before compression, headers included
	pages          []page
	least          extremes // of the chunk
}

func newAppender(w *ColumnWriter, c *Column, i int) *Appender {
	a := &Appender{file: w, column: c, position: i + 1, ordered: true, plainly: c.Plain || c.Type == format.Boolean}
	switch l := c.Logical.(type) {
	case *format.IntType:
		a.ordered = l.IsSigned
	case *format.DecimalType:
		a.ordered = c.Type != format.ByteArray
	}
	return a
}

// Integers adds values of a column of integers, or of booleans (true unless zero).
func (a *Appender) Integers(values []int64, null []bool) { compact(a, values, null, a.IntegersIn) }

// IntegersIn is [Appender.Integers] for some rows.
func (a *Appender) IntegersIn(values []int64, in Sparse) {
	bits := a.file.room(len(values))
	for i, v := range values {
		bits[i] = uint64(v) //nolint:gosec // the same bits
	}
	if a.column.Type == format.Int32 {
		a.checkRange(values)
	}
	appendValues(a, a.takesIntegers(), bits, in, a.numbers)
}

// Int32s adds values of a column of 32-bit integers.
func (a *Appender) Int32s(values []int32, null []bool) { compact(a, values, null, a.Int32sIn) }

// Int32sIn is [Appender.Int32s] for some rows.
func (a *Appender) Int32sIn(values []int32, in Sparse) {
	bits := a.file.room(len(values))
	for i, v := range values {
		bits[i] = uint64(int64(v)) //nolint:gosec // the same bits
	}
	appendValues(a, a.column.Type == format.Int32 && !a.column.unsigned, bits, in, a.numbers)
}

// Doubles adds values of a column of doubles.
func (a *Appender) Doubles(values []float64, null []bool) { compact(a, values, null, a.DoublesIn) }

// DoublesIn is [Appender.Doubles] for some rows.
func (a *Appender) DoublesIn(values []float64, in Sparse) {
	bits := a.file.room(len(values))
	for i, v := range values {
		bits[i] = math.Float64bits(v)
	}
	appendValues(a, a.column.Type == format.Double, bits, in, a.numbers)
}

// Texts adds values of a column of texts, of at most [MaxText] bytes each.
func (a *Appender) Texts(values []string, null []bool) {
	compact(a, values, null, func(values []string, in Sparse) { textsIn(a, values, in) })
}

// Bytes adds values of a column of texts, of at most [MaxText] bytes each.
func (a *Appender) Bytes(values [][]byte, null []bool) { compact(a, values, null, a.BytesIn) }

// BytesIn is [Appender.Bytes] for some rows.
func (a *Appender) BytesIn(values [][]byte, in Sparse) { textsIn(a, values, in) }

// Indexes adds values by their places in the dictionary that the caller uses.
func (a *Appender) Indexes(places []uint32, null []bool) { compact(a, places, null, a.IndexesIn) }

// IndexesIn is [Appender.Indexes] for some rows.
func (a *Appender) IndexesIn(places []uint32, in Sparse) {
	appendValues(a, true, places, in, a.indexes)
}

// Integer adds a value of a column of integers, or of booleans, n times.
func (a *Appender) Integer(value int64, n int) {
	if a.admits(a.takesIntegers(), n, every(n)) {
		if a.column.Type == format.Int32 {
			a.checkRange([]int64{value})
		}
		a.number(uint64(value), n) //nolint:gosec // the same bits
	}
}

// Double adds a value of a column of doubles n times.
func (a *Appender) Double(value float64, n int) {
	if a.admits(a.column.Type == format.Double, n, every(n)) {
		a.number(math.Float64bits(value), n)
	}
}

// Text adds a value of a column of texts n times.
func (a *Appender) Text(value string, n int) {
	if a.admits(a.column.Type == format.ByteArray && len(value) <= MaxText, n, every(n)) {
		a.text(value, n)
	}
}

// Index adds a value, by its place in the dictionary that the caller uses, n times.
func (a *Appender) Index(place uint32, n int) {
	if !a.admits(true, n, every(n)) {
		return
	}
	if int(place) >= len(a.places) {
		a.file.fail(a.errBeyond())
	}
	for n > 0 && a.file.err == nil {
		k := a.fits(n)
		if a.plainly {
			k = min(k, textRows)
			a.plainIndex(place, k)
		} else if id, ok := a.translated(place); ok {
			a.ids.repeat(id, k)
		} else {
			k = 0
		}
		a.commitRun(k)
		n -= k
	}
}

// Null adds that there is no value n times.
func (a *Appender) Null(n int) {
	if !a.admits(true, n, every(n)) {
		return
	}
	if !a.column.Optional && n > 0 {
		a.file.fail(a.errNull())
		return
	}
	for n > 0 {
		k := a.fits(n)
		a.levels.repeat(false, k)
		a.nulls += k
		a.count(k)
		n -= k
	}
}

// UseIntegers says which integers the places of [Appender.Indexes] mean. The slice must
// not change until other values are used; it may be extended and used again. Only what
// occurs in a row group is written to it.
func (a *Appender) UseIntegers(values []int64) {
	known := make([]uint64, len(values))
	for i, v := range values {
		known[i] = uint64(v) //nolint:gosec // the same bits
	}
	if a.column.Type == format.Int32 {
		a.checkRange(values)
	}
	a.use(a.takesIntegers(), known, nil)
}

// UseDoubles is [Appender.UseIntegers] for doubles.
func (a *Appender) UseDoubles(values []float64) {
	known := make([]uint64, len(values))
	for i, v := range values {
		known[i] = math.Float64bits(v)
	}
	a.use(a.column.Type == format.Double, known, nil)
}

// UseTexts is [Appender.UseIntegers] for texts.
func (a *Appender) UseTexts(values []string) {
	right := a.column.Type == format.ByteArray
	for _, s := range values {
		right = right && len(s) <= MaxText
	}
	a.use(right, nil, values)
}

func (a *Appender) use(right bool, known []uint64, texts []string) {
	if !right {
		a.file.fail(a.errKind())
		return
	}
	a.known, a.knownTexts = known, texts
	n := max(len(known), len(texts))
	if cap(a.places) < n {
		a.places = make([]uint32, n, max(n, 2*cap(a.places)))
	}
	a.places = a.places[:n]
	clear(a.places)
}

func (a *Appender) takesIntegers() bool {
	t := a.column.Type
	return t == format.Int32 || t == format.Int64 || t == format.Boolean
}

// admits reports whether n values can be added.
func (a *Appender) admits(right bool, n int, in Sparse) bool {
	switch {
	case a.file.err != nil:
	case a.file.closed:
		a.file.fail(errClosed)
	case !right:
		a.file.fail(a.errKind())
	case n < 0 || in.count(0, in.Rows) != n:
		a.file.fail(a.errCount())
	}
	return a.file.err == nil
}

func (a *Appender) checkRange(values []int64) {
	for _, v := range values {
		if !a.column.Fits(v) {
			a.file.fail(fmt.Errorf("column %d: a number does not fit in 32 bits", a.position))
			return
		}
	}
}

func (a *Appender) errCount() error {
	return fmt.Errorf("column %d: the nulls are not as many as the values", a.position)
}

func (a *Appender) errKind() error {
	return fmt.Errorf("column %d: a value of another type than the column, or too long", a.position)
}

func (a *Appender) errNull() error {
	return fmt.Errorf("column %d: no value where there must be one", a.position)
}

func (a *Appender) errBeyond() error {
	return fmt.Errorf("column %d: a place beyond the dictionary in use", a.position)
}

// fits returns how many of n rows go in the page, and in one step.
func (a *Appender) fits(n int) int { return min(n, a.file.layout.PageRows-a.rows) }

// commit counts n rows from one on whose values, k of them, are in the page. Full of a
// dictionary that has no room, the page ends, and what follows is plain.
func (a *Appender) commit(in Sparse, from, n, k int, full bool) {
	switch {
	case !a.column.Optional && k < n:
		a.file.fail(a.errNull())
		return
	case !a.column.Optional:
	case k == n:
		a.levels.repeat(true, n)
	default:
		in.Rows = from + n
		for ; from < in.Rows; from += 64 {
			a.levels.put(in.word(from), min(64, in.Rows-from))
		}
	}
	a.nulls += n - k
	a.count(n)
	if full {
		a.endPage()
		a.plainly = true
	}
}

// commitRun counts n rows that all have a value, or says that there was room for none.
func (a *Appender) commitRun(n int) { a.commit(every(n), 0, n, n, n == 0) }

// count counts n rows of the page, and ends it when it is full.
func (a *Appender) count(n int) {
	a.rows += n
	a.total += n
	if a.rows >= a.file.layout.PageRows || len(a.plain) >= maxPage {
		a.endPage()
	}
}
