package columnar_test

import (
	"iter"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/columnar"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/internal/drawing"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// population draws people for a plan, and takes them into memory.
func population(t *rapid.T, plan *cohort.Plan) ([]*cohort.Record, *columnar.Memory) {
	dirt := drawing.Dirt{NotFinite: true, BeyondCalendar: true, Many: rapid.SampledFrom([]int{0, 0, 30}).Draw(t, "many")}
	var records []*cohort.Record
	for _, someone := range drawing.People(t, rapid.IntRange(1, 200).Draw(t, "people"), dirt, plan) {
		records = append(records, someone.Record())
	}
	memory, err := columnar.Collect(each(records))
	if err != nil {
		t.Fatal(err)
	}
	return records, memory
}

func each(records []*cohort.Record) iter.Seq2[*cohort.Record, error] {
	return func(yield func(*cohort.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// TestReference: whatever is drawn, everybody's answer of every step is that of the reference evaluator, and so are the
// counts and the members, however the rows come.
func TestReference(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) { likeReference(t, drawing.Plan(t, drawing.Size{Steps: 4})) })
}

// TestReferenceByCode is the same for plans that look at rows with some codes only.
func TestReferenceByCode(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		asthma, pressure := gpes.Code.In(list(t, "195967001")), gpes.Code.In(list(t, "75367002", "38341003"))
		attacks, readings := gpes.Journal.Where(asthma), gpes.Journal.Where(pressure)
		after := readings.Where(gpes.Date.After(cohort.Latest(attacks, gpes.Date)))
		criteria := []cohort.Criterion{
			attacks.Exists(), readings.Count().AtLeast(2), cohort.Latest(readings, gpes.Value1).AtLeast(1),
			cohort.Mean(after, gpes.Value1).AtMost(100), after.Episodes(cohort.Days(90)).AtLeast(1),
			cohort.CountDistinct(readings, gpes.EpisodeCondition).AtLeast(1), cohort.Earliest(readings, gpes.Code).In(list(t, "38341003")),
		}
		steps := []cohort.Step{cohort.Include("known", person.Practice.Known())}
		for i, at := range rapid.SliceOfN(rapid.IntRange(0, len(criteria)-1), 1, 4).Draw(t, "criteria") {
			steps = append(steps, cohort.Include(strconv.Itoa(i), criteria[at]).IfUnknown(cohort.Refer))
		}
		definition, err := cohort.New("by-code", "1", steps...)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := definition.Bind()
		if err != nil {
			t.Fatal(err)
		}
		likeReference(t, plan)
	})
}

func list(tb rapid.TB, codes ...string) *codelist.List {
	list, err := codelist.New(codelist.Info{ID: codes[0], Version: "1", System: codelist.SNOMEDCT, Source: "made up"}, codes...)
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

func likeReference(t *rapid.T, plan *cohort.Plan) {
	records, memory := population(t, plan)
	indexed, err := columnar.Collect(each(records))
	if err != nil {
		t.Fatal(err)
	}
	_ = indexed.Index(gpes.Table(), "CODE") // which nobody may have
	var want, members []columnar.Member
	attrition, err := plan.Run(t.Context(), each(records), func(r *cohort.Record, result cohort.Result) error {
		want = append(want, columnar.Member{Key: r.Key(), Outcome: result.Outcome, Steps: result.Steps})
		if result.Outcome != cohort.NotMember {
			members = append(members, columnar.Member{Key: r.Key(), Outcome: result.Outcome})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	scattered := columnar.Scattered{Memory: memory, Seed: rapid.Uint64().Draw(t, "seed")}
	for _, from := range []columnar.Source{memory, scattered, indexed} {
		got := collect(t, columnar.Everyone(t.Context(), plan, from))
		for i := range want {
			if diff := cmp.Diff(want[i], got[i], keys()); diff != "" {
				t.Fatalf("%T: person %d (-want +got):\n%s\n%s", from, i+1, diff, plan.English())
			}
		}
		if diff := cmp.Diff(members, collect(t, columnar.Members(t.Context(), plan, from)), keys()); diff != "" {
			t.Fatalf("%T: members (-want +got):\n%s", from, diff)
		}
		result, err := columnar.Run(t.Context(), plan, from)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(attrition.Raw(), result.Attrition().Raw()); diff != "" {
			t.Fatalf("%T: counts (-want +got):\n%s\n%s", from, diff, plan.English())
		}
		if result, err = columnar.Run(t.Context(), plan, from, columnar.OutcomesOnly()); err != nil {
			t.Fatal(err)
		}
		if result.Members() != attrition.Raw().Members || result.Referred() != attrition.Raw().Referred || result.People() != len(records) {
			t.Fatalf("%T: outcomes only", from)
		}
	}
}

//nolint:ireturn // as cmp has it
func keys() cmp.Option { return cmp.Comparer(func(a, b cohort.Key) bool { return a == b }) }

func collect(t *rapid.T, members iter.Seq2[columnar.Member, error]) (all []columnar.Member) {
	for m, err := range members {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}
