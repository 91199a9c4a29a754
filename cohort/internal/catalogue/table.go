// Package catalogue helps to write catalogue entries of event tables, and holds what several national data
// sets say in the same way: shared sets of values, and those that stand for "not known".
//
// An entry is one function in one file. It names every column once, with the variable that holds it:
//
//	func stays() (t StayTable) {
//		t.Rows, t.Table = catalogue.Table(cohort.TableInfo{…},
//			catalogue.Date(&t.Start, cohort.ColumnInfo{Name: "START", Doc: "First day."}),
//			catalogue.Number(&t.Days, cohort.ColumnInfo{Name: "DAYS", Doc: "Length."}),
//		)
//		return t
//	}
package catalogue

import "github.com/personalised-prevention/nhs/cohort"

// Column is a column of an event table whose rows are marked by E: its description and where it goes.
type Column[E any] struct {
	info cohort.ColumnInfo
	bind func(cohort.Schema[cohort.RowPred[E]])
}

// Table makes an event table of the columns, in their order, and puts each of them in its place. It panics
// when the description is faulty.
func Table[E any](info cohort.TableInfo, columns ...Column[E]) (cohort.Rows[E], *cohort.Table) {
	for _, column := range columns {
		info.Columns = append(info.Columns, column.info)
	}
	schema := cohort.EventTable[E](info)
	for _, column := range columns {
		column.bind(schema)
	}
	return cohort.RowsOf(schema), schema.Table()
}

// Text describes a column of texts.
func Text[E any](column *cohort.TextColumn[E], info cohort.ColumnInfo) Column[E] {
	info.Kind = cohort.TextKind
	return Column[E]{info, func(s cohort.Schema[cohort.RowPred[E]]) { *column = s.Text(info.Name) }}
}

// Number describes a column of numbers.
func Number[E any](column *cohort.NumberColumn[E], info cohort.ColumnInfo) Column[E] {
	info.Kind = cohort.NumberKind
	return Column[E]{info, func(s cohort.Schema[cohort.RowPred[E]]) { *column = s.Number(info.Name) }}
}

// Date describes a column of days.
func Date[E any](column *cohort.DateColumn[E], info cohort.ColumnInfo) Column[E] {
	info.Kind = cohort.DateKind
	return Column[E]{info, func(s cohort.Schema[cohort.RowPred[E]]) { *column = s.Date(info.Name) }}
}

// Code describes a column of codes.
func Code[E any](column *cohort.CodeColumn[E], info cohort.ColumnInfo) Column[E] {
	info.Kind = cohort.CodeKind
	return Column[E]{info, func(s cohort.Schema[cohort.RowPred[E]]) { *column = s.Code(info.Name) }}
}

// Codes describes a column of any number of codes.
func Codes[E any](column *cohort.CodesColumn[E], info cohort.ColumnInfo) Column[E] {
	info.Kind = cohort.CodesKind
	return Column[E]{info, func(s cohort.Schema[cohort.RowPred[E]]) { *column = s.Codes(info.Name) }}
}
