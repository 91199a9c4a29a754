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
func drawHearing(t *rapid.T) hearing {
	policy := rapid.SampledFrom([]cohort.UnknownPolicy{cohort.TreatAsNo, cohort.TreatAsYes, cohort.Refer}).Draw(t, "policy")
	direction := rapid.SampledFrom([]func(string, cohort.Criterion) cohort.Step{cohort.Include, cohort.Exclude}).Draw(t, "direction")
	definition, err := cohort.New("heard", "1", registered(), direction("asked", drawAsked(t)).IfUnknown(policy))
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
