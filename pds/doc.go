// Package pds is a client for the Personal Demographics Service (FHIR R4), the
// national record of who NHS patients are.
//
//	patients, err := pds.New(app)
//	p, err := patients.Get(ctx, number)
//	switch {
//	case errors.Is(err, pds.ErrInvalidated): // not a person's record any more
//	case errors.Is(err, nhs.ErrNotFound):    // nobody has this number
//	case err != nil:                         // see nhs.Error
//	case p.Superseded(number):               // use p.Number from now on
//	case p.Deceased(), p.Restricted():       // do not write to them
//	}
//	found, err := patients.Search(ctx, pds.Query{Family: "Smith", Born: pds.On(date)})
//
// # Patients
//
// A [Patient] loses nothing of what PDS documents: dates known to the year only,
// address lines that are null, extensions known or not. Its JSON is the FHIR
// resource. Methods answer the usual questions: [Patient.UsualName],
// [Patient.HomeAddress], [Patient.Restricted], [Patient.Deceased],
// [Patient.Superseded], [Patient.AgeOn], [Patient.GeneralPracticeOn]. A Patient, a
// [Match] and a [Query] hide themselves from fmt and slog. Their parts, such as a
// [HumanName], do not.
//
// # Changes
//
// [Patient.Edit] collects changes, [Edit.Patches] previews them, [Client.Update] makes
// them, and [Client.Create] asks for an NHS number. What PDS would refuse is refused
// before, by field. [Client.Raw] sends what has no method here.
//
// # Searches
//
// A [Query] that PDS would refuse is refused before anything is sent. No match is
// an empty result; more matches than asked for are [ErrTooManyMatches].
// [Client.Cascade] tries several searches in turn; [Client.Trace] looks up any number
// of people, and can go on where it stopped.
//
// # Access
//
// The credentials of the [nhs.App] say what the client may do, and what PDS would
// refuse is an [ErrAccess] before it is sent. [Client.With] makes a view for a
// user's [Session], or for the organisation one works for.
//
// # Pace and retries
//
// Requests are paced evenly, 5 a second in all clients of an [nhs.App], which is
// what PDS grants an application by default. They are repeated, with the same
// X-Request-ID, after 408, 429, 500, 502, 503, 504 and network faults; to create a
// patient, after 429, 503 and network faults only.
//
// # Tests
//
// Package pdstest is a strict stand-in for PDS.
//
// # Limits
//
// Members that PDS does not document are not kept, nor extensions of codings, meta
// or plain values such as _birthDate. PDS takes some changes as whole items only,
// telecom for one: such a change removes what is not kept from the item.
package pds
