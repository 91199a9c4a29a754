package columnar

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// Result is what a run has counted. Like a [cohort.Attrition] it does not print.
type Result struct {
	counts    cohort.Counts
	attrition *cohort.Attrition
	reading   *Reading
}

// People is how many people there are.
func (r Result) People() int { return r.counts.People }

// Members is how many people pass every step.
func (r Result) Members() int { return r.counts.Members }

// Referred is how many people fail no step, and are referred by one or more.
func (r Result) Referred() int { return r.counts.Referred }

// Attrition counts how the steps narrow the population; nil with [OutcomesOnly].
func (r Result) Attrition() *cohort.Attrition { return r.attrition }

// Reading says what was read of the store; nil of a source that has nothing to say.
func (r Result) Reading() *Reading { return r.reading }

// Format writes no counts, for any verb.
func (r Result) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "result (counts are hidden)")
}

// Progress is how far a run is.
type Progress struct {
	// People is how many people have been decided about, Rows how many rows of theirs were at hand.
	People, Rows int
	// Of is how many people there are, 0 when that is not known.
	Of int
}

// Option changes how a plan is run.
type Option func(*settings) error

type settings struct {
	workers  int
	how      how
	progress func(Progress)
}

// Workers is how many goroutines work, at least 1, and at most 1024. Without it there is one for every processor.
func Workers(n int) Option {
	return func(s *settings) error {
		if n < 1 {
			return fmt.Errorf("%d workers; at least one is needed", n)
		}
		s.workers = min(n, 1024) // each costs a part of the source
		return nil
	}
}

// OutcomesOnly leaves out what decides about nobody: who has failed one step is not asked about others. There is then
// no attrition, and less to do.
func OutcomesOnly() Option {
	return func(s *settings) error {
		s.how = outcomes
		return nil
	}
}

// OnProgress hands out how far the run is, block by block of a few thousand people. It is called by one goroutine at a
// time, which it holds up. If it panics, the run ends, and the panic is raised again where the run was called.
func OnProgress(do func(Progress)) Option {
	return func(s *settings) error {
		if do == nil {
			return errors.New("OnProgress without a function")
		}
		s.progress = do
		return nil
	}
}

// Run decides about everybody and counts, in one pass over the rows, with every processor. It stops promptly when ctx is
// done; the error wraps that cause. There is no result with an error.
func Run(ctx context.Context, plan *cohort.Plan, from Source, options ...Option) (*Result, error) {
	r, err := newRun(plan, from, counts, options)
	if err != nil {
		return nil, fmt.Errorf("columnar: Run: %w", err)
	}
	shards, err := from.shards(ctx, r.plan, r.parts(shardsPerWorker))
	if err == nil {
		for _, s := range shards {
			if keyed, ok := s.(interface{ skipKeys() }); ok {
				keyed.skipKeys()
			}
		}
		err = r.all(ctx, shards, func(_ context.Context, _ int, p *program, b *block) error {
			if b != nil {
				r.add(p)
			}
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("columnar: Run: %w", err)
	}
	result, err := r.result(plan)
	if err != nil {
		return nil, fmt.Errorf("columnar: Run: %w", err)
	}
	return result, nil
}

// Each shard costs something: it opens files, and reads again what lies where shards meet. More shards than goroutines let
// these end at about the same time.
const (
	peopleInShard   = 200_000
	shardsPerWorker = 4
)

// parts is how many shards to ask for: one for so many people, if their number is known, but one for each goroutine, and
// at most so many more.
func (r *run) parts(most int) int {
	if r.progress.Of == 0 {
		return r.settings.workers * min(most, shardsPerWorker)
	}
	return max(r.settings.workers, min(r.settings.workers*most, r.progress.Of/peopleInShard))
}

// result is what has been counted.
func (r *run) result(plan *cohort.Plan) (result *Result, err error) {
	result = &Result{counts: r.total, reading: r.reading}
	if r.settings.how != outcomes {
		result.attrition, err = plan.Attrition(r.total)
	}
	return result, err
}

// add counts the people of a block.
func (r *run) add(p *program) {
	members, referred := p.outcome()
	r.lock.Lock()
	defer r.lock.Unlock()
	r.total.People += p.people.n
	r.total.Members += members.count()
	r.total.Referred += referred.count()
	if r.settings.how != outcomes {
		p.count(r.total.Steps)
	}
}

// run is one run of a plan over a source.
type run struct {
	plan     *tree.Plan
	from     Source
	settings settings
	lock     sync.Mutex // of what the goroutines share
	total    cohort.Counts
	reading  *Reading
	telling  sync.Mutex // of
	progress Progress
}

func newRun(plan *cohort.Plan, from Source, how how, options []Option) (*run, error) {
	if plan == nil {
		return nil, errors.New("the plan is nil")
	}
	if from == nil {
		return nil, errors.New("there is no source: open a store or fill a Memory")
	}
	settings, err := settingsOf(how, options)
	if err != nil {
		return nil, err
	}
	r := &run{from: from, settings: settings}
	if known, ok := from.(interface{ size() int }); ok {
		r.progress.Of = known.size()
	}
	r.plan = plan.Tree()
	for _, step := range r.plan.Steps {
		r.total.Steps = append(r.total.Steps, cohort.StepCounts{Label: step.Label})
	}
	return r, nil
}

func settingsOf(how how, options []Option) (settings, error) {
	s := settings{workers: runtime.GOMAXPROCS(0), how: how}
	for _, option := range options {
		if err := option(&s); err != nil {
			return s, err
		}
	}
	return s, nil
}

// all answers every block of every shard. Each goroutine takes the next shard and hands its blocks to do, in order, and
// then nil.
func (r *run) all(ctx context.Context, shards []shard, do func(ctx context.Context, shard int, p *program, b *block) error) error {
	var taken atomic.Int64
	next := func() (int, bool) {
		at := int(taken.Add(1)) - 1
		return at, at < len(shards)
	}
	defer func() { // of a run that ends early
		for at, ok := next(); ok; at, ok = next() {
			_ = shards[at].close()
		}
	}()
	programs := make([]*program, min(r.settings.workers, len(shards)))
	for i := range programs {
		programs[i] = newProgram(r.plan, programs[max(i-1, 0)])
	}
	return together(ctx, len(programs), func(ctx context.Context, worker int) error {
		p := programs[worker]
		for at, ok := next(); ok; at, ok = next() {
			if err := r.shard(ctx, shards[at], p, func(b *block) error { return do(ctx, at, p, b) }); err != nil {
				return err
			}
		}
		return nil
	})
}

// shard answers the blocks of one shard, and closes it in any case.
func (r *run) shard(ctx context.Context, from shard, p *program, do func(*block) error) (err error) {
	defer func() {
		err = errors.Join(err, from.close())
		r.note(from.reading())
	}()
	var b block
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := from.next(ctx, &b); errors.Is(err, io.EOF) {
			return do(nil)
		} else if err != nil {
			return err
		}
		if err := p.run(&b, r.settings.how); err != nil {
			return err
		}
		if err := do(&b); err != nil {
			return err
		}
		r.advance(&b)
	}
}

// note adds what was read of a shard.
func (r *run) note(reading *Reading) {
	if reading == nil {
		return
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	if r.reading == nil {
		r.reading = &Reading{}
	}
	r.reading.add(reading)
}

func (r *run) advance(b *block) {
	if r.settings.progress == nil {
		return
	}
	r.telling.Lock()
	defer r.telling.Unlock()
	r.progress.People += b.people
	for _, segments := range b.tables {
		for _, s := range segments {
			r.progress.Rows += s.size()
		}
	}
	r.settings.progress(r.progress)
}

// size is how many rows are those of people of the block.
func (seg *segment) size() int {
	if seg.starts == nil {
		return len(seg.people)
	}
	return int(seg.starts[len(seg.starts)-1] - seg.starts[0])
}

// count adds the people of the block to the counts of the steps.
func (p *program) count(steps []cohort.StepCounts) {
	p.steady = p.steady.copyOf(p.people.all)
	for i := range p.steps {
		a, fails, step := p.answers[i], p.fails[i], &steps[i]
		unknown := 0
		for w, left := range p.steady {
			step.Excluded += bits.OnesCount64(left & fails[w])
			unknown += bits.OnesCount64(left &^ a.yes[w] &^ a.no[w])
			step.OnlyThis += bits.OnesCount64(fails[w] & p.once[w])
			p.steady[w] = left &^ fails[w]
			step.Remaining += bits.OnesCount64(p.steady[w])
		}
		step.Unknown += unknown
		if p.plan.Steps[i].Unknown == tree.Refers {
			step.Refers += unknown
		}
	}
}

// outcome returns the members and the referred.
func (p *program) outcome() (members, referred words) {
	p.members, p.referred = p.members.copyOf(p.people.all), p.referred.fit(p.people.n)
	for i := range p.steps {
		p.effect(i, tree.Refers, p.people.all, p.referred)
	}
	p.referred.remove(p.failed)
	p.members.remove(p.failed)
	p.members.remove(p.referred)
	return p.members, p.referred
}
