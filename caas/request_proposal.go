package caas

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/governance"
)

// FillProposal fills in what a governance proposal says, where the request says
// nothing yet, and names the proposal in an annex. Any part of it may still be empty:
//
//   - goals: the purpose;
//   - timelines: when messages are sent, and how old data may be;
//   - risks: the hazard log, and the checks on every recipient;
//   - assumptions: the expected size of the cohort, and how many are sent a message;
//   - funding: the purchase order, which is for messages, as the text says;
//   - legal basis: the whole of it, with opt-outs and controllers;
//   - DPIA: the documents that people referred to when they approved the proposal as
//     it is now, and have not taken back, from the register.
//
// Register is what [governance.Authority.Register] returns for the proposal; it may be
// nil. The error is an [*nhs.ArgumentError].
func (r *Request) FillProposal(p governance.Proposal, register governance.Register) error {
	if p.ID == "" {
		return &nhs.ArgumentError{Name: "proposal", Reason: "must have an id"}
	}
	proposal := describeProposal(p)
	if err := agree(r.Definition, proposal); err != nil {
		return err
	}
	r.Proposal = proposal
	fill(&r.Cohort.Goals, aims(p.Purpose)...)
	fill(&r.Cohort.Timelines, append(sending(p.Window), ages(p.Data)...)...)
	fill(&r.Risks, controls(p.Safety)...)
	fill(&r.Assumptions, sizes(p.Volume)...)
	fill(&r.Funding, funds(p.Volume)...)
	fill(&r.LegalBasis, basis(p.Purpose)...)
	fill(&r.DPIA, evidence(p, register)...)
	return nil
}

func describeProposal(p governance.Proposal) *RequestProposal {
	d := &RequestProposal{ID: p.ID, Root: p.Root().String(), Meaning: p.Cohort.Meaning.String(), DataSets: []RequestDataSet{}}
	for _, s := range p.Data.Sets {
		d.DataSets = append(d.DataSets, RequestDataSet{
			Name: s.Name, Controller: s.Controller, Earliest: s.Earliest,
			MaxAgeHours: s.MaxAgeHours, RetentionDays: s.RetentionDays,
		})
	}
	return d
}

// lines collects what is said: a line is left out if something in it is not said.
type lines []string

func (l *lines) add(format string, values ...any) {
	for _, v := range values {
		if v == "" || v == 0 {
			return
		}
	}
	*l = append(*l, fmt.Sprintf(format, values...))
}

func aims(f governance.PurposeFacet) (l lines) {
	l.add("%s", f.Text)
	l.add("Purpose code: %s", f.Code)
	return l
}

func sending(f governance.WindowFacet) (l lines) {
	l.add("Messages are sent from %s until %s.", instant(f.NotBefore), instant(f.NotAfter))
	var days []string
	for _, d := range f.Hours.Days {
		days = append(days, d.String())
	}
	l.add("Messages are sent on %s, from %s to %s in London.", strings.Join(days, ", "), f.Hours.From, f.Hours.To)
	return l
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2 January 2006 15:04 MST")
}

func ages(f governance.DataFacet) (l lines) {
	for _, s := range f.Sets {
		l.add("Data of %s are at most %d hours old when they are used.", s.Name, s.MaxAgeHours)
	}
	return l
}

func controls(f governance.SafetyFacet) (l lines) {
	if log := f.HazardLog; !log.Content.IsZero() {
		l.add("Risks are in the hazard log, content %s.", log.Content.String())
		l.add("Its highest open risk is %d, and %d is acceptable.", log.HighestRisk, log.AcceptableRisk)
	}
	l.add("Nobody below the age of %d is sent a message.", f.MinimumAge)
	for _, s := range f.Suppressions {
		l.add("Every recipient is checked: %s, at most %d hours before a message.", s.Name, s.MaxAgeHours)
	}
	for _, s := range f.Sentinels {
		l.add("Test people are planted, and must be caught: %s, at least %d.", s.Kind, s.Planted)
	}
	return l
}

func sizes(f governance.VolumeFacet) (l lines) {
	if f.ExpectedMax > 0 {
		l = append(l, fmt.Sprintf("The cohort is expected to have %d to %d people.", f.ExpectedMin, f.ExpectedMax))
	}
	l.add("At most %d people are sent a message, and at most %d in a day.", f.HardCap, f.DailyCap)
	return l
}

func funds(f governance.VolumeFacet) (l lines) {
	if f.PurchaseOrder == "" {
		return nil
	}
	return lines{
		fmt.Sprintf("Purchase order %s has %s left, and pays for messages: at most %s.",
			f.PurchaseOrder, pounds(f.BudgetPence), pounds(f.WorstCasePence())),
		"It does not say who pays for building and running the cohort, which CaaS estimates after a feasibility assessment.",
	}
}

func pounds(pence int) string { return fmt.Sprintf("£%d.%02d", pence/100, pence%100) }

func basis(f governance.PurposeFacet) (l lines) {
	b := f.Basis
	l.add("UK GDPR: Article %s, Article %s.", string(b.Article6), string(b.Article9))
	l.add("Duty of confidentiality: %s.", strings.ReplaceAll(string(b.Confidentiality), "-", " "))
	l.add("Vehicle: %s. Reference: %s.", b.Vehicle, b.Reference)
	l.add("Valid until %s.", instant(b.Expires))
	l.add("It covers the data sets %s.", strings.Join(b.DataSets, ", "))
	for _, condition := range b.Conditions {
		l.add("Condition: %s.", condition)
	}
	if f.SecondaryUse {
		l.add("The data also serve evaluation, planning or research.")
	}
	l.add("Controllers: %s.", strings.Join(f.Controllers, ", "))
	l.add("National data opt-out: %s. Type 1 opt-out: %s. Reason: %s.", applied(f.OptOut.NationalDataOptOut), applied(f.OptOut.Type1), f.OptOut.Reason)
	l.add("The standard opt-out condition is set aside by %s.", f.OptOut.Disapplied)
	l.add("Messages are of the class %s.", string(f.Class))
	return l
}

func applied(yes bool) string {
	if yes {
		return "applied"
	}
	return "not applied"
}

// evidence returns the DPIA, and the transparency notice with it, that standing
// approvals of the proposal refer to.
func evidence(p governance.Proposal, register governance.Register) []string {
	standing := approvals(p, register)
	found := documents(standing, governance.EvidenceDPIA, "DPIA")
	if found == nil {
		return nil
	}
	return append(found, documents(standing, governance.EvidenceTransparencyNotice, "Transparency notice")...)
}

// approvals returns the approvals of the proposal as it is, signed by people who are
// trusted, of gates that nobody has rejected or revoked since.
func approvals(p governance.Proposal, register governance.Register) []*governance.Approval {
	facets := p.Facets()
	var standing []*governance.Approval
	for _, entry := range register {
		a := entry.Approval
		if a == nil || a.Proposal != p.ID || len(entry.By) == 0 {
			continue
		}
		if a.Decision != governance.DecisionApprove {
			standing = slices.DeleteFunc(standing, func(s *governance.Approval) bool { return s.Gate == a.Gate })
			continue
		}
		current := true
		for facet, digest := range a.Facets {
			current = current && facets[facet] == digest
		}
		if current {
			standing = append(standing, a)
		}
	}
	return standing
}

func documents(standing []*governance.Approval, kind governance.EvidenceKind, name string) []string {
	var found []string
	for _, a := range standing {
		for _, e := range a.Evidence {
			line := fmt.Sprintf("%s: %s, content %s", name, e.Reference, e.Content)
			if e.Kind == kind && !slices.Contains(found, line) {
				found = append(found, line)
			}
		}
	}
	return found
}
