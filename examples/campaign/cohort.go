package main

import (
	"bytes"
	"context"
	"fmt"
	"iter"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/library"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/mesh"
)

// indexDate is the day the definition is asked about.
const indexDate = "2026-11-01"

// define writes the cohort down, and prints what people will sign.
func (s *story) define(context.Context) error {
	place := person.ICB.In("QZ1", "QZ2", "QZ3", "QZ4", "QZ5", "QZ6", "QZ7", "QZ8", "QZ9", "QZA", "QZB", "QZC")
	definition, err := library.TalkingTherapies(45, 70, place)
	if err != nil {
		return err
	}
	if s.plan, err = definition.Bind(cohort.Index.Is(cohort.MustDate(indexDate))); err != nil {
		return err
	}
	s.say("%s\nhash sha256:%s", s.plan.English(), s.plan.Hash())
	return nil
}

// selectPeople asks the definition about everybody. This is CaaS's part.
func (s *story) selectPeople(ctx context.Context) error {
	var err error
	s.attrition, err = s.plan.Run(ctx, s.population.Records(ctx), func(r *cohort.Record, result cohort.Result) error {
		if result.Outcome == cohort.Member {
			s.selected = append(s.selected, r.Key())
		}
		return nil
	})
	if err != nil {
		return err
	}
	published, err := s.attrition.Publish(cohort.HES())
	if err != nil {
		return err
	}
	s.say("%s", published)
	return nil
}

// deliverCohort sends the cohort the way CaaS does, as a Parquet file over MESH,
// and reads it back as the programme.
func (s *story) deliverCohort(ctx context.Context) error {
	file, err := s.cohortFile(ctx)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("DEMO_%s_n%d.parquet", s.clock.Now().Format("20060102150405"), len(s.selected))
	id, err := s.caasBox.Send(ctx, mesh.SendRequest{
		To: ownMailbox().ID, Workflow: workflow, FileName: name, LocalID: "demo-1", Body: bytes.NewReader(file),
	})
	if err != nil {
		return err
	}
	s.say("CaaS sent %s: %d rows, %d kB, message %s", name, len(s.selected), len(file)/1000, id)
	source := caas.MESH{Box: s.ownBox, Workflow: workflow}
	found, err := caas.Receive(ctx, source, caas.Handlers{Delivery: s.read})
	if err != nil {
		return err
	}
	s.say("the programme received %d file with %d people, and acknowledged it", found.Deliveries, len(s.members))
	return nil
}

func (s *story) cohortFile(ctx context.Context) ([]byte, error) {
	members := make(map[cohort.Key]bool, len(s.selected))
	for _, key := range s.selected {
		members[key] = true
	}
	var file bytes.Buffer
	w := caas.NewWriter(&file)
	for p, err := range s.population.People(ctx) {
		if err != nil {
			return nil, err
		}
		if !members[p.Number] {
			continue
		}
		number, err := nhs.ParseNumber(p.Number.Reveal())
		if err != nil {
			return nil, err
		}
		born, err := nhs.ParseDate(p.DateOfBirth)
		if err != nil {
			return nil, fmt.Errorf("a date of an invented person: %w", err)
		}
		err = w.Write(caas.Record{
			Type: caas.Add, Number: number, GivenName: p.GivenName, FamilyName: p.FamilyName, BirthDate: born,
			Postcode: p.Postcode, PrimaryCareProvider: p.Practice,
		})
		if err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return file.Bytes(), nil
}

// read takes the people of a cohort file. A row that cannot be used is an error:
// nobody is lost in silence.
func (s *story) read(_ context.Context, d caas.Delivery) error {
	for record, err := range d.Records {
		if err != nil {
			return err
		}
		if record.Type == caas.Add {
			s.members = append(s.members, record.Number)
		}
	}
	return nil
}

// each yields people as a campaign takes them.
func each(people []nhs.Number) iter.Seq2[nhs.Number, error] {
	return func(yield func(nhs.Number, error) bool) {
		for _, n := range people {
			if !yield(n, nil) {
				return
			}
		}
	}
}
