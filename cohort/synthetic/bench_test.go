package synthetic_test

import (
	"io"
	"path/filepath"
	"sync"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/personalised-prevention/nhs/cohort/synthetic"
)

func writeAll(b *testing.B, config synthetic.Config, files synthetic.Files) {
	b.Helper()
	pop, events := population(b, config), int64(0)
	for b.Loop() {
		done, err := pop.Write(b.Context(), b.TempDir(), files)
		if err != nil {
			b.Fatal(err)
		}
		events += done.Events
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds()/1e6, "Mevents/s")
}

// Every table of the catalogues, on all cores, with as many rows as in England and with 19 a person; and people with a
// journal of 19 rows, as the benchmarks of engines ask about.
func BenchmarkWrite(b *testing.B) {
	b.Run("national", func(b *testing.B) {
		writeAll(b, synthetic.Config{Seed: 1, People: 10_000, Rows: synthetic.National()}, synthetic.Files{Parts: 2})
	})
	b.Run("19-events", func(b *testing.B) {
		writeAll(b, synthetic.Config{Seed: 1, People: 100_000, Rows: synthetic.National().Times(0.06)}, synthetic.Files{Parts: 2})
	})
	b.Run("19-entries", func(b *testing.B) {
		writeAll(b, synthetic.Config{Seed: 1, People: 100_000, Rows: synthetic.Rows{"person": 1, "gpes.journal": 19}}, synthetic.Files{Parts: 2})
	})
	b.Run("national-csv", func(b *testing.B) {
		writeAll(b, synthetic.Config{Seed: 1, People: 2000, Rows: synthetic.National()}, synthetic.Files{Parts: 2, Format: synthetic.CSV})
	})
}

// entry is a row of the journal as a program would declare it.
type entry struct {
	Key          int64    `parquet:"NHS_NUMBER,dict"`
	Date         *int32   `parquet:"DATE,optional,dict,date"`
	RecordDate   *int32   `parquet:"RECORD_DATE,optional,dict,date"`
	Code         *string  `parquet:"CODE,optional,dict"`
	Sensitive    *string  `parquet:"SENSITIVE_CODE,optional,dict"`
	Episode      *string  `parquet:"EPISODE_CONDITION,optional,dict"`
	Prescription *string  `parquet:"EPISODE_PRESCRIPTION,optional,dict"`
	Value1       *float64 `parquet:"VALUE1_CONDITION,optional,dict"`
	Value2       *float64 `parquet:"VALUE2_CONDITION,optional,dict"`
	Quantity     *float64 `parquet:"VALUE1_PRESCRIPTION,optional,dict"`
	Daily        *float64 `parquet:"VALUE2_PRESCRIPTION,optional,dict"`
	Links        *string  `parquet:"LINKS,optional"`
	Practice     *string  `parquet:"PRACTICE,optional,dict"`
	Supplier     *string  `parquet:"GP_SYSTEM_SUPPLIER,optional,dict"`
	Extract      *int32   `parquet:"REPORTING_PERIOD_END_DATE,optional,dict,date"`
	Sex          *string  `parquet:"SEX,optional,dict"`
	Ethnicity    *string  `parquet:"ETHNIC,optional,dict"`
	Area         *string  `parquet:"LSOA,optional,dict"`
	Journal      *int32   `parquet:"JOURNAL_REPORTING_PERIOD_END_DATE,optional,dict,date"`
	Processed    *int32   `parquet:"PROCESSED_TIMESTAMP,optional,dict,date"`
	Born         *int32   `parquet:"DATE_OF_BIRTH,optional,dict,date"`
	MonthBorn    *string  `parquet:"YEAR_MONTH_OF_BIRTH,optional,dict"`
	YearBorn     *float64 `parquet:"YEAR_OF_BIRTH,optional,dict"`
	Died         *int32   `parquet:"DATE_OF_DEATH,optional,dict,date"`
	YearDied     *float64 `parquet:"YEAR_OF_DEATH,optional,dict"`
}

// The journal alone: made and written, against rows that are there already, only written, by the struct writer of
// parquet-go on as many goroutines.
func BenchmarkJournal(b *testing.B) {
	config := synthetic.Config{Seed: 1, People: 4000, Rows: synthetic.Rows{"person": 1, "gpes.journal": 238}}
	b.Run("made-and-written", func(b *testing.B) { writeAll(b, config, synthetic.Files{Parts: 2, Workers: 2}) })
	b.Run("struct-writer", func(b *testing.B) {
		dir := b.TempDir()
		if _, err := population(b, config).Write(b.Context(), dir, synthetic.Files{Parts: 2}); err != nil {
			b.Fatal(err)
		}
		names, err := filepath.Glob(filepath.Join(dir, "gpes.journal", "*"))
		if err != nil {
			b.Fatal(err)
		}
		var rows [][]entry
		n := 0
		for _, name := range names {
			of, err := parquet.ReadFile[entry](name)
			if err != nil {
				b.Fatal(err)
			}
			rows = append(rows, of)
			n += len(of)
		}
		for b.Loop() {
			var workers sync.WaitGroup
			for _, of := range rows {
				workers.Go(func() {
					w := parquet.NewGenericWriter[entry](io.Discard, parquet.Compression(&parquet.Snappy))
					if _, err := w.Write(of); err != nil {
						b.Error(err)
					}
					if err := w.Close(); err != nil {
						b.Error(err)
					}
				})
			}
			workers.Wait()
		}
		b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mevents/s")
	})
}
