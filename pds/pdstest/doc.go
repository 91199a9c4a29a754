// Package pdstest is a strict, stateful stand-in for the Personal Demographics
// Service, for tests and examples.
//
//	fake := pdstest.New(pdstest.Options{})
//	err := fake.Put(pdstest.Person{
//		Number: number, Family: "Smith", Given: []string{"Jane"}, Gender: pds.Female, Born: born,
//	})
//	server := httptest.NewServer(fake)
//
// The service lives at its real path, /personal-demographics/FHIR/R4, and behaves
// as it does to an application with application-restricted access: get a patient,
// or search for a single one. It refuses what PDS refuses, with PDS's status, code
// and body: a missing or malformed X-Request-ID, a missing bearer token, an invalid
// NHS number, a search below the minimum or with an unknown parameter, more than
// one result, and every write.
//
// # People
//
// [Server.Put] takes people in compact form, some hundred bytes each, and renders
// them when asked for. [Server.PutJSON] takes a FHIR Patient and serves it as it
// is. Restricted people lose their whereabouts and are not found by postcode or
// practice. [Server.Supersede] and [Server.Invalidate] do what their names say.
//
// # Faults
//
// Options.Fault answers a request with another status, or loses its answer.
// Options.PerMinute limits the rate, as the gateway does.
//
// # Limits
//
// Searches know no history: Query.History finds what is found without it. Fuzzy
// searches compare Soundex codes, and their scores are the fake's own. Related
// people and coverage are not offered, and answer as unsupported paths.
package pdstest
