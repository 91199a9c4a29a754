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
	return governance.Proposal{
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
				Name: "gpes.journal", Fields: []string{"code", "date"}, Controller: "GP practices",
				LookBackMonths: 24, MaxAgeHours: 168, RetentionDays: 90,
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
				{Channel: governance.ChannelNHSApp, Language: "en", Format: "standard", Text: digest("app")},
				{Channel: governance.ChannelSMS, Language: "en", Format: "standard", Text: digest("sms")},
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
				{Channel: governance.ChannelNHSApp}, {Channel: governance.ChannelSMS, MilliPence: 2880},
			},
			BudgetPence: 144,
		},
		Safety: governance.SafetyFacet{
			Suppressions: []governance.Suppression{{Name: "deceased", MaxAgeHours: 24}},
			Sentinels:    []governance.Sentinel{{Kind: "deceased", Planted: 2}},
			Disclosure:   governance.DisclosurePolicy{Name: "HES 2018", SuppressUpTo: 7, RoundTo: 5},
			HazardLog:    digest("hazards"),
			Limits:       governance.StageLimits{FailedPerThousand: 100, DeceasedPerThousand: 10},
		},
		Window: governance.WindowFacet{
			NotBefore: start, NotAfter: start.Add(60 * day),
			Hours: governance.SendingHours{
				Days: []time.Weekday{1, 2, 3, 4, 5}, From: "08:00", To: "18:00",
			},
		},
	}
}

func newManifest(p governance.Proposal) governance.Manifest {
	return governance.Manifest{
		Proposal: p.Root(), Plan: digest("plan"), Included: 40, Recipients: digest("list"), BuiltAt: start,
		Snapshots: []governance.Snapshot{
			{DataSet: "person", ID: "2026-02-01", TakenAt: start.Add(-day)},
			{DataSet: "gpes.journal", ID: "2026-02-01", TakenAt: start.Add(-day)},
		},
		Exclusions: []governance.Exclusion{{Reason: "deceased", Count: 12}},
		Sentinels:  []governance.SentinelResult{{Kind: "deceased", Planted: 2, Caught: 2}},
	}
}

// world is an authority with a clock to turn and a person for each role.
type world struct {
	testing.TB
	now       time.Time
	storage   governance.Storage
	log       *governance.Log
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
	if err := permit.RecordManifest(w.Context(), w.manifest); err != nil {
		w.Fatal(err)
	}
	return permit
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

// batch makes a batch of n recipients who are in no other batch of another name.
func (w *world) batch(reference string, n int) governance.Batch {
	w.Helper()
	sealer := must(governance.NewSealer(make([]byte, 32), w.proposal.ID))
	b := governance.Batch{
		Reference: reference, Proposal: w.proposal.Root(), Manifest: w.manifest.Digest(),
		Checked: []governance.Checked{{Suppression: "deceased", At: w.now}},
	}
	for i := range n {
		b.Recipients = append(b.Recipients, sealer.Token(fmt.Sprint(reference, i)))
	}
	return b
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
