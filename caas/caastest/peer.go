package caastest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/mesh"
)

// MailboxID is CaaS's mailbox where this module's fakes choose it. The real one is
// not public.
const MailboxID = "X26CAASTEST"

// PeerOptions say whom a [Peer] serves, and how.
type PeerOptions struct {
	// Programme is the mailbox that subscriptions come from and cohort files go to.
	// Required.
	Programme string

	Subscribe string // the workflow id of subscriptions; none are taken if it is empty
	Cohort    string // the workflow id of cohort files; required
	Acronym   string // at the front of file names; "TEST" if empty

	// Person returns what CaaS knows about somebody who is subscribed, and false for
	// somebody it does not know, who never comes in a file. If it is nil, CaaS knows
	// everybody's NHS number and nothing else.
	Person func(nhs.Number) (caas.Record, bool)

	// LeaveRefused leaves refused subscriptions in the inbox, so that MESH reports
	// them as undelivered after five days. Otherwise they are collected, and nothing
	// follows.
	LeaveRefused bool

	Now func() time.Time // CaaS's clock; required
}

// Peer is CaaS behind its MESH mailbox: it collects subscriptions and sends cohort
// files, when it is told to. It is safe for concurrent use.
type Peer struct {
	box *mesh.Client
	o   PeerOptions

	mu          sync.Mutex
	members     map[nhs.Number]bool
	pending     []nhs.Number // subscribed, and not delivered yet
	refused     []Refusal
	undelivered []mesh.Report
	serial      int64
}

// Refusal is a subscription that CaaS has not taken.
type Refusal struct {
	MessageID string
	Reason    string // for a test to show: nothing like it reaches the sender
}

// Sent is a cohort file that CaaS has sent.
type Sent struct {
	MessageID string
	FileName  string
	Rows      int // one for a nil return
	NilReturn bool
}

// NewPeer returns a CaaS whose mailbox is box. Nothing happens by itself.
func NewPeer(box *mesh.Client, o PeerOptions) (*Peer, error) {
	for name, missing := range map[string]bool{
		"mailbox": box == nil, "programme": o.Programme == "", "cohort workflow id": o.Cohort == "", "clock": o.Now == nil,
	} {
		if missing {
			return nil, &nhs.ArgumentError{Name: name, Reason: "is required"}
		}
	}
	if o.Acronym == "" {
		o.Acronym = "TEST"
	}
	if o.Person == nil {
		o.Person = func(n nhs.Number) (caas.Record, bool) { return caas.Record{Number: n}, true }
	}
	return &Peer{box: box, o: o, members: map[nhs.Number]bool{}}, nil
}

// Members returns who is in the cohort as delivered, in order of their numbers.
func (p *Peer) Members() []nhs.Number {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.SortedFunc(maps.Keys(p.members), nhs.Number.Compare)
}

// Refused returns the subscriptions that were not taken, in order.
func (p *Peer) Refused() []Refusal {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.refused)
}

// Undelivered returns MESH's reports of cohort files that the programme has not
// collected, in order.
func (p *Peer) Undelivered() []mesh.Report {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.undelivered)
}

// Process collects what waits in CaaS's mailbox, and returns how many people it has
// newly subscribed: they come in the next file.
func (p *Peer) Process(ctx context.Context) (subscribed int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.process(ctx)
}

func (p *Peer) process(ctx context.Context) (subscribed int, err error) {
	before := len(p.pending)
	for id, err := range p.box.Inbox(ctx, mesh.InboxQuery{}) {
		if err == nil {
			err = p.collect(ctx, id)
		}
		if err != nil {
			return len(p.pending) - before, err
		}
	}
	return len(p.pending) - before, nil
}

// collect takes one message out of the inbox.
func (p *Peer) collect(ctx context.Context, id string) error {
	if slices.ContainsFunc(p.refused, func(r Refusal) bool { return r.MessageID == id }) {
		return nil // left there
	}
	m, err := p.box.Download(ctx, id)
	if err != nil {
		return err
	}
	defer func() { _ = m.Close() }()
	content, err := io.ReadAll(m)
	if err != nil {
		return err
	}
	people, reason := p.read(m, content)
	if reason == "" || !p.o.LeaveRefused {
		if err := p.box.Acknowledge(ctx, id); err != nil {
			return err
		}
	}
	switch {
	case m.Report != nil:
		p.undelivered = append(p.undelivered, *m.Report)
	case reason != "":
		p.refused = append(p.refused, Refusal{MessageID: id, Reason: reason})
	}
	for _, n := range people {
		if !p.members[n] && !slices.Contains(p.pending, n) {
			p.pending = append(p.pending, n)
		}
	}
	return nil
}

// read returns the people that a message subscribes, or why it does not.
func (p *Peer) read(m *mesh.Message, content []byte) (people []nhs.Number, reason string) {
	switch {
	case m.Report != nil:
		return nil, ""
	case !strings.EqualFold(m.From, p.o.Programme):
		return nil, "it comes from another mailbox than the programme's"
	case p.o.Subscribe == "" || m.Workflow != p.o.Subscribe:
		return nil, "it has another workflow id than that of subscriptions"
	case m.FileName != "CaaSSubscribe.parquet":
		return nil, "its file name is not CaaSSubscribe.parquet"
	case m.ContentType != "application/octet-stream":
		return nil, "its content type is not application/octet-stream"
	}
	for n, err := range caas.ReadSubscription(bytes.NewReader(content), int64(len(content))) {
		if err != nil {
			return nil, err.Error()
		}
		people = append(people, n)
	}
	return people, ""
}

// Deliver collects what waits, and sends the programme its next cohort file: an ADD
// for everybody newly subscribed, then the given changes, or a nil return if there is
// none of either. Changes must fit the cohort: [caas.Add] somebody who is not in it,
// [caas.Amend] or [caas.Delete] somebody who is.
func (p *Peer) Deliver(ctx context.Context, changes ...caas.Record) (Sent, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, err := p.process(ctx); err != nil {
		return Sent{}, err
	}
	members, records := maps.Clone(p.members), p.joining()
	for _, r := range records {
		members[r.Number] = true
	}
	for i, r := range changes {
		if reason := apply(members, r); reason != "" {
			return Sent{}, &nhs.ArgumentError{Name: "changes", Reason: fmt.Sprintf("must fit the cohort: change %d %s", i+1, reason)}
		}
	}
	sent, err := p.send(ctx, append(records, changes...))
	if err != nil {
		return Sent{}, err
	}
	p.members, p.pending = members, nil
	return sent, nil
}

// joining returns a record for everybody newly subscribed whom CaaS knows.
func (p *Peer) joining() []caas.Record {
	var records []caas.Record
	for _, n := range p.pending {
		if r, known := p.o.Person(n); known {
			r.Type, r.Number = caas.Add, n
			records = append(records, r)
		}
	}
	return records
}

// apply makes a change to the cohort, and returns why it does not fit.
func apply(members map[nhs.Number]bool, r caas.Record) string {
	switch {
	case r.Number.IsZero():
		return "has no NHS number"
	case r.Type == caas.Add && members[r.Number]:
		return "adds a member"
	case r.Type != caas.Add && !members[r.Number]:
		return "is about somebody who is not a member"
	case r.Type == caas.Add:
		members[r.Number] = true
	case r.Type == caas.Delete:
		delete(members, r.Number)
	case r.Type != caas.Amend:
		return "is of no known type"
	}
	return ""
}

func (p *Peer) send(ctx context.Context, records []caas.Record) (Sent, error) {
	now := p.o.Now().UTC().Format("20060102150405")
	stamp, err := strconv.ParseInt(now, 10, 64)
	if err != nil {
		return Sent{}, fmt.Errorf("caastest: the clock is beyond the year 9999: %w", err)
	}
	var file bytes.Buffer
	w := caas.NewWriter(&file)
	for i, r := range records {
		if r.ChangeTimestamp == 0 {
			r.ChangeTimestamp = stamp
		}
		if r.SerialChangeNumber == 0 {
			r.SerialChangeNumber = p.serial + int64(i) + 1
		}
		if err := w.Write(r); err != nil {
			return Sent{}, err
		}
	}
	sent := Sent{Rows: len(records), NilReturn: len(records) == 0}
	if sent.NilReturn {
		sent.Rows = 1
		if err := w.WriteNilReturn(); err != nil {
			return Sent{}, err
		}
	}
	if err := w.Close(); err != nil {
		return Sent{}, err
	}
	sent.FileName = fmt.Sprintf("%s_%s_n%d.parquet", p.o.Acronym, now, sent.Rows)
	sent.MessageID, err = p.box.Send(ctx, mesh.SendRequest{
		To: p.o.Programme, Workflow: p.o.Cohort, FileName: sent.FileName, LocalID: sent.FileName, Body: bytes.NewReader(file.Bytes()),
	})
	if err != nil {
		return Sent{}, err
	}
	p.serial += int64(len(records))
	return sent, nil
}
