package drawing

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// Size bounds what is drawn.
type Size struct {
	// Depth is how deep questions and values lie in each other; 0 means 3.
	Depth int
	// Parts is about how many questions and values a definition has; 0 means 40.
	Parts int
	// Steps is the largest number of steps, the one that keeps people without records out apart; 0 means 3.
	Steps int
}

// Plan draws a definition and binds it.
func Plan(t *rapid.T, size Size) *cohort.Plan {
	for range 20 {
		if plan, err := draw(t, size); err == nil {
			return plan
		}
		// A few are refused: two ends that are worked out may be the wrong way round, or a parameter may lie only
		// in a part that was dropped. Draw again.
	}
	t.Skip("no definition was drawn")
	return nil
}

// Definition returns the plan with a number of its own, always the same one.
func Definition(number int, size Size) *cohort.Plan {
	return rapid.Custom(func(t *rapid.T) *cohort.Plan { return Plan(t, size) }).Example(number)
}

func draw(t *rapid.T, size Size) (*cohort.Plan, error) {
	d := drawer{state: &state{t: t, parts: or(size.Parts, 40), given: map[string]bool{}}, depth: or(size.Depth, 3)}
	known := rapid.SampledFrom([]cohort.Criterion{person.Practice.Known(), person.DateOfBirth.Known(), person.Practice.In("A81001", "A81002")}).Draw(t, "known")
	steps := []cohort.Step{cohort.Include("known", known).IfUnknown(cohort.TreatAsNo)}
	for i := range 1 + d.below(or(size.Steps, 3), "steps") {
		step := one(d, "direction", cohort.Include, cohort.Exclude)
		policy := one(d, "policy", cohort.Refer, cohort.TreatAsNo, cohort.TreatAsYes)
		criterion := d.criterion
		if d.often("sharp") {
			criterion = d.sharp
		}
		steps = append(steps, step(fmt.Sprintf("step %d", i+1), criterion()).IfUnknown(policy))
	}
	if at := d.below(len(steps), "place of the first"); at > 0 {
		steps[0], steps[at] = steps[at], steps[0]
	}
	definition, err := cohort.New("drawn", "1", steps...)
	if err != nil {
		return nil, err
	}
	return definition.Bind(d.bindings...)
}

// drawer draws parts of one definition. Copies share the state.
type drawer struct {
	*state
	depth int
	// same keeps to parameters that are the same for everybody, in the series of one that is not.
	same bool
	// all asks about all rows of a table.
	all bool
}

type state struct {
	t        *rapid.T
	parts    int // that may still be drawn
	names    int
	given    map[string]bool // parameters, by name
	bindings []cohort.Binding
}

// below draws a number from 0 up to n-1, the first ones a little more often.
func (d drawer) below(n int, what string) int { return rapid.IntRange(0, n-1).Draw(d.t, what) }

func (d drawer) often(what string) bool { return rapid.Bool().Draw(d.t, what) }

// deeper is for what lies in the part in hand.
func (d drawer) deeper() drawer {
	d.depth--
	d.parts--
	return d
}

// leaf reports whether nothing more may lie in the part in hand.
func (d drawer) leaf() bool { return d.depth <= 0 || d.parts <= 0 }

func one[T any](d drawer, what string, of ...T) T { return of[d.below(len(of), what)] }

func (d drawer) day() cohort.Date {
	if d.below(10, "far") == 9 {
		return one(d, "far day", farDays()...)
	}
	return one(d, "day", dayPool()...).AddDays(one(d, "beside", 0, 1, -1))
}

func (d drawer) number() float64 { return one(d, "number", numberPool()...) }

func (d drawer) period() cohort.Period { return one(d, "period", periodPool()...) }

// The parameters. Index and threshold may be each person's own; since and limit never are.

func (d drawer) dayParam() cohort.Param[cohort.Date] {
	if d.same || d.often("since") {
		return bound(d, "since", d.day)
	}
	if !d.given["index"] && d.often("each") {
		d.given["index"] = true
		d.bindings = append(d.bindings, cohort.Index.IsEach(d.own().daySeries()))
	}
	return bound(d, cohort.Index, d.day)
}

func (d drawer) numberParam() cohort.Param[float64] {
	const threshold cohort.Param[float64] = "threshold"
	if d.same || d.often("limit") {
		return bound(d, "limit", d.number)
	}
	if !d.given["threshold"] && d.often("each") {
		d.given["threshold"] = true
		d.bindings = append(d.bindings, threshold.IsEach(d.own().numberSeries().value))
	}
	return bound(d, threshold, d.number)
}

// own is for the series of a parameter that is each person's own.
func (d drawer) own() drawer {
	d.same = true
	d.depth = min(d.depth, 1)
	return d
}

// bound gives the parameter its value when it has none.
func bound[T cohort.Date | float64 | []string | *codelist.List](d drawer, param cohort.Param[T], value func() T) cohort.Param[T] {
	if !d.given[string(param)] {
		d.given[string(param)] = true
		d.bindings = append(d.bindings, param.Is(value()))
	}
	return param
}

func (d drawer) list(system codelist.System) *codelist.List {
	codes := map[string]bool{}
	for range 1 + d.below(3, "codes") {
		codes[one(d, "code", listed(system)...)] = true
	}
	return listOf(system, codes)
}

func (d drawer) texts(of []string) []string {
	texts := []string{one(d, "text", of...)}
	if d.often("more texts") {
		texts = append(texts, one(d, "text", of...))
	}
	return texts
}

func or(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

func join(names []string) string { return strings.Join(names, "+") }
