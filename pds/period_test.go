package pds_test

import (
	"testing"

	"github.com/personalised-prevention/nhs/pds"
)

func TestPeriod_Covers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		start, end pds.DateTime
		on         string
		want       bool
	}{
		{"", "", "2026-01-05", true},
		{"2026-01-05", "", "2026-01-05", true},
		{"2026-01-06", "", "2026-01-05", false},
		{"", "2026-01-05", "2026-01-05", true},
		{"", "2026-01-04", "2026-01-05", false},
		{"2026", "2026", "2026-12-31", true},
		{"2026-02", "", "2026-01-31", false},
		{"", "2025-12", "2026-01-01", false},
		{"2026-01-05T12:00:00+00:00", "2026-01-05T13:00:00+00:00", "2026-01-05", true},
		{"soon", "later", "2026-01-05", true},
		{"", "", "2026-01", false},
	} {
		if got := (pds.Period{Start: test.start, End: test.end}).Covers(date(t, test.on)); got != test.want {
			t.Errorf("%s to %s covers %s: %t", test.start, test.end, test.on, got)
		}
	}
}

func TestPatient_answersOnADate(t *testing.T) {
	t.Parallel()
	p := parse(t, string(sample(t, "pds/Patient.json")))
	for on, want := range map[string]struct {
		practice string
		points   int
		home     bool
	}{
		"2023-12-31": {"", 0, false},
		"2022-06-01": {"", 1, false},
		"2024-01-01": {"Y12345", 2, true},
		"2025-12-31": {"Y12345", 2, true},
		"2026-01-01": {"", 0, false},
	} {
		_, home := p.AddressOn(pds.Home, date(t, on))
		if got := p.GeneralPracticeOn(date(t, on)); got != want.practice || len(p.ContactPointsOn(date(t, on))) != want.points || home != want.home {
			t.Errorf("on %s: practice %q, %d points, home %t", on, got, len(p.ContactPointsOn(date(t, on))), home)
		}
		if _, billed := p.AddressOn(pds.Billing, date(t, on)); billed {
			t.Errorf("on %s: a billing address", on)
		}
	}
}
