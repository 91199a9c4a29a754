package notifytest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
)

const planID = "b838b13c-f98c-4def-93f0-515d4e4f4ee1"

// post sends a body straight to the fake, and returns status, codes with
// pointers, and the header.
func post(service http.Handler, path, body string, change ...func(*http.Request)) (int, []string, http.Header) {
	req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer t")
	req.Header.Set("Content-Type", "application/vnd.api+json")
	for _, f := range change {
		f(req)
	}
	recorder := httptest.NewRecorder()
	service.ServeHTTP(recorder, req)
	var answer struct {
		Errors []struct {
			Code   string `json:"code"`
			Source struct {
				Pointer string `json:"pointer"`
				Header  string `json:"header"`
			} `json:"source"`
		} `json:"errors"`
	}
	if err := json.NewDecoder(recorder.Body).Decode(&answer); err != nil && recorder.Code != http.StatusNoContent {
		answer.Errors = nil
	}
	var codes []string
	for _, e := range answer.Errors {
		codes = append(codes, strings.TrimSpace(e.Code+" "+e.Source.Pointer+e.Source.Header))
	}
	return recorder.Code, codes, recorder.Header()
}

func newServer(change ...func(*notifytest.Options)) *notifytest.Server {
	options := notifytest.Options{Plans: []notifytest.Plan{{
		ID: planID, Name: "app", Channels: []notify.Channel{notify.NHSApp}, Personalisation: []string{"body"},
	}}}
	for _, f := range change {
		f(&options)
	}
	return notifytest.New(options)
}

func single(reference, number string) string {
	return fmt.Sprintf(`{"data":{"type":"Message","attributes":{"routingPlanId":%q,"messageReference":%q,
		"recipient":{"nhsNumber":%q},"personalisation":{"body":"x"}}}}`, planID, reference, number)
}

func batch(items string) string {
	return fmt.Sprintf(`{"data":{"type":"MessageBatch","attributes":{"routingPlanId":%q,"messageBatchReference":"b","messages":[%s]}}}`, planID, items)
}

func TestGatewayValidation(t *testing.T) {
	t.Parallel()
	const valid = `{"messageReference":"1","recipient":{"nhsNumber":"9990000018"}}`
	at := "/data/attributes"
	cases := []struct {
		name, path, body string
		status           int
		want             []string
	}{
		{"nothing", "messages", `null`, 500, []string{"CM_INTERNAL_SERVER_ERROR"}},
		{"nobody", "messages", strings.Replace(single("r", ""), `"nhsNumber":""`, "", 1), 400, []string{"CM_MISSING_VALUE " + at + "/recipient/nhsNumber"}},
		{"null number", "messages", strings.Replace(single("r", ""), `""`, "null", 1), 400, []string{"CM_NULL_VALUE " + at + "/recipient/nhsNumber"}},
		{"not JSON", "messages", `{`, 400, []string{"CM_INVALID_VALUE /"}},
		{"no data", "messages", `{}`, 400, []string{"CM_MISSING_VALUE /data"}},
		{"null data", "messages", `{"data":null}`, 400, []string{"CM_NULL_VALUE /data"}},
		{"list", "messages", `{"data":[]}`, 400, []string{"CM_INVALID_VALUE /data"}},
		{"wrong type", "messages", `{"data":{"type":"MessageBatch","attributes":null}}`, 400, []string{"CM_INVALID_VALUE /data/type", "CM_NULL_VALUE " + at}},
		{"empty", "messages", `{"data":{"type":"Message","attributes":{}}}`, 400, []string{
			"CM_MISSING_VALUE " + at + "/routingPlanId", "CM_MISSING_VALUE " + at + "/messageReference", "CM_MISSING_VALUE " + at + "/recipient",
		}},
		{"blank", "messages", single(" ", "9990000018"), 400, []string{"CM_INVALID_VALUE " + at + "/messageReference"}},
		{"check digit", "messages", single("r", "9990000019"), 400, []string{"CM_INVALID_NHS_NUMBER " + at + "/recipient/nhsNumber"}},
		{"spaces", "messages", single("r", "999 000 0018"), 400, []string{"CM_INVALID_NHS_NUMBER " + at + "/recipient/nhsNumber"}},
		{"other plan", "messages", strings.Replace(single("r", "9990000018"), planID, "00000000-0000-0000-0000-000000000000", 1), 404, []string{"CM_NO_SUCH_ROUTING_PLAN " + at + "/routingPlanId"}},
		{"bad plan", "messages", strings.Replace(single("r", "9990000018"), planID, "7", 1), 400, []string{"CM_INVALID_VALUE " + at + "/routingPlanId"}},
		{"none", "message-batches", batch(""), 400, []string{"CM_TOO_FEW_ITEMS " + at + "/messages"}},
		{"many", "message-batches", batch(strings.Repeat("1,", 45_000) + "1"), 413, []string{"CM_TOO_MANY_ITEMS " + at + "/messages"}},
		{"large", "message-batches", batch(`"` + strings.Repeat("x", 5_200_000) + `"`), 413, []string{"CM_TOO_LARGE /"}},
		{"items", "message-batches", batch(valid + `,null,3,` + valid + `,{"messageReference":"2","recipient":{"contactDetails":{}},"originator":{"odsCode":1},"personalisation":[]}`), 400, []string{
			"CM_NULL_VALUE " + at + "/messages/1", "CM_INVALID_VALUE " + at + "/messages/2",
			"CM_DUPLICATE_VALUE " + at + "/messages/3/messageReference",
			"CM_INVALID_VALUE " + at + "/messages/4/originator/odsCode", "CM_INVALID_VALUE " + at + "/messages/4/personalisation",
		}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			status, codes, _ := post(newServer(), "/comms/v1/"+tc.path, tc.body)
			if status != tc.status {
				t.Errorf("status %d, want %d", status, tc.status)
			}
			if diff := cmp.Diff(tc.want, codes); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
		})
	}
	if _, codes, _ := post(newServer(), "/comms/v1/message-batches", batch(strings.Repeat("1,", 200)+"1")); len(codes) != 100 {
		t.Errorf("%d errors, want 100", len(codes))
	}
}

func TestAccess(t *testing.T) {
	t.Parallel()
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	cases := []struct {
		name, path string
		change     func(*http.Request)
		status     int
		want       string
	}{
		{"no token", "/comms/v1/messages", header("Authorization", ""), 401, "CM_DENIED Authorization"},
		{"accept", "/comms/v1/messages", header("Accept", "application/vnd.api+json, */*"), 406, "CM_NOT_ACCEPTABLE Accept"},
		{"charset", "/comms/v1/messages", header("Content-Type", "application/json; charset=utf-8"), 415, "CM_UNSUPPORTED_MEDIA Content-Type"},
		{"path", "/comms/v2/messages", header("X", "y"), 404, "CM_NOT_FOUND"},
		{"method", "/comms/v1/messages/abc", header("X", "y"), 405, "CM_NOT_ALLOWED"},
	}
	for _, tc := range cases {
		status, codes, _ := post(newServer(), tc.path, single("r", "9990000018"), tc.change)
		if diff := cmp.Diff([]string{tc.want}, codes); diff != "" || status != tc.status {
			t.Errorf("%s: status %d, errors (-want +got):\n%s", tc.name, status, diff)
		}
	}
	status, _, header2 := post(newServer(), "/comms/v1/messages", single("r", "9990000018"), header("X-Correlation-ID", "c1"))
	if status != 201 || header2.Get("X-Correlation-ID") != "c1" || !strings.HasPrefix(header2.Get("Location"), "/v1/messages/") {
		t.Errorf("status %d, header %v", status, header2)
	}
}

func TestIdempotency(t *testing.T) {
	t.Parallel()
	service := newServer(func(o *notifytest.Options) { o.Processing = time.Minute })
	want := func(wantStatus int, wantCode, wantRetry string) {
		t.Helper()
		status, codes, header := post(service, "/comms/v1/messages", single("r", "9990000018"))
		if status != wantStatus || !strings.HasPrefix(strings.Join(codes, ""), wantCode) || header.Get("Retry-After") != wantRetry {
			t.Errorf("status %d, codes %v, header %v", status, codes, header)
		}
	}
	want(201, "", "")
	want(425, "CM_RETRY_TOO_EARLY", "300")
	if err := service.Advance(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	want(422, "CM_DUPLICATE_REQUEST /data/attributes/messageReference", "")
	if n := service.Accepted(nhs.MustNumber("9990000018")); n != 1 || service.Messages() != 1 {
		t.Errorf("%d messages accepted", n)
	}
	if err := service.Advance(t.Context(), 274*24*time.Hour); err != nil { // nine months: forgotten
		t.Fatal(err)
	}
	want(201, "", "")
}

func TestLimits(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		limit func(*notifytest.Options)
		wait  time.Duration
		after string
	}{
		{"quota", func(o *notifytest.Options) { o.QuotaPerMinute = 1 }, time.Minute, "60"},
		{"spike", func(o *notifytest.Options) { o.SpikePerSecond = 1 }, time.Second, "1"},
		{"both", func(o *notifytest.Options) { o.QuotaPerMinute, o.SpikePerSecond = 1, 1 }, time.Minute, "60"},
	}
	for _, tc := range cases {
		service := newServer(tc.limit)
		if status, _, _ := post(service, "/comms/v1/messages", single("1", "9990000018")); status != 201 {
			t.Errorf("%s: status %d", tc.name, status)
		}
		status, codes, header := post(service, "/comms/v1/messages", single("2", "9990000018"))
		if status != 429 || codes[0] != "CM_QUOTA" || header.Get("Retry-After") != tc.after {
			t.Errorf("%s: status %d, codes %v, header %v", tc.name, status, codes, header)
		}
		if err := service.Advance(t.Context(), tc.wait); err != nil {
			t.Fatal(err)
		}
		if status, _, _ := post(service, "/comms/v1/messages", single("2", "9990000018")); status != 201 {
			t.Errorf("%s: status %d", tc.name, status)
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	fault := notifytest.Fault{}
	service := newServer(func(o *notifytest.Options) { o.Fault = func(*http.Request) notifytest.Fault { return fault } })
	fault = notifytest.Fault{Status: 403, Code: "CM_SERVICE_BAN"}
	if status, codes, _ := post(service, "/comms/v1/messages", single("1", "9990000018")); status != 403 || codes[0] != "CM_SERVICE_BAN Authorization" {
		t.Errorf("status %d, codes %v", status, codes)
	}
	fault = notifytest.Fault{Status: 502, Header: http.Header{"Retry-After": {"7"}}}
	if status, _, header := post(service, "/comms/v1/messages", single("1", "9990000018")); status != 502 || header.Get("Retry-After") != "7" {
		t.Errorf("status %d, header %v", status, header)
	}
	server := httptest.NewServer(service)
	defer server.Close()
	fault = notifytest.Fault{LoseAnswer: true}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/comms/v1/messages", strings.NewReader(single("1", "9990000018")))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer t")
	if resp, err := http.DefaultClient.Do(req); err == nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		t.Error("the answer was not lost")
	}
	if service.Messages() != 1 {
		t.Errorf("%d messages accepted, want 1", service.Messages())
	}
}
