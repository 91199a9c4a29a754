package pds_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// The request that goes out, to the letter.
func TestClient_Update_sends(t *testing.T) {
	t.Parallel()
	b := setup(t, play(versioned(8, "male")), quick())
	edit := parse(t, full).Edit()
	edit.SetGender(pds.Male)
	edit.Address(pds.Home).SetPostcode("LS1 6AE")
	edit.RemoveNominatedPharmacy()
	p, err := b.client.Update(t.Context(), edit)
	if err != nil || p.Version != "8" {
		t.Fatal(p, err)
	}
	req := b.requests()[0]
	got := []string{
		req.Method, req.URL.String(), req.Header.Get("If-Match"), req.Header.Get("Content-Type"), req.Header.Get("Accept"), body(t, req),
	}
	want := []string{
		http.MethodPatch, target, `W/"7"`, "application/json-patch+json", "application/fhir+json",
		`{"patches":[{"op":"replace","path":"/gender","value":"male"},` +
			`{"op":"test","path":"/address/1/id","value":"a2"},{"op":"replace","path":"/address/1/postalCode","value":"LS1 6AE"},` +
			`{"op":"test","path":"/extension/1/url","value":"https://fhir.nhs.uk/R4/StructureDefinition/Extension-UKCore-NominatedPharmacy"},` +
			`{"op":"remove","path":"/extension/1"}]}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	silent(t, b.log.String())
}

// body returns what a request sent.
func body(t *testing.T, req *http.Request) string {
	t.Helper()
	r, err := req.GetBody()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestClient_Update_refuses(t *testing.T) {
	t.Parallel()
	now := func() time.Time { return time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC) }
	for name, test := range map[string]struct {
		edit func(*pds.Edit)
		want string
	}{
		"nothing":           {func(*pds.Edit) {}, "edit must change something"},
		"the same":          {func(e *pds.Edit) { e.SetGender(pds.Female) }, "edit must change something"},
		"born tomorrow":     {func(e *pds.Edit) { e.SetBirthDate(day("2026-01-06")) }, "BirthDate must not be in the future"},
		"died tomorrow":     {func(e *pds.Edit) { e.SetDeath("2026-01-06T00:00:00+00:00") }, "DeathTime must not be in the future"},
		"moves in tomorrow": {func(e *pds.Edit) { e.Address(pds.Home).SetPeriod(pds.Period{Start: "2026-01-06"}) }, "Address.Period must not start in the future"},
		"named tomorrow":    {func(e *pds.Edit) { e.Name(pds.Usual).SetPeriod(pds.Period{Start: "2026-01-06"}) }, "Name.Period must not start in the future"},
		"two rules":         {func(e *pds.Edit) { e.SetGender("x"); e.Name(pds.Usual).SetFamily("`") }, "Gender must be male, female or unknown\nName.Family has a character that PDS does not take in names"},
		"a rule twice":      {func(e *pds.Edit) { e.Name(pds.Usual).SetGiven("`", "`") }, "Name.Given has a character that PDS does not take in names"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, play(versioned(8, "male")), quick(), nhs.WithClock(now))
			edit := parse(t, full).Edit()
			test.edit(edit)
			_, err := b.client.Update(t.Context(), edit)
			if _, ok := errors.AsType[*nhs.ArgumentError](err); !ok || err.Error() != "pds.Update: "+test.want || len(b.requests()) != 0 {
				t.Errorf("got %v after %d requests, want %s", err, len(b.requests()), test.want)
			}
		})
	}
	t.Run("no edit", func(t *testing.T) {
		t.Parallel()
		b := setup(t, play(versioned(8, "male")), quick())
		if _, err := b.client.Update(t.Context(), nil); !errors.Is(err, nhs.ErrInvalid) || len(b.requests()) != 0 {
			t.Errorf("got %v", err)
		}
	})
	t.Run("today", func(t *testing.T) {
		t.Parallel()
		b := setup(t, play(versioned(8, "male")), quick(), nhs.WithClock(now))
		edit := parse(t, full).Edit()
		edit.SetBirthDate(day("2026-01-05"))
		if _, err := b.client.Update(t.Context(), edit); err != nil {
			t.Error(err)
		}
	})
}

// A search leaves out much of a record, so that what it found cannot be edited.
func TestClient_Update_refusesMatches(t *testing.T) {
	t.Parallel()
	b := setup(t, play(fhir(http.StatusOK, `{"resourceType":"Bundle","type":"searchset","total":1,"entry":[{"resource":`+full+`}]}`)), quick())
	found, err := b.client.Search(t.Context(), pds.Query{Family: "Capon", Born: pds.On(day("1953-05-29"))})
	if err != nil {
		t.Fatal(err)
	}
	edit := found[0].Patient.Edit()
	edit.SetGender(pds.Male)
	_, err = b.client.Update(t.Context(), edit)
	if err == nil || err.Error() != "pds.Update: Patient comes from a search, which leaves out much: get it first" || len(b.requests()) != 1 {
		t.Errorf("got %v", err)
	}
}

// A success may hold something else than a patient.
func TestClient_Update_otherAnswers(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, `{}`, `{"resourceType":"Bundle"}`, `{"resourceType":"Patient","id":"1"}`, `[`,
		`{"resourceType":"OperationOutcome","issue":[{"code":"x","diagnostics":"about ` + secret + `"}]}`,
	} {
		b := setup(t, play(fhir(http.StatusOK, text)), quick(), nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: 1}))
		edit := parse(t, full).Edit()
		edit.SetGender(pds.Male)
		if _, err := b.client.Update(t.Context(), edit); !errors.Is(err, nhs.ErrUnexpected) {
			t.Errorf("%q: got %v", text, err)
		} else {
			silent(t, err.Error())
		}
	}
}

// Every code that an update can meet, as an error.
func TestClient_Update_errors(t *testing.T) {
	t.Parallel()
	for code, test := range map[string]struct {
		status int
		want   error
	}{
		"UNSUPPORTED_SERVICE": {400, nhs.ErrInvalid}, "MISSING_VALUE": {400, nhs.ErrInvalid}, "INVALID_VALUE": {400, nhs.ErrInvalid},
		"INVALID_UPDATE": {400, nhs.ErrInvalid}, "INVALID_RESOURCE_ID": {400, nhs.ErrInvalid}, "VALIDATION_ERROR": {400, nhs.ErrInvalid},
		"UNSUPPORTED_CHARACTERS_IN_FIELD": {400, nhs.ErrInvalid}, "ADDITIONAL_PROPERTIES": {400, nhs.ErrInvalid},
		"UNSUPPORTED_VALUE": {400, nhs.ErrInvalid}, "TOO_FEW_VALUES_SUBMITTED": {400, nhs.ErrInvalid}, "TOO_MANY_VALUES_SUBMITTED": {400, nhs.ErrInvalid},
		"FORBIDDEN_UPDATE": {403, nhs.ErrForbidden}, "ACCESS_DENIED": {403, nhs.ErrForbidden}, "INVALID_METHOD": {403, nhs.ErrForbidden},
		"RESOURCE_NOT_FOUND": {404, nhs.ErrNotFound}, "INVALIDATED_RESOURCE": {404, pds.ErrInvalidated},
		"RESOURCE_VERSION_MISMATCH": {409, nhs.ErrConflict}, "PRECONDITION_FAILED": {412, nhs.ErrConflict},
		"TOO_MANY_REQUESTS": {429, nhs.ErrRateLimited}, "UNABLE_TO_CALL_SERVICE": {408, nhs.ErrUnavailable}, "SERVICE_UNAVAILABLE": {503, nhs.ErrUnavailable},
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			b := setup(t, play(coded(test.status, code, "about "+secret)), quick(), nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: 1}))
			edit := parse(t, full).Edit()
			edit.SetGender(pds.Male)
			_, err := b.client.Update(t.Context(), edit)
			e, ok := errors.AsType[*nhs.Error](err)
			if !ok || !errors.Is(err, test.want) || e.Op != "pds.Update" || e.StatusCode != test.status || e.Code != code {
				t.Fatalf("got %v, want %v", err, test.want)
			}
			silent(t, err.Error())
			silent(t, b.log.String())
		})
	}
}

// serve runs the strict fake with records, for those who have the token, and
// returns it with a client.
func serve(t *testing.T, token pdstest.Token, records ...string) (*pdstest.Server, *pds.Client) {
	t.Helper()
	now := func() time.Time { return time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC) }
	fake := pdstest.New(pdstest.Options{Token: pdstest.Always(token), Now: now})
	for _, record := range records {
		if err := fake.PutJSON([]byte(record)); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	app, err := nhs.NewApp(nhs.Loopback(server.URL), as(token.Access), quick(), nhs.WithClock(now))
	if err != nil {
		t.Fatal(err)
	}
	patients, err := pds.New(app)
	if err != nil {
		t.Fatal(err)
	}
	return fake, patients
}

// editable is a record as PDS would hold it, with an item of every kind.
const editable = `{"resourceType":"Patient","id":"9990000018","meta":{"versionId":"7","security":[{"code":"U"}]},
		"name":[{"id":"n1","use":"usual","given":["Anna"],"family":"Capon","period":{"start":"1990-01-01"}},{"id":"n2","use":"nickname","given":["Annie"],"family":"Capon","period":{"start":"1990-01-01"}},
			{"id":"n3","use":"old","given":["Anna"],"family":"Smith","period":{"start":"1980-01-01","end":"1990-01-01"}}],
		"gender":"female","birthDate":"1953-05-29",
		"address":[{"id":"a2","use":"home","line":["1 High Street","Leeds"],"postalCode":"LS1 1AA","period":{"start":"2000-01-01"}},
			{"id":"a3","use":"work","line":["Mill","Leeds"],"period":{"start":"2000-01-01"}}],
		"telecom":[{"id":"t1","system":"phone","use":"home","value":"01632960001","period":{"start":"2000-01-01"}},{"id":"t2","system":"email","use":"home","value":"anna@example.com","period":{"start":"2000-01-01"}}],
		"contact":[{"id":"c1","relationship":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0131","code":"C","display":"Emergency Contact"}]}],"telecom":[{"system":"phone","value":"01632960002"}],"period":{"start":"2000-01-01"}}],
		"generalPractitioner":[{"id":"g1","type":"Organization","identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"A20047","period":{"start":"2020-01-01"}}}],
		"extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NominatedPharmacy","valueReference":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"FA123"}}},
			{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSCommunication","extension":[{"url":"language","valueCodeableConcept":{"coding":[{"system":"https://fhir.hl7.org.uk/CodeSystem/UKCore-HumanLanguage","version":"1.0.0","code":"fr","display":"French"}]}},{"url":"interpreterRequired","valueBoolean":true}]}]}`

// A patient changes some of their own record. The rest is refused before it is
// sent, so that the fake refuses nothing.
func TestClient_Update_byPatients(t *testing.T) {
	t.Parallel()
	number := nhs.MustNumber(secret)
	for name, test := range map[string]struct {
		wish    func(*pds.Edit)
		refused string
	}{
		"postcode": {func(e *pds.Edit) { e.Address(pds.Home).SetPostcode("LS1 6AE") }, ""},
		"mobile":   {func(e *pds.Edit) { e.Telecom(pds.Phone, pds.Mobile).SetValue("07700900123") }, ""},
		"email":    {func(e *pds.Edit) { e.Telecom(pds.Email, pds.Home).SetValue("a@example.com") }, ""},
		"contact": {func(e *pds.Edit) {
			e.Contact("c1").SetTelecom(pds.ContactPoint{System: pds.Phone, Value: "01632960009"})
		}, ""},
		"pharmacy":   {func(e *pds.Edit) { e.SetNominatedPharmacy("FX999") }, ""},
		"language":   {func(e *pds.Edit) { e.SetCommunication(pds.Communication{Language: pds.Coding{Code: "cy"}}) }, ""},
		"birthplace": {func(e *pds.Edit) { e.SetBirthPlace(pds.Place{City: "Leeds"}) }, ""},
		"name":       {func(e *pds.Edit) { e.Name(pds.Usual).SetFamily("Lee") }, "name"},
		"gender":     {func(e *pds.Edit) { e.SetGender(pds.Male) }, "gender"},
		"practice":   {func(e *pds.Edit) { e.SetGeneralPractice("B81001") }, "generalPractitioner"},
		"pharmacies": {func(e *pds.Edit) {
			e.RemoveNominatedPharmacy()
			e.SetPreferredDispenser("D1234")
			e.SetMedicalApplianceSupplier("S1234")
		}, ""},
		"no email":       {func(e *pds.Edit) { e.Telecom(pds.Email, pds.Home).Remove() }, ""},
		"home phone":     {func(e *pds.Edit) { e.Telecom(pds.Phone, pds.Home).SetValue("01632960009") }, "telecom other than mobile and email"},
		"new work phone": {func(e *pds.Edit) { e.Telecom(pds.Phone, pds.Work).SetValue("01632960009") }, "telecom other than mobile and email"},
		"no home phone":  {func(e *pds.Edit) { e.Telecom(pds.Phone, pds.Home).Remove() }, "telecom other than mobile and email"},
		"preference": {func(e *pds.Edit) {
			e.SetContactPreference(pds.ContactPreference{Method: pds.Coding{Code: "1"}})
		}, "Extension-UKCore-ContactPreference"},
		"death": {func(e *pds.Edit) { e.SetDeath("2026-01-02") }, "deceasedDateTime"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake, patients := serve(t, pdstest.Token{Access: nhs.PatientAccess, Patient: number}, editable)
			p, err := patients.Get(t.Context(), number)
			if err != nil {
				t.Fatal(err)
			}
			edit := p.Edit()
			test.wish(edit)
			_, err = patients.Update(t.Context(), edit)
			if (test.refused != "") != errors.Is(err, pds.ErrAccess) {
				t.Errorf("got %v", err)
			}
			if want := "pds.Update of " + test.refused + ": "; test.refused != "" && (!strings.HasPrefix(err.Error(), want) || fake.Requests() != 1) {
				t.Errorf("got %v after %d requests, want %s", err, fake.Requests(), want)
			}
			if test.refused == "" && err != nil {
				t.Error(err)
			}
		})
	}
}

// The strict fake takes what the builder makes, and the new record is as wanted.
func TestClient_Update_everything(t *testing.T) {
	t.Parallel()
	for name, wish := range map[string]func(*pds.Edit){
		"gender":      func(e *pds.Edit) { e.SetGender(pds.Male) },
		"birth date":  func(e *pds.Edit) { e.SetBirthDate(day("1953-05-30")) },
		"birth order": func(e *pds.Edit) { e.SetMultipleBirth(2) },
		"death":       func(e *pds.Edit) { e.SetDeath("2026-01-02T03:04:05+00:00") },
		"name": func(e *pds.Edit) {
			e.Name(pds.Usual).SetFamily("O'Brien").SetGiven("Zoë").SetPrefix("Mrs").SetSuffix("OBE")
		},
		"whole name": func(e *pds.Edit) {
			e.Name(pds.Usual).Set(pds.HumanName{Family: "Lee", Given: []string{"Ann"}, Period: pds.Period{Start: "2026-01-01"}})
		},
		"new name": func(e *pds.Edit) {
			e.AddName(pds.HumanName{Use: pds.Maiden, Family: "Lee", Given: []string{"Ann"}, Period: pds.Period{Start: "1960-01-01", End: "1980-01-01"}})
		},
		"names removed": func(e *pds.Edit) { e.Name(pds.Nickname).Remove(); e.Name(pds.Old).Remove() },
		"postcode":      func(e *pds.Edit) { e.Address(pds.Home).SetPostcode("LS1 6AE") },
		"lines":         func(e *pds.Edit) { e.Address(pds.Home).SetLines(lines()) },
		"moved": func(e *pds.Edit) {
			e.Address(pds.Home).Set(pds.Address{Lines: []string{"3", "", "", "Hull"}, Postcode: "HU1 1AA", Period: pds.Period{Start: "2026-01-01"}})
		},
		"holiday home": func(e *pds.Edit) {
			e.Address(pds.Temporary).SetText("Holiday Home").SetLines(lines()).SetPostcode("YO1 1AA").SetPeriod(pds.Period{Start: "2026-01-01", End: "2026-02-01"})
		},
		"no work address": func(e *pds.Edit) { e.Address(pds.Work).Remove() },
		"email":           func(e *pds.Edit) { e.Telecom(pds.Email, pds.Home).SetValue("zoe@example.com") },
		"mobile": func(e *pds.Edit) {
			e.Telecom(pds.Phone, pds.Mobile).SetValue("07700900123").SetPeriod(pds.Period{Start: "2026-01-01"})
		},
		"textphone": func(e *pds.Edit) { e.Telecom(pds.Textphone, pds.Home).SetValue("01632960003") },
		"no phone":  func(e *pds.Edit) { e.Telecom(pds.Phone, pds.Home).Remove() },
		"contact": func(e *pds.Edit) {
			e.Contact("c1").SetTelecom(pds.ContactPoint{System: pds.Phone, Value: "01632960009"})
		},
		"new contact": func(e *pds.Edit) {
			e.AddContact(pds.Contact{Telecom: []pds.ContactPoint{{System: pds.Phone, Value: "01632960009"}}})
		},
		"no contact":  func(e *pds.Edit) { e.Contact("c1").Remove() },
		"practice":    func(e *pds.Edit) { e.SetGeneralPractice("B81001") },
		"language":    func(e *pds.Edit) { e.SetCommunication(pds.Communication{Language: pds.Coding{Code: "cy"}}) },
		"no language": func(e *pds.Edit) { e.RemoveCommunication() },
		"preference": func(e *pds.Edit) {
			e.SetContactPreference(pds.ContactPreference{Method: pds.Coding{Code: "1"}, WrittenFormat: pds.Coding{Code: "12"}, Times: "Not after 7pm"})
		},
		"pharmacies": func(e *pds.Edit) {
			e.SetNominatedPharmacy("FX999")
			e.SetPreferredDispenser("D1234")
			e.SetMedicalApplianceSupplier("S1234")
		},
		"no extensions": func(e *pds.Edit) { e.RemoveNominatedPharmacy(); e.RemoveCommunication() },
		"birth place": func(e *pds.Edit) {
			e.SetBirthPlace(pds.Place{City: "Leeds", District: "West Yorkshire", Country: "GBR"})
		},
		"a bit of all": func(e *pds.Edit) {
			e.SetGender(pds.Unknown)
			e.Name(pds.Nickname).Remove()
			e.Name(pds.Usual).SetFamily("Lee")
			e.Address(pds.Work).Remove()
			e.Address(pds.Home).SetLines(lines()).SetPostcode("LS2 1AA")
			e.Telecom(pds.Phone, pds.Home).Remove()
			e.Telecom(pds.Phone, pds.Mobile).SetValue("07700900123")
			e.RemoveNominatedPharmacy()
			e.SetCommunication(pds.Communication{Language: pds.Coding{Code: "cy"}})
			e.SetBirthPlace(pds.Place{City: "Leeds"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, patients := serve(t, pdstest.Token{Access: nhs.HealthcareWorkerAccess}, editable)
			p, err := patients.Get(t.Context(), nhs.MustNumber(secret))
			if err != nil {
				t.Fatal(err)
			}
			edit := p.Edit()
			wish(edit)
			after, err := patients.Update(t.Context(), edit)
			if e, ok := errors.AsType[*nhs.Error](err); ok {
				t.Fatalf("%v: %v", err, e.Issues)
			}
			if err != nil || after.Version == p.Version {
				t.Fatal(err)
			}
			var conflict *pds.ConflictError
			if _, err = patients.Update(t.Context(), edit); !errors.As(err, &conflict) || conflict.Current.Version != after.Version {
				t.Errorf("a second time: %v", err)
			}
		})
	}
}
