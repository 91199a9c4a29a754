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
// address lines that are null, every extension, known or not. Its JSON is the FHIR
// resource. Methods answer the usual questions: [Patient.UsualName],
// [Patient.HomeAddress], [Patient.Restricted], [Patient.Deceased],
// [Patient.Superseded], [Patient.AgeOn], [Patient.GeneralPractice].
//
// A Patient, a [Match] and a [Query] hide themselves from fmt and slog. Their
// parts, such as a [HumanName], do not.
//
// # Searches
//
// A [Query] that PDS would refuse is refused before anything is sent. No match is
// an empty result; several matches, where one was asked for, are
// [ErrTooManyMatches].
//
// # Pace and retries
//
// Requests are paced evenly, 5 a second in all clients of an [nhs.App], which is
// what PDS grants an application by default. Reads are repeated, with the same
// X-Request-ID, after 408, 429, 500, 502, 503, 504 and network faults.
//
// # Tests
//
// Package pdstest is a strict stand-in for PDS.
//
// # Limits
//
// Application-restricted access to get and search only. Such an application gets
// one match of a search. Members of a FHIR resource that PDS does not document,
// other than extensions, are not kept.
package pds
