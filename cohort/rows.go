package cohort

// Rows is the rows of table E that a person has, perhaps narrowed by predicates.
type Rows[E any] struct{ rows rows }

// Column is a column of table E whose value, taken from one row, is a series of type S. The columns of the
// catalogue are Columns.
type Column[E, S any] interface {
	at(row RowPred[E]) value
	series(v value) S
}

// Ordered is a [Column] of numbers or of days.
type Ordered[E, S any] interface {
	Column[E, S]
	ordered()
}

// Where narrows the rows to those for which every predicate is yes.
func (r Rows[E]) Where(predicates ...RowPred[E]) Rows[E] {
	where := append([]node{}, r.rows.where...)
	return Rows[E]{rows{r.rows.table, append(where, unwrap(predicates)...)}}
}

// Exists asks whether there is at least one row. It is never unknown: no row means no. What an absent row
// really tells differs between data sets; see [TableInfo.Absence].
func (r Rows[E]) Exists() Criterion { return Criterion{existsNode(r)} }

// Count is the number of rows, zero when there are none. It is never missing.
func (r Rows[E]) Count() NumberSeries { return NumberSeries{countValue(r)} }

// Latest is the value of a column in the latest row, missing when there is no row or the value is. Rows
// are in order of the table's date column, then of its tie columns, then of the column itself, so that
// the order in which rows arrive never matters. In each of them a missing value comes last: a dated row is
// always picked before an undated one.
func Latest[E, S any](of Rows[E], column Column[E, S]) S {
	return column.series(pickFrom(of.rows, column.at(RowPred[E]{}), true))
}

// Earliest is the value of a column in the earliest row; the order is that of [Latest], turned round
// except that missing values still come last.
func Earliest[E, S any](of Rows[E], column Column[E, S]) S {
	return column.series(pickFrom(of.rows, column.at(RowPred[E]{}), false))
}

// pickFrom picks a column of the rows' table. Anything else is left as it is, for New to refuse.
//
//nolint:ireturn // a tree is a sum type
func pickFrom(of rows, column value, latest bool) value {
	c, ok := column.(columnValue)
	if !ok || c.table != of.table {
		return column
	}
	return pickValue{of, c.column, latest}
}

// The values of every kind are Columns. The linter does not see that generic types implement an interface.

//nolint:ireturn // a tree is a sum type
func (v NumberValue[P]) at(P) value { return v.value }

//nolint:ireturn // a tree is a sum type
func (v DateValue[P]) at(P) value { return v.value }

//nolint:ireturn // a tree is a sum type
func (v TextValue[P]) at(P) value { return v.value }

//nolint:ireturn // a tree is a sum type
func (v CodeValue[P]) at(P) value { return v.value }

//nolint:ireturn,unused // see above; a tree is a sum type
func (v CodesValue[P]) at(P) value { return v.value }

//nolint:unused // see above
func (NumberValue[P]) series(v value) NumberSeries { return NumberSeries{v} }

//nolint:unused // see above
func (DateValue[P]) series(v value) DateSeries { return DateSeries{v} }

//nolint:unused // see above
func (TextValue[P]) series(v value) TextSeries { return TextSeries{v} }

//nolint:unused // see above
func (CodeValue[P]) series(v value) CodeSeries { return CodeSeries{v} }

//nolint:unused // see above
func (CodesValue[P]) series(v value) CodesSeries { return CodesSeries{v} }

func (NumberValue[P]) ordered() {}

func (DateValue[P]) ordered() {}
