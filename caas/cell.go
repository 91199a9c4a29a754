package caas

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/personalised-prevention/nhs"
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

	errType     = errors.New("is not ADD, AMENDED or DEL")
	errRepeated = errors.New("comes a second time with the same record type")
)

// maxText bounds a text value, in bytes.
const maxText = 64 << 10

// cell is a value of the file. Writers of cohort files disagree about types, so a
// cell gives its content as what the column means: 20240524 and "20240524" and
// 20240524.0 are the same date. Null, "" and NaN all mean that nothing is there.
type cell struct {
	value parquet.Value
	days  bool // an integer counts the days since 1970
}

// text returns the content as text, "" for nothing.
func (c cell) text() (string, error) {
	if c.isBytes() {
		b := c.value.ByteArray()
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
	switch kind := c.value.Kind(); {
	case kind == parquet.Int32:
		return int64(c.value.Int32()), true, nil
	case kind == parquet.Int64:
		return c.value.Int64(), true, nil
	case kind == parquet.Double:
		f := c.value.Double()
		if math.IsNaN(f) {
			return 0, false, nil
		}
		if f != math.Trunc(f) || math.Abs(f) > 1<<53 {
			return 0, false, errInteger
		}
		return int64(f), true, nil
	case c.isBytes():
		b := c.value.ByteArray()
		if len(b) == 0 {
			return 0, false, nil
		}
		if n, err = strconv.ParseInt(string(b[:min(len(b), maxDigits)]), 10, 64); err != nil || len(b) > maxDigits {
			return 0, false, errInteger
		}
		return n, true, nil
	default:
		return 0, false, errInteger
	}
}

// maxDigits is more than a whole number of 64 bits has.
const maxDigits = 20

// boolean returns the content as a boolean, nil for nothing.
func (c cell) boolean() (*bool, error) {
	if c.value.Kind() == parquet.Boolean {
		return new(c.value.Boolean()), nil
	}
	s, err := c.text()
	if err != nil {
		return nil, errBoolean
	}
	switch strings.ToLower(s) {
	case "":
		return nil, nil //nolint:nilnil // nothing there is not an error
	case "1", "true":
		return new(true), nil
	case "0", "false":
		return new(false), nil
	default:
		return nil, errBoolean
	}
}

// date returns the content as a date. Besides the compact form it takes the ISO
// form and dd/mm/yyyy, each with or without a time of day, which is dropped.
func (c cell) date() (nhs.Date, error) {
	if c.days {
		n, _, err := c.integer()
		if err != nil {
			return nhs.Date{}, errDate
		}
		return dateOfDays(n)
	}
	s, err := c.text()
	if err != nil {
		return nhs.Date{}, errDate
	}
	if s == "" {
		return nhs.Date{}, nil
	}
	if len(s) > 10 && (s[10] == 'T' || s[10] == ' ') {
		s = s[:10]
	}
	if len(s) == 10 && s[2] == '/' && s[5] == '/' {
		s = s[6:] + "-" + s[3:5] + "-" + s[:2]
	}
	d, err := nhs.ParseDate(s)
	if err != nil {
		return nhs.Date{}, errDate
	}
	return d, nil
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
func (c cell) any() (any, error) {
	switch kind := c.value.Kind(); {
	case kind == parquet.Boolean:
		return c.value.Boolean(), nil
	case kind == parquet.Float:
		return float64(c.value.Float()), nil
	case kind == parquet.Double:
		return c.value.Double(), nil
	case kind == parquet.Int32 || kind == parquet.Int64:
		n, _, err := c.integer()
		return n, err
	case c.isBytes():
		return c.text()
	default:
		return c.value.String(), nil
	}
}

func (c cell) isBytes() bool {
	kind := c.value.Kind()
	return kind == parquet.ByteArray || kind == parquet.FixedLenByteArray
}
