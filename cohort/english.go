package cohort

import (
	"fmt"
	"strconv"
	"strings"
)

// English says the plan in numbered sentences for people to review: every window with its dates, every
// bound, every policy for unknown, every code list with version, size and fingerprint, and the data that
// are read. It comes from the same tree as the answers: whenever the meaning changes, so does the text.
func (p *Plan) English() string {
	var w outline
	w.line(0, "Cohort %s, version %s.", p.id, p.version)
	w.line(0, "")
	w.line(0, "A person is a member when every step passes, is not a member when any step fails, and is otherwise referred.")
	w.line(0, "An Include passes when what it says is so, an Exclude when it is not.")
	for _, each := range p.each() {
		w.line(0, "The %s is each person's own: %s. Where a person has none, what is compared with it is unknown, and rows are not counted by it.", each.param, valuePhrase(each.of))
	}
	for i, step := range p.steps {
		w.line(0, "")
		w.step(strconv.Itoa(i+1), step)
	}
	uses := p.Uses()
	if len(uses.CodeLists) > 0 {
		w.line(0, "")
		w.line(0, "Code lists:")
		for _, list := range uses.CodeLists {
			w.line(0, "- %s %s: %s of %s, content %s.", list.ID(), list.Version(), sizePhrase(list), list.System(), list.Hash())
			if list.Release() != "" {
				w.line(1, "Release: %s.", list.Release())
			}
			if patterns := patterns(list); len(patterns) > 0 {
				w.line(1, "Patterns: %s.", strings.Join(patterns, ", "))
			}
			w.line(1, "%s", list.Source())
		}
	}
	w.line(0, "")
	w.line(0, "Data:")
	for _, table := range p.tables() {
		w.table(table, uses)
	}
	return w.String()
}

// outline writes indented, numbered lines.
type outline struct{ strings.Builder }

func (w *outline) line(indent int, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if text != "" {
		text = strings.Repeat("   ", indent) + text
	}
	_, _ = w.WriteString(text + "\n")
}

func (w *outline) step(number string, s Step) {
	verb := "Include"
	if s.exclude {
		verb = "Exclude"
	}
	w.line(0, "%s. %s: %s.", number, verb, s.label)
	w.node(1, number, "", s.criterion)
	if s.code != "" {
		w.line(1, "Reason code: %s.", s.code)
	}
	switch s.policy {
	case TreatAsNo:
		w.line(1, "If unknown: taken as no.")
	case TreatAsYes:
		w.line(1, "If unknown: taken as yes.")
	case Refer:
		w.line(1, "If unknown: referred for a decision.")
	case noPolicy:
	}
}

// node writes a question about a person, after its number if it has one; a question made of parts gets a
// numbered line for each.
func (w *outline) node(indent int, number, label string, n node) {
	heading, parts := compound(n)
	if len(parts) == 0 {
		w.line(indent, "%s%s.", label, capital(phrase(n)))
		return
	}
	w.line(indent, "%s%s:", label, capital(heading))
	for i, part := range parts {
		sub := fmt.Sprintf("%s.%d", number, i+1)
		w.node(indent+1, sub, sub+" ", part)
	}
}

func capital(sentence string) string { return strings.ToUpper(sentence[:1]) + sentence[1:] }

func (w *outline) table(t tableFacts, uses Uses) {
	names := make([]string, len(t.Columns))
	for i, column := range t.Columns {
		names[i] = column.Name
	}
	w.line(0, "- %s: %s.", t.Name, strings.Join(names, ", "))
	if !t.table.perPerson() {
		reach := "Read over all time."
		if earliest := uses.earliest(t.Name); !earliest.IsZero() {
			reach = fmt.Sprintf("Read from %v on.", earliest)
		}
		w.line(1, "%s", reach)
	}
	if len(t.Order) > 0 {
		w.line(1, "In order of %s, then of the value picked; missing values last.", strings.Join(t.Order, ", "))
	}
	if t.Dated != "" {
		w.line(1, "Episodes go by %s.", t.Dated)
	}
	for _, column := range t.Columns {
		if len(column.Sources) > 0 {
			w.line(1, "%s: the codes of %s.", column.Name, strings.Join(column.Sources, ", "))
		}
		if len(column.Unknowns) > 0 {
			w.line(1, "%s: read as not known: %q.", column.Name, column.Unknowns)
		}
	}
}
