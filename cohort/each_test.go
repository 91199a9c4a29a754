package cohort_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// firstHypertension is the day of the first diagnosis.
func firstHypertension(tb testing.TB) cohort.DateSeries {
	tb.Helper()
	return cohort.Earliest(gpes.Journal.Where(gpes.Code.In(list(tb, "hypertension", hypertensionCode))), gpes.Date)
}

func asked(tb testing.TB, steps ...cohort.Step) *cohort.Definition {
	tb.Helper()
	definition, err := cohort.New("asked", "1", append([]cohort.Step{registered()}, steps...)...)
	if err != nil {
		tb.Fatal(err)
	}
	return definition
}

// TestIndexOfEach asks one definition at a day for everybody and at each person's own.
func TestIndexOfEach(t *testing.T) {
	t.Parallel()
	asthmaYearBefore := gpes.Journal.Where(gpes.Code.In(list(t, "asthma", asthmaCode)), gpes.Date.Within(cohort.Years(1), index)).Exists()
	tests := []struct {
		name      string
		criterion cohort.Criterion
		record    *cohort.Record
		want      cohort.Verdict
	}{
		{"age at the diagnosis", person.AgeOn(index).Is(40), journal(entry{code: hypertensionCode, date: "2020-06-01"}), yes},
		{"age at the first of two", person.AgeOn(index).Is(40), journal(entry{code: hypertensionCode, date: "2022-06-01"}, entry{code: hypertensionCode, date: "2020-06-01"}), yes},
		{"age the day before", person.AgeOn(index).Is(39), journal(entry{code: hypertensionCode, date: "2020-05-31"}), yes},
		{"age at no diagnosis", person.AgeOn(index).AtLeast(0), journal(entry{code: asthmaCode, date: "2020-05-31"}), unknown},
		{"age at an undated diagnosis", person.AgeOn(index).AtLeast(0), journal(entry{code: hypertensionCode}), unknown},
		{"rows in the year before", asthmaYearBefore, journal(entry{code: hypertensionCode, date: "2020-06-01"}, entry{code: asthmaCode, date: "2019-06-01"}), yes},
		{"rows earlier", asthmaYearBefore, journal(entry{code: hypertensionCode, date: "2020-06-01"}, entry{code: asthmaCode, date: "2019-05-31"}), no},
		{"rows compared with nothing do not count", asthmaYearBefore, journal(entry{code: asthmaCode, date: "2019-06-01"}), no},
		{"worked out from it", cohort.Day(index).Plus(cohort.Years(8)).EndOf(cohort.CalendarYear).On(cohort.MustDate("2028-12-31")), journal(entry{code: hypertensionCode, date: "2020-06-01"}), yes},
		{"settled without it", cohort.Any(person.Practice.Known(), person.AgeOn(index).Is(40)), record(), yes},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.record.Set(person.DateOfBirth.Of(cohort.MustDate("1980-06-01")))
			definition := asked(t, cohort.Include("x", test.criterion).IfUnknown(cohort.Refer))
			plan, err := definition.Bind(index.IsEach(firstHypertension(t)))
			if err != nil {
				t.Fatal(err)
			}
			if got := plan.Evaluate(test.record).Steps[1].Verdict; got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
			decoded, err := cohort.Decode(plan.JSON(), tables()...)
			if err != nil {
				t.Fatal(err)
			}
			if decoded.DocumentHash() != plan.DocumentHash() || decoded.English() != plan.English() {
				t.Error("decoding changed the plan")
			}
			// The definition still takes a day for everybody.
			if _, err := definition.Bind(index.Is(day)); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestEachIsInlined checks that a series given by a parameter means what it means when written out.
func TestEachIsInlined(t *testing.T) {
	t.Parallel()
	first := firstHypertension(t)
	bound, err := asked(t, cohort.Include("x", person.AgeOn(index).Is(40)).IfUnknown(cohort.Refer)).Bind(index.IsEach(first))
	if err != nil {
		t.Fatal(err)
	}
	written := bind(t, registered(), cohort.Include("x", person.AgeOn(first).Is(40)).IfUnknown(cohort.Refer))
	other, err := asked(t, cohort.Include("x", person.AgeOn(index).Is(40)).IfUnknown(cohort.Refer)).Bind(index.IsEach(cohort.Latest(gpes.Journal, gpes.Date)))
	if err != nil {
		t.Fatal(err)
	}
	if bound.Hash() != written.Hash() || bound.DocumentHash() == written.DocumentHash() || bound.English() == written.English() {
		t.Errorf("want one hash and two texts:\n%s\n%s", bound.English(), written.English())
	}
	if other.Hash() == bound.Hash() || other.English() == bound.English() {
		t.Errorf("another series does not change the hash and the text:\n%s", other.English())
	}
	for _, want := range []string{
		"The index is each person's own: date of the earliest GP journal entry where code is in code list hypertension 1 (1 code, ",
		"The age in completed years on the person's index, counted from the date of birth, is exactly 40.",
		"Read over all time.",
	} {
		if !strings.Contains(bound.English(), want) {
			t.Errorf("the text lacks %q:\n%s", want, bound.English())
		}
	}
}

// TestPoliciesOfEach checks that the policy for unknown is kept until it is known whether it matters.
func TestPoliciesOfEach(t *testing.T) {
	t.Parallel()
	ageOnIndex := cohort.AgeOn(cohort.MustDate("1980-01-01"), index).AtLeast(40) // the same for everybody, on a day for everybody
	definition := asked(t, cohort.Include("x", ageOnIndex).IfUnknown(cohort.Refer))
	same, err := definition.Bind(index.Is(day))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(same.English(), "If unknown") {
		t.Errorf("a policy that has no effect shows:\n%s", same.English())
	}
	own, err := definition.Bind(index.IsEach(firstHypertension(t)))
	if err != nil {
		t.Fatal(err)
	}
	if got := own.Evaluate(record()).Outcome; got != cohort.Referred || !strings.Contains(own.English(), "If unknown: referred") {
		t.Errorf("without a diagnosis: %v\n%s", got, own.English())
	}

	silent := asked(t, cohort.Include("on the day", ageOnIndex))
	_, err = silent.Bind(index.IsEach(firstHypertension(t)))
	for _, want := range []string{`cohort: Bind of definition "asked": step 2 "on the day"`, "each person's own index can be missing", "add IfUnknown(cohort.TreatAsNo)"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
	// A series that is never missing makes nothing unknown.
	if _, err := silent.Bind(index.IsEach(cohort.Coalesce(firstHypertension(t), cohort.Day(day)))); err != nil {
		t.Error(err)
	}
}

// TestEmptyRecordOfEach binds a definition that lets in people without records only when each has a day of
// their own.
func TestEmptyRecordOfEach(t *testing.T) {
	t.Parallel()
	definition, err := cohort.New("open", "1", cohort.Include("x", cohort.Day(index).Before(day)).IfUnknown(cohort.TreatAsYes))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := definition.Bind(index.Is(day)); err != nil {
		t.Error(err)
	}
	if _, err := definition.Bind(index.IsEach(firstHypertension(t))); err == nil || !strings.Contains(err.Error(), "a person with no records would be a member") {
		t.Errorf("got %v", err)
	}
}

func TestNumberOfEach(t *testing.T) {
	t.Parallel()
	const limit cohort.Param[float64] = "limit"
	definition := asked(t, cohort.Include("high", cohort.Latest(gpes.Journal, gpes.Value1).AboveValue(limit)).IfUnknown(cohort.TreatAsNo))
	plan, err := definition.Bind(limit.IsEach(cohort.Mean(gpes.Journal, gpes.Value1)))
	if err != nil {
		t.Fatal(err)
	}
	for latest, want := range map[float64]cohort.Outcome{130: cohort.NotMember, 131: cohort.Member} {
		someone := journal(entry{date: "2024-01-01", value: 130}, entry{date: "2025-01-01", value: latest})
		if got := plan.Evaluate(someone).Outcome; got != want {
			t.Errorf("%v: %v, want %v", latest, got, want)
		}
	}
}

func TestBindRefusesEach(t *testing.T) {
	t.Parallel()
	const (
		start  cohort.Param[cohort.Date] = "start"
		cutoff cohort.Param[cohort.Date] = "cutoff"
	)
	definition := asked(t, cohort.Include("x", person.DateOfDeath.Between(start, index)).IfUnknown(cohort.TreatAsNo))
	upTo := func(day cohort.Operand[cohort.Date]) cohort.DateSeries {
		return cohort.Latest(gpes.Journal.Where(gpes.Date.NotAfter(day)), gpes.Date)
	}
	from := start.Is(day)
	tests := []struct {
		name     string
		bindings []cohort.Binding
		want     string // empty: taken
	}{
		{"a series with a parameter", []cohort.Binding{from, index.IsEach(upTo(cutoff)), cutoff.Is(day)}, ""},
		{"a series with a parameter of the definition", []cohort.Binding{from, index.IsEach(upTo(start))}, ""},
		{"the parameter of a series is missing", []cohort.Binding{from, index.IsEach(upTo(cutoff))}, `"cutoff" has no value: give it a day with Is`},
		{"the parameter of a series is of another kind", []cohort.Binding{from, index.IsEach(upTo(cutoff)), cohort.Param[float64]("cutoff").Is(3)}, `"cutoff" is a day and was given a number`},
		{"a series that rests on itself", []cohort.Binding{from, index.IsEach(upTo(index))}, `the series of parameter "index": it has the parameter "index", which is each person's own itself`},
		{"a series that rests on another", []cohort.Binding{start.IsEach(person.DateOfBirth), index.IsEach(upTo(start))}, `it has the parameter "start", which is each person's own itself`},
		{"no series", []cohort.Binding{from, index.IsEach(nil)}, `"index" is given an empty value`},
		{"an empty series", []cohort.Binding{from, index.IsEach(cohort.DateSeries{})}, `"index" is given an empty value`},
		{"a number for a day", []cohort.Binding{from, cohort.Param[float64]("index").IsEach(gpes.Journal.Count())}, `"index" is a day and was given a number`},
		{"a faulty series", []cohort.Binding{from, index.IsEach(person.DateOfBirth.Plus(cohort.Years(0)))}, `the series of parameter "index": the period is not positive`},
		{"not a parameter", []cohort.Binding{from, index.Is(day), cutoff.IsEach(person.DateOfBirth)}, `"cutoff" is not one of the definition's`},
		{"twice", []cohort.Binding{from, index.Is(day), index.IsEach(person.DateOfBirth)}, `"index" is given twice`},
		{"two at once", []cohort.Binding{start.IsEach(person.DateOfBirth), index.IsEach(firstHypertension(t))}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := definition.Bind(test.bindings...)
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// TestEachIsExplained shows the person's own day and what it rests on.
func TestEachIsExplained(t *testing.T) {
	t.Parallel()
	definition := asked(t, cohort.Include("x", gpes.Journal.Where(gpes.Date.Within(cohort.Years(1), index), gpes.Value1.Known()).Exists()))
	plan, err := definition.Bind(index.IsEach(firstHypertension(t)))
	if err != nil {
		t.Fatal(err)
	}
	someone := journal(entry{code: pressureCode, date: "2020-01-01", value: 150}, entry{code: hypertensionCode, date: "2020-06-01"})
	why, err := plan.Explain(t.Context(), someone)
	if err != nil {
		t.Fatal(err)
	}
	want := []cohort.OwnValue{{
		Param: "index", Value: "2020-06-01",
		Series: "date of the earliest GP journal entry where code is in code list hypertension 1 (1 code, 8fd80c30ea26)",
		Evidence: []cohort.Evidence{{Table: "gpes.journal", Row: 2, Values: []cohort.NamedValue{
			{Name: "DATE", Value: "2020-06-01"}, {Name: "CODE", Value: hypertensionCode},
		}}},
	}}
	if diff := cmp.Diff(want, why.Own); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, line := range []string{
		"The person's index is 2020-06-01: date of the earliest GP journal entry where code is in",
		"   - gpes.journal row 2: DATE 2020-06-01, CODE 38341003\n",
		"date is from 1 year before the person's index to the person's index, both included",
	} {
		if !strings.Contains(why.Text(), line) {
			t.Errorf("the text lacks %q:\n%s", line, why.Text())
		}
	}
	without, err := plan.Explain(t.Context(), record())
	if err != nil {
		t.Fatal(err)
	}
	if without.Own[0].Value != "not known" || !strings.Contains(without.Text(), "The person's index is not known: ") {
		t.Errorf("without a diagnosis:\n%s", without.Text())
	}
}

// TestUsesOfEach checks that a day of the person never shortens the reach into the past.
func TestUsesOfEach(t *testing.T) {
	t.Parallel()
	rows := gpes.Journal.Where(gpes.Date.Within(cohort.Years(1), index), gpes.Value1.Known())
	definition := asked(t, cohort.Include("x", rows.Exists()))
	bounded := cohort.Earliest(gpes.Journal.Where(gpes.Date.NotBefore(cohort.MustDate("2020-01-01"))), gpes.Date)
	for name, test := range map[string]struct {
		binding cohort.Binding
		want    string
	}{
		"one day for everybody": {index.Is(day), "2024-06-01"},
		"the person's own":      {index.IsEach(firstHypertension(t)), ""},
		// The series looks back to 2020 only, and the window a year further than that.
		"the person's own, bounded": {index.IsEach(bounded), ""},
	} {
		plan, err := definition.Bind(test.binding)
		if err != nil {
			t.Fatal(err)
		}
		if got := plan.Uses().Tables[0].Earliest; got != date(test.want) {
			t.Errorf("%s: read from %v, want %q", name, got, test.want)
		}
	}
	plan, err := definition.Bind(index.IsEach(person.DateOfDeath))
	if err != nil {
		t.Fatal(err)
	}
	if columns := strings.Join(plan.Uses().Tables[1].Columns, " "); columns != "primary_care_provider date_of_death" {
		t.Errorf("columns of the person: %s", columns)
	}
}
