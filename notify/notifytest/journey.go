package notifytest

import (
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
)

// Journey is what happens to messages to one person. In the zero Journey every
// channel reaches the person.
type Journey struct {
	// Unsendable is the failure code found when the person is looked up, such as
	// [FormallyDead]; empty for somebody who may be messaged.
	Unsendable string

	// Refused is the code with which a request that holds a message to this person
	// is refused, naming that message; empty for none. It stands for whatever only
	// the service can know.
	Refused string

	NHSApp Reach
	Email  Reach
	SMS    Reach
	Letter Reach
}

// Failure codes of people whom the service never messages.
//
// Source: message fixtures of NHSDigital/communications-manager-api.
const (
	NotInPDS       = "MFR_PDSV_0006"
	RecordInvalid  = "MFR_PDSV_0008"
	HasExitCode    = "MFR_PDSV_0110"
	InformallyDead = "MFR_PDSV_0111"
	FormallyDead   = "MFR_PDSV_0112"
)

// Reach is how a channel ends for a person.
type Reach int

// The ends of a channel.
const (
	Reached   Reach = iota // delivered; in the NHS App: read
	NoContact              // no such contact detail, or no NHS App account
	Ignored                // delivered but never read: an end in the NHS App only, else Reached
	Bounced                // the supplier cannot deliver
)

// Mixed is a journey for everyone, fixed by the NHS number: of a hundred people
// about 45 read the NHS App, 15 have it and do not read it, 38 have no account,
// and two are dead; of those who do not read the app one in ten has no mobile
// number either, and one in ten has a number that fails.
func Mixed(person nhs.Number) Journey {
	j := Journey{}
	value := person.Int() / 10 // without the check digit
	switch app := value % 100; {
	case app < 2:
		j.Unsendable = FormallyDead
	case app < 40:
		j.NHSApp = NoContact
	case app < 55:
		j.NHSApp = Ignored
	}
	switch value / 100 % 10 {
	case 0:
		j.SMS, j.Email = NoContact, NoContact
	case 1:
		j.SMS, j.Email = Bounced, Bounced
	}
	return j
}

func (j Journey) reach(channel notify.Channel) Reach {
	switch channel {
	case notify.NHSApp:
		return j.NHSApp
	case notify.Email:
		return j.Email
	case notify.SMS:
		return j.SMS
	case notify.Letter:
		return j.Letter
	default:
		return NoContact
	}
}

// step is one thing that happens to a message, some time after its acceptance.
type step struct {
	after    time.Duration
	channel  int // index into the plan's channels; -1 for the message itself
	status   notify.Status
	supplier notify.SupplierStatus
	code     string // failure code
}

// How long suppliers take.
const (
	untilEnriched   = 2 * time.Minute
	untilInApp      = time.Minute
	untilRead       = 2 * time.Hour
	untilDelivered  = 5 * time.Minute
	untilDispatched = 24 * time.Hour
)

const (
	contactMissing  = "PDSV_0002"
	providerFailure = "SUPE_0007"
	clientInvalid   = "CLIV_0001"
)

// timeline returns everything that will happen to a message, in order of time.
// complete says that its personalisation has all fields of the templates.
func (p Plan) timeline(j Journey, complete bool) []step {
	t := timeline{{after: untilEnriched / 2, channel: -1, status: notify.StatusPendingEnrichment}}
	at := untilEnriched
	if j.Unsendable != "" {
		return t.message(at, notify.StatusFailed, j.Unsendable)
	}
	t = t.message(at, notify.StatusEnriched, "")
	at += time.Minute
	t = t.message(at, notify.StatusSending, "")
	code := clientInvalid
	for i, channel := range p.Channels {
		if !complete {
			t = t.channel(at, i, notify.StatusFailed, "", "CFR_"+clientInvalid)
			continue
		}
		var delivered bool
		t, at, delivered, code = t.attempt(at, i, channel, j.reach(channel), p.Window)
		if delivered {
			return t.message(at, notify.StatusDelivered, "")
		}
	}
	return t.message(at, notify.StatusFailed, "MFR_"+code)
}

type timeline []step

func (t timeline) message(at time.Duration, status notify.Status, code string) timeline {
	return append(t, step{after: at, channel: -1, status: status, code: code})
}

func (t timeline) channel(at time.Duration, i int, status notify.Status, supplier notify.SupplierStatus, code string) timeline {
	return append(t, step{after: at, channel: i, status: status, supplier: supplier, code: code})
}

// attempt adds what happens on one channel from at on, and returns when it ended
// and how.
func (t timeline) attempt(at time.Duration, i int, channel notify.Channel, reach Reach, window time.Duration) (_ timeline, end time.Duration, delivered bool, code string) {
	if reach == NoContact {
		return t.channel(at, i, notify.StatusFailed, "", "CFR_"+contactMissing), at, false, contactMissing
	}
	t = t.channel(at, i, notify.StatusSending, "", "")
	switch {
	case channel == notify.NHSApp && reach == Bounced:
		at += untilInApp
		return t.channel(at, i, notify.StatusFailed, "rejected", "CFR_"+providerFailure), at, false, providerFailure
	case channel == notify.NHSApp && reach == Ignored:
		t = t.channel(at+untilInApp, i, notify.StatusSending, notify.SupplierDelivered, "")
		at += window
		return t.channel(at, i, notify.StatusFailed, "", "CFR_"+providerFailure), at, false, providerFailure
	case channel == notify.NHSApp:
		t = t.channel(at+untilInApp, i, notify.StatusSending, notify.SupplierDelivered, "")
		at += min(untilRead, window/2)
		return t.channel(at, i, notify.StatusDelivered, notify.SupplierRead, ""), at, true, ""
	case reach == Bounced:
		at += untilDelivered
		return t.channel(at, i, notify.StatusFailed, "permanent_failure", "CFR_"+providerFailure), at, false, providerFailure
	case channel == notify.Letter:
		t = t.channel(at+untilDelivered, i, notify.StatusSending, "accepted", "")
		at += untilDispatched
		return t.channel(at, i, notify.StatusDelivered, notify.SupplierReceived, ""), at, true, ""
	default:
		at += untilDelivered
		return t.channel(at, i, notify.StatusDelivered, notify.SupplierDelivered, ""), at, true, ""
	}
}
