package redact_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/personalised-prevention/nhs/internal/redact"
)

// FuzzText looks for a text in which masking leaves a number that HasNumber knows, and
// for one that is changed though it holds no ten digits.
func FuzzText(f *testing.F) {
	for _, s := range []string{
		"", "no record of 9990000018", "999 000 0018", "999.000.0018 999-000-0018", "999\u2011000\u20110018",
		"９９９ ０００ ００１８", "999000 0018999 000 0018", "111 999 0000018", "999\u00a0000\u00a00018 \xff 999 - 000 - 0018",
		"20261130_090000", "12345678901 000 0018",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, masked := range map[string]string{"text": redact.Text(s), "name": redact.Name(s)} {
			switch {
			case redact.HasNumber(masked):
				t.Errorf("%s %q became %q, which holds a number", name, s, masked)
			case masked != s && digitsOf(s) < 10:
				t.Errorf("%s %q has no ten digits and became %q", name, s, masked)
			case utf8.ValidString(s) && !utf8.ValidString(masked):
				t.Errorf("%s %q was cut within a character: %q", name, s, masked)
			}
		}
		if text := redact.Text(s); redact.Text(text) != text {
			t.Errorf("%q became %q, and that %q", s, text, redact.Text(text))
		}
	})
}

// FuzzHasNumber looks for a surrounding in which a number is overlooked.
func FuzzHasNumber(f *testing.F) {
	f.Add("number ", ", page 3")
	f.Add("111 ", " 222")
	f.Add("\xff１", "- 7")
	f.Fuzz(func(t *testing.T, before, after string) {
		if last, _ := utf8.DecodeLastRuneInString(before); unicode.IsDigit(last) {
			before += "x"
		}
		if first, _ := utf8.DecodeRuneInString(after); unicode.IsDigit(first) {
			after = "x" + after
		}
		for _, number := range []string{
			"9990000018", "999 000 0018", "999-0000018", "999000.0018", "999 - 000 - 0018", "999\u2011000\u20110018",
			"999\u00a0000\u00a00018", "９９９０００００１８",
		} {
			s := before + number + after
			if !redact.HasNumber(s) {
				t.Errorf("no number found in %q", s)
			}
			if strings.Contains(redact.Text(s), number) && !strings.Contains(before+" "+after, number) {
				t.Errorf("the number is left in %q", redact.Text(s))
			}
		}
	})
}

func digitsOf(s string) (n int) {
	for _, r := range s {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}
