package cohort

import "fmt"

// Schema hands out the typed columns of one table to the package that describes it. P is [Criterion] for
// a table with one row per person and [RowPred] of the table's own type otherwise.
type Schema[P Predicate[P]] struct{ table *Table }

// PersonTable makes the schema of a table with one row per person. It panics when the description is
// faulty.
func PersonTable(info TableInfo) Schema[Criterion] {
	if len(info.Order) > 0 {
		panic(fmt.Sprintf("cohort: table %q: a table with one row per person has no Order", info.Name))
	}
	return Schema[Criterion]{newTable(info)}
}

// EventTable makes the schema of a table with any number of rows per person; E is a type of the caller's
// own that marks its columns. It panics when the description is faulty.
func EventTable[E any](info TableInfo) Schema[RowPred[E]] {
	if len(info.Order) == 0 {
		panic(fmt.Sprintf("cohort: table %q: Order must name the date column and the tie columns", info.Name))
	}
	return Schema[RowPred[E]]{newTable(info)}
}

// RowsOf returns all rows of an event table.
func RowsOf[E any](schema Schema[RowPred[E]]) Rows[E] { return Rows[E]{rows{table: schema.table}} }

// Table returns the table, for readers of documents and engines.
func (s Schema[P]) Table() *Table { return s.table }

// Number returns a column of numbers. Like the methods below it panics when there is no such column.
func (s Schema[P]) Number(name string) NumberValue[P] {
	return NumberValue[P]{s.column(name, NumberKind)}
}

// Date returns a column of days.
func (s Schema[P]) Date(name string) DateValue[P] { return DateValue[P]{s.column(name, DateKind)} }

// Text returns a column of texts.
func (s Schema[P]) Text(name string) TextValue[P] { return TextValue[P]{s.column(name, TextKind)} }

// Code returns a column of codes.
func (s Schema[P]) Code(name string) CodeValue[P] { return CodeValue[P]{s.column(name, CodeKind)} }

// Codes returns a column of any number of codes.
func (s Schema[P]) Codes(name string) CodesValue[P] { return CodesValue[P]{s.column(name, CodesKind)} }

func (s Schema[P]) column(name string, kind Kind) columnValue {
	at := s.table.index(name)
	if at < 0 || s.table.info.Columns[at].Kind != kind {
		panic(fmt.Sprintf("cohort: table %q has no %v column %q", s.table.Name(), kind, name))
	}
	return columnValue{s.table, at}
}
