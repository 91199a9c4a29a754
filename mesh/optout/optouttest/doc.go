// Package optouttest is the Check for National Data Opt-outs Service in process, for
// tests: a peer on MESH that knows who has opted out and replies like the real one.
//
//	server := meshtest.New(meshtest.Options{Mailboxes: []meshtest.Mailbox{
//		{Mailbox: ours, Workflows: []string{optout.Workflow}},
//		{Mailbox: theirs, Workflows: []string{optout.Workflow}},
//	}})
//	...
//	service, err := optouttest.New(theirBox, optouttest.Options{OptedOut: people, Now: now})
//	... // send a request
//	requests, err := service.Process(ctx)
//
// # Strict and silent
//
// A request with a subject or local id that is missing, or has other characters than
// letters, digits, - and _, is collected and never answered, as is one whose name
// does not end in ".dat". A file that is not lines of a valid NHS number, a comma and
// a line feed gets one line of text. A file whose name came before, or whose number
// is not above that of the file before, gets a note with a stage that was not
// passed; every other file one with three stages that were, and then its reply.
//
// # Limits
//
// The words of refusals, the shape of a failed stage and how an empty reply looks
// are not public: they are assumed here as in package optout. File names in other
// forms than mailbox, day and number are in order whatever they are.
package optouttest
