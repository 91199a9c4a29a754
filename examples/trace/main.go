// Trace looks up a file of NHS numbers in PDS and writes what became of each to a
// CSV file, with progress. Interrupted, it goes on where it stopped: every row ends
// with a checkpoint.
//
//	go run ./examples/trace -people 500 -out traced.csv
//
// The numbers, and the PDS that knows them, are invented in this process; in a real
// program [nhs.NewApp] takes the place of the latter, and the rest stays as it is.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
)

// options are what the command line says.
type options struct {
	people    int
	out       string
	perSecond float64
}

func main() {
	var o options
	flag.IntVar(&o.people, "people", 500, "how many people to invent")
	flag.StringVar(&o.out, "out", "traced.csv", "file of results; one that exists is continued")
	flag.Float64Var(&o.perSecond, "rate", 100, "requests a second; PDS allows an application 5 unless agreed otherwise")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "trace:", err)
		os.Exit(1) //nolint:gocritic // stop has nothing left to do
	}
}

func run(ctx context.Context, o options, out io.Writer) error {
	people, err := invent(o.people)
	if err != nil {
		return err
	}
	services, app, err := serve(people, nhs.WithRate(nhs.PDS, nhs.Rate{PerSecond: o.perSecond}))
	if err != nil {
		return err
	}
	patients, err := pds.New(app)
	if err == nil {
		err = trace(ctx, patients, strings.NewReader(people.file), o.out, out)
	}
	return errors.Join(err, services.Close())
}

// trace is the program proper: a file of numbers, one a line, into a file of
// results.
func trace(ctx context.Context, patients *pds.Client, file io.ReadSeeker, results string, out io.Writer) error {
	total, err := countLines(file)
	if err != nil {
		return err
	}
	sheet, err := openSheet(results)
	if err != nil {
		return err
	}
	if err := fill(ctx, sheet, patients, file, total, out); err != nil {
		return errors.Join(err, sheet.close())
	}
	return sheet.close()
}

func fill(ctx context.Context, sheet *sheet, patients *pds.Client, file io.Reader, total int, out io.Writer) error {
	if sheet.rows > 0 {
		fmt.Fprintln(out, "going on after", sheet.rows, "people")
	}
	progress := pds.OnProgress(total, func(p pds.Progress) { report(out, p) })
	for r, err := range patients.Trace(ctx, numbers(file), pds.Resume(sheet.checkpoint), progress) {
		if err != nil {
			return fmt.Errorf("%w; run again to go on", err)
		}
		if err := sheet.write(r); err != nil {
			return err
		}
	}
	return nil
}

// numbers reads the file line by line, without the spaces and the byte order mark
// that spreadsheets leave. What is no NHS number goes on as an error that belongs
// to its line.
func numbers(file io.Reader) iter.Seq2[nhs.Number, error] {
	return func(yield func(nhs.Number, error) bool) {
		lines := bufio.NewScanner(file)
		for lines.Scan() {
			text := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
			if !yield(nhs.ParseNumber(text)) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(nhs.Number{}, err)
		}
	}
}

func countLines(file io.ReadSeeker) (int, error) {
	lines, n := bufio.NewScanner(file), 0
	for lines.Scan() {
		n++
	}
	_, err := file.Seek(0, io.SeekStart)
	return n, errors.Join(lines.Err(), err)
}

// report prints progress now and then, and at the end.
func report(out io.Writer, p pds.Progress) {
	if p.Done%100 != 0 && p.Done != p.Total {
		return
	}
	fmt.Fprintf(out, "%d of %d", p.Done, p.Total)
	for _, outcome := range []pds.TraceOutcome{
		pds.TraceFound, pds.TraceSuperseded, pds.TraceRestricted, pds.TraceDead, pds.TraceNotFound, pds.TraceInvalid, pds.TraceFailed,
	} {
		fmt.Fprintf(out, ", %s %d", outcome, p.Outcomes[outcome])
	}
	fmt.Fprintf(out, ", %v left\n", p.Left.Round(time.Second))
}
