package caas

import (
	"fmt"
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// FillDefinition fills in what a cohort definition says, where the request says
// nothing yet, and sets the definition out as an annex:
//
//   - criteria: the steps that read clinical data;
//   - age ranges and locations: the steps that read the date of birth, and address,
//     practice or integrated care board;
//   - inclusion and exclusion: the names of all steps;
//   - clinical data: the code lists, by what their coding systems are for.
//
// A code of SNOMED CT can be of any kind, so its lists are other clinical data. What
// the definition does not read stays missing: whether it matters is for people to say.
// The error is an [*nhs.ArgumentError].
func (r *Request) FillDefinition(p *cohort.Plan) error {
	if p == nil {
		return &nhs.ArgumentError{Name: "definition", Reason: "must not be nil"}
	}
	definition := describeDefinition(p)
	if err := agree(definition, r.Proposal); err != nil {
		return err
	}
	r.Definition = definition
	var names []string
	for i, step := range p.Steps() {
		kind := "Include"
		if step.Exclude {
			kind = "Exclude"
		}
		names = append(names, fmt.Sprintf("%d. %s: %s", i+1, kind, step.Label))
	}
	fill(&r.Data.Demographics.InclusionExclusion, names...)
	fill(&r.Data.Demographics.AgeRanges, stepsThatRead(p, isAge)...)
	fill(&r.Data.Demographics.Locations, stepsThatRead(p, isPlace)...)
	fill(&r.Cohort.Criteria, stepsThatRead(p, isClinical)...)
	fill(&r.Data.Clinical.Diagnosis, definition.lists(codelist.ICD10, codelist.AEDiagnosis)...)
	fill(&r.Data.Clinical.Treatment, definition.lists(codelist.OPCS4, codelist.AETreatment)...)
	fill(&r.Data.Clinical.Medication, definition.lists(codelist.DMD)...)
	fill(&r.Data.Clinical.Other, definition.lists()...)
	return nil
}

// fill gives a field that says nothing some lines.
func fill(field *string, lines ...string) {
	if strings.TrimSpace(*field) == "" {
		*field = strings.Join(lines, "\n")
	}
}

func describeDefinition(p *cohort.Plan) *RequestDefinition {
	d := &RequestDefinition{
		ID: p.ID(), Version: p.Version(), Hash: p.Hash(), English: p.English(),
		Tables: []RequestTable{}, CodeLists: []RequestCodeList{},
	}
	uses := p.Uses()
	for _, use := range uses.Tables {
		t := RequestTable{Name: use.Table, Columns: slices.Clone(use.Sources)}
		if !use.Earliest.IsZero() {
			t.Earliest = use.Earliest.String()
		}
		d.Tables = append(d.Tables, t)
	}
	for _, l := range uses.CodeLists {
		d.CodeLists = append(d.CodeLists, RequestCodeList{
			ID: l.ID(), Version: l.Version(), System: string(l.System()), Codes: l.Len(), Hash: l.Hash(), Source: l.Source(),
		})
	}
	return d
}

// lists describes the code lists of some coding systems, or of all that have no field
// of their own.
func (d *RequestDefinition) lists(systems ...codelist.System) []string {
	own := []codelist.System{codelist.ICD10, codelist.AEDiagnosis, codelist.OPCS4, codelist.AETreatment, codelist.DMD}
	var lines []string
	for _, l := range d.CodeLists {
		system := codelist.System(l.System)
		if slices.Contains(systems, system) || len(systems) == 0 && !slices.Contains(own, system) {
			codes := "codes"
			if l.Codes == 1 {
				codes = "code"
			}
			lines = append(lines, fmt.Sprintf("%s %s: %d %s of %s, content %s", l.ID, l.Version, l.Codes, codes, l.System, l.Hash))
		}
	}
	return lines
}

// stepsThatRead returns the English of the steps that read a column of some kind.
func stepsThatRead(p *cohort.Plan, kind func(table, column string) bool) []string {
	var steps []string
	for _, step := range p.Steps() {
		if slices.ContainsFunc(step.Tables, func(t cohort.TableUse) bool {
			return slices.ContainsFunc(t.Columns, func(column string) bool { return kind(t.Table, column) })
		}) {
			steps = append(steps, strings.TrimSpace(step.English))
		}
	}
	return steps
}

// The table of demographics and its columns, as package cohort/person has them.
const personTable = "person"

func isAge(table, column string) bool { return table == personTable && column == "date_of_birth" }

func isPlace(table, column string) bool {
	places := []string{"postcode", "outcode", "lsoa", "primary_care_provider", "icb"}
	return table == personTable && slices.Contains(places, column)
}

func isClinical(table, _ string) bool { return table != personTable }

// agree reports whether a definition and a proposal are about the same cohort.
func agree(d *RequestDefinition, p *RequestProposal) error {
	if d != nil && p != nil && p.Meaning != "sha256:"+d.Hash {
		return &nhs.ArgumentError{Name: "definition", Reason: "must be the one that the proposal is about"}
	}
	return nil
}
