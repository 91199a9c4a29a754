package governance

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Role is what makes a person competent to sign.
type Role string

// The roles of the default gates. A programme may define others.
const (
	RoleCommissioner   Role = "commissioner"
	RoleAuthorLead     Role = "author-lead" // answers for the author's work
	RolePlatformCaaS   Role = "platform-caas"
	RolePlatformNotify Role = "platform-notify"
	RoleBudgetHolder   Role = "budget-holder"
	RoleLegal          Role = "legal" // legal or information governance
	RoleDPO            Role = "dpo"   // data protection officer
	RoleCaldicott      Role = "caldicott-guardian"
	RoleSIRO           Role = "siro" // senior information risk owner
	RoleCSO            Role = "cso"  // clinical safety officer
	RoleClinicalLead   Role = "clinical-lead"
	RoleTester         Role = "tester"
	RoleApprover       Role = "approver" // says a summary looks right
	RoleReleaser       Role = "releaser" // says start now
)

// AnyOf is a place to fill: one person with any of these roles.
type AnyOf []Role

// Gate is one decision that must be taken, as data.
type Gate struct {
	// Name identifies the gate in notes and reports.
	Name string `json:"name"`
	// Covers are the facets signed. A change to any of them voids the gate.
	Covers []Facet `json:"covers"`
	// Manifest and Stage say whether the built list and the stage are signed as well.
	Manifest bool `json:"manifest"`
	Stage    bool `json:"stage"`
	// Roles are the places, each filled by a different person.
	Roles []AnyOf `json:"roles"`
	// MinPeople is the least number of distinct people, if more than there are places.
	MinPeople int `json:"minPeople"`
	// NotAuthor keeps the proposal's author from signing.
	NotAuthor bool `json:"notAuthor"`
	// MaxAge is how long an approval counts after it was signed. Its own expiry may be earlier.
	MaxAge time.Duration `json:"maxAge"`
	// Evidence lists the kinds of document the approvals must refer to between them.
	Evidence []EvidenceKind `json:"evidence"`
	// Checks are what a machine must find as well: see [MachineCheckRules].
	Checks []MachineCheck `json:"checks"`
}

// DefaultGates returns the seven steps of the personalised prevention discovery, the last split into
// assurance, summary and release. The maximum ages are this package's own choice. A programme may adapt
// the table, as long as every facet, the manifest and the stage stay covered.
func DefaultGates() []Gate {
	const day = 24 * time.Hour
	all := AllFacets()
	return []Gate{
		{
			Name: "scope", Covers: []Facet{FacetCohort, FacetData, FacetVolume},
			Roles: []AnyOf{{RoleCommissioner}, {RoleAuthorLead}}, MinPeople: 2, MaxAge: 365 * day,
			Checks: []MachineCheck{CheckFields},
		},
		{
			Name: "platforms", Covers: []Facet{FacetData, FacetMessage, FacetVolume},
			Roles: []AnyOf{{RolePlatformCaaS}, {RolePlatformNotify}}, MinPeople: 2, MaxAge: 365 * day,
			Checks: []MachineCheck{CheckCollision},
		},
		{
			Name: "funding", Covers: []Facet{FacetVolume, FacetMessage},
			Roles: []AnyOf{{RoleBudgetHolder}}, MinPeople: 1, MaxAge: 365 * day,
			Evidence: []EvidenceKind{EvidencePurchaseOrder}, Checks: []MachineCheck{CheckPurchaseOrder},
		},
		{
			Name: "legal", Covers: []Facet{FacetPurpose, FacetData},
			Roles: []AnyOf{{RoleLegal}}, MinPeople: 1, NotAuthor: true, MaxAge: 365 * day,
			Checks: []MachineCheck{CheckWithinBasis, CheckBasis, CheckOptOut, CheckNotMarketing},
		},
		{
			Name: "dpia", Covers: []Facet{FacetPurpose, FacetData, FacetSafety, FacetMessage},
			Roles: []AnyOf{{RoleDPO}, {RoleCaldicott, RoleSIRO}}, MinPeople: 2, MaxAge: 365 * day,
			Evidence: []EvidenceKind{EvidenceDPIA, EvidenceTransparencyNotice},
			Checks:   []MachineCheck{CheckFields, CheckSuppressions},
		},
		{
			Name: "clinical", Covers: []Facet{FacetCohort, FacetSafety, FacetMessage},
			Roles: []AnyOf{{RoleCSO}, {RoleClinicalLead}}, MinPeople: 2, MaxAge: 365 * day,
			Checks: []MachineCheck{CheckHazards},
		},
		{
			Name: "assurance", Covers: all,
			Roles: []AnyOf{{RoleTester}}, MinPeople: 1, NotAuthor: true, MaxAge: 90 * day,
			Evidence: []EvidenceKind{EvidenceSyntheticRun, EvidenceBoundaryTable, EvidenceSentinels},
		},
		{
			Name: "summary", Covers: all, Manifest: true,
			Roles: []AnyOf{{RoleApprover}}, MinPeople: 1, NotAuthor: true, MaxAge: 28 * day,
			Checks: []MachineCheck{CheckRecorded, CheckSize, CheckSentinels, CheckData},
		},
		{
			Name: "release", Covers: all, Manifest: true, Stage: true,
			Roles: []AnyOf{{RoleReleaser}}, MinPeople: 1, MaxAge: 28 * day,
			Evidence: []EvidenceKind{EvidenceUpstreamInformed},
			Checks:   []MachineCheck{CheckLadder, CheckNotHalted, CheckWindow},
		},
	}
}

// checkGates refuses a table that would leave something unsigned.
func checkGates(gates []Gate) error {
	var c checker
	var covered []Facet
	var manifest, stage bool
	for i, g := range gates {
		at := fmt.Sprintf("gates[%d].", i)
		c.word(at+"name", g.Name)
		c.require(len(g.Covers) > 0, at+"covers", "must not be empty")
		for _, f := range g.Covers {
			oneOf(&c, at+"covers", f, AllFacets()...)
		}
		unique(&c, at+"covers", g.Covers)
		c.require(len(g.Roles) > 0, at+"roles", "must not be empty")
		for _, place := range g.Roles {
			c.require(len(place) > 0, at+"roles", "must not hold an empty place")
			for _, r := range place {
				c.word(at+"roles", string(r))
			}
		}
		c.positive(at+"minPeople", g.MinPeople)
		c.require(g.MaxAge > 0, at+"maxAge", "must be positive")
		for _, k := range g.Evidence {
			c.word(at+"evidence", string(k))
		}
		for _, k := range g.Checks {
			oneOf(&c, at+"checks", k, machineChecks()...)
		}
		covered = append(covered, g.Covers...)
		manifest = manifest || g.Manifest
		stage = stage || g.Stage
	}
	unique(&c, "gates", namesOf(gates, func(g Gate) string { return g.Name }))
	for _, f := range AllFacets() {
		c.require(slices.Contains(covered, f), "gates", "must cover the facet %s", f)
	}
	c.require(manifest, "gates", "must cover the manifest")
	c.require(stage, "gates", "must cover the stage")
	return c.err()
}

// GatesDigest identifies a gate table by its content: what a [TrustFile] fixes. The order of gates means
// nothing.
func GatesDigest(gates []Gate) Digest { return digestOf("gates", gates) }

// beforeBuild reports whether the gate can be signed, and so is required, before the list is built.
func (g Gate) beforeBuild() bool { return !g.Manifest && !g.Stage }

// fills reports whether someone with these roles has a place in the gate.
func (g Gate) fills(roles []Role) bool {
	return slices.ContainsFunc(g.Roles, func(place AnyOf) bool { return place.heldBy(roles) })
}

func (a AnyOf) heldBy(roles []Role) bool {
	return slices.ContainsFunc(a, func(r Role) bool { return slices.Contains(roles, r) })
}

// String lists the alternatives.
func (a AnyOf) String() string {
	names := make([]string, len(a))
	for i, r := range a {
		names[i] = string(r)
	}
	return strings.Join(names, " or ")
}

// unfilled returns the places left when the people take as many as they can, one each. Two people who
// both hold both roles fill two places; one person who holds both fills one.
func unfilled(places []AnyOf, people map[PersonID][]Role) []AnyOf {
	taken := make(map[PersonID]int)
	var seat func(place int, tried map[PersonID]bool) bool
	seat = func(place int, tried map[PersonID]bool) bool {
		for person, roles := range people {
			if tried[person] || !places[place].heldBy(roles) {
				continue
			}
			tried[person] = true
			other, busy := taken[person]
			if !busy || seat(other, tried) {
				taken[person] = place
				return true
			}
		}
		return false
	}
	var left []AnyOf
	for i, place := range places {
		if !seat(i, make(map[PersonID]bool)) {
			left = append(left, place)
		}
	}
	return left
}
