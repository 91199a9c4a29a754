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

// root makes the n-th root key.
func root(n byte) *governance.Signer {
	seed := strings.Repeat(string(rune('A'+n)), 32)
	return must(governance.NewSigningKey(strings.NewReader(seed), governance.PersonID("root-"+string(rune('a'+n)))))
}

// roots are three keys of which two must sign.
func roots() governance.Roots {
	return governance.Roots{Keys: []string{root(0).VerifierKey(), root(1).VerifierKey(), root(2).VerifierKey()}, Threshold: 2}
}

// trustFile is the trust of a world as a file.
func (w *world) trustFile(serial int) governance.TrustFile {
	return governance.TrustFile{Serial: serial, IssuedAt: start.Add(-day), Gates: governance.GatesDigest(w.gates), People: w.people}
}

// trustSigned makes the world's trust one from a signed file.
func (w *world) trustSigned(serial int) {
	w.Helper()
	w.trust = must(governance.OpenTrust(must(w.trustFile(serial).Sign(root(0), root(1))), roots()))
}

func TestTrustFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	want := w.trustFile(3)
	trust, err := governance.OpenTrust(must(want.Sign(root(0), root(2))), roots())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, trust.File()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if text := want.Text(); !strings.HasPrefix(text, "nhs-prevention trust v1\nserial: 3\nissued-at: 2026-02-01T09:00:00Z\ngates: sha256:") ||
		!strings.Contains(text, "\nperson: the-cso\nkey: 2026-02-01T09:00:00Z 2028-10-29T09:00:00Z the-cso+") ||
		!strings.Contains(text, "\nrole: 2026-02-01T09:00:00Z 2028-10-29T09:00:00Z cso\n") {
		t.Errorf("the file cannot be read:\n%s", text)
	}
}

func TestOpenTrustRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	file := w.trustFile(1)
	both := must(file.Sign(root(0), root(1)))
	shared := file
	shared.People = append(slices.Clone(shared.People), root(0).Person(governance.Validity{From: start, Until: start.Add(day)}, governance.RoleCSO))
	aliased := roots()
	aliased.Keys[1] = must(governance.NewSigningKey(strings.NewReader(strings.Repeat("A", 32)), "another-name")).VerifierKey()
	for name, tt := range map[string]struct {
		signed []byte
		roots  governance.Roots
	}{
		"one of two":               {must(file.Sign(root(0))), roots()},
		"one of two, twice":        {must(file.Sign(root(0), root(0))), roots()},
		"a stranger as well":       {must(file.Sign(root(0), root(1), root(9))), roots()},
		"only strangers":           {must(file.Sign(root(8), root(9))), roots()},
		"a member of staff":        {must(file.Sign(root(0), w.author)), roots()},
		"another kind of note":     {must(governance.Halt{Proposal: "p", Reason: "r", SignedAt: start}.Sign(root(0), root(1))), roots()},
		"no threshold":             {both, governance.Roots{Keys: roots().Keys}},
		"an impossible threshold":  {both, governance.Roots{Keys: roots().Keys, Threshold: 4}},
		"one root under two names": {both, aliased},
		"a garbled root":           {both, governance.Roots{Keys: []string{"key"}, Threshold: 1}},
		"a root key on the staff":  {must(shared.Sign(root(0), root(1))), roots()},
		"a megabyte":               {make([]byte, 1<<20), roots()},
	} {
		if _, err := governance.OpenTrust(tt.signed, tt.roots); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for i := range both {
		if i%7 > 0 {
			continue
		}
		edited := slices.Clone(both)
		edited[i] ^= 1
		if _, err := governance.OpenTrust(edited, roots()); err == nil {
			t.Fatalf("accepted with byte %d changed", i)
		}
	}
	for name, edit := range map[string]func(*governance.TrustFile){
		"serial 0":   func(f *governance.TrustFile) { f.Serial = 0 },
		"no date":    func(f *governance.TrustFile) { f.IssuedAt = time.Time{} },
		"no gates":   func(f *governance.TrustFile) { f.Gates = governance.Digest{} },
		"same twice": func(f *governance.TrustFile) { f.People = append(f.People, f.People[0]) },
	} {
		bad := w.trustFile(1)
		edit(&bad)
		if _, err := bad.Sign(root(0), root(1)); err == nil {
			t.Errorf("%s: signed", name)
		}
	}
}

// TestTrustIsLogged: the trust file and the gate table are in the log before anything rests on them, and
// an earlier file is never taken again.
func TestTrustIsLogged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	w.trustSigned(2)
	w.open()
	w.approve("legal")
	kinds := func() []governance.EntryKind {
		var list []governance.EntryKind
		for e := range w.log.Entries() {
			list = append(list, e.Kind)
		}
		return list
	}
	want := []governance.EntryKind{governance.EntryTrust, governance.EntryGates, governance.EntryApproval}
	if diff := cmp.Diff(want, kinds()); diff != "" {
		t.Fatalf("(-want +got)\n%s", diff)
	}
	w.open()
	w.approve("funding")
	if len(kinds()) != 4 {
		t.Errorf("the same file was logged again: %v", kinds())
	}
	old := w.authority
	w.trustSigned(3)
	w.authority = must(governance.NewAuthority(governance.Config{Trust: w.trust, Gates: w.gates, Log: w.log, Clock: w.clock}))
	w.approve("scope")
	if got := kinds()[4]; got != governance.EntryTrust {
		t.Errorf("the new file was not logged: %v", kinds())
	}
	w.trustSigned(2)
	for name, trust := range map[string]*governance.Trust{
		"an earlier file": w.trust, "no file": must(governance.NewTrust(w.people...)),
	} {
		_, err := governance.NewAuthority(governance.Config{Trust: trust, Gates: w.gates, Log: w.log, Clock: w.clock})
		if err == nil || !strings.Contains(err.Error(), "serial 3") {
			t.Errorf("%s: %v", name, err)
		}
	}
	fewer := governance.DefaultGates()
	fewer[0].MinPeople = 1
	w.trustSigned(4)
	if _, err := governance.NewAuthority(governance.Config{Trust: w.trust, Gates: fewer, Log: w.log, Clock: w.clock}); err == nil {
		t.Error("another gate table than the trust file's was taken")
	}
	// An authority that is still running with the replaced file does nothing any more.
	_, err := old.Submit(t.Context(), must(governance.Halt{Proposal: w.proposal.ID, Reason: "stop", SignedAt: w.now}.Sign(w.author)))
	if !errors.Is(err, governance.ErrNotLogged) {
		t.Errorf("the old authority: %v", err)
	}
}

// TestKeyRotation: what a key signed while it was valid still counts after it was retired, and nothing does
// after it was removed.
func TestKeyRotation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	w.trustSigned(1)
	w.open()
	w.approve("legal")
	i := slices.IndexFunc(w.people, func(p governance.Person) bool { return p.ID == "the-legal" })
	w.now = start.Add(2 * day)
	w.people[i].Keys[0].Valid.Until = start.Add(day)
	w.trustSigned(2)
	w.open()
	if got := w.status("legal"); got.Status != governance.StatusMet {
		t.Errorf("with the key retired: %+v", got)
	}
	if _, err := w.authority.Submit(t.Context(), must(w.approval("legal", "").Sign(w.keys[governance.RoleLegal]))); err == nil {
		t.Error("a retired key signed")
	}
	second := must(governance.NewSigningKey(strings.NewReader(strings.Repeat("2", 32)), "the-legal"))
	w.people[i].Keys = second.Person(governance.Validity{From: start.Add(day), Until: start.Add(100 * day)}).Keys
	w.trustSigned(3)
	w.open()
	if got := w.status("legal"); got.Status != governance.StatusMissing {
		t.Errorf("with the key removed: %+v", got)
	}
	w.submit(w.approval("legal", "").Sign(second))
	if got := w.status("legal"); got.Status != governance.StatusMet {
		t.Errorf("with a new key: %+v", got)
	}
}
