package export

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs/governance"
)

// Approvals is the register of who signed what, with how each gate stands.
type Approvals struct {
	Stamp

	// Stage is the stage the gates were asked about; empty for building.
	Stage   governance.Stage `json:"stage,omitempty"`
	Gates   []GateLine       `json:"gates"`
	Entries []ApprovalLine   `json:"entries"`
	// Problems are what a machine found.
	Problems []string `json:"problems"`
}

// GateLine says how one gate stands.
type GateLine struct {
	Gate    string                `json:"gate"`
	Status  governance.GateStatus `json:"status"`
	People  []governance.PersonID `json:"people"`
	Entries []int64               `json:"entries"`
	Reasons []string              `json:"reasons"`
}

// ApprovalLine is one signed note in the log.
type ApprovalLine struct {
	Index    int64                 `json:"index"`
	At       time.Time             `json:"at"`
	Decision string                `json:"decision"`
	Gate     string                `json:"gate,omitempty"`
	Stage    governance.Stage      `json:"stage,omitempty"`
	By       []governance.PersonID `json:"by"`
	Details  []string              `json:"details"`
}

// NewApprovals makes the register of a proposal from what the authority says of it.
func NewApprovals(p governance.Proposal, report governance.Report, register governance.Register, at time.Time) (*Approvals, error) {
	s, err := stamp(p, at)
	if err != nil {
		return nil, err
	}
	if report.Root != s.Root {
		return nil, &governance.FieldError{Field: "report", Reason: "is of another proposal"}
	}
	a := &Approvals{Stamp: s, Stage: report.Stage}
	for _, g := range report.Gates {
		a.Gates = append(a.Gates, GateLine{g.Gate, g.Status, g.People, g.Entries, g.Reasons})
	}
	for _, e := range register {
		a.Entries = append(a.Entries, approvalLine(e))
	}
	for _, problem := range report.Problems {
		a.Problems = append(a.Problems, problem.Error())
	}
	return a, nil
}

func approvalLine(e governance.RegisterEntry) ApprovalLine {
	line := ApprovalLine{Index: e.Index, At: e.At.UTC(), By: e.By}
	switch {
	case e.Approval != nil:
		a := e.Approval
		line.Decision, line.Gate, line.Stage = string(a.Decision), a.Gate, a.Stage
		for _, x := range a.Evidence {
			line.Details = append(line.Details, fmt.Sprintf("%s: %s, %s", x.Kind, x.Reference, x.Content))
		}
		for _, x := range a.Conditions {
			line.Details = append(line.Details, "on condition: "+string(x))
		}
		if !a.Expires.IsZero() {
			line.Details = append(line.Details, "until "+day(a.Expires))
		}
		if a.Reason != "" {
			line.Details = append(line.Details, a.Reason)
		}
	case e.Discharge != nil:
		line.Decision = "discharge"
		line.Details = []string{fmt.Sprintf("of entry %d: %s", e.Discharge.Approval, e.Discharge.Condition), e.Discharge.Reason}
	case e.Halt != nil:
		line.Decision, line.Details = "halt", []string{e.Halt.Reason}
	case e.Resume != nil:
		line.Decision, line.Details = "resume", []string{"of entry " + strconv.FormatInt(e.Resume.Halt, 10), e.Resume.Reason}
	}
	return line
}

// Document makes the register ready to be written.
func (a *Approvals) Document() *Document {
	question := "building the list"
	if a.Stage != "" {
		question = "sending at stage " + string(a.Stage)
	}
	gates := make([][]string, len(a.Gates))
	for i, g := range a.Gates {
		gates[i] = []string{g.Gate, string(g.Status), names(g.People), strings.Join(g.Reasons, "; ")}
	}
	rows := make([][]string, len(a.Entries))
	for i, e := range a.Entries {
		rows[i] = []string{strconv.FormatInt(e.Index, 10), day(e.At), e.Gate, string(e.Stage), e.Decision, names(e.By), strings.Join(e.Details, "; ")}
	}
	problems := text("No machine check fails.")
	if len(a.Problems) > 0 {
		problems = text("Machine checks that fail: %s.", strings.Join(a.Problems, "; "))
	}
	return &Document{title: "Approvals: " + a.Proposal, stamp: a.Stamp, data: a, sections: []section{
		{"How the gates stand", []block{
			text("For %s, with the content this page is stamped with.", question),
			grid("", []string{"Gate", "Status", "People whose approvals count", "Reasons"}, gates), problems,
		}},
		{"Every signed note", []block{
			text("In the order they were logged, whichever version of the proposal they were about."),
			grid("", []string{"Entry", "Logged", "Gate", "Stage", "Decision", "By", "Details"}, rows),
		}},
	}}
}

func names(people []governance.PersonID) string {
	list := make([]string, len(people))
	for i, p := range people {
		list[i] = string(p)
	}
	return strings.Join(list, ", ")
}
