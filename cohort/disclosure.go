package cohort

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Disclosure is a disclosure control policy: what has to happen to a count of people before it leaves the
// secure environment. Policies of publishers differ, so a policy is data. Use [HES], [MHSDS] or
// [OpenSAFELY], or write down your own.
//
// A policy protects single counts. It does not by itself protect against comparing two publications of
// nearly the same cohort; keep a record of what has been published.
type Disclosure struct {
	// Name says which policy it is.
	Name string
	// HideFrom and HideTo are the smallest and the largest count that is hidden.
	HideFrom, HideTo int
	// Mark stands for a hidden count.
	Mark string
	// RoundTo is the number that shown counts are rounded to a multiple of. It must be at least 2: exact
	// neighbouring counts give hidden ones away by subtraction.
	RoundTo int
	// SumRounded makes totals the sum of their published parts instead of the rounded sum of the exact
	// parts. Differences between totals then tell no more than the parts do.
	SumRounded bool
}

// HES is the policy of Hospital Episode Statistics for figures below national level, since September
// 2018: 1 to 7 are hidden, others are rounded to the nearest 5, totals are rounded after adding up.
func HES() Disclosure {
	return Disclosure{Name: "HES", HideFrom: 1, HideTo: 7, Mark: "*", RoundTo: 5}
}

// MHSDS is the policy of the monthly Mental Health Services Data Set figures below national level: fewer
// than 5 are hidden, others are rounded to the nearest 5.
func MHSDS() Disclosure {
	return Disclosure{Name: "MHSDS", HideTo: 4, Mark: "*", RoundTo: 5}
}

// OpenSAFELY is the policy of the OpenSAFELY platform: 7 or fewer are hidden, others are rounded to the
// nearest 5, and totals are added up from rounded parts.
func OpenSAFELY() Disclosure {
	return Disclosure{Name: "OpenSAFELY", HideTo: 7, Mark: "[REDACTED]", RoundTo: 5, SumRounded: true}
}

// Published is attrition as it may leave the secure environment: every count is a text, rounded or
// hidden.
type Published struct {
	// Policy is the name of the policy applied.
	Policy string
	// People, Members and Referred are the counts of the same names in [Counts].
	People, Members, Referred string
	// Steps are the steps in order.
	Steps []PublishedStep
}

// PublishedStep is one step of [Published]; its counts are those of [StepCounts].
type PublishedStep struct {
	Label, Excluded, Remaining, Unknown, Refers, OnlyThis string
}

// Publish applies a policy to the counts. A policy that hides nothing, has no mark or does not round is
// refused.
func (a *Attrition) Publish(policy Disclosure) (*Published, error) {
	if err := policy.check(); err != nil {
		return nil, fmt.Errorf("cohort: Publish: policy %q: %w", policy.Name, err)
	}
	counts := a.counts
	published := &Published{
		Policy: policy.Name, Members: policy.show(counts.Members), Referred: policy.show(counts.Referred),
		Steps: make([]PublishedStep, len(counts.Steps)),
	}
	// From the last step back, each total is the one after it and what the step excludes.
	total := policy.round(counts.Members) + policy.round(counts.Referred)
	for i := len(counts.Steps) - 1; i >= 0; i-- {
		step := counts.Steps[i]
		published.Steps[i] = PublishedStep{
			Label: step.Label, Excluded: policy.show(step.Excluded), Remaining: policy.total(step.Remaining, total),
			Unknown: policy.show(step.Unknown), Refers: policy.show(step.Refers), OnlyThis: policy.show(step.OnlyThis),
		}
		total += policy.round(step.Excluded)
	}
	published.People = policy.total(counts.People, total)
	return published, nil
}

// String returns the counts as a table.
func (p *Published) String() string {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(w, "step\texcluded\tremaining\tunknown\trefers\tonly this\n")
	_, _ = fmt.Fprintf(w, "everyone\t\t%s\t\t\t\n", p.People)
	for i, s := range p.Steps {
		_, _ = fmt.Fprintf(w, "%d %s\t%s\t%s\t%s\t%s\t%s\n", i+1, s.Label, s.Excluded, s.Remaining, s.Unknown, s.Refers, s.OnlyThis)
	}
	_ = w.Flush()
	_, _ = fmt.Fprintf(&out, "members %s, referred %s; counts under the %s disclosure policy\n", p.Members, p.Referred, p.Policy)
	lines := strings.Split(out.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

func (d Disclosure) check() error {
	switch {
	case d.HideFrom < 0 || d.HideFrom > 1 || d.HideTo < 1:
		return errors.New("HideFrom must be 0 or 1 and HideTo at least 1, so that small counts are hidden")
	case d.Mark == "":
		return errors.New("no Mark: say what stands for a hidden count")
	case d.RoundTo < 2:
		return errors.New("RoundTo must be at least 2: exact counts give hidden ones away by subtraction")
	default:
		return nil
	}
}

func (d Disclosure) hidden(n int) bool { return n >= d.HideFrom && n <= d.HideTo }

// round returns a count as it is shown, with hidden counts as zero.
func (d Disclosure) round(n int) int {
	if d.hidden(n) {
		return 0
	}
	return (n + d.RoundTo/2) / d.RoundTo * d.RoundTo
}

func (d Disclosure) show(n int) string {
	if d.hidden(n) {
		return d.Mark
	}
	return strconv.Itoa(d.round(n))
}

// total shows a total, given exactly and as the sum of its published parts.
func (d Disclosure) total(exact, sum int) string {
	if d.SumRounded && !d.hidden(exact) {
		return strconv.Itoa(sum)
	}
	return d.show(exact)
}
