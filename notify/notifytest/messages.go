package notifytest

import (
	"crypto/sha256"
	"encoding/base32"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs/notify"
)

// message is an accepted message.
type message struct {
	id        string
	reference string
	batch     string // id of its batch, if any
	plan      Plan
	journey   Journey
	complete  bool // its personalisation has all fields
	accepted  time.Time
}

func (s *Server) createMessage(r *http.Request) (answer, []complaint) {
	req, wrong := read(r.Body, "Message")
	if wrong != nil {
		return answer{}, wrong
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if wrong := s.examine(req.items, func(int) string { return "/data/attributes" }); wrong != nil {
		return answer{}, wrong
	}
	if wrong := s.accept("Message-"+req.reference, "/data/attributes/messageReference", req.plan); wrong != nil {
		return answer{}, wrong
	}
	plan := s.plans[req.plan]
	m := s.add(req.items[0], plan, "")
	location := "/v1/messages/" + m.id // without /comms, as in the real service
	return answer{status: http.StatusCreated, location: location, added: []*message{m}, body: object{"data": object{
		"type": "Message",
		"id":   m.id,
		"attributes": object{
			"messageReference": m.reference,
			"messageStatus":    notify.StatusCreated,
			"timestamps":       object{"created": stamp(m.accepted)},
			"routingPlan":      s.planObject(plan),
		},
		"links": object{"self": link(m)},
	}}}, nil
}

func (s *Server) createBatch(r *http.Request) (answer, []complaint) {
	req, wrong := read(r.Body, "MessageBatch")
	if wrong != nil {
		return answer{}, wrong
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if wrong := s.examine(req.items, func(i int) string { return "/data/attributes/messages/" + strconv.Itoa(i) }); wrong != nil {
		return answer{}, wrong
	}
	if wrong := s.accept("MessageBatch-"+req.reference, "/data/attributes/messageBatchReference", req.plan); wrong != nil {
		return answer{}, wrong
	}
	plan, batch := s.plans[req.plan], s.newBatch(req.reference)
	list, added := make([]object, len(req.items)), make([]*message, len(req.items))
	for i, it := range req.items {
		m := s.add(it, plan, batch)
		list[i], added[i] = object{"messageReference": m.reference, "id": m.id}, m
	}
	return answer{status: http.StatusCreated, added: added, body: object{"data": object{
		"type": "MessageBatch",
		"id":   batch,
		"attributes": object{
			"messageBatchReference": req.reference,
			"routingPlan":           s.planObject(plan),
			"messages":              list,
		},
	}}}, nil
}

// rememberMonths is how long the service knows a reference.
const rememberMonths = 9

// accept checks the plan and remembers the idempotency key of a request, or says
// that it has been seen.
func (s *Server) accept(key, pointer, plan string) []complaint {
	first, seen := s.references[key]
	seen = seen && s.now().Before(first.AddDate(0, rememberMonths, 0))
	switch {
	case seen && s.now().Sub(first) < s.options.Processing:
		return []complaint{{
			code: "CM_RETRY_TOO_EARLY", status: http.StatusTooEarly, retryAfter: 300 * time.Second,
		}}
	case seen:
		return []complaint{{code: "CM_DUPLICATE_REQUEST", status: http.StatusUnprocessableEntity, pointer: pointer}}
	}
	const planPointer = "/data/attributes/routingPlanId"
	switch p, ok := s.plans[plan]; {
	case !ok:
		return []complaint{{code: "CM_NO_SUCH_ROUTING_PLAN", status: http.StatusNotFound, pointer: planPointer}}
	case p.MissingTemplates:
		return []complaint{{code: "CM_MISSING_ROUTING_PLAN_TEMPLATE", status: http.StatusInternalServerError, pointer: planPointer}}
	case len(p.DuplicateTemplates) > 0:
		return []complaint{{
			code: "CM_ROUTING_PLAN_DUPLICATE_TEMPLATES", status: http.StatusInternalServerError, pointer: planPointer,
			meta: object{"duplicateTemplates": p.duplicates()},
		}}
	}
	s.references[key] = s.now()
	return nil
}

func (s *Server) add(it item, plan Plan, batch string) *message {
	m := &message{
		id: s.newID(), reference: it.reference, batch: batch, plan: plan, complete: true, accepted: s.now(),
	}
	if !it.to.IsZero() {
		m.journey = s.options.Outcome(it.to)
	}
	for _, channel := range it.overridden() {
		m.journey = m.journey.with(channel)
	}
	for _, field := range plan.Personalisation {
		if _, ok := it.personalisation[field]; !ok {
			m.complete = false
		}
	}
	s.messages = append(s.messages, m)
	s.byID[m.id] = m
	s.byPerson[it.to] = append(s.byPerson[it.to], m)
	s.expect(m)
	return m
}

func (s *Server) getMessage(r *http.Request) (answer, []complaint) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.byID[strings.TrimPrefix(r.URL.Path, "/comms/v1/messages/")]
	if !ok {
		return answer{}, one("CM_NOT_FOUND", http.StatusNotFound)
	}
	state := m.at(s.now())
	attributes := object{
		"messageReference": m.reference,
		"messageStatus":    state.status,
		"timestamps":       state.times,
		"routingPlan":      s.planObject(m.plan),
		"channels":         state.channels,
	}
	state.why.set(attributes, "message")
	if _, enriched := state.times["enriched"]; enriched {
		attributes["metadata"] = []object{{
			"queriedAt": state.times["enriched"], "source": "pds", "version": "1", "labels": m.plan.labels(),
		}}
	}
	data := object{"type": "Message", "id": m.id, "attributes": attributes, "links": object{"self": link(m)}}
	if m.batch != "" {
		data["relationships"] = object{"messageBatch": object{"data": object{"type": "MessageBatch", "id": m.batch}}}
	}
	return answer{status: http.StatusOK, body: object{"data": data}}, nil
}

func (s *Server) planObject(p Plan) object {
	return object{"id": p.ID, "name": p.Name, "version": "1", "createdDate": stamp(s.started)}
}

func link(m *message) string {
	return "https://api.service.nhs.uk/comms/v1/messages/" + m.id
}

// newBatch returns the id of a new batch.
func (s *Server) newBatch(reference string) string {
	id := s.newID()
	s.batches[id] = reference
	return id
}

// newID returns an id that looks like a KSUID, and is the same in every run.
func (s *Server) newID() string {
	s.serial++
	sum := sha256.Sum256([]byte(strconv.Itoa(s.serial)))
	return base32.StdEncoding.EncodeToString(sum[:])[:27]
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }
