package meshtest

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Message is a message to deliver without sending it through the API.
type Message struct {
	From        string
	Workflow    string
	LocalID     string
	Subject     string
	FileName    string
	ContentType string
	Checksum    string
	Gzip        bool     // store the chunks compressed, each for itself
	Chunks      [][]byte // the content, at least one
}

// state is where a message is in its life.
type state int

const (
	waiting state = iota
	uploading
	acknowledged
	gone // expired or undeliverable
)

// message is a message in the server's keeping.
type message struct {
	Message

	id       string
	to       string
	kind     string // DATA or REPORT
	linked   string // for a REPORT: the message it is about
	encoding string // Content-Encoding of every chunk
	total    int    // chunks, when all are there
	arrived  time.Time
	state    state
	failure  *Failure // why it was not delivered, or what a REPORT reports
}

// Failure is why a message was not delivered.
type Failure struct {
	Code        string // such as "14"
	Event       string // such as "SEND"
	Description string
}

// event returns the last thing that happened to the message.
func (m *message) event() Failure {
	if m.failure == nil {
		return Failure{Code: "00", Event: "TRANSFER", Description: "Transferred to recipient mailbox"}
	}
	return *m.failure
}

// Deliver puts a message into the inbox of mailbox and returns its id.
func (s *Server) Deliver(mailbox string, m Message) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.From = strings.ToUpper(m.From)
	encoding := ""
	if m.Gzip {
		encoding = "gzip"
		m.Chunks = slices.Clone(m.Chunks)
		for i, c := range m.Chunks {
			m.Chunks[i] = s.zip(c)
		}
	}
	return s.add(&message{Message: m, to: strings.ToUpper(mailbox), kind: "DATA", encoding: encoding, total: len(m.Chunks)})
}

// Fail takes a message out of its receiver's inbox as undeliverable, and reports
// it to its sender. It reports whether the message was waiting there.
func (s *Server) Fail(messageID string, why Failure) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	i := slices.IndexFunc(s.messages, func(m *message) bool { return m.id == messageID && m.state == waiting })
	if i >= 0 {
		s.fail(s.messages[i], why)
	}
	return i >= 0
}

func (s *Server) fail(m *message, why Failure) {
	m.state, m.failure = gone, &why
	if _, known := s.boxes[m.From]; known && m.kind == "DATA" {
		s.add(&message{
			Message: Message{Workflow: m.Workflow, LocalID: m.LocalID, Subject: "NDR: " + m.Subject},
			to:      m.From, kind: "REPORT", linked: m.id, failure: &why,
		})
	}
}

// Waiting returns the ids of the messages waiting in a mailbox, oldest first.
func (s *Server) Waiting(mailbox string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	ids := []string{}
	for _, m := range s.inbox(strings.ToUpper(mailbox)) {
		ids = append(ids, m.id)
	}
	return ids
}

func (s *Server) add(m *message) string {
	m.id = s.newID()
	m.arrived = s.now()
	if m.FileName == "" {
		m.FileName = m.id + ".dat"
	}
	s.messages = append(s.messages, m)
	return m.id
}

func (s *Server) inbox(box string) []*message {
	var found []*message
	for _, m := range s.messages {
		if m.to == box && m.state == waiting {
			found = append(found, m)
		}
	}
	return found
}

// keep is how long a message may wait.
const keep = 5 * 24 * time.Hour

// expire takes overdue messages away and reports them to their senders.
func (s *Server) expire() {
	now := s.now()
	for _, m := range slices.Clone(s.messages) {
		if m.state != waiting || now.Sub(m.arrived) < keep {
			continue
		}
		s.fail(m, Failure{Code: "14", Event: "SEND", Description: "Message not collected by recipient after 5 days"})
	}
}

func (s *Server) list(r request) reply {
	query := r.URL.Query()
	limit := 500
	if text := query.Get("max_results"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 10 || n > 5000 {
			return refusal(http.StatusBadRequest, "", "", "max_results must be 10 to 5000")
		}
		limit = n
	}
	found := s.inbox(r.box)
	page := map[string]any{"approx_inbox_count": len(found)}
	filter := query.Get("workflow_filter")
	found = slices.DeleteFunc(found, func(m *message) bool { return !matches(filter, m.Workflow) })
	if from := query.Get("continue_from"); from != "" {
		last, err := base64.RawURLEncoding.DecodeString(from)
		if err != nil || len(from) < 24 {
			return refusal(http.StatusBadRequest, "", "", "continue_from is not from a page of this inbox")
		}
		found = slices.DeleteFunc(found, func(m *message) bool { return m.id <= string(last) })
	}
	links := map[string]string{"self": r.URL.RequestURI()}
	if len(found) > limit {
		found = found[:limit]
		query.Set("continue_from", base64.RawURLEncoding.EncodeToString([]byte(found[limit-1].id)))
		links["next"] = (&url.URL{Path: r.URL.Path, RawQuery: query.Encode()}).String()
	}
	ids := make([]string, len(found))
	for i, m := range found {
		ids[i] = m.id
	}
	page["messages"], page["links"] = ids, links
	return document(http.StatusOK, page)
}

// matches applies a workflow filter: exact, "W*" or "*W*", inverted by "!".
func matches(filter, workflow string) bool {
	pattern, inverted := strings.CutPrefix(filter, "!")
	inner, contains := strings.CutPrefix(pattern, "*")
	prefix, begins := strings.CutSuffix(inner, "*")
	hit := filter == "" || workflow == pattern
	switch {
	case contains:
		hit = strings.Contains(workflow, prefix)
	case begins:
		hit = strings.HasPrefix(workflow, prefix)
	}
	return hit != inverted
}

// find returns a message of the mailbox, or the reason why not.
func (s *Server) find(r request) (*message, reply) {
	id := r.PathValue("id")
	i := slices.IndexFunc(s.messages, func(m *message) bool { return m.id == id })
	switch {
	case i < 0:
		return nil, noMessage()
	case s.messages[i].to != r.box:
		return nil, refusal(http.StatusForbidden, "", "", "the message is in another mailbox")
	case s.messages[i].state == gone, s.messages[i].state == uploading:
		return nil, refusal(http.StatusGone, "COLLECT", "", "the message is gone, or not complete yet")
	default:
		return s.messages[i], reply{}
	}
}

func noMessage() reply {
	return refusal(http.StatusNotFound, "", "20", "message does not exist")
}

func (s *Server) download(r request) reply {
	m, refused := s.find(r)
	if m == nil {
		return refused
	}
	number := 1
	if text := r.PathValue("chunk"); text != "" {
		number, _ = strconv.Atoi(text)
	}
	if r.Method == http.MethodHead {
		return reply{status: http.StatusOK, header: m.header(1)}
	}
	if m.kind == "REPORT" {
		return reply{status: http.StatusOK, header: m.header(1)}
	}
	if number < 1 || number > len(m.Chunks) {
		return noMessage()
	}
	body, encoding := m.Chunks[number-1], m.encoding
	// Like the real service: a version 2 reader who takes gzip gets gzip, others
	// get the content uncompressed.
	switch takesGzip := strings.Contains(r.Header.Get("Accept-Encoding"), "gzip"); {
	case encoding == "" && takesGzip:
		body, encoding = s.zip(body), "gzip"
	case encoding == "gzip" && !takesGzip:
		body, encoding = unzip(body), ""
	}
	header := m.header(number)
	if encoding != "" {
		header.Set("Content-Encoding", encoding)
	}
	status := http.StatusOK
	if number < len(m.Chunks) {
		status = http.StatusPartialContent
	}
	return reply{status: status, header: header, body: body}
}

// header returns the headers of one chunk.
func (m *message) header(number int) http.Header {
	h := http.Header{}
	for name, v := range map[string]string{
		"Mex-From": m.From, "Mex-To": m.to, "Mex-Workflowid": m.Workflow, "Mex-Messageid": m.id,
		"Mex-Messagetype": m.kind, "Mex-Localid": m.LocalID, "Mex-Filename": m.FileName, "Mex-Subject": m.Subject,
		"Mex-Linkedmsgid": m.linked, "Mex-Version": "1.0", "Mex-Addresstype": "ALL",
		"Mex-Chunk-Range": fmt.Sprintf("%d:%d", number, m.total), "Mex-Total-Chunks": strconv.Itoa(m.total),
		"Mex-Statustimestamp": stamp(m.arrived), "Mex-Content-Checksum": m.Checksum,
		"Content-Type": m.ContentType, "Mex-Content-Type": m.ContentType,
	} {
		if v != "" {
			h.Set(name, v)
		}
	}
	if m.total > 1 {
		h.Set("Content-Type", "application/octet-stream") // a part of a CSV file is none
	}
	last := m.event()
	h.Set("Mex-Statuscode", last.Code)
	h.Set("Mex-Statusevent", last.Event)
	h.Set("Mex-Statusdescription", last.Description)
	h.Set("Mex-Statussuccess", "SUCCESS")
	if m.failure != nil {
		h.Set("Mex-Statussuccess", "ERROR")
	}
	return h
}

func (s *Server) acknowledge(r request) reply {
	m, refused := s.find(r)
	if m == nil {
		return refused
	}
	m.state = acknowledged
	return reply{status: http.StatusOK}
}

func (s *Server) zip(b []byte) []byte {
	var out bytes.Buffer
	s.zipper.Reset(&out)
	_, _ = s.zipper.Write(b)
	_ = s.zipper.Close()
	return out.Bytes()
}

// unzip returns what it can read: a sender may have declared gzip wrongly.
func unzip(b []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil
	}
	out, _ := io.ReadAll(z)
	return out
}
