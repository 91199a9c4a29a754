// Package mesh is a client for MESH, the Message Exchange for Social Care and
// Health: files from mailbox to mailbox.
//
//	client, err := mesh.TLS(certificatePEM, keyPEM, authoritiesPEM)
//	app, err := nhs.NewApp(nhs.Integration, nhs.Anonymous{}, nhs.WithHTTPClient(client))
//	box, err := mesh.New(app, mesh.Mailbox{ID: "X26ABC1", Password: password, SharedKey: key})
//	err = box.Poll(ctx, mesh.Poller{
//		Message: func(ctx context.Context, m *mesh.Message) error {
//			_, err := io.Copy(file, m)
//			return err
//		},
//		Report: func(ctx context.Context, e *mesh.Envelope) error { return undelivered(e.Report) },
//	})
//
// # Being a good mailbox
//
// [Client.Poll] does what MESH asks for: a handshake at least once in 24 hours, a
// look into the inbox every five minutes and not more often, everything
// acknowledged when it is stored, reports too. A message that nobody acknowledges
// within five days goes back to its sender as undelivered. Whoever does without
// Poll has [Client.Handshake], [Client.Inbox], [Client.Download] and
// [Client.Acknowledge].
//
// # Reports
//
// A [Message] of type [TypeReport] has no content. It says that a message sent
// earlier was not delivered: its [Report] names that message and the reason.
//
// # Sending
//
// [Client.Send] takes content of any size, and cuts it into chunks where it does
// not fit one request; two chunks are in memory at a time. Give every
// message a LocalID. [Client.Track] tells what has become of it.
//
// # Repeats
//
// Every attempt has its own single-use token. Everything but the first request of
// [Client.Send] is repeated as [nhs.RetryPolicy] says. That one is not: a repeat
// could deliver the message twice. [Uncertain] tells whether a failure leaves that
// open, and [Client.TrackLocalID] settles it; [Client.Resume] completes a message
// that broke off.
//
// # Limits
//
// Version 2 of the API only, but for [Client.TrackLocalID]. The environments are
// integration and production; MESH's third one, deployment, has no
// [nhs.Environment]. MESH asks for a client certificate, see [TLS]; there is no way
// to trust a server unseen. Credentials of the App are not used. How MESH treats
// chunks that come twice, and the time zone of its timestamps, is not public: this
// package assumes what the sandbox does, and UTC.
//
// Source: MESH API specification 2.0, and for what it leaves out the public
// mesh-sandbox; openapi/mesh.yaml names both.
package mesh
