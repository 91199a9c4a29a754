package codelist

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Expression says which concepts of SNOMED CT are meant by where they are in its hierarchy. It is written in
// the part of the Expression Constraint Language that code lists are made with:
//
//	73211009                     a concept
//	73211009 |Diabetes mellitus| the same; the term is for people
//	<< 73211009                  and all below it
//	< 73211009                   all below it, without it
//	<! 73211009  <<! 73211009    its children; and itself
//	> 73211009  >> 73211009      all above it; and itself
//	>! 73211009  >>! 73211009    its parents; and itself
//	^ 999012891000230104         the members of a reference set; also <<^ and so on
//	A AND B   A OR B   A MINUS B
//	<< (A OR B)                  operators apply to what is in brackets as to each concept in it
//	/* comment */
//
// AND, OR and MINUS have no order among each other: brackets say which goes first. Refinements (:),
// filters ({{ }}), dotted attributes, the wildcard (*) and the words for operators are not supported, and
// refused as such.
type Expression struct{ root term }

// term is a part of an expression.
//
//sumtype:decl
type term interface{ isTerm() }

type (
	// concept is one concept, by its id and perhaps its term.
	concept struct {
		id, name string
		at       position
	}
	// related is all that is in some relation to the concepts of another term.
	related struct {
		operator string
		of       term
	}
	// combined is two or more terms joined by AND or OR, or two by MINUS.
	combined struct {
		operator string
		of       []term
	}
)

func (concept) isTerm()  {}
func (related) isTerm()  {}
func (combined) isTerm() {}

// position is where something begins, in lines and characters from 1.
type position struct{ line, character int }

func (p position) String() string {
	return fmt.Sprintf("line %d, character %d", p.line, p.character)
}

// ParseExpression reads an expression. The error says where it is wrong.
func ParseExpression(text string) (*Expression, error) {
	p := &parser{rest: text, at: position{1, 1}}
	root, err := p.expression(0)
	if err == nil && p.rest != "" {
		err = p.unexpected("AND, OR, MINUS or the end")
	}
	if err != nil {
		return nil, fmt.Errorf("codelist: expression: %w", err)
	}
	return &Expression{root}, nil
}

// String writes the expression in one way: without comments, with the spaces and brackets that are needed.
func (e *Expression) String() string {
	var out strings.Builder
	write(&out, e.root)
	return out.String()
}

func write(out *strings.Builder, t term) {
	switch t := t.(type) {
	case concept:
		out.WriteString(t.id)
		if t.name != "" {
			out.WriteString(" |" + t.name + "|")
		}
	case related:
		out.WriteString(t.operator + " ")
		bracket(out, t.of, true)
	case combined:
		for i, part := range t.of {
			if i > 0 {
				out.WriteString(" " + t.operator + " ")
			}
			bracket(out, part, false)
		}
	}
}

// bracket writes a part of a term, in brackets where it would be read as something else without.
func bracket(out *strings.Builder, part term, inRelated bool) {
	switch part := part.(type) {
	case concept:
		write(out, part)
		return
	case related:
		if !inRelated || part.operator == "^" {
			write(out, part)
			return
		}
	case combined:
	}
	out.WriteByte('(')
	write(out, part)
	out.WriteByte(')')
}

// parser reads an expression from the left. Before each step, space and comments are behind it.
type parser struct {
	rest string
	at   position
}

// deepest is how deep brackets may lie in each other.
const deepest = 50

//nolint:ireturn // a tree is a sum type
func (p *parser) expression(depth int) (term, error) {
	if err := p.space(); err != nil {
		return nil, err
	}
	first, err := p.constrained(depth)
	if err != nil {
		return nil, err
	}
	all := combined{of: []term{first}}
	for {
		at := p.at
		operator := strings.ToUpper(p.word())
		switch {
		case operator == "":
			if len(all.of) == 1 {
				return first, nil
			}
			return all, nil
		case operator != "AND" && operator != "OR" && operator != "MINUS":
			return nil, p.unexpected("AND, OR or MINUS")
		case all.operator != "" && all.operator != operator:
			return nil, fmt.Errorf("%v: %s after %s: say with brackets which goes first", at, operator, all.operator)
		case all.operator == "MINUS":
			return nil, fmt.Errorf("%v: a second MINUS: say with brackets which goes first", at)
		}
		all.operator = operator
		if err := p.skip(len(operator)); err != nil {
			return nil, err
		}
		next, err := p.constrained(depth)
		if err != nil {
			return nil, err
		}
		all.of = append(all.of, next)
	}
}

// constrained reads a concept or brackets, with the operators before it.
//
//nolint:ireturn // a tree is a sum type
func (p *parser) constrained(depth int) (term, error) {
	for _, operator := range []string{"<<!", ">>!", "<!", ">!", "<<", ">>", "<", ">", "^"} {
		if !strings.HasPrefix(p.rest, operator) {
			continue
		}
		if err := p.skip(len(operator)); err != nil {
			return nil, err
		}
		if operator == "^" {
			of, err := p.concept("a reference set")
			return related{operator, of}, err
		}
		if strings.HasPrefix(p.rest, "<") || strings.HasPrefix(p.rest, ">") {
			return nil, p.unexpected("a concept, ^ or (")
		}
		of, err := p.constrained(depth)
		return related{operator, of}, err
	}
	if !strings.HasPrefix(p.rest, "(") {
		return p.concept("a concept, an operator or (")
	}
	if depth == deepest {
		return nil, fmt.Errorf("%v: more than %d brackets in each other", p.at, deepest)
	}
	if err := p.skip(1); err != nil {
		return nil, err
	}
	inner, err := p.expression(depth + 1)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(p.rest, ")") {
		return nil, p.unexpected("AND, OR, MINUS or )")
	}
	return inner, p.skip(1)
}

//nolint:ireturn // a tree is a sum type
func (p *parser) concept(want string) (term, error) {
	c := concept{at: p.at}
	c.id = p.rest[:len(p.rest)-len(strings.TrimLeft(p.rest, "0123456789"))]
	if c.id == "" {
		return nil, p.unexpected(want)
	}
	if err := SNOMEDCT.Check(c.id); err != nil {
		return nil, fmt.Errorf("%v: %s: %w", c.at, quote(c.id), err)
	}
	if err := p.skip(len(c.id)); err != nil {
		return nil, err
	}
	name, ok := strings.CutPrefix(p.rest, "|")
	if !ok {
		return c, nil
	}
	name, _, ok = strings.Cut(name, "|")
	if !ok {
		return nil, fmt.Errorf("%v: the term has no | at its end", p.at)
	}
	c.name = strings.TrimSpace(name)
	if c.name == "" || !utf8.ValidString(c.name) || strings.ContainsFunc(c.name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return nil, fmt.Errorf("%v: the term is empty or not printable on one line", p.at)
	}
	return c, p.skip(len(name) + 2)
}

// word returns the letters that come next.
func (p *parser) word() string {
	end := strings.IndexFunc(p.rest, func(r rune) bool { return !unicode.IsLetter(r) })
	if end < 0 {
		return p.rest
	}
	return p.rest[:end]
}

// skip leaves n bytes, and the space and comments after them, behind.
func (p *parser) skip(n int) error {
	p.pass(n)
	return p.space()
}

func (p *parser) space() error {
	for {
		p.pass(len(p.rest) - len(strings.TrimLeft(p.rest, " \t\r\n")))
		if !strings.HasPrefix(p.rest, "/*") {
			return nil
		}
		_, after, ok := strings.Cut(p.rest[2:], "*/")
		if !ok {
			return fmt.Errorf("%v: the comment has no */ at its end", p.at)
		}
		p.pass(len(p.rest) - len(after))
	}
}

func (p *parser) pass(n int) {
	for _, r := range p.rest[:n] {
		p.at.character++
		if r == '\n' {
			p.at = position{p.at.line + 1, 1}
		}
	}
	p.rest = p.rest[n:]
}

// unexpected says what stands where something else should.
func (p *parser) unexpected(want string) error {
	for text, what := range map[string]string{
		":": "refinements (:)", "{": "filters and groups ({)", ".": "dotted attributes (.)", "*": "the wildcard (*)", "!": "top and bottom of a set (!)", ",": "a comma for AND",
	} {
		if strings.HasPrefix(p.rest, text) {
			return fmt.Errorf("%v: %s are not in the part of the language that is supported", p.at, what)
		}
	}
	found := "the end"
	if p.rest != "" {
		r, _ := utf8.DecodeRuneInString(p.rest)
		found = fmt.Sprintf("%q", r)
		if word := p.word(); word != "" {
			found = fmt.Sprintf("%q", word)
		}
	}
	return fmt.Errorf("%v: found %s instead of %s", p.at, found, want)
}
