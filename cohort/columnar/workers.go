package columnar

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// together has n goroutines work, each told which one it is. The first error ends them: their context is done. So does a
// panic, of what the caller has us call or of our own, which is raised again here: the caller can recover it, where one that
// ends another goroutine would end the program.
func together(ctx context.Context, n int, work func(ctx context.Context, worker int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var workers sync.WaitGroup
	var panicked atomic.Pointer[panicError]
	for worker := range n {
		workers.Go(func() {
			guard(func() error { return work(ctx, worker) }, func(err error) {
				if p, ok := errors.AsType[*panicError](err); ok {
					panicked.CompareAndSwap(nil, p)
				}
				if err != nil {
					cancel(err)
				}
			})
		})
	}
	workers.Wait()
	if p := panicked.Load(); p != nil {
		panic(p)
	}
	return context.Cause(ctx)
}

// parallel has as many goroutines as there are processors work on n things. The first error ends all of them.
func parallel(ctx context.Context, n int, work func(ctx context.Context, next func() (int, bool)) error) error {
	return share(ctx, runtime.GOMAXPROCS(0), n, work)
}

// share is parallel with so many goroutines at most.
func share(ctx context.Context, workers, n int, work func(ctx context.Context, next func() (int, bool)) error) error {
	var taken atomic.Int64
	return together(ctx, min(n, workers), func(ctx context.Context, _ int) error {
		return work(ctx, func() (int, bool) {
			at := int(taken.Add(1)) - 1
			return at, at < n && ctx.Err() == nil
		})
	})
}

// guard calls do, and done with its error, however do ends.
func guard(do func() error, done func(error)) {
	err := errExit
	defer func() {
		if value := recover(); value != nil {
			p, ok := value.(*panicError)
			if !ok {
				p = &panicError{value, debug.Stack()}
			}
			err = p
		}
		done(err)
	}()
	err = do()
}

// errExit is how a goroutine ends that neither returns nor panics.
var errExit = errors.New("a function that was to be called has ended its goroutine")

// panicError is a panic on its way from one goroutine to another.
type panicError struct {
	value any
	stack []byte
}

func (p *panicError) Error() string { return fmt.Sprintf("%v\n\n%s", p.value, p.stack) }

func (p *panicError) Unwrap() error {
	err, _ := p.value.(error)
	return err
}

// raise raises a panic that has come as an error.
func raise(err error) {
	if p, ok := errors.AsType[*panicError](err); ok {
		panic(p)
	}
}
