package parity_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/internal/drawing"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// language names everything that a question can have in it, so that a test can tell what was not asked.
func language() map[string]bool {
	all := map[string]bool{}
	add := func(format string, each ...[]any) {
		names := []string{format}
		for _, values := range each {
			var next []string
			for _, name := range names {
				for _, value := range values {
					next = append(next, strings.Replace(name, "*", fmt.Sprint(value), 1))
				}
			}
			names = next
		}
		for _, name := range names {
			all[name] = true
		}
	}
	bools, ordered := []any{true, false}, []any{tree.Number, tree.Date}
	kinds := []any{tree.Text, tree.Code, tree.Number, tree.Date, tree.Codes}
	for _, name := range []string{"All", "Any", "Not", "AtLeast", "IsYes", "IsUnknown", "InTexts", "Exists", "Count"} {
		add(name)
	}
	add("Compare *, *", ordered, []any{tree.Less, tree.AtMost, tree.Equal, tree.AtLeastAs, tree.Greater})
	add("Between *", ordered)
	add("InCodes *", []any{tree.Code, tree.Codes})
	add("Known *", kinds)
	add("Constant *", []any{tree.Text, tree.Number, tree.Date})
	add("Field *", []any{tree.Text, tree.Number, tree.Date})
	add("Cell *", kinds)
	add("Pick *, latest *", kinds, bools)
	add("Summary *, *", []any{tree.Min, tree.Max}, ordered)
	add("Summary *, *", []any{tree.Distinct}, kinds)
	add("Summary *, *", []any{tree.Sum, tree.Mean}, []any{tree.Number})
	add("Episodes, months *", bools)
	add("Span *", []any{tree.InDays, tree.InMonths, tree.InYears})
	add("Shift, months *, later *", bools, bools)
	add("Edge *, end *", []any{1, 4, 9}, bools)
	add("Case *, otherwise *", []any{tree.Text, tree.Code, tree.Number, tree.Date}, bools)
	add("Choice *, *", []any{tree.FirstKnown}, []any{tree.Text, tree.Code, tree.Number, tree.Date})
	add("Choice *, *", []any{tree.Least, tree.Greatest}, ordered)
	add("Step, yes *, unknown *", []any{tree.Passes, tree.Fails}, []any{tree.Fails, tree.Passes, tree.Refers})
	add("a row beside its person's")
	return all
}

// partsOf names what a plan has.
func partsOf(plan *cohort.Plan) map[string]bool {
	parts := map[string]bool{}
	for _, step := range plan.Tree().Steps {
		parts[fmt.Sprintf("Step, yes %v, unknown %v", step.Yes, step.Unknown)] = true
	}
	for _, rows := range plan.Tree().Rows {
		for _, where := range rows.Where {
			for part := range within(where) {
				if r, ok := part.(*tree.Rows); ok && r.Table != nil {
					parts["a row beside its person's"] = true
				}
			}
		}
	}
	for part := range drawing.Parts(plan.Tree()) {
		parts[partName(part)] = true
	}
	delete(parts, "")
	return parts
}

func partName(part any) string {
	switch part := part.(type) {
	case tree.Compare:
		return fmt.Sprintf("Compare %v, %v", tree.KindOf(part.Left), part.Op)
	case tree.Between:
		return fmt.Sprintf("Between %v", tree.KindOf(part.Value))
	case tree.InCodes:
		return fmt.Sprintf("InCodes %v", tree.KindOf(part.Value))
	case tree.Known:
		return fmt.Sprintf("Known %v", tree.KindOf(part.Value))
	case tree.Pick:
		return fmt.Sprintf("Pick %v, latest %v", tree.KindOf(part), part.Latest)
	case tree.Summary:
		return fmt.Sprintf("Summary %v, %v", part.How, part.Rows.Table.Columns[part.Column].Kind)
	case tree.Episodes:
		return fmt.Sprintf("Episodes, months %v", part.Months != 0)
	case tree.Span:
		return fmt.Sprintf("Span %v", part.Unit)
	case tree.Shift:
		return fmt.Sprintf("Shift, months %v, later %v", part.Months != 0, part.Months+part.Days > 0)
	case tree.Edge:
		return fmt.Sprintf("Edge %v, end %v", part.Month, part.End)
	case tree.Case:
		return fmt.Sprintf("Case %v, otherwise %v", tree.KindOf(part), part.Otherwise != nil)
	case tree.Choice:
		return fmt.Sprintf("Choice %v, %v", part.How, tree.KindOf(part))
	case tree.Constant, tree.Field, tree.Cell:
		return fmt.Sprintf("%s %v", strings.TrimPrefix(fmt.Sprintf("%T", part), "tree."), tree.KindOf(part.(tree.Value)))
	case *tree.Rows:
		return ""
	default:
		return strings.TrimPrefix(fmt.Sprintf("%T", part), "tree.")
	}
}

func within(part any) func(func(any) bool) {
	node, _ := part.(tree.Node)
	return drawing.Parts(&tree.Plan{Steps: []tree.Step{{Criterion: node}}})
}

// definitions returns n plans that have the whole language in them, always the same ones: those that cover it, then
// the first ones.
func definitions(n int) []*cohort.Plan {
	const drawn = 1000
	left := language()
	var numbers []int
	for len(left) > 0 {
		best, most := 0, 0
		for number := range drawn {
			news := 0
			for part := range partsOf(drawing.Definition(number, drawing.Size{})) {
				if left[part] {
					news++
				}
			}
			if news > most {
				best, most = number, news
			}
		}
		if most == 0 {
			break // TestLanguage says what of
		}
		numbers = append(numbers, best)
		for part := range partsOf(drawing.Definition(best, drawing.Size{})) {
			delete(left, part)
		}
	}
	for number := 0; len(numbers) < n; number++ {
		if !slices.Contains(numbers, number) {
			numbers = append(numbers, number)
		}
	}
	var plans []*cohort.Plan
	for _, number := range numbers[:n] {
		plans = append(plans, drawing.Definition(number, drawing.Size{}))
	}
	return plans
}

// TestLanguage: what engines are asked has everything in it that can be asked.
func TestLanguage(t *testing.T) {
	t.Parallel()
	left := language()
	for i, plan := range definitions(40) {
		for part := range partsOf(plan) {
			delete(left, part)
		}
		t.Log(i, len(left))
	}
	for part := range left {
		t.Errorf("no definition has %s", part)
	}
}
