package caas_test

import (
	"bytes"
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/columnar"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// adults are the members, and who has no known day of birth is referred.
func adults(t *testing.T) *cohort.Plan {
	t.Helper()
	definition, err := cohort.New("adults", "1",
		cohort.Include("registered", person.Practice.Known()),
		cohort.Include("aged 18 or over", person.AgeOn(cohort.Index).AtLeast(18)).IfUnknown(cohort.Refer))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2026-11-01")))
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func resident(key string, fields ...cohort.Cell[cohort.Criterion]) *cohort.Record {
	r := cohort.NewRecord(key, person.Practice.Of("A81001"))
	r.Set(fields...)
	return r
}

func stream(records ...*cohort.Record) iter.Seq2[*cohort.Record, error] {
	return func(yield func(*cohort.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func TestWriteMembers(t *testing.T) {
	t.Parallel()
	everyone := []*cohort.Record{
		resident("9990000018", person.DateOfBirth.Of(cohort.MustDate("1984-02-29")), person.Gender.Of("2"),
			person.Postcode.Of("LB1 2AB"), person.PracticeSince.Of(cohort.MustDate("2013-04-01")), person.Email.Of("someone@example.com"),
			person.InterpreterRequired.Of("false"), person.SupersededBy.Of("9990000042"), person.DeathStatus.Of("1")),
		resident("9990000026", person.DateOfBirth.Of(cohort.MustDate("2020-01-01"))), // a child
		resident("9990000034"), // referred
		resident("9990000042", person.DateOfBirth.Of(cohort.MustDate("1950-01-01"))),
	}
	population, err := columnar.Collect(stream(everyone...))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := caas.NewWriter(&out)
	written, err := caas.WriteMembers(w, columnar.Members(t.Context(), adults(t), population), stream(everyone...))
	if err != nil || written != 2 {
		t.Fatalf("%d written, %v; want 2", written, err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := caas.OpenFile(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	var got []caas.Record
	for r, err := range file.Records() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	day := func(text string) nhs.Date {
		d, err := nhs.ParseDate(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	want := []caas.Record{
		{
			Row: 1, Type: caas.Add, Number: nhs.MustNumber("9990000018"), SupersededBy: nhs.MustNumber("9990000042"),
			PrimaryCareProvider: "A81001", PrimaryCareProviderFrom: day("2013-04-01"), BirthDate: day("1984-02-29"),
			Gender: caas.GenderFemale, Postcode: "LB1 2AB", Email: "someone@example.com", InterpreterRequired: new(false),
			DeathStatus: caas.DeathInformal,
		},
		{Row: 2, Type: caas.Add, Number: nhs.MustNumber("9990000042"), PrimaryCareProvider: "A81001", BirthDate: day("1950-01-01")},
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b nhs.Number) bool { return a == b }), cmp.Comparer(func(a, b nhs.Date) bool { return a == b })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWriteMembers_refuses(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	born := person.DateOfBirth.Of(cohort.MustDate("1984-02-29"))
	member := resident("9990000018", born)
	pseudonym := resident("100000000001", born)
	tests := map[string]struct {
		members, people []*cohort.Record
		end             error
		want            string
	}{
		"other people":     {[]*cohort.Record{member}, []*cohort.Record{resident("9990000026", born)}, nil, "one population, in one order"},
		"a pseudonym":      {[]*cohort.Record{pseudonym}, []*cohort.Record{pseudonym}, nil, "not an NHS number"},
		"records that end": {[]*cohort.Record{member}, nil, broken, "broken"},
		"another number": {
			[]*cohort.Record{member},
			[]*cohort.Record{resident("9990000018", born, person.SupersededBy.Of("9990000019"))},
			nil, "superseded_by_nhs_number",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			population, err := columnar.Collect(stream(test.members...))
			if err != nil {
				t.Fatal(err)
			}
			people := func(yield func(*cohort.Record, error) bool) {
				for _, r := range test.people {
					if !yield(r, nil) {
						return
					}
				}
				if test.end != nil {
					yield(nil, test.end)
				}
			}
			written, err := caas.WriteMembers(caas.NewWriter(&bytes.Buffer{}), columnar.Members(t.Context(), adults(t), population), people)
			if err == nil || written != 0 || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "99900000") {
				t.Errorf("%d written, %v; want an error about %q", written, err, test.want)
			}
		})
	}
}
