package optout_test

import (
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/mesh/optout"
)

// A reply takes a bit for each person: nothing is made for a line.
func TestReplyMemory(t *testing.T) { //nolint:paralleltest // AllocsPerRun would count those of other tests
	people := crowd(20_000)
	l := list(t, people, optout.Sentinels{})
	reply := file(people[7:]...)
	allocations := testing.AllocsPerRun(5, func() {
		if _, err := optout.ReadReply(strings.NewReader(reply), l); err != nil {
			t.Error(err)
		}
	})
	if allocations > 50 {
		t.Errorf("%.0f allocations for %d lines", allocations, len(people)-7)
	}
}
