package conformance_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs"
)

// recorded returns a good exchange with NHS Notify, which a test may spoil.
func recorded() *exchange {
	return &exchange{
		request: &http.Request{
			Method: http.MethodPost,
			URL:    &url.URL{Scheme: "http", Host: "127.0.0.1:1", Path: "/comms/v1/message-batches"},
			Header: http.Header{
				"Accept": {"application/vnd.api+json"}, "Content-Type": {"application/vnd.api+json"},
				"Authorization": {"Bearer abc"}, "User-Agent": {"nhs-go/1"},
				"X-Correlation-Id": {"60e0b220-8136-4ca5-ae46-1d97ef59d068"},
			},
		},
		requestBody: []byte(`{"data":{"type":"MessageBatch","attributes":{
			"routingPlanId":"` + planID + `","messageBatchReference":"b","messages":[
			{"messageReference":"r","recipient":{"nhsNumber":"9990000018"},"personalisation":{"any":[1]}}]}}}`),
		response: &http.Response{
			StatusCode: http.StatusCreated, Header: http.Header{"Content-Type": {"application/vnd.api+json"}},
		},
		responseBody: []byte(`{"data":{"type":"MessageBatch","id":"x","attributes":{"messageBatchReference":"b",
			"routingPlan":{"id":"` + planID + `","name":"n","createdDate":"2026-03-02"},"messages":[{"messageReference":"r","id":"m"}]}}}`),
	}
}

// These tests would show nothing if the check let everything pass.
func TestContract_notices(t *testing.T) {
	t.Parallel()
	swap := func(text *[]byte, from, to string) {
		before := string(*text)
		if *text = []byte(strings.Replace(before, from, to, 1)); string(*text) == before {
			t.Errorf("%s does not occur", from)
		}
	}
	for name, tt := range map[string]struct {
		spoil    func(*exchange)
		request  string // part of what is said against the request
		response string // part of what is said against the response
	}{
		"nothing":            {func(*exchange) {}, "", ""},
		"path":               {func(x *exchange) { x.request.URL.Path = "/comms/v1/letters" }, "no matching operation", ""},
		"base path":          {func(x *exchange) { x.request.URL.Path = "/v1/message-batches" }, "no matching operation", ""},
		"method":             {func(x *exchange) { x.request.Method = http.MethodPut }, "method not allowed", ""},
		"query":              {func(x *exchange) { x.request.URL.RawQuery = "dry=true" }, `query parameter "dry"`, ""},
		"header":             {func(x *exchange) { x.request.Header.Set("X-Debug", "1") }, `header "X-Debug"`, ""},
		"accept":             {func(x *exchange) { x.request.Header.Set("Accept", "text/html") }, `media type "text/html"`, ""},
		"no accept":          {func(x *exchange) { x.request.Header.Del("Accept") }, `media type ""`, ""},
		"no bearer":          {func(x *exchange) { x.request.Header.Del("Authorization") }, `"Authorization"`, ""},
		"no correlation id":  {func(x *exchange) { x.request.Header.Del("X-Correlation-ID") }, `"X-Correlation-ID"`, ""},
		"content type":       {func(x *exchange) { x.request.Header.Set("Content-Type", "text/plain") }, "Content-Type", ""},
		"no body":            {func(x *exchange) { x.requestBody = nil }, "value is required", ""},
		"missing property":   {func(x *exchange) { swap(&x.requestBody, `"messageBatchReference":"b",`, "") }, `"messageBatchReference" is missing`, ""},
		"unknown property":   {func(x *exchange) { swap(&x.requestBody, `"recipient"`, `"test":1,"recipient"`) }, `"test" is unsupported`, ""},
		"type of a property": {func(x *exchange) { swap(&x.requestBody, `"9990000018"`, `9990000018`) }, "must be a string", ""},
		"empty list": {func(x *exchange) {
			start, end := strings.Index(string(x.requestBody), `[`), strings.LastIndex(string(x.requestBody), `]`)
			x.requestBody = []byte(string(x.requestBody[:start+1]) + string(x.requestBody[end:]))
		}, "minimum number of items", ""},
		"media type of the answer": {func(x *exchange) { x.response.Header.Set("Content-Type", "text/html") }, "", "Content-Type"},
		"no answer":                {func(x *exchange) { x.responseBody = nil }, "", "decode"},
		"answer lacks a property":  {func(x *exchange) { swap(&x.responseBody, `,"id":"m"`, "") }, "", `"id" is missing`},
		"answer has a property":    {func(x *exchange) { swap(&x.responseBody, `"id":"m"`, `"id":"m","new":1`) }, "", `"new" is unsupported`},
		"refusal for a success":    {func(x *exchange) { x.response.StatusCode = http.StatusBadRequest }, "", `"data" is unsupported`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newContract(t, nhs.Notify, nhs.Loopback("http://127.0.0.1:1"))
			x := recorded()
			tt.spoil(x)
			err := c.checkRequest(t.Context(), x)
			if says(t, "request", err, tt.request); tt.request != "" {
				return
			}
			says(t, "response", c.checkResponse(t.Context(), x), tt.response)
			if seen := c.seen["createMessageBatch 201 application/vnd.api+json"]; seen != (tt.response == "") {
				t.Errorf("counted as exercised: %t", seen)
			}
		})
	}
}

// says fails the test unless err holds text, or is nil when text is "".
func says(t *testing.T, what string, err error, text string) {
	t.Helper()
	if (err == nil) != (text == "") || (err != nil && !strings.Contains(err.Error(), text)) {
		t.Errorf("%s: got %v, want %q", what, err, text)
	}
}

// A test in which something described does not take place is told so.
func TestContract_unseen(t *testing.T) {
	t.Parallel()
	c := newContract(t, nhs.PDS, nhs.Loopback("http://127.0.0.1:1"))
	count := 0
	for _, operation := range operations(c.doc) {
		for _, response := range operation.Responses.Map() {
			count += max(1, len(response.Value.Content))
		}
	}
	if got := len(c.unseen()); got != count || count == 0 {
		t.Errorf("%d of %d unseen", got, count)
	}
}

// The watch passes bodies on as they were.
func TestWatched_bodies(t *testing.T) {
	t.Parallel()
	var got string
	next := roundTripper(func(req *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(req.Body)
		got = string(body)
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("answer"))}, err
	})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1:1/", strings.NewReader("question"))
	if err != nil {
		t.Fatal(err)
	}
	x, err := send(next, req)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(x.response.Body)
	if err != nil || got != "question" || string(answer) != "answer" {
		t.Errorf("sent %q, received %q, %v", got, answer, err)
	}
}
