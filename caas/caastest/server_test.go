package caastest_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/caas/caastest"
)

const path = "/caas-published-cohort-definitions/api"

func TestStrictness(t *testing.T) {
	t.Parallel()
	all := `{"query":"query All { PublishedCohortLibraryGetAll { id } }","operationName":"All"}`
	bySlug := `{"query":"query BySlug($urlSlug: String!) { PublishedCohortLibraryGetBySlugName(urlSlug: $urlSlug) { __typename } }","operationName":"BySlug","variables":{"urlSlug":%}}`
	for name, tt := range map[string]struct {
		method, path, body string
		status             int
		want               string
	}{
		"all":            {http.MethodPost, path, all, 200, `{"data":{"PublishedCohortLibraryGetAll":[]}}`},
		"unknown slug":   {http.MethodPost, path, strings.Replace(bySlug, "%", `"x"`, 1), 200, `"code":"404"`},
		"wrong variable": {http.MethodPost, path, strings.Replace(bySlug, "%", `7`, 1), 200, "BAD_USER_INPUT"},
		"bad field":      {http.MethodPost, path, strings.Replace(all, "id", "nhsNumber", 1), 400, "GRAPHQL_VALIDATION_FAILED"},
		"no root":        {http.MethodPost, path, `{"query":"query All { id }","operationName":"All"}`, 400, "GRAPHQL_VALIDATION_FAILED"},
		"no query":       {http.MethodPost, path, `{}`, 400, "BAD_REQUEST"},
		"no JSON":        {http.MethodPost, path, `query`, 400, "BAD_REQUEST"},
		"by GET":         {http.MethodGet, path, all, 400, "BAD_REQUEST"},
		"elsewhere":      {http.MethodPost, "/api", all, 404, "OperationOutcome"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := ask(t, caastest.Options{}, tt.method, tt.path, tt.body)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}

func TestAuthorize(t *testing.T) {
	t.Parallel()
	w := ask(t, caastest.Options{Authorize: func(*http.Request) error { return errors.New("no") }}, http.MethodPost, path, "{}")
	if w.Code != http.StatusUnauthorized {
		t.Errorf("status %d", w.Code)
	}
}

func ask(t *testing.T, o caastest.Options, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	caastest.New(o).ServeHTTP(w, r)
	return w
}
