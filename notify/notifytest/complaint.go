package notifytest

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// complaint is one error of an answer.
type complaint struct {
	code       string
	status     int
	pointer    string // empty for none, or for the header that the code is about
	detail     string // empty for the code's own
	meta       object
	retryAfter time.Duration
}

// maxComplaints is how many errors the gateway collects.
const maxComplaints = 100

func one(code string, status int) []complaint { return []complaint{{code: code, status: status}} }

// refuse answers with complaints; the first decides the status.
func refuse(w http.ResponseWriter, r *http.Request, complaints []complaint) {
	list := make([]object, len(complaints))
	for i, c := range complaints {
		title, detail := wording(c.code, c.status)
		links := object{"about": "https://digital.nhs.uk/developer/api-catalogue/nhs-notify"}
		if c.code == "CM_INVALID_NHS_NUMBER" {
			links["nhsNumbers"] = "https://www.datadictionary.nhs.uk/attributes/nhs_number.html"
		}
		list[i] = object{
			"id":     w.Header().Get("X-Correlation-ID") + "." + strconv.Itoa(i),
			"code":   c.code,
			"status": strconv.Itoa(c.status),
			"title":  title,
			"detail": cmp.Or(c.detail, detail),
			"links":  links,
		}
		if c.pointer != "" {
			list[i]["source"] = object{"pointer": c.pointer}
		} else if header := about(c.code); header != "" {
			list[i]["source"] = object{"header": header}
		}
		if c.meta != nil {
			list[i]["meta"] = c.meta
		}
	}
	if wait := complaints[0].retryAfter; wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
	}
	write(w, r, complaints[0].status, object{"errors": list})
}

// about names the header that a code is about, if any.
func about(code string) string {
	switch code {
	case "CM_DENIED", "CM_FORBIDDEN", "CM_SERVICE_BAN":
		return "Authorization"
	case "CM_NOT_ACCEPTABLE":
		return "Accept"
	case "CM_UNSUPPORTED_MEDIA":
		return "Content-Type"
	default:
		return ""
	}
}

// wording gives a code's title and detail.
func wording(code string, status int) (title, detail string) {
	switch code {
	case "CM_MISSING_VALUE":
		return "Missing property", "The property is required, but was not present."
	case "CM_NULL_VALUE":
		return "Property cannot be null", "The property is null."
	case "CM_INVALID_VALUE":
		return "Invalid value", "The property does not allow this value."
	case "CM_INVALID_NHS_NUMBER":
		return "Invalid nhs number", "The value is not a valid NHS number."
	case "CM_DUPLICATE_VALUE":
		return "Duplicate value", "The value occurs before."
	case "CM_TOO_FEW_ITEMS":
		return "Too few items", "The list is empty."
	case "CM_TOO_MANY_ITEMS":
		return "Too many items", "The list is longer than allowed."
	case "CM_TOO_LARGE":
		return "Request too large", "The request is larger than allowed."
	case "CM_CANNOT_SET_CONTACT_DETAILS":
		return "Cannot set contact details", "The account may not set contact details."
	case "CM_ODS_CODE_REQUIRED":
		return "Originator odsCode must be provided", "The account has no ODS code of its own."
	case "CM_CANNOT_SET_ODS_CODE":
		return "Cannot set ODS code", "The account may not name another sender."
	case "CM_INVALID_REQUEST":
		return "Invalid Request", "The request is not valid."
	case "CM_DENIED":
		return "Access denied", "The access token is missing, invalid or expired."
	case "CM_FORBIDDEN":
		return "Forbidden", "The client is not recognised."
	case "CM_SERVICE_BAN":
		return "Service ban in effect", "The account is banned."
	case "CM_NO_SUCH_ROUTING_PLAN":
		return "No such routing plan", "The routing plan is unknown or not usable."
	case "CM_NOT_FOUND":
		return "Resource not found", "The resource is unknown."
	case "CM_NOT_ALLOWED":
		return "Method not allowed", "The method is not allowed at this address."
	case "CM_NOT_ACCEPTABLE":
		return "Not acceptable", "The answer has none of the accepted types."
	case "CM_UNSUPPORTED_MEDIA":
		return "Unsupported media", "The content type is not supported."
	case "CM_DUPLICATE_REQUEST":
		return "Duplicate request", "A request with this reference has been received and this one is ignored."
	case "CM_RETRY_TOO_EARLY":
		return "Retried too early", "The first request with this reference is being processed."
	case "CM_QUOTA":
		return "Too many requests", "The application has used its quota."
	case "CM_MISSING_ROUTING_PLAN_TEMPLATE":
		return "Templates missing", "The routing plan lacks templates."
	case "CM_ROUTING_PLAN_DUPLICATE_TEMPLATES":
		return "Duplicate templates", "The routing plan has duplicate templates."
	case "CM_INTERNAL_SERVER_ERROR":
		return "Error processing request", "There was an error."
	case "CM_BAD_GATEWAY":
		return "Unable to call service", "A service behind this one did not answer."
	case "CM_SERVICE_UNAVAILABLE":
		return "The service is currently unavailable", "The service is not able to handle requests."
	case "CM_TIMEOUT":
		if status == http.StatusRequestTimeout {
			return "Request timeout", "The request did not arrive in time."
		}
		return "Unable to call service", "A service behind this one did not answer in time."
	default:
		return http.StatusText(status), fmt.Sprintf("Status %d.", status)
	}
}
