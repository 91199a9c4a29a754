package optout_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
	"github.com/personalised-prevention/nhs/mesh/optout"
	"github.com/personalised-prevention/nhs/mesh/optout/optouttest"
)

// Every five minutes a look, every day a handshake; who is not ours is looked at once.
func TestWaitPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		people := crowd(2)
		w := newWorld(t, setting{
			now: time.Now, service: optouttest.Options{Delay: 25 * time.Hour},
			check: func(o *optout.Options) { o.Patience = 48 * time.Hour },
		})
		l := list(t, people, optout.Sentinels{})
		receipt := w.ask(l)
		stranger := receipt
		stranger.LocalID = "another-request"
		w.deliver(stranger, file(people...))
		w.process()
		start := time.Now()
		go func() {
			time.Sleep(25*time.Hour + time.Second)
			w.process()
		}()
		var used time.Duration
		err := w.checker.Wait(t.Context(), receipt, l, func(context.Context, *optout.Result) error {
			used = time.Since(start)
			return nil
		})
		if err != nil || used != 25*time.Hour+5*time.Minute {
			t.Errorf("used after %s, %v", used, err)
		}
		if lists, shakes := w.count("GET inbox"), w.count("POST "+ours().ID); lists != 302 || shakes != 2 {
			t.Errorf("%d lists, want 302, and %d handshakes, want 2", lists, shakes)
		}
		if heads := w.count("HEAD"); heads != 3 {
			t.Errorf("%d envelopes read, want the stranger's, the note's and the reply's once", heads)
		}
	})
}

// Silence ends, and the error says what MESH knows and what to look at.
func TestNoReply(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		prepare func(*world, optout.Receipt)
		status  mesh.Status
		text    string
	}{
		"not collected": {func(*world, optout.Receipt) {}, mesh.StatusAccepted, "the service has not collected it; check that the recipient"},
		"ignored": {func(w *world, r optout.Receipt) {
			if err := w.peer.Acknowledge(w.Context(), r.MessageID); err != nil {
				w.Error(err)
			}
		}, mesh.StatusAcknowledged, "the service has collected it; check subject and local id"},
		"undeliverable": {func(w *world, r optout.Receipt) {
			w.server.Fail(r.MessageID, meshtest.Failure{Code: "14"})
			if _, err := w.checker.Discard(w.Context(), r); err != nil {
				w.Error(err)
			}
		}, mesh.StatusUndeliverable, "MESH could not deliver it"},
		"unknown": {func(w *world, _ optout.Receipt) {
			w.fault = func(r *http.Request) meshtest.Fault {
				if strings.HasSuffix(r.URL.Path, "tracking") {
					return meshtest.Fault{Status: http.StatusNotFound}
				}
				return meshtest.Fault{}
			}
		}, "", "MESH does not say"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, setting{now: time.Now, check: func(o *optout.Options) { o.Patience, o.Every = time.Hour, 7*time.Minute }})
				l := list(t, crowd(2), optout.Sentinels{})
				receipt := w.ask(l)
				tt.prepare(w, receipt)
				err := w.checker.Wait(t.Context(), receipt, l, func(context.Context, *optout.Result) error { return nil })
				silent, ok := errors.AsType[*optout.NoReplyError](err)
				if !errors.Is(err, optout.ErrNoReply) || !ok || silent.Waited != 63*time.Minute || silent.Status != tt.status ||
					silent.LocalID != receipt.LocalID || !strings.Contains(err.Error(), tt.text) {
					t.Errorf("got %v", err)
				}
				// A late reply is found all the same.
				w.deliver(receipt, file(crowd(2)...))
				if err := w.checker.Wait(t.Context(), receipt, l, func(context.Context, *optout.Result) error { return nil }); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// Wait ends with its context, and with the first failure.
func TestWaitEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, setting{now: time.Now})
		l := list(t, crowd(2), optout.Sentinels{})
		receipt := w.ask(l)
		use := func(context.Context, *optout.Result) error { return nil }
		ctx, cancel := context.WithTimeout(t.Context(), 12*time.Minute)
		defer cancel()
		if err := w.checker.Wait(ctx, receipt, l, use); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		w.deliver(receipt, "")
		for _, operation := range []string{"POST ", "GET inbox", "HEAD ", "GET 2", "PUT "} {
			w.fault = func(r *http.Request) meshtest.Fault {
				if strings.HasPrefix(r.Method+" "+r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:], operation) {
					return meshtest.Fault{Status: http.StatusServiceUnavailable}
				}
				return meshtest.Fault{}
			}
			err := w.checker.Wait(t.Context(), receipt, l, use)
			if failure, ok := errors.AsType[*mesh.Error](err); !ok || !errors.Is(err, nhs.ErrUnavailable) || !failure.Err.Retryable() {
				t.Errorf("%s: %v", operation, err)
			}
		}
		w.fault = nil
		if err := w.checker.Wait(t.Context(), receipt, l, use); err != nil {
			t.Error(err)
		}
	})
}
