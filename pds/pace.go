package pds

import (
	"context"
	"errors"
	"math"
	"sync"

	"github.com/personalised-prevention/nhs"
)

// pace gives bulk work its turns. It takes one at a time from the pace that all
// clients of the App share, so that a single request never waits behind a queue of
// bulk ones; and after PDS has said that there are too many requests, it takes
// several turns for one request, and fewer again as requests succeed.
type pace struct {
	app  *nhs.App
	turn chan struct{} // holds one value while somebody waits for a turn

	mu      sync.Mutex
	cost    float64 // turns that a request takes
	settled bool    // a turn has been had since the cost last grew
}

const (
	maxCost  = 16  // at 5 a second, one request in 3.2 s
	recovery = 0.9 // of the cost, after each success: from 2 to 1 in 7 requests
)

func newPace(app *nhs.App) *pace {
	return &pace{app: app, turn: make(chan struct{}, 1), cost: 1}
}

// wait blocks until the next request may be sent.
func (p *pace) wait(ctx context.Context) error {
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-p.turn }()
	for taken := 1; ; taken++ {
		if err := p.app.Wait(ctx, nhs.PDS, usualRate()); err != nil {
			return err
		}
		if taken >= p.turns() { // which may have changed meanwhile
			break
		}
	}
	p.mu.Lock()
	p.settled = true
	p.mu.Unlock()
	return nil
}

// turns is the cost of a request in whole turns.
func (p *pace) turns() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return int(math.Ceil(p.cost))
}

// slow doubles the cost, once for all the requests that were on their way.
func (p *pace) slow() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.settled {
		p.cost, p.settled = min(2*p.cost, maxCost), false
	}
}

// learn takes note of how a request ended.
func (p *pace) learn(err error) {
	switch {
	case errors.Is(err, nhs.ErrRateLimited):
		p.slow()
	case !errors.Is(err, nhs.ErrUnavailable): // PDS has served it
		p.mu.Lock()
		defer p.mu.Unlock()
		p.cost = max(p.cost*recovery, 1)
	}
}
