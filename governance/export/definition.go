package export

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/personalised-prevention/nhs/governance"
)

// Definition is what reviewers have to see of a live cohort definition. Package campaign makes it from a
// plan.
type Definition struct {
	// English is the plain English that people sign.
	English string `json:"english"`
	// CodeLists are the lists it is bound to.
	CodeLists []CodeList `json:"codeLists"`
	// Needs says for every field it reads which of its rules need it.
	Needs []Need `json:"needs"`
}

// CodeList is one list with all its codes.
type CodeList struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	System  string `json:"system"`
	Source  string `json:"source"`
	// Digest is that of the content, as in the proposal.
	Digest governance.Digest `json:"digest"`
	Codes  []string          `json:"codes"`
}

// Need is one field and the rules that need it, by their labels.
type Need struct {
	DataSet string   `json:"dataSet"`
	Field   string   `json:"field"`
	Rules   []string `json:"rules"`
}

// check refuses a definition that is not the approved one.
func (d Definition) check(p governance.Proposal) error {
	if sha256.Sum256([]byte(d.English)) != p.Cohort.English {
		return &governance.FieldError{Field: "definition.english", Reason: "is not the text in the proposal"}
	}
	approved := slices.Clone(p.Cohort.CodeLists)
	for i, l := range d.CodeLists {
		at := slices.Index(approved, governance.CodeList{ID: l.ID, Version: l.Version, Codes: l.Digest})
		if at < 0 {
			return &governance.FieldError{Field: fmt.Sprintf("definition.codeLists[%d]", i), Reason: "is not in the proposal"}
		}
		if len(l.Codes) == 0 {
			return &governance.FieldError{Field: fmt.Sprintf("definition.codeLists[%d].codes", i), Reason: "must not be empty"}
		}
		approved = slices.Delete(approved, at, at+1)
	}
	if len(approved) > 0 {
		return &governance.FieldError{Field: "definition.codeLists", Reason: "must have every list of the proposal"}
	}
	return nil
}

// checkNeeds refuses a field without a rule, and one that is not approved: data that nothing needs are not
// to be read.
func (d Definition) checkNeeds(p governance.Proposal) error {
	type field struct{ set, name string }
	left := make(map[field]bool)
	for _, s := range p.Data.Sets {
		for _, name := range s.Fields {
			left[field{s.Name, name}] = true
		}
	}
	for i, n := range d.Needs {
		at := fmt.Sprintf("definition.needs[%d]", i)
		if !left[field{n.DataSet, n.Field}] {
			return &governance.FieldError{Field: at, Reason: "must be a field of the proposal, once"}
		}
		if len(n.Rules) == 0 {
			return &governance.FieldError{Field: at + ".rules", Reason: "must name a rule: a field that no rule needs must not be read"}
		}
		delete(left, field{n.DataSet, n.Field})
	}
	if len(left) > 0 {
		return &governance.FieldError{Field: "definition.needs", Reason: "must have every field of the proposal"}
	}
	return nil
}
