package cohort

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// shownTexts is how many members of a set of texts a sentence shows before it gives a count and a
// fingerprint instead.
const shownTexts = 20

// phrase says a question as a statement, on one line. Each node has one form.
func phrase(n node) string {
	switch n := n.(type) {
	case allNode:
		return "(" + phrases(n.of, " and ") + ")"
	case anyNode:
		return "(" + phrases(n.of, " or ") + ")"
	case atLeastNode:
		return fmt.Sprintf("at least %d of (%s)", n.n, phrases(n.of, "; "))
	case notNode:
		return "it is not so that " + phrase(n.of)
	case isYesNode:
		return "it is certain that " + phrase(n.of)
	case isUnknownNode:
		return "it is unknown whether " + phrase(n.of)
	case namedNode:
		return fmt.Sprintf("the criterion %s %s holds: %s", n.id, n.version, phrase(n.of))
	case compareNode:
		return fmt.Sprintf("%s is %s %s", valuePhrase(n.left), operatorPhrase(n.op, kindOf(n.left)), valuePhrase(n.right))
	case betweenNode:
		form := "%s is between %s and %s, both included"
		if kindOf(n.value) == DateKind {
			form = "%s is from %s to %s, both included"
		}
		return fmt.Sprintf(form, valuePhrase(n.value), valuePhrase(n.low), valuePhrase(n.high))
	case inCodesNode:
		return fmt.Sprintf("%s is in code list %s%s", valuePhrase(n.value), listPhrase(n), paramPhrase(n.param))
	case inTextsNode:
		return fmt.Sprintf("%s is %s%s", valuePhrase(n.value), textsPhrase(n.texts), paramPhrase(n.param))
	case knownNode:
		return valuePhrase(n.value) + " is known"
	case existsNode:
		return "there is a " + rowsPhrase(n.rows)
	default:
		panic(fmt.Sprintf("cohort: node %T", n))
	}
}

// compound returns how a question combines its parts, and the parts; none when it is said on one line.
func compound(n node) (heading string, parts []node) {
	switch n := n.(type) {
	case allNode:
		return "all of", n.of
	case anyNode:
		return "at least one of", n.of
	case atLeastNode:
		return fmt.Sprintf("at least %d of", n.n), n.of
	case notNode:
		return compoundOf("it is not so that", n.of)
	case isYesNode:
		return compoundOf("it is certain that", n.of)
	case isUnknownNode:
		return compoundOf("it is unknown whether", n.of)
	case namedNode:
		return fmt.Sprintf("the criterion %s %s holds", n.id, n.version), []node{n.of}
	case compareNode, betweenNode, inCodesNode, inTextsNode, knownNode, existsNode:
		return "", nil
	default:
		panic(fmt.Sprintf("cohort: node %T", n))
	}
}

// compoundOf heads a question about another; none when that is short enough for one line.
func compoundOf(heading string, n node) (string, []node) {
	if _, parts := compound(n); len(parts) == 0 {
		return "", nil
	}
	return heading, []node{n}
}

func phrases(nodes []node, between string) string {
	parts := make([]string, len(nodes))
	for i, n := range nodes {
		parts[i] = phrase(n)
	}
	return strings.Join(parts, between)
}

func valuePhrase(v value) string {
	switch v := v.(type) {
	case constant:
		if v.datum.kind == TextKind {
			return strconv.Quote(v.datum.text)
		}
		return v.datum.String() + paramPhrase(v.param)
	case columnValue:
		return columnPhrase(v.table, v.column)
	case pickValue:
		which := "earliest"
		if v.latest {
			which = "latest"
		}
		return fmt.Sprintf("%s of the %s %s", columnPhrase(v.rows.table, v.column), which, rowsPhrase(v.rows))
	case countValue:
		return "the number of times there is a " + rowsPhrase(v.rows)
	case summaryValue:
		return fmt.Sprintf("%s over every %s", summaryPhrase(v), rowsPhrase(v.rows))
	case episodesValue:
		return fmt.Sprintf("the number of episodes, a gap of more than %v beginning a new one, over every %s", v.gap, rowsPhrase(v.rows))
	case spanValue:
		if v.age {
			return fmt.Sprintf("the age in completed %s on %s, counted from %s,", v.unit, valuePhrase(v.to), valuePhrase(v.from))
		}
		if v.unit == inDays {
			return fmt.Sprintf("the number of days from %s to %s", valuePhrase(v.from), valuePhrase(v.to))
		}
		return fmt.Sprintf("the number of completed %s from %s to %s", v.unit, valuePhrase(v.from), valuePhrase(v.to))
	case shiftValue:
		side := "before"
		if v.later {
			side = "after"
		}
		return fixedPhrase(v.fixed, fmt.Sprintf("%v %s %s", v.by, side, valuePhrase(v.of)))
	case edgeValue:
		side := "first"
		if v.end {
			side = "last"
		}
		return fixedPhrase(v.fixed, fmt.Sprintf("the %s day of the %v year of %s", side, v.year, valuePhrase(v.of)))
	case eachValue:
		return "the person's " + v.param
	case caseValue:
		return casePhrase(v)
	case chosenValue:
		return chosenPhrase(v)
	default:
		panic(fmt.Sprintf("cohort: value %T", v))
	}
}

func casePhrase(v caseValue) string {
	var out strings.Builder
	out.WriteString("the first that applies of (")
	for _, b := range v.branches {
		fmt.Fprintf(&out, "%s if %s; ", valuePhrase(b.then), phrase(b.when))
	}
	otherwise := "not known"
	if v.otherwise != nil {
		otherwise = valuePhrase(v.otherwise)
	}
	return out.String() + otherwise + " otherwise; not known while it is unknown which applies)"
}

func chosenPhrase(v chosenValue) string {
	which := "first"
	switch date := kindOf(v) == DateKind; {
	case v.how == least && date:
		which = "earliest"
	case v.how == least:
		which = "smallest"
	case v.how == greatest && date:
		which = "latest"
	case v.how == greatest:
		which = "largest"
	}
	parts := make([]string, len(v.of))
	for i, each := range v.of {
		parts[i] = valuePhrase(each)
	}
	return fmt.Sprintf("the %s known of (%s)", which, strings.Join(parts, "; "))
}

// fixedPhrase says a day and how it was worked out or, while that differs from person to person, only how.
func fixedPhrase(day Date, how string) string {
	if day.IsZero() {
		return how
	}
	return fmt.Sprintf("%v (%s)", day, how)
}

func columnPhrase(t *Table, column int) string {
	info := t.info.Columns[column]
	words := info.words()
	switch {
	case info.Kind == CodesKind:
		return "any of the " + words
	case t.perPerson():
		return "the " + words
	default:
		return words
	}
}

func summaryPhrase(v summaryValue) string {
	column := v.rows.table.info.Columns[v.column]
	date := column.Kind == DateKind
	switch {
	case v.how == distinct && column.Kind == CodesKind:
		return "the number of different known codes in " + column.words()
	case v.how == distinct:
		return "the number of different known values of " + column.words()
	case v.how == minimum && date:
		return "the first known " + column.words()
	case v.how == minimum:
		return "the smallest known " + column.words()
	case v.how == maximum && date:
		return "the last known " + column.words()
	case v.how == maximum:
		return "the largest known " + column.words()
	default:
		return "the " + string(v.how) + " of the known " + column.words()
	}
}

func rowsPhrase(r rows) string {
	switch len(r.where) {
	case 0:
		return r.table.info.Row
	case 1:
		return r.table.info.Row + " where " + phrase(r.where[0])
	default:
		return r.table.info.Row + " where " + phrase(allNode{r.where})
	}
}

func operatorPhrase(op operator, kind Kind) string {
	date := kind == DateKind
	switch {
	case op == less && date:
		return "before"
	case op == less:
		return "less than"
	case op == atMost && date:
		return "on or before"
	case op == atMost:
		return "at most"
	case op == equal && date:
		return "on"
	case op == equal:
		return "exactly"
	case op == atLeast && date:
		return "on or after"
	case op == atLeast:
		return "at least"
	case date:
		return "after"
	default:
		return "more than"
	}
}

func listPhrase(n inCodesNode) string {
	if n.list == nil {
		return "(not bound)"
	}
	return fmt.Sprintf("%s %s (%s, %s)", n.list.ID(), n.list.Version(), sizePhrase(n.list), n.list.Hash()[:12])
}

// sizePhrase says how much a list holds.
func sizePhrase(list *codelist.List) string {
	switch codes, patterns := list.Len(), len(patterns(list)); patterns {
	case 0:
		return plural(codes, "code")
	case codes:
		return plural(patterns, "pattern")
	default:
		return plural(codes-patterns, "code") + " and " + plural(patterns, "pattern")
	}
}

// patterns returns the prefixes and ranges of a list.
func patterns(list *codelist.List) []string {
	for range list.Ranges() {
		return patternTexts(list)
	}
	return nil // as of the longest lists, which are not gone through
}

func patternTexts(list *codelist.List) []string {
	exact := slices.Sorted(list.Exact())
	var found []string
	for text := range list.Codes() {
		if _, ok := slices.BinarySearch(exact, text); !ok {
			found = append(found, text)
		}
	}
	return found
}

func textsPhrase(texts []string) string {
	if len(texts) == 1 {
		return strconv.Quote(texts[0])
	}
	quoted := make([]string, min(len(texts), shownTexts))
	for i := range quoted {
		quoted[i] = strconv.Quote(texts[i])
	}
	list := "one of " + strings.Join(quoted, ", ")
	if more := len(texts) - len(quoted); more > 0 {
		sum := sha256.Sum256([]byte(strings.Join(texts, "\n")))
		list += fmt.Sprintf(" and %d more (%s)", more, hex.EncodeToString(sum[:6]))
	}
	return list
}

func paramPhrase(param string) string {
	if param == "" {
		return ""
	}
	return " (" + param + ")"
}
