package conformance_test

import (
	"encoding/json"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/caas/caastest"
	"github.com/personalised-prevention/nhs/nhstest"
)

// cohort returns a cohort with every field of the schema.
func cohort() caas.Cohort {
	system := caas.CodeSystem{ID: "1", Name: "SNOMED"}
	dataset := caas.Dataset{
		ID: "1", Acronym: new("GPES v4"), Name: new("General practice data"), Description: new("Records"), URL: new("https://example.org"),
	}
	list := caas.CodeList{
		ID: "1", ShortDescription: "Asthma", ClusterName: new("AST_COD"), CodeSystem: &system,
		Codes: []caas.Code{{ID: "1", Value: "195967001", ShortDescription: "Asthma (disorder)", CodeSystem: system}},
	}
	ages := caas.PatientAgeConstraint{MinMonths: new(60), MaxMonths: new(192)}
	rule := caas.Rule{
		ID: "1", Inclusions: []caas.CodeList{list}, Resolving: []caas.CodeList{list},
		PatientAgeConstraints: []caas.PatientAgeConstraint{ages},
		EventDateConstraint: &caas.EventDateConstraint{
			WithinLastMonths: new(12), RelativeEarliestTime: new(1), RelativeLatestTime: new(2),
			FixedEarliestDate: new("2020-01-01"), FixedLatestDate: new("2021-01-01"),
		},
		EventCountConstraint: &caas.EventCountConstraint{Count: 2},
		PreCoordinated: []caas.PreCoordinatedConstraint{{
			ID: "1", Type: caas.PreCoordinatedConstraintType{ID: "1", Name: "Morbid obesity", RulesetText: "BMI of 40 or more"},
		}},
		Datasets: []caas.Dataset{dataset}, DatasetInclusion: []caas.Dataset{dataset},
	}
	return caas.Cohort{
		ID: "1", Name: "Influenza", ShortName: "Flu", Slug: "flu", Authors: `["A name"]`, LastUpdated: "2022-10-01T00:00:00.000Z",
		FixedDateReference: new("2023-03-31"), PatientAgeConstraint: &ages,
		ConditionGroups: []caas.ConditionGroup{{
			ID: "1", Slug: "respiratory", Name: "Respiratory", Summary: new("Asthma and others"),
			Conditions: []caas.Condition{{
				ID: "1", Description: new("Asthma"), NonDigitalPathwayText: new("Ask"),
				Rulesets: []caas.Ruleset{{ID: "1", And: new(true), Rules: []caas.Rule{rule, {ID: "2"}}}},
			}},
		}},
	}
}

func TestCaaS(t *testing.T) {
	t.Parallel()
	var fault atomic.Int32
	services := start(t, nhstest.Options{CaaS: caastest.Options{
		Cohorts: []caas.Cohort{cohort(), {ID: "2", Slug: "bare"}},
		Fault:   func(*http.Request) caastest.Fault { return caastest.Fault{Status: int(fault.Load())} },
	}})
	c := newContract(t, nhs.CaaS, services.Environment())
	definitions := connect(t, services, c, caas.NewDefinitions)

	if all, err := definitions.All(t.Context()); err != nil || len(all) != 2 {
		t.Errorf("found %d, %v", len(all), err)
	}
	for _, slug := range []string{"flu", "bare"} {
		if found, err := definitions.BySlug(t.Context(), slug); err != nil || found.Slug != slug {
			t.Errorf("%s: %+v, %v", slug, found, err)
		}
	}
	_, err := definitions.BySlug(t.Context(), "measles")
	want(t, "unknown slug", err, nhs.ErrNotFound, http.StatusOK)
	fault.Store(http.StatusServiceUnavailable)
	_, err = definitions.All(t.Context())
	want(t, "fault", err, nhs.ErrUnavailable, http.StatusServiceUnavailable)
	c.complete(t)
}

// The document has room for the published sample.
func TestCaaS_samples(t *testing.T) {
	t.Parallel()
	var cohorts []caas.Cohort
	if err := json.Unmarshal(sample(t, "caas", "published-cohort-definitions.json"), &cohorts); err != nil {
		t.Fatal(err)
	}
	for _, c := range cohorts {
		for _, group := range c.ConditionGroups {
			for i := range group.Conditions {
				group.Conditions[i].GroupID = "" // the file has it, the API's schema does not
			}
		}
	}
	services := start(t, nhstest.Options{CaaS: caastest.Options{Cohorts: cohorts}})
	c := newContract(t, nhs.CaaS, services.Environment())
	definitions := connect(t, services, c, caas.NewDefinitions)
	if all, err := definitions.All(t.Context()); err != nil || len(all) != len(cohorts) {
		t.Errorf("found %d, %v", len(all), err)
	}
}
