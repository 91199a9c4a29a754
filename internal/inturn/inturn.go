// Package inturn makes a caller's function safe to write without locks.
package inturn

import "sync"

// Func returns a function that calls f, one call at a time: what a call wrote, the
// next one sees, on whatever goroutine. With a nil f it returns the zero R.
func Func[A, R any](f func(A) R) func(A) R {
	if f == nil {
		return func(A) (none R) { return none }
	}
	var mu sync.Mutex
	return func(a A) R {
		mu.Lock()
		defer mu.Unlock()
		return f(a)
	}
}
