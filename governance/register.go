package governance

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// Register is everything people said about one proposal, in the order it was logged.
type Register []RegisterEntry

// RegisterEntry is one logged note. Exactly one of Approval, Discharge, Halt and
// Resume is set.
type RegisterEntry struct {
	// Index is its place in the log and At the time it was logged.
	Index int64
	At    time.Time
	// By are the people who signed it and are still trusted. If there are none the note counts for
	// nothing, unless it is a halt.
	By        []PersonID
	Approval  *Approval
	Discharge *Discharge
	Halt      *Halt
	Resume    *Resume
}

// clone copies the register, so that what is done to it cannot reach the decisions.
func (r Register) clone() Register {
	copied := slices.Clone(r)
	for i, e := range copied {
		copied[i].By = slices.Clone(e.By)
		if e.Approval != nil {
			a := *e.Approval
			a.Facets, a.Evidence, a.Conditions = maps.Clone(a.Facets), slices.Clone(a.Evidence), slices.Clone(a.Conditions)
			copied[i].Approval = &a
		}
		if e.Discharge != nil {
			copied[i].Discharge = new(*e.Discharge)
		}
		if e.Halt != nil {
			copied[i].Halt = new(*e.Halt)
		}
		if e.Resume != nil {
			copied[i].Resume = new(*e.Resume)
		}
	}
	return copied
}

// String lays the register out as a table.
func (r Register) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(columns ...string) {
		// A strings.Builder does not fail, so neither does the writer over it.
		_, _ = fmt.Fprintln(w, strings.Join(columns, "\t"))
	}
	row("ENTRY", "LOGGED", "GATE", "DECISION", "BY", "DETAIL")
	for _, e := range r {
		gate, decision, detail := e.columns()
		row(strconv.FormatInt(e.Index, 10), e.At.UTC().Format("2006-01-02 15:04 MST"), gate, decision, listPeople(e.By), detail)
	}
	_ = w.Flush()
	return b.String()
}

func (e RegisterEntry) columns() (gate, decision, detail string) {
	switch {
	case e.Approval != nil:
		return e.Approval.Gate, string(e.Approval.Decision), e.Approval.detail()
	case e.Discharge != nil:
		return "-", "discharge", fmt.Sprintf("entry %d, %s; %s", e.Discharge.Approval, e.Discharge.Condition, e.Discharge.Reason)
	case e.Halt != nil:
		return "-", "halt", e.Halt.Reason
	case e.Resume != nil:
		return "-", "resume", fmt.Sprintf("halt %d; %s", e.Resume.Halt, e.Resume.Reason)
	default:
		return "-", "-", "-"
	}
}

// detail says in one line what the decision was about.
func (a Approval) detail() string {
	var parts []string
	if a.Stage != "" {
		parts = append(parts, "stage "+string(a.Stage))
	}
	if !a.Expires.IsZero() {
		parts = append(parts, "until "+a.Expires.UTC().Format(time.DateOnly))
	}
	for _, e := range a.Evidence {
		parts = append(parts, fmt.Sprintf("%s %s", e.Kind, e.Reference))
	}
	for _, x := range a.Conditions {
		parts = append(parts, "on condition: "+string(x))
	}
	if a.Reason != "" {
		parts = append(parts, a.Reason)
	}
	return strings.Join(parts, "; ")
}

func listPeople(people []PersonID) string {
	if len(people) == 0 {
		return "nobody trusted"
	}
	names := make([]string, len(people))
	for i, p := range people {
		names[i] = string(p)
	}
	return strings.Join(names, ", ")
}
