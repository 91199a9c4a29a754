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

// What is known of a person is seldom quite what PDS has. The steps are tried in
// their order, and the one that found somebody says how far to trust it.
func ExampleClient_Cascade() {
	born, _ := nhs.ParseDate("1953-05-29")
	patients, end := service(pdstest.Person{
		Number: nhs.MustNumber("9990000018"), Family: "Capon", Given: []string{"Annabel"}, Born: born, Postcode: "LS1 6AE",
	})
	defer end()

	known := pds.Query{Family: "Capon", Given: []string{"Anna"}, Born: pds.On(born), Postcode: "LS2 9JT"}
	found, err := patients.Cascade(context.Background(), known.Alternates()...)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range found.Matches {
		fmt.Println(found.Step, m.Patient.Number.Display())
	}
	fmt.Println(found.Tried)

	// The order is the caller's, who may also narrow what matches too many.
	surname := pds.Query{Family: "Capon", Born: pds.On(born)}
	found, err = patients.Cascade(context.Background(),
		pds.Step{Name: "surname", Query: surname},
		pds.Step{Name: "with postcode", Query: known, Narrows: true},
		pds.Step{Name: "sounds alike", Query: pds.Query{Family: "Kapon", Given: []string{"Anna"}, Born: pds.On(born), Fuzzy: true}, MinScore: 0.9})
	fmt.Println(found.Step, len(found.Matches), err)
	// Output:
	// wildcards 999 000 0018
	// [as given history wildcards]
	// surname 1 <nil>
}

func ExampleClient_Trace() {
	patients, end := service(
		pdstest.Person{Number: nhs.MustNumber("9990000018"), Family: "Capon", GP: "A20047"},
		pdstest.Person{Number: nhs.MustNumber("9990000026"), Family: "Smith", DeathStatus: pds.DeathFormal},
		pdstest.Person{Number: nhs.MustNumber("9990000034"), Family: "Jones", Security: pds.Restricted},
	)
	defer end()

	lines := []string{"999 000 0018", "9990000026", "9990000034", "9990000042", "12345"}
	numbers := func(yield func(nhs.Number, error) bool) {
		for _, line := range lines {
			if !yield(nhs.ParseNumber(line)) {
				return
			}
		}
	}
	ctx := context.Background()
	checkpoint := ""
	for r, err := range patients.Trace(ctx, numbers) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(r.Index, r.Asked, r.Outcome)
		if checkpoint = r.Checkpoint(); r.Index == 2 {
			break // something more urgent
		}
	}

	for r, err := range patients.Trace(ctx, numbers, pds.Resume(checkpoint)) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(r.Index, r.Asked, r.Outcome)
	}
	// Output:
	// 0 [NHS number] found
	// 1 [NHS number] dead
	// 2 [NHS number] restricted
	// 3 [NHS number] not found
	// 4 [no NHS number] invalid
}

// A server on which healthcare workers sign in makes one App and one Client, and a
// view of it for every session.
func ExampleClient_With() {
	fake := pdstest.New(pdstest.Options{Authorize: func(r *http.Request) error {
		fmt.Println(r.Header.Get("Authorization"), "in role", r.Header.Get("Nhsd-Session-Urid"), "for", r.Header.Get("Nhsd-End-User-Organisation-Ods"))
		return nil
	}})
	if err := fake.Put(pdstest.Person{Number: nhs.MustNumber("9990000018")}); err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(fake)
	defer server.Close()

	type user struct{}
	app, err := nhs.NewApp(nhs.Loopback(server.URL), nhs.UserToken{
		Access: nhs.HealthcareWorkerAccess,
		Token:  func(ctx context.Context) (string, error) { return fmt.Sprint("token-of-", ctx.Value(user{})), nil },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	patients, err := pds.New(app, pds.OnBehalfOf("A81001"))
	if err != nil {
		fmt.Println(err)
		return
	}

	ctx := context.WithValue(context.Background(), user{}, "ann")
	session, err := patients.With(pds.Session("555021935107"))
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := session.Get(ctx, nhs.MustNumber("9990000018"))
	fmt.Println(p, err)

	_, err = session.Coverage(ctx, nhs.MustNumber("9990000018"))
	fmt.Println(err, errors.Is(err, pds.ErrAccess))
	// Output:
	// Bearer token-of-ann in role 555021935107 for A81001
	// [PDS patient] <nil>
	// pds.Coverage: forbidden to this kind of access: healthcare worker, where PDS wants patient true
}
