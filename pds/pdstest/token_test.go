package pdstest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// operations are requests of every operation about anna, and about beth.
func operations() map[string]func(http.Handler) *httptest.ResponseRecorder {
	moved := `{"patches":[` + in("address", "0", "address-1", "line/0", `"2 High Street"`) + `]}`
	beth := func(method, target, body string) func(http.Handler) *httptest.ResponseRecorder {
		return func(s http.Handler) *httptest.ResponseRecorder {
			return send(s, method, target, body, func(h http.Header) { h.Set("If-Match", `W/"1"`) })
		}
	}
	return map[string]func(http.Handler) *httptest.ResponseRecorder{
		"search":         beth("GET", "/Patient?family=Capon&birthdate=1953-05-29", ""),
		"search for two": beth("GET", "/Patient?family=Capon&birthdate=1953-05-29&_max-results=2", ""),
		"get":            beth("GET", own, ""),
		"get beth":       beth("GET", "/Patient/9990000026", ""),
		"update":         beth("PATCH", own, moved),
		"update beth":    beth("PATCH", "/Patient/9990000026", moved),
		"create":         beth("POST", "/Patient", newborn("Anna", "Carla")),
		"related":        beth("GET", own+"/RelatedPerson", ""),
		"related beth":   beth("GET", "/Patient/9990000026/RelatedPerson", ""),
		"cover":          beth("GET", ownCover, ""),
		"cover beth":     beth("GET", "/Coverage?subscriber%3Aidentifier=9990000026", ""),
		"set cover":      beth("POST", "/Coverage", cover()),
		"set cover beth": beth("POST", "/Coverage", cover("9990000018", "9990000026")),
	}
}

// Each kind of access allows what PDS's table says.
func TestServer_access(t *testing.T) {
	t.Parallel()
	type row map[string]string // operation to what is answered; OK if absent
	app := func(display, diagnostics string) string { return "403 " + display + ": " + diagnostics }
	const (
		method    = "Your app has insufficient permissions to use this method. Please contact support."
		operation = "Your app has insufficient permissions to use this operation. Please contact support."
		guidance  = "https://digital.nhs.uk/developer/api-catalogue/personal-demographics-service-fhir"
		notTheirs = "403 Patient cannot perform this action: Your access token has insufficient permissions. See documentation regarding Patient access restrictions " + guidance
	)
	covers := func(kind string) row {
		get, post := app("Cannot GET resource with "+kind+" access token", operation), app("Cannot POST resource with "+kind+" access token", operation)
		return row{"cover": get, "cover beth": get, "set cover": post, "set cover beth": post}
	}
	application := covers("application-restricted")
	for name, text := range map[string]string{
		"update": "Cannot update resource", "update beth": "Cannot update resource", "create": "Cannot create resource",
	} {
		application[name] = app(text+" with application-restricted access token", method)
	}
	application["search"] = "200 Too Many Matches: "
	application["search for two"] = app("Cannot retrieve more than one result with application-restricted access token",
		"Your app has insufficient permissions to perform this search. Please contact support.")
	patient := row{"create": app("Cannot create resource with patient-access access token", method)}
	for _, name := range []string{"search", "search for two", "get beth", "update beth", "related beth", "cover beth", "set cover beth"} {
		patient[name] = notTheirs
	}
	for name, tt := range map[string]struct {
		token pdstest.Token
		want  row
	}{
		"application":              {pdstest.Token{}, application},
		"application, by name":     {pdstest.Token{Access: nhs.ApplicationAccess}, application},
		"application that updates": {pdstest.Token{Updates: true}, covers("user-restricted")},
		"healthcare worker":        {pdstest.Token{Access: nhs.HealthcareWorkerAccess}, covers("user-restricted")},
		"patient":                  {pdstest.Token{Access: nhs.PatientAccess, Patient: nhs.MustNumber("9990000018"), Updates: true}, patient},
	} {
		for operation, ask := range operations() {
			t.Run(name+"/"+operation, func(t *testing.T) {
				t.Parallel()
				beth := anna(t)
				beth.Number, beth.Given = nhs.MustNumber("9990000026"), []string{"Beth"}
				rec := ask(serve(t, pdstest.Options{Token: pdstest.Always(tt.token)}, anna(t), beth))
				want, limited := tt.want[operation]
				if !limited {
					if rec.Code != 200 && rec.Code != 201 {
						t.Errorf("got %d %s", rec.Code, rec.Body)
					}
					return
				}
				if diff := cmp.Diff(want, summary(t, rec)); diff != "" {
					t.Errorf("answer (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// A worker names a role of theirs, where they have several. Nobody else has any.
func TestServer_roles(t *testing.T) {
	t.Parallel()
	invalid := func(value string) string {
		return "400 Provided value is invalid: Invalid value - '" + value + "' in header 'NHSD-Session-URID'. Refer to the guidance " +
			"for this header in our API Specification https://digital.nhs.uk/developer/api-catalogue/personal-demographics-service-fhir"
	}
	worker := func(roles ...string) pdstest.Token {
		return pdstest.Token{Access: nhs.HealthcareWorkerAccess, Roles: roles}
	}
	for name, tt := range map[string]struct {
		token  pdstest.Token
		header []string
		want   string
	}{
		"any role":         {worker(), []string{"555254240100"}, ""},
		"none":             {worker(), nil, ""},
		"any but digits":   {worker(), []string{"invalid"}, invalid("invalid")},
		"empty":            {worker(), []string{""}, invalid("")},
		"the one":          {worker("1"), []string{"1"}, ""},
		"not the one":      {worker("1"), []string{"2"}, invalid("2")},
		"the one, unnamed": {worker("1"), nil, ""},
		"one of two":       {worker("1", "2"), []string{"2"}, ""},
		"neither of two":   {worker("1", "2"), []string{"3"}, invalid("3")},
		"two, unnamed":     {worker("1", "2"), nil, invalid("")},
		"two, empty":       {worker("1", "2"), []string{""}, invalid("")},
		"application":      {pdstest.Token{Roles: []string{"1"}}, []string{"invalid"}, ""},
		"updates":          {pdstest.Token{Updates: true, Roles: []string{"1", "2"}}, []string{"invalid"}, ""},
		"patient":          {pdstest.Token{Access: nhs.PatientAccess, Patient: nhs.MustNumber("9990000018")}, []string{"invalid"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, pdstest.Options{Token: pdstest.Always(tt.token)}, anna(t))
			rec := ask(s, http.MethodGet, own, func(h http.Header) {
				if tt.header != nil {
					h["Nhsd-Session-Urid"] = tt.header
				}
			})
			if tt.want == "" {
				if rec.Code != 200 {
					t.Errorf("got %d %s", rec.Code, rec.Body)
				}
				return
			}
			if diff := cmp.Diff(tt.want, summary(t, rec)); diff != "" || rec.Header().Get("Content-Type") != "application/json" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}

// Who somebody is can depend on their token.
func TestServer_tokens(t *testing.T) {
	t.Parallel()
	s := serve(t, pdstest.Options{Token: func(r *http.Request) pdstest.Token {
		if r.Header.Get("Authorization") == "Bearer anna" {
			return pdstest.Token{Access: nhs.PatientAccess, Patient: nhs.MustNumber("9990000018")}
		}
		return pdstest.Token{Access: nhs.PatientAccess, Patient: nhs.MustNumber("9990000026")}
	}}, anna(t))
	var got []int
	for _, token := range []string{"anna", "beth"} {
		got = append(got, ask(s, http.MethodGet, own, func(h http.Header) { h.Set("Authorization", "Bearer "+token) }).Code)
	}
	if diff := cmp.Diff([]int{200, 403}, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
}

// A worker sees up to fifty matches, the best first.
func TestServer_searchOfWorkers(t *testing.T) {
	t.Parallel()
	s := pdstest.New(pdstest.Options{Token: worker()})
	put := func(i int64, family string) bool {
		number, err := nhs.NumberFromInt(i)
		if err != nil {
			return false
		}
		person := anna(t)
		person.Number, person.Family = number, family
		if err := s.Put(person); err != nil {
			t.Fatal(err)
		}
		return true
	}
	next := int64(9_990_000_000)
	add := func(n int, family string) {
		for n > 0 {
			if put(next, family) {
				n--
			}
			next++
		}
	}
	add(1, "Kapon")
	add(49, "Capon")
	const query = "given=Anna&birthdate=1953-05-29&family=Capon"
	found := search(t, s, query+"&_fuzzy-match=true&_max-results=50")
	if len(found) != 49 { // Kapon sounds different
		t.Errorf("found %d", len(found))
	}
	add(1, "Caponn")
	found = search(t, s, query+"&_fuzzy-match=true")
	if last := found[len(found)-1]; len(found) != 50 || last.Names[0].Family != "Caponn" {
		t.Errorf("found %d, %s last", len(found), last.Names[0].Family)
	}
	for i, p := range found[1:49] {
		if p.Number.Compare(found[i].Number) <= 0 {
			t.Error("matches as good as each other are not in the order of their numbers")
		}
	}
	add(2, "Capon")
	for _, most := range []string{"", "&_max-results=1", "&_max-results=49"} {
		refused(t, get(s, "/Patient?"+query+most), 200, "TOO_MANY_MATCHES", "")
	}
	for _, most := range []string{"0", "51", "x", ""} {
		refused(t, get(s, "/Patient?"+query+"&_max-results="+most), 400, "INVALID_VALUE", "Invalid value - '"+most+"' in field '_max-results'")
	}
}
