package main

import (
	"context"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var nhsNumber = regexp.MustCompile(`\b999\d{7}\b|\b999[ -]\d{3}[ -]\d{4}\b`)

// However a run was cut off, the next one completes the file.
func TestTrace(t *testing.T) {
	t.Parallel()
	o := options{people: 100, out: filepath.Join(t.TempDir(), "traced.csv"), perSecond: 1e6}
	var out strings.Builder
	if err := run(t.Context(), o, &out); err != nil {
		t.Fatal(err)
	}
	const last = "100 of 100, found 60, superseded 10, restricted 10, dead 10, not found 5, invalid 5, failed 0, 0s left\n"
	if out.String() != last {
		t.Errorf("printed %q", &out)
	}
	want := rows(t, o.out)
	text, err := os.ReadFile(o.out)
	if err != nil {
		t.Fatal(err)
	}
	for _, length := range []int{0, 10, len(text) / 2, len(text) - 1, len(text)} {
		if err := os.Truncate(o.out, int64(length)); err != nil {
			t.Fatal(err)
		}
		if err := run(t.Context(), o, &out); err != nil {
			t.Fatal(err)
		}
		if got := rows(t, o.out); got != want {
			t.Errorf("cut off after %d bytes, continued as:\n%s", length, got)
		}
	}
	if found := nhsNumber.FindString(out.String()); found != "" {
		t.Error("an NHS number is in the output")
	}
}

// rows returns the results without their reasons, which hold request ids.
func rows(t *testing.T, path string) string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	all, err := csv.NewReader(file).ReadAll()
	if err != nil || len(all) != 101 {
		t.Fatalf("%d rows, %v", len(all), err)
	}
	var text strings.Builder
	for _, row := range all {
		row[5] = ""
		text.WriteString(strings.Join(row, ",") + "\n")
	}
	return text.String()
}

// A file may come from a spreadsheet.
func TestNumbers(t *testing.T) {
	t.Parallel()
	var got []string
	for number, err := range numbers(strings.NewReader("\ufeff9990000018\r\n 999 000 0026\t\n\nnot known\n")) {
		got = append(got, number.Reveal()+strconv.FormatBool(err == nil))
	}
	if want := []string{"9990000018true", "9990000026true", "false", "false"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTrace_interrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := options{people: 10, out: filepath.Join(t.TempDir(), "traced.csv"), perSecond: 5}
	if err := run(ctx, o, &strings.Builder{}); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "run again") {
		t.Errorf("got %v", err)
	}
}

func TestTrace_refuses(t *testing.T) {
	t.Parallel()
	letter := filepath.Join(t.TempDir(), "letter.txt")
	if err := os.WriteFile(letter, []byte("Dear Anna,"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]options{
		"-people must be":   {people: 0, out: "x", perSecond: 1},
		"rate must be":      {people: 1, out: "x"},
		"is something else": {people: 1, out: letter, perSecond: 1},
	} {
		if err := run(t.Context(), o, &strings.Builder{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if text, err := os.ReadFile(letter); err != nil || string(text) != "Dear Anna," {
		t.Errorf("the letter is now %q, %v", text, err)
	}
}
