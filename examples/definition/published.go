package main

import (
	"strings"

	"github.com/personalised-prevention/nhs/caas"
)

// published is a definition as CaaS would publish it, made up for this example with the
// dirt of published ones: a cluster of which few codes are shown, a code under the wrong
// label, a list without codes, a special case in words.
func published() caas.Cohort {
	return caas.Cohort{
		ID: "8d1f0c3e-0001", Slug: slug, Name: "Winter chest check", ShortName: "Chest check",
		LastUpdated: "2026-09-01T09:00:00.000Z", Authors: `["Example team"]`, Commissioner: "An example programme",
		Purpose:              "Direct care",
		Summary:              "People at risk of chest infections in winter, to be offered a check.",
		DemographicsText:     "People aged 5 or over in the condition groups below.",
		PatientAgeConstraint: &caas.PatientAgeConstraint{MinMonths: new(60), MaxMonths: new(0)},
		ConditionGroups:      []caas.ConditionGroup{lungs(), heart()},
	}
}

// lungs are people with asthma who have not recovered, or who are very large.
func lungs() caas.ConditionGroup {
	diagnosed := list("Asthma", "AST_COD", code(asthma, "Asthma"), code("ICD10:J45", "Asthma, in hospital"))
	recovered := list("Asthma resolved", "ASTRES_COD", code(asthmaResolved, "Asthma resolved"))
	size := list("Body mass index", "", code(bodyMass, "Body mass index"))
	return caas.ConditionGroup{
		ID: "g1", Slug: "lungs", Name: "Chronic chest disease", LastUpdated: "2026-09-01T09:00:00.000Z",
		NonDigitalPathwayOverview: "People whose hospital has not told their GP practice may be missed.",
		Conditions: []caas.Condition{
			{
				ID: "c1", Description: new("People with asthma"),
				Rulesets: []caas.Ruleset{{ID: "s1", And: new(true), Rules: []caas.Rule{{
					ID: "r1", Inclusions: []caas.CodeList{diagnosed}, Resolving: []caas.CodeList{recovered},
					Datasets: []caas.Dataset{dataset("GPES v4"), dataset("HES")},
				}}}},
			},
			{
				ID: "c2", Description: new("People with a body mass index of 40 or more"),
				Rulesets: []caas.Ruleset{{ID: "s2", And: new(true), Rules: []caas.Rule{{
					ID: "r2", Inclusions: []caas.CodeList{size}, Datasets: []caas.Dataset{dataset("GPES v4")},
					PatientAgeConstraints: []caas.PatientAgeConstraint{{MinMonths: new(192), MaxMonths: new(0)}},
					EventDateConstraint:   &caas.EventDateConstraint{WithinLastMonths: new(24)},
					PreCoordinated: []caas.PreCoordinatedConstraint{{ID: "p1", Type: caas.PreCoordinatedConstraintType{
						ID: "p1", Name: verySevere, RulesetText: "The latest body mass index is 40 or more.",
					}}},
				}}}},
			},
		},
	}
}

// heart are people with heart disease: one list is empty, and its rule finds nobody.
func heart() caas.ConditionGroup {
	disease := list("Coronary heart disease", "CHD_COD", code(heartDisease, "Coronary heart disease"))
	born := list("Congenital heart disease, in hospital", "")
	return caas.ConditionGroup{
		ID: "g2", Slug: "heart", Name: "Chronic heart disease", LastUpdated: "2026-09-01T09:00:00.000Z",
		Conditions: []caas.Condition{{
			ID: "c3", Description: new("People with:\n- coronary heart disease\n- congenital heart disease"),
			NonDigitalPathwayText: new("People treated privately are not found."),
			Rulesets: []caas.Ruleset{{ID: "s3", And: new(false), Rules: []caas.Rule{
				{ID: "r3", Inclusions: []caas.CodeList{disease}, Datasets: []caas.Dataset{dataset("GDPPR")}},
				{ID: "r4", Inclusions: []caas.CodeList{born}, Datasets: []caas.Dataset{dataset("HES")}},
			}}},
		}},
	}
}

func list(about, cluster string, codes ...caas.Code) caas.CodeList {
	return caas.CodeList{ID: "list-" + strings.ToLower(strings.Fields(about)[0]), ShortDescription: about, ClusterName: &cluster, CodeSystem: new(snomed()), Codes: codes}
}

func code(value, term string) caas.Code {
	return caas.Code{ID: value, Value: value, ShortDescription: term, CodeSystem: snomed()}
}

func snomed() caas.CodeSystem { return caas.CodeSystem{ID: "1", Name: "SNOMED"} }

func dataset(acronym string) caas.Dataset { return caas.Dataset{ID: acronym, Acronym: &acronym} }
