package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs/governance"
)

var now = time.Date(2026, time.November, 2, 9, 0, 0, 0, time.UTC)

func signer(t *testing.T, name governance.PersonID) *governance.Signer {
	t.Helper()
	s, err := governance.NewSigningKey(strings.NewReader(strings.Repeat(string(name), 32)), name)
	must(t, err)
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// directory makes the files of a log in which somebody refused a campaign.
func directory(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	root, nurse, operator, witness := signer(t, "root"), signer(t, "n.okafor"), signer(t, "example.test/log"), signer(t, "ig/witness")
	valid := governance.Validity{From: now, Until: now.AddDate(1, 0, 0)}
	gates := governance.DefaultGates()
	signed, err := governance.TrustFile{
		Serial: 1, IssuedAt: now, Gates: governance.GatesDigest(gates), People: []governance.Person{nurse.Person(valid, governance.RoleLegal)},
	}.Sign(root)
	must(t, err)
	keys := governance.AuditKeys{
		Origin: "example.test/log", Roots: governance.Roots{Keys: []string{root.VerifierKey()}, Threshold: 1},
		Operator: operator.VerifierKey(), Witnesses: []string{witness.CosignerKey()},
	}
	must(t, os.WriteFile(filepath.Join(dir, keysFile), []byte(keys.Text()), 0o600))
	trust, err := governance.OpenTrust(signed, keys.Roots)
	must(t, err)
	storage, err := governance.OpenFile(filepath.Join(dir, governance.LogFile))
	must(t, err)
	log, err := governance.OpenLog(t.Context(), storage, keys.Origin)
	must(t, err)
	authority, err := governance.NewAuthority(governance.Config{Trust: trust, Gates: gates, Log: log, Clock: func() time.Time { return now }})
	must(t, err)
	note, err := governance.Approval{
		Proposal: "talking-therapies-2026", Author: "o.grey", Gate: "legal", Decision: governance.DecisionReject,
		Facets: map[governance.Facet]governance.Digest{governance.FacetPurpose: {1}, governance.FacetData: {2}},
		Reason: "the basis is wrong", SignedAt: now,
	}.Sign(nurse)
	must(t, err)
	_, err = authority.Submit(t.Context(), note)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "report.html"), []byte("a page"), 0o600))
	must(t, authority.RecordFiles(t.Context(), dir, "report.html"))
	w, err := governance.OpenWitness(filepath.Join(t.TempDir(), "seen"), witness, keys.Origin, keys.Operator)
	must(t, err)
	request, err := log.WitnessRequest(0, operator)
	must(t, err)
	checkpoint, err := w.Cosign(request, now)
	must(t, err)
	must(t, governance.KeepCheckpoint(dir, checkpoint))
	must(t, storage.Close())
	return dir
}

func TestVerify(t *testing.T) {
	t.Parallel()
	dir := directory(t)
	var out bytes.Buffer
	must(t, run(t.Context(), options{dir: dir, batches: true}, &out))
	for _, want := range []string{"proves nothing to an auditor", "example.test/log: PROVED", "4 of them under 1 checkpoints", "examined: 1 notes", "1 files were recorded beside the log, and 1 of them"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
	files, err := os.ReadDir(dir)
	must(t, err)
	for _, f := range files {
		path := filepath.Join(dir, f.Name())
		whole, err := os.ReadFile(path)
		must(t, err)
		for i := 0; i < len(whole); i += 1 + len(whole)/60 {
			edited := slices.Clone(whole)
			edited[i] ^= 1
			must(t, os.WriteFile(path, edited, 0o600))
			if err := run(t.Context(), options{dir: dir}, &bytes.Buffer{}); err == nil {
				t.Fatalf("byte %d of %s changed and nothing noticed", i, f.Name())
			}
		}
		must(t, os.Remove(path))
		if err := run(t.Context(), options{dir: dir}, &bytes.Buffer{}); err == nil {
			t.Errorf("%s is gone and nothing noticed", f.Name())
		}
		must(t, os.WriteFile(path, whole, 0o600))
	}
	must(t, run(t.Context(), options{dir: dir, keys: filepath.Join(dir, keysFile)}, &out))
	seen, err := os.ReadFile(filepath.Join(dir, "checkpoint-000000000004.note"))
	must(t, err)
	for name, tt := range map[string]struct {
		seen []byte
		ok   bool
	}{"as the witness saw it": {seen, true}, "not what the witness saw": {bytes.Replace(seen, []byte("\n4\n"), []byte("\n5\n"), 1), false}} {
		must(t, os.WriteFile(filepath.Join(dir, witnessFile), tt.seen, 0o600))
		if err := run(t.Context(), options{dir: dir}, &out); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := run(t.Context(), options{dir: dir, witness: filepath.Join(dir, "nothing.note")}, &out); err == nil {
		t.Error("what the witness saw is not there and nothing noticed")
	}
}
