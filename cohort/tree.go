package cohort

import "github.com/personalised-prevention/nhs/cohort/codelist"

// The tree is the one meaning behind every reader: evaluator, text, JSON, hash, uses and explanation.
// It is closed: each reader is one type switch over all nodes, and a test checks that none is left out.

// node is a question with a yes, no or unknown answer, about a person or about one row.
//
//sumtype:decl
type node interface{ isNode() }

type (
	// allNode is yes when every part is yes.
	allNode struct{ of []node }
	// anyNode is yes when at least one part is yes.
	anyNode struct{ of []node }
	// notNode exchanges yes and no.
	notNode struct{ of node }
	// atLeastNode is yes when n or more parts are yes.
	atLeastNode struct {
		n  int
		of []node
	}
	// compareNode compares two values of one kind.
	compareNode struct {
		left  value
		op    operator
		right value
	}
	// betweenNode asks whether a value lies between two others, both ends included.
	betweenNode struct{ value, low, high value }
	// inCodesNode asks whether a code, or any of several codes, is in a code list. Until it is bound, list
	// may be nil and param the name of the parameter that will bring it.
	inCodesNode struct {
		value value
		list  *codelist.List
		param string
	}
	// inTextsNode asks whether a text is one of a sorted set; param as in inCodesNode.
	inTextsNode struct {
		value value
		texts []string
		param string
	}
	// isYesNode asks whether another question is answered with yes; it is never unknown.
	isYesNode struct{ of node }
	// isUnknownNode asks whether another question has no answer; it is never unknown itself.
	isUnknownNode struct{ of node }
	// knownNode asks whether a value is present; it is never unknown.
	knownNode struct{ value value }
	// existsNode asks whether there is a row; it is never unknown.
	existsNode struct{ rows rows }
	// namedNode is a criterion with a name and version of its own.
	namedNode struct {
		id, version string
		of          node
	}
)

func (allNode) isNode()       {}
func (anyNode) isNode()       {}
func (notNode) isNode()       {}
func (atLeastNode) isNode()   {}
func (compareNode) isNode()   {}
func (betweenNode) isNode()   {}
func (inCodesNode) isNode()   {}
func (inTextsNode) isNode()   {}
func (isYesNode) isNode()     {}
func (isUnknownNode) isNode() {}
func (knownNode) isNode()     {}
func (existsNode) isNode()    {}
func (namedNode) isNode()     {}

// value is a possibly missing value of a person or of one row.
//
//sumtype:decl
type value interface{ isValue() }

type (
	// constant is a literal. With a param it is the parameter for a day or a number, whose datum is missing
	// until bound.
	constant struct {
		datum datum
		param string
	}
	// columnValue is a field of the person or a column of the row in hand.
	columnValue struct {
		table  *Table
		column int
	}
	// pickValue is the value of a column in the latest or earliest row.
	pickValue struct {
		rows   rows
		column int
		latest bool
	}
	// countValue is the number of rows; never missing.
	countValue struct{ rows rows }
	// summaryValue sums up a column over rows; missing values are left out.
	summaryValue struct {
		rows   rows
		column int
		how    summary
	}
	// episodesValue is the number of runs of rows whose days lie no more than a gap apart; never missing.
	episodesValue struct {
		rows rows
		gap  Period
	}
	// spanValue is the number of completed units of time from one day to another, as an age or as a
	// distance: that differs in words only.
	spanValue struct {
		from, to value
		unit     spanUnit
		age      bool
	}
	// shiftValue is the day that lies a period before another, or after it. Binding works out fixed, the
	// resulting day, when the other day is the same for everybody; likewise in edgeValue.
	shiftValue struct {
		of    value
		by    Period
		later bool
		fixed Date
	}
	// edgeValue is the first or the last day of the year that a day falls in.
	edgeValue struct {
		of    value
		year  Year
		end   bool
		fixed Date
	}
	// eachValue is a parameter that is not the same for everybody: binding has given it a series.
	eachValue struct {
		param string
		of    value
	}
	// caseValue is the value of the first branch whose condition is yes, and otherwise the last, which may
	// be nil. It is missing when a condition before that is unknown.
	caseValue struct {
		branches  []branch
		otherwise value
	}
	// chosenValue is one of several values of one kind; those that are missing are passed over.
	chosenValue struct {
		of  []value
		how choice
	}
)

func (constant) isValue()      {}
func (columnValue) isValue()   {}
func (pickValue) isValue()     {}
func (countValue) isValue()    {}
func (summaryValue) isValue()  {}
func (episodesValue) isValue() {}
func (spanValue) isValue()     {}
func (shiftValue) isValue()    {}
func (edgeValue) isValue()     {}
func (eachValue) isValue()     {}
func (caseValue) isValue()     {}
func (chosenValue) isValue()   {}

// rows is a table narrowed to the rows for which every predicate is yes.
type rows struct {
	table *Table
	where []node
}

// operator compares two values.
type operator string

const (
	less    operator = "<"
	atMost  operator = "<="
	equal   operator = "="
	atLeast operator = ">="
	greater operator = ">"
)

// summary is a way to sum up a column.
type summary string

const (
	distinct summary = "countDistinct" // how many different values; never missing
	minimum  summary = "min"
	maximum  summary = "max"
	sum      summary = "sum"
	mean     summary = "mean"
)

// branch is a value with the condition for it.
type branch struct {
	when node
	then value
}

// choice is a way to choose between values.
type choice string

const (
	firstKnown choice = "coalesce"
	least      choice = "least"
	greatest   choice = "greatest"
)

// spanUnit is what a span of time is counted in.
type spanUnit string

const (
	inDays   spanUnit = "days"
	inMonths spanUnit = "months"
	inYears  spanUnit = "years"
)

// holds applies the operator to the sign of a comparison.
func (o operator) holds(sign int) bool {
	switch o {
	case less:
		return sign < 0
	case atMost:
		return sign <= 0
	case equal:
		return sign == 0
	case atLeast:
		return sign >= 0
	case greater:
		return sign > 0
	}
	return false
}

func (c columnValue) info() *ColumnInfo { return &c.table.info.Columns[c.column] }
