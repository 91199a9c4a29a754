package notifytest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/personalised-prevention/nhs/notify"
)

// The service's patience with a subscriber.
const (
	retryFor    = 2 * time.Hour
	firstRetry  = 5 * time.Second
	slowestPace = 300 * time.Second
	longestWait = 12 * time.Hour // a Retry-After above this loses the callback
)

// deliver sends a callback, and queues it again if it failed for now.
func (s *Server) deliver(ctx context.Context, subscriber *Subscriber, e event) {
	s.mu.Lock()
	body := s.callbackBody(e)
	s.mu.Unlock()
	answer := subscriber.post(ctx, body)

	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	pause := min(firstRetry<<min(e.tries, 10), slowestPace)
	switch {
	case answer.status >= 200 && answer.status < 300:
		return
	case answer.status == 0 && ctx.Err() != nil: // cut short by the test, not by the subscriber
		s.events.add(e)
		return
	case answer.status == http.StatusTooManyRequests && answer.retryAfter >= 0 && answer.retryAfter <= longestWait:
		pause = max(pause, answer.retryAfter)
	case answer.status == 0, answer.status >= http.StatusInternalServerError:
	default:
		s.lost++
		return
	}
	e.tries++
	if e.first.IsZero() {
		e.first = now
	}
	e.due = now.Add(pause)
	if e.due.Sub(e.first) > retryFor {
		s.lost++
		return
	}
	s.events.add(e)
}

// callbackBody returns the body of the callback about an event.
func (s *Server) callbackBody(e event) []byte {
	m, st := e.message, e.message.timeline()[e.step]
	kind, prefix := "MessageStatus", "message"
	attributes := object{"messageId": m.id, "messageReference": m.reference, "timestamp": stamp(e.when)}
	if st.channel >= 0 {
		l := m.plan.legs()[st.channel]
		kind, prefix = "ChannelStatus", "channel"
		attributes["channel"] = l.channel
		attributes["cascadeType"] = l.cascade
		attributes["cascadeOrder"] = l.order
		attributes["retryCount"] = st.retries
		if st.supplier != "" {
			attributes["supplierStatus"] = st.supplier
		}
	} else {
		attributes["routingPlan"] = s.planObject(m.plan)
		if channels := ended(m.at(e.when)); len(channels) > 0 {
			attributes["channels"] = channels
		}
	}
	attributes[prefix+"Status"] = st.status
	st.why.set(attributes, prefix)
	key := sha256.Sum256(fmt.Append(nil, m.id, kind, st.channel, st.status, st.supplier, st.retries, st.why.code))
	body, err := json.Marshal(object{"data": []object{{
		"type":       kind,
		"attributes": attributes,
		"links":      object{"message": link(m)},
		"meta":       object{"idempotencyKey": hex.EncodeToString(key[:])},
	}}})
	if err != nil {
		panic(err) // objects of strings and numbers have a JSON form
	}
	return body
}

// ended lists the channels that have come to an end.
func ended(st state) []object {
	var list []object
	for _, c := range st.channels {
		if status, ok := c["channelStatus"].(notify.Status); ok && status.Terminal() {
			list = append(list, object{"type": c["type"], "channelStatus": status})
		}
	}
	return list
}

// receipt is how a subscriber answers a callback.
type receipt struct {
	status     int // 0 for no answer
	retryAfter time.Duration
}

// post sends one signed callback.
func (s *Subscriber) post(ctx context.Context, body []byte) receipt {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(body))
	if err != nil {
		return receipt{}
	}
	mac := hmac.New(sha256.New, []byte(s.Secret.ApplicationID+"."+s.Secret.APIKey))
	_, _ = mac.Write(body)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(cmp.Or(s.Secret.Header, "X-Api-Key"), s.Secret.APIKey)
	req.Header.Set("X-Hmac-Sha256-Signature", hex.EncodeToString(mac.Sum(nil)))
	resp, err := s.Client.Do(req)
	if err != nil {
		return receipt{}
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
	return receipt{status: resp.StatusCode, retryAfter: time.Duration(seconds) * time.Second}
}
