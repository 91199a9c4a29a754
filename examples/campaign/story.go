package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/campaign"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/synthetic"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/governance/export"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/nhstest"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/pds"
)

// story is what one chapter leaves for the next.
type story struct {
	options

	out    io.Writer
	logger *slog.Logger
	clock  *clock

	// The services, and the programme's clients of them.
	services   *nhstest.NHS
	callbacks  *httptest.Server
	population *synthetic.Population
	caasBox    *mesh.Client
	ownBox     *mesh.Client
	patients   *pds.Client
	messages   *notify.Client
	book       notify.StatusBook

	// The cohort.
	plan      *cohort.Plan
	attrition *cohort.Attrition
	selected  []cohort.Key // as CaaS has them
	members   []nhs.Number // as they arrived

	// The approvals.
	proposal  governance.Proposal
	hazards   export.HazardLog
	results   export.TestResults
	manifest  governance.Manifest // of the list that was sent
	staff     map[governance.PersonID]*governance.Signer
	storage   *governance.FileStorage
	log       *governance.Log
	operator  *governance.Signer
	witness   *governance.Witness
	authority *governance.Authority
	campaign  *campaign.Campaign
}

func (s *story) say(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format+"\n", args...) }

func (s *story) close() {
	if s.callbacks != nil {
		s.callbacks.Close()
	}
	if s.services != nil {
		if err := s.services.Close(); err != nil {
			s.logger.Error("closing the services", "error", err)
		}
	}
	if s.storage != nil {
		if err := s.storage.Close(); err != nil {
			s.logger.Error("closing the audit log", "error", err)
		}
	}
}

// clock is simulated time, which the campaign, its approvals and the services
// share. It starts on a Monday morning.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock {
	return &clock{now: time.Date(2026, time.November, 2, 9, 0, 0, 0, time.UTC)}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// secret makes a key of the demonstration from its seed. A real campaign takes
// 32 bytes of crypto/rand and keeps them in a vault.
func (s *story) secret(name string) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "demonstration %s %d", name, s.seed))
	return sum[:]
}

// random is a source of randomness of the demonstration: seeded, so not secret.
func (s *story) random(name string) io.Reader {
	return rand.NewChaCha8([32]byte(s.secret(name)))
}

// receiveCallbacks serves the handler that NHS Notify posts statuses to.
func (s *story) receiveCallbacks() (notify.CallbackSecret, error) {
	secret := notify.CallbackSecret{ApplicationID: "programme-app", APIKey: hex.EncodeToString(s.secret("callback"))}
	secrets, err := notify.NewSecrets(secret)
	if err != nil {
		return secret, err
	}
	s.callbacks = httptest.NewServer(notify.Callbacks(secrets, func(_ context.Context, c notify.Callback) error {
		s.book.Apply(c.Events...)
		return nil
	}))
	return secret, nil
}

// deliveryDays lets NHS Notify deliver for two days, and until people are at work:
// a message not read in the NHS App in one day is followed by an SMS.
func (s *story) deliveryDays(ctx context.Context) error {
	const step = 2 * time.Hour
	until := s.clock.Now().Add(48 * time.Hour)
	for {
		now := s.clock.Now()
		weekend := now.Weekday() == time.Saturday || now.Weekday() == time.Sunday
		if !now.Before(until) && !weekend && now.Hour() >= 9 && now.Hour() < 17 {
			return nil
		}
		s.clock.advance(step)
		if err := s.services.Notify.Advance(ctx, step); err != nil {
			return err
		}
	}
}

var (
	errUnhealthy = errors.New("a stage did not end well: the next one may not start")
	errNotProved = errors.New("the audit log is not proved")
)

func (s *story) path(name string) string { return filepath.Join(s.options.out, name) }
