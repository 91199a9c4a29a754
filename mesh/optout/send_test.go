package optout_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
	"github.com/personalised-prevention/nhs/mesh/optout"
)

// A request whose answer was lost is found at once, and its age counts from before.
func TestSendLostAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	l := list(t, crowd(2), optout.Sentinels{})
	prepared := w.prepare(l)
	w.fault = func(r *http.Request) meshtest.Fault { return meshtest.Fault{Lose: r.Method == http.MethodPost} }
	w.setNow(day().Add(time.Hour))
	receipt, err := w.checker.Send(t.Context(), prepared, l)
	if err != nil || receipt.MessageID == "" || !receipt.Sent.Equal(day().Add(time.Hour)) {
		t.Errorf("receipt %+v, %v", receipt, err)
	}
	w.fault = nil
	again, err := w.checker.Send(t.Context(), receipt, l)
	if err != nil || again != receipt || w.count("POST outbox") != 1 {
		t.Errorf("sent again: %v", err)
	}
	// The stored receipt, from before it was sent.
	found, err := w.checker.Send(t.Context(), prepared, l)
	if err != nil || found.MessageID != receipt.MessageID || !found.Sent.Equal(prepared.Prepared) || w.count("POST outbox") != 1 {
		t.Errorf("found %+v, %v", found, err)
	}
}

// A refusal is MESH's own error, and the receipt stays as it was.
func TestSendRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	l := list(t, crowd(2), optout.Sentinels{})
	nowhere := w.newChecker(func(o *optout.Options) { o.Recipient = "X26NOWHERE" })
	prepared, err := nowhere.Prepare(l, request())
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := nowhere.Send(t.Context(), prepared, l)
	if refused, ok := errors.AsType[*mesh.Error](err); !ok || refused.Code != "12" || receipt != prepared {
		t.Errorf("got %v", err)
	}
}

// When nobody can tell whether the request arrived, the error says so.
func TestSendUncertain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	l := list(t, crowd(2), optout.Sentinels{})
	ctx, cancel := context.WithCancel(t.Context())
	w.fault = func(r *http.Request) meshtest.Fault {
		if r.Method != http.MethodPost {
			return meshtest.Fault{}
		}
		cancel()
		return meshtest.Fault{Lose: true}
	}
	prepared := w.prepare(l)
	receipt, err := w.checker.Send(ctx, prepared, l)
	if !mesh.Uncertain(err) || receipt != prepared || !strings.Contains(err.Error(), "call Send again, with the same receipt") {
		t.Errorf("got %v", err)
	}
}

// A local id is not used for two files.
func TestSendLocalIDUsed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	l := list(t, crowd(2), optout.Sentinels{})
	w.ask(l)
	next, err := w.checker.Prepare(l, optout.Request{Sequence: 2, Subject: "kidney-1", LocalID: "kidney_1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.checker.Send(t.Context(), next, l); !errors.Is(err, nhs.ErrInvalid) || !strings.Contains(err.Error(), "prepare the request with another") {
		t.Errorf("same list, next number: %v", err)
	}
	// Other people under the same names are another request, never taken for the first.
	other := list(t, crowd(1), optout.Sentinels{})
	receipt := w.ask(other)
	if n := w.count("POST outbox"); n != 2 {
		t.Errorf("%d requests sent", n)
	}
	w.process()
	if err := w.fails(receipt, other); !errors.Is(err, optout.ErrRefused) || !strings.Contains(err.Error(), "validate_is_unique_upload") {
		t.Errorf("the name of a file used again: %v", err)
	}
}

// Several messages with one local id are nobody's request.
func TestSendLocalIDAmbiguous(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	l := list(t, crowd(2), optout.Sentinels{})
	prepared := w.prepare(l)
	for range 2 {
		w.server.Deliver(theirs().ID, meshtest.Message{From: ours().ID, LocalID: prepared.LocalID, Chunks: [][]byte{[]byte("x")}})
	}
	if _, err := w.checker.Send(t.Context(), prepared, l); !errors.Is(err, nhs.ErrConflict) || !strings.Contains(err.Error(), "prepare the request with another") {
		t.Errorf("got %v", err)
	}
}
