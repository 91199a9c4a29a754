package governance_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/governance"
)

// TestNoNHSNumberLeaks offers an NHS number wherever text is taken. It must be refused, and neither
// the error nor the log may show it.
func TestNoNHSNumberLeaks(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"9990000018", "999 000 0018", "999-000-0018"} {
		t.Run(number, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "audit.log")
			storage := must(governance.OpenFile(path))
			defer storage.Close()
			w := newWorld(t, storage)
			permit := w.permitted()
			text := "about " + number + ", see file"
			var errs []error
			refuse := func(name string, err error) {
				t.Helper()
				if err == nil {
					t.Errorf("%s: accepted", name)
				}
				errs = append(errs, err)
			}
			p := newProposal()
			p.Purpose.Text = text
			refuse("proposal", p.Validate())
			_, err := governance.ParseProposal([]byte(`{"id":"` + text + `","` + number + `":1}`))
			refuse("proposal JSON", err)
			m := w.manifest
			m.Exclusions = []governance.Exclusion{{Reason: text, Count: 1}}
			refuse("manifest", m.Validate())
			_, err = w.authority.PermitSend(t.Context(), w.proposal, m, governance.Synthetic)
			refuse("permit", err)
			_, err = governance.Halt{Proposal: w.proposal.ID, Reason: text, SignedAt: w.now}.Sign(w.author)
			refuse("halt", err)
			a := w.approval("legal", "")
			a.Evidence = []governance.Evidence{{Kind: "note", Reference: text, Content: digest("x")}}
			_, err = a.Sign(w.author)
			refuse("evidence", err)
			_, err = w.authority.Submit(t.Context(), []byte(text))
			refuse("note", err)
			a = w.approval("legal", "")
			a.Conditions = []governance.Condition{governance.Condition(text), governance.OnlySegments(text)}
			_, err = a.Sign(w.author)
			refuse("condition", err)
			_, err = governance.Discharge{Proposal: w.proposal.ID, Condition: "x", Reason: text, SignedAt: w.now}.Sign(w.author)
			refuse("discharge", err)
			m = w.manifest
			m.Segments = []governance.Segment{{Name: text, Plan: "x", Included: 40}}
			refuse("segment", m.Validate())
			file := w.trustFile(1)
			file.People[0].ID = governance.PersonID(number)
			_, err = file.Sign(root(0))
			refuse("trust file", err)
			_, err = governance.OpenTrust([]byte(text), roots())
			refuse("trust note", err)
			_, err = governance.ParseAuditKeys("nhs-prevention audit keys v1\norigin: " + text)
			refuse("audit keys", err)
			_, err = governance.OpenWitness(filepath.Join(t.TempDir(), "seen"), root(4), text, root(0).VerifierKey())
			refuse("witness", err)
			_, err = governance.Audit(t.Context(), lines{[]byte(text)}, [][]byte{[]byte(text)}, governance.AuditKeys{Origin: text})
			refuse("audit", err)
			_, err = governance.ParseHalt(governance.Halt{Proposal: text, Reason: text, SignedAt: w.now}.Text())
			refuse("halt text", err)
			refuse("batch", permit.Authorize(t.Context(), w.batch(text, 1)))
			refuse("log", governance.Verify(t.Context(), lines{[]byte(text)}, w.log.Checkpoint()))
			b := w.batch("b1", 1)
			b.Checked[0].Suppression = text
			refuse("suppression", permit.Authorize(t.Context(), b))
			if err := permit.Authorize(t.Context(), w.batch("b1", 1)); err != nil {
				t.Error(err)
			}
			shown := errors.Join(errs...).Error() + string(must(os.ReadFile(path))) + w.authority.Register(w.proposal.ID).String()
			if strings.Contains(shown, number) {
				t.Error("an NHS number is shown")
			}
		})
	}
}

// TestNotNHSNumbers are texts that only look like one.
func TestNotNHSNumbers(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"9990000019",                           // wrong check digit
		"99900000181",                          // eleven digits
		"b838b13c-f98c-4def-93f0-000000000001", // a routing plan
		"2026-02-02 at 09:00",
		"020 7946 0018",
	} {
		p := newProposal()
		p.Purpose.Text = text
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}
