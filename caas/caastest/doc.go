// Package caastest is CaaS in process, for tests: as a [Peer] on MESH that takes
// subscriptions and sends cohort files, and as a [Server] of the published cohort
// definitions.
//
//	exchange, err := caastest.StartTLS(caastest.PeerOptions{
//		Programme: ours.ID, Subscribe: "MY_SUBSCRIBE", Cohort: "MY_COHORT", Now: now,
//	}, meshtest.Options{Mailboxes: []meshtest.Mailbox{{Mailbox: ours, Workflows: []string{"MY_COHORT"}}}})
//	box, err := exchange.Client(ours)
//	receipt, err := caas.Subscribe(ctx, box, subscription, people)
//	sent, err := exchange.Peer.Deliver(ctx) // a file that adds them
//	found, err := caas.Receive(ctx, caas.MESH{Box: box, Workflow: "MY_COHORT"}, handlers)
//
// # Subscriptions and cohort files
//
// [StartTLS] is MESH behind TLS, with all the rules of package meshtest: client
// certificates, single-use tokens in their time window, chunks, workflows registered
// for a mailbox, five days until a message that nobody collects is reported to its
// sender. The Peer is a client of it like any other, and acts when it is told to:
// [Peer.Deliver] is one day, whatever the clock says. It takes a subscription only
// from the programme's mailbox, under the workflow id of subscriptions, with the file
// name and content type that the public consumer sends, and in exactly that form.
// Its files add those who are newly subscribed, amend and delete whom the test says,
// and say that nothing has changed when nothing has.
//
// # Definitions
//
//	web := httptest.NewServer(caastest.New(caastest.Options{Cohorts: cohorts}))
//	app, err := nhs.NewApp(nhs.Loopback(web.URL), nhs.Anonymous{})
//	definitions, err := caas.NewDefinitions(app)
//
// The Server answers the two published queries, whole: it does not leave out fields
// that a query does not ask for, but refuses a query with a word that is not in the
// schema, as the real service does, with status 400 and the code
// GRAPHQL_VALIDATION_FAILED. A variable of the wrong type gives status 200 with the
// code BAD_USER_INPUT, and an unknown slug an ErrorDescription with code 404.
//
// # What is assumed
//
// CaaS is not known to answer a subscription, good or bad: a bad one is collected and
// dropped here, or left to expire with [PeerOptions].LeaveRefused, and [Peer.Refused]
// tells the test. That a file with one bad row is refused whole, that somebody
// subscribed twice comes once, and that somebody deleted may be subscribed again is
// assumed. Whether a file was sent uncompressed, as CaaS wants it, a receiver cannot
// see: MESH passes content on in the encoding that the receiver asks for.
package caastest
