package governance_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/governance"
)

// status asks how one gate stands for the synthetic stage.
func (w *world) status(gate string) governance.GateReport {
	w.Helper()
	r, err := w.authority.Check(w.Context(), w.proposal, &w.manifest, governance.Synthetic)
	if err != nil {
		w.Fatal(err)
	}
	for _, g := range r.Gates {
		if g.Gate == gate {
			return g
		}
	}
	w.Fatalf("no gate %s in the report", gate)
	return governance.GateReport{}
}

func TestEveryGateIsNeeded(t *testing.T) {
	t.Parallel()
	for _, without := range governance.DefaultGates() {
		t.Run(without.Name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, new(governance.MemoryStorage))
			for _, g := range w.gates {
				if g.Name != without.Name {
					w.approve(g.Name)
				}
			}
			if _, err := w.authority.PermitSend(t.Context(), w.proposal, w.manifest, governance.Synthetic); !errors.Is(err, governance.ErrNotApproved) {
				t.Errorf("a permit to send without %s: %v", without.Name, err)
			}
			_, err := w.authority.PermitBuild(t.Context(), w.proposal)
			if afterBuild := without.Manifest; errors.Is(err, governance.ErrNotApproved) == afterBuild {
				t.Errorf("building without %s: %v", without.Name, err)
			}
		})
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	random := strings.NewReader(strings.Repeat("another seed of 32 bytes, for keys", 20))
	valid := governance.Validity{From: start.Add(-day), Until: start.Add(day)}
	both := []governance.Role{governance.RoleCSO, governance.RoleClinicalLead}
	key := func(id governance.PersonID) *governance.Signer { return must(governance.NewSigningKey(random, id)) }
	alice, alice2, bob, carol := key("alice"), key("alice"), key("bob"), key("carol")
	person := alice.Person(valid, both...)
	person.Keys = append(person.Keys, alice2.Person(valid).Keys...)
	people := []governance.Person{
		person, bob.Person(valid, both...), carol.Person(valid, governance.RoleCSO, governance.RoleTester),
	}
	cases := map[string]struct {
		signers []*governance.Signer
		want    governance.GateStatus
	}{
		"one person":                             {[]*governance.Signer{alice}, governance.StatusMissing},
		"one person with two keys":               {[]*governance.Signer{alice, alice2}, governance.StatusMissing},
		"two people who could be either":         {[]*governance.Signer{alice, bob}, governance.StatusMet},
		"the only lead gives up the other place": {[]*governance.Signer{alice, carol}, governance.StatusMet},
	}
	for name, c := range cases {
		for _, together := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, new(governance.MemoryStorage))
				w.trust = must(governance.NewTrust(append(slices.Clone(people), w.author.Person(valid))...))
				w.open()
				if together {
					w.submit(w.approval("clinical", "").Sign(c.signers...))
				} else {
					for _, s := range c.signers {
						w.now = w.now.Add(time.Second)
						w.submit(w.approval("clinical", "").Sign(s))
					}
				}
				if got := w.status("clinical"); got.Status != c.want {
					t.Errorf("got %+v, want %s", got, c.want)
				}
			})
		}
	}
}

func TestSubmitRefuses(t *testing.T) {
	t.Parallel()
	stranger := must(governance.NewSigningKey(strings.NewReader(strings.Repeat("s", 32)), "stranger"))
	cases := map[string]struct {
		gate   string
		change func(*world, *governance.Approval)
		signer func(*world) []*governance.Signer
		want   string
	}{
		"stranger": {"legal", nil, func(*world) []*governance.Signer {
			return []*governance.Signer{stranger}
		}, "no signature is by a trusted key"},
		"stranger as well": {"legal", nil, func(w *world) []*governance.Signer {
			return []*governance.Signer{w.keys[governance.RoleLegal], stranger}
		}, "not trusted"},
		"wrong role": {"legal", nil, func(w *world) []*governance.Signer {
			return []*governance.Signer{w.keys[governance.RoleDPO]}
		}, "the-dpo holds no role of the gate legal"},
		"author": {"assurance", nil, func(w *world) []*governance.Signer {
			return []*governance.Signer{w.author}
		}, "author is the author"},
		"author by another name": {"assurance", func(_ *world, a *governance.Approval) { a.Author = "Author" }, func(w *world) []*governance.Signer {
			return []*governance.Signer{w.author}
		}, "author must be a person of the trust file"},
		"key not valid yet": {"legal", func(w *world, _ *governance.Approval) { w.now = start.Add(-2 * day) }, nil, "is valid from"},
		"key expired":       {"legal", func(w *world, _ *governance.Approval) { w.now = start.Add(1001 * day) }, nil, "is valid from"},
		"signed ahead":      {"legal", func(w *world, a *governance.Approval) { a.SignedAt = w.now.Add(time.Hour) }, nil, "signed-at"},
		"already expired": {"legal", func(w *world, a *governance.Approval) {
			a.SignedAt, a.Expires = w.now.Add(-2*time.Hour), w.now.Add(-time.Hour)
		}, nil, "expires"},
		"unknown gate":     {"legal", func(_ *world, a *governance.Approval) { a.Gate = "tea" }, nil, "gate"},
		"a facet too many": {"legal", func(_ *world, a *governance.Approval) { a.Facets[governance.FacetCohort] = digest("x") }, nil, "facets"},
		"a facet too few":  {"legal", func(_ *world, a *governance.Approval) { delete(a.Facets, governance.FacetData) }, nil, "facets"},
		"manifest not covered": {"legal", func(w *world, a *governance.Approval) {
			a.Manifest = w.manifest.Digest()
		}, nil, "manifest"},
		"manifest missing":  {"summary", func(_ *world, a *governance.Approval) { a.Manifest = governance.Digest{} }, nil, "manifest"},
		"stage missing":     {"release", func(_ *world, a *governance.Approval) { a.Stage = "" }, nil, "stage"},
		"stage not covered": {"summary", func(_ *world, a *governance.Approval) { a.Stage = governance.Pilot }, nil, "stage"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, new(governance.MemoryStorage))
			a := w.approval(c.gate, governance.Synthetic)
			if c.change != nil {
				c.change(w, &a)
			}
			signers := w.signers(c.gate)
			if c.signer != nil {
				signers = c.signer(w)
			}
			_, err := w.authority.Submit(t.Context(), must(a.Sign(signers...)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if w.log.Size() != 0 {
				t.Error("it is in the log")
			}
		})
	}
}

func TestSubmitRefusesAnyEdit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	signed := must(w.approval("legal", "").Sign(w.keys[governance.RoleLegal]))
	for i := range signed {
		edited := slices.Clone(signed)
		edited[i] ^= 1
		if _, err := w.authority.Submit(t.Context(), edited); err == nil {
			t.Fatalf("accepted with byte %d changed", i)
		}
	}
	if _, err := w.authority.Submit(t.Context(), make([]byte, 1<<20)); err == nil {
		t.Error("accepted a megabyte")
	}
	w.submit(signed, nil)
}

// TestNoUndoing replays an approval after its signer took it back.
func TestNoUndoing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	legal := w.keys[governance.RoleLegal]
	approved := must(w.approval("legal", "").Sign(legal))
	w.submit(approved, nil)
	if got := w.status("legal").Status; got != governance.StatusMet {
		t.Fatal(got)
	}
	if _, err := w.authority.Submit(t.Context(), approved); err == nil {
		t.Error("the same note was logged twice")
	}
	w.now = w.now.Add(time.Minute)
	w.submit(governance.Revoke(w.proposal, w.gate("legal"), w.now, "new advice").Sign(legal))
	if got := w.status("legal"); got.Status != governance.StatusMissing || !strings.Contains(got.Reasons[0], "new advice") {
		t.Errorf("after revoking: %+v", got)
	}
	if _, err := w.authority.Submit(t.Context(), approved); err == nil {
		t.Error("an old approval undid a revocation")
	}
	w.now = w.now.Add(time.Minute)
	w.submit(governance.Reject(w.proposal, w.gate("legal"), w.now, "not lawful").Sign(legal))
	if got := w.status("legal").Status; got != governance.StatusRejected {
		t.Errorf("after rejecting: %s", got)
	}
	w.proposal.Purpose.Text += ", kindly"
	if got := w.status("legal").Status; got != governance.StatusMissing {
		t.Errorf("a rejection of another version still blocks: %s", got)
	}
	w.now = w.now.Add(time.Minute)
	w.submit(w.approval("legal", "").Sign(legal))
	if got := w.status("legal").Status; got != governance.StatusMet {
		t.Errorf("after approving again: %s", got)
	}
}

func TestApprovalsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	early := w.approval("legal", "")
	early.Expires = w.now.Add(time.Hour)
	w.submit(early.Sign(w.keys[governance.RoleLegal]))
	late := w.approval("assurance", "")
	late.Expires = w.now.Add(1000 * day) // longer than the gate allows
	w.submit(late.Sign(w.keys[governance.RoleTester]))
	for _, step := range []struct {
		at               time.Time
		legal, assurance governance.GateStatus
	}{
		{start.Add(time.Hour - 1), governance.StatusMet, governance.StatusMet},
		{start.Add(time.Hour), governance.StatusExpired, governance.StatusMet},
		{start.Add(90*day - 1), governance.StatusExpired, governance.StatusMet},
		{start.Add(90 * day), governance.StatusExpired, governance.StatusExpired},
	} {
		w.now = step.at
		if l, a := w.status("legal").Status, w.status("assurance").Status; l != step.legal || a != step.assurance {
			t.Errorf("at %s: legal %s, assurance %s", step.at, l, a)
		}
	}
}

// TestClockTurnedBack shows that an ended approval stays ended once the log has moved on.
func TestClockTurnedBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	a := w.approval("legal", "")
	a.Expires = w.now.Add(time.Hour)
	w.submit(a.Sign(w.keys[governance.RoleLegal]))
	w.now = w.now.Add(2 * time.Hour)
	w.approve("funding")
	w.now = start
	if got := w.status("legal").Status; got != governance.StatusExpired {
		t.Error(got)
	}
}

// TestNotInTheLog shows that a good signature alone approves nothing, and that trust is applied again
// when a log is opened.
func TestNotInTheLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	if _, err := w.approval("legal", "").Sign(w.keys[governance.RoleLegal]); err != nil {
		t.Fatal(err)
	}
	if got := w.status("legal").Status; got != governance.StatusMissing {
		t.Error("signed but not submitted:", got)
	}
	w.approve("legal")
	w.submit(governance.Halt{Proposal: w.proposal.ID, Reason: "stop", SignedAt: w.now}.Sign(w.author))
	w.open()
	if got := w.status("legal").Status; got != governance.StatusMet {
		t.Error("after a restart:", got)
	}
	valid := governance.Validity{From: start, Until: start.Add(day)}
	w.trust = must(governance.NewTrust(w.keys[governance.RoleCSO].Person(valid, governance.RoleCSO)))
	w.open()
	if got := w.status("legal").Status; got != governance.StatusMissing {
		t.Error("with its signer no longer trusted:", got)
	}
	r := must(w.authority.Check(t.Context(), w.proposal, nil, ""))
	if len(r.Halts) != 1 {
		t.Error("removing a person lifted their halt")
	}
}

func TestHaltAndResume(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	permit := w.permitted()
	halt := func() int64 {
		w.now = w.now.Add(time.Second)
		return w.submit(governance.Halt{Proposal: w.proposal.ID, Reason: "wrong clinic", SignedAt: w.now}.Sign(w.author))
	}
	resume := governance.Resume{Proposal: w.proposal.ID, Halt: halt(), Reason: "clinic corrected", SignedAt: w.now}
	one, two := w.keys[governance.RoleCSO], w.keys[governance.RoleReleaser]
	w.submit(resume.Sign(one))
	again := resume
	again.Reason = "please"
	if _, err := w.authority.Submit(t.Context(), must(again.Sign(one))); err == nil {
		t.Error("one person resumed twice")
	}
	if err := permit.Authorize(t.Context(), w.batch("b1", 1)); !errors.Is(err, governance.ErrHalted) {
		t.Errorf("one person lifted a halt: %v", err)
	}
	w.submit(resume.Sign(two))
	if err := permit.Authorize(t.Context(), w.batch("b1", 1)); err != nil {
		t.Errorf("two people did not lift the halt: %v", err)
	}
	second := halt()
	if _, err := w.authority.Submit(t.Context(), must(resume.Sign(one, two))); err == nil {
		t.Error("an old note lifted a later halt")
	}
	resume.Halt = second
	w.submit(resume.Sign(one, two))
	if err := permit.Authorize(t.Context(), w.batch("b2", 1)); err != nil {
		t.Errorf("two people on one note did not lift the halt: %v", err)
	}
	misspelt := governance.Halt{Proposal: w.proposal.ID + "-2", Reason: "wrong clinic", SignedAt: w.now}
	if _, err := w.authority.Submit(t.Context(), must(misspelt.Sign(one))); err == nil || !strings.Contains(err.Error(), "proposal must be the id") {
		t.Errorf("a halt of nothing: %v", err)
	}
	register := w.authority.Register(w.proposal.ID).String()
	for _, want := range []string{"wrong clinic", "clinic corrected", "the-cso, the-releaser", "stage synthetic"} {
		if !strings.Contains(register, want) {
			t.Errorf("no %q in the register:\n%s", want, register)
		}
	}
}

func TestApprovalText(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	release := w.approval("release", governance.Pilot)
	release.Reason = "upstream teams told on 30 January"
	for _, a := range []governance.Approval{
		release, w.approval("dpia", ""), governance.Revoke(w.proposal, w.gate("scope"), start, "not ours"),
	} {
		got, err := governance.ParseApproval(a.Text())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(a, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}
