// Package codelist holds lists of clinical codes: sets of codes of one coding system, with a name, a
// version, a note on their source and a hash of their content.
//
//	asthma, err := codelist.ReadCSV(file, codelist.Info{
//		ID: "nhsd-primary-care-domain-refsets/ast_cod", Version: "20241205", System: codelist.SNOMEDCT,
//		Source: "Primary Care Domain reference sets, downloaded from OpenCodelists",
//	})
//
// Codes are texts: an identifier of SNOMED CT has up to 18 digits and loses some of them as a number.
// Every code is checked on the way in, because published lists do contain identifiers that a spreadsheet
// has damaged.
//
// # Limits
//
// A list holds exact codes. There is no hierarchy, no prefix or range matching and no terminology release
// in this package; a check cannot tell whether a well-formed code was ever issued.
package codelist
