package columnar

import (
	"bytes"
	"fmt"
	"slices"
	"sort"

	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// directoryColumns are those of a file that says which rows codes have.
func directoryColumns() []flatfile.Column {
	return []flatfile.Column{
		{Name: "code", Type: format.ByteArray, Logical: new(format.StringType), Plain: true},
		{Name: "first", Type: format.Int64, Plain: true},
		{Name: "rows", Type: format.Int64, Plain: true},
	}
}

// codeRows is the rows of one code in a part.
type codeRows struct {
	code     string
	number   int64 // of the code, from 0
	from, to int64
}

// wanted are the codes that a plan asks for: one by one, sorted, and by lists that also have ranges.
type wanted struct {
	exact   []string
	ranged  []*codelist.List
	unknown []string // codes that mean "not known", and are asked for by nobody
}

func wantedOf(lists []*codelist.List, unknown []string) wanted {
	w := wanted{unknown: unknown}
	for _, list := range lists {
		w.exact = slices.AppendSeq(w.exact, list.Exact())
		for range list.Ranges() {
			w.ranged = append(w.ranged, list)
			break
		}
	}
	slices.Sort(w.exact)
	w.exact = slices.DeleteFunc(slices.Compact(w.exact), func(code string) bool { return slices.Contains(unknown, code) })
	return w
}

// within returns those that are asked for one by one and are not outside some bounds.
func (w *wanted) within(low, high string) []string {
	from := sort.SearchStrings(w.exact, low)
	to := from + sort.Search(len(w.exact)-from, func(i int) bool { return w.exact[from+i] > high })
	return w.exact[from:to]
}

// among finds which of some codes, in order, are asked for.
func (w *wanted) among(codes [][]byte, found []int) []int {
	if len(w.ranged) == 0 {
		at := 0
		for _, code := range w.within(string(codes[0]), string(codes[len(codes)-1])) {
			at += sort.Search(len(codes)-at, func(i int) bool { return string(codes[at+i]) >= code })
			if at < len(codes) && string(codes[at]) == code {
				found = append(found, at)
			}
		}
		return found
	}
	for i, code := range codes {
		if w.has(string(code)) {
			found = append(found, i)
		}
	}
	return found
}

func (w *wanted) has(code string) bool {
	if _, exact := slices.BinarySearch(w.exact, code); exact {
		return true
	}
	return !slices.Contains(w.unknown, code) && slices.ContainsFunc(w.ranged, func(l *codelist.List) bool { return l.Contains(code) })
}

// directory reads which rows of a part have a code that is asked for, in order.
func (s *storeShard) directory(t *planTable) (found []codeRows, err error) {
	f := t.by.codes[0]
	opened, err := f.open()
	if err != nil {
		return nil, fmt.Errorf("file %s: %w", f.name, err)
	}
	defer opened.Close()
	s.read.Files++
	r := directoryReader{file: f.file.From(&countingReader{opened, &s.read.Bytes}), room: s.room, rows: t.files[0].file.Rows}
	if f.file.RowGroups() > 0 {
		err = r.read(&t.by.wanted)
	}
	if err != nil {
		return nil, fmt.Errorf("file %s: %w", f.name, err)
	}
	return r.found, nil
}

// directoryReader reads where the rows of codes are.
type directoryReader struct {
	file   *flatfile.File
	room   *flatfile.Room
	rows   int64 // that there are
	chunks [3]*flatfile.Chunk
	pages  [3]flatfile.Page
	found  []codeRows
}

func (r *directoryReader) read(w *wanted) (err error) {
	for i := range r.chunks {
		if r.chunks[i], err = r.file.Chunk(0, i, r.room); err != nil {
			return err
		}
		defer r.chunks[i].Release()
	}
	bounds, err := r.chunks[0].PageBounds()
	if err != nil {
		return err
	}
	if bounds == nil {
		return errOldIndex
	}
	var places []int
	for page := range r.chunks[0].Pages {
		if b := bounds[page]; len(w.ranged) == 0 && len(w.within(string(b.Low), string(b.High))) == 0 {
			continue
		}
		if err := r.load(0, page); err != nil {
			return err
		}
		if !slices.IsSortedFunc(r.pages[0].Texts, bytes.Compare) {
			return errOldIndex
		}
		if places = w.among(r.pages[0].Texts, places[:0]); len(places) == 0 {
			continue
		}
		if err := r.take(page, places); err != nil {
			return err
		}
	}
	return nil
}

// load reads a page of a column.
func (r *directoryReader) load(column, page int) error {
	c, like := r.chunks[column], r.chunks[0].Pages[page]
	if page >= len(c.Pages) || c.Pages[page].First != like.First || c.Pages[page].Rows != like.Rows {
		return errOldIndex
	}
	p := &r.pages[column]
	if err := c.Read(page, p); err != nil {
		return err
	}
	if p.Indexed || p.Len() != p.Rows {
		return errOldIndex
	}
	return nil
}

// take takes where the rows of some codes of a page are.
func (r *directoryReader) take(page int, places []int) error {
	for column := 1; column < len(r.chunks); column++ {
		if err := r.load(column, page); err != nil {
			return err
		}
	}
	end := int64(0)
	if n := len(r.found); n > 0 {
		end = r.found[n-1].to
	}
	for _, i := range places {
		first, rows := r.pages[1].Integers[i], r.pages[2].Integers[i]
		if first < end || rows <= 0 || rows > r.rows-first {
			return errOldIndex
		}
		end = first + rows
		r.found = append(r.found, codeRows{string(r.pages[0].Texts[i]), r.chunks[0].Pages[page].First + int64(i), first, end})
	}
	return nil
}
