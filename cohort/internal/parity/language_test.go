package parity_test

import (
	"fmt"
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
	add("Rows by other rows")
	add("Rows by the person")
	return all
}

// partsOf names what a plan has.
func partsOf(plan *cohort.Plan) map[string]bool {
	parts := map[string]bool{}
	for _, step := range plan.Tree().Steps {
		parts[fmt.Sprintf("Step, yes %v, unknown %v", step.Yes, step.Unknown)] = true
	}
	for _, rows := range plan.Tree().Rows {
		for part := range drawing.Parts(rows.Where...) {
			switch part.(type) {
			case *tree.Rows:
				parts["Rows by other rows"] = true
			case tree.Field:
				parts["Rows by the person"] = true
			}
		}
	}
	for _, step := range plan.Tree().Steps {
		for part := range drawing.Parts(step.Criterion) {
			parts[partName(part)] = true
		}
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

// definitions returns n plans that have the whole language in them, always the same ones: those that cover it, then
// the first ones.
func definitions(n int) []*cohort.Plan {
	const drawn = 1000
	plans := make([]*cohort.Plan, drawn)
	parts := make([]map[string]bool, drawn)
	for number := range drawn {
		plans[number] = drawing.Definition(number, drawing.Size{})
		parts[number] = partsOf(plans[number])
	}
	left := language()
	for at := 0; at < n && len(left) > 0; at++ {
		best, most := at, 0
		for number := at; number < drawn; number++ {
			news := 0
			for part := range parts[number] {
				if left[part] {
					news++
				}
			}
			if news > most {
				best, most = number, news
			}
		}
		plans[at], plans[best] = plans[best], plans[at]
		parts[at], parts[best] = parts[best], parts[at]
		for part := range parts[at] {
			delete(left, part)
		}
	}
	return plans[:n]
}

// TestLanguage: what engines are asked has everything in it that can be asked.
func TestLanguage(t *testing.T) {
	t.Parallel()
	left := language()
	for _, plan := range definitions(few) {
		for part := range partsOf(plan) {
			delete(left, part)
		}
	}
	for part := range left {
		t.Errorf("no definition has %s", part)
	}
}
