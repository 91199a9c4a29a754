package columnar

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/internal/flatfile"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// tableIndex is the index of a table.
type tableIndex struct {
	column string // of codes
	people []int  // of each part
	parts  []indexPart
}

// indexPart is the rows of some people, by code and person, and which rows have which code.
type indexPart struct{ rows, codes *storeFile }

func partOf(dir, folder string, part int) indexPart {
	return indexPart{newFile(dir, filepath.Join(folder, rowsName(part))), newFile(dir, filepath.Join(folder, codesName(part)))}
}

// outline reads the ends of the files.
func (p indexPart) outline() error {
	for _, f := range []*storeFile{p.rows, p.codes} {
		if err := f.outline(); err != nil {
			return fmt.Errorf("file %s: %w", f.name, err)
		}
	}
	return nil
}

// shaped reports whether the files have the row groups and columns that are read without looking.
func (p indexPart) shaped() bool {
	return p.rows.file.RowGroups() <= 1 && p.codes.file.RowGroups() <= 1 &&
		slices.EqualFunc(p.codes.file.Columns, directoryColumns(), func(has, want flatfile.Column) bool {
			return has.Name == want.Name && has.Type == want.Type
		})
}

var errOldIndex = errors.New("it is not of these files: remove its folder, or make it again with columnar.Index, of a store opened with NoIndex")

// findIndex finds the index of a table, if it has one.
func (s *Store) findIndex(t *storeTable) error {
	folder := filepath.Join(s.dir, t.name, indexFolder)
	m, err := readManifest(filepath.Join(folder, manifestName))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	people := s.tables[s.population.Name()]
	if m.Version != manifestVersion || len(m.Parts) == 0 || people == nil || m.Source != s.fingerprint(t) {
		return errOldIndex
	}
	index := &tableIndex{column: m.Column}
	left := people.rows
	for i, part := range m.Parts {
		p := partOf(s.dir, folder, i)
		if err := p.outline(); err != nil {
			return err
		}
		if p.footer() != part.Footer || !p.shaped() || p.rows.file.Rows != int64(part.Rows) || part.People < 0 || int64(part.People) > left {
			return fmt.Errorf("file %s: %w", p.rows.name, errOldIndex)
		}
		left -= int64(part.People)
		index.people, index.parts = append(index.people, part.People), append(index.parts, p)
	}
	if left > 0 {
		return errOldIndex
	}
	t.index = index
	return nil
}

func readManifest(path string) (m manifest, err error) {
	f, err := (&storeFile{path: path}).open()
	if err != nil {
		return m, err
	}
	defer f.Close()
	if err := json.NewDecoder(io.LimitReader(f, maxManifest)).Decode(&m); err != nil {
		return m, errOldIndex
	}
	return m, nil
}

// indexedTable is what a plan reads of the index of a table.
type indexedTable struct {
	code   int          // the column of the plan that has the codes
	codes  []*storeFile // of each part
	wanted wanted
}

// useIndexes has the tables read by their indexes of which a plan asks by code only.
func (p *storePlan) useIndexes(plan *tree.Plan) (faults []error) {
	if p.population < 0 {
		return nil
	}
	for i, t := range p.tables {
		if t.index == nil || i == p.population || p.parts != nil && !slices.Equal(p.parts, t.index.people) {
			continue
		}
		lists := demanded(plan, t.of, t.index.column)
		if lists == nil {
			continue
		}
		by := &indexedTable{code: slices.IndexFunc(t.of.Columns, func(c tree.Column) bool { return c.Name == t.index.column })}
		by.wanted = wantedOf(lists, t.of.Columns[by.code].Texts)
		indexed := &planTable{storeTable: &storeTable{name: t.name, place: Place{Key: personColumn}}, of: t.of, by: by}
		for _, part := range t.index.parts {
			f, problems := resolveFile(indexed.storeTable, part.rows, t.of)
			faults = append(faults, problems...)
			indexed.files = append(indexed.files, f)
			by.codes = append(by.codes, part.codes)
		}
		p.tables[i], p.parts = indexed, t.index.people
	}
	return faults
}

// demanded returns lists such that every row that the plan asks about has a code of one of them; nil when there are none.
func demanded(plan *tree.Plan, t *tree.Table, column string) (lists []*codelist.List) {
	for _, rows := range plan.Rows {
		if rows.Table != t {
			continue
		}
		list := demands(rows, column)
		if list == nil {
			return nil
		}
		lists = append(lists, list)
	}
	return lists
}

// demands returns a list that has the code of every row of a set of rows, nil if there is none.
func demands(rows *tree.Rows, column string) *codelist.List {
	for _, n := range conjuncts(rows.Where) {
		in, ok := n.(tree.InCodes)
		if !ok {
			continue
		}
		if cell, ok := in.Value.(tree.Cell); ok && rows.Table.Columns[cell.Column].Name == column {
			return in.List
		}
	}
	return nil
}
