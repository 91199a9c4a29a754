package export_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/governance/export"
)

// documents makes every export that has a document.
func documents(tb testing.TB, p governance.Proposal, d export.Definition) map[string]*export.Document {
	tb.Helper()
	log, results := newHazards()
	report := governance.Report{
		Proposal: p.ID, Root: p.Root(), Stage: governance.Pilot, At: start,
		Gates: []governance.GateReport{
			{Gate: "legal", Status: governance.StatusMet, People: []governance.PersonID{"i.governance"}, Entries: []int64{4}},
			{Gate: "clinical", Status: governance.StatusVoid, Changed: []string{"message"}, Reasons: []string{"dr.safety approved another version: message changed", "needs cso"}},
		},
		Problems: []error{governance.ErrHalted},
	}
	register := governance.Register{
		{Index: 4, At: start, By: []governance.PersonID{"i.governance"}, Approval: &governance.Approval{
			Gate: "legal", Decision: governance.DecisionApprove, Conditions: []governance.Condition{governance.MaxStage(governance.Pilot)},
			Evidence: []governance.Evidence{{Kind: "advice", Reference: "LEGAL 7", Content: digest("advice")}}, Expires: start.AddDate(1, 0, 0),
			SignedAt: start, Facets: map[governance.Facet]governance.Digest{governance.FacetPurpose: p.Facets()[governance.FacetPurpose]},
		}},
		{Index: 5, At: start, By: []governance.PersonID{"i.governance"}, Discharge: &governance.Discharge{Approval: 4, Condition: "tell them", Reason: "told"}},
		{Index: 6, At: start, By: []governance.PersonID{"dr.safety"}, Halt: &governance.Halt{Reason: "wrong clinic"}},
		{Index: 7, At: start, By: []governance.PersonID{"dr.safety", "d.protection"}, Resume: &governance.Resume{Halt: 6, Reason: "corrected"}},
	}
	return map[string]*export.Document{
		"specification": must(export.NewSpecification(p, d, start)).Document(),
		"dpia":          must(export.NewDPIAAnnex(p, d, start)).Document(),
		"ropa":          must(export.NewProcessingRecord(p, newDetails(), start)).Document(),
		"hazards":       must(export.NewHazardReport(p, log, results, start)).Document(),
		"summary":       must(export.NewSummary(p, newManifest(p), start)).Document(),
		"approvals":     must(export.NewApprovals(p, report, register, start)).Document(),
	}
}

// TestGolden pins what reviewers read. Run with -update after a change that is meant.
func TestGolden(t *testing.T) {
	t.Parallel()
	for name, d := range documents(t, newProposal(), newDefinition()) {
		golden(t, name+".md", []byte(markdown(t, d)))
		var b bytes.Buffer
		if err := d.WriteJSON(&b); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".json", b.Bytes())
		page := html(t, d)
		if name == "summary" {
			golden(t, name+".html", []byte(page))
		}
		checkPage(t, name, page)
		if root := newProposal().Root().String(); !strings.Contains(markdown(t, d), root) || !strings.Contains(page, root) || !strings.Contains(b.String(), root) {
			t.Errorf("%s is not stamped with the root", name)
		}
	}
}

// TestNothingSaysSo: a table of nothing says that there is nothing, so that nobody asks whether it is missing.
func TestNothingSaysSo(t *testing.T) {
	t.Parallel()
	p := newProposal()
	m := newManifest(p)
	m.Segments, m.Included, m.Exclusions = nil, 0, nil
	d := must(export.NewSummary(p, m, start)).Document()
	if text := markdown(t, d); !strings.Contains(text, "## Left out, by reason\n\nNone.\n") {
		t.Errorf("got\n%s", text)
	}
	if page := html(t, d); !strings.Contains(page, "Left out, by reason</h2>\n<p>None.</p>") {
		t.Errorf("got\n%s", page)
	}
}

// checkPage looks for what every page must and must not have.
func checkPage(t *testing.T, name, page string) {
	t.Helper()
	for _, outside := range []string{"http://", "https://", "src=", "@import", "url(", "<script", "<link", "javascript:"} {
		if strings.Contains(page, outside) {
			t.Errorf("%s: the page has %s", name, outside)
		}
	}
	for _, want := range []string{`<html lang="en-GB">`, "<title>", "<h1>", `<main class="page" id="content">`, `href="#content"`, "@media print", `<th scope="`} {
		if !strings.Contains(page, want) {
			t.Errorf("%s: the page lacks %s", name, want)
		}
	}
	for _, m := range regexp.MustCompile(`aria-labelledby="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(page, ` id="`+m[1]+`"`) {
			t.Errorf("%s: nothing is labelled %s", name, m[1])
		}
	}
	checkNesting(t, name, page)
}

// checkNesting requires every element to be closed in order.
func checkNesting(t *testing.T, name, page string) {
	t.Helper()
	var open []string
	for _, m := range regexp.MustCompile(`<(/?)([a-z0-9]+)[^>]*>`).FindAllStringSubmatch(page, -1) {
		switch {
		case m[2] == "meta":
		case m[1] == "":
			open = append(open, m[2])
		case len(open) == 0 || open[len(open)-1] != m[2]:
			t.Fatalf("%s: </%s> closes nothing: %v", name, m[2], open)
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("%s: not closed: %v", name, open)
	}
}

// hostile is text that tries to be something else. Proposals refuse what is not printable.
const hostile = "<script>alert(1)</script> | ![x](http://evil.test/x) `code` **bold** www.evil.test a@evil.test </td> \" onload=\"x"

func TestHostileText(t *testing.T) {
	t.Parallel()
	p := newProposal()
	d := newDefinition()
	d.English = "```\n# " + hostile + "\n````\n\x1b[31m"
	d.CodeLists[0].Source = hostile + "\n\n# heading\u202e"
	for i := range d.Needs {
		d.Needs[i].Rules = []string{hostile}
	}
	p.Purpose.Text, p.Purpose.OptOut.Reason = hostile, hostile
	p.Cohort.English = digest(d.English)
	for name, doc := range documents(t, p, d) {
		page := html(t, doc)
		checkPage(t, name, strings.ReplaceAll(page, "http://evil.test", ""))
		text := markdown(t, doc)
		for _, bad := range []string{"<script", "[x](http", "\x1b", "\u202e", "**bold", " www.evil", "a@evil", "</td>"} {
			if found := strings.Index(outsideFences(text), bad); found >= 0 {
				t.Errorf("%s: the Markdown has %q", name, bad)
			}
		}
		if strings.Contains(page, "<script") || strings.Contains(page, `onload="`) {
			t.Errorf("%s: the page takes part in it", name)
		}
	}
}

// outsideFences removes what is between fences, where nothing means anything.
func outsideFences(text string) string {
	var b strings.Builder
	fence := ""
	for line := range strings.Lines(text) {
		bare := strings.TrimRight(line, "\n")
		switch {
		case fence == "" && strings.HasPrefix(bare, "```"):
			fence = bare[:len(bare)-len(strings.TrimLeft(bare, "`"))]
		case fence != "" && bare == fence:
			fence = ""
		case fence == "":
			b.WriteString(line)
		}
	}
	return b.String()
}

// TestMarkdownTables: whatever a text says, each table keeps its columns.
func TestMarkdownTables(t *testing.T) {
	t.Parallel()
	p := newProposal()
	rapid.Check(t, func(t *rapid.T) {
		details := newDetails()
		details.Contact = rapid.StringN(1, 30, -1).Draw(t, "contact")
		r, err := export.NewProcessingRecord(p, details, start)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := r.Document().WriteMarkdown(&b); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if !strings.HasPrefix(line, "|") {
				continue
			}
			bars := 0
			for i := range line {
				escaped := 0
				for i-escaped > 0 && line[i-escaped-1] == '\\' {
					escaped++
				}
				if line[i] == '|' && escaped%2 == 0 {
					bars++
				}
			}
			if bars != 3 || !strings.HasSuffix(line, "|\n") {
				t.Fatalf("%d bars in %q", bars, line)
			}
		}
	})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	p := newProposal()
	log, results := newHazards()
	manifest := newManifest(p)
	for name, tt := range map[string]struct {
		make  func() error
		field string
	}{
		"invalid proposal": {func() error { return second(export.NewSpecification(governance.Proposal{}, newDefinition(), start)) }, "id"},
		"no time":          {func() error { return second(export.NewSpecification(p, newDefinition(), time.Time{})) }, "at"},
		"another text": {func() error {
			d := newDefinition()
			d.English += "2. Include: everybody.\n"
			return second(export.NewSpecification(p, d, start))
		}, "definition.english"},
		"another code list": {func() error {
			d := newDefinition()
			d.CodeLists[0].Digest = digest("one more code")
			return second(export.NewDPIAAnnex(p, d, start))
		}, "definition.codeLists[0]"},
		"a list without its codes": {func() error {
			d := newDefinition()
			d.CodeLists[0].Codes = nil
			return second(export.NewSpecification(p, d, start))
		}, "definition.codeLists[0].codes"},
		"a list missing": {func() error {
			d := newDefinition()
			d.CodeLists = nil
			return second(export.NewSpecification(p, d, start))
		}, "definition.codeLists"},
		"a list twice": {func() error {
			d := newDefinition()
			d.CodeLists = append(d.CodeLists, d.CodeLists[0])
			return second(export.NewSpecification(p, d, start))
		}, "definition.codeLists[1]"},
		"a field that no rule needs": {func() error {
			d := newDefinition()
			d.Needs[1].Rules = nil
			return second(export.NewDPIAAnnex(p, d, start))
		}, "definition.needs[1].rules"},
		"a field not approved": {func() error {
			d := newDefinition()
			d.Needs[1].Field = "ethnicity"
			return second(export.NewDPIAAnnex(p, d, start))
		}, "definition.needs[1]"},
		"a field missing": {func() error {
			d := newDefinition()
			d.Needs = d.Needs[:1]
			return second(export.NewDPIAAnnex(p, d, start))
		}, "definition.needs"},
		"no security measures": {func() error {
			details := newDetails()
			details.Security = nil
			return second(export.NewProcessingRecord(p, details, start))
		}, "details.security"},
		"an NHS number in the details": {func() error {
			details := newDetails()
			details.Security = append(details.Security, "as for 999 000 0018")
			return second(export.NewProcessingRecord(p, details, start))
		}, "details.security"},
		"an NHS number in a hazard": {func() error {
			l, results := newHazards()
			l.Hazards[0].Controls[0].Text = "as for 9990000018"
			return second(l.Summary(results))
		}, "hazards[0]"},
		"a list of another proposal": {func() error {
			m := manifest
			m.Proposal = digest("other")
			return second(export.NewSummary(p, m, start))
		}, "manifest.proposal"},
		"an invalid list": {func() error {
			m := manifest
			m.Included++
			return second(export.NewSummary(p, m, start))
		}, "manifest.segments"},
		"a report of another proposal": {func() error {
			return second(export.NewApprovals(p, governance.Report{Root: digest("other")}, nil, start))
		}, "report"},
		"a hazard log with another result": {func() error {
			return second(export.NewHazardReport(p, log, nil, start))
		}, "log"},
		"another hazard log": {func() error {
			l := log
			l.Hazards = append(slices.Clone(l.Hazards), l.Hazards[0])
			l.Hazards[1].ID = "H2"
			return second(export.NewHazardReport(p, l, results, start))
		}, "log"},
		"a statement about another list": {func() error {
			m := manifest
			m.Proposal = digest("other")
			return second(export.NewStatement(p, &m, governance.Report{Root: p.Root(), At: start}))
		}, "manifest.proposal"},
	} {
		err := tt.make()
		e, ok := errors.AsType[*governance.FieldError](err)
		if !ok || e.Field != tt.field {
			t.Errorf("%s: got %v, want an error at %s", name, err, tt.field)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// full is a writer that cannot take anything.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestWriterFails(t *testing.T) {
	t.Parallel()
	d := documents(t, newProposal(), newDefinition())["dpia"]
	for name, err := range map[string]error{
		"markdown": d.WriteMarkdown(full{}), "html": d.WriteHTML(full{}), "json": d.WriteJSON(full{}),
	} {
		if !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDisclosure publishes lists of every kind: no small count is shown, every count is a multiple, and no
// hidden count can be had by subtraction.
func TestDisclosure(t *testing.T) {
	t.Parallel()
	p := newProposal()
	rapid.Check(t, func(t *rapid.T) {
		m := newManifest(p)
		m.Segments, m.Included, m.Exclusions = nil, 0, nil
		totals := map[string]int{}
		for i := range rapid.IntRange(1, 5).Draw(t, "segments") {
			s := governance.Segment{Name: string(rune('A' + i)), Plan: "plan", Included: rapid.IntRange(0, 30).Draw(t, "included")}
			m.Included += s.Included
			for _, reason := range []string{"deceased", "restricted"} {
				n := rapid.IntRange(0, 20).Draw(t, reason)
				s.Exclusions = append(s.Exclusions, governance.Exclusion{Reason: reason, Count: n})
				totals[reason] += n
			}
			m.Segments = append(m.Segments, s)
		}
		for _, reason := range []string{"deceased", "restricted"} {
			m.Exclusions = append(m.Exclusions, governance.Exclusion{Reason: reason, Count: totals[reason]})
		}
		s, err := export.NewSummary(p, m, start)
		if err != nil {
			t.Fatal(err)
		}
		sums := map[string]int{}
		check := func(what, shown string, exact int, total bool) int {
			n := 0
			if shown != export.Hidden {
				if err := json.Unmarshal([]byte(shown), &n); err != nil || n%5 != 0 {
					t.Fatalf("%s: %d is shown as %q", what, exact, shown)
				}
			}
			if small := exact >= 1 && exact <= 7; !total && small != (shown == export.Hidden) {
				t.Fatalf("%s: %d is shown as %q", what, exact, shown)
			}
			return n
		}
		for i, g := range s.Segments {
			sums["included"] += check("included", g.Included, m.Segments[i].Included, false)
			for j, e := range g.Exclusions {
				sums[e.Reason] += check(e.Reason, e.Count, m.Segments[i].Exclusions[j].Count, false)
			}
		}
		if got := check("included", s.Included, m.Included, true); got != sums["included"] {
			t.Fatalf("the total %d is not the sum %d of what is shown", got, sums["included"])
		}
		for i, e := range s.Exclusions {
			if got := check(e.Reason, e.Count, m.Exclusions[i].Count, true); got != sums[e.Reason] {
				t.Fatalf("the total %d of %s is not the sum %d of what is shown", got, e.Reason, sums[e.Reason])
			}
		}
	})
}
