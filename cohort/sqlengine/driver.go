package sqlengine

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// driverError is what a driver says about a statement. An engine may quote what a row holds and it cannot cast: masked
// is whatever is in quotes, unless the statement itself names it.
type driverError struct {
	err       error
	statement string
}

func (e *driverError) Error() string {
	return masked(e.err.Error(), func(quoted string) bool {
		return !slices.ContainsFunc(strings.Split(quoted, "."), func(part string) bool { return !named(e.statement, part) })
	})
}

func (e *driverError) Unwrap() error { return e.err }

// named reports whether a statement has a name, a text or a type in it.
func named(statement, what string) bool {
	for _, form := range []string{`"` + what + `"`, "'" + what + "'", "`" + what + "`", " AS " + what + ")", " AS " + what + "\n"} {
		if strings.Contains(statement, form) {
			return true
		}
	}
	return false
}

// masked masks what is in quotes, unless it may be shown. What may not be shown can hold quotation marks itself, so that
// all is masked up to the last one. A mark between two letters is an apostrophe.
func masked(text string, show func(quoted string) bool) string {
	var out strings.Builder
	for {
		from := strings.IndexAny(text, `'"`)
		if from < 0 {
			return out.String() + text
		}
		before, rest, mark := text[:from], text[from+1:], text[from:from+1]
		out.WriteString(before + mark)
		text = rest
		if last, _ := utf8.DecodeLastRuneInString(before); word(last) {
			continue
		}
		first, last := ends(rest, mark)
		if quoted := rest[:first]; quoted != "" && show(quoted) {
			out.WriteString(quoted)
			text = rest[first:]
		} else {
			out.WriteString("[masked]")
			text = rest[last:]
		}
		if strings.HasPrefix(text, mark) {
			out.WriteString(mark)
			text = text[1:]
		}
	}
}

// ends are the first and the last place where a quotation can end.
func ends(text, mark string) (first, last int) {
	first, last = len(text), len(text)
	for at := range len(text) {
		if text[at:at+1] != mark {
			continue
		}
		if after, _ := utf8.DecodeRuneInString(text[at+1:]); !word(after) {
			first, last = min(first, at), at
		}
	}
	return first, last
}

func word(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
