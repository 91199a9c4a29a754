package export_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/governance/export"
)

func TestStatement(t *testing.T) {
	t.Parallel()
	p := newProposal()
	m := newManifest(p)
	report := governance.Report{Proposal: p.ID, Root: p.Root(), Stage: governance.Pilot, At: start, Gates: []governance.GateReport{
		{Gate: "legal", Status: governance.StatusMet, People: []governance.PersonID{"i.governance"}, Entries: []int64{4}},
	}}
	s := must(export.NewStatement(p, &m, report))
	var plain, envelope bytes.Buffer
	if err := s.WriteJSON(&plain); err != nil {
		t.Fatal(err)
	}
	golden(t, "statement.json", plain.Bytes())
	key := ed25519.NewKeyFromSeed(make([]byte, 32))
	if err := s.WriteEnvelope(&envelope, "operator", key); err != nil {
		t.Fatal(err)
	}
	var dsse struct {
		PayloadType string `json:"payloadType"`
		Payload     []byte `json:"payload"`
		Signatures  []struct {
			KeyID string `json:"keyid"`
			Sig   []byte `json:"sig"`
		} `json:"signatures"`
	}
	if err := json.Unmarshal(envelope.Bytes(), &dsse); err != nil {
		t.Fatal(err)
	}
	signed := fmt.Sprintf("DSSEv1 28 application/vnd.in-toto+json %d %s", len(dsse.Payload), dsse.Payload)
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok || dsse.PayloadType != "application/vnd.in-toto+json" || len(dsse.Signatures) != 1 || dsse.Signatures[0].KeyID != "operator" ||
		!ed25519.Verify(public, []byte(signed), dsse.Signatures[0].Sig) {
		t.Errorf("the envelope does not verify: %s", &envelope)
	}
	var payload map[string]any
	if err := json.Unmarshal(dsse.Payload, &payload); err != nil || payload["_type"] != "https://in-toto.io/Statement/v1" {
		t.Errorf("%v: %v", err, payload)
	}
	d := m.Digest()
	if len(s.Subject) != 2 || s.Subject[1].Digest["sha256"] != hex.EncodeToString(d[:]) || !s.Predicate.Approved {
		t.Errorf("got %+v", s)
	}
	weak := must(rsa.GenerateKey(rand.Reader, 2048))
	if err := s.WriteEnvelope(&envelope, "operator", weak); err == nil {
		t.Error("signed with another kind of key")
	}
}

func TestFHIR(t *testing.T) {
	t.Parallel()
	p := newProposal()
	approval := governance.Approval{
		Proposal: p.ID, Author: p.Author, Gate: "legal", Decision: governance.DecisionApprove, SignedAt: start, Expires: start.AddDate(1, 0, 0),
		Facets:   map[governance.Facet]governance.Digest{governance.FacetPurpose: p.Facets()[governance.FacetPurpose]},
		Evidence: []governance.Evidence{{Kind: "advice", Reference: "LEGAL 7", Content: digest("advice")}},
	}
	register := governance.Register{{Index: 1, At: start, By: []governance.PersonID{"i.governance"}, Approval: &approval}}
	entries := []governance.Entry{
		{Index: 0, At: start, Kind: governance.EntryGates},
		{Index: 1, At: start, Kind: governance.EntryApproval, Proposal: p.ID, Note: "signed text\n"},
		{Index: 2, At: start, Kind: governance.EntryBuild, Proposal: p.ID, Root: p.Root()},
		{Index: 3, At: start, Kind: governance.EntryBatch, Proposal: p.ID, Root: p.Root(), Manifest: digest("list"), Stage: governance.Pilot, Batch: &governance.BatchEntry{
			Reference: "pilot-1-0", Recipients: 150, List: digest("batch"),
		}},
		{Index: 4, At: start, Kind: governance.EntryHalt, Proposal: "another", Note: "signed text\n"},
	}
	var b bytes.Buffer
	if err := export.NewFHIR("example.test/log", p, register, slices.Values(entries)).WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "fhir.json", b.Bytes())
	var bundle struct {
		ResourceType string `json:"resourceType"`
		Type         string `json:"type"`
		Entry        []struct {
			Resource map[string]any `json:"resource"`
		} `json:"entry"`
	}
	if err := json.Unmarshal(b.Bytes(), &bundle); err != nil {
		t.Fatal(err)
	}
	required := map[string][]string{ // of FHIR R4
		"AuditEvent": {"type", "recorded", "agent", "source"}, "Provenance": {"target", "recorded", "agent"},
	}
	counts := map[string]int{}
	for _, e := range bundle.Entry {
		kind := fmt.Sprint(e.Resource["resourceType"])
		counts[kind]++
		for _, name := range required[kind] {
			if e.Resource[name] == nil {
				t.Errorf("a %s has no %s", kind, name)
			}
		}
		checkFHIR(t, e.Resource)
	}
	if bundle.ResourceType != "Bundle" || bundle.Type != "collection" || counts["AuditEvent"] != 3 || counts["Provenance"] != 1 {
		t.Errorf("got %s %s with %v", bundle.ResourceType, bundle.Type, counts)
	}
	if !strings.Contains(b.String(), base64.StdEncoding.EncodeToString([]byte("signed text\n"))) {
		t.Error("the signed note is not in the bundle")
	}
}

// checkFHIR looks for what FHIR never has: empty objects, empty lists, empty texts and nulls.
func checkFHIR(t *testing.T, v any) {
	t.Helper()
	switch v := v.(type) {
	case nil:
		t.Error("a null")
	case string:
		if v == "" {
			t.Error("an empty text")
		}
	case []any:
		if len(v) == 0 {
			t.Error("an empty list")
		}
		for _, inner := range v {
			checkFHIR(t, inner)
		}
	case map[string]any:
		if len(v) == 0 {
			t.Error("an empty object")
		}
		for _, inner := range v {
			checkFHIR(t, inner)
		}
	}
}
