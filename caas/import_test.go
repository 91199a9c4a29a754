package caas_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// Each decision of the importer at its bounds.
func TestImportMeans(t *testing.T) {
	t.Parallel()
	const day = "2026-11-01"
	aged := func(least, below int) []caas.PatientAgeConstraint {
		return []caas.PatientAgeConstraint{{MinMonths: &least, MaxMonths: &below}}
	}
	had := func(entries ...entry) patient { return patient{born: "1990-01-01", entries: entries} }
	born := func(day string) patient { return patient{born: day, entries: []entry{{asthmaCode, "2020-01-01"}}} }
	resolving := func(r *caas.Rule) { r.Resolving = []caas.CodeList{codes("resolved", resolvedCode)} }
	hospital := func(code string) func(*caas.Rule) {
		return func(r *caas.Rule) {
			r.Inclusions[0].Codes = append(r.Inclusions[0].Codes, codes("", code).Codes...)
			r.Datasets = append(r.Datasets, caas.Dataset{Acronym: new("HES")})
		}
	}
	counted := func(n int) func(*caas.Rule) {
		return func(r *caas.Rule) {
			hospital("ICD10:D580")(r)
			r.EventCountConstraint = &caas.EventCountConstraint{Count: n}
		}
	}
	for name, tt := range map[string]struct {
		change  func(*caas.Rule)
		options caas.ImportOptions
		patient patient
		want    cohort.Outcome
	}{
		"a code":                {patient: had(entry{asthmaCode, "2020-01-01"}), want: cohort.Member},
		"another code":          {patient: had(entry{otherCode, "2020-01-01"}), want: cohort.NotMember},
		"on the reference":      {patient: had(entry{asthmaCode, day}), want: cohort.Member},
		"after the reference":   {patient: had(entry{asthmaCode, "2026-11-02"}), want: cohort.NotMember},
		"without a date":        {patient: had(entry{asthmaCode, ""}), want: cohort.NotMember},
		"any of several lists":  {func(r *caas.Rule) { r.Inclusions = append(r.Inclusions, codes("stroke", strokeCode)) }, caas.ImportOptions{}, had(entry{strokeCode, "2020-01-01"}), cohort.Member},
		"no data set":           {func(r *caas.Rule) { r.Datasets = nil }, caas.ImportOptions{}, had(entry{asthmaCode, "2020-01-01"}), cohort.Member},
		"least age, on the day": {func(r *caas.Rule) { r.PatientAgeConstraints = aged(60, 0) }, caas.ImportOptions{}, born("2021-11-01"), cohort.Member},
		"least age, day before": {func(r *caas.Rule) { r.PatientAgeConstraints = aged(60, 0) }, caas.ImportOptions{}, born("2021-11-02"), cohort.NotMember},
		"below, day before":     {func(r *caas.Rule) { r.PatientAgeConstraints = aged(0, 192) }, caas.ImportOptions{}, born("2010-11-02"), cohort.Member},
		"below, on the day":     {func(r *caas.Rule) { r.PatientAgeConstraints = aged(0, 192) }, caas.ImportOptions{}, born("2010-11-01"), cohort.NotMember},
		"within a band":         {func(r *caas.Rule) { r.PatientAgeConstraints = aged(60, 192) }, caas.ImportOptions{}, born("2015-11-01"), cohort.Member},
		"no limit at all":       {func(r *caas.Rule) { r.PatientAgeConstraints = append(aged(60, 192), aged(0, 0)...) }, caas.ImportOptions{}, born("1900-11-01"), cohort.Member},
		"second of two bands":   {func(r *caas.Rule) { r.PatientAgeConstraints = append(aged(60, 192), aged(780, 0)...) }, caas.ImportOptions{}, born("1960-11-01"), cohort.Member},
		"between two bands":     {func(r *caas.Rule) { r.PatientAgeConstraints = append(aged(60, 192), aged(780, 0)...) }, caas.ImportOptions{}, born("1990-11-01"), cohort.NotMember},
		"age not known":         {func(r *caas.Rule) { r.PatientAgeConstraints = aged(60, 0) }, caas.ImportOptions{}, born(""), cohort.Referred},
		"age taken as no":       {func(r *caas.Rule) { r.PatientAgeConstraints = aged(60, 0) }, caas.ImportOptions{IfUnknown: cohort.TreatAsNo}, born(""), cohort.NotMember},
		"first day of months":   {func(r *caas.Rule) { r.EventDateConstraint = &caas.EventDateConstraint{WithinLastMonths: new(12)} }, caas.ImportOptions{}, had(entry{asthmaCode, "2025-11-01"}), cohort.Member},
		"day before months":     {func(r *caas.Rule) { r.EventDateConstraint = &caas.EventDateConstraint{WithinLastMonths: new(12)} }, caas.ImportOptions{}, had(entry{asthmaCode, "2025-10-31"}), cohort.NotMember},
		"earliest day": {func(r *caas.Rule) {
			r.EventDateConstraint = &caas.EventDateConstraint{FixedEarliestDate: new("2020-01-01T00:00:00.000Z")}
		}, caas.ImportOptions{}, had(entry{asthmaCode, "2020-01-01"}), cohort.Member},
		"earliest day in summer": {func(r *caas.Rule) {
			r.EventDateConstraint = &caas.EventDateConstraint{FixedEarliestDate: new("2020-06-30T23:00:00.000Z")}
		}, caas.ImportOptions{}, had(entry{asthmaCode, "2020-06-30"}), cohort.NotMember},
		"latest day": {func(r *caas.Rule) {
			r.EventDateConstraint = &caas.EventDateConstraint{FixedLatestDate: new("2020-01-01")}
		}, caas.ImportOptions{}, had(entry{asthmaCode, "2020-01-01"}), cohort.Member},
		"after the latest": {func(r *caas.Rule) {
			r.EventDateConstraint = &caas.EventDateConstraint{FixedLatestDate: new("2020-01-01")}
		}, caas.ImportOptions{}, had(entry{asthmaCode, "2020-01-02"}), cohort.NotMember},
		"relative day": {
			func(r *caas.Rule) { r.EventDateConstraint = &caas.EventDateConstraint{RelativeEarliestTime: new(30)} },
			caas.ImportOptions{Reference: cohort.MustDate("2020-03-01"), RelativeTimes: caas.DaysBefore},
			had(entry{asthmaCode, "2020-01-31"}), cohort.Member,
		},
		"relative to the index": {
			func(r *caas.Rule) { r.EventDateConstraint = &caas.EventDateConstraint{RelativeLatestTime: new(-6)} },
			caas.ImportOptions{RelativeTimes: caas.MonthsAfter},
			had(entry{asthmaCode, "2026-05-01"}), cohort.Member,
		},
		"after a day relative to the index": {
			func(r *caas.Rule) { r.EventDateConstraint = &caas.EventDateConstraint{RelativeLatestTime: new(-6)} },
			caas.ImportOptions{RelativeTimes: caas.MonthsAfter},
			had(entry{asthmaCode, "2026-05-02"}), cohort.NotMember,
		},
		"the index itself": {
			func(r *caas.Rule) { r.EventDateConstraint = &caas.EventDateConstraint{RelativeEarliestTime: new(0)} },
			caas.ImportOptions{RelativeTimes: caas.DaysAfter},
			had(entry{asthmaCode, day}), cohort.Member,
		},
		"before a relative day": {
			func(r *caas.Rule) { r.EventDateConstraint = &caas.EventDateConstraint{RelativeEarliestTime: new(30)} },
			caas.ImportOptions{Reference: cohort.MustDate("2020-03-01"), RelativeTimes: caas.DaysBefore},
			had(entry{asthmaCode, "2020-01-30"}), cohort.NotMember,
		},
		"two of two":                   {func(r *caas.Rule) { r.EventCountConstraint = &caas.EventCountConstraint{Count: 2} }, caas.ImportOptions{}, had(entry{asthmaCode, "2020-01-01"}, entry{asthmaCode, "2020-01-01"}), cohort.Member},
		"one of two":                   {func(r *caas.Rule) { r.EventCountConstraint = &caas.EventCountConstraint{Count: 2} }, caas.ImportOptions{}, had(entry{asthmaCode, "2020-01-01"}, entry{otherCode, "2020-01-01"}), cohort.NotMember},
		"resolved later":               {resolving, caas.ImportOptions{}, had(entry{asthmaCode, "2020-01-01"}, entry{resolvedCode, "2020-01-02"}), cohort.NotMember},
		"resolved the same day":        {resolving, caas.ImportOptions{}, had(entry{asthmaCode, "2020-01-01"}, entry{resolvedCode, "2020-01-01"}), cohort.Member},
		"again since":                  {resolving, caas.ImportOptions{}, had(entry{asthmaCode, "2020-01-01"}, entry{resolvedCode, "2020-01-02"}, entry{asthmaCode, "2020-01-03"}), cohort.Member},
		"resolved after the reference": {resolving, caas.ImportOptions{}, had(entry{asthmaCode, "2020-01-01"}, entry{resolvedCode, "2026-11-02"}), cohort.Member},
		"resolved outside the window": {func(r *caas.Rule) {
			resolving(r)
			r.EventDateConstraint = &caas.EventDateConstraint{FixedLatestDate: new("2020-01-01")}
		}, caas.ImportOptions{}, had(entry{asthmaCode, "2020-01-01"}, entry{resolvedCode, "2021-01-01"}), cohort.NotMember},
		"a diagnosis":              {hospital("ICD10:D580"), caas.ImportOptions{}, patient{episodes: []entry{{"D580", "2020-01-01"}}}, cohort.Member},
		"another diagnosis":        {hospital("ICD10:D580"), caas.ImportOptions{}, patient{episodes: []entry{{"D589", "2020-01-01"}}}, cohort.NotMember},
		"a category":               {hospital("ICD10:D58"), caas.ImportOptions{}, patient{episodes: []entry{{"D589", "2020-01-01"}}}, cohort.Member},
		"three characters in full": {hospital("ICD10:I10X"), caas.ImportOptions{}, patient{episodes: []entry{{"I10X", "2020-01-01"}}}, cohort.Member},
		"an outpatient diagnosis":  {hospital("ICD10:D580"), caas.ImportOptions{}, patient{appointments: []entry{{"D580", "2020-01-01"}}}, cohort.Member},
		"an episode too late":      {hospital("ICD10:D580"), caas.ImportOptions{}, patient{episodes: []entry{{"D580", "2026-11-02"}}}, cohort.NotMember},
		"a procedure":              {hospital("OPCS:K04.1"), caas.ImportOptions{}, patient{appointments: []entry{{"K041", "2020-01-01"}}}, cohort.Member},
		"procedures by category":   {hospital("OPCS4:K04"), caas.ImportOptions{}, patient{episodes: []entry{{"K042", "2020-01-01"}}}, cohort.Member},
		"counted in all tables": {
			counted(3),
			caas.ImportOptions{},
			patient{entries: []entry{{asthmaCode, "2020-01-01"}}, episodes: []entry{{"D580", "2020-01-01"}}, appointments: []entry{{"D580", "2020-01-01"}}},
			cohort.Member,
		},
		"counted one too few": {
			counted(3),
			caas.ImportOptions{},
			patient{entries: []entry{{asthmaCode, "2020-01-01"}}, episodes: []entry{{"D580", "2020-01-01"}}},
			cohort.NotMember,
		},
		"resolved since the last in all tables": {
			func(r *caas.Rule) { counted(1)(r); resolving(r) },
			caas.ImportOptions{},
			patient{entries: []entry{{asthmaCode, "2020-01-01"}, {resolvedCode, "2020-02-01"}}, episodes: []entry{{"D580", "2020-01-15"}}},
			cohort.NotMember,
		},
		"resolved before an episode": {
			func(r *caas.Rule) { counted(1)(r); resolving(r) },
			caas.ImportOptions{},
			patient{entries: []entry{{asthmaCode, "2020-01-01"}, {resolvedCode, "2020-02-01"}}, episodes: []entry{{"D580", "2020-03-15"}}},
			cohort.Member,
		},
		"a given list of categories and codes": {
			func(r *caas.Rule) { hospital("ICD10:D580")(r); r.Inclusions[0].ClusterName = new("AST_COD") },
			caas.ImportOptions{Lists: map[string][]*codelist.List{"AST_COD": {
				list(t, "ast", codelist.SNOMEDCT, asthmaCode), list(t, "ast-hospital", codelist.ICD10, "D580", "I26*"),
			}}},
			patient{episodes: []entry{{"I269", "2020-01-01"}}},
			cohort.Member,
		},
		"a given list": {
			func(r *caas.Rule) { r.Inclusions[0].ClusterName = new("AST_COD") },
			caas.ImportOptions{Lists: map[string][]*codelist.List{"AST_COD": {list(t, "ast", codelist.SNOMEDCT, asthmaCode, strokeCode)}}},
			had(entry{strokeCode, "2020-01-01"}), cohort.Member,
		},
		"a special case": {
			func(r *caas.Rule) {
				r.PreCoordinated = []caas.PreCoordinatedConstraint{{ID: "p", Type: caas.PreCoordinatedConstraintType{ID: "t", Name: "Very large"}}}
			},
			caas.ImportOptions{SpecialCases: map[string]cohort.Criterion{"Very large": gpes.Journal.Where(gpes.Value1.AtLeast(40)).Exists()}},
			had(entry{asthmaCode, "2020-01-01"}), cohort.NotMember,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rule := asthma()
			if tt.change != nil {
				tt.change(&rule)
			}
			im := imported(t, definition(rule), tt.options)
			if !im.Report.Exact() {
				t.Errorf("not exact:\n%v", im.Report)
			}
			plan := bound(t, im.Definition)
			if got := plan.Evaluate(tt.patient.record()).Outcome; got != tt.want {
				t.Errorf("got %v, want %v\n%s", got, tt.want, plan.English())
			}
		})
	}
}

// Groups, conditions and rule sets are joined by any; rules as they say.
func TestImportJoins(t *testing.T) {
	t.Parallel()
	stroke := caas.Rule{ID: "u2", Inclusions: []caas.CodeList{codes("stroke", strokeCode)}, Datasets: gdppr()}
	both := func(and *bool) caas.Cohort {
		c := definition(asthma())
		set := &c.ConditionGroups[0].Conditions[0].Rulesets[0]
		set.And, set.Rules = and, append(set.Rules, stroke)
		return c
	}
	apart := func(place func(*caas.ConditionGroup, caas.Ruleset)) caas.Cohort {
		c := definition(asthma())
		place(&c.ConditionGroups[0], caas.Ruleset{Rules: []caas.Rule{stroke}})
		return c
	}
	groups := definition(asthma())
	groups.ConditionGroups = append(groups.ConditionGroups, caas.ConditionGroup{Name: "Brain", Conditions: []caas.Condition{{Rulesets: []caas.Ruleset{{Rules: []caas.Rule{stroke}}}}}})
	one, two := patient{entries: []entry{{strokeCode, "2020-01-01"}}}, patient{entries: []entry{{strokeCode, "2020-01-01"}, {asthmaCode, "2020-01-01"}}}
	for name, tt := range map[string]struct {
		cohort  caas.Cohort
		options caas.ImportOptions
		one     cohort.Outcome // of the person who fits the second rule only
	}{
		"all":          {both(new(true)), caas.ImportOptions{}, cohort.NotMember},
		"any":          {both(new(false)), caas.ImportOptions{}, cohort.Member},
		"given as all": {both(nil), caas.ImportOptions{JoinUnstated: caas.AllRules}, cohort.NotMember},
		"given as any": {both(nil), caas.ImportOptions{JoinUnstated: caas.AnyRule}, cohort.Member},
		"rule sets": {apart(func(g *caas.ConditionGroup, s caas.Ruleset) {
			g.Conditions[0].Rulesets = append(g.Conditions[0].Rulesets, s)
		}), caas.ImportOptions{}, cohort.Member},
		"conditions": {apart(func(g *caas.ConditionGroup, s caas.Ruleset) {
			g.Conditions = append(g.Conditions, caas.Condition{Rulesets: []caas.Ruleset{s}})
		}), caas.ImportOptions{}, cohort.Member},
		"groups": {groups, caas.ImportOptions{}, cohort.Member},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := bound(t, imported(t, tt.cohort, tt.options).Definition)
			if got := plan.Evaluate(one.record()).Outcome; got != tt.one {
				t.Errorf("one rule: %v, want %v", got, tt.one)
			}
			if got := plan.Evaluate(two.record()).Outcome; got != cohort.Member {
				t.Errorf("both rules: %v", got)
			}
		})
	}
}

func TestImportRefusesOptions(t *testing.T) {
	t.Parallel()
	secret := nhs.MustNumber("9990000018")
	c := definition(asthma())
	nameless := c
	nameless.ID, nameless.Slug, nameless.LastUpdated = "", "", ""
	for name, tt := range map[string]struct {
		cohort  caas.Cohort
		options caas.ImportOptions
		want    string
	}{
		"no id":          {nameless, caas.ImportOptions{Version: "1"}, "ImportOptions.ID"},
		"no version":     {nameless, caas.ImportOptions{ID: "1"}, "ImportOptions.Version"},
		"two lines":      {c, caas.ImportOptions{ID: "a\nb"}, "ImportOptions.ID"},
		"policy":         {c, caas.ImportOptions{IfUnknown: 9}, "ImportOptions.IfUnknown"},
		"join":           {c, caas.ImportOptions{JoinUnstated: "some"}, "ImportOptions.JoinUnstated"},
		"unit":           {c, caas.ImportOptions{RelativeTimes: "weeks"}, "ImportOptions.RelativeTimes"},
		"nil list":       {c, caas.ImportOptions{Lists: map[string][]*codelist.List{secret.Reveal(): {nil}}}, "ImportOptions.Lists"},
		"unknown loss":   {c, caas.ImportOptions{Accept: []caas.Acceptance{{Loss: caas.Loss(secret.Reveal()), Remedy: caas.LeaveOut}}}, "Acceptance.Loss"},
		"unknown remedy": {c, caas.ImportOptions{Accept: []caas.Acceptance{{Loss: caas.NoCodes, Remedy: caas.Remedy(secret.Reveal())}}}, "Acceptance.Remedy"},
		"join left out":  {c, caas.ImportOptions{Accept: accept(caas.UnclearJoin)}, "Acceptance.Remedy"},
		"no groups":      {caas.Cohort{ID: secret.Reveal(), LastUpdated: "1"}, caas.ImportOptions{}, "condition groups"},
	} {
		_, err := caas.Import(tt.cohort, tt.options)
		if !errors.Is(err, nhs.ErrInvalid) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
		assertMasked(t, err.Error(), secret)
	}
	// Nor does a refusal show what is published.
	rule := asthma()
	rule.Inclusions[0].Codes[0].Value = secret.Reveal()
	_, err := caas.Import(definition(rule), caas.ImportOptions{})
	assertMasked(t, err.Error(), secret)
}

// By age alone, somebody without any record would be referred: the caller must say
// whom the cohort is among.
func TestImportByAgeAloneWantsAFirstStep(t *testing.T) {
	t.Parallel()
	c := definition(caas.Rule{PatientAgeConstraints: []caas.PatientAgeConstraint{{MinMonths: new(780)}}})
	if _, err := caas.Import(c, caas.ImportOptions{Accept: accept(caas.AgeOnly)}); err == nil || !strings.Contains(err.Error(), "no records") {
		t.Errorf("got %v", err)
	}
	im := imported(t, c, caas.ImportOptions{Accept: accept(caas.AgeOnly), Steps: registered()})
	if got := bound(t, im.Definition).Evaluate(patient{born: "1961-11-01"}.record()).Outcome; got != cohort.Member {
		t.Errorf("got %v", got)
	}
}

func TestImportReference(t *testing.T) {
	t.Parallel()
	c := definition(asthma())
	c.FixedDateReference = new("2022-09-01T00:00:00.000Z")
	someone := patient{entries: []entry{{asthmaCode, "2022-09-01"}}}.record()
	if got := bound(t, imported(t, c, caas.ImportOptions{}).Definition).Evaluate(someone).Outcome; got != cohort.Member {
		t.Errorf("fixed: %v", got)
	}
	given := imported(t, c, caas.ImportOptions{Reference: cohort.MustDate("2022-08-31")})
	if got := bound(t, given.Definition).Evaluate(someone).Outcome; got != cohort.NotMember {
		t.Errorf("given: %v", got)
	}
	if _, err := given.Definition.Bind(); err != nil {
		t.Error(err)
	}
}

// The limits of age of the whole are a step of their own.
func TestImportCohortAge(t *testing.T) {
	t.Parallel()
	c := definition(asthma())
	c.PatientAgeConstraint = &caas.PatientAgeConstraint{MinMonths: new(6)}
	plan := bound(t, imported(t, c, caas.ImportOptions{}).Definition)
	for born, want := range map[string]cohort.Outcome{"2026-05-01": cohort.Member, "2026-05-02": cohort.NotMember, "": cohort.Referred} {
		if got := plan.Evaluate(patient{born: born, entries: []entry{{asthmaCode, "2026-06-01"}}}.record()).Outcome; got != want {
			t.Errorf("born %s: %v", born, got)
		}
	}
	if !strings.Contains(plan.English(), "1. Include: aged 6 months or more.") {
		t.Error(plan.English())
	}
}

// A list of the caller's stands for the published codes; those it lacks are told.
func TestImportGivenLists(t *testing.T) {
	t.Parallel()
	rule := asthma()
	rule.Inclusions[0].ClusterName = new("AST_COD")
	rule.Inclusions[0].Codes = append(rule.Inclusions[0].Codes, codes("", strokeCode).Codes...)
	o := caas.ImportOptions{Lists: map[string][]*codelist.List{"AST_COD": {
		list(t, "ast", codelist.SNOMEDCT, asthmaCode), list(t, "ast-hospital", codelist.ICD10, "J45*"),
	}}}
	_, err := caas.Import(definition(rule), o)
	refused, ok := errors.AsType[*caas.InexactError](err)
	if !ok {
		t.Fatal(err)
	}
	diff(t, []caas.Loss{caas.UnlistedCode, caas.UnreadCode}, losses(refused.Report))
	o.Accept = accept(caas.UnlistedCode, caas.UnreadCode)
	uses := bound(t, imported(t, definition(rule), o).Definition).Uses()
	if len(uses.CodeLists) != 1 || uses.CodeLists[0].ID() != "ast" {
		t.Errorf("lists %v", uses.CodeLists)
	}
	// Categories of hospital data are prefixes: by themselves such codes are nowhere.
	hospital := rule
	hospital.Inclusions = slices.Clone(rule.Inclusions)
	hospital.Inclusions[0].Codes = nil
	hospital.Datasets = []caas.Dataset{{Acronym: new("HES")}}
	exact := caas.ImportOptions{Lists: map[string][]*codelist.List{"AST_COD": {list(t, "ast", codelist.ICD10, "J45", "J459")}}}
	_, err = caas.Import(definition(hospital), exact)
	if refused, ok = errors.AsType[*caas.InexactError](err); !ok {
		t.Fatal(err)
	}
	diff(t, []caas.Loss{caas.UnreadCode}, losses(refused.Report))
	// The id of the list goes before the cluster.
	o.Lists["list-asthma"] = []*codelist.List{list(t, "ours", codelist.SNOMEDCT, asthmaCode, strokeCode)}
	uses = bound(t, imported(t, definition(rule), o).Definition).Uses()
	if len(uses.CodeLists) != 1 || uses.CodeLists[0].ID() != "ours" {
		t.Errorf("lists %v", uses.CodeLists)
	}
}

// One cluster published twice with other codes is two lists.
func TestImportNamesListsApart(t *testing.T) {
	t.Parallel()
	c := definition(asthma())
	set := &c.ConditionGroups[0].Conditions[0].Rulesets[0]
	other := asthma()
	other.Inclusions = []caas.CodeList{codes("asthma", strokeCode)}
	set.And, set.Rules = new(true), append(set.Rules, other, asthma())
	var ids []string
	for _, l := range bound(t, imported(t, c, caas.ImportOptions{}).Definition).Uses().CodeLists {
		ids = append(ids, l.ID())
	}
	slices.Sort(ids)
	diff(t, []string{"asthma", "asthma (2)"}, ids)
}

func TestImportedGroupsAreCriteria(t *testing.T) {
	t.Parallel()
	im := imported(t, definition(asthma()), caas.ImportOptions{})
	if len(im.Groups) != 1 || im.Groups[0].Name != "Breathing" {
		t.Fatalf("groups %+v", im.Groups)
	}
	ours, err := cohort.New("ours", "1",
		cohort.Include("adults", person.AgeOn(cohort.Index).AtLeast(18)).IfUnknown(cohort.TreatAsNo),
		cohort.Exclude("with asthma", im.Groups[0].Criterion))
	if err != nil {
		t.Fatal(err)
	}
	well, ill := patient{born: "1990-01-01"}, patient{born: "1990-01-01", entries: []entry{{asthmaCode, "2020-01-01"}}}
	plan := bound(t, ours)
	if plan.Evaluate(well.record()).Outcome != cohort.Member || plan.Evaluate(ill.record()).Outcome != cohort.NotMember {
		t.Error("the group does not exclude")
	}
}

// Groups of two published definitions go into one of ours, although they are numbered
// alike.
func TestImportedGroupsGoTogether(t *testing.T) {
	t.Parallel()
	other := definition(caas.Rule{Inclusions: []caas.CodeList{codes("stroke", strokeCode)}, Datasets: gdppr()})
	other.Slug = "other"
	one, two := imported(t, definition(asthma()), caas.ImportOptions{}), imported(t, other, caas.ImportOptions{})
	both, err := cohort.New("both", "1", cohort.Include("one", one.Groups[0].Criterion), cohort.Include("two", two.Groups[0].Criterion))
	if err != nil {
		t.Fatal(err)
	}
	p := patient{entries: []entry{{asthmaCode, "2020-01-01"}, {strokeCode, "2020-01-01"}}}
	if got := bound(t, both).Evaluate(p.record()).Outcome; got != cohort.Member {
		t.Errorf("got %v", got)
	}
}
