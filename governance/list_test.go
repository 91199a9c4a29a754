package governance_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/personalised-prevention/nhs/governance"
)

// TestList compares with the tree of tlog, and proves every place.
func TestList(t *testing.T) {
	t.Parallel()
	sealer := must(governance.NewSealer(bytes.Repeat([]byte{7}, 32), "p"))
	for n := range 20 {
		var tokens []governance.Token
		for i := range n {
			tokens = append(tokens, sealer.Token(string(rune('a'+i))))
		}
		list := must(governance.NewList(tokens))
		slices.Reverse(tokens)
		if list.Digest() != must(governance.NewList(tokens)).Digest() || list.Len() != n {
			t.Error("the order matters")
		}
		for _, token := range tokens {
			proof, err := list.Prove(token)
			if err != nil || !list.Contains(token) {
				t.Fatalf("%d tokens: %v", n, err)
			}
			if err := proof.Check(list.Digest(), token); err != nil {
				t.Errorf("%d tokens: %v", n, err)
			}
			if err := proof.Check(list.Digest(), sealer.Token("z")); !errors.Is(err, governance.ErrTampered) {
				t.Errorf("%d tokens: the proof of another: %v", n, err)
			}
		}
		if _, err := list.Prove(sealer.Token("z")); err == nil || list.Contains(sealer.Token("z")) {
			t.Error("proved who is not on the list")
		}
		slices.SortFunc(tokens, func(x, y governance.Token) int { return bytes.Compare(x[:], y[:]) })
		if got, want := list.Digest(), treeHash(t, tokens); got != want {
			t.Errorf("%d tokens: got %s, want %s", n, got, want)
		}
	}
	same := sealer.Token("a")
	if _, err := governance.NewList([]governance.Token{same, sealer.Token("b"), same}); err == nil {
		t.Error("one person twice")
	}
	if must(governance.NewSealer(bytes.Repeat([]byte{7}, 32), "q")).Token("a") == same {
		t.Error("tokens of two proposals can be compared")
	}
	if _, err := governance.NewSealer(make([]byte, 31), "p"); err == nil {
		t.Error("a short key")
	}
}

func treeHash(t *testing.T, tokens []governance.Token) governance.Digest {
	t.Helper()
	var hashes []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var list []tlog.Hash
		for _, i := range indexes {
			list = append(list, hashes[i])
		}
		return list, nil
	})
	for i, token := range tokens {
		hashes = append(hashes, must(tlog.StoredHashes(int64(i), token[:], reader))...)
	}
	return governance.Digest(must(tlog.TreeHash(int64(len(tokens)), reader)))
}
