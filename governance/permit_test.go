package governance_test

import (
	"context"
	"errors"
	"iter"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs/governance"
)

func TestAuthorize(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	permit := w.permitted()
	if err := permit.Authorize(t.Context(), w.batch("b1", 10)); err != nil {
		t.Fatal(err)
	}
	last := slices.Collect(w.log.Entries())[w.log.Size()-1]
	if last.Kind != governance.EntryBatch || last.Batch.Recipients != 10 || last.Batch.Reference != "b1" {
		t.Errorf("the batch is not in the log: %+v", last)
	}
	if got := permit.String(); got != "permit to send talking-therapies-2026 at stage synthetic" {
		t.Error(got)
	}
}

// TestRefused tries to send in every way that must not work. Each case starts with a permit to send
// at the synthetic stage and a batch that would be authorised.
func TestRefused(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change func(*world, *governance.Batch)
		want   error
	}{
		"another proposal": {func(_ *world, b *governance.Batch) { b.Proposal = digest("other") }, governance.ErrMismatch},
		"another manifest": {func(_ *world, b *governance.Batch) { b.Manifest = digest("other") }, governance.ErrMismatch},
		"no proposal":      {func(_ *world, b *governance.Batch) { b.Proposal = governance.Digest{} }, governance.ErrMismatch},
		"halted": {func(w *world, _ *governance.Batch) {
			w.submit(governance.Halt{Proposal: w.proposal.ID, Reason: "wrong text", SignedAt: w.now}.Sign(w.author))
		}, governance.ErrHalted},
		"revoked": {func(w *world, _ *governance.Batch) {
			w.now = w.now.Add(time.Minute)
			a := governance.Revoke(w.proposal, w.gate("legal"), w.now, "new advice")
			w.submit(a.Sign(w.keys[governance.RoleLegal]))
		}, governance.ErrNotApproved},
		"rejected": {func(w *world, _ *governance.Batch) {
			w.now = w.now.Add(time.Minute)
			a := governance.Reject(w.proposal, w.gate("dpia"), w.now, "no")
			w.submit(a.Sign(w.keys[governance.RoleSIRO]))
		}, governance.ErrNotApproved},
		"approval expired": {func(w *world, b *governance.Batch) {
			w.now = w.now.Add(28 * day)
			*b = w.batch("b1", 10)
		}, governance.ErrNotApproved},
		"snapshot stale":      {func(w *world, _ *governance.Batch) { w.now = w.now.Add(7 * day) }, governance.ErrStale},
		"suppression stale":   {func(w *world, _ *governance.Batch) { w.now = w.now.Add(25 * time.Hour) }, governance.ErrStale},
		"suppression missing": {func(_ *world, b *governance.Batch) { b.Checked = nil }, governance.ErrStale},
		"suppression in the future": {
			func(w *world, b *governance.Batch) { b.Checked[0].At = w.now.Add(time.Hour) }, governance.ErrStale,
		},
		"evening":    {func(w *world, _ *governance.Batch) { w.now = w.now.Add(9 * time.Hour) }, governance.ErrOutsideHours},
		"weekend":    {func(w *world, _ *governance.Batch) { w.now = w.now.Add(5 * day) }, governance.ErrOutsideHours},
		"closed":     {func(w *world, _ *governance.Batch) { w.now = w.proposal.Window.NotAfter }, governance.ErrOutsideWindow},
		"basis over": {func(w *world, _ *governance.Batch) { w.now = w.proposal.Purpose.Basis.Expires }, governance.ErrNoBasis},
		"over the daily cap": {func(w *world, b *governance.Batch) {
			b.Recipients = w.batch("b1", 21).Recipients
		}, governance.ErrOverDailyCap},
		"over the stage cap": {func(w *world, b *governance.Batch) {
			b.Recipients = w.batch("b1", 31).Recipients
		}, governance.ErrOverCap},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, new(governance.MemoryStorage))
			permit := w.permitted()
			b := w.batch("b1", 10)
			c.change(w, &b)
			size := w.log.Size()
			err := permit.Authorize(t.Context(), b)
			if _, ok := errors.AsType[*governance.RefusedError](err); !ok || !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if w.log.Size() != size {
				t.Error("a refusal was logged as a batch")
			}
		})
	}
}

func TestZeroPermit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	build := w.built()
	w.approve("summary", "release")
	send := w.send(governance.Synthetic)
	var zero governance.Permit
	for name, err := range map[string]error{
		"zero authorize":       zero.Authorize(t.Context(), w.batch("b", 1)),
		"zero build":           buildError(zero.AuthorizeBuild(t.Context(), governance.Build{Cohort: w.proposal.Cohort})),
		"zero record":          zero.RecordManifest(t.Context(), w.manifest),
		"send with a build":    build.Authorize(t.Context(), w.batch("b", 1)),
		"build with a send":    buildError(send.AuthorizeBuild(t.Context(), governance.Build{Cohort: w.proposal.Cohort})),
		"record with a send":   send.RecordManifest(t.Context(), w.manifest),
		"a permit of nobody's": new(governance.Permit).Authorize(t.Context(), governance.Batch{}),
	} {
		if !errors.Is(err, governance.ErrNoPermit) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if zero.String() != "no permit" {
		t.Error(zero)
	}
}

func buildError(_ int64, err error) error { return err }

func TestAuthorizeBuild(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	permit := w.built()
	changed := w.proposal.Cohort
	changed.Meaning = digest("other")
	_, err := permit.AuthorizeBuild(t.Context(), governance.Build{Cohort: changed, Uses: uses()})
	if !errors.Is(err, governance.ErrMismatch) {
		t.Errorf("another definition: %v", err)
	}
	more := uses()
	more[0].Fields = append(more[0].Fields, "ethnicity")
	_, err = permit.AuthorizeBuild(t.Context(), governance.Build{Cohort: w.proposal.Cohort, Uses: more})
	if !errors.Is(err, governance.ErrMismatch) || !strings.Contains(err.Error(), "person.ethnicity") {
		t.Errorf("a field more: %v", err)
	}
	w.submit(governance.Halt{Proposal: w.proposal.ID, Reason: "stop", SignedAt: w.now}.Sign(w.author))
	_, err = permit.AuthorizeBuild(t.Context(), governance.Build{Cohort: w.proposal.Cohort, Uses: uses()})
	if !errors.Is(err, governance.ErrHalted) {
		t.Errorf("halted: %v", err)
	}
}

// TestPermitIsAFrozenCopy changes every value of the caller's proposal and manifest, and of the log's
// entries, after the permit was given.
func TestPermitIsAFrozenCopy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	permit := w.permitted()
	b := w.batch("b1", 10)
	spoil := func(_ string, v reflect.Value) {
		if v.Kind() != reflect.Slice {
			change(t, v)
		}
	}
	leaves("proposal", reflect.ValueOf(&w.proposal).Elem(), spoil)
	leaves("manifest", reflect.ValueOf(&w.manifest).Elem(), spoil)
	for e := range w.log.Entries() {
		if e.Content != nil && e.Content.Proposal != nil {
			leaves("logged", reflect.ValueOf(e.Content.Proposal).Elem(), spoil)
		}
		if e.Content != nil && e.Content.Manifest != nil {
			leaves("logged", reflect.ValueOf(e.Content.Manifest).Elem(), spoil)
		}
	}
	if err := permit.Authorize(t.Context(), b); err != nil {
		t.Errorf("a change to the caller's copy reached the permit: %v", err)
	}
	if err := governance.Verify(t.Context(), w.storage, w.log.Checkpoint()); err != nil {
		t.Error(err)
	}
}

func TestRepeatedBatchCountsOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	permit := w.permitted()
	b := w.batch("b1", 20) // the whole day
	for range 3 {
		if err := permit.Authorize(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	other := w.batch("b1", 19)
	if err := permit.Authorize(t.Context(), other); !errors.Is(err, governance.ErrMismatch) {
		t.Errorf("the same reference for other people: %v", err)
	}
	if err := permit.Authorize(t.Context(), w.batch("b2", 1)); !errors.Is(err, governance.ErrOverDailyCap) {
		t.Errorf("one more: %v", err)
	}
	w.now = w.now.Add(day)
	w.open() // the count survives a restart, and the permit does not
	if err := w.send(governance.Synthetic).Authorize(t.Context(), w.batch("b2", 10)); err != nil {
		t.Errorf("the next day: %v", err)
	}
	if err := w.send(governance.Synthetic).Authorize(t.Context(), w.batch("b3", 1)); !errors.Is(err, governance.ErrOverCap) {
		t.Errorf("over the stage: %v", err)
	}
}

// TestDailyCapFollowsLondon sends either side of midnight on the night the clocks go forward.
func TestDailyCapFollowsLondon(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	w.proposal.Window.Hours = governance.SendingHours{Days: []time.Weekday{0, 6}, From: "00:00", To: "24:00"}
	w.now = time.Date(2026, 3, 28, 23, 59, 0, 0, time.UTC)
	w.manifest = newManifest(w.proposal)
	w.manifest.BuiltAt = w.now
	w.manifest.Snapshots[0].TakenAt, w.manifest.Snapshots[1].TakenAt = w.now, w.now
	permit := w.permitted()
	for _, step := range []struct {
		after time.Duration
		want  error
	}{
		{0, nil},           // Saturday 23:59 GMT
		{time.Minute, nil}, // Sunday 00:00 GMT
		{22 * time.Hour, governance.ErrOverDailyCap}, // Sunday 23:00 BST
	} {
		w.now = w.now.Add(step.after)
		if err := permit.Authorize(t.Context(), w.batch(w.now.String(), 15)); !errors.Is(err, step.want) {
			t.Errorf("%s: got %v, want %v", w.now, err, step.want)
		}
	}
}

func TestUnsafeManifests(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change func(*governance.Manifest)
		want   error
	}{
		"sentinel escaped":  {func(m *governance.Manifest) { m.Sentinels[0].Caught = 1 }, governance.ErrUnsafe},
		"sentinels missing": {func(m *governance.Manifest) { m.Sentinels = nil }, governance.ErrUnsafe},
		"too few sentinels": {func(m *governance.Manifest) {
			m.Sentinels[0].Planted, m.Sentinels[0].Caught = 1, 1
		}, governance.ErrUnsafe},
		"snapshot missing":   {func(m *governance.Manifest) { m.Snapshots = m.Snapshots[:1] }, governance.ErrStale},
		"snapshot too old":   {func(m *governance.Manifest) { m.Snapshots[0].TakenAt = start.Add(-8 * day) }, governance.ErrStale},
		"for something else": {func(m *governance.Manifest) { m.Proposal = digest("other") }, governance.ErrMismatch},
		"never recorded":     {func(m *governance.Manifest) { m.Snapshots[0].ID = "another" }, governance.ErrUnsafe},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, new(governance.MemoryStorage))
			build := w.built()
			w.authoriseBuild(build)
			c.change(&w.manifest)
			if name != "never recorded" && name != "for something else" {
				if err := build.RecordManifest(t.Context(), w.manifest); err != nil {
					t.Fatal(err)
				}
			}
			w.approve("summary", "release")
			_, err := w.authority.PermitSend(t.Context(), w.proposal, w.manifest, governance.Synthetic)
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestRecordManifestRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	build := w.built()
	if err := build.RecordManifest(t.Context(), w.manifest); !errors.Is(err, governance.ErrMismatch) {
		t.Errorf("the same build again: %v", err)
	}
	w.authoriseBuild(build)
	for name, change := range map[string]func(*governance.Manifest){
		"another proposal's":       func(m *governance.Manifest) { m.Proposal = digest("other") },
		"of another definition":    func(m *governance.Manifest) { m.Plan = digest("other") },
		"of a build nobody logged": func(m *governance.Manifest) { m.Build = 1 },
		"with another plan":        func(m *governance.Manifest) { m.Segments[0].Plan = "another" },
	} {
		other := w.manifest
		other.Segments = slices.Clone(other.Segments)
		change(&other)
		if err := build.RecordManifest(t.Context(), other); !errors.Is(err, governance.ErrMismatch) {
			t.Errorf("%s: %v", name, err)
		}
	}
	future := w.manifest
	future.BuiltAt = w.now.Add(time.Hour)
	if err := build.RecordManifest(t.Context(), future); !errors.Is(err, governance.ErrUnsafe) {
		t.Errorf("from the future: %v", err)
	}
}

// full is storage that cannot take another record.
type full struct {
	governance.Storage
	err error
}

func (f *full) Append(ctx context.Context, index int64, record []byte) error {
	if f.err != nil {
		return f.err
	}
	return f.Storage.Append(ctx, index, record)
}

func (f *full) Records(ctx context.Context) iter.Seq2[[]byte, error] { return f.Storage.Records(ctx) }

func TestNothingHappensUnlogged(t *testing.T) {
	t.Parallel()
	storage := &full{Storage: new(governance.MemoryStorage)}
	w := newWorld(t, storage)
	build := w.built()
	w.approve("summary", "release")
	permit := w.send(governance.Synthetic)
	batch, sealed := w.batch("b1", 1), w.manifest
	w.authoriseBuild(build)
	storage.err = errors.New("disk full")
	_, submitErr := w.authority.Submit(t.Context(), must(governance.Halt{
		Proposal: w.proposal.ID, Reason: "stop", SignedAt: w.now,
	}.Sign(w.author)))
	_, buildErr := w.authority.PermitBuild(t.Context(), w.proposal)
	_, sendErr := w.authority.PermitSend(t.Context(), w.proposal, sealed, governance.Synthetic)
	_, outcomeErr := w.authority.RecordOutcome(t.Context(), w.proposal, governance.Synthetic, governance.Outcome{})
	for name, err := range map[string]error{
		"batch": permit.Authorize(t.Context(), batch), "manifest": build.RecordManifest(t.Context(), w.manifest),
		"submit": submitErr, "permit to build": buildErr, "permit to send": sendErr, "outcome": outcomeErr,
	} {
		if !errors.Is(err, governance.ErrNotLogged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	storage.err = nil
	if err := permit.Authorize(ctx, batch); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestConcurrentBatchesKeepTheCap(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	permit := w.permitted()
	second := must(governance.NewAuthority(governance.Config{
		Trust: w.trust, Gates: w.gates, Log: w.log, Clock: w.clock,
	}))
	other, err := second.PermitSend(t.Context(), w.proposal, w.manifest, governance.Synthetic)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 40 {
		b := w.batch("b"+string(rune('A'+i)), 1)
		p := []governance.Permit{permit, other}[i%2]
		wg.Go(func() { _ = p.Authorize(t.Context(), b) })
	}
	wg.Wait()
	sent := 0
	for e := range w.log.Entries() {
		if e.Kind == governance.EntryBatch {
			sent += e.Batch.Recipients
		}
	}
	if sent == 0 || sent > w.proposal.Volume.DailyCap {
		t.Errorf("%d recipients authorised, the cap is %d", sent, w.proposal.Volume.DailyCap)
	}
}
