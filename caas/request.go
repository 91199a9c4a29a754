package caas

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// Request is the document that a programme prepares to have CaaS make a cohort. Its
// fields are free text, of any number of lines; say "None" where there is nothing to
// say. [Request.FillDefinition] and [Request.FillProposal] fill in what a cohort
// definition and a governance proposal say, [Request.Missing] lists what is left, and
// the Write methods make it a document. Nothing of this is sent anywhere.
//
// It is about a cohort, and must not hold data of patients.
//
// Source: CaaS's public onboarding pages (2025). The form itself is not public: the
// fields are those that the pages name, their order and wording are this module's.
type Request struct {
	Requestor    Requestor        `json:"requestor"`
	Commissioner Commissioner     `json:"commissioner"`
	Cohort       CohortDetails    `json:"cohortDetails"`
	Risks        string           `json:"risks"`
	Dependencies string           `json:"dependencies"`
	Assumptions  string           `json:"assumptions"`
	Data         DataRequirements `json:"dataRequirements"`
	Funding      string           `json:"funding"`    // for building and for running the cohort
	LegalBasis   string           `json:"legalBasis"` // for the use of the data
	DPIA         string           `json:"dpia"`       // data protection impact assessment

	// Definition and Proposal are what the request was filled from, set out in full
	// as annexes; nil if it was not.
	Definition *RequestDefinition `json:"definition,omitempty"`
	Proposal   *RequestProposal   `json:"proposal,omitempty"`
}

// Requestor is who asks, and CaaS's one contact.
type Requestor struct {
	Name    string `json:"name"`
	Contact string `json:"contact"`
}

// Commissioner is the programme that asks, which is part of NHS England and supports
// direct care.
type Commissioner struct {
	Programme   string `json:"programme"`
	Lead        string `json:"lead"`        // main contact
	Involvement string `json:"involvement"` // any other
}

// CohortDetails say what the cohort is for.
type CohortDetails struct {
	Goals     string `json:"goals"`     // goals and objectives
	Issues    string `json:"issues"`    // to be addressed
	Timelines string `json:"timelines"` // for the delivery of data
	Criteria  string `json:"criteria"`  // clinical policies and criteria
}

// DataRequirements say what the cohort is made from.
type DataRequirements struct {
	Clinical     ClinicalData    `json:"clinical"`
	Demographics DemographicData `json:"demographics"`
	UniqueNeeds  string          `json:"uniqueNeeds"`
}

// ClinicalData are the clinical records that matter.
type ClinicalData struct {
	Diagnosis  string `json:"diagnosis"`
	Treatment  string `json:"treatment"`
	Medication string `json:"medication"`
	Other      string `json:"other"`
}

// DemographicData say whom the cohort is about.
type DemographicData struct {
	AgeRanges          string `json:"ageRanges"`
	Locations          string `json:"locations"`
	InclusionExclusion string `json:"inclusionExclusion"` // criteria of inclusion and exclusion
}

// RequestDefinition is the cohort definition that a request was filled from.
type RequestDefinition struct {
	ID        string            `json:"id"`
	Version   string            `json:"version"`
	Hash      string            `json:"hash"`    // of its meaning, in hexadecimal
	English   string            `json:"english"` // the text that people review
	Tables    []RequestTable    `json:"tables"`
	CodeLists []RequestCodeList `json:"codeLists"`
}

// RequestTable is what a definition reads of a data set.
type RequestTable struct {
	Name     string   `json:"name"`
	Columns  []string `json:"columns"`
	Earliest string   `json:"earliest"` // the first day that matters, "2006-01-02"; "" for all of the past
}

// From says from when on the rows matter.
func (t RequestTable) From() string { return cmp.Or(t.Earliest, allPast) }

const allPast = "all of the past"

// RequestCodeList is a list of clinical codes, bound by its content.
type RequestCodeList struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	System  string `json:"system"`
	Codes   int    `json:"codes"` // how many
	Hash    string `json:"hash"`  // of the codes, in hexadecimal
	Source  string `json:"source"`
}

// RequestProposal is the governance proposal that a request was filled from.
type RequestProposal struct {
	ID       string           `json:"id"`
	Root     string           `json:"root"`    // digest of the whole proposal
	Meaning  string           `json:"meaning"` // digest of the definition that it is about
	DataSets []RequestDataSet `json:"dataSets"`
}

// RequestDataSet is on what terms a proposal reads a data set.
type RequestDataSet struct {
	Name          string `json:"name"`
	Controller    string `json:"controller"`
	Earliest      string `json:"earliest"` // as of a [RequestTable]
	MaxAgeHours   int    `json:"maxAgeHours"`
	RetentionDays int    `json:"retentionDays"`
}

// From says from when on records are read.
func (s RequestDataSet) From() string { return cmp.Or(s.Earliest, allPast) }

// OnboardingStep is a step of the way to a cohort.
//
// Source: CaaS's public pages.
type OnboardingStep int

// The steps.
const (
	StepAsk    OnboardingStep = iota + 1 // the programme asks about onboarding, funding and legal documents
	StepJoin                             // it has all documents, and joins
	StepAssess                           // data sources, and clinical risks in the data, are worked through with CaaS
	StepDefine                           // it gives the final definition, of which CaaS makes the cohort
)

// String describes the step.
func (s OnboardingStep) String() string {
	switch s {
	case StepAsk:
		return "1, asking about onboarding"
	case StepJoin:
		return "2, joining with all documents"
	case StepAssess:
		return "3, working through data and clinical risks"
	case StepDefine:
		return "4, giving the final definition"
	default:
		return fmt.Sprintf("step %d", int(s))
	}
}

// MissingItem is something that a request does not say yet.
type MissingItem struct {
	Field string         // path in the JSON form, such as "cohortDetails.timelines"
	Ask   string         // what is to be said
	Who   string         // who can say it, as this module sees it
	Step  OnboardingStep // the step it is needed for
}

// String returns the item on one line.
func (m MissingItem) String() string {
	return fmt.Sprintf("%s: %s (%s; step %s)", m.Field, m.Ask, m.Who, m.Step)
}

// Missing returns what the request does not say yet, in the order of the document.
// Only presence is checked: whether a text is right is for people to say.
func (r *Request) Missing() []MissingItem {
	var missing []MissingItem
	for _, q := range questions() {
		if strings.TrimSpace(*q.field(r)) == "" {
			missing = append(missing, q.item)
		}
	}
	if r.Definition == nil {
		missing = append(missing, MissingItem{
			Field: "definition", Ask: "the final cohort definition", Who: sayClinician, Step: StepDefine,
		})
	}
	return missing
}

// Hash returns the hash, in hexadecimal, of everything that the request says. Every
// form of the document shows it, so that they can be held against each other.
func (r *Request) Hash() string {
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // only texts and numbers come here
	}
	sum := sha256.Sum256(append([]byte("nhs-prevention/caas-request/v1\x00"), text...))
	return hex.EncodeToString(sum[:])
}
