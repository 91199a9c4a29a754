package drawing_test

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// value returns a string, a float64, a day, a sorted []string or, when it is missing, nil.
func (n naive) value(value tree.Value, row cells) any {
	switch v := value.(type) {
	case tree.Constant:
		return n.constant(v)
	case tree.Field:
		for _, raw := range n.who.Rows {
			if raw.Table.Name() == v.Table.Name {
				return n.clean(v.Table, raw)[v.Column]
			}
		}
		return nil
	case tree.Cell:
		return row[v.Column]
	case tree.Pick:
		return n.pick(v)
	case tree.Count:
		return float64(len(n.rows(v.Rows)))
	case tree.Summary:
		return n.summary(v)
	case tree.Episodes:
		return n.episodes(v)
	case tree.Span:
		return n.span(v, row)
	case tree.Shift:
		day, ok := n.value(v.Of, row).(calendar.Day)
		if !ok {
			return nil
		}
		return n.days(n.months(day, v.Months), v.Days)
	case tree.Edge:
		return n.edge(v, row)
	case tree.Case:
		return n.cases(v, row)
	case tree.Choice:
		return n.choice(v, row)
	default:
		panic(v)
	}
}

func (n naive) constant(v tree.Constant) any {
	switch {
	case v.Of == tree.Number && n.fault == numberTooLarge:
		return v.Number + 1
	case v.Of == tree.Number && n.fault == numberTooSmall:
		return v.Number - 1
	case v.Of == tree.Number:
		return v.Number
	case v.Of == tree.Date && n.fault == dayTooLate:
		return v.Day + 1
	case v.Of == tree.Date && n.fault == dayTooEarly:
		return v.Day - 1
	case v.Of == tree.Date:
		return v.Day
	default:
		return v.Text
	}
}

// pick sorts the rows.
func (n naive) pick(v tree.Pick) any {
	rows := n.rows(v.Rows)
	if len(rows) == 0 {
		return nil
	}
	columns := append(slices.Clone(v.Rows.Table.Order), v.Column)
	if n.fault == pickedNotInOrder {
		columns = columns[:len(columns)-1]
	}
	if n.fault == noTieColumns {
		columns = columns[:1]
	}
	slices.SortStableFunc(rows, func(a, b cells) int {
		for i, column := range columns {
			x, y := a[column], b[column]
			if (x == nil) != (y == nil) {
				if (x != nil) == (n.fault != missingFirst) {
					return -1
				}
				return 1
			}
			if x == nil {
				continue
			}
			sign := order(x, y)
			if text, ok := x.(string); ok && n.fault == tiesByCollation {
				sign = cmp.Or(strings.Compare(strings.ToLower(text), strings.ToLower(as[string](y))), -sign)
			}
			if v.Latest != (n.fault == tiesTurnedRound && i > 0) {
				sign = -sign
			}
			if sign != 0 {
				return sign
			}
		}
		return 0
	})
	return rows[0][v.Column]
}

func (n naive) summary(v tree.Summary) any {
	var values []any
	for _, row := range n.rows(v.Rows) {
		if row[v.Column] != nil || v.How == tree.Distinct && n.fault == missingIsDistinct {
			values = append(values, row[v.Column])
		}
	}
	switch {
	case v.How == tree.Distinct:
		different := map[any]bool{}
		for _, value := range values {
			codes, ok := value.([]string)
			if !ok {
				different[value] = true
			}
			for i, code := range codes {
				different[code] = different[code] || i == 0 || n.fault != oneCodeDecides
			}
		}
		count := 0.0
		for _, counts := range different {
			if counts {
				count++
			}
		}
		return count
	case len(values) == 0 && v.How == tree.Sum && n.fault == emptySumIsZero:
		return 0.0
	case len(values) == 0:
		return nil
	case v.How == tree.Min:
		return slices.MinFunc(values, order)
	case v.How == tree.Max:
		return slices.MaxFunc(values, order)
	default:
		return n.sum(values, v.How == tree.Mean)
	}
}

func (n naive) episodes(v tree.Episodes) any {
	var days []calendar.Day
	count := 0.0
	for _, row := range n.rows(v.Rows) {
		if day, ok := row[v.Rows.Table.Dated].(calendar.Day); ok {
			days = append(days, day)
		} else if n.fault == undatedIsEpisode {
			count++
		}
	}
	slices.Sort(days)
	for i, day := range days {
		if i == 0 {
			count++
			continue
		}
		end := n.days(n.months(days[i-1], v.Months), v.Days)
		if day > end || day == end && n.fault == gapTooShort {
			count++
		}
	}
	return count
}

func (n naive) span(v tree.Span, row cells) any {
	from, ok1 := n.value(v.From, row).(calendar.Day)
	to, ok2 := n.value(v.To, row).(calendar.Day)
	if !ok1 || !ok2 {
		return nil
	}
	if v.Unit == tree.InDays {
		return float64(to - from)
	}
	fromYear, fromMonth, fromDay := civil(from)
	year, month, day := civil(to)
	months := (year-fromYear)*12 + int(month) - int(fromMonth)
	birthday := fromDay
	if n.fault == birthdayAtMonthEnd { // as if 29 February were 28 February in other years
		birthday = min(fromDay, time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day())
	}
	if day < birthday || day == birthday && n.fault == dayAfterBirthday {
		months--
	}
	if v.Unit == tree.InMonths {
		return float64(months)
	}
	if n.fault == yearsTowardsZero {
		return float64(months / 12)
	}
	years := months / 12
	if months%12 < 0 {
		years--
	}
	return float64(years)
}

func (n naive) edge(v tree.Edge, row cells) any {
	day, ok := n.value(v.Of, row).(calendar.Day)
	if !ok {
		return nil
	}
	begins := v.Month
	if n.fault == calendarYears {
		begins = 1
	}
	year, month, _ := civil(day)
	if int(month) < begins {
		year--
	}
	start := time.Date(year, time.Month(begins), 1, 0, 0, 0, 0, time.UTC)
	if v.End {
		return n.stop(start.AddDate(1, 0, -1))
	}
	return n.stop(start)
}

func (n naive) days(day calendar.Day, days int) calendar.Day {
	year, month, of := civil(day)
	return n.stop(time.Date(year, month, of+days, 0, 0, 0, 0, time.UTC))
}

func (n naive) cases(v tree.Case, row cells) any {
	for _, branch := range v.Branches {
		switch n.node(branch.When, row) {
		case cohort.Yes:
			return n.value(branch.Then, row)
		case cohort.Unknown:
			if n.fault != unknownBranchPassed {
				return nil
			}
		case cohort.No:
		}
	}
	if v.Otherwise == nil {
		return nil
	}
	return n.value(v.Otherwise, row)
}

func (n naive) choice(v tree.Choice, row cells) any {
	var chosen any
	for _, part := range v.Of {
		value := n.value(part, row)
		switch {
		case value == nil:
			if n.fault == choiceNeedsAll {
				return nil
			}
		case chosen == nil, v.How == tree.Least && order(value, chosen) < 0, v.How == tree.Greatest && order(value, chosen) > 0:
			chosen = value
		}
	}
	return chosen
}
