package notify

import (
	"errors"
	"net/http"

	"github.com/personalised-prevention/nhs"
)

// The service's error codes, as they occur in [nhs.Error], [nhs.Issue],
// [RefusedMessage] and [QuarantinedMessage]. More may come.
//
// Source: NHS Notify API specification 3.0, and its proxy for the two codes of
// contact details and of accounts that the specification leaves out.
const (
	CodeMissingValue        = "CM_MISSING_VALUE"
	CodeNullValue           = "CM_NULL_VALUE"
	CodeInvalidValue        = "CM_INVALID_VALUE"
	CodeInvalidNHSNumber    = "CM_INVALID_NHS_NUMBER"
	CodeDuplicateValue      = "CM_DUPLICATE_VALUE"
	CodeTooFewItems         = "CM_TOO_FEW_ITEMS"
	CodeInvalidRequest      = "CM_INVALID_REQUEST"
	CodeODSCodeRequired     = "CM_ODS_CODE_REQUIRED"
	CodeCannotSetODSCode    = "CM_CANNOT_SET_ODS_CODE"
	CodeCannotSetContact    = "CM_CANNOT_SET_CONTACT_DETAILS"
	CodeDenied              = "CM_DENIED"
	CodeForbidden           = "CM_FORBIDDEN"
	CodeServiceBan          = "CM_SERVICE_BAN"
	CodeNoSuchRoutingPlan   = "CM_NO_SUCH_ROUTING_PLAN"
	CodeNotFound            = "CM_NOT_FOUND"
	CodeNotAllowed          = "CM_NOT_ALLOWED"
	CodeNotAcceptable       = "CM_NOT_ACCEPTABLE"
	CodeUnsupportedMedia    = "CM_UNSUPPORTED_MEDIA"
	CodeTooLarge            = "CM_TOO_LARGE"
	CodeTooManyItems        = "CM_TOO_MANY_ITEMS"
	CodeDuplicateRequest    = "CM_DUPLICATE_REQUEST"
	CodeRetryTooEarly       = "CM_RETRY_TOO_EARLY"
	CodeQuota               = "CM_QUOTA"
	CodeInternalServerError = "CM_INTERNAL_SERVER_ERROR"
	CodeMissingTemplate     = "CM_MISSING_ROUTING_PLAN_TEMPLATE"
	CodeDuplicateTemplates  = "CM_ROUTING_PLAN_DUPLICATE_TEMPLATES"
	CodeBadGateway          = "CM_BAD_GATEWAY"
	CodeServiceUnavailable  = "CM_SERVICE_UNAVAILABLE"
	CodeTimeout             = "CM_TIMEOUT" // of status 408 or 504
)

// Fault says what kind of trouble an error is, and so what is to be done.
type Fault string

// The faults.
const (
	FaultNone      Fault = ""          // no error of this service
	FaultInput     Fault = "input"     // what was sent is wrong: mend or leave out the messages named
	FaultTooLarge  Fault = "too_large" // too many messages or bytes: split the batch
	FaultConfig    Fault = "config"    // the account or the routing plan is not set up for this: somebody has to mend it
	FaultAccess    Fault = "access"    // the application or its token is not accepted
	FaultBan       Fault = "ban"       // the account is banned from sending: stop the campaign
	FaultNotFound  Fault = "not_found" // no such message, or list of accounts
	FaultDuplicate Fault = "duplicate" // the service has the reference already
	FaultTooEarly  Fault = "too_early" // it is still working on the first request: repeat after RetryAfter
	FaultQuota     Fault = "quota"     // too many requests, perhaps of others: repeat after RetryAfter
	FaultService   Fault = "service"   // trouble of the service or the network: repeat under the same reference
)

// FaultOf says what kind of trouble err is, by the service's code and, where that
// is unknown or absent, the status.
func FaultOf(err error) Fault {
	if e, ok := errors.AsType[*nhs.Error](err); ok {
		if fault := faultOfCode(e.Code); fault != FaultNone {
			return fault
		}
		return faultOfStatus(e.StatusCode)
	}
	switch {
	case errors.Is(err, nhs.ErrUnauthorized):
		return FaultAccess
	case errors.Is(err, nhs.ErrUnavailable):
		return FaultService
	case errors.Is(err, nhs.ErrInvalid):
		return FaultInput
	default:
		return FaultNone
	}
}

// IsDuplicate reports a reference that the service has already: from an earlier
// call, or from an attempt of this one whose answer was lost.
func IsDuplicate(err error) bool { return FaultOf(err) == FaultDuplicate }

// IsTooEarly reports a repeat of a request on which the service is still working.
// The error's RetryAfter is five minutes at least.
func IsTooEarly(err error) bool { return FaultOf(err) == FaultTooEarly }

// IsQuota reports too many requests. All applications share one quota beside
// their own, so it may happen at a low rate, too.
func IsQuota(err error) bool { return FaultOf(err) == FaultQuota }

// IsConfig reports that the account or the routing plan is not set up for the
// request: no other message will fare better until somebody mends it.
func IsConfig(err error) bool { return FaultOf(err) == FaultConfig }

// IsBan reports that the account is banned from sending. A campaign must stop.
func IsBan(err error) bool { return FaultOf(err) == FaultBan }

func faultOfCode(code string) Fault {
	switch code {
	case CodeMissingValue, CodeNullValue, CodeInvalidValue, CodeInvalidNHSNumber, CodeDuplicateValue, CodeTooFewItems,
		CodeInvalidRequest, CodeNotAllowed, CodeNotAcceptable, CodeUnsupportedMedia:
		return FaultInput
	case CodeTooLarge, CodeTooManyItems:
		return FaultTooLarge
	case CodeODSCodeRequired, CodeCannotSetODSCode, CodeCannotSetContact, CodeNoSuchRoutingPlan,
		CodeMissingTemplate, CodeDuplicateTemplates:
		return FaultConfig
	case CodeDenied, CodeForbidden:
		return FaultAccess
	case CodeServiceBan:
		return FaultBan
	case CodeNotFound:
		return FaultNotFound
	case CodeDuplicateRequest:
		return FaultDuplicate
	case CodeRetryTooEarly:
		return FaultTooEarly
	case CodeQuota:
		return FaultQuota
	case CodeInternalServerError, CodeBadGateway, CodeServiceUnavailable, CodeTimeout:
		return FaultService
	default:
		return FaultNone
	}
}

func faultOfStatus(status int) Fault {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return FaultAccess
	case status == http.StatusNotFound:
		return FaultNotFound
	case status == http.StatusRequestEntityTooLarge:
		return FaultTooLarge
	case status == http.StatusUnprocessableEntity:
		return FaultDuplicate
	case status == http.StatusTooEarly:
		return FaultTooEarly
	case status == http.StatusTooManyRequests:
		return FaultQuota
	case status >= http.StatusBadRequest && status < http.StatusInternalServerError && status != http.StatusRequestTimeout:
		return FaultInput
	default: // also no answer at all, and an answer that makes no sense
		return FaultService
	}
}
