package caas_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/gzip"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
)

// invented returns people with most of the 38 columns filled, as in the published
// files.
func invented(n int) []caas.Record {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	on := func(from, years int) nhs.Date {
		d, _ := nhs.DateOf(from+r.IntN(years), time.Month(1+r.IntN(12)), 1+r.IntN(28))
		return d
	}
	people := make([]caas.Record, n)
	for i := range people {
		p := caas.Record{
			Type: caas.Add, Number: number(i), ChangeTimestamp: 20240524000000 + r.Int64N(235959), SerialChangeNumber: int64(r.IntN(400)),
			PrimaryCareProvider: fmt.Sprintf("G8%04d", r.IntN(6000)), PrimaryCareProviderFrom: on(2000, 24),
			CurrentPosting: "BAA", CurrentPostingFrom: on(2000, 24), NamePrefix: pick("Mrs", "Ms", "Miss"),
			GivenName:  pick("Ann", "Herb", "Margaret", "Susan", "Patricia", "Christine", "Linda", "Jean", "Olga", "Zoe"),
			FamilyName: pick("Houlaghan", "Smith", "Jones", "Taylor", "Brown", "Williams", "Wilson", "Johnson", "Davies", "Patel"),
			BirthDate:  on(1950, 30), Gender: caas.GenderFemale,
			Postcode: fmt.Sprintf("LS%d %dA%c", r.IntN(30), r.IntN(9), 'A'+rune(r.IntN(20))), PAFKey: fmt.Sprintf("%08d", r.IntN(1e8)), AddressFrom: on(2000, 24),
			MobileTelephone: fmt.Sprintf("07%09d", r.IntN(1e9)), MobileTelephoneFrom: on(2015, 9), PreferredLanguage: "en",
			InterpreterRequired: new(false), Invalid: new(false), Eligible: new(true),
		}
		p.AddressLines = [5]string{fmt.Sprintf("%d Spaight Road", r.IntN(400)), "", "Otley", "Leeds", "West Yorkshire"}
		if i%2 == 0 {
			p.Email, p.EmailFrom = fmt.Sprintf("p%d@example.org", r.IntN(1e7)), on(2015, 9)
			p.HomeTelephone, p.HomeTelephoneFrom = fmt.Sprintf("01%09d", r.IntN(1e9)), on(2000, 24)
		}
		if i%10 == 0 {
			p.PreviousFamilyName, p.OtherGivenName = pick("Smith", "Jones"), "Jane"
		}
		people[i] = p
	}
	return people
}

// versus runs ours and the peer in turns, on n people each time, and reports the
// median of the peer's times to that of ours, and ours as people a second.
func versus(b *testing.B, n int, ours, peer func() error) {
	b.Helper()
	b.ReportAllocs()
	var times [2][]float64
	for b.Loop() {
		for i, f := range []func() error{ours, peer} {
			start := time.Now()
			if err := f(); err != nil {
				b.Fatal(err)
			}
			times[i] = append(times[i], time.Since(start).Seconds())
		}
	}
	median := func(times []float64) float64 {
		slices.Sort(times)
		return times[len(times)/2]
	}
	b.ReportMetric(median(times[1])/median(times[0]), "x-peer")
	b.ReportMetric(float64(n)/median(times[0]), "people/s")
}

// BenchmarkRead reads a file of 100,000 people. The peer takes the same pages out
// of their compression and encoding with the Parquet library, column by column,
// and does nothing with what it finds.
func BenchmarkRead(b *testing.B) {
	const n = 100_000
	content := file(b, invented(n)...)
	versus(b, n, func() error { return readAll(content, n) }, func() error { return readPages(content, n) })
}

func readAll(content []byte, n int) error {
	f, err := caas.OpenFile(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return err
	}
	for _, err := range f.Records() {
		if err != nil {
			return err
		}
		n--
	}
	if n != 0 {
		return fmt.Errorf("%d people too few", n)
	}
	return nil
}

func readPages(content []byte, n int) error {
	f, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return err
	}
	values := make([]parquet.Value, 1024)
	left := n * len(f.Root().Columns())
	for _, group := range f.RowGroups() {
		for _, chunk := range group.ColumnChunks() {
			pages := chunk.Pages()
			for {
				page, err := pages.ReadPage()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					return err
				}
				for reader := page.Values(); ; {
					n, err := reader.ReadValues(values)
					left -= n
					if err != nil {
						break
					}
				}
				parquet.Release(page)
			}
			if err := pages.Close(); err != nil {
				return err
			}
		}
	}
	if left != 0 {
		return fmt.Errorf("%d values too few", left)
	}
	return nil
}

// BenchmarkWrite writes 100,000 people. The peer hands values that are ready to
// the Parquet library's writer, column by column, in the same encoding and codec.
func BenchmarkWrite(b *testing.B) {
	const n = 100_000
	people := invented(n)
	content := file(b, people...)
	columns, options := ready(b, content)
	versus(b, n, func() error {
		w := caas.NewWriter(io.Discard)
		for i := range people {
			if err := w.Write(people[i]); err != nil {
				return err
			}
		}
		return w.Close()
	}, func() error {
		w := parquet.NewGenericWriter[any](io.Discard, options...)
		for i, c := range w.ColumnWriters() {
			for values := range slices.Chunk(columns[i], 256) {
				if _, err := c.WriteRowValues(values); err != nil {
					return err
				}
			}
		}
		return w.Close()
	})
}

// ready returns the values of a file by column, and how to write them.
func ready(b *testing.B, content []byte) (columns [][]parquet.Value, options []parquet.WriterOption) {
	b.Helper()
	f, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		b.Fatal(err)
	}
	group := parquet.Group{}
	byName := slices.SortedFunc(slices.Values(f.Root().Columns()), func(a, b *parquet.Column) int { return strings.Compare(a.Name(), b.Name()) })
	for _, c := range byName { // as the library sorts them
		group[c.Name()] = parquet.Optional(parquet.Encoded(parquet.Leaf(c.Type()), &parquet.Plain))
		options = append(options, parquet.SkipPageBounds(c.Name()))
		var values []parquet.Value
		for pages := c.Pages(); ; {
			page, err := pages.ReadPage()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			of := make([]parquet.Value, page.NumValues())
			if _, err := page.Values().ReadValues(of); err != nil && !errors.Is(err, io.EOF) {
				b.Fatal(err)
			}
			for _, v := range of {
				values = append(values, v.Clone())
			}
		}
		columns = append(columns, values)
	}
	return columns, append(options, parquet.NewSchema("cohort", group),
		parquet.Compression(&gzip.Codec{Level: gzip.BestSpeed}), parquet.DataPageVersion(1))
}

// BenchmarkGrowth shows that memory does not grow with the file beyond the numbers
// that have been seen, and that time grows with it in proportion.
func BenchmarkGrowth(b *testing.B) {
	for _, n := range []int{9_000, 90_000, 900_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			people := invented(10_000)
			var out bytes.Buffer
			w := caas.NewWriter(&out)
			for i := range n {
				p := people[i%len(people)]
				p.Number = number(i % 300_000) // there are few more test numbers
				p.Type = []caas.RecordType{caas.Add, caas.Amend, caas.Delete}[i/300_000]
				if err := w.Write(p); err != nil {
					b.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				b.Fatal(err)
			}
			var held uint64
			for b.Loop() {
				held = max(held, readHolding(b, out.Bytes()))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/person")
			b.ReportMetric(float64(held)/(1<<20), "MB-held")
			b.ReportMetric(float64(out.Len())/(1<<20), "MB-file")
		})
	}
}

// readHolding reads a file and returns how much memory that holds at its end.
func readHolding(b *testing.B, content []byte) uint64 {
	b.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	f := open(b, content)
	left := f.Rows()
	for _, err := range f.Records() {
		if err != nil {
			b.Fatal(err)
		}
		if left--; left == 0 {
			b.StopTimer()
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.StartTimer()
		}
	}
	return after.HeapAlloc - min(before.HeapAlloc, after.HeapAlloc)
}
