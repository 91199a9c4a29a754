package optout_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh/optout"
)

var numberLike = regexp.MustCompile(`\d{10}`)

// FuzzReply reads any content as what the service sent. It is a reply only if it is
// the asked people's lines, each at most once; whatever else it is, the error is one
// of two and shows no number.
func FuzzReply(f *testing.F) {
	people := crowd(5)
	asked := people[:4]
	f.Add(file(asked...))
	f.Add(file(people[1], people[0]))
	f.Add(file(people[4]))
	f.Add(strings.ReplaceAll(file(asked...), "\n", "\r\n"))
	f.Add("\n")
	f.Add("")
	f.Add(file(asked[0]) + "\n" + file(asked[1]))
	f.Add(`{"stages":[{"stage":"validate_in_order","passed":true}]}`)
	f.Add(`{"stages":[{"stage":"9990000018","passed":false}]}`)
	f.Add("The file contains 9990000018\n")
	l, err := optout.NewList(each(asked), optout.Sentinels{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, content string) {
		result, err := optout.ReadReply(strings.NewReader(content), l)
		slow, slowErr := optout.ReadReply(iotest.OneByteReader(strings.NewReader(content)), l)
		if (err == nil) != (slowErr == nil) || (result == nil) != (slow == nil) {
			t.Fatalf("read at once: %v, byte by byte: %v", err, slowErr)
		}
		if err != nil {
			if !errors.Is(err, optout.ErrMismatch) && !errors.Is(err, optout.ErrRefused) || numberLike.MatchString(err.Error()) {
				t.Fatalf("error %v", err)
			}
			return
		}
		if result == nil {
			if !strings.HasPrefix(content, "{") {
				t.Fatal("news of progress are JSON")
			}
			return
		}
		var left []nhs.Number
		for _, n := range asked {
			if allowed, err := result.Allows(day().AddDate(-3000, 0, 0), n); err != nil {
				t.Fatal(err)
			} else if allowed {
				left = append(left, n)
			}
		}
		lines := strings.Fields(content)
		slices.Sort(lines)
		if got := strings.Fields(file(left...)); !slices.Equal(got, lines) {
			t.Fatalf("%d people left of %d lines", len(got), len(lines))
		}
		if s := result.Summary(); s.Allowed != len(left) || s.Asked != len(asked) || s.OptedOut != len(asked)-len(left) {
			t.Fatalf("summary %+v", s)
		}
	})
}
