// Package caas works with Cohorting as a Service: the files in which it delivers
// the members of a cohort, and the cohort definitions it publishes.
//
//	source := caas.MESH{Box: mailbox, Workflow: workflow, Spool: "spool"}
//	found, err := caas.Receive(ctx, source, caas.Handlers{
//		Delivery: func(ctx context.Context, d caas.Delivery) error {
//			for record, err := range d.Records {
//				...
//			}
//			return store.Commit()
//		},
//	})
//
// # Cohort files
//
// A cohort file is Parquet: one [Record] for each change, to add, amend or delete
// a person. [OpenFile] matches columns by name and bears with types that differ
// between writers. [File.Records] goes on after a row that is not usable and
// reports it as a [*RowError]; such rows are for the caller to count and pass on.
// A row with NHS number 0 is a nil return: nothing has changed. A person leaves
// without a reason being given.
//
// # Delivery
//
// [Receive] takes deliveries from a [Source], and acknowledges each one only after
// the caller has stored it: from [MESH], from a [Directory], from an [Iterator], or
// from what CaaS may offer one day. [Received] tells a day without changes from a day
// without a file. Workflow ids and mailboxes are not public: ask CaaS.
//
// # Subscription
//
// [Subscribe] sends CaaS a file of people who are to come in cohort files. MESH's
// message id is the only receipt. The same people under the same name are sent once,
// whatever is lost on the way.
//
// # Published definitions
//
// [Definitions] reads the rules of published cohorts. Errors that the API hides
// in a status of 200 are errors here.
//
// # The request for a cohort
//
// [Request] is the document that a programme prepares to have CaaS make a cohort. It
// is filled from a cohort definition and a governance proposal, says what is missing,
// and is written as Markdown, a page and JSON.
//
// # What is assumed
//
// No specification of the files is public. Their form is that of the one public
// consumer, for breast screening; other programmes may differ. The definitions
// API may not be live, and its authorisation is not confirmed. CaaS says that its
// deliveries are usually FHIR, of which nothing is public.
//
// # Limits
//
// There is no unsubscribing: nothing public shows how. Importing definitions into the
// criteria language is not offered.
package caas
