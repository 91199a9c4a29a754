package drawing_test

import (
	"fmt"
	"testing"

	"github.com/personalised-prevention/nhs/cohort/internal/drawing"
	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// everything is each node and value of the tree with each of its settings, and each kind of column and of what means
// "not known".
func everything() []string {
	parts := []string{"missing Otherwise", "rows that depend on rows", "rows that depend on the row's person", "patterns", "exact codes"}
	for _, part := range []any{
		tree.All{},
		tree.Any{},
		tree.Not{},
		tree.AtLeast{},
		tree.IsYes{},
		tree.IsUnknown{},
		tree.Between{},
		tree.InCodes{},
		tree.InTexts{},
		tree.Known{},
		tree.Exists{},
		tree.Count{},
		tree.Episodes{},
		tree.Case{},
		tree.Pick{},
		tree.Pick{Latest: true},
	} {
		parts = append(parts, names(part)...)
	}
	for op := tree.Less; op <= tree.Greater; op++ {
		parts = append(parts, names(tree.Compare{Op: op})...)
	}
	for kind := tree.Text; kind <= tree.Codes; kind++ {
		parts = append(parts, fmt.Sprint("column ", kind), fmt.Sprint("column with not known ", kind), fmt.Sprint("cell ", kind))
	}
	for _, kind := range []tree.Kind{tree.Text, tree.Number, tree.Date} { // the person table holds no codes
		parts = append(parts, names(tree.Constant{Of: kind})...)
		parts = append(parts, fmt.Sprint("field ", kind))
	}
	for how := tree.Distinct; how <= tree.Mean; how++ {
		parts = append(parts, names(tree.Summary{How: how})...)
	}
	for unit := tree.InDays; unit <= tree.InYears; unit++ {
		parts = append(parts, names(tree.Span{Unit: unit})...)
	}
	for how := tree.FirstKnown; how <= tree.Greatest; how++ {
		parts = append(parts, names(tree.Choice{How: how})...)
	}
	for _, shift := range []tree.Shift{{Months: 1}, {Months: -1}, {Days: 1}, {Days: -1}} {
		parts = append(parts, names(shift)...)
	}
	for _, month := range []int{1, 4, 9} {
		parts = append(parts, names(tree.Edge{Month: month})...)
		parts = append(parts, names(tree.Edge{Month: month, End: true})...)
	}
	for _, table := range drawing.Tables() {
		parts = append(parts, "table "+table.Name())
	}
	return parts
}

// names says what a part of a tree covers.
func names(part any) []string {
	switch part := part.(type) {
	case tree.Compare:
		return []string{fmt.Sprint("compare ", part.Op)}
	case tree.Constant:
		return []string{fmt.Sprint("constant ", part.Of)}
	case tree.Field:
		return []string{fmt.Sprint("field ", tree.KindOf(part))}
	case tree.Cell:
		return []string{fmt.Sprint("cell ", tree.KindOf(part))}
	case tree.Pick:
		return []string{fmt.Sprint("latest ", part.Latest)}
	case tree.Summary:
		return []string{fmt.Sprint("summary ", part.How)}
	case tree.Span:
		return []string{fmt.Sprint("span ", part.Unit)}
	case tree.Shift:
		return []string{fmt.Sprint("shift ", part.Months > 0, part.Months < 0, part.Days > 0, part.Days < 0)}
	case tree.Edge:
		return []string{fmt.Sprint("edge ", part.Month, part.End)}
	case tree.Choice:
		return []string{fmt.Sprint("choice ", part.How)}
	case tree.Case:
		if len(part.Branches) > 0 && part.Otherwise == nil {
			return []string{"missing Otherwise"}
		}
		return []string{fmt.Sprintf("%T", part)}
	case tree.InCodes:
		all := []string{fmt.Sprintf("%T", part)}
		if part.List == nil {
			return all
		}
		for range part.List.Ranges() {
			all = append(all, "patterns")
		}
		for range part.List.Exact() {
			all = append(all, "exact codes")
		}
		return all
	default:
		return []string{fmt.Sprintf("%T", part)}
	}
}

// TestEverythingIsDrawn: no part of the language, and no kind of cell, is left out.
func TestEverythingIsDrawn(t *testing.T) {
	t.Parallel()
	missing := map[string]bool{}
	for _, part := range everything() {
		missing[part] = true
	}
	for number := range 300 {
		plan := drawing.Definition(number, drawing.Size{}).Tree()
		for _, step := range plan.Steps {
			for part := range drawing.Parts(step.Criterion) {
				for _, name := range names(part) {
					delete(missing, name)
				}
			}
		}
		for _, rows := range plan.Rows {
			for part := range drawing.Parts(rows.Where...) {
				switch part.(type) {
				case *tree.Rows:
					delete(missing, "rows that depend on rows")
				case tree.Field:
					delete(missing, "rows that depend on the row's person")
				}
			}
		}
		for _, table := range plan.Tables {
			delete(missing, "table "+table.Name)
			for _, column := range table.Columns {
				delete(missing, fmt.Sprint("column ", column.Kind))
				if len(column.Texts)+len(column.Numbers)+len(column.Days) > 0 {
					delete(missing, fmt.Sprint("column with not known ", column.Kind))
				}
			}
		}
	}
	for part := range missing {
		t.Errorf("not drawn: %s", part)
	}
}

// TestDirtIsDrawn: people are as dirty as was asked, and no dirtier.
func TestDirtIsDrawn(t *testing.T) {
	t.Parallel()
	plan := drawing.Definition(3, drawing.Size{Parts: 200, Steps: 8})
	for _, dirt := range []drawing.Dirt{{}, dirt()} {
		seen := map[string]bool{}
		for _, someone := range drawing.Population(1, 300, dirt, plan) {
			seen["nobody's rows"] = seen["nobody's rows"] || len(someone.Rows) == 0
			seen["strangers"] = seen["strangers"] || someone.Stranger
			seen["many rows"] = seen["many rows"] || len(someone.Rows) > 2*dirt.Many && dirt.Many > 0
			for _, row := range someone.Rows {
				for _, cell := range row.Cells {
					look(seen, cell)
				}
			}
		}
		for what, dirty := range map[string]bool{
			"nobody's rows": true, "missing": true, "empty text": true, "first day": true, "last day": true,
			"not finite": dirt.NotFinite, "minus zero": dirt.NotFinite, "outside": dirt.BeyondCalendar,
			"strangers": dirt.Strangers, "many rows": dirt.Many > 0,
		} {
			if seen[what] != dirty {
				t.Errorf("with %+v: %s is drawn: %v", dirt, what, seen[what])
			}
		}
	}
}

func look(seen map[string]bool, cell any) {
	switch cell := cell.(type) {
	case nil:
		seen["missing"] = true
	case string:
		seen["empty text"] = seen["empty text"] || cell == ""
	case float64:
		seen["not finite"] = seen["not finite"] || cell-cell != 0
		seen["minus zero"] = seen["minus zero"] || cell == 0 && 1/cell < 0
	case calendar.Day:
		seen["first day"] = seen["first day"] || cell == calendar.First
		seen["last day"] = seen["last day"] || cell == calendar.Last
		seen["outside"] = seen["outside"] || cell < calendar.First || cell > calendar.Last
	}
}
