package pdstest

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// Media types: Spine answers in FHIR, the gateway before it in plain JSON.
const (
	spine   = "application/fhir+json"
	gateway = "application/json"
)

// reply is an answer of the server.
type reply struct {
	status int
	header http.Header // more headers
	media  string
	body   []byte
}

func (a reply) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	for _, name := range []string{"X-Request-Id", "X-Correlation-Id"} {
		if v := r.Header.Get(name); v != "" {
			h.Set(name, v)
		}
	}
	for name, values := range a.header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", a.media)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a reader that has gone is no fault of the server
}

// resource is a success.
func resource(body any) reply { return reply{status: http.StatusOK, media: spine, body: encode(body)} }

// outcome is an OperationOutcome with one issue.
func outcome(status int, media, severity, issue, code, display, diagnostics string) reply {
	content := object{
		"severity": severity, "code": issue,
		"details": concept("https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode", "1", code, display),
	}
	if diagnostics != "" {
		content["diagnostics"] = diagnostics
	}
	body := object{"resourceType": "OperationOutcome", "issue": list{content}}
	return reply{status: status, media: media, body: encode(body)}
}

// encode cannot fail: everything rendered is strings, numbers, lists and objects.
func encode(body any) []byte {
	data, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return data
}

func tooManyMatches() reply {
	return outcome(http.StatusOK, spine, "information", "multiple-matches", "TOO_MANY_MATCHES", "Too Many Matches", "")
}

func invalidResourceID() reply {
	return outcome(http.StatusBadRequest, spine, "error", "value", "INVALID_RESOURCE_ID", "Resource Id is invalid", "")
}

func missingValue(diagnostics string) reply {
	return outcome(http.StatusBadRequest, spine, "error", "required", "MISSING_VALUE", "Required value is missing", diagnostics)
}

func invalidValue(value, where, name string) reply {
	return outcome(http.StatusBadRequest, spine, "error", "value", "INVALID_VALUE", "Provided value is invalid",
		fmt.Sprintf("Invalid value - '%s' in %s '%s'", value, where, name))
}

func invalidSearchData(why string) reply {
	return outcome(http.StatusBadRequest, spine, "error", "value", "INVALID_SEARCH_DATA", "Search data is invalid",
		"Invalid search data provided - '"+why+"'")
}

func additionalProperty(name string) reply {
	return outcome(http.StatusBadRequest, spine, "error", "invariant", "ADDITIONAL_PROPERTIES",
		"Additional properties should not be included",
		"Invalid request with error - Additional properties are not allowed ('"+name+"' was unexpected)")
}

func unsupportedService() reply {
	return outcome(http.StatusBadRequest, spine, "error", "processing", "UNSUPPORTED_SERVICE", "Unsupported Service", "")
}

func unsupportedPath(path string) reply {
	return outcome(http.StatusBadRequest, gateway, "error", "value", "UNSUPPORTED_REQUEST",
		"The request is not one that is supported.", "Unsupported path - '"+path+"'")
}

func accessDenied(diagnostics string) reply {
	return outcome(http.StatusUnauthorized, gateway, "error", "forbidden", "ACCESS_DENIED",
		"Access Denied - Unauthorised", diagnostics)
}

func invalidMethod(verb string) reply {
	return outcome(http.StatusForbidden, gateway, "error", "forbidden", "INVALID_METHOD",
		"Cannot "+verb+" resource with application-restricted access token",
		"Your app has insufficient permissions to use this method. Please contact support.")
}

func tooManyResults() reply {
	return outcome(http.StatusForbidden, gateway, "error", "token", "INVALID_VALUE",
		"Cannot retrieve more than one result with application-restricted access token",
		"Your app has insufficient permissions to perform this search. Please contact support.")
}

func notFound() reply {
	return outcome(http.StatusNotFound, spine, "information", "not-found", "RESOURCE_NOT_FOUND", "Resource not found", "")
}

func invalidated() reply {
	return outcome(http.StatusNotFound, spine, "error", "processing", "INVALIDATED_RESOURCE",
		"Resource that has been marked as invalid was requested - invalid resources cannot be retrieved", "")
}

func tooManyRequests(perMinute int) reply {
	return outcome(http.StatusTooManyRequests, gateway, "error", "value", "TOO_MANY_REQUESTS", "Too many requests",
		fmt.Sprintf("Your application, pdstest, has exceeded its quota of %d requests every 1 minute(s) and is being rate limited.", perMinute))
}

// failure is what PDS answers with status when something has gone wrong in it.
func failure(status int) reply {
	switch status {
	case http.StatusRequestTimeout:
		return outcome(status, spine, "error", "processing", "UNABLE_TO_CALL_SERVICE", "Unable to call service",
			"The downstream domain processing has not completed within the configured timeout period.")
	case http.StatusServiceUnavailable:
		a := outcome(status, gateway, "error", "timeout", "SERVICE_UNAVAILABLE", "Service unavailable", "")
		a.header = http.Header{"Retry-After": {"5"}}
		return a
	case http.StatusTooManyRequests:
		return outcome(status, gateway, "error", "value", "TOO_MANY_REQUESTS", "Too many requests",
			"Your application, pdstest, has created a spike in traffic and is being rate limited. Please reduce the frequency of your requests.")
	case http.StatusUnauthorized:
		return accessDenied("Access token expired")
	default:
		return outcome(status, gateway, "error", "unknown", "UNKNOWN_ERROR", "Unknown Error",
			"An unknown error occurred processing this request.")
	}
}

// object and list are JSON as it is rendered.
type (
	object = map[string]any
	list   = []any
)

// concept is a CodeableConcept of one code. Empty parts are left out.
func concept(system, version, code, display string) object {
	return object{"coding": list{coding(system, version, code, display)}}
}

func coding(system, version, code, display string) object {
	c := object{"system": system, "code": code}
	if version != "" {
		c["version"] = version
	}
	if display != "" {
		c["display"] = display
	}
	return c
}
