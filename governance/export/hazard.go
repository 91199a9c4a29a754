package export

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs/governance"
)

// Likelihood is how likely a hazard is to cause harm.
type Likelihood string

// The likelihoods, from the lowest.
const (
	VeryLow  Likelihood = "very low"
	Low      Likelihood = "low"
	Medium   Likelihood = "medium"
	High     Likelihood = "high"
	VeryHigh Likelihood = "very high"
)

func likelihoods() []Likelihood { return []Likelihood{VeryLow, Low, Medium, High, VeryHigh} }

// Severity is how bad the harm would be.
type Severity string

// The severities, from the lowest.
const (
	Minor        Severity = "minor"
	Significant  Severity = "significant"
	Considerable Severity = "considerable"
	Major        Severity = "major"
	Catastrophic Severity = "catastrophic"
)

func severities() []Severity {
	return []Severity{Minor, Significant, Considerable, Major, Catastrophic}
}

// Rating is a judgement of a clinical safety officer. The zero Rating is none.
type Rating struct {
	Likelihood Likelihood `json:"likelihood"`
	Severity   Severity   `json:"severity"`
}

// Matrix gives a risk from 1 to 5 for each likelihood, from the lowest, and each severity, from the lowest.
// Copies in circulation differ, so the matrix is part of what is approved.
type Matrix [5][5]int

// DefaultMatrix is the matrix of the DCB0129 template of the Digital Clinical Safety Alliance.
func DefaultMatrix() Matrix {
	return Matrix{
		{1, 1, 2, 2, 3},
		{1, 2, 2, 3, 4},
		{2, 2, 3, 3, 4},
		{2, 3, 3, 4, 5},
		{3, 4, 4, 5, 5},
	}
}

// Risk returns the risk of a rating; what has no rating has the highest.
func (m Matrix) Risk(r Rating) int {
	l, s := slices.Index(likelihoods(), r.Likelihood), slices.Index(severities(), r.Severity)
	if l < 0 || s < 0 {
		return 5
	}
	return m[l][s]
}

// HazardLog is the hazard log of a campaign (DCB0129): what may harm people, what controls it, and how each
// control is proved.
type HazardLog struct {
	// AcceptableRisk is the highest residual risk that the safety plan accepts.
	AcceptableRisk int      `json:"acceptableRisk"`
	Matrix         Matrix   `json:"matrix"`
	Hazards        []Hazard `json:"hazards"`
}

// Hazard is one way in which people may come to harm.
type Hazard struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	// Incident is where it has happened, if it has.
	Incident string `json:"incident,omitempty"`
	Cause    string `json:"cause"`
	Effect   string `json:"effect"`
	// Initial and Residual are the ratings without and with the controls.
	Initial  Rating    `json:"initial"`
	Residual Rating    `json:"residual"`
	Controls []Control `json:"controls"`
	// Closed hazards stay in the log and count no more.
	Closed bool `json:"closed,omitempty"`
}

// Control is what keeps a hazard from causing harm, and the tests that prove it. A control counts as proved
// when every one of its tests has passed.
type Control struct {
	Text  string `json:"text"`
	Tests []Test `json:"tests"`
}

// Check reports what is wrong with the log. Each error is a [*governance.FieldError].
func (l HazardLog) Check() error {
	if l.AcceptableRisk < 1 || l.AcceptableRisk > 4 {
		return &governance.FieldError{Field: "acceptableRisk", Reason: "must be between 1 and 4"}
	}
	if len(l.Hazards) == 0 {
		return &governance.FieldError{Field: "hazards", Reason: "must not be empty"}
	}
	for _, row := range l.Matrix {
		for _, risk := range row {
			if risk < 1 || risk > 5 {
				return &governance.FieldError{Field: "matrix", Reason: "must have risks from 1 to 5"}
			}
		}
	}
	seen := map[string]bool{}
	for i, h := range l.Hazards {
		at := fmt.Sprintf("hazards[%d].", i)
		switch {
		case h.ID == "" || seen[h.ID]:
			return &governance.FieldError{Field: at + "id", Reason: "is required, and must not be repeated"}
		case h.Title == "" || h.Cause == "" || h.Effect == "":
			return &governance.FieldError{Field: at + "title", Reason: "is required, with cause and effect"}
		case len(h.Controls) == 0:
			return &governance.FieldError{Field: at + "controls", Reason: "must not be empty"}
		}
		seen[h.ID] = true
		texts := []string{h.ID, h.Title, h.Incident, h.Cause, h.Effect}
		for _, c := range h.Controls {
			texts = append(texts, c.Text)
		}
		if err := impersonal(fmt.Sprintf("hazards[%d]", i), texts...); err != nil {
			return err
		}
	}
	return nil
}

// Summary is what a proposal says of the log, with the results of its tests: the digest of the log, the
// highest residual risk of an open hazard, and how many controls are not proved.
func (l HazardLog) Summary(results TestResults) (governance.HazardLog, error) {
	if err := l.Check(); err != nil {
		return governance.HazardLog{}, err
	}
	content, err := json.Marshal(l)
	if err != nil {
		return governance.HazardLog{}, fmt.Errorf("export: hazard log: %w", err)
	}
	s := governance.HazardLog{
		Content:     sha256.Sum256(append([]byte("nhs-prevention/hazard-log/v1\x00"), content...)),
		HighestRisk: 1, AcceptableRisk: l.AcceptableRisk,
	}
	for _, h := range l.Hazards {
		if h.Closed {
			continue
		}
		s.HighestRisk = max(s.HighestRisk, l.Matrix.Risk(h.Residual))
		for _, c := range h.Controls {
			if !results.prove(c) {
				s.Unproved++
			}
		}
	}
	return s, nil
}

// HazardReport is the hazard log with the last result of every test, for the clinical safety officer.
type HazardReport struct {
	Stamp

	Log     HazardLog            `json:"log"`
	Summary governance.HazardLog `json:"summary"`
	Results []NamedResult        `json:"results"`
}

// NamedResult is the last result of a test that a control names.
type NamedResult struct {
	Test

	Result TestResult `json:"result"`
}

// NewHazardReport makes the report of a log, which must be the one the proposal describes.
func NewHazardReport(p governance.Proposal, l HazardLog, results TestResults, at time.Time) (*HazardReport, error) {
	s, err := stamp(p, at)
	if err != nil {
		return nil, err
	}
	summary, err := l.Summary(results)
	if err != nil {
		return nil, err
	}
	if summary != p.Safety.HazardLog {
		return nil, &governance.FieldError{Field: "log", Reason: "is not, with these results, the one in the proposal"}
	}
	r := &HazardReport{Stamp: s, Log: l, Summary: summary}
	seen := map[Test]bool{}
	for _, h := range l.Hazards {
		for _, c := range h.Controls {
			for _, t := range c.Tests {
				if !seen[t] {
					seen[t] = true
					r.Results = append(r.Results, NamedResult{t, results.last(t)})
				}
			}
		}
	}
	return r, nil
}

// Document makes the report ready to be written.
func (r *HazardReport) Document() *Document {
	d := &Document{title: "Hazard log: " + r.Proposal, stamp: r.Stamp, data: r, sections: []section{
		{"Summary", []block{facts(
			[2]string{"Digest of the log", r.Summary.Content.String()},
			[2]string{"Highest residual risk of an open hazard", strconv.Itoa(r.Summary.HighestRisk)},
			[2]string{"Highest acceptable risk", strconv.Itoa(r.Summary.AcceptableRisk)},
			[2]string{"Controls without proof", strconv.Itoa(r.Summary.Unproved)},
		), text("Risks are from 1 to 5. A hazard without a rating has the highest. A control is proved when every test it names has passed.")}},
		{"Risk matrix", []block{r.matrix()}},
	}}
	results := map[Test]TestResult{}
	for _, n := range r.Results {
		results[n.Test] = n.Result
	}
	for _, h := range r.Log.Hazards {
		state := "open"
		if h.Closed {
			state = "closed"
		}
		incident := h.Incident
		if incident == "" {
			incident = "none known"
		}
		rows := make([][]string, len(h.Controls))
		for i, c := range h.Controls {
			rows[i] = []string{c.Text, proof(c, results)}
		}
		d.sections = append(d.sections, section{h.ID + ": " + h.Title, []block{
			facts(
				[2]string{"Cause", h.Cause}, [2]string{"Effect", h.Effect}, [2]string{"Incident", incident}, [2]string{"State", state},
				[2]string{"Initial risk", r.risk(h.Initial)}, [2]string{"Residual risk", r.risk(h.Residual)},
			),
			grid("", []string{"Control", "Tests and last results"}, rows),
		}})
	}
	return d
}

func (r *HazardReport) matrix() block {
	head := []string{"Likelihood"}
	for _, s := range severities() {
		head = append(head, "#"+string(s))
	}
	var rows [][]string
	for i, l := range slices.Backward(likelihoods()) {
		row := []string{string(l)}
		for _, risk := range r.Log.Matrix[i] {
			row = append(row, strconv.Itoa(risk))
		}
		rows = append(rows, row)
	}
	return grid("", head, rows)
}

func (r *HazardReport) risk(x Rating) string {
	if x == (Rating{}) {
		return "not rated"
	}
	return fmt.Sprintf("%d (%s, %s)", r.Log.Matrix.Risk(x), x.Likelihood, x.Severity)
}

func proof(c Control, results map[Test]TestResult) string {
	if len(c.Tests) == 0 {
		return "no test"
	}
	parts := make([]string, len(c.Tests))
	for i, t := range c.Tests {
		parts[i] = t.String() + ": " + results[t].String()
	}
	return strings.Join(parts, "; ")
}
