package mesh_test

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
)

func anyPath() *regexp.Regexp { return regexp.MustCompile(`.*`) }

func TestInboxPages(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var want []string
	for i := range 25 {
		want = append(want, b.server.Deliver("X26ABC2", meshtest.Message{Workflow: workflow, Subject: strconv.Itoa(i), Chunks: [][]byte{{'x'}}}))
	}
	var got []string
	for id, err := range b.receiver.Inbox(t.Context(), mesh.InboxQuery{PageSize: 10}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, id)
		if err := b.receiver.Acknowledge(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	page, err := b.receiver.InboxPage(t.Context(), mesh.InboxQuery{}, "")
	if err != nil || len(page.MessageIDs) != 0 || page.Next != "" || page.Count != 0 {
		t.Errorf("after acknowledging all: %+v, %v", page, err)
	}
}

func TestInboxStopsWhenTheCallerDoes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for range 11 {
		b.server.Deliver("X26ABC2", meshtest.Message{Workflow: workflow, Chunks: [][]byte{{'x'}}})
	}
	for range b.receiver.Inbox(t.Context(), mesh.InboxQuery{PageSize: 10}) {
		break
	}
	if n := len(b.requests); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

func TestInboxFilter(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	screening := b.server.Deliver("X26ABC2", meshtest.Message{Workflow: workflow, Chunks: [][]byte{{'x'}}})
	other := b.server.Deliver("X26ABC2", meshtest.Message{Workflow: "OTHER_FLOW", Chunks: [][]byte{{'x'}}})
	for filter, want := range map[string][]string{
		"":             {screening, other},
		workflow:       {screening},
		"!" + workflow: {other},
		"SCREEN*":      {screening},
		"!SCREEN*":     {other},
		"*FLOW*":       {other},
		"NONE":         nil,
	} {
		var got []string
		for id, err := range b.receiver.Inbox(t.Context(), mesh.InboxQuery{Workflow: filter}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, id)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got)\n%s", filter, diff)
		}
	}
}

func TestInboxRefusesBadQueries(t *testing.T) {
	t.Parallel()
	c, mock, _ := mocked(t)
	for _, q := range []mesh.InboxQuery{{PageSize: 9}, {PageSize: 5001}, {PageSize: -1}, {Workflow: "W"}, {Workflow: "a\nb"}} {
		for id, err := range c.Inbox(t.Context(), q) {
			if _, ok := errors.AsType[*nhs.ArgumentError](err); !ok || id != "" {
				t.Errorf("%+v: got %v", q, err)
			}
		}
	}
	if _, err := c.InboxPage(t.Context(), mesh.InboxQuery{}, "short"); !errors.Is(err, nhs.ErrInvalid) {
		t.Errorf("from: got %v", err)
	}
	if n := mock.GetTotalCallCount(); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// The continuation is taken from the link; the link is never followed, and one
// that leads nowhere ends the listing with an error.
func TestInboxLinks(t *testing.T) {
	t.Parallel()
	const position = "gAAAAABqXYZgAAAAABqXYZgAAAAABqXYZ"
	for name, tt := range map[string]struct {
		next string
		fail bool
	}{
		"relative":       {"/messageexchange/X26ABC1/inbox?max_results=10&continue_from=" + position, false},
		"another server": {"https://example.invalid/inbox?continue_from=" + position, false},
		"no position":    {"/messageexchange/X26ABC1/inbox", true},
		"too short":      {"/messageexchange/X26ABC1/inbox?continue_from=x", true},
		"not an address": {"%zz", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, mock, path := mocked(t)
			mock.RegisterResponder("GET", path+"/inbox", func(r *http.Request) (*http.Response, error) {
				body := map[string]any{"messages": []string{"A"}, "links": map[string]string{"next": tt.next}}
				if r.URL.Query().Get("continue_from") == position {
					body = map[string]any{"messages": []string{"B"}, "links": map[string]string{}}
				}
				return httpmock.NewJsonResponse(http.StatusOK, body)
			})
			var ids []string
			var failure error
			for id, err := range c.Inbox(t.Context(), mesh.InboxQuery{}) {
				if err != nil {
					failure = err
					continue
				}
				ids = append(ids, id)
			}
			if tt.fail != errors.Is(failure, nhs.ErrUnexpected) {
				t.Errorf("error %v", failure)
			}
			if !tt.fail && !slices.Equal(ids, []string{"A", "B"}) {
				t.Errorf("ids %v", ids)
			}
		})
	}
}

// An answer without a list is not an empty inbox.
func TestInboxNeedsAList(t *testing.T) {
	t.Parallel()
	for body, fail := range map[string]bool{`{"messages":[]}`: false, `{}`: true, `{"messages":null}`: true, ``: true, `[]`: true} {
		c, mock, path := mocked(t)
		mock.RegisterResponder("GET", path+"/inbox", httpmock.NewStringResponder(http.StatusOK, body))
		_, err := c.InboxPage(t.Context(), mesh.InboxQuery{}, "")
		if errors.Is(err, nhs.ErrUnexpected) != fail || (err != nil) != fail {
			t.Errorf("%q: %v", body, err)
		}
	}
}

// Whatever comes, the next page of a page can be asked for.
func FuzzInbox(f *testing.F) {
	f.Add(`{"messages":["A","B"],"links":{"self":"/inbox","next":"/inbox?continue_from=gAAAAABqXYZgAAAAABqXYZgAAAAABqXYZ"},"approx_inbox_count":2}`)
	f.Add(`{"messages":[],"links":{"next":null}}`)
	f.Add(`{"messages":["A"],"links":{"next":"%zz?continue_from=1"}}`)
	f.Add(`{"detail":"Not Found"}`)
	f.Fuzz(func(t *testing.T, body string) {
		c, mock, path := mocked(t)
		mock.RegisterResponder("GET", path+"/inbox", httpmock.NewStringResponder(http.StatusOK, body))
		page, err := c.InboxPage(t.Context(), mesh.InboxQuery{}, "")
		if err != nil {
			if !errors.Is(err, nhs.ErrUnexpected) {
				t.Errorf("got %v", err)
			}
			return
		}
		if page.MessageIDs == nil {
			t.Error("no list")
		}
		if page.Next == "" {
			return
		}
		if _, err := c.InboxPage(t.Context(), mesh.InboxQuery{}, page.Next); errors.Is(err, nhs.ErrInvalid) {
			t.Errorf("next %q: %v", page.Next, err)
		}
	})
}
