package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/personalised-prevention/nhs/campaign"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/governance/export"
)

// hazardLog returns the hazard log and the results that prove its controls. Given the
// results of the module's own tests it starts from known incidents; without, it has
// what the demonstration can check here and now. The ratings are the demonstration's:
// real ones are a clinical safety officer's.
func (s *story) hazardLog(ctx context.Context) (export.HazardLog, export.TestResults, error) {
	log := export.HazardLog{AcceptableRisk: 2, Matrix: export.DefaultMatrix()}
	rating := export.Rating{Likelihood: export.Low, Severity: export.Considerable}
	if s.tests != "" {
		file, err := os.Open(s.tests)
		if err != nil {
			return log, nil, err
		}
		defer func() { _ = file.Close() }()
		log.Hazards = export.Incidents()
		for i := range log.Hazards {
			log.Hazards[i].Residual = rating
		}
		results, err := export.ReadTestResults(file)
		return log, results, err
	}
	results := export.TestResults{}
	for i, c := range []struct {
		hazard, control, name string
		check                 func(context.Context) error
	}{
		{"A message nobody approved", "nothing is sent without a permit", "zero permit", refusesZeroPermit},
		{"A message about someone who has died", "PDS tells of the test people who have died, and of those with restricted records", "sentinels", s.sentinelsAreTold},
	} {
		test := export.Test{Package: "examples/campaign", Name: c.name}
		results[test] = export.TestResult{Outcome: "pass", At: s.clock.Now()}
		if err := c.check(ctx); err != nil {
			results[test] = export.TestResult{Outcome: "fail", At: s.clock.Now()}
			s.say("the control %q fails: %v", c.control, err)
		}
		log.Hazards = append(log.Hazards, export.Hazard{
			ID: fmt.Sprintf("D%d", i+1), Title: c.hazard, Cause: "a mistake of a program or of a person", Effect: "distress", Residual: rating,
			Controls: []export.Control{{Text: c.control, Tests: []export.Test{test}}},
		})
	}
	return log, results, nil
}

func refusesZeroPermit(ctx context.Context) error {
	err := new(governance.Permit).Authorize(ctx, governance.Batch{})
	if !errors.Is(err, governance.ErrNoPermit) {
		return fmt.Errorf("a permit of nobody's was not refused: %w", err)
	}
	return nil
}

// sentinelsAreTold asks PDS about the planted test people.
func (s *story) sentinelsAreTold(ctx context.Context) error {
	planted := sentinels()
	for _, kind := range []campaign.Reason{campaign.Deceased, campaign.Restricted} {
		for _, n := range planted[string(kind)] {
			p, err := s.patients.Get(ctx, n)
			if err != nil {
				return err
			}
			if kind == campaign.Deceased && !p.Deceased() || kind == campaign.Restricted && !p.Restricted() {
				return fmt.Errorf("a test person is not %s", kind)
			}
		}
	}
	return nil
}

// evidence writes what reviewers read, from the objects that ran.
func (s *story) evidence(ctx context.Context) error {
	documents, err := s.documents(ctx)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.path(evidenceDir), 0o750); err != nil {
		return err
	}
	for name, d := range documents {
		for extension, write := range map[string]func(io.Writer) error{
			".html": d.WriteHTML, ".md": d.WriteMarkdown, ".json": d.WriteJSON,
		} {
			if err := s.write(name+extension, write); err != nil {
				return err
			}
		}
	}
	bundle := export.NewFHIR(logOrigin, s.proposal, s.authority.Register(s.proposal.ID), s.log.Entries())
	if err := s.write("fhir.json", bundle.WriteJSON); err != nil {
		return err
	}
	report, err := s.authority.Check(ctx, s.proposal, &s.manifest, governance.National)
	if err != nil {
		return err
	}
	statement, err := export.NewStatement(s.proposal, &s.manifest, report)
	if err != nil {
		return err
	}
	if err := s.write("in-toto.json", statement.WriteJSON); err != nil {
		return err
	}
	s.say("%d documents for reviewers, the log as FHIR, and the approvals for in-toto, in %s", len(documents), s.path(evidenceDir))
	return nil
}

func (s *story) documents(ctx context.Context) (map[string]*export.Document, error) {
	now := s.clock.Now()
	definition, err := campaign.Definition(s.plan)
	if err != nil {
		return nil, err
	}
	specification, err := export.NewSpecification(s.proposal, definition, now)
	if err != nil {
		return nil, err
	}
	dpia, err := export.NewDPIAAnnex(s.proposal, definition, now)
	if err != nil {
		return nil, err
	}
	ropa, err := export.NewProcessingRecord(s.proposal, processing(), now)
	if err != nil {
		return nil, err
	}
	hazards, err := export.NewHazardReport(s.proposal, s.hazards, s.results, now)
	if err != nil {
		return nil, err
	}
	summary, err := export.NewSummary(s.proposal, s.manifest, now)
	if err != nil {
		return nil, err
	}
	report, err := s.authority.Check(ctx, s.proposal, &s.manifest, governance.National)
	if err != nil {
		return nil, err
	}
	approvals, err := export.NewApprovals(s.proposal, report, s.authority.Register(s.proposal.ID), now)
	if err != nil {
		return nil, err
	}
	return map[string]*export.Document{
		"specification": specification.Document(), "dpia-annex": dpia.Document(), "record-of-processing": ropa.Document(),
		"hazard-log": hazards.Document(), "summary": summary.Document(), "approvals": approvals.Document(),
	}, nil
}

func (s *story) write(name string, write func(io.Writer) error) error {
	file, err := os.Create(filepath.Join(s.path(evidenceDir), name)) //nolint:gosec // a name of our own
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}

// processing is what only the programme can say of itself.
func processing() export.ProcessingDetails {
	return export.ProcessingDetails{
		Contact: "a contact of the demonstration", DataProtectionOfficer: "an officer of the demonstration",
		Subjects: []string{"invented people registered with a GP practice"}, Categories: []string{"health", "contact details"},
		Processors: []string{"NHS Notify"}, Recipients: []string{"none"}, Transfers: []string{"none"},
		Security: []string{"the list is sealed under a key of its own", "the log holds no recipient"},
	}
}
