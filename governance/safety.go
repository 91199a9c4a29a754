package governance

import "fmt"

// SafetyFacet lists the controls that keep the wrong people out.
type SafetyFacet struct {
	// Suppressions are the checks every recipient passed, and how fresh each must be when a batch
	// is sent.
	Suppressions []Suppression `json:"suppressions"`
	// Sentinels are test identities planted in every build to prove the suppressions work.
	Sentinels []Sentinel `json:"sentinels"`
	// Disclosure is the small-number rule for every count that is published.
	Disclosure DisclosurePolicy `json:"disclosure"`
	// HazardLog is the digest of the hazard log the clinical safety officer approved (DCB0129).
	HazardLog Digest `json:"hazardLog"`
	// Limits are the outcomes beyond which a stage is not healthy and no later stage may start.
	Limits StageLimits `json:"limits"`
}

// Suppression is one check, such as "deceased", "restricted" or "national-data-opt-out".
type Suppression struct {
	Name        string `json:"name"`
	MaxAgeHours int    `json:"maxAgeHours"`
}

// Sentinel asks for at least Planted test identities of a kind, such as "deceased". Every one of them
// must be caught.
type Sentinel struct {
	Kind    string `json:"kind"`
	Planted int    `json:"planted"`
}

// DisclosurePolicy is a published rule for small numbers. Official policies differ, so it is data.
type DisclosurePolicy struct {
	// Name says whose policy it is.
	Name string `json:"name"`
	// SuppressUpTo hides counts from 1 to this number.
	SuppressUpTo int `json:"suppressUpTo"`
	// RoundTo rounds the others to the nearest multiple. One leaves them as they are.
	RoundTo int `json:"roundTo"`
}

// StageLimits are rates in a thousand of those a stage accounts for.
type StageLimits struct {
	FailedPerThousand int `json:"failedPerThousand"`
	// DeceasedPerThousand counts messages NHS Notify stopped because the person has died.
	DeceasedPerThousand int `json:"deceasedPerThousand"`
}

func (f SafetyFacet) check(c *checker) {
	c.require(len(f.Suppressions) > 0, "safety.suppressions", "must not be empty")
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
	c.text("safety.disclosure.name", f.Disclosure.Name)
	c.count("safety.disclosure.suppressUpTo", f.Disclosure.SuppressUpTo)
	c.positive("safety.disclosure.roundTo", f.Disclosure.RoundTo)
	c.digest("safety.hazardLog", f.HazardLog)
	checkRate(c, "safety.limits.failedPerThousand", f.Limits.FailedPerThousand)
	checkRate(c, "safety.limits.deceasedPerThousand", f.Limits.DeceasedPerThousand)
}

func checkRate(c *checker, field string, n int) {
	c.require(n >= 0 && n <= 1000, field, "must be between 0 and 1000")
}
