package cohort_test

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// value reads or works out a value: a float64, a string, an oracle for a day, a sorted list of codes, or nil
// when it is missing.
func (j judge) value(v, row map[string]any) any {
	switch is := word(v, "is"); is {
	case "date":
		return dayOf(word(v, "date"))
	case "number":
		return number(v, "number")
	case "text":
		return word(v, "text")
	case "column":
		from := j.who.fields
		if _, event := j.who.rows[word(v, "table")]; event {
			from = row
		}
		return j.column(from, word(v, "table"), word(v, "column"))
	case "latest", "earliest":
		return j.pick(part(v, "rows"), word(v, "column"), is == "latest")
	case "count":
		return float64(len(j.matching(part(v, "rows"))))
	case "countDistinct", "min", "max", "sum", "mean":
		return j.summary(is, part(v, "rows"), word(v, "column"))
	case "episodes":
		return j.episodes(v)
	case "age", "yearsBetween":
		return j.span(v, row, j.years)
	case "ageInMonths", "monthsBetween":
		return j.span(v, row, j.months)
	case "daysBetween":
		return j.span(v, row, j.days)
	case "before", "after", "startOf", "endOf":
		of, ok := j.value(part(v, "of"), row).(oracle)
		if !ok {
			return nil
		}
		if is == "startOf" || is == "endOf" {
			return j.edge(of, word(v, "year"), is == "endOf")
		}
		return j.shift(of, v, is == "after")
	case "each":
		return j.value(part(v, "of"), row)
	case "case":
		return j.cases(v, row)
	case "coalesce", "least", "greatest":
		return j.choose(is, v, row)
	default:
		j.tb.Fatalf("no such value: %q", is)
		return nil
	}
}

// column reads a cell and takes away what stands for "not known".
func (j judge) column(from map[string]any, table, name string) any {
	var unknowns []string
	kind := ""
	for _, column := range parts(j.tables[table], "columns") {
		if word(column, "name") == name {
			kind, unknowns = word(column, "kind"), append(words(column, "unknowns"), "")
		}
	}
	if j.fault == "what means not known is a "+kind {
		unknowns = []string{""}
	}
	switch raw := from[name].(type) {
	case string:
		if slices.Contains(unknowns, raw) {
			return nil
		}
		if kind == "date" {
			return dayOf(raw)
		}
		return raw
	case float64:
		if slices.Contains(unknowns, strconv.FormatFloat(raw, 'f', -1, 64)) {
			return nil
		}
		return raw
	case []string:
		known := slices.Sorted(slices.Values(raw))
		known = slices.Compact(slices.DeleteFunc(known, func(code string) bool { return slices.Contains(unknowns, code) }))
		if len(known) == 0 {
			return nil
		}
		return known
	default:
		return nil
	}
}

func (j judge) pick(rows map[string]any, column string, latest bool) any {
	found := j.matching(rows)
	if len(found) == 0 {
		return nil
	}
	table := word(rows, "table")
	columns := append(words(j.tables[table], "order"), column)
	switch j.fault {
	case "ties by arrival":
		columns = columns[:1]
	case "ties by the value alone":
		columns = []string{columns[0], column}
	case "latest is earliest":
		latest = false
	}
	best := slices.MinFunc(found, func(a, b map[string]any) int {
		for _, column := range columns {
			x, y := j.column(a, table, column), j.column(b, table, column)
			switch {
			case x == nil && y == nil:
				continue
			case x == nil || y == nil:
				return truth((x == nil) != (j.fault == "missing values come first"))
			}
			sign := order(x, y)
			if latest {
				sign = -sign
			}
			if sign != 0 {
				return sign
			}
		}
		return 0
	})
	return j.column(best, table, column)
}

func (j judge) summary(how string, rows map[string]any, column string) any {
	var known []any
	found := j.matching(rows)
	for _, row := range found {
		if v := j.column(row, word(rows, "table"), column); v != nil {
			known = append(known, v)
		}
	}
	if how == "countDistinct" {
		different := map[string]bool{}
		for _, v := range known {
			if codes, ok := v.([]string); ok && j.fault != "sets of codes are counted" {
				for _, code := range codes {
					different[code] = true
				}
				continue
			}
			different[fmt.Sprint(v)] = true
		}
		if j.fault == "a missing value is a value" && len(known) < len(found) {
			return float64(len(different) + 1)
		}
		if j.fault == "repeats are counted" {
			return float64(len(known))
		}
		return float64(len(different))
	}
	if len(known) == 0 {
		if how == "sum" && j.fault == "the sum of nothing is 0" {
			return 0.0
		}
		return nil
	}
	switch how {
	case "min":
		return slices.MinFunc(known, order)
	case "max":
		return slices.MaxFunc(known, order)
	}
	// All numbers drawn are whole tenths, which add up as whole numbers.
	tenths, inexact := 0, 0.0
	for _, v := range known {
		x, _ := v.(float64)
		tenths += int(math.Round(x * 10))
		inexact += x
	}
	n := len(known)
	if j.fault == "the mean is over all rows" {
		n = len(found)
	}
	switch {
	case how == "mean":
		return float64(tenths) / float64(10*n)
	case j.fault == "sums are rounded on the way":
		return inexact
	default:
		return float64(tenths) / 10
	}
}

func (j judge) episodes(v map[string]any) any {
	rows := part(v, "rows")
	table := word(rows, "table")
	var days []oracle
	undated := 0
	for _, row := range j.matching(rows) {
		if day, ok := j.column(row, table, word(j.tables[table], "dated")).(oracle); ok {
			days = append(days, day)
		} else {
			undated++
		}
	}
	slices.SortFunc(days, func(a, b oracle) int { return order(a, b) })
	count := 0
	var last oracle
	for i, day := range days {
		if i > 0 {
			end := j.shift(last, v, true)
			if day.before(end) || day == end && j.fault != "a gap of just the length ends an episode" {
				if j.fault != "gaps count from the first day" {
					last = day
				}
				continue
			}
		}
		count++
		last = day
	}
	if j.fault == "undated rows are an episode" && undated > 0 {
		count++
	}
	return float64(count)
}

func (j judge) cases(v, row map[string]any) any {
	for _, branch := range parts(v, "cases") {
		switch j.ask(part(branch, "when"), row) {
		case 1:
			return j.value(part(branch, "then"), row)
		case 0:
			if j.fault != "a case passes over unknown" {
				return nil
			}
		}
	}
	if otherwise := part(v, "otherwise"); otherwise != nil {
		return j.value(otherwise, row)
	}
	return nil
}

func (j judge) choose(how string, v, row map[string]any) any {
	var known []any
	all := parts(v, "values")
	for _, each := range all {
		if x := j.value(each, row); x != nil {
			known = append(known, x)
		}
	}
	switch {
	case len(known) == 0, len(known) < len(all) && how != "coalesce" && j.fault == "the least of missing is missing":
		return nil
	case how == "least":
		return slices.MinFunc(known, order)
	case how == "greatest":
		return slices.MaxFunc(known, order)
	case j.fault == "coalesce takes the last":
		return known[len(known)-1]
	default:
		return known[0]
	}
}
