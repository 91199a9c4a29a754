package pdstest_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// connect returns a client with access to s, which retries at once.
func connect(t *testing.T, s http.Handler, access nhs.Access, opts ...pds.Option) *pds.Client {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	token := nhs.UserToken{Access: access, Token: func(context.Context) (string, error) { return "abc", nil }}
	app, err := nhs.NewApp(nhs.Loopback(server.URL), token,
		nhs.WithRetry(nhs.RetryPolicy{MinWait: time.Millisecond}), nhs.WithRate(nhs.PDS, nhs.Rate{PerSecond: 1e6}),
		nhs.WithClock(func() time.Time { return time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC) }))
	if err != nil {
		t.Fatal(err)
	}
	patients, err := pds.New(app, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return patients
}

// Whatever package pds makes of an edit keeps to PDS's rules.
func TestServer_edits(t *testing.T) {
	t.Parallel()
	number := nhs.MustNumber("9990000018")
	period := pds.Period{Start: "2026-01-01", End: "2026-02-01"}
	second := pds.AddressLines{Premises: "The Old Schoolhouse", Town: "York"}
	for name, edit := range map[string]func(*pds.Edit){
		"scalars": func(e *pds.Edit) {
			e.SetGender(pds.Unknown)
			e.SetBirthDate(date(t, "1953-05-30"))
			e.SetMultipleBirth(2)
		},
		"death": func(e *pds.Edit) { e.SetDeath("2025-12-24") },
		"usual name, in part": func(e *pds.Edit) {
			e.Name(pds.Usual).SetFamily("O'Brien").SetGiven("Ann").SetPrefix("Dr").SetSuffix("PhD")
		},
		"usual name, less":  func(e *pds.Edit) { e.Name(pds.Usual).SetPrefix() },
		"usual name, whole": func(e *pds.Edit) { e.Name(pds.Usual).Set(pds.HumanName{Use: pds.Usual, Family: "Capone"}) },
		"other names": func(e *pds.Edit) {
			e.NameByID("n3").Remove()
			e.NameByID("n2").Remove()
			e.AddName(pds.HumanName{Use: pds.Nickname, Family: "Nan"})
		},
		"postcode":              func(e *pds.Edit) { e.Address(pds.Home).SetPostcode("LS1 6AF") },
		"lines":                 func(e *pds.Edit) { e.Address(pds.Home).SetLines(second) },
		"a temporary address":   func(e *pds.Edit) { e.Address(pds.Temporary).SetLines(second).SetPeriod(period).SetText("Second Home") },
		"an address to bill to": func(e *pds.Edit) { e.Address(pds.Billing).SetLines(second).SetPeriod(period) },
		"no work address":       func(e *pds.Edit) { e.Address(pds.Work).Remove() },
		"numbers": func(e *pds.Edit) {
			e.Telecom(pds.Phone, pds.Home).SetValue("01632960001")
			e.Telecom(pds.Phone, pds.Work).SetValue("01632960002")
			e.Telecom(pds.Email, pds.Home).Remove()
		},
		"contacts": func(e *pds.Edit) {
			e.Contact("c1").SetTelecom(pds.ContactPoint{System: pds.Phone, Value: "1"})
			e.AddContact(pds.Contact{Telecom: []pds.ContactPoint{{System: pds.Phone, Value: "2"}}})
		},
		"no contact": func(e *pds.Edit) { e.Contact("c1").Remove() },
		"practice":   func(e *pds.Edit) { e.SetGeneralPractice("A20048") },
		"extensions": func(e *pds.Edit) {
			e.SetNominatedPharmacy("FWC88")
			e.SetPreferredDispenser("FWC89")
			e.SetMedicalApplianceSupplier("FWC90")
			e.SetBirthPlace(pds.Place{City: "Leeds"})
			e.SetCommunication(pds.Communication{Language: pds.Coding{Code: "cy"}, InterpreterRequired: false})
			e.SetContactPreference(pds.ContactPreference{Method: pds.Coding{Code: "1"}, Times: "Not after 7pm"})
		},
		"no extensions": func(e *pds.Edit) { e.RemoveCommunication(); e.RemoveNominatedPharmacy() },
		"everywhere": func(e *pds.Edit) {
			e.SetGender(pds.Male)
			e.NameByID("n2").Remove()
			e.AddName(pds.HumanName{Use: pds.Old, Family: "Nan"})
			e.Address(pds.Home).SetPostcode("LS1 6AF")
			e.Address(pds.Work).Remove()
			e.RemoveNominatedPharmacy()
			e.SetBirthPlace(pds.Place{City: "Leeds"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			patients := connect(t, serveJSON(t, pdstest.Options{Token: worker()}, full), nhs.HealthcareWorkerAccess)
			p, err := patients.Get(t.Context(), number)
			if err != nil {
				t.Fatal(err)
			}
			wanted := p.Edit()
			edit(wanted)
			changed, err := patients.Update(t.Context(), wanted)
			if err != nil {
				patches, _ := wanted.Patches()
				t.Fatalf("%v: %v", patches, err)
			}
			if changed.Version != "2" {
				t.Errorf("version %s", changed.Version)
			}
			again := changed.Edit() // what is wanted is there now, so nothing is left to change
			again.SetMultipleBirth(3)
			if _, err := patients.Update(t.Context(), again); err != nil {
				t.Errorf("the next edit: %v", err)
			}
		})
	}
}

// An update whose answer is lost has been made. What the repeat is told differs.
func TestServer_lostUpdate(t *testing.T) {
	t.Parallel()
	for _, noChange := range []bool{false, true} {
		lost := false
		s := serveJSON(t, pdstest.Options{
			Token: worker(), RepeatsMakeNoChange: noChange,
			Fault: func(r *http.Request) pdstest.Fault {
				first := r.Method == http.MethodPatch && !lost
				lost = lost || first
				return pdstest.Fault{Lose: first}
			},
		}, full)
		patients := connect(t, s, nhs.HealthcareWorkerAccess)
		p, err := patients.Get(t.Context(), nhs.MustNumber("9990000018"))
		if err != nil {
			t.Fatal(err)
		}
		edit := p.Edit()
		edit.SetGender(pds.Male)
		changed, err := patients.Update(t.Context(), edit)
		if conflict, ok := errors.AsType[*pds.ConflictError](err); ok && !noChange {
			changed, err = conflict.Current, nil
		}
		if err != nil || changed.Gender != pds.Male || changed.Version != "2" || s.Requests() != 4 {
			t.Errorf("got %v after %d requests", err, s.Requests())
		}
	}
}

// A creation whose answer is lost has been made: the repeat finds the new patient.
func TestServer_lostCreation(t *testing.T) {
	t.Parallel()
	lost := false
	s := pdstest.New(pdstest.Options{Token: worker(), Fault: func(*http.Request) pdstest.Fault {
		first := !lost
		lost = true
		return pdstest.Fault{Lose: first}
	}})
	patients := connect(t, s, nhs.HealthcareWorkerAccess)
	_, err := patients.Create(t.Context(), pds.NewPatient{
		Name: pds.HumanName{Family: "Capon", Given: []string{"Anna"}}, Gender: pds.Female, BirthDate: date(t, "1953-05-29"),
		Addresses: []pds.Address{{Use: pds.Home, Lines: []string{"", "1 High Street", "", "Leeds"}, Period: pds.Period{Start: "2020-01-01"}}},
		Authority: pds.RegisteringAuthority{Type: "x", Organisation: "RGS"},
	})
	found, ok := errors.AsType[*pds.MatchError](err)
	if !ok || !errors.Is(err, pds.ErrSingleMatch) || found.Number != nhs.MustNumber("9990000018") || found.Cause.Attempts != 2 {
		t.Fatalf("got %v", err)
	}
	if p, err := patients.Get(t.Context(), found.Number); err != nil || p.Names[0].Family != "Capon" {
		t.Errorf("got %v", err)
	}
	if strings.Contains(err.Error(), "9990000018") {
		t.Errorf("this shows an NHS number: %v", err)
	}
}

func TestServer_patientClient(t *testing.T) {
	t.Parallel()
	number := nhs.MustNumber("9990000018")
	s := serve(t, pdstest.Options{Token: patientToken()}, anna(t))
	if err := s.PutRelatedJSON(number, []byte(mother)); err != nil {
		t.Fatal(err)
	}
	patients := connect(t, s, nhs.PatientAccess)
	if people, err := patients.RelatedPeople(t.Context(), number); err != nil || len(people) != 1 {
		t.Errorf("related people: %v, %v", people, err)
	}
	none, err := patients.Coverage(t.Context(), number)
	if err != nil || none.Coverage != nil || none.Version != "1" {
		t.Fatalf("coverage: %+v, %v", none, err)
	}
	card := pds.Coverage{Number: number, Card: "2940", Country: "FRA", Institution: "DE98765", Personal: "178705", Expires: date(t, "2030-12-31")}
	set, err := patients.SetCoverage(t.Context(), card, none.Version)
	if err != nil || set.Coverage.Card != card.Card || set.Version != "2" {
		t.Errorf("set coverage: %+v, %v", set, err)
	}
	if _, err := patients.SetCoverage(t.Context(), card, none.Version); !errors.Is(err, nhs.ErrConflict) {
		t.Errorf("an old version: %v", err)
	}
}

// A worker's client names the role that the service knows.
func TestServer_session(t *testing.T) {
	t.Parallel()
	s := serve(t, pdstest.Options{Token: pdstest.Always(pdstest.Token{Access: nhs.HealthcareWorkerAccess, Roles: []string{"1", "2"}})}, anna(t))
	for urid, ok := range map[string]bool{"2": true, "3": false} {
		_, err := connect(t, s, nhs.HealthcareWorkerAccess, pds.Session(urid)).Get(t.Context(), anna(t).Number)
		if (err == nil) != ok {
			t.Errorf("role %s: %v", urid, err)
		}
	}
}
