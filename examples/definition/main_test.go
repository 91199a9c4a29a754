package main

import (
	"bytes"
	"regexp"
	"testing"
)

func TestDefinition(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), 3000, 7, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`^CaaS publishes "Winter chest check", updated 2026-09-01T`,
		`\nAs it is, it is refused:\n  caas\.Import: not exact, and not accepted: 3 cluster not given, 1 special case, 1 no codes;`,
		`\n  - special case: Very severe obesity, which is published in words: The latest body mass index is 40 or more\.\n    give a criterion`,
		`\nNot expressed \(2\):\n- group 2 "Chronic heart disease", condition 1, rule set 1, rule 2, list 1`,
		`\nGiven by the caller \(4\):\n`,
		`\n1\. Include: registered with a GP practice\.\n`,
		`\n3\. Include: aged 5 years \(60 months\) or more\.\n`,
		`\nmembers \d+, referred .*; counts under the HES disclosure policy\n`,
		`\n\[person\] is a member: Winter chest check \(winter-chest-check, version 2026-09-01T`,
		`this is not CaaS's own answer\.\n`,
		`\nGroup \d "Chronic .* disease": yes.*\n   Condition \d\.\d ".*": `,
		` of (AST_COD|CHD_COD|Body mass index) on \d{4}-\d\d-\d\d, in gpes\.journal, which stands for G`,
	} {
		if !regexp.MustCompile(want).Match(out.Bytes()) {
			t.Errorf("the output has no %s", want)
		}
	}
	if regexp.MustCompile(`\b999\d{7}\b`).Match(out.Bytes()) {
		t.Error("an NHS number is in the output")
	}
	if t.Failed() {
		t.Log(out.String())
	}
}

func TestDefinition_refuses(t *testing.T) {
	t.Parallel()
	if err := run(t.Context(), -1, 7, &bytes.Buffer{}); err == nil {
		t.Error("fewer than no people")
	}
}
