// Package pdstest is a strict, stateful stand-in for the Personal Demographics
// Service, for tests and examples.
//
//	fake := pdstest.New(pdstest.Options{
//		Token: pdstest.Always(pdstest.Token{Access: nhs.HealthcareWorkerAccess}),
//	})
//	err := fake.Put(pdstest.Person{
//		Number: number, Family: "Smith", Given: []string{"Jane"}, Gender: pds.Female, Born: born,
//	})
//	server := httptest.NewServer(fake)
//
// The service lives at its real path, /personal-demographics/FHIR/R4. It refuses
// what PDS refuses, with PDS's status, code and body, and allows to each kind of
// access what PDS does: see [Token].
//
// # People
//
// [Server.Put] takes people in compact form, some hundred bytes each, and renders
// them when asked for. [Server.PutJSON] takes a FHIR Patient and serves it as it
// is, until it is updated; [Server.PutRelatedJSON] and [Server.PutCoverageJSON] add
// to it. Restricted people lose their whereabouts and are not found by postcode or
// practice. [Server.Supersede] and [Server.Invalidate] do what their names say.
//
// # Changes
//
// An update applies JSON Patch under PDS's rules: the version has to match, items
// have to be named, removals follow a test, and all patches take effect or none.
// It then holds what has changed to PDS's rules about fields. A creation allocates
// the next number from 999 000 0018 on, unless it matches somebody in family name,
// first given name, birth date, gender and postcode. Coverage and patient share a
// version.
//
// # Faults
//
// Options.Fault answers a request with another status or code, hides or cuts an
// answer, or delays it. Options.PerMinute, SpikePerSecond and CreatesPerSecond are
// the gateway's limits. An update whose answer was lost can be repeated; see
// Options.RepeatsMakeNoChange.
//
// # Limits
//
// Searches know no history: Query.History finds what is found without it. Fuzzy
// searches compare Soundex codes, and their scores are the fake's own. Codes of
// organisations and languages are checked for their form only, and addresses are
// not looked up. Where nothing public shows how PDS words a refusal, the words are
// the fake's, and the code is the one that PDS's documentation suggests. In an
// object that PDS quotes, the fake sorts the members.
package pdstest
