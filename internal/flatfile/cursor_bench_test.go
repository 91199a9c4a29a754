package flatfile_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"

	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// event is a row as most of them are: of a person, on a day, with a code and sometimes a value.
type event struct {
	Person int64    `parquet:"person,dict"`
	Date   int32    `parquet:"date,date,dict"`
	Code   int64    `parquet:"code,dict"`
	Value  *float64 `parquet:"value,optional,dict"`
}

func events(b *testing.B, codec compress.Codec) []byte {
	b.Helper()
	var out bytes.Buffer
	w := parquet.NewGenericWriter[event](&out, parquet.Compression(codec), parquet.PageBufferSize(1<<20))
	random := rand.New(rand.NewPCG(1, 2))
	rows := make([]event, 1_000_000)
	for i := range rows {
		rows[i] = event{Person: 9990000000 + int64(i/19), Date: random.Int32N(7000) + 13000, Code: int64(random.ExpFloat64() * 5000)}
		if random.IntN(10) < 3 {
			rows[i].Value = new(float64(random.IntN(2000)) / 10)
		}
	}
	if _, err := w.Write(rows); err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

// BenchmarkPages decodes every page into indexes and levels, here and with the pages of the library. The two are to be
// compared in one run.
func BenchmarkPages(b *testing.B) {
	for name, codec := range map[string]compress.Codec{"snappy": &parquet.Snappy, "zstd": &parquet.Zstd} {
		content := events(b, codec)
		b.Run(name+"/ours", func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			room, page := flatfile.NewRoom(256<<20), new(flatfile.Page) // kept, like the pools of the library
			for b.Loop() {
				f, err := flatfile.Open(bytes.NewReader(content), int64(len(content)))
				if err != nil {
					b.Fatal(err)
				}
				for group := range f.RowGroups() {
					for column := range f.Columns {
						c, err := f.Chunk(group, column, room)
						if err != nil {
							b.Fatal(err)
						}
						for i := range c.Pages {
							if err := c.Read(i, page); err != nil || !page.Indexed {
								b.Fatal(err)
							}
						}
						c.Release()
					}
				}
			}
		})
		b.Run(name+"/library", func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			for b.Loop() {
				f, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(256<<10))
				if err != nil {
					b.Fatal(err)
				}
				for _, group := range f.RowGroups() {
					for _, chunk := range group.ColumnChunks() {
						pages := chunk.Pages()
						for {
							p, err := pages.ReadPage()
							if errors.Is(err, io.EOF) {
								break
							}
							if err != nil || p.Dictionary() == nil {
								b.Fatal(err)
							}
							data := p.Data()
							_ = data.Int32()
							_ = p.DefinitionLevels()
							parquet.Release(p)
						}
						_ = pages.Close()
					}
				}
			}
		})
	}
}
