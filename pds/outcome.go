package pds

import (
	"encoding/json"
	"errors"

	"github.com/personalised-prevention/nhs"
	gen "github.com/personalised-prevention/nhs/internal/gen/pds"
	"github.com/personalised-prevention/nhs/internal/transport"
)

// PDS may answer either request with status 200 and an OperationOutcome, so what
// is decoded has room for both. resourceType tells which it is.
type (
	patientAnswer struct {
		gen.Patient

		Issue []gen.Issue `json:"issue"`
	}
	searchAnswer struct {
		gen.Bundle

		Issue []gen.Issue `json:"issue"`
	}
)

// Codes of PDS that mean more than their status.
const (
	codeTooManyMatches  = "TOO_MANY_MATCHES"
	codeInvalidated     = "INVALIDATED_RESOURCE"
	codeSingleMatch     = "SINGLE_MATCH"
	codeMultipleMatches = "MULTIPLE_MATCHES"
	codeInvalidID       = "INVALID_RESOURCE_ID"
)

const bundleType = "Bundle"

var errFewerEntries = errors.New("the answer announces more matches than it holds")

// patientOf is the patient of a success, or the error of one without a patient.
func patientOf(op string, answer transport.Answer, got *patientAnswer) (*Patient, error) {
	if got.ResourceType != patientType {
		return nil, outcome(op, answer, got.Issue)
	}
	p, err := patientFromWire(&got.Patient)
	if err != nil {
		return nil, unexpected(op, answer, err)
	}
	return p, nil
}

// outcome is the error of a success without a patient or a bundle: too many
// matches, a search the sandbox has no example for, or nothing documented.
func outcome(op string, answer transport.Answer, issues []gen.Issue) error {
	e := unexpected(op, answer, nil)
	e.Issues = issuesFromWire(issues)
	if len(e.Issues) > 0 {
		e.Code = e.Issues[0].Code
	}
	if e.Code == codeTooManyMatches {
		e.Kind = ErrTooManyMatches
	}
	return e
}

func unexpected(op string, answer transport.Answer, cause error) *nhs.Error {
	return &nhs.Error{
		Op: op, StatusCode: answer.StatusCode, RequestID: answer.RequestID, Attempts: answer.Attempts,
		Kind: nhs.ErrUnexpected, Cause: cause,
	}
}

// refined gives an error of the transport the sentinel that its code asks for.
func refined(err error) error {
	if e, ok := errors.AsType[*nhs.Error](err); ok && e.Code == codeInvalidated {
		e.Kind = ErrInvalidated
	}
	return err
}

// readIssues reads the OperationOutcome of a refusal. The gateway's have another
// media type and the same body; what is not an OperationOutcome has no issues.
func readIssues(_ int, body []byte) []nhs.Issue {
	var o gen.OperationOutcome
	if json.Unmarshal(body, &o) != nil {
		return nil
	}
	return issuesFromWire(o.Issue)
}

func issuesFromWire(wire []gen.Issue) []nhs.Issue {
	var issues []nhs.Issue
	for _, w := range wire {
		issue := nhs.Issue{Code: w.Code, Severity: w.Severity, Text: value(w.Diagnostics)}
		if w.Details != nil && len(w.Details.Coding) > 0 {
			coding := w.Details.Coding[0]
			if code := value(coding.Code); code != "" {
				issue.Code = code
			}
			if issue.Text == "" {
				issue.Text = value(coding.Display)
			}
		}
		issues = append(issues, issue)
	}
	return issues
}
