package governance_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/personalised-prevention/nhs/governance"
)

// The holders of the root keys say who counts, information governance witnesses the log, and an auditor
// proves it from its files.
func ExampleAuditDirectory() {
	ctx := context.Background()
	now := time.Date(2026, 2, 2, 9, 0, 0, 0, time.UTC)
	random := rand.NewChaCha8([32]byte{})
	key := func(name governance.PersonID) *governance.Signer {
		s, _ := governance.NewSigningKey(random, name) // real keys are in hardware: see NewSigner
		return s
	}
	chair, medical, nurse := key("root.chair"), key("root.medical-director"), key("n.okafor")
	operator, witness := key("example.test/log"), key("ig.example.test/witness")
	dir, _ := os.MkdirTemp("", "audit")
	defer os.RemoveAll(dir)

	// The trust file, as text, signed by two of two.
	gates := governance.DefaultGates()
	valid := governance.Validity{From: now, Until: now.AddDate(1, 0, 0)}
	file, _ := governance.TrustFile{
		Serial: 1, IssuedAt: now, Gates: governance.GatesDigest(gates), People: []governance.Person{nurse.Person(valid, governance.RoleClinicalLead)},
	}.Sign(chair, medical)
	roots := governance.Roots{Keys: []string{chair.VerifierKey(), medical.VerifierKey()}, Threshold: 2}
	trust, err := governance.OpenTrust(file, roots)
	fmt.Println("trust file", trust.File().Serial, err)

	// Somebody refuses a campaign. The operator shows the log to the witness, and keeps what it signs.
	storage, _ := governance.OpenFile(filepath.Join(dir, governance.LogFile))
	defer storage.Close()
	log, _ := governance.OpenLog(ctx, storage, "example.test/log")
	authority, _ := governance.NewAuthority(governance.Config{Trust: trust, Gates: gates, Log: log, Clock: func() time.Time { return now }})
	clinical := gates[5]
	note, _ := governance.Reject(newProposal(), clinical, now, "the link is wrong").Sign(nurse)
	_, err = authority.Submit(ctx, note)
	fmt.Println("rejected", err)

	// What reviewers read is recorded as well.
	_ = os.WriteFile(filepath.Join(dir, "report.html"), []byte("<p>Refused.</p>"), 0o600)
	fmt.Println("recorded", authority.RecordFiles(ctx, dir, "report.html"))
	w, _ := governance.OpenWitness(filepath.Join(dir, "the-witness-keeps-this"), witness, "example.test/log", operator.VerifierKey())
	request, _ := log.WitnessRequest(w.Seen().Size, operator)
	checkpoint, err := w.Cosign(request, now)
	fmt.Println("witnessed", w.Seen().Size, "entries", err)
	fmt.Println(governance.KeepCheckpoint(dir, checkpoint))

	// The auditor has the keys from the people themselves.
	report, err := governance.AuditDirectory(ctx, dir, governance.AuditKeys{
		Origin: "example.test/log", Roots: roots, Operator: operator.VerifierKey(), Witnesses: []string{witness.CosignerKey()},
	})
	fmt.Println("proved", report.Proved(), report.Covered, "of", report.Entries, "and", report.Unchanged, "file", err)
	// Output:
	// trust file 1 <nil>
	// rejected <nil>
	// recorded <nil>
	// witnessed 4 entries <nil>
	// <nil>
	// proved true 4 of 4 and 1 file <nil>
}

// Which opt-outs does an invitation by implied consent honour, and which does one with section 251 support?
func ExampleDeriveOptOut() {
	for _, basis := range []governance.Confidentiality{governance.ImpliedConsent, governance.Section251Regulation5} {
		rule := governance.DeriveOptOut(basis, false, true)
		fmt.Println(basis, "national:", rule.NationalDataOptOut, "type 1:", rule.Type1)
	}
	decision := governance.OptOutDecision{NationalDataOptOut: true, Type1: true, Reason: "section 251 support"}
	for _, rule := range decision.Suppressions() {
		fmt.Println("nobody is messaged who", rule.Says)
	}
	// Output:
	// implied-consent national: does-not-apply type 1: does-not-apply
	// section-251-regulation-5 national: applies type 1: applies
	// nobody is messaged who has died, formally or informally notified
	// nobody is messaged who has a restricted record, or a flag that is not known
	// nobody is messaged who is listed under a number that has been replaced
	// nobody is messaged who has been removed from registration
	// nobody is messaged who is younger than the minimum age, or of unknown age
	// nobody is messaged who has objected to the programme or to its channels
	// nobody is messaged who has a type 1 opt-out on their GP record
	// nobody is messaged who has a national data opt-out
}

// An approval on a condition is not met until somebody with a role of the gate has seen to it, unless the
// condition is one that is enforced as it is written.
func ExampleDischarge() {
	ctx := context.Background()
	now := time.Date(2026, 2, 2, 9, 0, 0, 0, time.UTC)
	proposal, gates := newProposal(), governance.DefaultGates()
	random := rand.NewChaCha8([32]byte{})
	lawyer, _ := governance.NewSigningKey(random, "i.governance")
	author, _ := governance.NewSigningKey(random, proposal.Author)
	valid := governance.Validity{From: now, Until: now.AddDate(1, 0, 0)}
	trust, _ := governance.NewTrust(lawyer.Person(valid, governance.RoleLegal), author.Person(valid))
	log, _ := governance.OpenLog(ctx, new(governance.MemoryStorage), "example.test/log")
	authority, _ := governance.NewAuthority(governance.Config{Trust: trust, Gates: gates, Log: log, Clock: func() time.Time { return now }})

	legal := gates[3]
	approval := governance.Approve(proposal, legal, now)
	approval.Conditions = []governance.Condition{governance.MaxStage(governance.Pilot), "tell the practices first"}
	note, _ := approval.Sign(lawyer)
	index, _ := authority.Submit(ctx, note)
	show := func() {
		report, _ := authority.Check(ctx, proposal, nil, governance.Pilot)
		fmt.Println(report.Gates[3].Gate, report.Gates[3].Status)
	}
	show()
	note, _ = governance.Discharge{
		Proposal: proposal.ID, Approval: index, Condition: "tell the practices first", Reason: "letters sent", SignedAt: now,
	}.Sign(lawyer)
	_, err := authority.Submit(ctx, note)
	fmt.Println(err)
	show()
	// Output:
	// legal conditional
	// <nil>
	// legal met
}
