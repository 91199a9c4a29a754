package governance

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Condition limits what an approval is for. Those of [MaxStage] and [OnlySegments] are enforced as they
// are written. Any other text leaves the gate conditional, which is not met, until somebody with a role of
// the gate says in a [Discharge] that it has been seen to.
type Condition string

const (
	maxStagePrefix = "max-stage: "
	segmentsPrefix = "segments: "
)

// MaxStage limits an approval to a stage and those below it.
func MaxStage(s Stage) Condition { return Condition(maxStagePrefix + string(s)) }

// OnlySegments limits an approval to lists whose segments are all among these. The names must not hold a
// comma.
func OnlySegments(names ...string) Condition {
	return Condition(segmentsPrefix + strings.Join(names, ", "))
}

func (x Condition) check(c *checker, field string) {
	c.text(field, string(x))
	if stage, ok := strings.CutPrefix(string(x), maxStagePrefix); ok {
		c.require(Stage(stage).rank() >= 0, field, "must name one of the stages %v", stages())
	}
	if names, ok := x.segments(); ok {
		c.require(!slices.Contains(names, ""), field, "must name segments")
	}
}

func (x Condition) segments() (names []string, ok bool) {
	list, ok := strings.CutPrefix(string(x), segmentsPrefix)
	return strings.Split(list, ", "), ok
}

// enforced reports whether the condition is one that is enforced as it is written, and if so whether the
// subject is within it.
func (x Condition) enforced(s *subject) (within, ok bool) {
	if stage, ok := strings.CutPrefix(string(x), maxStagePrefix); ok {
		return s.stage == "" || s.stage.rank() <= Stage(stage).rank(), true
	}
	names, ok := x.segments()
	if !ok {
		return false, false
	}
	within = s.manifest == nil || !slices.ContainsFunc(s.manifest.Segments, func(g Segment) bool {
		return !slices.Contains(names, g.Name)
	})
	return within, true
}

const dischargeTitle = "nhs-prevention discharge v1"

// Discharge says that a condition of an approval has been seen to. It takes somebody with a role of the
// gate, who may be the one who made the condition.
type Discharge struct {
	Proposal string
	// Approval is the log index of the approval, as [Authority.Submit] returned it and reports show it.
	// It keeps an old note from discharging a later approval.
	Approval  int64
	Condition Condition
	// Reason says how.
	Reason   string
	SignedAt time.Time
}

// Sign returns the signed note to submit.
func (d Discharge) Sign(signers ...*Signer) ([]byte, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	return signText(d.Text(), signers)
}

// Text is the body people read and sign.
func (d Discharge) Text() string {
	p := newPage(dischargeTitle)
	p.line("proposal", d.Proposal)
	p.line("approval", strconv.FormatInt(d.Approval, 10))
	p.line("condition", string(d.Condition))
	p.line("reason", d.Reason)
	p.line("signed-at", formatTime(d.SignedAt))
	return p.String()
}

// ParseDischarge reads the body of a note. It accepts only the text that [Discharge.Text] writes.
func ParseDischarge(text string) (Discharge, error) {
	r, err := readPage(text, dischargeTitle)
	if err != nil {
		return Discharge{}, err
	}
	proposal := r.value("proposal")
	approval, err := strconv.ParseInt(r.value("approval"), 10, 64)
	if err != nil {
		return Discharge{}, errBody
	}
	d := Discharge{
		Proposal: proposal, Approval: approval, Condition: Condition(r.value("condition")),
		Reason: r.value("reason"), SignedAt: r.time("signed-at"),
	}
	if d.Text() != text {
		return Discharge{}, errBody
	}
	return d, d.check()
}

func (d Discharge) check() error {
	var c checker
	c.text("proposal", d.Proposal)
	c.require(d.Approval >= 0, "approval", "must be the log index of an approval")
	d.Condition.check(&c, "condition")
	c.text("reason", d.Reason)
	c.time("signed-at", d.SignedAt)
	return c.err()
}
