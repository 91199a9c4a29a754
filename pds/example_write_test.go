package pds_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// signedIn runs a stand-in for PDS for a user who has signed in, and returns a
// client of it and what ends it.
func signedIn(user pdstest.Token, people ...pdstest.Person) (*pds.Client, func()) {
	fake := pdstest.New(pdstest.Options{Token: pdstest.Always(user)})
	if err := fake.Put(people...); err != nil {
		panic(err)
	}
	server := httptest.NewServer(fake)
	app, err := nhs.NewApp(nhs.Loopback(server.URL), nhs.UserToken{
		Access: user.Access,
		Token:  func(context.Context) (string, error) { return "the user's access token", nil },
	})
	if err != nil {
		panic(err)
	}
	patients, err := pds.New(app)
	if err != nil {
		panic(err)
	}
	return patients, server.Close
}

func ExampleClient_Update() {
	number := nhs.MustNumber("9990000018")
	patients, end := signedIn(pdstest.Token{Access: nhs.HealthcareWorkerAccess}, pdstest.Person{
		Number: number, Family: "Capon", Given: []string{"Anna"}, Lines: []string{"1 High Street", "Leeds"}, Postcode: "LS1 1AA",
	})
	defer end()

	ctx := context.Background()
	p, err := patients.Get(ctx, number)
	if err != nil {
		fmt.Println(err)
		return
	}
	edit := p.Edit()
	edit.Address(pds.Home).SetLines(pds.AddressLines{Premises: "2", Street: "Low Road", Town: "Leeds"}).SetPostcode("LS1 6AE")
	edit.Telecom(pds.Phone, pds.Mobile).SetValue("07700900123")
	preview, err := edit.Patches()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, patch := range preview {
		fmt.Println(patch)
	}

	changed, err := patients.Update(ctx, edit)
	if err != nil {
		fmt.Println(err)
		return
	}
	home, _ := changed.HomeAddress()
	fmt.Println(home.Postcode, "version", changed.Version)

	// The edit was for the version before.
	_, err = patients.Update(ctx, edit)
	if conflict, ok := errors.AsType[*pds.ConflictError](err); ok {
		fmt.Println("version", conflict.Current.Version, "now")
	}
	// Output:
	// test /address/0/id [value]
	// replace /address/0/line [value]
	// replace /address/0/postalCode [value]
	// add /telecom/- [value]
	// LS1 6AE version 2
	// version 2 now
}

// What PDS would refuse is refused before anything is sent, unless PDS is to
// decide.
func ExampleEdit_Allow() {
	number := nhs.MustNumber("9990000018")
	patients, end := signedIn(pdstest.Token{Access: nhs.HealthcareWorkerAccess}, pdstest.Person{Number: number, Family: "Capon"})
	defer end()

	p, err := patients.Get(context.Background(), number)
	if err != nil {
		fmt.Println(err)
		return
	}
	edit := p.Edit()
	edit.Name(pds.Usual).SetFamily("O`Brien")
	_, err = edit.Patches()
	fmt.Println(err)

	edit.Allow("Name.Family")
	patches, err := edit.Patches()
	fmt.Println(len(patches), err)
	// Output:
	// Name.Family has a character that PDS does not take in names
	// 2 <nil>
}

func ExampleClient_Create() {
	patients, end := signedIn(pdstest.Token{Access: nhs.HealthcareWorkerAccess})
	defer end()

	born, _ := nhs.ParseDate("1999-05-17")
	visitor := pds.NewPatient{
		Name:      pds.HumanName{Family: "Capon", Given: []string{"Anna"}, Period: pds.Period{Start: "2026-01-05"}},
		Gender:    pds.Female,
		BirthDate: born,
		Addresses: []pds.Address{{
			Use: pds.Home, Lines: []string{"1", "High Street", "", "Leeds"}, Postcode: "LS1 6AE", Period: pds.Period{Start: "2026-01-05"},
		}},
		Authority: pds.RegisteringAuthority{Type: "x", Organisation: "A81001"},
	}
	ctx := context.Background()
	p, err := patients.Create(ctx, visitor)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p, "version", p.Version)

	_, err = patients.Create(ctx, visitor)
	if match, ok := errors.AsType[*pds.MatchError](err); ok && errors.Is(err, pds.ErrSingleMatch) {
		fmt.Println("known already:", match.Number == p.Number)
	}
	// Output:
	// [PDS patient] version 1
	// known already: true
}

func ExampleClient_SetCoverage() {
	number := nhs.MustNumber("9990000018")
	patients, end := signedIn(pdstest.Token{Access: nhs.PatientAccess, Patient: number}, pdstest.Person{Number: number, Family: "Capon"})
	defer end()

	ctx := context.Background()
	now, err := patients.Coverage(ctx, number)
	if err != nil {
		fmt.Println(err)
		return
	}
	expires, _ := nhs.ParseDate("2030-12-31")
	now, err = patients.SetCoverage(ctx, pds.Coverage{
		Number: number, Card: "29401395498043123948", Country: "FRA", Institution: "92847ADGJL", Personal: "178705ABC", Expires: expires,
	}, now.Version)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(now.Coverage.Country, now.Coverage.Expires)
	// Output: FRA 2030-12-31
}

func ExampleClient_RelatedPeople() {
	number := nhs.MustNumber("9990000018")
	patients, end := service(pdstest.Person{Number: number, Family: "Capon"})
	defer end()

	people, err := patients.RelatedPeople(context.Background(), number)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(people), "related people")
	// Output: 0 related people
}

// A request that this package has no method for goes out like any other.
func ExampleClient_Raw() {
	number := nhs.MustNumber("9990000018")
	patients, end := service(pdstest.Person{Number: number, Family: "Capon"})
	defer end()

	answer, err := patients.Raw(context.Background(), pds.RawRequest{
		Method: http.MethodGet, Path: "/Patient/" + number.Reveal(), Repeatable: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.StatusCode, answer.Header.Get("ETag"))
	// Output: 200 W/"1"
}
