package export_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs/governance/export"
)

// A clinician gets the specification of the cohort, made from what runs.
func ExampleNewSpecification() {
	now := time.Date(2026, 2, 2, 9, 0, 0, 0, time.UTC)
	proposal, definition := newProposal(), newDefinition() // campaign.Definition(plan)
	specification, err := export.NewSpecification(proposal, definition, now)
	if err != nil {
		fmt.Println(err)
		return
	}
	var page strings.Builder
	fmt.Println(specification.Document().WriteHTML(&page), strings.Contains(page.String(), "aged 45 to 70"))

	definition.English += "2. Include: everybody.\n" // not what was approved
	_, err = export.NewSpecification(proposal, definition, now)
	fmt.Println(err)
	// Output:
	// <nil> true
	// governance: definition.english is not the text in the proposal
}

// The hazard log starts from what has gone wrong before. A safety officer rates it, and the tests of the
// release prove its controls.
func ExampleIncidents() {
	log := export.HazardLog{AcceptableRisk: 2, Matrix: export.DefaultMatrix(), Hazards: export.Incidents()}
	for i := range log.Hazards {
		log.Hazards[i].Residual = export.Rating{Likelihood: export.VeryLow, Severity: export.Major}
	}
	summary, err := log.Summary(nil) // no test has been run
	fmt.Println(summary.HighestRisk, summary.Unproved > 0, err)

	first := log.Hazards[1]
	fmt.Println(first.ID, first.Title)
	fmt.Println(first.Controls[3].Text)
	for _, test := range first.Controls[3].Tests {
		fmt.Println("-", test)
	}
	// Output:
	// 2 true <nil>
	// H2 A message about someone who has died
	// Anybody who is trusted can halt a campaign, and only two people can resume it.
	// - governance.TestHaltAndResume
	// - campaign.TestRefusedMidStage
}

// What leaves the programme is under the proposal's disclosure policy.
func ExampleNewSummary() {
	proposal := newProposal()
	summary, err := export.NewSummary(proposal, newManifest(proposal), time.Date(2026, 2, 2, 9, 0, 0, 0, time.UTC))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(summary.Included, "people,", summary.Segments[1].Name, "has", summary.Segments[1].Included)
	// Output: 1580 people, QZ2 has *
}
