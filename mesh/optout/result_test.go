package optout_test

import (
	"bytes"
	"context"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
	"github.com/personalised-prevention/nhs/mesh/optout"
	"github.com/personalised-prevention/nhs/mesh/optout/optouttest"
)

// checked returns a world and the result for people, the first of whom opted out.
func checked(t *testing.T, people []nhs.Number, change func(*optout.Options)) (*world, *optout.Result) {
	t.Helper()
	w := newWorld(t, setting{service: optouttest.Options{OptedOut: people[:1]}, check: change})
	l := list(t, people, optout.Sentinels{})
	receipt := w.ask(l)
	w.process()
	w.setNow(day().Add(time.Hour)) // the age counts from the sending
	return w, w.collect(receipt, l)
}

// A result may be used for 21 days from the sending of the request, or less.
func TestResultFresh(t *testing.T) {
	t.Parallel()
	people := crowd(2)
	for age, change := range map[time.Duration]func(*optout.Options){
		21 * 24 * time.Hour: nil,
		time.Hour:           func(o *optout.Options) { o.MaxAge = time.Hour },
	} {
		_, result := checked(t, people, change)
		last := day().Add(age - 1)
		if !result.Fresh(last) || result.Fresh(last.Add(1)) || !result.Expires().Equal(last.Add(1)) {
			t.Errorf("expires at %s, want %s", result.Expires(), last.Add(1))
		}
		if allowed, err := result.Allows(last, people[1]); err != nil || !allowed {
			t.Errorf("fresh: %t, %v", allowed, err)
		}
		if allowed, err := result.Allows(last, people[0]); err != nil || allowed {
			t.Errorf("fresh, opted out: %t, %v", allowed, err)
		}
		if allowed, err := result.Allows(last.Add(1), people[1]); !errors.Is(err, optout.ErrStale) || allowed {
			t.Errorf("stale: %t, %v", allowed, err)
		}
	}
	var none optout.Result
	if allowed, err := none.Allows(day(), people[0]); !errors.Is(err, optout.ErrStale) || allowed {
		t.Errorf("zero: %t, %v", allowed, err)
	}
}

// Filter ends with an error when the list is another, when it cannot be read, and
// when the result gets too old on the way.
func TestFilterErrors(t *testing.T) {
	t.Parallel()
	people := crowd(5)
	asked := people[:4]
	_, result := checked(t, asked, nil)
	broken := errors.New("row 3: " + people[2].Reveal())
	reads := 0
	aging := func() time.Time {
		reads++
		return result.Expires().Add(time.Duration(reads-3) * time.Hour)
	}
	for name, tt := range map[string]struct {
		now    func() time.Time
		people iter.Seq2[nhs.Number, error]
		left   int
		want   error
		text   string
	}{
		"not asked": {day, each(people), 3, optout.ErrNotAsked, "after 4 people"},
		"reading": {day, func(yield func(nhs.Number, error) bool) {
			_ = yield(asked[0], nil) && yield(asked[1], nil) && yield(nhs.Number{}, broken)
		}, 1, broken, "after 2 people"},
		"stale":     {aging, each(asked), 1, optout.ErrStale, "after 2 people"},
		"no clock":  {nil, each(asked), 0, nhs.ErrInvalid, "must not be nil"},
		"no people": {day, nil, 0, nhs.ErrInvalid, "must not be nil"},
	} {
		left := 0
		var failed error
		for n, err := range result.Filter(tt.now, tt.people) {
			switch {
			case failed != nil:
				t.Errorf("%s: goes on after an error", name)
			case err != nil:
				failed = err
			case n.IsZero():
				t.Errorf("%s: nobody is yielded", name)
			default:
				left++
			}
		}
		if left != tt.left || !errors.Is(failed, tt.want) || !strings.Contains(fmt.Sprint(failed), tt.text) || strings.Contains(failed.Error(), people[2].Reveal()) {
			t.Errorf("%s: %d left, %v", name, left, failed)
		}
	}
	for range result.Filter(day, each(asked)) {
		break // leaving early is fine
	}
}

// No way to print or store shows a person, nor the key.
func TestMasks(t *testing.T) {
	t.Parallel()
	people := crowd(3)
	w, result := checked(t, people, nil)
	l := list(t, people, optout.Sentinels{})
	secrets := []string{string(key()), "97 32 115 101 99 114 101 116", hex.EncodeToString(key())}
	for _, n := range people {
		secrets = append(secrets, n.Reveal(), strconv.FormatInt(n.Int(), 16), n.Display())
	}
	type holder struct {
		Value any `json:"value"`
	}
	for name, v := range map[string]any{
		"list": l, "result": result, "checker": w.checker, "options": options(day), "receipt": w.prepare(l), "summary": result.Summary(),
	} {
		var text bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x", "%q"} {
			fmt.Fprintf(&text, verb+" "+verb+"\n", v, holder{v})
		}
		slog.New(slog.NewTextHandler(&text, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&text, nil)).Info("x", "v", v)
		if encoded, err := json.Marshal(v); err == nil {
			text.Write(encoded)
		}
		for _, secret := range secrets {
			if strings.Contains(text.String(), secret) {
				t.Errorf("%s shows %q", name, secret)
			}
		}
	}
	for name, v := range map[string]any{"list": l, "result": result} {
		var sink bytes.Buffer
		if _, err := json.Marshal(v); err == nil {
			t.Errorf("%s is stored as JSON", name)
		}
		if _, err := json.Marshal(holder{v}); err == nil {
			t.Errorf("%s is stored within JSON", name)
		}
		if err := xml.NewEncoder(&sink).Encode(v); err == nil {
			t.Errorf("%s is stored as XML", name)
		}
		if err := gob.NewEncoder(&sink).Encode(v); err == nil {
			t.Errorf("%s is stored as gob", name)
		}
	}
}

// Digests need the key: those of short lists would give the numbers away.
func TestDigests(t *testing.T) {
	t.Parallel()
	people := crowd(2)
	w := newWorld(t, setting{})
	digest := func(c *optout.Checker, people []nhs.Number) string {
		r, err := c.Prepare(list(t, people, optout.Sentinels{}), request())
		if err != nil {
			t.Fatal(err)
		}
		return r.Digest
	}
	first := digest(w.checker, people)
	if first != digest(w.checker, []nhs.Number{people[1], people[0], people[1]}) {
		t.Error("order and repeats change the digest")
	}
	other := w.newChecker(func(o *optout.Options) { o.Key = bytes.Repeat([]byte{1}, 32) })
	if first == digest(other, people) || first == digest(w.checker, people[:1]) {
		t.Error("the digest does not depend on key and people")
	}
}

// A receipt is the same after a restart.
func TestReceiptJSON(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{check: func(o *optout.Options) { o.ChunkSize = 50 }})
	l := list(t, crowd(9), optout.Sentinels{})
	for _, receipt := range []optout.Receipt{w.prepare(l), w.ask(l)} {
		text, err := json.Marshal(receipt)
		if err != nil {
			t.Fatal(err)
		}
		var again optout.Receipt
		if err := json.Unmarshal(text, &again); err != nil || again != receipt {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestPrivacy has every request fail while all that may hold a number does, and looks
// for it in the errors.
func TestPrivacy(t *testing.T) {
	t.Parallel()
	people := crowd(2)
	secret, other := people[0].Reveal(), people[1].Display()
	texts := map[string]string{}
	note := func(name string, err error) {
		t.Helper()
		if err == nil {
			t.Errorf("%s: no error", name)
			return
		}
		texts[name] = fmt.Sprintf("%v %+v %#v", err, err, err)
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{ReplaceAttr: nhs.MaskAttr})).Error("x", "error", err)
		texts[name+", logged"] = log.String()
	}
	use := func(context.Context, *optout.Result) error { return nil }
	for _, content := range []string{
		secret, secret + ",\n" + secret + ",\n", other + ",\n", "Number " + secret + " and " + other, "{" + secret,
		`{"stages":[{"stage":"` + secret + `","passed":false}]}`, file(crowd(3)[2]), "x" + secret + "\n" + other,
	} {
		w := newWorld(t, setting{})
		l := list(t, people, optout.Sentinels{})
		receipt := w.ask(l)
		w.deliver(receipt, content)
		note("reply "+strconv.Itoa(len(texts)), w.checker.Collect(t.Context(), receipt, l, use))
	}
	w := newWorld(t, setting{})
	l := list(t, people, optout.Sentinels{OptedOut: people[:1], NotOptedOut: people[1:]})
	receipt := w.ask(l)
	w.server.Fail(receipt.MessageID, meshtest.Failure{Code: secret, Event: secret, Description: "for " + secret + " or " + other})
	note("report", w.checker.Collect(t.Context(), receipt, l, use))
	if _, err := w.checker.Discard(t.Context(), receipt); err != nil {
		t.Fatal(err)
	}
	w.deliver(receipt, file(people[0]))
	note("sentinel", w.checker.Collect(t.Context(), receipt, l, use))
	_, err := w.checker.Prepare(l, optout.Request{Sequence: 1, Subject: secret, LocalID: "l"})
	note("subject", err)
	_, err = w.checker.Prepare(l, optout.Request{Sequence: 1, Subject: "s", LocalID: "for:" + secret})
	note("local id", err)
	tampered := receipt
	tampered.LocalID = secret
	note("receipt", w.checker.Collect(t.Context(), tampered, l, use))
	_, err = w.checker.Send(t.Context(), tampered, l)
	note("receipt to send", err)
	_, err = optout.NewList(func(yield func(nhs.Number, error) bool) { yield(nhs.Number{}, errors.New(secret)) }, optout.Sentinels{})
	note("list", err)
	for text := range texts {
		for _, n := range []string{secret, other, people[1].Reveal(), crowd(3)[2].Reveal()} {
			if strings.Contains(texts[text], n) {
				t.Errorf("%s shows a number: %s", text, texts[text])
			}
		}
	}
}
