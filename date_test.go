package nhs_test

import (
	"errors"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
)

func TestParseDate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text, want, compact string // want "" means refused
	}{
		{"1932-05-17", "1932-05-17", "19320517"},
		{"1932-05", "1932-05", "193205"},
		{"1932", "1932", "1932"},
		{"19320517", "1932-05-17", "19320517"},
		{"193205", "1932-05", "193205"},
		{"2024-02-29", "2024-02-29", "20240229"},
		{text: "2023-02-29"},
		{text: "2023-13-01"},
		{text: "2023-00"},
		{text: "0000"},
		{text: "2023-1-01"},
		{text: "2023/01/01"},
		{text: "20230"},
		{text: ""},
		{text: "١٩٣٢"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			got, err := nhs.ParseDate(tt.text)
			if (err != nil) != (tt.want == "") {
				t.Fatalf("error %v", err)
			}
			if err != nil && !errors.Is(err, nhs.ErrInvalid) {
				t.Errorf("error %v is not ErrInvalid", err)
			}
			if got.String() != tt.want || got.Compact() != tt.compact {
				t.Errorf("got %s, %s", got, got.Compact())
			}
		})
	}
}

func TestDateText(t *testing.T) {
	t.Parallel()
	d, err := nhs.DateOf(1960, time.January, 11)
	if err != nil {
		t.Fatal(err)
	}
	text, err := d.MarshalText()
	if err != nil || string(text) != "1960-01-11" || !d.Whole() {
		t.Errorf("got %s, %v", text, err)
	}
	var got nhs.Date
	if err := got.UnmarshalText(text); err != nil || got != d {
		t.Errorf("got %v, %v", got, err)
	}
	if err := got.UnmarshalText(nil); err != nil || !got.IsZero() || got.Whole() {
		t.Errorf("got %v, %v", got, err)
	}
	if got := nhs.DateIn(time.Date(2026, 11, 22, 23, 30, 0, 0, time.FixedZone("", 3600))); got.String() != "2026-11-22" {
		t.Errorf("got %v", got)
	}
	for _, parts := range [][3]int{{0, 1, 1}, {10000, 1, 1}, {2023, 2, 29}, {2023, 4, 31}, {2023, 13, 1}, {2023, 1, 0}} {
		if d, err := nhs.DateOf(parts[0], time.Month(parts[1]), parts[2]); err == nil {
			t.Errorf("%v gave %v", parts, d)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"1932-05-17", "193205", "1932", "9999-12-31", "0001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := nhs.ParseDate(text)
		if err != nil {
			return
		}
		for _, again := range []string{d.String(), d.Compact()} {
			if got, err := nhs.ParseDate(again); err != nil || got != d {
				t.Errorf("%q became %q, which reads as %v, %v", text, again, got, err)
			}
		}
	})
}

// A day exists if the calendar of the time package has it.
func TestDaysThatExist(t *testing.T) {
	t.Parallel()
	for year := 1; year <= 9999; year++ {
		for month := time.January; month <= time.December; month++ {
			for day := 28; day <= 32; day++ {
				_, err := nhs.DateOf(year, month, day)
				if exists := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Month() == month; exists != (err == nil) {
					t.Errorf("%04d-%02d-%02d: %v", year, month, day, err)
				}
			}
		}
	}
}
