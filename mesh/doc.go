// Package mesh is a client for MESH, the Message Exchange for Social Care and
// Health: files from mailbox to mailbox.
//
//	box, err := mesh.New(app, mesh.Mailbox{ID: "X26ABC1", Password: password, SharedKey: key})
//	err = box.Handshake(ctx)
//	for id, err := range box.Inbox(ctx, mesh.InboxQuery{Workflow: "MY_WORKFLOW"}) {
//		...
//		m, err := box.Download(ctx, id)
//		_, err = io.Copy(file, m)
//		err = m.Close()
//		err = box.Acknowledge(ctx, id)
//	}
//
// # Being a good mailbox
//
// Shake hands at least once in 24 hours. Look into the inbox about every five
// minutes, not more often; a message that nobody acknowledges within five days
// of its delivery goes back to its sender as undelivered. Acknowledge a message
// only when it is safely stored, and acknowledge reports too, or they stay.
//
// # Reports
//
// A [Message] of type [TypeReport] has no content. It says that a message sent
// earlier was not delivered: its [Report] names that message and the reason.
//
// # Repeats
//
// Every attempt has its own single-use token. Everything but [Client.Send] is
// repeated as [nhs.RetryPolicy] says. Send is not: a repeat could deliver the
// message twice. After an error with status 0 or 5xx the message may be on its
// way all the same.
//
// # Connection
//
// MESH outside loopback asks for a client certificate: give the App an HTTP
// client that presents it and trusts the NHS authorities, with
// [nhs.WithHTTPClient]. Credentials of the App are not used; [nhs.Anonymous] do.
//
// # Limits
//
// A message to send must fit one request, 100 MB before compression; messages
// received may have any number of chunks. Tracking and address look-ups are not
// offered.
//
// Source: MESH API specification 2.0, and for what it leaves out the public
// mesh-sandbox; openapi/mesh.yaml names both.
package mesh
