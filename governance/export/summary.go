package export

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/personalised-prevention/nhs/governance"
)

// Summary is what is approved before a list is released: who is on it, by segment and routing plan, and why
// the others are not. All counts of people are under the disclosure policy of the proposal, so the summary
// can be read outside the programme.
type Summary struct {
	Stamp

	Manifest governance.Digest `json:"manifest"`
	BuiltAt  time.Time         `json:"builtAt"`
	Policy   string            `json:"policy"`
	Included string            `json:"included"`
	// AsExpected says whether the exact number is in the expected range.
	AsExpected  bool `json:"asExpected"`
	ExpectedMin int  `json:"expectedMin"`
	ExpectedMax int  `json:"expectedMax"`
	// Exclusions and Segments are published counts.
	Exclusions []PublishedExclusion `json:"exclusions"`
	Segments   []PublishedSegment   `json:"segments"`
	// Sentinels are of test identities, and exact.
	Sentinels []governance.SentinelResult `json:"sentinels"`
	Snapshots []governance.Snapshot       `json:"snapshots"`
	// ExpectedPence and WorstPence are what sending may cost, BudgetPence is what the purchase order has.
	ExpectedPence int    `json:"expectedPence"`
	WorstPence    int    `json:"worstPence"`
	BudgetPence   int    `json:"budgetPence"`
	PurchaseOrder string `json:"purchaseOrder"`
}

// PublishedExclusion is the published count of people left out for one reason.
type PublishedExclusion struct {
	Reason string `json:"reason"`
	Count  string `json:"count"`
}

// PublishedSegment is a segment with its published counts.
type PublishedSegment struct {
	Name       string               `json:"name"`
	Plan       string               `json:"plan"`
	Included   string               `json:"included"`
	Exclusions []PublishedExclusion `json:"exclusions"`
}

// Hidden stands for a count that the disclosure policy hides.
const Hidden = "*"

// NewSummary makes the summary of a list built for the proposal.
func NewSummary(p governance.Proposal, m governance.Manifest, at time.Time) (*Summary, error) {
	s, err := stamp(p, at)
	if err != nil {
		return nil, err
	}
	if err := m.Validate(); err != nil {
		return nil, err
	}
	if m.Proposal != s.Root {
		return nil, &governance.FieldError{Field: "manifest.proposal", Reason: "is of another proposal"}
	}
	policy, volume := publisher{p.Safety.Disclosure}, p.Volume
	summary := &Summary{
		Stamp: s, Manifest: m.Digest(), BuiltAt: m.BuiltAt.UTC(), Policy: p.Safety.Disclosure.Name,
		AsExpected:  m.Included >= volume.ExpectedMin && m.Included <= volume.ExpectedMax,
		ExpectedMin: volume.ExpectedMin, ExpectedMax: volume.ExpectedMax, Sentinels: m.Sentinels, Snapshots: m.Snapshots,
		ExpectedPence: volume.ExpectedPence(), WorstPence: volume.WorstCasePence(), BudgetPence: volume.BudgetPence,
		PurchaseOrder: volume.PurchaseOrder,
	}
	included, excluded := 0, map[string]int{}
	for _, g := range m.Segments {
		summary.Segments = append(summary.Segments, PublishedSegment{
			Name: g.Name, Plan: g.Plan, Included: policy.show(g.Included), Exclusions: policy.exclusions(g.Exclusions),
		})
		included += policy.round(g.Included)
		for _, e := range g.Exclusions {
			excluded[e.Reason] += policy.round(e.Count)
		}
	}
	summary.Included = policy.total(m.Included, included)
	for _, e := range m.Exclusions {
		summary.Exclusions = append(summary.Exclusions, PublishedExclusion{e.Reason, policy.total(e.Count, excluded[e.Reason])})
	}
	return summary, nil
}

// publisher applies a disclosure policy. A total is the sum of what is published of its parts: a hidden part
// then cannot be had by subtraction.
type publisher struct{ governance.DisclosurePolicy }

func (p publisher) round(n int) int {
	if n <= p.SuppressUpTo {
		return 0
	}
	return (n + p.RoundTo/2) / p.RoundTo * p.RoundTo
}

func (p publisher) show(n int) string {
	if n > 0 && n <= p.SuppressUpTo {
		return Hidden
	}
	return strconv.Itoa(p.round(n))
}

func (p publisher) total(exact, parts int) string {
	if exact > 0 && parts == 0 {
		return Hidden
	}
	return strconv.Itoa(parts)
}

func (p publisher) exclusions(list []governance.Exclusion) []PublishedExclusion {
	published := make([]PublishedExclusion, len(list))
	for i, e := range list {
		published[i] = PublishedExclusion{e.Reason, p.show(e.Count)}
	}
	return published
}

// Document makes the summary ready to be written.
func (s *Summary) Document() *Document {
	outside := "outside"
	if s.AsExpected {
		outside = "within"
	}
	return &Document{title: "Summary of the list: " + s.Proposal, stamp: s.Stamp, data: s, sections: []section{
		{"The list", []block{facts(
			[2]string{"List", s.Manifest.String()},
			[2]string{"Built", day(s.BuiltAt)},
			[2]string{"People on it", s.Included},
			[2]string{"Expected", fmt.Sprintf("%s to %s: %s the range", thousands(s.ExpectedMin), thousands(s.ExpectedMax), outside)},
			[2]string{"Expected cost", pounds(s.ExpectedPence)},
			[2]string{"Highest cost", pounds(s.WorstPence)},
			[2]string{"Purchase order", s.PurchaseOrder + ", with " + pounds(s.BudgetPence) + " left"},
		), text("Counts of people follow the disclosure policy %s: %s stands for a count that is hidden, the others are rounded, and totals add up what is shown.", s.Policy, Hidden)}},
		{"Left out, by reason", []block{s.exclusions()}},
		{"By segment and routing plan", []block{s.segments()}},
		{"Sentinels", []block{text("Test identities that the checks had to catch."), s.sentinels()}},
		{"Snapshots of the data", []block{s.snapshots()}},
	}}
}

func (s *Summary) exclusions() block {
	rows := make([][]string, len(s.Exclusions))
	for i, e := range s.Exclusions {
		rows[i] = []string{e.Reason, e.Count}
	}
	return grid("", []string{"Reason", "#People"}, rows)
}

func (s *Summary) segments() block {
	reasons := map[string]bool{}
	for _, g := range s.Segments {
		for _, e := range g.Exclusions {
			reasons[e.Reason] = true
		}
	}
	head := []string{"Segment", "Routing plan", "#On the list"}
	order := slices.Sorted(maps.Keys(reasons))
	for _, r := range order {
		head = append(head, "#Left out: "+r)
	}
	var rows [][]string
	for _, g := range s.Segments {
		row := []string{g.Name, g.Plan, g.Included}
		for _, r := range order {
			count := "0"
			for _, e := range g.Exclusions {
				if e.Reason == r {
					count = e.Count
				}
			}
			row = append(row, count)
		}
		rows = append(rows, row)
	}
	return grid("", head, rows)
}

func (s *Summary) sentinels() block {
	rows := make([][]string, len(s.Sentinels))
	for i, r := range s.Sentinels {
		rows[i] = []string{r.Kind, strconv.Itoa(r.Planted), strconv.Itoa(r.Caught)}
	}
	return grid("", []string{"Kind", "#Planted", "#Caught"}, rows)
}

func (s *Summary) snapshots() block {
	rows := make([][]string, len(s.Snapshots))
	for i, n := range s.Snapshots {
		rows[i] = []string{n.DataSet, n.ID, day(n.TakenAt)}
	}
	return grid("", []string{"Data set", "Snapshot", "Taken"}, rows)
}
