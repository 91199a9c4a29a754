package drawing

import (
	"maps"
	"math"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// writer draws the rows of people.
type writer struct {
	drawer
	dirt   Dirt
	bounds *bounds
	tables []table
	// had are the days and numbers of the person in hand.
	had    []calendar.Day
	summed []float64
}

func (w *writer) person(many bool) (p Person) {
	w.had, w.summed = nil, nil
	if w.below(12, "without rows") == 11 {
		return p
	}
	for _, table := range w.tables {
		if w.below(6, "without the table") == 5 {
			continue
		}
		rows := 1
		if !table.perPerson {
			rows = one(w.drawer, "rows", 1, 2, 3, 0, 4, 6)
		}
		var drawn []Row
		for range rows {
			drawn = append(drawn, w.row(table, drawn))
		}
		for i := 0; many && !table.perPerson && rows > 0 && len(drawn) < w.dirt.Many; i++ {
			drawn = append(drawn, shifted(drawn[i], i))
		}
		p.Rows = append(p.Rows, drawn...)
	}
	return p
}

// shifted returns a row again, its days a little later.
func shifted(r Row, by int) Row {
	again := Row{r.Table, maps.Clone(r.Cells)}
	for name, cell := range again.Cells {
		if day, ok := cell.(calendar.Day); ok && day > calendar.First && day < calendar.Last {
			again.Cells[name] = day.AddDays(by % 40)
		}
	}
	return again
}

// row draws a row of its own, or one that has all but one cell of another.
func (w *writer) row(of table, others []Row) Row {
	if len(others) > 0 && w.below(3, "like another") > 0 {
		cells := maps.Clone(others[w.below(len(others), "like")].Cells)
		if len(of.sources) > 0 && w.below(4, "the same") > 0 {
			source := of.sources[w.below(len(of.sources), "but for")]
			cells[source] = w.cell(of.columns[source])
		}
		return Row{of.info, cells}
	}
	cells := map[string]any{}
	for i := 0; i < len(of.sources); i++ {
		column := of.columns[of.sources[i]]
		cells[of.sources[i]] = w.cell(column)
		if column.Kind == tree.Codes && w.below(4, "no more codes") > 0 {
			// The rest of a wide column is mostly empty.
			for i+1 < len(of.sources) && of.columns[of.sources[i+1]].Name == column.Name && w.below(8, "skip") > 0 {
				i++
				cells[of.sources[i]] = nil
			}
		}
	}
	return Row{of.info, cells}
}

func (w *writer) cell(of column) any {
	if w.below(9, "missing") == 8 {
		return nil
	}
	switch of.Kind {
	case tree.Date:
		if day := w.dayCell(of); day != 0 {
			return day
		}
		return nil
	case tree.Number:
		return w.numberCell(of)
	case tree.Text:
		return w.textCell(of)
	case tree.Code, tree.Codes:
		return w.codeCell(of)
	default:
		return nil
	}
}

// dayCell draws a day of the plan or of the person, perhaps a period away, or beside it.
func (w *writer) dayCell(of column) calendar.Day {
	switch how := w.below(14, "day"); {
	case how == 13 && len(of.Days) > 0:
		return one(w.drawer, "not known", of.Days...)
	case how == 12:
		return w.endOfCalendar()
	case how >= 10:
		return w.keep(dayOf(w.day()))
	case how >= 5 && len(w.had) > 0:
		return w.keep(w.around(one(w.drawer, "as before", w.had...)))
	case len(w.bounds.days) > 0:
		return w.keep(w.around(one(w.drawer, "of the plan", w.bounds.days...)))
	default:
		return w.keep(w.around(dayOf(w.day())))
	}
}

func (w *writer) around(day calendar.Day) calendar.Day {
	if len(w.bounds.periods) > 0 && w.often("away") {
		away := one(w.drawer, "period", w.bounds.periods...)
		day = day.Add(away.months, away.days)
	}
	if w.below(6, "end of the month") == 5 {
		year, month, _ := day.Civil()
		return calendar.Of(year, month, calendar.MonthLength(year, month))
	}
	return day.AddDays(one(w.drawer, "beside", 0, 1, -1))
}

func (w *writer) endOfCalendar() calendar.Day {
	if w.dirt.BeyondCalendar && w.often("beyond") {
		return one(w.drawer, "outside", calendar.Last+1, calendar.First-1-366, calendar.Last+1000)
	}
	return one(w.drawer, "end", calendar.First, calendar.Last, calendar.First+30, calendar.Last-30)
}

func (w *writer) keep(day calendar.Day) calendar.Day {
	w.had = append(w.had, day)
	return day
}

// numberCell draws a number of the plan or one beside it, or one that the person's others add up to it with.
func (w *writer) numberCell(of column) float64 {
	x := w.number()
	switch how := w.below(9, "number"); {
	case how == 8 && len(of.Numbers) > 0:
		return one(w.drawer, "not known", of.Numbers...)
	case how == 7 && w.dirt.NotFinite:
		return one(w.drawer, "not finite", math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1))
	case how >= 3 && len(w.bounds.numbers) > 0:
		x = one(w.drawer, "of the plan", w.bounds.numbers...)
		switch w.below(8, "beside") {
		case 1:
			x++
		case 2:
			x--
		case 3:
			x = math.Nextafter(x, math.Inf(1))
		case 4:
			x = math.Nextafter(x, math.Inf(-1))
		case 5:
			x = w.rest(x)
		case 6:
			x = short(x / 3) // for rows that are alike
		}
	}
	w.summed = append(w.summed, x)
	return x
}

// rest returns what an earlier number lacks of the sum x, as a short decimal.
func (w *writer) rest(x float64) float64 {
	if len(w.summed) == 0 {
		return x
	}
	return short(x - one(w.drawer, "part", w.summed...))
}

// short rounds to a short decimal, never to minus zero.
func short(x float64) float64 { return math.Round(x*1000)/1000 + 0 }

func (w *writer) textCell(of column) string {
	switch how := w.below(9, "text"); {
	case how == 8:
		return one(w.drawer, "odd", "", " ", "F ", "f", "10")
	case how == 7 && len(of.Texts) > 0:
		return one(w.drawer, "not known", of.Texts...)
	case how >= 4 && len(w.bounds.texts) > 0:
		return one(w.drawer, "of the plan", w.bounds.texts...)
	case how == 2:
		return one(w.drawer, "usual", "1", "2", "F", "A81001", "E01000001", "true")
	default:
		return one(w.drawer, "any", anyText()...)
	}
}

func (w *writer) codeCell(of column) string {
	switch how := w.below(9, "code"); {
	case how == 8:
		return ""
	case how == 7 && len(of.Texts) > 0:
		return one(w.drawer, "not known", of.Texts...)
	case how >= 3 && len(w.bounds.codes[of.system]) > 0:
		return one(w.drawer, "of the plan", w.bounds.codes[of.system]...)
	default:
		return one(w.drawer, "any", codesOf(of.system)...)
	}
}

func dayOf(date cohort.Date) calendar.Day {
	if date.IsZero() {
		return 0
	}
	return calendar.Of(date.Civil())
}
