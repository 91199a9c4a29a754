package redact_test

import (
	"net/url"
	"testing"

	"github.com/personalised-prevention/nhs/internal/redact"
)

func TestText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"no record of 9990000018":      "no record of [redacted]",
		"999 000 0018, 999-000-0018":   "[redacted], [redacted]",
		"x9990000018y 00099900000181":  "x[redacted]y [redacted]",
		"503 at 2026-11-22T10:00:00Z":  "503 at 2026-11-22T10:00:00Z",
		"request 60e0b220-8136-4ca5":   "request 60e0b220-8136-4ca5",
		"17-digit 12345678901234567 s": "17-digit [redacted] s",
	} {
		if got := redact.Text(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func TestCode(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"RESOURCE_NOT_FOUND": "RESOURCE_NOT_FOUND", "EPL-151": "EPL-151", "06": "06",
		"two words": "", "<html>": "", "9990000018": "[redacted]",
	} {
		if got := redact.Code(code); got != want {
			t.Errorf("%q became %q, want %q", code, got, want)
		}
	}
}

func TestPath(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://host/Patient/9990000018":                  "/Patient/[redacted]",
		"https://host/Patient?family=Smith&birthdate=1990": "/Patient?family&birthdate",
		"https://host/Patient/999%20000%200018":            "/Patient/[redacted]",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := redact.Path(u); got != want {
			t.Errorf("%s became %s, want %s", address, got, want)
		}
	}
}

func TestHasNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"":                          false,
		"9990000018":                true,
		"number 999 000 0018, page": true,
		"999-000-0018":              true,
		"9990000019":                false, // the check digit is wrong
		"99900000181":               false, // eleven digits
		"0113 397 1000":             false,
		"b838b13c-0000-0001":        false,
		"999.000.0018":              true,
		"999\u2011000\u20110018":    true, // hyphens that do not break a line, as word processors write them
		"９９９ ０００ ００１８":              true,
		"1999.000.0018":             false, // eleven digits
		"192.168.100.1":             false,
		"2026/11/30 09:00":          false,
	} {
		if got := redact.HasNumber(text); got != want {
			t.Errorf("%q: %t, want %t", text, got, want)
		}
	}
}
