package columnar_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/columnar"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// practices is a plan of who has a practice and an entry with a value of 140 or more, and is referred without a value.
func practices(tb testing.TB) *cohort.Plan {
	tb.Helper()
	definition, err := cohort.New("practices", "1",
		cohort.Include("registered", person.Practice.Known()),
		cohort.Include("high", cohort.Max(gpes.Journal.Where(gpes.Date.Known()), gpes.Value1).AtLeast(140)).IfUnknown(cohort.Refer))
	if err != nil {
		tb.Fatal(err)
	}
	plan, err := definition.Bind()
	if err != nil {
		tb.Fatal(err)
	}
	return plan
}

// registered takes n people into memory. Every fifth has no practice; the others have 160, 130 or no value in turn.
func registered(tb testing.TB, n int) *columnar.Memory {
	tb.Helper()
	memory, err := columnar.Collect(func(yield func(*cohort.Record, error) bool) {
		for i := range n {
			record := cohort.NewRecord(fmt.Sprintf("999%07d", i))
			if i%5 > 0 {
				record.Set(person.Practice.Of("A81001"))
			}
			entry := []cohort.Cell[cohort.RowPred[gpes.Entry]]{gpes.Value1.Of(160 - float64(30*(i%3)))}
			if i%3 < 2 {
				cohort.Append(record, gpes.Date.Of(cohort.MustDate("2025-06-01")), entry...)
			}
			if !yield(record, nil) {
				return
			}
		}
	})
	if err != nil {
		tb.Fatal(err)
	}
	return memory
}

func TestRun(t *testing.T) {
	t.Parallel()
	memory := registered(t, 30_000)
	for _, options := range [][]columnar.Option{nil, {columnar.Workers(1)}, {columnar.Workers(3), columnar.OutcomesOnly()}} {
		last := columnar.Progress{}
		options = append(options, columnar.OnProgress(func(p columnar.Progress) {
			if p.Of != 30_000 || p.People <= last.People || p.Rows < last.Rows {
				t.Errorf("progress %v after %v", p, last)
			}
			last = p
		}))
		result, err := columnar.Run(t.Context(), practices(t), memory, options...)
		if err != nil {
			t.Fatal(err)
		}
		if result.People() != 30_000 || result.Members() != 8_000 || result.Referred() != 8_000 {
			t.Errorf("%d people, %d members, %d referred", result.People(), result.Members(), result.Referred())
		}
		if last.People != 30_000 || last.Rows != 20_000+24_000 {
			t.Errorf("at last %v", last)
		}
		if (result.Attrition() == nil) != (len(options) == 3) || result.Reading() != nil {
			t.Errorf("attrition %v, reading %v", result.Attrition(), result.Reading())
		}
		if printed := fmt.Sprintf("%v %+v", result, *result); strings.Contains(printed, "000") {
			t.Errorf("the result prints as %s", printed)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	memory, plan := registered(t, 10), practices(t)
	empty := columnar.NewMemory([]string{"9990000018"})
	for name, test := range map[string]struct {
		plan   *cohort.Plan
		from   columnar.Source
		option columnar.Option
		says   string
	}{
		"no plan":        {nil, memory, columnar.OutcomesOnly(), "the plan is nil"},
		"no source":      {plan, nil, columnar.OutcomesOnly(), "no source"},
		"no workers":     {plan, memory, columnar.Workers(0), "at least one"},
		"no function":    {plan, memory, columnar.OnProgress(nil), "without a function"},
		"no table":       {plan, empty, columnar.OutcomesOnly(), "reads table gpes.journal, which is not in memory"},
		"reading fails":  {plan, columnar.Scattered{Memory: memory, Fail: 2}, columnar.Workers(2), columnar.ErrRead.Error()},
		"blocks stop":    {plan, columnar.Scattered{Memory: memory, Stop: 1}, columnar.Workers(2), columnar.ErrRead.Error()},
		"nothing opens":  {plan, columnar.Scattered{Memory: empty}, columnar.Workers(2), "not in memory"},
		"reads of codes": {plan, columnar.Scattered{Memory: memory, Fail: 1}, columnar.Workers(1), columnar.ErrRead.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, err := columnar.Run(t.Context(), test.plan, test.from, test.option)
			if err == nil || result != nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("Run: %v, %v; want %q", result, err, test.says)
			}
			n := 0
			for m, err := range columnar.Members(t.Context(), test.plan, test.from, test.option) {
				if n++; err == nil && m.Key == (cohort.Key{}) || err != nil && !strings.Contains(err.Error(), test.says) {
					t.Errorf("Members: %v, %v; want %q", m, err, test.says)
				}
			}
			path := filepath.Join(t.TempDir(), "members.parquet")
			if _, err := columnar.WriteMembers(t.Context(), test.plan, test.from, path, test.option); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("WriteMembers: %v; want %q", err, test.says)
			}
			if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(left) > 0 {
				t.Errorf("%d files are left", len(left))
			}
			if n == 0 {
				t.Error("Members gave no error")
			}
		})
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	memory, plan := registered(t, 30_000), practices(t)
	cause := errors.New("enough")
	var open atomic.Int64
	ctx, cancel := context.WithCancelCause(t.Context())
	_, err := columnar.Run(ctx, plan, columnar.Scattered{Memory: memory, Open: &open}, columnar.Workers(1),
		columnar.OnProgress(func(columnar.Progress) { cancel(cause) }))
	if !errors.Is(err, cause) || open.Load() != 0 {
		t.Errorf("cancelled half-way: %v, %d shards are open", err, open.Load())
	}
	if _, err := columnar.Run(ctx, plan, memory); !errors.Is(err, cause) {
		t.Errorf("cancelled before: %v", err)
	}
	n := 0
	for _, err := range columnar.Members(ctx, plan, memory) {
		if n++; !errors.Is(err, cause) {
			t.Errorf("Members, cancelled before: %v", err)
		}
	}
	if n != 1 {
		t.Errorf("%d members and errors, want one error", n)
	}
}

// TestMembersStop: who stops listening leaves nothing open.
func TestMembersStop(t *testing.T) {
	t.Parallel()
	var open atomic.Int64
	from := columnar.Scattered{Memory: registered(t, 30_000), Open: &open}
	n := 0
	for _, err := range columnar.Members(t.Context(), practices(t), from, columnar.Workers(1)) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 10 {
			break
		}
	}
	if n != 10 || open.Load() != 0 {
		t.Errorf("after %d members %d shards are open", n, open.Load())
	}
}

func TestWriteMembers(t *testing.T) {
	t.Parallel()
	memory, plan := registered(t, 20_000), practices(t)
	path := filepath.Join(t.TempDir(), "members.parquet")
	result, err := columnar.WriteMembers(t.Context(), plan, memory, path)
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		Key     string `parquet:"key"`
		Outcome string `parquet:"outcome"`
	}
	rows, err := parquet.ReadFile[row](path)
	if err != nil {
		t.Fatal(err)
	}
	outcomes := map[string]int{}
	i := 0
	for m, err := range columnar.Members(t.Context(), plan, memory) {
		if err != nil || i == len(rows) || rows[i].Key != m.Key.Reveal() {
			t.Fatalf("row %d is not the member's, or %v", i, err)
		}
		outcomes[rows[i].Outcome]++
		i++
	}
	if i != len(rows) || result.Members() != outcomes["member"] || result.Referred() != outcomes["referred"] || result.Attrition().Raw().Members != result.Members() {
		t.Errorf("%d rows, %v", len(rows), outcomes)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// full is a disk with little room.
type full struct{ left int }

var errFull = errors.New("no space left on device")

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteMembersToFullDisk(t *testing.T) {
	t.Parallel()
	memory, plan := registered(t, 20_000), practices(t)
	for _, room := range []int{0, 100, 10_000} {
		if err := columnar.WriteMembersTo(t.Context(), plan, memory, &full{room}); !errors.Is(err, errFull) {
			t.Errorf("with room for %d bytes: %v", room, err)
		}
	}
	if err := columnar.WriteMembersTo(t.Context(), plan, memory, io.Discard); err != nil {
		t.Error(err)
	}
}
