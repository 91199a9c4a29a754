package notify_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
)

// TestRefusals goes through the service's table of errors.
func TestRefusals(t *testing.T) {
	t.Parallel()
	cases := []struct {
		status     int
		code       string
		retryAfter string
		want       error
		calls      int // attempts made
		wait       time.Duration
	}{
		{400, "CM_MISSING_VALUE", "", nhs.ErrInvalid, 1, 0},
		{400, "CM_NULL_VALUE", "", nhs.ErrInvalid, 1, 0},
		{400, "CM_INVALID_VALUE", "", nhs.ErrInvalid, 1, 0},
		{400, "CM_INVALID_NHS_NUMBER", "", nhs.ErrInvalid, 1, 0},
		{400, "CM_DUPLICATE_VALUE", "", nhs.ErrInvalid, 1, 0},
		{400, "CM_TOO_FEW_ITEMS", "", nhs.ErrInvalid, 1, 0},
		{400, "CM_ODS_CODE_REQUIRED", "", nhs.ErrInvalid, 1, 0},
		{400, "CM_CANNOT_SET_ODS_CODE", "", nhs.ErrInvalid, 1, 0},
		{400, "CM_CANNOT_SET_CONTACT_DETAILS", "", nhs.ErrInvalid, 1, 0},
		{401, "CM_DENIED", "", nhs.ErrUnauthorized, 1, 0}, // there is no token to renew here
		{403, "CM_FORBIDDEN", "", nhs.ErrForbidden, 1, 0},
		{403, "CM_SERVICE_BAN", "", nhs.ErrForbidden, 1, 0},
		{404, "CM_NO_SUCH_ROUTING_PLAN", "", nhs.ErrNotFound, 1, 0},
		{404, "CM_NOT_FOUND", "", nhs.ErrNotFound, 1, 0},
		{405, "CM_NOT_ALLOWED", "", nhs.ErrInvalid, 1, 0},
		{406, "CM_NOT_ACCEPTABLE", "", nhs.ErrInvalid, 1, 0},
		{408, "CM_TIMEOUT", "", nhs.ErrUnavailable, 3, 0},
		{413, "CM_TOO_LARGE", "", nhs.ErrInvalid, 1, 0},
		{413, "CM_TOO_MANY_ITEMS", "", nhs.ErrInvalid, 1, 0},
		{415, "CM_UNSUPPORTED_MEDIA", "", nhs.ErrInvalid, 1, 0},
		{422, "CM_DUPLICATE_REQUEST", "", nhs.ErrDuplicate, 1, 0},
		{425, "CM_RETRY_TOO_EARLY", "", nhs.ErrRateLimited, 1, 300 * time.Second},
		{425, "CM_RETRY_TOO_EARLY", "600", nhs.ErrRateLimited, 1, 600 * time.Second},
		{429, "CM_QUOTA", "", nhs.ErrRateLimited, 3, 0},
		{429, "CM_QUOTA", "61", nhs.ErrRateLimited, 1, 61 * time.Second},
		{500, "CM_INTERNAL_SERVER_ERROR", "", nhs.ErrUnavailable, 3, 0},
		{500, "CM_MISSING_ROUTING_PLAN_TEMPLATE", "", nhs.ErrInvalid, 1, 0},
		{500, "CM_ROUTING_PLAN_DUPLICATE_TEMPLATES", "", nhs.ErrInvalid, 1, 0},
		{502, "CM_BAD_GATEWAY", "", nhs.ErrUnavailable, 3, 0},
		{503, "CM_SERVICE_UNAVAILABLE", "", nhs.ErrUnavailable, 3, 0},
		{504, "CM_TIMEOUT", "", nhs.ErrUnavailable, 3, 0},
		{418, "", "", nhs.ErrInvalid, 1, 0},
	}
	for _, tc := range cases {
		t.Run(fmt.Sprint(tc.status, tc.code, tc.retryAfter), func(t *testing.T) {
			t.Parallel()
			client, mock := mocked(t, nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: 3, MinWait: 1, MaxWait: 1}))
			body := fmt.Sprintf(`{"errors":[{"id":"rrt-1.0","code":%q,"status":"%d","title":"T","detail":"D","source":{"header":"H"}}]}`, tc.code, tc.status)
			if tc.code == "" {
				body = "<html>teapot</html>"
			}
			mock.RegisterNoResponder(func(*http.Request) (*http.Response, error) {
				resp := httpmock.NewStringResponse(tc.status, body)
				if tc.retryAfter != "" {
					resp.Header.Set("Retry-After", tc.retryAfter)
				}
				return resp, nil
			})
			_, err := client.Send(t.Context(), message(0))
			e, ok := errors.AsType[*nhs.Error](err)
			if !ok || !errors.Is(err, tc.want) {
				t.Fatalf("error is %v, want %v", err, tc.want)
			}
			if n := mock.GetTotalCallCount(); n != tc.calls {
				t.Errorf("%d attempts, want %d", n, tc.calls)
			}
			if e.Code != tc.code || e.RetryAfter != tc.wait || e.StatusCode != tc.status {
				t.Errorf("code %q, wait %v, status %d", e.Code, e.RetryAfter, e.StatusCode)
			}
			if want := []nhs.Issue{{Code: tc.code, Pointer: "H", Text: "T: D"}}; tc.code != "" {
				if diff := cmp.Diff(want, e.Issues); diff != "" {
					t.Errorf("issues (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestBatchError(t *testing.T) {
	t.Parallel()
	client, mock := mocked(t)
	mock.RegisterResponder("POST", api+"/message-batches", httpmock.NewStringResponder(400, `{"errors":[
		{"code":"CM_INVALID_NHS_NUMBER","status":"400","source":{"pointer":"/data/attributes/messages/2/recipient/nhsNumber"}},
		{"code":"CM_INVALID_VALUE","status":"400","source":{"pointer":"/data/attributes/messages/0"}},
		{"code":"CM_INVALID_VALUE","status":"400","source":{"pointer":"/data/attributes/messages/1/<script>"}},
		{"code":"CM_INVALID_VALUE","status":"400","source":{"pointer":"/data/attributes/messages/99/x"}},
		{"code":"CM_INVALID_VALUE","status":"400","source":{"pointer":"/data/attributes/messages/x"}}]}`))
	_, err := client.SendBatch(t.Context(), notify.Batch{Plan: planID, Reference: "b", Messages: messages(3)})
	batch, ok := errors.AsType[*notify.BatchError](err)
	if !ok {
		t.Fatalf("error is %v", err)
	}
	want := []notify.RefusedMessage{
		{Index: 2, Reference: "ref-2", Code: "CM_INVALID_NHS_NUMBER", Field: "recipient/nhsNumber"},
		{Index: 0, Reference: "ref-0", Code: "CM_INVALID_VALUE"},
		{Index: 1, Reference: "ref-1", Code: "CM_INVALID_VALUE"},
	}
	if diff := cmp.Diff(want, batch.Refused); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
	e, ok := errors.AsType[*nhs.Error](err)
	if !ok || !errors.Is(err, nhs.ErrInvalid) || len(e.Issues) != 5 || !batch.Whole {
		t.Errorf("error is %v, whole %v", err, batch.Whole)
	}
	if text := err.Error(); !strings.HasSuffix(text, ": messages[2].recipient/nhsNumber and 2 more") {
		t.Errorf("text is %s", text)
	}
}

// TestNothingPersonalIsPrinted drives error paths with NHS numbers in every text
// a server or caller chooses, and looks for them in errors and logs.
func TestNothingPersonalIsPrinted(t *testing.T) {
	t.Parallel()
	secret := number(7)
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	client, mock := mocked(t, nhs.WithLogger(logger))
	m := message(7)
	m.Personalisation["nhsapp_body"] = secret.Display()
	m.BillingReference = secret.Reveal()
	batch := notify.Batch{Plan: planID, Reference: "b", Messages: []notify.Message{m}}
	digits := secret.Reveal()
	var errs []error
	for _, responder := range []httpmock.Responder{
		httpmock.NewStringResponder(400, `{"errors":[{"code":"`+digits+`","title":"`+digits+`","source":{"pointer":"/data/attributes/messages/0/`+digits+`"}}]}`),
		httpmock.NewStringResponder(500, digits),
		httpmock.NewStringResponder(201, `{"data":`+digits+`}`),
		httpmock.NewStringResponder(200, digits),
		httpmock.NewErrorResponder(errors.New("dial " + digits)),
	} {
		mock.RegisterNoResponder(responder)
		_, err := client.Send(t.Context(), m)
		_, err2 := client.SendBatch(t.Context(), batch)
		_, err3 := client.Status(t.Context(), "aaaaaaaaaaaaaaaaaaaaaaaaaaa")
		errs = append(errs, err, err2, err3)
	}
	bad := m
	bad.Reference = digits
	_, err := client.Send(t.Context(), bad)
	bad = m
	bad.Personalisation = map[string]any{digits: nil}
	_, err2 := client.Send(t.Context(), bad)
	errs = append(errs, err, err2)
	bad.Reference = digits
	printed := fmt.Sprintf("%v %+v %#v %v %+v %#v %s", m, m, m, batch, batch, batch, bad)
	for i, err := range errs {
		if err == nil {
			t.Errorf("error %d is nil", i)
		}
		fmt.Fprintf(&log, "%v %+v %#v\n", err, err, err)
		logger.Error("failed", "error", err, "message", bad)
	}
	printed += log.String()
	for _, form := range []string{digits, secret.Display(), digits[3:6] + " " + digits[6:]} {
		if strings.Contains(printed, form) {
			t.Errorf("an NHS number was printed:\n%s", printed)
		}
	}
}
