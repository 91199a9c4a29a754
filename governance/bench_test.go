package governance_test

import (
	"encoding/json"
	"strconv"
	"testing"

	"github.com/personalised-prevention/nhs/governance"
)

func BenchmarkParseProposal(b *testing.B) {
	data := must(json.Marshal(newProposal()))
	for b.Loop() {
		must(governance.ParseProposal(data))
	}
}

func BenchmarkAuthorize(b *testing.B) {
	w := newWorld(b, new(governance.MemoryStorage))
	w.proposal.Volume.DailyCap, w.proposal.Volume.HardCap = 1_000_000_000, 1_000_000_000
	w.proposal.Volume.Stages[0].Cap = 1_000_000_000
	w.proposal.Volume.BudgetPence = w.proposal.Volume.WorstCasePence()
	w.manifest = newManifest(w.proposal)
	permit := w.permitted()
	for i := 0; b.Loop(); i++ {
		if err := permit.Authorize(b.Context(), w.batch(strconv.Itoa(i), 500)); err != nil {
			b.Fatal(err)
		}
	}
}
