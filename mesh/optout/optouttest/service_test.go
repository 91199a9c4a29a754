package optouttest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
	"github.com/personalised-prevention/nhs/mesh/optout"
	"github.com/personalised-prevention/nhs/mesh/optout/optouttest"
)

const (
	anna = "9990000018"
	ben  = "9990000026"
	cleo = "9990000034"
)

// bench is a service and a mailbox to ask it from.
type bench struct {
	*testing.T

	server  *meshtest.Server
	box     *mesh.Client
	service *optouttest.Service
	now     time.Time
}

func newBench(t *testing.T, o optouttest.Options) *bench {
	t.Helper()
	b := &bench{T: t, now: time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return b.now }
	ours := mesh.Mailbox{ID: "X26OURS", Password: "p1", SharedKey: "k"}
	theirs := mesh.Mailbox{ID: optout.IntegrationMailbox, Password: "p2", SharedKey: "k"}
	b.server = meshtest.New(meshtest.Options{Now: clock, Mailboxes: []meshtest.Mailbox{
		{Mailbox: ours, Workflows: []string{optout.Workflow}}, {Mailbox: theirs, Workflows: []string{optout.Workflow}},
	}})
	web := httptest.NewServer(b.server)
	t.Cleanup(web.Close)
	app, err := nhs.NewApp(nhs.Loopback(web.URL), nhs.Anonymous{}, nhs.WithClock(clock), nhs.WithRate(nhs.MESH, nhs.Rate{PerSecond: 1e6}))
	if err != nil {
		t.Fatal(err)
	}
	if b.box, err = mesh.New(app, ours); err != nil {
		t.Fatal(err)
	}
	peer, err := mesh.New(app, theirs)
	if err != nil {
		t.Fatal(err)
	}
	o.Now = clock
	if b.service, err = optouttest.New(peer, o); err != nil {
		t.Fatal(err)
	}
	return b
}

// ask sends a request and returns what comes back, in order.
func (b *bench) ask(r mesh.SendRequest, content string) []answer {
	b.Helper()
	r.To, r.Workflow, r.Body = optout.IntegrationMailbox, optout.Workflow, strings.NewReader(content)
	if _, err := b.box.Send(b.Context(), r); err != nil {
		b.Fatal(err)
	}
	return b.answers()
}

// answer is a message of the service.
type answer struct{ Subject, LocalID, Content string }

// answers has the service work, and empties the inbox.
func (b *bench) answers() []answer {
	b.Helper()
	if _, err := b.service.Process(b.Context()); err != nil {
		b.Fatal(err)
	}
	var found []answer
	for id, err := range b.box.Inbox(b.Context(), mesh.InboxQuery{}) {
		if err != nil {
			b.Fatal(err)
		}
		m, err := b.box.Download(b.Context(), id)
		if err != nil {
			b.Fatal(err)
		}
		content, err := io.ReadAll(m)
		if err := errors.Join(err, m.Close(), b.box.Acknowledge(b.Context(), id)); err != nil {
			b.Fatal(err)
		}
		if m.From != optout.IntegrationMailbox || m.Workflow != optout.Workflow {
			b.Errorf("from %s in workflow %s", m.From, m.Workflow)
		}
		found = append(found, answer{m.Subject, m.LocalID, string(content)})
	}
	return found
}

func named(file string) mesh.SendRequest {
	return mesh.SendRequest{FileName: file, Subject: "subject-1", LocalID: "local_1"}
}

// passed returns a note's stages, and whether each was passed.
func passed(t *testing.T, note string) map[string]bool {
	t.Helper()
	var news struct {
		Stages []struct {
			Stage  string `json:"stage"`
			Passed bool   `json:"passed"`
		} `json:"stages"`
	}
	if err := json.Unmarshal([]byte(note), &news); err != nil {
		t.Fatalf("%s: %v", note, err)
	}
	stages := map[string]bool{}
	for _, s := range news.Stages {
		stages[s.Stage] = s.Passed
	}
	return stages
}

func stages(unique, inOrder bool) map[string]bool {
	return map[string]bool{"validate_non_empty_file": true, "validate_is_unique_upload": unique, "validate_in_order": inOrder}
}

// The lines of those who have opted out are removed, and a note comes before.
func TestReply(t *testing.T) {
	t.Parallel()
	b := newBench(t, optouttest.Options{OptedOut: []nhs.Number{nhs.MustNumber(ben)}})
	got := b.ask(named("X26OURS-020326-0001.dat"), anna+",\n"+ben+",\n"+cleo+",\n")
	if len(got) != 2 || got[0].Subject != "SUCCESS" || got[0].LocalID != "local_1" {
		t.Fatalf("got %v", got)
	}
	if diff := cmp.Diff(stages(true, true), passed(t, got[0].Content)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(answer{"subject-1", "local_1", anna + ",\n" + cleo + ",\n"}, got[1]); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if n := b.service.Files(); n != 1 {
		t.Errorf("%d files", n)
	}
}

// Opt-outs change between requests; a reply that leaves nobody in is an empty line.
func TestOptOutAndIn(t *testing.T) {
	t.Parallel()
	b := newBench(t, optouttest.Options{Quiet: true})
	for i, want := range []string{anna + ",\n", "\n", anna + ",\n"} {
		switch i {
		case 1:
			b.service.OptOut(nhs.MustNumber(anna))
		case 2:
			b.service.OptIn(nhs.MustNumber(anna))
		}
		got := b.ask(named("any-name-"+string(rune('a'+i))+".dat"), anna+",\n")
		if diff := cmp.Diff([]answer{{"subject-1", "local_1", want}}, got); diff != "" {
			t.Errorf("request %d (-want +got)\n%s", i, diff)
		}
	}
}

// A file in another form is refused whole, in one line.
func TestInvalidFiles(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"CRLF": anna + ",\r\n", "no comma": anna + "\n", "no line feed": anna + ",\n" + ben + ",", "check digit": anna + ",\n9990000019,\n",
		"spaces": "999 000 0018,\n", "empty line": anna + ",\n\n" + ben + ",\n", "header": "nhs_number,\n" + anna + ",\n",
	} {
		b := newBench(t, optouttest.Options{Quiet: true})
		got := b.ask(named("f.dat"), content)
		if len(got) != 1 || strings.Count(got[0].Content, "\n") != 1 || strings.ContainsAny(got[0].Content, "0123456789,{") {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A request the service does not like the names of is collected, and that is all.
func TestSilence(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]mesh.SendRequest{
		"no subject":       {FileName: "f.dat", LocalID: "l"},
		"no local id":      {FileName: "f.dat", Subject: "s"},
		"colon in subject": {FileName: "f.dat", Subject: "10:30", LocalID: "l"},
		"space in id":      {FileName: "f.dat", Subject: "s", LocalID: "a b"},
		"not a .dat":       {FileName: "f.csv", Subject: "s", LocalID: "l"},
	} {
		b := newBench(t, optouttest.Options{})
		if got := b.ask(r, anna+",\n"); len(got) != 0 {
			t.Errorf("%s: %v", name, got)
		}
		if b.service.Files() != 1 || len(b.server.Waiting(optout.IntegrationMailbox)) != 0 {
			t.Errorf("%s: not collected", name)
		}
	}
}

// Names come once and in order: of a month by number and day, of another by month.
func TestNames(t *testing.T) {
	t.Parallel()
	b := newBench(t, optouttest.Options{})
	for _, tt := range []struct {
		name            string
		unique, inOrder bool
	}{
		{"X26OURS-020326-0002.dat", true, true},
		{"X26OURS-020326-0002.dat", false, false},
		{"X26OURS-030326-0001.dat", true, false},
		{"X26OURS-010326-0003.dat", true, false},
		{"X26OURS-030326-0003.dat", true, true},
		{"X26OURS-010426-0001.dat", true, true},
		{"X26OURS-310326-0009.dat", true, false},
		{"free-form.dat", true, true},
		{"free-form.dat", false, true},
	} {
		got := b.ask(named(tt.name), anna+",\n")
		if diff := cmp.Diff(stages(tt.unique, tt.inOrder), passed(t, got[0].Content)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.name, diff)
		}
		if replied := len(got) == 2; replied != (tt.unique && tt.inOrder) {
			t.Errorf("%s: %d answers", tt.name, len(got))
		}
	}
}

// A reply takes its time; the note does not.
func TestDelay(t *testing.T) {
	t.Parallel()
	b := newBench(t, optouttest.Options{Delay: 40 * time.Minute})
	if got := b.ask(named("f.dat"), anna+",\n"); len(got) != 1 || got[0].Subject != "SUCCESS" {
		t.Errorf("at once: %v", got)
	}
	b.now = b.now.Add(40*time.Minute - 1)
	if got := b.answers(); len(got) != 0 {
		t.Errorf("too early: %v", got)
	}
	b.now = b.now.Add(1)
	if got := b.answers(); len(got) != 1 || got[0].Content != anna+",\n" {
		t.Errorf("in time: %v", got)
	}
}

func TestChange(t *testing.T) {
	t.Parallel()
	b := newBench(t, optouttest.Options{Quiet: true, Change: func(reply []byte) []byte { return bytes.Repeat(reply, 2) }})
	if got := b.ask(named("f.dat"), anna+",\n"); len(got) != 1 || got[0].Content != anna+",\n"+anna+",\n" {
		t.Errorf("got %v", got)
	}
}

// A reply nobody collects comes back as a report, which the service takes note of.
func TestUncollectedReply(t *testing.T) {
	t.Parallel()
	b := newBench(t, optouttest.Options{Quiet: true})
	r := named("f.dat")
	r.To, r.Workflow, r.Body = optout.IntegrationMailbox, optout.Workflow, strings.NewReader(anna+",\n")
	if _, err := b.box.Send(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if _, err := b.service.Process(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.now = b.now.Add(5 * 24 * time.Hour)
	if n, err := b.service.Process(t.Context()); n != 1 || err != nil || b.service.Files() != 1 {
		t.Errorf("%d messages, %v, %d files", n, err, b.service.Files())
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	b := newBench(t, optouttest.Options{})
	if _, err := optouttest.New(nil, optouttest.Options{}); !errors.Is(err, nhs.ErrInvalid) {
		t.Errorf("no mailbox: %v", err)
	}
	for _, o := range []optouttest.Options{{Delay: -1}, {Delay: 1}} {
		if _, err := optouttest.New(b.box, o); !errors.Is(err, nhs.ErrInvalid) {
			t.Errorf("delay %s: %v", o.Delay, err)
		}
	}
}
