package columnar

import (
	"encoding/binary"
	"errors"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/flatfile"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// storedForm is how a file holds the values of a column.
type storedForm uint8

const (
	formOther   storedForm = iota // nothing that this package reads
	formText                      // bytes
	formInteger                   // also a decimal without a fraction
	formBoolean
	formDouble
	formDecimal // an integer, or bytes with the high one first, times a power of ten
	formDay
	formSeconds // of a point in time, in some unit; of England, or without a zone
	formInt96   // a point in time of old
)

// formOf returns how a column is stored.
func formOf(c *flatfile.Column) storedForm {
	integer := c.Type == format.Int32 || c.Type == format.Int64
	switch l := c.Logical.(type) {
	case nil, *format.IntType:
		switch {
		case integer:
			return formInteger
		case c.Type == format.Boolean:
			return formBoolean
		case c.Type == format.Float || c.Type == format.Double:
			return formDouble
		case c.Type == format.ByteArray || c.Type == format.FixedLenByteArray:
			return formText
		case c.Type == format.Int96:
			return formInt96
		}
	case *format.StringType, *format.EnumType, *format.JsonType:
		if c.Type == format.ByteArray {
			return formText
		}
	case *format.DateType:
		if c.Type == format.Int32 {
			return formDay
		}
	case *format.TimestampType:
		if c.Type == format.Int64 {
			return formSeconds
		}
	case *format.DecimalType:
		if integer && l.Scale == 0 {
			return formInteger
		}
		if l.Scale >= 0 && l.Scale <= 38 && (integer || c.Type == format.ByteArray || c.Type == format.FixedLenByteArray) {
			return formDecimal
		}
	}
	return formOther
}

// checkKind returns why a column that is stored so cannot be of a kind, or nil.
func checkKind(form storedForm, kind tree.Kind) error {
	var goes []storedForm
	switch kind {
	case tree.Text, tree.Code, tree.Codes:
		goes = []storedForm{formText, formInteger, formBoolean}
	case tree.Number:
		goes = []storedForm{formInteger, formDouble, formDecimal}
	case tree.Date:
		goes = []storedForm{formDay, formSeconds, formInt96, formText}
	}
	if slices.Contains(goes, form) {
		return nil
	}
	return map[tree.Kind]error{
		tree.Text:   errors.New("is none of texts, whole numbers and booleans"),
		tree.Code:   errors.New("is none of texts and whole numbers, as codes are"),
		tree.Codes:  errors.New("is none of texts and whole numbers, as codes are"),
		tree.Number: errors.New("holds no numbers (INT32, INT64, FLOAT, DOUBLE or DECIMAL)"),
		tree.Date:   errors.New("holds no days (DATE, TIMESTAMP, or text such as 2025-06-01 or 20250601)"),
	}[kind]
}

// values are what a column holds, cleaned; the slice of its kind is used.
type values struct {
	kind    tree.Kind
	days    []tree.Day
	numbers []float64
	texts   []string
	// faults says of each value what is wrong with it; nil if there is nothing wrong with any.
	faults []fault
}

// fault is why a value is read as missing.
type fault uint8

const (
	sound fault = iota
	faultUnknown
	faultCalendar
	faultUnreadable
	faultNotFinite
)

// converter cleans the values of one column of one file.
type converter struct {
	of     *flatfile.Column
	form   storedForm
	column *tree.Column // what it is to be; of what means "not known", its own kind
	zone   *time.Location
}

// convert takes all of v into out, whose memory it uses again, with room for one value more.
func (c *converter) convert(out *values, v *flatfile.Values) error {
	out.kind, out.faults = c.column.Kind, nil
	switch c.column.Kind {
	case tree.Date:
		out.days = extend(out.days, v.Len())
		c.toDays(out, v)
	case tree.Number:
		out.numbers = extend(out.numbers, v.Len())
		c.toNumbers(out, v)
	case tree.Text, tree.Code, tree.Codes:
		out.texts = extend(out.texts, v.Len())
		return c.toTexts(out, v)
	}
	return nil
}

// fail notes what is wrong with value i of n.
func (v *values) fail(i, n int, f fault) {
	if v.faults == nil {
		v.faults = make([]fault, n)
	}
	v.faults[i] = f
}

func (c *converter) toDays(out *values, v *flatfile.Values) {
	if c.form == formDay && c.plainDays(out.days, v.Integers) {
		return
	}
	n := v.Len()
	for i := range n {
		day, f := c.day(v, i)
		if f == sound && slices.Contains(c.column.Days, day) {
			day, f = 0, faultUnknown
		}
		out.days[i] = day
		if f != sound {
			out.fail(i, n, f)
		}
	}
}

// plainDays takes days as they are, and reports whether there is nothing wrong with any.
func (c *converter) plainDays(out []tree.Day, stored []int64) bool {
	const first, last = int64(calendar.First - calendar.Epoch), int64(calendar.Last - calendar.Epoch)
	low, high := last, first
	for i, n := range stored {
		low, high = min(low, n), max(high, n)
		out[i] = tree.Day(n + int64(calendar.Epoch)) //nolint:gosec // or it is not used
	}
	return low >= first && high <= last && !slices.ContainsFunc(c.column.Days, func(unknown tree.Day) bool {
		return slices.Contains(out[:len(stored)], unknown)
	})
}

// day returns value i as a day.
func (c *converter) day(v *flatfile.Values, i int) (tree.Day, fault) {
	if c.form == formText {
		return dayOfText(v.Texts[i])
	}
	days := int64(calendar.Epoch)
	switch c.form { //nolint:exhaustive // no other form is a day
	case formDay:
		days += v.Integers[i]
	case formSeconds:
		days += c.dayOf(v.Integers[i])
	case formInt96:
		b := v.Texts[i]
		// Nanoseconds of the day, and the day by the count of astronomers.
		nanos := int64(binary.LittleEndian.Uint64(b)) //nolint:gosec // as stored
		julian := int64(binary.LittleEndian.Uint32(b[8:]))
		days += c.local(time.Unix((julian-2440588)*86400, nanos))
	}
	if days < int64(calendar.First) || days > int64(calendar.Last) {
		return 0, faultCalendar
	}
	return tree.Day(days), sound
}

// dayOf returns the days since 1970 of a point in time.
func (c *converter) dayOf(n int64) int64 {
	l, _ := c.of.Logical.(*format.TimestampType)
	perDay := int64(86_400_000)
	switch l.Unit.Value.(type) {
	case *format.MicroSeconds:
		perDay *= 1000
	case *format.NanoSeconds:
		perDay *= 1_000_000
	}
	perSecond := perDay / 86400
	seconds := n / perSecond
	if n%perSecond < 0 {
		seconds--
	}
	if !l.IsAdjustedToUTC {
		return floorDay(seconds)
	}
	return c.local(time.Unix(seconds, 0))
}

// local returns the days since 1970 of a point in time, in the zone.
func (c *converter) local(t time.Time) int64 {
	_, offset := t.In(c.zone).Zone()
	return floorDay(t.Unix() + int64(offset))
}

func floorDay(seconds int64) int64 {
	days := seconds / 86400
	if seconds%86400 < 0 {
		days--
	}
	return days
}

// dayOfText reads 2025-06-01 or 20250601, perhaps with a time of day behind it.
func dayOfText(text []byte) (tree.Day, fault) {
	if len(text) == 0 {
		return 0, sound
	}
	end := slices.IndexFunc(text, func(c byte) bool { return c == 'T' || c == ' ' })
	if end < 0 {
		end = len(text)
	}
	var digits [8]byte
	switch {
	case end == 10 && text[4] == '-' && text[7] == '-':
		copy(digits[:], text[:4])
		copy(digits[4:], text[5:7])
		copy(digits[6:], text[8:10])
	case end == 8:
		copy(digits[:], text[:8])
	default:
		return 0, faultUnreadable
	}
	n := 0
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, faultUnreadable
		}
		n = n*10 + int(c-'0')
	}
	year, month, day := n/10000, time.Month(n/100%100), n%100
	switch {
	case month < 1 || month > 12 || day < 1 || day > 31 || year > 0 && day > calendar.MonthLength(year, month):
		return 0, faultUnreadable
	case year == 0:
		return 0, faultCalendar
	default:
		return calendar.Of(year, month, day), sound
	}
}

func (c *converter) toNumbers(out *values, v *flatfile.Values) {
	n := v.Len()
	for i := range n {
		x, f := c.number(v, i)+0, sound // minus zero is zero
		switch {
		case math.IsNaN(x) || math.IsInf(x, 0):
			x, f = math.NaN(), faultNotFinite
		case len(c.column.Numbers) > 0 && slices.Contains(c.column.Numbers, x):
			x, f = math.NaN(), faultUnknown
		}
		out.numbers[i] = x
		if f != sound {
			out.fail(i, n, f)
		}
	}
}

func (c *converter) number(v *flatfile.Values, i int) float64 {
	switch {
	case c.form == formDouble:
		return v.Doubles[i]
	case c.form == formInteger && c.of.Unsigned() && c.of.Type == format.Int64:
		return float64(uint64(v.Integers[i])) //nolint:gosec // as stored
	case c.form == formInteger:
		return float64(v.Integers[i])
	}
	l, _ := c.of.Logical.(*format.DecimalType)
	if len(v.Texts) == 0 {
		n := v.Integers[i]
		if n > -1<<53 && n < 1<<53 && l.Scale <= 22 {
			return float64(n) / powersOfTen(l.Scale) // of two exact numbers, rounded once
		}
		return decimal(strconv.FormatInt(n, 10), l.Scale)
	}
	return decimal(signed(v.Texts[i]).String(), l.Scale)
}

func powersOfTen(n int32) float64 {
	p := 1.0
	for range n {
		p *= 10
	}
	return p
}

// decimal returns the number nearest to digits shifted by the scale.
func decimal(digits string, scale int32) float64 {
	x, err := strconv.ParseFloat(digits+"e-"+strconv.Itoa(int(scale)), 64)
	if err != nil {
		return math.NaN() // it is too large
	}
	return x
}

// signed reads an integer in two's complement, the high byte first.
func signed(b []byte) *big.Int {
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n
}

// whole reports whether whole numbers are texts of which none means "not known".
func (c *converter) whole(v *flatfile.Values) bool {
	if c.form != formInteger || c.of.Unsigned() && c.of.Type == format.Int64 || len(v.Integers) == 0 {
		return false
	}
	switch c.column.Kind {
	case tree.Text, tree.Code, tree.Codes:
		return !slices.ContainsFunc(c.column.Texts, func(text string) bool {
			n, ok := wholeNumber(text)
			return ok && slices.Contains(v.Integers, n)
		})
	case tree.Date, tree.Number:
	}
	return false
}

var errLongText = errors.New("a text is longer than 64 KiB")

func (c *converter) toTexts(out *values, v *flatfile.Values) error {
	n := v.Len()
	// One text holds all of them.
	size := 0
	for _, text := range v.Texts {
		if len(text) > flatfile.MaxText {
			return errLongText
		}
		size += len(text)
	}
	var all strings.Builder
	all.Grow(size + 16*len(v.Integers))
	ends := make([]int, n)
	var digits [20]byte
	for i := range n {
		switch {
		case c.form == formText:
			all.Write(v.Texts[i])
		case c.form == formBoolean:
			all.WriteString(strconv.FormatBool(v.Integers[i] != 0))
		case c.of.Unsigned() && c.of.Type == format.Int64:
			all.Write(strconv.AppendUint(digits[:0], uint64(v.Integers[i]), 10)) //nolint:gosec // as stored
		default:
			all.Write(strconv.AppendInt(digits[:0], v.Integers[i], 10))
		}
		ends[i] = all.Len()
	}
	joined, start := all.String(), 0
	for i, end := range ends {
		text := joined[start:end]
		start = end
		if slices.Contains(c.column.Texts, text) {
			text = ""
			out.fail(i, n, faultUnknown)
		}
		out.texts[i] = text
	}
	return nil
}
