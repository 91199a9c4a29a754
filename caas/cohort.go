package caas

import (
	"encoding/json"
	"strings"
)

// Cohort is a published definition of a cohort: who belongs to it, as groups of
// conditions, each with sets of rules over clinical codes.
//
// Its JSON form is that of the API. Nil pointers and lists are null there. How a
// Cohort is evaluated is not published in words; the comments that say "assumed"
// rest on the published examples.
//
// Source: GraphQL schema of caas-published-cohort-definitions, October 2023.
type Cohort struct {
	ID                       string                `json:"id"`
	Name                     string                `json:"name"`
	ShortName                string                `json:"shortName"`
	Slug                     string                `json:"urlSlug"`
	Summary                  string                `json:"summary"`
	Description              string                `json:"description"`
	Authors                  string                `json:"authors"` // a JSON list in a string; see AuthorNames
	Commissioner             string                `json:"commissioner"`
	Purpose                  string                `json:"purpose"`
	ClinicalAtRiskGroupsText string                `json:"clinicalAtRiskGroupsText"`
	DemographicsText         string                `json:"demographicsText"`
	DisclaimerText           string                `json:"disclaimerText"`
	FixedDateReference       *string               `json:"fixedDateReference"` // what event date constraints are relative to
	LastUpdated              string                `json:"lastUpdated"`        // ISO date and time
	PatientAgeConstraint     *PatientAgeConstraint `json:"patientAgeConstraint"`
	ConditionGroups          []ConditionGroup      `json:"conditionGroups"` // assumed: any of them
}

// AuthorNames returns the authors, which the API gives as a JSON list in a
// string. Text of another form is returned as one name, an empty one as none.
func (c Cohort) AuthorNames() []string {
	if strings.TrimSpace(c.Authors) == "" {
		return nil
	}
	var names []string
	if json.Unmarshal([]byte(c.Authors), &names) == nil {
		return names
	}
	return []string{c.Authors}
}

// ConditionGroup is a clinical risk group, such as chronic heart disease.
type ConditionGroup struct {
	ID                        string      `json:"id"`
	Slug                      string      `json:"urlSlug"`
	Name                      string      `json:"name"`
	Summary                   *string     `json:"summary"`
	LastUpdated               string      `json:"lastUpdated"`
	NonDigitalPathwayOverview string      `json:"nonDigitalPathwayOverview"`
	RuleLogicOverview         string      `json:"ruleLogicOverview"`
	Conditions                []Condition `json:"conditions"` // assumed: any of them
}

// Condition is one condition of a group.
type Condition struct {
	ID                    string    `json:"id"`
	Description           *string   `json:"description"`
	NonDigitalPathwayText *string   `json:"nonDigitalPathwayText"` // whom the rules cannot find
	Rulesets              []Ruleset `json:"rulesets"`              // assumed: any of them

	// GroupID is in the published examples only; the schema does not have it.
	GroupID string `json:"conditionGroupId,omitempty"`
}

// Ruleset is a set of rules, all of which or any of which must hold.
type Ruleset struct {
	ID  string `json:"id"`
	And *bool  `json:"logicallyAndRules"` // true: all rules; false: any
	// Rules are what is joined.
	Rules []Rule `json:"rules"`
}

// Rule finds people by codes in their record, within constraints.
type Rule struct {
	ID                    string                     `json:"id"`
	Inclusions            []CodeList                 `json:"codeListInclusions"`
	Resolving             []CodeList                 `json:"codeListsResolving"` // assumed: a later one of these excludes
	PatientAgeConstraints []PatientAgeConstraint     `json:"patientAgeConstraints"`
	EventDateConstraint   *EventDateConstraint       `json:"eventDateConstraint"`
	EventCountConstraint  *EventCountConstraint      `json:"eventCountConstraint"`
	PreCoordinated        []PreCoordinatedConstraint `json:"preCoordinatedConstraints"` // special cases, such as morbid obesity
	Datasets              []Dataset                  `json:"datasets"`
	DatasetInclusion      []Dataset                  `json:"datasetInclusion"`
}

// CodeList is a list of clinical codes. Published lists may be cut short or empty
// beside the name of their cluster.
type CodeList struct {
	ID               string      `json:"id"`
	ShortDescription string      `json:"shortDescription"`
	ClusterName      *string     `json:"clusterName"` // a primary care refset cluster, such as "AST_COD"; may be ""
	CodeSystem       *CodeSystem `json:"codeSystem"`
	Codes            []Code      `json:"codes"`
}

// Code is a clinical code. Published values are not clean: "ICD10:D580" stands
// under SNOMED.
type Code struct {
	ID               string     `json:"id"`
	Value            string     `json:"value"`
	ShortDescription string     `json:"shortDescription"`
	CodeSystem       CodeSystem `json:"codeSystem"`
}

// CodeSystem is a system of clinical codes: SNOMED, ICD-10 or OPCS.
type CodeSystem struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// PatientAgeConstraint limits ages, in months. Assumed: the minimum is included,
// the maximum is not, and a maximum of 0 is none.
type PatientAgeConstraint struct {
	MinMonths *int `json:"minAgeMonths"`
	MaxMonths *int `json:"maxAgeMonths"`
}

// EventDateConstraint limits when an event was recorded. The unit of the relative
// times is not published.
type EventDateConstraint struct {
	WithinLastMonths     *int    `json:"withinLastMonths"`
	RelativeEarliestTime *int    `json:"relativeEarliestTime"`
	RelativeLatestTime   *int    `json:"relativeLatestTime"`
	FixedEarliestDate    *string `json:"fixedEarliestDate"`
	FixedLatestDate      *string `json:"fixedLatestDate"`
}

// EventCountConstraint asks for a number of events at least.
type EventCountConstraint struct {
	Count int `json:"count"`
}

// PreCoordinatedConstraint is a special case that the model does not express.
type PreCoordinatedConstraint struct {
	ID   string                       `json:"id"`
	Type PreCoordinatedConstraintType `json:"preCoordinatedConstraintType"`
}

// PreCoordinatedConstraintType describes a special case in words.
type PreCoordinatedConstraintType struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	RulesetText string `json:"rulesetText"`
}

// Dataset is a source of records, such as GPES.
type Dataset struct {
	ID          string  `json:"id"`
	Acronym     *string `json:"acronym"`
	Name        *string `json:"name"`
	Description *string `json:"description"`
	URL         *string `json:"url"`
}
