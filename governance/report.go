package governance

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
)

// GateStatus says how a gate stands.
type GateStatus string

// The statuses. When several could be said of a gate, the first that applies is: rejected; void, expired
// or missing if people or evidence are lacking; failed; conditional; met.
const (
	StatusMet      GateStatus = "met"
	StatusMissing  GateStatus = "missing"
	StatusVoid     GateStatus = "void"
	StatusExpired  GateStatus = "expired"
	StatusRejected GateStatus = "rejected"
	// StatusFailed means that everybody has signed, and a machine check of the gate fails.
	StatusFailed GateStatus = "failed"
	// StatusConditional means that everybody has signed, and a condition is not fulfilled.
	StatusConditional GateStatus = "conditional"
)

// GateReport says how one gate stands and why.
type GateReport struct {
	Gate   string
	Status GateStatus
	// People are those whose approvals count, and Entries where those are in the log.
	People  []PersonID
	Entries []int64
	// Changed names what has changed since approvals that no longer count: facets, "manifest" or
	// "author".
	Changed []string
	// Conditions are those that are not fulfilled.
	Conditions []OpenCondition
	// Failed are the machine checks of the gate that fail.
	Failed []MachineCheck
	// Reasons say in words what is missing and what does not count.
	Reasons []string
}

// OpenCondition is a condition that keeps a gate from being met.
type OpenCondition struct {
	// Entry is the log index of the approval: a [Discharge] must name it.
	Entry     int64
	By        PersonID
	Condition Condition
}

// HaltReport is a halt that nobody has lifted yet.
type HaltReport struct {
	// Entry is its place in the log: a [Resume] must name it.
	Entry  int64
	At     time.Time
	By     []PersonID
	Reason string
	// ResumedBy are those who have asked to resume so far.
	ResumedBy []PersonID
}

// Report answers whether a proposal may be built or sent now.
type Report struct {
	Proposal string
	Root     Digest
	// Stage is the stage asked about; empty means building the list.
	Stage Stage
	At    time.Time
	Gates []GateReport
	// Halts are the open ones.
	Halts []HaltReport
	// Problems are what the machine found. Each wraps one of the refusal errors.
	Problems []error
}

// Approved reports whether a permit would be issued.
func (r Report) Approved() bool { return len(r.unmet()) == 0 && len(r.Problems) == 0 }

// String says it for people.
func (r Report) String() string {
	var b strings.Builder
	goal, verdict := "to build", "NOT APPROVED"
	if r.Stage != "" {
		goal = "to send at stage " + string(r.Stage)
	}
	if r.Approved() {
		verdict = "approved"
	}
	fmt.Fprintf(&b, "%s %s on %s: %s\n", r.Proposal, goal, r.At.UTC().Format("2 January 2006 15:04 MST"), verdict)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, g := range r.Gates {
		notes := g.Reasons
		if g.Status == StatusMet {
			notes = []string{listPeople(g.People)}
		}
		// A strings.Builder does not fail, so neither does the writer over it.
		_, _ = fmt.Fprintf(w, "  %s\t%s\t%s\n", g.Gate, g.Status, strings.Join(notes, "; "))
	}
	_ = w.Flush()
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "  problem: %s\n", p)
	}
	fmt.Fprintf(&b, "  content %s\n", r.Root)
	return b.String()
}

// unmet lists the gates that lack something from people. What a machine finds is among the problems.
func (r Report) unmet() []string {
	var names []string
	for _, g := range r.Gates {
		if g.Status != StatusMet && g.Status != StatusFailed {
			names = append(names, fmt.Sprintf("%s is %s", g.Gate, g.Status))
		}
	}
	return names
}

// refusal turns the report into reasons to refuse.
func (r Report) refusal() refusal {
	reasons := refusal{reasons: append([]error(nil), r.Problems...)}
	if unmet := r.unmet(); len(unmet) > 0 {
		reasons.add(ErrNotApproved, "%s", strings.Join(unmet, ", "))
	}
	return reasons
}
