package cohort_test

import (
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// TestPatterns: a list of codes and patterns decides, reads and is stored as what it holds.
func TestPatterns(t *testing.T) {
	t.Parallel()
	list := codelist.Must(codelist.New(codelist.Info{
		ID: "stroke", Version: "1", System: codelist.ICD10, Source: "written for this test", Release: "5th edition",
	}, "I63-I64", "I61*", "G459"))
	plan := bind(t, registered(), cohort.Include("stroke", stays.Where(diagnoses.AnyIn(list)).Exists()))
	for code, want := range map[string]cohort.Outcome{
		"I639": cohort.Member, "I64X": cohort.Member, "I610": cohort.Member, "G459": cohort.Member,
		"I62": cohort.NotMember, "I65": cohort.NotMember, "G45": cohort.NotMember,
	} {
		r := cohort.NewRecord("999", person.Practice.Of("A81001"))
		stayOf(r, "2025-01-01", "2025-01-02", diagnoses.Of(code))
		if got := plan.Evaluate(r).Outcome; got != want {
			t.Errorf("%s: %v, want %v", code, got, want)
		}
	}
	english := plan.English()
	for _, want := range []string{
		"code list stroke 1 (1 code and 2 patterns, ",
		"- stroke 1: 1 code and 2 patterns of ICD-10, content " + list.Hash() + ".\n   Release: 5th edition.\n   Patterns: I61*, I63-I64.\n",
	} {
		if !strings.Contains(english, want) {
			t.Errorf("the text does not say %q:\n%s", want, english)
		}
	}
	again, err := cohort.Decode(plan.JSON(), person.Tables()[0], staySchema.Table())
	if err != nil {
		t.Fatal(err)
	}
	if string(again.JSON()) != string(plan.JSON()) || again.Hash() != plan.Hash() {
		t.Error("the document does not come back as it was")
	}
	if got := again.Uses().CodeLists[0]; got.Release() != "5th edition" {
		t.Errorf("the release is %q", got.Release())
	}
}

// TestReleaseIsProse: the release says where codes come from, and decides nothing.
func TestReleaseIsProse(t *testing.T) {
	t.Parallel()
	plan := func(release string) *cohort.Plan {
		list := codelist.Must(codelist.New(codelist.Info{
			ID: "stroke", Version: "1", System: codelist.ICD10, Source: "written for this test", Release: release,
		}, strokeCode))
		return bind(t, registered(), cohort.Include("stroke", stays.Where(diagnoses.AnyIn(list)).Exists()))
	}
	a, b := plan("4th edition"), plan("5th edition")
	if a.Hash() != b.Hash() || a.DocumentHash() == b.DocumentHash() {
		t.Error("want the same meaning in two documents")
	}
}
