// Package tree is a cohort plan as the engines read it: every parameter has its value, every day that is the
// same for everybody is worked out, names and prose are gone, and each set of rows that is asked about in
// several places is one [Rows].
//
// The tree is closed. An engine is one switch over all nodes and one over all values; the linter reports a
// switch that leaves one out. What each node means, three-valued logic and the rules of days, order and
// decimals included, is said in package cohort; its reference evaluator is what every engine is compared with.
package tree

import (
	"fmt"

	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/internal/calendar"
)

// Plan is a bound definition.
type Plan struct {
	ID, Version string
	// Hash is the meaning hash of the plan.
	Hash string
	// Steps, in order.
	Steps []Step
	// Tables are those that the plan reads, by name, each with the columns it reads.
	Tables []*Table
	// Rows are the different sets of rows that the steps ask about; those that the predicates of others ask
	// about come before these.
	Rows []*Rows
}

// Step is one step of a plan. All steps are answered for everybody.
type Step struct {
	Label     string
	Criterion Node
	// Unknown, No and Yes say what becomes of the people with that answer.
	Unknown, No, Yes Effect
}

// Effect is what a step does with a person.
type Effect uint8

// The effects, numbered as in package cohort.
const (
	Fails Effect = iota
	Passes
	Refers
)

// Table is what a plan reads of one published table.
type Table struct {
	Name string
	// PersonKeys are the published names of the columns that say whose row it is, the best first. A source
	// has at least one of them.
	PersonKeys []string
	// PerPerson tables have at most one row a person and are asked with [Field], the others with [Rows].
	PerPerson bool
	// Published are the names of all columns that the table is published with, but for PersonKeys.
	Published []string
	// Columns are those that the plan reads.
	Columns []Column
	// Order are the positions, in Columns, of the date column and of the tie columns, when a row is picked.
	Order []int
	// Dated is the position of the date column when episodes are counted or a row is picked, and otherwise -1.
	Dated int
	// Earliest is the first day of which rows can matter, 0 for all of the past.
	Earliest Day
	// Date is the published name of the table's date column, to which Earliest refers.
	Date string
}

// Kind says what a column or a value holds.
type Kind uint8

// The kinds, numbered as in package cohort.
const (
	Text   Kind = iota + 1 // compared byte by byte; the empty text is missing
	Code                   // like a text
	Number                 // a float64, never infinite; NaN is missing and minus zero is zero
	Date                   // a Day
	Codes                  // the codes of several columns, those that are known, as a set; missing when it is empty
)

// Day is a calendar day; 0 is a missing one. Days before year 1 or after year 9999, which a source may hold, are
// missing.
type Day = calendar.Day

// Column is a column of a table.
type Column struct {
	// Name is the published name.
	Name string
	Kind Kind
	// Sources are the published columns that a column of [Codes] stands for; for other kinds Name alone.
	Sources []string
	// Texts, Numbers and Days are the values, of the column's kind, that mean "not known" and are read as
	// missing, each of several codes by itself.
	Texts   []string
	Numbers []float64
	Days    []Day
}

// Rows is the rows of an event table for which every predicate is yes.
type Rows struct {
	// Table is one of the plan's, not PerPerson.
	Table *Table
	// Where are the predicates. They may ask about the row in hand, with [Cell], and about its person.
	Where []Node
	// Index is the position in [Plan.Rows].
	Index int
}

// Node is a question that is answered yes, no or unknown.
//
//sumtype:decl
type Node interface{ node() }

type (
	// All is yes when every part is yes, no when any is no. Without parts it is yes.
	All struct{ Of []Node }
	// Any is yes when any part is yes, no when every one is no.
	Any struct{ Of []Node }
	// Not exchanges yes and no.
	Not struct{ Of Node }
	// AtLeast is yes when N or more parts are yes, no when that cannot be.
	AtLeast struct {
		N  int
		Of []Node
	}
	// IsYes is yes when Of is, and otherwise no.
	IsYes struct{ Of Node }
	// IsUnknown is yes when Of is unknown, and otherwise no.
	IsUnknown struct{ Of Node }
	// Compare compares two values of one kind; it is unknown when either is missing.
	Compare struct {
		Left  Value
		Op    Op
		Right Value
	}
	// Between is Low <= Value and Value <= High, so that one known end can settle it.
	Between struct{ Value, Low, High Value }
	// InCodes asks whether a code, or any of several, is in a list; unknown when none is known.
	InCodes struct {
		Value Value
		List  *codelist.List
	}
	// InTexts asks whether a text is one of a sorted set; unknown when it is missing.
	InTexts struct {
		Value Value
		Texts []string
	}
	// Known asks whether a value is there.
	Known struct{ Value Value }
	// Exists asks whether there is a row.
	Exists struct{ Rows *Rows }
)

// Op compares.
type Op uint8

// The ways to compare.
const (
	Less Op = iota + 1
	AtMost
	Equal
	AtLeastAs
	Greater
)

// Value is a possibly missing value of a person or of the row in hand.
//
//sumtype:decl
type Value interface{ value() }

type (
	// Constant is the same for everybody and never missing; the field of its kind is set. It is a Text, a
	// Number or a Date.
	Constant struct {
		Of     Kind
		Text   string
		Number float64
		Day    Day
	}
	// Field is a column of a table with one row a person; missing without the row.
	Field struct {
		Table  *Table
		Column int
	}
	// Cell is a column of the row in hand, whose table is that of the [Rows] around it.
	Cell struct {
		Table  *Table
		Column int
	}
	// Pick is a column of the latest or the earliest row, by the columns of the table's Order and then Column:
	// in each, known values before missing ones, the latest or earliest of them first.
	Pick struct {
		Rows   *Rows
		Column int
		Latest bool
	}
	// Count is how many rows there are; never missing.
	Count struct{ Rows *Rows }
	// Summary sums up what is known of a column.
	Summary struct {
		Rows   *Rows
		Column int
		How    How
	}
	// Episodes counts the runs of rows, by the table's Dated column, with no more than a gap of Months and
	// Days from each day to the next; rows without a day are left out. Never missing.
	Episodes struct {
		Rows         *Rows
		Months, Days int
	}
	// Span counts completed units from one day to another, negative when To is earlier. A completed month or
	// year is counted like an age: months = 12*(years apart) + (months apart), less one when the day of the
	// month of To is before that of From; years = that many months divided by 12, rounded down.
	Span struct {
		From, To Value
		Unit     Unit
	}
	// Shift adds months and then days, either may be negative: see cohort.Date.AddMonths and AddDays.
	Shift struct {
		Of           Value
		Months, Days int
	}
	// Edge is the first day of the year that a day falls in, or with End the last; years begin on the first
	// day of Month. Both stop at the ends of the calendar.
	Edge struct {
		Of    Value
		Month int // 1, 4 or 9
		End   bool
	}
	// Case is the value of the first branch that is yes, if those before it are no; Otherwise, which may be
	// nil, when all are no; missing when one is unknown before any is yes.
	Case struct {
		Branches  []Branch
		Otherwise Value
	}
	// Choice is the first, the smallest or the largest of the values that are known.
	Choice struct {
		Of  []Value
		How Chosen
	}
)

// Branch is a value with the condition for it.
type Branch struct {
	When Node
	Then Value
}

// How sums up a column.
type How uint8

// The summaries. All but Distinct, which is never missing, are missing when no value is known.
const (
	Distinct How = iota + 1 // how many different values, or codes
	Min
	Max
	Sum  // exact on shortest decimals, rounded once: see cohort.Sum
	Mean // the exact sum divided by how many, rounded once
)

// Unit is what a span is counted in.
type Unit uint8

// The units.
const (
	InDays Unit = iota + 1
	InMonths
	InYears
)

// Chosen is a way to choose.
type Chosen uint8

// The ways to choose.
const (
	FirstKnown Chosen = iota + 1
	Least
	Greatest
)

func (All) node()       {}
func (Any) node()       {}
func (Not) node()       {}
func (AtLeast) node()   {}
func (IsYes) node()     {}
func (IsUnknown) node() {}
func (Compare) node()   {}
func (Between) node()   {}
func (InCodes) node()   {}
func (InTexts) node()   {}
func (Known) node()     {}
func (Exists) node()    {}

func (Constant) value() {}
func (Field) value()    {}
func (Cell) value()     {}
func (Pick) value()     {}
func (Count) value()    {}
func (Summary) value()  {}
func (Episodes) value() {}
func (Span) value()     {}
func (Shift) value()    {}
func (Edge) value()     {}
func (Case) value()     {}
func (Choice) value()   {}

// KindOf returns what a value is.
func KindOf(v Value) Kind {
	switch v := v.(type) {
	case Constant:
		return v.Of
	case Field:
		return v.Table.Columns[v.Column].Kind
	case Cell:
		return v.Table.Columns[v.Column].Kind
	case Pick:
		return v.Rows.Table.Columns[v.Column].Kind
	case Summary:
		if v.How == Min || v.How == Max {
			return v.Rows.Table.Columns[v.Column].Kind
		}
		return Number
	case Count, Episodes, Span:
		return Number
	case Shift, Edge:
		return Date
	case Case:
		return KindOf(v.Branches[0].Then)
	case Choice:
		return KindOf(v.Of[0])
	default:
		panic(fmt.Sprintf("tree: value %T", v))
	}
}
