package campaign

import (
	"fmt"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/governance"
)

// Report is a campaign on one page, for the people who answer for it: what was
// defined, who approved it, who was left out and why, and how everybody was
// reached. It names staff who signed, and nobody else.
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
	Approvals  governance.Register // of every version of the proposal
	Attrition  *cohort.Published   // nil if not configured
	Outcome    Outcome
}

// CodeListLine is one code list of the definition.
type CodeListLine struct {
	ID, Version, System string
	Codes               int // how many
}

// Report returns the report as things stand. The policy is applied to attrition:
// one that shows more than the policy in the proposal is refused with an
// [*nhs.ArgumentError].
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
	if c.config.Attrition == nil {
		return r, nil
	}
	if approved := p.Safety.Disclosure; policy.HideTo < approved.SuppressUpTo || policy.RoundTo < approved.RoundTo {
		return nil, fmt.Errorf("campaign: report: %w", &nhs.ArgumentError{
			Name:   "policy",
			Reason: fmt.Sprintf("must hide counts up to %d and round to %d, as in the proposal", approved.SuppressUpTo, approved.RoundTo),
		})
	}
	published, err := c.config.Attrition.Publish(policy)
	if err != nil {
		return nil, fmt.Errorf("campaign: report: %w", err)
	}
	r.Attrition = published
	return r, nil
}
