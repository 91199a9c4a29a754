package governance_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs/governance"
)

// TestAnyByteVoidsExactlyTheRightGates flips every byte of a proposal's file. Either the file is refused, or
// exactly the gates that cover what changed are void, and none when nothing did.
func TestAnyByteVoidsExactlyTheRightGates(t *testing.T) {
	t.Parallel()
	before := newProposal()
	file := must(json.Marshal(before))
	old := before.Facets()
	gates := governance.DefaultGates()
	taken := make(map[governance.Facet]int)
	for i := range file {
		edited := slices.Clone(file)
		edited[i] ^= 0x01
		after, err := governance.ParseProposal(edited)
		if err != nil {
			continue
		}
		var changed []governance.Facet
		for f, d := range after.Facets() {
			if old[f] != d {
				changed = append(changed, f)
				taken[f]++
			}
		}
		if len(changed) > 1 {
			t.Fatalf("byte %d changed %v", i, changed)
		}
		whole := after.ID != before.ID || after.Author != before.Author
		if (after.Root() == before.Root()) != (!whole && len(changed) == 0) {
			t.Fatalf("byte %d: the root does not say that %v changed", i, changed)
		}
		for j, impact := range governance.Impact(before, after, gates) {
			covers := slices.ContainsFunc(changed, func(f governance.Facet) bool { return slices.Contains(gates[j].Covers, f) })
			if impact.Void != (whole || covers) {
				t.Fatalf("byte %d changed %v: %s", i, changed, impact)
			}
		}
	}
	for _, f := range governance.AllFacets() {
		if taken[f] == 0 {
			t.Errorf("no byte of the facet %s was changed lawfully", f)
		}
	}
}

// TestAnyByteOfAManifestVoidsTheLastGates flips every byte of a manifest's file.
func TestAnyByteOfAManifestVoidsTheLastGates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	w.built()
	w.approve("summary", "release")
	file := must(json.Marshal(w.manifest))
	tried := 0
	for i := range file {
		var edited governance.Manifest
		data := slices.Clone(file)
		data[i] ^= 0x01
		d := json.NewDecoder(bytes.NewReader(data))
		d.DisallowUnknownFields()
		if d.Decode(&edited) != nil || edited.Validate() != nil || edited.Digest() == w.manifest.Digest() {
			continue
		}
		tried++
		r := must(w.authority.Check(t.Context(), w.proposal, &edited, governance.Synthetic))
		for j, g := range r.Gates {
			if void := g.Status == governance.StatusVoid; void != w.gates[j].Manifest {
				t.Fatalf("byte %d: %+v", i, g)
			}
		}
	}
	if tried < 100 {
		t.Errorf("only %d manifests were tried", tried)
	}
}

// TestClockSkew: a signer's clock may be a little ahead of the log's, and no more.
func TestClockSkew(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		ahead time.Duration
		ok    bool
	}{
		"a year behind": {-300 * day, true}, "in step": {0, true}, "five minutes ahead": {5 * time.Minute, true},
		"a moment more": {5*time.Minute + 1, false},
	} {
		w := newWorld(t, new(governance.MemoryStorage))
		a := w.approval("legal", "")
		a.SignedAt = w.now.Add(tt.ahead)
		a.Expires = w.now.Add(day)
		_, err := w.authority.Submit(t.Context(), must(a.Sign(w.keys[governance.RoleLegal])))
		if (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
		h := governance.Halt{Proposal: w.proposal.ID, Reason: "stop", SignedAt: w.now.Add(tt.ahead)}
		if _, err := w.authority.Submit(t.Context(), must(h.Sign(w.author))); (err == nil) != tt.ok {
			t.Errorf("%s, a halt: %v", name, err)
		}
	}
	// An approval that was signed long ago counts from then, not from when it was logged.
	w := newWorld(t, new(governance.MemoryStorage))
	a := w.approval("assurance", "")
	a.SignedAt = w.now.Add(-89 * day)
	a.Expires = w.now.Add(day)
	w.submit(a.Sign(w.keys[governance.RoleTester]))
	for _, step := range []struct {
		after time.Duration
		want  governance.GateStatus
	}{{0, governance.StatusMet}, {day - 1, governance.StatusMet}, {day, governance.StatusExpired}} {
		w.now = start.Add(step.after)
		if got := w.status("assurance").Status; got != step.want {
			t.Errorf("after %s: %s, want %s", step.after, got, step.want)
		}
	}
}

// TestThresholds: so many places, filled by so many people, and neither by fewer.
func TestThresholds(t *testing.T) {
	t.Parallel()
	random := rand.NewChaCha8([32]byte{2})
	valid := governance.Validity{From: start.Add(-day), Until: start.Add(1000 * day)}
	key := func(id governance.PersonID) *governance.Signer { return must(governance.NewSigningKey(random, id)) }
	ann, ben, cid, dee := key("ann"), key("ben"), key("cid"), key("dee")
	people := []governance.Person{
		ann.Person(valid, governance.RoleCSO), ben.Person(valid, governance.RoleCSO, governance.RoleClinicalLead),
		cid.Person(valid, governance.RoleClinicalLead), dee.Person(valid, governance.RoleSIRO),
	}
	places := []governance.AnyOf{{governance.RoleCSO}, {governance.RoleClinicalLead}}
	for name, tt := range map[string]struct {
		places    []governance.AnyOf
		minPeople int
		signers   []*governance.Signer
		want      governance.GateStatus
	}{
		"two of two":                      {places, 2, []*governance.Signer{ann, cid}, governance.StatusMet},
		"one person for two places":       {places, 1, []*governance.Signer{ben}, governance.StatusMissing},
		"two for the same place":          {places, 2, []*governance.Signer{ann, ann}, governance.StatusMissing},
		"the versatile one makes way":     {places, 2, []*governance.Signer{ben, ann}, governance.StatusMet},
		"three wanted, two came":          {places, 3, []*governance.Signer{ann, cid}, governance.StatusMissing},
		"three wanted, three came":        {places, 3, []*governance.Signer{ann, ben, cid}, governance.StatusMet},
		"three places, three people":      {append(slices.Clone(places), governance.AnyOf{governance.RoleCSO, governance.RoleClinicalLead}), 1, []*governance.Signer{ann, ben, cid}, governance.StatusMet},
		"three places, two people":        {append(slices.Clone(places), governance.AnyOf{governance.RoleCSO, governance.RoleClinicalLead}), 1, []*governance.Signer{ann, cid}, governance.StatusMissing},
		"an alternative fills the place":  {[]governance.AnyOf{{governance.RoleCaldicott, governance.RoleSIRO}}, 1, []*governance.Signer{dee}, governance.StatusMet},
		"more places than people minimum": {places, 1, []*governance.Signer{ann}, governance.StatusMissing},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, new(governance.MemoryStorage))
			w.trust = must(governance.NewTrust(append(slices.Clone(people), w.author.Person(valid))...))
			i := slices.IndexFunc(w.gates, func(g governance.Gate) bool { return g.Name == "clinical" })
			w.gates[i].Roles, w.gates[i].MinPeople = tt.places, tt.minPeople
			w.open()
			for j, s := range tt.signers {
				w.now = start.Add(time.Duration(j) * time.Second)
				w.submit(w.approval("clinical", "").Sign(s))
			}
			if got := w.status("clinical"); got.Status != tt.want {
				t.Errorf("got %+v, want %s", got, tt.want)
			}
		})
	}
}
