package mesh_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
)

// What MESH alone tells is in a [mesh.Error], in either version.
func TestErrorTellsEventAndMessage(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		body string
		want mesh.Error
		text string
	}{
		"version 2": {
			`{"message_id":"M1","detail":[{"event":"SEND","code":"12","msg":"unregistered"},{"event":"X","code":"9","msg":"m"}]}`,
			mesh.Error{Event: "SEND", Code: "12", MessageID: "M1"},
			"417 Expectation Failed (12), event SEND",
		},
		"version 1": {
			`{"messageID":"M1","errorEvent":"COLLECT","errorCode":"EPL-151","errorDescription":"no mailbox"}`,
			mesh.Error{Event: "COLLECT", Code: "EPL-151", MessageID: "M1"},
			"417 Expectation Failed (EPL-151), event COLLECT",
		},
		"word for a code": {
			`{"message_id":null,"detail":[{"event":"","code":"InvalidHeaderChunks","msg":""}]}`,
			mesh.Error{Code: "InvalidHeaderChunks"},
			"417 Expectation Failed (InvalidHeaderChunks)",
		},
		"odd event":     {`{"detail":[{"event":"9990000018","code":"1"}]}`, mesh.Error{Event: "9990000018", Code: "1"}, "417 Expectation Failed (1), event [redacted]"},
		"message only":  {`{"message":"locked"}`, mesh.Error{}, "417 Expectation Failed"},
		"odd detail":    {`{"detail":{"event":"SEND"}}`, mesh.Error{}, "417 Expectation Failed"},
		"not JSON":      {`<html>`, mesh.Error{}, "417 Expectation Failed"},
		"nothing there": {``, mesh.Error{}, "417 Expectation Failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, mock, path := mocked(t)
			mock.RegisterResponder("POST", path+"/outbox", httpmock.NewStringResponder(http.StatusExpectationFailed, tt.body))
			_, err := c.Send(t.Context(), mesh.SendRequest{To: "X26ABC2", Workflow: workflow, Body: strings.NewReader("x")})
			got, ok := errors.AsType[*mesh.Error](err)
			if !ok || got.Err.Code != tt.want.Code || !errors.Is(err, nhs.ErrInvalid) {
				t.Fatalf("got %v", err)
			}
			if diff := cmp.Diff([]string{tt.want.Event, tt.want.Code, tt.want.MessageID}, []string{got.Event, got.Code, got.MessageID}); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if want := "mesh.Send: " + tt.text; fmt.Sprintf("%#v", err) != want {
				t.Errorf("got %#v, want %s", err, want)
			}
		})
	}
}

// Without an answer, or with a success that makes no sense, there is no refusal.
func TestErrorIsForRefusals(t *testing.T) {
	t.Parallel()
	c, mock, path := mocked(t)
	mock.RegisterResponder("POST", path, httpmock.NewErrorResponder(http.ErrServerClosed))
	mock.RegisterResponder("GET", path+"/inbox", httpmock.NewStringResponder(http.StatusOK, "{"))
	_, list := c.InboxPage(t.Context(), mesh.InboxQuery{}, "")
	for _, err := range []error{c.Handshake(t.Context()), list} {
		_, refused := errors.AsType[*mesh.Error](err)
		if _, ok := errors.AsType[*nhs.Error](err); !ok || refused {
			t.Errorf("got %v", err)
		}
	}
}
