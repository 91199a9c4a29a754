package cohort

// Rows is the rows of table E that a person has, perhaps narrowed by predicates.
type Rows[E any] struct{ rows rows }

// Column is a column of table E whose value, picked from one row, is a series of type S. The number,
// date, text and code columns of the catalogue are Columns.
type Column[E, S any] interface {
	ask(row RowPred[E])
	column() columnValue
	series(v value) S
}

// Where narrows the rows to those for which every predicate is yes.
func (r Rows[E]) Where(predicates ...RowPred[E]) Rows[E] {
	where := append([]node{}, r.rows.where...)
	return Rows[E]{rows{r.rows.table, append(where, unwrap(predicates)...)}}
}

// Exists asks whether there is at least one row. It is never unknown: no row means no. What an absent row
// really tells differs between data sets; see [TableInfo.Absence].
func (r Rows[E]) Exists() Criterion { return Criterion{existsNode{r.rows}} }

// Count is the number of rows, zero when there are none. It is never missing.
func (r Rows[E]) Count() NumberSeries { return NumberSeries{countValue{r.rows}} }

// Latest is the value of a column in the latest row, missing when there is no row or the value is. Rows
// are in order of the table's date column, then of its tie columns, then of the column itself, so that
// the order in which rows arrive never matters. In each of them a missing value comes last: a dated row is
// always picked before an undated one.
func Latest[E, S any](of Rows[E], column Column[E, S]) S { return pick(of, column, true) }

// Earliest is the value of a column in the earliest row; the order is that of [Latest], turned round
// except that missing values still come last.
func Earliest[E, S any](of Rows[E], column Column[E, S]) S { return pick(of, column, false) }

func pick[E, S any](of Rows[E], column Column[E, S], latest bool) S {
	return column.series(pickValue{of.rows, column.column().column, latest})
}

func (NumberValue[P]) ask(P) {}
func (DateValue[P]) ask(P)   {}
func (TextValue[P]) ask(P)   {}
func (CodeValue[P]) ask(P)   {}

func (v NumberValue[P]) column() columnValue { return columnOf(v.value) }
func (v DateValue[P]) column() columnValue   { return columnOf(v.value) }
func (v TextValue[P]) column() columnValue   { return columnOf(v.value) }
func (v CodeValue[P]) column() columnValue   { return columnOf(v.value) }

func (NumberValue[P]) series(v value) NumberSeries { return NumberSeries{v} }
func (DateValue[P]) series(v value) DateSeries     { return DateSeries{v} }
func (TextValue[P]) series(v value) TextSeries     { return TextSeries{v} }
func (CodeValue[P]) series(v value) CodeSeries     { return CodeSeries{v} }

// columnOf returns the catalogue column behind a value, or no table when it is not one.
func columnOf(v value) columnValue {
	c, _ := v.(columnValue)
	return c
}
