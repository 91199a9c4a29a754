package campaign_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/campaign"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// failFor makes PDS answer with a status about one person.
func failFor(n nhs.Number, status int) func(*http.Request) pdstest.Fault {
	return func(r *http.Request) pdstest.Fault {
		if strings.HasSuffix(r.URL.Path, n.Reveal()) {
			return pdstest.Fault{Status: status}
		}
		return pdstest.Fault{}
	}
}

func TestBuildExcludes(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{})
	for i, reason := range kinds() {
		w.makeUnfit(w.members[i], reason)
	}
	w.failPDS(failFor(w.members[len(kinds())], http.StatusServiceUnavailable))
	var steps []campaign.Progress
	c, m := w.built(func(config *campaign.Config) {
		config.Members = each(append(w.members, w.members...)) // everybody twice
		config.Progress = func(p campaign.Progress) { steps = append(steps, p) }
	})
	want := map[campaign.Reason]int{
		campaign.Deceased: 1, campaign.Restricted: 1, campaign.Superseded: 1, campaign.Removed: 1,
		campaign.NoRecord: 1, campaign.UnderAge: 1, campaign.Objected: 1, campaign.Unchecked: 1,
	}
	if diff := cmp.Diff(want, c.Outcome().Excluded); diff != "" {
		t.Errorf("exclusions (-want +got):\n%s", diff)
	}
	if m.Included != 16 || len(m.Exclusions) != 8 || len(m.Sentinels) != 7 {
		t.Errorf("the manifest has %d people, %d reasons and %d kinds of sentinels", m.Included, len(m.Exclusions), len(m.Sentinels))
	}
	if diff := cmp.Diff([]campaign.Progress{{Step: "check", Done: 24, Total: 24}}, steps); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	if got, want := c.Outcome().String(), "approved=24 excluded=8 sent=0 delivered=0 failed=0 unaccounted=16"; got != want {
		t.Errorf("outcome %q, want %q", got, want)
	}
}

func TestBuildStops(t *testing.T) {
	t.Parallel()
	broken := errors.New("the file ends in the middle of a row")
	compose := func(values map[string]any) func(*campaign.Config) {
		return func(c *campaign.Config) { c.Compose = func(*pds.Patient) map[string]any { return values } }
	}
	for name, tt := range map[string]struct {
		arrange func(*world)
		change  func(*campaign.Config)
		want    error
		text    string
	}{
		"members end in an error": {change: func(c *campaign.Config) {
			c.Members = func(yield func(nhs.Number, error) bool) {
				if yield(number(0), nil) {
					yield(nhs.Number{}, broken)
				}
			}
		}, want: broken, text: "after 1 members"},
		"member without number": {change: func(c *campaign.Config) {
			c.Members = each([]nhs.Number{number(0), {}})
		}, text: "after 1 members: member must have an NHS number"},
		"access refused": {arrange: func(w *world) { w.failPDS(failFor(w.members[7], http.StatusForbidden)) }, want: nhs.ErrForbidden},
		"not authorised": {arrange: func(w *world) { w.failPDS(failFor(w.members[7], http.StatusUnauthorized)) }, want: nhs.ErrUnauthorized},
		"sentinel missed": {
			arrange: func(w *world) { w.must(w.services.PDS.Put(testPerson(sentinels()["deceased"][0]))) },
			want:    campaign.ErrSentinel, text: "of 1 deceased sentinels 0 were caught",
		},
		"sentinel caught for another reason": {
			arrange: func(w *world) { w.makeUnfit(sentinels()["deceased"][0], campaign.Removed) }, want: campaign.ErrSentinel,
		},
		"sentinel not answered for": {
			arrange: func(w *world) { w.failPDS(failFor(sentinels()["no-record"][0], http.StatusServiceUnavailable)) },
			want:    campaign.ErrSentinel,
		},
		"key not approved":  {change: compose(map[string]any{"salutation": "x"}), text: "personalisation key salutation is not in the proposal"},
		"no value":          {change: compose(map[string]any{"practice": nil}), text: "personalisation key practice must have a string"},
		"value no template": {change: compose(map[string]any{"practice": struct{ A int }{1}}), text: "personalisation key practice must have a string"},
		"value no JSON":     {change: compose(map[string]any{"practice": func() {}}), text: "personalisation key practice must have a string"},
		"halted":            {arrange: func(w *world) { w.halt() }, want: governance.ErrHalted},
		"bad snapshot": {
			change: func(c *campaign.Config) { c.Snapshots[0].ID = "" }, text: "manifest.snapshots[0].id is required",
		},
		"no randomness": {change: func(c *campaign.Config) { c.Random = strings.NewReader("") }, text: "seal list: random"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setUp(t, options{})
			_, before := w.built()
			if tt.arrange != nil {
				tt.arrange(w)
			}
			c := w.campaign(func(c *campaign.Config) {
				if tt.change != nil {
					tt.change(c)
				}
			})
			_, err := c.Build(t.Context())
			if err == nil || !strings.HasPrefix(err.Error(), "campaign: build: ") || !strings.Contains(err.Error(), tt.text) ||
				(tt.want != nil && !errors.Is(err, tt.want)) {
				t.Fatalf("error %v, want %v with %q", err, tt.want, tt.text)
			}
			// The list that was there before still stands.
			after, err := w.campaign().Restore(t.Context())
			if err != nil || after.Digest() != before.Digest() {
				t.Errorf("the list before is gone: %v", err)
			}
		})
	}
}

func TestBuildCancelled(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{})
	ctx, cancel := context.WithCancel(t.Context())
	w.failPDS(func(r *http.Request) pdstest.Fault {
		if strings.HasSuffix(r.URL.Path, w.members[3].Reveal()) {
			cancel()
		}
		return pdstest.Fault{}
	})
	c := w.campaign()
	if _, err := c.Build(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("Build: %v", err)
	}
	if _, err := c.Restore(t.Context()); !errors.Is(err, campaign.ErrNotBuilt) {
		t.Errorf("a list was sealed: %v", err)
	}
}

// TestBuildWithoutApproval asks PDS about nobody.
func TestBuildWithoutApproval(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{})
	w.propose(func(p *governance.Proposal) { p.Purpose.Text = "Something else" })
	before := w.services.PDS.Requests()
	if _, err := w.campaign().Build(t.Context()); !errors.Is(err, governance.ErrNotApproved) {
		t.Errorf("Build: %v", err)
	}
	if w.services.PDS.Requests() > before {
		t.Error("PDS was asked")
	}
}

// TestSeal: a sealed list opens with its own key, proposal and name only.
func TestSeal(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{})
	_, built := w.built()
	path := w.config().Dir + "/list.sealed"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the list may be read by others: %v, %v", info.Mode(), err)
	}
	restored, err := w.campaign().Restore(t.Context())
	if err != nil || restored.Digest() != built.Digest() {
		t.Errorf("restored %v, %v", restored, err)
	}
	for name, change := range map[string]func(*campaign.Config){
		"another key": func(c *campaign.Config) { c.Key[0]++ },
		"another id":  func(c *campaign.Config) { c.Proposal.ID = "another" },
	} {
		if _, err := w.campaign(change).Restore(t.Context()); !errors.Is(err, campaign.ErrSeal) {
			t.Errorf("%s: %v", name, err)
		}
	}
	reworded := w.campaign(func(c *campaign.Config) { c.Proposal.Purpose.Text = "reworded" })
	if _, err := reworded.Restore(t.Context()); !errors.Is(err, campaign.ErrNotBuilt) {
		t.Errorf("a list for another version of the proposal: %v", err)
	}
	for name, change := range map[string]func([]byte) []byte{
		"a bit":   func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"cut":     func(b []byte) []byte { return b[:len(b)-1] },
		"stump":   func(b []byte) []byte { return b[:5] },
		"nothing": func([]byte) []byte { return nil },
	} {
		w.must(os.WriteFile(path, change([]byte(string(text))), 0o600))
		if _, err := w.campaign().Restore(t.Context()); !errors.Is(err, campaign.ErrSeal) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.must(os.WriteFile(path, text, 0o600))
	w.must(os.Rename(path, w.config().Dir+"/pilot-1.sealed"))
	_, err = w.campaign().Build(t.Context())
	if !errors.Is(err, campaign.ErrSeal) {
		t.Errorf("under another name: %v", err)
	}
}

// TestBuildCrash: whatever of Build's end was not reached, the campaign goes on
// with the list that is there.
func TestBuildCrash(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{})
	_, first := w.released()
	// A crash after the manifest was logged and before the list was sealed.
	_, err := w.campaign(func(c *campaign.Config) { c.Random = strings.NewReader("") }).Build(t.Context())
	if err == nil {
		t.Fatal("Build had no randomness and did not fail")
	}
	// A crash in the middle of writing.
	w.must(os.WriteFile(w.config().Dir+"/list.sealed.1.new", []byte("half"), 0o600))
	c := w.campaign()
	m, err := c.Restore(t.Context())
	if err != nil || m.Digest() != first.Digest() {
		t.Fatalf("restored another list: %v", err)
	}
	w.must(c.Send(t.Context(), governance.Pilot))
	w.settle(c, governance.Pilot)
}
