package governance

import (
	"fmt"
	"slices"
)

// Stage is a rung of the ladder from a rehearsal to the whole country.
type Stage string

// The stages, from the lowest. Synthetic and dry run reach nobody.
const (
	Synthetic Stage = "synthetic" // invented people, test services
	DryRun    Stage = "dryrun"    // the real cohort, counted and rendered but not sent
	Pilot     Stage = "pilot"
	Ramp      Stage = "ramp"
	National  Stage = "national"
)

// Live reports whether messages of this stage reach people.
func (s Stage) Live() bool { return s.rank() >= Pilot.rank() }

// rank is the stage's place on the ladder, or -1 for an unknown stage.
func (s Stage) rank() int { return slices.Index(stages(), s) }

func stages() []Stage { return []Stage{Synthetic, DryRun, Pilot, Ramp, National} }

// VolumeFacet says how many people are expected, how many are allowed, and what that may cost.
type VolumeFacet struct {
	// ExpectedMin and ExpectedMax bound the size of the built cohort. Too few is as much a warning
	// as too many: a stale source loses people silently.
	ExpectedMin int `json:"expectedMin"`
	ExpectedMax int `json:"expectedMax"`
	// HardCap is the most people ever messaged under this proposal's id, whatever its content becomes.
	// Stages that reach nobody are counted apart, up to the same number.
	HardCap int `json:"hardCap"`
	// DailyCap is the most people messaged in one day in Europe/London, counted likewise.
	DailyCap int `json:"dailyCap"`
	// Stages is the ladder: every stage from synthetic to the highest one intended.
	Stages []StageCap `json:"stages"`
	// UnitCosts has the price and the expected share of every channel the templates use.
	UnitCosts []UnitCost `json:"unitCosts"`
	// PurchaseOrder identifies the purchase order that pays, and BudgetPence is what it has left. The
	// worst case must fit.
	PurchaseOrder string `json:"purchaseOrder"`
	BudgetPence   int    `json:"budgetPence"`
}

// StageCap is the most people one stage may reach.
type StageCap struct {
	Stage Stage `json:"stage"`
	Cap   int   `json:"cap"`
}

// UnitCost is the price of one message on a channel, all its fragments or sheets, with VAT, and the share
// of people who are expected to get one there.
type UnitCost struct {
	Channel Channel `json:"channel"`
	// MilliPence is in thousandths of a penny, because prices have fractions: 2.4p is 2400.
	MilliPence int `json:"milliPence"`
	// PerThousand is how many of a thousand people are expected to be messaged on this channel. Channels
	// tried one after the other overlap, so together they make a thousand or more.
	PerThousand int `json:"perThousand"`
}

// WorstCasePence is the cost if everybody up to the hard cap is messaged on every channel, rounded up.
func (f VolumeFacet) WorstCasePence() int {
	var each int
	for _, u := range f.UnitCosts {
		each += u.MilliPence
	}
	return (f.HardCap*each + 999) / 1000
}

// ExpectedPence is the cost of the expected channel mix for the most people expected, rounded up.
func (f VolumeFacet) ExpectedPence() int {
	var thousand int // what a thousand people cost, in thousandths of a penny
	for _, u := range f.UnitCosts {
		thousand += u.MilliPence * u.PerThousand
	}
	return (min(f.ExpectedMax, f.HardCap)*((thousand+999)/1000) + 999) / 1000
}

func (f VolumeFacet) check(c *checker) {
	c.count("volume.expectedMin", f.ExpectedMin)
	c.positive("volume.expectedMax", f.ExpectedMax)
	c.require(f.ExpectedMin <= f.ExpectedMax, "volume.expectedMin", "must not exceed expectedMax")
	c.positive("volume.hardCap", f.HardCap)
	c.positive("volume.dailyCap", f.DailyCap)
	f.checkStages(c)
	everybody := 0
	for i, u := range f.UnitCosts {
		at := fmt.Sprintf("volume.unitCosts[%d].", i)
		checkChannel(c, at+"channel", u.Channel)
		c.require(u.MilliPence >= 0 && u.MilliPence <= 100_000_000, at+"milliPence", "must be between 0 and 100000000")
		c.require(u.PerThousand >= 0 && u.PerThousand <= 1000, at+"perThousand", "must be between 0 and 1000")
		everybody += u.PerThousand
	}
	c.require(everybody >= 1000, "volume.unitCosts", "must expect everybody to be messaged on some channel: perThousand makes %d", everybody)
	unique(c, "volume.unitCosts", namesOf(f.UnitCosts, func(u UnitCost) Channel { return u.Channel }))
	c.text("volume.purchaseOrder", f.PurchaseOrder)
	c.require(f.BudgetPence >= 0, "volume.budgetPence", "must not be negative")
	if len(c.errs) == 0 {
		c.require(f.WorstCasePence() <= f.BudgetPence, "volume.budgetPence",
			"does not cover the worst case of %d pence", f.WorstCasePence())
	}
}

// checkStages requires the rungs without gaps: skipping one would skip its rehearsal.
func (f VolumeFacet) checkStages(c *checker) {
	caps := make(map[Stage]int, len(f.Stages))
	highest := Synthetic.rank()
	for _, s := range f.Stages {
		c.require(s.Stage.rank() >= 0, "volume.stages.stage", "must be one of %v", stages())
		c.positive("volume.stages.cap", s.Cap)
		c.require(s.Cap <= f.HardCap, "volume.stages.cap", "must not exceed hardCap")
		caps[s.Stage] = s.Cap
		highest = max(highest, s.Stage.rank())
	}
	unique(c, "volume.stages", namesOf(f.Stages, func(s StageCap) Stage { return s.Stage }))
	for _, s := range stages()[:highest+1] {
		_, ok := caps[s]
		c.require(ok, "volume.stages", "must include the stage %s", s)
	}
}

// stageCap is the cap of a stage, or false when the ladder does not have it.
func (f VolumeFacet) stageCap(s Stage) (int, bool) {
	i := slices.IndexFunc(f.Stages, func(c StageCap) bool { return c.Stage == s })
	if i < 0 {
		return 0, false
	}
	return f.Stages[i].Cap, true
}
