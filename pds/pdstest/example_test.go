package pdstest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// The service makes an update, but the program never gets the answer. The client
// asks again, and learns that somebody has changed the record: itself.
func Example() {
	lost := false
	fake := pdstest.New(pdstest.Options{
		Token: pdstest.Always(pdstest.Token{Access: nhs.HealthcareWorkerAccess}),
		Fault: func(r *http.Request) pdstest.Fault {
			if r.Method != http.MethodPatch || lost {
				return pdstest.Fault{}
			}
			lost = true
			return pdstest.Fault{Lose: true}
		},
	})
	number := nhs.MustNumber("9990000018")
	if err := fake.Put(pdstest.Person{Number: number, Family: "Capon", Gender: pds.Unknown}); err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(fake)
	defer server.Close()

	worker := nhs.UserToken{
		Access: nhs.HealthcareWorkerAccess,
		Token:  func(context.Context) (string, error) { return "token", nil },
	}
	app, err := nhs.NewApp(nhs.Loopback(server.URL), worker, nhs.WithRetry(nhs.RetryPolicy{MinWait: time.Millisecond}))
	if err != nil {
		fmt.Println(err)
		return
	}
	patients, err := pds.New(app)
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := patients.Get(context.Background(), number)
	if err != nil {
		fmt.Println(err)
		return
	}
	edit := p.Edit()
	edit.SetGender(pds.Female)
	_, err = patients.Update(context.Background(), edit)
	if conflict, ok := errors.AsType[*pds.ConflictError](err); ok {
		fmt.Println("version", p.Version, "is now", conflict.Current.Version, "with gender", conflict.Current.Gender)
	}
	// Output: version 1 is now 2 with gender female
}
