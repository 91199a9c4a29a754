// Package text holds the one rule for names, labels and notes that end up in documents and hashes.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// OneLine reports whether s is one non-blank line of printable characters, so that it survives being
// printed, encoded and read back.
func OneLine(s string) bool {
	return strings.TrimSpace(s) != "" && utf8.ValidString(s) &&
		!strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}
