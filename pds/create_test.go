package pds_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// The request that goes out, to the letter.
func TestClient_Create_sends(t *testing.T) {
	t.Parallel()
	now := func() time.Time { return time.Date(2026, time.November, 22, 9, 0, 0, 0, time.UTC) }
	b := setup(t, play(answer(http.StatusCreated, "application/fhir+json", minimal)), quick(), nhs.WithClock(now))
	n := newborn(t)
	n.Name.Period, n.Addresses[0].Period = pds.Period{}, pds.Period{}
	n.Telecom = []pds.ContactPoint{{System: pds.Phone, Use: pds.Mobile, Value: "07700900123"}}
	n.Communication = pds.Communication{Language: pds.Coding{Code: "cy"}}
	n.ContactPreference = pds.ContactPreference{Method: pds.Coding{Code: "1"}}
	n.Extensions = []json.RawMessage{json.RawMessage(`{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthPlace","valueAddress":{"city":"Leeds"}}`)}
	p, err := b.client.Create(t.Context(), n)
	if err != nil || p.Number != nhs.MustNumber(secret) {
		t.Fatal(p, err)
	}
	req := b.requests()[0]
	if got := req.Method + " " + req.URL.String() + " " + req.Header.Get("Content-Type"); got != "POST "+base+"/personal-demographics/FHIR/R4/Patient application/json" {
		t.Errorf("got %s", got)
	}
	const system = "https://fhir.hl7.org.uk/CodeSystem/UKCore-"
	sameJSON(t, []byte(`{"resourceType":"Patient","name":[{"use":"usual","period":{"start":"2026-11-22"},"given":["Anna"],"family":"Capon"}],"gender":"female","birthDate":"1999-05-17",
		"address":[{"use":"home","period":{"start":"2026-11-22"},"line":["1","High Street","","Leeds",""],"postalCode":"LS1 6AE"}],
		"telecom":[{"system":"phone","use":"mobile","value":"07700900123"}],
		"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthPlace","valueAddress":{"city":"Leeds"}},
			{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-RegisteringAuthority","extension":[
				{"url":"registeringAuthorityType","valueCodeableConcept":{"coding":[{"system":"https://fhir.nhs.uk/CodeSystem/UKCore-RegisteringAuthorityType","code":"x"}]}},
				{"url":"organisationIdentifier","valueString":"A81001"}]},
			{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSCommunication","extension":[
				{"url":"language","valueCodeableConcept":{"coding":[{"system":"`+system+`HumanLanguage","code":"cy"}]}},
				{"url":"interpreterRequired","valueBoolean":false}]},
			{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-ContactPreference","extension":[
				{"url":"PreferredContactMethod","valueCodeableConcept":{"coding":[{"system":"`+system+`PreferredContactMethod","code":"1"}]}}]}]}`),
		[]byte(body(t, req)))
}

// What PDS says in place of creating somebody, as errors of their own.
func TestClient_Create_matches(t *testing.T) {
	t.Parallel()
	single := func(words string) string {
		return fmt.Sprintf(`{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"value",
			"details":{"coding":[{"code":"SINGLE_MATCH","display":"Single match found"}]},"diagnostics":%q}]}`, words)
	}
	for name, test := range map[string]struct {
		body   string
		want   error
		number nhs.Number
		typed  bool
	}{
		"single":           {single("Unable to create new patient. NHS number " + secret + " found for supplied demographic data."), pds.ErrSingleMatch, nhs.MustNumber(secret), true},
		"after an id":      {single("Message 1234567890: NHS number " + secret + " found"), pds.ErrSingleMatch, nhs.MustNumber(secret), true},
		"without a number": {single("Unable to create new patient."), pds.ErrSingleMatch, nhs.Number{}, true},
		"wrong number":     {single("NHS number 9990000019 found, 99900000180 too"), pds.ErrSingleMatch, nhs.Number{}, true},
		"several":          {`{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"value","details":{"coding":[{"code":"MULTIPLE_MATCHES"}]}}]}`, pds.ErrMultipleMatches, nhs.Number{}, true},
		"something else":   {`{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"value"}]}`, nhs.ErrUnexpected, nhs.Number{}, false},
		"no patient":       {`{"resourceType":"Patient"}`, nhs.ErrUnexpected, nhs.Number{}, false},
		"nothing":          {``, nhs.ErrUnexpected, nhs.Number{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, play(fhir(http.StatusOK, test.body)), quick())
			_, err := b.client.Create(t.Context(), newborn(t))
			match, ok := errors.AsType[*pds.MatchError](err)
			if !errors.Is(err, test.want) || ok != test.typed || len(b.requests()) != 1 {
				t.Fatalf("got %v after %d requests", err, len(b.requests()))
			}
			if ok && (match.Number != test.number || match.Cause.Attempts != 1) {
				t.Errorf("number %s, %d attempts", match.Number.Reveal(), match.Cause.Attempts)
			}
			silent(t, fmt.Sprintf("%v %+v %#v", err, match, err))
			silent(t, b.log.String())
		})
	}
}

func TestClient_Create_refuses(t *testing.T) {
	t.Parallel()
	now := func() time.Time { return time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC) }
	for name, test := range map[string]struct {
		change func(*pds.NewPatient)
		want   string
	}{
		"no name":       {func(n *pds.NewPatient) { n.Name = pds.HumanName{} }, "Name.Family must not be missing"},
		"family":        {func(n *pds.NewPatient) { n.Name.Family = "O`Brien" }, "Name.Family has a character that PDS does not take in names"},
		"name's end":    {func(n *pds.NewPatient) { n.Name.Period = pds.Period{Start: "2026-01-01", End: "2026-01-02"} }, "Name.Period must not end: it is of the usual name"},
		"gender":        {func(n *pds.NewPatient) { n.Gender = "" }, "Gender must be male, female or unknown"},
		"other gender":  {func(n *pds.NewPatient) { n.Gender = pds.Other }, "Gender must be male, female or unknown"},
		"birth date":    {func(n *pds.NewPatient) { n.BirthDate = day("1999") }, "BirthDate must be a whole date"},
		"born tomorrow": {func(n *pds.NewPatient) { n.BirthDate = day("2026-01-06") }, "BirthDate must not be in the future"},
		"no address":    {func(n *pds.NewPatient) { n.Addresses = nil }, "Address must not be missing"},
		"lines":         {func(n *pds.NewPatient) { n.Addresses[0].Lines = []string{"1", "High Street", "Leeds"} }, "Address.Lines must have a town, and premises or a street"},
		"two homes":     {func(n *pds.NewPatient) { n.Addresses = append(n.Addresses, n.Addresses[0]) }, "Address.Use must be there once"},
		"email": {func(n *pds.NewPatient) {
			n.Telecom = []pds.ContactPoint{{System: pds.Email, Use: pds.Home, Value: "x"}}
		}, "Telecom.Value must be an email address of 6 to 90 characters"},
		"two phones": {func(n *pds.NewPatient) {
			n.Telecom = slicesOf(pds.ContactPoint{System: pds.Phone, Use: pds.Home, Value: "1"}, 2)
		}, "Telecom.Use must be there once"},
		"authority's type":    {func(n *pds.NewPatient) { n.Authority.Type = "y" }, "Authority.Type must be a letter a to x, or 1"},
		"authority":           {func(n *pds.NewPatient) { n.Authority.Organisation = "A" }, "Authority.Organisation must have 2 to 15 characters"},
		"English":             {func(n *pds.NewPatient) { n.Communication.Language.Code = "en" }, "Communication.Language must not be English"},
		"times":               {func(n *pds.NewPatient) { n.ContactPreference.Times = "noon" }, "ContactPreference.Times must come with a method"},
		"no extension":        {func(n *pds.NewPatient) { n.Extensions = []json.RawMessage{json.RawMessage(`"x"`)} }, "Extensions must be FHIR extensions"},
		"name's extension":    {func(n *pds.NewPatient) { n.Name.Extensions = []json.RawMessage{json.RawMessage(`{"url":"x"}`)} }, "Name.Extensions must be FHIR extensions"},
		"address's extension": {func(n *pds.NewPatient) { n.Addresses[0].Extensions = []json.RawMessage{json.RawMessage(`{}`)} }, "Address.Extensions must be FHIR extensions"},
		"telecom's extension": {func(n *pds.NewPatient) {
			n.Telecom = []pds.ContactPoint{{System: pds.Phone, Use: pds.Home, Value: "1", Extensions: []json.RawMessage{json.RawMessage(`{"url":`)}}}
		}, "Telecom.Extensions must be FHIR extensions"},
		"several complaints": {func(n *pds.NewPatient) { n.Gender = "x"; n.BirthDate = nhs.Date{} }, "Gender must be male, female or unknown\nBirthDate must be a whole date"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, play(fhir(http.StatusCreated, minimal)), quick(), nhs.WithClock(now))
			n := newborn(t)
			test.change(&n)
			_, err := b.client.Create(t.Context(), n)
			if _, ok := errors.AsType[*nhs.ArgumentError](err); !ok || err.Error() != "pds.Create: "+test.want || len(b.requests()) != 0 {
				t.Fatalf("got %v after %d requests, want %s", err, len(b.requests()), test.want)
			}
			for line := range strings.SplitSeq(test.want, "\n") {
				field, _, _ := strings.Cut(line, " ")
				n.Allow = append(n.Allow, field)
			}
			if _, err := b.client.Create(t.Context(), n); err != nil && name != "no extension" && name != "telecom's extension" {
				t.Errorf("allowed, and still %v", err)
			}
		})
	}
}

// The creation waits for a turn of its own, and names itself once if it gets none.
func TestClient_Create_cancelled(t *testing.T) {
	t.Parallel()
	b := setup(t, play(fhir(http.StatusCreated, minimal)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.client.Create(ctx, newborn(t)); err == nil || err.Error() != "pds.Create: context canceled" || len(b.requests()) != 0 {
		t.Errorf("got %v", err)
	}
}

func slicesOf[T any](v T, n int) []T {
	all := make([]T, n)
	for i := range all {
		all[i] = v
	}
	return all
}

// The strict fake creates somebody once.
func TestClient_Create_fake(t *testing.T) {
	t.Parallel()
	_, patients := serve(t, pdstest.Token{Access: nhs.HealthcareWorkerAccess})
	n := newborn(t)
	n.Communication = pds.Communication{Language: pds.Coding{Code: "cy"}}
	p, err := patients.Create(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := p.Communication(); p.Number.IsZero() || p.Version != "1" || !ok || c.Language.Code != "cy" {
		t.Errorf("version %s, language %s", p.Version, c.Language.Code)
	}
	_, err = patients.Create(t.Context(), n)
	if match, ok := errors.AsType[*pds.MatchError](err); !ok || match.Number != p.Number || !errors.Is(err, pds.ErrSingleMatch) {
		t.Errorf("got %v", err)
	}
	edit := p.Edit()
	edit.Telecom(pds.Phone, pds.Home).SetValue("01632960001")
	if _, err := patients.Update(t.Context(), edit); err != nil {
		t.Errorf("what Create returns cannot be edited: %v", err)
	}
}

func TestNewPatient_masksItself(t *testing.T) {
	t.Parallel()
	n := newborn(t)
	n.Name.Family = "Unmistakable"
	var log bytes.Buffer
	fmt.Fprintf(&log, "%v %+v %#v %s %v", n, n, n, n, &n)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "patient", n)
	if strings.Contains(log.String(), "Unmistakable") {
		t.Errorf("this shows a name: %s", log.String())
	}
}

// Writes need the access that PDS offers them to.
func TestClient_writesNeedAccess(t *testing.T) {
	t.Parallel()
	type set map[nhs.Access]bool
	edit := parse(t, full).Edit()
	edit.Address(pds.Home).SetPostcode("LS1 6AE")
	number := nhs.MustNumber(secret)
	for name, test := range map[string]struct {
		run     func(*pds.Client) error
		offered set
	}{
		"update":       {func(c *pds.Client) error { _, err := c.Update(t.Context(), edit); return err }, set{nhs.HealthcareWorkerAccess: true, nhs.PatientAccess: true}},
		"create":       {func(c *pds.Client) error { _, err := c.Create(t.Context(), newborn(t)); return err }, set{nhs.HealthcareWorkerAccess: true}},
		"related":      {func(c *pds.Client) error { _, err := c.RelatedPeople(t.Context(), number); return err }, set{nhs.HealthcareWorkerAccess: true, nhs.PatientAccess: true, nhs.ApplicationAccess: true}},
		"coverage":     {func(c *pds.Client) error { _, err := c.Coverage(t.Context(), number); return err }, set{nhs.PatientAccess: true}},
		"set coverage": {func(c *pds.Client) error { _, err := c.SetCoverage(t.Context(), card(), "1"); return err }, set{nhs.PatientAccess: true}},
	} {
		for access, credentials := range every() {
			b := setupAs(t, nhs.Loopback(base), credentials, play(tokens(fhir(http.StatusOK, "{}"))), quick())
			err := test.run(b.client)
			if offered := access == nhs.OpenAccess || test.offered[access]; errors.Is(err, pds.ErrAccess) == offered {
				t.Errorf("%s with %s access: %v", name, access, err)
			}
		}
	}
}
