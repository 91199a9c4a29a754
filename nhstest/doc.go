// Package nhstest is an NHS in one process, for tests and examples: the token
// endpoint of the API platform, PDS, NHS Notify, MESH and the published cohort
// definitions, over real HTTP on a loopback address.
//
//	services, err := nhstest.Start(nhstest.Options{})
//	defer services.Close()
//	services.PDS.Put(pdstest.Person{Number: number, Family: "Smith"})
//	app, err := services.App("my-app")
//	patients, err := pds.New(app)
//
// # Strict and stateful
//
// The services refuse what the real ones refuse, in their words, and remember
// what they were sent. The token endpoint verifies signature, key id, audience,
// expiry and single use of every client assertion, and PDS and NHS Notify accept
// only tokens it has issued. [NHS.Notify] moves messages through simulated time and
// posts signed callbacks; [NHS.MESH] checks every authorisation token.
//
// # Limits
//
// MESH is served without mutual TLS. Nothing here shows what the live services do
// where nothing public says so.
package nhstest
