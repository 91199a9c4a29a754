// Verify is what an auditor runs: it checks the audit log of a campaign offline, from
// its files and from keys that the auditor was given, and prints what it proved.
//
//	go run ./examples/campaign
//	go run ./examples/verify -keys auditor.keys -witness witness.note
//
// It ends with status 1 if anything is not as it should be: a byte of a file changed,
// a signature that does not count, or a batch that was not covered by every gate when
// it was authorised. It checks the log, its checkpoints, and what reviewers read: the
// report and the evidence are there as the log says, and nothing was added to them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/personalised-prevention/nhs/governance"
)

const (
	keysFile    = "auditor.keys"
	witnessFile = "witness.note"
)

func main() {
	dir := flag.String("dir", "out", "directory with the audit log and its checkpoints")
	keys := flag.String("keys", "", "file with the keys to trust; an auditor brings their own, the default is the demonstration's in -dir")
	witness := flag.String("witness", "", "file with the checkpoint the witness co-signed last, from the witness; the default is the demonstration's in -dir, if there")
	batches := flag.Bool("batches", false, "list every batch with the approvals that covered it")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, options{dir: *dir, keys: *keys, witness: *witness, batches: *batches}, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "verify:", err)
		os.Exit(1) //nolint:gocritic // stop has nothing left to do
	}
}

var errNotProved = errors.New("the log is not proved")

type options struct {
	dir, keys, witness string
	batches            bool
}

func run(ctx context.Context, o options, out io.Writer) error {
	if o.keys == "" {
		o.keys = filepath.Join(o.dir, keysFile)
		_, _ = fmt.Fprintln(out, "The keys are those beside the log, which is fine for a demonstration and proves nothing to an auditor.")
	}
	text, err := os.ReadFile(o.keys)
	if err != nil {
		return err
	}
	keys, err := governance.ParseAuditKeys(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", o.keys, err)
	}
	seen, err := o.seen()
	if err != nil {
		return err
	}
	report, err := governance.AuditDirectory(ctx, o.dir, keys, seen...)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprint(out, report)
	if o.batches {
		list(report, out)
	}
	if !report.Proved() {
		return errNotProved
	}
	return nil
}

// seen returns what the witness has seen last. Without it nobody can tell that the whole directory was put
// back to an earlier day.
func (o options) seen() ([][]byte, error) {
	path := o.witness
	if path == "" {
		path = filepath.Join(o.dir, witnessFile)
	}
	signed, err := os.ReadFile(path) //nolint:gosec // the file the user names
	if o.witness == "" && errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return [][]byte{signed}, err
}

// list prints each batch and where the approvals that covered it are in the log.
func list(report *governance.AuditReport, out io.Writer) {
	for _, b := range report.Batches {
		_, _ = fmt.Fprintf(out, "entry %d, %s: %s, %d people\n", b.Entry, b.At.Format("2006-01-02 15:04 MST"), b.Reference, b.Recipients)
		for _, g := range b.Gates {
			people := make([]string, len(g.People))
			for i, p := range g.People {
				people[i] = string(p)
			}
			_, _ = fmt.Fprintf(out, "  %-10s %s, entries %d\n", g.Gate, strings.Join(people, ", "), g.Entries)
		}
	}
}
