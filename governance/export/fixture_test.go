package export_test

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/governance/export"
)

// start is a Monday in working hours, in winter.
var start = time.Date(2026, 2, 2, 9, 0, 0, 0, time.UTC)

const english = "Cohort talking-therapies, version 1.0.0.\n\n1. Include: aged 45 to 70.\n"

func digest(s string) governance.Digest { return sha256.Sum256([]byte(s)) }

// newDefinition is what campaign takes from a plan.
func newDefinition() export.Definition {
	return export.Definition{
		English: english,
		CodeLists: []export.CodeList{{
			ID: "illustrative/asthma", Version: "1", System: "SNOMED CT", Source: "a short illustration",
			Digest: digest("asthma"), Codes: []string{"195967001", "304527002"},
		}},
		Needs: []export.Need{
			{DataSet: "person", Field: "date_of_birth", Rules: []string{"aged 45 to 70"}},
			{DataSet: "gpes.journal", Field: "CODE", Rules: []string{"has a long-term condition", "no recent contact"}},
		},
	}
}

// newHazards is a log of one hazard, proved by one test.
func newHazards() (export.HazardLog, export.TestResults) {
	test := export.Test{Package: "example.test/campaign", Name: "TestNobodyDead"}
	log := export.HazardLog{
		AcceptableRisk: 2, Matrix: export.DefaultMatrix(), Hazards: []export.Hazard{{
			ID: "H1", Title: "A message about someone who has died", Cause: "a source is not checked", Effect: "distress",
			Initial:  export.Rating{Likelihood: export.Medium, Severity: export.Considerable},
			Residual: export.Rating{Likelihood: export.VeryLow, Severity: export.Considerable},
			Controls: []export.Control{{Text: "everybody is checked", Tests: []export.Test{test}}},
		}},
	}
	return log, export.TestResults{test: {Outcome: "pass", At: start.Add(-time.Hour)}}
}

func newProposal() governance.Proposal {
	hazards := must(func() (governance.HazardLog, error) { log, results := newHazards(); return log.Summary(results) }())
	p := governance.Proposal{
		ID: "talking-therapies-2026", Author: "author",
		Cohort: governance.CohortFacet{
			Definition: "talking-therapies", Version: "1.0.0", Meaning: digest("meaning"), English: digest(english),
			CodeLists: []governance.CodeList{{ID: "illustrative/asthma", Version: "1", Codes: digest("asthma")}},
		},
		Data: governance.DataFacet{Sets: []governance.DataSet{
			{Name: "person", Fields: []string{"date_of_birth"}, Controller: "NHS England", MaxAgeHours: 168, RetentionDays: 90},
			{Name: "gpes.journal", Fields: []string{"CODE"}, Earliest: "2024-02-01", Controller: "GP practices", GPRecords: true, MaxAgeHours: 168, RetentionDays: 90},
		}},
		Purpose: governance.PurposeFacet{
			Code: "prevention.talking-therapies", Text: "Tell people about NHS Talking Therapies", Controllers: []string{"NHS England"},
			Basis: governance.LegalBasis{
				Article6: governance.Article6PublicTask, Article9: governance.Article9HealthCare, Confidentiality: governance.ImpliedConsent,
				Vehicle: "direction under section 254", Reference: "Example Directions 2026", Expires: start.AddDate(1, 0, 0),
				DataSets: []string{"person", "gpes.journal"}, Conditions: []string{"reviewed every year"},
			},
			OptOut: governance.OptOutDecision{Reason: "individual care"}, Class: governance.IndividualCare,
		},
		Message: governance.MessageFacet{
			RoutingPlan: governance.RoutingPlan{ID: "b838b13c-f98c-4def-93f0-515d4e4f4ee1", Version: "7"},
			Templates: []governance.Template{
				governance.NewTemplate(governance.ChannelNHSApp, "en", "standard", []byte("app"), []byte("sample")),
				governance.NewTemplate(governance.ChannelSMS, "en", "standard", []byte("sms"), []byte("sample")),
			},
			PersonalisationKeys: []string{"practice"},
		},
		Volume: governance.VolumeFacet{
			ExpectedMin: 1000, ExpectedMax: 2000, HardCap: 2000, DailyCap: 500,
			Stages: []governance.StageCap{{Stage: governance.Synthetic, Cap: 10}, {Stage: governance.DryRun, Cap: 2000}, {Stage: governance.Pilot, Cap: 150}},
			UnitCosts: []governance.UnitCost{
				{Channel: governance.ChannelNHSApp, PerThousand: 1000}, {Channel: governance.ChannelSMS, MilliPence: 2880, PerThousand: 500},
			},
			PurchaseOrder: "PO-1", BudgetPence: 6000,
		},
		Safety: governance.SafetyFacet{
			MinimumAge: 18, HazardLog: hazards, Limits: governance.StageLimits{FailedPerThousand: 100, DeceasedPerThousand: 10},
			Disclosure: governance.DisclosurePolicy{Name: "HES", SuppressUpTo: 7, RoundTo: 5},
		},
		Window: governance.WindowFacet{
			NotBefore: start, NotAfter: start.AddDate(0, 2, 0),
			Hours: governance.SendingHours{Days: []time.Weekday{1, 2, 3, 4, 5}, From: "08:00", To: "18:00"},
		},
	}
	for _, rule := range p.Purpose.OptOut.Suppressions() {
		p.Safety.Suppressions = append(p.Safety.Suppressions, governance.Suppression{Name: rule.Name, MaxAgeHours: max(24, rule.AdvisedHours)})
		if rule.Sentinel {
			p.Safety.Sentinels = append(p.Safety.Sentinels, governance.Sentinel{Kind: rule.Name, Planted: 2})
		}
	}
	if err := p.Validate(); err != nil {
		panic(err)
	}
	return p
}

func newManifest(p governance.Proposal) governance.Manifest {
	return governance.Manifest{
		Proposal: p.Root(), Build: 12, Plan: p.Cohort.Meaning, Recipients: digest("list"), BuiltAt: start,
		Included: 1583, Exclusions: []governance.Exclusion{{Reason: "deceased", Count: 12}, {Reason: "restricted", Count: 3}},
		Segments: []governance.Segment{
			{Name: "QZ1", Plan: p.Message.RoutingPlan.ID, Included: 1579, Exclusions: []governance.Exclusion{{Reason: "deceased", Count: 11}, {Reason: "restricted", Count: 3}}},
			{Name: "QZ2", Plan: p.Message.RoutingPlan.ID, Included: 4, Exclusions: []governance.Exclusion{{Reason: "deceased", Count: 1}}},
		},
		Sentinels: []governance.SentinelResult{{Kind: "deceased", Planted: 2, Caught: 2}},
		Snapshots: []governance.Snapshot{{DataSet: "person", ID: "2026-02-01", TakenAt: start.AddDate(0, 0, -1)}},
	}
}

func newDetails() export.ProcessingDetails {
	return export.ProcessingDetails{
		Contact: "prevention@example.test", DataProtectionOfficer: "dpo@example.test",
		Subjects: []string{"adults registered with a GP practice"}, Categories: []string{"health"}, Processors: []string{"NHS Notify"},
		Recipients: []string{"nobody else"}, Transfers: []string{"none"}, Security: []string{"lists are sealed", "keys are in hardware"},
	}
}

var update = flag.Bool("update", false, "write the golden files again")

// golden compares with a file in testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got)\n%s", name, diff)
	}
}

func markdown(tb testing.TB, d *export.Document) string {
	tb.Helper()
	var b bytes.Buffer
	if err := d.WriteMarkdown(&b); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

func html(tb testing.TB, d *export.Document) string {
	tb.Helper()
	var b bytes.Buffer
	if err := d.WriteHTML(&b); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
