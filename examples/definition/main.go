// Definition imports a published cohort definition and explains a person. It asks CaaS
// for the definition, shows why an import that is not exact is refused, gives what is
// missing, and says what was carried over. The cohort is then read in English, counted
// over invented people under a disclosure policy, and one of its members is told why
// they belong, in the words of the publication.
//
//	go run ./examples/definition -people 5000
//
// CaaS, its definition and the people are invented and run in this process.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/signal"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/caas/caastest"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/cohort/synthetic"
)

const (
	slug       = "winter-chest-check"
	verySevere = "Very severe obesity"

	// SNOMED CT concepts, most of which the synthetic population has.
	asthma, asthmaResolved, bodyMass = "195967001", "162660004", "60621009"
	heartDisease, angina             = "53741008", "194828000"
)

func main() {
	people := flag.Int("people", 5000, "how many people to invent")
	seed := flag.Uint64("seed", 7, "which people to invent")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *people, *seed, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "definition:", err)
		os.Exit(1) //nolint:gocritic // stop has nothing left to do
	}
}

// run is the whole story, one chapter after the other.
func run(ctx context.Context, people int, seed uint64, out io.Writer) error {
	definition, err := fetch(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "CaaS publishes %q, updated %s.\n\n", definition.Name, definition.LastUpdated)
	imported, err := carryOver(definition, out)
	if err != nil {
		return err
	}
	day := cohort.MustDate("2026-11-01")
	plan, err := imported.Definition.Bind(cohort.Index.Is(day))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n== In English ==\n\n%s\n", plan.English())

	population, err := synthetic.New(synthetic.Config{Seed: seed, People: people, On: day})
	if err != nil {
		return err
	}
	member, err := count(ctx, plan, population, out)
	if err != nil || member == nil {
		return err
	}
	why, err := plan.Explain(ctx, member)
	if err != nil {
		return err
	}
	told, err := imported.Explain(why)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n== Why one of them belongs ==\n\n%s", told.Text())
	return nil
}

// fetch asks CaaS for the definition. In a real program nhs.Production takes the place of
// the loopback.
func fetch(ctx context.Context) (caas.Cohort, error) {
	server := httptest.NewServer(caastest.New(caastest.Options{Cohorts: []caas.Cohort{published()}}))
	defer server.Close()
	app, err := nhs.NewApp(nhs.Loopback(server.URL), nhs.Anonymous{})
	if err != nil {
		return caas.Cohort{}, err
	}
	definitions, err := caas.NewDefinitions(app)
	if err != nil {
		return caas.Cohort{}, err
	}
	return definitions.BySlug(ctx, slug)
}

// carryOver imports the definition: first as it is, which is refused, and then with what
// is missing and what is borne.
func carryOver(definition caas.Cohort, out io.Writer) (*caas.Imported, error) {
	_, err := caas.Import(definition, caas.ImportOptions{})
	inexact, ok := errors.AsType[*caas.InexactError](err)
	if !ok {
		return nil, fmt.Errorf("it was to be refused: %w", err)
	}
	fmt.Fprintf(out, "As it is, it is refused:\n  %v\n", inexact)
	for _, lost := range inexact.Refused() {
		fmt.Fprintf(out, "  - %s: %s\n    %s\n", lost.Loss, lost.What, lost.Done)
	}
	options, err := completed()
	if err != nil {
		return nil, err
	}
	imported, err := caas.Import(definition, options)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(out, "\n== The report of the import, for a clinician to check ==\n\n%v", imported.Report)
	return imported, nil
}

// completed gives the lists of the clusters, and a criterion for what is published in
// words. That one list has no codes is borne.
func completed() (caas.ImportOptions, error) {
	lists := map[string][]*codelist.List{}
	for _, l := range []struct {
		cluster string
		system  codelist.System
		codes   []string
	}{
		{"AST_COD", codelist.SNOMEDCT, []string{asthma}},
		{"AST_COD", codelist.ICD10, []string{"J45*"}},
		{"ASTRES_COD", codelist.SNOMEDCT, []string{asthmaResolved}},
		{"CHD_COD", codelist.SNOMEDCT, []string{heartDisease, angina}},
	} {
		list, err := codelist.New(codelist.Info{
			ID: l.cluster + " of this example, " + string(l.system), Version: "1", System: l.system, Source: "Made up for this example.",
		}, l.codes...)
		if err != nil {
			return caas.ImportOptions{}, err
		}
		lists[l.cluster] = append(lists[l.cluster], list)
	}
	size, err := codelist.New(codelist.Info{
		ID: "readings of body mass", Version: "1", System: codelist.SNOMEDCT, Source: "Made up for this example.",
	}, bodyMass)
	if err != nil {
		return caas.ImportOptions{}, err
	}
	latest := cohort.Latest(gpes.Journal.Where(
		gpes.Code.In(size), gpes.Date.NotAfter(cohort.Index), gpes.Value1.Between(10, 100), // leaves slips out
	), gpes.Value1)
	return caas.ImportOptions{
		Lists:        lists,
		SpecialCases: map[string]cohort.Criterion{verySevere: latest.AtLeast(40)},
		Steps: []cohort.Step{
			cohort.Include("registered with a GP practice", person.Practice.Known()),
			cohort.Exclude("has died", person.DeadOn(cohort.Index)).IfUnknown(cohort.TreatAsNo),
		},
		Accept: []caas.Acceptance{{Loss: caas.NoCodes, Remedy: caas.LeaveOut, Within: "conditionGroups[1]"}},
	}, nil
}

// count counts the cohort, and returns the first of its members.
func count(ctx context.Context, plan *cohort.Plan, people *synthetic.Population, out io.Writer) (*cohort.Record, error) {
	var member *cohort.Record
	attrition, err := plan.Run(ctx, people.Records(ctx), func(r *cohort.Record, result cohort.Result) error {
		if result.Outcome == cohort.Member && member == nil {
			member = r
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	published, err := attrition.Publish(cohort.HES())
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(out, "\n== How many, of %d invented people ==\n\n%v", people.Len(), published)
	return member, nil
}
