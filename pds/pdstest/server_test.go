package pdstest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

const root = "/personal-demographics/FHIR/R4"

var errToken = errors.New("not one of ours")

func date(t *testing.T, text string) nhs.Date {
	t.Helper()
	d, err := nhs.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// anna has everything a Person can have, but for a death and a removal.
func anna(t *testing.T) pdstest.Person {
	t.Helper()
	return pdstest.Person{
		Number: nhs.MustNumber("9990000018"), Family: "Capon", Given: []string{"Anna", "Mary Jane"}, Gender: pds.Female,
		Born: date(t, "1953-05-29"), Lines: []string{"1 High Street", "Leeds"}, Postcode: "LS1 6AE",
		Phone: "01632960587", Email: "Anna@example.com", GP: "A20047",
	}
}

func serve(t *testing.T, o pdstest.Options, people ...pdstest.Person) *pdstest.Server {
	t.Helper()
	s := pdstest.New(o)
	if err := s.Put(people...); err != nil {
		t.Fatal(err)
	}
	return s
}

// ask sends a request with the headers that PDS needs, changed by edit.
func ask(s http.Handler, method, target string, edit func(http.Header)) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, root+target, http.NoBody)
	req.Header.Set("Authorization", "Bearer abc")
	req.Header.Set("X-Request-ID", "60E0B220-8136-4CA5-AE46-1D97EF59D068")
	if edit != nil {
		edit(req.Header)
	}
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, req)
	return rec
}

func get(s http.Handler, target string) *httptest.ResponseRecorder {
	return ask(s, http.MethodGet, target, nil)
}

// issue is an OperationOutcome of one issue.
func issue(severity, code, spine, display, diagnostics string) string {
	if diagnostics != "" {
		diagnostics = `,"diagnostics":"` + diagnostics + `"`
	}
	return `{"resourceType":"OperationOutcome","issue":[{"severity":"` + severity + `","code":"` + code + `","details":{"coding":[{
		"system":"https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode","version":"1","code":"` + spine + `","display":"` + display + `"}]}` +
		diagnostics + `}]}`
}

func sameJSON(t *testing.T, want string, got []byte) {
	t.Helper()
	var w, g any
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(got, &g); err != nil {
		t.Fatalf("%v in %s", err, got)
	}
	if diff := cmp.Diff(w, g); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

func TestServer_refuses(t *testing.T) {
	t.Parallel()
	denied := func(diagnostics string) string {
		return issue("error", "forbidden", "ACCESS_DENIED", "Access Denied - Unauthorised", diagnostics)
	}
	method := func(verb string) string {
		return issue("error", "forbidden", "INVALID_METHOD", "Cannot "+verb+" resource with application-restricted access token",
			"Your app has insufficient permissions to use this method. Please contact support.")
	}
	set := func(name, value string) func(http.Header) { return func(h http.Header) { h.Set(name, value) } }
	unset := func(name string) func(http.Header) { return func(h http.Header) { h.Del(name) } }
	const spine, gateway = "application/fhir+json", "application/json"
	for name, test := range map[string]struct {
		method, target string
		edit           func(http.Header)
		status         int
		media, body    string
	}{
		"no authorisation":  {"GET", "/Patient/9990000018", unset("Authorization"), 401, gateway, denied("Missing Authorization header")},
		"empty":             {"GET", "/Patient/9990000018", set("Authorization", ""), 401, gateway, denied("Empty Authorization header")},
		"no token":          {"GET", "/Patient/9990000018", set("Authorization", "Bearer"), 401, gateway, denied("Missing access token")},
		"other scheme":      {"GET", "/Patient/9990000018", set("Authorization", "Basic abc"), 401, gateway, denied("Invalid token type 'Basic', must be 'Bearer'")},
		"wrong token":       {"GET", "/Patient/9990000018", set("Authorization", "Bearer bad"), 401, gateway, denied("Invalid Access Token")},
		"no request id":     {"GET", "/Patient/9990000018", unset("X-Request-ID"), 400, spine, issue("error", "required", "MISSING_VALUE", "Required value is missing", "Invalid request with error - X-Request-ID header must be supplied to access this resource")},
		"bad request id":    {"GET", "/Patient?family=x", set("X-Request-ID", "1234"), 400, spine, issue("error", "value", "INVALID_VALUE", "Provided value is invalid", "Invalid value - '1234' in header 'X-Request-ID'")},
		"wrong check digit": {"GET", "/Patient/9990000019", nil, 400, spine, issue("error", "value", "INVALID_RESOURCE_ID", "Resource Id is invalid", "")},
		"spaced number":     {"GET", "/Patient/999-000-0018", nil, 400, spine, issue("error", "value", "INVALID_RESOURCE_ID", "Resource Id is invalid", "")},
		"nobody":            {"GET", "/Patient/9990000026", nil, 404, spine, issue("information", "not-found", "RESOURCE_NOT_FOUND", "Resource not found", "")},
		"other path":        {"GET", "/HelloWorld", nil, 400, gateway, issue("error", "value", "UNSUPPORTED_REQUEST", "The request is not one that is supported.", "Unsupported path - '/HelloWorld'")},
		"deeper path":       {"GET", "/Patient/9990000018/Other", nil, 400, gateway, issue("error", "value", "UNSUPPORTED_REQUEST", "The request is not one that is supported.", "Unsupported path - '/Patient/9990000018/Other'")},
		"update":            {"PATCH", "/Patient/9990000018", nil, 403, gateway, method("update")},
		"create":            {"POST", "/Patient", nil, 403, gateway, method("create")},
		"put":               {"PUT", "/Patient/9990000018", nil, 400, spine, issue("error", "processing", "UNSUPPORTED_SERVICE", "Unsupported Service", "")},
		"no parameters":     {"GET", "/Patient", nil, 400, spine, issue("error", "processing", "UNSUPPORTED_SERVICE", "Unsupported Service", "")},
		"unknown parameter": {"GET", "/Patient?family=Capon&birthdate=eq1953-05-29&year=1953", nil, 400, spine, issue("error", "invariant", "ADDITIONAL_PROPERTIES", "Additional properties should not be included", "Invalid request with error - Additional properties are not allowed ('year' was unexpected)")},
		"two results":       {"GET", "/Patient?family=Capon&birthdate=eq1953-05-29&_max-results=2", nil, 403, gateway, issue("error", "token", "INVALID_VALUE", "Cannot retrieve more than one result with application-restricted access token", "Your app has insufficient permissions to perform this search. Please contact support.")},
		"bad date":          {"GET", "/Patient?family=Capon&birthdate=20101022", nil, 400, spine, issue("error", "value", "INVALID_VALUE", "Provided value is invalid", "Invalid value - '20101022' in field 'birthdate'")},
		"no such day":       {"GET", "/Patient?family=Capon&birthdate=2010-02-30", nil, 400, spine, issue("error", "value", "INVALID_VALUE", "Provided value is invalid", "Invalid value - '2010-02-30' in field 'birthdate'")},
		"bad death date":    {"GET", "/Patient?family=Capon&birthdate=2010-02-03&death-date=gt2010-02-03", nil, 400, spine, issue("error", "value", "INVALID_VALUE", "Provided value is invalid", "Invalid value - 'gt2010-02-03' in field 'death-date'")},
		"bad gender":        {"GET", "/Patient?family=Capon&birthdate=2010-02-03&gender=woman", nil, 400, spine, issue("error", "value", "INVALID_VALUE", "Provided value is invalid", "Invalid value - 'woman' in field 'gender'")},
		"no birth date":     {"GET", "/Patient?family=Capon", nil, 400, spine, issue("error", "required", "MISSING_VALUE", "Required value is missing", "Missing value - 'birth_date/birth_date_range_start/birth_date_range_end'")},
		"no family":         {"GET", "/Patient?birthdate=eq1953-05-29&email=a@example.com", nil, 400, spine, below("No searches were performed as the search criteria did not meet the minimum requirements")},
		"early wildcard":    {"GET", "/Patient?birthdate=eq1953-05-29&family=C*", nil, 400, spine, below("No searches were performed as the search criteria did not meet the minimum requirements")},
		"both postcodes":    {"GET", "/Patient?birthdate=eq1953-05-29&family=Capon&address-postcode=LS1&address-postalcode=LS1", nil, 400, spine, below("No searches were performed as the search criteria did not meet the minimum requirements")},
		"fuzzy, too little": {"GET", "/Patient?birthdate=eq1953-05-29&family=Capon&_fuzzy-match=true", nil, 400, spine, below("A fuzzy search was requested however the data given did not meet the fuzzy search criteria")},
		"fuzzy, wildcard":   {"GET", "/Patient?birthdate=eq1953-05-29&family=Cap*&given=Anna&_fuzzy-match=true", nil, 400, spine, below("A fuzzy search was requested however the data given did not meet the fuzzy search criteria")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, pdstest.Options{Authorize: func(r *http.Request) error {
				if r.Header.Get("Authorization") != "Bearer abc" {
					return errToken
				}
				return nil
			}}, anna(t))
			rec := ask(s, test.method, test.target, test.edit)
			if rec.Code != test.status || rec.Header().Get("Content-Type") != test.media {
				t.Errorf("got %d %s, want %d %s", rec.Code, rec.Header().Get("Content-Type"), test.status, test.media)
			}
			sameJSON(t, test.body, rec.Body.Bytes())
		})
	}
}

func below(why string) string {
	return issue("error", "value", "INVALID_SEARCH_DATA", "Search data is invalid", "Invalid search data provided - '"+why+"'")
}

func TestServer_getsWhatWasPut(t *testing.T) {
	t.Parallel()
	person := anna(t)
	person.Died, person.DeathStatus = date(t, "2020-03"), pds.DeathInformal
	person.Removed, person.RemovedOn = "SCT", date(t, "2019-01-02")
	s := serve(t, pdstest.Options{}, person)
	rec := get(s, "/Patient/9990000018")
	if rec.Code != 200 || rec.Header().Get("ETag") != `W/"1"` || rec.Header().Get("Content-Type") != "application/fhir+json" ||
		rec.Header().Get("X-Request-ID") != "60E0B220-8136-4CA5-AE46-1D97EF59D068" {
		t.Errorf("got %d with %v", rec.Code, rec.Header())
	}
	p := decode(t, rec.Body.Bytes())
	name, _ := p.UsualName()
	home, _ := p.HomeAddress()
	notice, _ := p.DeathNotification()
	removal, _ := p.RemovedFromRegistration()
	verification, _ := p.Identifiers[0].Verification()
	got := []any{
		p.Number.Reveal(), p.Version, name.Family, name.Given, p.Gender, p.BirthDate.String(), home.Lines, home.Postcode,
		p.Telecom[0].Value, p.Telecom[1].Value, p.GeneralPractice(), p.Restricted(), p.Deceased(), p.DeathTime, notice,
		removal.Reason.Display, removal.Period.Start, verification.Code,
	}
	want := []any{
		"9990000018", "1", "Capon",
		[]string{"Anna", "Mary Jane"},
		pds.Female, "1953-05-29",
		[]string{"1 High Street", "Leeds"},
		"LS1 6AE",
		"01632960587", "Anna@example.com", "A20047", false, true, pds.DateTime("2020-03"),
		pds.DeathNotification{Status: "1", Effective: "2020-03"},
		"Transferred to Scotland", pds.DateTime("2019-01-02T00:00:00+00:00"), "01",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("patient (-want +got):\n%s", diff)
	}

	person.Family = "Smith"
	if err := s.Put(person); err != nil {
		t.Fatal(err)
	}
	if rec := get(s, "/Patient/9990000018"); rec.Header().Get("ETag") != `W/"2"` || !strings.Contains(rec.Body.String(), "Smith") {
		t.Errorf("the second version is %v %s", rec.Header(), rec.Body)
	}
}

func decode(t *testing.T, data []byte) pds.Patient {
	t.Helper()
	var p pds.Patient
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// The published samples are served as they are, and found.
func TestServer_PutJSON(t *testing.T) {
	t.Parallel()
	for file, query := range map[string]string{
		"Patient":           "family=smith&birthdate=eq2010-10-22&address-postalcode=LS16AE&email=JANE.smith@example.com&phone=01632960587",
		"Sensitive_Patient": "family=Smythe&given=Jan%2A&birthdate=2010-10-22&death-date=le2010-10-22",
		"Minimal_Patient":   "",
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile("../../../shared/data/pds/" + file + ".json")
			if err != nil {
				t.Skip("the published samples are not here")
			}
			s := pdstest.New(pdstest.Options{})
			if err := s.PutJSON(data); err != nil {
				t.Fatal(err)
			}
			p := decode(t, data)
			rec := get(s, "/Patient/"+p.Number.Reveal())
			if rec.Header().Get("ETag") != `W/"2"` {
				t.Errorf("ETag %q", rec.Header().Get("ETag"))
			}
			sameJSON(t, string(data), rec.Body.Bytes())
			if query == "" {
				return
			}
			if found := search(t, s, query); len(found) != 1 || found[0].Superseded(p.Number) {
				t.Errorf("found %v", found)
			}
		})
	}
	if err := pdstest.New(pdstest.Options{}).PutJSON([]byte(`{"resourceType":"Patient"}`)); !errors.Is(err, nhs.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}

func TestServer_restricted(t *testing.T) {
	t.Parallel()
	person := anna(t)
	for _, security := range []pds.Confidentiality{pds.Restricted, pds.VeryRestricted, pds.Redacted} {
		person.Security = security
		s := serve(t, pdstest.Options{}, person)
		p := decode(t, get(s, "/Patient/9990000018").Body.Bytes())
		if !p.Restricted() || p.Addresses != nil || p.Telecom != nil || p.GeneralPractitioners != nil || len(p.Names) != 1 {
			t.Errorf("%s: whereabouts are not withheld", security)
		}
		const basis = "family=Capon&birthdate=1953-05-29"
		if n := len(search(t, s, basis)); n != 1 {
			t.Errorf("%s: found %d by name", security, n)
		}
		for _, more := range []string{"&address-postalcode=LS1+6AE", "&address-postcode=LS1+6AE", "&general-practitioner=A20047"} {
			if n := len(search(t, s, basis+more)); n != 0 {
				t.Errorf("%s: found %d with %s", security, n, more)
			}
		}
	}
	full := `{"resourceType":"Patient","id":"9990000018","meta":{"security":[{"code":"R"}]},"birthDate":"1953-05-29",
		"contact":[{}],"extension":[{"url":"x/Extension-UKCore-NominatedPharmacy"},{"url":"x/patient-birthPlace"},{"url":"x/other"}]}`
	s := pdstest.New(pdstest.Options{})
	if err := s.PutJSON([]byte(full)); err != nil {
		t.Fatal(err)
	}
	sameJSON(t, `{"resourceType":"Patient","id":"9990000018","meta":{"security":[{"code":"R"}]},"birthDate":"1953-05-29",
		"extension":[{"url":"x/other"}]}`, get(s, "/Patient/9990000018").Body.Bytes())
}

func TestServer_supersededAndInvalidated(t *testing.T) {
	t.Parallel()
	former, older := nhs.MustNumber("9990000026"), nhs.MustNumber("9990000034")
	twin := anna(t)
	twin.Number = former
	s := serve(t, pdstest.Options{}, anna(t), twin)
	if err := errors.Join(s.Supersede(former, anna(t).Number), s.Supersede(older, former)); err != nil {
		t.Fatal(err)
	}
	for _, asked := range []nhs.Number{former, older} {
		p := decode(t, get(s, "/Patient/"+asked.Reveal()).Body.Bytes())
		if !p.Superseded(asked) || p.Number != anna(t).Number {
			t.Errorf("asked for a former number, got %s", p.Number.Reveal())
		}
	}
	const query = "family=Capon&birthdate=1953-05-29"
	if n := len(search(t, s, query)); n != 1 {
		t.Errorf("found %d, want the survivor only", n)
	}
	if s.Supersede(anna(t).Number, older) == nil || s.Supersede(former, nhs.MustNumber("9990000042")) == nil {
		t.Error("a circle, or an unknown number, was accepted")
	}
	if err := s.Invalidate(anna(t).Number); err != nil || s.Invalidate(nhs.MustNumber("9990000042")) == nil {
		t.Errorf("invalidating: %v", err)
	}
	rec := get(s, "/Patient/9990000018")
	if rec.Code != http.StatusNotFound || !strings.Contains(rec.Body.String(), `"INVALIDATED_RESOURCE"`) {
		t.Errorf("got %d %s", rec.Code, rec.Body)
	}
	if n := len(search(t, s, query)); n != 0 {
		t.Errorf("found %d, want none", n)
	}
	if err := s.Put(pdstest.Person{}); err == nil {
		t.Error("a person without a number was accepted")
	}
}

// search returns the patients found, and fails the test on any refusal.
func search(t *testing.T, s http.Handler, query string) []pds.Patient {
	t.Helper()
	rec := get(s, "/Patient?"+query)
	var bundle struct {
		ResourceType string `json:"resourceType"`
		Total        int    `json:"total"`
		Entry        []struct {
			Resource pds.Patient `json:"resource"`
		} `json:"entry"`
	}
	if err := json.NewDecoder(bytes.NewReader(rec.Body.Bytes())).Decode(&bundle); err != nil || bundle.ResourceType != "Bundle" {
		t.Fatalf("got %d %s", rec.Code, rec.Body)
	}
	found := make([]pds.Patient, 0, 1)
	for _, e := range bundle.Entry {
		found = append(found, e.Resource)
	}
	if len(found) != bundle.Total {
		t.Errorf("total %d of %d", bundle.Total, len(found))
	}
	return found
}
