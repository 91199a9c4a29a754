package optout_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
	"github.com/personalised-prevention/nhs/mesh/optout"
	"github.com/personalised-prevention/nhs/mesh/optout/optouttest"
)

// What may come in place of the service's usual reply, and still means one.
func TestReplyForms(t *testing.T) {
	t.Parallel()
	people := crowd(3)
	for name, tt := range map[string]struct {
		reply string
		left  []nhs.Number
	}{
		"all":                 {file(people...), people},
		"another order":       {file(people[2], people[0], people[1]), people},
		"nobody, empty":       {"", nil},
		"nobody, a line feed": {"\n", nil},
		"nobody, CRLF":        {"\r\n", nil},
		"CRLF":                {strings.ReplaceAll(file(people[:2]...), "\n", "\r\n"), people[:2]},
		"no last line feed":   {strings.TrimSuffix(file(people[1:]...), "\n"), people[1:]},
	} {
		w := newWorld(t, setting{})
		l := list(t, people, optout.Sentinels{})
		receipt := w.ask(l)
		w.deliver(receipt, tt.reply)
		if diff := cmp.Diff(tt.left, filtered(t, w.collect(receipt, l), people), cmp.Comparer(func(a, b nhs.Number) bool { return a == b })); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

// What cannot be the reply is an error, and waits in the inbox until it is discarded.
func TestBadReplies(t *testing.T) {
	t.Parallel()
	people := crowd(4)
	asked, stranger := people[:3], people[3]
	for name, tt := range map[string]struct {
		reply string
		want  error
		text  string
	}{
		"not asked":             {file(asked[0], stranger), optout.ErrMismatch, "line 2 has a number that was not asked about"},
		"twice":                 {file(asked[0], asked[0]), optout.ErrMismatch, "line 2 has a number that an earlier line has"},
		"twice, apart":          {file(asked[1], asked[0], asked[1]), optout.ErrMismatch, "line 3"},
		"cut short":             {file(asked...)[:29], optout.ErrMismatch, "line 3 is not"},
		"no comma":              {strings.ReplaceAll(file(asked...), ",", ""), optout.ErrMismatch, "line 1 is not"},
		"two commas":            {strings.ReplaceAll(file(asked...), ",", ",,"), optout.ErrMismatch, "line 1 is not"},
		"spaces":                {asked[0].Display() + ",\n", optout.ErrMismatch, "line 1 is not"},
		"nine digits":           {asked[0].Reveal()[1:] + ",\n", optout.ErrMismatch, "line 1 is not"},
		"wrong check digit":     {"9990000019,\n", optout.ErrMismatch, "line 1 is not"},
		"text after numbers":    {file(asked[0]) + "end of file\n", optout.ErrMismatch, "line 2 is not"},
		"empty line between":    {file(asked[0]) + "\n" + file(asked[1]), optout.ErrMismatch, "without a number"},
		"one endless line":      {strings.Repeat("9", 100_000), optout.ErrMismatch, "line 1 is not"},
		"error file":            {"The file holds " + stranger.Reveal() + " which is wrong\n", optout.ErrRefused, `it says "The file holds [redacted] which is wrong"`},
		"error file, CRLF":      {"Wrong\r\n", optout.ErrRefused, `it says "Wrong"`},
		"two lines of text":     {"Wrong\nVery wrong\n", optout.ErrMismatch, "one line of text"},
		"long text":             {strings.Repeat("wrong ", 100), optout.ErrMismatch, "one line of text"},
		"not text":              {"\xff\xfe\x00", optout.ErrMismatch, "one line of text"},
		"very long text":        {strings.Repeat("w", 1<<20+1), optout.ErrMismatch, "nor short"},
		"JSON without stages":   {`{"status":"failed"}`, optout.ErrMismatch, "JSON without stages"},
		"broken JSON":           {`{"stages":[`, optout.ErrMismatch, "JSON without stages"},
		"not unique":            {`{"stages":[{"stage":"validate_is_unique_upload","passed":false}]}`, optout.ErrRefused, "next sequence number"},
		"out of order":          {`{"stages":[{"stage":"a","passed":true},{"stage":"validate_in_order","passed":false}]}`, optout.ErrRefused, "higher sequence number"},
		"empty file":            {`{"stages":[{"stage":"validate_non_empty_file","passed":false}]}`, optout.ErrRefused, "the file was empty"},
		"another stage":         {`{"stages":[{"stage":"validate_size","passed":false}]}`, optout.ErrRefused, "did not pass the stage validate_size"},
		"a stage with a number": {`{"stages":[{"stage":"s` + stranger.Reveal() + `","passed":false},{"stage":"a b","passed":false}]}`, optout.ErrRefused, "stage s[redacted]; it did not pass the stage without a name"},
	} {
		w := newWorld(t, setting{})
		l := list(t, asked, optout.Sentinels{})
		receipt := w.ask(l)
		id := w.deliver(receipt, tt.reply)
		for range 2 {
			err := w.fails(receipt, l)
			failed, ok := errors.AsType[*optout.ReplyError](err)
			if !errors.Is(err, tt.want) || !ok || failed.MessageID != id || failed.LocalID != receipt.LocalID || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n, err := w.checker.Discard(t.Context(), receipt); n != 1 || err != nil || len(w.server.Waiting(ours().ID)) != 0 {
			t.Errorf("%s: %d discarded, %v", name, n, err)
		}
	}
}

// A note of progress is acknowledged, whether or not the stages are known to be passed.
func TestNotes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	l := list(t, crowd(2), optout.Sentinels{})
	receipt := w.ask(l)
	w.deliver(receipt, `{"version":10,"stages":[{"stage":"validate_in_order","ts":20250227141015722050,"passed":true,"details":null},{"stage":"next","passed":null}]}`)
	if err := w.fails(receipt, l); !errors.Is(err, optout.ErrPending) {
		t.Errorf("got %v", err)
	}
	if left := w.server.Waiting(ours().ID); len(left) != 0 {
		t.Errorf("%d messages left", len(left))
	}
}

func TestUndelivered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	l := list(t, crowd(2), optout.Sentinels{})
	receipt := w.ask(l)
	w.server.Fail(receipt.MessageID, meshtest.Failure{Code: "14", Event: "SEND", Description: "Not collected, as " + crowd(1)[0].Reveal()})
	err := w.fails(receipt, l)
	if !errors.Is(err, optout.ErrUndelivered) || !strings.Contains(err.Error(), "code 14, Not collected, as [redacted]") {
		t.Errorf("got %v", err)
	}
	if n, err := w.checker.Discard(t.Context(), receipt); n != 1 || err != nil {
		t.Errorf("%d discarded, %v", n, err)
	}
}

// The service must be right about the sentinels, whose answers are nobody else's.
func TestSentinels(t *testing.T) {
	t.Parallel()
	all := crowd(8)
	people, out, in := all[:4], all[4:6], all[6:]
	sentinels := optout.Sentinels{OptedOut: out, NotOptedOut: in}
	for name, tt := range map[string]struct {
		optedOut []nhs.Number
		want     string // of the error
	}{
		"right":               {slices.Concat(people[:1], out), ""},
		"nobody is removed":   {nil, "of 2 known to have opted out 0 were removed, of 2 known not to have 2 were left in"},
		"one is not removed":  {slices.Concat(people[:1], out[:1]), "of 2 known to have opted out 1 were removed"},
		"one is removed":      {slices.Concat(out, in[1:]), "of 2 known not to have 1 were left in"},
		"everybody's removed": {all, "of 2 known not to have 0 were left in"},
	} {
		w := newWorld(t, setting{service: optouttest.Options{OptedOut: tt.optedOut}})
		l := list(t, people, sentinels)
		receipt := w.ask(l)
		w.process()
		if tt.want != "" {
			if err := w.fails(receipt, l); !errors.Is(err, optout.ErrSentinel) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		result := w.collect(receipt, l)
		if s := result.Summary(); s.Asked != 4 || s.Allowed != 3 || s.OptedOut != 1 || s.SentinelsRemoved != 2 || s.SentinelsLeft != 2 {
			t.Errorf("summary %+v", s)
		}
		if _, err := result.Allows(day(), in[0]); !errors.Is(err, optout.ErrNotAsked) {
			t.Errorf("a sentinel is nobody's business: %v", err)
		}
	}
}

// A sentinel may be among the people, and then counts.
func TestSentinelsAmongThePeople(t *testing.T) {
	t.Parallel()
	people := crowd(3)
	w := newWorld(t, setting{service: optouttest.Options{OptedOut: people[:1]}})
	l := list(t, people, optout.Sentinels{OptedOut: people[:1], NotOptedOut: people[2:]})
	receipt := w.ask(l)
	w.process()
	result := w.collect(receipt, l)
	if s := result.Summary(); s.Asked != 3 || s.Allowed != 2 || s.OptedOut != 1 || s.SentinelsRemoved != 1 || s.SentinelsLeft != 1 {
		t.Errorf("summary %+v", s)
	}
	if got := filtered(t, result, people); !slices.Equal(got, people[1:]) {
		t.Errorf("%d left", len(got))
	}
}

// What is for others stays, unread.
func TestOthersStay(t *testing.T) {
	t.Parallel()
	people := crowd(3)
	w := newWorld(t, setting{})
	l := list(t, people, optout.Sentinels{})
	receipt := w.ask(l)
	other := receipt
	other.LocalID = "another-request"
	w.deliver(other, file(people...))
	other = receipt
	other.Recipient = "X26STRANGER"
	w.deliver(other, file(people[:1]...))
	other = receipt
	other.Workflow = "OTHER"
	w.deliver(other, file(people[:1]...))
	w.server.Fail(w.server.Deliver(theirs().ID, meshtest.Message{
		From: ours().ID, Workflow: optout.Workflow, LocalID: receipt.LocalID, Chunks: [][]byte{[]byte("x")},
	}), meshtest.Failure{Code: "14"}) // a report about another message
	before := w.server.Waiting(ours().ID)
	if err := w.fails(receipt, l); !errors.Is(err, optout.ErrPending) {
		t.Errorf("got %v", err)
	}
	w.process()
	w.collect(receipt, l)
	if n, err := w.checker.Discard(t.Context(), receipt); n != 0 || err != nil {
		t.Errorf("%d discarded, %v", n, err)
	}
	if diff := cmp.Diff(before, w.server.Waiting(ours().ID)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := w.count("GET 2026"); got != 2 {
		t.Errorf("%d downloads, want the note and the reply only", got)
	}
}

// A reply is acknowledged when it has been used, and not before.
func TestUseFails(t *testing.T) {
	t.Parallel()
	people := crowd(2)
	w := newWorld(t, setting{service: optouttest.Options{Quiet: true}})
	l := list(t, people, optout.Sentinels{})
	receipt := w.ask(l)
	w.process()
	full := errors.New("the disk is full")
	err := w.checker.Collect(t.Context(), receipt, l, func(context.Context, *optout.Result) error { return full })
	if !errors.Is(err, full) || len(w.server.Waiting(ours().ID)) != 1 {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = w.checker.Collect(ctx, receipt, l, func(context.Context, *optout.Result) error {
		cancel() // what has been used is acknowledged all the same
		return nil
	})
	if err != nil || len(w.server.Waiting(ours().ID)) != 0 {
		t.Errorf("got %v", err)
	}
}

// A reply that breaks off is MESH's error, not the service's, and comes again whole.
func TestReplyBreaksOff(t *testing.T) {
	t.Parallel()
	people := crowd(3)
	for _, chunks := range [][]string{{file(people[0]), file(people[1])}, {`{"stages":`, `[]}`}, {"The file ", "is wrong"}} {
		w := newWorld(t, setting{})
		l := list(t, people, optout.Sentinels{})
		receipt := w.ask(l)
		w.server.Deliver(ours().ID, meshtest.Message{
			From: receipt.Recipient, Workflow: receipt.Workflow, LocalID: receipt.LocalID, Chunks: [][]byte{[]byte(chunks[0]), []byte(chunks[1])},
		})
		w.fault = func(r *http.Request) meshtest.Fault {
			return meshtest.Fault{Lose: strings.HasSuffix(r.URL.Path, "/2")}
		}
		err := w.fails(receipt, l)
		if _, ok := errors.AsType[*optout.ReplyError](err); ok || !errors.Is(err, nhs.ErrUnavailable) {
			t.Errorf("%s: %v", chunks[0], err)
		}
		w.fault = nil
		if len(w.server.Waiting(ours().ID)) != 1 {
			t.Error("the reply is gone")
		}
	}
}

// Discard tells what failed, and goes on when called again.
func TestDiscardFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	l := list(t, crowd(2), optout.Sentinels{})
	receipt := w.ask(l)
	w.deliver(receipt, "")
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut} {
		w.fault = func(r *http.Request) meshtest.Fault {
			if r.Method == method {
				return meshtest.Fault{Status: http.StatusServiceUnavailable}
			}
			return meshtest.Fault{}
		}
		if n, err := w.checker.Discard(t.Context(), receipt); n != 0 || !errors.Is(err, nhs.ErrUnavailable) {
			t.Errorf("%s: %d discarded, %v", method, n, err)
		}
	}
	w.fault = nil
	if n, err := w.checker.Discard(t.Context(), receipt); n != 1 || err != nil {
		t.Errorf("%d discarded, %v", n, err)
	}
}

// A result that was used is not lost with the answer to its acknowledgement.
func TestNotAcknowledged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{service: optouttest.Options{Quiet: true}})
	l := list(t, crowd(2), optout.Sentinels{})
	receipt := w.ask(l)
	w.process()
	w.fault = func(r *http.Request) meshtest.Fault {
		if r.Method == http.MethodPut {
			return meshtest.Fault{Status: http.StatusServiceUnavailable}
		}
		return meshtest.Fault{}
	}
	used := 0
	err := w.checker.Collect(t.Context(), receipt, l, func(context.Context, *optout.Result) error {
		used++
		return nil
	})
	if _, ok := errors.AsType[*mesh.Error](err); !ok || !errors.Is(err, optout.ErrNotAcknowledged) || used != 1 {
		t.Errorf("used %d times, %v", used, err)
	}
	w.fault = nil
	for want := 1; want >= 0; want-- {
		if n, err := w.checker.Discard(t.Context(), receipt); n != want || err != nil {
			t.Errorf("%d discarded, %v", n, err)
		}
	}
}

// Receipts and lists that do not belong together are refused before anything is asked.
func TestReceiptRefused(t *testing.T) {
	t.Parallel()
	people := crowd(3)
	w := newWorld(t, setting{})
	l := list(t, people, optout.Sentinels{})
	receipt := w.ask(l)
	otherKey := w.newChecker(func(o *optout.Options) { o.Key = append(key(), '!') })
	otherBox := w.newChecker(func(o *optout.Options) { o.Recipient = optout.LiveMailbox })
	asked := len(w.requests)
	for name, tt := range map[string]struct {
		checker *optout.Checker
		list    *optout.List
		change  func(*optout.Receipt)
		want    string
	}{
		"no list":           {w.checker, nil, nil, "list"},
		"other people":      {w.checker, list(t, people[:2], optout.Sentinels{}), nil, "list"},
		"other sentinels":   {w.checker, list(t, people, optout.Sentinels{OptedOut: crowd(4)[3:]}), nil, "list"},
		"other key":         {otherKey, l, nil, "list"},
		"other recipient":   {otherBox, l, nil, "receipt"},
		"other mailbox":     {w.checker, l, func(r *optout.Receipt) { r.FileName = "X26-020326-0001.dat" }, "receipt"},
		"zero":              {w.checker, l, func(r *optout.Receipt) { *r = optout.Receipt{} }, "receipt"},
		"not prepared":      {w.checker, l, func(r *optout.Receipt) { r.Prepared = time.Time{} }, "receipt"},
		"not sent":          {w.checker, l, func(r *optout.Receipt) { r.MessageID = "" }, "receipt"},
		"tampered local id": {w.checker, l, func(r *optout.Receipt) { r.LocalID = "../inbox" }, "receipt's local id"},
		"tampered subject":  {w.checker, l, func(r *optout.Receipt) { r.Subject = "a:b" }, "receipt's subject"},
	} {
		r := receipt
		if tt.change != nil {
			tt.change(&r)
		}
		use := func(context.Context, *optout.Result) error { return nil }
		for call, err := range map[string]error{
			"Collect": tt.checker.Collect(t.Context(), r, tt.list, use), "Wait": tt.checker.Wait(t.Context(), r, tt.list, use),
		} {
			if refused, ok := errors.AsType[*nhs.ArgumentError](err); !ok || refused.Name != tt.want {
				t.Errorf("%s, %s: %v", name, call, err)
			}
		}
		if name == "not sent" {
			continue
		}
		if _, err := tt.checker.Send(t.Context(), r, tt.list); !errors.Is(err, nhs.ErrInvalid) {
			t.Errorf("%s, Send: %v", name, err)
		}
	}
	if err := w.checker.Collect(t.Context(), receipt, l, nil); !errors.Is(err, nhs.ErrInvalid) {
		t.Errorf("no use: %v", err)
	}
	if _, err := w.checker.Discard(t.Context(), optout.Receipt{}); !errors.Is(err, nhs.ErrInvalid) {
		t.Errorf("zero receipt discarded: %v", err)
	}
	if len(w.requests) != asked {
		t.Errorf("requests: %v", w.requests[asked:])
	}
}

// A message that another process took meanwhile is not missed.
func TestCollectGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	l := list(t, crowd(2), optout.Sentinels{})
	receipt := w.ask(l)
	w.deliver(receipt, "")
	w.fault = func(r *http.Request) meshtest.Fault {
		if r.Method == http.MethodHead {
			return meshtest.Fault{Status: http.StatusGone}
		}
		return meshtest.Fault{}
	}
	if err := w.fails(receipt, l); !errors.Is(err, optout.ErrPending) || !strings.Contains(fmt.Sprint(err), receipt.LocalID) {
		t.Errorf("got %v", err)
	}
}
