package export

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Test names a Go test by the import path of its package and its name.
type Test struct {
	Package string `json:"package"`
	Name    string `json:"name"`
}

// String returns the last part of the package and the name.
func (t Test) String() string { return t.Package[strings.LastIndex(t.Package, "/")+1:] + "." + t.Name }

// TestResult is how a test went last. The zero TestResult is of one that was not run.
type TestResult struct {
	// Outcome is "pass", "fail" or "skip".
	Outcome string    `json:"outcome"`
	At      time.Time `json:"at"`
}

// String says it for people.
func (r TestResult) String() string {
	if r.Outcome == "" {
		return "not run"
	}
	return r.Outcome + " on " + day(r.At)
}

// TestResults are results by test.
type TestResults map[Test]TestResult

// last returns how a test went last.
func (r TestResults) last(t Test) TestResult { return r[t] }

// prove reports whether every test of a control has passed.
func (r TestResults) prove(c Control) bool {
	for _, t := range c.Tests {
		if r[t].Outcome != "pass" {
			return false
		}
	}
	return len(c.Tests) > 0
}

const maxTestLine = 1 << 20

// ReadTestResults reads what "go test -json" writes: the last result of every test, and of every subtest.
// Lines of anything else are an error, because a result that is lost would be one that was not run.
func ReadTestResults(r io.Reader) (TestResults, error) {
	results := TestResults{}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxTestLine)
	for number := 1; lines.Scan(); number++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var e struct {
			Time    time.Time `json:"Time"`
			Action  string    `json:"Action"`
			Package string    `json:"Package"`
			Test    string    `json:"Test"`
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil || e.Action == "" {
			return nil, fmt.Errorf("export: test results: line %d is not one of go test -json", number)
		}
		if e.Test != "" && (e.Action == "pass" || e.Action == "fail" || e.Action == "skip") {
			results[Test{e.Package, e.Test}] = TestResult{Outcome: e.Action, At: e.Time.UTC()}
		}
	}
	if err := lines.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			return nil, errors.New("export: test results: a line is too long")
		}
		return nil, fmt.Errorf("export: test results: %w", err)
	}
	return results, nil
}
