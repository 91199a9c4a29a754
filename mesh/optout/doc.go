// Package optout asks the Check for National Data Opt-outs Service who of a list of
// people may be used: people who have opted out of the use of their data beyond
// their own care must be left out of it, wherever the opt-out applies. Whether it
// does is a decision of information governance, not of this package.
//
//	checker, err := optout.New(box, optout.Options{
//		Recipient: optout.LiveMailbox, Workflow: optout.Workflow, Key: key, Now: time.Now,
//	})
//	list, err := optout.NewList(people, sentinels)
//	receipt, err := checker.Prepare(list, optout.Request{Sequence: 7, Subject: "kidney-7", LocalID: "kidney-7"})
//	err = save(receipt) // before it is sent
//	receipt, err = checker.Send(ctx, receipt, list)
//	err = checker.Wait(ctx, receipt, list, func(ctx context.Context, r *optout.Result) error {
//		for person, err := range r.Filter(time.Now, people) {
//			...
//		}
//		return commit() // only then is the reply acknowledged
//	})
//
// # Nothing is stored about persons
//
// The licence of the service forbids to write results to patient records, to share
// them, and to use them for anything but applying opt-outs. A [Result] lives in
// memory, prints as a mask and refuses to be marshalled; this package writes no file.
// What may be kept is a [Receipt] and a [Summary]: counts, times, names and keyed
// digests.
//
// # After a crash
//
// The stored receipt and the same people, in any order, go on where the program
// stopped: [Checker.Send] finds out whether the request was sent, [Checker.Wait]
// finds the reply. A reply is downloaded once, checked, used, and then acknowledged
// at once. A crash before that has it come again; a crash after it loses what use
// has not made durable, and nobody is used until the service is asked again. There
// is no safer order, because what comes must not be stored. A program that finds its
// work done calls [Checker.Discard] instead of waiting; so does one that has put a
// failed reply on record, which stays in the inbox until then.
//
// # Sentinels
//
// Opt-outs fail in silence: those of 150,000 people were not passed on for three
// years. So plant [Sentinels], people who are known to have opted out and people
// who are known not to have, in every list. A reply that is wrong about one of them
// is [ErrSentinel], and not used.
//
// # How long a result holds
//
// For [MaxAge] after the request was sent, or less if [Options] say so. A stale
// [Result] gives [ErrStale] for everybody.
//
// # What the service is like
//
// A request is a file of lines, each ten digits, a comma and a line feed. The reply
// is the same without those who have opted out; it takes about 40 minutes, or up to a
// day. For one invalid number it is a line of text instead: [ErrRefused]. A note in
// JSON may come before, that the file was not empty, is no repeat and is in order. A
// request whose subject or local id is missing, or has other characters than letters,
// digits, - and _, is accepted and never answered: such names are refused here.
//
// # What is assumed
//
//   - Replies come from the mailbox asked, under the workflow of the request, with
//     its local id in mex-LocalID. NHS England says that the local id is the same;
//     for the rest there is one public sample.
//   - A failed stage says "passed": false. Only passed stages are public.
//   - What a message is shows in its content: digits, a JSON object, or a line of text.
//   - A reply that leaves nobody in is empty, or an empty line.
//   - The day in a file's name is that of the clock's time zone.
//   - The service takes chunked messages. Files up to 100 MB go in one.
//
// # Limits
//
// Nothing here was tried against the live service. Whether the service follows a
// superseded NHS number to its new one is not public: look numbers up in PDS first.
// Which people may serve as sentinels in production is for its owner to say. A
// [mesh.Poller] that takes every workflow would take the replies away: have it poll
// for "!SPINE_NTT_UPHOLDING".
//
// Sources: NHS England, Check for National Data Opt-outs Service, and its licence;
// UK Renal Registry, National Opt-Out Processes; FITFILE, MESH API witness testing;
// NEL and Dorset healthcare-data-exchange, National Data Opt-Out; for the note in
// JSON, a public test of a receiver of these messages.
package optout
