package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/campaign"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/pds"
)

// newCampaign makes a campaign of the proposal for some people.
func (s *story) newCampaign(name string, people []nhs.Number, attrition *cohort.Attrition) (*campaign.Campaign, error) {
	return campaign.New(campaign.Config{
		Proposal: s.proposal, Authority: s.authority,
		Definition: s.plan, Attrition: attrition, Members: each(people), Snapshots: s.snapshots(), Sentinels: sentinels(),
		Screens:  map[campaign.Reason]campaign.Screen{campaign.Objected: objections(s.clock.Now)},
		Patients: s.patients, Messages: s.messages, Book: &s.book, Compose: compose,
		Dir: s.path(campaignDir) + "/" + name, Key: s.secret("campaign"), Random: s.random("seal " + name), Now: s.clock.Now,
		Progress: func(p campaign.Progress) { s.logger.Info("progress", "step", p.Step, "done", p.Done, "total", p.Total) },
	})
}

// compose fills in the template for one person.
func compose(p *pds.Patient) map[string]any {
	practice := p.GeneralPractice()
	if practice == "" {
		practice = "your GP practice"
	}
	return map[string]any{"practice": practice}
}

// rehearse runs every step with test people, before any real record is used.
func (s *story) rehearse(ctx context.Context) error {
	test, err := s.newCampaign("rehearsal", rehearsal(), nil)
	if err != nil {
		return err
	}
	manifest, err := test.Build(ctx)
	if err != nil {
		return err
	}
	if err := s.stage(ctx, test, manifest, governance.Synthetic); err != nil {
		return err
	}
	s.say("%s", test.Outcome())
	return nil
}

// build checks everybody against PDS, and seals the list.
func (s *story) build(ctx context.Context) error {
	var err error
	if s.campaign, err = s.newCampaign("everybody", s.members, s.attrition); err != nil {
		return err
	}
	manifest, err := s.campaign.Build(ctx)
	if err != nil {
		return err
	}
	s.say("%d people are on the sealed list, %s", manifest.Included, manifest.Digest())
	for _, e := range manifest.Exclusions {
		s.say("  left out: %-20s %d", e.Reason, e.Count)
	}
	for _, c := range manifest.Sentinels {
		s.say("  sentinels caught: %-12s %d of %d", c.Kind, c.Caught, c.Planted)
	}
	if err := s.campaign.Send(ctx, governance.Pilot); !errors.Is(err, governance.ErrNotApproved) {
		return fmt.Errorf("sending without approval must fail, but: %w", err)
	}
	s.say("sending now is refused: nobody has approved this list")
	return nil
}

// send goes up the ladder: every stage is released by people, and starts only
// when the one before it is accounted for.
func (s *story) send(ctx context.Context) error {
	manifest, err := s.campaign.Restore(ctx) // as after a restart: the sealed list opens again
	if err != nil {
		return err
	}
	s.manifest = manifest
	for _, stage := range []governance.Stage{governance.DryRun, governance.Pilot, governance.Ramp, governance.National} {
		if err := s.stage(ctx, s.campaign, manifest, stage); err != nil {
			return err
		}
		s.say("%-8s %s", stage, s.campaign.Outcome())
	}
	return nil
}

// stage takes one stage from its release to its account.
func (s *story) stage(ctx context.Context, c *campaign.Campaign, m governance.Manifest, stage governance.Stage) error {
	if err := s.release(ctx, m, stage); err != nil {
		return err
	}
	if err := c.Send(ctx, stage); err != nil {
		return err
	}
	if stage != governance.DryRun {
		if err := s.deliveryDays(ctx); err != nil {
			return err
		}
	}
	healthy, err := c.Settle(ctx, stage)
	if err == nil && !healthy {
		err = fmt.Errorf("%w: %s", errUnhealthy, stage)
	}
	return errors.Join(err, s.cosign())
}

// report writes the page and closes the books: what reviewers read is recorded in the log.
func (s *story) report(ctx context.Context) error {
	report, err := s.campaign.Report(cohort.HES())
	if err != nil {
		return err
	}
	file, err := os.Create(s.path(reportFile))
	if err != nil {
		return err
	}
	if err := errors.Join(report.WriteHTML(file), file.Close()); err != nil {
		return err
	}
	for _, place := range []string{evidenceDir, reportFile} {
		if err := s.authority.RecordFiles(ctx, s.options.out, place); err != nil {
			return err
		}
	}
	if err := s.cosign(); err != nil {
		return err
	}
	if err := s.audit(ctx); err != nil {
		return err
	}
	twice := 0
	for _, n := range s.members {
		if s.services.Notify.Accepted(n) > 1 {
			twice++
		}
	}
	s.say("NHS Notify holds %d messages; %d people have more than one", s.services.Notify.Messages(), twice)
	s.say("report: %s", s.path(reportFile))
	return nil
}

// audit checks the log from its files, as examples/verify does.
func (s *story) audit(ctx context.Context) error {
	text, err := os.ReadFile(s.path(keysFile))
	if err != nil {
		return err
	}
	keys, err := governance.ParseAuditKeys(string(text))
	if err != nil {
		return err
	}
	report, err := governance.AuditDirectory(ctx, s.options.out, keys)
	if err != nil {
		return err
	}
	s.say("%s", report)
	if !report.Proved() {
		return errNotProved
	}
	return nil
}
