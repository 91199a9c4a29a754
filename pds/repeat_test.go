package pds_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
)

// coded answers with an OperationOutcome.
func coded(status int, code, diagnostics string) httpmock.Responder {
	return fhir(status, fmt.Sprintf(`{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"x",
		"details":{"coding":[{"code":%q}]},"diagnostics":%q}]}`, code, diagnostics))
}

func versioned(version int, gender string) httpmock.Responder {
	return fhir(http.StatusOK, fmt.Sprintf(`{"resourceType":"Patient","id":%q,"meta":{"versionId":"%d"},"gender":%q}`, secret, version, gender))
}

func cutOff(*http.Request) (*http.Response, error) { return nil, errCut }

// An update is repeated as it is, and what a repeat is told of the first attempt is
// understood.
func TestClient_Update_repeats(t *testing.T) {
	t.Parallel()
	nothing := coded(http.StatusBadRequest, "INVALID_UPDATE", "Invalid update with error - Provided patch made no changes to the resource")
	mismatch := coded(http.StatusConflict, "RESOURCE_VERSION_MISMATCH", "about "+secret)
	busy := answer(http.StatusServiceUnavailable, "application/json", unavailable, "Retry-After", "5")
	done, now := versioned(3, "female"), versioned(4, "other")
	const patch, get = http.MethodPatch, http.MethodGet
	for name, test := range map[string]struct {
		answers []httpmock.Responder
		methods []string
		version string // of the result, or of the current record in the conflict
		want    error
	}{
		"at once":                     {play(done), []string{patch}, "3", nil},
		"503":                         {play(busy, done), []string{patch, patch}, "3", nil},
		"429":                         {play(coded(http.StatusTooManyRequests, "TOO_MANY_REQUESTS", ""), done), []string{patch, patch}, "3", nil},
		"408":                         {play(coded(http.StatusRequestTimeout, "UNABLE_TO_CALL_SERVICE", ""), done), []string{patch, patch}, "3", nil},
		"HTML":                        {play(answer(http.StatusBadGateway, "text/html", "<p>"), done), []string{patch, patch}, "3", nil},
		"plain JSON":                  {play(answer(http.StatusInternalServerError, "application/json", "{}"), done), []string{patch, patch}, "3", nil},
		"lost answer":                 {play(cutOff, nothing, now), []string{patch, patch, get}, "4", nil},
		"503, then done":              {play(busy, nothing, now), []string{patch, patch, get}, "4", nil},
		"no change at all":            {play(nothing), []string{patch}, "", nhs.ErrInvalid},
		"other refusal":               {play(busy, coded(http.StatusBadRequest, "INVALID_UPDATE", "no patches found")), []string{patch, patch}, "", nhs.ErrInvalid},
		"conflict":                    {play(mismatch, now), []string{patch, get}, "4", nhs.ErrConflict},
		"lost answer, then conflict":  {play(cutOff, mismatch, now), []string{patch, patch, get}, "4", nhs.ErrConflict},
		"conflict, then nothing":      {play(mismatch, coded(http.StatusNotFound, "RESOURCE_NOT_FOUND", "")), []string{patch, get}, "", nhs.ErrConflict},
		"lost answer, cannot be read": {play(cutOff, nothing, coded(http.StatusForbidden, "ACCESS_DENIED", "")), []string{patch, patch, get}, "", nhs.ErrForbidden},
		"forbidden":                   {play(coded(http.StatusForbidden, "FORBIDDEN_UPDATE", "superseded")), []string{patch}, "", nhs.ErrForbidden},
		"always lost":                 {play(cutOff), []string{patch, patch, patch, patch}, "", nhs.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := setup(t, test.answers)
				edit := parse(t, `{"resourceType":"Patient","id":"`+secret+`","meta":{"versionId":"2"},"gender":"male"}`).Edit()
				edit.SetGender(pds.Female)
				p, err := b.client.Update(t.Context(), edit)
				if !errors.Is(err, test.want) || (p != nil) != (err == nil) {
					t.Fatalf("got %v, %v; want %v", p, err, test.want)
				}
				if conflict, ok := errors.AsType[*pds.ConflictError](err); ok {
					p = conflict.Current
					silent(t, fmt.Sprintf("%v %+v", err, conflict))
				} else if errors.Is(test.want, nhs.ErrConflict) {
					t.Errorf("%v is no ConflictError", err)
				}
				version := ""
				if p != nil {
					version = p.Version
				}
				if version != test.version {
					t.Errorf("version %q, want %q", version, test.version)
				}
				if diff := cmp.Diff(test.methods, methods(b.requests())); diff != "" {
					t.Errorf("requests (-want +got):\n%s", diff)
				}
				same(t, b.requests())
				silent(t, b.log.String())
			})
		})
	}
}

func methods(requests []*http.Request) []string {
	var names []string
	for _, r := range requests {
		names = append(names, r.Method)
	}
	return names
}

// same fails the test if writes differ in id, version or body.
func same(t *testing.T, requests []*http.Request) {
	t.Helper()
	var sent [][]string
	for _, r := range requests {
		if r.Method == http.MethodGet {
			continue
		}
		body, err := r.GetBody()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		sent = append(sent, []string{r.Header.Get("X-Request-ID"), r.Header.Get("If-Match"), string(text)})
	}
	for _, s := range sent[min(1, len(sent)):] {
		if diff := cmp.Diff(sent[0], s); diff != "" || s[0] == "" {
			t.Errorf("a repeat differs (-first +repeat):\n%s", diff)
		}
	}
}

// A creation is repeated only where nobody can have been created twice.
func TestClient_Create_repeats(t *testing.T) {
	t.Parallel()
	created := fhir(http.StatusCreated, minimal)
	for name, test := range map[string]struct {
		first    httpmock.Responder
		requests int
	}{
		"429":     {coded(http.StatusTooManyRequests, "TOO_MANY_REQUESTS", ""), 2},
		"503":     {answer(http.StatusServiceUnavailable, "application/json", unavailable, "Retry-After", "5"), 2},
		"network": {cutOff, 2},
		"408":     {coded(http.StatusRequestTimeout, "UNABLE_TO_CALL_SERVICE", ""), 1},
		"500":     {coded(http.StatusInternalServerError, "UNKNOWN_ERROR", ""), 1},
		"502":     {answer(http.StatusBadGateway, "text/html", "<p>"), 1},
		"504":     {answer(http.StatusGatewayTimeout, "text/html", "<p>"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := setup(t, play(test.first, created))
				p, err := b.client.Create(t.Context(), newborn(t))
				if repeated := test.requests > 1; (err == nil) != repeated || (p != nil) != repeated || len(b.requests()) != test.requests {
					t.Errorf("got %v, %v after %d requests", p, err, len(b.requests()))
				}
				if err != nil && !errors.Is(err, nhs.ErrUnavailable) {
					t.Errorf("got %v", err)
				}
				same(t, b.requests())
			})
		})
	}
}

// The gateway allows three creations a second, of five requests.
func TestClient_Create_pace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, play(fhir(http.StatusCreated, minimal)))
		start := time.Now()
		for range 31 {
			if _, err := b.client.Create(t.Context(), newborn(t)); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start).Round(time.Millisecond); took != 10*time.Second {
			t.Errorf("31 creations took %v, want 10 s", took)
		}
	})
}

func newborn(t *testing.T) pds.NewPatient {
	t.Helper()
	since := pds.Period{Start: "1999-05-17"}
	return pds.NewPatient{
		Name:   pds.HumanName{Use: pds.Usual, Period: since, Family: "Capon", Given: []string{"Anna"}},
		Gender: pds.Female, BirthDate: date(t, "1999-05-17"),
		Addresses: []pds.Address{{Use: pds.Home, Period: since, Lines: []string{"1", "High Street", "", "Leeds", ""}, Postcode: "LS1 6AE"}},
		Authority: pds.RegisteringAuthority{Type: "x", Organisation: "A81001"},
	}
}
