package conformance_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/nhstest"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// signIn makes a client of a user whose traffic with PDS is watched.
func signIn(t *testing.T, services *nhstest.NHS, c *contract, user pdstest.Token, opts ...pds.Option) *pds.Client {
	t.Helper()
	app, err := nhs.NewApp(services.Environment(), services.SignIn(user), c.options(t)...)
	if err != nil {
		t.Fatal(err)
	}
	client, err := pds.New(app, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

const (
	related = `{"resourceType":"RelatedPerson","id":"507B7621","patient":{"type":"Patient",
		"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000026"}},"active":true,
		"relationship":[{"coding":[{"system":"https://fhir.nhs.uk/R4/CodeSystem/UKCore-AdditionalRelatedPersonRole","code":"Guardian"}]}]}`
	aCover = `{"resourceType":"Coverage","status":"active",
		"subscriber":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}},
		"identifier":[{"value":"2940-1395","assigner":{"identifier":{"system":"urn:iso:std:iso:3166","value":"FRA"}}}],
		"payor":[{"identifier":{"value":"DE98765"}}],"beneficiary":{"identifier":{"value":"178705ABC"}},"period":{"end":"2030-12-31"}}`
)

// pdsUsers does what users may do: everything but search, and search for several.
func pdsUsers(t *testing.T, services *nhstest.NHS, c *contract) {
	t.Helper()
	for _, n := range []int{0, 1} { // the second is restricted
		if err := services.PDS.PutRelatedJSON(person(n), []byte(related)); err != nil {
			t.Fatal(err)
		}
	}
	worker := signIn(t, services, c, pdstest.Token{Access: nhs.HealthcareWorkerAccess}, pds.Session("555254240100"), pds.OnBehalfOf("A20047"))
	self := signIn(t, services, c, pdstest.Token{Access: nhs.PatientAccess, Patient: person(0)}, pds.OnBehalfOf("A20047"))

	found, err := worker.Search(t.Context(), pds.Query{Family: "Twin", Born: pds.On(date(t, "1953-05-29")), MaxResults: 50})
	if err != nil || len(found) != 2 {
		t.Errorf("twins: found %d, %v", len(found), err)
	}
	for n, wanted := range []int{1, 0} {
		if people, err := worker.RelatedPeople(t.Context(), person(n)); err != nil || len(people) != wanted {
			t.Errorf("related to person %d: %d, %v", n, len(people), err)
		}
	}
	_, err = worker.RelatedPeople(t.Context(), person(6))
	want(t, "related to nobody", err, pds.ErrInvalidated, http.StatusNotFound)

	pdsUpdates(t, worker, self)
	pdsCreations(t, worker)

	none, err := self.Coverage(t.Context(), person(0))
	if err != nil || none.Coverage != nil {
		t.Fatalf("coverage: %v", err)
	}
	card := pds.Coverage{Number: person(0), Card: "2940-1395", Country: "FRA", Institution: "DE98765", Personal: "178705ABC", Expires: date(t, "2030-12-31")}
	if _, err := self.SetCoverage(t.Context(), card, none.Version); err != nil {
		t.Errorf("set coverage: %v", err)
	}
	if set, err := self.Coverage(t.Context(), person(0)); err != nil || set.Coverage == nil {
		t.Errorf("coverage: %v", err)
	}
	_, err = self.SetCoverage(t.Context(), card, none.Version)
	want(t, "coverage, old version", err, nhs.ErrConflict, http.StatusConflict)
}

// pdsUpdates changes everything that can change.
func pdsUpdates(t *testing.T, worker, self *pds.Client) {
	t.Helper()
	get := func(c *pds.Client) *pds.Patient {
		t.Helper()
		p, err := c.Get(t.Context(), person(0))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	before := get(worker)
	edit := before.Edit()
	edit.SetGender(pds.Unknown)
	edit.SetBirthDate(date(t, "1953-05-30"))
	edit.SetMultipleBirth(1)
	edit.SetDeath("2026-01-01T12:00:00+00:00")
	edit.Name(pds.Usual).SetFamily("O'Capon").SetPrefix("Dr").SetSuffix("PhD")
	edit.AddName(pds.HumanName{Use: pds.Maiden, Family: "Jones", Period: pds.Period{Start: "1953-05-29", End: "1980-01-01"}})
	edit.Address(pds.Home).SetPostcode("LS1 6AF").SetKeys(pds.AddressKey{Type: "UPRN", Value: "123456789012"})
	edit.Address(pds.Temporary).SetLines(pds.AddressLines{Premises: "2", Town: "York"}).SetText("Second Home").
		SetPeriod(pds.Period{Start: "2026-01-01", End: "2026-02-01"})
	edit.Telecom(pds.Phone, pds.Mobile).SetValue("07700900001")
	edit.AddContact(pds.Contact{Telecom: []pds.ContactPoint{{System: pds.Phone, Value: "01632960588"}}})
	edit.SetGeneralPractice("A20048")
	edit.SetNominatedPharmacy("FWC88")
	edit.SetBirthPlace(pds.Place{City: "Leeds", Country: "GBR"})
	edit.SetCommunication(pds.Communication{Language: pds.Coding{Code: "cy"}, InterpreterRequired: true})
	edit.SetContactPreference(pds.ContactPreference{Method: pds.Coding{Code: "1"}, Times: "Not after 7pm"})
	if _, err := worker.Update(t.Context(), edit); err != nil {
		t.Errorf("update: %v", err)
	}
	_, err := worker.Update(t.Context(), edit)
	want(t, "old version", err, nhs.ErrConflict, http.StatusConflict)
	if conflict, ok := errors.AsType[*pds.ConflictError](err); !ok || conflict.Current == nil {
		t.Errorf("old version: %v", err)
	}

	edit = get(self).Edit()
	edit.Address(pds.Temporary).Remove()
	edit.Telecom(pds.Phone, pds.Mobile).Remove()
	edit.RemoveNominatedPharmacy()
	if _, err := self.Update(t.Context(), edit); err != nil {
		t.Errorf("update by the patient: %v", err)
	}
	edit = get(self).Edit()
	edit.SetGender(pds.Male)
	if _, err = self.Update(t.Context(), edit); !errors.Is(err, pds.ErrAccess) {
		t.Errorf("gender, by the patient: %v", err)
	}
	edit = get(worker).Edit()
	edit.Name(pds.Nickname).Set(pds.HumanName{Use: pds.Nickname, Family: "Nan", Period: pds.Period{Start: "2026-01-01"}})
	if _, err := worker.Update(t.Context(), edit); err != nil {
		t.Errorf("nickname: %v", err)
	}
}

// pdsCreations records somebody new, who then is known.
func pdsCreations(t *testing.T, worker *pds.Client) {
	t.Helper()
	somebody := pds.NewPatient{
		Name:   pds.HumanName{Family: "New", Given: []string{"Nora"}, Prefix: []string{"Ms"}, Period: pds.Period{Start: "2026-01-01"}},
		Gender: pds.Female, BirthDate: date(t, "1999-09-09"),
		Addresses: []pds.Address{{
			Use: pds.Home, Period: pds.Period{Start: "2026-01-01"}, Lines: []string{"", "1 High Street", "", "Leeds", ""}, Postcode: "LS1 6AE",
		}},
		Telecom:           []pds.ContactPoint{{System: pds.Email, Use: pds.Home, Value: "nora@example.com"}},
		Authority:         pds.RegisteringAuthority{Type: "x", Organisation: "RGS"},
		Communication:     pds.Communication{Language: pds.Coding{Code: "fr"}},
		ContactPreference: pds.ContactPreference{Method: pds.Coding{Code: "1"}},
	}
	p, err := worker.Create(t.Context(), somebody)
	if err != nil {
		t.Fatal(err)
	}
	_, err = worker.Create(t.Context(), somebody)
	if match, ok := errors.AsType[*pds.MatchError](err); !ok || match.Number != p.Number {
		t.Errorf("again: %v", err)
	}
	want(t, "again", err, pds.ErrSingleMatch, http.StatusOK)
	somebody.Name.Period.End = "2026-01-02"
	somebody.Allow = []string{"Name.Period"}
	_, err = worker.Create(t.Context(), somebody)
	want(t, "a usual name that ends", err, nhs.ErrInvalid, http.StatusBadRequest)
}

// pdsWritesFail makes every write, and reads what only users read, while something
// goes wrong.
func pdsWritesFail(t *testing.T, services *nhstest.NHS, c *contract, patient *pds.Patient) {
	t.Helper()
	worker := signIn(t, services, c, pdstest.Token{Access: nhs.HealthcareWorkerAccess})
	self := signIn(t, services, c, pdstest.Token{Access: nhs.PatientAccess, Patient: person(0)})
	edit := patient.Edit()
	edit.SetMultipleBirth(7)
	_, errUpdate := worker.Update(t.Context(), edit)
	_, errCreate := worker.Create(t.Context(), pds.NewPatient{
		Name: pds.HumanName{Family: "New"}, Gender: pds.Female, BirthDate: date(t, "1999-09-09"),
		Addresses: []pds.Address{{Use: pds.Home, Postcode: "ZZ99 3VZ"}}, Authority: pds.RegisteringAuthority{Type: "x", Organisation: "RGS"},
	})
	_, errRelated := worker.RelatedPeople(t.Context(), person(0))
	_, errCoverage := self.Coverage(t.Context(), person(0))
	_, errSet := self.SetCoverage(t.Context(), pds.Coverage{
		Number: person(0), Card: "1", Country: "FRA", Institution: "1", Personal: "1", Expires: date(t, "2030-12-31"),
	}, "1")
	for name, err := range map[string]error{
		"update": errUpdate, "create": errCreate, "related people": errRelated, "coverage": errCoverage, "set coverage": errSet,
	} {
		if _, ok := errors.AsType[*nhs.Error](err); !ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Requests that write, and requests of users, that are refused.
func TestPDS_strictUsers(t *testing.T) {
	t.Parallel()
	services := start(t, nhstest.Options{})
	if err := services.PDS.Put(population(t)...); err != nil {
		t.Fatal(err)
	}
	token := func(user pdstest.Token) func(string) string {
		return func(string) string {
			text, err := services.SignIn(user).Token(t.Context())
			if err != nil {
				t.Error(err)
			}
			return "Bearer " + text
		}
	}
	const (
		anna   = "/Patient/9990000018"
		cover  = "/Coverage?subscriber%3Aidentifier="
		update = `{"patches":[{"op":"replace","path":"/gender","value":"male"}]}`
		create = `{"resourceType":"Patient","name":[{"use":"usual","family":"New"}],"gender":"female","birthDate":"1999-09-09",
			"address":[{"use":"home","period":{"start":"2026-01-01"},"postalCode":"ZZ99 3VZ"}],"extension":[]}`
	)
	request := func(method, target, text string, status int, code, unsaid string, edit ...string) bad {
		b := bad{method: method, target: target, body: text, status: status, code: code, unsaid: unsaid, edit: map[string]string{}}
		if method == http.MethodPatch || target == "/Coverage" {
			b.edit["If-Match"] = `W/"1"`
		}
		if method == http.MethodPatch {
			b.edit["Content-Type"] = "application/json-patch+json"
		}
		if method == http.MethodGet {
			b.edit["Content-Type"] = "-"
		}
		for i := 0; i < len(edit); i += 2 {
			b.edit[edit[i]] = edit[i+1]
		}
		return b
	}
	patch := func(text string, status int, code, unsaid string, edit ...string) bad {
		return request(http.MethodPatch, anna, text, status, code, unsaid, edit...)
	}
	spoilt := func(text, from, to string) string {
		if !strings.Contains(text, from) {
			t.Errorf("%s does not occur", from)
		}
		return strings.Replace(text, from, to, 1)
	}
	post := func(from, to, code, unsaid string) bad {
		return request(http.MethodPost, "/Patient", spoilt(create, from, to), 400, code, unsaid)
	}
	set := func(from, to string, status int, code, unsaid string, edit ...string) bad {
		return request(http.MethodPost, "/Coverage", spoilt(aCover, from, to), status, code, unsaid, edit...)
	}
	header := map[string]string{"X-Request-ID": aUUID, "Accept": "application/fhir+json", "Content-Type": "application/json"}
	c := newContract(t, nhs.PDS, services.Environment())
	t.Run("worker", func(t *testing.T) {
		t.Parallel()
		refusals(t, c, token(pdstest.Token{Access: nhs.HealthcareWorkerAccess, Roles: []string{"1"}}), header, map[string]bad{
			"no version":              patch(update, 412, "PRECONDITION_FAILED", "", "If-Match", "-"),
			"no tag":                  patch(update, 412, "PRECONDITION_FAILED", "", "If-Match", "1"),
			"old version":             patch(update, 409, "RESOURCE_VERSION_MISMATCH", gatewayOnly, "If-Match", `W/"0"`),
			"another media type":      patch(update, 400, "UNSUPPORTED_SERVICE", "", "Content-Type", "application/json"),
			"another role":            patch(update, 400, "INVALID_VALUE", gatewayOnly, "Nhsd-Session-Urid", "2"),
			"a role in letters":       patch(update, 400, "INVALID_VALUE", "", "Nhsd-Session-Urid", "one"),
			"no patches":              patch(`{}`, 400, "INVALID_UPDATE", ""),
			"no patch":                patch(`{"patches":[]}`, 400, "INVALID_UPDATE", ""),
			"more than patches":       patch(spoilt(update, `{"patches"`, `{"x":1,"patches"`), 400, "ADDITIONAL_PROPERTIES", ""),
			"a bare list":             patch(`[]`, 400, "VALIDATION_ERROR", ""),
			"no pointer":              patch(spoilt(update, "/gender", "gender"), 400, "INVALID_VALUE", ""),
			"no path":                 patch(spoilt(update, `"path":"/gender",`, ``), 400, "MISSING_VALUE", ""),
			"no operation":            patch(spoilt(update, `"op":"replace",`, ``), 400, "MISSING_VALUE", ""),
			"unknown operation":       patch(spoilt(update, "replace", "move"), 400, "INVALID_VALUE", "the document leaves every enumeration open"),
			"removal without a test":  patch(`{"patches":[{"op":"remove","path":"/name/0"}]}`, 400, "INVALID_UPDATE", gatewayOnly),
			"gender removed":          patch(`{"patches":[{"op":"remove","path":"/gender"}]}`, 403, "FORBIDDEN_UPDATE", gatewayOnly),
			"two names":               post(`"name":[`, `"name":[{},`, "TOO_MANY_VALUES_SUBMITTED", ""),
			"no name":                 post(`{"use":"usual","family":"New"}`, ``, "TOO_FEW_VALUES_SUBMITTED", ""),
			"no birth date":           post(`"birthDate":"1999-09-09",`, ``, "MISSING_VALUE", ""),
			"no gender":               post(`"gender":"female",`, ``, "MISSING_VALUE", ""),
			"no extension":            post(`,"extension":[]`, ``, "MISSING_VALUE", ""),
			"no authority":            post(`"resourceType"`, `"resourceType"`, "MISSING_VALUE", gatewayOnly),
			"a number of one's own":   post(`"resourceType"`, `"id":"9990000018","resourceType"`, "ADDITIONAL_PROPERTIES", ""),
			"given is no list":        post(`"family"`, `"given":"Nora","family"`, "INVALID_VALUE", ""),
			"another gender":          post("female", "other", "INVALID_VALUE", "the document leaves every enumeration open"),
			"create, media type":      request(http.MethodPost, "/Patient", create, 400, "UNSUPPORTED_SERVICE", "", "Content-Type", "text/plain"),
			"51 results":              request(http.MethodGet, "/Patient?family=Twin&birthdate=1953-05-29&_max-results=51", "", 400, "INVALID_VALUE", ""),
			"related to nobody":       request(http.MethodGet, "/Patient/9990000107/RelatedPerson", "", 404, "RESOURCE_NOT_FOUND", gatewayOnly),
			"coverage":                request(http.MethodGet, cover+"9990000018", "", 403, "ACCESS_DENIED", gatewayOnly),
			"set coverage":            request(http.MethodPost, "/Coverage", aCover, 403, "ACCESS_DENIED", gatewayOnly),
			"path beyond the related": request(http.MethodGet, anna+"/RelatedPerson/507B7621", "", 400, "UNSUPPORTED_REQUEST", ""),
		})
	})
	t.Run("patient", func(t *testing.T) {
		t.Parallel()
		refusals(t, c, token(pdstest.Token{Access: nhs.PatientAccess, Patient: person(0)}), header, map[string]bad{
			"another's record":      request(http.MethodGet, "/Patient/9990000026", "", 403, "ACCESS_DENIED", gatewayOnly),
			"another's people":      request(http.MethodGet, "/Patient/9990000026/RelatedPerson", "", 403, "ACCESS_DENIED", gatewayOnly),
			"another's coverage":    request(http.MethodGet, cover+"9990000026", "", 403, "ACCESS_DENIED", gatewayOnly),
			"whose coverage":        request(http.MethodGet, "/Coverage", "", 400, "INVALID_SEARCH_DATA", ""),
			"coverage of a year":    request(http.MethodGet, cover+"9990000018&year=2003", "", 400, "INVALID_SEARCH_DATA", ""),
			"a plain colon":         request(http.MethodGet, "/Coverage?subscriber:identifier=9990000018", "", 400, "INVALID_SEARCH_DATA", "OpenAPI knows no difference"),
			"search":                request(http.MethodGet, "/Patient?family=Twin&birthdate=1953-05-29", "", 403, "ACCESS_DENIED", gatewayOnly),
			"create":                request(http.MethodPost, "/Patient", create, 403, "INVALID_METHOD", gatewayOnly),
			"gender":                patch(update, 400, "INVALID_UPDATE", gatewayOnly),
			"cover: no version":     set("active", "active", 412, "PRECONDITION_FAILED", "", "If-Match", "-"),
			"cover: no tag":         set("active", "active", 412, "PRECONDITION_FAILED", "", "If-Match", "W/1"),
			"cover: old version":    set("active", "active", 409, "RESOURCE_VERSION_MISMATCH", gatewayOnly, "If-Match", `W/"0"`),
			"cover: media type":     set("active", "active", 400, "UNSUPPORTED_SERVICE", "", "Content-Type", "text/plain"),
			"cover: no status":      set(`"status":"active",`, ``, 400, "MISSING_VALUE", ""),
			"cover: no card":        set(`"value":"2940-1395",`, ``, 400, "MISSING_VALUE", ""),
			"cover: no institution": set(`"payor"`, `"payer"`, 400, "MISSING_VALUE", ""),
			"cover: inactive":       set("active", "draft", 400, "INVALID_VALUE", "the document leaves every enumeration open"),
			"cover: another's":      set("9990000018", "9990000026", 403, "ACCESS_DENIED", gatewayOnly),
			"cover: no number":      set("9990000018", "9990000019", 400, "INVALID_RESOURCE_ID", gatewayOnly),
		})
	})
}
