package governance_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/personalised-prevention/nhs/governance"
)

// audited is a world whose log can be audited: with a signed trust, an operator and a witness.
type audited struct {
	*world

	operator *governance.Signer
	signer   *governance.Signer // the witness's
	witness  *governance.Witness
	kept     [][]byte // co-signed checkpoints
}

func newAudited(t *testing.T, storage governance.Storage) *audited {
	t.Helper()
	a := &audited{
		world:    newWorld(t, storage),
		operator: must(governance.NewSigningKey(strings.NewReader(strings.Repeat("o", 32)), "example.test/log")),
		signer:   must(governance.NewSigningKey(strings.NewReader(strings.Repeat("w", 32)), "ig.example.test/witness")),
	}
	a.trustSigned(1)
	a.open()
	a.witness = must(governance.OpenWitness(filepath.Join(t.TempDir(), "witness.note"), a.signer, "example.test/log", a.operator.VerifierKey()))
	return a
}

func (a *audited) keys() governance.AuditKeys {
	return governance.AuditKeys{
		Origin: "example.test/log", Roots: roots(), Operator: a.operator.VerifierKey(), Witnesses: []string{a.signer.CosignerKey()},
	}
}

// cosign has the witness co-sign the log as it is.
func (a *audited) cosign() {
	a.Helper()
	request := must(a.log.WitnessRequest(a.witness.Seen().Size, a.operator))
	signed, err := a.witness.Cosign(request, a.now)
	if err != nil {
		a.Fatal(err)
	}
	a.kept = append(a.kept, signed)
}

// story sends a campaign up to the pilot, with a condition, a halt, a new trust file and a day in between.
func (a *audited) story() {
	a.Helper()
	a.now = a.now.Add(time.Minute) // after the fixture's window has opened
	a.climb(governance.DryRun)
	a.cosign()
	halt := a.submit(governance.Halt{Proposal: a.proposal.ID, Reason: "wrong clinic", SignedAt: a.now}.Sign(a.author))
	a.submit(governance.Resume{Proposal: a.proposal.ID, Halt: halt, Reason: "corrected", SignedAt: a.now}.Sign(
		a.keys0(governance.RoleCSO), a.keys0(governance.RoleDPO)))
	a.now = a.now.Add(day)
	a.trustSigned(2)
	a.open()
	a.now = a.now.Add(time.Second)
	index := a.conditional("tell the practices first")
	a.submit(governance.Discharge{
		Proposal: a.proposal.ID, Approval: index, Condition: "tell the practices first", Reason: "told", SignedAt: a.now,
	}.Sign(a.keys0(governance.RoleLegal)))
	a.submit(a.approval("release", governance.Pilot).Sign(a.keys0(governance.RoleReleaser)))
	permit := a.send(governance.Pilot)
	for _, reference := range []string{"pilot-1", "pilot-2", "pilot-2"} {
		if err := permit.Authorize(a.Context(), a.batch(reference, 5)); err != nil {
			a.Fatal(err)
		}
	}
	if _, err := a.authority.RecordOutcome(a.Context(), a.proposal, governance.Pilot, governance.Outcome{Delivered: 10}); err != nil {
		a.Fatal(err)
	}
	a.cosign()
}

func (a *audited) keys0(role governance.Role) *governance.Signer { return a.world.keys[role] }

func TestAudit(t *testing.T) {
	t.Parallel()
	a := newAudited(t, new(governance.MemoryStorage))
	a.story()
	r, err := governance.Audit(t.Context(), a.storage, a.kept, a.keys())
	if err != nil {
		t.Fatal(err)
	}
	if !r.Proved() || r.Covered != r.Entries || len(r.Trusts) != 2 {
		t.Errorf("got\n%s", r)
	}
	text := r.String()
	for _, want := range []string{
		"example.test/log: PROVED\n", "witnessed 2026-02-02T09:01:02Z", "witnessed 2026-02-03T09:01:03Z",
		"trust file 2 of 2026-02-01: 15 people", "1 lists, 3 outcomes", "  5 batches were covered",
		"talking-therapies-2026 at stage pilot: 10 people in 2 batches\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	last := r.Batches[len(r.Batches)-1]
	if !last.Repeat || last.Reference != "pilot-2" || len(last.Gates) != 9 || last.Gates[8].Gate != "release" ||
		!slices.Equal(last.Gates[8].People, []governance.PersonID{"the-releaser"}) || len(last.Gates[8].Entries) != 1 {
		t.Errorf("got %+v", last)
	}
}

// TestAuditKeys: what an auditor was not given proves nothing.
func TestAuditKeys(t *testing.T) {
	t.Parallel()
	a := newAudited(t, new(governance.MemoryStorage))
	a.story()
	for name, edit := range map[string]func(*governance.AuditKeys){
		"another origin":           func(k *governance.AuditKeys) { k.Origin = "another" },
		"another operator":         func(k *governance.AuditKeys) { k.Operator = root(5).VerifierKey() },
		"another witness":          func(k *governance.AuditKeys) { k.Witnesses = []string{root(5).CosignerKey()} },
		"a second witness":         func(k *governance.AuditKeys) { k.Witnesses = append(k.Witnesses, root(5).CosignerKey()) },
		"the operator as witness":  func(k *governance.AuditKeys) { k.Witnesses = []string{a.operator.CosignerKey()} },
		"garbled":                  func(k *governance.AuditKeys) { k.Operator = "key" },
		"a witness that only sign": func(k *governance.AuditKeys) { k.Witnesses = []string{a.signer.VerifierKey()} },
	} {
		keys := a.keys()
		edit(&keys)
		if r, err := governance.Audit(t.Context(), a.storage, a.kept, keys); err == nil {
			t.Errorf("%s: %s", name, r)
		}
	}
	if _, err := governance.Audit(t.Context(), a.storage, nil, a.keys()); err == nil {
		t.Error("without a checkpoint")
	}
	keys := a.keys()
	keys.Witnesses = nil
	r, err := governance.Audit(t.Context(), a.storage, a.kept, keys)
	if err != nil || !strings.Contains(r.String(), "no witness was asked for") {
		t.Errorf("without a witness: %v\n%s", err, r)
	}
	keys = a.keys()
	keys.Roots.Keys[0] = root(5).VerifierKey()
	r, err = governance.Audit(t.Context(), a.storage, a.kept, keys)
	if err != nil || r.Proved() || len(r.Batches) > 0 {
		t.Errorf("with another root: %v\n%s", err, r)
	}
	got, err := governance.ParseAuditKeys(a.keys().Text())
	if err != nil || got.Text() != a.keys().Text() {
		t.Errorf("the keys do not come back: %v", err)
	}
	if _, err := governance.ParseAuditKeys(a.keys().Text() + "x"); err == nil {
		t.Error("text after the keys")
	}
}

// forge writes a log again after somebody who controls the operator and has the witness asleep has edited
// it: every line is right, and so are the checkpoints.
func (a *audited) forge(edit func(entries []governance.Entry) []governance.Entry) (lines, [][]byte) {
	a.Helper()
	var records [][]byte
	for i, e := range edit(slices.Collect(a.log.Entries())) {
		e.Index = int64(i)
		records = append(records, must(json.Marshal(e)))
	}
	stored, top := storedAs(records)
	c := governance.Checkpoint{Origin: "example.test/log", Size: int64(len(records)), Root: top}
	witness := must(governance.OpenWitness(filepath.Join(a.TempDir(), "forged.note"), a.signer, "example.test/log", a.operator.VerifierKey()))
	request := append([]byte("old 0\n\n"), must(c.Sign(a.operator))...)
	return stored, [][]byte{must(witness.Cosign(request, a.now))}
}

// storedAs writes records as a log does, and returns its root.
func storedAs(records [][]byte) (lines, governance.Digest) {
	var stored lines
	var hashes []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		list := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			list[i] = hashes[x]
		}
		return list, nil
	})
	top := tlog.Hash(sha256.Sum256(nil))
	for i, record := range records {
		hashes = append(hashes, must(tlog.StoredHashes(int64(i), record, reader))...)
		top = must(tlog.TreeHash(int64(i+1), reader))
		stored = append(stored, append([]byte(base64.StdEncoding.EncodeToString(top[:])+" "), record...))
	}
	return stored, governance.Digest(top)
}

// TestAuditFinds forges a log in every way that changes what it says.
func TestAuditFinds(t *testing.T) {
	t.Parallel()
	a := newAudited(t, new(governance.MemoryStorage))
	a.story()
	at := func(entries []governance.Entry, kind governance.EntryKind, n int) *governance.Entry {
		for i := range entries {
			if entries[i].Kind == kind {
				if n--; n < 0 {
					return &entries[i]
				}
			}
		}
		t.Fatalf("no entry %s", kind)
		return nil
	}
	later := func(entries []governance.Entry, from time.Time, d time.Duration) {
		for i := range entries {
			if entries[i].At.After(from) {
				entries[i].At = entries[i].At.Add(d)
			}
		}
	}
	gates := func(entries []governance.Entry) governance.Entry { return *at(entries, governance.EntryGates, 0) }
	for name, tt := range map[string]struct {
		edit func(entries []governance.Entry)
		want string
	}{
		"nothing":                  {func([]governance.Entry) {}, ""},
		"an approval is taken out": {func(e []governance.Entry) { g := gates(e); g.At = at(e, "approval", 3).At; *at(e, "approval", 3) = g }, "not approved"},
		"an approval is edited": {func(e []governance.Entry) {
			x := at(e, "approval", 0)
			x.Note = strings.Replace(x.Note, "approve", "reject!", 1)
		}, "does not match"},
		"an approval is another's":    {func(e []governance.Entry) { at(e, "approval", 0).Proposal = "another" }, "contradicts"},
		"a halt is a resume":          {func(e []governance.Entry) { at(e, "halt", 0).Kind = governance.EntryResume }, "contradicts"},
		"a resume is taken out":       {func(e []governance.Entry) { g := gates(e); g.At = at(e, "resume", 0).At; *at(e, "resume", 0) = g }, "halted"},
		"a discharge is taken out":    {func(e []governance.Entry) { g := gates(e); g.At = at(e, "discharge", 0).At; *at(e, "discharge", 0) = g }, "legal is conditional"},
		"a trust file is edited":      {func(e []governance.Entry) { x := at(e, "trust", 0); x.Note = strings.Replace(x.Note, "cso", "sco", 1) }, "does not match"},
		"a trust file comes again":    {func(e []governance.Entry) { at(e, "trust", 1).Note = at(e, "trust", 0).Note }, "serial 1 follows serial 1"},
		"the gates are fewer":         {func(e []governance.Entry) { x := gates(e).Content; x.Gates[0].MinPeople = 1 }, "names another gate table"},
		"a batch is larger":           {func(e []governance.Entry) { at(e, "batch", 2).Batch.Recipients = 11 }, "over the cap"},
		"a batch is at another stage": {func(e []governance.Entry) { at(e, "batch", 0).Stage = governance.Pilot }, "no permit"},
		"a batch without its manifest": {func(e []governance.Entry) {
			at(e, "batch", 2).Manifest = digest("another")
		}, "its content is not in the log"},
		"a batch of another proposal": {func(e []governance.Entry) { at(e, "batch", 2).Root = digest("another") }, "its content is not in the log"},
		"a batch under another name":  {func(e []governance.Entry) { at(e, "batch", 2).Proposal = "another" }, "contradicts"},
		"a reference used twice":      {func(e []governance.Entry) { at(e, "batch", 3).Batch.Reference = "pilot-1" }, "used for another batch"},
		"a batch with an old check":   {func(e []governance.Entry) { x := at(e, "batch", 2); x.Batch.Checked[0].At = x.At.Add(-25 * time.Hour) }, "in the last 24 hours"},
		"a batch without a check":     {func(e []governance.Entry) { x := at(e, "batch", 2); x.Batch.Checked = x.Batch.Checked[1:] }, "was not checked"},
		"a batch in the night":        {func(e []governance.Entry) { later(e, at(e, "permit", 2).At, 10*time.Hour) }, "outside sending hours"},
		"a permit is taken out":       {func(e []governance.Entry) { g := gates(e); g.At = at(e, "permit", 3).At; *at(e, "permit", 3) = g }, "the log has none"},
		"a build is taken out":        {func(e []governance.Entry) { g := gates(e); g.At = at(e, "build", 0).At; *at(e, "build", 0) = g }, "its build was not authorised"},
		"a manifest of a longer list": {func(e []governance.Entry) {
			x := at(e, "manifest", 0)
			x.Content.Manifest.Included++
			x.Content.Manifest.Segments[0].Included++
			x.Manifest = x.Content.Manifest.Digest()
		}, "its content is not in the log"},
		"a sentinel escaped": {func(e []governance.Entry) {
			x := at(e, "manifest", 0)
			x.Content.Manifest.Sentinels[0].Caught--
			x.Manifest = x.Content.Manifest.Digest()
		}, "its content is not in the log"},
		"a failed stage is healthy":    {func(e []governance.Entry) { x := at(e, "outcome", 0).Outcome; x.Delivered, x.Failed = 0, 5 }, "contradicts"},
		"an outcome that loses people": {func(e []governance.Entry) { at(e, "outcome", 0).Outcome.Delivered = 4 }, "must account for everyone"},
		"a stage without an outcome":   {func(e []governance.Entry) { g := gates(e); g.At = at(e, "outcome", 0).At; *at(e, "outcome", 0) = g }, "no outcome for this content"},
		"a proposal that was not allowed": {func(e []governance.Entry) {
			x := at(e, "proposal", 0)
			x.Content.Proposal.Safety.MinimumAge = 5
			x.Root = x.Content.Proposal.Root()
		}, "safety.minimumAge"},
		"a direct marketing message": {func(e []governance.Entry) {
			x := at(e, "proposal", 0)
			x.Content.Proposal.Purpose.Class = governance.DirectMarketing
			x.Root = x.Content.Proposal.Root()
		}, "its content is not in the log"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storage, checkpoints := a.forge(func(entries []governance.Entry) []governance.Entry {
				tt.edit(entries)
				return entries
			})
			r, err := governance.Audit(t.Context(), storage, checkpoints, a.keys())
			if err != nil {
				t.Fatal(err)
			}
			if tt.want == "" {
				if !r.Proved() {
					t.Errorf("a log written again as it was: %s", r)
				}
				return
			}
			if r.Proved() || !strings.Contains(r.String(), tt.want) {
				t.Errorf("no %q in\n%s", tt.want, r)
			}
		})
	}
}

// TestAuditWithoutGates: an operator who leaves out the gate table, or goes on with an old one, has not had
// the approvals that the roots ask for, although no gate of the log is unmet.
func TestAuditWithoutGates(t *testing.T) {
	t.Parallel()
	a := newAudited(t, new(governance.MemoryStorage))
	a.story()
	filler := func(at time.Time) governance.Entry { // an outcome of nothing, which means nothing
		return governance.Entry{
			At: at, Kind: governance.EntryOutcome, Proposal: "filler", Root: digest("filler"), Stage: governance.Synthetic,
			Outcome: &governance.OutcomeEntry{},
		}
	}
	stricter := a.trustFile(2)
	stricter.Gates = digest("a stricter table")
	for name, edit := range map[string]func(e *governance.Entry){
		"no gate table": func(e *governance.Entry) {
			if e.Kind == governance.EntryGates || e.Kind == governance.EntryApproval || e.Kind == governance.EntryDischarge {
				*e = filler(e.At)
			}
		},
		"an old gate table": func(e *governance.Entry) {
			if e.Kind == governance.EntryTrust && strings.Contains(e.Note, "serial: 2\n") {
				e.Note = string(must(stricter.Sign(root(1), root(2))))
			}
		},
	} {
		storage, checkpoints := a.forge(func(entries []governance.Entry) []governance.Entry {
			for i := range entries {
				edit(&entries[i])
			}
			return entries
		})
		r, err := governance.Audit(t.Context(), storage, checkpoints, a.keys())
		if err != nil || r.Proved() || !strings.Contains(r.String(), "the gate table that the trust file names is not in force") {
			t.Errorf("%s: %v\n%s", name, err, r)
		}
	}
}

// TestIllegibleEntries: what is printed of a log is what it looks like, and its numbers can be added up.
func TestIllegibleEntries(t *testing.T) {
	t.Parallel()
	a := newAudited(t, new(governance.MemoryStorage))
	a.story()
	for name, edit := range map[string]func(*governance.Entry){
		"fewer than none":    func(e *governance.Entry) { e.Batch.Recipients = -5 },
		"an escape sequence": func(e *governance.Entry) { e.Proposal = "\x1b[2J" },
		"a hidden direction": func(e *governance.Entry) { e.Batch.Reference = "pilot\u202e1" },
		"an unknown stage":   func(e *governance.Entry) { e.Stage = "galaxy" },
		"no content":         func(e *governance.Entry) { e.Root = governance.Digest{} },
		"an unknown kind":    func(e *governance.Entry) { e.Kind = "tea" },
	} {
		storage, checkpoints := a.forge(func(entries []governance.Entry) []governance.Entry {
			i := slices.IndexFunc(entries, func(e governance.Entry) bool { return e.Kind == governance.EntryBatch })
			edit(&entries[i])
			return entries
		})
		if _, err := governance.Audit(t.Context(), storage, checkpoints, a.keys()); !errors.Is(err, governance.ErrTampered) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAuditFindsBackDating: an entry that claims to be older than the witness knows it can be, or younger.
func TestAuditFindsBackDating(t *testing.T) {
	t.Parallel()
	a := newAudited(t, new(governance.MemoryStorage))
	a.approve("legal")
	a.cosign()
	a.now = a.now.Add(day)
	a.cosign() // nothing has happened for a day
	clock := a.now
	a.now = start.Add(time.Hour) // and now the operator turns the clock back
	a.open()
	a.approve("funding")
	a.now = clock
	a.cosign()
	r, err := governance.Audit(t.Context(), a.storage, a.kept, a.keys())
	if err != nil || r.Proved() || !strings.Contains(r.String(), "was not there at 2026-02-03T09:00:00Z") {
		t.Errorf("%v\n%s", err, r)
	}
	ahead := newAudited(t, new(governance.MemoryStorage))
	ahead.now = start.Add(day)
	ahead.approve("legal")
	ahead.now = start
	ahead.cosign()
	r, err = governance.Audit(t.Context(), ahead.storage, ahead.kept, ahead.keys())
	if err != nil || r.Proved() || !strings.Contains(r.String(), "was there at 2026-02-02T09:00:00Z") {
		t.Errorf("%v\n%s", err, r)
	}
}

// TestAuditWithoutTrust: roles that were only in a program prove nothing.
func TestAuditWithoutTrust(t *testing.T) {
	t.Parallel()
	a := newAudited(t, new(governance.MemoryStorage))
	a.trust = must(governance.NewTrust(a.people...))
	a.open()
	a.permitted()
	a.cosign()
	r, err := governance.Audit(t.Context(), a.storage, a.kept, a.keys())
	if err != nil || r.Proved() || int64(len(r.Findings)) != r.Entries {
		t.Errorf("%v\n%s", err, r)
	}
}
