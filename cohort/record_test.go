package cohort_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

func TestKeyIsHidden(t *testing.T) {
	t.Parallel()
	r := cohort.NewRecord(nhsNumber, person.Practice.Of("A81001"), person.DateOfBirth.Of(cohort.MustDate("1985-06-01")))
	cohort.Append(r, gpes.Code.Of(hypertensionCode), gpes.Date.Of(day))
	plan := planOf(t, person.AgeOn(index).AtLeast(40))
	why, err := plan.Explain(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	key := r.Key()
	type holder struct {
		key    cohort.Key // unexported on purpose: printing reaches it by reflection
		Key    cohort.Key
		record *cohort.Record
	}
	for _, value := range []any{key, &key, []cohort.Key{key}, map[string]cohort.Key{"k": key}, holder{key, key, r}, &holder{key, key, r}, r, *r, why} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
			hidden(t, verb, fmt.Sprintf(verb, value))
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "value", value)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "value", value)
		hidden(t, "slog", log.String())
		document, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		hidden(t, "JSON", string(document))
	}
	hidden(t, "text of the explanation", why.Text())
	if !strings.Contains(why.Text(), "[person] is referred") && !strings.Contains(why.Text(), "[person] is a member") {
		t.Errorf("the text names nobody:\n%s", why.Text())
	}
	if key.Reveal() != nhsNumber || key != cohort.NewKey(nhsNumber) || key == cohort.NewKey("9990000026") {
		t.Error("a key does not reveal or compare its identifier")
	}
	if (cohort.Key{}).Reveal() != "" {
		t.Error("the zero key reveals something")
	}
}

func hidden(t *testing.T, how, text string) {
	t.Helper()
	if strings.Contains(text, nhsNumber) || strings.Contains(text, fmt.Sprintf("%x", nhsNumber)) || strings.Contains(text, fmt.Sprintf("%X", nhsNumber)) {
		t.Errorf("%s shows the identifier: %s", how, text)
	}
}

func TestRecordLogsNothing(t *testing.T) {
	t.Parallel()
	r := record(person.Postcode.Of("LS1 6AE"))
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "record", r)
	for _, text := range []string{log.String(), fmt.Sprintf("%+v %#v", r, r)} {
		if strings.Contains(text, "LS1") || !strings.Contains(text, "record of [person]") {
			t.Errorf("a record prints as %s", text)
		}
	}
}

func TestRecord(t *testing.T) {
	t.Parallel()
	r := record(person.Gender.Of(person.Male))
	r.Set(person.Gender.Of(person.Female)) // replaces
	if got := ask(t, person.Gender.Is(person.Female), r); got != yes {
		t.Errorf("gender is female: %v", got)
	}
	if r.Len() != 0 {
		t.Errorf("a person with fields only has %d rows", r.Len())
	}
	// Columns filled now and then keep their rows apart.
	cohort.Append(r, gpes.Value1.Of(1))
	cohort.Append(r, gpes.Value2.Of(2))
	cohort.Append(r, gpes.Value1.Of(3), gpes.Value2.Of(math.NaN()), gpes.Value1.Of(4)) // the last value of a column counts
	if r.Len() != 3 {
		t.Errorf("three rows count as %d", r.Len())
	}
	for name, criterion := range map[string]cohort.Criterion{
		"first row":  gpes.Journal.Where(gpes.Value1.Is(1), cohort.Not(gpes.Value2.Known())).Count().Is(1),
		"second row": gpes.Journal.Where(gpes.Value2.Is(2), cohort.Not(gpes.Value1.Known())).Count().Is(1),
		"third row":  gpes.Journal.Where(gpes.Value1.Is(4), cohort.Not(gpes.Value2.Known())).Count().Is(1),
		"other kinds are missing": gpes.Journal.Where(
			cohort.Not(gpes.Code.Known()), cohort.Not(gpes.Date.Known()), cohort.Not(gpes.Practice.Known())).Count().Is(3),
	} {
		if got := ask(t, criterion, r); got != yes {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestOfRefuses(t *testing.T) {
	t.Parallel()
	defer func() {
		if fault := recover(); fault == nil || !strings.Contains(fmt.Sprint(fault), "not a field or column") {
			t.Errorf("got %v", fault)
		}
	}()
	person.AgeOn(index).Of(40)
}

func TestTablesRefuse(t *testing.T) {
	t.Parallel()
	type event struct{}
	number := cohort.ColumnInfo{Name: "N", Kind: cohort.NumberKind}
	at := cohort.ColumnInfo{Name: "D", Kind: cohort.DateKind}
	table := func(order []string, columns ...cohort.ColumnInfo) cohort.TableInfo {
		return cohort.TableInfo{Name: "t", Row: "event", Order: order, Columns: columns}
	}
	tests := []struct {
		name string
		make func()
		want string
	}{
		{"no name", func() { cohort.PersonTable(cohort.TableInfo{}) }, "Name and Row are required"},
		{"two columns of a name", func() { cohort.PersonTable(table(nil, number, number)) }, "name of its own"},
		{"two columns of a phrase", func() {
			cohort.PersonTable(table(nil, number, cohort.ColumnInfo{Name: "M", Phrase: "N", Kind: cohort.NumberKind}))
		}, "phrase of its own"},
		{"column without a name", func() { cohort.PersonTable(table(nil, cohort.ColumnInfo{Kind: cohort.DateKind})) }, "name of its own"},
		{"code without a system", func() { cohort.PersonTable(table(nil, cohort.ColumnInfo{Name: "C", Kind: cohort.CodeKind})) }, "have a System"},
		{"text with a system", func() {
			cohort.PersonTable(table(nil, cohort.ColumnInfo{Name: "C", Kind: cohort.TextKind, System: "ICD-10"}))
		}, "have a System"},
		{"codes without a system", func() {
			cohort.PersonTable(table(nil, cohort.ColumnInfo{Name: "C", Kind: cohort.CodesKind, Sources: []string{"C1"}}))
		}, "have a System"},
		{"codes without a source", func() {
			cohort.PersonTable(table(nil, cohort.ColumnInfo{Name: "C", Kind: cohort.CodesKind, System: "ICD-10"}))
		}, "have Sources"},
		{"a source twice", func() {
			cohort.PersonTable(table(nil, cohort.ColumnInfo{Name: "C", Kind: cohort.CodesKind, System: "ICD-10", Sources: []string{"C1", "C1"}}))
		}, "each named once"},
		{"a source without a name", func() {
			cohort.PersonTable(table(nil, cohort.ColumnInfo{Name: "C", Kind: cohort.CodesKind, System: "ICD-10", Sources: []string{""}}))
		}, "each named once"},
		{"one code with sources", func() {
			cohort.PersonTable(table(nil, cohort.ColumnInfo{Name: "C", Kind: cohort.CodeKind, System: "ICD-10", Sources: []string{"C1"}}))
		}, "have Sources"},
		{"order by several codes", func() {
			cohort.EventTable[event](table([]string{"D", "C"}, at, cohort.ColumnInfo{Name: "C", Kind: cohort.CodesKind, System: "ICD-10", Sources: []string{"C1"}}))
		}, "several codes"},
		{"unknown value of another kind", func() {
			cohort.PersonTable(table(nil, cohort.ColumnInfo{Name: "D", Kind: cohort.DateKind, Unknowns: []string{"x"}}))
		}, "not a calendar date"},
		{"unknown value no number", func() {
			cohort.PersonTable(table(nil, cohort.ColumnInfo{Name: "N", Kind: cohort.NumberKind, Unknowns: []string{"x"}}))
		}, "not a number"},
		{"no such kind", func() { cohort.PersonTable(table(nil, cohort.ColumnInfo{Name: "N", Unknowns: []string{"x"}})) }, "no such kind"},
		{"order of no column", func() { cohort.EventTable[event](table([]string{"X"}, at)) }, "Order"},
		{"order not by date", func() { cohort.EventTable[event](table([]string{"N"}, at, number)) }, "Order"},
		{"events without order", func() { cohort.EventTable[event](table(nil, at)) }, "Order must name"},
		{"person with order", func() { cohort.PersonTable(table([]string{"D"}, at)) }, "has no Order"},
		{"no such column", func() { cohort.PersonTable(table(nil, at)).Date("E") }, `no date column "E"`},
		{"column of another kind", func() { cohort.PersonTable(table(nil, at)).Number("D") }, `no number column "D"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if fault := recover(); fault == nil || !strings.Contains(fmt.Sprint(fault), test.want) {
					t.Errorf("got %v, want a panic with %q", fault, test.want)
				}
			}()
			test.make()
		})
	}
}

func TestUnknownNumbers(t *testing.T) {
	t.Parallel()
	type stay struct{}
	schema := cohort.EventTable[stay](cohort.TableInfo{Name: "stays", Row: "stay", Order: []string{"START"}, Columns: []cohort.ColumnInfo{
		{Name: "START", Kind: cohort.DateKind}, {Name: "DAYS", Kind: cohort.NumberKind, Unknowns: []string{"999"}},
	}})
	days := schema.Number("DAYS")
	for x, want := range map[float64]cohort.Verdict{998: yes, 999: unknown, math.NaN(): unknown, 0: no} {
		r := record()
		cohort.Append(r, days.Of(x))
		if got := ask(t, cohort.Latest(cohort.RowsOf(schema), days).AtLeast(1), r); got != want {
			t.Errorf("%v days: got %v, want %v", x, got, want)
		}
	}
}

func TestInfoIsACopy(t *testing.T) {
	t.Parallel()
	info := gpes.Table().Info()
	info.Columns[0].Unknowns[0], info.Order[0], info.Columns[1].Name = "x", "x", "x"
	if again := gpes.Table().Info(); again.Columns[0].Unknowns[0] == "x" || again.Order[0] == "x" || again.Columns[1].Name == "x" {
		t.Error("the description of a table can be changed")
	}
}
