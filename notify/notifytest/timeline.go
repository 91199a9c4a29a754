package notifytest

import (
	"cmp"
	"slices"
	"time"

	"github.com/personalised-prevention/nhs/notify"
)

// step is one thing that happens to a message, some time after its acceptance.
type step struct {
	after    time.Duration
	channel  int // index into the plan's legs; -1 for the message itself
	status   notify.Status
	supplier notify.SupplierStatus
	retries  int
	why      failure
}

// failure is why a message or channel failed; zero when it did not.
type failure struct {
	code        string // empty when the service gives none
	description string
}

// How long the service and its suppliers take.
const (
	untilPending    = time.Minute
	untilEnriched   = 2 * time.Minute
	untilInApp      = time.Minute
	untilRead       = 2 * time.Hour
	untilDelivered  = 5 * time.Minute
	untilRetried    = 15 * time.Minute
	untilAccepted   = 30 * time.Minute
	untilDispatched = 24 * time.Hour
)

// reason is why a channel fails, without the prefix that tells channels from
// messages.
type reason string

const (
	contactMissing  reason = "PDSV_0002"
	providerFailure reason = "SUPE_0007"
	clientInvalid   reason = "CLIV_0001"
	notRead         reason = "" // the published example has no code
)

func (r reason) failure(prefix string) failure {
	f := failure{code: prefix + string(r)}
	switch r {
	case contactMissing:
		f.description = "Failed reason: Contact detail is missing"
	case providerFailure:
		f.description = "Failed reason: The supplier couldn’t deliver the message" // not ASCII, as in the real service
	case clientInvalid:
		f.description = "Failed reason: A personalisation value is missing"
	case notRead:
		f = failure{description: "Message not read in specified time frame"}
	}
	return f
}

// leg is one channel of a plan.
type leg struct {
	channel notify.Channel
	cascade notify.Cascade
	order   int // in its cascade, from 1
}

// legs lists the channels as the service does: the first of the primary cascade,
// the secondary cascade that follows its failure, and the rest.
func (p Plan) legs() []leg {
	var primary, secondary []leg
	for i, channel := range p.Channels {
		primary = append(primary, leg{channel, notify.Primary, i + 1})
	}
	for i, channel := range p.Secondary {
		secondary = append(secondary, leg{channel, notify.Secondary, i + 1})
	}
	first := min(1, len(primary))
	return slices.Concat(primary[:first], secondary, primary[first:])
}

// labels lists the channels that contact details are looked up for, each once.
func (p Plan) labels() []notify.Channel {
	var list []notify.Channel
	for _, l := range p.legs() {
		if !slices.Contains(list, l.channel) {
			list = append(list, l.channel)
		}
	}
	return list
}

// duplicates describes the templates that the plan has twice.
func (p Plan) duplicates() []object {
	list := []object{}
	for _, name := range p.DuplicateTemplates {
		list = append(list, object{"name": name, "type": "SMS"})
	}
	return list
}

// timeline returns everything that will happen to a message, in order of time.
// It is delivered as soon as one cascade has delivered, and fails when all have
// failed. The other cascade goes on in either case.
func (m *message) timeline() []step {
	t := timeline{message: m}
	t.told(untilPending, notify.StatusPendingEnrichment, failure{})
	if code := m.journey.Unsendable; code != "" {
		t.told(untilEnriched, notify.StatusFailed, failure{code, unsendable(code)})
		return t.steps
	}
	t.told(untilEnriched, notify.StatusEnriched, failure{})
	begin := untilEnriched + time.Minute
	t.told(begin, notify.StatusSending, failure{})

	ends := []end{t.cascade(notify.Primary, begin)}
	if first := ends[0].firstFailed; first > 0 && len(m.plan.Secondary) > 0 {
		ends = append(ends, t.cascade(notify.Secondary, first))
	}
	slices.SortStableFunc(ends, func(a, b end) int { return cmp.Compare(a.at, b.at) })
	if i := slices.IndexFunc(ends, func(e end) bool { return e.delivered }); i >= 0 {
		t.told(ends[i].at, notify.StatusDelivered, failure{})
	} else {
		last := ends[len(ends)-1]
		t.told(last.at, notify.StatusFailed, last.why.failure("MFR_"))
	}
	slices.SortStableFunc(t.steps, func(a, b step) int { return cmp.Compare(a.after, b.after) })
	return t.steps
}

// unsendable puts a code about a person into words.
func unsendable(code string) string {
	switch code {
	case NotInPDS:
		return "Failed reason: Patient is not in PDS"
	case RecordInvalid:
		return "Failed reason: Patient record is invalid"
	case HasExitCode:
		return "Failed reason: Patient has exit code"
	case InformallyDead:
		return "Failed reason: Patient is informally dead"
	case FormallyDead:
		return "Failed reason: Patient is formally dead"
	default:
		return "Failed reason: " + code
	}
}

// timeline collects the steps of a message.
type timeline struct {
	*message

	steps []step
}

// end is how a cascade or one of its channels ends.
type end struct {
	at          time.Duration
	delivered   bool
	why         reason
	firstFailed time.Duration // when the first channel of a cascade failed; 0 if it has not
}

func (t *timeline) told(at time.Duration, status notify.Status, why failure) {
	t.steps = append(t.steps, step{after: at, channel: -1, status: status, why: why})
}

// cascade tries the channels of a cascade one by one, from at on.
func (t *timeline) cascade(cascade notify.Cascade, at time.Duration) end {
	e := end{at: at}
	first := time.Duration(0)
	for i, l := range t.plan.legs() {
		if l.cascade != cascade {
			continue
		}
		a := attempt{timeline: t, leg: i, reach: t.journey.reach(l.channel), at: e.at}
		e = a.end(l.channel)
		if e.delivered {
			break
		}
		if l.order == 1 {
			first = e.at
		}
	}
	e.firstFailed = first
	return e
}

// attempt is one channel being tried.
type attempt struct {
	*timeline

	leg     int
	reach   Reach
	at      time.Duration // what comes next happens then
	retries int
}

// end adds what happens on the channel.
func (a *attempt) end(channel notify.Channel) end {
	switch {
	case !a.complete:
		return a.fail("", clientInvalid)
	case a.reach == NoContact:
		return a.fail("", contactMissing)
	}
	a.now(notify.StatusSending, "")
	if channel == notify.NHSApp {
		return a.app()
	}
	if channel == notify.Letter {
		return a.letter()
	}
	return a.text()
}

func (a *attempt) app() end {
	began := a.at
	a.at += untilInApp
	if a.reach == Bounced {
		return a.fail("rejected", providerFailure)
	}
	a.now(notify.StatusSending, notify.SupplierDelivered)
	if a.reach == Ignored {
		a.at = began + a.plan.Window
		return a.fail("", notRead)
	}
	a.at = began + min(untilRead, a.plan.Window/2)
	return a.deliver(notify.SupplierRead)
}

func (a *attempt) letter() end {
	a.at += untilDelivered
	a.now(notify.StatusSending, "pending_virus_check")
	if a.retry(); a.reach == Bounced {
		a.at += untilDelivered
		return a.fail("permanent_failure", providerFailure)
	}
	a.at += untilAccepted
	a.now(notify.StatusSending, "accepted")
	a.at += untilDispatched
	return a.deliver(notify.SupplierReceived)
}

// text is an email or an SMS.
func (a *attempt) text() end {
	a.retry()
	a.at += untilDelivered
	if a.reach == Bounced {
		return a.fail("permanent_failure", providerFailure)
	}
	return a.deliver(notify.SupplierDelivered)
}

// retry fails for a while, for those who are reached at the second attempt.
func (a *attempt) retry() {
	if a.reach != Retried {
		return
	}
	a.at += untilDelivered
	a.now(notify.StatusSending, "temporary_failure")
	a.at, a.retries = a.at+untilRetried, 1
	a.now(notify.StatusSending, "")
}

func (a *attempt) now(status notify.Status, supplier notify.SupplierStatus) {
	a.steps = append(a.steps, step{after: a.at, channel: a.leg, status: status, supplier: supplier, retries: a.retries})
}

func (a *attempt) fail(supplier notify.SupplierStatus, why reason) end {
	a.now(notify.StatusFailed, supplier)
	a.steps[len(a.steps)-1].why = why.failure("CFR_")
	return end{at: a.at, why: why}
}

func (a *attempt) deliver(supplier notify.SupplierStatus) end {
	a.now(notify.StatusDelivered, supplier)
	return end{at: a.at, delivered: true}
}
