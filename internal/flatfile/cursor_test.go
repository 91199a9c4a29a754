package flatfile_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// drainPages reads the first column of a file page by page, the last page of each row group first.
func drainPages(content []byte) ([]string, error) {
	f, err := flatfile.Open(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, err
	}
	rows, room, page := []string{}, flatfile.NewRoom(256<<20), new(flatfile.Page)
	for group := range f.RowGroups() {
		c, err := f.Chunk(group, 0, room)
		if err != nil {
			return rows, err
		}
		if _, err := c.PageBounds(); err != nil {
			return rows, err
		}
		var parts [][]string
		for i := range slices.Backward(c.Pages) {
			if err := c.Read(i, page); err != nil {
				return rows, err
			}
			part, err := pageTexts(c, page)
			if err != nil {
				return rows, err
			}
			indexes := slices.Clone(page.Indexes)
			if err := sameRuns(c, i, page, indexes); err != nil {
				return rows, err
			}
			parts = append([][]string{part}, parts...)
		}
		for _, part := range parts {
			rows = append(rows, part...)
		}
		c.Release()
	}
	return rows, nil
}

// sameRuns makes sure that the runs of a page are those of its indexes.
func sameRuns(c *flatfile.Chunk, at int, page *flatfile.Page, indexes []uint32) error {
	if err := c.ReadRuns(at, page); err != nil {
		return err
	}
	end := 0
	for i, r := range page.Runs {
		if int(r.End) <= end || i > 0 && r.Index == page.Runs[i-1].Index {
			return fmt.Errorf("run %d is none of its own", i)
		}
		end = int(r.End)
	}
	if err := c.Unroll(page); err != nil {
		return err
	}
	if !slices.Equal(page.Indexes, indexes) {
		return fmt.Errorf("runs of %d, want %d", page.Indexes, indexes)
	}
	return nil
}

func pageTexts(c *flatfile.Chunk, page *flatfile.Page) ([]string, error) {
	values := page.Values
	if page.Indexed {
		var err error
		if values, err = c.Dictionary(); err != nil {
			return nil, err
		}
	}
	rows := make([]string, page.Rows)
	for i := range rows {
		at, known := page.Rank(i)
		if words := page.Present(); words != nil && known != (words[i/64]>>(i%64)&1 == 1) {
			return nil, fmt.Errorf("row %d is known or not", i)
		}
		if !known {
			rows[i] = "null"
			continue
		}
		if page.Indexed {
			at = int(page.Indexes[at])
		}
		rows[i] = valueText(c.Column, values, at)
	}
	return rows, nil
}

func valueText(c *flatfile.Column, v flatfile.Values, at int) string {
	switch c.Type {
	case format.Int96:
		b := v.Texts[at]
		return fmt.Sprintf("[%x %x %x]", b[:4], b[4:8], b[8:12])
	case format.ByteArray, format.FixedLenByteArray:
		return hex.EncodeToString(v.Texts[at])
	case format.Double, format.Float:
		return bits(v.Doubles[at])
	case format.Boolean, format.Int32, format.Int64:
	}
	return strconv.FormatInt(v.Integers[at], 10)
}

// same makes sure that page by page comes what comes row by row.
func same(content []byte) error {
	want, err := drain(content, 256)
	if err != nil {
		return nil //nolint:nilerr // what cannot be read has nothing to compare with
	}
	got, err := drainPages(content)
	if d := cmp.Diff(want, got); err != nil || d != "" {
		return fmt.Errorf("%w (-rows +pages)\n%s", err, d)
	}
	return nil
}

// Whatever is hostile to a scan is hostile to chunks.
func TestHostileChunks(t *testing.T) {
	t.Parallel()
	ann := plainText("Ann")
	one := []part{page(7, ann, 1, format.Plain)}
	index := func(spoil func(*format.ColumnChunk)) func(*format.FileMetaData) {
		return func(m *format.FileMetaData) { spoil(&m.RowGroups[0].Columns[0]) }
	}
	for name, tt := range map[string]struct {
		shape
		want string // in the error; "" for none
	}{
		"good":                  {shape: shape{parts: one}},
		"more rows":             {shape{parts: one, rows: 2}, "ends before"},
		"one page too many":     {shape{parts: append(one, one...)}, "more values"},
		"two dictionaries":      {shape{parts: append([]part{dictionary(7, ann, 1), dictionary(7, ann, 1)}, one...)}, "no place"},
		"beyond dictionary":     {shape{parts: []part{dictionary(7, ann, 1), page(3, []byte{1, 2, 1}, 1, format.RLEDictionary)}}, "beyond its dictionary"},
		"no dictionary":         {shape{parts: []part{page(2, []byte{0, 2}, 1, format.RLEDictionary)}}, "no dictionary"},
		"wide indexes":          {shape{parts: []part{dictionary(7, ann, 1), page(3, []byte{33, 2, 1}, 1, format.RLEDictionary)}}, "inconsistent"},
		"index outside":         {shape{parts: one, spoil: index(func(c *format.ColumnChunk) { c.OffsetIndexOffset, c.OffsetIndexLength = 1<<40, 9 })}, "not as the file says"},
		"index of a length":     {shape{parts: one, spoil: index(func(c *format.ColumnChunk) { c.OffsetIndexOffset, c.OffsetIndexLength = 4, -9 })}, "not as the file says"},
		"index of other things": {shape{parts: one, spoil: index(func(c *format.ColumnChunk) { c.OffsetIndexOffset, c.OffsetIndexLength = 4, 9 })}, "malformed"},
		"bounds outside":        {shape{parts: one, spoil: index(func(c *format.ColumnChunk) { c.ColumnIndexOffset, c.ColumnIndexLength = 1<<40, 9 })}, "not as the file says"},
		"bounds of other pages": {shape{parts: one, spoil: index(func(c *format.ColumnChunk) { c.ColumnIndexOffset, c.ColumnIndexLength = 4, 20 })}, "malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := drainPages(tt.bytes(t))
			if (err == nil) != (tt.want == "") || (err != nil && !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// skimPages reads a file page by page without keeping anything.
func skimPages(content []byte) error {
	f, err := flatfile.Open(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return err
	}
	room, pages := flatfile.NewRoom(256<<20), make([]flatfile.Page, len(f.Columns))
	for group := range f.RowGroups() {
		for column := range f.Columns {
			c, err := f.Chunk(group, column, room)
			if err != nil {
				return err
			}
			if len(c.Pages) > 0 {
				if err := c.Read(0, &pages[column]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func FuzzChunks(f *testing.F) {
	for version := 1; version <= 2; version++ {
		for _, size := range []int{1, 1 << 20} {
			var out bytes.Buffer
			w := parquet.NewGenericWriter[row](&out, parquet.Compression(&parquet.Snappy), parquet.DataPageVersion(version), parquet.PageBufferSize(size))
			for i := range int64(9) {
				if _, err := w.Write([]row{{"a", &i, 1, new(true), "x", 4}, {"b", nil, 2, nil, "xy", 5}}); err != nil {
					f.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				f.Fatal(err)
			}
			f.Add(out.Bytes())
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := flatfile.Open(bytes.NewReader(content), int64(len(content)))
		if err != nil || file.Rows > 1<<16 {
			return
		}
		room, page := flatfile.NewRoom(64<<20), new(flatfile.Page)
		for group := range file.RowGroups() {
			for column := range file.Columns {
				c, err := file.Chunk(group, column, room)
				if err != nil {
					continue
				}
				_, _ = c.PageBounds()
				c.Bounds().Integers(c.Column)
				rows := int64(0)
				for i, l := range c.Pages {
					rows += int64(l.Rows)
					if c.Read(i, page) != nil {
						continue
					}
					if _, err := pageTexts(c, page); err != nil {
						t.Error(err)
					}
				}
				if rows != file.GroupRows(group) {
					t.Errorf("%d rows in pages, %d in the row group", rows, file.GroupRows(group))
				}
			}
		}
	})
}
