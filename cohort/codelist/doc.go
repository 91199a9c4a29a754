// Package codelist holds lists of clinical codes: sets of codes of one coding system, with a name, a
// version, a note on their source and a hash of their content.
//
//	asthma, err := codelist.ReadCSV(file, codelist.Info{
//		ID: "nhsd-primary-care-domain-refsets/ast_cod", Version: "20241205", System: codelist.SNOMEDCT,
//		Source: "Primary Care Domain reference sets, downloaded from OpenCodelists",
//	})
//	stroke, err := codelist.New(info, "I61*", "I63-I64")
//
// Codes are texts: an identifier of SNOMED CT has up to 18 digits and loses some of them as a number.
// Every code is checked on the way in, because published lists do contain identifiers that a spreadsheet
// has damaged.
//
// # Where lists come from
//
// [New] makes a list of codes and, for ICD-10 and OPCS-4, of prefixes and ranges. [ReadCSV] reads the files
// of OpenCodelists and others, of dm+d too; [ReadPCD] and [ReadPCDCluster] read the reference sets of the
// Primary Care Domain. [Union], [Intersect] and [Except] make lists of lists. An [Expression] or a
// [Definition], with what is included and what is excluded, makes one of a [Hierarchy], such as a [Graph]
// loaded from the files of a release. Whichever way it was made, a list is bound by what it holds.
//
// # Reading a list
//
// [List.Contains] answers for one code. Whoever needs all of it takes [List.Exact] and [List.Ranges]; the
// texts of [List.Codes] can be patterns. [Diff] says what a new version changes.
//
// # Limits
//
// No terminology is in this package, and no release: a check cannot tell whether a well-formed code was ever
// issued, and the hierarchy is the caller's. Concepts that a release has made inactive are in no hierarchy,
// though old records have them; reference sets keep them. Codes carry no terms and no categories: to split a
// file by category, read it once for each with [Only]. The release files of dm+d are read as CSV, not XML.
package codelist
