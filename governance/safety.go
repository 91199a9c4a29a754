package governance

import "fmt"

// SafetyFacet lists the controls that keep the wrong people out.
type SafetyFacet struct {
	// Suppressions are the checks every recipient passed, and how fresh each must be when a batch
	// is sent. [OptOutDecision.Suppressions] says which are needed; a programme may add its own.
	Suppressions []Suppression `json:"suppressions"`
	// Sentinels are test identities planted in every build to prove the suppressions work.
	Sentinels []Sentinel `json:"sentinels"`
	// MinimumAge is in completed years. Nobody under 16 is messaged through this package: what is said to
	// them, and whether to them, is not for a bulk message.
	MinimumAge int `json:"minimumAge"`
	// Disclosure is the small-number rule for every count that is published.
	Disclosure DisclosurePolicy `json:"disclosure"`
	// HazardLog describes the hazard log the clinical safety officer approved (DCB0129).
	HazardLog HazardLog `json:"hazardLog"`
	// Limits are the outcomes beyond which a stage is not healthy: it may not go on, and no later stage may
	// start. What is known of the stage is what [Authority.RecordOutcome] was told last.
	Limits StageLimits `json:"limits"`
}

// Suppression is one check, such as [SuppressDeceased], and how old it may be.
type Suppression struct {
	Name        string `json:"name"`
	MaxAgeHours int    `json:"maxAgeHours"`
}

// Sentinel asks for at least Planted test identities of a kind, such as [SuppressDeceased]. Every one of
// them must be caught.
type Sentinel struct {
	Kind    string `json:"kind"`
	Planted int    `json:"planted"`
}

// HazardLog is what a hazard log comes to, as package governance/export makes it from the live one.
type HazardLog struct {
	// Content is the digest of its hazards, causes, controls and ratings.
	Content Digest `json:"content"`
	// HighestRisk is the highest residual risk of an open hazard and AcceptableRisk the highest that the
	// safety plan accepts, both from 1 to 5.
	HighestRisk    int `json:"highestRisk"`
	AcceptableRisk int `json:"acceptableRisk"`
	// Unproved is how many controls have no test that passed.
	Unproved int `json:"unproved"`
}

// DisclosurePolicy is a published rule for small numbers. Official policies differ, so it is data.
type DisclosurePolicy struct {
	// Name says whose policy it is.
	Name string `json:"name"`
	// SuppressUpTo hides counts from 1 to this number.
	SuppressUpTo int `json:"suppressUpTo"`
	// RoundTo rounds the others to the nearest multiple. It is at least 2: exact neighbouring counts
	// give hidden ones away by subtraction.
	RoundTo int `json:"roundTo"`
}

// StageLimits are rates in a thousand of those a stage accounts for.
type StageLimits struct {
	FailedPerThousand int `json:"failedPerThousand"`
	// DeceasedPerThousand counts messages NHS Notify stopped because the person has died.
	DeceasedPerThousand int `json:"deceasedPerThousand"`
}

func (f SafetyFacet) check(c *checker, o OptOutDecision) {
	for i, s := range f.Suppressions {
		at := fmt.Sprintf("safety.suppressions[%d].", i)
		c.text(at+"name", s.Name)
		c.positive(at+"maxAgeHours", s.MaxAgeHours)
	}
	unique(c, "safety.suppressions", namesOf(f.Suppressions, func(s Suppression) string { return s.Name }))
	for i, s := range f.Sentinels {
		at := fmt.Sprintf("safety.sentinels[%d].", i)
		c.text(at+"kind", s.Kind)
		c.positive(at+"planted", s.Planted)
	}
	unique(c, "safety.sentinels", namesOf(f.Sentinels, func(s Sentinel) string { return s.Kind }))
	f.checkSuppressions(c, o)
	c.require(f.MinimumAge >= 16 && f.MinimumAge <= 120, "safety.minimumAge", "must be between 16 and 120")
	c.text("safety.disclosure.name", f.Disclosure.Name)
	c.positive("safety.disclosure.suppressUpTo", f.Disclosure.SuppressUpTo)
	c.require(f.Disclosure.RoundTo >= 2 && f.Disclosure.RoundTo <= maxCount, "safety.disclosure.roundTo", "must be at least 2")
	c.digest("safety.hazardLog.content", f.HazardLog.Content)
	c.require(f.HazardLog.HighestRisk >= 1 && f.HazardLog.HighestRisk <= 5, "safety.hazardLog.highestRisk", "must be between 1 and 5")
	c.require(f.HazardLog.AcceptableRisk >= 1 && f.HazardLog.AcceptableRisk <= 4, "safety.hazardLog.acceptableRisk",
		"must be between 1 and 4: 5 is unacceptable")
	c.count("safety.hazardLog.unproved", f.HazardLog.Unproved)
	checkRate(c, "safety.limits.failedPerThousand", f.Limits.FailedPerThousand)
	checkRate(c, "safety.limits.deceasedPerThousand", f.Limits.DeceasedPerThousand)
}

func checkRate(c *checker, field string, n int) {
	c.require(n >= 0 && n <= 1000, field, "must be between 0 and 1000")
}
