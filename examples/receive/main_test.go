package main

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
)

func TestReceive(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\n  10 rows: 10 joined, 0 amended, 0 left, 0 under a new number, 0 refused\n",
		"\n  put aside: row 7: nhs_number comes a second time with the same record type\n",
		"\n  8 rows: 2 joined, 1 amended, 3 left, 1 under a new number, 1 refused\n",
		"\n    1 left: death, registered\n",
		"\n    1 left: transferred to Scotland\n",
		"\n    1 left: no reason is stated\n",
		"\n  9 members\n",
		"\nWednesday 4 November 06:00: nothing has changed\n  a nil return: ",
		"\nThursday 5 November 09:00: there is no file\n  ALARM: no file for 27h0m0s, ",
		"\n  ALARM: CaaS did not collect a subscription (code 14); send it again under a new name\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output has no %q", want)
		}
	}
	if strings.Count(out.String(), "ALARM") != 3 {
		t.Error("an alarm is missing, or false")
	}
	if regexp.MustCompile(`\b999\d{7}\b|\b999[ -]\d{3}[ -]\d{4}\b`).Match(out.Bytes()) {
		t.Error("an NHS number is in the output")
	}
	if t.Failed() {
		t.Log(out.String())
	}
}

func TestReceive_interrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, &bytes.Buffer{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
