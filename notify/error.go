package notify

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs"
	gen "github.com/personalised-prevention/nhs/internal/gen/notify"
	"github.com/personalised-prevention/nhs/internal/redact"
)

// BatchError reports a batch refused because of some of its messages. None was
// accepted: leave those out and send the rest under another batch reference.
//
// It unwraps to the [*nhs.Error], whose Issues hold the service's words. The
// service names at most a hundred messages at a time.
type BatchError struct {
	Err     *nhs.Error
	Refused []RefusedMessage // in the service's order; a message may occur again
	Whole   bool             // there are complaints about the batch itself, too
}

// RefusedMessage is a message that the service will not accept, and why.
type RefusedMessage struct {
	Index     int    // place in the batch, from 0
	Reference string // the message's reference
	Code      string // the service's code, such as CM_INVALID_NHS_NUMBER
	Field     string // the offending field, such as "recipient/nhsNumber"; may be empty
}

// Error implements the error interface. The text holds indexes, codes and field
// names only.
func (e *BatchError) Error() string {
	first := e.Refused[0]
	text := fmt.Sprintf("%v: messages[%d]", e.Err, first.Index)
	if first.Field != "" {
		text += "." + first.Field
	}
	if n := len(e.Refused) - 1; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}

// Unwrap returns the [*nhs.Error].
func (e *BatchError) Unwrap() error { return e.Err }

// config reports whether a message was refused for what the account may not do. It
// would be so for all messages of the kind, and is not the message's fault.
func (e *BatchError) config() bool {
	return slices.ContainsFunc(e.Refused, func(m RefusedMessage) bool { return faultOfCode(m.Code) == FaultConfig })
}

// readIssues reads the service's list of errors. Answers of the platform in
// front of it have other shapes and leave only the status.
func readIssues(_ int, body []byte) []nhs.Issue {
	var wire gen.Errors
	if json.Unmarshal(body, &wire) != nil {
		return nil
	}
	issues := make([]nhs.Issue, 0, len(wire.Errors))
	for _, e := range wire.Errors {
		issue := nhs.Issue{Code: text(e.Code), Text: text(e.Title)}
		if detail := text(e.Detail); detail != "" {
			issue.Text = strings.TrimPrefix(issue.Text+": "+detail, ": ")
		}
		if e.Meta != nil && len(e.Meta.DuplicateTemplates) > 0 {
			issue.Text += fmt.Sprint(" ", e.Meta.DuplicateTemplates)
		}
		if e.Source != nil {
			issue.Pointer = text(e.Source.Pointer) + text(e.Source.Header) // one or the other
		}
		issues = append(issues, issue)
	}
	return issues
}

// worthRetrying says which refusals may pass. Every request here may be repeated:
// it reads, or carries the reference by which the service knows it.
func worthRetrying(status int, code string) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	case http.StatusInternalServerError:
		// A fault of the routing plan's set-up lasts until somebody mends it.
		return faultOfCode(code) != FaultConfig
	default:
		return false
	}
}

// minRetryAfter is the wait the service documents for a request that repeats one
// it is still working on.
func minRetryAfter(status int) time.Duration {
	if status == http.StatusTooEarly {
		return 300 * time.Second
	}
	return 0
}

// refine adds what this service's statuses mean beyond HTTP's.
func refine(err error) error {
	if e, ok := errors.AsType[*nhs.Error](err); ok {
		e.RetryAfter = max(e.RetryAfter, minRetryAfter(e.StatusCode))
		switch {
		case e.StatusCode == http.StatusUnprocessableEntity:
			e.Kind = nhs.ErrDuplicate
		case e.StatusCode >= http.StatusInternalServerError && IsConfig(e):
			e.Kind = nhs.ErrInvalid // lasts until somebody mends it
		}
	}
	return err
}

// withReferences turns an error whose issues name messages of a batch into a
// BatchError, given the references of its messages, and leaves others alone.
func withReferences(err error, references []string) error {
	e, ok := errors.AsType[*nhs.Error](err)
	if !ok {
		return err
	}
	batch := &BatchError{Err: e}
	for _, issue := range e.Issues {
		index, field, ok := splitPointer(issue.Pointer)
		if !ok || index >= len(references) {
			batch.Whole = true
			continue
		}
		batch.Refused = append(batch.Refused, RefusedMessage{
			Index: index, Reference: references[index], Code: redact.Code(issue.Code), Field: field,
		})
	}
	if len(batch.Refused) == 0 {
		return err
	}
	return batch
}

// splitPointer reads "/data/attributes/messages/17/recipient/nhsNumber" as 17 and
// "recipient/nhsNumber".
func splitPointer(pointer string) (index int, field string, ok bool) {
	rest, ok := strings.CutPrefix(pointer, "/data/attributes/messages/")
	if !ok {
		return 0, "", false
	}
	digits, field, _ := strings.Cut(rest, "/")
	index, err := strconv.Atoi(digits)
	if err != nil || index < 0 {
		return 0, "", false
	}
	// The field goes into error texts, so it may not hold whatever the answer holds.
	if redact.Code(strings.ReplaceAll(field, "/", ".")) == "" {
		field = ""
	}
	return index, redact.Text(field), true
}
