package drawing_test

import (
	"cmp"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/internal/drawing"
	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// naive is a second reading of the tree, written from what its types say and with the calendar of package time. It
// answers from the cells as they are drawn. A fault of it makes one mistake, as an engine might.
type naive struct {
	who   drawing.Person
	fault fault
}

// cells is the row in hand, its columns cleaned, by their position in the tree's table.
type cells []any

func (n naive) outcome(plan *tree.Plan) (outcome cohort.Outcome, verdicts []cohort.Verdict) {
	outcome = cohort.Member
	for _, step := range plan.Steps {
		v := n.node(step.Criterion, nil)
		verdicts = append(verdicts, v)
		effect := map[cohort.Verdict]tree.Effect{cohort.Yes: step.Yes, cohort.No: step.No, cohort.Unknown: step.Unknown}[v]
		switch {
		case effect == tree.Fails:
			outcome = cohort.NotMember
		case effect == tree.Refers && outcome == cohort.Member:
			outcome = cohort.Referred
		}
	}
	return outcome, verdicts
}

func (n naive) node(node tree.Node, row cells) cohort.Verdict {
	switch node := node.(type) {
	case tree.All:
		return n.atLeast(len(node.Of), node.Of, row)
	case tree.Any:
		return n.atLeast(1, node.Of, row)
	case tree.AtLeast:
		return n.atLeast(node.N, node.Of, row)
	case tree.Not:
		return not(n.node(node.Of, row))
	case tree.IsYes:
		return verdict(n.node(node.Of, row) == cohort.Yes)
	case tree.IsUnknown:
		return verdict(n.node(node.Of, row) == cohort.Unknown)
	case tree.Known:
		return verdict(n.value(node.Value, row) != nil)
	case tree.Exists:
		return verdict(len(n.rows(node.Rows)) > 0)
	case tree.Compare:
		return n.compare(n.value(node.Left, row), node.Op, n.value(node.Right, row))
	case tree.Between:
		v := n.value(node.Value, row)
		low, high := tree.AtLeastAs, tree.AtMost
		if n.fault == lowEndLeftOut {
			low = tree.Greater
		}
		if n.fault == highEndLeftOut {
			high = tree.Less
		}
		from, to := n.compare(v, low, n.value(node.Low, row)), n.compare(v, high, n.value(node.High, row))
		if n.fault == betweenNeedsBothEnds && (from == cohort.Unknown || to == cohort.Unknown) {
			return cohort.Unknown
		}
		return both(from, to)
	case tree.InTexts:
		text, ok := n.value(node.Value, row).(string)
		if !ok {
			return n.unknown()
		}
		return verdict(slices.ContainsFunc(node.Texts, func(t string) bool { return t == text || n.fault == caseFolded && strings.EqualFold(t, text) }))
	case tree.InCodes:
		return n.inCodes(node, row)
	default:
		panic(node)
	}
}

func (n naive) inCodes(node tree.InCodes, row cells) cohort.Verdict {
	var codes []string
	switch v := n.value(node.Value, row).(type) {
	case nil:
		return n.unknown()
	case string:
		codes = []string{v}
	case []string:
		codes = v
	}
	if n.fault == oneCodeDecides {
		codes = codes[:1]
	}
	exact := slices.Collect(node.List.Exact())
	for _, code := range codes {
		if slices.Contains(exact, code) {
			return cohort.Yes
		}
		if n.fault == codesArePrefixes && slices.ContainsFunc(exact, func(e string) bool { return strings.HasPrefix(code, e) }) {
			return cohort.Yes
		}
		for from, before := range node.List.Ranges() {
			if from <= code && code < before || n.fault == rangeEndKept && code == before {
				return cohort.Yes
			}
		}
	}
	return cohort.No
}

// atLeast counts; All and Any are the largest and the smallest count.
func (n naive) atLeast(want int, of []tree.Node, row cells) cohort.Verdict {
	yes, possible := 0, 0
	for _, part := range of {
		switch n.node(part, row) {
		case cohort.Yes:
			yes++
			possible++
		case cohort.Unknown:
			possible++
		case cohort.No:
		}
	}
	switch {
	case yes >= want:
		return cohort.Yes
	case possible < want:
		return cohort.No
	default:
		return n.unknown()
	}
}

func (n naive) unknown() cohort.Verdict {
	if n.fault == unknownIsNo {
		return cohort.No
	}
	return cohort.Unknown
}

func (n naive) compare(left any, op tree.Op, right any) cohort.Verdict {
	if left == nil || right == nil {
		return n.unknown()
	}
	sign := order(left, right)
	switch op {
	case tree.Less:
		return verdict(sign < 0 || n.fault == lessOrEqual && sign == 0)
	case tree.AtMost:
		return verdict(sign < 0 || sign == 0 && n.fault != lessNotEqual)
	case tree.Equal:
		return verdict(sign == 0)
	case tree.AtLeastAs:
		return verdict(sign > 0 || sign == 0 && n.fault != moreNotEqual)
	case tree.Greater:
		return verdict(sign > 0 || n.fault == moreOrEqual && sign == 0)
	default:
		panic(op)
	}
}

// rows returns the rows for which every predicate is yes.
func (n naive) rows(of *tree.Rows) (matching []cells) {
	for _, raw := range n.who.Rows {
		if raw.Table.Name() != of.Table.Name {
			continue
		}
		row := n.clean(of.Table, raw)
		decided := cohort.Yes
		for _, predicate := range of.Where {
			decided = both(decided, n.node(predicate, row))
		}
		if decided == cohort.Yes || decided == cohort.Unknown && n.fault == unknownRowsCount {
			matching = append(matching, row)
		}
	}
	return matching
}

// clean reads a row as the tree says: what means "not known" is nil.
func (n naive) clean(table *tree.Table, raw drawing.Row) cells {
	row := make(cells, len(table.Columns))
	for i, column := range table.Columns {
		var codes []string
		for _, source := range column.Sources {
			switch cell := n.cleanCell(column, raw.Cells[source]).(type) {
			case nil:
			case string:
				row[i] = cell
				codes = append(codes, cell)
			default:
				row[i] = cell
			}
		}
		if column.Kind == tree.Codes && len(codes) > 0 {
			slices.Sort(codes)
			row[i] = slices.Compact(codes)
			if n.fault == firstSourceOnly && raw.Cells[column.Sources[0]] == nil {
				row[i] = nil
			}
		}
	}
	return row
}

func (n naive) cleanCell(column tree.Column, cell any) any {
	switch cell := cell.(type) {
	case string:
		if cell == "" && n.fault != emptyTextKept || slices.Contains(column.Texts, cell) && n.fault != textSentinelKept {
			return nil
		}
		return cell
	case float64:
		if math.IsNaN(cell) || math.IsInf(cell, 0) && n.fault != infinityKept || slices.Contains(column.Numbers, cell) && n.fault != numberSentinelKept {
			return nil
		}
		if cell == 0 {
			return 0.0
		}
		return cell
	case calendar.Day:
		if (cell < calendar.First || cell > calendar.Last) && n.fault != outsideKept || slices.Contains(column.Days, cell) && n.fault != daySentinelKept {
			return nil
		}
		return cell
	default:
		return nil
	}
}

// order compares values of one kind; strings and sets of them byte by byte.
func order(a, b any) int {
	switch a := a.(type) {
	case string:
		return strings.Compare(a, as[string](b))
	case float64:
		return cmp.Compare(a, as[float64](b))
	case calendar.Day:
		return cmp.Compare(a, as[calendar.Day](b))
	case []string:
		return slices.Compare(a, as[[]string](b))
	default:
		panic(a)
	}
}

func as[T any](value any) T {
	t, ok := value.(T)
	if !ok {
		panic(value)
	}
	return t
}

// sum adds shortest decimals, or floats by mistake.
func (n naive) sum(values []any, mean bool) float64 {
	total, floats := new(big.Rat), 0.0
	for _, x := range values {
		if decimal, ok := new(big.Rat).SetString(strconv.FormatFloat(as[float64](x), 'e', -1, 64)); ok {
			total.Add(total, decimal)
		}
		floats += as[float64](x)
	}
	if mean {
		total.Quo(total, big.NewRat(int64(len(values)), 1))
		floats /= float64(len(values))
	}
	if n.fault == floatsAdded || n.fault == infinityKept {
		return floats
	}
	x, _ := total.Float64()
	return x
}

// months adds months by the calendar of package time.
func (n naive) months(day calendar.Day, months int) calendar.Day {
	year, month, of := civil(day)
	first := time.Date(year, month+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	if n.fault != monthsRunOver {
		of = min(of, last)
	}
	return n.stop(first.AddDate(0, 0, of-1))
}

// stop stops at the ends of the calendar.
func (n naive) stop(at time.Time) calendar.Day {
	day := since(at)
	if n.fault == endlessCalendar {
		return day
	}
	return max(calendar.First, min(day, calendar.Last))
}

// since counts from the day before year 1.
func since(at time.Time) calendar.Day {
	return calendar.Day((at.Unix() - time.Date(0, 12, 31, 0, 0, 0, 0, time.UTC).Unix()) / 86400)
}

func civil(day calendar.Day) (int, time.Month, int) {
	return time.Date(0, 12, 31, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(day)).Date()
}

func verdict(yes bool) cohort.Verdict {
	if yes {
		return cohort.Yes
	}
	return cohort.No
}

func not(v cohort.Verdict) cohort.Verdict {
	return map[cohort.Verdict]cohort.Verdict{cohort.Yes: cohort.No, cohort.No: cohort.Yes, cohort.Unknown: cohort.Unknown}[v]
}

func both(a, b cohort.Verdict) cohort.Verdict {
	switch {
	case a == cohort.No || b == cohort.No:
		return cohort.No
	case a == cohort.Yes && b == cohort.Yes:
		return cohort.Yes
	default:
		return cohort.Unknown
	}
}
