package governance_test

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs/governance"
)

// start is a Monday in working hours, in winter.
var start = time.Date(2026, 2, 2, 9, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

func digest(s string) governance.Digest { return sha256.Sum256([]byte(s)) }

// newProposal returns a valid proposal of a small mental health campaign.
func newProposal() governance.Proposal {
	p := governance.Proposal{
		ID:     "talking-therapies-2026",
		Author: "author",
		Cohort: governance.CohortFacet{
			Definition: "talking-therapies", Version: "1.0.0",
			Meaning: digest("meaning"), English: digest("english"),
			CodeLists: []governance.CodeList{
				{ID: "asthma", Version: "2026-01", Codes: digest("asthma")},
				{ID: "diabetes", Version: "2026-01", Codes: digest("diabetes")},
			},
		},
		Data: governance.DataFacet{Sets: []governance.DataSet{
			{
				Name: "person", Fields: []string{"birthDate", "postcode"}, Controller: "NHS England",
				MaxAgeHours: 168, RetentionDays: 90,
			},
			{
				Name: "gpes.journal", Fields: []string{"code", "date"}, Earliest: "2024-02-01", Controller: "GP practices",
				GPRecords: true, MaxAgeHours: 168, RetentionDays: 90,
			},
		}},
		Purpose: governance.PurposeFacet{
			Code: "prevention.talking-therapies", Text: "Tell people about NHS Talking Therapies",
			Controllers: []string{"NHS England"},
			Basis: governance.LegalBasis{
				Article6: governance.Article6PublicTask, Article9: governance.Article9HealthCare,
				Confidentiality: governance.ImpliedConsent, Vehicle: "direction under section 254",
				Reference: "Example Directions 2026", Expires: start.Add(400 * day),
				DataSets: []string{"person", "gpes.journal"},
			},
			OptOut: governance.OptOutDecision{Reason: "individual care: the national data opt-out does not apply"},
			Class:  governance.IndividualCare,
		},
		Message: governance.MessageFacet{
			RoutingPlan: governance.RoutingPlan{ID: "b838b13c-f98c-4def-93f0-515d4e4f4ee1", Version: "7"},
			Templates: []governance.Template{
				governance.NewTemplate(governance.ChannelNHSApp, "en", "standard", []byte("app"), []byte("a sample")),
				governance.NewTemplate(governance.ChannelSMS, "en", "standard", []byte("sms"), []byte("a sample")),
			},
			PersonalisationKeys: []string{"service", "link"},
		},
		Volume: governance.VolumeFacet{
			ExpectedMin: 1, ExpectedMax: 100, HardCap: 50, DailyCap: 20,
			Stages: []governance.StageCap{
				{Stage: governance.Synthetic, Cap: 30},
				{Stage: governance.DryRun, Cap: 30},
				{Stage: governance.Pilot, Cap: 10},
			},
			UnitCosts: []governance.UnitCost{
				{Channel: governance.ChannelNHSApp, PerThousand: 1000},
				{Channel: governance.ChannelSMS, MilliPence: 2880, PerThousand: 600},
			},
			PurchaseOrder: "PO-2026-1", BudgetPence: 144,
		},
		Safety: governance.SafetyFacet{
			MinimumAge: 18,
			Disclosure: governance.DisclosurePolicy{Name: "HES 2018", SuppressUpTo: 7, RoundTo: 5},
			HazardLog:  governance.HazardLog{Content: digest("hazards"), HighestRisk: 2, AcceptableRisk: 2},
			Limits:     governance.StageLimits{FailedPerThousand: 100, DeceasedPerThousand: 10},
		},
		Window: governance.WindowFacet{
			NotBefore: start, NotAfter: start.Add(60 * day),
			Hours: governance.SendingHours{
				Days: []time.Weekday{1, 2, 3, 4, 5}, From: "08:00", To: "18:00",
			},
		},
	}
	suppress(&p)
	return p
}

// suppress makes the safety facet what the opt-out decision needs.
func suppress(p *governance.Proposal) {
	p.Safety.Suppressions, p.Safety.Sentinels = nil, nil
	for _, rule := range p.Purpose.OptOut.Suppressions() {
		p.Safety.Suppressions = append(p.Safety.Suppressions, governance.Suppression{Name: rule.Name, MaxAgeHours: 24})
		if rule.Sentinel {
			p.Safety.Sentinels = append(p.Safety.Sentinels, governance.Sentinel{Kind: rule.Name, Planted: 2})
		}
	}
}

// recipients are the tokens of everybody on the list of the fixture.
func recipients() []governance.Token {
	sealer := must(governance.NewSealer(make([]byte, 32), "talking-therapies-2026"))
	tokens := make([]governance.Token, 40)
	for i := range tokens {
		tokens[i] = sealer.Token(fmt.Sprint("person ", i))
	}
	return tokens
}

// newManifest returns the manifest of a list that passes every check of the proposal.
func newManifest(p governance.Proposal) governance.Manifest {
	m := governance.Manifest{
		Proposal: p.Root(), Plan: p.Cohort.Meaning, Included: 40, Recipients: must(governance.NewList(recipients())).Digest(), BuiltAt: start,
		Snapshots: []governance.Snapshot{
			{DataSet: "person", ID: "2026-02-01", TakenAt: start.Add(-day)},
			{DataSet: "gpes.journal", ID: "2026-02-01", TakenAt: start.Add(-day)},
		},
		Exclusions: []governance.Exclusion{{Reason: "deceased", Count: 12}},
		Segments: []governance.Segment{
			{Name: "QZ1", Plan: p.Message.RoutingPlan.ID, Included: 25, Exclusions: []governance.Exclusion{{Reason: "deceased", Count: 12}}},
			{Name: "QZ2", Plan: p.Message.RoutingPlan.ID, Included: 15},
		},
	}
	for _, s := range p.Safety.Sentinels {
		m.Sentinels = append(m.Sentinels, governance.SentinelResult{Kind: s.Kind, Planted: s.Planted, Caught: s.Planted})
	}
	return m
}

// uses are what the fixture's definition reads.
func uses() []governance.Use {
	return []governance.Use{
		{DataSet: "person", Fields: []string{"birthDate", "postcode"}},
		{DataSet: "gpes.journal", Fields: []string{"code", "date"}, Earliest: "2024-02-01"},
	}
}

// world is an authority with a clock to turn and a person for each role.
type world struct {
	testing.TB
	now       time.Time
	storage   governance.Storage
	log       *governance.Log
	people    []governance.Person
	trust     *governance.Trust
	authority *governance.Authority
	gates     []governance.Gate
	proposal  governance.Proposal
	manifest  governance.Manifest
	keys      map[governance.Role]*governance.Signer
	author    *governance.Signer
}

// newWorld trusts one person for each role, named after it, and the author, who holds every role.
func newWorld(tb testing.TB, storage governance.Storage) *world {
	tb.Helper()
	random := rand.NewChaCha8([32]byte{1})
	w := &world{
		TB: tb, now: start, storage: storage, gates: governance.DefaultGates(),
		proposal: newProposal(), keys: make(map[governance.Role]*governance.Signer),
	}
	w.manifest = newManifest(w.proposal)
	valid := governance.Validity{From: start.Add(-day), Until: start.Add(1000 * day)}
	var people []governance.Person
	var roles []governance.Role
	for _, g := range w.gates {
		for _, place := range g.Roles {
			for _, role := range place {
				w.keys[role] = must(governance.NewSigningKey(random, governance.PersonID("the-"+role)))
				people = append(people, w.keys[role].Person(valid, role))
				roles = append(roles, role)
			}
		}
	}
	w.author = must(governance.NewSigningKey(random, "author"))
	people = append(people, w.author.Person(valid, roles...))
	w.people = people
	w.trust = must(governance.NewTrust(people...))
	w.open()
	return w
}

// open opens the log from storage, as a restart does.
func (w *world) open() {
	w.Helper()
	w.log = must(governance.OpenLog(w.Context(), w.storage, "example.test/log"))
	w.authority = must(governance.NewAuthority(governance.Config{
		Trust: w.trust, Gates: w.gates, Log: w.log, Clock: w.clock,
	}))
}

func (w *world) clock() time.Time { return w.now }

func (w *world) gate(name string) governance.Gate {
	w.Helper()
	for _, g := range w.gates {
		if g.Name == name {
			return g
		}
	}
	w.Fatalf("no gate %s", name)
	return governance.Gate{}
}

// approval prepares what the gate asks for.
func (w *world) approval(gate string, stage governance.Stage) governance.Approval {
	w.Helper()
	g := w.gate(gate)
	a := governance.Approve(w.proposal, g, w.now)
	if g.Manifest {
		a.Manifest = w.manifest.Digest()
	}
	if g.Stage {
		a.Stage = stage
	}
	for _, k := range g.Evidence {
		a.Evidence = append(a.Evidence, governance.Evidence{Kind: k, Reference: "DOC 1", Content: digest(string(k))})
	}
	return a
}

// signers returns the first person of each place of a gate.
func (w *world) signers(gate string) []*governance.Signer {
	w.Helper()
	var list []*governance.Signer
	for _, place := range w.gate(gate).Roles {
		list = append(list, w.keys[place[0]])
	}
	return list
}

func (w *world) submit(signed []byte, err error) int64 {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
	index, err := w.authority.Submit(w.Context(), signed)
	if err != nil {
		w.Fatal(err)
	}
	return index
}

// approve gets a gate met by the right people, each on a note of their own.
func (w *world) approve(gates ...string) {
	w.Helper()
	for _, gate := range gates {
		for _, s := range w.signers(gate) {
			w.submit(w.approval(gate, governance.Synthetic).Sign(s))
		}
	}
}

var beforeBuild = []string{"scope", "platforms", "funding", "legal", "dpia", "clinical", "assurance"}

// built gets the list approved, built and recorded.
func (w *world) built() governance.Permit {
	w.Helper()
	w.approve(beforeBuild...)
	permit, err := w.authority.PermitBuild(w.Context(), w.proposal)
	if err != nil {
		w.Fatal(err)
	}
	w.authoriseBuild(permit)
	if err := permit.RecordManifest(w.Context(), w.manifest); err != nil {
		w.Fatal(err)
	}
	return permit
}

// authoriseBuild runs the definition again, for another manifest.
func (w *world) authoriseBuild(permit governance.Permit) {
	w.Helper()
	build, err := permit.AuthorizeBuild(w.Context(), governance.Build{Cohort: w.proposal.Cohort, Uses: uses()})
	if err != nil {
		w.Fatal(err)
	}
	w.manifest.Build = build
}

// permitted gets a permit to send at the synthetic stage.
func (w *world) permitted() governance.Permit {
	w.Helper()
	w.built()
	w.approve("summary", "release")
	return w.send(governance.Synthetic)
}

func (w *world) send(stage governance.Stage) governance.Permit {
	w.Helper()
	permit, err := w.authority.PermitSend(w.Context(), w.proposal, w.manifest, stage)
	if err != nil {
		w.Fatal(err)
	}
	return permit
}

// batch makes a batch of n people on the list, others for another reference.
func (w *world) batch(reference string, n int) governance.Batch {
	w.Helper()
	tokens := recipients()
	b := governance.Batch{
		Reference: reference, Proposal: w.proposal.Root(), Manifest: w.manifest.Digest(), List: must(governance.NewList(tokens)),
	}
	for _, s := range w.proposal.Safety.Suppressions {
		b.Checked = append(b.Checked, governance.Checked{
			Suppression: s.Name, At: w.now, Asked: 60, Allowed: 45, Answer: digest("answer"),
		})
	}
	first := int(digest(reference)[0])
	for i := range n {
		b.Recipients = append(b.Recipients, tokens[(first+i)%len(tokens)])
	}
	return b
}

// climb sends every stage up to one, each with a healthy outcome.
func (w *world) climb(to governance.Stage) {
	w.Helper()
	w.built()
	w.approve("summary")
	for _, stage := range []governance.Stage{governance.Synthetic, governance.DryRun, governance.Pilot} {
		w.now = w.now.Add(time.Second)
		w.submit(w.approval("release", stage).Sign(w.keys[governance.RoleReleaser]))
		if err := w.send(stage).Authorize(w.Context(), w.batch(string(stage)+"-1", 5)); err != nil {
			w.Fatal(err)
		}
		if _, err := w.authority.RecordOutcome(w.Context(), w.proposal, stage, governance.Outcome{Delivered: 5}); err != nil {
			w.Fatal(err)
		}
		if stage == to {
			return
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
