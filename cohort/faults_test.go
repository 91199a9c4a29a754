package cohort_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// hearing is one drawn definition with one drawn person.
type hearing struct {
	plan     *cohort.Plan
	document []byte
	who      human
}

func (h hearing) decision() string {
	result := h.plan.Evaluate(h.who.record())
	var verdicts []string
	for _, step := range result.Steps {
		verdicts = append(verdicts, step.Verdict.String())
	}
	return fmt.Sprint(result.Outcome, verdicts)
}

// drawHearing asks one drawn criterion, under a drawn policy, in a drawn direction.
func drawHearing(t *rapid.T) hearing { return hear(t, drawAsked(t)) }

// drawWindowed asks about rows of a window.
func drawWindowed(t *rapid.T) hearing {
	entries := func() cohort.Rows[gpes.Entry] {
		window, other := drawComparison(t, gpes.Date, 0), drawRowPred(t, 0)
		switch rapid.IntRange(0, 2).Draw(t, "narrowed") {
		case 0:
			return gpes.Journal.Where(window)
		case 1:
			return gpes.Journal.Where(window, other)
		default:
			return gpes.Journal.Where(cohort.Any(window, other))
		}
	}
	other := stays.Where(cohort.All(drawStayPred(t, 0), drawComparison(t, admitted, 0)))
	switch rapid.IntRange(0, 5).Draw(t, "windowed") {
	case 0:
		return hear(t, entries().Exists())
	case 1:
		return hear(t, cohort.Any(entries().Exists(), drawBound(t, entries().Count())))
	case 2:
		return hear(t, cohort.Latest(entries(), gpes.Value1).AtLeastValue(cohort.Min(entries(), gpes.Value1)))
	case 3:
		return hear(t, drawBound(t, cohort.Sum(other, stayDays)))
	case 4:
		return hear(t, drawBound(t, other.Episodes(drawPeriod(t))))
	default:
		return hear(t, cohort.All(other.Exists(), entries().Exists()))
	}
}

func hear(t *rapid.T, criterion cohort.Criterion) hearing {
	policy := rapid.SampledFrom([]cohort.UnknownPolicy{cohort.TreatAsNo, cohort.TreatAsYes, cohort.Refer}).Draw(t, "policy")
	direction := rapid.SampledFrom([]func(string, cohort.Criterion) cohort.Step{cohort.Include, cohort.Exclude}).Draw(t, "direction")
	definition, err := cohort.New("heard", "1", registered(), direction("asked", criterion).IfUnknown(policy))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := definition.Bind(drawIndex(t))
	if err != nil {
		if plan, err = definition.Bind(); err != nil {
			t.Fatal(err)
		}
	}
	return hearing{plan, plan.JSON(), drawHuman(t)}
}

// drawAsked draws a question of many parts or, as often, a short one about all rows: the longer a question,
// the less often one rule decides it.
func drawAsked(t *rapid.T) cohort.Criterion {
	if rapid.Bool().Draw(t, "long") {
		return drawCriterion(t, 2)
	}
	switch rapid.IntRange(0, 5).Draw(t, "short") {
	case 0:
		return drawBound(t, gpes.Journal.Episodes(drawPeriod(t)))
	case 1:
		return drawBound(t, rapid.SampledFrom([]cohort.NumberSeries{
			cohort.Sum(stays, stayDays), cohort.Mean(stays, stayDays), cohort.CountDistinct(stays, diagnoses), cohort.CountDistinct(stays, admitted),
			cohort.Latest(stays, stayDays), cohort.Earliest(gpes.Journal, gpes.Value1),
		}).Draw(t, "summary"))
	case 2:
		return drawBound(t, drawSpan(t, cohort.Day(drawMonthEnd(t)), cohort.Day(drawMonthEnd(t))))
	case 3:
		if rapid.Bool().Draw(t, "of a month's end") {
			return drawShift(t, cohort.Day(drawMonthEnd(t))).Before(drawMonthEnd(t))
		}
		return drawComparison(t, drawShift(t, person.DateOfDeath), 0)
	case 4:
		return stays.Where(drawStayPred(t, 0)).Exists()
	default:
		return drawCriterion(t, 0)
	}
}

// TestJudge compares the reference evaluator with a second reading of the rules.
func TestJudge(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		h := drawHearing(rt)
		if got, want := h.decision(), newJudge(t, h.document, h.who).decide(); got != want {
			rt.Errorf("got %v, the judge says %v:\n%s\n%v", got, want, h.plan.English(), h.who)
		}
	})
}

// TestRowsInAnyOrder turns a person's rows round, which changes nothing.
func TestRowsInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := drawHearing(t)
		other := hearing{h.plan, h.document, human{h.who.fields, map[string][]map[string]any{}}}
		for table, rows := range h.who.rows {
			other.who.rows[table] = rapid.Permutation(rows).Draw(t, "order of "+table)
		}
		if got, want := other.decision(), h.decision(); got != want {
			t.Errorf("got %v, in another order %v:\n%s", want, got, h.plan.English())
		}
	})
}

// TestEarliestIsSafe leaves out the rows of days before the first that the plan says it needs, which changes
// nothing either.
func TestEarliestIsSafe(t *testing.T) {
	t.Parallel()
	windowed := rapid.Custom(drawWindowed)
	dates := map[string]string{"gpes.journal": "DATE", "stays": "ADMIDATE"}
	left := 0
	for seed := range 6000 {
		h := windowed.Example(seed)
		needed := hearing{h.plan, h.document, human{h.who.fields, map[string][]map[string]any{}}}
		for _, use := range h.plan.Uses().Tables {
			for _, row := range h.who.rows[use.Table] {
				// Days for "not known" are no days; the others are compared as the texts they are.
				day := word(row, dates[use.Table])
				if day > "1901-01-01" && day < "9999-01-01" && !use.Earliest.IsZero() && day < use.Earliest.String() {
					left++
					continue
				}
				needed.who.rows[use.Table] = append(needed.who.rows[use.Table], row)
			}
		}
		if got, want := needed.decision(), h.decision(); got != want {
			t.Fatalf("seed %d: got %v, without the rows before %v: %v:\n%s", seed, want, h.plan.Uses().Tables, got, h.plan.English())
		}
	}
	if left < 300 {
		t.Errorf("only %d rows were left out", left)
	}
}

// faults are the ways in which a judge can go wrong; each is one that an evaluator could have.
var faults = []string{
	"a case passes over unknown", "a gap of just the length ends an episode", "a missing value answers no",
	"a missing value is a value", "a month is 30 days", "a short month ends a month of age",
	"a year ends with the first day of the next", "age is the difference of years", "all passes over unknown",
	"any takes unknown as no", "at least is above", "at least wants one more", "at most is below",
	"between leaves out its lower end", "between leaves out its upper end", "both days are counted",
	"coalesce takes the last", "every code must be in the list", "gaps count from the first day", "latest is earliest",
	"leap birthdays fall on 28 February", "missing values come first", "months overflow", "no is unknown",
	"not unknown is yes", "periods are a day short", "policies exchanged", "referred are let through",
	"repeats are counted", "sets of codes are counted", "sums are rounded on the way",
	"the financial year is the tax year", "the least of missing is missing", "the mean is over all rows",
	"the school year begins in August", "the sum of nothing is 0", "ties by arrival", "ties by the value alone",
	"undated rows are an episode", "undecided rows count", "unknown is certain", "what means not known is a codes",
	"what means not known is a date", "what means not known is a number", "what means not known is a text",
}

// TestFaultsAreCaught breaks one rule at a time and looks for a drawn person about whom that decides
// otherwise than the reference evaluator. An evaluator with the same fault would so be caught by TestJudge.
func TestFaultsAreCaught(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes long, and is no test of concurrency")
	}
	const limit = 60_000
	hearings := rapid.Custom(drawHearing)
	left := slices.Clone(faults)
	for seed := range limit {
		h := hearings.Example(seed)
		decision := h.decision()
		j := newJudge(t, h.document, h.who)
		if got := j.decide(); got != decision {
			t.Fatalf("seed %d: got %v, the judge says %v:\n%s\n%v", seed, decision, got, h.plan.English(), h.who)
		}
		left = slices.DeleteFunc(left, func(fault string) bool {
			j.fault = fault
			return j.decide() != decision
		})
		if len(left) == 0 {
			return
		}
	}
	t.Errorf("after %d people nothing tells apart: %q", limit, left)
}
