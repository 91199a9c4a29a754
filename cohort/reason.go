package cohort

import (
	"strconv"
	"strings"
	"unicode"
)

// Code gives a step a reason code, by which other systems know why it decided; without one it is the label
// in lower case with hyphens, such as "aged-40-to-74". The code is prose: it is in the document and its
// hash once it is given, and never in the meaning.
func (s Step) Code(code string) Step {
	s.code = code
	return s
}

// reasonCode is the code given or the one that the label makes. A label without letters and digits makes none.
func (s Step) reasonCode() string {
	if s.code != "" {
		return s.code
	}
	words := strings.FieldsFunc(strings.ToLower(s.label), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(words, "-")
}

// Status is what a decision means for inviting the person, in the words in which NHS eligibility services
// answer.
type Status uint8

// The statuses.
const (
	NotEligible   Status = iota // an Include fails: the programme is not for this person
	NotActionable               // only an Exclude fails, or someone has to decide: not to be invited as things are
	Actionable                  // a member
)

// String returns "not eligible", "not actionable" or "actionable".
func (s Status) String() string {
	switch s {
	case NotEligible:
		return "not eligible"
	case NotActionable:
		return "not actionable"
	case Actionable:
		return "actionable"
	default:
		return "status " + strconv.Itoa(int(s))
	}
}

// MarshalText writes the status as String does.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// RuleType is the kind of rule that a step is to an eligibility service.
type RuleType string

// The types of rule.
const (
	FilterRule      RuleType = "filter"      // an Include: who fails it is not eligible
	SuppressionRule RuleType = "suppression" // an Exclude: who fails it is not actionable
)

// Reason is a step because of which a person is not a member.
type Reason struct {
	// Step is the number of the step, counting from 1.
	Step int `json:"step"`
	// Rule is the kind of rule that the step is.
	Rule RuleType `json:"rule"`
	// Code is the reason code of the step, see [Step.Code].
	Code string `json:"code"`
	// Text is the label of the step.
	Text string `json:"text"`
	// Effect is Fails, or Refers when the step is left to someone to decide.
	Effect Effect `json:"effect"`
}

// reasons maps a decision to statuses and reason codes: those of every step that does not pass.
func (x *Explanation) reasons() (Status, []Reason) {
	status := Actionable
	var reasons []Reason
	for i, step := range x.Steps {
		if step.Effect == Passes {
			continue
		}
		reason := Reason{i + 1, FilterRule, step.Code, step.Label, step.Effect}
		if step.Exclude {
			reason.Rule = SuppressionRule
		}
		if step.Effect == Fails && !step.Exclude {
			status = NotEligible
		}
		status = min(status, NotActionable)
		reasons = append(reasons, reason)
	}
	return status, reasons
}
