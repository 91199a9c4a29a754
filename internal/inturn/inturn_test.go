package inturn_test

import (
	"sync"
	"testing"

	"github.com/personalised-prevention/nhs/internal/inturn"
)

func TestFunc(t *testing.T) {
	t.Parallel()
	total := 0
	add := inturn.Func(func(n int) int { total += n; return total })
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { add(1) })
	}
	wg.Wait()
	if got := add(0); got != 100 {
		t.Errorf("%d of 100 calls counted", got)
	}
	if got := inturn.Func[int, string](nil)(1); got != "" {
		t.Errorf("nil: got %q", got)
	}
}

func TestFuncAfterPanic(t *testing.T) {
	t.Parallel()
	f := inturn.Func(func(fail bool) bool {
		if fail {
			panic("asked for")
		}
		return true
	})
	func() {
		defer func() { _ = recover() }()
		f(true)
	}()
	if !f(false) {
		t.Error("not called again")
	}
}
