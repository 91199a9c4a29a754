package pds_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
)

func TestClient_Raw(t *testing.T) {
	t.Parallel()
	b := setupAs(t, nhs.Loopback(base), as(nhs.HealthcareWorkerAccess),
		play(answer(http.StatusCreated, "application/fhir+json", minimal, "Notification-Id", "7")), quick())
	session, err := b.client.With(pds.Session("1"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := session.Raw(t.Context(), pds.RawRequest{
		Method: http.MethodPost, Path: "/Patient/$process-birth-details?ignore_potential_matches=true",
		Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"x":"` + secret + `"}`),
	})
	if err != nil || got.StatusCode != http.StatusCreated || string(got.Body) != minimal || got.Header.Get("Notification-Id") != "7" ||
		got.RequestID == "" || got.Attempts != 1 {
		t.Errorf("got %d, %v", got.StatusCode, err)
	}
	req := b.requests()[0]
	sent := []string{
		req.Method, req.URL.String(), body(t, req), req.Header.Get("Content-Type"), req.Header.Get("Accept"),
		req.Header.Get("Authorization"), req.Header.Get("Nhsd-Session-Urid"),
	}
	want := []string{
		"POST", base + "/personal-demographics/FHIR/R4/Patient/$process-birth-details?ignore_potential_matches=true",
		`{"x":"` + secret + `"}`, "application/json", "application/fhir+json", "Bearer token", "1",
	}
	if diff := cmp.Diff(want, sent); diff != "" || req.Header.Get("X-Request-ID") != got.RequestID {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	silent(t, b.log.String())
}

// A raw request is repeated if its caller says that this is safe.
func TestClient_Raw_repeats(t *testing.T) {
	t.Parallel()
	for repeatable, requests := range map[bool]int{true: 2, false: 1} {
		b := setup(t, play(coded(http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE", secret), fhir(http.StatusOK, `{}`)), quick())
		_, err := b.client.Raw(t.Context(), pds.RawRequest{Method: http.MethodGet, Path: "/_ping", Repeatable: repeatable})
		if len(b.requests()) != requests || (err == nil) != repeatable {
			t.Errorf("repeatable %t: %d requests, %v", repeatable, len(b.requests()), err)
		}
		if err != nil {
			silent(t, err.Error())
		}
	}
}

func TestClient_Raw_refuses(t *testing.T) {
	t.Parallel()
	b := setup(t, play(fhir(http.StatusOK, `{}`)), quick())
	for _, r := range []pds.RawRequest{
		{},
		{Method: "GET"},
		{Path: "/Patient"},
		{Method: "GET", Path: "Patient"},
		{Method: "GET", Path: "https://example.org/Patient"},
		{Method: "GET", Path: "//example.org/Patient"},
		{Method: "GET", Path: "/../Patient"},
		{Method: "GET", Path: "/%2e%2e/Patient"},
		{Method: "GET", Path: "/%zz" + secret},
		{Method: "G T", Path: "/Patient/" + secret},
	} {
		_, err := b.client.Raw(t.Context(), r)
		if !errors.Is(err, nhs.ErrInvalid) || len(b.requests()) != 0 {
			t.Errorf("%q: got %v", r.Path, err)
			continue
		}
		silent(t, err.Error())
	}
}
