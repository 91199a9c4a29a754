package caas_test

import (
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	examples "github.com/personalised-prevention/nhs/cohort/library"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/governance"
)

// talkingTherapies is a definition that reads clinical data.
func talkingTherapies(tb testing.TB) *cohort.Plan {
	tb.Helper()
	definition, err := examples.TalkingTherapies(45, 70, person.ICB.In("QZ1", "QZ2"))
	if err != nil {
		tb.Fatal(err)
	}
	return bind(tb, definition)
}

func bind(tb testing.TB, definition *cohort.Definition) *cohort.Plan {
	tb.Helper()
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2026-11-01")))
	if err != nil {
		tb.Fatal(err)
	}
	return plan
}

func TestRequest_FillDefinition(t *testing.T) {
	t.Parallel()
	plan := talkingTherapies(t)
	var r caas.Request
	if err := r.FillDefinition(plan); err != nil {
		t.Fatal(err)
	}
	diff(t, `1. Include: aged 45 to 70
2. Include: registered with a GP practice
3. Include: lives or is registered in the place
4. Include: has a long-term condition
5. Exclude: has died
6. Exclude: in contact with Talking Therapies in the last 12 months`, r.Data.Demographics.InclusionExclusion)
	diff(t, `1. Include: aged 45 to 70.
   The age in completed years on 2026-11-01 (index), counted from the date of birth, is between 45 and 70, both included.
   If unknown: referred for a decision.`, r.Data.Demographics.AgeRanges)
	for text, want := range map[string][]string{
		r.Data.Demographics.Locations: {"2. Include: registered with a GP practice.", `The integrated care board is one of "QZ1", "QZ2".`},
		r.Cohort.Criteria:             {"4. Include: has a long-term condition.", "6. Exclude: in contact with Talking Therapies"},
		r.Data.Clinical.Other:         {"illustrative/asthma 1: 1 code of SNOMED CT, content ca88b4306194af16b4615a9132afb7bf592d67a9398628d62624379426089e77"},
	} {
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("%q is not in %q", part, text)
			}
		}
	}
	if strings.Contains(r.Cohort.Criteria, "has died") || strings.Contains(r.Data.Demographics.Locations, "aged") {
		t.Error("a step is where it does not belong")
	}
	var missing []string
	for _, m := range r.Missing() {
		missing = append(missing, m.Field)
	}
	diff(t, []string{
		"requestor.name", "requestor.contact", "commissioner.programme", "commissioner.lead", "commissioner.involvement",
		"cohortDetails.goals", "cohortDetails.issues", "cohortDetails.timelines", "risks", "dependencies", "assumptions",
		"dataRequirements.clinical.diagnosis", "dataRequirements.clinical.treatment", "dataRequirements.clinical.medication",
		"dataRequirements.uniqueNeeds", "funding", "legalBasis", "dpia",
	}, missing)
	checkDefinitionAnnex(t, plan, r.Definition)
}

func checkDefinitionAnnex(t *testing.T, plan *cohort.Plan, d *caas.RequestDefinition) {
	t.Helper()
	if d.ID != plan.ID() || d.Version != plan.Version() || d.Hash != plan.Hash() || d.English != plan.English() {
		t.Errorf("definition %s %s %s", d.ID, d.Version, d.Hash)
	}
	uses := plan.Uses()
	if len(d.Tables) != len(uses.Tables) || len(d.CodeLists) != len(uses.CodeLists) {
		t.Fatalf("%d tables and %d code lists", len(d.Tables), len(d.CodeLists))
	}
	for i, use := range uses.Tables {
		if d.Tables[i].Name != use.Table || !slices.Equal(d.Tables[i].Columns, use.Sources) || d.Tables[i].From() != "all of the past" {
			t.Errorf("table %+v", d.Tables[i])
		}
	}
	for i, list := range uses.CodeLists {
		diff(t, caas.RequestCodeList{
			ID: list.ID(), Version: list.Version(), System: string(list.System()), Codes: list.Len(), Hash: list.Hash(), Source: list.Source(),
		}, d.CodeLists[i])
	}
}

// Each coding system has its field; a definition without clinical data fills none, and
// a window shows as the first day that is read.
func TestRequest_FillDefinition_codingSystems(t *testing.T) {
	t.Parallel()
	list := func(system codelist.System, code string) *codelist.List {
		return codelist.Must(codelist.New(codelist.Info{ID: "list", Version: "1", System: system, Source: "made up"}, code))
	}
	medicine := gpes.Journal.Where(gpes.Code.In(list(codelist.SNOMEDCT, "195967001")), gpes.Date.Within(cohort.Months(24), cohort.Index))
	definition, err := cohort.New("recent", "1", cohort.Include("aged 40 or more", person.AgeOn(cohort.Index).AtLeast(40)).IfUnknown(cohort.TreatAsNo),
		cohort.Include("asthma", medicine.Exists()))
	if err != nil {
		t.Fatal(err)
	}
	var r caas.Request
	if err := r.FillDefinition(bind(t, definition)); err != nil {
		t.Fatal(err)
	}
	if i := slices.IndexFunc(r.Definition.Tables, func(t caas.RequestTable) bool { return t.Name == "gpes.journal" }); i < 0 || r.Definition.Tables[i].Earliest != "2024-11-01" {
		t.Errorf("tables %+v", r.Definition.Tables)
	}
	for system, field := range map[codelist.System]*string{
		codelist.ICD10: &r.Data.Clinical.Diagnosis, codelist.OPCS4: &r.Data.Clinical.Treatment, codelist.DMD: &r.Data.Clinical.Medication,
	} {
		if *field != "" {
			t.Errorf("a list of SNOMED CT is under %s: %q", system, *field)
		}
	}
	ages, err := cohort.New("ages", "1", cohort.Include("aged 40 or more", person.AgeOn(cohort.Index).AtLeast(40)).IfUnknown(cohort.TreatAsNo))
	if err != nil {
		t.Fatal(err)
	}
	r = caas.Request{}
	if err := r.FillDefinition(bind(t, ages)); err != nil {
		t.Fatal(err)
	}
	if r.Data.Clinical != (caas.ClinicalData{}) || r.Cohort.Criteria != "" || r.Data.Demographics.Locations != "" {
		t.Errorf("filled %+v", r)
	}
}

// proposal is a whole proposal, of which a request can say everything it may.
func proposal(tb testing.TB, plan *cohort.Plan) governance.Proposal {
	tb.Helper()
	meaning, err := governance.ParseDigest("sha256:" + plan.Hash())
	if err != nil {
		tb.Fatal(err)
	}
	start := time.Date(2026, time.November, 2, 9, 0, 0, 0, time.UTC)
	return governance.Proposal{
		ID: "talking-therapies-2026", Author: "o.grey",
		Cohort: governance.CohortFacet{Definition: plan.ID(), Version: plan.Version(), Meaning: meaning},
		Data: governance.DataFacet{Sets: []governance.DataSet{
			{Name: "gpes.journal", Fields: []string{"CODE"}, Controller: "NHS England", Earliest: "2024-11-01", MaxAgeHours: 720, RetentionDays: 90},
			{Name: "person", Fields: []string{"icb"}, Controller: "NHS England"},
		}},
		Purpose: governance.PurposeFacet{
			Code: "prevention.talking-therapies", Text: "Telling people about NHS Talking Therapies", Controllers: []string{"NHS England"},
			Basis: governance.LegalBasis{
				Article6: governance.Article6PublicTask, Article9: governance.Article9HealthCare, Confidentiality: governance.ImpliedConsent,
				Vehicle: "a direction", Reference: "DEMO-1", Expires: start.AddDate(1, 0, 0), DataSets: []string{"gpes.journal", "person"},
				Conditions: []string{"review in May"},
			},
			SecondaryUse: true,
			OptOut:       governance.OptOutDecision{Type1: true, Reason: "individual care"},
			Class:        governance.IndividualCare,
		},
		Volume: governance.VolumeFacet{
			ExpectedMin: 1400, ExpectedMax: 1600, HardCap: 1600, DailyCap: 500, PurchaseOrder: "PO-7", BudgetPence: 5005,
			UnitCosts: []governance.UnitCost{{Channel: governance.ChannelSMS, MilliPence: 2880}},
		},
		Safety: governance.SafetyFacet{
			HazardLog:    governance.HazardLog{Content: sha256.Sum256([]byte("log")), HighestRisk: 2, AcceptableRisk: 3},
			MinimumAge:   16,
			Suppressions: []governance.Suppression{{Name: "deceased", MaxAgeHours: 24}},
			Sentinels:    []governance.Sentinel{{Kind: "deceased", Planted: 2}},
		},
		Window: governance.WindowFacet{
			NotBefore: start, NotAfter: start.AddDate(0, 2, 0),
			Hours: governance.SendingHours{Days: []time.Weekday{time.Monday, time.Tuesday}, From: "08:00", To: "18:00"},
		},
	}
}

// approved is a register in which people referred to documents.
func approved(p governance.Proposal, decisions ...governance.Decision) governance.Register {
	at := time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC)
	var register governance.Register
	for _, decision := range decisions {
		for _, gate := range governance.DefaultGates() {
			if gate.Name != "dpia" {
				continue
			}
			approval := governance.Approve(p, gate, at)
			approval.Decision = decision
			for _, kind := range gate.Evidence {
				approval.Evidence = append(approval.Evidence, governance.Evidence{
					Kind: kind, Reference: strings.ToUpper(string(kind)) + "-7", Content: sha256.Sum256([]byte(kind)),
				})
			}
			register = append(register, governance.RegisterEntry{By: []governance.PersonID{"a.khan"}, Approval: &approval})
		}
	}
	return append(register, governance.RegisterEntry{Halt: &governance.Halt{}})
}

func TestRequest_FillProposal(t *testing.T) {
	t.Parallel()
	plan := talkingTherapies(t)
	p := proposal(t, plan)
	var r caas.Request
	if err := errors.Join(r.FillDefinition(plan), r.FillProposal(p, approved(p, governance.DecisionApprove))); err != nil {
		t.Fatal(err)
	}
	for want, got := range map[string]string{
		"Telling people about NHS Talking Therapies\nPurpose code: prevention.talking-therapies": r.Cohort.Goals,
		`Messages are sent from 2 November 2026 09:00 UTC until 2 January 2027 09:00 UTC.
Messages are sent on Monday, Tuesday, from 08:00 to 18:00 in London.
Data of gpes.journal are at most 720 hours old when they are used.`: r.Cohort.Timelines,
		"Risks are in the hazard log, content " + p.Safety.HazardLog.Content.String() + `.
Its highest open risk is 2, and 3 is acceptable.
Nobody below the age of 16 is sent a message.
Every recipient is checked: deceased, at most 24 hours before a message.
Test people are planted, and must be caught: deceased, at least 2.`: r.Risks,
		`The cohort is expected to have 1400 to 1600 people.
At most 1600 people are sent a message, and at most 500 in a day.`: r.Assumptions,
		`UK GDPR: Article 6(1)(e), Article 9(2)(h).
Duty of confidentiality: implied consent.
Vehicle: a direction. Reference: DEMO-1.
Valid until 2 November 2027 09:00 UTC.
It covers the data sets gpes.journal, person.
Condition: review in May.
The data also serve evaluation, planning or research.
Controllers: NHS England.
National data opt-out: not applied. Type 1 opt-out: applied. Reason: individual care.
Messages are of the class individual-care.`: r.LegalBasis,
		`Purchase order PO-7 has £50.05 left, and pays for messages: at most £46.08.
It does not say who pays for building and running the cohort, which CaaS estimates after a feasibility assessment.`: r.Funding,
		"DPIA: DPIA-7, content " + digest("dpia") + "\nTransparency notice: TRANSPARENCY-NOTICE-7, content " + digest("transparency-notice"): r.DPIA,
	} {
		diff(t, want, got)
	}
	diff(t, &caas.RequestProposal{
		ID: p.ID, Root: p.Root().String(), Meaning: "sha256:" + plan.Hash(), DataSets: []caas.RequestDataSet{
			{Name: "gpes.journal", Controller: "NHS England", Earliest: "2024-11-01", MaxAgeHours: 720, RetentionDays: 90},
			{Name: "person", Controller: "NHS England"},
		},
	}, r.Proposal)
}

func digest(content string) string { return governance.Digest(sha256.Sum256([]byte(content))).String() }

// Nothing is made up: what an empty proposal does not say stays missing, as does what
// nobody stands by any more.
func TestRequest_FillProposal_nothing(t *testing.T) {
	t.Parallel()
	p := proposal(t, talkingTherapies(t))
	changed := p
	changed.Purpose.Text = "Something else"
	unsigned := approved(p, governance.DecisionApprove)
	for i := range unsigned {
		unsigned[i].By = nil
	}
	other := p
	other.ID = "another"
	for name, register := range map[string]governance.Register{
		"no register":      nil,
		"rejected since":   approved(p, governance.DecisionApprove, governance.DecisionReject),
		"revoked since":    approved(p, governance.DecisionApprove, governance.DecisionRevoke),
		"changed since":    approved(changed, governance.DecisionApprove),
		"not trusted":      unsigned,
		"another proposal": approved(other, governance.DecisionApprove),
	} {
		var r caas.Request
		if err := r.FillProposal(p, register); err != nil || r.DPIA != "" || r.LegalBasis == "" {
			t.Errorf("%s: %q, %v", name, r.DPIA, err)
		}
	}
	var r caas.Request
	if err := r.FillProposal(p, approved(p, governance.DecisionRevoke, governance.DecisionApprove)); err != nil || r.DPIA == "" {
		t.Errorf("approved again: %q, %v", r.DPIA, err)
	}
	r = caas.Request{}
	if err := r.FillProposal(governance.Proposal{ID: "draft"}, nil); err != nil {
		t.Fatal(err)
	}
	if missing := len(r.Missing()); missing != len((&caas.Request{}).Missing()) {
		t.Errorf("an empty proposal leaves %d missing", missing)
	}
}

// What people have written stays.
func TestRequest_fillKeepsTexts(t *testing.T) {
	t.Parallel()
	plan := talkingTherapies(t)
	r, want := written("as agreed"), written("as agreed")
	r.Proposal, r.Definition = nil, nil
	p := proposal(t, plan)
	if err := errors.Join(r.FillProposal(p, approved(p, governance.DecisionApprove)), r.FillDefinition(plan)); err != nil {
		t.Fatal(err)
	}
	if r.Definition.ID != plan.ID() || r.Proposal.ID != p.ID {
		t.Errorf("annexes %+v, %+v", r.Definition, r.Proposal)
	}
	r.Definition, r.Proposal, want.Definition, want.Proposal = nil, nil, nil, nil
	diff(t, want, r)
}

// A definition and a proposal in one request are about one cohort.
func TestRequest_fillRefuses(t *testing.T) {
	t.Parallel()
	plan := talkingTherapies(t)
	other := proposal(t, plan)
	other.Cohort.Meaning = sha256.Sum256([]byte("another cohort"))
	var r, reverse caas.Request
	if err := errors.Join(r.FillDefinition(plan), reverse.FillProposal(other, nil)); err != nil {
		t.Fatal(err)
	}
	before, reversed := r.Hash(), reverse.Hash()
	assertArgument(t, "another cohort", r.FillProposal(other, nil), "definition")
	assertArgument(t, "another definition", reverse.FillDefinition(plan), "definition")
	assertArgument(t, "no definition", r.FillDefinition(nil), "definition")
	assertArgument(t, "no id", r.FillProposal(governance.Proposal{}, nil), "proposal")
	if r.Hash() != before || reverse.Hash() != reversed {
		t.Error("a refused filling has changed the request")
	}
}
