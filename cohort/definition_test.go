package cohort_test

import (
	"math"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	age := person.AgeOn(index)
	sameName := func(codes ...string) cohort.Criterion {
		return gpes.Journal.Where(gpes.Code.In(list(t, "one", codes...))).Exists()
	}
	icd10 := icd(t, "icd", "I10X")
	deep := person.Practice.Known()
	for range 100 {
		deep = cohort.Not(deep)
	}
	var unmade cohort.DateColumn[gpes.Entry]
	twin := cohort.EventTable[gpes.Entry](cohort.TableInfo{Name: "twin", Row: "twin", Order: []string{"D"}, Columns: []cohort.ColumnInfo{
		{Name: "D", Kind: cohort.DateKind}, {Name: "N", Kind: cohort.NumberKind},
	}})
	registeredOnly := person.Practice.Known()
	other := cohort.EventTable[stay](cohort.TableInfo{Name: "other", Row: "other", Order: []string{"D"}, Columns: []cohort.ColumnInfo{
		{Name: "D", Kind: cohort.DateKind}, {Name: "C", Kind: cohort.CodeKind, System: codelist.ICD10},
	}})
	tests := []struct {
		name  string
		steps []cohort.Step
		want  []string // parts of the error: where, what, how to fix
	}{
		{"no steps", nil, []string{"no steps", "add at least one Include"}},
		{"unknown without a policy", []cohort.Step{registered(), cohort.Include("aged 40", age.AtLeast(40))}, []string{`step 2 "aged 40"`, "can be unknown", "IfUnknown(cohort.TreatAsNo)"}},
		{"latest without a policy", []cohort.Step{registered(), cohort.Exclude("high", cohort.Latest(gpes.Journal, gpes.Value1).AtLeast(140))}, []string{`step 2 "high"`, "can be unknown"}},
		{"age on an unknown day", []cohort.Step{registered(), cohort.Include("x", cohort.AgeOn(day, person.DateOfDeath).AtLeast(1))}, []string{`step 2 "x"`, "can be unknown"}},
		{"months without a policy", []cohort.Step{registered(), cohort.Include("x", person.AgeInMonthsOn(index).AtLeast(6))}, []string{`step 2 "x"`, "can be unknown"}},
		{"unknown inside a defined criterion", []cohort.Step{registered(), cohort.Include("x", cohort.Define("d", "1", cohort.Any(person.LSOA.Known(), age.Is(3))))}, []string{`step 2 "x"`, "can be unknown"}},
		{"no such policy", []cohort.Step{cohort.Include("x", person.Practice.Known()).IfUnknown(9)}, []string{"no such policy"}},
		{"empty record is a member", []cohort.Step{cohort.Exclude("died", person.DateOfDeath.NotAfter(index)).IfUnknown(cohort.TreatAsNo)}, []string{"a person with no records would be a member", "add an Include"}},
		{"empty record is referred", []cohort.Step{cohort.Include("age", age.AtLeast(40)).IfUnknown(cohort.Refer)}, []string{"a person with no records would be referred"}},
		{"count of none", []cohort.Step{cohort.Include("few", gpes.Journal.Count().AtMost(3))}, []string{"a person with no records would be a member"}},
		{"no label", []cohort.Step{cohort.Include(" ", person.Practice.Known())}, []string{"the label is empty"}},
		{"label twice", []cohort.Step{registered(), registered()}, []string{`step 2 "registered"`, "used twice"}},
		{"line break in a label", []cohort.Step{cohort.Include("a\nb", person.Practice.Known())}, []string{"unprintable"}},
		{"empty criterion", []cohort.Step{cohort.Include("x", cohort.Criterion{})}, []string{`step 1 "x"`, "criterion or predicate is empty"}},
		{"all of nothing", []cohort.Step{cohort.Include("x", cohort.All[cohort.Criterion]())}, []string{"of nothing"}},
		{"three of two", []cohort.Step{cohort.Include("x", cohort.AtLeast(3, person.Practice.Known(), person.LSOA.Known()))}, []string{"at least 3 of 2"}},
		{"none of two", []cohort.Step{cohort.Include("x", cohort.AtLeast(0, person.Practice.Known(), person.LSOA.Known()))}, []string{"at least 0 of 2"}},
		{"ends exchanged", []cohort.Step{cohort.Include("x", age.Between(74, 40)).IfUnknown(cohort.Refer)}, []string{"nothing lies between 74 and 40"}},
		{"not a number", []cohort.Step{cohort.Include("x", age.AtLeast(math.NaN()))}, []string{"not finite"}},
		{"infinite", []cohort.Step{cohort.Include("x", age.AtLeast(math.Inf(1)))}, []string{"not finite"}},
		{"nil code list", []cohort.Step{cohort.Include("x", gpes.Journal.Where(gpes.Code.In(nil)).Exists())}, []string{"code list is nil", "codelist.New"}},
		{"other coding system", []cohort.Step{cohort.Include("x", gpes.Journal.Where(gpes.Code.In(icd10)).Exists())}, []string{"ICD-10", "SNOMED CT", "coding system"}},
		{"other coding system of several codes", []cohort.Step{cohort.Include("x", stays.Where(diagnoses.AnyIn(list(t, "asthma", asthmaCode))).Exists())}, []string{"SNOMED CT", "ICD-10", "coding system"}},
		{"nil code list for several codes", []cohort.Step{cohort.Include("x", stays.Where(diagnoses.AnyIn(nil)).Exists())}, []string{"code list is nil"}},
		{"several codes without a policy", []cohort.Step{registered(), cohort.Include("x", cohort.Latest(stays, diagnoses).AnyIn(icd10))}, []string{`step 2 "x"`, "can be unknown"}},
		{"two lists of one name", []cohort.Step{cohort.Include("x", sameName(asthmaCode)), cohort.Include("y", sameName(hypertensionCode))}, []string{`step 2 "y"`, "both called one 1"}},
		{"two criteria of one name", []cohort.Step{cohort.Include("x", cohort.Define("d", "1", person.Practice.Known())), cohort.Include("y", cohort.Define("d", "1", person.LSOA.Known()))}, []string{`step 2 "y"`, "both called d 1"}},
		{"criterion without a name", []cohort.Step{cohort.Include("x", cohort.Define("", "1", person.Practice.Known()))}, []string{"id of a defined criterion"}},
		{"empty set", []cohort.Step{cohort.Include("x", person.Practice.In())}, []string{"set of texts is empty"}},
		{"empty text", []cohort.Step{cohort.Include("x", person.Practice.In(""))}, []string{"can never match"}},
		{"unknown value asked for", []cohort.Step{cohort.Include("x", person.Gender.Is("9"))}, []string{`"9" can never match`, "Not(Known())"}},
		{"nil day", []cohort.Step{cohort.Include("x", person.DateOfBirth.NotAfter(nil))}, []string{"day or a value is nil", "cohort.Index"}},
		{"nil end of a window", []cohort.Step{cohort.Include("x", person.DateOfBirth.Within(cohort.Years(1), nil))}, []string{"day or a value is nil"}},
		{"zero day", []cohort.Step{cohort.Include("x", person.DateOfBirth.NotAfter(cohort.Date{}))}, []string{"zero Date"}},
		{"no period", []cohort.Step{cohort.Include("x", person.DateOfBirth.Within(cohort.Years(0), index))}, []string{"period is not positive"}},
		{"negative period", []cohort.Step{cohort.Include("x", person.DateOfBirth.Within(cohort.Days(-1), index))}, []string{"period is not positive"}},
		{"endless period", []cohort.Step{cohort.Include("x", person.DateOfBirth.Within(cohort.Years(201), index))}, []string{"longer than 200 years"}},
		{"column not made by a catalogue", []cohort.Step{cohort.Include("x", gpes.Journal.Where(unmade.Known()).Exists())}, []string{"value is nil"}},
		{"rows not made by a catalogue", []cohort.Step{cohort.Include("x", cohort.Rows[gpes.Entry]{}.Exists())}, []string{"rows of no table"}},
		{"column of another table made with the same type", []cohort.Step{cohort.Include("x", cohort.Latest(gpes.Journal, twin.Number("N")).Known())}, []string{"column N of twin is used outside rows"}},
		{"no period to add", []cohort.Step{cohort.Include("x", person.DateOfBirth.Plus(cohort.Years(0)).Known())}, []string{"period is not positive"}},
		{"no kind of year", []cohort.Step{cohort.Include("x", person.DateOfBirth.StartOf(0).Known())}, []string{"no such year", "cohort.AcademicYear"}},
		{"nil beginning", []cohort.Step{cohort.Include("x", person.DateOfBirth.Between(nil, index))}, []string{"day or a value is nil"}},
		{"nil day as a series", []cohort.Step{cohort.Include("x", cohort.Day(nil).Known())}, []string{"day or a value is nil"}},
		{"nil number", []cohort.Step{cohort.Include("x", age.AtLeastValue(nil))}, []string{"day or a value is nil"}},
		{"days exchanged", []cohort.Step{cohort.Include("x", person.DateOfBirth.Between(day, day.AddDays(-1)))}, []string{"nothing lies between 2025-06-01 and 2025-05-31"}},
		{"days between nothing", []cohort.Step{cohort.Include("x", stays.Where(cohort.DaysBetween(admitted, cohort.DateColumn[stay]{}).Is(1)).Exists())}, []string{"day or a value is nil"}},
		{"in order with nothing", []cohort.Step{cohort.Include("x", stays.Where(cohort.InOrder(admitted, cohort.DateColumn[stay]{})).Exists())}, []string{"day or a value is nil"}},
		{"days of two tables made with the same type", []cohort.Step{cohort.Include("x", gpes.Journal.Where(cohort.InOrder(gpes.Date, twin.Date("D"))).Exists())}, []string{"column D of twin is used outside rows"}},
		{"days between without a policy", []cohort.Step{registered(), cohort.Include("x", cohort.DaysBetween(person.DateOfBirth, cohort.Day(index)).AtLeast(1))}, []string{`step 2 "x"`, "can be unknown"}},
		{"end of a year without a policy", []cohort.Step{registered(), cohort.Include("x", person.DateOfBirth.EndOf(cohort.AcademicYear).Before(index))}, []string{`step 2 "x"`, "can be unknown"}},
		{"day of a period without a policy", []cohort.Step{registered(), cohort.Include("x", person.DateOfBirth.Plus(cohort.Years(8)).Before(index))}, []string{`step 2 "x"`, "can be unknown"}},
		{"computed number picked", []cohort.Step{cohort.Include("x", cohort.Latest(stays, cohort.DaysBetween(admitted, discharged)).Known())}, []string{"used outside rows"}},
		{"one parameter as a day and a number", []cohort.Step{cohort.Include("x", age.AtLeastValue(cohort.Param[float64]("index"))).IfUnknown(cohort.TreatAsNo)}, []string{`parameter "index" is used as a day and as a number`}},
		{"case of no branch", []cohort.Step{cohort.Include("x", cohort.Case(cohort.Branch[cohort.NumberSeries]{}).Known())}, []string{"day or a value is nil"}},
		{"case of otherwise alone", []cohort.Step{cohort.Include("x", cohort.Case(cohort.Otherwise(age)).Known())}, []string{"no condition", "put Otherwise last"}},
		{"otherwise first", []cohort.Step{cohort.Include("x", cohort.Case(cohort.Otherwise(age), cohort.When(registeredOnly, age)).Known())}, []string{"no condition", "put Otherwise last"}},
		{"otherwise twice", []cohort.Step{cohort.Include("x", cohort.Case(cohort.When(registeredOnly, age), cohort.Otherwise(age), cohort.Otherwise(age)).Known())}, []string{"no condition", "and once"}},
		{"empty condition", []cohort.Step{cohort.Include("x", cohort.Case(cohort.When(cohort.Criterion{}, age), cohort.Otherwise(age)).Known())}, []string{"no condition"}},
		{"case that can be unknown, without a policy", []cohort.Step{registered(), cohort.Include("x", cohort.Case(cohort.When(age.Is(3), cohort.Number(1)), cohort.Otherwise(cohort.Number(2))).Is(1))}, []string{`step 2 "x"`, "can be unknown"}},
		{"case without otherwise, without a policy", []cohort.Step{registered(), cohort.Include("x", cohort.Case(cohort.When(registeredOnly, cohort.Number(1))).Is(1))}, []string{`step 2 "x"`, "can be unknown"}},
		{"choice of values not known, without a policy", []cohort.Step{registered(), cohort.Include("x", cohort.Coalesce(age, age).Is(1))}, []string{`step 2 "x"`, "can be unknown"}},
		{"choice of nothing", []cohort.Step{cohort.Include("x", cohort.Coalesce(cohort.NumberSeries{}).Known())}, []string{"day or a value is nil"}},
		{"choice of codes of two systems", []cohort.Step{cohort.Include("x", cohort.Coalesce(cohort.Latest(gpes.Journal, gpes.Code), cohort.Latest(cohort.RowsOf(other), other.Code("C"))).Known())}, []string{"a choice between codes of SNOMED CT and of ICD-10"}},
		{"empty text as a series", []cohort.Step{cohort.Include("x", cohort.Coalesce(person.LSOA, cohort.Text("")).Known())}, []string{`the text "" is empty`}},
		{"not a number as a series", []cohort.Step{cohort.Include("x", cohort.Number(math.NaN()).Known())}, []string{"not finite"}},
		{"yes of nothing", []cohort.Step{cohort.Include("x", cohort.IsYes(cohort.Criterion{}))}, []string{"criterion or predicate is empty"}},
		{"unknown for everybody without records", []cohort.Step{cohort.Include("x", cohort.IsUnknown(age.Is(3)))}, []string{"a person with no records would be a member"}},
		{"no gap", []cohort.Step{cohort.Include("x", stays.Episodes(cohort.Days(0)).AtLeast(1))}, []string{"gap is not positive", "Days(n)"}},
		{"sum without a policy", []cohort.Step{registered(), cohort.Include("x", cohort.Sum(stays, stayDays).AtLeast(1))}, []string{`step 2 "x"`, "can be unknown"}},
		{"sum of another table made with the same type", []cohort.Step{cohort.Include("x", cohort.Sum(gpes.Journal, twin.Number("N")).Known())}, []string{"column N of twin is used outside rows"}},
		{"rows to sum up not made by a catalogue", []cohort.Step{cohort.Include("x", cohort.Sum(cohort.Rows[stay]{}, stayDays).Known())}, []string{"column DAYS of stays is used outside rows"}},
		{"episodes not made by a catalogue", []cohort.Step{cohort.Include("x", cohort.Rows[stay]{}.Episodes(cohort.Days(3)).Known())}, []string{"rows of no table"}},
		{"too deep", []cohort.Step{cohort.Include("x", deep)}, []string{"nested too deeply"}},
		{"one parameter of two kinds", []cohort.Step{cohort.Include("x", person.Practice.InParam("index")), cohort.Include("y", person.DateOfBirth.NotAfter(index))}, []string{`parameter "index"`, "a day"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := cohort.New("refused", "1", test.steps...)
			if err == nil {
				t.Fatal("New built it")
			}
			for _, want := range append(test.want, `cohort.New: definition "refused"`) {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %q:\n%v", want, err)
				}
			}
		})
	}
}

func TestNewListsEveryFault(t *testing.T) {
	t.Parallel()
	_, err := cohort.New("", "1",
		cohort.Include("one", person.AgeOn(index).AtLeast(40)),
		cohort.Include("two", person.AgeOn(index).AtLeast(40)))
	for _, want := range []string{"the id", `step 1 "one"`, `step 2 "two"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
}

func TestStepsThatCannotBeUnknown(t *testing.T) {
	t.Parallel()
	plain := bind(t, registered())
	stated := bind(t, registered().IfUnknown(cohort.Refer))
	if plain.Hash() != stated.Hash() || plain.English() != stated.English() {
		t.Error("a policy that can have no effect shows in the text or the hash")
	}
	if _, err := cohort.New("medicines", "1", cohort.Include("x", gpes.Journal.Where(gpes.Code.In(
		codelist.Must(codelist.New(codelist.Info{ID: "m", Version: "1", System: codelist.DMD, Source: "test"}, "322236009")))).Exists())); err != nil {
		t.Errorf("a dm+d list does not go with the journal's codes: %v", err)
	}
}

func TestBind(t *testing.T) {
	t.Parallel()
	const (
		practices cohort.Param[[]string]       = "practices"
		condition cohort.Param[*codelist.List] = "condition"
	)
	definition, err := cohort.New("open", "1",
		cohort.Include("practice", person.Practice.InParam(practices)).IfUnknown(cohort.TreatAsNo),
		cohort.Include("condition", gpes.Journal.Where(gpes.Code.InParam(condition), gpes.Date.NotAfter(index)).Exists()))
	if err != nil {
		t.Fatal(err)
	}
	hypertension := list(t, "hypertension", hypertensionCode)
	where, what, when := practices.Is([]string{"A81002", "A81001"}), condition.Is(hypertension), index.Is(day)

	plan, err := definition.Bind(where, what, when)
	if err != nil {
		t.Fatal(err)
	}
	if got := plan.Evaluate(journal(entry{code: hypertensionCode, date: "2025-06-01"})).Outcome; got != cohort.Member {
		t.Errorf("bound plan gives %v, want a member", got)
	}
	if got := plan.Evaluate(journal(entry{code: hypertensionCode, date: "2025-06-02"})).Outcome; got != cohort.NotMember {
		t.Errorf("bound plan gives %v, want not a member", got)
	}
	if plan.ID() != "open" || plan.Version() != "1" || definition.ID() != "open" || definition.Version() != "1" {
		t.Error("the plan or the definition does not keep its name")
	}

	tests := []struct {
		name     string
		bindings []cohort.Binding
		want     []string
	}{
		{"nothing", nil, []string{`"condition" has no value`, `"index" has no value`, `"practices" has no value`}},
		{"one missing", []cohort.Binding{where, when}, []string{`"condition" has no value: give it a code list`}},
		{"not a parameter", []cohort.Binding{where, what, when, cohort.Param[cohort.Date]("start").Is(day)}, []string{`"start" is not one of the definition's`, `"practices"`}},
		{"twice", []cohort.Binding{where, what, when, when}, []string{`"index" is given twice`}},
		{"another kind", []cohort.Binding{where, what, cohort.Param[[]string]("index").Is([]string{"x"})}, []string{`"index" is a day and was given a set of texts`}},
		{"a number for a day", []cohort.Binding{where, what, cohort.Param[float64]("index").Is(1)}, []string{`"index" is a day and was given a number`}},
		{"zero day", []cohort.Binding{where, what, index.Is(cohort.Date{})}, []string{`"index" is given an empty value`}},
		{"empty set", []cohort.Binding{practices.Is(nil), what, when}, []string{`"practices" is given an empty value`}},
		{"nil list", []cohort.Binding{where, condition.Is(nil), when}, []string{`"condition" is given an empty value`}},
		{"empty text", []cohort.Binding{practices.Is([]string{""}), what, when}, []string{`step 1 "practice"`, "can never match"}},
		{"other coding system", []cohort.Binding{where, condition.Is(icd(t, "icd", "I10X")), when}, []string{`step 2 "condition"`, "ICD-10"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := definition.Bind(test.bindings...)
			if err == nil {
				t.Fatal("Bind took it")
			}
			for _, want := range append(test.want, `cohort: Bind of definition "open"`) {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %q:\n%v", want, err)
				}
			}
		})
	}
}

func TestBindRefusesNumbers(t *testing.T) {
	t.Parallel()
	const threshold cohort.Param[float64] = "threshold"
	definition, err := cohort.New("open", "1", registered(), cohort.Include("high", gpes.Journal.Where(gpes.Value1.AtLeastValue(threshold)).Exists()))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if _, err := definition.Bind(threshold.Is(x)); err == nil || !strings.Contains(err.Error(), "not finite: give a number") {
			t.Errorf("%v: %v", x, err)
		}
	}
	if _, err := definition.Bind(); err == nil || !strings.Contains(err.Error(), `"threshold" has no value: give it a number with Is`) {
		t.Errorf("none: %v", err)
	}
	// The ends of a range can only be compared once they have their values.
	const low, high cohort.Param[float64] = "low", "high"
	between, err := cohort.New("open", "1", registered(), cohort.Include("x", gpes.Journal.Count().BetweenValues(low, high)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := between.Bind(low.Is(3), high.Is(2)); err == nil || !strings.Contains(err.Error(), "nothing lies between 3 and 2") {
		t.Errorf("ends exchanged: %v", err)
	}
}

// TestBindLeavesTheDefinition binds one definition twice.
func TestBindLeavesTheDefinition(t *testing.T) {
	t.Parallel()
	definition, err := cohort.New("d", "1", registered(), cohort.Include("age", person.AgeOn(index).AtLeast(40)).IfUnknown(cohort.Refer))
	if err != nil {
		t.Fatal(err)
	}
	born := record(person.DateOfBirth.Of(cohort.MustDate("1985-06-01")))
	for on, want := range map[string]cohort.Outcome{"2025-06-01": cohort.Member, "2025-05-31": cohort.NotMember} {
		plan, err := definition.Bind(index.Is(cohort.MustDate(on)))
		if err != nil {
			t.Fatal(err)
		}
		if got := plan.Evaluate(born).Outcome; got != want {
			t.Errorf("on %s: got %v, want %v", on, got, want)
		}
	}
}
