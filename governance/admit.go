package governance

import (
	"slices"
	"time"
)

// admitApproval decides whether an approval, a rejection or a revocation may enter the log, and returns
// the proposal it is about.
func (j *judge) admitApproval(text string, people []PersonID, now time.Time) (string, error) {
	ap, err := ParseApproval(text)
	if err != nil {
		return "", err
	}
	var c checker
	i := slices.IndexFunc(j.gates, func(g Gate) bool { return g.Name == ap.Gate })
	if i < 0 {
		c.fail("gate", "is not in the gate table")
		return "", c.err()
	}
	g := j.gates[i]
	covered := len(ap.Facets) == len(g.Covers)
	for _, f := range g.Covers {
		_, ok := ap.Facets[f]
		covered = covered && ok
	}
	c.require(covered, "facets", "must be exactly those the gate covers: %v", g.Covers)
	c.require(g.Manifest != ap.Manifest.IsZero(), "manifest", "must be given exactly where the gate covers it")
	c.require(g.Stage != (ap.Stage == ""), "stage", "must be given exactly where the gate covers it")
	c.require(ap.Decision != DecisionApprove || now.Before(ap.Expires), "expires", "must be later than now")
	c.notAhead(ap.SignedAt, now)
	// An author by another name could sign what the author may not.
	c.require(ap.Decision != DecisionApprove || j.trust.knows(ap.Author), "author", "must be a person of the trust file, by the name they have there")
	for _, p := range people {
		c.require(g.fills(j.trust.rolesAt(p, now)), "signers", "%s holds no role of the gate %s", p, g.Name)
		c.require(!g.NotAuthor || p != ap.Author, "signers", "%s is the author and may not sign the gate %s", p, g.Name)
	}
	j.refuseReplay(&c, ap, people)
	return ap.Proposal, c.err()
}

// refuseReplay keeps an old note from undoing a later statement of the same person. A note already
// logged may come again with another person's signature, but not with nothing new.
func (j *judge) refuseReplay(c *checker, ap Approval, people []PersonID) {
	text := ap.Text()
	repeats := 0
	for _, p := range people {
		before, ok := j.ledger.statements[statementKey{ap.Proposal, ap.Gate, ap.Stage, p}]
		switch {
		case !ok || ap.SignedAt.After(before.approval.SignedAt):
		case before.approval.Text() == text:
			repeats++
		default:
			c.fail("signed-at", "must be later than what %s said about this gate before", p)
		}
	}
	c.require(repeats < len(people), "note", "is already in the log")
}

func (j *judge) admitDischarge(text string, people []PersonID, now time.Time) (string, error) {
	d, err := ParseDischarge(text)
	if err != nil {
		return "", err
	}
	var c checker
	c.notAhead(d.SignedAt, now)
	ap, ok := j.ledger.approvals[d.Approval]
	if !ok || ap.Proposal != d.Proposal || !slices.Contains(ap.Conditions, d.Condition) {
		c.fail("approval", "must be the log index of an approval of this proposal on this condition")
		return "", c.err()
	}
	_, enforced := d.Condition.enforced(&subject{})
	c.require(!enforced, "condition", "is enforced as it is written and cannot be discharged")
	i := slices.IndexFunc(j.gates, func(g Gate) bool { return g.Name == ap.Gate })
	for _, p := range people {
		c.require(i >= 0 && j.gates[i].fills(j.trust.rolesAt(p, now)), "signers", "%s holds no role of the gate %s", p, ap.Gate)
		c.require(i < 0 || !j.gates[i].NotAuthor || p != ap.Author, "signers", "%s is the author and may not sign the gate %s", p, ap.Gate)
	}
	return d.Proposal, c.err()
}

func (j *judge) admitHalt(text string, now time.Time) (string, error) {
	h, err := ParseHalt(text)
	if err != nil {
		return "", err
	}
	var c checker
	c.notAhead(h.SignedAt, now)
	// Nothing of a proposal that the log does not know can be sent. Whoever misspells one must not believe that
	// it has been halted.
	c.require(j.ledger.knows(h.Proposal), "proposal", "must be the id of a proposal that somebody has signed for: the log has none of that name")
	return h.Proposal, c.err()
}

func (j *judge) admitResume(text string, people []PersonID, now time.Time) (string, error) {
	r, err := ParseResume(text)
	if err != nil {
		return "", err
	}
	var c checker
	c.notAhead(r.SignedAt, now)
	h := j.ledger.halt(r.Proposal, r.Halt)
	if h == nil || !h.open() {
		c.fail("halt", "must be the log index of an open halt of this proposal")
		return "", c.err()
	}
	fresh := slices.ContainsFunc(people, func(p PersonID) bool { return !slices.Contains(h.resumedBy, p) })
	c.require(fresh, "signers", "must include somebody who has not asked to resume yet")
	return r.Proposal, c.err()
}

// notAhead refuses a note signed in the future: it would outrank whatever its signer says until then.
func (c *checker) notAhead(signedAt, now time.Time) {
	c.require(!signedAt.After(now.Add(clockSkew)), "signed-at", "must not be later than now")
}
