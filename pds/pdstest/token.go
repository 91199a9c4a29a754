package pdstest

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs"
)

// Token is what an access token stands for. The zero Token is that of an
// application-restricted application.
type Token struct {
	// Access is nhs.ApplicationAccess, which may get patients, see their related
	// people and search for one at a time; nhs.HealthcareWorkerAccess, which may do
	// everything but coverage; or nhs.PatientAccess, which is for one's own record.
	// "" is nhs.ApplicationAccess.
	Access nhs.Access

	Patient nhs.Number // who has signed in, with nhs.PatientAccess

	// Roles are the values of NHSD-Session-URID that belong to the worker who has
	// signed in, with nhs.HealthcareWorkerAccess. With more than one, each request
	// has to name one. Nil accepts any number, and none.
	Roles []string

	// Updates says that NHS England has enabled updates for the application, with
	// nhs.ApplicationAccess. PDS then treats it as a healthcare worker without roles.
	Updates bool
}

// Always is for Options.Token, where every token is the same.
func Always(t Token) func(*http.Request) Token {
	return func(*http.Request) Token { return t }
}

// token returns what the access token of a request stands for.
func (s *Server) token(r *http.Request) Token {
	var t Token
	if s.options.Token != nil {
		t = s.options.Token(r)
	}
	t.Access = cmp.Or(t.Access, nhs.ApplicationAccess)
	t.Updates = t.Updates && t.Access == nhs.ApplicationAccess
	if t.Updates {
		t.Access = nhs.HealthcareWorkerAccess
	}
	return t
}

// mode is the name that the gateway has for an access.
func mode(a nhs.Access) string {
	switch a {
	case nhs.HealthcareWorkerAccess:
		return "user-restricted"
	case nhs.PatientAccess:
		return "patient-access"
	case nhs.ApplicationAccess, nhs.OpenAccess:
	}
	return string(a)
}

// unauthorised returns why r may not be answered, or "".
func (s *Server) unauthorised(r *http.Request) string {
	if s.options.Authorize != nil && s.options.Authorize(r) == nil {
		return ""
	}
	header := r.Header.Values("Authorization")
	if len(header) == 0 {
		return "Missing Authorization header"
	}
	kind, token, _ := strings.Cut(header[0], " ")
	switch {
	case header[0] == "":
		return "Empty Authorization header"
	case kind != "Bearer":
		return "Invalid token type '" + kind + "', must be 'Bearer'"
	case token == "":
		return "Missing access token"
	case s.options.Authorize != nil:
		return "Invalid Access Token"
	default:
		return ""
	}
}

// checkRole refuses a worker's role that is not theirs. Others have none, and
// their header is ignored.
func (t *Token) checkRole(r *http.Request) *reply {
	if t.Access != nhs.HealthcareWorkerAccess || t.Updates {
		return nil
	}
	ids := r.Header.Values(roleHeader)
	switch {
	case len(ids) == 0 && len(t.Roles) < 2:
		return nil
	case len(ids) == 0:
		return wrongRole("")
	case t.Roles == nil && digits(ids[0]), slices.Contains(t.Roles, ids[0]):
		return nil
	default:
		return wrongRole(ids[0])
	}
}

// roleHeader is NHSD-Session-URID as package net/http writes it.
const roleHeader = "Nhsd-Session-Urid"

func digits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// checkCall refuses what the token is not for, as the gateway does before it looks
// at the request any closer.
func (t *Token) checkCall(c call, r *http.Request) *reply {
	write := r.Method == http.MethodPatch || r.Method == http.MethodPost
	switch {
	case t.Access == nhs.PatientAccess:
		return t.checkPatient(c, r)
	case c.kind == coverages:
		return wrongMode(r.Method, t.Access)
	case t.Access == nhs.HealthcareWorkerAccess, !write:
		return nil
	case r.Method == http.MethodPatch:
		return invalidMethod("update", t.Access)
	default:
		return invalidMethod("create", t.Access)
	}
}

// checkPatient keeps a patient to their own record.
func (t *Token) checkPatient(c call, r *http.Request) *reply {
	own, query := t.Patient.Reveal(), r.URL.RawQuery
	switch {
	case c.kind == coverages && r.Method == http.MethodPost: // the body says whose it is
		return nil
	case r.Method == http.MethodPost:
		return invalidMethod("create", t.Access)
	case c.kind == coverages && !coverageQuery.MatchString(query):
		a := invalidSearchData("Coverage search request must follow the format /Coverage?subscriber:identifier=NHS_NUMBER")
		a.media = gateway
		return a
	case c.kind == coverages && !strings.HasSuffix(query, own), c.kind != coverages && c.id != own:
		return notTheirs()
	default:
		return nil
	}
}
