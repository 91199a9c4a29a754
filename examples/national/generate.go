package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/columnar"
	"github.com/personalised-prevention/nhs/cohort/library"
	"github.com/personalised-prevention/nhs/cohort/synthetic"
)

// generate writes the population, sorted by person, and opens it as a store.
func generate(ctx context.Context, o options, day cohort.Date, out io.Writer) (*columnar.Store, error) {
	population, err := synthetic.New(synthetic.Config{Seed: o.seed, People: o.people, On: day, Rows: synthetic.National().Times(o.rows)})
	if err != nil {
		return nil, err
	}
	dir := storeIn(o)
	if err := os.RemoveAll(dir); err != nil { // of the time before
		return nil, err
	}
	begun := time.Now()
	written, err := population.Write(ctx, dir, synthetic.Files{})
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(out, "%d people with %d rows are in %s.\n%s\n", written.People, written.Rows, dir, pace(written.People, written.Rows, begun))
	return columnar.Open(dir)
}

func storeIn(o options) string { return filepath.Join(o.out, "store") }

// published makes the plan of a cohort of the library.
func published(id string, day cohort.Date) (*cohort.Plan, error) {
	for _, entry := range library.Catalogue() {
		if entry.ID == id {
			return entry.Plan(day)
		}
	}
	return nil, fmt.Errorf("the library has no cohort %s", id)
}

// pace says how fast something went and how much memory the program has taken so far.
func pace(people int, rows int64, begun time.Time) string {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	took := time.Since(begun)
	return fmt.Sprintf("%v: %.0f people and %.1f million rows a second; %d MB of memory",
		took.Round(time.Millisecond), float64(people)/took.Seconds(), float64(rows)/took.Seconds()/1e6, memory.Sys>>20)
}
