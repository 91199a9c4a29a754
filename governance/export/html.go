package export

import (
	_ "embed" // the page
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
)

//go:embed page.html
var pageTemplate string

// WriteHTML writes the document as one page that loads nothing from anywhere.
func (d *Document) WriteHTML(w io.Writer) error {
	page, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return fmt.Errorf("export: HTML: %w", err)
	}
	if err := page.Execute(w, htmlView{d}); err != nil {
		return fmt.Errorf("export: HTML: %w", err)
	}
	return nil
}

// htmlView shows a document to the template.
type htmlView struct{ d *Document }

// Title, Line and Root head the page.
func (v htmlView) Title() string { return v.d.title }

// Line is the sentence under the title.
func (v htmlView) Line() string { return v.d.stampLine() }

// Root is the digest everything is stamped with.
func (v htmlView) Root() string { return v.d.stamp.Root.String() }

// Sections are the parts, numbered for their anchors.
func (v htmlView) Sections() []htmlSection {
	list := make([]htmlSection, len(v.d.sections))
	for i, s := range v.d.sections {
		list[i] = htmlSection{ID: fmt.Sprintf("s%d", i+1), Heading: s.heading}
		for _, b := range s.blocks {
			list[i].Blocks = append(list[i].Blocks, htmlBlock{Paragraph: b.paragraph, Verbatim: b.verbatim, Table: htmlTableOf(b.table)})
		}
	}
	return list
}

type htmlSection struct {
	ID, Heading string
	Blocks      []htmlBlock
}

type htmlBlock struct {
	Paragraph, Verbatim string
	Table               *htmlTable
}

type htmlTable struct {
	Caption string
	Head    []htmlCell
	Rows    [][]htmlCell
}

// Empty reports whether it is a table of nothing, which says so.
func (b htmlBlock) Empty() bool { return b.Table != nil && len(b.Table.Rows) == 0 }

type htmlCell struct {
	Text   string
	Number bool
}

// Class says how a cell is set: numbers at the right, and only what would not fit otherwise, such as a digest,
// broken within a word.
func (c htmlCell) Class() string {
	switch {
	case c.Number:
		return "n"
	case slices.ContainsFunc(strings.Fields(c.Text), func(word string) bool { return len(word) > 40 }):
		return "long"
	default:
		return ""
	}
}

func htmlTableOf(t *table) *htmlTable {
	if t == nil {
		return nil
	}
	h := &htmlTable{Caption: t.caption}
	cells := func(texts []string) []htmlCell {
		row := make([]htmlCell, len(texts))
		for i, s := range texts {
			row[i] = htmlCell{Text: s, Number: i < len(t.numbers) && t.numbers[i]}
		}
		return row
	}
	if t.numbers != nil {
		h.Head = cells(t.head)
	}
	for _, r := range t.rows {
		h.Rows = append(h.Rows, cells(r))
	}
	return h
}
