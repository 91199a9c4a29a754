package cohort_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/cohort"
)

// reader is someone who knows the policy and the definition, and adds and subtracts what is published.
type reader struct {
	policy     cohort.Disclosure
	treatments []string
	published  *cohort.Published
	truth      world
	// could is told every number that a count could be.
	could func(name string, n int)
}

// values returns the numbers that a text can stand for. A mark is taken for a small count, which tells
// the reader more than it may be; true values are kept, since a mark can stand for others.
func (r reader) values(text string, truth int) []int {
	var values []int
	most := r.policy.HideTo
	if shown, err := strconv.Atoi(text); err == nil {
		most = shown + r.policy.RoundTo
	}
	for n := range most + 1 {
		if rounded(r.policy, n) == text || n == 0 && text == "0" {
			values = append(values, n)
		}
	}
	if text == r.policy.Mark && truth > r.policy.HideTo {
		values = append(values, truth)
	}
	return values
}

// read tries all the parts there can be.
func (r reader) read() {
	w := world{excluded: make([]int, len(r.treatments))}
	parts := []*int{&w.members, &w.referred}
	values := [][]int{r.values(r.published.Members, r.truth.members), r.values(r.published.Referred, r.truth.referred)}
	for i, step := range r.published.Steps {
		parts = append(parts, &w.excluded[i])
		values = append(values, r.values(step.Excluded, r.truth.excluded[i]))
	}
	at := make([]int, len(parts))
	limit := func(i int) int { return len(values[i]) - 1 }
	each(pointers(at), limit, func() bool {
		for i, part := range parts {
			*part = values[i][at[i]]
		}
		if r.adds(w) {
			r.fit(w)
		}
		return true
	})
}

func pointers(numbers []int) []*int {
	out := make([]*int, len(numbers))
	for i := range numbers {
		out[i] = &numbers[i]
	}
	return out
}

// adds reports whether the parts add up to the totals.
func (r reader) adds(w world) bool {
	is := func(text string, n int) bool {
		return r.policy.SumRounded || text == r.policy.Mark || strings.Contains(text, " ") || rounded(r.policy, n) == text || n == 0 && text == "0"
	}
	total := w.members + w.referred
	for i, excluded := range slices.Backward(w.excluded) {
		if !is(r.published.Steps[i].Remaining, total) {
			return false
		}
		total += excluded
	}
	return is(r.published.People, total)
}

// fit tells what the counts could be with these parts.
func (r reader) fit(w world) {
	least, most := make([]int, len(w.excluded)), make([]int, len(w.excluded))
	refers := 0
	for i, step := range r.published.Steps {
		most[i] = w.most(i, r.treatments[i])
		if step.Unknown != r.policy.Mark {
			values := r.values(step.Unknown, 0)
			least[i], most[i] = values[0], min(most[i], values[len(values)-1])
		}
		if most[i] < least[i] {
			return
		}
		refers += r.referring(i, most[i])
	}
	if refers < w.referred {
		return
	}
	r.could("Members", w.members)
	r.could("Referred", w.referred)
	for i, step := range r.published.Steps {
		at := " " + strconv.Itoa(i+1)
		r.could("Excluded"+at, w.excluded[i])
		for n := range r.policy.HideTo + 1 {
			if n <= w.excluded[i] && (i+1 < len(w.excluded) || n == w.excluded[i]) && step.OnlyThis == r.policy.Mark {
				r.could("OnlyThis"+at, n)
			}
			if n >= least[i] && n <= most[i] && refers-r.referring(i, most[i]-n) >= w.referred {
				r.could("Unknown"+at, n)
			}
		}
	}
}

// referring counts n people of a step that refers.
func (r reader) referring(i, n int) int {
	if r.treatments[i] == refers {
		return n
	}
	return 0
}

// TestReader reads random tables under the policies of publishers.
func TestReader(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		policy := rapid.SampledFrom([]cohort.Disclosure{cohort.HES(), cohort.MHSDS(), cohort.OpenSAFELY()}).Draw(rt, "policy")
		treatments := append([]string{never}, rapid.SliceOfN(rapid.SampledFrom([]string{never, fails, passes, refers}), 0, 2).Draw(rt, "treatments")...)
		w := drawWorld(rt, treatments)
		counts := w.counts(treatments)
		published := publisher(t, policy, nil, treatments...)(counts)
		seen := map[string]map[int]bool{}
		reader{policy, treatments, published, w, func(name string, n int) {
			if seen[name] == nil {
				seen[name] = map[int]bool{}
			}
			seen[name][n] = true
		}}.read()
		for i, c := range columns(published, counts) {
			if !holds(c.text, c.exact, policy) {
				rt.Errorf("%s of %d is %q", c.name, c.exact, c.text)
			}
			if c.total || c.name == "Refers" || c.text != policy.Mark || c.exact < policy.HideFrom || c.exact > policy.HideTo {
				continue
			}
			for n := policy.HideFrom; n <= policy.HideTo; n++ {
				if at := name(i, c); !seen[at][n] {
					rt.Errorf("%s cannot be %d in\n%v", at, n, published)
				}
			}
		}
	})
}

// holds reports whether what is published of a count is true.
func holds(text string, exact int, policy cohort.Disclosure) bool {
	if low, ok := strings.CutSuffix(text, " or more"); ok {
		from, err := strconv.Atoi(low)
		return err == nil && from <= exact
	}
	if low, high, ok := strings.Cut(text, " to "); ok {
		from, err1 := strconv.Atoi(low)
		to, err2 := strconv.Atoi(high)
		return err1 == nil && err2 == nil && from <= exact && exact <= to
	}
	return text == policy.Mark || policy.SumRounded || text == rounded(policy, exact) || text == "0" && exact == 0
}

func drawWorld(t *rapid.T, treatments []string) world {
	count := rapid.OneOf(rapid.IntRange(0, 16), rapid.IntRange(0, 2), rapid.IntRange(50, 70))
	n := len(treatments)
	w := world{members: count.Draw(t, "members"), excluded: make([]int, n), unknown: make([]int, n), only: make([]int, n)}
	referable := 0
	for i, treatment := range treatments {
		w.excluded[i] = count.Draw(t, "excluded")
		w.only[i] = rapid.IntRange(0, w.excluded[i]).Draw(t, "only")
		if treatment == refers {
			referable = 1
		}
	}
	w.only[n-1] = w.excluded[n-1]
	w.referred = referable * count.Draw(t, "referred")
	left := w.referred // to be referred by the steps that are left
	for i := n - 1; i >= 0; i-- {
		most := w.most(i, treatments[i])
		// Few, most or any: near the limit is where counts give others away.
		w.unknown[i] = rapid.OneOf(rapid.IntRange(0, most), rapid.IntRange(0, min(most, 7)), rapid.IntRange(max(0, most-3), most)).Draw(t, "unknown")
		if treatments[i] == refers {
			left -= w.unknown[i]
		}
	}
	for i := 0; i < n && left > 0; i++ {
		if treatments[i] == refers {
			more := min(left, w.most(i, refers)-w.unknown[i])
			w.unknown[i] += more
			left -= more
		}
	}
	return w
}
