package conformance_test

import (
	"errors"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/nhstest"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

func date(t *testing.T, text string) nhs.Date {
	t.Helper()
	d, err := nhs.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func openPDS(app *nhs.App) (*pds.Client, error) { return pds.New(app) }

// population returns people of every kind, by their number.
func population(t *testing.T) []pdstest.Person {
	t.Helper()
	anna := pdstest.Person{
		Number: person(0), Family: "Capon", Given: []string{"Anna", "Mary Jane"}, Gender: pds.Female,
		Born: date(t, "1953-05-29"), Lines: []string{"1 High Street", "Leeds"}, Postcode: "LS1 6AE",
		Phone: "01632960587", Email: "anna@example.com", GP: "A20047",
	}
	restricted, dead, partly := anna, anna, anna
	restricted.Number, restricted.Security, restricted.Family = person(1), pds.Restricted, "Hidden"
	dead.Number, dead.Family, dead.Died, dead.DeathStatus = person(2), "Late", date(t, "2025-11-03"), pds.DeathFormal
	dead.Removed, dead.RemovedOn = "DEA", date(t, "2025-11-10")
	partly.Number, partly.Family, partly.Born, partly.Died = person(3), "Partly", date(t, "1932"), date(t, "2019-04")
	first, second, gone := anna, anna, anna
	first.Number, second.Number, first.Family, second.Family = person(4), person(5), "Twin", "Twin"
	gone.Number, gone.Family = person(6), "Gone"
	return []pdstest.Person{anna, restricted, dead, partly, first, second, gone, {Number: person(7)}}
}

// pdsFault goes wrong as its current value says.
type pdsFault struct{ atomic.Pointer[pdstest.Fault] }

func (f *pdsFault) fault(*http.Request) pdstest.Fault {
	if next := f.Load(); next != nil {
		return *next
	}
	return pdstest.Fault{}
}

func TestPDS(t *testing.T) {
	t.Parallel()
	var fault pdsFault
	services := start(t, nhstest.Options{PDS: pdstest.Options{Fault: fault.fault}})
	if err := services.PDS.Put(population(t)...); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(services.PDS.Supersede(person(8), person(0)), services.PDS.Invalidate(person(6))); err != nil {
		t.Fatal(err)
	}
	c := newContract(t, nhs.PDS, services.Environment())
	patients := connect(t, services, c, openPDS)

	for n := range 6 {
		if p, err := patients.Get(t.Context(), person(n)); err != nil || p.Number != person(n) {
			t.Errorf("person %d: %v, %v", n, p, err)
		}
	}
	if p, err := patients.Get(t.Context(), person(8)); err != nil || !p.Superseded(person(8)) {
		t.Errorf("superseded: %v, %v", p, err)
	}
	_, err := patients.Get(t.Context(), person(6))
	want(t, "invalidated", err, pds.ErrInvalidated, http.StatusNotFound)
	_, err = patients.Get(t.Context(), nhs.MustNumber("9990000107"))
	want(t, "nobody", err, nhs.ErrNotFound, http.StatusNotFound)

	for name, tt := range map[string]struct {
		query pds.Query
		found int
	}{
		"one":          {pds.Query{Family: "Capon", Born: pds.On(date(t, "1953-05-29"))}, 1},
		"none":         {pds.Query{Family: "Nobody", Born: pds.On(date(t, "1953-05-29"))}, 0},
		"everything":   {everything(t), 1},
		"sounds alike": {pds.Query{Family: "Kapon", Given: []string{"Ana"}, Born: pds.On(date(t, "1953-05-29")), Fuzzy: true}, 0},
		"open range":   {pds.Query{Family: "Late", Born: pds.OnOrBefore(date(t, "1960-01-01")), Died: pds.OnOrAfter(date(t, "2025-01-01"))}, 1},
	} {
		if found, err := patients.Search(t.Context(), tt.query); err != nil || len(found) != tt.found {
			t.Errorf("%s: found %d, %v", name, len(found), err)
		}
	}
	_, err = patients.Search(t.Context(), pds.Query{Family: "Twin", Born: pds.On(date(t, "1953-05-29"))})
	want(t, "twins", err, pds.ErrTooManyMatches, http.StatusOK)

	pdsUsers(t, services, c)

	anna, err := patients.Get(t.Context(), person(0))
	if err != nil {
		t.Fatal(err)
	}
	services.RevokeTokens() // the refusal is traffic like any other
	for _, f := range []pdstest.Fault{
		{Status: http.StatusRequestTimeout}, // Spine's media type
		{Status: http.StatusServiceUnavailable},
		{Status: http.StatusTooManyRequests},
		{Status: http.StatusBadGateway, Body: "<html><body>Bad gateway</body></html>"},
	} {
		fault.Store(&f)
		_, err := patients.Get(t.Context(), person(0))
		_, errSearch := patients.Search(t.Context(), everything(t))
		if err == nil || errSearch == nil {
			t.Errorf("status %d: got %v and %v", f.Status, err, errSearch)
		}
		pdsWritesFail(t, services, c, anna)
	}
	c.complete(t)
}

// everything is a query with every parameter.
func everything(t *testing.T) pds.Query {
	t.Helper()
	return pds.Query{
		Family: "Ca*", Given: []string{"An*", "Mary Jane"}, Gender: pds.Female,
		Born: pds.Between(date(t, "1950-01-01"), date(t, "1959-12-31")), Postcode: "LS1*", GP: "A20047",
		Email: "anna@example.com", Phone: "01632960587", History: true, Exact: true, MaxResults: 1,
	}
}

// The document has room for the published samples.
func TestPDS_samples(t *testing.T) {
	t.Parallel()
	for name, number := range map[string]string{
		"Patient.json": "9000000009", "Minimal_Patient.json": "9000000033", "Sensitive_Patient.json": "9000000025",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := sample(t, "pds", name)
			services := start(t, nhstest.Options{})
			if err := services.PDS.PutJSON(text); err != nil {
				t.Fatal(err)
			}
			c := newContract(t, nhs.PDS, services.Environment())
			if _, err := connect(t, services, c, openPDS).Get(t.Context(), nhs.MustNumber(number)); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("PatientSearch.json", func(t *testing.T) {
		t.Parallel()
		body := sample(t, "pds", "PatientSearch.json")
		services := start(t, nhstest.Options{PDS: pdstest.Options{Fault: func(*http.Request) pdstest.Fault {
			return pdstest.Fault{
				Status: http.StatusOK, Body: string(body), Header: http.Header{"Content-Type": {"application/fhir+json"}},
			}
		}}})
		c := newContract(t, nhs.PDS, services.Environment())
		found, err := connect(t, services, c, openPDS).Search(t.Context(), everything(t))
		if err != nil || len(found) == 0 {
			t.Errorf("found %d, %v", len(found), err)
		}
	})
}
