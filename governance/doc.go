// Package governance makes sure that nobody builds a cohort from real records, or hands one
// person to NHS Notify, until the right, distinct people have signed exactly what is about to happen.
//
// # How it works
//
// A [Proposal] has seven facets: cohort, data, purpose, message, volume, safety and window. Each is
// hashed separately. A [Gate] names the facets it judges and the roles that must sign; a change voids
// the gates that cover what changed and no others ([Impact] says which before the change is made).
// [DefaultGates] are the seven steps of the personalised prevention discovery, with the last one
// split into assurance, summary and release.
//
// People speak in signed notes: an [Approval] (approve, reject or revoke, perhaps on a [Condition]), a
// [Discharge] of a condition, a [Halt] or a [Resume]. A note is short readable text followed by signatures;
// keys may live in hardware. [Trust] says whose keys and roles count, and when: it is read from a
// [TrustFile], which the holders of a few root keys sign. An [Authority] accepts notes, writes them to an
// append-only Merkle [Log], and issues a [Permit] while every gate is met, by people and by the machine
// ([MachineCheckRules]):
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
// log entry is on disk before Authorize returns nil. Anyone with a trusted [Checkpoint] can check a log file offline with [Verify].
//
// # Personal data
//
// Recipients are opaque keyed tokens ([Sealer]). Text fields that hold an NHS number are refused, so
// none reaches a note, the log or an error. The log does name members of staff.
//
// # Limits
//
// The package proves who signed what and when it was logged, not that they were right. Legal, clinical
// and information governance judgements belong to the people who sign. Signatures are as good as the
// custody of the keys, and the log as good as the checkpoint you kept elsewhere. It cannot stop someone
// who holds database or Notify credentials and does not ask for a permit. Whoever deploys it still needs
// their own DCB0160 safety case, DPIA, and Notify and CaaS onboarding.
//
// Days and sending hours are those of Europe/London: a host without a time zone database must
// import time/tzdata.
package governance
