package nhstest_test

import (
	"errors"
	"testing"
	"testing/iotest"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/nhstest"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// Users have the access that they have signed in for, and keep it when their
// token is revoked or expires.
func TestNHS_SignIn(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	services := start(t, nhstest.Options{Now: clock})
	other := nhs.MustNumber("9990000026")
	if err := services.PDS.Put(pdstest.Person{Number: number(), Family: "Capon", Gender: pds.Unknown}, pdstest.Person{Number: other}); err != nil {
		t.Fatal(err)
	}
	open := func(credentials nhs.Credentials) *pds.Client {
		app, err := nhs.NewApp(services.Environment(), credentials, nhs.WithClock(clock), nhs.WithRate(nhs.PDS, nhs.Rate{PerSecond: 1e6}))
		if err != nil {
			t.Fatal(err)
		}
		patients, err := pds.New(app)
		if err != nil {
			t.Fatal(err)
		}
		return patients
	}
	worker := open(services.SignIn(pdstest.Token{Access: nhs.HealthcareWorkerAccess}))
	patient := open(services.SignIn(pdstest.Token{Access: nhs.PatientAccess, Patient: number()}))

	p, err := worker.Get(t.Context(), number())
	if err != nil {
		t.Fatal(err)
	}
	edit := p.Edit()
	edit.SetGender(pds.Female)
	if _, err := worker.Update(t.Context(), edit); err != nil {
		t.Errorf("worker: %v", err)
	}
	if _, err := patient.Coverage(t.Context(), number()); err != nil {
		t.Errorf("patient: %v", err)
	}
	if _, err := patient.Get(t.Context(), other); !errors.Is(err, nhs.ErrForbidden) {
		t.Errorf("patient, of another: %v", err)
	}
	services.RevokeTokens()
	if _, err := worker.Get(t.Context(), other); err != nil {
		t.Errorf("after a revocation: %v", err)
	}
	now = now.Add(time.Hour)
	if _, err := worker.Get(t.Context(), other); err != nil {
		t.Errorf("after an hour: %v", err)
	}
}

func TestNHS_SignIn_noRandomness(t *testing.T) {
	t.Parallel()
	services := start(t, nhstest.Options{Random: iotest.ErrReader(errors.New("empty"))})
	if _, err := services.SignIn(pdstest.Token{Access: nhs.PatientAccess}).Token(t.Context()); err == nil {
		t.Error("a token without randomness")
	}
}
