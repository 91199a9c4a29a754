package campaign

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/internal/redact"
)

// Screen asks about everybody on the list at once, after PDS has been asked, and
// returns who may be messaged. [Campaign.Send] asks again about those it is about to
// message, if the answer is older than the proposal allows. It is for what is held elsewhere: objections to the
// programme, opt-outs. The people include the sentinels of its kind. An answer may
// have been had before, as that of package mesh/optout, which takes hours.
type Screen func(ctx context.Context, people []nhs.Number) (Screened, error)

// Screened is the answer to a [Screen].
type Screened struct {
	// Allowed are those of the people asked about who may be messaged.
	Allowed []nhs.Number
	// At is when the answer was true.
	At time.Time
	// Answer is the digest of the answer as it was received, keyed or not, where it
	// was a file.
	Answer governance.Digest
}

// LogValue logs how many were allowed, not whom.
func (s Screened) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("allowed", len(s.Allowed)), slog.Time("at", s.At))
}

// ErrScreen means that the answer to a screen is not one to that question.
var ErrScreen = errors.New("a screen allowed somebody it was not asked about, or did not say when")

// screen applies the screens to the list, all but those who have been messaged
// already.
func (c *Campaign) screen(ctx context.Context, built *sealedList) error {
	messaged := c.messaged()
	for _, reason := range slices.Sorted(maps.Keys(c.config.Screens)) {
		if err := c.applyScreen(ctx, built, reason, messaged); err != nil {
			return fmt.Errorf("screen %s: %w", reason, err)
		}
	}
	return nil
}

// applyScreen asks one screen, about all but some of the people.
func (c *Campaign) applyScreen(ctx context.Context, built *sealedList, reason Reason, but map[nhs.Number]recipient) error {
	var asked []nhs.Number
	for _, p := range built.People {
		if _, not := but[p.Number]; !not {
			asked = append(asked, p.Number)
		}
	}
	people := len(asked)
	planted := c.config.Sentinels[string(reason)]
	asked = append(asked, planted...)
	if len(asked) == 0 {
		return nil
	}
	answer, err := c.config.Screens[reason](ctx, asked)
	if err != nil {
		return redact.Error(err)
	}
	allowed, err := answer.among(asked)
	if err != nil {
		return err
	}
	result := governance.SentinelResult{Kind: string(reason), Planted: len(planted)}
	for _, number := range planted {
		if !allowed[number] {
			result.Caught++
		}
	}
	if err := built.caught(result); err != nil {
		return err
	}
	built.People = slices.DeleteFunc(built.People, func(p recipient) bool {
		_, not := but[p.Number]
		out := !not && !allowed[p.Number]
		if out {
			built.exclude(p.Number, c.segment(p.Number), reason)
			people--
		}
		return out
	})
	built.Checked = append(built.Checked, governance.Checked{
		Suppression: string(reason), At: answer.At.UTC(), Asked: len(asked), Allowed: people, Answer: answer.Answer,
	})
	return nil
}

// among checks the answer and makes a set of it.
func (s Screened) among(asked []nhs.Number) (map[nhs.Number]bool, error) {
	known := make(map[nhs.Number]bool, len(asked))
	for _, n := range asked {
		known[n] = true
	}
	allowed := make(map[nhs.Number]bool, len(s.Allowed))
	for _, n := range s.Allowed {
		if !known[n] {
			return nil, ErrScreen
		}
		allowed[n] = true
	}
	if s.At.IsZero() {
		return nil, ErrScreen
	}
	return allowed, nil
}

// lookedUp says how the checks on PDS went, when people have been asked about.
func (s *sealedList) lookedUp(people int) {
	excluded := s.excluded()
	for _, reason := range lookups() {
		s.Checked = append(s.Checked, governance.Checked{
			Suppression: string(reason), At: s.CheckedAt, Asked: people, Allowed: people - excluded[reason],
		})
	}
}

// caught keeps the result of a kind of sentinels, and refuses one that was not
// caught.
func (s *sealedList) caught(result governance.SentinelResult) error {
	if result.Caught < result.Planted {
		return fmt.Errorf("%w: of %d %s sentinels %d were caught", ErrSentinel, result.Planted, result.Kind, result.Caught)
	}
	if result.Planted > 0 {
		s.Manifest.Sentinels = append(s.Manifest.Sentinels, result)
	}
	return nil
}

// exclude counts somebody who is left out.
func (s *sealedList) exclude(number nhs.Number, segment string, reason Reason) {
	s.leftOut = append(s.leftOut, leftOut{number, reason})
	if s.Excluded == nil {
		s.Excluded = map[string]map[Reason]int{}
	}
	if s.Excluded[segment] == nil {
		s.Excluded[segment] = map[Reason]int{}
	}
	s.Excluded[segment][reason]++
}

// excluded counts who is left out, by reason.
func (s *sealedList) excluded() map[Reason]int {
	sum := map[Reason]int{}
	for _, counts := range s.Excluded {
		for reason, n := range counts {
			sum[reason] += n
		}
	}
	return sum
}

// segments counts who is on the list and who is left out, by segment.
func (c *Campaign) segments(s *sealedList) []governance.Segment {
	included := map[string]int{}
	for _, p := range s.People {
		included[c.segment(p.Number)]++
	}
	for name := range s.Excluded {
		included[name] += 0
	}
	var list []governance.Segment
	for _, name := range slices.Sorted(maps.Keys(included)) {
		list = append(list, governance.Segment{
			Name: name, Plan: c.config.Proposal.Message.RoutingPlan.ID, Included: included[name],
			Exclusions: exclusions(s.Excluded[name]),
		})
	}
	return list
}

// segment returns the name of somebody's segment.
func (c *Campaign) segment(n nhs.Number) string {
	if c.config.Segment == nil {
		return "everybody"
	}
	if name := c.config.Segment(n); name != "" {
		return name
	}
	return "not known"
}

func exclusions(counts map[Reason]int) []governance.Exclusion {
	var list []governance.Exclusion
	for _, reason := range sortedReasons(counts) {
		list = append(list, governance.Exclusion{Reason: string(reason), Count: counts[reason]})
	}
	return list
}
