package columnar

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// One journal for each wrong schema: what is wrong is told by file and column before anything is read.
func TestWrongSchemas(t *testing.T) {
	t.Parallel()
	text, number, whole := parquet.String(), parquet.Leaf(parquet.DoubleType), parquet.Leaf(parquet.Int64Type)
	good := func() parquet.Group {
		return parquet.Group{"NHS_NUMBER": whole, "DATE": parquet.Date(), "CODE": text, "VALUE1_CONDITION": number}
	}
	with := func(name string, node parquet.Node) parquet.Group {
		g := good()
		if g[name] = node; node == nil {
			delete(g, name)
		}
		return g
	}
	decimal := parquet.Decimal(2, 9, parquet.Int32Type)
	timestamp := parquet.Timestamp(parquet.Millisecond)
	int96 := parquet.Leaf(parquet.Int96Type)
	boolean := parquet.Leaf(parquet.BooleanType)
	for name, test := range map[string]struct {
		schema parquet.Group
		want   string // "" for no error
	}{
		"good":                  {good(), ""},
		"one more":              {with("OTHER", boolean), ""},
		"one more of old":       {with("OTHER", int96), ""},
		"no key":                {with("NHS_NUMBER", nil), "no column that says whose a row is"},
		"no day":                {with("DATE", nil), `there is no column "DATE"`},
		"no code":               {with("CODE", nil), `there is no column "CODE"`},
		"key of bits":           {with("NHS_NUMBER", boolean), `column "NHS_NUMBER"`},
		"key of fractions":      {with("NHS_NUMBER", decimal), `column "NHS_NUMBER"`},
		"key of floats":         {with("NHS_NUMBER", number), `column "NHS_NUMBER"`},
		"key of days":           {with("NHS_NUMBER", parquet.Date()), `column "NHS_NUMBER"`},
		"key of times":          {with("NHS_NUMBER", timestamp), `column "NHS_NUMBER"`},
		"key of old times":      {with("NHS_NUMBER", int96), `column "NHS_NUMBER"`},
		"key of UUIDs":          {with("NHS_NUMBER", parquet.UUID()), `column "NHS_NUMBER"`},
		"days of numbers":       {with("DATE", whole), `column "DATE" holds no days`},
		"days of floats":        {with("DATE", number), `column "DATE" holds no days`},
		"days of bits":          {with("DATE", boolean), `column "DATE" holds no days`},
		"days of times of day":  {with("DATE", parquet.Time(parquet.Millisecond)), `column "DATE" holds no days`},
		"codes of floats":       {with("CODE", number), `column "CODE" is none of texts`},
		"codes of days":         {with("CODE", parquet.Date()), `column "CODE" is none of texts`},
		"codes of old times":    {with("CODE", int96), `column "CODE" is none of texts`},
		"values of texts":       {with("VALUE1_CONDITION", text), `column "VALUE1_CONDITION" holds no numbers`},
		"values of bits":        {with("VALUE1_CONDITION", boolean), `column "VALUE1_CONDITION" holds no numbers`},
		"values of days":        {with("VALUE1_CONDITION", parquet.Date()), `column "VALUE1_CONDITION" holds no numbers`},
		"a list":                {with("CODE", parquet.List(text)), "holds more than one value"},
		"several":               {with("CODE", parquet.Repeated(text)), "holds more than one value"},
		"a group":               {with("CODE", parquet.Group{"a": text, "b": text}), "holds more than one value"},
		"a map, which is extra": {with("OTHER", parquet.Map(text, text)), "holds more than one value"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newTarget(t, flatfile.Layout{}, true, false)
			var out bytes.Buffer
			w := parquet.NewGenericWriter[any](&out, parquet.NewSchema("root", test.schema))
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(a.dir, "gpes.journal", "part-9.parquet") // behind good ones
			if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := Open(a.dir)
			if err == nil {
				_, err = Run(t.Context(), a.plan, s)
			}
			if (err == nil) != (test.want == "") || err != nil && (!strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "file gpes.journal/part-9.parquet")) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// A column that is there twice is an error, because nobody knows which is meant.
func TestColumnTwice(t *testing.T) {
	t.Parallel()
	a := newTarget(t, flatfile.Layout{}, true, false)
	path := filepath.Join(a.dir, "gpes.journal", "part-1.parquet")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	column := func(name string) flatfile.Column { return flatfile.Column{Name: name, Type: format.Int64} }
	w, err := flatfile.NewColumnWriter(f, []flatfile.Column{column("NHS_NUMBER"), column("CODE"), column("CODE")}, flatfile.Layout{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(a.dir); err == nil || !strings.Contains(err.Error(), `file gpes.journal/part-1.parquet: there are two columns "CODE"`) {
		t.Errorf("Open: %v", err)
	}
	src := t.TempDir()
	if err := os.Mkdir(filepath.Join(src, "gpes.journal"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(src, "gpes.journal", "a.csv"), []byte("CODE,NHS_NUMBER,CODE,,\n1,9990000018,2,,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Sort(t.Context(), filepath.Join(src, "sorted"), src, []*cohort.Table{gpes.Table()}); err == nil || !strings.Contains(err.Error(), `file gpes.journal/a.csv: there are two columns "CODE"`) {
		t.Errorf("Sort: %v", err)
	}
}
