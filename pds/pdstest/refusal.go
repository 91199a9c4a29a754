package pdstest

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"

	"github.com/personalised-prevention/nhs"
)

// refusal is a row of the table of errors.
type refusal struct {
	status                          int
	media, severity, issue, display string
}

// refusalOf returns the row of a code. Where PDS uses a code in two ways, it is
// the more frequent one.
//
// Source: NHSDigital/personal-demographics-service-api @ f57f5839.
func refusalOf(code string) (refusal, bool) {
	const bad = http.StatusBadRequest
	switch code {
	case "INVALID_RESOURCE_ID":
		return refusal{bad, spine, "error", "value", "Resource Id is invalid"}, true
	case "INVALID_VALUE":
		return refusal{bad, spine, "error", "value", "Provided value is invalid"}, true
	case "MISSING_VALUE":
		return refusal{bad, spine, "error", "required", "Required value is missing"}, true
	case "INVALID_SEARCH_DATA":
		return refusal{bad, spine, "error", "value", "Search data is invalid"}, true
	case "ADDITIONAL_PROPERTIES":
		return refusal{bad, spine, "error", "invariant", "Additional properties should not be included"}, true
	case "UNSUPPORTED_SERVICE":
		return refusal{bad, spine, "error", "processing", "Unsupported Service"}, true
	case "UNSUPPORTED_REQUEST":
		return refusal{bad, gateway, "error", "value", "The request is not one that is supported."}, true
	case "INVALID_UPDATE":
		return refusal{bad, spine, "error", "structure", "Update is invalid"}, true
	case "INVALID_CREATE":
		return refusal{bad, spine, "error", "value", "Patient create data is invalid"}, true
	case "VALIDATION_ERROR":
		return refusal{bad, spine, "error", "value", "Validation error"}, true
	case "UNSUPPORTED_CHARACTERS_IN_FIELD":
		return refusal{bad, spine, "error", "value", "Unsupported characters in field"}, true
	case "UNSUPPORTED_VALUE":
		return refusal{bad, spine, "error", "value", "Unsupported value"}, true
	case "TOO_FEW_VALUES_SUBMITTED":
		return refusal{bad, spine, "error", "value", "Too few values submitted"}, true
	case "TOO_MANY_VALUES_SUBMITTED":
		return refusal{bad, spine, "error", "value", "Too many values submitted"}, true
	case "INSERT_BIRTH_DEATH_STATUS_INCONSISTENT":
		return refusal{bad, spine, "error", "processing", code}, true
	default:
		return laterRefusalOf(code)
	}
}

// laterRefusalOf returns the rows that do not find fault with a value.
func laterRefusalOf(code string) (refusal, bool) {
	switch code {
	case "ACCESS_DENIED":
		return refusal{http.StatusUnauthorized, gateway, "error", "forbidden", "Access Denied - Unauthorised"}, true
	case "INVALID_METHOD":
		return refusal{http.StatusForbidden, gateway, "error", "forbidden", "Cannot use this method"}, true
	case "FORBIDDEN_UPDATE":
		return refusal{http.StatusForbidden, spine, "information", "forbidden", "Update is forbidden"}, true
	case "RESOURCE_NOT_FOUND":
		return refusal{http.StatusNotFound, spine, "information", "not-found", "Resource not found"}, true
	case "INVALIDATED_RESOURCE":
		return refusal{
			http.StatusNotFound, spine, "error", "processing",
			"Resource that has been marked as invalid was requested - invalid resources cannot be retrieved",
		}, true
	case "UNABLE_TO_CALL_SERVICE":
		return refusal{http.StatusRequestTimeout, spine, "error", "processing", "Unable to call service"}, true
	case "RESOURCE_VERSION_MISMATCH":
		return refusal{http.StatusConflict, spine, "error", "conflict", "Resource version supplied does not match actual version"}, true
	case "PRECONDITION_FAILED":
		return refusal{http.StatusPreconditionFailed, spine, "error", "structure", "Required condition was not fulfilled"}, true
	case "TOO_MANY_REQUESTS":
		return refusal{http.StatusTooManyRequests, gateway, "error", "value", "Too many requests"}, true
	case "UNKNOWN_ERROR":
		return refusal{http.StatusInternalServerError, gateway, "error", "unknown", "Unknown Error"}, true
	case "SERVICE_UNAVAILABLE":
		return refusal{http.StatusServiceUnavailable, gateway, "error", "timeout", "Service unavailable"}, true
	case "TOO_MANY_MATCHES":
		return refusal{http.StatusOK, spine, "information", "multiple-matches", "Too Many Matches"}, true
	case "SINGLE_MATCH":
		return refusal{http.StatusOK, spine, "error", "value", "Single match found"}, true
	case "MULTIPLE_MATCHES":
		return refusal{http.StatusOK, spine, "error", "value", "Multiple matches found"}, true
	default:
		return refusal{}, false
	}
}

// refuse answers with a code of the table. A code that is not in it is answered
// as a bad request.
func refuse(code, diagnostics string) *reply {
	row, ok := refusalOf(code)
	if !ok {
		row = refusal{http.StatusBadRequest, spine, "error", "value", code}
	}
	a := outcome(row, code, diagnostics)
	if row.status == http.StatusServiceUnavailable {
		a.header = http.Header{"Retry-After": {"5"}}
	}
	return a
}

// outcome is an OperationOutcome with one issue.
func outcome(row refusal, code, diagnostics string) *reply {
	issue := object{
		"severity": row.severity, "code": row.issue,
		"details": concept("https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode", "1", code, row.display),
	}
	fill(issue, "diagnostics", diagnostics)
	body := object{"resourceType": "OperationOutcome", "issue": list{issue}}
	return &reply{status: row.status, media: row.media, body: encode(body)}
}

func missingValue(field string) *reply {
	return refuse("MISSING_VALUE", "Missing value - '"+field+"'")
}

func invalidValue(value any, where, name string) *reply {
	return refuse("INVALID_VALUE", fmt.Sprintf("Invalid value - '%s' in %s '%s'", plain(value), where, name))
}

func invalidSearchData(why string) *reply {
	return refuse("INVALID_SEARCH_DATA", "Invalid search data provided - '"+why+"'")
}

func additionalProperties(names ...string) *reply {
	was := "was"
	if len(names) > 1 {
		was = "were"
	}
	return refuse("ADDITIONAL_PROPERTIES", "Invalid request with error - Additional properties are not allowed ('"+
		strings.Join(names, "', '")+"' "+was+" unexpected)")
}

func invalidUpdate(why string) *reply {
	return refuse("INVALID_UPDATE", "Invalid update with error - "+why)
}

func forbiddenUpdate(why string) *reply {
	return refuse("FORBIDDEN_UPDATE", "Forbidden update with error - "+why)
}

func preconditionFailed() *reply {
	return refuse("PRECONDITION_FAILED", "Invalid request with error - If-Match header must be supplied to update this resource")
}

// invalidMethod refuses to "update" or "create" in an access mode.
func invalidMethod(verb string, a nhs.Access) *reply {
	return outcome(refusal{http.StatusForbidden, gateway, "error", "forbidden", fmt.Sprintf("Cannot %s resource with %s access token", verb, mode(a))},
		"INVALID_METHOD", "Your app has insufficient permissions to use this method. Please contact support.")
}

// wrongMode refuses an HTTP method on a resource in an access mode.
func wrongMode(method string, a nhs.Access) *reply {
	return outcome(refusal{http.StatusForbidden, gateway, "error", "forbidden", fmt.Sprintf("Cannot %s resource with %s access token", method, mode(a))},
		"ACCESS_DENIED", "Your app has insufficient permissions to use this operation. Please contact support.")
}

// notTheirs refuses a patient what they may not do.
func notTheirs() *reply {
	return outcome(refusal{http.StatusForbidden, gateway, "error", "forbidden", "Patient cannot perform this action"}, "ACCESS_DENIED",
		"Your access token has insufficient permissions. See documentation regarding Patient access restrictions "+guidance)
}

func tooManyResults() *reply {
	return outcome(refusal{
		http.StatusForbidden, gateway, "error", "token",
		"Cannot retrieve more than one result with " + mode(nhs.ApplicationAccess) + " access token",
	}, "INVALID_VALUE", "Your app has insufficient permissions to perform this search. Please contact support.")
}

// wrongRole refuses a role that is not the healthcare worker's.
func wrongRole(id string) *reply {
	row, _ := refusalOf("INVALID_VALUE")
	row.media = gateway
	return outcome(row, "INVALID_VALUE",
		"Invalid value - '"+id+"' in header 'NHSD-Session-URID'. Refer to the guidance for this header in our API Specification "+guidance)
}

const guidance = "https://digital.nhs.uk/developer/api-catalogue/personal-demographics-service-fhir"

// failure is what PDS answers with a status when something has gone wrong in it.
func failure(status int) *reply {
	switch status {
	case http.StatusRequestTimeout:
		return refuse("UNABLE_TO_CALL_SERVICE",
			"The downstream domain processing has not completed within the configured timeout period.")
	case http.StatusServiceUnavailable:
		return refuse("SERVICE_UNAVAILABLE",
			"The downstream domain processing has not completed within the configured timeout period. Using the same "+
				"'X-Request-ID' header, retry your request after the time specified by the 'Retry-After' response header.")
	case http.StatusTooManyRequests:
		return refuse("TOO_MANY_REQUESTS",
			"Your application, pdstest, has created a spike in traffic and is being rate limited. "+
				"Please reduce the frequency of your requests."+rateLimits)
	case http.StatusUnauthorized:
		return refuse("ACCESS_DENIED", "Access token expired")
	case http.StatusConflict:
		return refuse("RESOURCE_VERSION_MISMATCH", "")
	case http.StatusPreconditionFailed:
		return preconditionFailed()
	case http.StatusNotFound:
		return refuse("RESOURCE_NOT_FOUND", "")
	default:
		a := refuse("UNKNOWN_ERROR", "An unknown error occurred processing this request.")
		a.status = cmp.Or(status, a.status)
		return a
	}
}

const rateLimits = " Please see: https://digital.nhs.uk/developer/guides-and-documentation/reference-guide#rate-limits for more details."
