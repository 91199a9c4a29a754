package campaign

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/governance"
)

// leftOut is somebody on the list whom nobody may message, as was found when a stage
// began or went on.
type leftOut struct {
	Number nhs.Number `json:"number"`
	Reason Reason     `json:"reason"`
}

// begin returns the run with which a stage goes on, of people whose checks are not
// older than the proposal allows: those that are it makes again. Should they find
// somebody the run has not sent, it ends where it is, and the others go with a new
// one.
func (c *Campaign) begin(ctx context.Context, stage governance.Stage) (*run, error) {
	r := c.current(stage)
	if r == nil {
		r = c.newRun(stage, c.waiting(), c.checked)
	}
	again, err := c.renew(ctx, r)
	switch {
	case err != nil:
		return nil, err
	case again == nil && r.begun:
		return r, nil
	case again == nil:
		return r, c.start(r)
	case !r.begun || len(again.leftOut) == 0:
		r.Checked = again.Checked
	case sends(stage):
		r = c.newRun(stage, r.People[r.left:], again.Checked)
	default:
		r = c.newRun(stage, r.People, again.Checked)
	}
	r.leave(again.leftOut)
	return r, c.start(r)
}

// current returns the run of a stage that can go on, if there is one.
func (c *Campaign) current(stage governance.Stage) *run {
	c.mu.Lock()
	defer c.mu.Unlock()
	current := c.manifest.Digest()
	i := slices.IndexFunc(c.runs, func(r *run) bool { return r.Stage == stage && r.goesOn(current) })
	if i < 0 {
		return nil
	}
	return c.runs[i]
}

// waiting returns those on the list whom no run has, and none has left out.
func (c *Campaign) waiting() []recipient {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken, out := map[nhs.Number]bool{}, c.leftOut()
	for _, r := range c.runs {
		if sends(r.Stage) {
			for _, p := range r.bound(c.manifest.Digest()) {
				taken[p.Number] = true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(c.list), func(p recipient) bool { return taken[p.Number] || out[p.Number] != "" })
}

// newRun returns a run of as many people as the stage's cap has room for.
func (c *Campaign) newRun(stage governance.Stage, people []recipient, checked []governance.Checked) *run {
	c.mu.Lock()
	defer c.mu.Unlock()
	number := 1
	for _, r := range c.runs {
		if r.Stage == stage {
			number++
		}
	}
	room := c.stageCap(stage) - c.authorised(func(e governance.Entry) bool { return e.Stage == stage })
	return &run{
		Stage: stage, Proposal: c.root, Manifest: c.manifest.Digest(), Batch: c.config.batchSize(),
		People: slices.Clone(people[:min(len(people), max(room, 0))]), Checked: checked,
		name: fmt.Sprintf("%s-%d", stage, number),
	}
}

// start puts a run on the disk, and after those before it.
func (c *Campaign) start(r *run) error {
	if err := c.seal(r.name, r); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.begun {
		return nil
	}
	r.begun = true
	for _, before := range c.runs {
		before.over = before.over || before.Stage == r.Stage
	}
	c.runs = append(c.runs, r)
	return nil
}

// leave takes people out of a run that is about to begin. Somebody whom an earlier
// one may have messaged is not in it.
func (r *run) leave(out []leftOut) {
	reasons := map[nhs.Number]Reason{}
	for _, l := range out {
		reasons[l.Number] = l.Reason
	}
	r.People = slices.DeleteFunc(r.People, func(p recipient) bool {
		reason, found := reasons[p.Number]
		if found {
			r.LeftOut = append(r.LeftOut, leftOut{p.Number, reason})
		}
		return found
	})
}

// leftOut returns everybody whom runs of the current list have left out. The caller
// holds the lock.
func (c *Campaign) leftOut() map[nhs.Number]Reason {
	out := map[nhs.Number]Reason{}
	current := c.manifest.Digest()
	for _, r := range c.runs {
		if r.Manifest == current && sends(r.Stage) {
			for _, l := range r.LeftOut {
				out[l.Number] = l.Reason
			}
		}
	}
	return out
}

// renew makes the checks of a run that have grown too old again, for those whom it
// has not sent. It returns who is left and who is not, and how everybody was
// checked; or nil if there was nothing to be done.
func (c *Campaign) renew(ctx context.Context, r *run) (*sealedList, error) {
	old := c.outdated(r.Checked)
	people := r.People[r.done:]
	if len(old) == 0 || len(people) == 0 {
		return nil, nil //nolint:nilnil // as documented
	}
	again := &sealedList{CheckedAt: c.config.Now().UTC(), People: slices.Clone(people)}
	if err := c.checkAgain(ctx, again, old); err != nil {
		return nil, fmt.Errorf("a check is %w, and to make it again failed: %w", governance.ErrStale, err)
	}
	for _, k := range r.Checked {
		renewed := slices.ContainsFunc(again.Checked, func(a governance.Checked) bool { return a.Suppression == k.Suppression })
		if !renewed {
			again.Checked = append(again.Checked, k)
		}
	}
	return again, nil
}

// outdated returns what was checked longer ago than the proposal allows, or never.
func (c *Campaign) outdated(checked []governance.Checked) map[Reason]bool {
	now, old := c.config.Now(), map[Reason]bool{}
	for _, s := range c.config.Proposal.Safety.Suppressions {
		old[Reason(s.Name)] = !slices.ContainsFunc(checked, func(k governance.Checked) bool {
			return k.Suppression == s.Name && now.Sub(k.At) <= time.Duration(s.MaxAgeHours)*time.Hour
		})
	}
	maps.DeleteFunc(old, func(_ Reason, is bool) bool { return !is })
	return old
}

// checkAgain makes some of the checks again. Sentinels go through them, as in Build.
func (c *Campaign) checkAgain(ctx context.Context, list *sealedList, old map[Reason]bool) error {
	if slices.ContainsFunc(lookups(), func(r Reason) bool { return old[r] }) {
		if err := c.lookUpAgain(ctx, list); err != nil {
			return err
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(c.config.Screens)) {
		if !old[reason] {
			continue
		}
		if err := c.applyScreen(ctx, list, reason, nil); err != nil {
			return fmt.Errorf("screen %s: %w", reason, err)
		}
	}
	return nil
}

// lookUpAgain asks PDS about everybody.
func (c *Campaign) lookUpAgain(ctx context.Context, list *sealedList) error {
	if err := c.checkSentinels(ctx, list); err != nil {
		return err
	}
	people := list.People
	list.People = nil
	for i, p := range people {
		switch reason, _, err := c.suppress(ctx, p.Number); {
		case err != nil:
			return err
		case reason != "":
			list.exclude(p.Number, c.segment(p.Number), reason)
		default:
			list.People = append(list.People, p)
		}
		if (i+1)%progressEvery == 0 {
			c.progress("check", i+1, len(people))
		}
	}
	list.lookedUp(len(people))
	c.progress("check", len(people), len(people))
	return nil
}
