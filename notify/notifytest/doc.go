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
// Paths, methods, content types, the gateway's validation in its order, with its
// codes, pointers and limit of a hundred errors, then what the account may do and
// the form of contact details, the body size, the idempotency of references with
// its 425 and 422, quotas with their Retry-After, and access control through
// [Options.Authorize]. [Server.Ban] and faulty plans refuse what the real ones do;
// [Options.Fault] makes any request fail, its answer late, or lost after the work
// is done.
//
// # People
//
// What happens to a message is decided by the [Journey] of its recipient, which
// the test supplies, or by [Mixed]. A plan may have a secondary cascade, which
// begins when the first channel has failed.
//
// # Callbacks
//
// [Server.Advance] goes from event to event and signs, sends and repeats callbacks
// as the service does, with its growing pauses and its two hours of patience. A
// [Subscriber] may have them early, late, twice and in any order, as a seed
// decides. [Server.Lost] counts those given up.
//
// # Limits
//
// Enrichment takes two minutes and suppliers answer after fixed times, at any
// hour. How a secondary cascade adds to a message's status, the page size of
// accounts, and the code of a missing personalisation value are assumptions: the
// service does not publish them. Conditional overrides of a plan do not occur.
package notifytest
