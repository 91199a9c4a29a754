package caas_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/caas"
)

// Reasons are what the record states, and "unknown" is one.
func TestReasons(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		record caas.Record
		want   []caas.ChangeReason
	}{
		"nothing":        {caas.Record{Invalid: new(false), Eligible: new(true), GivenName: "Ann"}, []caas.ChangeReason{caas.ReasonUnknown}},
		"formal":         {caas.Record{DeathStatus: caas.DeathFormal}, []caas.ChangeReason{caas.ReasonFormalDeath}},
		"informal":       {caas.Record{DeathStatus: caas.DeathInformal}, []caas.ChangeReason{caas.ReasonInformalDeath}},
		"another status": {caas.Record{DeathStatus: "3"}, []caas.ChangeReason{caas.ReasonUnknown}},
		"dated":          {caas.Record{DeathDate: day(t, "2026")}, []caas.ChangeReason{caas.ReasonDeathDate}},
		"death":          {caas.Record{ReasonForRemoval: "DEA"}, []caas.ChangeReason{caas.ReasonDeath}},
		"Scotland":       {caas.Record{ReasonForRemoval: " sct"}, []caas.ChangeReason{caas.ReasonScotland}},
		"not among them": {caas.Record{ReasonForRemoval: "NRA"}, []caas.ChangeReason{"NRA"}},
		"no code":        {caas.Record{ReasonForRemoval: "moved to Houlaghan"}, []caas.ChangeReason{caas.ReasonOtherRemoval}},
		"a number":       {caas.Record{ReasonForRemoval: number(0).Reveal()}, []caas.ChangeReason{caas.ReasonOtherRemoval}},
		"blank":          {caas.Record{ReasonForRemoval: " "}, []caas.ChangeReason{caas.ReasonOtherRemoval}},
		"superseded":     {caas.Record{SupersededBy: number(1)}, []caas.ChangeReason{caas.ReasonSuperseded}},
		"invalid":        {caas.Record{Invalid: new(true)}, []caas.ChangeReason{caas.ReasonInvalid}},
		"not eligible":   {caas.Record{Eligible: new(false)}, []caas.ChangeReason{caas.ReasonNotEligible}},
		"several, in order": {
			caas.Record{Eligible: new(false), ReasonForRemoval: "ORR", DeathStatus: caas.DeathFormal, SupersededBy: number(1)},
			[]caas.ChangeReason{caas.ReasonFormalDeath, caas.ReasonOther, caas.ReasonSuperseded, caas.ReasonNotEligible},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			diff(t, tt.want, tt.record.Reasons())
		})
	}
}

func TestReasons_meaning(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{"": true}
	for _, r := range []caas.ChangeReason{
		caas.ReasonUnknown, caas.ReasonFormalDeath, caas.ReasonInformalDeath, caas.ReasonDeathDate, caas.ReasonSuperseded, caas.ReasonInvalid,
		caas.ReasonNotEligible, caas.ReasonOtherRemoval, "AFL", "AFN", "CGA", "DEA", "DIS", "EMB", "LDN", "NIT", "OPA", "ORR", "RDI", "RDR", "RFI",
		"RPR", "SCT", "SDL", "SDN", "TRA",
	} {
		if seen[r.Meaning()] {
			t.Errorf("%s means %q", r, r.Meaning())
		}
		seen[r.Meaning()] = true
		if death := strings.HasPrefix(r.Meaning(), "death"); death != r.Death() {
			t.Errorf("%s: %s", r, r.Meaning())
		}
	}
	if m := caas.ChangeReason("NRA").Meaning(); m != "" {
		t.Error(m)
	}
}

// Nothing of the person shows when a change is printed.
func TestChangeMasksItself(t *testing.T) {
	t.Parallel()
	var store caas.MemoryMembership
	secret := "Houlaghan"
	r := rec(caas.Delete, 0, 1, 1, named(secret), mergedInto(1), func(r *caas.Record) { r.ReasonForRemoval = secret + r.Number.Reveal() })
	a := caas.Applier{Members: &store, Supersession: caas.SupersessionMoves}
	totals, err := a.Apply(t.Context(), caas.Delivery{ID: "d", Records: rows(rec(caas.Add, 0, 0, 0), r)})
	if err != nil {
		t.Fatal(err)
	}
	people, changes := state(&store)
	text := fmt.Sprintf("%v %+v %#v %+v %+v", changes, changes, changes, totals, people)
	assertMasked(t, text, number(0))
	assertMasked(t, text, number(1))
	if strings.Contains(text, secret) {
		t.Errorf("a name shows in %s", text)
	}
}
