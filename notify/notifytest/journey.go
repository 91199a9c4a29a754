package notifytest

import (
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
	Retried                // delivered at the second attempt; in the NHS App as Reached
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

// with gives the person a contact detail that the message brings.
func (j Journey) with(channel notify.Channel) Journey {
	own := map[notify.Channel]*Reach{notify.Email: &j.Email, notify.SMS: &j.SMS, notify.Letter: &j.Letter}[channel]
	if *own == NoContact {
		*own = Reached
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
