package cohort

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// Kind says what a column holds.
type Kind uint8

// The kinds of column.
const (
	TextKind   Kind = iota + 1 // free or categorical text, compared exactly
	CodeKind                   // a code of a coding system, compared with code lists
	NumberKind                 // a number, as float64
	DateKind                   // a complete calendar day
	CodesKind                  // any number of codes of one coding system, from one or more source columns
)

// String returns "text", "code", "number", "date" or "codes".
func (k Kind) String() string {
	switch k {
	case TextKind:
		return "text"
	case CodeKind:
		return "code"
	case NumberKind:
		return "number"
	case DateKind:
		return "date"
	case CodesKind:
		return "codes"
	default:
		return "kind " + strconv.Itoa(int(k))
	}
}

// ColumnInfo describes one column of a data set as its publisher names it.
type ColumnInfo struct {
	// Name is the published field name; for a column of codes with several sources, what they have in
	// common, such as DIAG_4.
	Name string
	// Kind is what the column holds.
	Kind Kind
	// Phrase reads in a sentence after "the", such as "date of birth". Empty means Name is used.
	Phrase string
	// System is the coding system of a column of one code or of codes.
	System codelist.System
	// Sources are the published columns that a column of codes stands for, such as DIAG_4_01 to DIAG_4_20.
	// Other kinds have none.
	Sources []string
	// Unknowns are the values that stand for "not known", written as the source writes them; dates in
	// ISO form. They are read as missing; among several codes each is left out by itself.
	Unknowns []string
	// Values says what each value means, written as the source writes them and those in Unknowns
	// included. It holds all the values that the table's Source lists, of numbers those that stand for
	// something else; it is empty where there are too many or no list is public. Other values are read too:
	// sources hold what they should not.
	Values map[string]string
	// Low and High bound the numbers that can be right, both included; both zero when none are stated.
	// Numbers beyond them are read all the same: a definition that minds narrows to them.
	Low, High float64
	// From is the first day of which the source fills the field; zero when that is the table's From.
	From Date
	// Filled is in how many percent of all rows the source holds something, at most: values that are read
	// as missing may be among them. Zero when it is not known.
	Filled float64
	// Doc says what the field means, its values and its traps.
	Doc string
}

// words returns what a sentence calls the column.
func (c ColumnInfo) words() string {
	if c.Phrase != "" {
		return c.Phrase
	}
	return c.Name
}

// TableInfo describes one table of a data set.
type TableInfo struct {
	// Name is unique among the tables a definition uses, such as "gpes.journal".
	Name string
	// Row is what one row is called in a sentence, such as "GP journal entry".
	Row string
	// Order lists the columns that put one person's rows in order: first the date column, then the tie
	// columns. It is empty for a table with one row per person.
	Order []string
	// Columns describes the fields.
	Columns []ColumnInfo
	// PersonKeys are the published names of the fields that say whose row it is, the one that identifies
	// people first. They are not among Columns: no definition asks for one person.
	PersonKeys []string
	// From and Until are the first and the last day of which rows are collected; zero when there is no
	// such day or it is not known. A question that looks beyond them finds nothing there.
	From, Until Date
	// Complete is the first day from which everybody who has to reports rows; zero when that is From or it is
	// not known. Before it the absence of a row says little.
	Complete Date
	// Lag is how far the newest rows usually are behind the day they are read; zero when it is not known.
	Lag Period
	// Doc says what the table is and its grain.
	Doc string
	// Absence says what it means when a person has no row.
	Absence string
	// Refresh says how often the data are renewed and how far they lag behind.
	Refresh string
	// Source says where the description comes from and of which day it is.
	Source string
}

// Table is one table of the catalogue, shared by definitions, records and engines. It does not change
// once made. Tables come from the catalogue packages, such as cohort/person and cohort/gpes.
type Table struct {
	info     TableInfo
	order    []int
	unknowns []unknowns
}

// unknowns holds the values of one column that are read as missing.
type unknowns struct {
	texts   []string
	numbers []float64
	dates   []Date
}

// Info returns the description; the caller owns the copy.
func (t *Table) Info() TableInfo {
	info := t.info
	info.Order = slices.Clone(info.Order)
	info.PersonKeys = slices.Clone(info.PersonKeys)
	info.Columns = slices.Clone(info.Columns)
	for i := range info.Columns {
		info.Columns[i].Unknowns = slices.Clone(info.Columns[i].Unknowns)
		info.Columns[i].Sources = slices.Clone(info.Columns[i].Sources)
		info.Columns[i].Values = maps.Clone(info.Columns[i].Values)
	}
	return info
}

// Name returns the name of the table.
func (t *Table) Name() string { return t.info.Name }

// newTable checks a description. Catalogues are source code, so a fault in one is a panic at start-up.
func newTable(info TableInfo) *Table {
	t := &Table{info: info, unknowns: make([]unknowns, len(info.Columns))}
	fault := func(format string, args ...any) {
		panic(fmt.Sprintf("cohort: table %q: %s", info.Name, fmt.Sprintf(format, args...)))
	}
	if info.Name == "" || info.Row == "" {
		fault("Name and Row are required")
	}
	for i, c := range info.Columns {
		if c.Name == "" || t.index(c.Name) != i {
			fault("column %d (%q) needs a name of its own", i, c.Name)
		}
		if slices.ContainsFunc(info.Columns[:i], func(o ColumnInfo) bool { return o.words() == c.words() }) {
			fault("column %q needs a phrase of its own", c.Name)
		}
		if (c.Kind == CodeKind || c.Kind == CodesKind) != (c.System != "") {
			fault("column %q: exactly the columns of codes have a System", c.Name)
		}
		if (c.Kind == CodesKind) != (len(c.Sources) > 0) || slices.Contains(c.Sources, "") || repeats(c.Sources) {
			fault("column %q: exactly the columns of CodesKind have Sources, each named once", c.Name)
		}
		if err := c.checkFacts(); err != nil {
			fault("column %q: %v", c.Name, err)
		}
		u, err := parseUnknowns(c)
		if err != nil {
			fault("column %q: %v", c.Name, err)
		}
		t.unknowns[i] = u
	}
	for i, key := range info.PersonKeys {
		if key == "" || slices.Contains(info.PersonKeys[:i], key) || t.index(key) >= 0 {
			fault("PersonKeys %q is empty, named twice or a column", key)
		}
	}
	if !info.Until.IsZero() && info.Until.Compare(info.From) < 0 {
		fault("Until lies before From")
	}
	if !info.Complete.IsZero() && info.Complete.Compare(info.From) <= 0 {
		fault("Complete is not after From")
	}
	for i, name := range info.Order {
		at := t.index(name)
		if at < 0 || i == 0 && info.Columns[at].Kind != DateKind || info.Columns[at].Kind == CodesKind {
			fault("Order %q is not a column, the first is not a date, or it holds several codes", name)
		}
		t.order = append(t.order, at)
	}
	return t
}

// checkFacts checks what is said about a column and changes no answer.
func (c ColumnInfo) checkFacts() error {
	for value, meaning := range c.Values {
		if meaning == "" {
			return fmt.Errorf("value %q has no meaning", value)
		}
	}
	switch {
	case c.Low > c.High || c.Kind != NumberKind && (c.Low != 0 || c.High != 0):
		return errors.New("the bounds are upside down, or of a column that holds no numbers")
	case c.Filled < 0 || c.Filled > 100:
		return errors.New("the percentage filled is none")
	default:
		return nil
	}
}

func parseUnknowns(c ColumnInfo) (u unknowns, err error) {
	for _, text := range c.Unknowns {
		switch c.Kind {
		case TextKind, CodeKind, CodesKind:
			u.texts = append(u.texts, text)
		case NumberKind:
			x, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return u, fmt.Errorf("unknown value %q is not a number", text)
			}
			u.numbers = append(u.numbers, x)
		case DateKind:
			d, err := ParseDate(text)
			if err != nil {
				return u, fmt.Errorf("unknown value %q: %w", text, err)
			}
			u.dates = append(u.dates, d)
		default:
			return u, fmt.Errorf("no such kind: %v", c.Kind)
		}
	}
	return u, nil
}

// perPerson reports whether the table has one row per person.
func (t *Table) perPerson() bool { return len(t.order) == 0 }

// index returns the position of a column, or -1.
func (t *Table) index(name string) int {
	return slices.IndexFunc(t.info.Columns, func(c ColumnInfo) bool { return c.Name == name })
}

// clean turns a declared "not known" value, an empty text or a NaN into a missing datum.
func (t *Table) clean(column int, d datum) datum {
	u := &t.unknowns[column]
	switch d.kind {
	case DateKind:
		if d.date.IsZero() || slices.Contains(u.dates, d.date) {
			return missing(d.kind)
		}
	case NumberKind:
		if math.IsNaN(d.number) || math.IsInf(d.number, 0) || slices.Contains(u.numbers, d.number) {
			return missing(d.kind)
		}
	case TextKind, CodeKind:
		if d.text == "" || slices.Contains(u.texts, d.text) {
			return missing(d.kind)
		}
	case CodesKind:
		codes := slices.DeleteFunc(strings.Split(d.text, codeEnd), func(code string) bool {
			return code == "" || slices.Contains(u.texts, code)
		})
		return codesDatum(codes)
	}
	return d
}

func repeats(names []string) bool { return len(sortedSet(names)) < len(names) }
