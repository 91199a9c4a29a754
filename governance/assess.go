package governance

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// subject is the content a decision is about: a proposal, and for sending a manifest and a stage.
type subject struct {
	proposal Proposal
	root     Digest
	facets   map[Facet]Digest
	manifest *Manifest
	built    Digest // of the manifest, or zero
	stage    Stage  // empty for building
}

func newSubject(p Proposal, m *Manifest, s Stage) *subject {
	sub := &subject{proposal: p, root: p.Root(), facets: p.Facets(), manifest: m, stage: s}
	if m != nil {
		sub.built = m.Digest()
	}
	return sub
}

// requires reports whether the gate must be met.
func (s *subject) requires(g Gate) bool { return s.stage != "" || g.beforeBuild() }

// changedSince lists what differs from what an approval was given for.
func (s *subject) changedSince(a Approval, g Gate) []string {
	var changed []string
	for _, f := range AllFacets() {
		if slices.Contains(g.Covers, f) && a.Facets[f] != s.facets[f] {
			changed = append(changed, string(f))
		}
	}
	if a.Author != s.proposal.Author {
		changed = append(changed, "author")
	}
	if g.Manifest && a.Manifest != s.built {
		changed = append(changed, "manifest")
	}
	return changed
}

// report answers for a subject at a time.
func (l *ledger) report(gates []Gate, s *subject, now time.Time) Report {
	r := Report{Proposal: s.proposal.ID, Root: s.root, Stage: s.stage, At: now}
	problems := l.problems(gates, s, now)
	for _, g := range gates {
		if s.requires(g) {
			r.Gates = append(r.Gates, l.assess(g, s, now, problems.failed))
		}
	}
	for _, h := range l.halts[s.proposal.ID] {
		if h.open() {
			r.Halts = append(r.Halts, HaltReport{
				Entry: h.index, At: h.at, By: slices.Clone(h.by), Reason: h.reason, ResumedBy: slices.Clone(h.resumedBy),
			})
		}
	}
	r.Problems = problems.reasons
	return r
}

// assess decides one gate from the latest statement of each person and from the checks that fail.
func (l *ledger) assess(g Gate, s *subject, now time.Time, failed []MachineCheck) GateReport {
	r := GateReport{Gate: g.Name}
	stage := Stage("")
	if g.Stage {
		stage = s.stage
	}
	held := make(map[PersonID][]Role)
	var evidence []EvidenceKind
	var rejected, expired bool
	note := func(format string, args ...any) { r.Reasons = append(r.Reasons, fmt.Sprintf(format, args...)) }
	for _, st := range l.about(s.proposal.ID, g.Name, stage) {
		a, who := st.approval, st.person
		changed := s.changedSince(a, g)
		ends := earlier(a.Expires, a.SignedAt.Add(g.MaxAge))
		switch {
		case g.NotAuthor && who == s.proposal.Author:
			note("%s is the author", who)
		case !g.fills(st.roles):
			note("%s holds no role of this gate", who)
		case a.Decision == DecisionRevoke:
			note("%s revoked: %s", who, a.Reason)
		case a.Decision == DecisionReject && len(changed) > 0:
			note("%s rejected another version", who)
		case a.Decision == DecisionReject:
			rejected = true
			note("%s rejected: %s", who, a.Reason)
		case len(changed) > 0:
			r.Changed = append(r.Changed, changed...)
			note("%s approved another version: %s changed", who, strings.Join(changed, ", "))
		case !now.Before(ends):
			expired = true
			note("the approval of %s ended on %s", who, ends.UTC().Format(time.DateOnly))
		default:
			held[who] = st.roles
			r.People = append(r.People, who)
			r.Entries = append(r.Entries, st.index)
			for _, e := range a.Evidence {
				evidence = append(evidence, e.Kind)
			}
			for _, x := range l.openConditions(g, s, st) {
				r.Conditions = append(r.Conditions, OpenCondition{Entry: st.index, By: who, Condition: x})
				note("%s approved on a condition: %s", who, x)
			}
		}
	}
	slices.Sort(r.Changed)
	r.Changed = slices.Compact(r.Changed)
	slices.Sort(r.Entries)
	r.Entries = slices.Compact(r.Entries)
	lacking := g.lacking(held, evidence)
	r.Reasons = append(r.Reasons, lacking...)
	for _, check := range g.Checks {
		if slices.Contains(failed, check) {
			r.Failed = append(r.Failed, check)
			note("fails %s", check)
		}
	}
	switch {
	case rejected:
		r.Status = StatusRejected
	case len(lacking) > 0 && len(r.Changed) > 0:
		r.Status = StatusVoid
	case len(lacking) > 0 && expired:
		r.Status = StatusExpired
	case len(lacking) > 0:
		r.Status = StatusMissing
	case len(r.Failed) > 0:
		r.Status = StatusFailed
	case len(r.Conditions) > 0:
		r.Status = StatusConditional
	default:
		r.Status = StatusMet
	}
	return r
}

// openConditions lists the conditions of an approval that keep the gate from being met.
func (l *ledger) openConditions(g Gate, s *subject, st statement) []Condition {
	return slices.DeleteFunc(slices.Clone(st.approval.Conditions), func(x Condition) bool {
		if within, ok := x.enforced(s); ok {
			return within
		}
		return slices.ContainsFunc(l.discharges[dischargeKey{st.index, x}], func(d signatory) bool {
			return g.fills(d.roles) && (!g.NotAuthor || d.person != s.proposal.Author)
		})
	})
}

// lacking says what the gate still needs beyond these people and this evidence.
func (g Gate) lacking(held map[PersonID][]Role, evidence []EvidenceKind) []string {
	var lacking []string
	for _, place := range unfilled(g.Roles, held) {
		lacking = append(lacking, "needs "+place.String())
	}
	if len(lacking) == 0 && len(held) < g.MinPeople {
		lacking = append(lacking, fmt.Sprintf("needs %d people and has %d", g.MinPeople, len(held)))
	}
	for _, k := range g.Evidence {
		if !slices.Contains(evidence, k) {
			lacking = append(lacking, "needs evidence "+string(k))
		}
	}
	return lacking
}

func earlier(x, y time.Time) time.Time {
	if x.Before(y) {
		return x
	}
	return y
}
