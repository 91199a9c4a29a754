// Package nhstest is an NHS in one process, for tests and examples: the token
// endpoint of the API platform, PDS, NHS Notify, MESH and the published cohort
// definitions, over real HTTP on a loopback address.
//
//	services, err := nhstest.Start(nhstest.Options{})
//	defer services.Close()
//	err = services.PDS.Put(pdstest.Person{Number: number, Family: "Smith"})
//	app, err := services.App("my-app")
//	patients, err := pds.New(app)
//
// # Strict and stateful
//
// The services refuse what the real ones refuse, with their statuses and codes,
// and remember what they were sent. The token endpoint checks every client
// assertion in the platform's order: form, expiry, single use, application, key,
// signature and audience. PDS and NHS Notify answer only with a token that it has
// issued and that still lives; [NHS.RevokeTokens] ends all tokens at once.
// [NHS.SignIn] gives access as a healthcare worker or a patient.
// [NHS.Notify] moves messages through simulated time and posts signed callbacks.
// [NHS.MESH] checks the authorisation token of every request; its mailboxes need
// no application, so [nhs.Anonymous] will do. One of them is that of the national data
// opt-out check, [NHS.OptOuts], which replies when it is told to process; another is
// CaaS's, [NHS.Cohorts], which takes subscriptions and sends cohort files.
//
// # Clock
//
// All services and the token endpoint go by Options.Now. A clock of its own for
// one service is set in that service's options. A test that moves the clock gives
// the same one to its clients, with [nhs.WithClock].
//
// # Limits
//
// MESH is served without mutual TLS, and in one place with the API platform. Keys
// have 2048 bits, to be quick to make. The cohort definitions are open to everyone,
// because nothing public says how the real service authorises. Nothing here shows
// what the live services do where nothing public says so.
package nhstest
