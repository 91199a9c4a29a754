package governance

import (
	"fmt"
	"slices"
)

// PersonID identifies a member of staff, such as "a.khan". It appears in signatures and in the log,
// so it must not hold spaces or plus signs.
type PersonID string

// Proposal is everything people are asked to approve. Build it from live objects: its digests are
// always computed from the values it holds, never stored.
//
// Every list in it is a set: order carries no meaning and repeats are refused.
type Proposal struct {
	// ID names the campaign and stays the same while its content changes.
	ID string `json:"id"`
	// Author wrote it and may not sign the gates that say so: a person of the [Trust], by the same name,
	// who needs no role there.
	Author  PersonID     `json:"author"`
	Cohort  CohortFacet  `json:"cohort"`
	Data    DataFacet    `json:"data"`
	Purpose PurposeFacet `json:"purpose"`
	Message MessageFacet `json:"message"`
	Volume  VolumeFacet  `json:"volume"`
	Safety  SafetyFacet  `json:"safety"`
	Window  WindowFacet  `json:"window"`
}

// ParseProposal reads the JSON form that [encoding/json] writes and validates it. Unknown and repeated
// names are errors, so that what a person reads in the file is what the digests are taken over.
func ParseProposal(data []byte) (Proposal, error) {
	var p Proposal
	if err := decodeStrict(data, &p); err != nil {
		return Proposal{}, fmt.Errorf("governance: proposal: %w", err)
	}
	if err := p.Validate(); err != nil {
		return Proposal{}, err
	}
	return p, nil
}

// Validate reports everything wrong with the proposal. Each error is a [*FieldError].
func (p Proposal) Validate() error {
	var c checker
	c.text("id", p.ID)
	c.word("author", string(p.Author))
	p.Cohort.check(&c)
	p.Data.check(&c)
	p.Purpose.check(&c, p.Data)
	p.Message.check(&c)
	p.Volume.check(&c)
	p.Safety.check(&c, p.Purpose.OptOut)
	p.Window.check(&c)
	for _, name := range p.Data.names() {
		c.require(slices.Contains(p.Purpose.Basis.DataSets, name), "purpose.basis.dataSets",
			"must cover every data set the proposal reads")
	}
	priced := namesOf(p.Volume.UnitCosts, func(u UnitCost) Channel { return u.Channel })
	for _, t := range p.Message.Templates {
		c.require(slices.Contains(priced, t.Channel), "volume.unitCosts", "must price every channel with a template")
	}
	return c.err()
}

// Facets returns the digest of each facet.
func (p Proposal) Facets() map[Facet]Digest {
	digests := make(map[Facet]Digest, len(AllFacets()))
	for _, f := range AllFacets() {
		digests[f] = digestOf("facet/"+string(f), p.facet(f))
	}
	return digests
}

// Root is the digest of the whole proposal: its id, its author and the digests of its facets.
func (p Proposal) Root() Digest {
	type facet struct {
		Name   Facet  `json:"name"`
		Digest Digest `json:"digest"`
	}
	root := struct {
		ID     string   `json:"id"`
		Author PersonID `json:"author"`
		Facets []facet  `json:"facets"`
	}{ID: p.ID, Author: p.Author}
	for f, d := range p.Facets() {
		root.Facets = append(root.Facets, facet{f, d})
	}
	return digestOf("proposal", root)
}

// facet returns the typed value of one facet.
func (p Proposal) facet(f Facet) any {
	switch f {
	case FacetCohort:
		return p.Cohort
	case FacetData:
		return p.Data
	case FacetPurpose:
		return p.Purpose
	case FacetMessage:
		return p.Message
	case FacetVolume:
		return p.Volume
	case FacetSafety:
		return p.Safety
	case FacetWindow:
		return p.Window
	default:
		panic("governance: no such facet: " + string(f))
	}
}

// clone checks a proposal and copies it, so that its owner's later changes to it cannot reach ours.
func (p Proposal) clone() (Proposal, error) {
	if err := p.Validate(); err != nil {
		return Proposal{}, err
	}
	return p.copied(), nil
}

// copied copies every list of the proposal.
func (p Proposal) copied() Proposal {
	p.Cohort.CodeLists = slices.Clone(p.Cohort.CodeLists)
	p.Data.Sets = slices.Clone(p.Data.Sets)
	for i := range p.Data.Sets {
		p.Data.Sets[i].Fields = slices.Clone(p.Data.Sets[i].Fields)
	}
	p.Purpose.Controllers = slices.Clone(p.Purpose.Controllers)
	p.Purpose.Basis.DataSets = slices.Clone(p.Purpose.Basis.DataSets)
	p.Purpose.Basis.Conditions = slices.Clone(p.Purpose.Basis.Conditions)
	p.Message.Templates = slices.Clone(p.Message.Templates)
	p.Message.PersonalisationKeys = slices.Clone(p.Message.PersonalisationKeys)
	p.Volume.Stages = slices.Clone(p.Volume.Stages)
	p.Volume.UnitCosts = slices.Clone(p.Volume.UnitCosts)
	p.Safety.Suppressions = slices.Clone(p.Safety.Suppressions)
	p.Safety.Sentinels = slices.Clone(p.Safety.Sentinels)
	p.Window.Hours.Days = slices.Clone(p.Window.Hours.Days)
	return p
}
