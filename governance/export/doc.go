// Package export writes what reviewers read of a campaign, from the objects that run it: nothing in it is
// typed twice, and what does not agree with the approved proposal is refused.
//
//	specification, err := export.NewSpecification(proposal, definition, now)
//	err = specification.Document().WriteHTML(w) // or WriteMarkdown, or WriteJSON
//
// There are eight exports: [Specification], the cohort in plain English with every code; [DPIAAnnex], each
// field with the rule that needs it; [ProcessingRecord], the row for the record of processing activities;
// [HazardReport], the hazard log of DCB0129 in which each control names its test and how it went last;
// [Summary], who is on the list, under disclosure control; [Approvals], who signed what; and, for machines,
// [FHIR], AuditEvent and Provenance resources, and [Statement], in the format of in-toto.
//
// A [Document] is written as Markdown, as one HTML page that loads nothing from anywhere and can be printed,
// or as JSON. Text that comes from outside is escaped in all of them. Each is stamped with the root of the
// proposal.
//
// # Limits
//
// The exports say what the software knows. They are parts of a DPIA, of a record of processing, of a safety
// case, and not the whole: necessity, consultation, risk ratings and the decision are for people. Evidence
// for FHIR systems is a copy: the signed notes in the audit log are what counts, and an audit reads those.
package export
