package pdstest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

func TestServer_finds(t *testing.T) {
	t.Parallel()
	person := anna(t)
	person.Died = date(t, "2020-03-04")
	s := serve(t, pdstest.Options{}, person, pdstest.Person{
		Number: nhs.MustNumber("9990000026"), Family: "Capon", Given: []string{"Beth"}, Born: date(t, "1953"),
	})
	const basis = "family=Capon&birthdate=1953-05-29"
	for query, want := range map[string]bool{
		basis:                                                            true,
		"family=CAPON&birthdate=eq1953-05-29":                            true,
		"family=Cap*&birthdate=1953-05-29":                               true,
		"family=Ca*o*&birthdate=1953-05-29":                              true,
		"family=Cap*x&birthdate=1953-05-29":                              false,
		"family=Caponn*&birthdate=1953-05-29":                            false,
		"family=Ca*x*n&birthdate=1953-05-29":                             false,
		"family=Capo&birthdate=1953-05-29":                               false,
		"family=Capon&birthdate=1953-05-30":                              false,
		"family=Capon&birthdate=ge1953-05-29&birthdate=le1953-06-01":     true,
		"family=Capon&birthdate=ge1953-05-30":                            false,
		"family=Capon&birthdate=le1953-05-28":                            false,
		basis + "&given=anna":                                            true,
		basis + "&given=Anna&given=Mary+Jane":                            true,
		basis + "&given=Ann*":                                            true,
		basis + "&given=Mary":                                            false,
		basis + "&given=Anna&given=Mary+Jane&given=Ruth":                 false,
		basis + "&gender=female":                                         true,
		basis + "&gender=male":                                           false,
		basis + "&address-postalcode=ls16ae":                             true,
		basis + "&address-postcode=LS*":                                  true,
		basis + "&address-postalcode=LS2":                                false,
		basis + "&general-practitioner=A20047":                           true,
		basis + "&general-practitioner=A20048":                           false,
		basis + "&email=anna@EXAMPLE.com":                                true,
		basis + "&email=beth@example.com":                                false,
		basis + "&phone=01632960587":                                     true,
		basis + "&phone=01632960588":                                     false,
		basis + "&death-date=ge2020-01-01":                               true,
		basis + "&death-date=2020-03-05":                                 false,
		basis + "&_history=true&_exact-match=true&_max-results=1":        true,
		basis + "&_fuzzy-match=true&given=Anne":                          true, // sounds alike
		basis + "&_fuzzy-match=true&given=Robert":                        false,
		"family=Anna&given=Capon&birthdate=1953-05-29&_fuzzy-match=true": true, // transposed
		"family=Caponne&gender=female&address-postalcode=XX1&birthdate=1953-05-29&_fuzzy-match=true":    true, // another postcode
		"given=Ana&gender=female&address-postalcode=LS16AE&birthdate=1953-05-29&_fuzzy-match=true":      true,
		"family=Capon&given=Anna&birthdate=1953-05-30&_fuzzy-match=true":                                false,
		"family=Capone&given=Anna&birthdate=1953-05-29&_fuzzy-match=true&_exact-match=true":             false,
		"family=Capon&given=Anna&birthdate=1953-05-29&_fuzzy-match=true&general-practitioner=X99999":    true,
		"family=Tymczak&given=Pfister&birthdate=1953-05-29&_fuzzy-match=true&general-practitioner=none": false,
	} {
		if n := len(search(t, s, query)); (n == 1) != want {
			t.Errorf("%s: found %d", query, n)
		}
	}
}

func TestServer_search(t *testing.T) {
	t.Parallel()
	twin := anna(t)
	twin.Number = nhs.MustNumber("9990000026")
	s := serve(t, pdstest.Options{}, anna(t), twin)
	rec := get(s, "/Patient?family=Capon&birthdate=1953-05-29")
	if rec.Code != http.StatusOK {
		t.Errorf("got %d", rec.Code)
	}
	sameJSON(t, issue("information", "multiple-matches", "TOO_MANY_MATCHES", "Too Many Matches", ""), rec.Body.Bytes())

	rec = get(s, "/Patient?family=Smith&birthdate=1953-05-29")
	sameJSON(t, `{"resourceType":"Bundle","type":"searchset","total":0,"timestamp":"2026-01-05T09:00:00+00:00"}`, rec.Body.Bytes())
}

// A search shows less than a get does.
func TestServer_searchShowsASubset(t *testing.T) {
	t.Parallel()
	s := pdstest.New(pdstest.Options{})
	if err := s.PutJSON([]byte(`{"resourceType":"Patient","id":"9990000018","meta":{"security":[{"code":"U"}]},"birthDate":"1953-05-29",
		"name":[{"use":"old","family":"Jones"},{"use":"usual","family":"Capon"},{"use":"nickname","given":["Nan"]}],
		"address":[{"use":"temp"},{"use":"home","postalCode":"LS1 6AE"}],"managingOrganization":{"type":"Organization"},
		"extension":[{"url":"x/Extension-UKCore-NominatedPharmacy"},{"url":"x/Extension-UKCore-DeathNotificationStatus"}]}`)); err != nil {
		t.Fatal(err)
	}
	full := get(s, "/Patient/9990000018").Body.String()
	found := search(t, s, "family=Capon&birthdate=1953-05-29")
	if len(found) != 1 {
		t.Fatal("not found")
	}
	p := found[0]
	if diff := cmp.Diff([]int{2, 1, 1}, []int{len(p.Names), len(p.Addresses), len(p.Extensions)}); diff != "" {
		t.Errorf("names, addresses, extensions (-want +got):\n%s", diff)
	}
	if p.ManagingOrganization.Type != "" {
		t.Error("the managing organisation is shown")
	}
	if get(s, "/Patient/9990000018").Body.String() != full {
		t.Error("the search changed the record")
	}
}

// Fifty thousand people fit, are rendered when asked for, and can be read while
// others are put.
func TestServer_manyPeople(t *testing.T) {
	t.Parallel()
	s := pdstest.New(pdstest.Options{})
	born := date(t, "1953-05-29")
	var numbers []nhs.Number
	for i := int64(9_990_000_000); len(numbers) < 50_000; i++ {
		n, err := nhs.NumberFromInt(i)
		if err != nil {
			continue
		}
		numbers = append(numbers, n)
		if err := s.Put(pdstest.Person{Number: n, Family: fmt.Sprint("Family", i), Given: []string{"Jo"}, Born: born}); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for _, n := range numbers[worker*100 : worker*100+100] {
				if err := s.Put(pdstest.Person{Number: n, Family: "Again", Born: born}); err != nil {
					t.Error(err)
				}
				if rec := get(s, "/Patient/"+n.Reveal()); !strings.Contains(rec.Body.String(), `"versionId":"2"`) {
					t.Errorf("got %d", rec.Code)
				}
			}
		})
	}
	wg.Wait()
	last := numbers[len(numbers)-1]
	found := search(t, s, url.Values{"family": {fmt.Sprint("Family", last.Int())}, "birthdate": {"1953-05-29"}}.Encode())
	if len(found) != 1 || found[0].Number != last {
		t.Errorf("found %d", len(found))
	}
}
