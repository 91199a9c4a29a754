package pdstest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// newborn is a request to record anna, changed by replacing old by new in pairs.
func newborn(oldnew ...string) string {
	return strings.NewReplacer(oldnew...).Replace(`{"resourceType":"Patient",
		"name":[{"use":"usual","family":"Capon","given":["Anna"],"prefix":["mr."],"suffix":[""],"period":{"start":"2020-01-01"}}],
		"gender":"female","birthDate":"1953-05-29",
		"address":[{"use":"home","period":{"start":"2020-01-01"},"line":["","1 High Street","","Leeds",""],"postalCode":"LS1 6AE"}],
		"telecom":[{"system":"email","use":"home","value":"anna@example.com"}],
		"extension":[` + ext("RegisteringAuthority", `"extension":[`+part("registeringAuthorityType", code("x"))+`,`+part("organisationIdentifier", `"valueString":"RGS"`)+`]`) + `,
			` + ext("NHSCommunication", `"extension":[`+part("language", code("fr"))+`]`) + `,` + ext("BirthSex", `"valueString":"x"`) + `]}`)
}

func create(s http.Handler, body string) (status int, text string) {
	rec := send(s, http.MethodPost, "/Patient", body, nil)
	return rec.Code, rec.Body.String()
}

func TestServer_create(t *testing.T) {
	t.Parallel()
	taken := anna(t)
	taken.Number, taken.Family = nhs.MustNumber("9990000018"), "Taken"
	s := serve(t, pdstest.Options{Token: worker()}, taken)
	rec := send(s, http.MethodPost, "/Patient", newborn(), nil)
	if rec.Code != 201 || rec.Header().Get("ETag") != `W/"1"` {
		t.Fatalf("got %d %v %s", rec.Code, rec.Header(), rec.Body)
	}
	sameJSON(t, `{"resourceType":"Patient","id":"9990000026",
		"identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000026","extension":[{
			"url":"`+ukCore+`NHSNumberVerificationStatus","valueCodeableConcept":{"coding":[{
			"system":"https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatus","version":"1.0.0","code":"01","display":"Number present and verified"}]}}]}],
		"meta":{"versionId":"1","security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"U","display":"unrestricted"}]},
		"name":[{"id":"00000001","use":"usual","family":"Capon","given":["Anna"],"prefix":["Mr"],"period":{"start":"2020-01-01"}}],
		"gender":"female","birthDate":"1953-05-29",
		"address":[{"id":"00000002","use":"home","period":{"start":"2020-01-01"},"line":["1 High Street","Leeds"],"postalCode":"LS1 6AE"}],
		"telecom":[{"id":"00000003","system":"email","use":"home","value":"anna@example.com","period":{"start":"2026-01-05"}}],
		"extension":[`+ext("NHSCommunication", `"extension":[`+part("language", code("fr"))+`]`)+`]}`, rec.Body.Bytes())
	sameJSON(t, rec.Body.String(), get(s, "/Patient/9990000026").Body.Bytes())
	if n := len(search(t, s, "family=Capon&birthdate=1953-05-29&email=anna@example.com")); n != 1 {
		t.Errorf("found %d", n)
	}
}

// A person whom PDS may know is not recorded. Repeating a creation shows that.
func TestServer_create_matches(t *testing.T) {
	t.Parallel()
	s := pdstest.New(pdstest.Options{Token: worker()})
	if status, text := create(s, newborn()); status != 201 {
		t.Fatalf("got %d %s", status, text)
	}
	for _, same := range []string{newborn(), newborn("Capon", "CAPON", "Anna", "anna", "LS1 6AE", "ls16ae", "Leeds", "York")} {
		rec := send(s, http.MethodPost, "/Patient", same, nil)
		sameJSON(t, issue("error", "value", "SINGLE_MATCH", "Single match found",
			"Unable to create new patient. NHS number 9990000018 found for supplied demographic data."), rec.Body.Bytes())
		if rec.Code != 200 || rec.Header().Get("ETag") != "" || rec.Header().Get("Content-Type") != "application/fhir+json" {
			t.Errorf("got %d %v", rec.Code, rec.Header())
		}
	}
	for name, other := range map[string]string{
		"family": newborn("Capon", "Capone"), "given": newborn("Anna", "Beth"), "birth date": newborn("1953-05-29", "1953-05-28"),
		"gender": newborn("female", "male"), "postcode": newborn("6AE", "6AF"),
	} {
		if status, text := create(s, other); status != 201 {
			t.Errorf("another %s: got %d %s", name, status, text)
		}
	}
	twin := anna(t)
	twin.Number = nhs.MustNumber("9990009007")
	if err := s.Put(twin); err != nil {
		t.Fatal(err)
	}
	rec := send(s, http.MethodPost, "/Patient", newborn(), nil)
	refused(t, rec, 200, "MULTIPLE_MATCHES", "Unable to create new patient. Multiple matches found for supplied demographic data.")
	if err := s.Invalidate(twin.Number); err != nil {
		t.Fatal(err)
	}
	if err := s.Supersede(nhs.MustNumber("9990000018"), nhs.MustNumber("9990000026")); err != nil {
		t.Fatal(err)
	}
	status, text := create(s, newborn())
	var patient pds.Patient
	if err := json.Unmarshal([]byte(text), &patient); err != nil || status != 201 ||
		patient.Number == twin.Number || patient.Number == anna(t).Number {
		t.Errorf("got %d %s", status, text)
	}
}

func TestServer_create_refuses(t *testing.T) {
	t.Parallel()
	const create = "Invalid patient create data provided - "
	for name, tt := range map[string]struct{ body, code, diagnostics string }{
		"nothing known": {`{"bananas":"in pyjamas"}`, "MISSING_VALUE", "Missing value - 'name'"},
		"name only":     {`{"name":{"family":"Smith"}}`, "MISSING_VALUE", "Missing value - 'address'"},
		"no gender":     {`{"name":{"family":"Smith"},"address":[{"line":["1"]}]}`, "MISSING_VALUE", "Missing value - 'gender'"},
		"no birth date": {`{"name":{"family":"Smith"},"address":[{"line":["1"]}],"gender":"male"}`, "MISSING_VALUE", "Missing value - 'birthDate'"},
		"no period":     {`{"name":[{"family":"X","given":["No-Extensions"],"period":{"start":"2024-01-12"}}],"address":[{"line":["1"]}],"gender":"male","birthDate":"2023-12-12"}`, "MISSING_VALUE", "Missing value - 'address/0/period'"},
		"no extension": {strings.Split(newborn(), `,
		"extension"`)[0] + "}", "MISSING_VALUE", "Missing value - 'extension'"},
		"no authority":             {newborn("RegisteringAuthority", "ResidentialStatus"), "MISSING_VALUE", "Missing value - 'extension/registeringAuthority'"},
		"authority: no type":       {newborn("registeringAuthorityType", "kind"), "MISSING_VALUE", "Missing value - 'extension/0/registeringAuthorityType'"},
		"authority: y":             {newborn(code("x"), code("y")), "INVALID_VALUE", "Invalid value - 'y' in field 'extension/0/registeringAuthorityType'"},
		"authority: no one":        {newborn("organisationIdentifier", "who"), "MISSING_VALUE", "Missing value - 'extension/0/organisationIdentifier'"},
		"authority: short":         {newborn("RGS", "R"), "INVALID_VALUE", "Invalid value - 'R' in field 'extension/0/organisationIdentifier'"},
		"unknown extension":        {newborn("BirthSex", "StarSign"), "INVALID_VALUE", "Invalid value - '" + ukCore + "StarSign' in field 'extension/2/url'"},
		"English":                  {newborn(code("fr"), code("en")), "INVALID_VALUE", "Invalid value - 'en' in field 'extension/1/extension/0/valueCodeableConcept/coding/0/code'"},
		"an id":                    {newborn(`"resourceType"`, `"id":"9990000018","resourceType"`), "ADDITIONAL_PROPERTIES", "Invalid request with error - Additional properties are not allowed ('id' was unexpected)"},
		"given no list":            {newborn(`["Anna"]`, `"not an array"`), "INVALID_VALUE", "Invalid value - 'not an array' in field 'name/0/given'"},
		"address a list":           {newborn(`"address":[{"use":"home","period":{"start":"2020-01-01"},"line":["","1 High Street","","Leeds",""],"postalCode":"LS1 6AE"}]`, `"address":[["another","array"]]`), "INVALID_VALUE", "Invalid value - '['another', 'array']' in field 'address/0'"},
		"gender other":             {newborn("female", "other"), "INVALID_VALUE", "Invalid value - 'other' in field 'gender'"},
		"no date":                  {newborn("1953-05-29", "not-a-date"), "INVALID_VALUE", "Invalid value - 'not-a-date' in field 'birthDate'"},
		"born tomorrow":            {newborn("1953-05-29", "2026-01-06"), "INVALID_CREATE", create + "'birthDate cannot be in the future'"},
		"backtick":                 {newborn("Anna", "O`Brien"), "INVALID_VALUE", "Invalid value - 'O`Brien' in field 'name/0/given/0'"},
		"six given":                {newborn(`["Anna"]`, `["One","Two","Three","Four","Five","six"]`), "TOO_MANY_VALUES_SUBMITTED", "Too many values submitted - ['One', 'Two', 'Three', 'Four', 'Five', 'six'] in field 'name/0/given'"},
		"no name":                  {newborn(`[{"use":"usual","family":"Capon","given":["Anna"],"prefix":["mr."],"suffix":[""],"period":{"start":"2020-01-01"}}]`, `[]`), "TOO_FEW_VALUES_SUBMITTED", "Too few values submitted - [] in field 'name'"},
		"two names":                {newborn(`"name":[`, `"name":[{},`), "TOO_MANY_VALUES_SUBMITTED", "Too many values submitted - [{}, {'family': 'Capon', 'given': ['Anna'], 'period': {'start': '2020-01-01'}, 'prefix': ['mr.'], 'suffix': [''], 'use': 'usual'}] in field 'name'"},
		"one line":                 {newborn(`["","1 High Street","","Leeds",""]`, `["1 High Street"]`), "INVALID_CREATE", create + "'address lines 1 and 4 or 2 and 4 must be completed as a minimum'"},
		"lines in the wrong place": {newborn(`["","1 High Street","","Leeds",""]`, `["1 High Street","Leeds"]`), "INVALID_CREATE", create + "'address lines 1 and 4 or 2 and 4 must be completed as a minimum'"},
		"town and locality":        {newborn(`["","1 High Street","","Leeds",""]`, `["","","Headingley","Leeds"]`), "INVALID_CREATE", create + "'address lines 1 and 4 or 2 and 4 must be completed as a minimum'"},
		"two homes":                {newborn(`"address":[`, `"address":[{"use":"home","period":{"start":"2020-01-01"},"postalCode":"ZZ99 3VZ"},`), "INVALID_CREATE", create + "'multiple home addresses cannot be added'"},
		"half a key":               {newborn(`"postalCode":"LS1 6AE"`, `"extension":[{"url":"`+ukCore+`AddressKey"}]`), "MISSING_VALUE", "Missing value - 'address/0/extension/0/extension'"},
		"email":                    {newborn("anna@example.com", "testemail"), "INVALID_CREATE", create + "'email format is invalid'"},
		"usual name with an end":   {newborn(`"suffix":[""],"period":{"start":"2020-01-01"}`, `"suffix":[""],"period":{"start":"2020-01-01","end":"2024-01-01"}`), "INVALID_CREATE", create + "'An end date can not be provided on usual name'"},
		"a list":                   {`[]`, "VALIDATION_ERROR", ""},
		"no JSON":                  {`{`, "VALIDATION_ERROR", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := pdstest.New(pdstest.Options{Token: worker()})
			refused(t, send(s, http.MethodPost, "/Patient", tt.body, nil), 400, tt.code, tt.diagnostics)
			if rec := get(s, "/Patient/9990000018"); rec.Code != 404 {
				t.Errorf("somebody has been recorded: %s", rec.Body)
			}
		})
	}
	s := pdstest.New(pdstest.Options{Token: worker()})
	rec := send(s, http.MethodPost, "/Patient", newborn(), func(h http.Header) { h.Set("Content-Type", "application/fhir+json") })
	refused(t, rec, 400, "UNSUPPORTED_SERVICE", "")
	for name, body := range map[string]string{
		"no fixed abode": newborn(`["","1 High Street","","Leeds",""]`, `[]`, "LS1 6AE", "ZZ99 3VZ"),
		"house and town": newborn(`["","1 High Street","","Leeds",""]`, `["The Old Schoolhouse","","","Leeds"]`, "Anna", "Beth"),
	} {
		if rec := send(s, http.MethodPost, "/Patient", body, nil); rec.Code != 201 {
			t.Errorf("%s: got %d %s", name, rec.Code, rec.Body)
		}
	}
}
