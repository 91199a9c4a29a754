package columnar

import (
	"cmp"
	"slices"
)

// Reading says what was read of a store, and what of it was not as it should be. It holds counts of rows and values,
// which can disclose who people are: keep it in the secure environment.
type Reading struct {
	// Files and Bytes are how many files were opened, and how many bytes were read from them.
	Files, Bytes int64
	// RowGroups and Pages are how many had rows to look at; a page is one of the column of keys. The pruned ones were
	// passed over because what the file says of them, or of rows beside them, shows that no answer depends on them.
	RowGroups, PrunedRowGroups int64
	Pages, PrunedPages         int64
	// Rows is how many rows of people in the population were at hand.
	Rows int64
	// NoKey is how many rows do not say whose they are, and Strangers how many belong to nobody in the population. They
	// count for nobody.
	NoKey, Strangers int64
	// Columns are those with values that are read as missing.
	Columns []ColumnReading
}

// ColumnReading counts values of one column that are read as missing, among the pages of it that were read. A page
// that no question came to is not among them; [Store.Profile] looks at all.
type ColumnReading struct {
	// Table and Column are published names.
	Table, Column string
	// Unknown values are those that the catalogue declares to mean "not known".
	Unknown int64
	// OutsideCalendar is how many days lie before the year 1 or after the year 9999.
	OutsideCalendar int64
	// Unreadable is how many texts in a column of days are not days: a part of one, such as 1932-05, or none at all.
	Unreadable int64
	// NotFinite is how many numbers are infinite or not a number.
	NotFinite int64
}

// add adds what was read elsewhere.
func (r *Reading) add(other *Reading) {
	r.Files += other.Files
	r.Bytes += other.Bytes
	r.RowGroups += other.RowGroups
	r.PrunedRowGroups += other.PrunedRowGroups
	r.Pages += other.Pages
	r.PrunedPages += other.PrunedPages
	r.Rows += other.Rows
	r.NoKey += other.NoKey
	r.Strangers += other.Strangers
	for _, c := range other.Columns {
		r.column(c.Table, c.Column).add(c)
	}
}

func (c *ColumnReading) add(other ColumnReading) {
	c.Unknown += other.Unknown
	c.OutsideCalendar += other.OutsideCalendar
	c.Unreadable += other.Unreadable
	c.NotFinite += other.NotFinite
}

// column returns the counts of a column, which are kept in order of name.
func (r *Reading) column(table, column string) *ColumnReading {
	at, found := slices.BinarySearchFunc(r.Columns, ColumnReading{Table: table, Column: column}, func(a, b ColumnReading) int {
		return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Column, b.Column))
	})
	if !found {
		r.Columns = slices.Insert(r.Columns, at, ColumnReading{Table: table, Column: column})
	}
	return &r.Columns[at]
}
