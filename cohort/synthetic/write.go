package synthetic

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/internal/durable"
)

// Format is a kind of file.
type Format uint8

// The formats. Parquet is compressed with snappy unless its name says otherwise.
const (
	Parquet Format = iota
	ParquetZstd
	CSV
)

// Files says how [Population.Write] writes. The zero value writes Parquet, on all cores.
type Files struct {
	Format Format
	// Parts is into how many ranges the people are split, each a file of every table; zero is one for every
	// 50,000 people, and at most 64; no more than 10,000. The bytes depend on it.
	Parts int
	// Workers is how many parts are written at a time; zero is one for each core. The bytes do not depend on it.
	Workers int
	// Shuffled writes people in no order, over all parts, and mixes the rows of some hundreds of them: as an
	// extract comes that nobody has sorted.
	Shuffled bool
	// Progress is called with what has been written so far, from one goroutine at a time.
	Progress func(Progress)
}

// Progress is how much has been written.
type Progress struct {
	// People is how many of all.
	People int
	// Rows is how many rows, in all tables; Events leaves out the table with one row a person.
	Rows, Events int64
}

// batchRows is how many rows of a table are gathered before they are written, and batchPeople how many people
// pass between two looks at the context. maxParts is how many have names of one length, which sort.
const (
	maxParts    = 10_000
	batchRows   = 4096
	batchPeople = 256
)

// Write writes every table of the population that has rows, see [Config.Rows], into a folder of its name in
// dir: person/part-0000.parquet, gpes.journal/part-0000.parquet. Files are sorted by person, the key first
// among the columns, and part i of every table has the same people, whose keys come after those of part i-1.
//
// A file has its name only when it is complete and on the disk; what an error or a context that ended
// interrupts leaves nothing under it. Files that were complete by then stay, so that a part may be there of some tables
// only. A folder of a table must not have any parts before. Memory does not depend on the number of people, but, up to a
// row group of every table and worker, on how many are in a part.
func (p *Population) Write(ctx context.Context, dir string, files Files) (Progress, error) {
	if files.Format > CSV || files.Parts < 0 || files.Parts > maxParts || files.Workers < 0 {
		return Progress{}, fmt.Errorf("synthetic: Write: Files has no such Format, a negative number, or more than %d Parts", maxParts)
	}
	if files.Parts == 0 {
		files.Parts = min(1+p.Len()/50_000, 64)
	}
	if files.Workers == 0 {
		files.Workers = runtime.GOMAXPROCS(0)
	}
	for _, t := range p.newGenerator().sheets {
		folder := filepath.Join(dir, t.table.Name())
		if err := os.MkdirAll(folder, 0o750); err != nil {
			return Progress{}, err
		}
		if old, err := filepath.Glob(filepath.Join(folder, "part-*")); err != nil || len(old) > 0 {
			return Progress{}, fmt.Errorf("synthetic: Write: %s has parts already: write into another folder", folder)
		}
	}
	return p.write(ctx, dir, files)
}

func (p *Population) write(ctx context.Context, dir string, files Files) (Progress, error) {
	w := &writing{Files: files, population: p, dir: dir}
	ctx, w.stop = context.WithCancelCause(ctx)
	defer w.stop(nil)
	parts := make(chan int)
	var workers sync.WaitGroup
	for range min(files.Workers, files.Parts) {
		workers.Go(func() {
			g := p.newGenerator()
			sinks := make([]sink, len(g.sheets))
			for part := range parts {
				if err := w.part(ctx, g, part, 0, sinks); err != nil {
					w.stop(err)
				}
			}
		})
	}
	for part := range files.Parts {
		select {
		case parts <- part:
		case <-ctx.Done():
		}
	}
	close(parts)
	workers.Wait()
	return w.done, context.Cause(ctx)
}

// writing is a population being written.
type writing struct {
	Files

	population *Population
	dir        string
	stop       context.CancelCauseFunc

	mu   sync.Mutex
	done Progress
}

// part writes one part of all tables from one on, into the worker's sinks, which are open for those before. So each
// file is inside the function that makes it durable.
func (w *writing) part(ctx context.Context, g *generator, part, table int, sinks []sink) error {
	if table == len(g.sheets) {
		return w.people(ctx, g, part, sinks)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s := g.sheets[table]
	name := fmt.Sprintf("part-%04d.parquet", part)
	if w.Format == CSV {
		name = fmt.Sprintf("part-%04d.csv", part)
	}
	return durable.WriteFile(filepath.Join(w.dir, s.table.Name(), name), func(out io.Writer) error {
		if sinks[table] != nil {
			sinks[table].reset(out)
		} else {
			to, err := w.sink(out, s)
			if err != nil {
				return err
			}
			sinks[table] = to
		}
		if err := w.part(ctx, g, part, table+1, sinks); err != nil {
			return err
		}
		return sinks[table].close()
	})
}

//nolint:ireturn // one of two
func (w *writing) sink(out io.Writer, s *sheet) (sink, error) {
	switch w.Format {
	case CSV:
		return newCSVSink(out, s), nil
	case ParquetZstd:
		return newParquetSink(out, s, format.Zstd, !w.Shuffled)
	case Parquet:
	}
	return newParquetSink(out, s, format.Snappy, !w.Shuffled)
}

// people writes the people of a part.
func (w *writing) people(ctx context.Context, g *generator, part int, sinks []sink) error {
	places := w.population.places()
	from, to := places*part/w.Parts, places*(part+1)/w.Parts
	step := 1
	if w.Shuffled {
		step = coprime(places)
	}
	mix := newDice(w.population.config.Seed, part, topicShuffle)
	written, since := 0, Progress{}
	flush := func(least int) error {
		for i, s := range g.sheets {
			if s.rows < least {
				continue
			}
			since.Rows += int64(s.rows)
			if i > 0 { // the first is that of people
				since.Events += int64(s.rows)
			}
			if w.Shuffled {
				s.shuffle(&mix)
			}
			if err := sinks[i].write(s); err != nil {
				return err
			}
		}
		since.People = written
		w.report(since)
		written, since = 0, Progress{}
		return nil
	}
	for _, s := range g.sheets {
		s.reset() // of a part that failed
	}
	for place := from; place < to; place++ {
		if i, ok := w.population.inhabitant(place * step % places); ok {
			g.person(i)
			written++
		}
		if written == batchPeople {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := flush(batchRows); err != nil {
				return err
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return flush(1)
}

// report adds to what is done.
func (w *writing) report(more Progress) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done.People += more.People
	w.done.Rows += more.Rows
	w.done.Events += more.Events
	if w.Progress != nil {
		w.Progress(w.done)
	}
}

// coprime returns a step that visits each of n places once, far from the one before.
func coprime(n int) int {
	for step := max(1, n*5/8); ; step++ {
		a, b := n, step
		for b > 0 {
			a, b = b, a%b
		}
		if a == 1 {
			return step
		}
	}
}
