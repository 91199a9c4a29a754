package cohort_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/cohort"
)

// steps makes published steps with the columns excluded, remaining, unknown, refers, only this.
func steps(labels []string, rows ...[5]string) []cohort.PublishedStep {
	var out []cohort.PublishedStep
	for i, row := range rows {
		out = append(out, cohort.PublishedStep{labels[i], row[0], row[1], row[2], row[3], row[4]})
	}
	return out
}

func TestPublish(t *testing.T) {
	t.Parallel()
	attrition, err := narrowing(t).Run(t.Context(), people(population()...), nil)
	if err != nil {
		t.Fatal(err)
	}
	labels := []string{"registered", "aged 40 to 74", "died"}
	tests := []struct {
		policy cohort.Disclosure
		want   cohort.Published
	}{
		// At last 15 remain, which is 13 to 17 and, being 8 to 12 members and as many referred, 16 at least.
		// Before them 1 to 7 died: 17 to 24 remained.
		{cohort.HES(), cohort.Published{
			Policy: "HES", People: "26 to 43", Members: "10", Referred: "10",
			Legend: "* stands for 1 to 7, or for a count that would give such a one away; other counts are rounded to the nearest 5; " +
				"a total of which a part is hidden is given as all that it can be.",
			Steps: steps(labels, [5]string{"10", "18 to 31", "0", "0", "10"}, [5]string{"*", "17 to 24", "*", "*", "*"}, [5]string{"*", "15", "15", "0", "*"}),
		}},
		{cohort.MHSDS(), cohort.Published{
			Policy: "MHSDS", People: "24 to 37", Members: "10", Referred: "10",
			Legend: "* stands for 0 to 4, or for a count that would give such a one away; other counts are rounded to the nearest 5; " +
				"a total of which a part is hidden is given as all that it can be.",
			Steps: steps(labels, [5]string{"10", "16 to 25", "0", "0", "10"}, [5]string{"*", "16 to 21", "*", "*", "*"}, [5]string{"*", "15", "15", "0", "*"}),
		}},
		// Totals add up from the rounded parts: 10 members and 10 referred make 20, and 10 excluded make 30.
		{cohort.OpenSAFELY(), cohort.Published{
			Policy: "OpenSAFELY", People: "30", Members: "10", Referred: "10",
			Legend: "[REDACTED] stands for 0 to 7, or for a count that would give such a one away; other counts are rounded to the nearest 5; " +
				"totals are added up from the counts that are shown.",
			Steps: steps(labels, [5]string{"10", "20", "0", "0", "10"}, [5]string{"[REDACTED]", "20", "[REDACTED]", "[REDACTED]", "[REDACTED]"}, [5]string{"[REDACTED]", "20", "15", "0", "[REDACTED]"}),
		}},
	}
	for _, test := range tests {
		t.Run(test.policy.Name, func(t *testing.T) {
			t.Parallel()
			got, err := attrition.Publish(test.policy)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestPublishLarge works out what is shown of a large table with one small count after another.
func TestPublishLarge(t *testing.T) {
	t.Parallel()
	labels := []string{"step 1", "step 2", "step 3"}
	tests := []struct {
		name       string
		treatments []string
		world      world
		want       cohort.Published
	}{
		{
			"nothing small",
			[]string{never, refers, passes},
			world{1001, 402, []int{5000, 300, 60}, []int{0, 450, 1300}, []int{4000, 250, 60}},
			cohort.Published{People: "6765", Members: "1000", Referred: "400", Steps: steps(labels,
				[5]string{"5000", "1765", "0", "0", "4000"}, [5]string{"300", "1465", "450", "450", "250"}, [5]string{"60", "1405", "1300", "0", "60"})},
		},
		{
			// 1403 or 1404 remain at last, being 1403 to 1407 and at most 1002 and 402; so before it 1898 to 1901.
			"few excluded in the middle",
			[]string{never, refers, passes},
			world{1001, 402, []int{5000, 4, 497}, []int{0, 500, 1300}, []int{4000, 0, 497}},
			cohort.Published{People: "6897 to 6910", Members: "1000", Referred: "400", Steps: steps(labels,
				[5]string{"5000", "1899 to 1908", "0", "0", "4000"}, [5]string{"*", "1900", "500", "500", "0"}, [5]string{"495", "1405", "1300", "0", "495"})},
		},
		{
			// All 402 who are referred in the end and the 3 excluded after are referred by the step. Shown, this
			// would say so; and how many are referred in the end can be shown all the same.
			"few excluded after a referral",
			[]string{never, refers, never},
			world{1001, 402, []int{5000, 60, 3}, []int{0, 405, 0}, []int{4000, 40, 3}},
			cohort.Published{People: "6460 to 6475", Members: "1000", Referred: "400", Steps: steps(labels,
				[5]string{"5000", "1462 to 1473", "0", "0", "4000"}, [5]string{"60", "1404 to 1411", "*", "*", "40"}, [5]string{"*", "1405", "0", "0", "*"})},
		},
		{
			"few referred",
			[]string{never, refers, passes},
			world{1001, 2, []int{5000, 300, 60}, []int{0, 50, 1003}, []int{4000, 250, 60}},
			cohort.Published{People: "6353 to 6375", Members: "1000", Referred: "*", Steps: steps(labels,
				[5]string{"5000", "1355 to 1373", "0", "0", "4000"}, [5]string{"300", "1057 to 1071", "50", "50", "250"}, [5]string{"60", "999 to 1009", "*", "0", "60"})},
		},
		{
			// 14 referred in the end would say that each of the two steps refers 7.
			"referred by few",
			[]string{never, refers, refers},
			world{1001, 14, []int{5000, 300, 60}, []int{0, 7, 7}, []int{4000, 250, 60}},
			cohort.Published{People: "6353 or more", Members: "1000", Referred: "*", Steps: steps(labels,
				[5]string{"5000", "1355 or more", "0", "0", "4000"}, [5]string{"300", "1057 or more", "*", "*", "250"}, [5]string{"60", "999 or more", "*", "*", "60"})},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := publisher(t, cohort.HES(), nil, test.treatments...)(test.world.counts(test.treatments))
			test.want.Policy, test.want.Legend = got.Policy, got.Legend
			if diff := cmp.Diff(&test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestThresholds puts every count around the thresholds through every policy.
func TestThresholds(t *testing.T) {
	t.Parallel()
	plan := bind(t, registered())
	shown := map[string][]string{}
	for n := range 14 {
		everyone := make([]*cohort.Record, n)
		for i := range everyone {
			everyone[i] = record()
		}
		attrition, err := plan.Run(t.Context(), people(everyone...), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, policy := range []cohort.Disclosure{cohort.HES(), cohort.MHSDS(), cohort.OpenSAFELY()} {
			published, err := attrition.Publish(policy)
			if err != nil {
				t.Fatal(err)
			}
			shown[policy.Name] = append(shown[policy.Name], published.Members)
		}
	}
	want := map[string][]string{
		"HES":   {"0", "*", "*", "*", "*", "*", "*", "*", "10", "10", "10", "10", "10", "15"},
		"MHSDS": {"*", "*", "*", "*", "*", "5", "5", "5", "10", "10", "10", "10", "10", "15"},
		"OpenSAFELY": {
			"[REDACTED]", "[REDACTED]", "[REDACTED]", "[REDACTED]", "[REDACTED]", "[REDACTED]", "[REDACTED]", "[REDACTED]",
			"10", "10", "10", "10", "10", "15",
		},
	}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("counts 0 to 13 (-want +got):\n%s", diff)
	}
}

func TestPublishRefuses(t *testing.T) {
	t.Parallel()
	attrition, err := narrowing(t).Run(t.Context(), people(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, policy := range map[string]cohort.Disclosure{
		"hides nothing":  {RoundTo: 5, Mark: "*"},
		"starts late":    {HideFrom: 2, HideTo: 7, RoundTo: 5, Mark: "*"},
		"starts below":   {HideFrom: -1, HideTo: 7, RoundTo: 5, Mark: "*"},
		"no mark":        {HideTo: 7, RoundTo: 5},
		"does not round": {HideTo: 7, RoundTo: 1, Mark: "*"},
		"shows 3 as 0":   {HideTo: 2, RoundTo: 7, Mark: "*"},
	} {
		if _, err := attrition.Publish(policy); err == nil {
			t.Errorf("a policy that %s is applied", name)
		}
	}
}
