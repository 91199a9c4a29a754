package cohort_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
)

// judge decides about a person from the document of a plan alone. It is a second reading of the rules, slow
// and plain, which shares nothing with the package: days are counted one by one, months stepped one by one,
// verdicts are -1, 0 and 1. A judge with a fault breaks one rule on purpose.
type judge struct {
	tb       testing.TB
	document map[string]any
	tables   map[string]map[string]any // the facts of the document
	codes    map[string][]string       // of each list, by "id version"
	who      human
	fault    string
}

func newJudge(tb testing.TB, document []byte, who human) judge {
	tb.Helper()
	j := judge{tb: tb, tables: map[string]map[string]any{}, codes: map[string][]string{}, who: who}
	if err := json.Unmarshal(document, &j.document); err != nil {
		tb.Fatal(err)
	}
	for _, list := range parts(j.document, "codeLists") {
		j.codes[word(list, "id")+" "+word(list, "version")] = words(list, "codes")
	}
	for _, table := range parts(j.document, "tables") {
		j.tables[word(table, "name")] = table
	}
	return j
}

// decide returns the outcome and the verdict of every step, as one text.
func (j judge) decide() string {
	outcome := cohort.Member
	var verdicts []string
	for _, step := range parts(j.document, "steps") {
		verdict := j.ask(part(step, "criterion"), nil)
		verdicts = append(verdicts, [...]string{"no", "unknown", "yes"}[verdict+1])
		policy := word(step, "ifUnknown")
		if j.fault == "policies exchanged" {
			policy = map[string]string{"no": "yes", "yes": "no", "refer": "refer"}[policy]
		}
		if verdict == 0 && policy == "refer" && j.fault != "referred are let through" {
			if outcome == cohort.Member {
				outcome = cohort.Referred
			}
			continue
		}
		if verdict == 0 {
			verdict = map[string]int{"yes": 1, "refer": 1}[policy]
		}
		if passes := (verdict == 1) == (word(step, "kind") == "include"); !passes {
			outcome = cohort.NotMember
		}
	}
	return fmt.Sprint(outcome, verdicts)
}

// truth is 1 or -1.
func truth(is bool) int {
	if is {
		return 1
	}
	return -1
}

func (j judge) ask(n, row map[string]any) int {
	of := parts(n, "of")
	var answers []int
	for _, each := range of {
		answers = append(answers, j.ask(each, row))
	}
	switch op := word(n, "op"); op {
	case "all":
		if j.fault == "all passes over unknown" {
			answers = slices.DeleteFunc(answers, func(a int) bool { return a == 0 })
		}
		return slices.Min(append(answers, 1))
	case "any":
		if j.fault == "any takes unknown as no" {
			answers = slices.DeleteFunc(answers, func(a int) bool { return a == 0 })
		}
		return slices.Max(append(answers, -1))
	case "atLeast":
		return j.atLeast(answers, int(number(n, "n")))
	case "not":
		if answers[0] == 0 && j.fault == "not unknown is yes" {
			return 1
		}
		return -answers[0]
	case "isYes":
		return truth(answers[0] == 1 || answers[0] == 0 && j.fault == "unknown is certain")
	case "isUnknown":
		return truth(answers[0] == 0 || answers[0] == -1 && j.fault == "no is unknown")
	case "named":
		return answers[0]
	case "exists":
		return truth(len(j.matching(part(n, "rows"))) > 0)
	case "known":
		return truth(j.value(part(n, "value"), row) != nil)
	case "inCodes":
		return j.inCodes(j.value(part(n, "value"), row), j.codes[word(n, "list")])
	case "inTexts":
		text, ok := j.value(part(n, "value"), row).(string)
		if !ok {
			return j.noAnswer()
		}
		return truth(slices.Contains(words(n, "texts"), text))
	case "between":
		low, high := ">=", "<="
		switch j.fault {
		case "between leaves out its lower end":
			low = ">"
		case "between leaves out its upper end":
			high = "<"
		}
		v := j.value(part(n, "value"), row)
		return min(j.compare(v, low, j.value(part(n, "low"), row)), j.compare(v, high, j.value(part(n, "high"), row)))
	default:
		return j.compare(j.value(part(n, "value"), row), op, j.value(part(n, "to"), row))
	}
}

func (j judge) noAnswer() int {
	if j.fault == "a missing value answers no" {
		return -1
	}
	return 0
}

func (j judge) atLeast(answers []int, n int) int {
	yes, perhaps := 0, 0
	for _, a := range answers {
		if a == 1 {
			yes++
		}
		if a >= 0 {
			perhaps++
		}
	}
	if j.fault == "at least wants one more" {
		n++
	}
	switch {
	case yes >= n:
		return 1
	case perhaps < n:
		return -1
	default:
		return 0
	}
}

func (j judge) inCodes(v any, list []string) int {
	var in, out int
	for _, code := range codesOf(v) {
		if slices.Contains(list, code) {
			in++
		} else {
			out++
		}
	}
	switch {
	case in+out == 0:
		return j.noAnswer()
	case j.fault == "every code must be in the list":
		return truth(out == 0)
	default:
		return truth(in > 0)
	}
}

func codesOf(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []string:
		return v
	default:
		return nil
	}
}

func (j judge) compare(a any, op string, b any) int {
	if a == nil || b == nil {
		return j.noAnswer()
	}
	switch sign := order(a, b); op {
	case "<":
		return truth(sign < 0)
	case "<=":
		return truth(sign < 0 || sign == 0 && j.fault != "at most is below")
	case "=":
		return truth(sign == 0)
	case ">=":
		return truth(sign > 0 || sign == 0 && j.fault != "at least is above")
	case ">":
		return truth(sign > 0)
	default:
		j.tb.Fatalf("no such question: %q", op)
		return 0
	}
}

// order compares two known values of one kind.
func order(a, b any) int {
	switch a := a.(type) {
	case float64:
		b, _ := b.(float64)
		return cmp.Compare(a, b)
	case string:
		b, _ := b.(string)
		return strings.Compare(a, b)
	case []string:
		b, _ := b.([]string)
		return slices.Compare(a, b)
	case oracle:
		b, _ := b.(oracle)
		return slices.Compare([]int{a.year, a.month, a.day}, []int{b.year, b.month, b.day})
	default:
		return 0
	}
}

// matching returns the rows for which every predicate is yes.
func (j judge) matching(rows map[string]any) (found []map[string]any) {
	least := 1
	if j.fault == "undecided rows count" {
		least = 0
	}
	for _, row := range j.who.rows[word(rows, "table")] {
		verdict := 1
		for _, predicate := range parts(rows, "where") {
			verdict = min(verdict, j.ask(predicate, row))
		}
		if verdict >= least {
			found = append(found, row)
		}
	}
	return found
}

// parts, part, words and number read a document.
func parts(from map[string]any, name string) (all []map[string]any) {
	list, _ := from[name].([]any)
	for _, each := range list {
		if one, ok := each.(map[string]any); ok {
			all = append(all, one)
		}
	}
	return all
}

func part(from map[string]any, name string) map[string]any {
	one, _ := from[name].(map[string]any)
	return one
}

func words(from map[string]any, name string) (all []string) {
	list, _ := from[name].([]any)
	for _, each := range list {
		all = append(all, fmt.Sprint(each))
	}
	return all
}

func number(from map[string]any, name string) float64 {
	x, _ := from[name].(float64)
	return x
}
