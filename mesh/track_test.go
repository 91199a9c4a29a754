package mesh_test

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
)

// Every field of the answer is kept, in either version, with times as they came.
func TestTrackKeepsEveryField(t *testing.T) {
	t.Parallel()
	v2 := `{"message_id":"M1","local_id":"L1","workflow_id":"W","filename":"f.dat","expiry_time":"2026-12-02T06:47:17.618786",
		"upload_timestamp":"20200606122153","recipient":"X26ABC2","recipient_name":"Clinic","recipient_ods_code":"A1","recipient_org_code":"A2",
		"recipient_org_name":"Trust","status_success":false,"status":"undeliverable","status_event":"SEND","status_timestamp":"2026-12-02T06:47:17Z",
		"status_description":"not collected","status_code":"14","new_field":{"a":1}}`
	v1 := `{"addressType":"ALL","dtsId":"M1","messageId":"M1","localId":"L1","workflowId":"W","fileName":"f.dat","expiryTime":"20261202064717",
		"fileSize":7,"uploadTimestamp":"20200606122153","recipient":"X26ABC2","recipientName":"Clinic","meshRecipientOdsCode":"A1",
		"recipientOrgCode":"A2","recipientOrgName":"Trust","statusSuccess":"ERROR","status":"Undeliverable","statusEvent":"SEND",
		"statusTimestamp":"20261202064717","statusDescription":"not collected","statusCode":"14","subject":null}`
	want := mesh.Tracking{
		MessageID: "M1", LocalID: "L1", Workflow: "W", FileName: "f.dat", Expires: "2026-12-02T06:47:17.618786", Uploaded: "20200606122153",
		Recipient: "X26ABC2", RecipientName: "Clinic", RecipientODSCode: "A1", RecipientOrgCode: "A2", RecipientOrgName: "Trust",
		Status: mesh.StatusUndeliverable, StatusSuccess: new(false), StatusEvent: "SEND", StatusCode: "14", StatusDescription: "not collected",
		StatusTime: "2026-12-02T06:47:17Z", Other: map[string]json.RawMessage{"new_field": json.RawMessage(`{"a":1}`)},
	}
	c, mock, path := mocked(t)
	mock.RegisterResponder("GET", path+"/outbox/tracking?messageID=M1", httpmock.NewStringResponder(http.StatusOK, v2))
	mock.RegisterResponder("GET", path+"/outbox/tracking/L1", httpmock.NewStringResponder(http.StatusOK, v1))
	got, err := c.Track(t.Context(), "M1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, *got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	want.Expires, want.StatusTime, want.Other = "20261202064717", "20261202064717", map[string]json.RawMessage{
		"addressType": json.RawMessage(`"ALL"`), "dtsId": json.RawMessage(`"M1"`), "fileSize": json.RawMessage(`7`), "subject": json.RawMessage(`null`),
	}
	if got, err = c.TrackLocalID(t.Context(), "L1"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, *got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A field of another type than expected is kept as it is.
func TestTrackToleratesOddFields(t *testing.T) {
	t.Parallel()
	c, mock, path := mocked(t)
	answers := map[string]string{"odd": `{"message_id":"M1","status":7,"status_success":"yes","statusSuccess":"MAYBE"}`, "none": `{}`, "text": `"M1"`}
	id := ""
	mock.RegisterResponder("GET", path+"/outbox/tracking", func(*http.Request) (*http.Response, error) {
		return httpmock.NewStringResponse(http.StatusOK, answers[id]), nil
	})
	id = "odd"
	got, err := c.Track(t.Context(), "M1")
	if err != nil || got.Status != "" || got.StatusSuccess != nil {
		t.Fatalf("got %+v, %v", got, err)
	}
	if diff := cmp.Diff([]string{"status", "statusSuccess", "status_success"}, slices.Sorted(maps.Keys(got.Other))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, id = range []string{"none", "text"} {
		if _, err := c.Track(t.Context(), "M1"); !errors.Is(err, nhs.ErrUnexpected) {
			t.Errorf("%s: got %v", id, err)
		}
	}
}

func TestTrackLife(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	read := b.send(t, mesh.SendRequest{LocalID: "same", Body: strings.NewReader("x")})
	left := b.send(t, mesh.SendRequest{LocalID: "same", Body: strings.NewReader("x")})
	if err := b.receiver.Acknowledge(t.Context(), read); err != nil {
		t.Fatal(err)
	}
	status := func(id string) mesh.Status {
		found, err := b.sender.Track(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if at, ok := found.Uploaded.Time(); !ok || !at.Equal(newClock().now) {
			t.Errorf("uploaded %s", found.Uploaded)
		}
		return found.Status
	}
	got := []mesh.Status{status(read), status(left)}
	b.clock.advance(5 * 24 * time.Hour)
	got = append(got, status(left))
	if diff := cmp.Diff([]mesh.Status{mesh.StatusAcknowledged, mesh.StatusAccepted, mesh.StatusUndeliverable}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	_, err := b.sender.TrackLocalID(t.Context(), "same")
	if !errors.Is(err, nhs.ErrConflict) {
		t.Errorf("not unique: %v", err)
	}
	if _, err := b.sender.TrackLocalID(t.Context(), "other"); !errors.Is(err, nhs.ErrNotFound) {
		t.Errorf("not there: %v", err)
	}
	if _, err := b.receiver.Track(t.Context(), read); !errors.Is(err, nhs.ErrNotFound) {
		t.Errorf("of another: %v", err)
	}
}

func TestTimestamp(t *testing.T) {
	t.Parallel()
	for text, want := range map[mesh.Timestamp]time.Time{
		"20200606122153":                   time.Date(2020, 6, 6, 12, 21, 53, 0, time.UTC),
		"2026-11-27T06:47:17.618786":       time.Date(2026, 11, 27, 6, 47, 17, 618786000, time.UTC),
		"2026-11-27T06:47:17":              time.Date(2026, 11, 27, 6, 47, 17, 0, time.UTC),
		"2026-07-27T06:47:17.618786+01:00": time.Date(2026, 7, 27, 5, 47, 17, 618786000, time.UTC),
		"2026-11-27T06:47:17Z":             time.Date(2026, 11, 27, 6, 47, 17, 0, time.UTC),
		"":                                 {},
		"2026-11-27":                       {},
		"20201306122153":                   {},
	} {
		got, ok := text.Time()
		if ok == want.IsZero() || !got.Equal(want) {
			t.Errorf("%s: %v, %t", text, got, ok)
		}
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	server := meshtest.New(meshtest.Options{Mailboxes: []meshtest.Mailbox{
		{Mailbox: sender(), Name: "GP practice", ODSCode: "A81001", Workflows: []string{"LETTERS"}},
		{Mailbox: receiver(), Name: "Hospital", ODSCode: "RXX", Workflows: []string{"LETTERS", workflow}},
	}})
	b := serve(t, server)
	practice, hospital := mesh.Endpoint{MailboxID: "X26ABC1", Name: "GP practice"}, mesh.Endpoint{MailboxID: "X26ABC2", Name: "Hospital"}
	for name, tt := range map[string]struct {
		ods, workflow string
		want          []mesh.Endpoint
	}{
		"one":            {"a81001", "LETTERS", []mesh.Endpoint{practice}},
		"no workflow":    {"A81001", workflow, []mesh.Endpoint{}},
		"nobody":         {"A81002", "LETTERS", []mesh.Endpoint{}},
		"all":            {"", "LETTERS", []mesh.Endpoint{practice, hospital}},
		"all, but none":  {"", "NONE", []mesh.Endpoint{}},
		"spaces and all": {"", "A B%", []mesh.Endpoint{}},
	} {
		find := func() ([]mesh.Endpoint, error) { return b.Lookup(t.Context(), tt.ods, tt.workflow) }
		if tt.ods == "" {
			find = func() ([]mesh.Endpoint, error) { return b.LookupWorkflow(t.Context(), tt.workflow) }
		}
		got, err := find()
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", name, err, diff)
		}
	}
}

// Look-ups are version 2: one in version 1, or none at all, is not nobody.
func TestLookupIsVersion2(t *testing.T) {
	t.Parallel()
	const v1 = `{"query_id":"Q","results":[{"address":"X26ABC1","description":"GP practice","endpoint_type":"MESH"}]}`
	for body, fail := range map[string]bool{v1: true, `{}`: true, ``: true, `{"results":[]}`: false} {
		c, mock, _ := mocked(t)
		mock.RegisterRegexpResponder("GET", anyPath(), httpmock.NewStringResponder(http.StatusOK, body))
		_, err := c.Lookup(t.Context(), "A81001", workflow)
		_, all := c.LookupWorkflow(t.Context(), workflow)
		for _, err := range []error{err, all} {
			if errors.Is(err, nhs.ErrUnexpected) != fail || (err != nil) != fail {
				t.Errorf("%q: %v", body, err)
			}
		}
	}
}

func TestPathsAreGuarded(t *testing.T) {
	t.Parallel()
	c, mock, _ := mocked(t)
	for _, bad := range []string{"", ".", "..", "a/b", `a\b`, "a\nb", strings.Repeat("x", 301)} {
		_, lookup := c.Lookup(t.Context(), "A81001", bad)
		_, ods := c.Lookup(t.Context(), bad, workflow)
		_, search := c.LookupWorkflow(t.Context(), bad)
		_, local := c.TrackLocalID(t.Context(), bad)
		_, track := c.Track(t.Context(), bad)
		_, head := c.Head(t.Context(), bad)
		for _, err := range []error{lookup, ods, search, local, track, head} {
			if _, ok := errors.AsType[*nhs.ArgumentError](err); !ok {
				t.Errorf("%q: got %v", bad, err)
			}
		}
	}
	if n := mock.GetTotalCallCount(); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// Whatever comes, tracking names a message or fails, and loses no field.
func FuzzTrack(f *testing.F) {
	f.Add(`{"message_id":"M1","status":"accepted","status_success":true}`)
	f.Add(`{"messageId":"M1","status":"Accepted","statusSuccess":"SUCCESS","fileSize":7}`)
	f.Add(`{"message_id":7,"messageId":"M1","status":null}`)
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, body string) {
		c, mock, path := mocked(t)
		mock.RegisterResponder("GET", path+"/outbox/tracking", httpmock.NewStringResponder(http.StatusOK, body))
		got, err := c.Track(t.Context(), "M1")
		if err != nil {
			return
		}
		if got.MessageID == "" {
			t.Error("no message")
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal([]byte(body), &fields); err != nil {
			t.Fatal(err)
		}
		const mapped = 17
		if lost := len(fields) - len(got.Other); lost < 1 || lost > mapped {
			t.Errorf("%d of %d fields are in no place", lost, len(fields))
		}
	})
}
