package governance_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/personalised-prevention/nhs/governance"
)

// TestDeriveOptOut goes through the whole decision table.
func TestDeriveOptOut(t *testing.T) {
	t.Parallel()
	const yes, no, depends = governance.Applies, governance.DoesNotApply, governance.Depends
	for basis, want := range map[governance.Confidentiality][2]governance.Treatment{
		governance.ImpliedConsent:           {no, no},
		governance.ExplicitConsent:          {no, depends},
		governance.Section251Regulation2:    {yes, yes},
		governance.Section251Regulation5:    {yes, yes},
		governance.CommunicableDisease:      {depends, depends},
		governance.StatutoryRequirement:     {no, depends},
		governance.OverridingPublicInterest: {no, depends},
		"something new":                     {depends, depends},
	} {
		got := governance.DeriveOptOut(basis, false, true)
		if got.NationalDataOptOut != want[0] || got.Type1 != want[1] {
			t.Errorf("%s: got %+v, want %v", basis, got, want)
		}
		if got := governance.DeriveOptOut(basis, false, false); got.Type1 != no {
			t.Errorf("%s without GP records: %+v", basis, got)
		}
		if got := governance.DeriveOptOut(basis, true, true); got.NationalDataOptOut != yes || got.Type1 != yes {
			t.Errorf("%s beyond care: %+v", basis, got)
		}
	}
	if len(governance.OptOutRules()) != 7 {
		t.Error("a row for every basis")
	}
}

// TestOptOutDecision: a decision may honour more than its basis asks for, and never less.
func TestOptOutDecision(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		basis    governance.Confidentiality
		beyond   bool
		gp       bool
		decision governance.OptOutDecision
		field    string // of the first error, or empty
	}{
		"care":                       {basis: governance.ImpliedConsent, gp: true},
		"care, honouring both":       {basis: governance.ImpliedConsent, gp: true, decision: governance.OptOutDecision{NationalDataOptOut: true, Type1: true}},
		"support without":            {basis: governance.Section251Regulation5, field: "purpose.optOut.nationalDataOptOut"},
		"support without type 1":     {basis: governance.Section251Regulation5, gp: true, decision: governance.OptOutDecision{NationalDataOptOut: true}, field: "purpose.optOut.type1"},
		"support without GP records": {basis: governance.Section251Regulation2, decision: governance.OptOutDecision{NationalDataOptOut: true}},
		"support set aside":          {basis: governance.Section251Regulation2, decision: governance.OptOutDecision{Disapplied: "letter 7"}},
		"set aside and applied":      {basis: governance.Section251Regulation2, decision: governance.OptOutDecision{Disapplied: "letter 7", NationalDataOptOut: true}, field: "purpose.optOut.disapplied"},
		"consent set aside":          {basis: governance.ExplicitConsent, decision: governance.OptOutDecision{Disapplied: "letter 7"}, field: "purpose.optOut.disapplied"},
		"care and evaluation":        {basis: governance.ImpliedConsent, beyond: true, decision: governance.OptOutDecision{NationalDataOptOut: true, Type1: true}, field: "purpose.secondaryUse"},
		"law and evaluation":         {basis: governance.StatutoryRequirement, beyond: true, gp: true, decision: governance.OptOutDecision{NationalDataOptOut: true, Type1: true}},
		"law and evaluation without": {basis: governance.StatutoryRequirement, beyond: true, field: "purpose.optOut.nationalDataOptOut"},
		"set aside beyond care":      {basis: governance.Section251Regulation5, beyond: true, decision: governance.OptOutDecision{Disapplied: "letter 7"}, field: "purpose.optOut.disapplied"},
		"regulation 3, decided":      {basis: governance.CommunicableDisease, gp: true},
	} {
		p := newProposal()
		p.Purpose.Basis.Confidentiality, p.Purpose.SecondaryUse = tt.basis, tt.beyond
		for i := range p.Data.Sets {
			p.Data.Sets[i].GPRecords = tt.gp
		}
		p.Purpose.OptOut = tt.decision
		p.Purpose.OptOut.Reason = "as derived"
		suppress(&p)
		err := p.Validate()
		e, _ := errors.AsType[*governance.FieldError](err)
		if (err == nil) != (tt.field == "") || err != nil && e.Field != tt.field {
			t.Errorf("%s: got %v, want an error at %q", name, err, tt.field)
		}
	}
}

// TestSuppressionsNeeded: every suppression that is needed must be there, fresh enough and proved.
func TestSuppressionsNeeded(t *testing.T) {
	t.Parallel()
	all := governance.OptOutDecision{NationalDataOptOut: true, Type1: true, Reason: "all"}
	if got := len(all.Suppressions()); got != 8 {
		t.Errorf("%d suppressions are needed with both opt-outs, want 8", got)
	}
	for _, rule := range all.Suppressions() {
		p := newProposal()
		p.Purpose.OptOut = all
		suppress(&p)
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		p.Safety.Suppressions = slices.DeleteFunc(p.Safety.Suppressions, func(s governance.Suppression) bool { return s.Name == rule.Name })
		if e, ok := errors.AsType[*governance.FieldError](p.Validate()); !ok || e.Field != "safety.suppressions" {
			t.Errorf("without %s: %v", rule.Name, e)
		}
		suppress(&p)
		p.Safety.Sentinels = slices.DeleteFunc(p.Safety.Sentinels, func(s governance.Sentinel) bool { return s.Kind == rule.Name })
		if e, ok := errors.AsType[*governance.FieldError](p.Validate()); ok != rule.Sentinel || ok && e.Field != "safety.sentinels" {
			t.Errorf("without sentinels for %s: %v", rule.Name, e)
		}
		suppress(&p)
		for i, s := range p.Safety.Suppressions {
			if s.Name == rule.Name {
				p.Safety.Suppressions[i].MaxAgeHours = 21*24 + 1
			}
		}
		if err := p.Validate(); (err != nil) != (rule.Name == governance.SuppressNationalOptOut) {
			t.Errorf("%s checked over 21 days ago: %v", rule.Name, err)
		}
	}
}
