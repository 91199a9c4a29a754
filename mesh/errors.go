package mesh

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/personalised-prevention/nhs"
	gen "github.com/personalised-prevention/nhs/internal/gen/mesh"
	"github.com/personalised-prevention/nhs/internal/transport"
)

// issues reads the body of a refusal in any of its shapes: version 2 (a list of
// event, code and msg), malformed request (a list of type, loc and msg), version
// 1 (errorEvent, errorCode, errorDescription), or one line of text.
//
// Codes are text: besides "02" to "20" there are words such as
// "UnsupportedContentEncoding". The event is the first part of an issue's text.
func issues(_ int, body []byte) []nhs.Issue {
	var r gen.Refusal
	if json.Unmarshal(body, &r) != nil {
		return nil
	}
	if r.Detail != nil {
		return detailIssues(*r.Detail)
	}
	v1 := detail{Event: value(r.ErrorEvent), Code: value(r.ErrorCode), Msg: value(r.ErrorDescription)}
	if v1.Msg == "" {
		v1.Msg = value(r.Message)
	}
	if v1.Event == "" && v1.Code == "" && v1.Msg == "" {
		return nil
	}
	return []nhs.Issue{v1.issue()}
}

// detail is one complaint; which fields are there depends on the shape.
type detail struct {
	Event string `json:"event"`
	Code  string `json:"code"`
	Msg   string `json:"msg"`
	Type  string `json:"type"`
	Loc   []any  `json:"loc"`
}

func detailIssues(raw json.RawMessage) []nhs.Issue {
	var text string
	if json.Unmarshal(raw, &text) == nil && text != "" {
		return []nhs.Issue{{Text: text}}
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	var found []nhs.Issue
	for _, item := range list {
		var d detail
		if json.Unmarshal(item, &d) == nil {
			found = append(found, d.issue())
		}
	}
	return found
}

func (d detail) issue() nhs.Issue {
	issue := nhs.Issue{Code: d.Code, Text: d.Msg}
	if d.Code == "" {
		issue.Code = d.Type
	}
	if d.Event != "" {
		issue.Text = d.Event + ": " + d.Msg
	}
	var path []string
	for _, step := range d.Loc {
		path = append(path, fmt.Sprint(step))
	}
	issue.Pointer = strings.Join(path, "/")
	return issue
}

// unexpected reports an answer that is a success outside the contract.
func unexpected(op string, answer transport.Answer, cause error) error {
	return &nhs.Error{
		Op: op, StatusCode: answer.StatusCode, RequestID: answer.RequestID,
		Attempts: answer.Attempts, Kind: nhs.ErrUnexpected, Cause: cause,
	}
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
