package columnar_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/columnar"
)

// entries are the ways to run a plan, each until its end.
func entries(path string) map[string]func(ctx context.Context, plan *cohort.Plan, from columnar.Source, options ...columnar.Option) error {
	return map[string]func(ctx context.Context, plan *cohort.Plan, from columnar.Source, options ...columnar.Option) error{
		"Run": func(ctx context.Context, plan *cohort.Plan, from columnar.Source, options ...columnar.Option) error {
			_, err := columnar.Run(ctx, plan, from, options...)
			return err
		},
		"Members": func(ctx context.Context, plan *cohort.Plan, from columnar.Source, options ...columnar.Option) (err error) {
			for _, err = range columnar.Members(ctx, plan, from, options...) {
				continue
			}
			return err
		},
		"Everyone": func(ctx context.Context, plan *cohort.Plan, from columnar.Source, options ...columnar.Option) (err error) {
			for _, err = range columnar.Everyone(ctx, plan, from, options...) {
				continue
			}
			return err
		},
		"WriteMembers": func(ctx context.Context, plan *cohort.Plan, from columnar.Source, options ...columnar.Option) error {
			_, err := columnar.WriteMembers(ctx, plan, from, path, options...)
			return err
		},
	}
}

// A function that reports progress may do what it likes: what it panics with reaches the caller, who can recover it, and
// nothing is left behind.
func TestProgressThatFails(t *testing.T) { //nolint:paralleltest // it counts goroutines
	memory, plan := registered(t, 30_000), practices(t)
	path := filepath.Join(t.TempDir(), "members.parquet")
	if err := os.WriteFile(path, []byte("as it was"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := runtime.NumGoroutine()
	for name, run := range entries(path) {
		var open atomic.Int64
		from := columnar.Scattered{Memory: memory, Open: &open}
		var raised any
		func() {
			defer func() { raised = recover() }()
			_ = run(t.Context(), plan, from, columnar.Workers(2), columnar.OnProgress(func(columnar.Progress) { panic("out of order") }))
		}()
		if err, ok := raised.(error); !ok || !strings.Contains(err.Error(), "out of order") || !strings.Contains(err.Error(), "callbacks_test.go") {
			t.Errorf("%s: the panic is %v", name, raised)
		}
		if err := run(t.Context(), plan, from, columnar.OnProgress(func(columnar.Progress) { runtime.Goexit() })); err == nil || !strings.Contains(err.Error(), "ended its goroutine") {
			t.Errorf("%s, when progress ends the goroutine: %v", name, err)
		}
		if open.Load() != 0 {
			t.Errorf("%s: %d shards are open", name, open.Load())
		}
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	if content, _ := os.ReadFile(path); string(content) != "as it was" {
		t.Error("what was there is not")
	}
	if n := settled(before); n > 0 {
		t.Errorf("%d goroutines are left", n)
	}
}

// A caller's own panic, in the middle of an iterator, ends its goroutines too.
func TestMembersPanic(t *testing.T) { //nolint:paralleltest // it counts goroutines
	memory, plan := registered(t, 30_000), practices(t)
	before := runtime.NumGoroutine()
	var open atomic.Int64
	var raised any
	func() {
		defer func() { raised = recover() }()
		for range columnar.Members(t.Context(), plan, columnar.Scattered{Memory: memory, Open: &open}, columnar.Workers(2)) {
			panic("mine")
		}
	}()
	if n := settled(before); raised != "mine" || open.Load() != 0 || n > 0 {
		t.Errorf("raised %v, %d shards are open, %d goroutines are left", raised, open.Load(), n)
	}
}

// Wherever a run is cancelled, it ends soon, with the cause, and leaves nothing behind.
func TestCancelAnywhere(t *testing.T) { //nolint:paralleltest // it counts goroutines
	memory, plan := registered(t, 30_000), practices(t)
	path := filepath.Join(t.TempDir(), "members.parquet")
	before := runtime.NumGoroutine()
	for name, run := range entries(path) {
		for _, at := range []int{0, 1, 2, 5} {
			ctx, cancel := context.WithCancelCause(t.Context())
			cause := fmt.Errorf("enough of %s", name)
			blocks := 0
			var open atomic.Int64
			if at == 0 {
				cancel(cause)
			}
			err := run(ctx, plan, columnar.Scattered{Memory: memory, Seed: 3, Open: &open}, columnar.Workers(2), columnar.OnProgress(func(columnar.Progress) {
				if blocks++; blocks == at {
					cancel(cause)
				}
			}))
			if at > 0 && blocks < at { // it was over before
				err = cause
			}
			if !errors.Is(err, cause) || blocks > at+2 && at > 0 || open.Load() != 0 {
				t.Errorf("%s, cancelled at block %d: %v after %d blocks, %d shards are open", name, at, err, blocks, open.Load())
			}
			if _, err := os.Stat(path); err == nil {
				t.Errorf("%s, cancelled at block %d: there is a file", name, at)
				_ = os.Remove(path)
			}
			cancel(nil)
		}
	}
	if n := settled(before); n > 0 {
		t.Errorf("%d goroutines are left", n)
	}
}

// settled waits until there are no more goroutines than before, and returns how many there are too many.
func settled(before int) int {
	for range 200 {
		if runtime.NumGoroutine() <= before {
			return 0
		}
		time.Sleep(10 * time.Millisecond)
	}
	return runtime.NumGoroutine() - before
}
