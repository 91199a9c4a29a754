package notify_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	gen "github.com/personalised-prevention/nhs/internal/gen/notify"
	"github.com/personalised-prevention/nhs/notify"
)

// FuzzBatchAnswer gives a batch any list of messages as an answer, and wants it
// read as encoding/json reads it into the generated type.
func FuzzBatchAnswer(f *testing.F) {
	for _, seed := range []string{
		`[{"messageReference":"r","id":"i"},{"id":"j","messageReference":"s"}]`,
		" [ { \"messageReference\" : \"r\" ,\n\t\"id\":\"i\"}\r]",
		`[]`, `null`, `[null]`, `[{}]`, `{}`, `7`, `[{"id":7}]`, `[{"id":"i","new":1}]`, `[{"id":"i","ID":"j"}]`,
		`[{"messageReference":"\u00e9\n","id":"é"},{"id":"` + "\xff" + `"}]`, `[{"id":"i"}`, `[{"id":"i"}]]`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, list string) {
		answer := `{"data":{"id":"b","attributes":{"messages":` + list + `}}}`
		mock := httpmock.NewMockTransport()
		mock.RegisterNoResponder(httpmock.NewStringResponder(201, answer))
		client := newClient(t, nhs.Sandbox, nhs.WithHTTPClient(&http.Client{Transport: mock}))
		got, err := client.SendBatch(t.Context(), notify.Batch{Plan: planID, Reference: "b", Messages: messages(1)})
		var wire gen.MessageBatchCreated
		wantErr := json.Unmarshal([]byte(answer), &wire)
		if (err == nil) != (wantErr == nil && wire.Data.ID != "") {
			t.Fatalf("error is %v, that of encoding/json %v", err, wantErr)
		}
		if err != nil {
			return
		}
		var want []notify.SentMessage
		for _, m := range wire.Data.Attributes.Messages {
			want = append(want, notify.SentMessage{Reference: m.MessageReference, ID: m.ID})
		}
		if len(want) != len(got.Messages) || len(want) > 0 && !cmp.Equal(want, got.Messages) {
			t.Error(cmp.Diff(want, got.Messages))
		}
	})
}
