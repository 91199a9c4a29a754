package columnar

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// A codes file or a rows file that somebody has put together, with the manifest that goes with it, is an error.
func TestHostileIndex(t *testing.T) {
	t.Parallel()
	text, whole := flatfile.Column{Type: format.ByteArray, Plain: true}, flatfile.Column{Type: format.Int64, Plain: true}
	named := func(c flatfile.Column, name string) flatfile.Column { c.Name = name; return c }
	code, first, rows := named(text, "code"), named(whole, "first"), named(whole, "rows")
	type put struct {
		columns []flatfile.Column
		codes   []string
		numbers [][]int64
		groups  int
	}
	for name, test := range map[string]put{
		"no columns of rows":    {columns: []flatfile.Column{code}, codes: []string{"195967001"}},
		"numbers for codes":     {columns: []flatfile.Column{named(whole, "code"), first, rows}, numbers: [][]int64{{1}, {0}, {1}}},
		"texts for numbers":     {columns: []flatfile.Column{code, named(text, "first"), rows}, codes: []string{"195967001"}, numbers: [][]int64{{1}}},
		"two row groups":        {columns: []flatfile.Column{code, first, rows}, codes: []string{"195967001", "271649006"}, numbers: [][]int64{{0, 1}, {1, 1}}, groups: 1},
		"more rows than are":    {columns: []flatfile.Column{code, first, rows}, codes: []string{"195967001"}, numbers: [][]int64{{0}, {1 << 60}}},
		"rows from before":      {columns: []flatfile.Column{code, first, rows}, codes: []string{"195967001"}, numbers: [][]int64{{-1}, {1}}},
		"rows of another code":  {columns: []flatfile.Column{code, first, rows}, codes: []string{"195967001"}, numbers: [][]int64{{1}, {1}}},
		"rows twice":            {columns: []flatfile.Column{code, first, rows}, codes: []string{"195967001", "271649006"}, numbers: [][]int64{{0, 0}, {2, 2}}},
		"codes in another case": {columns: []flatfile.Column{named(text, "CODE"), first, rows}, codes: []string{"195967001"}, numbers: [][]int64{{0}, {1}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, s := indexed(t)
			if err := Index(t.Context(), s, []*cohort.Table{gpes.Table()}); err != nil {
				t.Fatal(err)
			}
			folder := filepath.Join(dir, "gpes.journal", indexFolder)
			f, err := os.Create(filepath.Join(folder, codesName(0)))
			if err != nil {
				t.Fatal(err)
			}
			w, err := flatfile.NewColumnWriter(f, test.columns, flatfile.Layout{GroupRows: test.groups})
			if err != nil {
				t.Fatal(err)
			}
			for row := range max(len(test.codes), 1) {
				for i, column := range test.columns {
					if column.Type == format.ByteArray {
						w.Columns[i].Text(test.codes[row], 1)
					} else {
						w.Columns[i].Integer(test.numbers[i+len(test.numbers)-len(test.columns)][row], 1)
					}
				}
				if err := w.EndBatch(1); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			p := partOf(dir, folder, 0)
			if err := p.outline(); err != nil {
				t.Fatal(err)
			}
			edit(t, folder, func(m *manifest) { m.Parts[0].Footer = p.footer() })
			if s, err = Open(dir); err == nil {
				_, err = Run(t.Context(), byCodes(t, "195967001", "271649006"), s)
			}
			if err == nil || !strings.Contains(err.Error(), "index") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// byCodes is a plan of who has an entry with one of some codes.
func byCodes(t *testing.T, codes ...string) *cohort.Plan {
	t.Helper()
	definition, err := cohort.New("codes", "1", cohort.Include("has", gpes.Journal.Where(gpes.Code.In(codeList(t, codes...))).Exists()))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := definition.Bind()
	if err != nil {
		t.Fatal(err)
	}
	return plan
}
