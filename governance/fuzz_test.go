package governance_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/personalised-prevention/nhs/governance"
)

// FuzzApproval: whatever parses is exactly what would be written.
func FuzzApproval(f *testing.F) {
	w := newWorld(f, new(governance.MemoryStorage))
	f.Add(w.approval("release", governance.Pilot).Text())
	f.Add(governance.Revoke(w.proposal, w.gate("dpia"), start, "withdrawn").Text())
	f.Fuzz(func(t *testing.T, text string) {
		if a, err := governance.ParseApproval(text); err == nil && a.Text() != text {
			t.Errorf("read %q and wrote %q", text, a.Text())
		}
	})
}

// FuzzDischarge: whatever parses is exactly what would be written.
func FuzzDischarge(f *testing.F) {
	f.Add(governance.Discharge{Proposal: "p", Approval: 3, Condition: "tell them", Reason: "told", SignedAt: start}.Text())
	f.Fuzz(func(t *testing.T, text string) {
		if d, err := governance.ParseDischarge(text); err == nil && d.Text() != text {
			t.Errorf("read %q and wrote %q", text, d.Text())
		}
	})
}

// FuzzTrust: whatever opens was signed by the roots.
func FuzzTrust(f *testing.F) {
	w := newWorld(f, new(governance.MemoryStorage))
	signed := must(w.trustFile(1).Sign(root(0), root(1)))
	f.Add(signed)
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := governance.OpenTrust(data, roots()); (err == nil) != bytes.Equal(data, signed) {
			t.Errorf("%q: %v", data, err)
		}
	})
}

// FuzzAuditKeys: whatever parses comes back the same.
func FuzzAuditKeys(f *testing.F) {
	key := must(governance.NewSigningKey(bytes.NewReader(make([]byte, 32)), "o"))
	keys := governance.AuditKeys{Origin: "o", Roots: roots(), Operator: key.VerifierKey(), Witnesses: []string{root(4).CosignerKey()}}
	f.Add(keys.Text())
	f.Fuzz(func(t *testing.T, text string) {
		k, err := governance.ParseAuditKeys(text)
		if err != nil {
			return
		}
		if again, err := governance.ParseAuditKeys(k.Text()); err != nil || !reflect.DeepEqual(again, k) {
			t.Errorf("read %q and then %q: %v", text, k.Text(), err)
		}
	})
}

// FuzzWitness: nothing but the true request is co-signed.
func FuzzWitness(f *testing.F) {
	w := newWorld(f, new(governance.MemoryStorage))
	operator := must(governance.NewSigningKey(bytes.NewReader(make([]byte, 32)), "example.test/log"))
	w.approve("legal")
	request := must(w.log.WitnessRequest(0, operator))
	path := filepath.Join(f.TempDir(), "seen.note")
	f.Add(request)
	f.Fuzz(func(t *testing.T, data []byte) {
		_ = os.Remove(path)
		witness := must(governance.OpenWitness(path, root(4), "example.test/log", operator.VerifierKey()))
		_, err := witness.Cosign(data, start)
		if c := witness.Seen(); err == nil && c != w.log.Checkpoint() {
			t.Errorf("co-signed %+v from %q", c, data)
		}
	})
}

// FuzzAudit: whatever records a log is made of, the audit does not panic, and what it proves it proves again.
func FuzzAudit(f *testing.F) {
	w := newWorld(f, new(governance.MemoryStorage))
	w.trustSigned(1)
	w.open()
	w.climb(governance.DryRun)
	key := must(governance.NewSigningKey(bytes.NewReader(make([]byte, 32)), "example.test/log"))
	keys := governance.AuditKeys{Origin: "example.test/log", Roots: roots(), Operator: key.VerifierKey()}
	var records [][]byte
	for e := range w.log.Entries() {
		records = append(records, must(json.Marshal(e)))
		f.Add(bytes.Join(records, []byte("\n")))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		records := bytes.Split(data, []byte("\n"))
		stored, top := storedAs(records)
		checkpoint := must(governance.Checkpoint{Origin: "example.test/log", Size: int64(len(records)), Root: top}.Sign(key))
		r, err := governance.Audit(t.Context(), stored, [][]byte{checkpoint}, keys)
		if err != nil {
			return
		}
		again, err := governance.Audit(t.Context(), stored, [][]byte{checkpoint}, keys)
		if err != nil || again.String() != r.String() {
			t.Errorf("%v: %s and then %s", err, r, again)
		}
	})
}

// FuzzHalt covers halts and resumes.
func FuzzHalt(f *testing.F) {
	f.Add(governance.Halt{Proposal: "p", Reason: "r", SignedAt: start}.Text())
	f.Add(governance.Resume{Proposal: "p", Halt: 3, Reason: "r", SignedAt: start}.Text())
	f.Fuzz(func(t *testing.T, text string) {
		if h, err := governance.ParseHalt(text); err == nil && h.Text() != text {
			t.Errorf("read %q and wrote %q", text, h.Text())
		}
		if r, err := governance.ParseResume(text); err == nil && r.Text() != text {
			t.Errorf("read %q and wrote %q", text, r.Text())
		}
	})
}

// FuzzSubmit: nothing that was not signed here is ever accepted.
func FuzzSubmit(f *testing.F) {
	w := newWorld(f, new(governance.MemoryStorage))
	signed := must(w.approval("legal", "").Sign(w.keys[governance.RoleLegal]))
	f.Add(signed)
	f.Fuzz(func(t *testing.T, note []byte) {
		w := newWorld(t, new(governance.MemoryStorage))
		if _, err := w.authority.Submit(t.Context(), note); (err == nil) != bytes.Equal(note, signed) {
			t.Errorf("%q: %v", note, err)
		}
	})
}

// FuzzProposal: whatever parses survives a round trip with the same digests.
func FuzzProposal(f *testing.F) {
	f.Add(must(json.Marshal(newProposal())))
	f.Add([]byte(`{"id":"x","ID":"y"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := governance.ParseProposal(data)
		if err != nil {
			return
		}
		again, err := governance.ParseProposal(must(json.Marshal(p)))
		if err != nil || !reflect.DeepEqual(again.Facets(), p.Facets()) || again.Root() != p.Root() {
			t.Errorf("changed on the way: %v", err)
		}
	})
}

// FuzzLogFile: no bytes make the log panic, and only the true ones satisfy the checkpoint.
func FuzzLogFile(f *testing.F) {
	data, trusted := logFile(f)
	f.Add(data)
	f.Add([]byte("\n"))
	f.Fuzz(func(t *testing.T, edited []byte) {
		err := governance.Verify(t.Context(), lines(bytes.Split(bytes.TrimSuffix(edited, []byte("\n")), []byte("\n"))), trusted)
		if err == nil && !bytes.HasPrefix(edited, bytes.TrimSuffix(data, []byte("\n"))) {
			t.Error("another log satisfied the checkpoint")
		}
	})
}

// FuzzCheckpoint: whatever opens was signed.
func FuzzCheckpoint(f *testing.F) {
	key := must(governance.NewSigningKey(bytes.NewReader(make([]byte, 32)), "o"))
	signed := must(governance.Checkpoint{Origin: "o", Size: 1, Root: digest("r")}.Sign(key))
	f.Add(signed)
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := governance.OpenCheckpoint(data, "o", key.VerifierKey())
		if err == nil && (c.Size != 1 || c.Root != digest("r")) {
			t.Errorf("opened %+v", c)
		}
	})
}
