package columnar

import (
	"slices"
	"sort"
	"strconv"
	"sync"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// matcher says of a code in which of up to 64 lists it is. It is shared by all goroutines.
type matcher struct {
	exact map[string]uint64
	whole func() map[int64]uint64 // exact, of the codes that are whole numbers; made when first asked for
	// A code that is not before edges[i] but before edges[i+1] is, by its range, in the lists of masks[i].
	edges []string
	masks []uint64
}

// newMatcher takes the lists by bit.
func newMatcher(lists []*codelist.List) *matcher {
	of := map[*codelist.List]uint64{}
	codes := 0
	for bit, list := range lists {
		of[list] |= 1 << bit
		codes += list.Len()
	}
	m := &matcher{exact: make(map[string]uint64, codes)}
	m.whole = sync.OnceValue(m.wholeNumbers)
	for list, mask := range of {
		for code := range list.Exact() {
			m.exact[code] |= mask
		}
		for from, before := range list.Ranges() {
			m.edges = append(m.edges, from, before)
		}
	}
	slices.Sort(m.edges)
	m.edges = slices.Compact(m.edges)
	m.masks = make([]uint64, len(m.edges))
	for list, mask := range of {
		for from, before := range list.Ranges() {
			for i := sort.SearchStrings(m.edges, from); m.edges[i] != before; i++ {
				m.masks[i] |= mask
			}
		}
	}
	return m
}

// mask returns the bits of the lists that hold the code; none for a missing one.
func (m *matcher) mask(code string) uint64 {
	mask := m.exact[code]
	if len(m.edges) == 0 {
		return mask
	}
	if i := sort.Search(len(m.edges), func(i int) bool { return m.edges[i] > code }); i > 0 {
		mask |= m.masks[i-1]
	}
	return mask
}

// maskOf returns the bits of the lists that hold a value of a dictionary.
func (m *matcher) maskOf(d *dictionary, id int) uint64 {
	switch {
	case d.integers == nil || len(m.edges) > 0:
		return m.mask(d.spelled()[id])
	case id < len(d.integers):
		return m.whole()[d.integers[id]]
	default:
		return 0 // it is the missing one
	}
}

func (m *matcher) wholeNumbers() map[int64]uint64 {
	whole := make(map[int64]uint64, len(m.exact))
	for code, mask := range m.exact {
		if n, ok := wholeNumber(code); ok {
			whole[n] = mask
		}
	}
	return whole
}

// wholeNumber returns the number whose decimal text this is.
func wholeNumber(text string) (n int64, ok bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	var b [20]byte
	return n, err == nil && string(strconv.AppendInt(b[:0], n, 10)) == text
}

// anyCode asks whether a code, or any of several, is.
func anyCode(codes string, is func(string) bool) bool {
	for from := 0; ; {
		end := from
		for end < len(codes) && codes[end] != codeEnd[0] {
			end++
		}
		if is(codes[from:end]) {
			return true
		}
		if end == len(codes) {
			return false
		}
		from = end + 1
	}
}
