package redact

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text returns s with everything that could be an NHS number masked: ten digits or
// more in a row, ten digits grouped 3-3-4, whatever the last one is, and everything
// that [HasNumber] finds. Use it on any text that a server chose.
func Text(s string) string {
	return replace(s, func(n number) bool { return n.groups != 2 || n.valid })
}

// Name returns s with every ten digits masked that stand alone, grouped as for
// [HasNumber] and whatever the last one is. Use it on names of files and messages:
// their times have more digits, and [Text] would mask them.
func Name(s string) string {
	return replace(s, func(n number) bool { return n.alone })
}

// HasNumber reports whether a text holds a valid NHS number: ten digits that stand
// alone and end in the right check digit, together or in groups 3-3-4, 3-7 or 6-4
// with up to three blanks, dashes of any kind, dots, slashes or underscores between
// them. Full-width digits are digits. Use it to refuse a text that people wrote,
// where [Text] would mask too much.
func HasNumber(s string) bool {
	for n := range numbers(s) {
		if n.valid {
			return true
		}
	}
	return false
}

const mask = "[redacted]"

func replace(s string, masked func(number) bool) string {
	var out strings.Builder
	done := 0
	for n := range numbers(s) {
		if n.start >= done && masked(n) {
			out.WriteString(s[done:n.start])
			out.WriteString(mask)
			done = n.end
		}
	}
	if done == 0 {
		return s
	}
	out.WriteString(s[done:])
	return out.String()
}

// number is a place in a text that has the shape of an NHS number. No digit stands
// before or behind it.
type number struct {
	start, end int
	groups     int  // of digits: 1, 2 or 3
	alone      bool // it has ten digits
	valid      bool // and the last is the check digit of the others
}

// numbers yields the shapes in a text by where they start. They may overlap.
func numbers(s string) iter.Seq[number] {
	return func(yield func(number) bool) {
		for first := nextGroup(s, 0); first.count > 0; first = nextGroup(s, first.end) {
			if groups, end := shape(s, first); groups > 0 && !yield(read(s, first.start, end, groups)) {
				return
			}
		}
	}
}

// shape says how many groups a number that starts with the first one has, if it can
// be one at all, and where it ends.
func shape(s string, first group) (groups, end int) {
	if first.count >= 10 {
		return 1, first.end
	}
	second := nextGroup(s, first.end)
	if !second.joined {
		return 0, 0
	}
	if first.count == 3 && second.count == 7 || first.count == 6 && second.count == 4 {
		return 2, second.end
	}
	third := nextGroup(s, second.end)
	if !third.joined || first.count < 3 || second.count != 3 || third.count < 4 {
		return 0, 0
	}
	return 3, third.end
}

// read works out the check digit: the first of ten digits weighs ten, the last one.
func read(s string, start, end, groups int) number {
	var count, sofar, sum int
	for _, r := range s[start:end] {
		if d := digit(r); d >= 0 {
			count++
			sofar += d
			sum += sofar
		}
	}
	alone := count == 10
	return number{start: start, end: end, groups: groups, alone: alone, valid: alone && sum > 0 && sum%11 == 0}
}

// group is as many digits as stand in a row.
type group struct {
	start, end, count int
	joined            bool // one to three separators and nothing else stand between it and the place asked from
}

// nextGroup returns the first group at or behind a place of a text; the zero group
// when there is none.
func nextGroup(s string, from int) group {
	start := strings.IndexFunc(s[from:], isDigit)
	if start < 0 {
		return group{}
	}
	start += from
	end := len(s)
	if length := strings.IndexFunc(s[start:], func(r rune) bool { return !isDigit(r) }); length >= 0 {
		end = start + length
	}
	return group{start: start, end: end, count: utf8.RuneCountInString(s[start:end]), joined: joins(s[from:start])}
}

func joins(between string) bool {
	n := utf8.RuneCountInString(between)
	return n >= 1 && n <= 3 && strings.IndexFunc(between, func(r rune) bool { return !isSeparator(r) }) < 0
}

func isSeparator(r rune) bool {
	return strings.ContainsRune("./_\u2212", r) || unicode.In(r, unicode.Pd, unicode.Zs)
}

func isDigit(r rune) bool { return digit(r) >= 0 }

// digit returns what a digit counts, -1 for another character.
func digit(r rune) int {
	switch {
	case r >= '0' && r <= '9':
		return int(r - '0')
	case r >= '０' && r <= '９':
		return int(r - '０')
	default:
		return -1
	}
}
