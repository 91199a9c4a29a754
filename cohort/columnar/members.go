package columnar

import (
	"context"
	"fmt"
	"iter"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// Member is a person and the decision about them. It prints no key.
type Member struct {
	Key     cohort.Key
	Outcome cohort.Outcome
	// Steps are the answers of every step, with [Everyone] only.
	Steps []cohort.StepResult
}

// Members yields the members and the people who are referred, as the outcome of each says, in order of person. Memory
// does not grow with their number. It stops promptly when ctx is done or the caller stops; after an error, which comes
// with no member, there is nothing more.
func Members(ctx context.Context, plan *cohort.Plan, from Source, options ...Option) iter.Seq2[Member, error] {
	return sequence(ctx, "Members", plan, from, outcomes, options)
}

// Everyone is like [Members] but yields everybody in the population with the answers of all steps.
func Everyone(ctx context.Context, plan *cohort.Plan, from Source, options ...Option) iter.Seq2[Member, error] {
	return sequence(ctx, "Everyone", plan, from, everything, options)
}

func sequence(ctx context.Context, name string, plan *cohort.Plan, from Source, how how, options []Option) iter.Seq2[Member, error] {
	return func(yield func(Member, error) bool) {
		r, err := newRun(plan, from, how, options)
		if err == nil {
			r.settings.how = how
			err = r.inOrder(ctx, func(d *decided) bool {
				for i := range d.keys {
					if !yield(d.member(i), nil) {
						return false
					}
				}
				return true
			})
		}
		if err != nil {
			yield(Member{}, fmt.Errorf("columnar: %s: %w", name, err))
		}
	}
}

// decided is the people of a block who are asked for.
type decided struct {
	plan     *tree.Plan
	keys     []string
	outcomes []cohort.Outcome
	verdicts []cohort.Verdict // step by step for each, or none
}

func (d *decided) member(i int) Member {
	m := Member{Key: cohort.NewKey(d.keys[i]), Outcome: d.outcomes[i]}
	if n := len(d.plan.Steps); len(d.verdicts) > 0 {
		m.Steps = make([]cohort.StepResult, n)
		for j, verdict := range d.verdicts[i*n : (i+1)*n] {
			m.Steps[j] = cohort.StepResult{Verdict: verdict, Effect: effectOf(&d.plan.Steps[j], verdict)}
		}
	}
	return m
}

func effectOf(step *tree.Step, verdict cohort.Verdict) cohort.Effect {
	switch verdict {
	case cohort.Yes:
		return cohort.Effect(step.Yes)
	case cohort.No:
		return cohort.Effect(step.No)
	case cohort.Unknown:
	}
	return cohort.Effect(step.Unknown)
}

// waitingBlocks is how many blocks of a shard wait to be handed out: all of an ordinary one, so that a goroutine is not held
// up by the order. shardsAhead is how many shards for each goroutine are worked on, or wait, at a time.
const (
	waitingBlocks = 64
	shardsAhead   = 4
	shardsInOrder = 1000 // for a goroutine, at most
)

// inOrder hands out what is decided, block by block in order of person, until each returns false.
func (r *run) inOrder(ctx context.Context, each func(*decided) bool) error {
	shards, err := r.from.shards(ctx, r.plan, r.parts(shardsInOrder))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	waiting := make([]chan *decided, len(shards))
	taken := make([]chan struct{}, len(shards)) // closed when all of a shard has been handed out
	for i := range waiting {
		waiting[i], taken[i] = make(chan *decided, waitingBlocks), make(chan struct{})
		if before := i - shardsAhead*r.settings.workers; before >= 0 {
			shards[i] = &laterShard{shards[i], taken[before]}
		}
	}
	ended := make(chan error, 1)
	go guard(func() error {
		return r.all(ctx, shards, func(ctx context.Context, shard int, p *program, b *block) error {
			var d *decided // nil at the end of the shard
			if b != nil {
				r.add(p)
				if d = p.decided(b, r.settings.how); len(d.keys) == 0 {
					return nil
				}
			}
			select {
			case waiting[shard] <- d:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}, func(err error) {
		ended <- err
		close(ended)
	})
	defer func() {
		cancel()
		for err := range ended { // no goroutine and no open file is left behind
			raise(err)
		}
	}()
	for i, shard := range waiting {
		for d := range orFailed(shard, ended, &err) {
			if !each(d) {
				return nil
			}
		}
		if err != nil {
			raise(err)
			return err
		}
		close(taken[i])
	}
	err = <-ended
	raise(err)
	return err
}

// laterShard is a shard that is not read before another has been handed out, so that not all members wait in memory.
type laterShard struct {
	shard
	after <-chan struct{}
}

func (s *laterShard) next(ctx context.Context, b *block) error {
	select {
	case <-s.after:
		return s.shard.next(ctx, b)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// orFailed yields what waits until the end of the shard, or until the run has ended with an error.
func orFailed(shard chan *decided, ended chan error, failed *error) iter.Seq[*decided] {
	return func(yield func(*decided) bool) {
		for {
			select {
			case d := <-shard:
				if d == nil || !yield(d) {
					return
				}
			case *failed = <-ended:
				if *failed != nil {
					return
				}
				ended = nil // everything waits
			}
		}
	}
}

// decided collects the people who are asked for.
func (p *program) decided(b *block, how how) *decided {
	members, referred := p.outcome()
	d := &decided{plan: p.plan}
	wanted := p.steady.copyOf(members)
	wanted.add(referred)
	if how == everything {
		wanted = p.people.all
	} else {
		p.steady = wanted
	}
	for i := range wanted.each {
		person := int32(i) //nolint:gosec // a block has fewer people
		outcome := cohort.NotMember
		switch {
		case members.has(person):
			outcome = cohort.Member
		case referred.has(person):
			outcome = cohort.Referred
		}
		d.keys, d.outcomes = append(d.keys, b.key(i)), append(d.outcomes, outcome)
		if how != everything {
			continue
		}
		for _, a := range p.answers {
			verdict := cohort.Unknown
			switch {
			case a.yes.has(person):
				verdict = cohort.Yes
			case a.no.has(person):
				verdict = cohort.No
			}
			d.verdicts = append(d.verdicts, verdict)
		}
	}
	return d
}
