package optout_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
	"github.com/personalised-prevention/nhs/mesh/optout"
	"github.com/personalised-prevention/nhs/mesh/optout/optouttest"
)

// program is a program that checks a list, and may die at any request or write. What
// it has written survives it.
type program struct {
	*world

	people  []nhs.Number
	receipt []byte       // stored
	left    []nhs.Number // committed, from the last use
	uses    int

	step int // requests and writes so far
	at   int // the step that goes wrong
	mode accident
	dead bool
}

// accident is what goes wrong.
type accident int

const (
	diesBefore  accident = iota // the program dies, its request is never sent
	diesAfter                   // the program dies, its request has been served
	losesAnswer                 // the answer is lost, the program lives
	findsItDown                 // the service is unwell once
)

var errDied = errors.New("died")

// fate decides what becomes of a request.
func (p *program) fate(*http.Request) meshtest.Fault {
	if p.dead {
		return meshtest.Fault{Status: http.StatusServiceUnavailable}
	}
	if p.step++; p.step != p.at {
		return meshtest.Fault{}
	}
	switch p.mode {
	case diesBefore:
		p.dead = true
		return meshtest.Fault{Status: http.StatusServiceUnavailable}
	case diesAfter:
		p.dead = true
		return meshtest.Fault{Lose: true}
	case losesAnswer:
		return meshtest.Fault{Lose: true}
	case findsItDown:
	}
	return meshtest.Fault{Status: http.StatusServiceUnavailable}
}

// write is a write to disk, which is done or not done when the program dies.
func (p *program) write(do func()) error {
	if p.step++; p.step == p.at && !p.dead {
		p.dead = p.mode == diesBefore || p.mode == diesAfter
		if p.mode != diesAfter {
			return errDied
		}
	}
	if p.dead && p.mode != diesAfter {
		return errDied
	}
	do()
	if p.dead {
		return errDied
	}
	return nil
}

func (p *program) store(r optout.Receipt) error {
	return p.write(func() { p.receipt, _ = json.Marshal(r) })
}

// run is the program from its start.
func (p *program) run() error {
	ctx := p.Context()
	if p.left != nil { // done, but perhaps not tidied up
		var receipt optout.Receipt
		if err := json.Unmarshal(p.receipt, &receipt); err != nil {
			return err
		}
		_, err := p.checker.Discard(ctx, receipt)
		return err
	}
	l, err := optout.NewList(each(p.people), optout.Sentinels{})
	if err != nil {
		return err
	}
	var receipt optout.Receipt
	if p.receipt == nil {
		if receipt, err = p.checker.Prepare(l, request()); err != nil {
			return err
		}
		if err := p.store(receipt); err != nil {
			return err
		}
	} else if err := json.Unmarshal(p.receipt, &receipt); err != nil {
		return err
	}
	if receipt, err = p.checker.Send(ctx, receipt, l); err != nil {
		return err
	}
	if err := p.store(receipt); err != nil {
		return err
	}
	return p.checker.Collect(ctx, receipt, l, func(_ context.Context, r *optout.Result) error {
		p.uses++
		left := filtered(p.T, r, p.people)
		return p.write(func() { p.left = left })
	})
}

// TestChaos has everything go wrong at every request and write, from the preparation
// to the acknowledgement. In the end the service has been asked once, the result is
// right, and the inbox is empty.
func TestChaos(t *testing.T) {
	t.Parallel()
	people := crowd(10)
	for _, chunk := range []int64{0, 50} {
		steps := 0
		for at := 0; at <= steps; at++ {
			for mode := range findsItDown + 1 {
				p := &program{people: people, at: at, mode: mode}
				p.world = newWorld(t, setting{
					service: optouttest.Options{OptedOut: people[:3]},
					check:   func(o *optout.Options) { o.ChunkSize = chunk },
				})
				p.fault = p.fate
				runs := 0
				for ; runs < 6; runs++ {
					err := p.run()
					if err == nil {
						break
					}
					p.dead = false
					p.fault = nil
					p.process()
					p.fault = p.fate
				}
				name := strconv.Itoa(at) + " of kind " + strconv.Itoa(int(mode)) + " with chunks of " + strconv.FormatInt(chunk, 10)
				if got := p.service.Files(); got != 1 {
					t.Errorf("%s: the service had %d files", name, got)
				}
				if !slices.Equal(p.left, people[3:]) || p.uses < 1 || p.uses > 2 {
					t.Errorf("%s: %d people left after %d uses", name, len(p.left), p.uses)
				}
				if waiting := p.server.Waiting(ours().ID); len(waiting) != 0 || runs == 6 {
					t.Errorf("%s: %d messages left after %d runs", name, len(waiting), runs)
				}
				if at == 0 {
					steps = p.step
				}
			}
		}
		if steps < 10 {
			t.Errorf("only %d steps were put to the test", steps)
		}
	}
}

// A request on its way when MESH was asked about it is sent twice. The service
// refuses the second for its name, and the reply to the first is found all the same.
func TestSendOvertaken(t *testing.T) {
	t.Parallel()
	people := crowd(4)
	w := newWorld(t, setting{service: optouttest.Options{OptedOut: people[:1], Delay: time.Hour}})
	l := list(t, people, optout.Sentinels{})
	prepared := w.prepare(l)
	w.fault = func(r *http.Request) meshtest.Fault {
		if r.Method == http.MethodPost {
			return meshtest.Fault{Lose: true}
		}
		return meshtest.Fault{Status: http.StatusNotFound} // not there yet
	}
	receipt, err := w.checker.Send(t.Context(), prepared, l)
	if !errors.Is(err, nhs.ErrUnavailable) || receipt != prepared {
		t.Fatalf("got %v", err)
	}
	w.fault = func(r *http.Request) meshtest.Fault {
		if r.Method == http.MethodPost {
			return meshtest.Fault{}
		}
		return meshtest.Fault{Status: http.StatusNotFound}
	}
	receipt, err = w.checker.Send(t.Context(), receipt, l)
	if err != nil || receipt.MessageID == "" {
		t.Fatal(err)
	}
	w.fault = nil
	w.process()
	if err := w.fails(receipt, l); !errors.Is(err, optout.ErrRefused) {
		t.Errorf("got %v", err)
	}
	if n, err := w.checker.Discard(t.Context(), receipt); n != 1 || err != nil {
		t.Errorf("%d discarded, %v", n, err)
	}
	w.setNow(day().Add(time.Hour))
	w.process()
	if got := filtered(t, w.collect(receipt, l), people); !slices.Equal(got, people[1:]) {
		t.Errorf("%d left", len(got))
	}
}
