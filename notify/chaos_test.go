package notify_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
)

// chaosRuns is how many seeds [TestChaos] tries.
const chaosRuns = 520

// TestChaos kills the sender at random, again and again, while the service is
// unwell, loses answers, refuses some people and sends its callbacks early, late,
// twice and in disorder to a sink that fails now and then. In the end everybody has
// been messaged exactly once and it is known how that ended, or it is known why
// not.
func TestChaos(t *testing.T) {
	t.Parallel()
	const shards = 4
	runs := chaosRuns
	if testing.Short() {
		runs /= 10
	}
	for shard := range shards {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			for seed := shard; seed < runs; seed += shards {
				newChaos(t, uint64(seed)).run()
			}
		})
	}
}

// chaos is one seeded run.
type chaos struct {
	*testing.T
	seed    uint64
	people  int
	random  *rand.Rand // the sender's
	killer  *killer
	service *notifytest.Server
	client  *notify.Client
	open    func() notify.Journal
	close   func()

	mu    sync.Mutex
	fates *rand.Rand // the service's and the sink's
	kept  []notify.Callback
	ids   map[string]string // by reference, as the sender was told
}

func newChaos(t *testing.T, seed uint64) *chaos {
	t.Helper()
	c := &chaos{
		T: t, seed: seed, people: 6 + int(seed%11), killer: &killer{}, ids: map[string]string{},
		random: rand.New(rand.NewPCG(seed, 0)), fates: rand.New(rand.NewPCG(seed, 1)),
	}
	c.service = notifytest.New(notifytest.Options{
		Plans: []notifytest.Plan{appThenSMS()}, Authorize: acceptAnyone,
		Processing: time.Duration(seed%2) * time.Minute,
		Outcome: func(n nhs.Number) notifytest.Journey {
			journey := notifytest.Mixed(n)
			if n.Int()/10%17 == 3 {
				journey.Refused = notify.CodeInvalidValue
			}
			return journey
		},
		Fault: c.fault,
	})
	c.service.Subscribe(notifytest.Subscriber{
		URL: "http://127.0.0.1/notify", Secret: notify.CallbackSecret{ApplicationID: "app-id", APIKey: "api-key"},
		Client: &http.Client{Transport: inProcess{notify.Callbacks(secrets(t), c.sink)}},
		Early:  seed%3 == 0, Disorder: true, Seed: seed, Late: time.Hour,
	})
	c.client = newClient(t, nhs.Loopback("http://127.0.0.1"),
		nhs.WithHTTPClient(&http.Client{Transport: inProcess{c.service}}))
	c.memory()
	if seed/4%8 == 0 {
		c.file()
	}
	return c
}

// memory gives the sender a journal that outlives it in memory.
func (c *chaos) memory() {
	journal := &notify.MemoryJournal{}
	c.open = func() notify.Journal { return journal }
	c.close = func() {}
}

// file gives the sender a journal in a file, to which a kill may leave half a
// record, and which is compacted now and then.
func (c *chaos) file() {
	path := filepath.Join(c.TempDir(), "journal")
	var journal *notify.FileJournal
	c.open = func() notify.Journal {
		journal = openJournal(c, path)
		if c.random.IntN(3) == 0 {
			if err := journal.Compact(c.Context()); err != nil {
				c.Fatal(err)
			}
		}
		return journal
	}
	c.close = func() {
		_ = journal.Close()
		torn := append([]byte(blockMarker), make([]byte, 40)...)
		for i := range torn[4:] {
			torn[4+i] = byte(c.random.Uint32())
		}
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			c.Fatal(err)
		}
		defer func() { _ = file.Close() }()
		if _, err := file.Write(torn[:c.random.IntN(len(torn))]); err != nil {
			c.Fatal(err)
		}
	}
}

func (c *chaos) fault(r *http.Request) notifytest.Fault {
	switch c.fate(8) {
	case 0:
		return notifytest.Fault{Status: 503, Code: notify.CodeServiceUnavailable}
	case 1:
		return notifytest.Fault{Status: 429, Code: notify.CodeQuota}
	case 2:
		return notifytest.Fault{LoseAnswer: true}
	default:
		return c.killer.fault(r)
	}
}

func (c *chaos) sink(_ context.Context, callback notify.Callback) error {
	if c.fate(8) == 0 {
		return errors.New("no room")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept = append(c.kept, callback)
	return nil
}

func (c *chaos) fate(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fates.IntN(n)
}

func (c *chaos) run() {
	c.Helper()
	result, err := notify.BulkResult{}, errKilled
	for starts := 0; err != nil; starts++ {
		result, err = c.start()
		if errors.Is(err, notify.ErrJournalMismatch) || errors.Is(err, notify.ErrReferenceTaken) || starts > 300 {
			c.Fatalf("seed %d, start %d: %v", c.seed, starts, err)
		}
		if uncertain, ok := errors.AsType[*notify.UncertainError](err); ok {
			c.settle(uncertain)
		}
		if err := c.service.Advance(c.Context(), time.Duration(c.random.IntN(10))*time.Minute); err != nil {
			c.Fatal(err)
		}
	}
	// Two weeks for whatever can happen, and the time for callbacks to be sent again.
	for _, d := range []time.Duration{14 * 24 * time.Hour, 3 * time.Hour} {
		if err := c.service.Advance(c.Context(), d); err != nil {
			c.Fatal(err)
		}
	}
	c.account(result)
}

// start is one process: it begins with the journal, and ends killed, with an error
// or with everything sent.
func (c *chaos) start() (notify.BulkResult, error) {
	c.killer.arm(1 + c.random.IntN(30))
	bulk := newBulk(c, c.client, c.killer.journal(c.open()), notify.BulkOptions{
		MaxMessages: 3, Before: c.killer.before,
		Progress: func(o notify.BatchOutcome) {
			for _, m := range o.Sent {
				c.ids[m.Reference] = m.ID
			}
		},
	})
	defer c.close()
	return runUntilKilled(func() (notify.BulkResult, error) { return bulk.Send(c.Context(), input(c.people)) })
}

// settle asks the service what became of a batch, as an operator would.
func (c *chaos) settle(uncertain *notify.UncertainError) {
	c.Helper()
	accepted := false
	for i := range uncertain.Batch.References {
		accepted = accepted || c.service.Accepted(number(uncertain.Batch.First+i)) > 0
	}
	if err := c.open().Append(c.Context(), uncertain.Settle(accepted)); err != nil {
		c.Fatal(err)
	}
	c.close()
}

// account wants exactly one end for everybody. The callbacks kept are read in
// another order, and some of them twice.
func (c *chaos) account(result notify.BulkResult) {
	c.Helper()
	var book notify.StatusBook
	for _, i := range c.random.Perm(len(c.kept)) {
		for range 1 + c.random.IntN(2) {
			book.Apply(c.kept[i].Events...)
		}
	}
	reasons := map[int]string{}
	for _, q := range result.Quarantined {
		reasons[q.Index] = q.Code
	}
	for i := range c.people {
		reference := message(i).Reference
		states := book.Reference(reference)
		if messages := c.service.Accepted(number(i)); messages == 0 {
			if reasons[i] == "" || len(states) != 0 {
				c.Fatalf("seed %d: person %d was not messaged, and there is no reason", c.seed, i)
			}
			continue
		} else if messages > 1 || reasons[i] != "" || len(states) != 1 {
			c.Fatalf("seed %d: person %d has %d messages, %d states, reason %q", c.seed, i, messages, len(states), reasons[i])
		}
		state := states[0]
		if id := c.ids[reference]; !state.Terminal() || id != "" && id != state.ID || state.Status == notify.StatusFailed && state.FailureCode == "" {
			c.Fatalf("seed %d: person %d, id %q, ended as %+v", c.seed, i, id, state)
		}
	}
	if c.service.Lost() > 0 || result.Accepted+len(result.Quarantined) != c.people {
		c.Errorf("seed %d: %d callbacks lost, result is %+v", c.seed, c.service.Lost(), result)
	}
}

// inProcess is a connection to a handler without a network. A handler that aborts
// cuts it.
type inProcess struct{ http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	defer func() {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		if recover() != nil {
			resp, err = nil, errors.New("the connection was cut")
		}
	}()
	recorder := httptest.NewRecorder()
	p.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}
