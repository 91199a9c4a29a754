package governance

import (
	"strconv"
	"time"
)

const (
	haltTitle   = "nhs-prevention halt v1"
	resumeTitle = "nhs-prevention resume v1"
)

// Halt stops a proposal at once: no permit is issued and no batch is authorised. Anyone in the trust
// may sign one, alone. It is refused for an id that the log does not know, which is a mistake.
type Halt struct {
	Proposal string
	Reason   string
	SignedAt time.Time
}

// Sign returns the signed note to submit.
func (h Halt) Sign(signers ...*Signer) ([]byte, error) {
	if err := h.check(); err != nil {
		return nil, err
	}
	return signText(h.Text(), signers)
}

// Text is the body people read and sign.
func (h Halt) Text() string {
	p := newPage(haltTitle)
	p.line("proposal", h.Proposal)
	p.line("reason", h.Reason)
	p.line("signed-at", formatTime(h.SignedAt))
	return p.String()
}

// ParseHalt reads the body of a note. It accepts only the text that [Halt.Text] writes.
func ParseHalt(text string) (Halt, error) {
	r, err := readPage(text, haltTitle)
	if err != nil {
		return Halt{}, err
	}
	h := Halt{Proposal: r.value("proposal"), Reason: r.value("reason"), SignedAt: r.time("signed-at")}
	if h.Text() != text {
		return Halt{}, errBody
	}
	return h, h.check()
}

func (h Halt) check() error {
	var c checker
	c.text("proposal", h.Proposal)
	c.text("reason", h.Reason)
	c.time("signed-at", h.SignedAt)
	return c.err()
}

// Resume lifts one halt. It takes two distinct people, on one note or one each.
type Resume struct {
	Proposal string
	// Halt is the log index of the halt, as [Authority.Submit] returned it and reports show it. It
	// keeps an old note from lifting a later halt.
	Halt     int64
	Reason   string
	SignedAt time.Time
}

// Sign returns the signed note to submit.
func (r Resume) Sign(signers ...*Signer) ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	return signText(r.Text(), signers)
}

// Text is the body people read and sign.
func (r Resume) Text() string {
	p := newPage(resumeTitle)
	p.line("proposal", r.Proposal)
	p.line("halt", strconv.FormatInt(r.Halt, 10))
	p.line("reason", r.Reason)
	p.line("signed-at", formatTime(r.SignedAt))
	return p.String()
}

// ParseResume reads the body of a note. It accepts only the text that [Resume.Text] writes.
func ParseResume(text string) (Resume, error) {
	r, err := readPage(text, resumeTitle)
	if err != nil {
		return Resume{}, err
	}
	proposal := r.value("proposal")
	halt, err := strconv.ParseInt(r.value("halt"), 10, 64)
	if err != nil {
		return Resume{}, errBody
	}
	resume := Resume{
		Proposal: proposal, Halt: halt, Reason: r.value("reason"), SignedAt: r.time("signed-at"),
	}
	if resume.Text() != text {
		return Resume{}, errBody
	}
	return resume, resume.check()
}

func (r Resume) check() error {
	var c checker
	c.text("proposal", r.Proposal)
	c.require(r.Halt >= 0, "halt", "must be the log index of a halt")
	c.text("reason", r.Reason)
	c.time("signed-at", r.SignedAt)
	return c.err()
}
