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

// service runs a stand-in for PDS that is open to anyone, and returns a client of
// it and what ends it.
func service(people ...pdstest.Person) (*pds.Client, func()) {
	fake := pdstest.New(pdstest.Options{Authorize: func(*http.Request) error { return nil }})
	if err := fake.Put(people...); err != nil {
		panic(err)
	}
	server := httptest.NewServer(fake)
	app, err := nhs.NewApp(nhs.Loopback(server.URL), nhs.Anonymous{})
	if err != nil {
		panic(err)
	}
	patients, err := pds.New(app)
	if err != nil {
		panic(err)
	}
	return patients, server.Close
}

func ExampleClient_Get() {
	number := nhs.MustNumber("9990000018")
	born, _ := nhs.ParseDate("1953-05-29")
	patients, end := service(pdstest.Person{
		Number: number, Family: "Capon", Given: []string{"Anna"}, Born: born, GP: "A20047", Postcode: "LS1 6AE",
	})
	defer end()

	ctx := context.Background()
	p, err := patients.Get(ctx, number)
	if err != nil {
		fmt.Println(err)
		return
	}
	on, _ := nhs.ParseDate("2026-01-05")
	age, _ := p.AgeOn(on)
	name, _ := p.UsualName()
	fmt.Println(name.Given[0], name.Family, age, p.GeneralPractice())
	fmt.Println("restricted", p.Restricted(), "deceased", p.Deceased(), "superseded", p.Superseded(number))
	fmt.Println(p)

	_, err = patients.Get(ctx, nhs.MustNumber("9990000026"))
	fmt.Println(errors.Is(err, nhs.ErrNotFound))
	// Output:
	// Anna Capon 72 A20047
	// restricted false deceased false superseded false
	// [PDS patient]
	// true
}

func ExampleClient_Search() {
	born, _ := nhs.ParseDate("1953-05-29")
	patients, end := service(
		pdstest.Person{Number: nhs.MustNumber("9990000018"), Family: "Capon", Given: []string{"Anna"}, Born: born},
		pdstest.Person{Number: nhs.MustNumber("9990000026"), Family: "Capon", Given: []string{"Beth"}, Born: born},
	)
	defer end()

	ctx := context.Background()
	found, err := patients.Search(ctx, pds.Query{Family: "Cap*", Given: []string{"Anna"}, Born: pds.On(born)})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range found {
		fmt.Println(m.Score, m.Patient.Number.Display())
	}

	_, err = patients.Search(ctx, pds.Query{Family: "Capon", Born: pds.On(born)})
	fmt.Println(errors.Is(err, pds.ErrTooManyMatches))

	_, err = patients.Search(ctx, pds.Query{Family: "Capon"})
	fmt.Println(err)
	// Output:
	// 1 999 000 0018
	// true
	// pds.Search: Query needs Family and Born, or Fuzzy
}
