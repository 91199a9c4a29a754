package export

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// WriteMarkdown writes the document in GitHub's Markdown.
func (d *Document) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n\nContent `%s`\n", escape(d.title), escape(d.stampLine()), d.stamp.Root)
	for _, s := range d.sections {
		fmt.Fprintf(&b, "\n## %s\n", escape(s.heading))
		for _, x := range s.blocks {
			b.WriteString("\n")
			x.markdown(&b)
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("export: Markdown: %w", err)
	}
	return nil
}

func (x block) markdown(b *strings.Builder) {
	switch {
	case x.table != nil:
		x.table.markdown(b)
	case x.verbatim != "":
		fence := fenceFor(x.verbatim)
		fmt.Fprintf(b, "%s text\n%s\n%s\n", fence, strings.TrimRight(clean(x.verbatim), "\n"), fence)
	default:
		b.WriteString(escape(x.paragraph) + "\n")
	}
}

func (t *table) markdown(b *strings.Builder) {
	if t.caption != "" {
		b.WriteString(escape(t.caption) + "\n\n")
	}
	if len(t.rows) == 0 {
		b.WriteString("None.\n")
		return
	}
	row := func(cells []string) {
		for _, c := range cells {
			b.WriteString("| " + escape(c) + " ")
		}
		b.WriteString("|\n")
	}
	row(t.head)
	for i := range t.head {
		rule := "| --- "
		if i < len(t.numbers) && t.numbers[i] {
			rule = "| ---: "
		}
		b.WriteString(rule)
	}
	b.WriteString("|\n")
	for _, r := range t.rows {
		row(r)
	}
}

// escape makes text that Markdown shows as it is, on one line: no HTML, no links, no cells, no emphasis,
// and nothing that means something at the start of a line.
func escape(s string) string {
	var b strings.Builder
	list := leadingNumber(s)
	for i, r := range clean(strings.ReplaceAll(s, "\n", " ")) {
		rest := s[i:]
		switch {
		case r == '<':
			b.WriteString("&lt;")
			continue
		case r == '>':
			b.WriteString("&gt;")
			continue
		case r == '&':
			b.WriteString("&amp;")
			continue
		case strings.ContainsRune("\\`*_{}[]#|~@", r),
			r == '!' && strings.HasPrefix(rest, "!["),
			r == ':' && strings.HasPrefix(rest, "://"),
			r == '.' && (i == list || i >= 3 && strings.EqualFold(s[i-3:i], "www")),
			r == ')' && i == list,
			i == 0 && strings.ContainsRune("-+=", r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// leadingNumber returns the length of the digits that text starts with, or -1.
func leadingNumber(s string) int {
	n := len(s) - len(strings.TrimLeft(s, "0123456789"))
	if n == 0 {
		return -1
	}
	return n
}

// clean replaces what is not printable by spaces, byte for byte, and keeps lines.
func clean(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == '\n' || r != utf8.RuneError && unicode.IsPrint(r) {
			b.WriteString(s[i : i+size])
		} else {
			b.WriteString(strings.Repeat(" ", size))
		}
		i += size
	}
	return b.String()
}

// fenceFor returns a fence longer than any in the text.
func fenceFor(s string) string {
	fence := "```"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	return fence
}
