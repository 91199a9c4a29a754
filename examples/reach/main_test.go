package main

import (
	"bytes"
	"regexp"
	"testing"
)

func TestReach(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), 600, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`High Street Surgery: 300 patients, 1\d\d with the NHS App, 1\d\d of them with notifications on\n`,
		`Station Road Practice: 300 patients, `,
		`\n600 messages, £0\.00 if everyone reads the app, £470\.40 if`,
		`\n600 accepted, 0 left out\n`,
		`\n +[1-9]\d\.\d%  have read it in the NHS App\n`,
		`\n +[1-9]\d\.\d%  have a text message`,
		`\n +[1-9]\d*\.\d%  have a letter`,
		`\n +[1-9]\d*\.\d%  could not be messaged\n`,
		`\n +0\.0%  are still being tried\n`,
		`\n[1-9]\d* of 600 have it in the app as well`,
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
	if err := run(t.Context(), 1, &out); err == nil {
		t.Error("one person is enough")
	}
}
