package caas

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
)

// WriteMarkdown writes the request as Markdown: CommonMark, with tables. Whatever the
// texts hold is shown as it is: nothing in them becomes a heading, a link or HTML.
func (r *Request) WriteMarkdown(w io.Writer) error {
	var m markdown
	m.request(r.view())
	_, err := io.WriteString(w, m.String())
	return r.written(err)
}

// markdown writes blocks, with an empty line between them.
type markdown struct{ strings.Builder }

func (m *markdown) request(v requestView) {
	m.block("# Request for a cohort")
	m.block("Document hash: `%s`", v.Hash)
	m.block("## Still to be said")
	if len(v.Missing) == 0 {
		m.block("Nothing: every field says something. Whether it is right is for people to say.")
	} else {
		m.missing(v.Missing)
	}
	for _, s := range v.Sections {
		m.block("## %s", s.Title)
		for _, f := range s.Fields {
			m.block("### %s", f.Title)
			if f.Text == "" {
				m.block("*Still to be said: %s (%s).*", f.Item.Ask, f.Item.Who)
				continue
			}
			m.text(f.Text)
		}
	}
	if v.Definition != nil {
		m.definition(v.Definition)
	}
	if v.Proposal != nil {
		m.proposal(v.Proposal)
	}
}

func (m *markdown) missing(items []MissingItem) {
	rows := make([][]string, len(items))
	for i, item := range items {
		rows[i] = []string{item.Ask, item.Who, item.Step.String()}
	}
	m.table([]string{"What", "Who can say it", "Needed for step"}, rows)
}

func (m *markdown) definition(d *RequestDefinition) {
	m.block("## Annex: the cohort definition")
	m.table([]string{"Definition", "Version", "Hash of its meaning"}, [][]string{{d.ID, d.Version, "sha256:" + d.Hash}})
	m.fence(d.English)
	m.block("### Data that it reads")
	var tables [][]string
	for _, t := range d.Tables {
		tables = append(tables, []string{t.Name, strings.Join(t.Columns, ", "), t.From()})
	}
	m.table([]string{"Table", "Columns", "From"}, tables)
	if len(d.CodeLists) == 0 {
		m.block("It uses no code lists.")
		return
	}
	m.block("### Code lists")
	var lists [][]string
	for _, l := range d.CodeLists {
		lists = append(lists, []string{l.ID, l.Version, l.System, strconv.Itoa(l.Codes), l.Hash, l.Source})
	}
	m.table([]string{"List", "Version", "System", "Codes", "Hash of the codes", "Source"}, lists)
}

func (m *markdown) proposal(p *RequestProposal) {
	m.block("## Annex: the proposal")
	m.table([]string{"Proposal", "Digest"}, [][]string{{p.ID, p.Root}})
	if len(p.DataSets) == 0 {
		return
	}
	var sets [][]string
	for _, s := range p.DataSets {
		sets = append(sets, []string{s.Name, s.Controller, s.From(), strconv.Itoa(s.MaxAgeHours), strconv.Itoa(s.RetentionDays)})
	}
	m.table([]string{"Data set", "Controller", "From", "Oldest, hours", "Kept, days"}, sets)
}

// block writes a block whose texts are this package's own.
func (m *markdown) block(format string, args ...any) {
	if m.Len() > 0 {
		_, _ = m.WriteString("\n")
	}
	_, _ = fmt.Fprintf(m, format+"\n", args...)
}

// text writes somebody's text: paragraphs with their lines, or as it stands if its
// lines are indented.
func (m *markdown) text(text string) {
	text = visible(text)
	if strings.Contains("\n"+text, "\n ") {
		m.fence(text)
		return
	}
	for paragraph := range strings.SplitSeq(strings.Trim(text, "\n"), "\n\n") {
		var lines []string
		for line := range strings.SplitSeq(strings.Trim(paragraph, "\n"), "\n") {
			lines = append(lines, escapeLine(line))
		}
		m.block("%s", strings.Join(lines, "\\\n"))
	}
}

// fence writes text as it stands, between fences longer than any in it.
func (m *markdown) fence(text string) {
	text = visible(text)
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	m.block("%s", fence+"text\n"+strings.Trim(text, "\n")+"\n"+fence)
}

// table writes somebody's texts as a table.
func (m *markdown) table(header []string, rows [][]string) {
	rule := make([]string, len(header))
	for i := range rule {
		rule[i] = "---"
	}
	lines := []string{"| " + strings.Join(header, " | ") + " |", "| " + strings.Join(rule, " | ") + " |"}
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, text := range row {
			cells[i] = escapeLine(strings.ReplaceAll(visible(text), "\n", " "))
		}
		lines = append(lines, "| "+strings.Join(cells, " | ")+" |")
	}
	m.block("%s", strings.Join(lines, "\n"))
}

// visible returns text as it is shown: with what has no shape of its own, such as
// control characters and those that change the direction of writing, replaced.
func visible(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t' || unicode.Is(unicode.Zs, r):
			return ' '
		case unicode.Is(unicode.C, r) || unicode.In(r, unicode.Zl, unicode.Zp):
			return '\uFFFD'
		default:
			return r
		}
	}, text)
}

// escapeLine makes one line mean itself in Markdown.
func escapeLine(line string) string {
	line = strings.TrimSpace(line)
	var b strings.Builder
	for i, r := range line {
		if strings.ContainsRune("\\`*_[]<>|~#&$", r) || i == 0 && strings.ContainsRune("+-=:", r) {
			_ = b.WriteByte('\\')
		}
		_, _ = b.WriteRune(r)
	}
	line = b.String()
	if n := len(line) - len(strings.TrimLeft(line, "0123456789")); n > 0 && n < len(line) && (line[n] == '.' || line[n] == ')') {
		line = line[:n] + `\` + line[n:] // would begin a list
	}
	line = strings.ReplaceAll(line, "://", `\://`) // some renderers link bare addresses
	return strings.ReplaceAll(line, "www.", `www\.`)
}
