package caas_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/caas/caastest"
)

// definitionsOf returns a client of a fake that publishes cohorts.
func definitionsOf(t *testing.T, o caastest.Options) *caas.Definitions {
	t.Helper()
	web := httptest.NewServer(caastest.New(o))
	t.Cleanup(web.Close)
	app, err := nhs.NewApp(nhs.Loopback(web.URL), nhs.Anonymous{},
		nhs.WithRetry(nhs.RetryPolicy{MinWait: 1, MaxWait: 1}), nhs.WithRate(nhs.CaaS, nhs.Rate{PerSecond: 10_000, Burst: 100}))
	if err != nil {
		t.Fatal(err)
	}
	d, err := caas.NewDefinitions(app)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// mockedLibrary returns a client that gets one answer for all requests.
func mockedLibrary(t *testing.T, status int, body string) *caas.Definitions {
	t.Helper()
	mock := httpmock.NewMockTransport()
	mock.RegisterResponder("POST", "https://sandbox.api.service.nhs.uk/caas-published-cohort-definitions/api",
		httpmock.NewStringResponder(status, body))
	app, err := nhs.NewApp(nhs.Sandbox, nhs.Anonymous{}, nhs.WithHTTPClient(&http.Client{Transport: mock}),
		nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: 1}), nhs.WithRate(nhs.CaaS, nhs.Rate{PerSecond: 1e6, Burst: 100}))
	if err != nil {
		t.Fatal(err)
	}
	d, err := caas.NewDefinitions(app)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func flu() caas.Cohort {
	return caas.Cohort{
		ID: "c1", Slug: "flu-22-to-23", Name: "Flu", Authors: `["A Author","B Author"]`,
		ConditionGroups: []caas.ConditionGroup{{ID: "g1", Name: "Asthma", Conditions: []caas.Condition{{
			ID: "d1", Description: new("asthma"), Rulesets: []caas.Ruleset{{ID: "r1", And: new(true), Rules: []caas.Rule{{
				ID:                    "u1",
				Inclusions:            []caas.CodeList{{ID: "l1", ClusterName: new("AST_COD"), Codes: []caas.Code{}}},
				PatientAgeConstraints: []caas.PatientAgeConstraint{{MinMonths: new(60), MaxMonths: new(0)}},
				EventCountConstraint:  &caas.EventCountConstraint{Count: 2},
				EventDateConstraint:   &caas.EventDateConstraint{WithinLastMonths: new(12)},
			}}}},
		}}}},
	}
}

func TestDefinitions(t *testing.T) {
	t.Parallel()
	d := definitionsOf(t, caastest.Options{Cohorts: []caas.Cohort{flu()}})
	all, err := d.All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	diff(t, []caas.Cohort{flu()}, all)
	one, err := d.BySlug(t.Context(), "flu-22-to-23")
	if err != nil {
		t.Fatal(err)
	}
	diff(t, flu(), one)
}

func TestNothingPublishedIsNoError(t *testing.T) {
	t.Parallel()
	all, err := definitionsOf(t, caastest.Options{}).All(t.Context())
	if err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
}

// The published examples go into the public types and come out the same, and
// pass through the API the same.
func TestPublishedDefinitionsLoseNothing(t *testing.T) {
	t.Parallel()
	sample := published(t, "caas/published-cohort-definitions.json")
	var cohorts []caas.Cohort
	if err := json.Unmarshal(sample, &cohorts); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(cohorts)
	if err != nil {
		t.Fatal(err)
	}
	var want, got any
	if err := errors.Join(json.Unmarshal(sample, &want), json.Unmarshal(again, &got)); err != nil {
		t.Fatal(err)
	}
	diff(t, want, got)
	diff(t, []string{"Author name"}, cohorts[0].AuthorNames())

	d := definitionsOf(t, caastest.Options{Cohorts: cohorts})
	for _, c := range cohorts {
		found, err := d.BySlug(t.Context(), c.Slug)
		if err != nil {
			t.Fatal(err)
		}
		diff(t, c, found)
	}
}

func TestAuthorNamesOfOtherForms(t *testing.T) {
	t.Parallel()
	diff(t, []string{"NHS England"}, caas.Cohort{Authors: "NHS England"}.AuthorNames())
	diff(t, []string(nil), caas.Cohort{Authors: " "}.AuthorNames())
}

// The API hides errors in a status of 200; here they are errors.
func TestDefinitionErrors(t *testing.T) {
	t.Parallel()
	secret := nhs.MustNumber("9990000018")
	graph := func(code string) string {
		return fmt.Sprintf(`{"errors":[{"message":"about %s","extensions":{"code":%q}}],"data":null}`, secret.Reveal(), code)
	}
	union := func(code string) string {
		return fmt.Sprintf(`{"data":{"PublishedCohortLibraryGetBySlugName":{"__typename":"ErrorDescription","code":%q,"correlationId":null,"errorDescription":%q}}}`, code, secret.Reveal())
	}
	for name, tt := range map[string]struct {
		status int
		body   string
		want   error
		code   string
	}{
		"unknown slug":         {200, union("404"), nhs.ErrNotFound, "404"},
		"no access":            {200, union("403"), nhs.ErrForbidden, "403"},
		"failure":              {200, union("500"), nhs.ErrUnavailable, "500"},
		"unknown code":         {200, union("x"), nhs.ErrUnexpected, "x"},
		"bad variable":         {200, graph("BAD_USER_INPUT"), nhs.ErrInvalid, "BAD_USER_INPUT"},
		"not signed in":        {200, graph("UNAUTHENTICATED"), nhs.ErrUnauthorized, "UNAUTHENTICATED"},
		"server error":         {200, graph("INTERNAL_SERVER_ERROR"), nhs.ErrUnavailable, "INTERNAL_SERVER_ERROR"},
		"error without code":   {200, `{"errors":[{"message":"m"}]}`, nhs.ErrUnexpected, ""},
		"null":                 {200, `{"data":{"PublishedCohortLibraryGetBySlugName":null}}`, nhs.ErrUnexpected, ""},
		"other member":         {200, `{"data":{"PublishedCohortLibraryGetBySlugName":{"__typename":"New"}}}`, nhs.ErrUnexpected, ""},
		"empty":                {200, `{}`, nhs.ErrUnexpected, ""},
		"another cohort":       {200, `{"data":{"PublishedCohortLibraryGetBySlugName":{"__typename":"Cohort","urlSlug":"other"}}}`, nhs.ErrUnexpected, ""},
		"numeric code":         {200, `{"data":{"PublishedCohortLibraryGetBySlugName":{"__typename":"ErrorDescription","code":404}}}`, nhs.ErrNotFound, "404"},
		"numeric extension":    {200, `{"errors":[{"message":"m","extensions":{"code":429}}]}`, nhs.ErrRateLimited, "429"},
		"odd code":             {200, `{"errors":[{"message":"m","extensions":{"code":{}}}]}`, nhs.ErrUnexpected, ""},
		"error beside data":    {200, `{"errors":[{"message":"m","extensions":{"code":"INTERNAL_SERVER_ERROR"}}],"data":{"PublishedCohortLibraryGetBySlugName":{"__typename":"Cohort","urlSlug":"slug"}}}`, nhs.ErrUnavailable, "INTERNAL_SERVER_ERROR"},
		"not a query":          {400, graph("BAD_REQUEST"), nhs.ErrInvalid, "BAD_REQUEST"},
		"not JSON":             {200, `<html>`, nhs.ErrUnexpected, ""},
		"bad field":            {400, graph("GRAPHQL_VALIDATION_FAILED"), nhs.ErrInvalid, "GRAPHQL_VALIDATION_FAILED"},
		"gateway":              {401, `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"login","diagnostics":"d"}]}`, nhs.ErrUnauthorized, "login"},
		"gateway without JSON": {503, `down`, nhs.ErrUnavailable, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := mockedLibrary(t, tt.status, tt.body).BySlug(t.Context(), "slug")
			failure, ok := errors.AsType[*nhs.Error](err)
			if !ok || !errors.Is(err, tt.want) || failure.Code != tt.code || failure.StatusCode != tt.status {
				t.Errorf("got %v", err)
			}
			assertMasked(t, fmt.Sprintf("%v %+v", err, err), secret)
		})
	}
	if _, err := mockedLibrary(t, 200, `{"data":{}}`).All(t.Context()); !errors.Is(err, nhs.ErrUnexpected) {
		t.Errorf("all: %v", err)
	}
	if _, err := mockedLibrary(t, 200, `{"data":{"PublishedCohortLibraryGetAll":[null]}}`).All(t.Context()); !errors.Is(err, nhs.ErrUnexpected) {
		t.Errorf("a cohort that is null: %v", err)
	}
	if _, err := mockedLibrary(t, 200, graph("BAD_USER_INPUT")).All(t.Context()); !errors.Is(err, nhs.ErrInvalid) {
		t.Errorf("all: %v", err)
	}
	if _, err := mockedLibrary(t, 200, `{}`).BySlug(t.Context(), ""); !errors.Is(err, nhs.ErrInvalid) {
		t.Errorf("empty slug: %v", err)
	}
	if _, err := caas.NewDefinitions(nil); !errors.Is(err, nhs.ErrInvalid) {
		t.Errorf("no app: %v", err)
	}
}

// What the service says to quote is among the issues.
func TestCorrelationID(t *testing.T) {
	t.Parallel()
	d := mockedLibrary(t, 200, `{"data":{"PublishedCohortLibraryGetBySlugName":{"__typename":"ErrorDescription","code":"404","correlationId":"c-1","errorDescription":"Cohort not found"}}}`)
	_, err := d.BySlug(t.Context(), "slug")
	failure, ok := errors.AsType[*nhs.Error](err)
	if !ok || len(failure.Issues) != 1 || failure.Issues[0].Text != "Cohort not found (correlation id c-1)" {
		t.Errorf("got %#v", failure.Issues)
	}
}

// Any list of the model may be null.
func TestNullLists(t *testing.T) {
	t.Parallel()
	d := mockedLibrary(t, 200, `{"data":{"PublishedCohortLibraryGetAll":[{"id":"1","conditionGroups":null},
		{"id":"2","conditionGroups":[{"conditions":null},{"conditions":[{"rulesets":null},{"rulesets":[{"logicallyAndRules":null,"rules":null},
		{"rules":[{"codeListInclusions":null,"patientAgeConstraints":null,"eventDateConstraint":null,"datasets":null},
		{"codeListInclusions":[{"codeSystem":null,"codes":null,"clusterName":null}]}]}]}]}]}]}}`)
	all, err := d.All(t.Context())
	if err != nil || len(all) != 2 || len(all[1].ConditionGroups[1].Conditions[1].Rulesets[1].Rules) != 2 {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestQueriesAreRepeated(t *testing.T) {
	t.Parallel()
	faults := []caastest.Fault{{Status: http.StatusTooManyRequests}, {Lose: true}, {}}
	ids := map[string]bool{}
	d := definitionsOf(t, caastest.Options{Cohorts: []caas.Cohort{flu()}, Fault: func(r *http.Request) caastest.Fault {
		ids[r.Header.Get("X-Request-ID")] = true
		next := faults[0]
		faults = faults[1:]
		return next
	}})
	if _, err := d.All(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(faults) != 0 || len(ids) != 1 {
		t.Errorf("%d faults left, %d request ids", len(faults), len(ids))
	}
}

func FuzzDefinitions(f *testing.F) {
	f.Add(200, `{"data":{"PublishedCohortLibraryGetBySlugName":{"__typename":"Cohort","urlSlug":"slug","id":"1"}}}`)
	f.Add(200, `{"data":{"PublishedCohortLibraryGetAll":[{"id":"1","conditionGroups":[{"conditions":[{"rulesets":[{"rules":[{"codeListInclusions":[{"codes":null}]}]}]}]}]}]}}`)
	f.Add(200, `{"data":{"PublishedCohortLibraryGetBySlugName":{"__typename":"ErrorDescription","code":404,"correlationId":null}}}`)
	f.Add(200, `{"errors":[{"message":"m","extensions":{"code":"BAD_USER_INPUT"}}]}`)
	f.Add(400, `{"issue":[{"code":"c"}]}`)
	f.Fuzz(func(t *testing.T, status int, body string) {
		d := mockedLibrary(t, status, body)
		c, err := d.BySlug(t.Context(), "slug")
		if err != nil && !cmp.Equal(c, caas.Cohort{}) || err == nil && !strings.EqualFold(c.Slug, "slug") {
			t.Errorf("%+v beside %v", c, err)
		}
		all, listErr := d.All(t.Context())
		if listErr != nil && all != nil {
			t.Error("cohorts beside an error")
		}
		for _, err := range []error{err, listErr} {
			if _, ok := errors.AsType[*nhs.Error](err); err != nil && !ok {
				t.Errorf("an error of type %T", err)
			}
		}
		// What was read is written and read the same.
		document, err := json.Marshal(all)
		var again []caas.Cohort
		if err := errors.Join(err, json.Unmarshal(document, &again)); err != nil || !cmp.Equal(all, again) {
			t.Errorf("read again: %v", err)
		}
	})
}
