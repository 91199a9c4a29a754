package pdstest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

const (
	own      = "/Patient/9990000018"
	ukCore   = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-"
	birthURL = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"
)

// worker gives every token healthcare worker access.
func worker() func(*http.Request) pdstest.Token {
	return pdstest.Always(pdstest.Token{Access: nhs.HealthcareWorkerAccess})
}

// send sends a request with a body and the headers that PDS needs, changed by
// edit.
func send(s http.Handler, method, target, body string, edit func(http.Header)) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, root+target, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer abc")
	req.Header.Set("X-Request-ID", "60E0B220-8136-4CA5-AE46-1D97EF59D068")
	req.Header.Set("Content-Type", "application/json")
	if method == http.MethodPatch {
		req.Header.Set("Content-Type", "application/json-patch+json")
		req.Header.Set("If-Match", `W/"1"`)
	}
	if edit != nil {
		edit(req.Header)
	}
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, req)
	return rec
}

// patch sends patches, which are JSON objects, of version 1 of anna.
func patch(s http.Handler, patches ...string) *httptest.ResponseRecorder {
	return send(s, http.MethodPatch, own, `{"patches":[`+strings.Join(patches, ",")+`]}`, nil)
}

// full is a patient with something in every list.
const full = `{"resourceType":"Patient","id":"9990000018","meta":{"versionId":"1","security":[{"code":"U"}]},
	"gender":"female","birthDate":"1953-05-29",
	"name":[
		{"id":"n1","use":"usual","family":"Capon","given":["Anna","Mary Jane"],"prefix":["Mrs"]},
		{"id":"n2","use":"old","family":"Jones","given":["Anna"],"suffix":["MBE"]},
		{"id":"n3","use":"maiden","family":"Smith"}],
	"address":[{"id":"a1","use":"home","line":["1 High Street","Leeds"],"postalCode":"LS1 6AE"},{"id":"a2","use":"work","postalCode":"LS1 1AA"}],
	"telecom":[{"id":"t1","system":"phone","use":"home","value":"01632960587"},{"id":"t2","system":"phone","use":"mobile","value":"07700900001"},
		{"id":"t3","system":"email","use":"home","value":"anna@example.com"}],
	"contact":[{"id":"c1","relationship":[{"coding":[{"code":"C"}]}],"telecom":[{"system":"phone","value":"01632960588"}]}],
	"generalPractitioner":[{"id":"g1","type":"Organization","identifier":{"value":"A20047"}}],
	"extension":[
		{"url":"` + ukCore + `NominatedPharmacy","valueReference":{"identifier":{"value":"FWC87"}}},
		{"url":"` + ukCore + `NHSCommunication","extension":[
			{"url":"language","valueCodeableConcept":{"coding":[{"code":"fr"}]}},{"url":"interpreterRequired","valueBoolean":true}]}]}`

func serveJSON(t *testing.T, o pdstest.Options, patients ...string) *pdstest.Server {
	t.Helper()
	s := pdstest.New(o)
	for _, patient := range patients {
		if err := s.PutJSON([]byte(patient)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// refusal is what an OperationOutcome of one issue says.
type refusal struct {
	status                     int
	code, display, diagnostics string
}

func read(t *testing.T, rec *httptest.ResponseRecorder) refusal {
	t.Helper()
	var o struct {
		Issue []struct {
			Details struct {
				Coding []struct {
					Code    string `json:"code"`
					Display string `json:"display"`
				} `json:"coding"`
			} `json:"details"`
			Diagnostics string `json:"diagnostics"`
		} `json:"issue"`
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &o); err != nil || len(o.Issue) != 1 || len(o.Issue[0].Details.Coding) != 1 {
		t.Fatalf("no outcome: %d %.200s", rec.Code, rec.Body)
	}
	coding := o.Issue[0].Details.Coding[0]
	return refusal{rec.Code, coding.Code, coding.Display, o.Issue[0].Diagnostics}
}

// summary is all but the code of a refusal.
func summary(t *testing.T, rec *httptest.ResponseRecorder) string {
	t.Helper()
	r := read(t, rec)
	return fmt.Sprintf("%d %s: %s", r.status, r.display, r.diagnostics)
}

// refused fails the test unless rec is a refusal with exactly these diagnostics.
func refused(t *testing.T, rec *httptest.ResponseRecorder, status int, code, diagnostics string) {
	t.Helper()
	got := read(t, rec)
	if diff := cmp.Diff([]any{status, code, diagnostics}, []any{got.status, got.code, got.diagnostics}); diff != "" {
		t.Errorf("refusal (-want +got):\n%s", diff)
	}
}

// The update of somebody put in compact form is like any other, and found by later
// searches.
func TestServer_update_person(t *testing.T) {
	t.Parallel()
	s := serve(t, pdstest.Options{Token: worker()}, anna(t))
	rec := patch(s, `{"op":"test","path":"/name/0/id","value":"name-1"}`, `{"op":"replace","path":"/name/0/family","value":"Capone"}`)
	if rec.Code != 200 || len(search(t, s, "family=Capone&birthdate=1953-05-29")) != 1 || len(search(t, s, "family=Capon&birthdate=1953-05-29")) != 0 {
		t.Errorf("got %d %s", rec.Code, rec.Body)
	}
	if err := s.Put(anna(t)); err != nil {
		t.Fatal(err)
	}
	if tag := get(s, own).Header().Get("ETag"); tag != `W/"3"` {
		t.Errorf("version %s after an update and another Put", tag)
	}
}

// Null lines, which some applications are shown, are not part of the record.
func TestServer_update_nullLines(t *testing.T) {
	t.Parallel()
	s := serveJSON(t, pdstest.Options{Token: worker()}, `{"resourceType":"Patient","id":"9990000018","meta":{"versionId":"1","security":[{"code":"U"}]},"birthDate":"1953",
		"address":[{"id":"a1","use":"home","line":[null,"1 High Street",null,"Leeds",null],"_line":[{},null,{},null,{}],"postalCode":"LS1 6AE"}]}`)
	rec := patch(s, `{"op":"test","path":"/address/0/id","value":"a1"}`, `{"op":"replace","path":"/address/0/postalCode","value":"LS1 6AF"}`)
	sameJSON(t, `{"resourceType":"Patient","id":"9990000018","meta":{"versionId":"2","security":[{"code":"U"}]},"birthDate":"1953",
		"address":[{"id":"a1","use":"home","line":["1 High Street","Leeds"],"postalCode":"LS1 6AF"}]}`, rec.Body.Bytes())
}

// What a restricted record withholds can be neither changed nor lost.
func TestServer_update_restricted(t *testing.T) {
	t.Parallel()
	hidden := strings.Replace(full, `"code":"U"`, `"code":"R"`, 1)
	s := serveJSON(t, pdstest.Options{Token: worker()}, hidden)
	const forbidden = "Forbidden update with error - not permitted to update the whereabouts of a restricted patient"
	for _, patches := range []string{
		`{"op":"add","path":"/address/-","value":{"use":"home","line":["1","2"]}}`,
		`{"op":"add","path":"/telecom/-","value":{"system":"phone","use":"work","value":"1"}}`,
		`{"op":"add","path":"/extension/-","value":{"url":"` + birthURL + `","valueAddress":{"city":"Leeds"}}}`,
	} {
		refused(t, patch(s, patches), 403, "FORBIDDEN_UPDATE", forbidden)
	}
	rec := patch(s, `{"op":"test","path":"/extension/0/url","value":"`+ukCore+`NHSCommunication"}`, `{"op":"remove","path":"/extension/0"}`)
	if rec.Code != 200 || strings.Contains(rec.Body.String(), "NominatedPharmacy") || strings.Contains(rec.Body.String(), "LS1") {
		t.Fatalf("got %d %s", rec.Code, rec.Body)
	}
	shown := rec.Body.String()
	rec = send(s, http.MethodPatch, own, `{"patches":[{"op":"replace","path":"/gender","value":"male"}]}`,
		func(h http.Header) { h.Set("If-Match", `W/"2"`) })
	if want := strings.NewReplacer(`"female"`, `"male"`, `"versionId":"2"`, `"versionId":"3"`).Replace(shown); rec.Code != 200 || rec.Body.String() != want {
		t.Errorf("got %d %s", rec.Code, rec.Body)
	}
	if found := search(t, s, "family=Capon&birthdate=1953-05-29"); len(found) != 1 || found[0].Gender != pds.Male {
		t.Errorf("found %v", found)
	}
}

func TestServer_update_versions(t *testing.T) {
	t.Parallel()
	const male = `{"patches":[{"op":"replace","path":"/gender","value":"male"}]}`
	twin := anna(t)
	twin.Number = nhs.MustNumber("9990000026")
	gone := anna(t)
	gone.Number = nhs.MustNumber("9990000034")
	s := serve(t, pdstest.Options{Token: worker()}, anna(t), twin, gone)
	if err := s.Supersede(twin.Number, anna(t).Number); err != nil {
		t.Fatal(err)
	}
	if err := s.Invalidate(gone.Number); err != nil {
		t.Fatal(err)
	}
	set := func(name, value string) func(http.Header) { return func(h http.Header) { h.Set(name, value) } }
	unset := func(name string) func(http.Header) { return func(h http.Header) { h.Del(name) } }
	const noMatch = "Invalid request with error - If-Match header must be supplied to update this resource"
	for name, tt := range map[string]struct {
		target            string
		edit              func(http.Header)
		status            int
		code, diagnostics string
	}{
		"1: no version":        {own, unset("If-Match"), 412, "PRECONDITION_FAILED", noMatch},
		"1: no tag":            {own, set("If-Match", "1"), 412, "PRECONDITION_FAILED", noMatch},
		"1: an old version":    {own, set("If-Match", `W/"0"`), 409, "RESOURCE_VERSION_MISMATCH", ""},
		"1: a later version":   {own, set("If-Match", `W/"2"`), 409, "RESOURCE_VERSION_MISMATCH", ""},
		"9: superseded":        {"/Patient/9990000026", nil, 403, "FORBIDDEN_UPDATE", "Forbidden update with error - Update Failed - NHS No. supplied has been superseded in a merge"},
		"invalidated":          {"/Patient/9990000034", nil, 404, "INVALIDATED_RESOURCE", ""},
		"nobody":               {"/Patient/9990000042", nil, 404, "RESOURCE_NOT_FOUND", ""},
		"a wrong check digit":  {"/Patient/9990000019", nil, 400, "INVALID_RESOURCE_ID", ""},
		"another media type":   {own, set("Content-Type", "application/json"), 400, "UNSUPPORTED_SERVICE", ""},
		"no media type":        {own, unset("Content-Type"), 400, "UNSUPPORTED_SERVICE", ""},
		"an absurd media type": {own, set("Content-Type", "application/"), 400, "UNSUPPORTED_SERVICE", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, send(s, http.MethodPatch, tt.target, male, tt.edit), tt.status, tt.code, tt.diagnostics)
		})
	}
	t.Run("too long", func(t *testing.T) {
		t.Parallel()
		refused(t, send(s, http.MethodPatch, own, male+strings.Repeat(" ", 1<<20), nil), 400, "VALIDATION_ERROR", "")
	})
}

// A repeated update has been made already.
func TestServer_update_repeated(t *testing.T) {
	t.Parallel()
	const male = `{"op":"replace","path":"/gender","value":"male"}`
	for _, noChange := range []bool{false, true} {
		s := serve(t, pdstest.Options{Token: worker(), RepeatsMakeNoChange: noChange}, anna(t))
		if rec := patch(s, male); rec.Code != 200 {
			t.Fatalf("got %d %s", rec.Code, rec.Body)
		}
		rec := patch(s, male)
		if noChange {
			refused(t, rec, 400, "INVALID_UPDATE", "Invalid update with error - Invalid patch - Provided patch made no changes to the resource")
		} else {
			refused(t, rec, 409, "RESOURCE_VERSION_MISMATCH", "")
		}
	}
}

// Of many updates of one version, one is made.
func TestServer_update_concurrent(t *testing.T) {
	t.Parallel()
	s := serveJSON(t, pdstest.Options{Token: worker()}, full)
	var made atomic.Int32
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			switch rec := patch(s, put("multipleBirthInteger", strconv.Itoa(i+1))); rec.Code {
			case http.StatusOK:
				made.Add(1)
			case http.StatusConflict:
			default:
				t.Errorf("got %d %s", rec.Code, rec.Body)
			}
		})
	}
	wg.Wait()
	if tag := get(s, own).Header().Get("ETag"); made.Load() != 1 || tag != `W/"2"` {
		t.Errorf("%d updates made, version %s", made.Load(), tag)
	}
}
