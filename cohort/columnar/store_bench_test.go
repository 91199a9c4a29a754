package columnar_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/columnar"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// What the benchmark asks: aged 40 to 74, one of 200 codes in five years, none of 300 ever, the last pressure at least
// 140, and alive.
const (
	benchPeople    = 400_000
	benchFiles     = 4
	benchCodes     = 50_000
	pressure       = 271649006
	storedIndexDay = 20362 // 2025-10-01, since 1970
)

// benchCode returns a SNOMED CT concept by how common it is.
func benchCode(rank int) int64 {
	if rank == 3 {
		return pressure
	}
	// The last digit is that of Verhoeff's scheme.
	multiply := func(a, b int64) int64 {
		if a < 5 && b < 5 {
			return (a + b) % 5
		}
		if a < 5 {
			return (a+b)%5 + 5
		}
		if b < 5 {
			return (a-b+5)%5 + 5
		}
		return (a - b + 5) % 5
	}
	permuted := []int64{1, 5, 7, 6, 2, 8, 3, 0, 9, 4}
	body := (int64(rank) + 1000) * 100
	check := int64(0)
	for i, rest := 1, body; rest > 0; i, rest = i+1, rest/10 {
		digit := rest % 10
		for range i % 8 {
			digit = permuted[digit]
		}
		check = multiply(check, digit)
	}
	if check > 0 && check < 5 {
		check = 5 - check
	}
	return body*10 + check
}

func benchSets() (included, excluded []string) {
	for i := range 200 {
		included = append(included, fmt.Sprint(benchCode(300+10*i)))
	}
	for i := range 300 {
		excluded = append(excluded, fmt.Sprint(benchCode(4000+30*i)))
	}
	return included, excluded
}

func benchPlan(b *testing.B) *cohort.Plan {
	b.Helper()
	list := func(id string, codes ...string) *codelist.List {
		l, err := codelist.New(codelist.Info{ID: id, Version: "1", System: codelist.SNOMEDCT, Source: "invented"}, codes...)
		if err != nil {
			b.Fatal(err)
		}
		return l
	}
	included, excluded := benchSets()
	upTo := gpes.Date.Before(cohort.Index)
	definition, err := cohort.New("reference-question", "1",
		cohort.Include("aged 40 to 74", person.AgeOn(cohort.Index).Between(40, 74)).IfUnknown(cohort.TreatAsNo),
		cohort.Include("diagnosed", gpes.Journal.Where(gpes.Code.In(list("included", included...)), gpes.Date.Within(cohort.Years(5), cohort.Index), upTo).Exists()),
		cohort.Exclude("excluded", gpes.Journal.Where(gpes.Code.In(list("excluded", excluded...)), upTo).Exists()),
		cohort.Include("pressure", cohort.Latest(gpes.Journal.Where(gpes.Code.In(list("pressure", fmt.Sprint(pressure))), gpes.Value1.Known(), upTo), gpes.Value1).AtLeast(140)).IfUnknown(cohort.TreatAsNo),
		cohort.Exclude("dead", person.DeadOn(cohort.Index)).IfUnknown(cohort.TreatAsNo))
	if err != nil {
		b.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-10-01")))
	if err != nil {
		b.Fatal(err)
	}
	return plan
}

// benchStore writes people and their entries.
func benchStore(b *testing.B, codec format.CompressionCodec) string {
	b.Helper()
	dir := b.TempDir()
	var writing sync.WaitGroup
	for part := range benchFiles {
		writing.Go(func() { writeBenchPart(b, dir, part, codec) })
	}
	writing.Wait()
	return dir
}

func writeBenchPart(b *testing.B, dir string, part int, codec format.CompressionCodec) {
	random := rand.New(rand.NewPCG(7, uint64(part)))
	all := make([]int64, benchCodes)
	for rank := range all {
		all[rank] = benchCode(rank)
	}
	first := 9_990_000_000 + int64(part)*benchPeople/benchFiles
	integer := flatfile.Column{Type: format.Int64}
	date := flatfile.Column{Type: format.Int32, Logical: new(format.DateType), Optional: true}
	text := flatfile.Column{Type: format.ByteArray, Logical: new(format.StringType), Optional: true}
	named := func(c flatfile.Column, name string) flatfile.Column { c.Name = name; return c }
	people := create(b, filepath.Join(dir, "person", fmt.Sprintf("part-%d.parquet", part)), codec,
		named(integer, "nhs_number"), named(date, "date_of_birth"), named(date, "date_of_death"), named(text, "death_status"))
	entries := create(b, filepath.Join(dir, "gpes.journal", fmt.Sprintf("part-%d.parquet", part)), codec,
		named(integer, "NHS_NUMBER"), named(date, "DATE"), named(integer, "CODE"), flatfile.Column{Name: "VALUE1_CONDITION", Type: format.Double, Optional: true},
		named(date, "RECORD_DATE"), flatfile.Column{Name: "VALUE2_CONDITION", Type: format.Double, Optional: true},
		flatfile.Column{Name: "VALUE1_PRESCRIPTION", Type: format.Double, Optional: true}, flatfile.Column{Name: "VALUE2_PRESCRIPTION", Type: format.Double, Optional: true},
		named(text, "EPISODE_CONDITION"), named(text, "EPISODE_PRESCRIPTION"), named(text, "PRACTICE"))
	for i := range int64(benchPeople / benchFiles) {
		born := int32(storedIndexDay - random.IntN(90*365))
		people.Columns[0].Integers([]int64{first + i}, nil)
		people.Columns[1].Int32s([]int32{born}, nil)
		people.Columns[2].Int32s([]int32{storedIndexDay - random.Int32N(3000)}, []bool{random.IntN(20) > 0})
		people.Columns[3].Null(1)
		people.EndBatch(1)
		n := random.IntN(39)
		entries.Columns[0].Integer(first+i, n)
		var dates []int32
		var codes []int64
		var values []float64
		null := make([]bool, n)
		for j := range n {
			rank := int(math.Exp(random.Float64()*math.Log(benchCodes))) - 1
			code := all[rank]
			dates, codes, values = append(dates, 12784+random.Int32N(7669)), append(codes, code), append(values, float64(90+random.IntN(100)))
			null[j] = code != pressure && random.IntN(4) > 0
		}
		entries.Columns[1].Int32s(dates, nil)
		entries.Columns[2].Integers(codes, nil)
		entries.Columns[3].Doubles(values, null)
		entries.Columns[4].Int32s(dates, nil)
		for _, empty := range entries.Columns[5:10] {
			empty.Null(n)
		}
		entries.Columns[10].Text("A99001", n)
		entries.EndBatch(n)
	}
	if err := errors.Join(people.Close(), entries.Close()); err != nil {
		b.Error(err)
	}
}

func create(b *testing.B, path string, codec format.CompressionCodec, columns ...flatfile.Column) *flatfile.ColumnWriter {
	b.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = f.Close() })
	w, err := flatfile.NewColumnWriter(f, columns, flatfile.Layout{Codec: codec})
	if err != nil {
		b.Fatal(err)
	}
	return w
}

// BenchmarkStore asks the reference question of a store, and has it answered by hand over the pages of the Parquet
// library; the two are to be compared in one run.
func BenchmarkStore(b *testing.B) {
	for name, codec := range map[string]format.CompressionCodec{"snappy": format.Snappy, "zstd": format.Zstd} {
		dir := benchStore(b, codec)
		plan := benchPlan(b)
		members := 0
		b.Run(name+"/store", func(b *testing.B) {
			for b.Loop() {
				s, err := columnar.Open(dir)
				if err != nil {
					b.Fatal(err)
				}
				result, err := columnar.Run(b.Context(), plan, s, columnar.OutcomesOnly())
				if err != nil {
					b.Fatal(err)
				}
				members = result.Members()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchPeople, "ns/person")
		})
		b.Run(name+"/hand-written", func(b *testing.B) {
			for b.Loop() {
				if n := handWritten(b, dir); n != members {
					b.Fatalf("%d members, and %d by hand", members, n)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchPeople, "ns/person")
		})
	}
}

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
		switch page.Type().Kind() {
		case parquet.Int64:
			c.int64s = data.Int64()
		case parquet.Int32:
			c.int32s = data.Int32()
		default:
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
	file, done := handOpen(b, path)
	defer done()
	var person int64
	var flags uint8
	var day int32
	var value float64
	at := 0
	flush := func() {
		if flags&3 == 1 && value >= 140 {
			for at < len(keys) && keys[at] < person {
				at++
			}
			if at < len(keys) && keys[at] == person && eligible[at] {
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
				if who := number.int64s[number.index(number.at+i)]; who != person {
					flush()
					person = who
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
