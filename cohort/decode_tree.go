package cohort

import (
	"errors"
	"fmt"
	"strings"
)

//nolint:ireturn // a tree is a sum type
func (d decoder) node(w wireNode) (node, error) {
	switch w.Op {
	case "all", "any", "atLeast":
		of, err := d.nodes(w.Of)
		if err != nil {
			return nil, err
		}
		switch w.Op {
		case "all":
			return allNode{of}, nil
		case "any":
			return anyNode{of}, nil
		}
		return atLeastNode{w.N, of}, nil
	case "not", "isYes", "isUnknown", "named":
		of, err := d.nodes(w.Of)
		if err != nil {
			return nil, err
		}
		if len(of) != 1 {
			return nil, fmt.Errorf("%q has %d parts: want 1", w.Op, len(of))
		}
		switch w.Op {
		case "not":
			return notNode{of[0]}, nil
		case "isYes":
			return isYesNode{of[0]}, nil
		case "isUnknown":
			return isUnknownNode{of[0]}, nil
		}
		return namedNode{w.ID, w.Version, of[0]}, nil
	case "exists":
		r, err := d.rows(w.Rows)
		return existsNode{r}, err
	default:
		return d.leaf(w)
	}
}

// leaf reads the nodes that ask about values.
//
//nolint:ireturn // a tree is a sum type
func (d decoder) leaf(w wireNode) (node, error) {
	v, err := d.value(w.Value)
	if err != nil {
		return nil, err
	}
	switch w.Op {
	case "between":
		low, err1 := d.value(w.Low)
		high, err2 := d.value(w.High)
		return betweenNode{v, low, high}, errors.Join(err1, err2)
	case "inCodes":
		list, ok := d.lists[w.List]
		if !ok {
			return nil, fmt.Errorf("code list %q is not in the document", w.List)
		}
		return inCodesNode{v, list, w.Param}, nil
	case "inTexts":
		return inTextsNode{v, w.Texts, w.Param}, nil
	case "known":
		return knownNode{v}, nil
	case string(less), string(atMost), string(equal), string(atLeast), string(greater):
		to, err := d.value(w.To)
		return compareNode{v, operator(w.Op), to}, err
	default:
		return nil, fmt.Errorf("no such question: %q", w.Op)
	}
}

func (d decoder) nodes(wire []wireNode) ([]node, error) {
	nodes := make([]node, len(wire))
	for i, w := range wire {
		n, err := d.node(w)
		if err != nil {
			return nil, err
		}
		nodes[i] = n
	}
	return nodes, nil
}

//nolint:ireturn // a tree is a sum type
func (d decoder) value(w *wireValue) (value, error) {
	if w == nil {
		return nil, errors.New("a value is missing")
	}
	switch w.Is {
	case "date":
		day, err := ParseDate(w.Date)
		return constant{dateDatum(day), w.Param}, err
	case "number":
		if w.Number == nil {
			return nil, errors.New("a number without its value")
		}
		return constant{numberDatum(*w.Number), w.Param}, nil
	case "column":
		table, column, err := d.column(w.Table, w.Column)
		return columnValue{table, column}, err
	case "latest", "earliest", string(distinct), string(minimum), string(maximum), string(sum), string(mean):
		r, err := d.rows(w.Rows)
		if err != nil {
			return nil, err
		}
		_, column, err := d.column(r.table.Name(), w.Column)
		if w.Is == "latest" || w.Is == "earliest" {
			return pickValue{r, column, w.Is == "latest"}, err
		}
		return summaryValue{r, column, summary(w.Is)}, err
	case "episodes":
		r, err := d.rows(w.Rows)
		return episodesValue{r, Period{w.Months, w.Days}}, err
	case "count":
		r, err := d.rows(w.Rows)
		return countValue{r}, err
	case "age":
		return d.span(w.Born, w.On, inYears, true)
	case "ageInMonths":
		return d.span(w.Born, w.On, inMonths, true)
	case "daysBetween", "monthsBetween", "yearsBetween":
		return d.span(w.From, w.To, spanUnit(strings.TrimSuffix(w.Is, "Between")), false)
	case "before", "after":
		of, err := d.value(w.Of)
		return shiftValue{of: of, by: Period{w.Months, w.Days}, later: w.Is == "after"}, err
	case "startOf", "endOf":
		of, err := d.value(w.Of)
		return edgeValue{of: of, year: yearOf(w.Year), end: w.Is == "endOf"}, err
	case "text":
		return constant{datum: textDatum(TextKind, w.Text)}, nil
	case "each":
		of, err := d.value(w.Of)
		return eachValue{w.Param, of}, err
	case "case":
		return d.cases(w)
	case string(firstKnown), string(least), string(greatest):
		of := make([]value, len(w.Values))
		for i, each := range w.Values {
			v, err := d.value(each)
			if err != nil {
				return nil, err
			}
			of[i] = v
		}
		return chosenValue{of, choice(w.Is)}, nil
	default:
		return nil, fmt.Errorf("no such value: %q", w.Is)
	}
}

func (d decoder) cases(w *wireValue) (v caseValue, err error) {
	for _, each := range w.Cases {
		when, err1 := d.node(each.When)
		then, err2 := d.value(each.Then)
		if err := errors.Join(err1, err2); err != nil {
			return v, err
		}
		v.branches = append(v.branches, branch{when, then})
	}
	if w.Otherwise != nil {
		v.otherwise, err = d.value(w.Otherwise)
	}
	return v, err
}

//nolint:ireturn // a tree is a sum type
func (d decoder) span(from, to *wireValue, unit spanUnit, age bool) (value, error) {
	begin, err1 := d.value(from)
	end, err2 := d.value(to)
	return spanValue{begin, end, unit, age}, errors.Join(err1, err2)
}

func (d decoder) column(table, column string) (*Table, int, error) {
	t, ok := d.tables[table]
	if !ok {
		return nil, 0, fmt.Errorf("table %q is not among the tables given to Decode", table)
	}
	at := t.index(column)
	if at < 0 {
		return nil, 0, fmt.Errorf("table %s has no column %q", table, column)
	}
	return t, at, nil
}

func (d decoder) rows(w *wireRows) (rows, error) {
	if w == nil {
		return rows{}, errors.New("rows are missing")
	}
	t, ok := d.tables[w.Table]
	if !ok {
		return rows{}, fmt.Errorf("table %q is not among the tables given to Decode", w.Table)
	}
	where, err := d.nodes(w.Where)
	return rows{t, where}, err
}
