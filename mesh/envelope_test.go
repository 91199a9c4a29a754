package mesh_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
)

// Head tells what a download tells, and leaves the message where it is.
func TestHead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.server.Deliver("X26ABC2", meshtest.Message{
		From: "X26ABC1", Workflow: workflow, LocalID: "L1", Subject: "S", FileName: "f.csv", ContentType: "text/csv", Checksum: "c",
		Chunks: [][]byte{[]byte("a,"), []byte("b")},
	})
	for range 2 {
		got, err := b.receiver.Head(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		want := &mesh.Envelope{
			ID: id, Type: mesh.TypeData, From: "X26ABC1", To: "X26ABC2", Workflow: workflow, LocalID: "L1", Subject: "S",
			FileName: "f.csv", ContentType: "text/csv", Checksum: "c", Timestamp: "20260102153000", Chunks: 2, Header: got.Header,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if got.Header.Get("Mex-Statussuccess") != "SUCCESS" || got.Header.Get("Content-Type") != "application/octet-stream" {
			t.Errorf("header %v", got.Header)
		}
	}
	b.clock.advance(5 * 24 * time.Hour)
	_, err := b.receiver.Head(t.Context(), id)
	failure, ok := errors.AsType[*mesh.Error](err)
	if !ok || failure.Err.StatusCode != http.StatusGone || !errors.Is(err, nhs.ErrNotFound) {
		t.Errorf("gone: %v", err)
	}
	page, err := b.sender.InboxPage(t.Context(), mesh.InboxQuery{}, "")
	if err != nil || len(page.MessageIDs) != 1 {
		t.Fatalf("no report: %v", err)
	}
	report, err := b.sender.Head(t.Context(), page.MessageIDs[0])
	if err != nil {
		t.Fatal(err)
	}
	want := &mesh.Report{MessageID: id, Code: "14", Event: "SEND", Description: "Message not collected by recipient after 5 days", Timestamp: "20260107153000"}
	if diff := cmp.Diff(want, report.Report); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Whatever the headers hold, an envelope tells the type, and a report is one.
func FuzzEnvelope(f *testing.F) {
	f.Add("1:3", "3", "DATA", "20260102153000", "text/csv")
	f.Add("1:0", "0", "REPORT", "2026-01-02T15:30:00.1", "")
	f.Add("-1:99999999999999999999", "x", "\x00", "é", "a;b")
	f.Fuzz(func(t *testing.T, chunks, total, kind, stamp, media string) {
		c, mock, _ := mocked(t)
		mock.RegisterRegexpResponder("HEAD", anyPath(), func(*http.Request) (*http.Response, error) {
			resp := httpmock.NewBytesResponse(http.StatusOK, nil)
			resp.Header = http.Header{
				"Mex-Messagetype": {kind}, "Mex-Chunk-Range": {chunks}, "Mex-Total-Chunks": {total}, "Mex-Statustimestamp": {stamp}, "Content-Type": {media},
			}
			return resp, nil
		})
		e, err := c.Head(t.Context(), "M1")
		if err != nil {
			t.Fatal(err)
		}
		if (e.Report != nil) != (kind == "REPORT") || string(e.Type) != kind || e.Chunks < 0 || string(e.Timestamp) != stamp || e.ContentType != media {
			t.Errorf("%+v", e)
		}
		if at, ok := e.Timestamp.Time(); ok == at.IsZero() && at.Year() != 1 {
			t.Errorf("%q is %v, %t", stamp, at, ok)
		}
	})
}
