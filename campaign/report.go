package campaign

import (
	_ "embed" // the report's page
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/notify"
)

// Report is a campaign on one page, for the people who answer for it: what was
// defined, who approved it, who was left out and why, and how everybody was
// reached. It names nobody.
//
// Attrition is published under a disclosure policy. The account of the campaign
// itself is exact, because everybody must be in it: keep the report inside the
// programme.
type Report struct {
	Title      string    // the purpose, as the public is told
	Proposal   string    // id
	Root       string    // digest of the proposal
	At         time.Time // when the report was made
	Definition string    // id and version
	English    string    // the definition in words
	Hash       string    // of the definition's meaning
	CodeLists  []CodeListLine
	Approvals  governance.Register
	Attrition  *cohort.Published // nil if not configured
	Outcome    Outcome
}

// CodeListLine is one code list of the definition.
type CodeListLine struct {
	ID, Version, System string
	Codes               int
}

// Report returns the report as things stand. The disclosure policy applies to
// attrition.
func (c *Campaign) Report(policy cohort.Disclosure) (*Report, error) {
	p, d := c.config.Proposal, c.config.Definition
	r := &Report{
		Title: p.Purpose.Text, Proposal: p.ID, Root: c.root.String(), At: c.config.Now(),
		Definition: d.ID() + " " + d.Version(), English: d.English(), Hash: d.Hash(),
		Approvals: c.config.Authority.Register(p.ID), Outcome: c.Outcome(),
	}
	for _, l := range d.Uses().CodeLists {
		r.CodeLists = append(r.CodeLists, CodeListLine{l.ID(), l.Version(), string(l.System()), l.Len()})
	}
	if c.config.Attrition != nil {
		published, err := c.config.Attrition.Publish(policy)
		if err != nil {
			return nil, fmt.Errorf("campaign: report: %w", err)
		}
		r.Attrition = published
	}
	return r, nil
}

// WriteHTML writes the report as one page that needs no network.
func (r *Report) WriteHTML(w io.Writer) error {
	page, err := template.New("report").Funcs(template.FuncMap{"thousands": thousands}).Parse(reportPage)
	if err != nil {
		return fmt.Errorf("campaign: report: %w", err)
	}
	if err := page.Execute(w, reportView{r}); err != nil {
		return fmt.Errorf("campaign: report: %w", err)
	}
	return nil
}

//go:embed report.html
var reportPage string

// reportView arranges a report for the page.
type reportView struct{ *Report }

// reportLine is one row of a table with a bar.
type reportLine struct {
	Label   string
	Count   int
	Percent string // of the table's whole
	Class   string // of the bar's colour
}

// Totals returns the account as tiles.
func (v reportView) Totals() []reportLine {
	o := v.Outcome
	return lines(o.Approved,
		reportLine{Label: "approved", Count: o.Approved},
		reportLine{Label: "excluded", Count: total(o.Excluded), Class: "excluded"},
		reportLine{Label: "sent", Count: o.Sent},
		reportLine{Label: "delivered", Count: total(o.Delivered), Class: "delivered"},
		reportLine{Label: "failed", Count: total(o.Failed), Class: "failed"},
		reportLine{Label: "unaccounted", Count: o.Unaccounted, Class: "unaccounted"},
	)
}

// Parts returns the parts that make up everybody, for the stacked bar.
func (v reportView) Parts() []reportLine {
	return slices.DeleteFunc(v.Totals(), func(l reportLine) bool { return l.Class == "" || l.Count == 0 })
}

// Exclusions returns the reasons, the commonest first.
func (v reportView) Exclusions() []reportLine {
	return ranked(v.Outcome.Excluded, v.Outcome.Approved, "excluded", func(r Reason) string { return r.words() })
}

// Channels returns the channels that reached people, the commonest first.
func (v reportView) Channels() []reportLine {
	return ranked(v.Outcome.Delivered, v.Outcome.Sent, "delivered", channelName)
}

// Failures returns NHS Notify's failure codes, the commonest first.
func (v reportView) Failures() []reportLine {
	return ranked(v.Outcome.Failed, v.Outcome.Sent, "failed", func(code string) string { return code })
}

// Decisions returns the register's approvals in the order they were logged.
func (v reportView) Decisions() []decisionLine {
	var list []decisionLine
	for _, e := range v.Approvals {
		line := decisionLine{Entry: e.Index, At: e.At, By: joined(e.By)}
		switch {
		case e.Approval != nil:
			line.Gate, line.Decision, line.Stage = e.Approval.Gate, string(e.Approval.Decision), string(e.Approval.Stage)
			for _, evidence := range e.Approval.Evidence {
				line.Evidence = append(line.Evidence, fmt.Sprintf("%s: %s", evidence.Kind, evidence.Reference))
			}
		case e.Halt != nil:
			line.Decision, line.Evidence = "halt", []string{e.Halt.Reason}
		case e.Resume != nil:
			line.Decision, line.Evidence = "resume", []string{e.Resume.Reason}
		}
		list = append(list, line)
	}
	return list
}

type decisionLine struct {
	Entry                     int64
	At                        time.Time
	Gate, Decision, Stage, By string
	Evidence                  []string
}

func joined(people []governance.PersonID) string {
	names := make([]string, len(people))
	for i, p := range people {
		names[i] = string(p)
	}
	return strings.Join(names, ", ")
}

func ranked[K ~string](counts map[K]int, whole int, class string, name func(K) string) []reportLine {
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b K) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(string(a), string(b))
	})
	list := make([]reportLine, len(keys))
	for i, k := range keys {
		list[i] = reportLine{Label: name(k), Count: counts[k], Class: class}
	}
	return lines(whole, list...)
}

// lines works out each line's share of a whole.
func lines(whole int, list ...reportLine) []reportLine {
	for i := range list {
		list[i].Percent = strconv.FormatFloat(100*float64(list[i].Count)/float64(max(whole, 1)), 'f', 2, 64)
	}
	return list
}

func channelName(c notify.Channel) string {
	switch c {
	case notify.NHSApp:
		return "NHS App (read)"
	case notify.Email:
		return "Email"
	case notify.SMS:
		return "SMS"
	case notify.Letter:
		return "Letter (dispatched)"
	case "":
		return "channel not told"
	default:
		return string(c)
	}
}

func thousands(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
