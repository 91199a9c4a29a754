package pds_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

func card() pds.Coverage {
	return pds.Coverage{
		Number: nhs.MustNumber(secret), Card: "29401395498043123948", Country: "FRA",
		Institution: "92847ADGJL", Personal: "178705ABC", Expires: day("2030-12-31"),
	}
}

const cover = `{"resourceType":"Bundle","type":"searchset","total":1,"meta":{"versionId":"4"},"entry":[{"resource":{"resourceType":"Coverage","status":"active",
	"subscriber":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}},
	"identifier":[{"value":"29401395498043123948","assigner":{"identifier":{"system":"urn:iso:std:iso:3166","value":"FRA"},"display":"France"}}],
	"payor":[{"identifier":{"value":"92847ADGJL"}}],"beneficiary":{"identifier":{"value":"178705ABC"}},"period":{"end":"2030-12-31"}}}]}`

func TestCoverage_losesNothing(t *testing.T) {
	t.Parallel()
	document := sample(t, "pds/Coverage.json")
	var c pds.Coverage
	if err := json.Unmarshal(document, &c); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	sameJSON(t, document, again)
}

// The gateway takes exactly one form of the address, colon percent-encoded.
func TestClient_Coverage_sends(t *testing.T) {
	t.Parallel()
	b := setupAs(t, nhs.Loopback(base), as(nhs.PatientAccess), play(fhir(http.StatusOK, cover)), quick())
	got, err := b.client.Coverage(t.Context(), nhs.MustNumber(secret))
	if err != nil {
		t.Fatal(err)
	}
	if url := b.requests()[0].URL.String(); !strings.HasSuffix(url, "/personal-demographics/FHIR/R4/Coverage?subscriber%3Aidentifier="+secret) {
		t.Errorf("sent to %s", url)
	}
	want := card()
	want.Status, want.CountryName = "active", "France"
	if got.Version != "4" || got.Coverage == nil || *got.Coverage != want {
		t.Error("the coverage is another", got)
	}
	silent(t, b.log.String())
	silent(t, fmt.Sprintf("%v %+v %#v", got, got.Coverage, *got.Coverage))
}

func TestClient_Coverage_none(t *testing.T) {
	t.Parallel()
	const none = `{"resourceType":"Bundle","type":"searchset","total":0}`
	b := setup(t, play(answer(http.StatusOK, "application/fhir+json", none, "ETag", `W/"12"`)), quick())
	got, err := b.client.Coverage(t.Context(), nhs.MustNumber(secret))
	if diff := cmp.Diff(pds.Cover{Version: "12"}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestClient_Coverage_otherAnswers(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, `{}`, `{"resourceType":"Bundle","total":1}`, strings.Replace(cover, "Coverage", "Patient", 1),
		strings.Replace(cover, secret, "9990000019", 1), strings.Replace(cover, "2030-12-31", "soon", 1),
		`{"resourceType":"OperationOutcome","issue":[{"code":"x"}]}`,
	} {
		b := setup(t, play(fhir(http.StatusOK, text)), quick(), nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: 1}))
		if _, err := b.client.Coverage(t.Context(), nhs.MustNumber(secret)); !errors.Is(err, nhs.ErrUnexpected) {
			t.Errorf("%s: got %v", text, err)
		}
	}
	b := setup(t, play(coded(http.StatusForbidden, "ACCESS_DENIED", "")), quick())
	if _, err := b.client.Coverage(t.Context(), nhs.MustNumber(secret)); !errors.Is(err, nhs.ErrForbidden) {
		t.Errorf("got %v", err)
	}
	if _, err := b.client.Coverage(t.Context(), nhs.Number{}); !errors.Is(err, nhs.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}

func TestClient_SetCoverage_sends(t *testing.T) {
	t.Parallel()
	b := setup(t, play(answer(http.StatusCreated, "application/fhir+json", cover)), quick())
	c := card()
	c.CountryName = "France"
	got, err := b.client.SetCoverage(t.Context(), c, "3")
	if err != nil || got.Version != "4" || got.Coverage.Card != c.Card {
		t.Fatal(got, err)
	}
	req := b.requests()[0]
	if head := []string{req.Method, req.URL.Path, req.Header.Get("If-Match"), req.Header.Get("Content-Type")}; cmp.Diff(
		[]string{"POST", "/base/personal-demographics/FHIR/R4/Coverage", `W/"3"`, "application/json"}, head) != "" {
		t.Errorf("sent %v", head)
	}
	sameJSON(t, []byte(`{"resourceType":"Coverage","status":"active","subscriber":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}},
		"identifier":[{"value":"29401395498043123948","assigner":{"identifier":{"system":"urn:iso:std:iso:3166","value":"FRA"}}}],
		"payor":[{"identifier":{"value":"92847ADGJL"}}],"beneficiary":{"identifier":{"value":"178705ABC"}},"period":{"end":"2030-12-31"}}`), []byte(body(t, req)))
}

func TestClient_SetCoverage_refuses(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*pds.Coverage){
		"Coverage.Number must not be zero":                                               func(c *pds.Coverage) { c.Number = nhs.Number{} },
		"Coverage.Status must be active":                                                 func(c *pds.Coverage) { c.Status = "cancelled" },
		"Coverage.Card must have 1 to 25 letters, digits, spaces and - , / : ' .":        func(c *pds.Coverage) { c.Card = strings.Repeat("1", 26) },
		"Coverage.Institution must have 1 to 30 letters, digits, spaces and - , / : ' .": func(c *pds.Coverage) { c.Institution = "" },
		"Coverage.Personal must have 1 to 25 letters, digits, spaces and - , / : ' .":    func(c *pds.Coverage) { c.Personal = "é" },
		"Coverage.Country must be three capital letters":                                 func(c *pds.Coverage) { c.Country = "FR" },
		"Coverage.Expires must be a whole date":                                          func(c *pds.Coverage) { c.Expires = day("2030") },
		"Coverage.Expires must be within 150 years of today":                             func(c *pds.Coverage) { c.Expires = day("1700-12-31") },
		"version must be a whole number, from Coverage":                                  func(*pds.Coverage) {},
	} {
		b := setup(t, play(fhir(http.StatusCreated, cover)), quick())
		c, version := card(), "3"
		change(&c)
		if strings.HasPrefix(want, "version") {
			version = `3"`
		}
		if _, err := b.client.SetCoverage(t.Context(), c, version); err == nil || err.Error() != "pds.SetCoverage: "+want || len(b.requests()) != 0 {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// Cover may expire within 150 years of today, both days included.
func TestClient_SetCoverage_expires(t *testing.T) {
	t.Parallel()
	now := func() time.Time { return time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC) }
	for expires, want := range map[string]bool{
		"1876-01-04": false, "1876-01-05": true, "2176-01-05": true, "2176-01-06": false,
	} {
		b := setup(t, play(fhir(http.StatusCreated, cover)), quick(), nhs.WithClock(now))
		c := card()
		c.Expires = day(expires)
		_, err := b.client.SetCoverage(t.Context(), c, "3")
		if (err == nil) != want || (err != nil && !errors.Is(err, nhs.ErrInvalid)) {
			t.Errorf("%s: got %v", expires, err)
		}
	}
}

// The strict fake keeps what a patient sets, and refuses what has been overtaken.
func TestClient_SetCoverage_fake(t *testing.T) {
	t.Parallel()
	number := nhs.MustNumber(secret)
	_, patients := serve(t, pdstest.Token{Access: nhs.PatientAccess, Patient: number}, full)
	before, err := patients.Coverage(t.Context(), number)
	if err != nil || before.Coverage != nil {
		t.Fatal(before, err)
	}
	after, err := patients.SetCoverage(t.Context(), card(), before.Version)
	if err != nil || after.Coverage == nil || after.Version == before.Version {
		t.Fatal(after, err)
	}
	if _, err := patients.SetCoverage(t.Context(), card(), before.Version); !errors.Is(err, nhs.ErrConflict) {
		t.Errorf("got %v", err)
	}
	if again, err := patients.Coverage(t.Context(), number); err != nil || *again.Coverage != *after.Coverage {
		t.Error(again, err)
	}
}

func TestCoverage_refusesOtherJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{}`, `[]`, `"` + secret + `"`, `{"resourceType":"Coverage","subscriber":{"identifier":{"value":"9990000019"}}}`} {
		var c pds.Coverage
		if err := c.UnmarshalJSON([]byte(text)); !errors.Is(err, nhs.ErrInvalid) {
			t.Errorf("%s: got %v", text, err)
		} else {
			silent(t, err.Error())
		}
	}
}
