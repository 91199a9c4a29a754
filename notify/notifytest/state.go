package notifytest

import (
	"slices"
	"time"

	"github.com/personalised-prevention/nhs/notify"
)

// state is a message at one moment.
type state struct {
	status   notify.Status
	why      failure
	times    object
	channels []object
}

// at adds up the timeline until now.
func (m *message) at(now time.Time) state {
	st := state{status: notify.StatusCreated, times: object{"created": stamp(m.accepted)}, channels: []object{}}
	for _, step := range m.timeline() {
		when := m.accepted.Add(step.after)
		if when.After(now) {
			break
		}
		if step.channel >= 0 {
			step.set(st.channels[step.channel], when)
			continue
		}
		st.status, st.why = step.status, step.why
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
	list := []object{}
	for _, l := range m.plan.legs() {
		list = append(list, object{
			"type":          l.channel,
			"cascadeType":   l.cascade,
			"cascadeOrder":  l.order,
			"channelStatus": notify.StatusCreated,
			"timestamps":    object{"created": stamp(when)},
			"routingPlan":   object{"id": m.plan.ID, "version": "1", "type": "original"},
		})
	}
	return list
}

// set makes a channel what the step says.
func (st step) set(channel object, when time.Time) {
	channel["channelStatus"] = st.status
	if st.supplier != "" {
		channel["supplierStatus"] = st.supplier
	}
	if st.retries > 0 {
		channel["retryCount"] = st.retries
	}
	st.why.set(channel, "channel")
	setTime(channel["timestamps"], st.status, when)
}

// set says why a message or channel failed, if it did.
func (f failure) set(fields object, prefix string) {
	if f.description != "" {
		fields[prefix+"StatusDescription"] = f.description
	}
	if f.code != "" {
		fields[prefix+"FailureReasonCode"] = f.code
	}
}

func setTime(times any, status notify.Status, when time.Time) {
	known := []notify.Status{notify.StatusEnriched, notify.StatusDelivered, notify.StatusFailed}
	if fields, ok := times.(object); ok && slices.Contains(known, status) {
		fields[string(status)] = stamp(when)
	}
}
