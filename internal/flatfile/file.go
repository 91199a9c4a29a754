package flatfile

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// File is a flat Parquet file whose outline has been read and found possible.
type File struct {
	Columns []Column
	Rows    int64
	// Footer is the SHA-256 hash of the end of the file, which says where everything in it is.
	Footer [sha256.Size]byte

	reader io.ReaderAt
	size   int64
	groups []rowGroup
}

// Column describes a column.
type Column struct {
	Name     string
	Type     format.Type
	Length   int                     // of a value, in bytes; FIXED_LEN_BYTE_ARRAY only
	Logical  format.LogicalTypeValue // what the values mean beyond the type; nil if the file does not say
	Optional bool                    // values may be null
	Plain    bool                    // written without a dictionary: for values that are rarely the same; not known of a file
	Coded    bool                    // written with a dictionary as long as it has room: for values that are often the same, but not side by side

	element  format.SchemaElement // how a file describes it
	unsigned bool                 // values of 32 bits have no sign
}

// Open reads the outline of a file of size bytes.
func Open(r io.ReaderAt, size int64) (*File, error) { return open(r, size, narrow) }

// OpenWide is Open for files of up to [MaxWideColumns] columns and many row groups.
func OpenWide(r io.ReaderAt, size int64) (*File, error) { return open(r, size, wide) }

// limits bound the footer: list elements of any kind, and those that take the most memory, a column of a row group.
type limits struct {
	bytes                  int64
	items, columns, chunks int
}

//nolint:gochecknoglobals // constants
var (
	narrow = limits{maxFooter, maxItems, MaxColumns, maxChunks}
	wide   = limits{16 * maxFooter, 16 * maxItems, MaxWideColumns, 16 * maxChunks}
)

func open(r io.ReaderAt, size int64, within limits) (*File, error) {
	footer, err := readFooter(r, size, within)
	if err != nil {
		return nil, err
	}
	if err := walkFooter(footer, within); err != nil {
		return nil, err
	}
	var meta format.FileMetaData
	if err := safely(func() error { return thrift.Unmarshal(new(thrift.CompactProtocol), footer, &meta) }); err != nil {
		return nil, errThrift
	}
	f := &File{Rows: meta.NumRows, Footer: sha256.Sum256(footer), reader: r, size: size}
	if err := f.describe(meta.Schema); err != nil {
		return nil, err
	}
	if err := f.checkGroups(meta.RowGroups); err != nil {
		return nil, err
	}
	return f, nil
}

// RowGroups returns the number of row groups.
func (f *File) RowGroups() int { return len(f.groups) }

// magic is how a file begins and ends.
const magic = "PAR1"

func readFooter(r io.ReaderAt, size int64, within limits) ([]byte, error) {
	if size < 12 {
		return nil, errors.New("the file is too short")
	}
	var head [4]byte
	var tail [8]byte
	if err := readAt(r, head[:], 0); err != nil {
		return nil, err
	}
	if err := readAt(r, tail[:], size-8); err != nil {
		return nil, err
	}
	if string(head[:]) != magic || string(tail[4:]) != magic {
		return nil, errors.New("the file is not Parquet, or is encrypted")
	}
	length := int64(binary.LittleEndian.Uint32(tail[:4]))
	if length > min(within.bytes, size-12) {
		return nil, errors.New("the footer is too long")
	}
	footer := make([]byte, length)
	return footer, readAt(r, footer, size-8-length)
}

// The lists of the footer whose lengths are looked at before they are decoded.
const (
	footerSchema = 2
	footerGroups = 4
)

// walkFooter makes sure that decoding the footer allocates within reason.
func walkFooter(footer []byte, within limits) error {
	n, fields, err := walkWithin(footer, within)
	switch {
	case err != nil:
		return err
	case n != len(footer):
		return errors.New("the footer has bytes left over")
	case fields.int(footerSchema) > int64(within.columns)+1:
		return fmt.Errorf("there are more than %d columns", within.columns)
	case fields.int(footerSchema) < 2:
		return errors.New("there are no columns")
	case fields.int(footerGroups)*(fields.int(footerSchema)-1) > int64(within.chunks):
		return errors.New("there are too many row groups")
	}
	return nil
}

// describe reads the schema: a root, and leaves under it.
func (f *File) describe(schema []format.SchemaElement) error {
	for i := range schema[1:] {
		e := &schema[i+1]
		switch {
		case e.NumChildren.V != 0, !e.Type.Valid, e.RepetitionType.V == format.Repeated:
			return fmt.Errorf("column %d holds more than one value", i+1)
		case e.Type.V < format.Boolean || e.Type.V > format.FixedLenByteArray:
			return errors.New("a column has an unknown type")
		case e.Type.V == format.FixedLenByteArray && (e.TypeLength.V < 1 || e.TypeLength.V > MaxText):
			return errors.New("a column has an impossible length")
		}
		c := Column{
			Name: e.Name, Type: e.Type.V, Length: int(e.TypeLength.V), Logical: logical(e),
			Optional: e.RepetitionType.V == format.Optional, element: *e,
		}
		if l, ok := c.Logical.(*format.IntType); ok {
			c.unsigned = !l.IsSigned
		}
		f.Columns = append(f.Columns, c)
	}
	if children := schema[0].NumChildren; int(children.V) != len(f.Columns) {
		return errors.New("a column holds more than one value")
	}
	return nil
}

// logical returns the meaning of a column's values, also where it is told the old
// way. An annotation that does not come into the old form is left out.
//
//nolint:ireturn // the library's meanings are an interface
func logical(e *format.SchemaElement) format.LogicalTypeValue {
	if e.LogicalType.Value != nil || !e.ConvertedType.Valid {
		return e.LogicalType.Value
	}
	timestamp := func(unit format.TimeUnitValue) format.LogicalTypeValue {
		return &format.TimestampType{IsAdjustedToUTC: true, Unit: format.TimeUnit{Value: unit}}
	}
	timeOfDay := func(unit format.TimeUnitValue) format.LogicalTypeValue {
		return &format.TimeType{IsAdjustedToUTC: true, Unit: format.TimeUnit{Value: unit}}
	}
	integer := func(bits int8, signed bool) format.LogicalTypeValue {
		return &format.IntType{BitWidth: bits, IsSigned: signed}
	}
	switch e.ConvertedType.V {
	case deprecated.UTF8:
		return new(format.StringType)
	case deprecated.Enum:
		return new(format.EnumType)
	case deprecated.Json:
		return new(format.JsonType)
	case deprecated.Bson:
		return new(format.BsonType)
	case deprecated.Date:
		return new(format.DateType)
	case deprecated.Decimal:
		return &format.DecimalType{Scale: e.Scale.V, Precision: e.Precision.V}
	case deprecated.TimeMillis:
		return timeOfDay(new(format.MilliSeconds))
	case deprecated.TimeMicros:
		return timeOfDay(new(format.MicroSeconds))
	case deprecated.TimestampMillis:
		return timestamp(new(format.MilliSeconds))
	case deprecated.TimestampMicros:
		return timestamp(new(format.MicroSeconds))
	case deprecated.Int8, deprecated.Int16, deprecated.Int32, deprecated.Int64:
		return integer(8<<(e.ConvertedType.V-deprecated.Int8), true)
	case deprecated.Uint8, deprecated.Uint16, deprecated.Uint32, deprecated.Uint64:
		return integer(8<<(e.ConvertedType.V-deprecated.Uint8), false)
	case deprecated.Map, deprecated.MapKeyValue, deprecated.List, deprecated.Interval:
	}
	return nil
}

// readAt fills p from the file.
func readAt(r io.ReaderAt, p []byte, offset int64) error {
	n, err := r.ReadAt(p, offset)
	if n == len(p) {
		return nil // also at the end of the file
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// safely runs f, which works on data that may be hostile in code that is not
// ours, and turns a panic into an error.
func safely(f func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errInconsistent
		}
	}()
	return f()
}

var errInconsistent = errors.New("the data are inconsistent")
