package notifytest_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
)

// subscriber answers the callbacks of a fake one by one as told, the last answer
// for ever, and notes when each came.
type subscriber struct {
	mu      sync.Mutex
	now     func() time.Time
	answers []int // status; 0 cuts the connection
	header  http.Header
	times   []time.Duration // since the first callback
	first   time.Time
}

func (s *subscriber) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.first.IsZero() {
		s.first = s.now()
	}
	s.times = append(s.times, s.now().Sub(s.first))
	status := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	if status == 0 {
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), s.header)
	w.WriteHeader(status)
}

// TestRetries subscribes to the single event of a message, and wants it sent when
// the service would, in simulated time.
func TestRetries(t *testing.T) {
	t.Parallel()
	retryAfter := func(s string) http.Header { return http.Header{"Retry-After": {s}} }
	seconds := func(list ...int) []time.Duration {
		var times []time.Duration
		for _, s := range list {
			times = append(times, time.Duration(s)*time.Second)
		}
		return times
	}
	var patience []int // every moment within two hours
	for at, pause := 0, 5; at <= 7200; at, pause = at+pause, min(2*pause, 300) {
		patience = append(patience, at)
	}
	cases := []struct {
		name    string
		answers []int
		header  http.Header
		want    []time.Duration
		lost    int
	}{
		{"accepted", []int{202}, nil, seconds(0), 0},
		{"any success", []int{204}, nil, seconds(0), 0},
		{"unwell for a while", []int{503, 500, 202}, nil, seconds(0, 5, 15), 0},
		{"no answer", []int{0, 202}, nil, seconds(0, 5), 0},
		{"never well", []int{503}, nil, seconds(patience...), 1},
		{"busy", []int{429, 429, 202}, nil, seconds(0, 5, 15), 0},
		{"busy for a time", []int{429, 429, 202}, retryAfter("60"), seconds(0, 60, 120), 0},
		{"busy, but less than the service waits anyway", []int{429, 429, 429, 202}, retryAfter("1"), seconds(0, 5, 15, 35), 0},
		{"busy for too long", []int{429, 202}, retryAfter("7201"), seconds(0), 1},
		{"busy for half a day", []int{429, 202}, retryAfter("50000"), seconds(0), 1},
		{"never again", []int{429, 202}, retryAfter("-1"), seconds(0), 1},
		{"only 429 is asked", []int{503, 202}, retryAfter("-1"), seconds(0, 5), 0},
		{"refused", []int{403, 202}, nil, seconds(0), 1},
		{"moved", []int{304, 202}, nil, seconds(0), 1},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			service := newServer(func(o *notifytest.Options) {
				o.Outcome = func(nhs.Number) notifytest.Journey {
					return notifytest.Journey{Unsendable: notifytest.NotInPDS} // two events
				}
			})
			if status, _, _ := post(service, "/comms/v1/messages", single("r", "9990000018")); status != http.StatusCreated {
				t.Fatalf("status %d", status)
			}
			if err := service.Advance(t.Context(), time.Minute); err != nil { // one of them is for nobody
				t.Fatal(err)
			}
			s := &subscriber{now: service.Now, answers: tc.answers, header: tc.header}
			receiver := httptest.NewServer(s)
			t.Cleanup(receiver.Close)
			service.Subscribe(notifytest.Subscriber{URL: receiver.URL})
			for _, d := range []time.Duration{time.Minute, time.Minute, 24 * time.Hour} { // how time passes does not matter
				if err := service.Advance(t.Context(), d); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(tc.want, s.times); diff != "" {
				t.Errorf("callbacks (-want +got):\n%s", diff)
			}
			if got := service.Lost(); got != tc.lost {
				t.Errorf("%d callbacks lost, want %d", got, tc.lost)
			}
		})
	}
}

// TestEarly wants to know of a message before the answer that says it exists.
func TestEarly(t *testing.T) {
	t.Parallel()
	var order []string
	service := newServer(func(o *notifytest.Options) {
		o.Outcome = func(nhs.Number) notifytest.Journey { return notifytest.Journey{} }
	})
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		for _, event := range notify.ParseCallback(body).Events {
			if e, ok := event.(notify.MessageEvent); ok {
				order = append(order, e.Reference+" "+string(e.Status))
			}
		}
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(receiver.Close)
	service.Subscribe(notifytest.Subscriber{URL: receiver.URL, Early: true})
	if status, _, _ := post(service, "/comms/v1/messages", single("a", "9990000018")); status != http.StatusCreated {
		t.Fatalf("status %d", status)
	}
	order = append(order, "answer")
	items := `{"messageReference":"b","recipient":{"nhsNumber":"9990000018"},"personalisation":{"body":"x"}},` +
		`{"messageReference":"c","recipient":{"nhsNumber":"9990000026"},"personalisation":{"body":"x"}}`
	if status, _, _ := post(service, "/comms/v1/message-batches", batch(items)); status != http.StatusCreated {
		t.Fatalf("status %d", status)
	}
	order = append(order, "answer")
	if err := service.Advance(t.Context(), 2*time.Minute); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"a pending_enrichment", "answer", "b pending_enrichment", "c pending_enrichment", "answer",
		"a enriched", "b enriched", "c enriched",
	}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

// TestLate wants callbacks held back beyond the end of Advance, and all of them
// in the end.
func TestLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(nhs.Number) notifytest.Journey { return notifytest.Journey{} }, notifytest.Subscriber{Late: time.Hour, Seed: 3})
	const people = 30
	for i := range people {
		w.send(t, "r"+strconv.Itoa(i), nhs.MustNumber("9990000018"), map[string]any{"body": "x"})
	}
	w.advance(t, 2*time.Minute)
	if got := w.events.Load(); got < people || got >= 2*people {
		t.Errorf("%d callbacks in time, of %d", got, 2*people)
	}
	w.advance(t, 24*time.Hour)
	w.advance(t, time.Hour)
	if got := w.events.Load(); got != 7*people {
		t.Errorf("%d callbacks in the end, want %d", got, 7*people)
	}
	if w.book.Len() != people || w.service.Lost() != 0 {
		t.Errorf("%d messages, %d callbacks lost", w.book.Len(), w.service.Lost())
	}
}
