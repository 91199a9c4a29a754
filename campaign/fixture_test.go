package campaign_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"iter"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/campaign"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/nhstest"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

const (
	day         = 24 * time.Hour
	deliveryDay = 3 * day // after which every message has ended
)

// number returns the i-th number for tests: a hundred numbers apart, so that one
// of them has a check digit.
func number(i int) nhs.Number {
	for value := int64(9_990_000_000 + 100*i); ; value++ {
		if n, err := nhs.NumberFromInt(value); err == nil {
			return n
		}
	}
}

// people returns the first n numbers.
func people(n int) []nhs.Number {
	list := make([]nhs.Number, n)
	for i := range list {
		list[i] = number(i)
	}
	return list
}

// each yields numbers as a campaign takes them.
func each(numbers []nhs.Number) iter.Seq2[nhs.Number, error] {
	return func(yield func(nhs.Number, error) bool) {
		for _, n := range numbers {
			if !yield(n, nil) {
				return
			}
		}
	}
}

// world is a programme and an NHS around it, in simulated time.
type world struct {
	fatal func(args ...any)
	ctx   context.Context //nolint:containedctx // of one test
	dir   string

	mu            sync.Mutex
	now           time.Time
	notifyFault   func(*http.Request) notifytest.Fault
	pdsFault      func(*http.Request) pdstest.Fault
	callbackFault func() bool
	journeys      map[nhs.Number]notifytest.Journey
	objected      map[nhs.Number]bool
	stored        []notify.Callback
	logs          bytes.Buffer

	services  *nhstest.NHS
	receiver  *httptest.Server
	patients  *pds.Client
	messages  *notify.Client
	book      *notify.StatusBook
	plan      *cohort.Plan
	proposal  governance.Proposal
	staff     map[governance.Role]*governance.Signer
	trust     *governance.Trust
	storage   governance.Storage
	authority *governance.Authority
	members   []nhs.Number
	batchSize int
	seed      byte
	change    func(*world, *campaign.Config) // every configuration, if not nil
}

// options make a world. The zero options are 24 people and one batch a stage.
type options struct {
	people    int
	batchSize int
	seed      byte
	proposal  func(*governance.Proposal)     // changes it before anybody signs
	config    func(*world, *campaign.Config) // changes every configuration
}

// setUp starts a world for a test, with every approval that comes before building
// and the rehearsal behind it.
func setUp(t *testing.T, o options) *world {
	t.Helper()
	w := newWorld(t.Context(), t.TempDir(), t.Fatal, o)
	t.Cleanup(w.close)
	return w
}

func newWorld(ctx context.Context, dir string, fatal func(args ...any), o options) *world {
	w := &world{
		fatal: fatal, ctx: ctx, dir: dir,
		now:      time.Date(2026, time.November, 2, 9, 0, 0, 0, time.UTC), // a Monday
		journeys: map[nhs.Number]notifytest.Journey{}, objected: map[nhs.Number]bool{}, book: &notify.StatusBook{}, storage: &governance.MemoryStorage{},
		batchSize: o.batchSize, seed: o.seed, change: o.config,
	}
	if o.people == 0 {
		o.people = 24
	}
	w.members = people(o.people)
	w.start() //nolint:contextcheck // the services outlive it
	w.plan = definition(fatal)
	w.propose(o.proposal)
	w.hire()
	w.open()
	w.approveBeforeBuild()
	w.rehearse(0)
	return w
}

// start starts the services, and fills PDS.
func (w *world) start() {
	started := w.now
	anybody := func(*http.Request) error { return nil }
	services, err := nhstest.Start(nhstest.Options{
		Now: w.clock,
		PDS: pdstest.Options{Authorize: anybody, Fault: func(r *http.Request) pdstest.Fault {
			w.mu.Lock()
			fault := w.pdsFault
			w.mu.Unlock()
			if fault == nil {
				return pdstest.Fault{}
			}
			return fault(r)
		}},
		Notify: notifytest.Options{
			Authorize: anybody, Now: func() time.Time { return started },
			Plans: []notifytest.Plan{{
				ID: routingPlan, Name: "NHS App, then SMS", Channels: []notify.Channel{notify.NHSApp, notify.SMS},
				Personalisation: []string{"practice"},
			}},
			Outcome: func(n nhs.Number) notifytest.Journey {
				w.mu.Lock()
				defer w.mu.Unlock()
				return w.journeys[n]
			},
			Fault: func(r *http.Request) notifytest.Fault {
				w.mu.Lock()
				fault := w.notifyFault
				w.mu.Unlock()
				if fault == nil {
					return notifytest.Fault{}
				}
				return fault(r)
			},
		},
	})
	w.must(err)
	w.services = services
	for _, n := range w.members {
		w.must(services.PDS.Put(testPerson(n)))
	}
	for _, n := range testPeople() {
		w.must(services.PDS.Put(testPerson(n)))
	}
	w.plantSentinels()
	secret := notify.CallbackSecret{ApplicationID: "test", APIKey: "test"}
	secrets, err := notify.NewSecrets(secret)
	w.must(err)
	w.receiver = httptest.NewServer(notify.Callbacks(secrets, w.receive))
	services.Notify.Subscribe(notifytest.Subscriber{URL: w.receiver.URL, Secret: secret, Disorder: true, Seed: uint64(w.seed)})
	w.makeClients()
}

func (w *world) makeClients() {
	app, err := nhs.NewApp(w.services.Environment(), nhs.Anonymous{},
		nhs.WithClock(w.clock), nhs.WithLogger(slog.New(slog.NewTextHandler(lockedWriter{w}, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: 2, MinWait: 1, MaxWait: 1, MaxRetryAfter: 1}),
		nhs.WithRate(nhs.PDS, nhs.Rate{PerSecond: 1e6, Burst: 1000}), nhs.WithRate(nhs.Notify, nhs.Rate{PerSecond: 1e6, Burst: 1000}))
	w.must(err)
	w.patients, err = pds.New(app)
	w.must(err)
	w.messages, err = notify.New(app)
	w.must(err)
}

// lockedWriter keeps the log of requests.
type lockedWriter struct{ w *world }

func (l lockedWriter) Write(p []byte) (int, error) {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	return l.w.logs.Write(p)
}

// receive stores a callback and applies it, as a programme does.
func (w *world) receive(_ context.Context, c notify.Callback) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.callbackFault != nil && w.callbackFault() {
		return errors.New("the store is down")
	}
	w.stored = append(w.stored, c)
	w.book.Apply(c.Events...)
	return nil
}

// forget empties the book, as the end of a process does.
func (w *world) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.book = &notify.StatusBook{}
}

// relearn fills a new book from the callbacks that were stored.
func (w *world) relearn() {
	w.forget()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.stored {
		w.book.Apply(notify.ParseCallback(c.Body).Events...)
	}
}

func (w *world) close() {
	w.receiver.Close()
	w.must(w.services.Close())
}

func (w *world) must(err error) {
	if err != nil {
		w.fatal(err)
	}
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// advance lets time pass, in which NHS Notify delivers and calls back.
func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	w.now = w.now.Add(d)
	w.mu.Unlock()
	w.must(w.services.Notify.Advance(w.ctx, d))
}

// later lets time pass in which nothing else happens.
func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) fault(f func(*http.Request) notifytest.Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.notifyFault = f
}

func (w *world) loseCallback(f func() bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.callbackFault = f
}

func (w *world) failPDS(f func(*http.Request) pdstest.Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pdsFault = f
}

func (w *world) journey(n nhs.Number, j notifytest.Journey) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.journeys[n] = j
}

// config is a configuration that works. Each call has the same key and directory,
// as after a restart.
func (w *world) config() campaign.Config {
	config := campaign.Config{
		Proposal: w.proposal, Authority: w.authority, Definition: w.plan, Members: each(w.members),
		Snapshots: w.snapshots(), Sentinels: sentinels(), Patients: w.patients, Messages: w.messages, Book: w.book,
		Screens:   map[campaign.Reason]campaign.Screen{campaign.Objected: w.objections},
		Compose:   func(p *pds.Patient) map[string]any { return map[string]any{"practice": p.GeneralPractice()} },
		BatchSize: w.batchSize, Dir: filepath.Join(w.dir, "everybody"), Key: w.key(),
		Random: rand.NewChaCha8([32]byte{w.seed}), Now: w.clock,
	}
	if w.change != nil {
		w.change(w, &config)
	}
	return config
}

// objections is the programme's own register.
func (w *world) objections(_ context.Context, people []nhs.Number) (campaign.Screened, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	allowed := slices.DeleteFunc(slices.Clone(people), func(n nhs.Number) bool { return w.objected[n] })
	return campaign.Screened{Allowed: allowed, At: w.now}, nil
}

func (w *world) key() []byte {
	sum := sha256.Sum256([]byte{'k', w.seed})
	return sum[:]
}

func (w *world) campaign(changes ...func(*campaign.Config)) *campaign.Campaign {
	config := w.config()
	for _, change := range changes {
		change(&config)
	}
	c, err := campaign.New(config)
	w.must(err)
	return c
}

// restarted returns the campaign of a process that has just started.
func (w *world) restarted(changes ...func(*campaign.Config)) *campaign.Campaign {
	c := w.campaign(changes...)
	_, err := c.Restore(w.ctx)
	w.must(err)
	return c
}

// built returns a campaign with a list.
func (w *world) built(changes ...func(*campaign.Config)) (*campaign.Campaign, governance.Manifest) {
	c := w.campaign(changes...)
	m, err := c.Build(w.ctx)
	w.must(err)
	return c, m
}

// rehearse climbs the synthetic rung in a place of its own with two test people,
// those from first on.
func (w *world) rehearse(first int) {
	c, m := w.built(func(config *campaign.Config) {
		config.Members, config.Dir = each(testPeople()[first:first+2]), filepath.Join(w.dir, "rehearsal")
	})
	w.stage(c, m, governance.Synthetic)
}

// stage takes a stage from its release to its healthy end.
func (w *world) stage(c *campaign.Campaign, m governance.Manifest, stage governance.Stage) {
	w.release(m, stage)
	w.must(c.Send(w.ctx, stage))
	w.settle(c, stage)
}

func (w *world) settle(c *campaign.Campaign, stage governance.Stage) {
	if stage != governance.DryRun {
		w.advance(deliveryDay)
	}
	healthy, err := c.Settle(w.ctx, stage)
	w.must(err)
	if !healthy {
		w.fatal(stage, "is not healthy:", c.Outcome())
	}
}

// released returns a campaign with a list that is released for the pilot, with the
// dry run behind it.
func (w *world) released(changes ...func(*campaign.Config)) (*campaign.Campaign, governance.Manifest) {
	c, m := w.built(changes...)
	w.stage(c, m, governance.DryRun)
	w.release(m, governance.Pilot)
	return c, m
}
