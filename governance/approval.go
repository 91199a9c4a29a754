package governance

import (
	"fmt"
	"strings"
	"time"
)

const approvalTitle = "nhs-prevention approval v1"

// Decision is what a person says at a gate.
type Decision string

// The decisions. A rejection blocks the gate until the person approves or revokes; a revocation takes
// back what the person said before.
const (
	DecisionApprove Decision = "approve"
	DecisionReject  Decision = "reject"
	DecisionRevoke  Decision = "revoke"
)

// EvidenceKind says what a document is.
type EvidenceKind string

// The kinds the default gates ask for. Any word may be used for others.
const (
	EvidencePurchaseOrder      EvidenceKind = "purchase-order"
	EvidenceDPIA               EvidenceKind = "dpia"
	EvidenceTransparencyNotice EvidenceKind = "transparency-notice"
	EvidenceSyntheticRun       EvidenceKind = "synthetic-run"
	EvidenceBoundaryTable      EvidenceKind = "boundary-table"
	EvidenceSentinels          EvidenceKind = "sentinels"
	EvidenceUpstreamInformed   EvidenceKind = "upstream-informed"
)

// Evidence refers to a document the person relied on, by content.
type Evidence struct {
	Kind      EvidenceKind
	Reference string
	// Content is the SHA-256 of the document.
	Content Digest
}

// Approval is one statement about one gate: what was in front of the person, what they decided and
// for how long it counts. Its text is what they read and sign.
type Approval struct {
	Proposal string
	Author   PersonID
	Gate     string
	Decision Decision
	// Facets are the digests of the facets the gate covers.
	Facets map[Facet]Digest
	// Manifest and Stage are set for the gates that cover them.
	Manifest Digest
	Stage    Stage
	Evidence []Evidence
	// Conditions limit an approval. See [Condition].
	Conditions []Condition
	// Reason is required to reject or revoke.
	Reason string
	// SignedAt orders one person's statements about one gate: a later one replaces an earlier one.
	SignedAt time.Time
	// Expires is when an approval stops counting. Rejections and revocations do not expire.
	Expires time.Time
}

// Approve prepares an approval of what the gate covers, to count for as long as the gate allows. Set
// Manifest, Stage and Evidence where the gate asks for them, and Conditions and an earlier Expires if need
// be.
func Approve(p Proposal, g Gate, signedAt time.Time) Approval {
	a := decide(p, g, DecisionApprove, signedAt)
	a.Expires = signedAt.Add(g.MaxAge)
	return a
}

// Reject prepares a refusal of what the gate covers.
func Reject(p Proposal, g Gate, signedAt time.Time, reason string) Approval {
	a := decide(p, g, DecisionReject, signedAt)
	a.Reason = reason
	return a
}

// Revoke prepares the withdrawal of what the person said about the gate before.
func Revoke(p Proposal, g Gate, signedAt time.Time, reason string) Approval {
	a := decide(p, g, DecisionRevoke, signedAt)
	a.Reason = reason
	return a
}

func decide(p Proposal, g Gate, d Decision, signedAt time.Time) Approval {
	a := Approval{
		Proposal: p.ID, Author: p.Author, Gate: g.Name, Decision: d,
		Facets: make(map[Facet]Digest, len(g.Covers)), SignedAt: signedAt,
	}
	facets := p.Facets()
	for _, f := range g.Covers {
		a.Facets[f] = facets[f]
	}
	return a
}

// Sign returns the signed note to submit. Several people may sign one note or one each.
func (a Approval) Sign(signers ...*Signer) ([]byte, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	return signText(a.Text(), signers)
}

// Text is the body people read and sign.
func (a Approval) Text() string {
	p := newPage(approvalTitle)
	p.line("proposal", a.Proposal)
	p.line("author", string(a.Author))
	p.line("gate", a.Gate)
	p.line("decision", string(a.Decision))
	for _, f := range AllFacets() {
		if d, ok := a.Facets[f]; ok {
			p.line("facet "+string(f), d.String())
		}
	}
	if !a.Manifest.IsZero() {
		p.line("manifest", a.Manifest.String())
	}
	p.optional("stage", string(a.Stage))
	for _, e := range a.Evidence {
		p.line("evidence", fmt.Sprintf("%s %s %s", e.Kind, e.Content, e.Reference))
	}
	for _, x := range a.Conditions {
		p.line("condition", string(x))
	}
	p.optional("reason", a.Reason)
	p.line("signed-at", formatTime(a.SignedAt))
	if !a.Expires.IsZero() {
		p.line("expires", formatTime(a.Expires))
	}
	return p.String()
}

// ParseApproval reads the body of a note. It accepts only the text that [Approval.Text] writes.
func ParseApproval(text string) (Approval, error) {
	r, err := readPage(text, approvalTitle)
	if err != nil {
		return Approval{}, err
	}
	a := Approval{
		Proposal: r.value("proposal"),
		Author:   PersonID(r.value("author")),
		Gate:     r.value("gate"),
		Decision: Decision(r.value("decision")),
		Facets:   make(map[Facet]Digest),
	}
	for _, f := range AllFacets() {
		if d := r.digest("facet " + string(f)); !d.IsZero() {
			a.Facets[f] = d
		}
	}
	a.Manifest = r.digest("manifest")
	a.Stage = Stage(r.value("stage"))
	for value, ok := r.next("evidence"); ok; value, ok = r.next("evidence") {
		a.Evidence = append(a.Evidence, parseEvidence(value))
	}
	for value, ok := r.next("condition"); ok; value, ok = r.next("condition") {
		a.Conditions = append(a.Conditions, Condition(value))
	}
	a.Reason = r.value("reason")
	a.SignedAt = r.time("signed-at")
	a.Expires = r.time("expires")
	if a.Text() != text {
		return Approval{}, errBody
	}
	return a, a.check()
}

func parseEvidence(s string) Evidence {
	kind, rest, _ := strings.Cut(s, " ")
	content, reference, _ := strings.Cut(rest, " ")
	d, err := ParseDigest(content)
	if err != nil {
		return Evidence{}
	}
	return Evidence{Kind: EvidenceKind(kind), Reference: reference, Content: d}
}

func (a Approval) check() error {
	var c checker
	c.text("proposal", a.Proposal)
	c.word("author", string(a.Author))
	c.word("gate", a.Gate)
	oneOf(&c, "decision", a.Decision, DecisionApprove, DecisionReject, DecisionRevoke)
	c.require(len(a.Facets) > 0, "facets", "must not be empty")
	for f, d := range a.Facets {
		oneOf(&c, "facets", f, AllFacets()...)
		c.digest("facets", d)
	}
	c.require(a.Stage == "" || a.Stage.rank() >= 0, "stage", "must be one of %v", stages())
	for _, e := range a.Evidence {
		c.word("evidence.kind", string(e.Kind))
		c.text("evidence.reference", e.Reference)
		c.digest("evidence.content", e.Content)
	}
	for _, x := range a.Conditions {
		x.check(&c, "condition")
	}
	unique(&c, "condition", a.Conditions)
	c.require(len(a.Conditions) == 0 || a.Decision == DecisionApprove, "condition", "is for approvals only")
	if a.Reason != "" || a.Decision != DecisionApprove {
		c.text("reason", a.Reason)
	}
	c.time("signed-at", a.SignedAt)
	if a.Decision == DecisionApprove {
		c.time("expires", a.Expires)
		c.require(a.Expires.After(a.SignedAt), "expires", "must be later than signed-at")
	} else {
		c.require(a.Expires.IsZero(), "expires", "is for approvals only")
	}
	return c.err()
}
