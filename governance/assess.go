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
	for _, g := range gates {
		if s.requires(g) {
			r.Gates = append(r.Gates, l.assess(g, s, now))
		}
	}
	for _, h := range l.halts[s.proposal.ID] {
		if h.open() {
			r.Halts = append(r.Halts, HaltReport{
				Entry: h.index, At: h.at, By: h.by, Reason: h.reason, ResumedBy: slices.Clone(h.resumedBy),
			})
		}
	}
	r.Problems = l.problems(s, now)
	return r
}

// assess decides one gate from the latest statement of each person.
func (l *ledger) assess(g Gate, s *subject, now time.Time) GateReport {
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
			for _, e := range a.Evidence {
				evidence = append(evidence, e.Kind)
			}
		}
	}
	slices.Sort(r.Changed)
	r.Changed = slices.Compact(r.Changed)
	lacking := g.lacking(held, evidence)
	r.Reasons = append(r.Reasons, lacking...)
	switch {
	case rejected:
		r.Status = StatusRejected
	case len(lacking) == 0:
		r.Status = StatusMet
	case len(r.Changed) > 0:
		r.Status = StatusVoid
	case expired:
		r.Status = StatusExpired
	default:
		r.Status = StatusMissing
	}
	return r
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

// problems are the checks that need no judgement.
func (l *ledger) problems(s *subject, now time.Time) []error {
	var r refusal
	p := s.proposal
	for _, h := range l.halts[p.ID] {
		r.unless(!h.open(), ErrHalted, "entry %d by %s: %s", h.index, listPeople(h.by), h.reason)
	}
	r.unless(p.Purpose.Class != DirectMarketing, ErrNoBasis, "direct marketing cannot be sent")
	r.unless(now.Before(p.Purpose.Basis.Expires), ErrNoBasis, "expired at %s", formatTime(p.Purpose.Basis.Expires))
	r.unless(now.Before(p.Window.NotAfter), ErrOutsideWindow, "closed at %s", formatTime(p.Window.NotAfter))
	if s.stage != "" {
		l.stageProblems(&r, s)
		if s.manifest != nil {
			l.manifestProblems(&r, s, now)
		}
	}
	return r.reasons
}

// stageProblems requires every earlier rung to be accounted for and healthy with this very content.
func (l *ledger) stageProblems(r *refusal, s *subject) {
	_, ok := s.proposal.Volume.stageCap(s.stage)
	r.unless(ok, ErrStage, "%s is not on the proposal's ladder", s.stage)
	for _, below := range stages()[:max(s.stage.rank(), 0)] {
		healthy, recorded := l.outcomes[stageKey{s.root, below}]
		switch {
		case !recorded:
			r.add(ErrStage, "%s has no outcome for this content", below)
		case !healthy:
			r.add(ErrStage, "%s was not healthy", below)
		}
	}
}

func (l *ledger) manifestProblems(r *refusal, s *subject, now time.Time) {
	p, m := s.proposal, s.manifest
	r.unless(m.Proposal == s.root, ErrMismatch, "the manifest is of another proposal")
	_, recorded := l.manifests[manifestKey{s.root, s.built}]
	r.unless(recorded, ErrUnsafe, "the manifest was not recorded by a permitted build")
	if s.stage != Synthetic { // a synthetic list has whatever size was asked for
		r.unless(m.Included >= p.Volume.ExpectedMin && m.Included <= p.Volume.ExpectedMax, ErrUnsafe,
			"%d people are not within the expected %d to %d", m.Included, p.Volume.ExpectedMin, p.Volume.ExpectedMax)
	}
	for _, want := range p.Safety.Sentinels {
		i := slices.IndexFunc(m.Sentinels, func(got SentinelResult) bool { return got.Kind == want.Kind })
		r.unless(i >= 0 && m.Sentinels[i].Planted >= want.Planted, ErrUnsafe, "too few %s sentinels were planted", want.Kind)
	}
	for _, got := range m.Sentinels {
		r.unless(got.Caught == got.Planted, ErrUnsafe, "of %d %s sentinels %d were caught", got.Planted, got.Kind, got.Caught)
	}
	for _, set := range p.Data.Sets {
		i := slices.IndexFunc(m.Snapshots, func(sn Snapshot) bool { return sn.DataSet == set.Name })
		if i < 0 {
			r.add(ErrStale, "the manifest has no snapshot of %s", set.Name)
			continue
		}
		r.unless(now.Sub(m.Snapshots[i].TakenAt) <= hours(set.MaxAgeHours), ErrStale,
			"the snapshot of %s is over %d hours old", set.Name, set.MaxAgeHours)
	}
}

func hours(n int) time.Duration { return time.Duration(min(n, maxHours)) * time.Hour }

// maxHours is the most a time.Duration holds, about 292 years.
const maxHours = int((1<<63 - 1) / int64(time.Hour))

func earlier(x, y time.Time) time.Time {
	if x.Before(y) {
		return x
	}
	return y
}
