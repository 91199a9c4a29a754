package columnar_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// handWritten answers the question file by file, on all processors.
func handWritten(b *testing.B, dir string) int {
	b.Helper()
	included, excluded := benchSets()
	class := map[int64]uint8{pressure: 4}
	for i, set := range [][]string{included, excluded} {
		for _, code := range set {
			var n int64
			_, _ = fmt.Sscan(code, &n)
			class[n] |= 1 << i
		}
	}
	var members, next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for part := next.Add(1) - 1; part < benchFiles; part = next.Add(1) - 1 {
				name := fmt.Sprintf("part-%d.parquet", part)
				keys, eligible := handPeople(b, filepath.Join(dir, "person", name))
				members.Add(handEvents(b, filepath.Join(dir, "gpes.journal", name), class, keys, eligible))
			}
		})
	}
	workers.Wait()
	return int(members.Load())
}

// handColumn goes through the pages of one column.
type handColumn struct {
	pages  parquet.Pages
	page   parquet.Page
	ids    []int32
	int64s []int64
	int32s []int32
	floats []float64
	levels []byte
	dict   parquet.Dictionary
	at, n  int
	value  int
}

// more makes sure that there are rows, and returns how many.
func (c *handColumn) more(b *testing.B) int {
	b.Helper()
	for c.at == c.n {
		if c.page != nil {
			parquet.Release(c.page)
			c.page = nil
		}
		page, err := c.pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return 0
		}
		if err != nil {
			b.Error(err)
			return 0
		}
		c.page, c.at, c.value, c.n = page, 0, 0, int(page.NumRows())
		c.levels = page.DefinitionLevels()
		c.ids, c.int64s, c.int32s, c.floats = nil, nil, nil, nil
		data := page.Data()
		if c.dict = page.Dictionary(); c.dict != nil {
			c.ids = data.Int32()
			data = c.dict.Page().Data()
		}
		if kind := page.Type().Kind(); kind == parquet.Int64 {
			c.int64s = data.Int64()
		} else if kind == parquet.Int32 {
			c.int32s = data.Int32()
		} else {
			c.floats = data.Double()
		}
	}
	return c.n - c.at
}

func (c *handColumn) index(i int) int {
	if c.ids != nil {
		return int(c.ids[i])
	}
	return i
}

func (c *handColumn) close() {
	if c.page != nil {
		parquet.Release(c.page)
	}
	_ = c.pages.Close()
}

func handOpen(b *testing.B, path string) (*parquet.File, func()) {
	b.Helper()
	f, err := os.Open(path)
	if err != nil {
		b.Error(err)
		return nil, nil
	}
	info, err := f.Stat()
	if err != nil {
		b.Error(err)
		return nil, nil
	}
	opened, err := parquet.OpenFile(f, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(256<<10))
	if err != nil {
		b.Error(err)
	}
	return opened, func() { _ = f.Close() }
}

func handPeople(b *testing.B, path string) (keys []int64, eligible []bool) {
	b.Helper()
	file, done := handOpen(b, path)
	defer done()
	for _, group := range file.RowGroups() {
		chunks := group.ColumnChunks()
		number, born, died := &handColumn{pages: chunks[0].Pages()}, &handColumn{pages: chunks[1].Pages()}, &handColumn{pages: chunks[2].Pages()}
		for {
			n := min(number.more(b), born.more(b), died.more(b))
			if n == 0 {
				break
			}
			for i := range n {
				keys = append(keys, number.int64s[number.index(number.at+i)])
				day := born.int32s[born.index(born.at+i)]
				is := day > -7032 && day <= 5752 // from 1950-10-02 to 1985-10-01
				if died.levels[died.at+i] == 1 {
					is = is && died.int32s[died.index(died.value)] > storedIndexDay
					died.value++
				}
				eligible = append(eligible, is)
			}
			number.at, born.at, died.at = number.at+n, born.at+n, died.at+n
		}
		number.close()
		born.close()
		died.close()
	}
	return keys, eligible
}

func handEvents(b *testing.B, path string, class map[int64]uint8, keys []int64, eligible []bool) (members int64) {
	b.Helper()
	file, done := handOpen(b, path)
	defer done()
	var whose int64
	var flags uint8
	var day int32
	var value float64
	at := 0
	flush := func() {
		if flags&3 == 1 && value >= 140 {
			for at < len(keys) && keys[at] < whose {
				at++
			}
			if at < len(keys) && keys[at] == whose && eligible[at] {
				members++
			}
		}
		flags, day, value = 0, math.MinInt32, 0
	}
	var classes []uint8
	var rows []int32
	for _, group := range file.RowGroups() {
		chunks := group.ColumnChunks()
		number, date, code, values := &handColumn{pages: chunks[0].Pages()}, &handColumn{pages: chunks[1].Pages()}, &handColumn{pages: chunks[2].Pages()}, &handColumn{pages: chunks[3].Pages()}
		var last parquet.Dictionary
		for {
			n := min(number.more(b), date.more(b), code.more(b), values.more(b))
			if n == 0 {
				break
			}
			if code.dict != last {
				last = code.dict
				classes = classes[:0]
				for _, c := range code.int64s {
					classes = append(classes, class[c])
				}
			}
			rows = rows[:0]
			if code.ids != nil {
				rows = slices.Grow(rows, n+1)[:n+1]
				k := 0
				for i, id := range code.ids[code.at : code.at+n] {
					rows[k] = int32(i)
					c := classes[id]
					k += int((c | c>>1 | c>>2) & 1)
				}
				rows = rows[:k]
			} else {
				for i, c := range code.int64s[code.at : code.at+n] {
					if class[c] != 0 {
						rows = append(rows, int32(i))
					}
				}
			}
			seen := 0
			for _, row := range rows {
				i := int(row)
				if who := number.int64s[number.index(number.at+i)]; who != whose {
					flush()
					whose = who
				}
				on := date.int32s[date.index(date.at+i)]
				if on >= storedIndexDay {
					continue
				}
				c := class4(code, classes, class, code.at+i)
				if c&1 != 0 && on >= 18536 {
					flags |= 1
				}
				flags |= c & 2
				if c&4 == 0 {
					continue
				}
				for ; seen < i; seen++ {
					values.value += int(values.levels[values.at+seen])
				}
				if values.levels[values.at+i] == 1 {
					if x := values.floats[values.index(values.value)]; on > day || on == day && x > value {
						day, value = on, x
					}
				}
			}
			for ; seen < n; seen++ {
				values.value += int(values.levels[values.at+seen])
			}
			number.at, date.at, code.at, values.at = number.at+n, date.at+n, code.at+n, values.at+n
		}
		number.close()
		date.close()
		code.close()
		values.close()
	}
	flush()
	return members
}

func class4(code *handColumn, classes []uint8, class map[int64]uint8, i int) uint8 {
	if code.ids != nil {
		return classes[code.ids[i]]
	}
	return class[code.int64s[i]]
}
