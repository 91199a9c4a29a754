package caas

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// What is wrong with a value. The texts never hold the value.
var (
	errMissing = errors.New("is missing")
	errTooLong = errors.New("is longer than 64 kB")
	errText    = errors.New("is not text")
	errInteger = errors.New("is not a whole number")
	errBoolean = errors.New("is not a boolean")
	errDate    = errors.New("is not a date")
	errNumber  = errors.New("is not a valid NHS number")
	errCode    = errors.New("is not a whole number as text")

	errType = errors.New("is not ADD, AMENDED or DEL")
)

// maxText bounds a text value, in bytes.
const maxText = flatfile.MaxText

// cell is a value of the file that is there. Writers of cohort files disagree
// about types, so a cell gives its content as what the column means: 20240524 and
// "20240524" and 20240524.0 are the same date. "" and NaN mean that nothing is
// there, as null does.
type cell struct {
	values *flatfile.Vector
	row    int
	kind   kind
	flags  *flags
}

// flags are booleans that records point to. There is one allocation for many.
type flags []bool

func (f *flags) add(b bool) *bool {
	if len(*f) == cap(*f) {
		*f = make(flags, 0, 256)
	}
	*f = append(*f, b)
	return &(*f)[len(*f)-1]
}

// kind says how a column of the file holds its values.
type kind int

const (
	kindText kind = iota
	kindInteger
	kindDays // integers that count the days since 1970
	kindDouble
	kindBoolean
)

func cellKind(c *flatfile.Column) kind {
	switch c.Type {
	case format.Boolean:
		return kindBoolean
	case format.Int32, format.Int64:
		if _, ok := c.Logical.(*format.DateType); ok {
			return kindDays
		}
		return kindInteger
	case format.Float, format.Double:
		return kindDouble
	case format.ByteArray, format.FixedLenByteArray, format.Int96:
	}
	return kindText
}

// text returns the content as text, "" for nothing.
func (c cell) text() (string, error) {
	if c.kind == kindText {
		b := c.values.Texts[c.row]
		if len(b) > maxText {
			return "", errTooLong
		}
		return string(b), nil
	}
	n, present, err := c.integer()
	switch {
	case err != nil:
		return "", errText
	case !present:
		return "", nil
	default:
		return strconv.FormatInt(n, 10), nil
	}
}

// integer returns the content as a whole number, and whether there is one.
func (c cell) integer() (n int64, present bool, err error) {
	switch c.kind {
	case kindInteger, kindDays:
		return c.values.Integers[c.row], true, nil
	case kindDouble:
		f := c.values.Doubles[c.row]
		if math.IsNaN(f) {
			return 0, false, nil
		}
		if f != math.Trunc(f) || math.Abs(f) > 1<<53 {
			return 0, false, errInteger
		}
		return int64(f), true, nil
	case kindText:
		b := c.values.Texts[c.row]
		if len(b) == 0 {
			return 0, false, nil
		}
		if n, err = strconv.ParseInt(string(b[:min(len(b), maxDigits)]), 10, 64); err != nil || len(b) > maxDigits {
			return 0, false, errInteger
		}
		return n, true, nil
	case kindBoolean:
	}
	return 0, false, errInteger
}

// maxDigits is more than a whole number of 64 bits has.
const maxDigits = 20

// boolean returns the content as a boolean, nil for nothing.
func (c cell) boolean() (*bool, error) {
	if c.kind == kindBoolean {
		return c.flags.add(c.values.Integers[c.row] != 0), nil
	}
	s, err := c.text()
	if err != nil {
		return nil, errBoolean
	}
	switch strings.ToLower(s) {
	case "":
		return nil, nil //nolint:nilnil // nothing there is not an error
	case "1", "true":
		return c.flags.add(true), nil
	case "0", "false":
		return c.flags.add(false), nil
	default:
		return nil, errBoolean
	}
}

// date returns the content as a date. It takes yyyyMMdd, yyyyMM, yyyy, the ISO
// forms with hyphens and dd/MM/yyyy; a whole date may have a time of day behind
// it, which is dropped: a date of birth has no time zone to shift it by.
func (c cell) date() (nhs.Date, error) {
	if c.kind == kindDays {
		return dateOfDays(c.values.Integers[c.row])
	}
	if c.kind == kindText { // nearly always of a form that needs no copy of the text
		if d, err := nhs.ParseDate(string(c.values.Texts[c.row])); err == nil {
			return d, nil
		}
	}
	s, err := c.text()
	if err != nil {
		return nhs.Date{}, errDate
	}
	if s == "" {
		return nhs.Date{}, nil
	}
	d, err := nhs.ParseDate(s)
	if err == nil {
		return d, nil
	}
	day, clock, timed := cutTime(s)
	if timed && !isTime(clock) {
		return nhs.Date{}, errDate
	}
	if len(day) == 9 && day[1] == '/' {
		day = "0" + day
	}
	if len(day) == 10 && day[2] == '/' && day[5] == '/' {
		day = day[6:] + "-" + day[3:5] + "-" + day[:2]
	}
	if d, err = nhs.ParseDate(day); err != nil || !d.Whole() {
		return nhs.Date{}, errDate
	}
	return d, nil
}

// cutTime cuts a date and time at what stands between them.
func cutTime(s string) (day, clock string, ok bool) {
	if i := strings.IndexAny(s, "T "); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// isTime reports whether s is a time of day as date columns have it, with or
// without fraction, zone, or AM and PM.
func isTime(s string) bool {
	for _, layout := range []string{"15:04:05Z07:00", "15:04:05", "15:04:05 PM", "03:04:05 PM"} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

// dateOfDays returns the date a number of days after 1970-01-01.
func dateOfDays(n int64) (nhs.Date, error) {
	if n < -800_000 || n > 3_000_000 {
		return nhs.Date{}, errDate // outside the years 1 to 9999
	}
	y, m, d := time.Unix(n*24*3600, 0).UTC().Date()
	date, err := nhs.DateOf(y, m, d)
	if err != nil {
		return nhs.Date{}, errDate
	}
	return date, nil
}

// any returns the content of a column beyond the 38.
func (c cell) any() any {
	switch c.kind {
	case kindBoolean:
		return c.values.Integers[c.row] != 0
	case kindDouble:
		return c.values.Doubles[c.row]
	case kindInteger, kindDays:
		return c.values.Integers[c.row]
	case kindText:
	}
	return string(c.values.Texts[c.row])
}
