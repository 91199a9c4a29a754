package columnar

import (
	"context"
	"errors"
	"io"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/internal/tree"
)

var errBroken = errors.New("broken")

// What the goroutines of a run end with is what its caller sees: an error, a panic to recover, or the end of a goroutine.
func TestTogether(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		do    func() error
		want  error
		panic bool
	}{
		"nothing":       {func() error { return nil }, nil, false},
		"an error":      {func() error { return errBroken }, errBroken, false},
		"a panic":       {func() error { panic(errBroken) }, errBroken, true},
		"a wrong index": {func() error { return []error{}[len("x")] }, nil, true},
		"an exit":       {func() error { runtime.Goexit(); return nil }, errExit, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var err error
			panicked := recovered(func() {
				err = together(t.Context(), 3, func(ctx context.Context, worker int) error {
					if worker == 1 {
						return test.do()
					}
					if test.want != nil || test.panic {
						<-ctx.Done() // which the other's end ends
					}
					return nil
				})
			})
			if (panicked != nil) != test.panic {
				t.Fatalf("panic %v", panicked)
			}
			if test.panic {
				text := panicked.Error()
				if !strings.Contains(text, "workers_internal_test.go") {
					t.Errorf("the panic does not say where it was: %s", text)
				}
				err = panicked
			}
			if test.want != nil && !errors.Is(err, test.want) || test.want == nil && !test.panic && err != nil {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

// recovered returns the panic of do, if it is one that was raised again.
func recovered(do func()) (p *panicError) {
	defer func() {
		if value := recover(); value != nil {
			p, _ = value.(*panicError)
			if p == nil {
				panic(value)
			}
		}
	}()
	do()
	return nil
}

// crowd is a source of many shards of some people, of whom it counts those that are read.
type crowd struct {
	size, people int
	read         *atomic.Int64
}

func (c crowd) shards(_ context.Context, plan *tree.Plan, _ int) (shards []shard, err error) {
	for range c.size {
		shards = append(shards, &crowdShard{crowd: c, tables: len(plan.Tables)})
	}
	return shards, nil
}

type crowdShard struct {
	crowd
	tables int
	done   bool
}

func (s *crowdShard) next(_ context.Context, b *block) error {
	if s.done {
		return io.EOF
	}
	s.done = true
	s.read.Add(int64(s.people))
	b.people, b.key, b.tables = s.people, strconv.Itoa, make([][]*segment, s.tables)
	return nil
}

func (*crowdShard) close() error      { return nil }
func (*crowdShard) reading() *Reading { return nil }

// However slow who takes the members is, not many more are decided about than have been taken.
func TestMembersWait(t *testing.T) {
	t.Parallel()
	definition, err := cohort.New("some", "1", cohort.Include("some", gpes.Journal.Where(gpes.Date.Known()).Exists()))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := definition.Bind()
	if err != nil {
		t.Fatal(err)
	}
	var read atomic.Int64
	taken := 0
	for _, err := range Everyone(t.Context(), plan, crowd{1000, 10, &read}, Workers(2)) {
		if err != nil {
			t.Fatal(err)
		}
		if taken%500 == 0 {
			time.Sleep(20 * time.Millisecond) // more than it takes to decide about all
			if ahead := int(read.Load()) - taken; ahead > 10*2*(shardsAhead+2) {
				t.Fatalf("%d are decided about when %d have been taken", read.Load(), taken)
			}
		}
		taken++
	}
	if taken != 10_000 {
		t.Errorf("%d members", taken)
	}
}
