// Campaign is the SDK's main job from end to end, on invented people and services
// in this process: the mental-health example of NHS England's prevention
// discovery. People of an age and place who live with a long-term condition and
// have had no recent contact with Talking Therapies are found, checked, and told
// about it once, after everyone who must agree has signed.
//
//	go run ./examples/campaign -people 20000 -out out
//
// It writes out/report.html, what reviewers read in out/evidence, and out/audit.log
// with its checkpoints, which examples/verify checks. Its last line accounts for
// everybody. Run it twice with
// one seed and it says the same twice.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/personalised-prevention/nhs/governance"
)

// options are what the command line says.
type options struct {
	people int
	out    string
	seed   uint64
	log    string
	tests  string
}

func main() {
	var o options
	flag.IntVar(&o.people, "people", 20_000, "how many people to invent, 500 to 200,000")
	flag.StringVar(&o.out, "out", "out", "directory for the report, the audit log and the sealed lists")
	flag.Uint64Var(&o.seed, "seed", 7, "another seed, other people")
	flag.StringVar(&o.tests, "tests", "", "output of go test -json, to prove the controls of the full hazard log")
	flag.StringVar(&o.log, "log", "off", "what to log to standard error: off, info or debug (every request, without personal data)")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "campaign: arguments have names, such as -people:", flag.Args())
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "campaign:", err)
		os.Exit(1) //nolint:gocritic // stop has nothing left to do
	}
}

// run is the whole story, one chapter after the other.
func run(ctx context.Context, o options, out, logs io.Writer) error {
	if err := o.check(); err != nil {
		return err
	}
	logger, err := newLogger(o.log, logs)
	if err != nil {
		return err
	}
	if err := newDirectory(o.out); err != nil {
		return err
	}
	s := &story{options: o, out: out, logger: logger, clock: newClock()}
	defer s.close()
	for _, chapter := range []struct {
		title string
		tell  func(context.Context) error
	}{
		{"The services and their people", s.setUp},
		{"The definition", s.define},
		{"What it selects", s.selectPeople},
		{"The cohort file over MESH", s.deliverCohort},
		{"The proposal and its approvals", s.propose},
		{"A rehearsal with test people", s.rehearse},
		{"The list, checked against PDS", s.build},
		{"A dry run, a pilot, then everybody", s.send},
		{"The evidence", s.evidence},
		{"The account", s.report},
	} {
		s.say("\n== %s", chapter.title)
		start := time.Now()
		if err := chapter.tell(ctx); err != nil {
			return err
		}
		if err := s.cosign(); err != nil {
			return err
		}
		logger.InfoContext(ctx, chapter.title, "took", time.Since(start))
	}
	s.say("\n%s", s.campaign.Outcome())
	return nil
}

func (o options) check() error {
	if o.people < 500 || o.people > 200_000 {
		return fmt.Errorf("-people must be 500 to 200,000, not %d", o.people)
	}
	if o.out == "" {
		return errors.New("-out must name a directory")
	}
	return nil
}

func newLogger(level string, w io.Writer) (*slog.Logger, error) {
	levels := map[string]slog.Level{"info": slog.LevelInfo, "debug": slog.LevelDebug}
	if level == "off" {
		return slog.New(slog.DiscardHandler), nil
	}
	l, ok := levels[level]
	if !ok {
		return nil, fmt.Errorf("-log must be off, info or debug, not %q", level)
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: l})), nil
}

// newDirectory makes the output directory, and takes away what an earlier run of
// this program left there, by name and nothing else. A real campaign would go on
// from such files; the demonstration starts again.
func newDirectory(path string) error {
	if err := os.MkdirAll(path, 0o750); err != nil {
		return err
	}
	for _, pattern := range []string{
		governance.LogFile, "checkpoint-*.note", keysFile, witnessFile, reportFile, evidenceDir + "/*", evidenceDir, campaignDir + "/*/*.sealed",
		campaignDir + "/*/*.journal", campaignDir + "/*", campaignDir,
	} {
		found, err := filepath.Glob(filepath.Join(path, pattern))
		if err != nil {
			return err
		}
		for _, name := range found {
			if err := os.Remove(name); err != nil {
				return fmt.Errorf("-out holds files of something else: %w", err)
			}
		}
	}
	return nil
}

const (
	keysFile    = "auditor.keys" // the demonstration's: an auditor is given them by the people themselves
	witnessFile = "witness.note" // the witness's memory: in real life kept elsewhere
	reportFile  = "report.html"
	evidenceDir = "evidence"
	campaignDir = "campaign"
)
