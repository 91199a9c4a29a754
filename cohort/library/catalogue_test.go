package library_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/hes"
	"github.com/personalised-prevention/nhs/cohort/library"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/cohort/rtds"
	"github.com/personalised-prevention/nhs/cohort/sact"
	"github.com/personalised-prevention/nhs/cohort/synthetic"
)

func TestCatalogue(t *testing.T) {
	t.Parallel()
	tables := slices.Concat(person.Tables(), gpes.Tables(), hes.Tables(), sact.Tables(), rtds.Tables())
	hashes := map[string]string{}
	for _, entry := range library.Catalogue() {
		t.Run(entry.ID, func(t *testing.T) {
			t.Parallel()
			if entry.Title == "" || entry.Source == "" {
				t.Error("no title or no source")
			}
			plan := plan(t, entry)
			if plan.ID() != entry.ID {
				t.Errorf("the plan is of %s", plan.ID())
			}
			if english := plan.English(); !strings.HasPrefix(english, "Cohort "+entry.ID) || strings.Contains(english, "  \n") {
				t.Error(english)
			}
			decoded, err := cohort.Decode(plan.JSON(), tables...)
			if err != nil {
				t.Fatal(err)
			}
			if decoded.DocumentHash() != plan.DocumentHash() || decoded.Hash() != plan.Hash() || decoded.English() != plan.English() {
				t.Error("decoding changed the plan")
			}
			if got := plan.Evaluate(cohort.NewRecord(nhsNumber)).Outcome; got != cohort.NotMember {
				t.Errorf("a person with no records is %v", got)
			}
			if again, err := entry.Plan(on("2025-10-01")); err != nil || again.DocumentHash() != plan.DocumentHash() {
				t.Errorf("made twice it is another: %v", err)
			}
			pop, err := synthetic.New(synthetic.Config{Seed: 11, People: 100, On: on("2025-12-01")})
			if err != nil {
				t.Fatal(err)
			}
			attrition, err := plan.Run(t.Context(), pop.Records(t.Context()), nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := attrition.Publish(cohort.HES()); err != nil {
				t.Error(err)
			}
		})
	}
	for _, entry := range library.Catalogue() {
		hash := plan(t, entry).Hash()
		if other, ok := hashes[hash]; ok {
			t.Errorf("%s and %s mean the same", entry.ID, other)
		}
		hashes[hash] = entry.ID
	}
	if len(hashes) < 12 {
		t.Errorf("%d cohorts", len(hashes))
	}
}

// TestSyntheticMembers: cohorts that ask about ages and the commonest conditions find members.
func TestSyntheticMembers(t *testing.T) {
	t.Parallel()
	pop, err := synthetic.New(synthetic.Config{Seed: 11, People: 600, On: on("2025-12-01")})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{
		"nhs-health-check", "cvdprevent-cvdpcx002", "cvdprevent-cvdpcx001", "cvdprevent-hypertension-risk", "covid-at-risk",
		"covid-vaccination-autumn-2025", "flu-2025-26", "bowel-cancer-screening", "breast-screening", "cervical-screening",
		"abdominal-aortic-aneurysm-screening", "lung-cancer-screening", "talking-therapies",
	} {
		entries := library.Catalogue()
		at := slices.IndexFunc(entries, func(e library.Entry) bool { return e.ID == id })
		attrition, err := plan(t, entries[at]).Run(t.Context(), pop.Records(t.Context()), nil)
		if err != nil {
			t.Fatal(err)
		}
		if members := attrition.Raw().Members; members == 0 || members == pop.Len() {
			t.Errorf("%s has %d members of %d people", id, members, pop.Len())
		}
	}
}

// TestDocumentation: the table of the package names every cohort.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range library.Catalogue() {
		if !strings.Contains(string(doc), "//\t"+entry.ID+" ") {
			t.Errorf("doc.go does not name %s", entry.ID)
		}
	}
}
