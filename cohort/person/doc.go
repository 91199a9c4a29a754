// Package person is the catalogue of what the Personal Demographics Service says about a person: birth,
// death, address and registration, one row per person.
//
//	person.AgeOn(cohort.Index).Between(40, 74)
//	person.Practice.In("A81001", "A81002")
//	person.DateOfDeath.NotAfter(cohort.Index)
//
// Field names are those of the demographics feed that Cohorting as a Service sends, except where the
// description of a column says that it is derived. Dates in that feed may be partial; only complete days
// are dates here, so a partial one must be left missing.
//
// # Limits
//
// A record holds the present state, not its history: questions such as "practice on an earlier day" need
// an event table of registrations. PDS holds no ethnicity and no diagnoses.
package person
