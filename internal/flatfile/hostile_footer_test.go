package flatfile_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// A footer of few bytes that stand for much memory is refused before it takes that.
func TestHostileFooterMemory(t *testing.T) { //nolint:paralleltest // it measures memory
	// What comes before the list of row groups: the version, a schema of one column, and no rows.
	schema := []byte{0x15, 2, 0x19, 0x2c, 0x48, 1, 'r', 0x15, 2, 0, 0x48, 1, 'c', 0, 0x16, 0}
	list := func(n int, of ...byte) []byte {
		return append(binary.AppendUvarint([]byte{0xfc}, uint64(n)), bytes.Repeat(of, n)...)
	}
	column := []byte{0x26, 0, 0} // of a row group, and nothing of it but where it is
	for name, tt := range map[string]struct {
		footer    []byte
		megabytes uint64 // for Open
		wide      uint64 // for OpenWide
	}{
		"columns of one row group": {append(append([]byte{0x19, 0x1c, 0x19}, list(4_000_000, column...)...), 0x16, 0, 0x16, 0, 0), 8, 40},
		"fewer of these":           {append(append([]byte{0x19, 0x1c, 0x19}, list(100_000, column...)...), 0x16, 0, 0x16, 0, 0), 8, 80},
		"row groups":               {append([]byte{0x19}, list(500_000, append(append([]byte{0x19, 0x1c}, column...), 0x16, 0, 0x16, 0, 0)...)...), 8, 400},
		"more row groups":          {append([]byte{0x19}, list(4_000_000, append(append([]byte{0x19, 0x1c}, column...), 0x16, 0, 0x16, 0, 0)...)...), 8, 120},
		"words":                    {append([]byte{0x19, 0x0c, 0x19}, list(4_000_000, 0x18, 1, 'a', 0)...), 8, 250},
	} {
		file := withFooter([]byte("PAR1"), append(append(bytes.Clone(schema), tt.footer...), 0))
		for open, limit := range map[string]uint64{"Open": tt.megabytes, "OpenWide": tt.wide} {
			var err error
			got := allocated(func() {
				if open == "Open" {
					_, err = flatfile.Open(bytes.NewReader(file), int64(len(file)))
				} else {
					_, err = flatfile.OpenWide(bytes.NewReader(file), int64(len(file)))
				}
			})
			t.Logf("%s of %s: %d kB of file, %d MB allocated, %v", open, name, len(file)>>10, got>>20, err)
			if err == nil || got > limit<<20 {
				t.Errorf("%s of %s: %d MB allocated, more than %d; or %v", open, name, got>>20, limit, err)
			}
		}
	}
}

// Pages without rows, and bytes behind the pages, do not keep a reader busy without end.
func TestEndlessPages(t *testing.T) {
	t.Parallel()
	repeated := slices.Repeat([]part{page(0, nil, 0, format.Plain)}, 300_000)
	for name, parts := range map[string][]part{
		"before": append(slices.Clip(repeated), page(7, plainText("Ann"), 1, format.Plain)),
		"behind": append([]part{page(7, plainText("Ann"), 1, format.Plain)}, repeated...),
	} {
		content := shape{parts: parts}.bytes(t)
		read := &countingReader{Reader: bytes.NewReader(content)}
		f, err := flatfile.Open(read, int64(len(content)))
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.Chunk(0, 0, flatfile.NewRoom(1<<20))
		if read.n > 270_000 {
			t.Errorf("%s: %d reads, %v", name, read.n, err)
		}
		if (err != nil) != (name == "before") || err != nil && !strings.Contains(err.Error(), "too many pages") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// countingReader counts how often it is read.
type countingReader struct {
	*bytes.Reader
	n int
}

func (r *countingReader) ReadAt(p []byte, off int64) (int, error) {
	r.n++
	return r.Reader.ReadAt(p, off)
}
