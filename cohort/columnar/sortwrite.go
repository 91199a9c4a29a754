package columnar

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strconv"

	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/flatfile"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// rowWriter writes rows, as [rowReader] makes them, to a Parquet file. Row groups end where a person does.
type rowWriter struct {
	file  *flatfile.ColumnWriter
	texts bool // keys are texts
	once  bool // a person has one row at most
	key   []byte
	some  bool

	rows    int // of the batch
	people  []string
	numbers []int64
	columns []cellBuffer
	arena   []byte // texts of the batch
}

// cellBuffer is the cells of a batch in one column.
type cellBuffer struct {
	kind    tree.Kind
	days    []int32
	numbers []float64
	texts   [][]byte
	null    []bool
}

// batchRows is how many rows a batch has, if a person ends there, and batchMost if none does.
const (
	batchRows = 4096
	batchMost = 1 << 16
)

func newRowWriter(out io.Writer, key string, texts bool, columns []tree.Column, layout flatfile.Layout) (*rowWriter, error) {
	w := &rowWriter{texts: texts}
	stored := []flatfile.Column{{Name: key, Type: format.Int64}}
	if texts {
		stored[0] = flatfile.Column{Name: key, Type: format.ByteArray, Logical: new(format.StringType)}
	}
	for _, c := range columns {
		w.columns = append(w.columns, cellBuffer{kind: c.Kind})
		s := flatfile.Column{Name: c.Name, Type: format.ByteArray, Logical: new(format.StringType), Optional: true}
		switch c.Kind {
		case tree.Date:
			s.Type, s.Logical = format.Int32, new(format.DateType)
		case tree.Number:
			s.Type, s.Logical = format.Double, nil
		case tree.Text, tree.Code, tree.Codes:
		}
		stored = append(stored, s)
	}
	layout.CreatedBy = "nhs columnar"
	var err error
	w.file, err = flatfile.NewColumnWriter(out, stored, layout)
	return w, err
}

var errSeveralRows = errors.New("a person has several rows in a table with one row a person: leave all but one out")

// add adds a row.
func (w *rowWriter) add(key, row []byte) error {
	same := w.some && bytes.Equal(key, w.key)
	if same && w.once {
		return errSeveralRows
	}
	if w.rows >= batchRows && !same || w.rows >= batchMost {
		if err := w.flush(); err != nil {
			return err
		}
	}
	if !same {
		w.key, w.some = append(w.key[:0], key...), true
	}
	person := string(key[2:])
	if w.texts {
		w.people = append(w.people, person)
	} else {
		n, err := strconv.ParseInt(person, 10, 64)
		if err != nil {
			return err
		}
		w.numbers = append(w.numbers, n)
	}
	w.cells(row)
	w.rows++
	return nil
}

func (w *rowWriter) cells(row []byte) {
	cells := storedCells{row}
	for i := range w.columns {
		c := &w.columns[i]
		switch c.kind {
		case tree.Date:
			day := cells.day()
			c.days, c.null = append(c.days, int32(day-calendar.Epoch)), append(c.null, day == 0)
		case tree.Number:
			x := cells.number()
			c.numbers, c.null = append(c.numbers, x), append(c.null, math.IsNaN(x))
		case tree.Text, tree.Code, tree.Codes:
			start := len(w.arena)
			w.arena = append(w.arena, cells.text()...)
			text := w.arena[start:]
			c.texts, c.null = append(c.texts, text), append(c.null, len(text) == 0)
		}
	}
}

// flush hands the batch to the file.
func (w *rowWriter) flush() error {
	if w.texts {
		w.file.Columns[0].Texts(w.people, nil)
	} else {
		w.file.Columns[0].Integers(w.numbers, nil)
	}
	w.people, w.numbers = w.people[:0], w.numbers[:0]
	for i := range w.columns {
		c, to := &w.columns[i], w.file.Columns[i+1]
		switch c.kind {
		case tree.Date:
			to.Int32s(c.days, c.null)
		case tree.Number:
			to.Doubles(c.numbers, c.null)
		case tree.Text, tree.Code, tree.Codes:
			to.Bytes(c.texts, c.null)
		}
		c.days, c.numbers, c.texts, c.null = c.days[:0], c.numbers[:0], c.texts[:0], c.null[:0]
	}
	rows := w.rows
	w.rows, w.arena = 0, w.arena[:0]
	return w.file.EndBatch(rows)
}

func (w *rowWriter) close() error {
	if err := w.flush(); err != nil {
		return err
	}
	return w.file.Close()
}
