package cohort

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/internal/text"
)

// Limits keep every reader's work bounded; no clinical definition comes near them.
const (
	maxDepth  = 64
	maxMonths = 12 * 200
	maxDays   = 366 * 200
)

type paramKind string

const (
	dateParam   paramKind = "a day"
	numberParam paramKind = "a number"
	textsParam  paramKind = "a set of texts"
	codesParam  paramKind = "a code list"
	eachParam   paramKind = "each person's own value"
)

// checker finds everything that is wrong with a tree. It trusts nothing, because trees come from JSON as
// well as from the typed builders.
type checker struct {
	at     string // where the part in hand is, such as: step 2 "age"
	depth  int
	faults []error
	params map[string]paramKind
	tables map[string]*Table
	lists  map[string]*codelist.List
	named  map[string]string // what has a name, to its meaning
}

func newChecker() *checker {
	return &checker{
		at: "the definition", params: map[string]paramKind{}, tables: map[string]*Table{},
		lists: map[string]*codelist.List{}, named: map[string]string{},
	}
}

func (c *checker) fault(what, fix string) {
	c.faults = append(c.faults, fmt.Errorf("%s: %s: %s", c.at, what, fix))
}

func (c *checker) name(what, name string) {
	if !text.OneLine(name) {
		c.fault(what+" is empty or has unprintable characters", "use one line of printable text")
	}
}

// step checks a step and returns it with its policy settled.
func (c *checker) step(s Step) Step {
	before := len(c.faults)
	c.node(s.criterion, nil)
	if s.code != "" {
		c.name("the reason code", s.code)
	}
	if s.policy > Refer {
		c.fault("no such policy for unknown", "use TreatAsNo, TreatAsYes or Refer")
	}
	if len(c.faults) > before {
		return s
	}
	if !canBeUnknown(s.criterion) {
		s.policy = noPolicy
	} else if s.policy == noPolicy {
		c.fault("the answer can be unknown and the step does not say what happens then"+ownValues(s.criterion),
			"add IfUnknown(cohort.TreatAsNo), IfUnknown(cohort.TreatAsYes) or IfUnknown(cohort.Refer)")
	}
	return s
}

// ownValues names the parameters of a question that are each person's own and can be missing.
func ownValues(n node) string {
	var names []string
	for part := range walk(n) {
		if each, ok := part.(eachValue); ok && canBeMissing(each) && !slices.Contains(names, each.param) {
			names = append(names, each.param)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf(" (each person's own %s can be missing)", strings.Join(names, " and "))
}

// node checks a question; scope is the table whose row is in hand, or nil for a question about a person.
func (c *checker) node(n node, scope *Table) {
	c.depth++
	defer func() { c.depth-- }()
	if c.depth > maxDepth {
		c.fault("nested too deeply", "use fewer than "+strconv.Itoa(maxDepth)+" levels")
		return
	}
	switch n := n.(type) {
	case nil:
		c.fault("a criterion or predicate is empty", "build it from a field, a column or rows")
	case allNode:
		c.parts(n.of, scope)
	case anyNode:
		c.parts(n.of, scope)
	case atLeastNode:
		c.parts(n.of, scope)
		if n.n < 1 || n.n > len(n.of) {
			c.fault(fmt.Sprintf("at least %d of %d parts", n.n, len(n.of)), "ask for one up to all of them")
		}
	case notNode:
		c.node(n.of, scope)
	case isYesNode:
		c.node(n.of, scope)
	case isUnknownNode:
		c.node(n.of, scope)
	case compareNode:
		c.same(scope, n.left, n.right)
		if !slices.Contains([]operator{less, atMost, equal, atLeast, greater}, n.op) {
			c.fault(fmt.Sprintf("no such comparison: %q", n.op), "use < <= = >= or >")
		}
	case betweenNode:
		c.same(scope, n.value, n.low, n.high)
		if low, ok := fixed(n.low); ok {
			if high, ok := fixed(n.high); ok && low.kind == high.kind && low.compare(high) > 0 {
				c.fault(fmt.Sprintf("nothing lies between %v and %v", low, high), "put the lower end first")
			}
		}
	case inCodesNode:
		c.inCodes(n, scope)
	case inTextsNode:
		c.inTexts(n, scope)
	case knownNode:
		c.value(n.value, scope)
	case existsNode:
		c.personOnly(scope)
		c.rows(n.rows)
	case namedNode:
		c.personOnly(scope)
		c.defined(n)
	default:
		panic(fmt.Sprintf("cohort: node %T", n))
	}
}

func (c *checker) parts(parts []node, scope *Table) {
	if len(parts) == 0 {
		c.fault("All, Any or AtLeast of nothing", "give it at least one part")
	}
	for _, part := range parts {
		c.node(part, scope)
	}
}

func (c *checker) personOnly(scope *Table) {
	if scope != nil {
		c.fault("a question about a person stands inside a question about a row", "ask it beside the rows")
	}
}

// defined checks that one name and version always means the same.
func (c *checker) defined(n namedNode) {
	c.name("the id of a defined criterion", n.id)
	c.name("the version of a defined criterion", n.version)
	before := len(c.faults)
	c.node(n.of, nil)
	if len(c.faults) == before {
		c.oneMeaning("criteria", n.id+" "+n.version, encodeNode(n.of))
	}
}

// oneMeaning checks that what is called alike means the same everywhere.
func (c *checker) oneMeaning(what, name string, meaning []byte) {
	key := what + " " + name
	if earlier, ok := c.named[key]; ok && earlier != string(meaning) {
		c.fault(fmt.Sprintf("two different %s are both called %s", what, name), "give one of them another name or version")
	}
	c.named[key] = string(meaning)
}

func (c *checker) inCodes(n inCodesNode, scope *Table) {
	c.value(n.value, scope)
	if n.param != "" {
		c.param(n.param, codesParam)
	}
	if n.list == nil {
		if n.param == "" {
			c.fault("the code list is nil", "make one with codelist.New or codelist.ReadCSV")
		}
		return
	}
	if system := systemOf(n.value); !compatible(n.list.System(), system) {
		c.fault(fmt.Sprintf("code list %v is compared with a column of %s", n.list, orNone(system)),
			"use a list of the column's coding system")
	}
	key := n.list.ID() + " " + n.list.Version()
	if earlier, ok := c.lists[key]; ok && !sameList(earlier, n.list) {
		c.fault("two different code lists are both called "+key, "give one of them another id or version")
	}
	c.lists[key] = n.list
}

// sameList reports whether two lists may go by one name: they hold the same and say the same of their origin.
func sameList(a, b *codelist.List) bool {
	return a.Hash() == b.Hash() && a.Source() == b.Source() && a.Release() == b.Release()
}

func (c *checker) inTexts(n inTextsNode, scope *Table) {
	c.value(n.value, scope)
	if n.value != nil && kindOf(n.value) != TextKind {
		c.fault("texts are compared with a "+kindOf(n.value).String(), "use a text field or column")
	}
	if n.param != "" {
		c.param(n.param, textsParam)
	} else if len(n.texts) == 0 {
		c.fault("the set of texts is empty", "give at least one text")
	}
	if !slices.IsSorted(n.texts) || len(slices.Compact(slices.Clone(n.texts))) != len(n.texts) {
		c.fault("the set of texts is not sorted and distinct", "sort it")
	}
	for _, t := range n.texts {
		if !text.OneLine(t) {
			c.fault(fmt.Sprintf("the text %q can never match", t), "an empty text is unknown; use printable text")
		}
		if col, ok := n.value.(columnValue); ok && slices.Contains(col.table.unknowns[col.column].texts, t) {
			c.fault(fmt.Sprintf("%q can never match: %s %s reads it as not known", t, col.table.Name(), col.info().Name),
				"leave it out, or ask Not(Known())")
		}
	}
}

// table makes sure that neither a name in a document nor a phrase in a text can mean two tables.
func (c *checker) table(t *Table) {
	for _, name := range []string{t.Name(), t.info.Row} {
		if earlier, ok := c.tables[name]; ok && earlier != t {
			c.fault(fmt.Sprintf("two tables, or their rows, are called %q", name), "give each its own Name and Row")
		}
		c.tables[name] = t
	}
}

func (c *checker) param(name string, kind paramKind) {
	c.name("the name of a parameter", name)
	if earlier, ok := c.params[name]; ok && earlier != kind {
		c.fault(fmt.Sprintf("parameter %q is used as %s and as %s", name, earlier, kind), "use two names")
	}
	c.params[name] = kind
}

// check checks a plan, in which every parameter must have its value, and settles its policies.
func (p *Plan) check() error {
	settled, _, err := checkSteps(p.id, p.version, p.steps)
	if err != nil {
		return err
	}
	p.steps = settled
	for _, step := range p.steps {
		for part := range walk(step.criterion) {
			if name, open := openParam(part); open {
				return errors.New("parameter " + strconv.Quote(name) + " has no value")
			}
		}
	}
	return nil
}

func orNone(system codelist.System) string {
	if system == "" {
		return "no coding system"
	}
	return string(system)
}

// compatible reports whether a list can be compared with a column: medicines of dm+d are SNOMED CT
// concepts, and GP journals hold both.
func compatible(list, column codelist.System) bool {
	return list == column || list == codelist.DMD && column == codelist.SNOMEDCT
}
