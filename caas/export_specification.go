package caas

import (
	"fmt"
	"io"
	"strings"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/cohort"
)

// Specification is a definition set out for people to read: condition groups,
// conditions, rule sets and rules in words, code lists with their sizes, what the rules
// cannot find, and what is assumed. It does not change.
type Specification struct {
	blocks []specBlock
}

// specBlock is a heading, a paragraph, an item of a list, a table or a text as it
// stands.
type specBlock struct {
	level  int    // of a heading, from 1
	depth  int    // of an item, from 1
	text   string // of a heading or an item: this package's own words and one-line names
	prose  string // somebody's text
	fence  string // a text as it stands
	header []string
	rows   [][]string
}

// Specify sets out a published definition as it is published, with the meaning that
// [Import] assumes.
func Specify(c Cohort) *Specification {
	s := specifier{}
	if c.FixedDateReference != nil {
		s.reference, _ = dayOf(*c.FixedDateReference)
	}
	s.published(c)
	s.assumptions()
	return &s.Specification
}

// SpecifyPlan sets out a plan: by group, as far as the published form holds it (see
// [Export]), and then in the exact words of [cohort.Plan.English].
func SpecifyPlan(plan *cohort.Plan) (*Specification, error) {
	if plan == nil {
		return nil, &nhs.ArgumentError{Name: "plan", Reason: "is nil"}
	}
	x, out, err := lay(plan, ExportOptions{})
	if err != nil {
		return nil, fmt.Errorf("caas.SpecifyPlan: %w", err)
	}
	s := specifier{reference: x.reference}
	s.heading(1, "Cohort "+plan.ID()+", version "+plan.Version())
	s.identity(plan)
	if len(out.ConditionGroups) > 0 {
		s.groups(out)
	}
	if losses := (Report{x.parts}).Losses(); len(losses) > 0 {
		s.heading(2, "What else is asked")
		s.prose("The condition groups above do not say the following. The exact wording does.")
		for _, p := range losses {
			s.item(1, capital(p.Where))
		}
	}
	s.planLists(plan)
	s.assumptions()
	s.wording(plan)
	return &s.Specification, nil
}

// Specify sets out the published definition with the texts that are published, how it
// was carried over, and the exact words of the plan, which must be bound from
// Definition.
func (im *Imported) Specify(plan *cohort.Plan) (*Specification, error) {
	const op = "caas.Specify"
	if plan == nil || plan.ID() != im.Definition.ID() || plan.Version() != im.Definition.Version() {
		return nil, fmt.Errorf("%s: %w", op, &nhs.ArgumentError{Name: "plan", Reason: "must be bound from Definition"})
	}
	steps, err := steps(plan)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	var x exporter
	x.findReference(steps)
	s := specifier{reference: x.reference}
	s.published(im.source)
	s.heading(2, "How it was carried over")
	s.identity(plan)
	s.add(specBlock{fence: im.Report.String()})
	s.planLists(plan)
	s.assumptions()
	s.wording(plan)
	return &s.Specification, nil
}

// WriteMarkdown writes the specification as Markdown: CommonMark, with tables.
// Whatever the texts hold is shown as it is: nothing in them becomes a heading, a link
// or HTML.
func (s *Specification) WriteMarkdown(w io.Writer) error {
	var m markdown
	for i := 0; i < len(s.blocks); i++ {
		switch b := s.blocks[i]; {
		case b.level > 0:
			m.block("%s %s", strings.Repeat("#", b.level), escapeLine(visible(b.text)))
		case b.depth > 0:
			var items []string
			for ; i < len(s.blocks) && s.blocks[i].depth > 0; i++ {
				item := s.blocks[i]
				items = append(items, strings.Repeat("  ", item.depth-1)+"- "+escapeLine(visible(item.text)))
			}
			i--
			m.block("%s", strings.Join(items, "\n"))
		case b.header != nil:
			m.table(b.header, b.rows)
		case b.fence != "":
			m.fence(b.fence)
		default:
			m.text(b.prose)
		}
	}
	return s.write(w, m.String())
}

// WriteText writes the specification as plain text.
func (s *Specification) WriteText(w io.Writer) error {
	var out strings.Builder
	for i, b := range s.blocks {
		if i > 0 && (b.depth == 0 || s.blocks[i-1].depth == 0) {
			out.WriteString("\n")
		}
		switch {
		case b.level > 0:
			text := visible(b.text)
			underline := "-"
			if b.level == 1 {
				underline = "="
			}
			out.WriteString(text + "\n")
			if b.level < 3 {
				out.WriteString(strings.Repeat(underline, len([]rune(text))) + "\n")
			}
		case b.depth > 0:
			out.WriteString(strings.Repeat("  ", b.depth-1) + "- " + visible(b.text) + "\n")
		case b.header != nil:
			for _, row := range b.rows {
				for c, cell := range row {
					lead := "  "
					if c == 0 {
						lead = "- "
					}
					out.WriteString(lead + b.header[c] + ": " + strings.ReplaceAll(visible(cell), "\n", " ") + "\n")
				}
			}
		default:
			for line := range strings.Lines(visible(b.prose + b.fence)) {
				out.WriteString("  " + strings.TrimRight(line, " \n") + "\n")
			}
		}
	}
	return s.write(w, out.String())
}

func (s *Specification) write(w io.Writer, text string) error {
	if _, err := io.WriteString(w, text); err != nil {
		return fmt.Errorf("caas: writing a specification: %w", err)
	}
	return nil
}

func (s *Specification) add(b specBlock) { s.blocks = append(s.blocks, b) }

func (s *Specification) heading(level int, text string) { s.add(specBlock{level: level, text: text}) }

func (s *Specification) item(depth int, text string) { s.add(specBlock{depth: depth, text: text}) }

// prose adds somebody's text, if it says anything.
func (s *Specification) prose(text string) {
	if strings.TrimSpace(text) != "" {
		s.add(specBlock{prose: text})
	}
}

func (s *Specification) table(header []string, rows [][]string) {
	if len(rows) > 0 {
		s.add(specBlock{header: header, rows: rows})
	}
}
