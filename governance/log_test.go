package governance_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/governance"
)

// logFile writes a small log with an entry of most kinds and returns its bytes and a checkpoint of it.
func logFile(tb testing.TB) ([]byte, governance.Checkpoint) {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "audit.log")
	file, err := governance.OpenFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	w := newWorld(tb, file)
	w.gates = []governance.Gate{w.gate("funding"), w.gate("legal")} // few, so that the file is short
	w.gates[0].Covers, w.gates[1].Manifest, w.gates[1].Stage = governance.AllFacets(), true, true
	w.open()
	w.approve("funding", "legal")
	w.submit(governance.Halt{Proposal: w.proposal.ID, Reason: "drill", SignedAt: w.now}.Sign(w.author))
	return must(os.ReadFile(path)), w.log.Checkpoint()
}

// verify checks log bytes from a file against a checkpoint, as an auditor would.
func verify(tb testing.TB, path string, data []byte, trusted governance.Checkpoint) error {
	tb.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		tb.Fatal(err)
	}
	file, err := governance.OpenFile(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return governance.Verify(tb.Context(), file, trusted)
}

func TestVerifyDetectsAnyByte(t *testing.T) {
	t.Parallel()
	data, trusted := logFile(t)
	path := filepath.Join(t.TempDir(), "copy.log")
	if err := verify(t, path, data, trusted); err != nil {
		t.Fatal(err)
	}
	for i := range data {
		for _, flip := range []byte{0x01, data[i] ^ '\n'} {
			if flip == 0 {
				continue
			}
			edited := slices.Clone(data)
			edited[i] ^= flip
			err := governance.Verify(t.Context(), lines(bytes.Split(bytes.TrimSuffix(edited, []byte("\n")), []byte("\n"))), trusted)
			if i%97 == 0 || i == len(data)-1 { // a file is slower, and the same
				err = verify(t, path, edited, trusted)
			}
			if err == nil {
				t.Fatalf("byte %d of %d changed by %#x and nothing noticed", i, len(data), flip)
			}
		}
	}
}

func TestVerifyDetectsAnyCut(t *testing.T) {
	t.Parallel()
	data, trusted := logFile(t)
	path := filepath.Join(t.TempDir(), "copy.log")
	for i := range data {
		if i%31 > 0 && data[i] != '\n' && i > 0 && data[i-1] != '\n' {
			continue
		}
		err := verify(t, path, data[:i], trusted)
		_, torn := errors.AsType[*governance.TornTailError](err)
		whole := i == 0 || data[i-1] == '\n'
		if whole != errors.Is(err, governance.ErrTruncated) || whole == torn {
			t.Fatalf("cut to %d bytes of %d: %v", i, len(data), err)
		}
	}
}

func TestVerifyDetectsMovedLines(t *testing.T) {
	t.Parallel()
	data, trusted := logFile(t)
	lines := bytes.SplitAfter(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
	lines[len(lines)-1] = append(lines[len(lines)-1], '\n')
	join := func(lines ...[]byte) []byte { return bytes.Join(lines, nil) }
	for name, edited := range map[string][]byte{
		"swapped":  join(lines[1], lines[0], lines[2]),
		"repeated": join(lines[0], lines[0], lines[1], lines[2]),
		"removed":  join(lines[0], lines[2]),
	} {
		path := filepath.Join(t.TempDir(), "copy.log")
		if err := verify(t, path, edited, trusted); !errors.Is(err, governance.ErrTampered) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestVerifyDetectsARewrite rebuilds a log without one entry: every line is right, and only the
// checkpoint tells.
func TestVerifyDetectsARewrite(t *testing.T) {
	t.Parallel()
	honest := newWorld(t, new(governance.MemoryStorage))
	honest.approve("funding", "legal")
	trusted := honest.log.Checkpoint()
	forged := newWorld(t, new(governance.MemoryStorage))
	forged.approve("legal", "funding")
	if err := governance.Verify(t.Context(), forged.storage, trusted); !errors.Is(err, governance.ErrTampered) {
		t.Error(err)
	}
	honest.approve("dpia") // growing is not tampering
	if err := governance.Verify(t.Context(), honest.storage, trusted); err != nil {
		t.Error(err)
	}
}

// TestTornTail crashes in the middle of an append and recovers.
func TestTornTail(t *testing.T) {
	t.Parallel()
	data, trusted := logFile(t)
	path := filepath.Join(t.TempDir(), "audit.log")
	if err := os.WriteFile(path, append(data, "half a rec"...), 0o600); err != nil {
		t.Fatal(err)
	}
	file := must(governance.OpenFile(path))
	defer file.Close()
	_, err := governance.OpenLog(t.Context(), file, "example.test/log")
	torn, ok := errors.AsType[*governance.TornTailError](err)
	if !ok || torn.Records != trusted.Size || torn.Bytes != 10 {
		t.Fatalf("got %v", err)
	}
	if err := file.Append(t.Context(), trusted.Size, []byte("x")); err == nil {
		t.Error("appended to a torn record")
	}
	if n, err := file.DiscardTornTail(); n != 10 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := file.DiscardTornTail(); n != 0 || err != nil {
		t.Error(n, err)
	}
	w := newWorld(t, file)
	w.approve("dpia")
	if err := governance.Verify(t.Context(), file, trusted); err != nil {
		t.Error(err)
	}
}

func TestFileStorage(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "audit.log")
	file := must(governance.OpenFile(path))
	ctx := t.Context()
	if err := file.Append(ctx, 0, []byte("one")); err != nil {
		t.Fatal(err)
	}
	if err := file.Append(ctx, 0, []byte("two")); !errors.Is(err, governance.ErrConflict) {
		t.Errorf("the same place twice: %v", err)
	}
	if err := file.Append(ctx, 1, []byte("two\nlines")); err == nil {
		t.Error("a record of two lines")
	}
	other := must(governance.OpenFile(path))
	if err := other.Append(ctx, 1, []byte("two")); err != nil {
		t.Fatal(err)
	}
	if err := file.Append(ctx, 1, []byte("three")); !errors.Is(err, governance.ErrConflict) {
		t.Errorf("behind another writer: %v", err)
	}
	var got []string
	for r, err := range file.Records(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(r))
	}
	if diff := cmp.Diff([]string{"one", "two"}, got); diff != "" {
		t.Error(diff)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	for _, err := range file.Records(cancelled) {
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	if err := errors.Join(file.Close(), other.Close()); err != nil {
		t.Error(err)
	}
	if err := file.Append(ctx, 2, []byte("three")); err == nil {
		t.Error("appended to a closed file")
	}
	if _, err := governance.OpenFile(filepath.Join(path, "x")); err == nil {
		t.Error("opened a file in a file")
	}
}

// TestFileStorageOfTwoProcesses: of those who write the same record, one does.
func TestFileStorageOfTwoProcesses(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("files are not locked there")
	}
	path := filepath.Join(t.TempDir(), "audit.log")
	const records = 100
	writers := make([]*governance.FileStorage, 4)
	open := func() {
		for i := range writers {
			writers[i] = must(governance.OpenFile(path))
		}
	}
	for index := range int64(records) {
		open()
		var written atomic.Int32
		var all sync.WaitGroup
		for _, w := range writers {
			all.Go(func() {
				if w.Append(t.Context(), index, []byte("record")) == nil {
					written.Add(1)
				}
			})
		}
		all.Wait()
		if written.Load() > 1 {
			t.Fatalf("record %d was written %d times", index, written.Load())
		}
		for _, w := range writers {
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestCheckpoint needs every named key: the operator's and the witness's.
func TestCheckpoint(t *testing.T) {
	t.Parallel()
	operator := must(governance.NewSigningKey(strings.NewReader(strings.Repeat("o", 32)), "example.test/log"))
	witness := must(governance.NewSigningKey(strings.NewReader(strings.Repeat("w", 32)), "ig-witness"))
	want := governance.Checkpoint{Origin: "example.test/log", Size: 7, Root: digest("root")}
	both := must(want.Sign(operator, witness))
	got, err := governance.OpenCheckpoint(both, want.Origin, operator.VerifierKey(), witness.VerifierKey())
	if err != nil || got != want {
		t.Fatal(got, err)
	}
	one := must(want.Sign(operator))
	if _, err := governance.OpenCheckpoint(one, want.Origin, operator.VerifierKey(), witness.VerifierKey()); err == nil {
		t.Error("opened without the witness")
	}
	if _, err := governance.OpenCheckpoint(both, "another.test/log", operator.VerifierKey()); err == nil {
		t.Error("opened for another log")
	}
	if _, err := governance.OpenCheckpoint(both, want.Origin); err == nil {
		t.Error("opened without a key")
	}
	if _, err := governance.OpenCheckpoint(both, want.Origin, "no key"); err == nil {
		t.Error("opened with a garbled key")
	}
}

func TestProof(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	w.approve(beforeBuild...)
	trusted := w.log.Checkpoint()
	for want := range w.log.Entries() {
		p, err := w.log.Prove(want.Index)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Check(trusted)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got)\n%s", err, diff)
		}
		p.Record = bytes.Replace(p.Record, []byte("approve"), []byte("revoke!"), 1)
		if _, err := p.Check(trusted); !errors.Is(err, governance.ErrTampered) {
			t.Errorf("another record proved: %v", err)
		}
	}
	if _, err := w.log.Prove(trusted.Size); err == nil {
		t.Error("proved what is not there")
	}
}

// lines is storage that gives back whatever it holds.
type lines [][]byte

func (lines) Append(context.Context, int64, []byte) error { return governance.ErrConflict }

func (l lines) Records(context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, line := range l {
			if !yield(line, nil) {
				return
			}
		}
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	if _, err := governance.OpenLog(t.Context(), nil, ""); err == nil {
		t.Error("a log of nothing")
	}
	if _, err := governance.NewAuthority(governance.Config{}); err == nil {
		t.Error("an authority of nothing")
	}
	w := newWorld(t, new(governance.MemoryStorage))
	for name, edit := range map[string]func([]governance.Gate) []governance.Gate{
		"no gates":       func([]governance.Gate) []governance.Gate { return nil },
		"no release":     func(g []governance.Gate) []governance.Gate { return g[:8] },
		"window unseen":  func(g []governance.Gate) []governance.Gate { return g[:6] },
		"no people":      func(g []governance.Gate) []governance.Gate { g[0].MinPeople = 0; return g },
		"no roles":       func(g []governance.Gate) []governance.Gate { g[0].Roles = nil; return g },
		"an empty place": func(g []governance.Gate) []governance.Gate { g[0].Roles[0] = nil; return g },
		"no age":         func(g []governance.Gate) []governance.Gate { g[0].MaxAge = 0; return g },
		"the same name":  func(g []governance.Gate) []governance.Gate { g[0].Name = "legal"; return g },
		"unknown check":  func(g []governance.Gate) []governance.Gate { g[0].Checks = []governance.MachineCheck{"tea"}; return g },
		"unknown facet":  func(g []governance.Gate) []governance.Gate { g[0].Covers = []governance.Facet{"tea"}; return g },
	} {
		cfg := governance.Config{Trust: w.trust, Log: w.log, Clock: w.clock, Gates: edit(governance.DefaultGates())}
		if _, err := governance.NewAuthority(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
