package optouttest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/optout"
)

// Options describe a service.
type Options struct {
	OptedOut []nhs.Number     // at the start
	Now      func() time.Time // the service's clock; required with Delay
	Delay    time.Duration    // between the collection of a request and its reply
	Quiet    bool             // send no notes of progress; those of failure are sent

	// Change, if set, spoils a reply before it is sent, to see what a client does.
	Change func(reply []byte) []byte
}

// Service is the check in process. It is safe for concurrent use.
type Service struct {
	box *mesh.Client
	o   Options

	mu       sync.Mutex
	optedOut map[nhs.Number]bool
	names    map[string]bool     // of files, by sender
	last     map[string]fileName // the latest of each sender
	answers  []answer            // not sent yet
	files    int
}

// answer is a message of the service, to be sent in its time.
type answer struct {
	mesh.SendRequest

	content []byte
	due     time.Time
}

// New returns a service that reads requests from box. Nothing happens by itself: call
// [Service.Process].
func New(box *mesh.Client, o Options) (*Service, error) {
	switch {
	case box == nil:
		return nil, &nhs.ArgumentError{Name: "mailbox", Reason: "must not be nil"}
	case o.Delay < 0 || o.Delay > 0 && o.Now == nil:
		return nil, &nhs.ArgumentError{Name: "delay", Reason: "must not be negative, and needs a clock"}
	}
	if o.Now == nil {
		o.Now = func() time.Time { return time.Time{} } // without delays, it is always time
	}
	s := &Service{box: box, o: o, optedOut: map[nhs.Number]bool{}, names: map[string]bool{}, last: map[string]fileName{}}
	s.OptOut(o.OptedOut...)
	return s, nil
}

// OptOut has people opt out.
func (s *Service) OptOut(people ...nhs.Number) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range people {
		s.optedOut[n] = true
	}
}

// OptIn takes opt-outs back.
func (s *Service) OptIn(people ...nhs.Number) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range people {
		delete(s.optedOut, n)
	}
}

// Files returns how many files were collected, answered or not.
func (s *Service) Files() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.files
}

// Process collects the requests that wait, and sends the replies that are due. It
// returns how many requests it collected.
func (s *Service) Process(ctx context.Context) (requests int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, err := range s.box.Inbox(ctx, mesh.InboxQuery{Workflow: optout.Workflow}) {
		if err != nil {
			return requests, err
		}
		if err := s.collect(ctx, id); err != nil {
			return requests, err
		}
		requests++
	}
	return requests, s.reply(ctx)
}

// collect takes one request out of the inbox.
func (s *Service) collect(ctx context.Context, id string) error {
	m, err := s.box.Download(ctx, id)
	if err != nil {
		return err
	}
	defer func() { _ = m.Close() }()
	file, err := io.ReadAll(m)
	if err != nil {
		return err
	}
	if err := s.box.Acknowledge(ctx, id); err != nil {
		return err
	}
	if m.Type != mesh.TypeData { // a reply nobody collected
		return nil
	}
	s.files++
	if isName(m.Subject) && isName(m.LocalID) && strings.HasSuffix(m.FileName, ".dat") {
		s.answer(&m.Envelope, file)
	}
	return nil
}

// answer queues what the service has to say to a request.
func (s *Service) answer(e *mesh.Envelope, file []byte) {
	now := s.o.Now()
	unique, inOrder := s.admit(e)
	if !unique || !inOrder {
		s.queue(e, now, "ERROR", note(e.FileName, unique, inOrder))
		return
	}
	if !s.o.Quiet {
		s.queue(e, now, "SUCCESS", note(e.FileName, true, true))
	}
	reply, valid := s.check(file)
	if !valid {
		reply = []byte("This file has NHS numbers that are not valid.\n")
	}
	if s.o.Change != nil {
		reply = s.o.Change(reply)
	}
	s.queue(e, now.Add(s.o.Delay), e.Subject, reply)
}

func (s *Service) queue(e *mesh.Envelope, due time.Time, subject string, content []byte) {
	s.answers = append(s.answers, answer{content: content, due: due, SendRequest: mesh.SendRequest{
		To: e.From, Workflow: e.Workflow, LocalID: e.LocalID, Subject: subject, FileName: e.LocalID + ".dat",
	}})
}

// reply sends what is due.
func (s *Service) reply(ctx context.Context) error {
	now := s.o.Now()
	for i := 0; i < len(s.answers); {
		a := s.answers[i]
		if a.due.After(now) {
			i++
			continue
		}
		a.Body = bytes.NewReader(a.content)
		if _, err := s.box.Send(ctx, a.SendRequest); err != nil {
			return err
		}
		s.answers = slices.Delete(s.answers, i, i+1)
	}
	return nil
}

// check removes those who have opted out, or reports that the file is not valid.
func (s *Service) check(file []byte) (reply []byte, valid bool) {
	for line := range bytes.Lines(file) {
		digits, ok := bytes.CutSuffix(line, []byte(",\n"))
		number, err := nhs.ParseNumber(string(digits))
		if !ok || len(digits) != 10 || err != nil {
			return nil, false
		}
		if !s.optedOut[number] {
			reply = append(reply, line...)
		}
	}
	if len(reply) == 0 {
		reply = []byte("\n") // MESH carries no empty message
	}
	return reply, true
}

// admit reports whether the name of a file is new, and in order.
func (s *Service) admit(e *mesh.Envelope) (unique, inOrder bool) {
	key := e.From + "/" + e.FileName
	unique, inOrder = !s.names[key], true
	name, ok := parseFileName(e.FileName)
	if ok {
		last, before := s.last[e.From]
		inOrder = !before || last.before(name)
	}
	if !unique || !inOrder {
		return unique, inOrder
	}
	s.names[key] = true
	if ok {
		s.last[e.From] = name
	}
	return true, true
}

// fileName is a name in the suggested form: mailbox, day as ddmmyy, number.
type fileName struct{ day, number string }

func parseFileName(name string) (fileName, bool) {
	parts := strings.Split(strings.TrimSuffix(name, ".dat"), "-")
	if len(parts) < 3 {
		return fileName{}, false
	}
	day, err := time.Parse("020106", parts[len(parts)-2])
	number := parts[len(parts)-1]
	return fileName{day.Format("060102"), number}, err == nil && len(number) == 4
}

func (f fileName) before(g fileName) bool {
	return f.day <= g.day && f.number < g.number || f.day < g.day && f.day[:4] < g.day[:4]
}

// note is a note of progress, in the form of the one public sample. MESH carries no
// empty file.
func note(fileName string, unique, inOrder bool) []byte {
	type stage struct {
		Stage   string  `json:"stage"`
		Passed  bool    `json:"passed"`
		Details *string `json:"details"`
	}
	text, err := json.Marshal(map[string]any{
		"status": "pending", "filename": fileName, "dataset_id": "mesh_to_pos",
		"stages": []stage{
			{Stage: "validate_non_empty_file", Passed: true},
			{Stage: "validate_is_unique_upload", Passed: unique},
			{Stage: "validate_in_order", Passed: inOrder},
		},
	})
	if err != nil {
		panic(err) // only texts and booleans come here
	}
	return text
}

func isName(s string) bool {
	odd := strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
	})
	return s != "" && !odd
}
