// Package campaign takes one message to the people of one cohort, lawfully, once,
// and accounts for every one of them.
//
//	run, err := campaign.New(config)
//	manifest, err := run.Build(ctx)            // check everybody against PDS, seal the list
//	...                                        // people read the manifest, approve it and release a stage
//	err = run.Send(ctx, governance.Pilot)      // authorised again at every batch
//	...                                        // callbacks fill Config.Book
//	healthy, err := run.Settle(ctx, governance.Pilot)
//	...                                        // release, Send and Settle the next stage
//	report, err := run.Report(cohort.HES())
//	err = report.WriteHTML(w)
//
// # What holds
//
// Everybody the definition selected is excluded, delivered, failed or unaccounted,
// and never two of these: see [Outcome]. Nobody is messaged twice, and nothing is
// sent without a permit of package governance.
//
// # After a crash
//
// Make the campaign anew over the same Dir, call [Campaign.Restore], and go on with
// Send or Settle: who was sent is known before either is called. A request whose
// answer was lost is repeated to the byte, and NHS Notify recognises it. The
// [notify.StatusBook] lives in memory: apply stored callbacks to it again. What
// they do not tell, Settle asks NHS Notify about.
//
// # Checks that grow old
//
// A proposal says how old each check may be when a batch leaves, such as a day for
// deaths; people take longer to approve a list. So Send makes the checks that are
// older again, for those it is about to message and with the sentinels: it asks PDS,
// and the screens. Nobody comes onto the approved list by that. Whom a check finds
// leaves it, and is excluded in the [Outcome]; the stage goes on with the others. A
// screen that still answers with what it knew too long ago is refused, as is a check
// that grows too old while Send is under way: call Send again.
//
// When the data have grown too old, Build again and have the new manifest approved.
// Whom the stage has not sent is checked again; the stage goes on up to its cap.
//
// Should a batch be without an answer, Send it before either if the permit still
// allows. It cannot be repeated once somebody on it has been left out, or the list is
// another: only a callback can tell then, and until it does the batch's people are
// unaccounted for.
//
// # What is kept
//
// Dir holds the list, for each run of a stage its people and a journal, and what
// NHS Notify answered to Settle. Files named .sealed hold NHS numbers and
// personalisation under AES-256-GCM, with a key derived from Config.Key; the others
// hold references, ids, counts, codes and times. All are readable by their owner
// only. Keep the key elsewhere: destroying it unlinks Dir and the audit log from
// people, for everybody but NHS Notify. Keep Dir until then, and never put an older
// copy back: a campaign that finds less than the audit log knows of does not send
// ([ErrFilesMissing]).
//
// # Limits
//
// One process at a time may use Dir. Rehearse in a directory of its own, and in the
// same one again: test people, too, get one message each. The list and its runs are
// held in memory. What PDS cannot tell, objections and opt-outs, a [Screen] has to:
// the campaign applies its answer and checks its age and its sentinels. Whom PDS
// gives no answer about, or Send has left out, is so until the next Build. What
// Compose puts into a message is the caller's business; only its keys and kinds of
// value are checked, and values are those of Build. A letter counts as delivered when
// it is dispatched. The report is exact about the campaign: keep it inside the
// programme.
package campaign
