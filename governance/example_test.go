package governance_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/personalised-prevention/nhs/governance"
)

// A proposal is signed gate by gate, the list is built, and a batch is authorised.
func Example() {
	ctx := context.Background()
	now := time.Date(2026, 2, 2, 9, 0, 0, 0, time.UTC)
	proposal := newProposal()
	gates := governance.DefaultGates()

	// One demonstration key for each role. Real people bring their own: see NewSigner.
	random := rand.NewChaCha8([32]byte{})
	valid := governance.Validity{From: now, Until: now.AddDate(1, 0, 0)}
	keys := make(map[governance.Role]*governance.Signer)
	var people []governance.Person
	for _, g := range gates {
		for _, place := range g.Roles {
			role := place[0]
			keys[role], _ = governance.NewSigningKey(random, governance.PersonID("demo-"+role))
			people = append(people, keys[role].Person(valid, role))
		}
	}
	author, _ := governance.NewSigningKey(random, proposal.Author)
	people = append(people, author.Person(valid))
	trust, _ := governance.NewTrust(people...)
	log, _ := governance.OpenLog(ctx, new(governance.MemoryStorage), "example.test/log")
	authority, _ := governance.NewAuthority(governance.Config{
		Trust: trust, Gates: gates, Log: log, Clock: func() time.Time { return now },
	})

	manifest := newManifest(proposal)
	sign := func(g governance.Gate) {
		a := governance.Approve(proposal, g, now)
		if g.Manifest {
			a.Manifest = manifest.Digest()
		}
		if g.Stage {
			a.Stage = governance.Synthetic
		}
		for _, kind := range g.Evidence {
			a.Evidence = append(a.Evidence, governance.Evidence{Kind: kind, Reference: "demo", Content: digest("document")})
		}
		for _, place := range g.Roles {
			signed, _ := a.Sign(keys[place[0]])
			if _, err := authority.Submit(ctx, signed); err != nil {
				fmt.Println(err)
			}
		}
	}
	for _, g := range gates[:7] {
		sign(g)
	}
	build, err := authority.PermitBuild(ctx, proposal)
	fmt.Println(build, err)
	live := governance.Build{Cohort: proposal.Cohort, Uses: uses()} // from the definition that is about to run
	manifest.Build, _ = build.AuthorizeBuild(ctx, live)
	fmt.Println(build.RecordManifest(ctx, manifest))

	_, err = authority.PermitSend(ctx, proposal, manifest, governance.Synthetic)
	fmt.Println(err)
	for _, g := range gates[7:] {
		sign(g)
	}
	send, err := authority.PermitSend(ctx, proposal, manifest, governance.Synthetic)
	fmt.Println(send, err)

	list, _ := governance.NewList(recipients()) // the tokens of everybody, from a Sealer
	batch := governance.Batch{
		Reference: "batch-1", Proposal: proposal.Root(), Manifest: manifest.Digest(), List: list, Recipients: recipients()[:2],
	}
	for _, s := range proposal.Safety.Suppressions {
		batch.Checked = append(batch.Checked, governance.Checked{Suppression: s.Name, At: now, Asked: 52, Allowed: 40})
	}
	fmt.Println(send.Authorize(ctx, batch))
	// Output:
	// permit to build talking-therapies-2026 <nil>
	// <nil>
	// governance: refused: not approved: summary is missing, release is missing
	// permit to send talking-therapies-2026 at stage synthetic <nil>
	// <nil>
}

// What would correcting a text message cost in signatures?
func ExampleImpact() {
	before, after := newProposal(), newProposal()
	after.Message.Templates[1].Text = digest("the corrected text")
	for _, gate := range governance.Impact(before, after, governance.DefaultGates()) {
		fmt.Println(gate)
	}
	// Output:
	// scope stands
	// platforms is void: message.templates changed
	// funding is void: message.templates changed
	// legal stands
	// dpia is void: message.templates changed
	// clinical is void: message.templates changed
	// assurance is void: message.templates changed
	// summary is void: message.templates changed
	// release is void: message.templates changed
}

// An auditor keeps a signed checkpoint and later checks the log against it, offline.
func ExampleVerify() {
	ctx := context.Background()
	now := time.Date(2026, 2, 2, 9, 0, 0, 0, time.UTC)
	random := rand.NewChaCha8([32]byte{})
	valid := governance.Validity{From: now, Until: now.AddDate(1, 0, 0)}
	nurse, _ := governance.NewSigningKey(random, "n.okafor")
	operator, _ := governance.NewSigningKey(random, "example.test/log")
	trust, _ := governance.NewTrust(nurse.Person(valid, governance.RoleClinicalLead))
	storage := new(governance.MemoryStorage) // or OpenFile
	log, _ := governance.OpenLog(ctx, storage, "example.test/log")
	authority, _ := governance.NewAuthority(governance.Config{
		Trust: trust, Gates: governance.DefaultGates(), Log: log, Clock: func() time.Time { return now },
	})
	clinical := governance.DefaultGates()[5]
	signed, _ := governance.Reject(newProposal(), clinical, now, "the link is wrong").Sign(nurse)
	index, err := authority.Submit(ctx, signed)
	fmt.Println("rejection is entry", index, err)

	kept, _ := log.Checkpoint().Sign(operator)
	trusted, err := governance.OpenCheckpoint(kept, "example.test/log", operator.VerifierKey())
	fmt.Println("checkpoint of", trusted.Size, "entries", err)
	fmt.Println(governance.Verify(ctx, storage, trusted))

	proof, _ := log.Prove(index)
	entry, err := proof.Check(trusted)
	fmt.Println("proved:", entry.Kind, err)
	fmt.Print(authority.Register("talking-therapies-2026"))
	// Output:
	// rejection is entry 1 <nil>
	// checkpoint of 2 entries <nil>
	// <nil>
	// proved: approval <nil>
	// ENTRY  LOGGED                GATE      DECISION  BY        DETAIL
	// 1      2026-02-02 09:00 UTC  clinical  reject    n.okafor  the link is wrong
}
