package pdstest_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

const mother = `{"resourceType":"RelatedPerson","id":"507B7621","patient":{"type":"Patient"},"active":true,
	"relationship":[{"coding":[{"code":"MTH"}]}]}`

func TestServer_relatedPeople(t *testing.T) {
	t.Parallel()
	hidden, former := anna(t), nhs.MustNumber("9990000034")
	hidden.Number, hidden.Security = nhs.MustNumber("9990000026"), pds.VeryRestricted
	s := serve(t, pdstest.Options{}, anna(t), hidden)
	empty := `{"resourceType":"Bundle","type":"searchset","total":0,"timestamp":"2026-01-05T09:00:00+00:00"}`
	sameJSON(t, empty, get(s, own+"/RelatedPerson").Body.Bytes())
	for _, number := range []nhs.Number{anna(t).Number, hidden.Number} {
		if err := s.PutRelatedJSON(number, []byte(mother)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Supersede(former, anna(t).Number); err != nil {
		t.Fatal(err)
	}
	found := `{"resourceType":"Bundle","type":"searchset","total":1,"timestamp":"2026-01-05T09:00:00+00:00","entry":[{
		"fullUrl":"https://api.service.nhs.uk/personal-demographics/FHIR/R4/Patient/9990000018/RelatedPerson/507B7621","resource":` + mother + `}]}`
	sameJSON(t, found, get(s, own+"/RelatedPerson").Body.Bytes())
	sameJSON(t, found, get(s, "/Patient/9990000034/RelatedPerson").Body.Bytes())
	sameJSON(t, empty, get(s, "/Patient/9990000026/RelatedPerson").Body.Bytes())
	refused(t, get(s, "/Patient/9990000042/RelatedPerson"), 404, "RESOURCE_NOT_FOUND", "")
	refused(t, get(s, "/Patient/9990000019/RelatedPerson"), 400, "INVALID_RESOURCE_ID", "")
	refused(t, ask(s, http.MethodPut, own+"/RelatedPerson", nil), 400, "UNSUPPORTED_SERVICE", "")

	if err := s.Put(anna(t)); err != nil { // a new version of the patient
		t.Fatal(err)
	}
	sameJSON(t, found, get(s, own+"/RelatedPerson").Body.Bytes())
	if err := s.PutRelatedJSON(anna(t).Number); err != nil {
		t.Fatal(err)
	}
	sameJSON(t, empty, get(s, own+"/RelatedPerson").Body.Bytes())
	for _, text := range []string{`{"resourceType":"Patient"}`, `{`} {
		if s.PutRelatedJSON(anna(t).Number, []byte(text)) == nil {
			t.Errorf("accepted %s", text)
		}
	}
	if s.PutRelatedJSON(nhs.MustNumber("9990000042"), []byte(mother)) == nil {
		t.Error("an unknown patient was accepted")
	}
}

// cover is a card of anna's, changed by replacing old by new in pairs.
func cover(oldnew ...string) string {
	return strings.NewReplacer(oldnew...).Replace(`{"resourceType":"Coverage","status":"active",
		"subscriber":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}},
		"identifier":[{"value":"2940-1395","assigner":{"identifier":{"system":"urn:iso:std:iso:3166","value":"FRA"}}}],
		"payor":[{"identifier":{"value":"DE98765"}}],"beneficiary":{"identifier":{"value":"178705ABC"}},"period":{"end":"2030-12-31"}}`)
}

// patientToken is anna's own.
func patientToken() func(*http.Request) pdstest.Token {
	return pdstest.Always(pdstest.Token{Access: nhs.PatientAccess, Patient: nhs.MustNumber("9990000018")})
}

const ownCover = "/Coverage?subscriber%3Aidentifier=9990000018"

func TestServer_coverage(t *testing.T) {
	t.Parallel()
	s := serve(t, pdstest.Options{Token: patientToken()}, anna(t))
	bundle := func(version, total, entry string) string {
		return `{"resourceType":"Bundle","type":"searchset","total":` + total + `,"timestamp":"2026-01-05T09:00:00+00:00",
			"meta":{"versionId":"` + version + `"}` + entry + `}`
	}
	entry := func(cover string) string {
		return `,"entry":[{"fullUrl":"https://api.service.nhs.uk/personal-demographics/FHIR/R4/Coverage?subscriber:identifier=9990000018","resource":` + cover + `}]`
	}
	rec := get(s, ownCover)
	sameJSON(t, bundle("1", "0", ""), rec.Body.Bytes())
	if rec.Header().Get("ETag") != `W/"1"` {
		t.Errorf("headers %v", rec.Header())
	}
	match := func(tag string) func(http.Header) { return func(h http.Header) { h.Set("If-Match", tag) } }
	rec = send(s, http.MethodPost, "/Coverage", cover(), match(`W/"1"`))
	if rec.Code != 201 || rec.Header().Get("ETag") != `W/"2"` {
		t.Errorf("got %d %v", rec.Code, rec.Header())
	}
	sameJSON(t, bundle("2", "1", entry(cover())), rec.Body.Bytes())
	sameJSON(t, rec.Body.String(), get(s, ownCover).Body.Bytes())
	if tag := get(s, own).Header().Get("ETag"); tag != `W/"2"` {
		t.Errorf("the patient's version is %s", tag)
	}
	refused(t, send(s, http.MethodPost, "/Coverage", cover(), match(`W/"1"`)), 409, "RESOURCE_VERSION_MISMATCH", "")
	rec = send(s, http.MethodPost, "/Coverage", cover("FRA", "DEU"), func(h http.Header) {
		match(`W/"2"`)(h)
		h.Set("Content-Type", "application/json-patch+json")
	})
	sameJSON(t, bundle("3", "1", entry(cover("FRA", "DEU"))), rec.Body.Bytes())

	if err := s.PutCoverageJSON(anna(t).Number, []byte(cover())); err != nil {
		t.Fatal(err)
	}
	sameJSON(t, bundle("3", "1", entry(cover())), get(s, ownCover).Body.Bytes())
	if s.PutCoverageJSON(anna(t).Number, []byte(mother)) == nil || s.PutCoverageJSON(nhs.MustNumber("9990000042"), []byte(cover())) == nil {
		t.Error("no Coverage, or an unknown patient, was accepted")
	}
}

func TestServer_coverage_refuses(t *testing.T) {
	t.Parallel()
	const format = "Invalid search data provided - 'Coverage search request must follow the format /Coverage?subscriber:identifier=NHS_NUMBER'"
	const notTheirs = "Your access token has insufficient permissions. See documentation regarding Patient access restrictions " +
		"https://digital.nhs.uk/developer/api-catalogue/personal-demographics-service-fhir"
	const noMatch = "Invalid request with error - If-Match header must be supplied to update this resource"
	set := func(name, value string) func(http.Header) { return func(h http.Header) { h.Set(name, value) } }
	for name, tt := range map[string]struct {
		method, target, body string
		edit                 func(http.Header)
		status               int
		code, diagnostics    string
	}{
		"no parameter":        {"GET", "/Coverage", "", nil, 400, "INVALID_SEARCH_DATA", format},
		"a colon":             {"GET", "/Coverage?subscriber:identifier=9990000018", "", nil, 400, "INVALID_SEARCH_DATA", format},
		"a small letter":      {"GET", "/Coverage?subscriber%3aidentifier=9990000018", "", nil, 400, "INVALID_SEARCH_DATA", format},
		"another parameter":   {"GET", ownCover + "&year=2003", "", nil, 400, "INVALID_SEARCH_DATA", format},
		"somebody else":       {"GET", "/Coverage?subscriber%3Aidentifier=9990000026", "", nil, 403, "ACCESS_DENIED", notTheirs},
		"no version":          {"POST", "/Coverage", cover(), set("If-Match", ""), 412, "PRECONDITION_FAILED", noMatch},
		"another media type":  {"POST", "/Coverage", cover(), set("Content-Type", "text/plain"), 400, "UNSUPPORTED_SERVICE", ""},
		"somebody else's":     {"POST", "/Coverage", cover("9990000018", "9990000026"), nil, 403, "ACCESS_DENIED", notTheirs},
		"no number":           {"POST", "/Coverage", cover("9990000018", "9990000019"), nil, 400, "INVALID_RESOURCE_ID", ""},
		"no JSON":             {"POST", "/Coverage", `{`, nil, 400, "VALIDATION_ERROR", ""},
		"null":                {"POST", "/Coverage", `null`, nil, 400, "VALIDATION_ERROR", ""},
		"inactive":            {"POST", "/Coverage", cover("active", "draft"), nil, 400, "INVALID_VALUE", "Invalid value - 'draft' in field 'status'"},
		"no status":           {"POST", "/Coverage", cover(`"status"`, `"state"`), nil, 400, "MISSING_VALUE", "Missing value - 'status'"},
		"no card number":      {"POST", "/Coverage", cover(`"value":"2940-1395",`, ``), nil, 400, "MISSING_VALUE", "Missing value - 'identifier/0/value'"},
		"odd card number":     {"POST", "/Coverage", cover("2940-1395", "2940_1395"), nil, 400, "INVALID_VALUE", "Invalid value - '2940_1395' in field 'identifier/0/value'"},
		"long card number":    {"POST", "/Coverage", cover("2940-1395", strings.Repeat("2", 26)), nil, 400, "INVALID_VALUE", "Invalid value - '" + strings.Repeat("2", 26) + "' in field 'identifier/0/value'"},
		"no country":          {"POST", "/Coverage", cover("FRA", "France"), nil, 400, "INVALID_VALUE", "Invalid value - 'France' in field 'identifier/0/assigner/identifier/value'"},
		"no personal number":  {"POST", "/Coverage", cover(`"value":"178705ABC"`, ``), nil, 400, "MISSING_VALUE", "Missing value - 'beneficiary/identifier/value'"},
		"empty institution":   {"POST", "/Coverage", cover("DE98765", ""), nil, 400, "INVALID_VALUE", "Invalid value - '' in field 'payor/0/identifier/value'"},
		"two institutions":    {"POST", "/Coverage", cover(`"payor":[`, `"payor":[{"identifier":{"value":"FR98765"}},`), nil, 400, "TOO_MANY_VALUES_SUBMITTED", "Too many values submitted - [{'identifier': {'value': 'FR98765'}}, {'identifier': {'value': 'DE98765'}}] in field 'payor'"},
		"no institution":      {"POST", "/Coverage", cover(`[{"identifier":{"value":"DE98765"}}]`, `[]`), nil, 400, "TOO_FEW_VALUES_SUBMITTED", "Too few values submitted - [] in field 'payor'"},
		"ended long ago":      {"POST", "/Coverage", cover("2030-12-31", "1860-12-15"), nil, 400, "INVALID_VALUE", "Invalid value - '1860-12-15' in field 'period/end'"},
		"ends much later":     {"POST", "/Coverage", cover("2030-12-31", "2176-01-06"), nil, 400, "INVALID_VALUE", "Invalid value - '2176-01-06' in field 'period/end'"},
		"no end":              {"POST", "/Coverage", cover(`"end"`, `"start"`), nil, 400, "MISSING_VALUE", "Missing value - 'period/end'"},
		"deleting":            {"DELETE", ownCover, "", nil, 400, "UNSUPPORTED_SERVICE", ""},
		"an outdated version": {"POST", "/Coverage", cover(), set("If-Match", `W/"0"`), 409, "RESOURCE_VERSION_MISMATCH", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, pdstest.Options{Token: patientToken()}, anna(t))
			rec := send(s, tt.method, tt.target, tt.body, func(h http.Header) {
				h.Set("If-Match", `W/"1"`)
				if tt.edit != nil {
					tt.edit(h)
				}
			})
			refused(t, rec, tt.status, tt.code, tt.diagnostics)
		})
	}
}

// Nobody, and somebody whose number has been superseded, have signed in.
func TestServer_coverage_otherNumbers(t *testing.T) {
	t.Parallel()
	s := pdstest.New(pdstest.Options{Token: patientToken()})
	match := func(h http.Header) { h.Set("If-Match", `W/"1"`) }
	refused(t, get(s, ownCover), 404, "RESOURCE_NOT_FOUND", "")
	refused(t, send(s, http.MethodPost, "/Coverage", cover(), match), 404, "RESOURCE_NOT_FOUND", "")
	survivor := anna(t)
	survivor.Number = nhs.MustNumber("9990000026")
	if err := s.Put(survivor); err != nil {
		t.Fatal(err)
	}
	if err := s.Supersede(anna(t).Number, survivor.Number); err != nil {
		t.Fatal(err)
	}
	if rec := get(s, ownCover); rec.Code != 200 {
		t.Errorf("got %d %s", rec.Code, rec.Body)
	}
	refused(t, send(s, http.MethodPost, "/Coverage", cover(), match), 403, "FORBIDDEN_UPDATE",
		"Forbidden update with error - Update Failed - NHS No. supplied has been superseded in a merge")
}

// The published samples are accepted, and given back as they are.
func TestServer_relatedSamples(t *testing.T) {
	t.Parallel()
	patient, err := os.ReadFile("../../../shared/data/pds/Patient.json")
	if err != nil {
		t.Skip("the published samples are not here")
	}
	card, err := os.ReadFile("../../../shared/data/pds/Coverage.json")
	if err != nil {
		t.Fatal(err)
	}
	number := decode(t, patient).Number
	s := pdstest.New(pdstest.Options{
		Token: pdstest.Always(pdstest.Token{Access: nhs.PatientAccess, Patient: number}),
		Now:   func() time.Time { return time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC) },
	})
	if err := s.PutJSON(patient); err != nil {
		t.Fatal(err)
	}
	rec := send(s, http.MethodPost, "/Coverage", string(card), func(h http.Header) { h.Set("If-Match", `W/"2"`) })
	if rec.Code != 201 || rec.Header().Get("ETag") != `W/"3"` {
		t.Errorf("got %d %v %s", rec.Code, rec.Header(), rec.Body)
	}
}
