package drawing_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/internal/drawing"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// TestTreeMeansTheSame: the tree that engines read, read once more, answers as the reference evaluator does.
func TestTreeMeansTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		plan := drawing.Plan(t, drawing.Size{})
		lowered := plan.Tree()
		for _, someone := range drawing.People(t, 6, dirt(), plan) {
			want := plan.Evaluate(someone.Record())
			outcome, verdicts := naive{who: someone}.outcome(lowered)
			if outcome != want.Outcome {
				t.Errorf("the tree makes the person %v, the evaluator %v", outcome, want.Outcome)
			}
			for i, step := range want.Steps {
				if verdicts[i] != step.Verdict {
					t.Fatalf("step %d: %v in the tree, %v for the evaluator\n%s\n%v", i+1, verdicts[i], step.Verdict, plan.English(), someone.Rows)
				}
			}
		}
	})
}

// fault is a mistake in reading the tree.
type fault string

const (
	lessOrEqual          fault = "< is <="
	lessNotEqual         fault = "<= is <"
	moreOrEqual          fault = "> is >="
	moreNotEqual         fault = ">= is >"
	numberTooLarge       fault = "numbers are 1 too large"
	numberTooSmall       fault = "numbers are 1 too small"
	dayTooLate           fault = "days are 1 too late"
	dayTooEarly          fault = "days are 1 too early"
	lowEndLeftOut        fault = "the lower end is left out"
	highEndLeftOut       fault = "the higher end is left out"
	betweenNeedsBothEnds fault = "between needs both ends"
	tiesTurnedRound      fault = "ties are turned round"
	noTieColumns         fault = "ties go by arrival"
	pickedNotInOrder     fault = "the column picked is not in the order"
	tiesByCollation      fault = "texts are ordered as in a dictionary"
	missingFirst         fault = "missing values come first"
	unknownIsNo          fault = "unknown is no"
	unknownRowsCount     fault = "rows that are unknown count"
	unknownBranchPassed  fault = "a branch that is unknown is passed over"
	choiceNeedsAll       fault = "a choice needs all values"
	daySentinelKept      fault = "days that mean not known are kept"
	numberSentinelKept   fault = "numbers that mean not known are kept"
	textSentinelKept     fault = "texts that mean not known are kept"
	emptyTextKept        fault = "empty texts are kept"
	infinityKept         fault = "infinities are kept"
	outsideKept          fault = "days outside the calendar are kept"
	endlessCalendar      fault = "the calendar has no ends"
	monthsRunOver        fault = "months run over"
	dayAfterBirthday     fault = "a year is complete on the day after the birthday"
	birthdayAtMonthEnd   fault = "a birthday that a month lacks is on its last day"
	yearsTowardsZero     fault = "years are rounded towards zero"
	calendarYears        fault = "every year begins in January"
	floatsAdded          fault = "floats are added"
	emptySumIsZero       fault = "the sum of nothing is zero"
	missingIsDistinct    fault = "missing values count as one"
	undatedIsEpisode     fault = "a row without a day is an episode"
	gapTooShort          fault = "the gap of episodes is a day too short"
	codesArePrefixes     fault = "codes are prefixes"
	rangeEndKept         fault = "the end of a range is in it"
	oneCodeDecides       fault = "the first of several codes decides"
	firstSourceOnly      fault = "several codes are missing without the first"
	caseFolded           fault = "capitals are small letters"
)

func faults() []fault {
	return []fault{
		lessOrEqual, lessNotEqual, moreOrEqual, moreNotEqual, numberTooLarge, numberTooSmall, dayTooLate, dayTooEarly,
		lowEndLeftOut, highEndLeftOut, betweenNeedsBothEnds, tiesTurnedRound, noTieColumns, pickedNotInOrder, tiesByCollation, missingFirst,
		unknownIsNo, unknownRowsCount, unknownBranchPassed, choiceNeedsAll, daySentinelKept, numberSentinelKept,
		textSentinelKept, emptyTextKept, infinityKept, outsideKept, endlessCalendar, monthsRunOver,
		dayAfterBirthday, birthdayAtMonthEnd, yearsTowardsZero, calendarYears, floatsAdded, emptySumIsZero, missingIsDistinct,
		undatedIsEpisode, gapTooShort, codesArePrefixes, rangeEndKept, oneCodeDecides, firstSourceOnly, caseFolded,
	}
}

func answers(plan *tree.Plan, people []drawing.Person, made fault) [][]cohort.Verdict {
	all := make([][]cohort.Verdict, len(people))
	for i, someone := range people {
		_, all[i] = naive{someone, made}.outcome(plan)
	}
	return all
}

// TestFaultsAreCaught: what is drawn tells every fault apart, and says how often.
func TestFaultsAreCaught(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("one goroutine, and much to draw")
	}
	const draws = 1000
	caught := map[fault]int{}
	for number := range draws {
		plan := drawing.Definition(number, drawing.Size{})
		lowered := plan.Tree()
		people := drawing.Population(number, 20, dirt(), plan)
		right := answers(lowered, people, "")
		for _, fault := range faults() {
			if !slices.EqualFunc(right, answers(lowered, people, fault), slices.Equal) {
				caught[fault]++
			}
		}
	}
	for _, fault := range faults() {
		if caught[fault] == 0 {
			t.Errorf("never caught in %d draws: %s", draws, fault)
			continue
		}
		t.Logf("one draw in %3d: %s", (draws+caught[fault]-1)/caught[fault], fault)
	}
}
