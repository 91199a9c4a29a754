package pds_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
)

const noMatch = `{"resourceType":"Bundle","type":"searchset","timestamp":"2026-01-05T09:00:00+00:00","total":0}`

// quick takes the pace out of tests that are not about it.
func quick() nhs.Option { return nhs.WithRate(nhs.PDS, nhs.Rate{PerSecond: 1e6}) }

func TestClient_Search_refusesLocally(t *testing.T) {
	t.Parallel()
	day := date(t, "1990-05-17")
	long := strings.Repeat("é", 36)
	born := pds.On(day)
	for name, test := range map[string]struct {
		query pds.Query
		want  string // the argument named
	}{
		"nothing":                {pds.Query{}, "Query "},
		"no birth date":          {pds.Query{Family: "Smith"}, "Query "},
		"no family":              {pds.Query{Given: []string{"Jane"}, Born: born}, "Query "},
		"email alone":            {pds.Query{Email: "a@example.com"}, "Query "},
		"phone alone":            {pds.Query{Phone: "01632960587"}, "Query "},
		"death date alone":       {pds.Query{Family: "Smith", Died: born}, "Query "},
		"fuzzy, name and birth":  {pds.Query{Fuzzy: true, Family: "Smith", Born: born}, "Query "},
		"fuzzy, no birth date":   {pds.Query{Fuzzy: true, Family: "Smith", Given: []string{"Jane"}, Gender: pds.Female, Postcode: "LS1 6AE"}, "Query "},
		"fuzzy, no name":         {pds.Query{Fuzzy: true, Born: born, Gender: pds.Female, Postcode: "LS1 6AE"}, "Query "},
		"fuzzy, no gender":       {pds.Query{Fuzzy: true, Family: "Smith", Born: born, Postcode: "LS1 6AE"}, "Query "},
		"long family":            {pds.Query{Family: long, Born: born}, "Query.Family"},
		"long given":             {pds.Query{Family: "Smith", Given: []string{"Jane", long}, Born: born}, "Query.Given"},
		"empty given":            {pds.Query{Family: "Smith", Given: []string{""}, Born: born}, "Query.Given"},
		"blank family":           {pds.Query{Family: " ", Born: born}, "Query.Family"},
		"wildcard first":         {pds.Query{Family: "*mith", Born: born}, "Query.Family"},
		"wildcard second":        {pds.Query{Family: "É*th", Born: born}, "Query.Family"},
		"wildcard early, given":  {pds.Query{Family: "Smith", Given: []string{"J*"}, Born: born}, "Query.Given"},
		"wildcard early, code":   {pds.Query{Family: "Smith", Postcode: "L*", Born: born}, "Query.Postcode"},
		"wildcard, fuzzy":        {pds.Query{Fuzzy: true, Family: "Smi*", Given: []string{"Jane"}, Born: born}, "Query.Family"},
		"wildcard, email":        {pds.Query{Family: "Smith", Born: born, Email: "jane*"}, "Query.Email"},
		"wildcard, phone":        {pds.Query{Family: "Smith", Born: born, Phone: "0163*"}, "Query.Phone"},
		"unknown gender":         {pds.Query{Family: "Smith", Born: born, Gender: "woman"}, "Query.Gender"},
		"partial birth date":     {pds.Query{Family: "Smith", Born: pds.On(date(t, "1990-05"))}, "Query.Born"},
		"partial bound":          {pds.Query{Family: "Smith", Born: pds.Between(day, date(t, "1991"))}, "Query.Born"},
		"backwards":              {pds.Query{Family: "Smith", Born: pds.Between(day, date(t, "1990-05-16"))}, "Query.Born"},
		"partial death date":     {pds.Query{Family: "Smith", Born: born, Died: pds.OnOrAfter(date(t, "2020"))}, "Query.Died"},
		"no birth date given":    {pds.Query{Family: "Smith", Born: pds.On(nhs.Date{})}, "Query.Born"},
		"no first date given":    {pds.Query{Family: "Smith", Born: pds.Between(nhs.Date{}, day)}, "Query.Born"},
		"no last date given":     {pds.Query{Family: "Smith", Born: pds.Between(day, nhs.Date{})}, "Query.Born"},
		"no death date given":    {pds.Query{Family: "Smith", Born: born, Died: pds.On(nhs.Date{})}, "Query.Died"},
		"open at neither end":    {pds.Query{Family: "Smith", Born: born, Died: pds.OnOrBefore(nhs.Date{})}, "Query.Died"},
		"blank email":            {pds.Query{Family: "Smith", Born: born, Email: " "}, "Query.Email"},
		"blank phone":            {pds.Query{Family: "Smith", Born: born, Phone: "\t"}, "Query.Phone"},
		"control character":      {pds.Query{Family: "Smi\x00th", Born: born}, "Query.Family"},
		"two lines, given":       {pds.Query{Family: "Smith", Given: []string{"Jane\nAnn"}, Born: born}, "Query.Given"},
		"control character, end": {pds.Query{Family: "Smith", Born: born, Email: "a@example.com\r"}, "Query.Email"},
		"no ODS code":            {pds.Query{Family: "Smith", Born: born, GP: "a20047"}, "Query.GP"},
		"negative results":       {pds.Query{Family: "Smith", Born: born, MaxResults: -1}, "Query.MaxResults"},
		"more than there are":    {pds.Query{Family: "Smith", Born: born, MaxResults: 51}, "Query.MaxResults"},
		"personal data in error": {pds.Query{Family: secret + "*", Born: born, GP: "X " + secret}, "Query.GP"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, play(fhir(http.StatusOK, noMatch)))
			_, err := b.client.Search(t.Context(), test.query)
			bad, ok := errors.AsType[*nhs.ArgumentError](err)
			if !ok || !errors.Is(err, nhs.ErrInvalid) || !strings.HasPrefix(bad.Error(), test.want) {
				t.Errorf("got %v, want an argument error that names %q", err, test.want)
			}
			if !strings.HasPrefix(err.Error(), "pds.Search: ") {
				t.Errorf("%v does not name the operation", err)
			}
			if n := len(b.requests()); n != 0 {
				t.Errorf("%d requests were sent", n)
			}
			silent(t, err.Error())
		})
	}
}

func TestClient_Search_sends(t *testing.T) {
	t.Parallel()
	first, last := date(t, "1990-05-17"), date(t, "1991-05-17")
	for name, test := range map[string]struct {
		env   nhs.Environment
		query pds.Query
		want  url.Values
	}{
		"least": {nhs.Loopback(base), pds.Query{Family: "Smith", Born: pds.On(first)}, url.Values{
			"family": {"Smith"}, "birthdate": {"eq1990-05-17"},
		}},
		"wildcards": {nhs.Loopback(base), pds.Query{Family: "Sm*t*", Given: []string{"Jan*"}, Postcode: "LS*", Born: pds.Between(first, last)}, url.Values{
			"family": {"Sm*t*"}, "given": {"Jan*"}, "address-postalcode": {"LS*"}, "birthdate": {"ge1990-05-17", "le1991-05-17"},
		}},
		"everything": {nhs.Sandbox, pds.Query{
			Family: "O'Neil & Co", Given: []string{"John Paul", "Zoë"}, Gender: pds.Other, Born: pds.OnOrBefore(last), Died: pds.OnOrAfter(first),
			Postcode: "LS1 6AE", GP: "A20047", Email: "a+b@example.com", Phone: "+44 1632 960587",
			Exact: true, History: true, MaxResults: 50,
		}, url.Values{
			"family": {"O'Neil & Co"}, "given": {"John Paul", "Zoë"}, "gender": {"other"}, "birthdate": {"le1991-05-17"}, "death-date": {"ge1990-05-17"},
			"address-postalcode": {"LS1 6AE"}, "general-practitioner": {"A20047"}, "email": {"a+b@example.com"}, "phone": {"+44 1632 960587"},
			"_exact-match": {"true"}, "_history": {"true"}, "_max-results": {"50"},
		}},
		"fuzzy": {nhs.Loopback(base), pds.Query{Fuzzy: true, Given: []string{"Jane"}, Gender: pds.Female, Postcode: "LS1 6AE", Born: pds.On(first), MaxResults: 1}, url.Values{
			"_fuzzy-match": {"true"}, "given": {"Jane"}, "gender": {"female"}, "address-postalcode": {"LS1 6AE"}, "birthdate": {"eq1990-05-17"}, "_max-results": {"1"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setupIn(t, test.env, play(fhir(http.StatusOK, noMatch)), quick())
			found, err := b.client.Search(t.Context(), test.query)
			if err != nil || found == nil || len(found) != 0 {
				t.Errorf("got %v, %v; want an empty slice", found, err)
			}
			req := b.requests()[0]
			if diff := cmp.Diff(test.want, req.URL.Query()); diff != "" {
				t.Errorf("query (-want +got):\n%s", diff)
			}
			if strings.Contains(req.URL.RawQuery, "*") {
				t.Error("a * is not encoded")
			}
			want := test.env.API() + "/personal-demographics/FHIR/R4/Patient"
			if got, _, _ := strings.Cut(req.URL.String(), "?"); got != want || req.Header.Get("Accept") != "application/fhir+json" {
				t.Errorf("sent to %s with Accept %q", got, req.Header.Get("Accept"))
			}
			silent(t, b.log.String())
		})
	}
}
