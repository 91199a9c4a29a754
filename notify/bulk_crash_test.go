package notify_test

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"testing"

	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
)

// TestBulkSurvivesKills stops the run at every single step of journal, request and
// answer, one step a run, starts it again, and wants everybody messaged once.
func TestBulkSurvivesKills(t *testing.T) {
	t.Parallel()
	const people = 12
	steps := 0 // of an undisturbed run: an append has two, a request three
	for kill := 1; ; kill++ {
		k := &killer{}
		k.arm(kill)
		client, service := setup(t, notifytest.Options{Fault: k.fault})
		path := filepath.Join(t.TempDir(), "journal")
		run := func() (notify.BulkResult, error) {
			journal, err := notify.OpenJournal(path)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = journal.Close() }()
			// A killed process makes no second attempt either.
			bulk := newBulk(t, client, k.journal(journal), notify.BulkOptions{MaxMessages: 5, Before: k.before})
			return bulk.Send(t.Context(), input(people))
		}
		_, err := runUntilKilled(run)
		died := k.arm(0)
		if !died && err != nil {
			t.Fatal(err)
		}
		result, err := run()
		if err != nil {
			t.Fatalf("killed at step %d, then: %v", kill, err)
		}
		everyoneOnce(t, service, people)
		if result.Accepted != people || len(result.Quarantined) != 0 || result.IDsPending > 5 {
			t.Errorf("killed at step %d: result is %+v", kill, result)
		}
		if !died {
			break
		}
		steps++
	}
	if steps < 8*2+3*3 {
		t.Errorf("only %d steps were tried", steps)
	}
}

// killer ends the process, as far as a test can, at one step.
type killer struct {
	mu       sync.Mutex
	at, step int
	dead     bool
}

// arm brings the killed back to life, to be killed at the given step or, with 0,
// never. It reports whether it had been killed.
func (k *killer) arm(at int) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	died := k.dead
	k.at, k.step, k.dead = at, 0, false
	return died
}

func (k *killer) now() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.step++
	if k.step == k.at {
		k.dead = true
	}
	return k.dead
}

// before is a step, and keeps the dead from sending.
func (k *killer) before(context.Context, notify.BatchPlan) error {
	if k.now() {
		return errKilled
	}
	return nil
}

// fault loses the request or its answer.
func (k *killer) fault(*http.Request) notifytest.Fault {
	if k.now() {
		return notifytest.Fault{Status: http.StatusBadGateway}
	}
	return notifytest.Fault{LoseAnswer: k.now()}
}

// journal panics before or after an append, as a kill would end it there.
func (k *killer) journal(j notify.Journal) *killingJournal { return &killingJournal{Journal: j, k: k} }

type killingJournal struct {
	notify.Journal
	k *killer
}

func (j *killingJournal) Append(ctx context.Context, record notify.Record) error {
	if j.k.now() {
		panic(errKilled)
	}
	if err := j.Journal.Append(ctx, record); err != nil {
		return err
	}
	if j.k.now() {
		panic(errKilled)
	}
	return nil
}

func runUntilKilled(run func() (notify.BulkResult, error)) (_ notify.BulkResult, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("panic: %v", reason)
		}
	}()
	return run()
}
