package campaign_test

import (
	"crypto/sha256"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/campaign"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

const routingPlan = "7c9e6679-7425-40de-944b-e07fc1f90ae7"

func definition(fatal func(args ...any)) *cohort.Plan {
	d, err := cohort.New("registered", "1.0.0",
		cohort.Include("registered <script>alert(1)</script>", person.Practice.Known()),
		cohort.Include("aged 40 or more", person.AgeOn(cohort.Index).AtLeast(40)).IfUnknown(cohort.TreatAsNo))
	if err != nil {
		fatal(err)
	}
	plan, err := d.Bind(cohort.Index.Is(cohort.MustDate("2026-11-01")))
	if err != nil {
		fatal(err)
	}
	return plan
}

// kinds are the suppressions, each with a sentinel.
func kinds() []campaign.Reason {
	return []campaign.Reason{
		campaign.Deceased, campaign.Restricted, campaign.Superseded, campaign.Removed, campaign.NoRecord, campaign.UnderAge,
		campaign.Objected,
	}
}

func sentinels() map[string][]nhs.Number {
	planted := map[string][]nhs.Number{}
	for i, kind := range kinds() {
		planted[string(kind)] = []nhs.Number{number(9000 + i)}
	}
	return planted
}

func testPeople() []nhs.Number {
	return []nhs.Number{number(8000), number(8001), number(8002), number(8003)}
}

func testPerson(n nhs.Number) pdstest.Person {
	born, err := nhs.DateOf(1970, time.May, 17)
	if err != nil {
		panic(err) // a constant
	}
	return pdstest.Person{Number: n, Family: "Test", Given: []string{"Person"}, Gender: pds.Female, Born: born, GP: "A99001"}
}

// plantSentinels makes the sentinels what they are, but for the one without record.
func (w *world) plantSentinels() {
	for kind, numbers := range sentinels() {
		for _, n := range numbers {
			w.makeUnfit(n, campaign.Reason(kind))
		}
	}
}

// makeUnfit changes PDS so that somebody is caught by a check.
func (w *world) makeUnfit(n nhs.Number, reason campaign.Reason) {
	p := testPerson(n)
	switch reason {
	case campaign.Deceased:
		p.DeathStatus = pds.DeathInformal
	case campaign.Restricted:
		p.Security = pds.Restricted
	case campaign.Removed:
		p.Removed = "EMB"
	case campaign.Superseded:
		w.must(w.services.PDS.Supersede(n, testPeople()[0]))
		return
	case campaign.NoRecord:
		w.must(w.services.PDS.Put(p))
		w.must(w.services.PDS.Invalidate(n))
		return
	case campaign.UnderAge:
		born, err := nhs.DateOf(w.clock().Year()-10, time.May, 17)
		w.must(err)
		p.Born = born
	case campaign.Objected:
		w.mu.Lock()
		w.objected[n] = true
		w.mu.Unlock()
	case campaign.Unchecked, campaign.Type1OptOut, campaign.NationalOptOut:
	}
	w.must(w.services.PDS.Put(p))
}

// propose writes the proposal.
func (w *world) propose(change func(*governance.Proposal)) {
	facet, err := campaign.CohortFacet(w.plan)
	w.must(err)
	digest := func(s string) governance.Digest { return sha256.Sum256([]byte(s)) }
	p := governance.Proposal{
		ID: "test-campaign", Author: "author", Cohort: facet,
		Purpose: governance.PurposeFacet{
			Code: "prevention.test", Text: "Telling people about a service", Controllers: []string{"NHS England"},
			Basis: governance.LegalBasis{
				Article6: governance.Article6PublicTask, Article9: governance.Article9HealthCare,
				Confidentiality: governance.ImpliedConsent, Vehicle: "a direction", Reference: "TEST-1", Expires: w.now.AddDate(1, 0, 0),
			},
			OptOut: governance.OptOutDecision{Reason: "individual care"}, Class: governance.IndividualCare,
		},
		Message: governance.MessageFacet{
			RoutingPlan:         governance.RoutingPlan{ID: routingPlan, Version: "1"},
			Templates:           []governance.Template{governance.NewTemplate(governance.ChannelSMS, "en", "standard", []byte("sms"), []byte("a sample"))},
			PersonalisationKeys: []string{"practice", "number"},
		},
		Volume: governance.VolumeFacet{
			ExpectedMin: 1, ExpectedMax: 1000, HardCap: 1000, DailyCap: 1000,
			Stages: []governance.StageCap{
				{Stage: governance.Synthetic, Cap: 4},
				{Stage: governance.DryRun, Cap: 1000},
				{Stage: governance.Pilot, Cap: 6},
				{Stage: governance.Ramp, Cap: 8},
				{Stage: governance.National, Cap: 1000},
			},
			UnitCosts:     []governance.UnitCost{{Channel: governance.ChannelSMS, MilliPence: 2880, PerThousand: 1000}},
			PurchaseOrder: "PO-TEST-1", BudgetPence: 1_000_000,
		},
		Safety: governance.SafetyFacet{
			Disclosure: governance.DisclosurePolicy{Name: "HES", SuppressUpTo: 7, RoundTo: 5}, MinimumAge: 18,
			HazardLog: governance.HazardLog{Content: digest("hazards"), HighestRisk: 2, AcceptableRisk: 2},
			Limits:    governance.StageLimits{FailedPerThousand: 500, DeceasedPerThousand: 200},
		},
		Window: governance.WindowFacet{
			NotBefore: w.now, NotAfter: w.now.AddDate(0, 6, 0),
			Hours: governance.SendingHours{Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6}, From: "08:00", To: "18:00"},
		},
	}
	for _, use := range campaign.Uses(w.plan) {
		p.Data.Sets = append(p.Data.Sets, governance.DataSet{
			Name: use.DataSet, Fields: use.Fields, Earliest: use.Earliest, Controller: "NHS England",
			MaxAgeHours: 24 * 365, RetentionDays: 90,
		})
		p.Purpose.Basis.DataSets = append(p.Purpose.Basis.DataSets, use.DataSet)
	}
	for _, kind := range kinds() {
		p.Safety.Suppressions = append(p.Safety.Suppressions, governance.Suppression{Name: string(kind), MaxAgeHours: 24 * 100})
		p.Safety.Sentinels = append(p.Safety.Sentinels, governance.Sentinel{Kind: string(kind), Planted: 1})
	}
	if change != nil {
		change(&p)
	}
	w.must(p.Validate())
	w.proposal = p
}

func (w *world) snapshots() []governance.Snapshot {
	var taken []governance.Snapshot
	for _, set := range w.proposal.Data.Sets {
		taken = append(taken, governance.Snapshot{DataSet: set.Name, ID: "test", TakenAt: w.clock().Add(-day)})
	}
	return taken
}

// hire gives each role to one person, named after it, and knows the author, who has none.
func (w *world) hire() {
	random := rand.NewChaCha8([32]byte{1})
	valid := governance.Validity{From: w.now.Add(-day), Until: w.now.AddDate(2, 0, 0)}
	w.staff = map[governance.Role]*governance.Signer{}
	var team []governance.Person
	for _, gate := range governance.DefaultGates() {
		for _, place := range gate.Roles {
			signer, err := governance.NewSigningKey(random, governance.PersonID("the-"+place[0]))
			w.must(err)
			w.staff[place[0]] = signer
			team = append(team, signer.Person(valid, place[0]))
		}
	}
	author, err := governance.NewSigningKey(random, "author")
	w.must(err)
	w.trust, err = governance.NewTrust(append(team, author.Person(valid))...)
	w.must(err)
}

// open opens the audit log, also after a restart.
func (w *world) open() {
	log, err := governance.OpenLog(w.ctx, w.storage, "example.test/log")
	w.must(err)
	w.authority, err = governance.NewAuthority(governance.Config{
		Trust: w.trust, Gates: governance.DefaultGates(), Log: log, Clock: w.clock,
	})
	w.must(err)
}

func (w *world) approveBeforeBuild() {
	for _, gate := range governance.DefaultGates() {
		if !gate.Manifest && !gate.Stage {
			w.approve(gate, governance.Manifest{}, "")
		}
	}
}

// release has a list approved, and released for a stage.
func (w *world) release(m governance.Manifest, stage governance.Stage) {
	for _, gate := range governance.DefaultGates() {
		if gate.Manifest || gate.Stage {
			w.approve(gate, m, stage)
		}
	}
}

// approve has everybody sign whom a gate asks for.
func (w *world) approve(gate governance.Gate, m governance.Manifest, stage governance.Stage) {
	for _, place := range gate.Roles {
		w.tick()
		approval := governance.Approve(w.proposal, gate, w.clock())
		if gate.Manifest {
			approval.Manifest = m.Digest()
		}
		if gate.Stage {
			approval.Stage = stage
		}
		for _, kind := range gate.Evidence {
			approval.Evidence = append(approval.Evidence, governance.Evidence{
				Kind: kind, Reference: "DOC " + string(kind), Content: sha256.Sum256([]byte(kind)),
			})
		}
		w.submit(approval.Sign(w.staff[place[0]]))
	}
}

// halt stops the campaign, and returns what resumes it.
func (w *world) halt() (resume func()) {
	w.tick()
	index := w.submit(governance.Halt{Proposal: w.proposal.ID, Reason: "a test", SignedAt: w.clock()}.Sign(w.staff[governance.RoleCSO]))
	return func() {
		w.tick()
		w.submit(governance.Resume{Proposal: w.proposal.ID, Halt: index, Reason: "a test", SignedAt: w.clock()}.Sign(
			w.staff[governance.RoleCSO], w.staff[governance.RoleDPO]))
	}
}

func (w *world) submit(note []byte, err error) int64 {
	w.must(err)
	index, err := w.authority.Submit(w.ctx, note)
	w.must(err)
	return index
}

// tick lets a second pass: people sign one after the other.
func (w *world) tick() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(time.Second)
}

// perishable gives the checks ten days.
func perishable(p *governance.Proposal) {
	for i := range p.Safety.Suppressions {
		p.Safety.Suppressions[i].MaxAgeHours = 240
	}
}

// last returns who comes last in the order of sending.
func (w *world) last() nhs.Number {
	sealer, err := governance.NewSealer(w.key(), w.proposal.ID)
	w.must(err)
	return slices.MaxFunc(w.members, func(a, b nhs.Number) int {
		x, y := sealer.Token(a.Reveal()), sealer.Token(b.Reveal())
		return slices.Compare(x[:], y[:])
	})
}
