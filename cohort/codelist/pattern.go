package codelist

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// form is how the codes of a system with prefixes and ranges are built: a category, of a letter and two
// digits; a fourth character; and whatever may follow.
type form struct {
	name     string
	noLetter byte // a letter that begins no code
	fourth   string
	longer   bool // whether there are codes of more than four characters
	prefix   *regexp.Regexp
}

var (
	icd10Prefix = regexp.MustCompile(`^[A-Z]([0-9]([0-9]([0-9X][0-9]?)?)?)?$`)
	opcs4Prefix = regexp.MustCompile(`^[A-HJ-Z]([0-9]([0-9][0-9]?)?)?$`)
	rangeEnd    = regexp.MustCompile(`^([A-Z][0-9]{2})([0-9]?)$`)
)

// form returns the form of the codes, or the zero form for systems without prefixes and ranges.
func (s System) form() form {
	if s == ICD10 {
		return form{string(s), 0, "0123456789X", true, icd10Prefix}
	}
	if s == OPCS4 {
		return form{string(s), 'I', "0123456789", false, opcs4Prefix}
	}
	return form{}
}

// past is after every code.
const past = "["

// span is the codes from one text on and before another, byte by byte.
type span struct{ from, before string }

// entry is one line of a list: a code, or a pattern and the span that it stands for.
type entry struct {
	text string
	span span // of a pattern
}

func (e entry) pattern() bool { return e.span != (span{}) }

// of returns the span of an entry.
func (f form) of(e entry) span {
	if e.pattern() {
		return e.span
	}
	return span{e.text, f.ceil(e.text + "\x00")}
}

// parse reads a code, a prefix or a range.
func (s System) parse(text string) (entry, error) {
	code, f := s.Normalise(text), s.form()
	if !strings.ContainsAny(code, "*%-–") {
		return entry{text: code}, s.Check(code)
	}
	if f.name == "" {
		return entry{}, fmt.Errorf("%s has no prefixes or ranges: name every code", s)
	}
	code = strings.NewReplacer(" ", "", "%", "*", "–", "-").Replace(code)
	if low, high, ok := strings.Cut(code, "-"); ok {
		return f.between(low, high)
	}
	if prefix, ok := strings.CutSuffix(code, "*"); ok && f.prefix.MatchString(prefix) {
		return f.below(prefix), nil
	}
	return entry{}, fmt.Errorf("not a prefix of %s codes such as I20* or I201*", f.name)
}

// below returns the entry of all codes that begin with a prefix.
func (f form) below(prefix string) entry {
	return entry{prefix + "*", span{f.ceil(prefix), f.ceil(after(prefix))}}
}

// between reads a range.
func (f form) between(low, high string) (entry, error) {
	a, b := rangeEnd.FindStringSubmatch(low), rangeEnd.FindStringSubmatch(high)
	switch {
	case a == nil || b == nil || !f.prefix.MatchString(low) || !f.prefix.MatchString(high):
		return entry{}, fmt.Errorf("not a range of %s categories such as I20-I25, or of codes such as I201-I204", f.name)
	case len(low) != len(high):
		return entry{}, errors.New("one end of the range is a category and the other is not")
	case a[2] != "" && a[1] != b[1]:
		return entry{}, errors.New("a range of codes lies in one category; for whole categories write I20-I25")
	case low > high:
		return entry{}, errors.New("the range ends before it begins")
	}
	return entry{low + "-" + high, span{f.ceil(low), f.ceil(after(high))}}, nil
}

// after is the text after all that begin with a prefix.
func after(prefix string) string {
	last := len(prefix) - 1
	return prefix[:last] + string(prefix[last]+1)
}

// ceil returns the first text, from s on, that a code can be or begin with. Spans between such texts touch
// whenever no code lies between them, as those of I29* and I30* do.
func (f form) ceil(s string) string {
	switch {
	case f.name == "" || s == "" || s >= past:
		return s
	case s[0] < 'A':
		return "A00"
	case s[0] == f.noLetter:
		return string(s[0]+1) + "00"
	}
	for i := 1; i < 3; i++ {
		switch {
		case len(s) == i || s[i] < '0':
			return s[:i] + "00"[i-1:]
		case s[i] > '9':
			return f.ceil(after(s[:i]))
		}
	}
	if len(s) == 3 {
		return s
	}
	at := strings.IndexFunc(f.fourth, func(c rune) bool { return c >= rune(s[3]) })
	switch {
	case at < 0:
		return f.ceil(after(s[:3]))
	case f.fourth[at] != s[3]:
		return s[:3] + f.fourth[at:at+1]
	case len(s) == 4:
		return s
	case !f.longer || s[4] > 'Z':
		return f.ceil(after(s[:4]))
	case s[4] > '9' && s[4] < 'A':
		return s[:4] + "A" // one of the letters that mark a dagger or asterisk code
	default:
		return s
	}
}

// join sorts spans and joins those that touch.
func join(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.before, b.before)) })
	var joined []span
	for _, s := range spans {
		if last := len(joined) - 1; last >= 0 && s.from <= joined[last].before {
			joined[last].before = max(joined[last].before, s.before)
		} else {
			joined = append(joined, s)
		}
	}
	return joined
}

// entries writes a span as codes and patterns, always the same ones, the longest first. Where that cannot
// be done, as with what lies below a code without the code, there is an entry without text.
func (f form) entries(s span) []entry {
	var entries []entry
	for s.from < s.before {
		e := f.longest(s)
		entries = append(entries, e)
		s.from = f.of(e).before
	}
	return entries
}

// longest returns the entry that reaches furthest from the beginning of a span.
func (f form) longest(s span) entry {
	if !f.prefix.MatchString(s.from) {
		return entry{span: span{s.from, min(s.before, f.ceil(after(s.from[:len(s.from)-1])))}}
	}
	best := entry{text: s.from}
	try := func(e entry, err error) {
		if err == nil && e.span.from == s.from && e.span.before <= s.before && e.span.before > f.of(best).before {
			best = e
		}
	}
	switch len(s.from) {
	case 3:
		try(f.below(s.from[:1]), nil)
		try(f.below(s.from[:2]), nil)
		try(f.below(s.from), nil)
		if end := f.lastCategory(s.before); end > s.from {
			try(f.between(s.from, end))
		}
	case 4:
		try(f.below(s.from), nil)
		for end := byte('9'); end > s.from[3]; end-- {
			try(f.between(s.from, s.from[:3]+string(end)))
		}
	default:
		try(f.below(s.from), nil)
	}
	return best
}

// lastCategory returns the last category that lies wholly before a text.
func (f form) lastCategory(before string) string {
	if before == past {
		return "Z99"
	}
	category := []byte(before[:3]) // never within the first three characters, see ceil
	for i := 2; i > 0; i-- {
		if category[i] > '0' {
			category[i]--
			return string(category)
		}
		category[i] = '9'
	}
	category[0]--
	if category[0] == f.noLetter {
		category[0]--
	}
	return string(category)
}
