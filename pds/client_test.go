package pds_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
)

func TestNew_withoutApp(t *testing.T) {
	t.Parallel()
	if _, err := pds.New(nil); !errors.Is(err, nhs.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}

func TestClient_Get_refusesNoNumber(t *testing.T) {
	t.Parallel()
	b := setup(t, play(fhir(http.StatusOK, minimal)))
	if _, err := b.client.Get(t.Context(), nhs.Number{}); !errors.Is(err, nhs.ErrInvalid) || len(b.requests()) != 0 {
		t.Errorf("got %v after %d requests", err, len(b.requests()))
	}
}

// Every code of the service that a read can meet, as an error.
func TestClient_Get_errors(t *testing.T) {
	t.Parallel()
	coded := func(severity, issue, code string) string {
		return fmt.Sprintf(`{"resourceType":"OperationOutcome","issue":[{"severity":%q,"code":%q,"details":{"coding":[
			{"system":"https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode","version":"1","code":%q,"display":"some words"}]},
			"diagnostics":"about %s"}]}`, severity, issue, code, secret)
	}
	for _, test := range []struct {
		status                int
		severity, issue, code string
		want                  error
	}{
		{400, "error", "value", "INVALID_RESOURCE_ID", nhs.ErrInvalid},
		{400, "error", "value", "INVALID_VALUE", nhs.ErrInvalid},
		{400, "error", "required", "MISSING_VALUE", nhs.ErrInvalid},
		{400, "error", "value", "INVALID_SEARCH_DATA", nhs.ErrInvalid},
		{400, "error", "invariant", "ADDITIONAL_PROPERTIES", nhs.ErrInvalid},
		{400, "error", "processing", "UNSUPPORTED_SERVICE", nhs.ErrInvalid},
		{400, "error", "value", "UNSUPPORTED_REQUEST", nhs.ErrInvalid},
		{401, "error", "forbidden", "ACCESS_DENIED", nhs.ErrUnauthorized},
		{403, "error", "forbidden", "ACCESS_DENIED", nhs.ErrForbidden},
		{403, "error", "token", "INVALID_VALUE", nhs.ErrForbidden},
		{404, "information", "not-found", "RESOURCE_NOT_FOUND", nhs.ErrNotFound},
		{404, "error", "processing", "INVALIDATED_RESOURCE", pds.ErrInvalidated},
		{408, "error", "processing", "UNABLE_TO_CALL_SERVICE", nhs.ErrUnavailable},
		{429, "error", "value", "TOO_MANY_REQUESTS", nhs.ErrRateLimited},
		{500, "error", "unknown", "UNKNOWN_ERROR", nhs.ErrUnavailable},
		{502, "error", "unknown", "UNKNOWN_ERROR", nhs.ErrUnavailable},
		{503, "error", "timeout", "SERVICE_UNAVAILABLE", nhs.ErrUnavailable},
		{200, "information", "multiple-matches", "TOO_MANY_MATCHES", pds.ErrTooManyMatches},
		{200, "error", "value", "SINGLE_MATCH", nhs.ErrUnexpected},
	} {
		for _, media := range []string{"application/fhir+json", "application/json"} {
			t.Run(fmt.Sprint(test.status, test.code, media), func(t *testing.T) {
				t.Parallel()
				b := setup(t, play(answer(test.status, media, coded(test.severity, test.issue, test.code))),
					quick(), nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: 1}))
				_, err := b.client.Get(t.Context(), nhs.MustNumber(secret))
				e, ok := errors.AsType[*nhs.Error](err)
				if !ok || !errors.Is(err, test.want) {
					t.Fatalf("got %v, want %v", err, test.want)
				}
				invalidated := errors.Is(test.want, pds.ErrInvalidated)
				if errors.Is(err, pds.ErrInvalidated) != invalidated || (invalidated && !errors.Is(err, nhs.ErrNotFound)) {
					t.Errorf("%v: invalidated %t", err, !invalidated)
				}
				want := []nhs.Issue{{Code: test.code, Severity: test.severity, Text: "about " + secret}}
				if diff := cmp.Diff(want, e.Issues); diff != "" || e.Op != "pds.Get" || e.StatusCode != test.status || e.Code != test.code ||
					e.RequestID == "" || e.Attempts != 1 {
					t.Errorf("%v; issues (-want +got):\n%s", e, diff)
				}
				silent(t, err.Error())
				silent(t, fmt.Sprintf("%+v %#v", err, err))
				silent(t, b.log.String())
			})
		}
	}
}

func TestClient_Get_oddOutcomes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body string
		want []nhs.Issue
	}{
		"no details":  {`{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"exception"}]}`, []nhs.Issue{{Code: "exception", Severity: "error"}}},
		"no coding":   {`{"issue":[{"severity":"error","code":"exception","details":{"text":"x"}}]}`, []nhs.Issue{{Code: "exception", Severity: "error"}}},
		"no code":     {`{"issue":[{"code":"exception","details":{"coding":[{"display":"words"}]}}]}`, []nhs.Issue{{Code: "exception", Text: "words"}}},
		"two issues":  {`{"issue":[{"code":"a"},{"code":"b","diagnostics":"c"}]}`, []nhs.Issue{{Code: "a"}, {Code: "b", Text: "c"}}},
		"no issues":   {`{"resourceType":"OperationOutcome","issue":[]}`, nil},
		"other JSON":  {`{"fault":{"faultstring":"x"}}`, nil},
		"other types": {`{"issue":"x"}`, nil},
		"HTML":        {`<html>`, nil},
		"nothing":     {``, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, play(fhir(http.StatusBadRequest, test.body)), quick())
			_, err := b.client.Get(t.Context(), nhs.MustNumber(secret))
			e, ok := errors.AsType[*nhs.Error](err)
			if !ok || !errors.Is(err, nhs.ErrInvalid) {
				t.Fatalf("got %v", err)
			}
			if diff := cmp.Diff(test.want, e.Issues); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
		})
	}
}

func TestClient_Search_matches(t *testing.T) {
	t.Parallel()
	b := setup(t, play(fhir(http.StatusOK, string(sample(t, "pds/PatientSearch.json")))), quick())
	found, err := b.client.Search(t.Context(), pds.Query{Family: "Smith", Born: pds.On(date(t, "2010-10-22"))})
	if err != nil || len(found) != 1 {
		t.Fatalf("got %v, %v", found, err)
	}
	name, _ := found[0].Patient.UsualName()
	if found[0].Score != 0.75 || name.Family != "Smith" || !found[0].Patient.Deceased() {
		t.Errorf("score %v, name %s", found[0].Score, name.Family)
	}
}

// A success may hold something else than matches.
func TestClient_Search_otherAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body, code string
		want       error
	}{
		"too many matches": {
			`{"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"multiple-matches","details":{"coding":[{"code":"TOO_MANY_MATCHES"}]}}]}`,
			"TOO_MANY_MATCHES", pds.ErrTooManyMatches,
		},
		"sandbox has no example": {
			`{"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"not-supported","diagnostics":"no example"}]}`,
			"not-supported", nhs.ErrUnexpected,
		},
		"a patient":      {minimal, "", nhs.ErrUnexpected},
		"no type":        {`{"total":0}`, "", nhs.ErrUnexpected},
		"nothing":        {``, "", nhs.ErrUnexpected},
		"entry missing":  {`{"resourceType":"Bundle","type":"searchset","total":1}`, "", nhs.ErrUnexpected},
		"entry null":     {`{"resourceType":"Bundle","type":"searchset","total":1,"entry":[{"resource":null}]}`, "", nhs.ErrUnexpected},
		"other resource": {`{"resourceType":"Bundle","type":"searchset","total":1,"entry":[{"resource":{"resourceType":"Person","id":"` + secret + `"}}]}`, "", nhs.ErrUnexpected},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, play(fhir(http.StatusOK, test.body)), quick())
			_, err := b.client.Search(t.Context(), pds.Query{Family: secret, Born: pds.On(date(t, "1990-05-17"))})
			e, ok := errors.AsType[*nhs.Error](err)
			if !ok || !errors.Is(err, test.want) || e.Code != test.code || e.StatusCode != http.StatusOK || e.Retryable() {
				t.Errorf("got %v, want %v with code %q", err, test.want, test.code)
			}
			if errors.Is(err, nhs.ErrInvalid) || len(b.requests()) != 1 {
				t.Errorf("%v after %d requests", err, len(b.requests()))
			}
			silent(t, err.Error())
			silent(t, b.log.String())
		})
	}
}
