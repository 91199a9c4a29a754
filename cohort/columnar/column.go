package columnar

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs/internal/tree"
)

// column is one value for each of some items; the slice of its kind is used. Missing are the day 0, NaN and the empty
// text. Several codes are one text, sorted and distinct, with [codeEnd] between.
type column struct {
	kind    tree.Kind
	days    []tree.Day
	numbers []float64
	texts   []string
}

// codeEnd sorts before everything that a code holds.
const codeEnd = "\x00"

// fit makes room for n values, whose content means nothing.
func (c *column) fit(kind tree.Kind, n int) {
	c.kind = kind
	switch kind {
	case tree.Date:
		c.days = extend(c.days, n)
	case tree.Number:
		c.numbers = extend(c.numbers, n)
	case tree.Text, tree.Code, tree.Codes:
		c.texts = extend(c.texts, n)
	}
}

// clear makes the values of some items missing.
func (c *column) clear(items words) {
	switch c.kind {
	case tree.Date:
		clearIn(c.days, items, 0)
	case tree.Number:
		clearIn(c.numbers, items, math.NaN())
	case tree.Text, tree.Code, tree.Codes:
		clearIn(c.texts, items, "")
	}
}

func (c *column) known(i int) bool {
	switch c.kind {
	case tree.Date:
		return c.days[i] != 0
	case tree.Number:
		return !math.IsNaN(c.numbers[i])
	case tree.Text, tree.Code, tree.Codes:
	}
	return c.texts[i] != ""
}

// compare compares two known values.
func (c *column) compare(i int, with *column, j int) int {
	switch c.kind {
	case tree.Date:
		return cmp.Compare(c.days[i], with.days[j])
	case tree.Number:
		return cmp.Compare(c.numbers[i], with.numbers[j])
	case tree.Text, tree.Code, tree.Codes:
	}
	return strings.Compare(c.texts[i], with.texts[j])
}

// set takes the value j of another column.
func (c *column) set(i int, from *column, j int) {
	switch c.kind {
	case tree.Date:
		c.days[i] = from.days[j]
	case tree.Number:
		c.numbers[i] = from.numbers[j]
	case tree.Text, tree.Code, tree.Codes:
		c.texts[i] = from.texts[j]
	}
}

// copyAt takes all values of another column, from one of its own on.
func (c *column) copyAt(i int, from *column) {
	switch c.kind {
	case tree.Date:
		copy(c.days[i:], from.days)
	case tree.Number:
		copy(c.numbers[i:], from.numbers)
	case tree.Text, tree.Code, tree.Codes:
		copy(c.texts[i:], from.texts)
	}
}

// merge takes the values of some items from another column.
func (c *column) merge(from *column, items words) {
	for w, word := range items {
		for ; word != 0; word &= word - 1 {
			i := w*64 + bits.TrailingZeros64(word)
			c.set(i, from, i)
		}
	}
}

// gather takes, for each of its values, the value of the person whose it is.
func (c *column) gather(from *column, people []int32) {
	c.fit(from.kind, len(people))
	for i, person := range people {
		c.set(i, from, int(person))
	}
}

// joined makes one text of several codes.
func joined(codes []string) string {
	slices.Sort(codes)
	codes = slices.Compact(codes)
	if len(codes) > 0 && codes[0] == "" {
		codes = codes[1:]
	}
	return strings.Join(codes, codeEnd)
}
