package caas_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
)

func bothForms(t *testing.T, s *caas.Specification) (markdown, text string) {
	t.Helper()
	var m, p bytes.Buffer
	if err := errors.Join(s.WriteMarkdown(&m), s.WriteText(&p)); err != nil {
		t.Fatal(err)
	}
	return m.String(), p.String()
}

// rich is a definition with everything that a specification says.
func rich() caas.Cohort {
	rule := asthma()
	rule.Inclusions[0].ClusterName = new("AST_COD")
	rule.Resolving = []caas.CodeList{codes("asthma resolved", resolvedCode)}
	rule.PatientAgeConstraints = []caas.PatientAgeConstraint{{MinMonths: new(60), MaxMonths: new(192)}, {MinMonths: new(786)}}
	rule.EventCountConstraint = &caas.EventCountConstraint{Count: 2}
	rule.EventDateConstraint = &caas.EventDateConstraint{
		WithinLastMonths: new(24), RelativeEarliestTime: new(6), FixedLatestDate: new("2026-09-30T23:00:00Z"),
	}
	rule.PreCoordinated = []caas.PreCoordinatedConstraint{{Type: caas.PreCoordinatedConstraintType{Name: "Very large", RulesetText: "BMI of 40 or more"}}}
	c := definition(rule)
	c.Authors, c.Purpose, c.Summary = `["A. Author","B. Author"]`, "Direct care", "Who is at risk:\n- people with asthma"
	c.PatientAgeConstraint = &caas.PatientAgeConstraint{MinMonths: new(6)}
	c.ConditionGroups[0].NonDigitalPathwayOverview = "People cared for elsewhere."
	c.ConditionGroups[0].Conditions[0].NonDigitalPathwayText = new("People without a code.")
	set := &c.ConditionGroups[0].Conditions[0].Rulesets[0]
	set.And, set.Rules = new(false), append(set.Rules, asthma())
	return c
}

func TestSpecify(t *testing.T) {
	t.Parallel()
	c := rich()
	_, text := bothForms(t, caas.Specify(c))
	for _, want := range []string{
		"Made up\n=======\n",
		"- Authors: A. Author, B. Author\n",
		"Summary\n-------\n\n  Who is at risk:\n  - people with asthma\n",
		"- Only people aged 6 months or more.\n",
		"Condition group 1 \"Breathing\"\n",
		"Condition 1.1\n\n  Asthma\n",
		`- Rule set 1.1.1: any of 2 rules is enough.
  - Rule 1.1.1.1:
    - at least 2 entries with a code of AST_COD.
    - dated in the last 24 months up to the reference.
    - dated not before the relative time 6, whose unit is not published.
    - dated not after 2026-10-01.
    - unless a later entry has a code of asthma resolved, which resolves it.
    - aged 5 years (60 months) or more and less than 16 years (192 months), or aged 65 years 6 months (786 months) or more.
    - special case Very large: BMI of 40 or more.
    - in GDPPR.
  - Rule 1.1.1.2:
    - an entry with a code of asthma.
`,
		"Outside the digital pathway\n\n  People without a code.\n",
		"Outside the digital pathway, for the whole group\n\n  People cared for elsewhere.\n",
		"- List: AST_COD\n  About: asthma\n  System: SNOMED\n  Codes published: 1\n  Use: counts in rule 1.1.1.1\n",
		"Codes of AST_COD\n\n- SNOMED, 195967001 (term of 195967001)\n",
		"Assumed\n-------\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("missing: %s", want)
		}
	}
	c.FixedDateReference = new("2026-11-01")
	if _, text = bothForms(t, caas.Specify(c)); !strings.Contains(text, "dated from 2024-11-01 to 2026-11-01, the last 24 months") {
		t.Errorf("no dates: %s", text)
	}
	if t.Failed() {
		t.Log(text)
	}
}

// What is published is shown as it is, in either form.
func TestSpecifyShowsTextsAsTheyAre(t *testing.T) {
	t.Parallel()
	c := rich()
	c.Name = "# A <script>alert(1)</script>\u202e name"
	c.Summary = "# heading\n[link](https://example.org) <b>\u0007"
	c.ConditionGroups[0].Name = "*bold*"
	c.ConditionGroups[0].Conditions[0].Rulesets[0].Rules[0].Inclusions[0].ShortDescription = "a | b"
	markdown, text := bothForms(t, caas.Specify(c))
	for _, bad := range []string{"\n# heading", "[link](https", "<b>", "<script>", " *bold*", "a | b", "\u202e", "\u0007"} {
		if strings.Contains(markdown, bad) {
			t.Errorf("%q is in the Markdown", bad)
		}
	}
	if strings.ContainsAny(text, "\u202e\u0007") || !strings.Contains(text, "  # heading\n") {
		t.Errorf("text: %s", text)
	}
}

func TestSpecifyNothing(t *testing.T) {
	t.Parallel()
	_, text := bothForms(t, caas.Specify(caas.Cohort{}))
	if !strings.Contains(text, "There is no condition group.") {
		t.Error(text)
	}
	empty := caas.Cohort{ConditionGroups: []caas.ConditionGroup{{Conditions: []caas.Condition{{Rulesets: []caas.Ruleset{{}, {Rules: []caas.Rule{{}, {}}}}}}}}}
	_, text = bothForms(t, caas.Specify(empty))
	for _, want := range []string{"it has no rules", "nothing says whether all of 2 rules must hold or any", "it asks nothing"} {
		if !strings.Contains(text, want) {
			t.Errorf("missing: %s", want)
		}
	}
}

// A plan of ours is told by group as far as that goes, then exactly.
func TestSpecifyPlan(t *testing.T) {
	t.Parallel()
	plan := talkingTherapies(t)
	s, err := caas.SpecifyPlan(plan)
	if err != nil {
		t.Fatal(err)
	}
	markdown, text := bothForms(t, s)
	for _, want := range []string{
		"- Hash of its meaning: " + plan.Hash(),
		"Only people aged 45 years (540 months) or more and less than 71 years (852 months).",
		"Everything is asked as at 2026-11-01.",
		"- Step 6 \"in contact with Talking Therapies in the last 12 months\"\n",
		"  1. Include: aged 45 to 70.\n",
		"- List: illustrative/asthma\n  Version: 1\n  System: SNOMED CT\n  Codes: 1\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("missing: %s", want)
		}
	}
	if !strings.Contains(markdown, "```text\n"+strings.Trim(plan.English(), "\n")+"\n```") {
		t.Error("the exact wording is not in the Markdown")
	}
	// A plan that the published form cannot hold at all still has its wording.
	s, err = caas.SpecifyPlan(planOf(t, cohort.Include("women", person.Gender.Is(person.Female)).IfUnknown(cohort.Refer)))
	if err != nil {
		t.Fatal(err)
	}
	if _, text := bothForms(t, s); !strings.Contains(text, "- Step 2 \"women\"\n") || strings.Contains(text, "Who belongs") {
		t.Errorf("text: %s", text)
	}
	if _, err := caas.SpecifyPlan(nil); !errors.Is(err, nhs.ErrInvalid) {
		t.Errorf("nil: %v", err)
	}
}

// An imported definition keeps its texts, and says how it was carried over.
func TestSpecifyImported(t *testing.T) {
	t.Parallel()
	im := imported(t, rich(), caas.ImportOptions{Accept: everything(), RelativeTimes: caas.MonthsBefore})
	plan := bound(t, im.Definition)
	s, err := im.Specify(plan)
	if err != nil {
		t.Fatal(err)
	}
	_, text := bothForms(t, s)
	for _, want := range []string{
		"dated from 2024-11-01 to 2026-11-01", "People without a code.", "How it was carried over\n", "Special case, accepted: left out",
		"Exact wording\n", plan.Hash(),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("missing: %s", want)
		}
	}
	for _, other := range []*cohort.Plan{nil, talkingTherapies(t)} {
		if _, err := im.Specify(other); !errors.Is(err, nhs.ErrInvalid) {
			t.Errorf("another plan: %v", err)
		}
	}
	// What the plan alone says by group is the same, without the texts.
	alone, err := caas.SpecifyPlan(plan)
	if err != nil {
		t.Fatal(err)
	}
	_, text = bothForms(t, alone)
	if !strings.Contains(text, `Condition group 1 "Breathing"`) || !strings.Contains(text, "at least 2 entries with a code of AST_COD.") {
		t.Errorf("alone: %s", text)
	}
}

func TestSpecificationWriterFails(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	fault := errors.New("full")
	if err := r.CloseWithError(fault); err != nil {
		t.Fatal(err)
	}
	s := caas.Specify(rich())
	if err := s.WriteMarkdown(w); !errors.Is(err, fault) {
		t.Errorf("Markdown: %v", err)
	}
	if err := s.WriteText(w); !errors.Is(err, fault) {
		t.Errorf("text: %v", err)
	}
}

// Writing does not change what is written.
func TestSpecificationIsWrittenTwiceAlike(t *testing.T) {
	t.Parallel()
	s := caas.Specify(rich())
	m1, t1 := bothForms(t, s)
	m2, t2 := bothForms(t, s)
	if d := cmp.Diff(m1+t1, m2+t2); d != "" {
		t.Error(d)
	}
}
