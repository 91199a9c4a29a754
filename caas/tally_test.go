package caas_test

import (
	"errors"
	"testing"

	"github.com/personalised-prevention/nhs/caas"
)

// A nil return is something else than no rows, and than a nil return that stands
// among others.
func TestTally(t *testing.T) {
	t.Parallel()
	type row struct {
		Type   string `parquet:"record_type,plain"`
		Number int64  `parquet:"nhs_number"`
	}
	one, two := number(0).Int(), number(1).Int()
	for name, tt := range map[string]struct {
		rows    []row
		want    caas.Tally
		content caas.Content
	}{
		"no rows":      {nil, caas.Tally{}, caas.ContentNothing},
		"nil return":   {[]row{{"", 0}}, caas.Tally{NilReturns: 1}, caas.ContentNilReturn},
		"of any type":  {[]row{{"DEL", 0}, {"whatever", 0}}, caas.Tally{NilReturns: 2}, caas.ContentNilReturn},
		"changes":      {[]row{{"ADD", one}, {"AMENDED", one}, {"DEL", two}, {"DEL", two}}, caas.Tally{Adds: 1, Amends: 1, Deletes: 1, Refused: 1, Repeated: 1}, caas.ContentChanges},
		"only refused": {[]row{{"ADD", 1}, {"New", one}}, caas.Tally{Refused: 2}, caas.ContentChanges},
		"mixed":        {[]row{{"ADD", one}, {"ADD", 0}}, caas.Tally{Adds: 1, NilReturns: 1}, caas.ContentMixed},
		"with refused": {[]row{{"ADD", 1}, {"ADD", 0}}, caas.Tally{Refused: 1, NilReturns: 1}, caas.ContentMixed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := open(t, parquetFile(t, nil, tt.rows...))
			var got caas.Tally
			for r, err := range f.Records() {
				got.Count(r, err)
			}
			got.Count(caas.Record{}, errors.New("about the whole file"))
			diff(t, tt.want, got)
			if got.Rows() != f.Rows() || got.Content() != tt.content {
				t.Errorf("%d rows, %s", got.Rows(), got.Content())
			}
		})
	}
}

// The row that repeats another is told apart from other bad rows.
func TestRepeatedRows(t *testing.T) {
	t.Parallel()
	type row struct {
		Type   string `parquet:"record_type,plain"`
		Number int64  `parquet:"nhs_number"`
		Born   string `parquet:"date_of_birth,plain"`
	}
	n := number(0).Int()
	records, errs := read(open(t, parquetFile(t, nil,
		row{"ADD", n, "not a date"}, // does not count as seen: it could not be used
		row{"ADD", n, "1960"}, row{"DEL", n, ""}, row{"ADD", n, "1961"}, row{"AMENDED", n, ""}, row{"DEL", n, ""},
	)))
	var rows []int64
	for _, r := range records {
		rows = append(rows, r.Row)
	}
	diff(t, []int64{2, 3, 5}, rows)
	var repeated []int64
	for _, err := range errs {
		if e, ok := errors.AsType[*caas.RowError](err); ok && errors.Is(err, caas.ErrRepeated) {
			repeated = append(repeated, e.Row)
		}
	}
	diff(t, []int64{4, 6}, repeated)
	diff(t, "row 1: date_of_birth is not a date", errs[0].Error())
}
