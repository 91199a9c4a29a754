package cohort

// Rows is the rows of table E that a person has, perhaps narrowed by predicates.
type Rows[E any] struct{ rows rows }

// Column is a column of table E whose value, picked from one row, is a series of type S. The columns of the
// catalogue are Columns.
type Column[E, S any] interface {
	pick(row RowPred[E], of rows, latest bool) S
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
	return column.pick(RowPred[E]{}, of.rows, true)
}

// Earliest is the value of a column in the earliest row; the order is that of [Latest], turned round
// except that missing values still come last.
func Earliest[E, S any](of Rows[E], column Column[E, S]) S {
	return column.pick(RowPred[E]{}, of.rows, false)
}

// The linter does not see that generic types implement Column.

//nolint:unused // see above
func (v NumberValue[P]) pick(_ P, of rows, latest bool) NumberSeries {
	return NumberSeries{pickFrom(of, v.value, latest)}
}

//nolint:unused // see above
func (v DateValue[P]) pick(_ P, of rows, latest bool) DateSeries {
	return DateSeries{pickFrom(of, v.value, latest)}
}

//nolint:unused // see above
func (v TextValue[P]) pick(_ P, of rows, latest bool) TextSeries {
	return TextSeries{pickFrom(of, v.value, latest)}
}

//nolint:unused // see above
func (v CodeValue[P]) pick(_ P, of rows, latest bool) CodeSeries {
	return CodeSeries{pickFrom(of, v.value, latest)}
}

//nolint:unused // see above
func (v CodesValue[P]) pick(_ P, of rows, latest bool) CodesSeries {
	return CodesSeries{pickFrom(of, v.value, latest)}
}

// pickFrom picks a column of the rows' table. Anything else is left as it is, for New to refuse.
//
//nolint:ireturn,unused // see above; a tree is a sum type
func pickFrom(of rows, column value, latest bool) value {
	c, ok := column.(columnValue)
	if !ok || c.table != of.table {
		return column
	}
	return pickValue{of, c.column, latest}
}
