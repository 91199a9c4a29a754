package export_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs/governance/export"
)

// TestIncidentsNameRealTests looks for every test that a control names in the source of its package.
func TestIncidentsNameRealTests(t *testing.T) {
	t.Parallel()
	const module = "github.com/personalised-prevention/nhs/"
	known := map[string]map[string]bool{}
	tests := func(folder string) map[string]bool {
		if known[folder] != nil {
			return known[folder]
		}
		known[folder] = map[string]bool{}
		files := must(filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(folder), "*_test.go")))
		for _, name := range files {
			file := must(parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution))
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok {
					known[folder][f.Name.Name] = true
				}
			}
		}
		return known[folder]
	}
	hazards := export.Incidents()
	if len(hazards) != 13 {
		t.Errorf("%d hazards, want 13", len(hazards))
	}
	for _, h := range hazards {
		if h.Incident == "" || h.Residual != (export.Rating{}) || h.Initial != (export.Rating{}) {
			t.Errorf("%s has no incident, or a rating that is not ours to give", h.ID)
		}
		for _, c := range h.Controls {
			if len(c.Tests) == 0 {
				t.Errorf("%s: %q has no test", h.ID, c.Text)
			}
			for _, test := range c.Tests {
				folder, ok := strings.CutPrefix(test.Package, module)
				if !ok || !tests(folder)[test.Name] {
					t.Errorf("%s: %s is not a test of %s", h.ID, test.Name, test.Package)
				}
			}
		}
	}
}

func TestHazardLogSummary(t *testing.T) {
	t.Parallel()
	log, results := newHazards()
	want := must(log.Summary(results))
	if want.HighestRisk != 2 || want.AcceptableRisk != 2 || want.Unproved != 0 {
		t.Errorf("got %+v", want)
	}
	again := export.TestResults{}
	for test := range results {
		again[test] = export.TestResult{Outcome: "pass", At: start.Add(time.Hour)}
	}
	if got := must(log.Summary(again)); got != want {
		t.Errorf("another run of the same tests is another log: %+v", got)
	}
	for name, tt := range map[string]struct {
		change   func(*export.HazardLog, export.TestResults)
		risk     int
		unproved int
	}{
		"a test that failed": {func(_ *export.HazardLog, r export.TestResults) {
			for test := range r {
				r[test] = export.TestResult{Outcome: "fail", At: start}
			}
		}, 2, 1},
		"a test that was skipped": {func(_ *export.HazardLog, r export.TestResults) {
			for test := range r {
				r[test] = export.TestResult{Outcome: "skip", At: start}
			}
		}, 2, 1},
		"a test that was not run":  {func(_ *export.HazardLog, r export.TestResults) { clear(r) }, 2, 1},
		"a control without a test": {func(l *export.HazardLog, _ export.TestResults) { l.Hazards[0].Controls[0].Tests = nil }, 2, 1},
		"a hazard without rating":  {func(l *export.HazardLog, _ export.TestResults) { l.Hazards[0].Residual = export.Rating{} }, 5, 0},
		"a closed hazard": {func(l *export.HazardLog, r export.TestResults) {
			l.Hazards[0].Closed, l.Hazards[0].Residual = true, export.Rating{}
			clear(r)
		}, 1, 0},
		"another matrix": {func(l *export.HazardLog, _ export.TestResults) { l.Matrix[0][2] = 3 }, 3, 0},
	} {
		log, results := newHazards()
		tt.change(&log, results)
		got := must(log.Summary(results))
		if got.HighestRisk != tt.risk || got.Unproved != tt.unproved || got == want {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	seeded := must(export.HazardLog{AcceptableRisk: 2, Matrix: export.DefaultMatrix(), Hazards: export.Incidents()}.Summary(nil))
	if seeded.HighestRisk != 5 || seeded.Unproved < 30 {
		t.Errorf("a seeded log that nobody has rated or tested comes to %+v", seeded)
	}
}

func TestHazardLogCheck(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*export.HazardLog){
		"nothing acceptable":  func(l *export.HazardLog) { l.AcceptableRisk = 0 },
		"anything acceptable": func(l *export.HazardLog) { l.AcceptableRisk = 5 },
		"no hazards":          func(l *export.HazardLog) { l.Hazards = nil },
		"no matrix":           func(l *export.HazardLog) { l.Matrix = export.Matrix{} },
		"no controls":         func(l *export.HazardLog) { l.Hazards[0].Controls = nil },
		"no cause":            func(l *export.HazardLog) { l.Hazards[0].Cause = "" },
		"the same twice":      func(l *export.HazardLog) { l.Hazards = append(l.Hazards, l.Hazards[0]) },
	} {
		log, results := newHazards()
		change(&log)
		if _, err := log.Summary(results); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// testOutput is what "go test -json" writes.
const testOutput = `{"Time":"2026-02-02T08:00:00.1+01:00","Action":"start","Package":"example.test/campaign"}
{"Time":"2026-02-02T08:00:01+01:00","Action":"run","Package":"example.test/campaign","Test":"TestA"}
{"Time":"2026-02-02T08:00:02+01:00","Action":"output","Package":"example.test/campaign","Test":"TestA","Output":"--- FAIL\n"}
{"Time":"2026-02-02T08:00:03+01:00","Action":"fail","Package":"example.test/campaign","Test":"TestA","Elapsed":0.1}

{"Time":"2026-02-02T08:01:03+01:00","Action":"pass","Package":"example.test/campaign","Test":"TestA/sub"}
{"Time":"2026-02-02T08:02:03+01:00","Action":"pass","Package":"example.test/campaign","Test":"TestA"}
{"Time":"2026-02-02T08:03:03+01:00","Action":"skip","Package":"example.test/campaign","Test":"TestB"}
{"Time":"2026-02-02T08:03:04+01:00","Action":"pass","Package":"example.test/campaign"}
`

func TestReadTestResults(t *testing.T) {
	t.Parallel()
	got, err := export.ReadTestResults(strings.NewReader(testOutput))
	if err != nil {
		t.Fatal(err)
	}
	a := export.Test{Package: "example.test/campaign", Name: "TestA"}
	b := export.Test{Package: "example.test/campaign", Name: "TestB"}
	if len(got) != 3 || got[a].Outcome != "pass" || got[b].Outcome != "skip" || !got[a].At.Equal(time.Date(2026, 2, 2, 7, 2, 3, 0, time.UTC)) {
		t.Errorf("got %v", got)
	}
	if text := got[a].String(); text != "pass on 2 February 2026, 07:02 UTC" {
		t.Error(text)
	}
	for name, bad := range map[string]string{
		"not JSON":    "ok  	example.test/campaign	0.1s\n",
		"other JSON":  `{"a":1}`,
		"a long line": `{"Action":"output","Output":"` + strings.Repeat("x", 2<<20) + `"}`,
	} {
		if _, err := export.ReadTestResults(strings.NewReader(testOutput + bad)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// FuzzReadTestResults: no bytes make it panic, and a result is always of a test and one of three.
func FuzzReadTestResults(f *testing.F) {
	f.Add([]byte(testOutput))
	f.Fuzz(func(t *testing.T, data []byte) {
		results, err := export.ReadTestResults(bytes.NewReader(data))
		if err != nil {
			return
		}
		for test, r := range results {
			if test.Name == "" || r.Outcome != "pass" && r.Outcome != "fail" && r.Outcome != "skip" {
				t.Errorf("%v: %v", test, r)
			}
		}
	})
}
