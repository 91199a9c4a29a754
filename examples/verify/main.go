// Verify is what an auditor runs: it checks the audit log of a campaign offline, from
// its files and from keys that the auditor was given, and prints what it proved.
//
//	go run ./examples/campaign -out out
//	go run ./examples/verify -dir out -keys auditor.keys
//
// It ends with status 1 if anything is not as it should be: a byte of a file changed,
// a signature that does not count, or a batch that was not covered by every gate when
// it was authorised.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/personalised-prevention/nhs/governance"
)

const keysFile = "auditor.keys"

func main() {
	dir := flag.String("dir", ".", "directory with the audit log and its checkpoints")
	keys := flag.String("keys", "", "file with the keys to trust; an auditor brings their own, the default is the demonstration's in -dir")
	batches := flag.Bool("batches", false, "list every batch with the approvals that covered it")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *dir, *keys, *batches, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "verify:", err)
		os.Exit(1) //nolint:gocritic // stop has nothing left to do
	}
}

var errNotProved = errors.New("the log is not proved")

func run(ctx context.Context, dir, keysPath string, batches bool, out io.Writer) error {
	if keysPath == "" {
		keysPath = filepath.Join(dir, keysFile)
		_, _ = fmt.Fprintln(out, "The keys are those beside the log, which is fine for a demonstration and proves nothing to an auditor.")
	}
	text, err := os.ReadFile(keysPath) //nolint:gosec // the file the user names
	if err != nil {
		return err
	}
	keys, err := governance.ParseAuditKeys(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", keysPath, err)
	}
	report, err := governance.AuditDirectory(ctx, dir, keys)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprint(out, report)
	if batches {
		list(report, out)
	}
	if !report.Proved() {
		return errNotProved
	}
	return nil
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
