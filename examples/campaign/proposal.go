package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs/campaign"
	"github.com/personalised-prevention/nhs/governance"
)

const author = governance.PersonID("o.grey")

// The message, as approved. It names no condition: to be told about a service
// because of a condition would tell whoever sees the telephone.
const (
	appText = "Feeling low or worried? NHS Talking Therapies is free, and you can refer yourself. " +
		"Your practice, ((practice)), supports this message."
	smsText = "NHS Talking Therapies is free for low mood or worry. You can refer yourself: nhs.uk/talking"
)

// propose writes the proposal, opens the audit log and collects the approvals
// that come before anybody's record is looked at.
func (s *story) propose(ctx context.Context) error {
	if err := s.writeProposal(ctx); err != nil {
		return err
	}
	if err := s.openAuthority(ctx); err != nil {
		return err
	}
	for _, gate := range governance.DefaultGates() {
		if gate.Manifest || gate.Stage {
			continue // signed when there is a list
		}
		if err := s.approve(ctx, gate, governance.Manifest{}, ""); err != nil {
			return err
		}
	}
	report, err := s.authority.Check(ctx, s.proposal, nil, "")
	if err != nil {
		return err
	}
	s.say("%s", report)
	return nil
}

func (s *story) writeProposal(ctx context.Context) error {
	facet, err := campaign.CohortFacet(s.plan)
	if err != nil {
		return err
	}
	if s.hazards, s.results, err = s.hazardLog(ctx); err != nil {
		return err
	}
	hazards, err := s.hazards.Summary(s.results)
	if err != nil {
		return err
	}
	now := s.clock.Now()
	people := len(s.members)
	optOut := governance.OptOutDecision{Reason: "individual care by implied consent: the national data opt-out does not apply"}
	s.proposal = governance.Proposal{
		ID: "talking-therapies-2026", Author: author, Cohort: facet,
		Data: s.dataFacet(),
		Purpose: governance.PurposeFacet{
			Code: "prevention.talking-therapies", Text: "Telling people about NHS Talking Therapies",
			Controllers: []string{"NHS England (demonstration)"},
			Basis: governance.LegalBasis{
				Article6: governance.Article6PublicTask, Article9: governance.Article9HealthCare,
				Confidentiality: governance.ImpliedConsent, Vehicle: "a direction of the demonstration",
				Reference: "DEMO-2026-1", Expires: now.AddDate(1, 0, 0), DataSets: s.dataSets(),
			},
			OptOut: optOut, Class: governance.IndividualCare,
		},
		Message: governance.MessageFacet{
			RoutingPlan: governance.RoutingPlan{ID: routingPlan, Version: "1"},
			Templates: []governance.Template{
				governance.NewTemplate(governance.ChannelNHSApp, "en", "standard", []byte(appText), sample(appText)),
				governance.NewTemplate(governance.ChannelSMS, "en", "standard", []byte(smsText), sample(smsText)),
			},
			PersonalisationKeys: []string{"practice"},
		},
		Volume: governance.VolumeFacet{
			ExpectedMin: people * 9 / 10, ExpectedMax: people, HardCap: people + rehearsalPeople, DailyCap: people + rehearsalPeople,
			Stages: []governance.StageCap{
				{Stage: governance.Synthetic, Cap: rehearsalPeople},
				{Stage: governance.DryRun, Cap: people},
				{Stage: governance.Pilot, Cap: min(150, people/10+1)},
				{Stage: governance.Ramp, Cap: people/3 + 1},
				{Stage: governance.National, Cap: people},
			},
			UnitCosts: []governance.UnitCost{
				{Channel: governance.ChannelNHSApp, PerThousand: 1000},
				{Channel: governance.ChannelSMS, MilliPence: 2880, PerThousand: 500},
			},
			PurchaseOrder: "DEMO-PO-1", BudgetPence: (people + rehearsalPeople) * 3,
		},
		Safety: safetyFacet(optOut, hazards),
		Window: governance.WindowFacet{
			NotBefore: now, NotAfter: now.AddDate(0, 2, 0),
			Hours: governance.SendingHours{
				Days: []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}, From: "08:00", To: "18:00",
			},
		},
	}
	return s.proposal.Validate()
}

// sample renders a text as a person would see it.
func sample(text string) []byte {
	return []byte(strings.ReplaceAll(text, "((practice))", "The Example Practice"))
}

// dataFacet asks for exactly what the definition uses.
func (s *story) dataFacet() governance.DataFacet {
	var facet governance.DataFacet
	for _, use := range campaign.Uses(s.plan) {
		facet.Sets = append(facet.Sets, governance.DataSet{
			Name: use.DataSet, Fields: use.Fields, Earliest: use.Earliest, GPRecords: strings.HasPrefix(use.DataSet, "gpes."),
			Controller: "NHS England (demonstration)", MaxAgeHours: 24 * 120, RetentionDays: 90,
		})
	}
	return facet
}

func (s *story) dataSets() []string {
	var names []string
	for _, use := range s.plan.Uses().Tables {
		names = append(names, use.Table)
	}
	return names
}

func (s *story) snapshots() []governance.Snapshot {
	var taken []governance.Snapshot
	for _, name := range s.dataSets() {
		taken = append(taken, governance.Snapshot{
			DataSet: name, ID: fmt.Sprintf("synthetic seed %d", s.seed), TakenAt: s.clock.Now().AddDate(0, -2, 0),
		})
	}
	return taken
}

// safetyFacet has every suppression the opt-out decision needs, and one more that
// the campaign applies; each is proved by two planted test people. When a batch
// leaves none may be older than is advised, or three weeks: the campaign makes those
// that are again.
func safetyFacet(decision governance.OptOutDecision, hazards governance.HazardLog) governance.SafetyFacet {
	facet := governance.SafetyFacet{
		MinimumAge: 18,
		Disclosure: governance.DisclosurePolicy{Name: "HES", SuppressUpTo: 7, RoundTo: 5},
		HazardLog:  hazards,
		Limits:     governance.StageLimits{FailedPerThousand: 250, DeceasedPerThousand: 5},
	}
	rules := append(decision.Suppressions(), governance.SuppressionRule{Name: governance.SuppressNoRecord})
	for _, rule := range rules {
		age := cmp.Or(rule.AdvisedHours, 24*21)
		facet.Suppressions = append(facet.Suppressions, governance.Suppression{Name: rule.Name, MaxAgeHours: age})
		facet.Sentinels = append(facet.Sentinels, governance.Sentinel{Kind: rule.Name, Planted: 2})
	}
	return facet
}

// approve has the right people sign a gate, one note each.
func (s *story) approve(ctx context.Context, gate governance.Gate, m governance.Manifest, stage governance.Stage) error {
	for _, place := range gate.Roles {
		s.clock.advance(time.Second) // people sign one after the other
		approval := governance.Approve(s.proposal, gate, s.clock.Now())
		if gate.Manifest {
			approval.Manifest = m.Digest()
		}
		if gate.Stage {
			approval.Stage = stage
		}
		for _, kind := range gate.Evidence {
			approval.Evidence = append(approval.Evidence, governance.Evidence{
				Kind: kind, Reference: "DEMO " + string(kind), Content: sha256.Sum256([]byte(kind)),
			})
		}
		note, err := approval.Sign(s.staff[holder(place)])
		if err != nil {
			return err
		}
		if _, err := s.authority.Submit(ctx, note); err != nil {
			return err
		}
	}
	return nil
}

// holder returns who holds one of the roles of a place.
func holder(place governance.AnyOf) governance.PersonID {
	for _, m := range staff() {
		if slices.ContainsFunc(place, func(r governance.Role) bool { return slices.Contains(m.roles, r) }) {
			return m.id
		}
	}
	return ""
}

// release has a built list summarised, approved and released for a stage.
func (s *story) release(ctx context.Context, m governance.Manifest, stage governance.Stage) error {
	for _, gate := range governance.DefaultGates() {
		if gate.Manifest || gate.Stage {
			if err := s.approve(ctx, gate, m, stage); err != nil {
				return err
			}
		}
	}
	return nil
}
