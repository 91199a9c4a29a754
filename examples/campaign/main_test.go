package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/governance/export"
)

var (
	lastLine  = regexp.MustCompile(`^approved=[1-9]\d* excluded=\d+ sent=[1-9]\d* delivered=[1-9]\d* failed=\d+ unaccounted=0$`)
	nhsNumber = regexp.MustCompile(`\b999\d{7}\b|\b999[ -]\d{3}[ -]\d{4}\b`)
)

func TestCampaign(t *testing.T) {
	t.Parallel()
	o := options{people: 3000, out: filepath.Join(t.TempDir(), "out"), seed: 7, log: "debug"}
	var first string
	for _, name := range []string{"first run", "again over its files"} {
		var out, logs bytes.Buffer
		if err := run(t.Context(), o, &out, &logs); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		last := lines[len(lines)-1]
		if !lastLine.MatchString(last) {
			t.Errorf("%s: the last line is %q", name, last)
		}
		if first == "" {
			first = last
		}
		if last != first {
			t.Errorf("one seed, two accounts: %q and %q", first, last)
		}
		if !strings.Contains(logs.String(), "op=pds.Get") || !strings.Contains(logs.String(), "[redacted]") {
			t.Errorf("%s: the requests are not in the log", name)
		}
		for kind, text := range map[string]string{"output": out.String(), "log": logs.String()} {
			if found := nhsNumber.FindString(text); found != "" {
				t.Errorf("%s: an NHS number is in the %s", name, kind)
			}
		}
	}
	checkReport(t, filepath.Join(o.out, reportFile))
	checkEvidence(t, filepath.Join(o.out, evidenceDir))
	checkFiles(t, o.out)
}

// checkEvidence looks for every document in every form.
func checkEvidence(t *testing.T, dir string) {
	t.Helper()
	for name, want := range map[string]string{
		"specification": "lives or is registered in the place", "dpia-annex": "gpes.journal.CODE", "record-of-processing": "Article 30",
		"hazard-log": "nothing is sent without a permit", "summary": "disclosure policy HES", "approvals": "dr.safety",
	} {
		for _, extension := range []string{".html", ".md", ".json"} {
			text, err := os.ReadFile(filepath.Join(dir, name+extension))
			if err != nil {
				t.Fatal(err)
			}
			if extension != ".json" && !strings.Contains(string(text), want) {
				t.Errorf("%s%s lacks %q", name, extension, want)
			}
			if extension == ".html" && (strings.Contains(string(text), "http") || strings.Contains(string(text), "src=")) {
				t.Errorf("%s refers to something outside", name)
			}
		}
	}
}

// TestHazards runs the demonstration with the results of the module's tests: with one test missing, a
// control is without proof, and nothing is built.
func TestHazards(t *testing.T) {
	t.Parallel()
	var results []string
	for _, h := range export.Incidents() {
		for _, c := range h.Controls {
			for _, test := range c.Tests {
				results = append(results, fmt.Sprintf(`{"Time":"2026-11-01T12:00:00Z","Action":"pass","Package":%q,"Test":%q}`, test.Package, test.Name))
			}
		}
	}
	slices.Sort(results)
	results = slices.Compact(results)
	for name, tt := range map[string]struct {
		results []string
		want    error
	}{
		"all passed": {results, nil}, "one was not run": {results[1:], governance.ErrHazard},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options{people: 500, out: filepath.Join(t.TempDir(), "out"), seed: 7, log: "off", tests: filepath.Join(t.TempDir(), "results.json")}
			if err := os.WriteFile(o.tests, []byte(strings.Join(tt.results, "\n")), 0o600); err != nil {
				t.Fatal(err)
			}
			var out, logs bytes.Buffer
			if err := run(t.Context(), o, &out, &logs); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func checkReport(t *testing.T, path string) {
	t.Helper()
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, section := range []string{"account", "definition", "approvals", "attrition", "exclusions", "delivery"} {
		if !strings.Contains(string(page), `<section id="`+section+`">`) {
			t.Errorf("the report has no section %s", section)
		}
	}
	for _, outside := range []string{"http://", "https://", "src=", "@import", "url("} {
		if strings.Contains(string(page), outside) {
			t.Errorf("the report refers to something outside: %s", outside)
		}
	}
}

// checkFiles fails when a file the campaign left shows an NHS number.
func checkFiles(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if nhsNumber.Match(text) {
			t.Errorf("%s shows an NHS number", filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	occupied := t.TempDir()
	if err := os.MkdirAll(filepath.Join(occupied, campaignDir, "mine"), 0o750); err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(occupied, campaignDir, "mine", "letter.txt")
	if err := os.WriteFile(mine, []byte("keep"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := options{people: 500, out: t.TempDir(), seed: 1, log: "off"}
	for want, change := range map[string]func(*options){
		"-people must be 500 to 200,000": func(o *options) { o.people = 5 },
		"-out must name a directory":     func(o *options) { o.out = "" },
		"-log must be off, info":         func(o *options) { o.log = "loud" },
		"files of something else":        func(o *options) { o.out = occupied },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			o := good
			change(&o)
			var out, logs bytes.Buffer
			err := run(t.Context(), o, &out, &logs)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want one with %q", err, want)
			}
			if out.Len() > 0 {
				t.Errorf("something was done already: %s", &out)
			}
			if _, err := os.Stat(mine); err != nil {
				t.Errorf("a file of somebody else is gone: %v", err)
			}
		})
	}
}
