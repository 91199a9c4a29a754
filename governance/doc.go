// Package governance makes sure that nobody builds a cohort from real records, or hands one
// person to NHS Notify, until the right, distinct people have signed exactly what is about to happen.
//
// # How it works
//
// A [Proposal] has seven facets: cohort, data, purpose, message, volume, safety and window. Each is
// hashed separately. A [Gate] names the facets it judges and the roles that must sign; a change voids
// the gates that cover what changed and no others ([Impact] says which before the change is made).
// [DefaultGates] are the seven steps of the personalised prevention discovery, with the last one
// split into assurance, summary and release. Some things are the machine's to decide, whoever signs:
// see [MachineCheckRules], and [DeriveOptOut] and [SuppressionRules] for two of its tables.
//
// People speak in signed notes: an [Approval] (approve, reject or revoke, perhaps on a [Condition]), a
// [Discharge] of a condition, a [Halt] or a [Resume]. A note is short readable text followed by signatures;
// keys may live in hardware. [Trust] says whose keys and roles count, and when: it is read from a
// [TrustFile], which the holders of a few root keys sign. An [Authority] accepts notes, writes them to an
// append-only Merkle [Log], and issues a [Permit] while every gate is met:
//
//	approval := governance.Approve(proposal, gate, now)
//	signed, err := approval.Sign(clinician, safetyOfficer)
//	_, err = authority.Submit(ctx, signed)
//
//	build, err := authority.PermitBuild(ctx, proposal)
//	manifest.Build, err = build.AuthorizeBuild(ctx, governance.Build{Cohort: live, Uses: uses})
//	err = build.RecordManifest(ctx, manifest)
//
//	send, err := authority.PermitSend(ctx, proposal, manifest, governance.Pilot)
//	err = send.Authorize(ctx, batch) // before every batch; an error means: do not send
//
// A permit is checked again in full before every batch: signatures, window, sending hours, caps,
// halts, ages of data and of suppressions, and that everybody in the batch is on the sealed [List]. The
// log entry is on disk before Authorize returns nil.
//
// # Proof
//
// A [Checkpoint] commits to the whole log. A [Witness], somebody other than the operator, co-signs each, and
// only if nothing that it saw before is missing or changed. Whoever has the keys of the roots, the operator
// and the witness can then prove from the files alone, with [AuditDirectory] or examples/verify, that every
// note was good when it was logged and every batch was covered when it was sent. [Log.Prove] shows one entry
// without the others, and [List.Prove] one person's place on a list. Package export, below this one, writes
// what reviewers read; [Authority.RecordFiles] records it, so that nobody can change, add or take away a page.
//
// # Personal data
//
// Recipients are opaque keyed tokens ([Sealer]). Text fields that hold an NHS number are refused, so
// none reaches a note, the log or an error. The log does name members of staff, and holds exact counts of
// the people left out of a list for each reason and segment: treat it as the programme's own.
//
// # Limits
//
// The package proves who signed what and when it was logged, not that they were right. Legal, clinical
// and information governance judgements belong to the people who sign. In particular:
//
//   - It cannot stop someone who holds database or Notify credentials and does not ask for a permit, nor a
//     changed program that does not.
//   - The author is whom the proposal names, from among the people of the trust file. Authors sign nothing as
//     such: those who approve see the name, and the author's lead answers for it.
//   - Signatures are as good as the custody of the keys. That two keys belong to two people is what the
//     holders of the root keys say. Keys are Ed25519.
//   - What a program claims about the world is taken from it: when a suppression was applied and to how many,
//     which snapshot was read, how sentinels fared, who was delivered. The log shows who will have claimed it,
//     and when; sentinels, outcomes and counts that must agree make a false claim harder, not impossible.
//   - The digest of a template says which text was approved, not which text NHS Notify holds under the
//     routing plan: the service has no way to ask.
//   - Nothing shows a batch to be other people than an earlier batch: that nobody is messaged twice is the
//     sender's promise. A batch is a number of people and a digest.
//   - Without a witness, an operator can show two people two logs, or put an entry in later with an earlier
//     time. Entries after the last checkpoint are not vouched for. A log and its checkpoints can be put back to
//     an earlier state together: only what the witness has seen last tells, so give it to [AuditDirectory].
//   - Files are proved as they were last recorded, as are the checkpoints kept until then: record what
//     reviewers read whenever it is written, and have the witness see it. What else lies beside the log is
//     not looked at.
//   - A person who is removed from the trust file loses what they signed before, and with it what rested on
//     it; the audit of a batch uses the trust file that was in force then.
//   - Another reading of the law than that of [OptOutRules] may be right. Nobody under 16 can be messaged.
//   - The times of the log are the operator's clock, which a witness bounds.
//
// Whoever deploys it still needs their own DCB0160 safety case, DPIA, and Notify and CaaS onboarding.
//
// Days and sending hours are those of Europe/London: a host without a time zone database must
// import time/tzdata.
package governance
