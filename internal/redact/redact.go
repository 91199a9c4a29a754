// Package redact takes personal data out of text that is printed or logged.
package redact

import (
	"net/url"
	"strings"
)

// Code returns a service's machine-readable code in a printable form: letters,
// digits and . _ - only, at most 64 bytes, with numbers masked as in [Text].
// Anything else becomes "".
func Code(s string) string {
	if len(s) > 64 {
		return ""
	}
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("._-", r):
		default:
			return ""
		}
	}
	return Text(s)
}

// Path returns the path of u for a log: numbers masked, no host, no query values.
// Query parameters are shown by name only.
func Path(u *url.URL) string {
	path := Text(u.Path)
	if u.RawQuery == "" {
		return path
	}
	names := make([]string, 0, 4)
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		name, _, _ := strings.Cut(pair, "=")
		names = append(names, Text(name))
	}
	return path + "?" + strings.Join(names, "&")
}
