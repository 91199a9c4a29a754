package governance

import (
	"fmt"
	"slices"
)

// The suppressions: checks that are applied to everybody on the final list, after all parts of a cohort
// have been put together, by what builds the list and not by its author. Their names are also the reasons
// of exclusions and the kinds of sentinels.
const (
	SuppressDeceased       = "deceased"
	SuppressRestricted     = "restricted" // anything but an unrestricted record, an unknown flag included
	SuppressSuperseded     = "superseded" // the number has been replaced by another
	SuppressRemoved        = "removed"    // removed from registration
	SuppressNoRecord       = "no-record"
	SuppressUnderAge       = "under-age" // younger than the proposal's minimum age, or of unknown age
	SuppressObjection      = "objection" // to the programme or to a channel
	SuppressType1          = "type-1-opt-out"
	SuppressNationalOptOut = "national-data-opt-out"
)

// SuppressionRule is one row of the table of suppressions.
type SuppressionRule struct {
	Name string
	// Says completes the sentence "Nobody is messaged who ...".
	Says string
	// Always says that every proposal needs it. The opt-outs are needed when [OptOutDecision] applies them.
	Always bool
	// Sentinel says that test identities of this kind must be planted in every build that applies it.
	Sentinel bool
	// AdvisedHours is how old the check should be at most, and LimitHours how old it may be at most; 0
	// leaves that to the proposal.
	AdvisedHours int
	LimitHours   int
	// Answer says that the check is an exchange of lists, whose answer a [Checked] must identify.
	Answer bool
}

// SuppressionRules returns the table of suppressions.
//
// The advice of one day for deaths and restricted records follows from letters that went to people who had
// died (shielding, 2020). The limit of 21 days for the national data opt-out is that of implementers'
// public notes; the official page has not been seen.
func SuppressionRules() []SuppressionRule {
	const day = 24
	return []SuppressionRule{
		{Name: SuppressDeceased, Says: "has died, formally or informally notified", Always: true, Sentinel: true, AdvisedHours: day},
		{Name: SuppressRestricted, Says: "has a restricted record, or a flag that is not known", Always: true, Sentinel: true, AdvisedHours: day},
		{Name: SuppressSuperseded, Says: "is listed under a number that has been replaced", Always: true, Sentinel: true},
		{Name: SuppressRemoved, Says: "has been removed from registration", Always: true},
		{Name: SuppressNoRecord, Says: "has no record"},
		{Name: SuppressUnderAge, Says: "is younger than the minimum age, or of unknown age", Always: true, Sentinel: true},
		{Name: SuppressObjection, Says: "has objected to the programme or to its channels", Always: true, Sentinel: true},
		{Name: SuppressType1, Says: "has a type 1 opt-out on their GP record", Sentinel: true},
		{Name: SuppressNationalOptOut, Says: "has a national data opt-out", Sentinel: true, LimitHours: 21 * day, Answer: true},
	}
}

// suppressionRule returns the row of a suppression; a programme's own has none of the table's demands.
func suppressionRule(name string) SuppressionRule {
	rules := SuppressionRules()
	if i := slices.IndexFunc(rules, func(r SuppressionRule) bool { return r.Name == name }); i >= 0 {
		return rules[i]
	}
	return SuppressionRule{Name: name}
}

// Suppressions returns the suppressions a decision makes necessary, in the order of the table.
func (o OptOutDecision) Suppressions() []SuppressionRule {
	return slices.DeleteFunc(SuppressionRules(), func(r SuppressionRule) bool {
		switch r.Name {
		case SuppressNationalOptOut:
			return !o.NationalDataOptOut
		case SuppressType1:
			return !o.Type1
		default:
			return !r.Always
		}
	})
}

// checkSuppressions compares the suppressions and sentinels with those the opt-out decision needs.
func (f SafetyFacet) checkSuppressions(c *checker, o OptOutDecision) {
	for i, s := range f.Suppressions {
		limit := suppressionRule(s.Name).LimitHours
		c.require(limit == 0 || s.MaxAgeHours <= limit, fmt.Sprintf("safety.suppressions[%d].maxAgeHours", i),
			"must be at most %d for %s", limit, s.Name)
	}
	applied := namesOf(f.Suppressions, func(s Suppression) string { return s.Name })
	planted := namesOf(f.Sentinels, func(s Sentinel) string { return s.Kind })
	for _, rule := range o.Suppressions() {
		c.require(slices.Contains(applied, rule.Name), "safety.suppressions", "must include %s", rule.Name)
	}
	for _, name := range applied {
		c.require(!suppressionRule(name).Sentinel || slices.Contains(planted, name), "safety.sentinels",
			"must include %s, to prove that it is caught", name)
	}
	for _, kind := range planted {
		c.require(slices.Contains(applied, kind), "safety.sentinels", "of kind %s has no suppression to catch it", kind)
	}
}
