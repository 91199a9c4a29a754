package cohort

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
)

// Disclosure is a disclosure control policy: what has to happen to a count of people before it leaves the
// secure environment. Policies of publishers differ, so a policy is data. Use [HES], [MHSDS] or
// [OpenSAFELY], or write down your own.
//
// [Attrition.Publish] hides what the policy says, and beyond that whatever would give it away: a hidden
// count can still be any number from HideFrom to HideTo, however one adds and subtracts what is shown,
// knowing the policy, the definition and this package. A hidden total is as open as the parts of it that
// are hidden.
//
// What is not protected:
//
//   - Two publications of nearly the same cohort. One table cannot show who moved between them, nor can the
//     counts of both. Keep a record of what has been published, and do not publish again for a change that
//     moves a few people.
//   - What readers know from elsewhere, such as that whoever fails one step fails another.
//   - A number that is no count of the table, such as those who fail a step and another one too. It is
//     protected by rounding alone, as is the exact number behind a count that is shown.
type Disclosure struct {
	// Name says which policy it is.
	Name string
	// HideFrom and HideTo are the smallest and the largest count that is hidden.
	HideFrom, HideTo int
	// Mark stands for a hidden count.
	Mark string
	// RoundTo is the number that shown counts are rounded to a multiple of. It must be at least 2: exact
	// neighbouring counts give hidden ones away by subtraction. No count that is shown may round to zero.
	RoundTo int
	// SumRounded makes totals the sum of their published parts, in which hidden ones count as zero,
	// instead of the rounded sum of the exact parts. Totals then tell no more than the parts do, and none
	// is hidden because a part is.
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
// hidden. A total of which a part is hidden is the least and the most that it can be by the counts that are
// shown, such as "31 to 45", or "31 or more" where they give no most; it is hidden where nothing but hidden
// parts is in it.
type Published struct {
	// Policy is the name of the policy applied.
	Policy string
	// Legend says how the counts are to be read, in a sentence.
	Legend string
	// People, Members and Referred are the counts of the same names in [Counts].
	People, Members, Referred string
	// Steps are the steps in order.
	Steps []PublishedStep
}

// PublishedStep is one step of [Published]; its counts are those of [StepCounts].
type PublishedStep struct {
	Label, Excluded, Remaining, Unknown, Refers, OnlyThis string
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
	_, _ = fmt.Fprintln(&out, p.Legend)
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
	case d.round(d.HideTo+1) == 0:
		return fmt.Errorf("a count of %d would be shown as 0: hide more, or round to less", d.HideTo+1)
	default:
		return nil
	}
}

func (d Disclosure) hidden(n int) bool { return n >= d.HideFrom && n <= d.HideTo }

func (d Disclosure) round(n int) int { return (n + d.RoundTo/2) / d.RoundTo * d.RoundTo }
