package main

import (
	"context"
	"fmt"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/cohort/synthetic"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
	"github.com/personalised-prevention/nhs/nhstest"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// The addresses of the demonstration. CaaS publishes neither its mailbox nor its
// workflow id: a programme is told them.
const (
	workflow    = "DEMO_COHORT"
	routingPlan = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
)

func caasMailbox() mesh.Mailbox {
	return mesh.Mailbox{ID: "X26DEMOCAAS", Password: "demonstration-1", SharedKey: "demonstration"}
}

func ownMailbox() mesh.Mailbox {
	return mesh.Mailbox{ID: "X26DEMOPROG", Password: "demonstration-2", SharedKey: "demonstration"}
}

// setUp starts the services on loopback, fills PDS with the population, and makes
// the programme's clients.
func (s *story) setUp(ctx context.Context) error {
	var err error
	s.population, err = synthetic.New(synthetic.Config{Seed: s.seed, People: s.people})
	if err != nil {
		return err
	}
	reach := map[nhs.Number]notifytest.Journey{}
	started := s.clock.Now()
	s.services, err = nhstest.Start(nhstest.Options{
		Now: s.clock.Now,
		MESH: meshtest.Options{Mailboxes: []meshtest.Mailbox{
			{Mailbox: caasMailbox()}, {Mailbox: ownMailbox(), Workflows: []string{workflow}},
		}},
		Notify: notifytest.Options{
			Now: func() time.Time { return started }, // Advance adds to it
			Plans: []notifytest.Plan{{
				ID: routingPlan, Name: "NHS App, then SMS", Window: 24 * time.Hour,
				Channels: []notify.Channel{notify.NHSApp, notify.SMS}, Personalisation: []string{"practice"},
			}},
			Outcome: func(n nhs.Number) notifytest.Journey { return reach[n] },
		},
	})
	if err != nil {
		return err
	}
	if err := s.fillPDS(ctx, reach); err != nil {
		return err
	}
	secret, err := s.receiveCallbacks()
	if err != nil {
		return err
	}
	s.services.Notify.Subscribe(notifytest.Subscriber{URL: s.callbacks.URL, Secret: secret, Disorder: true, Seed: s.seed})
	if err := s.makeClients(); err != nil {
		return err
	}
	s.say("%d invented people are registered; PDS, NHS Notify and MESH answer on %s", s.people, s.services.Environment())
	return s.ownBox.Handshake(ctx)
}

// fillPDS registers the population, and notes how each person can be reached.
func (s *story) fillPDS(ctx context.Context, reach map[nhs.Number]notifytest.Journey) error {
	for p, err := range s.population.People(ctx) {
		if err != nil {
			return err
		}
		number, err := nhs.ParseNumber(p.Number.Reveal())
		if err != nil {
			return err
		}
		reach[number] = journey(p)
		if p.SupersededBy.Reveal() != "" {
			survivor, err := nhs.ParseNumber(p.SupersededBy.Reveal())
			if err != nil {
				return err
			}
			if err := s.services.PDS.Supersede(number, survivor); err != nil {
				return err
			}
			continue
		}
		person, err := register(number, p)
		if err != nil {
			return err
		}
		if err := s.services.PDS.Put(person); err != nil {
			return err
		}
	}
	if err := s.services.PDS.Put(testPeople()...); err != nil {
		return err
	}
	for old, survivor := range supersededTestPeople() {
		if err := s.services.PDS.Supersede(old, survivor); err != nil {
			return err
		}
	}
	return nil
}

func register(number nhs.Number, p synthetic.Person) (pdstest.Person, error) {
	person := pdstest.Person{
		Number: number, Family: p.FamilyName, Given: []string{p.GivenName}, Gender: gender(p.Gender),
		Postcode: p.Postcode, GP: p.Practice, DeathStatus: pds.DeathStatus(p.DeathStatus), Removed: pdsReason(p.ReasonForRemoval),
	}
	if p.Restricted {
		person.Security = pds.Restricted
	}
	for text, date := range map[string]*nhs.Date{
		p.DateOfBirth: &person.Born, p.DateOfDeath: &person.Died, p.DateOfRemoval: &person.RemovedOn,
	} {
		if err := date.UnmarshalText([]byte(text)); err != nil {
			return person, fmt.Errorf("a date of an invented person: %w", err)
		}
	}
	return person, nil
}

// journey is what will happen to a message to a person.
func journey(p synthetic.Person) notifytest.Journey {
	j := notifytest.Journey{Email: notifytest.NoContact}
	if !p.ReadsApp {
		j.NHSApp = notifytest.NoContact
	}
	if !p.HasMobile {
		j.SMS = notifytest.NoContact
	}
	return j
}

func gender(code string) pds.Gender {
	switch code {
	case "1":
		return pds.Male
	case "2":
		return pds.Female
	default:
		return pds.Unknown
	}
}

// pdsReason is how PDS words the reasons that the GP systems know more of.
func pdsReason(code string) string {
	switch code {
	case "", "DEA", "EMB", "SCT", "NIT", "TRA":
		return code
	default:
		return "ORR"
	}
}

// makeClients registers the programme's application and makes its clients. The
// loopback services have no limits, so the paces are set higher than the real
// services allow.
func (s *story) makeClients() error {
	app, err := s.services.App("programme-app",
		nhs.WithLogger(s.logger), nhs.WithClock(s.clock.Now), nhs.WithUserAgent("example-campaign/1.0"),
		nhs.WithRate(nhs.PDS, nhs.Rate{PerSecond: 20_000, Burst: 100}),
		nhs.WithRate(nhs.Notify, nhs.Rate{PerSecond: 1_000, Burst: 100}))
	if err != nil {
		return err
	}
	if s.patients, err = pds.New(app); err != nil {
		return err
	}
	if s.messages, err = notify.New(app); err != nil {
		return err
	}
	if s.ownBox, err = mesh.New(app, ownMailbox()); err != nil {
		return err
	}
	s.caasBox, err = mesh.New(app, caasMailbox())
	return err
}
