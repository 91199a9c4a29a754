package notify_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
)

// FuzzErrorBody refuses a run with any status and body. The error names messages of
// the batch only and shows nobody's number; and whatever the body says, everybody
// is in quarantine with a reason, or the run has ended with an error.
func FuzzErrorBody(f *testing.F) {
	f.Add(400, `{"errors":[{"code":"CM_INVALID_VALUE","status":"400","title":"t","detail":"d","source":{"pointer":"/data/attributes/messages/1/recipient"}}]}`)
	f.Add(400, `{"errors":[{"code":"CM_INVALID_VALUE","source":{"pointer":"/data/attributes/messages/99999999999999999999"}},{"source":{"pointer":"/data/attributes/messages/-1/x"}}]}`)
	f.Add(400, `{"errors":[{"code":"`+number(1).Reveal()+`","title":"`+number(2).Reveal()+`","source":{"pointer":"/data/attributes/messages/0/`+number(0).Reveal()+`"}}]}`)
	f.Add(422, `{"errors":[{"code":"CM_DUPLICATE_REQUEST","source":{"header":"x"}}]}`)
	f.Add(500, `{"errors":null,"message":"down"}`)
	f.Add(413, `<html>`)
	f.Add(429, ``)
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 300 || status > 599 || status == http.StatusTooManyRequests {
			t.Skip() // successes have a test of their own, and a 429 is waited out
		}
		const people = 3
		mock := httpmock.NewMockTransport()
		mock.RegisterNoResponder(httpmock.NewStringResponder(status, body))
		client := newClient(t, nhs.Sandbox, nhs.WithHTTPClient(&http.Client{Transport: mock}), nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: 1}))
		_, err := client.SendBatch(t.Context(), notify.Batch{Plan: planID, Reference: "b", Messages: messages(people)})
		if err == nil {
			t.Fatal("no error")
		}
		if refused, ok := errors.AsType[*notify.BatchError](err); ok {
			for _, m := range refused.Refused {
				if m.Index < 0 || m.Index >= people || m.Reference != message(m.Index).Reference {
					t.Errorf("message %+v is refused", m)
				}
			}
		}
		result, bulkErr := newBulk(t, client, &notify.MemoryJournal{}, notify.BulkOptions{MaxMessages: 2}).Send(t.Context(), input(people))
		if bulkErr == nil && len(result.Quarantined) != people || result.Accepted != 0 {
			t.Errorf("result is %+v, error %v", result, bulkErr)
		}
		text := err.Error()
		if bulkErr != nil {
			text += bulkErr.Error()
		}
		for i := range people {
			if strings.Contains(text, number(i).Reveal()) {
				t.Errorf("an NHS number is shown: %s", text)
			}
		}
	})
}
