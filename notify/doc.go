// Package notify sends messages to patients with NHS Notify, by NHS App, email,
// text message and letter, and follows what becomes of them.
//
//	messages, err := notify.New(app)
//	sent, err := messages.Send(ctx, notify.Message{
//		Plan: plan, Reference: notify.Reference(key, "bp-2026", number.Reveal()), To: number,
//		Personalisation: map[string]any{"nhsapp_body": text},
//	})
//
// # Never twice
//
// The service recognises a request by its reference alone, for nine months, and
// ignores a repeat. So references have to be the same whenever the same message
// is meant: [Reference] makes them, without giving the NHS number away. A repeat
// is [nhs.ErrDuplicate]; it never brings back the ids of the first answer.
//
// # Many messages
//
// [Client.SendBatch] sends a batch that is accepted or refused as a whole; a
// [*BatchError] names the messages at fault. [Client.Bulk] sends any number of
// them in batches, writes what it does to a [Journal], [OpenJournal]'s in a file or
// [OpenSQLJournal]'s in a database, and goes on after a crash without sending twice
// or losing anyone. [Bulk.DryRun] says beforehand what it would send.
//
// # What became of them
//
// An accepted message is not a delivered one. [Callbacks] is the handler for the
// service's signed callbacks, a [Sink] such as a [CallbackLog] stores them, and a
// [StatusBook] merges them, in whatever order and number they come, into one state
// for each message. Who misses two hours of callbacks asks with [Client.Reconcile].
// [Client.Status] asks for one message. [ChannelState.Receipt] tells a message
// that lies in the NHS App from one that was read, and a letter handed to the
// post from one that was received.
//
// # Errors and retries
//
// Failures that may pass are retried: sending again is safe. A wait longer than
// the App's retry policy allows is left to the caller, in RetryAfter: it is five
// minutes at least when the service is still working on the first request (425).
// [FaultOf] says what is to be done about an error; on [IsBan] a campaign must
// stop.
//
// # Before sending
//
// What the service would refuse is refused before any request. What it would
// accept and then not send, [Lint] finds, given the plan's [Templates], which also
// say what messages cost: [Templates.Estimate].
//
// # The NHS App, and MESH
//
// A plan that begins with the NHS App falls back by itself. [Client.Accounts] says
// who has the app at a practice. A [SendFile] takes up to six million messages by
// MESH, and [ReadReport] reads what became of them.
//
// # Limits
//
// The service has no way to list, find or cancel messages, to list or preview
// templates and plans, or to send later. Columns of the MESH route that have no
// public names are assumptions, see [ReportRow] and [SendFile].
package notify
