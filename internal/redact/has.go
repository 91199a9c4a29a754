package redact

import (
	"strings"
	"unicode"
)

// HasNumber reports whether a text holds a valid NHS number: ten digits, together or
// grouped 3-3-4 by spaces, dashes of any kind, dots, slashes or underscores, that
// stand alone and end in the right check digit. Full-width digits are digits. Use it
// to refuse a text that people wrote, where [Text] would mask too much.
func HasNumber(s string) bool {
	s = strings.Map(plain, s)
	for i := range len(s) {
		if (i == 0 || !isDigit(s[i-1])) && startsWithNHSNumber(s[i:]) {
			return true
		}
	}
	return false
}

// plain makes of what word processors write what people type.
func plain(r rune) rune {
	switch {
	case r >= '０' && r <= '９':
		return r - '０' + '0'
	case strings.ContainsRune("./_", r), unicode.Is(unicode.Pd, r):
		return '-'
	default:
		return r
	}
}

func startsWithNHSNumber(s string) bool {
	var sum, n int
	for i := range len(s) {
		c := s[i]
		switch {
		case isDigit(c) && n == 10:
			return false
		case isDigit(c):
			sum += int(c-'0') * max(10-n, 1)
			n++
		case (c == ' ' || c == '-') && (n == 3 || n == 6) && isDigit(s[i-1]):
		default:
			return n == 10 && sum%11 == 0
		}
	}
	return n == 10 && sum%11 == 0
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
