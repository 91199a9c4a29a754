// Package meshtest is MESH in process, for tests: mailboxes that send to each
// other, as strict as the real service about tokens, headers, chunks and
// workflows.
//
//	server := meshtest.New(meshtest.Options{Mailboxes: []meshtest.Mailbox{
//		{Mailbox: sender}, {Mailbox: receiver, Workflows: []string{"MY_WORKFLOW"}},
//	}})
//	web := httptest.NewServer(server)
//	app, err := nhs.NewApp(nhs.Loopback(web.URL), nhs.Anonymous{})
//	box, err := mesh.New(app, sender)
//
// [StartTLS] serves it behind TLS, for clients with a certificate only.
//
// A token that is malformed, wrong, more than two hours off or used before gets
// 403. A message for a mailbox that does not exist gets 417 with code 12, and for
// a workflow the receiver is not registered for 417 with code 17. A message is
// there for its receiver when its last chunk is; a chunk after that gets 423, one
// beyond their number 406, and one out of order 417. A message that nobody
// acknowledges in five days is gone (410), and its sender finds a report with code
// 14; [Server.Fail] does the same at once, for any reason.
//
// # Limits
//
// It speaks version 2 only, but for tracking by local id, which has no version 2,
// and keeps everything in memory. The public sandbox takes chunks in any order;
// this does not, because a gap is a mistake of the sender's.
package meshtest
