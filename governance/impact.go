package governance

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
)

// GateImpact says what a change does to one gate.
type GateImpact struct {
	Gate string
	// Void reports whether approvals already given stop counting.
	Void bool
	// Facets are the changed facets the gate covers.
	Facets []Facet
	// Changes are the changed fields, such as "message.templates", and "id", "author" or "manifest".
	Changes []string
}

// String says it in a sentence.
func (g GateImpact) String() string {
	if !g.Void {
		return g.Gate + " stands"
	}
	return g.Gate + " is void: " + strings.Join(g.Changes, ", ") + " changed"
}

// Impact says which gates a change to a proposal voids and why, before anyone makes it. The answer
// has one entry for each gate, in the order given. A new id or author voids every gate: the people
// approved another proposal. A list is built for one proposal, so any change voids the gates that cover
// the manifest; and the stages start again from the lowest, because their outcomes are of the content that
// was sent.
func Impact(before, after Proposal, gates []Gate) []GateImpact {
	var always []string
	if before.ID != after.ID {
		always = append(always, "id")
	}
	if before.Author != after.Author {
		always = append(always, "author")
	}
	old, changed := before.Facets(), after.Facets()
	rebuild := before.Root() != after.Root()
	impacts := make([]GateImpact, len(gates))
	for i, g := range gates {
		impact := GateImpact{Gate: g.Name, Changes: slices.Clone(always)}
		for _, f := range AllFacets() {
			if slices.Contains(g.Covers, f) && old[f] != changed[f] {
				impact.Facets = append(impact.Facets, f)
				impact.Changes = append(impact.Changes, changedFields(f, before.facet(f), after.facet(f))...)
			}
		}
		if g.Manifest && rebuild && len(impact.Changes) == 0 {
			impact.Changes = []string{"manifest"}
		}
		impact.Void = len(impact.Changes) > 0
		impacts[i] = impact
	}
	return impacts
}

// changedFields names the fields of a facet whose canonical forms differ.
func changedFields(f Facet, before, after any) []string {
	x, y := reflect.ValueOf(before), reflect.ValueOf(after)
	var names []string
	for _, m := range members(x.Type()) {
		if !bytes.Equal(appendCanonical(nil, x.Field(m.index)), appendCanonical(nil, y.Field(m.index))) {
			names = append(names, string(f)+"."+m.name)
		}
	}
	return names
}
