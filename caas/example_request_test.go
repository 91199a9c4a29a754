package caas_test

import (
	"bytes"
	"fmt"
	"log"
	"strings"

	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// A request starts from the definition; what that does not say is listed with who can
// say it, and the rest becomes a document.
func ExampleRequest() {
	definition, err := cohort.New("eye-screening", "1.0.0",
		cohort.Include("registered", person.Practice.Known()),
		cohort.Include("aged 12 or more", person.AgeOn(cohort.Index).AtLeast(12)).IfUnknown(cohort.Refer))
	if err != nil {
		log.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2026-11-01")))
	if err != nil {
		log.Fatal(err)
	}
	request := caas.Request{
		Requestor: caas.Requestor{Name: "O. Grey", Contact: "o.grey@example.nhs.uk"},
		Cohort:    caas.CohortDetails{Goals: "Invite people for eye screening in time"},
	}
	if err := request.FillDefinition(plan); err != nil {
		log.Fatal(err)
	}
	for _, m := range request.Missing() {
		if m.Step == caas.StepJoin {
			fmt.Println(m)
		}
	}
	var document bytes.Buffer
	if err := request.WriteMarkdown(&document); err != nil {
		log.Fatal(err)
	}
	_, text, _ := strings.Cut(document.String(), "## The cohort\n\n")
	text, _, _ = strings.Cut(text, "\n### Timelines")
	fmt.Println(text)
	// Output:
	// legalBasis: what makes the use of the data lawful (legal or information governance; step 2, joining with all documents)
	// dpia: the data protection impact assessment (data protection officer; step 2, joining with all documents)
	// ### Goals and objectives
	//
	// Invite people for eye screening in time
	//
	// ### Issues to address
	//
	// *Still to be said: which issues it addresses (commissioner).*
}
