package cohort_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// drawIndex draws what the index date is: one day for everybody, or each person's own.
func drawIndex(t *rapid.T) cohort.Binding {
	switch rapid.IntRange(0, 5).Draw(t, "index") {
	case 0:
		return index.IsEach(person.DateOfDeath)
	case 1:
		return index.IsEach(cohort.Earliest(gpes.Journal, gpes.Date))
	case 2:
		return index.IsEach(cohort.Coalesce(cohort.Max(stays.Where(diagnoses.Known()), discharged), cohort.Day(day)))
	default:
		return index.Is(day)
	}
}

func drawnPlan(t *rapid.T, criterion cohort.Criterion, indexed cohort.Binding) *cohort.Plan {
	definition, err := cohort.New("drawn", "1", registered(),
		cohort.Include("asked", criterion).IfUnknown(cohort.Refer),
		cohort.Include("in time", person.DateOfBirth.NotAfter(index)).IfUnknown(cohort.TreatAsYes))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := definition.Bind(indexed)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		registered := person.Practice.Known() // everyone drawn is
		x, y := drawCriterion(t, 2), drawCriterion(t, 2)
		someone, indexed := drawRecord(t), drawIndex(t)
		verdict := func(c cohort.Criterion) cohort.Verdict {
			return drawnPlan(t, c, indexed).Evaluate(someone).Steps[1].Verdict
		}
		same := func(law string, a, b cohort.Criterion) {
			if va, vb := verdict(a), verdict(b); va != vb {
				t.Errorf("%s: %v and %v\n%s", law, va, vb, drawnPlan(t, cohort.All(a, b), indexed).English())
			}
		}
		same("double negation", x, cohort.Not(cohort.Not(x)))
		same("De Morgan", cohort.Not(cohort.All(x, y)), cohort.Any(cohort.Not(x), cohort.Not(y)))
		same("at least one", cohort.Any(x, y), cohort.AtLeast(1, x, y))
		same("at least all", cohort.All(x, y), cohort.AtLeast(2, x, y))
		same("order", cohort.All(x, y), cohort.All(y, x))
		same("a name", x, cohort.Define("x", "1", x))
		same("certain", cohort.IsYes(x), cohort.All(x, cohort.Not(cohort.IsUnknown(x))))
		same("one of three", cohort.Any(cohort.IsYes(x), cohort.IsYes(cohort.Not(x)), cohort.IsUnknown(x)), registered)
		same("two branches", x, cohort.Case(cohort.When(x, cohort.Number(1)), cohort.Otherwise(cohort.Number(0))).Is(1))
		p, q := drawNumberSeries(t, 1), drawNumberSeries(t, 1)
		same("coalesce by case", cohort.Coalesce(p, q).AtLeast(2), cohort.Case(cohort.When(p.Known(), p), cohort.Otherwise(q)).AtLeast(2))
		same("least of two", cohort.Least(p, q).AtLeast(2), cohort.Coalesce(
			cohort.Case(cohort.When(p.AtMostValue(q), p), cohort.Otherwise(q)), p, q).AtLeast(2))
		same("greatest of two", cohort.Greatest(p, q).AtMost(2), cohort.Coalesce(
			cohort.Case(cohort.When(p.AtMostValue(q), q), cohort.Otherwise(p)), q, p).AtMost(2))
		rows := drawRows(t, 1)
		a, b := cohort.Day(drawDateSeries(t, 1)), cohort.Day(drawDateSeries(t, 1))
		same("same day", a.On(b), cohort.DaysBetween(a, b).Is(0))
		same("years and months", cohort.YearsBetween(a, b).AtLeast(2), cohort.MonthsBetween(a, b).AtLeast(24))
		same("an age by another name", cohort.AgeOn(a, b).AtLeast(40), cohort.YearsBetween(a, b).AtLeast(40))
		same("exists and count", rows.Exists(), rows.Count().AtLeast(1))
		same("exists and distinct", rows.Where(gpes.Date.Known()).Exists(), cohort.CountDistinct(rows, gpes.Date).AtLeast(1))
		same("episodes are dated", rows.Where(gpes.Date.Known()).Exists(), rows.Episodes(cohort.Days(1)).AtLeast(1))
		valued := rows.Where(gpes.Value1.Known())
		same("a mean between", valued.Exists(), cohort.Mean(rows, gpes.Value1).Known())
		for _, x := range []float64{1, 40, 140} {
			same("smallest", valued.Where(gpes.Value1.Below(x)).Exists(), cohort.All(valued.Exists(), cohort.Min(rows, gpes.Value1).Below(x)))
			same("largest", valued.Where(gpes.Value1.Above(x)).Exists(), cohort.All(valued.Exists(), cohort.Max(rows, gpes.Value1).Above(x)))
		}
		if verdict(rows.Where(drawRowPred(t, 1)).Exists()) == yes && verdict(rows.Exists()) != yes {
			t.Error("narrowing rows added one")
		}
	})
}

// TestUnknownIsForeseen checks that a step which New accepts without a policy is never unknown.
func TestUnknownIsForeseen(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		definition, err := cohort.New("x", "1", registered(), cohort.Include("asked", drawCriterion(t, 2)))
		if err != nil {
			return
		}
		plan, err := definition.Bind(drawIndex(t))
		if err != nil {
			// It has no index date, or each person's own makes a step unknown that says nothing about that.
			if strings.Contains(err.Error(), "each person's own index can be missing") {
				return
			}
			if plan, err = definition.Bind(); err != nil {
				t.Fatal(err)
			}
		}
		if result := plan.Evaluate(drawRecord(t)); result.Steps[1].Verdict == unknown {
			t.Errorf("unknown without a policy:\n%s", plan.English())
		}
	})
}

func TestReadersAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		plan, other := drawnPlan(t, drawCriterion(t, 3), drawIndex(t)), drawnPlan(t, drawCriterion(t, 3), drawIndex(t))
		document := plan.JSON()
		decoded, err := cohort.Decode(document, person.Table(), gpes.Table(), staySchema.Table())
		if err != nil {
			t.Fatalf("%v\n%s", err, document)
		}
		if string(decoded.JSON()) != string(document) || decoded.Hash() != plan.Hash() ||
			decoded.DocumentHash() != plan.DocumentHash() || decoded.English() != plan.English() {
			t.Errorf("decoding changed\n%s", document)
		}
		someone := drawRecord(t)
		result := plan.Evaluate(someone)
		if again := decoded.Evaluate(someone); again.Outcome != result.Outcome || !slices.Equal(again.Steps, result.Steps) {
			t.Errorf("the decoded plan decides otherwise\n%s", document)
		}
		why, err := plan.Explain(t.Context(), someone)
		if err != nil {
			t.Fatal(err)
		}
		for i, step := range why.Steps {
			if step.Verdict != result.Steps[i].Verdict || step.Effect != result.Steps[i].Effect || why.Outcome != result.Outcome {
				t.Errorf("the explanation decides otherwise\n%s", plan.English())
			}
		}
		if plan.Hash() != other.Hash() && plan.English() == other.English() {
			t.Errorf("two meanings, one text:\n%s", plan.English())
		}
	})
}

// TestDrawsEverything makes sure that the laws above see every kind of node and value.
func TestDrawsEverything(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	criteria := rapid.Custom(func(t *rapid.T) string { return string(drawnPlan(t, drawCriterion(t, 3), drawIndex(t)).JSON()) })
	for seed := range 300 {
		var document any
		if err := json.Unmarshal([]byte(criteria.Example(seed)), &document); err != nil {
			t.Fatal(err)
		}
		kinds(document, seen)
	}
	want := []string{
		"<", "<=", "=", ">", ">=", "after", "age", "ageInMonths", "all", "any", "atLeast", "before", "between", "case", "coalesce", "column", "count", "countDistinct",
		"date", "daysBetween", "each", "earliest", "endOf", "episodes", "exists", "greatest", "inCodes", "inTexts", "isUnknown", "isYes", "known", "latest", "least", "max", "mean", "min",
		"monthsBetween", "named", "not", "number", "startOf", "sum", "text", "yearsBetween",
	}
	if got := slices.Sorted(maps.Keys(seen)); !slices.Equal(got, want) {
		t.Errorf("drawn: %q\nwant:  %q", got, want)
	}
}

// kinds collects the kind of every node and value in a document.
func kinds(document any, seen map[string]bool) {
	switch document := document.(type) {
	case map[string]any:
		for key, value := range document {
			if text, ok := value.(string); ok && (key == "op" || key == "is") {
				seen[text] = true
			}
			kinds(value, seen)
		}
	case []any:
		for _, part := range document {
			kinds(part, seen)
		}
	}
}
