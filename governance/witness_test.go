package governance_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs/governance"
)

func TestWitness(t *testing.T) {
	t.Parallel()
	a := newAudited(t, new(governance.MemoryStorage))
	a.approve("legal", "funding")
	a.cosign()
	a.approve("scope", "platforms")
	a.cosign()
	a.cosign() // nothing new, at a later time
	if got := a.witness.Seen(); got != a.log.Checkpoint() {
		t.Errorf("seen %+v, want %+v", got, a.log.Checkpoint())
	}
	c, err := governance.OpenCheckpoint(a.kept[1], "example.test/log", a.operator.VerifierKey(), a.signer.CosignerKey())
	if err != nil || c != a.log.Checkpoint() {
		t.Errorf("got %+v, %v", c, err)
	}
	if _, err := governance.OpenCheckpoint(a.kept[1], "example.test/log", a.signer.VerifierKey()); err == nil {
		t.Error("a cosignature counts as a signature")
	}
	first := must(governance.OpenCheckpoint(a.kept[0], "example.test/log", a.operator.VerifierKey()))
	proof := must(a.log.ProveConsistency(first.Size))
	if err := proof.Check(first, c); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*governance.Checkpoint, *governance.Checkpoint){
		"another past":   func(x, _ *governance.Checkpoint) { x.Root = digest("x") },
		"another now":    func(_, y *governance.Checkpoint) { y.Root = digest("x") },
		"going back":     func(x, y *governance.Checkpoint) { *x, *y = *y, *x },
		"another origin": func(_, y *governance.Checkpoint) { y.Origin = "another" },
	} {
		x, y := first, c
		spoil(&x, &y)
		if err := proof.Check(x, y); err == nil {
			t.Errorf("%s: proved", name)
		}
	}
	if _, err := a.log.ProveConsistency(c.Size + 1); err == nil {
		t.Error("proved what is not there")
	}
}

// TestCosignatureFormat reads a cosignature by the letter of C2SP tlog-cosignature.
func TestCosignatureFormat(t *testing.T) {
	t.Parallel()
	a := newAudited(t, new(governance.MemoryStorage))
	a.approve("legal")
	a.cosign()
	body, signatures, _ := strings.Cut(string(a.kept[0]), "\n\n")
	list := strings.Split(strings.TrimSuffix(signatures, "\n"), "\n")
	if len(list) != 2 || !strings.HasPrefix(list[0], "— example.test/log ") {
		t.Fatalf("signatures %q", list)
	}
	text, ok := strings.CutPrefix(list[1], "— ig.example.test/witness ")
	raw := must(base64.StdEncoding.DecodeString(text))
	if !ok || len(raw) != 4+8+64 {
		t.Fatalf("signature %q", list[1])
	}
	public, ok := ed25519.NewKeyFromSeed([]byte(strings.Repeat("w", 32))).Public().(ed25519.PublicKey)
	if !ok {
		t.Fatal("no key")
	}
	id := sha256.Sum256(append([]byte("ig.example.test/witness\n\x04"), public...))
	if !slices.Equal(raw[:4], id[:4]) || binary.BigEndian.Uint64(raw[4:]) != uint64(a.now.Unix()) {
		t.Errorf("key id and time %x", raw[:12])
	}
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s\n", a.now.Unix(), body)
	if !ed25519.Verify(public, []byte(message), raw[12:]) {
		t.Error("the signature is not of the message")
	}
	want := fmt.Sprintf("ig.example.test/witness+%x+%s", id[:4], base64.StdEncoding.EncodeToString(append([]byte{4}, public...)))
	if got := a.signer.CosignerKey(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestWitnessRefuses every history but the one that goes on from what it has seen.
func TestWitnessRefuses(t *testing.T) {
	t.Parallel()
	a := newAudited(t, new(governance.MemoryStorage))
	a.approve("legal", "funding")
	shorter := must(a.log.Checkpoint().Sign(a.operator))
	a.approve("scope")
	a.cosign()
	seen := a.witness.Seen().Size
	other := newAudited(t, new(governance.MemoryStorage)) // the same operator, another history
	other.approve("funding", "legal", "scope", "clinical")
	a.approve("clinical")
	good := string(must(a.log.WitnessRequest(seen, a.operator)))
	for name, tt := range map[string]struct {
		request string
		want    error
	}{
		"a fork":             {string(must(other.log.WitnessRequest(seen, a.operator))), governance.ErrTampered},
		"a shorter log":      {fmt.Sprintf("old %d\n\n%s", seen, shorter), governance.ErrTruncated},
		"from the beginning": {string(must(a.log.WitnessRequest(0, a.operator))), nil},
		"from elsewhere":     {string(must(a.log.WitnessRequest(seen-1, a.operator))), nil},
		"another operator":   {string(must(a.log.WitnessRequest(seen, root(0)))), nil},
		"without its proof":  {fmt.Sprintf("old %d\n", seen) + good[strings.Index(good, "\n\n")+1:], governance.ErrTampered},
		"not a request":      {"hello\n\n", nil},
		"nothing":            {"", nil},
		"a negative size":    {strings.Replace(good, "old ", "old -", 1), nil},
		"a size with zeros":  {strings.Replace(good, "old ", "old 0", 1), nil},
		"a garbled proof":    {strings.Replace(good, "=\n", "!\n", 1), nil},
	} {
		_, err := a.witness.Cosign([]byte(tt.request), a.now)
		if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
	if _, err := a.witness.Cosign([]byte(good), time.Time{}); err == nil {
		t.Error("at no time")
	}
	if a.witness.Seen().Size != seen {
		t.Error("a refusal was remembered")
	}
	if _, err := a.witness.Cosign([]byte(good), a.now); err != nil {
		t.Error(err)
	}
}

// TestWitnessRemembers: it refuses the same after a restart, and its memory cannot be edited.
func TestWitnessRemembers(t *testing.T) {
	t.Parallel()
	a := newAudited(t, new(governance.MemoryStorage))
	path := filepath.Join(t.TempDir(), "seen.note")
	open := func() (*governance.Witness, error) {
		return governance.OpenWitness(path, a.signer, "example.test/log", a.operator.VerifierKey())
	}
	a.witness = must(open())
	a.approve("legal")
	a.cosign()
	again := must(open())
	if again.Seen() != a.witness.Seen() {
		t.Errorf("seen %+v after a restart, want %+v", again.Seen(), a.witness.Seen())
	}
	data := must(os.ReadFile(path))
	data[len(data)/2] ^= 1
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := open(); err == nil {
		t.Error("an edited memory was taken")
	}
	if err := os.WriteFile(path, must(a.log.Checkpoint().Sign(a.operator)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := open(); err == nil {
		t.Error("a memory of the operator's making was taken")
	}
	for name, err := range map[string]error{
		"no path":     second(governance.OpenWitness("", a.signer, "o", a.operator.VerifierKey())),
		"no signer":   second(governance.OpenWitness(path, nil, "o", a.operator.VerifierKey())),
		"no origin":   second(governance.OpenWitness(path, a.signer, "", a.operator.VerifierKey())),
		"no operator": second(governance.OpenWitness(path, a.signer, "o", "")),
		"a directory": second(governance.OpenWitness(t.TempDir(), a.signer, "o", a.operator.VerifierKey())),
	} {
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func second[T any](_ T, err error) error { return err }
