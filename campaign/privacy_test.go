package campaign_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/campaign"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/notify/notifytest"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// TestPrivacy drives everything that can go wrong, with values that hold NHS
// numbers, and looks for the numbers wherever a campaign leaves text.
func TestPrivacy(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{batchSize: 2})
	texts := map[string]string{}
	note := func(name string, err error) {
		t.Helper()
		if err == nil {
			t.Errorf("%s: no error", name)
			return
		}
		texts["error: "+name] = fmt.Sprintf("%v %+v %#v", err, err, err)
	}
	secret := w.members[0].Reveal()
	refuse := func(name string, change func(*campaign.Config)) {
		config := w.config()
		change(&config)
		_, err := campaign.New(config)
		note(name, err)
	}
	refuse("kind of sentinel", func(c *campaign.Config) { c.Sentinels[secret] = w.members })
	refuse("suppression", func(c *campaign.Config) {
		c.Proposal.Safety.Suppressions = []governance.Suppression{{Name: secret, MaxAgeHours: 1}}
	})
	refuse("id", func(c *campaign.Config) { c.Proposal.ID = secret })
	fail := func(name string, change func(*campaign.Config)) {
		_, err := w.campaign(change).Build(t.Context())
		note(name, err)
	}
	fail("members", func(c *campaign.Config) {
		c.Members = func(yield func(nhs.Number, error) bool) {
			yield(nhs.Number{}, errors.New("row 7: "+secret+" is not in "+w.members[0].Display()))
		}
	})
	compose := func(values map[string]any) func(*campaign.Config) {
		return func(c *campaign.Config) { c.Compose = func(*pds.Patient) map[string]any { return values } }
	}
	fail("key", compose(map[string]any{secret: "x"}))
	fail("value", compose(map[string]any{"practice": map[string]any{secret: secret}}))
	w.failPDS(func(*http.Request) pdstest.Fault {
		return pdstest.Fault{Status: http.StatusForbidden, Body: `{"resourceType":"OperationOutcome","issue":[{"diagnostics":"` + secret + `"}]}`}
	})
	fail("PDS", func(*campaign.Config) {})
	w.failPDS(nil)
	w.makeUnfit(w.members[1], campaign.Deceased)
	personal := func(c *campaign.Config) {
		c.Compose = func(p *pds.Patient) map[string]any {
			return map[string]any{"practice": "for " + p.Number.Reveal(), "number": p.Number.Int()}
		}
	}
	c, _ := w.released(personal)
	w.journey(w.members[2], notifytest.Journey{Refused: "CM_INVALID_NHS_NUMBER"})
	w.fault(func(*http.Request) notifytest.Fault {
		return notifytest.Fault{Status: http.StatusBadRequest, Code: secret}
	})
	note("NHS Notify", c.Send(t.Context(), governance.Pilot))
	w.crash(c, governance.Pilot, 2)
	c = w.restarted(personal)
	w.must(c.Send(t.Context(), governance.Pilot))
	w.advance(2 * time.Minute)
	w.loseCallback(func() bool { return true })
	w.settle(c, governance.Pilot)
	note("stage", c.Send(t.Context(), governance.National))
	w.must(os.WriteFile(filepath.Join(w.config().Dir, "ramp-1.sealed"), []byte(secret), 0o600))
	note("seal", c.Send(t.Context(), governance.Pilot))
	w.must(os.Remove(filepath.Join(w.config().Dir, "ramp-1.sealed")))

	report, err := c.Report(cohort.HES())
	w.must(err)
	var page, log bytes.Buffer
	w.must(report.WriteHTML(&page))
	slog.New(slog.NewTextHandler(&log, nil)).Info("all", "campaign", c, "config", w.config(), "outcome", c.Outcome(), "report", report)
	texts["report"], texts["log of requests"], texts["slog"] = page.String(), w.logs.String(), log.String()
	texts["printed"] = fmt.Sprintf("%v %+v %#v %v %+v", c, c, c, w.config(), report)
	for record, err := range w.storage.Records(t.Context()) {
		w.must(err)
		texts["audit log"] += string(record)
	}
	w.readFiles(texts)
	checkNumbers(t, texts, append(slices.Concat(w.members, testPeople()), number(9000), number(9001), number(9002), number(9003), number(9004)))
	for _, name := range []string{"error: members", "log of requests", "slog", "audit log", "report", "file list.sealed", "file pilot-1.journal", "file polled.jsonl"} {
		if texts[name] == "" {
			t.Errorf("nothing was found in %s", name)
		}
	}
	if strings.Contains(texts["printed"]+texts["slog"], string(w.key())) || strings.Contains(texts["printed"], fmt.Sprintf("%d", w.key())) {
		t.Error("the key was printed")
	}
}

// readFiles reads every file, and makes sure that it is its owner's.
func (w *world) readFiles(texts map[string]string) {
	w.must(filepath.WalkDir(w.config().Dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			w.fatal(entry.Name(), " may be read by others")
		}
		if entry.IsDir() {
			return nil
		}
		text, err := os.ReadFile(path)
		texts["file "+entry.Name()] = string(text)
		return err
	}))
}

func checkNumbers(t *testing.T, texts map[string]string, numbers []nhs.Number) {
	t.Helper()
	for name, text := range texts {
		for _, n := range numbers {
			for _, form := range []string{n.Reveal(), n.Display(), strings.ReplaceAll(n.Display(), " ", "-")} {
				if strings.Contains(text, form) {
					t.Errorf("an NHS number is in %s", name)
				}
			}
		}
	}
}
