package notifytest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/personalised-prevention/nhs/notify"
)

// Subscriber is where callbacks go.
type Subscriber struct {
	URL    string
	Secret notify.CallbackSecret
	Client *http.Client // nil means one without options

	// Disorder shuffles the callbacks of each [Server.Advance] and sends about one
	// in three twice, as Seed decides.
	Disorder bool
	Seed     uint64
}

// retryFor is how long a callback that failed is tried again.
const retryFor = 2 * time.Hour

// callback is one event on its way to the subscriber.
type callback struct {
	when  time.Time // of the event
	first time.Time // of the first failure; zero before
	body  []byte
}

// Subscribe registers the subscriber of all events from now on.
func (s *Server) Subscribe(subscriber Subscriber) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if subscriber.Client == nil {
		subscriber.Client = &http.Client{}
	}
	s.subscriber = &subscriber
}

// Advance moves simulated time by d and sends the callbacks of what happens
// meanwhile, one after the other. Those that fail with a status of 429 or 5xx, or
// without any, are sent again by the next Advance, for two hours; other refusals lose the event, as in the real service. The error is that
// of the context.
func (s *Server) Advance(ctx context.Context, d time.Duration) error {
	s.mu.Lock()
	s.advanced += d
	due := s.due()
	subscriber := s.subscriber
	now := s.now()
	s.mu.Unlock()
	if subscriber == nil {
		return ctx.Err()
	}
	var failed []callback
	for i, c := range due {
		if ctx.Err() != nil {
			failed = append(failed, due[i:]...)
			break
		}
		if !subscriber.post(ctx, c.body) {
			continue
		}
		if c.first.IsZero() {
			c.first = now
		}
		if now.Sub(c.first) < retryFor {
			failed = append(failed, c)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending = append(s.pending, failed...)
	return ctx.Err()
}

// due collects the events up to now, in order of time or in disorder.
func (s *Server) due() []callback {
	now := s.now()
	due := s.pending
	s.pending = nil
	for _, m := range s.messages {
		steps := m.plan.timeline(m.journey, m.complete)
		for ; m.emitted < len(steps); m.emitted++ {
			when := m.accepted.Add(steps[m.emitted].after)
			if when.After(now) {
				break
			}
			if s.subscriber != nil {
				due = append(due, callback{when: when, body: s.event(m, steps[m.emitted], when)})
			}
		}
	}
	slices.SortStableFunc(due, func(a, b callback) int { return a.when.Compare(b.when) })
	if s.subscriber != nil && s.subscriber.Disorder {
		random := rand.New(rand.NewPCG(s.subscriber.Seed, uint64(s.advanced))) //nolint:gosec // a seed, so that tests can be repeated
		for _, c := range due {
			if random.IntN(3) == 0 {
				due = append(due, c)
			}
		}
		random.Shuffle(len(due), func(i, j int) { due[i], due[j] = due[j], due[i] })
	}
	return due
}

// event returns the body of the callback for one step.
func (s *Server) event(m *message, st step, when time.Time) []byte {
	kind, prefix := "MessageStatus", "message"
	attributes := object{"messageId": m.id, "messageReference": m.reference, "timestamp": stamp(when)}
	if st.channel >= 0 {
		kind, prefix = "ChannelStatus", "channel"
		attributes["channel"] = m.plan.Channels[st.channel]
		attributes["cascadeType"] = notify.Primary
		attributes["cascadeOrder"] = st.channel + 1
		attributes["retryCount"] = 0
		if st.supplier != "" {
			attributes["supplierStatus"] = st.supplier
		}
	} else {
		attributes["routingPlan"] = s.planObject(m.plan)
		if channels := ended(m.at(when)); len(channels) > 0 {
			attributes["channels"] = channels
		}
	}
	attributes[prefix+"Status"] = st.status
	setFailure(attributes, prefix, st.code)
	key := sha256.Sum256(fmt.Append(nil, m.id, kind, st.channel, st.status, st.supplier, st.code))
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

// post sends one signed callback and says whether to send it again.
func (s *Subscriber) post(ctx context.Context, body []byte) (again bool) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(body))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, []byte(s.Secret.ApplicationID+"."+s.Secret.APIKey))
	_, _ = mac.Write(body)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", s.Secret.APIKey)
	req.Header.Set("X-Hmac-Sha256-Signature", hex.EncodeToString(mac.Sum(nil)))
	resp, err := s.Client.Do(req)
	if err != nil {
		return true
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= http.StatusInternalServerError
}
