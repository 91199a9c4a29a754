package main

import (
	"bytes"
	"regexp"
	"testing"
)

func TestNational(t *testing.T) {
	t.Parallel()
	o := options{people: 1500, check: 200, rows: 0.05, seed: 7, out: t.TempDir()}
	for _, name := range []string{"first run", "again into the same folder"} {
		var out bytes.Buffer
		if err := run(t.Context(), o, &out); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, want := range []string{
			`^1500 people with \d{5} rows are in `,
			`\n== nhs-health-check ==\n\nstep +excluded +remaining`,
			`\n1 registered with a GP practice +\d+ `,
			`\nmembers \d+, referred .*; counts under the HES disclosure policy\n`,
			`\nThe reference evaluator agrees about 200 of 200 people\.\n`,
			`\ntalking-therapies-underrepresented: the same counts in `,
			`\npeople=1500 cohorts=3 differences=0\n$`,
		} {
			if !regexp.MustCompile(want).Match(out.Bytes()) {
				t.Errorf("%s: the output has no %s", name, want)
			}
		}
		if regexp.MustCompile(`\b999\d{7}\b`).Match(out.Bytes()) {
			t.Errorf("%s: an NHS number is in the output", name)
		}
		if t.Failed() {
			t.Log(out.String())
		}
	}
}

func TestNational_refuses(t *testing.T) {
	t.Parallel()
	if err := run(t.Context(), options{people: -1, out: t.TempDir()}, &bytes.Buffer{}); err == nil {
		t.Error("fewer than no people")
	}
}
