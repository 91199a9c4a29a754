package notify

import (
	"errors"
	"fmt"
	"strings"

	"github.com/personalised-prevention/nhs"
)

// The limits of one batch. The service also limits the body to 5.2 MB, without
// saying which megabyte; five million bytes are within either.
//
// Source: NHS Notify API, 413 Request Entity Too Large.
const (
	maxBatchMessages = 45_000
	maxBatchBytes    = 5_000_000
)

// checkSingle and checkBatch look for what the gateway would refuse, in its
// order, so that the first complaint is the one it would make first.

func checkSingle(m Message) error {
	if err := checkPlan("plan", m.Plan); err != nil {
		return err
	}
	return m.check()
}

func checkBatch(b Batch) error {
	if err := checkPlan("plan", b.Plan); err != nil {
		return err
	}
	if isBlank(b.Reference) {
		return &nhs.ArgumentError{Name: "batch reference", Reason: "must not be blank"}
	}
	if _, err := nhs.ParseNumber(b.Reference); err == nil {
		return &nhs.ArgumentError{Name: "batch reference", Reason: "must not be an NHS number"}
	}
	switch n := len(b.Messages); {
	case n == 0:
		return &nhs.ArgumentError{Name: "messages", Reason: "must not be empty"}
	case n > maxBatchMessages:
		return &nhs.ArgumentError{Name: "messages", Reason: "must be at most 45,000"}
	}
	seen := make(map[string]struct{}, len(b.Messages))
	for i, m := range b.Messages {
		if err := m.check(); err != nil {
			return at(i, err)
		}
		if _, again := seen[m.Reference]; again {
			return at(i, errRepeated())
		}
		seen[m.Reference] = struct{}{}
		if m.Plan != "" && m.Plan != b.Plan {
			return at(i, &nhs.ArgumentError{Name: "plan", Reason: "must be empty or the batch's own"})
		}
	}
	return nil
}

// check looks at everything but the plan.
func (m Message) check() error {
	switch {
	case isBlank(m.Reference):
		return &nhs.ArgumentError{Name: "reference", Reason: "must not be blank"}
	case m.To.IsZero() && m.Contact == nil:
		return &nhs.ArgumentError{Name: "to", Reason: "must be an NHS number"}
	case !m.To.IsZero() && holdsNumber(m.Reference, m.To):
		return &nhs.ArgumentError{Name: "reference", Reason: "must not hold the NHS number"}
	}
	if m.Originator != "" && !isAlphanumeric(m.Originator) {
		return &nhs.ArgumentError{Name: "originator", Reason: "must be an ODS code, letters and digits"}
	}
	if err := m.Personalisation.check(); err != nil || m.Contact == nil {
		return err
	}
	return m.Contact.check()
}

// holdsNumber reports whether the digits of n follow one another in reference, be
// it with blanks, hyphens, dots, slashes or underscores between them.
func holdsNumber(reference string, n nhs.Number) bool {
	var room [10]byte
	digits := n.AppendDigits(room[:0])
	for start := range len(reference) - len(digits) + 1 {
		if startsWith(reference[start:], digits) {
			return true
		}
	}
	return false
}

func startsWith(s string, digits []byte) bool {
	found := 0
	for i := 0; i < len(s) && found < len(digits); i++ {
		switch {
		case s[i] == digits[found]:
			found++
		case found == 0 || strings.IndexByte(" -./_", s[i]) < 0:
			return false
		}
	}
	return found == len(digits)
}

func errNilMessages() error { return &nhs.ArgumentError{Name: "messages", Reason: "must not be nil"} }

func isAlphanumeric(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; (c < 'a' || c > 'z') && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return s != ""
}

// at names the message that err is about.
func at(index int, err error) error {
	if bad, ok := errors.AsType[*nhs.ArgumentError](err); ok {
		return &nhs.ArgumentError{Name: fmt.Sprintf("messages[%d].%s", index, bad.Name), Reason: bad.Reason}
	}
	return err
}

func errRepeated() error {
	return &nhs.ArgumentError{Name: "reference", Reason: "must not repeat that of an earlier message in the batch"}
}

// checkPlan accepts what the gateway does: hexadecimal digits grouped 8-4-4-4-12,
// whatever the UUID's version.
func checkPlan(name, plan string) error {
	ok := len(plan) == 36
	for i := 0; ok && i < len(plan); i++ {
		switch i {
		case 8, 13, 18, 23:
			ok = plan[i] == '-'
		default:
			ok = strings.IndexByte("0123456789abcdefABCDEF", plan[i]) >= 0
		}
	}
	if !ok {
		return &nhs.ArgumentError{Name: name, Reason: "must be a routing plan id, a UUID"}
	}
	return nil
}

// checkID accepts a KSUID, the only form in which the service gives ids.
func checkID(id string) error {
	if len(id) != 27 || !isAlphanumeric(id) {
		return &nhs.ArgumentError{Name: "message id", Reason: "must be 27 letters and digits"}
	}
	return nil
}

func isBlank(s string) bool { return strings.TrimSpace(s) == "" }
