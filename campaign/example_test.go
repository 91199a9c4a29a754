package campaign_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/personalised-prevention/nhs/campaign"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/governance"
)

// demonstration starts an NHS in this process, with a proposal that everybody has
// signed and rehearsed: what a programme has before its first Build.
func demonstration() (w *world, end func()) {
	dir, err := os.MkdirTemp("", "campaign")
	if err != nil {
		log.Panic(err)
	}
	w = newWorld(context.Background(), dir, log.Panic, options{})
	w.makeUnfit(w.members[0], campaign.Deceased)
	return w, func() {
		w.close()
		_ = os.RemoveAll(dir)
	}
}

// A campaign from its list to its account. The people who approve and release are
// played by the demonstration.
func Example() {
	programme, end := demonstration()
	defer end()
	ctx := context.Background()

	run, err := campaign.New(programme.config())
	if err != nil {
		log.Panic(err)
	}
	manifest, err := run.Build(ctx)
	if err != nil {
		log.Panic(err)
	}
	fmt.Println(manifest.Included, "people are on the list;", manifest.Exclusions)

	for _, stage := range []governance.Stage{governance.DryRun, governance.Pilot, governance.Ramp, governance.National} {
		programme.release(manifest, stage) // people sign for this list and this stage
		if err := run.Send(ctx, stage); err != nil {
			log.Panic(err)
		}
		programme.advance(deliveryDay) // NHS Notify delivers and calls back
		healthy, err := run.Settle(ctx, stage)
		if err != nil || !healthy {
			log.Panic(stage, " did not end well: ", err)
		}
	}
	fmt.Println(run.Outcome())
	// Output:
	// 23 people are on the list; [{deceased 1}]
	// approved=24 excluded=1 sent=23 delivered=23 failed=0 unaccounted=0
}

// Nothing is sent without the approvals of exactly this list and stage.
func ExampleCampaign_Send() {
	programme, end := demonstration()
	defer end()
	run, _ := programme.built()

	err := run.Send(context.Background(), governance.DryRun)
	fmt.Println(errors.Is(err, governance.ErrNotApproved))
	// Output: true
}

// After a restart the list and the account are there again.
func ExampleCampaign_Restore() {
	programme, end := demonstration()
	defer end()
	first, manifest := programme.built()
	programme.stage(first, manifest, governance.DryRun)
	programme.stage(first, manifest, governance.Pilot)

	run, err := campaign.New(programme.config()) // in another process
	if err != nil {
		log.Panic(err)
	}
	restored, err := run.Restore(context.Background())
	if err != nil {
		log.Panic(err)
	}
	fmt.Println(restored.Digest() == manifest.Digest())
	fmt.Println(run.Outcome())
	// Output:
	// true
	// approved=24 excluded=1 sent=6 delivered=6 failed=0 unaccounted=17
}

// The report is one page without links.
func ExampleReport_WriteHTML() {
	programme, end := demonstration()
	defer end()
	run, _ := programme.built()

	report, err := run.Report(cohort.HES())
	if err != nil {
		log.Panic(err)
	}
	var page strings.Builder
	if err := report.WriteHTML(&page); err != nil {
		log.Panic(err)
	}
	fmt.Println(report.Title, strings.HasPrefix(page.String(), "<!doctype html>"), strings.Contains(page.String(), "href"))
	// Output: Telling people about a service true false
}
