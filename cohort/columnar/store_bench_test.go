package columnar_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

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
		included = append(included, strconv.FormatInt(benchCode(300+10*i), 10))
	}
	for i := range 300 {
		excluded = append(excluded, strconv.FormatInt(benchCode(4000+30*i), 10))
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
		cohort.Include("pressure", cohort.Latest(gpes.Journal.Where(gpes.Code.In(list("pressure", strconv.Itoa(pressure))), gpes.Value1.Known(), upTo), gpes.Value1).AtLeast(140)).IfUnknown(cohort.TreatAsNo),
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
	b.Helper()
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

// BenchmarkIndex asks the reference question, and one code alone, of a store with and without its index.
func BenchmarkIndex(b *testing.B) {
	dir := benchStore(b, format.Snappy)
	s := openBench(b, dir)
	questions := map[string]*cohort.Plan{"question": benchPlan(b), "one-code": oneCode(b)}
	for name, plan := range questions {
		b.Run(name+"/by-person", func(b *testing.B) { runBench(b, s, plan) })
	}
	if err := columnar.Index(b.Context(), s, []*cohort.Table{gpes.Table()}); err != nil {
		b.Fatal(err)
	}
	s = openBench(b, dir)
	for name, plan := range questions {
		b.Run(name+"/by-code", func(b *testing.B) { runBench(b, s, plan) })
	}
}

func openBench(b *testing.B, dir string) *columnar.Store {
	b.Helper()
	s, err := columnar.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func runBench(b *testing.B, s *columnar.Store, plan *cohort.Plan) {
	b.Helper()
	for b.Loop() {
		if _, err := columnar.Run(b.Context(), plan, s, columnar.OutcomesOnly()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchPeople, "ns/person")
}

// oneCode asks who has one code, which about one person in a hundred has.
func oneCode(b *testing.B) *cohort.Plan {
	b.Helper()
	list, err := codelist.New(codelist.Info{ID: "one", Version: "1", System: codelist.SNOMEDCT, Source: "invented"}, strconv.FormatInt(benchCode(150), 10))
	if err != nil {
		b.Fatal(err)
	}
	definition, err := cohort.New("one-code", "1", cohort.Include("has it", gpes.Journal.Where(gpes.Code.In(list)).Exists()))
	if err != nil {
		b.Fatal(err)
	}
	plan, err := definition.Bind()
	if err != nil {
		b.Fatal(err)
	}
	return plan
}
