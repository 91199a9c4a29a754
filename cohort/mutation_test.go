package cohort_test

import (
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// recipe holds everything about a definition that a mutation can change.
type recipe struct {
	age         func(born, on cohort.Operand[cohort.Date]) cohort.NumberSeries
	youngest    float64
	atLeast     func(cohort.NumberSeries, float64) cohort.Criterion
	threshold   float64
	period      cohort.Period
	end         func(cohort.DateColumn[gpes.Entry], cohort.Operand[cohort.Date]) cohort.RowPred[gpes.Entry]
	index       string
	policy      cohort.UnknownPolicy
	codes       []string
	practices   []string
	some        int
	direction   func(string, cohort.Criterion) cohort.Step
	pick        func(cohort.Rows[gpes.Entry], cohort.Column[gpes.Entry, cohort.NumberSeries]) cohort.NumberSeries
	column      cohort.NumberColumn[gpes.Entry]
	combine     func(...cohort.Criterion) cohort.Criterion
	negate      bool
	name, label string
	listID      string
	paramName   cohort.Param[cohort.Date]
	swap        bool
}

func basic() recipe {
	return recipe{
		age: cohort.AgeOn, youngest: 40, atLeast: cohort.NumberSeries.AtLeast, threshold: 140, period: cohort.Months(12),
		end: cohort.DateColumn[gpes.Entry].NotAfter, index: "2025-06-01", policy: cohort.TreatAsNo,
		codes: []string{hypertensionCode, asthmaCode}, practices: []string{"A81001", "A81002"}, some: 2,
		direction: cohort.Exclude, pick: cohort.Latest[gpes.Entry, cohort.NumberSeries], column: gpes.Value1,
		combine: cohort.All[cohort.Criterion], name: "pressure", label: "high pressure", listID: "pressure",
		paramName: index,
	}
}

func (r recipe) plan(t *testing.T) *cohort.Plan {
	t.Helper()
	readings := gpes.Journal.Where(gpes.Code.In(list(t, r.listID, r.codes...)), r.end(gpes.Date, r.paramName))
	if r.swap {
		readings = gpes.Journal.Where(r.end(gpes.Date, r.paramName), gpes.Code.In(list(t, r.listID, r.codes...)))
	}
	pressure := r.atLeast(r.pick(readings, r.column), r.threshold)
	if r.negate {
		pressure = cohort.Not(pressure)
	}
	recent := gpes.Journal.Where(gpes.Date.Within(r.period, r.paramName)).Exists()
	definition, err := cohort.New(r.name, "1",
		cohort.Include("practice", person.Practice.In(r.practices...)).IfUnknown(cohort.TreatAsNo),
		cohort.Include("age", r.age(person.DateOfBirth, r.paramName).Between(r.youngest, 74)).IfUnknown(cohort.Refer),
		r.direction(r.label, cohort.Define(r.name, "1", pressure)).IfUnknown(r.policy),
		cohort.Include("recent", r.combine(recent, cohort.AtLeast(r.some, person.LSOA.Known(), person.ICB.Known(), recent))),
	)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := definition.Bind(r.paramName.Is(cohort.MustDate(r.index)))
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// TestMutations changes one thing at a time: a changed meaning changes the hash and the text.
func TestMutations(t *testing.T) {
	t.Parallel()
	meaning := map[string]func(*recipe){
		"age in months":     func(r *recipe) { r.age = cohort.AgeInMonthsOn },
		"lower bound":       func(r *recipe) { r.youngest++ },
		"threshold":         func(r *recipe) { r.threshold++ },
		"threshold by 0.5":  func(r *recipe) { r.threshold += 0.5 },
		"operator":          func(r *recipe) { r.atLeast = cohort.NumberSeries.Above },
		"operator at most":  func(r *recipe) { r.atLeast = cohort.NumberSeries.AtMost },
		"operator below":    func(r *recipe) { r.atLeast = cohort.NumberSeries.Below },
		"operator is":       func(r *recipe) { r.atLeast = cohort.NumberSeries.Is },
		"window":            func(r *recipe) { r.period = cohort.Months(13) },
		"window in days":    func(r *recipe) { r.period = cohort.Days(365) },
		"end before":        func(r *recipe) { r.end = cohort.DateColumn[gpes.Entry].Before },
		"end on":            func(r *recipe) { r.end = cohort.DateColumn[gpes.Entry].On },
		"end not before":    func(r *recipe) { r.end = cohort.DateColumn[gpes.Entry].NotBefore },
		"end after":         func(r *recipe) { r.end = cohort.DateColumn[gpes.Entry].After },
		"index date":        func(r *recipe) { r.index = "2025-06-02" },
		"policy yes":        func(r *recipe) { r.policy = cohort.TreatAsYes },
		"policy refer":      func(r *recipe) { r.policy = cohort.Refer },
		"code added":        func(r *recipe) { r.codes = append(r.codes, pressureCode) },
		"code removed":      func(r *recipe) { r.codes = r.codes[:1] },
		"code exchanged":    func(r *recipe) { r.codes = []string{hypertensionCode, pressureCode} },
		"practice added":    func(r *recipe) { r.practices = append(r.practices, "A81003") },
		"practice removed":  func(r *recipe) { r.practices = r.practices[:1] },
		"some of":           func(r *recipe) { r.some = 1 },
		"include":           func(r *recipe) { r.direction = cohort.Include },
		"earliest":          func(r *recipe) { r.pick = cohort.Earliest[gpes.Entry, cohort.NumberSeries] },
		"column":            func(r *recipe) { r.column = gpes.Value2 },
		"any":               func(r *recipe) { r.combine = cohort.Any[cohort.Criterion] },
		"not":               func(r *recipe) { r.negate = true },
		"hundred practices": func(r *recipe) { r.practices = manyPractices(100) },
		"one in a hundred":  func(r *recipe) { r.practices = append(manyPractices(99), "Z99999") },
	}
	prose := map[string]func(*recipe){
		"name of the definition": func(r *recipe) { r.name = "other" },
		"label":                  func(r *recipe) { r.label = "other" },
		"name of a code list":    func(r *recipe) { r.listID = "other" },
		"name of a parameter":    func(r *recipe) { r.paramName = "other" },
		"order of predicates":    func(r *recipe) { r.swap = true },
	}
	same := map[string]func(*recipe){
		"order of codes":     func(r *recipe) { r.codes = []string{asthmaCode, hypertensionCode, asthmaCode} },
		"order of practices": func(r *recipe) { r.practices = []string{"A81002", "A81001", "A81002"} },
		"a year for months":  func(r *recipe) { r.period = cohort.Years(1) },
	}

	first := basic().plan(t)
	hashes, texts := map[string]string{first.Hash(): "unchanged"}, map[string]string{first.English(): "unchanged"}
	for name, mutate := range meaning {
		r := basic()
		mutate(&r)
		plan := r.plan(t)
		if other, ok := hashes[plan.Hash()]; ok {
			t.Errorf("%s has the hash of %s", name, other)
		}
		if other, ok := texts[plan.English()]; ok {
			t.Errorf("%s has the text of %s", name, other)
		}
		hashes[plan.Hash()], texts[plan.English()] = name, name
	}
	for name, mutate := range prose {
		r := basic()
		mutate(&r)
		plan := r.plan(t)
		if plan.Hash() != first.Hash() {
			t.Errorf("%s changes the meaning hash", name)
		}
		if plan.DocumentHash() == first.DocumentHash() || plan.English() == first.English() {
			t.Errorf("%s does not change the document hash and the text", name)
		}
	}
	for name, mutate := range same {
		r := basic()
		mutate(&r)
		plan := r.plan(t)
		if plan.Hash() != first.Hash() || plan.DocumentHash() != first.DocumentHash() || plan.English() != first.English() {
			t.Errorf("%s changes a hash or the text", name)
		}
	}
}

// TestCatalogueIsMeaning changes what the catalogue declares.
func TestCatalogueIsMeaning(t *testing.T) {
	t.Parallel()
	type event struct{}
	build := func(order []string, unknowns ...string) *cohort.Plan {
		schema := cohort.EventTable[event](cohort.TableInfo{
			Name: "t", Row: "event", Order: order,
			Columns: []cohort.ColumnInfo{
				{Name: "D", Kind: cohort.DateKind}, {Name: "A", Kind: cohort.NumberKind, Unknowns: unknowns}, {Name: "B", Kind: cohort.NumberKind},
			},
		})
		return bind(t, cohort.Include("x", cohort.Latest(cohort.RowsOf(schema), schema.Number("A")).AtLeast(1)).IfUnknown(cohort.TreatAsNo))
	}
	first := build([]string{"D", "A", "B"})
	for name, other := range map[string]*cohort.Plan{
		"tie order": build([]string{"D", "B", "A"}), "ties": build([]string{"D", "A"}), "unknown value": build([]string{"D", "A", "B"}, "999"),
	} {
		if other.Hash() == first.Hash() || other.English() == first.English() {
			t.Errorf("another %s does not change the hash and the text", name)
		}
	}
}

// TestDateColumnIsMeaning exchanges the day that episodes go by, where both days are read anyway.
func TestDateColumnIsMeaning(t *testing.T) {
	t.Parallel()
	type event struct{}
	build := func(order ...string) *cohort.Plan {
		schema := cohort.EventTable[event](cohort.TableInfo{Name: "t", Row: "event", Order: order, Columns: []cohort.ColumnInfo{
			{Name: "A", Kind: cohort.DateKind}, {Name: "B", Kind: cohort.DateKind},
		}})
		rows := cohort.RowsOf(schema).Where(schema.Date("A").Known(), schema.Date("B").Known())
		return bind(t, cohort.Include("x", rows.Episodes(cohort.Days(30)).AtLeast(2)))
	}
	first := build("A", "B")
	if other := build("B", "A"); other.Hash() == first.Hash() || other.English() == first.English() {
		t.Error("another day does not change the hash and the text")
	}
	if other := build("A"); other.Hash() != first.Hash() {
		t.Error("ties change the hash, though no row is picked")
	}
}

// TestSourceIsProse changes the note of a code list.
func TestSourceIsProse(t *testing.T) {
	t.Parallel()
	build := func(source string) *cohort.Plan {
		l := codelist.Must(codelist.New(codelist.Info{ID: "l", Version: "1", System: codelist.SNOMEDCT, Source: source}, asthmaCode))
		return bind(t, cohort.Include("x", gpes.Journal.Where(gpes.Code.In(l)).Exists()))
	}
	a, b := build("one source"), build("another source")
	if a.Hash() != b.Hash() || a.DocumentHash() == b.DocumentHash() || a.English() == b.English() {
		t.Error("the source note must show in the text and the document, and not in the meaning")
	}
}

func manyPractices(n int) []string {
	codes := make([]string, n)
	for i := range codes {
		codes[i] = "A8" + string(rune('0'+i/100)) + string(rune('0'+i/10%10)) + string(rune('0'+i%10)) + "0"
	}
	return codes
}
