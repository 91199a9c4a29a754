package synthetic

import (
	"bufio"
	"io"
	"strconv"

	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// sink is a file of one table.
type sink interface {
	// write writes the rows of a sheet, which then has none.
	write(s *sheet) error
	// close ends the file; it is of no use without.
	close() error
	// reset begins another file.
	reset(out io.Writer)
}

// parquetSink writes Parquet.
type parquetSink struct {
	out    *bufio.Writer
	writer *flatfile.ColumnWriter
	texts  [][]byte // of a column
}

// The layout of the files: row groups so small, of cells and of rows, that all tables of a part are open at once.
const (
	groupCells = 1 << 23
	groupRows  = 1 << 18
	pageRows   = 8 << 10
	fileBuffer = 1 << 16 // bytes: most columns of wide tables are small
)

func newParquetSink(out io.Writer, s *sheet, codec format.CompressionCodec, sorted bool) (*parquetSink, error) {
	columns := []flatfile.Column{{Name: s.key, Type: format.Int64}}
	for _, c := range s.columns {
		column := flatfile.Column{Name: c.name, Type: format.ByteArray, Logical: new(format.StringType), Optional: true}
		column.Plain = c.kind == cohort.TextKind && c.words == nil // keys
		switch c.kind {
		case cohort.NumberKind:
			column.Type, column.Logical = format.Double, nil
		case cohort.DateKind:
			column.Type, column.Logical = format.Int32, new(format.DateType)
		case cohort.TextKind, cohort.CodeKind, cohort.CodesKind:
		}
		columns = append(columns, column)
	}
	layout := flatfile.Layout{Codec: codec, GroupRows: min(groupRows, groupCells/len(columns)), PageRows: pageRows, CreatedBy: "nhs synthetic version 1"}
	if sorted {
		layout.Sorted = []string{s.key}
	}
	buffered := bufio.NewWriterSize(out, fileBuffer)
	w, err := flatfile.NewColumnWriter(buffered, columns, layout)
	if err != nil {
		return nil, err
	}
	for i, c := range s.columns {
		if c.words != nil {
			w.Columns[i+1].UseTexts(c.words)
		}
	}
	return &parquetSink{out: buffered, writer: w}, nil
}

func (p *parquetSink) write(s *sheet) error {
	for _, person := range s.people {
		p.writer.Columns[0].Integer(person.key, person.rows)
	}
	for i, c := range s.columns {
		a, in := p.writer.Columns[i+1], flatfile.Sparse{Rows: s.rows, Present: c.present}
		switch {
		case len(c.runs) > 0:
			c.writeRuns(a)
		case len(c.present) == 0:
			a.Null(s.rows)
		case c.words != nil:
			a.IndexesIn(c.places, in)
		case c.kind == cohort.NumberKind:
			a.DoublesIn(c.numbers, in)
		case c.kind == cohort.DateKind:
			a.Int32sIn(c.days, in)
		default:
			p.texts = p.texts[:0]
			for i := range c.ends {
				p.texts = append(p.texts, c.textAt(i))
			}
			a.BytesIn(p.texts, in)
		}
	}
	rows := s.rows
	s.reset()
	return p.writer.EndBatch(rows)
}

// writeRuns writes a column that is filled person by person.
func (c *column) writeRuns(a *flatfile.Appender) {
	i := 0
	for _, r := range c.runs {
		switch {
		case r.none:
			a.Null(r.rows)
			continue
		case c.words != nil:
			a.Index(c.places[i], r.rows)
		case c.kind == cohort.NumberKind:
			a.Double(c.numbers[i], r.rows)
		default:
			a.Integer(int64(c.days[i]), r.rows)
		}
		i++
	}
	a.Null(c.sheet.rows - c.done)
}

func (p *parquetSink) close() error {
	if err := p.writer.Close(); err != nil {
		return err
	}
	return p.out.Flush()
}

func (p *parquetSink) reset(out io.Writer) {
	p.out.Reset(out)
	p.writer.Reset(p.out)
}

// csvSink writes CSV with a header: days in ISO form, nothing for what is missing.
type csvSink struct {
	out    *bufio.Writer
	header []byte
	buffer []byte
}

func newCSVSink(out io.Writer, s *sheet) *csvSink {
	c := &csvSink{out: bufio.NewWriterSize(nil, fileBuffer)}
	c.header = appendQuoted(c.header, s.key)
	for _, column := range s.columns {
		c.header = appendQuoted(append(c.header, ','), column.name)
	}
	c.header = append(c.header, '\n')
	c.reset(out)
	return c
}

func (c *csvSink) reset(out io.Writer) {
	c.out.Reset(out)
	c.buffer = append(c.buffer[:0], c.header...)
}

func (c *csvSink) write(s *sheet) error {
	s.index()
	at := 0
	for _, person := range s.people {
		for range person.rows {
			c.buffer = strconv.AppendInt(c.buffer, person.key, 10)
			for _, column := range s.columns {
				c.buffer = column.appendCell(append(c.buffer, ','), at)
			}
			c.buffer = append(c.buffer, '\n')
			at++
		}
		if len(c.buffer) > 1<<16 {
			if err := c.flush(); err != nil {
				return err
			}
		}
	}
	s.reset()
	return c.flush()
}

func (c *csvSink) flush() error {
	_, err := c.out.Write(c.buffer)
	c.buffer = c.buffer[:0]
	return err
}

func (c *csvSink) close() error {
	if err := c.flush(); err != nil {
		return err
	}
	return c.out.Flush()
}
