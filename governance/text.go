package governance

import (
	"errors"
	"strings"
	"time"
)

// page writes the readable body of a note: a title, then "key: value" lines in a fixed order.
type page struct{ b strings.Builder }

func newPage(title string) *page {
	var p page
	p.b.WriteString(title + "\n")
	return &p
}

func (p *page) line(key, value string) { p.b.WriteString(key + ": " + value + "\n") }

// optional writes nothing for an empty value.
func (p *page) optional(key, value string) {
	if value != "" {
		p.line(key, value)
	}
}

func (p *page) String() string { return p.b.String() }

func formatTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// pageReader takes lines back in the order page wrote them. It is lenient: every parser here ends by
// writing the value again and comparing, which leaves exactly one text for each value.
type pageReader struct{ lines []string }

func readPage(text, title string) (*pageReader, error) {
	first, rest, ok := strings.Cut(text, "\n")
	if !ok || first != title {
		return nil, errBody
	}
	return &pageReader{lines: strings.SplitAfter(rest, "\n")}, nil
}

// next takes the value of the next line if it has this key.
func (r *pageReader) next(key string) (value string, ok bool) {
	if len(r.lines) == 0 {
		return "", false
	}
	value, ok = strings.CutPrefix(r.lines[0], key+": ")
	if ok {
		r.lines = r.lines[1:]
	}
	return strings.TrimSuffix(value, "\n"), ok
}

// value takes the value of the next line, or "" if it has another key.
func (r *pageReader) value(key string) string {
	value, ok := r.next(key)
	if !ok {
		return ""
	}
	return value
}

// time takes a time, or the zero time where there is none to read.
func (r *pageReader) time(key string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, r.value(key))
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// digest takes a digest, or the zero digest where there is none to read.
func (r *pageReader) digest(key string) Digest {
	d, err := ParseDigest(r.value(key))
	if err != nil {
		return Digest{}
	}
	return d
}

// errBody is deliberately silent about the text: it may be anybody's.
var errBody = errors.New("governance: note body is not in the expected form")
