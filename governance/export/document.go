package export

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/internal/redact"
)

// Stamp says what an export is about and when it was made.
type Stamp struct {
	// Proposal is the id, and Root the digest of everything that was approved.
	Proposal string            `json:"proposal"`
	Root     governance.Digest `json:"root"`
	MadeAt   time.Time         `json:"madeAt"`
}

func stamp(p governance.Proposal, at time.Time) (Stamp, error) {
	if err := p.Validate(); err != nil {
		return Stamp{}, err
	}
	if at.IsZero() {
		return Stamp{}, &governance.FieldError{Field: "at", Reason: "is required"}
	}
	return Stamp{Proposal: p.ID, Root: p.Root(), MadeAt: at.UTC()}, nil
}

// impersonal refuses text of the programme that holds an NHS number.
func impersonal(field string, texts ...string) error {
	if slices.ContainsFunc(texts, redact.HasNumber) {
		return &governance.FieldError{Field: field, Reason: "must not hold an NHS number"}
	}
	return nil
}

// Document is an export, ready to be written.
type Document struct {
	title    string
	stamp    Stamp
	sections []section
	data     any
}

// section is a part of a document under a heading.
type section struct {
	heading string
	blocks  []block
}

// block is one of: a paragraph, text as it is written, or a table.
type block struct {
	paragraph string
	verbatim  string
	table     *table
}

// table has a heading for each column, and the first column names the row.
type table struct {
	caption string
	head    []string
	numbers []bool // columns to align right
	rows    [][]string
}

func text(format string, args ...any) block { return block{paragraph: fmt.Sprintf(format, args...)} }

func verbatim(s string) block { return block{verbatim: s} }

// facts is a table of names and values.
func facts(rows ...[2]string) block {
	t := &table{head: []string{"", ""}}
	for _, r := range rows {
		t.rows = append(t.rows, r[:])
	}
	return block{table: t}
}

// grid is a table with headings; those that start with # are of numbers.
func grid(caption string, head []string, rows [][]string) block {
	t := &table{caption: caption, rows: rows}
	for _, h := range head {
		number := h[0] == '#'
		if number {
			h = h[1:]
		}
		t.head = append(t.head, h)
		t.numbers = append(t.numbers, number)
	}
	return block{table: t}
}

// stampLine says what the document is about in one line.
func (d *Document) stampLine() string {
	return fmt.Sprintf("Campaign %s, made on %s.", d.stamp.Proposal, day(d.stamp.MadeAt))
}

// WriteJSON writes the data of the export, indented.
func (d *Document) WriteJSON(w io.Writer) error { return writeJSON(w, d.data) }

func day(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 MST") }
