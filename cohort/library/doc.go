// Package library holds cohorts that have been published, written in the language of package cohort.
//
//	definition, err := library.TalkingTherapies(45, 70, person.Practice.In("A81001"))
//	plan, err := definition.Bind(cohort.Index.Is(date))
//
// # Limits
//
// The code lists here are short subsets that show the shape of the real ones: enough to run, to read and
// to test, and not enough to invite anybody. Replace them with the national reference sets before use.
// SNOMED CT is licensed: in the UK it is free of charge to use under the licence of NHS England.
package library
