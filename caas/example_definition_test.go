package caas_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// breathing is a definition of the published form, made up for these examples.
func breathing() caas.Cohort {
	snomed := caas.CodeSystem{Name: "SNOMED"}
	return caas.Cohort{
		Slug: "winter", Name: "Winter vaccination", LastUpdated: "2026-09-01",
		ConditionGroups: []caas.ConditionGroup{{Name: "Breathing", Conditions: []caas.Condition{{
			Description: new("Asthma, from the age of 5"),
			Rulesets: []caas.Ruleset{{Rules: []caas.Rule{{
				Inclusions: []caas.CodeList{{
					ShortDescription: "Asthma", ClusterName: new("AST_COD"), CodeSystem: &snomed,
					Codes: []caas.Code{{Value: "195967001", ShortDescription: "Asthma", CodeSystem: snomed}},
				}},
				PatientAgeConstraints: []caas.PatientAgeConstraint{{MinMonths: new(60), MaxMonths: new(0)}},
				Datasets:              []caas.Dataset{{Acronym: new("GDPPR")}},
			}}}},
		}}}},
	}
}

// An import that is not exact is refused, until the caller gives what is missing or
// accepts the loss.
func ExampleImport() {
	_, err := caas.Import(breathing(), caas.ImportOptions{})
	fmt.Println(err)
	if inexact, ok := errors.AsType[*caas.InexactError](err); ok {
		fmt.Println(inexact.Refused()[0].What)
	}

	asthma, err := codelist.New(codelist.Info{
		ID: "ast_cod", Version: "20260901", System: codelist.SNOMEDCT, Source: "Written for this example.",
	}, "195967001")
	if err != nil {
		log.Fatal(err)
	}
	imported, err := caas.Import(breathing(), caas.ImportOptions{
		Lists: map[string][]*codelist.List{"AST_COD": {asthma}},
		Steps: []cohort.Step{cohort.Include("registered", person.Practice.Known())},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(imported.Report)
	// Output:
	// caas.Import: not exact, and not accepted: 1 cluster not given; the report of this error says where and what to do
	// AST_COD, of which 1 code is published
	// Given by the caller (1):
	// - AST_COD is what the caller gave: [ast_cod 20260901 (1 SNOMED CT codes)].
	//   At group 1 "Breathing", condition 1, rule set 1, rule 1, list 1 "AST_COD".
	// Assumed (4):
	// - Everything is asked as at the index date, ages and all events included.
	//   At the definition.
	// - Any condition group, any of its conditions and any of its rule sets is enough; being registered or alive is not asked.
	//   At the definition.
	// - GDPPR is read from gpes.journal.
	//   At group 1 "Breathing", condition 1, rule set 1, rule 1, data set 1.
	// - Ages are in completed months on the reference; the least is included, the greatest is not, 0 is no limit.
	//   At group 1 "Breathing", condition 1, rule set 1, rule 1, age band 1.
	// Expressed: 8 parts. In words only: 6 parts, to be read beside the rules.
}

// borne accepts that the published codes stand for their cluster.
func borne() caas.ImportOptions {
	return caas.ImportOptions{Accept: []caas.Acceptance{{Loss: caas.ClusterNotGiven, Remedy: caas.LeaveOut}}}
}

// Why somebody belongs is told in the words of the publication.
func ExampleImported_Explain() {
	imported, err := caas.Import(breathing(), borne())
	if err != nil {
		log.Fatal(err)
	}
	plan, err := imported.Definition.Bind(cohort.Index.Is(cohort.MustDate("2026-11-01")))
	if err != nil {
		log.Fatal(err)
	}
	someone := cohort.NewRecord("9990000018", person.DateOfBirth.Of(cohort.MustDate("1990-05-17")))
	cohort.Append(someone, gpes.Code.Of("195967001"), gpes.Date.Of(cohort.MustDate("2019-03-04")))
	why, err := plan.Explain(context.Background(), someone)
	if err != nil {
		log.Fatal(err)
	}
	told, err := imported.Explain(why)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(told.Text())
	// Output:
	// [person] is a member: Winter vaccination (winter, version 2026-09-01).
	// Worked out here from the published definition and the records at hand: this is not CaaS's own answer.
	// Group 1 "Breathing": yes.
	//    Condition 1.1 "Asthma, from the age of 5": yes.
	//       Rule set 1.1.1: yes.
	//          Rule 1.1.1.1: yes.
	//             yes: a code of AST_COD
	//                - 195967001 (Asthma) of AST_COD on 2019-03-04, in gpes.journal, which stands for GDPPR
	//             yes: aged 5 years (60 months) or more
}

// A definition of one's own is exported as far as the published form can hold it.
func ExampleExport() {
	asthma, err := codelist.New(codelist.Info{
		ID: "ast_cod", Version: "20260901", System: codelist.SNOMEDCT, Source: "Written for this example.",
	}, "195967001")
	if err != nil {
		log.Fatal(err)
	}
	definition, err := cohort.New("winter", "1.0.0",
		cohort.Include("registered", person.Practice.Known()),
		cohort.Include("aged 65 or over", person.AgeOn(cohort.Index).AtLeast(65)).IfUnknown(cohort.Refer),
		cohort.Include("asthma", gpes.Journal.Where(gpes.Code.In(asthma), gpes.Date.NotAfter(cohort.Index)).Exists()))
	if err != nil {
		log.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2026-11-01")))
	if err != nil {
		log.Fatal(err)
	}
	exported, err := caas.Export(plan, caas.ExportOptions{
		Accept: []caas.Acceptance{{Loss: caas.UnheldStep, Remedy: caas.LeaveOut, Within: "steps[0]"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, lost := range exported.Report.Losses() {
		fmt.Println("not held:", lost.What)
	}
	rule := exported.Cohort.ConditionGroups[0].Conditions[0].Rulesets[0].Rules[0]
	fmt.Println(*exported.Cohort.PatientAgeConstraint.MinMonths, *rule.Inclusions[0].ClusterName, rule.Inclusions[0].Codes[0].Value)
	// Output:
	// not held: 1. Include: registered. The registered GP practice is known.
	// 780 AST_COD 195967001
}

// A published definition is set out for people to read.
func ExampleSpecify() {
	var text strings.Builder
	if err := caas.Specify(breathing()).WriteMarkdown(&text); err != nil {
		log.Fatal(err)
	}
	rules, _, _ := strings.Cut(text.String(), "## Assumed")
	fmt.Fprint(os.Stdout, strings.TrimSpace(rules))
	// Output:
	// # Winter vaccination
	//
	// - Slug: winter
	// - Last updated: 2026-09-01
	//
	// ## Who belongs
	//
	// - Everything is asked as at the reference day, which is not fixed.
	// - There is one condition group.
	//
	// ## Condition group 1 "Breathing"
	//
	// - There is one condition.
	//
	// ### Condition 1.1
	//
	// Asthma, from the age of 5
	//
	// - There is one rule set.
	// - Rule set 1.1.1: the rule must hold.
	//   - Rule 1.1.1.1:
	//     - an entry with a code of AST\_COD.
	//     - aged 5 years (60 months) or more.
	//     - in GDPPR.
	//
	// ## Code lists
	//
	// | List | About | System | Codes published | Use |
	// | --- | --- | --- | --- | --- |
	// | AST\_COD | Asthma | SNOMED | 1 | counts in rule 1.1.1.1 |
	//
	// ### Codes of AST\_COD
	//
	// - SNOMED, 195967001 (Asthma)
}
