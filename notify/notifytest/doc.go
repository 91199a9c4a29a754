// Package notifytest is a stand-in for NHS Notify in tests: an [http.Handler]
// that accepts, refuses, remembers, sends and calls back as the real service is
// documented to do, in time that moves only when the test says so.
//
//	service := notifytest.New(notifytest.Options{Plans: []notifytest.Plan{plan}, Authorize: anyone})
//	server := httptest.NewServer(service)
//	app, err := nhs.NewApp(nhs.Loopback(server.URL), nhs.Anonymous{})
//	messages, err := notify.New(app)
//	...
//	service.Subscribe(notifytest.Subscriber{URL: receiver.URL, Secret: secret})
//	err = service.Advance(ctx, 48*time.Hour) // enrich, send, fall back, call back
//	service.Accepted(number)                 // how many messages this person has
//
// # What it is strict about
//
// Paths, methods, content types, the gateway's validation with its codes,
// pointers and limit of a hundred errors, the body size, the idempotency of
// references, and access control through [Options.Authorize].
//
// # People
//
// What happens to a message is decided by the [Journey] of its recipient, which
// the test supplies, or by [Mixed].
//
// # Limits
//
// Enrichment takes two minutes and suppliers answer after fixed times, at any
// hour. Where the service publishes no code (an NHS App message not read in
// time, a missing personalisation value) the code used here is an assumption;
// rely on the status. Secondary cascades and overrides do not occur.
package notifytest
