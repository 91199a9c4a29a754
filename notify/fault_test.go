package notify_test

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"testing"

	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
)

// faults is the service's table of errors, and what each comes to.
func faults() []struct {
	status int
	code   string
	want   notify.Fault
} {
	return []struct {
		status int
		code   string
		want   notify.Fault
	}{
		{400, notify.CodeMissingValue, notify.FaultInput},
		{400, notify.CodeNullValue, notify.FaultInput},
		{400, notify.CodeInvalidValue, notify.FaultInput},
		{400, notify.CodeInvalidNHSNumber, notify.FaultInput},
		{400, notify.CodeDuplicateValue, notify.FaultInput},
		{400, notify.CodeTooFewItems, notify.FaultInput},
		{400, notify.CodeInvalidRequest, notify.FaultInput},
		{400, notify.CodeODSCodeRequired, notify.FaultConfig},
		{400, notify.CodeCannotSetODSCode, notify.FaultConfig},
		{400, notify.CodeCannotSetContact, notify.FaultConfig},
		{401, notify.CodeDenied, notify.FaultAccess},
		{403, notify.CodeForbidden, notify.FaultAccess},
		{403, notify.CodeServiceBan, notify.FaultBan},
		{404, notify.CodeNoSuchRoutingPlan, notify.FaultConfig},
		{404, notify.CodeNotFound, notify.FaultNotFound},
		{405, notify.CodeNotAllowed, notify.FaultInput},
		{406, notify.CodeNotAcceptable, notify.FaultInput},
		{408, notify.CodeTimeout, notify.FaultService},
		{413, notify.CodeTooLarge, notify.FaultTooLarge},
		{413, notify.CodeTooManyItems, notify.FaultTooLarge},
		{415, notify.CodeUnsupportedMedia, notify.FaultInput},
		{422, notify.CodeDuplicateRequest, notify.FaultDuplicate},
		{425, notify.CodeRetryTooEarly, notify.FaultTooEarly},
		{429, notify.CodeQuota, notify.FaultQuota},
		{500, notify.CodeInternalServerError, notify.FaultService},
		{500, notify.CodeMissingTemplate, notify.FaultConfig},
		{500, notify.CodeDuplicateTemplates, notify.FaultConfig},
		{502, notify.CodeBadGateway, notify.FaultService},
		{503, notify.CodeServiceUnavailable, notify.FaultService},
		{504, notify.CodeTimeout, notify.FaultService},

		// What the platform in front of the service answers has no code.
		{400, "", notify.FaultInput},
		{401, "", notify.FaultAccess},
		{403, "", notify.FaultAccess},
		{404, "", notify.FaultNotFound},
		{408, "", notify.FaultService},
		{413, "", notify.FaultTooLarge},
		{422, "", notify.FaultDuplicate},
		{425, "", notify.FaultTooEarly},
		{429, "CM_NEW", notify.FaultQuota},
		{503, "", notify.FaultService},
		{200, "", notify.FaultService},
		{0, "", notify.FaultService},
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	is := map[notify.Fault]func(error) bool{
		notify.FaultDuplicate: notify.IsDuplicate, notify.FaultTooEarly: notify.IsTooEarly, notify.FaultQuota: notify.IsQuota,
		notify.FaultConfig: notify.IsConfig, notify.FaultBan: notify.IsBan,
	}
	for _, tc := range faults() {
		err := fmt.Errorf("wrapped: %w", &nhs.Error{StatusCode: tc.status, Code: tc.code})
		if got := notify.FaultOf(err); got != tc.want {
			t.Errorf("%d %s is %q, want %q", tc.status, tc.code, got, tc.want)
		}
		for fault, predicate := range is {
			if got := predicate(err); got != (fault == tc.want) {
				t.Errorf("%d %s: the predicate of %q says %v", tc.status, tc.code, fault, got)
			}
		}
	}
	for _, tc := range []struct {
		err  error
		want notify.Fault
	}{
		{nil, notify.FaultNone},
		{errors.New("another"), notify.FaultNone},
		{&nhs.ArgumentError{Name: "plan"}, notify.FaultInput},
		{&nhs.AuthError{StatusCode: 401}, notify.FaultAccess},
		{&nhs.AuthError{StatusCode: 503}, notify.FaultService},
		{&notify.BatchError{Err: &nhs.Error{StatusCode: 400, Code: notify.CodeNullValue}}, notify.FaultInput},
	} {
		if got := notify.FaultOf(tc.err); got != tc.want {
			t.Errorf("%T is %q, want %q", tc.err, got, tc.want)
		}
	}
}

// TestEveryCodeIsClassified looks for the codes in the package's own code.
func TestEveryCodeIsClassified(t *testing.T) {
	t.Parallel()
	code, err := os.ReadFile("fault.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, tc := range faults() {
		seen[tc.code] = true
	}
	for _, match := range regexp.MustCompile(`"(CM_\w+)"`).FindAllStringSubmatch(string(code), -1) {
		if !seen[match[1]] {
			t.Errorf("%s has no fault", match[1])
		}
	}
}

// TestConfigFaultsAreNotRetryable also wants to see which templates are meant.
func TestConfigFaultsAreNotRetryable(t *testing.T) {
	t.Parallel()
	client, mock := mocked(t)
	mock.RegisterNoResponder(httpmock.NewStringResponder(500, `{"errors":[{"code":"CM_ROUTING_PLAN_DUPLICATE_TEMPLATES",
		"title":"Duplicate templates","meta":{"duplicateTemplates":["a-1","a-2"]}}]}`))
	_, err := client.Send(t.Context(), message(0))
	e, ok := errors.AsType[*nhs.Error](err)
	if !ok || e.Retryable() || e.Attempts != 1 || e.Issues[0].Text != "Duplicate templates [a-1 a-2]" {
		t.Errorf("error is %v", err)
	}
}

func ExampleFaultOf() {
	err := error(&nhs.Error{Op: "notify.SendBatch", StatusCode: 403, Code: notify.CodeServiceBan})
	switch {
	case notify.IsBan(err):
		fmt.Println("stop the campaign")
	case notify.IsConfig(err):
		fmt.Println("have the plan mended, then go on")
	default:
		fmt.Println(notify.FaultOf(err))
	}
	// Output: stop the campaign
}
