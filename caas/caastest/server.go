package caastest

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/internal/inturn"
)

// Options describe a server.
type Options struct {
	Cohorts []caas.Cohort // what is published

	// Authorize checks a request's credentials; its error gives status 401. Nil
	// accepts everyone: how the real service authorises is not known.
	Authorize func(*http.Request) error

	// Fault, if set, is asked before each request is handled, about one at a time.
	Fault func(*http.Request) Fault
}

// Fault is something going wrong with a request. The zero Fault is nothing.
type Fault struct {
	Status int         // answer with this status and do nothing
	Header http.Header // headers of that answer
	Lose   bool        // cut the connection in place of an answer
}

// Server is the definitions API in process. It is safe for concurrent use.
type Server struct{ options Options }

// New returns a server.
func New(o Options) *Server {
	o.Fault = inturn.Func(o.Fault)
	return &Server{options: o}
}

const path = "/caas-published-cohort-definitions/api"

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch fault := s.options.Fault(r); {
	case fault.Status != 0:
		maps.Copy(w.Header(), fault.Header)
		outcome(w, fault.Status, "exception", "injected fault")
		return
	case fault.Lose:
		panic(http.ErrAbortHandler)
	}
	if r.URL.Path != path {
		outcome(w, http.StatusNotFound, "not-found", "no such resource")
		return
	}
	if s.options.Authorize != nil {
		if err := s.options.Authorize(r); err != nil {
			outcome(w, http.StatusUnauthorized, "login", "the access token is missing or not valid")
			return
		}
	}
	if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
		refuse(w, http.StatusBadRequest, "BAD_REQUEST", "a query is a POST of JSON")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	var q query
	if err != nil || json.Unmarshal(body, &q) != nil || q.Query == "" {
		refuse(w, http.StatusBadRequest, "BAD_REQUEST", "the body is not a query")
		return
	}
	s.answer(w, r, q)
}

// query is the body of a request.
type query struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, q query) {
	for _, word := range regexp.MustCompile(`[A-Za-z_]\w*`).FindAllString(q.Query, -1) {
		if !slices.Contains(vocabulary(), word) && word != q.OperationName {
			refuse(w, http.StatusBadRequest, "GRAPHQL_VALIDATION_FAILED", "Cannot query field \""+word+"\"")
			return
		}
	}
	const all, bySlug = "PublishedCohortLibraryGetAll", "PublishedCohortLibraryGetBySlugName"
	switch {
	case strings.Contains(q.Query, bySlug):
		slug, ok := q.Variables["urlSlug"].(string)
		if !ok {
			refuse(w, http.StatusOK, "BAD_USER_INPUT", "Variable \"$urlSlug\" must be a String")
			return
		}
		write(w, http.StatusOK, map[string]any{"data": map[string]any{bySlug: s.find(slug, r.Header.Get("X-Correlation-ID"))}})
	case strings.Contains(q.Query, all):
		write(w, http.StatusOK, map[string]any{"data": map[string]any{all: append([]caas.Cohort{}, s.options.Cohorts...)}})
	default:
		refuse(w, http.StatusBadRequest, "GRAPHQL_VALIDATION_FAILED", "the query asks for nothing")
	}
}

// found is a cohort as a member of the union of the search.
type found struct {
	Typename string `json:"__typename"`
	caas.Cohort
}

func (s *Server) find(slug, correlationID string) any {
	for _, c := range s.options.Cohorts {
		if c.Slug == slug {
			return found{"Cohort", c}
		}
	}
	return map[string]string{
		"__typename": "ErrorDescription", "code": "404", "correlationId": correlationID,
		"errorDescription": "Cohort not found",
	}
}

// vocabulary returns the words a query may hold: those of the schema and those of
// GraphQL, and the names of the fragments.
func vocabulary() []string {
	return strings.Fields(`query fragment on String urlSlug __typename cohort rule codeList dataset
		PublishedCohortLibraryGetAll PublishedCohortLibraryGetBySlugName
		Cohort ErrorDescription Rule CodeList Dataset code correlationId errorDescription
		id name shortName summary description authors commissioner purpose clinicalAtRiskGroupsText
		demographicsText disclaimerText fixedDateReference lastUpdated patientAgeConstraint minAgeMonths maxAgeMonths
		conditionGroups nonDigitalPathwayOverview ruleLogicOverview conditions nonDigitalPathwayText
		rulesets logicallyAndRules rules codeListInclusions codeListsResolving patientAgeConstraints
		eventDateConstraint withinLastMonths relativeEarliestTime relativeLatestTime fixedEarliestDate fixedLatestDate
		eventCountConstraint count preCoordinatedConstraints preCoordinatedConstraintType rulesetText
		datasets datasetInclusion acronym url shortDescription clusterName codeSystem codes value`)
}

// outcome writes an error in the gateway's form.
func outcome(w http.ResponseWriter, status int, code, text string) {
	write(w, status, map[string]any{
		"resourceType": "OperationOutcome",
		"issue":        []any{map[string]string{"severity": "error", "code": code, "diagnostics": text}},
	})
}

// refuse writes an error in GraphQL's form.
func refuse(w http.ResponseWriter, status int, code, text string) {
	write(w, status, map[string]any{
		"errors": []any{map[string]any{"message": text, "extensions": map[string]string{"code": code}}},
	})
}

func write(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		panic(err) // only texts, numbers and lists of them come here
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
