package pds

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"unicode/utf8"
)

// Step is one search of a [Client.Cascade].
type Step struct {
	Name  string // says in a [Finding] which step matched
	Query Query

	// MinScore is the least score that counts; patients who score less do not
	// match. 0 counts everybody PDS returns.
	MinScore float64

	// Narrows says that the step asks for fewer people than the ones before it. It
	// is tried after a step that too many people match; any other step is tried
	// while nobody matches.
	Narrows bool
}

// LogValue logs the step with its query masked.
func (s Step) LogValue() slog.Value {
	return slog.GroupValue(slog.String("name", s.Name), slog.Any("query", s.Query),
		slog.Float64("minScore", s.MinScore), slog.Bool("narrows", s.Narrows))
}

// Finding is what a cascade found. The zero Finding is nobody.
type Finding struct {
	Step    string   // the name of the step that matched, "" when none did
	Matches []Match  // best first
	Tried   []string // the names of the steps searched, in order
}

// LogValue logs how many matches there are, not whom.
func (f Finding) LogValue() slog.Value {
	return slog.GroupValue(slog.String("step", f.Step), slog.Int("matches", len(f.Matches)), slog.Any("tried", f.Tried))
}

// Cascade searches step by step until somebody matches, and says which step that
// was. The order is the caller's; [Query.Alternates] is a usual one.
//
// Once a step has matched too many people, no wider one can tell who is meant:
// only steps that narrow are tried, and if none of them matches, the error is that
// of the last step with too many matches, an [ErrTooManyMatches]. All steps are
// checked before the first is sent. Errors are those of [Client.Search], with the
// name of the step; the Finding then says which steps were tried.
func (c *Client) Cascade(ctx context.Context, steps ...Step) (Finding, error) {
	const op = "pds.Cascade"
	if err := c.checkSteps(steps); err != nil {
		return Finding{}, fmt.Errorf("%s: %w", op, err)
	}
	var f Finding
	var tooMany error
	for _, step := range steps {
		if step.Narrows != (tooMany != nil) {
			continue
		}
		f.Tried = append(f.Tried, step.Name)
		matches, err := c.Search(ctx, step.Query)
		if err != nil {
			err = fmt.Errorf("%s: step %q: %w", op, step.Name, err)
			if !errors.Is(err, ErrTooManyMatches) {
				return f, err
			}
			tooMany = err
			continue
		}
		if matches = atLeast(matches, step.MinScore); len(matches) > 0 {
			f.Step, f.Matches = step.Name, matches
			return f, nil
		}
	}
	return f, tooMany
}

func (c *Client) checkSteps(steps []Step) error {
	if len(steps) == 0 {
		return refuse("steps", "must not be empty")
	}
	names := map[string]bool{}
	for _, step := range steps {
		switch {
		case step.Name == "" || names[step.Name]:
			return refuse("Step.Name", "must be set, and different in each step")
		case step.MinScore < 0 || step.MinScore > 1:
			return refuse("Step.MinScore", "must be 0 to 1")
		}
		names[step.Name] = true
		if err := step.Query.validate(c.maxResults()); err != nil {
			return fmt.Errorf("step %q: %w", step.Name, err)
		}
	}
	return nil
}

// atLeast keeps the matches that score enough.
func atLeast(matches []Match, score float64) []Match {
	var kept []Match
	for _, m := range matches {
		if m.Score >= score {
			kept = append(kept, m)
		}
	}
	return kept
}

// Alternates returns q and wider searches for the same person, for
// [Client.Cascade]:
//
//	as given    q itself
//	history     also former names, addresses, contact details and gender
//	wildcards   the first three letters of the first given name, and the first two
//	            characters of the postcode; this is the search that PDS recommends
//	            to applications
//	fuzzy       names that sound alike or are transposed
//
// Steps that would repeat another, or that PDS would refuse for what q holds, are
// left out. The wider a search, the likelier it is to find somebody else: compare
// what is found with what is known, or set a MinScore.
func (q Query) Alternates() []Step {
	history := q
	history.History = !q.Fuzzy // which implies it

	wildcards := history
	wildcards.Exact = false
	if len(q.Given) > 0 {
		wildcards.Given = []string{prefix(q.Given[0], 3)}
	}
	wildcards.Postcode = prefix(q.Postcode, 2)

	fuzzy := q
	fuzzy.Fuzzy, fuzzy.Exact, fuzzy.History = true, false, false

	steps := []Step{{Name: "as given", Query: q}}
	for _, step := range []Step{{Name: "history", Query: history}, {Name: "wildcards", Query: wildcards}, {Name: "fuzzy", Query: fuzzy}} {
		repeats := false
		for _, earlier := range steps {
			repeats = repeats || reflect.DeepEqual(earlier.Query, step.Query)
		}
		if !repeats && step.Query.validate(max(q.MaxResults, 1)) == nil {
			steps = append(steps, step)
		}
	}
	return steps
}

// prefix widens text to whatever begins with its first characters, but for a space
// after them. It leaves text alone that has a wildcard already, or is too short for
// one.
func prefix(text string, characters int) string {
	letters := []rune(strings.TrimSpace(text))
	start := strings.TrimSpace(string(letters[:min(characters, len(letters))]))
	if utf8.RuneCountInString(start) < 2 || strings.Contains(text, wildcard) {
		return text
	}
	return start + wildcard
}
