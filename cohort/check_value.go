package cohort

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/personalised-prevention/nhs/cohort/internal/text"
)

// same checks values that are compared with each other.
func (c *checker) same(scope *Table, values ...value) {
	before := len(c.faults)
	for _, v := range values {
		c.value(v, scope)
	}
	if len(c.faults) > before {
		return
	}
	kind := kindOf(values[0])
	if kind != DateKind && kind != NumberKind {
		c.fault("a "+kind.String()+" cannot be compared in size", "use In or Is")
	}
	for _, v := range values[1:] {
		if kindOf(v) != kind {
			c.fault(fmt.Sprintf("a %v is compared with a %v", kind, kindOf(v)), "compare values of one kind")
		}
	}
}

func (c *checker) value(v value, scope *Table) {
	c.depth++
	defer func() { c.depth-- }()
	if c.depth > maxDepth {
		c.fault("nested too deeply", "use fewer than "+strconv.Itoa(maxDepth)+" levels")
		return
	}
	switch v := v.(type) {
	case nil:
		c.fault("a day or a value is nil", "give a Date, cohort.Index, another parameter or a field")
	case constant:
		c.constant(v)
	case columnValue:
		if v.table == nil {
			c.fault("a column without a table", "use the columns of a catalogue package")
			return
		}
		c.table(v.table)
		if !v.table.perPerson() && v.table != scope {
			c.fault(fmt.Sprintf("column %s of %s is used outside rows of that table", v.info().Name, v.table.Name()),
				"use Where, Latest or Earliest")
		}
	case pickValue:
		c.rows(v.rows)
	case countValue:
		c.rows(v.rows)
	case summaryValue:
		c.rows(v.rows)
		c.summary(v)
	case episodesValue:
		c.rows(v.rows)
		c.period("gap", v.gap)
	case spanValue:
		c.day("a length of time is counted", v.from, scope)
		c.day("a length of time is counted", v.to, scope)
		if !slices.Contains([]spanUnit{inDays, inMonths, inYears}, v.unit) || v.age && v.unit == inDays {
			c.fault(fmt.Sprintf("no such unit of time: %q", v.unit), "count in days, months or years")
		}
	case shiftValue:
		c.day("a period is counted", v.of, scope)
		c.period("period", v.by)
	case edgeValue:
		c.day("a year is taken", v.of, scope)
		if !v.year.valid() {
			c.fault("no such year: "+v.year.String(), "use cohort.CalendarYear, cohort.FinancialYear or cohort.AcademicYear")
		}
	case eachValue:
		c.each(v)
	case caseValue:
		c.cases(v, scope)
	case chosenValue:
		c.choice(v.of, scope)
		if kind := kindOf(v); v.how != firstKnown && kind != NumberKind && kind != DateKind {
			c.fault(fmt.Sprintf("the smallest or largest of %v values", kind), "use numbers or days")
		}
		if !slices.Contains([]choice{firstKnown, least, greatest}, v.how) {
			c.fault(fmt.Sprintf("no such choice: %q", v.how), "use Coalesce, Least or Greatest")
		}
	default:
		panic(fmt.Sprintf("cohort: value %T", v))
	}
}

func (c *checker) summary(v summaryValue) {
	if v.rows.table == nil {
		return // a fault already
	}
	switch kind := v.rows.table.info.Columns[v.column].Kind; v.how {
	case distinct:
	case minimum, maximum:
		if kind != NumberKind && kind != DateKind {
			c.fault(fmt.Sprintf("the smallest or largest of %v values", kind), "use a column of numbers or days")
		}
	case sum, mean:
		if kind != NumberKind {
			c.fault(fmt.Sprintf("the sum or mean of %v values", kind), "use a column of numbers")
		}
	default:
		c.fault(fmt.Sprintf("no such summary: %q", v.how), "use CountDistinct, Min, Max, Sum or Mean")
	}
}

// each checks a parameter that is each person's own: one name stands for one series.
func (c *checker) each(v eachValue) {
	c.param(v.param, eachParam)
	before := len(c.faults)
	c.value(v.of, nil)
	if len(c.faults) > before {
		return
	}
	if kind := kindOf(v.of); kind != DateKind && kind != NumberKind {
		c.fault(fmt.Sprintf("the parameter %q is each person's own %v", v.param, kind), "use a day or a number")
	}
	for part := range walkValue(v.of) {
		if _, ok := part.(eachValue); ok {
			c.fault(fmt.Sprintf("the series of %q rests on a parameter that is each person's own itself", v.param), "write that series out")
			return
		}
	}
	c.oneMeaning("series", v.param, marshal(encoder{meaning: true}.value(v.of)))
}

// cases checks a case. Its conditions are about the row in hand when its values are, and about the person
// otherwise, so that a case of a person can stand wherever a series can.
func (c *checker) cases(v caseValue, scope *Table) {
	if !columnsOfRow(v) {
		scope = nil
	}
	var values []value
	for _, b := range v.branches {
		if b.when == nil {
			c.fault("a branch of a case has no condition", "put Otherwise last, and once")
			return
		}
		c.node(b.when, scope)
		values = append(values, b.then)
	}
	if v.otherwise != nil {
		values = append(values, v.otherwise)
	}
	if len(v.branches) == 0 {
		c.fault("a case without a condition", "give it at least one When")
		return
	}
	c.choice(values, scope)
}

// choice checks values of which one is chosen: they must be of one kind and, for codes, of one system.
func (c *checker) choice(values []value, scope *Table) {
	before := len(c.faults)
	if len(values) == 0 {
		c.fault("a choice between no values", "give it at least one")
	}
	for _, v := range values {
		c.value(v, scope)
	}
	if len(c.faults) > before {
		return
	}
	for _, v := range values {
		switch kind := kindOf(values[0]); {
		case kindOf(v) == CodesKind:
			c.fault("a choice between columns of several codes", "choose between single values of one kind")
		case kindOf(v) != kind:
			c.fault(fmt.Sprintf("a choice between a %v and a %v", kind, kindOf(v)), "choose between single values of one kind")
		}
		if system := systemOf(values[0]); systemOf(v) != system {
			c.fault(fmt.Sprintf("a choice between codes of %s and of %s", orNone(system), orNone(systemOf(v))), "choose between codes of one system")
		}
	}
}

// day checks a value that something is counted from.
func (c *checker) day(what string, v value, scope *Table) {
	c.value(v, scope)
	if kind := kindOf(v); v != nil && kind != DateKind {
		c.fault(fmt.Sprintf("%s from a %v", what, kind), "use days")
	}
}

func (c *checker) period(what string, p Period) {
	if !p.valid() {
		c.fault("the "+what+" is not positive or longer than 200 years", "use Years(n), Months(n) or Days(n)")
	}
}

func (c *checker) constant(v constant) {
	d := v.datum
	if v.param != "" {
		kind := dateParam
		if d.kind == NumberKind {
			kind = numberParam
		}
		c.param(v.param, kind)
	}
	switch {
	case v.param != "" && !d.known():
	case !d.known() && d.kind == DateKind:
		c.fault("the zero Date is no day", "give a complete day")
	case d.kind == TextKind:
		if !text.OneLine(d.text) {
			c.fault(fmt.Sprintf("the text %q is empty or has unprintable characters", d.text), "use one line of printable text")
		}
	case !d.known() || d.kind == NumberKind && math.IsInf(d.number, 0):
		c.fault("a number is not finite", "give an ordinary number")
	}
}

func (c *checker) rows(r rows) {
	if r.table == nil {
		c.fault("rows of no table", "start from the rows of a catalogue package, such as gpes.Journal")
		return
	}
	c.table(r.table)
	if r.table.perPerson() {
		c.fault(r.table.Name()+" has one row per person", "ask about its fields")
	}
	for _, predicate := range r.where {
		c.node(predicate, r.table)
	}
}
