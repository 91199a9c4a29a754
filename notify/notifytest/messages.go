package notifytest

import (
	"crypto/sha256"
	"encoding/base32"
	"net/http"
	"slices"
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
	emitted   int // steps of the timeline that have been called back
}

func (s *Server) createMessage(r *http.Request) (answer, []complaint) {
	req, wrong := read(r.Body, "Message")
	if wrong != nil {
		return answer{}, wrong
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if wrong := s.refused(req.items, func(int) string { return "/data/attributes" }); wrong != nil {
		return answer{}, wrong
	}
	if wrong := s.accept("Message-"+req.reference, "/data/attributes/messageReference", req.plan); wrong != nil {
		return answer{}, wrong
	}
	plan := s.plans[req.plan]
	m := s.add(req.items[0], plan, "")
	location := "/v1/messages/" + m.id // without /comms, as in the real service
	return answer{status: http.StatusCreated, location: location, body: object{"data": object{
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
	if wrong := s.refused(req.items, func(i int) string { return "/data/attributes/messages/" + strconv.Itoa(i) }); wrong != nil {
		return answer{}, wrong
	}
	if wrong := s.accept("MessageBatch-"+req.reference, "/data/attributes/messageBatchReference", req.plan); wrong != nil {
		return answer{}, wrong
	}
	plan, batch := s.plans[req.plan], s.newID()
	list := make([]object, len(req.items))
	for i, it := range req.items {
		m := s.add(it, plan, batch)
		list[i] = object{"messageReference": m.reference, "id": m.id}
	}
	return answer{status: http.StatusCreated, body: object{"data": object{
		"type": "MessageBatch",
		"id":   batch,
		"attributes": object{
			"messageBatchReference": req.reference,
			"routingPlan":           s.planObject(plan),
			"messages":              list,
		},
	}}}, nil
}

// refused complains about messages to people whose journey says so.
func (s *Server) refused(items []item, pointer func(int) string) []complaint {
	var v validator
	for i, it := range items {
		if code := s.options.Outcome(it.to).Refused; code != "" {
			v.bad(code, pointer(i)+"/recipient/nhsNumber")
		}
	}
	return v.complaints
}

// accept checks the plan and remembers the idempotency key of a request, or says
// that it has been seen.
func (s *Server) accept(key, pointer, plan string) []complaint {
	first, seen := s.references[key]
	switch {
	case seen && s.now().Sub(first) < s.options.Processing:
		return []complaint{{
			code: "CM_RETRY_TOO_EARLY", status: http.StatusTooEarly, retryAfter: 300 * time.Second,
		}}
	case seen:
		return []complaint{{code: "CM_DUPLICATE_REQUEST", status: http.StatusUnprocessableEntity, pointer: pointer}}
	}
	if _, ok := s.plans[plan]; !ok {
		return []complaint{{
			code: "CM_NO_SUCH_ROUTING_PLAN", status: http.StatusNotFound, pointer: "/data/attributes/routingPlanId",
		}}
	}
	s.references[key] = s.now()
	return nil
}

func (s *Server) add(it item, plan Plan, batch string) *message {
	m := &message{
		id: s.newID(), reference: it.reference, batch: batch, plan: plan,
		journey: s.options.Outcome(it.to), complete: true, accepted: s.now(),
	}
	for _, field := range plan.Personalisation {
		if _, ok := it.personalisation[field]; !ok {
			m.complete = false
		}
	}
	s.messages = append(s.messages, m)
	s.byID[m.id] = m
	s.byPerson[it.to] = append(s.byPerson[it.to], m)
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
	setFailure(attributes, "message", state.code)
	if _, enriched := state.times["enriched"]; enriched {
		attributes["metadata"] = []object{{
			"queriedAt": state.times["enriched"], "source": "pds", "version": "1", "labels": m.plan.Channels,
		}}
	}
	data := object{"type": "Message", "id": m.id, "attributes": attributes, "links": object{"self": link(m)}}
	if m.batch != "" {
		data["relationships"] = object{"messageBatch": object{"data": object{"type": "MessageBatch", "id": m.batch}}}
	}
	return answer{status: http.StatusOK, body: object{"data": data}}, nil
}

// state is a message at one moment.
type state struct {
	status   notify.Status
	code     string
	times    object
	channels []object
}

// at adds up the timeline until now.
func (m *message) at(now time.Time) state {
	st := state{status: notify.StatusCreated, times: object{"created": stamp(m.accepted)}, channels: []object{}}
	for _, step := range m.plan.timeline(m.journey, m.complete) {
		when := m.accepted.Add(step.after)
		if when.After(now) {
			break
		}
		if step.channel >= 0 {
			st.channels[step.channel]["channelStatus"] = step.status
			if step.supplier != "" {
				st.channels[step.channel]["supplierStatus"] = step.supplier
			}
			setFailure(st.channels[step.channel], "channel", step.code)
			setTime(st.channels[step.channel]["timestamps"], step.status, when)
			continue
		}
		st.status, st.code = step.status, step.code
		setTime(st.times, step.status, when)
		switch {
		case step.status == notify.StatusEnriched:
			st.channels = m.channels(when)
		case m.journey.Unsendable != "" && step.status.Terminal():
			st.times["enriched"] = stamp(when)
		}
	}
	return st
}

func (m *message) channels(when time.Time) []object {
	list := make([]object, len(m.plan.Channels))
	for i, channel := range m.plan.Channels {
		list[i] = object{
			"type":          channel,
			"cascadeType":   notify.Primary,
			"cascadeOrder":  i + 1,
			"channelStatus": notify.StatusCreated,
			"timestamps":    object{"created": stamp(when)},
			"routingPlan":   object{"id": m.plan.ID, "version": "1", "type": "original"},
		}
	}
	return list
}

func (s *Server) planObject(p Plan) object {
	return object{"id": p.ID, "name": p.Name, "version": "1", "createdDate": stamp(s.started)}
}

func link(m *message) string {
	return "https://api.service.nhs.uk/comms/v1/messages/" + m.id
}

// newID returns an id that looks like a KSUID, and is the same in every run.
func (s *Server) newID() string {
	s.serial++
	sum := sha256.Sum256([]byte(strconv.Itoa(s.serial)))
	return base32.StdEncoding.EncodeToString(sum[:])[:27]
}

func setFailure(fields object, prefix, code string) {
	if code != "" {
		fields[prefix+"StatusDescription"] = "Failed reason: code " + code
		fields[prefix+"FailureReasonCode"] = code
	}
}

func setTime(times any, status notify.Status, when time.Time) {
	known := []notify.Status{notify.StatusEnriched, notify.StatusDelivered, notify.StatusFailed}
	if fields, ok := times.(object); ok && slices.Contains(known, status) {
		fields[string(status)] = stamp(when)
	}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }
