package optout_test

import (
	"errors"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
	"github.com/personalised-prevention/nhs/mesh/optout"
	"github.com/personalised-prevention/nhs/mesh/optout/optouttest"
)

// A list of any size and order comes back in its order, without who has opted out.
func TestCheck(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 2, 63, 64, 65, 1000} {
		people := crowd(size)
		var out, in []nhs.Number
		for i, n := range people {
			if i%3 == 1 {
				out = append(out, n)
			} else {
				in = append(in, n)
			}
		}
		w := newWorld(t, setting{service: optouttest.Options{OptedOut: out}})
		slices.Reverse(people)
		slices.Reverse(in)
		l := list(t, slices.Concat(people, people[:1]), optout.Sentinels{})
		if l.People() != size || l.Repeated() != 1 {
			t.Errorf("%d people, %d repeated", l.People(), l.Repeated())
		}
		receipt := w.ask(l)
		if err := w.fails(receipt, l); !errors.Is(err, optout.ErrPending) {
			t.Fatalf("before the reply: %v", err)
		}
		w.process()
		result := w.collect(receipt, l)
		if got := filtered(t, result, people); !slices.Equal(got, in) {
			t.Errorf("of %d people %d left, want %d, in their order", size, len(got), len(in))
		}
		s := result.Summary()
		if s.Asked != size || s.OptedOut != len(out) || s.Allowed != len(in) || s.SentinelsRemoved != 0 || s.SentinelsLeft != 0 {
			t.Errorf("summary %+v", s)
		}
		if s.LocalID != receipt.LocalID || s.MessageID != receipt.MessageID || s.Request != receipt.Digest ||
			s.ReplyID == "" || !strings.HasPrefix(s.Reply, "hmac-sha256:") || !s.Sent.Equal(day()) || !s.Received.Equal(day()) {
			t.Errorf("summary %+v", s)
		}
		if left := w.server.Waiting(ours().ID); len(left) != 0 {
			t.Errorf("%d messages left in the inbox", len(left))
		}
		if got := w.count("GET 2026"); got != 2 {
			t.Errorf("%d downloads, want one of the note and one of the reply", got)
		}
	}
}

// What goes out is the file the service wants, under the names it wants.
func TestSendFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	people := crowd(5)
	l := list(t, []nhs.Number{people[3], people[0], people[4]}, optout.Sentinels{OptedOut: people[1:2], NotOptedOut: people[2:3]})
	receipt := w.ask(l)
	m, err := w.peer.Download(t.Context(), receipt.MessageID)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	content, err := io.ReadAll(m)
	if err != nil || string(content) != file(people...) {
		t.Errorf("not the five lines, in order: %d bytes, %v", len(content), err)
	}
	if m.FileName != "X26OURS-020326-0001.dat" || m.Subject != "kidney-1" || m.LocalID != receipt.LocalID || m.Workflow != optout.Workflow {
		t.Errorf("file %s, subject %s, local id %s, workflow %s", m.FileName, m.Subject, m.LocalID, m.Workflow)
	}
	if receipt.FileName != m.FileName || receipt.People != 3 || receipt.Sentinels != 2 {
		t.Errorf("receipt %+v", receipt)
	}
	if tail, ok := strings.CutPrefix(m.LocalID, "kidney_1-"); !ok || len(tail) != 12 || strings.Trim(tail, "abcdefghijklmnop") != "" {
		t.Errorf("local id %s", m.LocalID)
	}
}

// A long list goes and comes in chunks.
func TestCheckChunks(t *testing.T) {
	t.Parallel()
	people := crowd(1000)
	w := newWorld(t, setting{service: optouttest.Options{OptedOut: people[500:]}})
	l := list(t, people, optout.Sentinels{})
	receipt := w.ask(l)
	content := file(people[:500]...)
	var chunks [][]byte
	for len(content) > 700 { // not at the ends of lines
		chunks, content = append(chunks, []byte(content[:700])), content[700:]
	}
	w.server.Deliver(ours().ID, meshtest.Message{
		From: receipt.Recipient, Workflow: receipt.Workflow, LocalID: receipt.LocalID, Gzip: true, Chunks: append(chunks, []byte(content)),
	})
	if got := filtered(t, w.collect(receipt, l), people); !slices.Equal(got, people[:500]) {
		t.Errorf("%d people left", len(got))
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	for name, change := range map[string]func(*optout.Options){
		"recipient":    func(o *optout.Options) { o.Recipient = "" },
		"workflow id":  func(o *optout.Options) { o.Workflow = "SPINE*" },
		"key":          func(o *optout.Options) { o.Key = key()[:31] },
		"now":          func(o *optout.Options) { o.Now = nil },
		"maximum age":  func(o *optout.Options) { o.MaxAge = optout.MaxAge + 1 },
		"maximum size": func(o *optout.Options) { o.MaxSize = optout.MaxSize + 1 },
		"chunk size":   func(o *optout.Options) { o.ChunkSize = mesh.MaxSend + 1 },
		"every":        func(o *optout.Options) { o.Every = 5*time.Minute - 1 },
		"patience":     func(o *optout.Options) { o.Patience = -1 },
	} {
		o := options(day)
		change(&o)
		_, err := optout.New(w.box, o)
		if refused, ok := errors.AsType[*nhs.ArgumentError](err); !ok || refused.Name != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := optout.New(nil, options(day)); !errors.Is(err, nhs.ErrInvalid) {
		t.Errorf("no mailbox: %v", err)
	}
}

func TestNewListRefuses(t *testing.T) {
	t.Parallel()
	people := crowd(3)
	broken := errors.New("row 2: " + people[1].Reveal())
	for name, tt := range map[string]struct {
		people    iter.Seq2[nhs.Number, error]
		sentinels optout.Sentinels
		want      error
	}{
		"nil":                     {nil, optout.Sentinels{}, nhs.ErrInvalid},
		"empty":                   {each(nil), optout.Sentinels{OptedOut: people}, nhs.ErrInvalid},
		"no number":               {each([]nhs.Number{people[0], {}}), optout.Sentinels{}, nhs.ErrInvalid},
		"sentinel without number": {each(people), optout.Sentinels{NotOptedOut: []nhs.Number{{}}}, nhs.ErrInvalid},
		"sentinel twice":          {each(people), optout.Sentinels{OptedOut: []nhs.Number{people[0], people[0]}}, nhs.ErrInvalid},
		"sentinel of both kinds":  {each(people), optout.Sentinels{OptedOut: people[:1], NotOptedOut: people[:1]}, nhs.ErrInvalid},
		"reading":                 {func(yield func(nhs.Number, error) bool) { yield(nhs.Number{}, broken) }, optout.Sentinels{}, broken},
	} {
		if _, err := optout.NewList(tt.people, tt.sentinels); !errors.Is(err, tt.want) || strings.Contains(err.Error(), people[1].Reveal()) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPrepareRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{check: func(o *optout.Options) { o.MaxSize = 24 }})
	two := list(t, crowd(2), optout.Sentinels{})
	for name, tt := range map[string]struct {
		list    *optout.List
		request optout.Request
		want    string
	}{
		"no list":              {nil, request(), "list"},
		"too large":            {list(t, crowd(3), optout.Sentinels{}), request(), "list"},
		"too large, sentinels": {list(t, crowd(2), optout.Sentinels{OptedOut: crowd(3)[2:]}), request(), "list"},
		"sequence 0":           {two, optout.Request{Subject: "s", LocalID: "l"}, "sequence"},
		"sequence 10000":       {two, optout.Request{Sequence: 10_000, Subject: "s", LocalID: "l"}, "sequence"},
		"no subject":           {two, optout.Request{Sequence: 1, LocalID: "l"}, "subject"},
		"no local id":          {two, optout.Request{Sequence: 1, Subject: "s"}, "local id"},
		"colon":                {two, optout.Request{Sequence: 1, Subject: "s", LocalID: "10:30"}, "local id"},
		"space":                {two, optout.Request{Sequence: 1, Subject: "a b", LocalID: "l"}, "subject"},
		"dot":                  {two, optout.Request{Sequence: 1, Subject: "a.dat", LocalID: "l"}, "subject"},
		"letter beyond ASCII":  {two, optout.Request{Sequence: 1, Subject: "é", LocalID: "l"}, "subject"},
		"long subject":         {two, optout.Request{Sequence: 1, Subject: strings.Repeat("s", 501), LocalID: "l"}, "subject"},
		"long local id":        {two, optout.Request{Sequence: 1, Subject: "s", LocalID: strings.Repeat("l", 281)}, "local id"},
		"NHS number":           {two, optout.Request{Sequence: 1, Subject: "s", LocalID: "person_" + crowd(1)[0].Reveal()}, "local id"},
		"spread NHS number":    {two, optout.Request{Sequence: 1, Subject: "for-" + strings.ReplaceAll(crowd(1)[0].Display(), " ", "-"), LocalID: "l"}, "subject"},
	} {
		_, err := w.checker.Prepare(tt.list, tt.request)
		if refused, ok := errors.AsType[*nhs.ArgumentError](err); !ok || refused.Name != tt.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, id := range []string{"X26OURS-020326-0001", "20260302103000", "A_b-9", "1234567890123"} {
		if _, err := w.checker.Prepare(two, optout.Request{Sequence: 9999, Subject: id, LocalID: id}); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	if len(w.requests) > 0 {
		t.Errorf("requests: %v", w.requests)
	}
}
