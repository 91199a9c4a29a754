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

	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/notify"
)

// WriteHTML writes the report as one page that loads nothing from anywhere.
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

// reportLine is one row of a table with a bar, or one tile.
type reportLine struct {
	Label   string
	Count   int
	Percent string // of the table's whole
	Class   string // of the bar's colour
}

// reportTable is a table of lines.
type reportTable struct {
	Caption string // also the heading of the first column
	Whole   string // what the shares are of
	Lines   []reportLine
}

// Totals returns the account as tiles.
func (v reportView) Totals() []reportLine {
	o := v.Outcome
	return lines(o.Approved,
		reportLine{Label: "approved", Count: o.Approved},
		reportLine{Label: "sent", Count: o.Sent},
		reportLine{Label: "excluded", Count: total(o.Excluded), Class: "excluded"},
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
func (v reportView) Exclusions() reportTable {
	return reportTable{"Reason", "approved", ranked(v.Outcome.Excluded, v.Outcome.Approved, "excluded", Reason.words)}
}

// Channels returns the channels that reached people, the commonest first.
func (v reportView) Channels() reportTable {
	return reportTable{"Channel", "sent", ranked(v.Outcome.Delivered, v.Outcome.Sent, "delivered", channelName)}
}

// Failures returns NHS Notify's failure codes, the commonest first. Who was
// refused was not sent, so the shares are of the whole list.
func (v reportView) Failures() reportTable {
	listed := v.Outcome.Approved - total(v.Outcome.Excluded)
	return reportTable{"NHS Notify's code", "the list", ranked(v.Outcome.Failed, listed, "failed", failureName)}
}

// Decisions returns the register in the order it was logged.
func (v reportView) Decisions() []decisionLine {
	var list []decisionLine
	for _, e := range v.Approvals {
		line := decisionLine{Entry: e.Index, At: e.At.UTC(), By: joined(e.By)}
		switch {
		case e.Approval != nil:
			line.Gate, line.Decision, line.Stage = e.Approval.Gate, string(e.Approval.Decision), string(e.Approval.Stage)
			for _, evidence := range e.Approval.Evidence {
				line.Details = append(line.Details, fmt.Sprintf("%s: %s", evidence.Kind, evidence.Reference))
			}
			for _, condition := range e.Approval.Conditions {
				line.Details = append(line.Details, "condition: "+string(condition))
			}
			if e.Approval.Reason != "" {
				line.Details = append(line.Details, e.Approval.Reason)
			}
		case e.Discharge != nil:
			line.Decision = "discharge"
			line.Details = []string{fmt.Sprintf("entry %d: %s", e.Discharge.Approval, e.Discharge.Condition), e.Discharge.Reason}
		case e.Halt != nil:
			line.Decision, line.Details = "halt", []string{e.Halt.Reason}
		case e.Resume != nil:
			line.Decision, line.Details = "resume", []string{e.Resume.Reason}
		}
		list = append(list, line)
	}
	return list
}

// decisionLine is one row of the approvals.
type decisionLine struct {
	Entry                     int64
	At                        time.Time
	Gate, Decision, Stage, By string
	Details                   []string
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
		list[i].Percent = strconv.FormatFloat(100*float64(list[i].Count)/float64(max(whole, 1)), 'f', 1, 64)
	}
	return list
}

// words says the reason for a reader.
func (r Reason) words() string {
	switch r {
	case Deceased:
		return "PDS knows of their death"
	case Restricted:
		return "Restricted record"
	case Superseded:
		return "NHS number superseded"
	case Removed:
		return "No longer registered"
	case NoRecord:
		return "No PDS record"
	case UnderAge:
		return "Under age, or age not known"
	case Objected:
		return "Objected to the programme"
	case Type1OptOut:
		return "Type 1 opt-out"
	case NationalOptOut:
		return "National data opt-out"
	case Unchecked:
		return "Could not be checked against PDS"
	default:
		return string(r)
	}
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
		return "Not told"
	default:
		return string(c)
	}
}

func failureName(code string) string {
	if code == "" {
		return "Not told"
	}
	return code
}

func thousands(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
