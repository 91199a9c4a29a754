// Package caas works with Cohorting as a Service (CaaS): it prepares the request for a
// cohort, subscribes people, receives the files in which the members of a cohort
// arrive, and reads the definitions that CaaS has published.
//
//	source := caas.MESH{Box: mailbox, Workflow: workflow, Spool: "spool"}
//	found, err := caas.Receive(ctx, source, caas.Handlers{
//		Delivery: func(ctx context.Context, d caas.Delivery) error {
//			for record, err := range d.Records {
//				...
//			}
//			return store.Commit() // nil acknowledges the delivery
//		},
//	})
//
// # The request for a cohort
//
// [Request] is the document that a programme prepares to have CaaS make a cohort.
// [Request.FillDefinition] and [Request.FillProposal] fill it from a cohort definition
// and a governance proposal, and make nothing up: [Request.Missing] lists what is
// still to be said, by whom, and for which step of onboarding. It is written as
// Markdown, as a page and as JSON, with one hash on all of them.
//
// # Subscription
//
// [Subscribe] sends CaaS a file of people who are to come in cohort files. The only
// receipt is MESH's message id. The same people under the same name are sent once,
// whatever is lost on the way, so the call can be repeated after any failure. An
// undelivered subscription comes back as a report under its workflow id: receive that,
// too.
//
// # Deliveries
//
// [Receive] takes deliveries from a [Source] one after the other, and acknowledges each
// one only after the caller has stored it; it stops at the first that fails, because
// they are changes that follow upon each other. Sources are [MESH], a [Directory], an
// [Iterator], and whatever implements the interface when CaaS offers another way. A
// delivery that was stored but not acknowledged comes again under the same id.
// [Received] tells a day without changes, which is a nil return, from a day without a
// file, and [Received.Overdue] when to raise an alarm. MESH wants no more than a look
// every five minutes, and a handshake every day: see the example of polling.
//
// # Cohort files
//
// A cohort file is Parquet: one [Record] for each change, to add, amend or delete
// a person. [OpenFile] matches columns by name and bears with types that differ
// between writers. [File.Records] goes on after a row that is not usable and
// reports it as a [*RowError]; such rows are for the caller to pass on, and a [Tally]
// counts them all. A row with NHS number 0 is a nil return: nothing has changed. A person leaves
// without a reason being given; one whose record is sensitive does, too. [Writer]
// writes such files, for tests and rehearsals.
//
// Nothing is checked beyond that unless the caller asks: [BreastScreeningRules] are the
// public validation rules of the one programme that has some. [RecordRules.Check] gives
// a [Finding] for each rule that a record breaks or that could not be checked, never
// with the value.
//
// # Membership
//
// An [Applier] applies the records of a delivery to a [Membership], which is the
// caller's database. Every record becomes a [Change]: who joined or left, with the
// reasons that the record states or [ReasonUnknown], and an [Anomaly] where it
// contradicts what was known. Records that come late or again undo nothing, and a
// delivery whose application ended in the middle is applied again, which stores every
// change once. [Totals] account for each row. Whether a membership goes over to the
// number that superseded another is for the caller to say.
//
// # Published definitions
//
// [Definitions] reads the rules of published cohorts; errors that the API hides in a
// status of 200 are errors here. [Import] carries a definition over into the criteria
// language, with a [Report] on every field, and refuses what it cannot express unless
// the caller accepts the loss; [Export] goes the other way. [Specify] and [SpecifyPlan]
// set a definition out for people to read. [Imported.Explain] says why a person is
// found: it is this module's explanation, not CaaS's.
//
// # Testing
//
// Package caastest is CaaS in process: a peer on MESH behind TLS with client
// certificates, and the definitions API.
//
// # What is assumed
//
//   - Mailboxes and workflow ids are not public: they are arguments without defaults.
//   - No specification of the files is public. Their form is that of the one public
//     consumer, for breast screening; other programmes may differ. CaaS says that its
//     deliveries are usually FHIR, of which nothing is public.
//   - That files come daily, and hold changes and not everybody, is concluded from that
//     consumer. Times in file names and of MESH are taken as UTC.
//   - That serial change numbers, time stamps and the arrival of deliveries tell which of
//     two changes to a person is the later one is stated nowhere.
//   - CaaS is not known to answer a subscription. People who are accepted simply begin
//     to come in files.
//   - The form for requests is not public: the fields are those that public pages name.
//   - The definitions API may not be live, and its authorisation is not confirmed.
//
// # Limits
//
// There is no unsubscribing: nothing public shows how. Subscription files of more than
// a million people have to be several. Two processes must not receive from one source
// at a time. Nothing here has run against CaaS.
package caas
