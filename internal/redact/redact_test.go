package redact_test

import (
	"errors"
	"fmt"
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
		"999.000.0018 999/000/0018":    "[redacted] [redacted]",
		"999\u2011000\u20110018":       "[redacted]", // hyphens that do not break a line
		"999\u00a0000\u00a00018":       "[redacted]", // blanks that do not
		"９９９ ０００ ００１８":                 "[redacted]",
		"no 999 - 000 - 0019 either":   "no [redacted] either", // the check digit is wrong
		"999 0000018, 999000 0018":     "[redacted], [redacted]",
		"999000 0019":                  "999000 0019",
		"1999.000.00181":               "[redacted]",
		"at 20261130_090000.123 or":    "at 20261130_090000.123 or",
		"192.168.100.1 took 1.234567s": "192.168.100.1 took 1.234567s",
		"503 at 2026-11-22T10:00:00Z":  "503 at 2026-11-22T10:00:00Z",
		"request 60e0b220-8136-4ca5":   "request 60e0b220-8136-4ca5",
		"17-digit 12345678901234567 s": "17-digit [redacted] s",
	} {
		if got := redact.Text(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"9990000018.dat":              "[redacted].dat",
		"list-999_000_0019-1":         "list-[redacted]-1",
		"20261130090000123456_AB12":   "20261130090000123456_AB12",
		"cohort_20261130_090000.dat":  "cohort_20261130_090000.dat",
		"999-000-0018 20261130090000": "[redacted] 20261130090000",
	} {
		if got := redact.Name(name); got != want {
			t.Errorf("%q became %q, want %q", name, got, want)
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
		"999 0000018":               true,
		"999000-0018":               true,
		"999 - 000 - 0018":          true,
		"999    000    0018":        false,
		"111 999 0000018":           true, // the number starts in what looks like one
		"0000000000":                false,
		"192.168.100.1":             false,
		"2026/11/30 09:00":          false,
	} {
		if got := redact.HasNumber(text); got != want {
			t.Errorf("%q: %t, want %t", text, got, want)
		}
	}
}

func TestError(t *testing.T) {
	t.Parallel()
	cause := errors.New("no row for 9990000018")
	err := redact.Error(cause)
	if !errors.Is(err, cause) {
		t.Error("the cause is lost")
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if got := fmt.Sprintf(verb, err); got != "no row for [redacted]" {
			t.Errorf("%s: %s", verb, got)
		}
	}
}
