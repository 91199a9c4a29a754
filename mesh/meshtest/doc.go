// Package meshtest is MESH in process, for tests: mailboxes that send to each
// other, as strict as the real service about tokens, headers and workflows.
//
//	server := meshtest.New(meshtest.Options{Mailboxes: []meshtest.Mailbox{
//		{Mailbox: sender}, {Mailbox: receiver, Workflows: []string{"MY_WORKFLOW"}},
//	}})
//	web := httptest.NewServer(server)
//	app, err := nhs.NewApp(nhs.Loopback(web.URL), nhs.Anonymous{})
//	box, err := mesh.New(app, sender)
//
// A token that is malformed, wrong, more than two hours off or used before gets
// 403. A message for a mailbox that does not exist gets 417 with code 12, and for
// a workflow the receiver is not registered for 417 with code 17. A message that
// nobody acknowledges in five days is gone (410), and its sender finds a report
// with code 14.
//
// # Limits
//
// It speaks version 2 only, takes messages of one chunk (deliver others with
// [Server.Deliver]) and keeps everything in memory. The real service wants a
// client certificate; this leaves TLS to its host.
package meshtest
