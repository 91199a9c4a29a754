// Package wait is the one way this module waits.
package wait

import (
	"context"
	"time"
)

// For waits for d, or until ctx ends, and then returns ctx's error. A d of zero or
// less does not wait.
func For(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
