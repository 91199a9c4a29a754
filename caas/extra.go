package caas

import (
	"errors"
	"math"

	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// ExtraColumn is a column of a cohort file beyond the 38: what a programme has of
// its own. [File.ExtraColumns] returns those of a file; a [Writer] takes them.
type ExtraColumn struct {
	Name string
	Type ExtraType

	// in is what a file said of the column. It is written back so.
	in *flatfile.Column
}

// ExtraType is the Go type of the values of an [ExtraColumn] in [Record.Extra].
// What a file says of their meaning beyond that is kept when they are written
// back: a date, for one, is the number of days since 1970.
type ExtraType string

// The types of values.
const (
	ExtraText    ExtraType = "text"    // string, of any bytes
	ExtraInteger ExtraType = "integer" // int64
	ExtraDouble  ExtraType = "double"  // float64
	ExtraBoolean ExtraType = "boolean" // bool
)

var (
	errExtraType  = errors.New("is not of the type of its column")
	errExtraRange = errors.New("does not fit into its column")
)

func extraColumn(c *flatfile.Column) ExtraColumn {
	e := ExtraColumn{Name: c.Name, Type: ExtraText, in: c}
	switch cellKind(c) {
	case kindInteger, kindDays:
		e.Type = ExtraInteger
	case kindDouble:
		e.Type = ExtraDouble
	case kindBoolean:
		e.Type = ExtraBoolean
	case kindText:
	}
	return e
}

// column returns the column to write, and false if it has no name or type.
func (e ExtraColumn) column() (column, bool) {
	if e.Name == "" {
		return column{}, false
	}
	c := column{Column: flatfile.Column{Name: e.Name}}
	switch {
	case e.in != nil && e.in.Name == e.Name && extraColumn(e.in).Type == e.Type:
		c.Column = *e.in
	case e.Type == ExtraText:
		c.Column = textColumn(e.Name)
	case e.Type == ExtraInteger:
		c.Type = format.Int64
	case e.Type == ExtraDouble:
		c.Type = format.Double
	case e.Type == ExtraBoolean:
		c.Type = format.Boolean
	default:
		return column{}, false
	}
	c.check = func(r *Record) error { return checkExtra(r.Extra[e.Name], &c.Column) }
	c.write = func(r *Record, out *flatfile.Builder) { writeExtra(r.Extra[e.Name], out) }
	return c, true
}

// checkExtra reports whether v can be written to the column c.
func checkExtra(v any, c *flatfile.Column) error {
	is, fits := ExtraType(""), true
	switch v := v.(type) {
	case nil:
		return nil
	case bool:
		is = ExtraBoolean
	case int64:
		is, fits = ExtraInteger, c.Fits(v)
	case float64:
		is, fits = ExtraDouble, c.Type == format.Double || math.IsNaN(v) || v == float64(float32(v))
	case string:
		if len(v) > maxText {
			return errTooLong
		}
		length := map[format.Type]int{format.ByteArray: len(v), format.FixedLenByteArray: c.Length, format.Int96: 12}[c.Type]
		is, fits = ExtraText, len(v) == length
	}
	switch {
	case is != extraColumn(c).Type:
		return errExtraType
	case !fits:
		return errExtraRange
	default:
		return nil
	}
}

// writeExtra writes a value that has been checked.
func writeExtra(v any, out *flatfile.Builder) {
	switch v := v.(type) {
	case bool:
		out.Boolean(v)
	case int64:
		out.Integer(v)
	case float64:
		out.Double(v)
	case string:
		out.Text(v)
	default:
		out.Null()
	}
}
