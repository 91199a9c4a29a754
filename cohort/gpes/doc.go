// Package gpes is the catalogue of the General Practice Extraction Service: the journal of coded entries
// in GP records, as in the GDPPR extract and the newer feed of GP records.
//
//	gpes.Journal.Where(gpes.Code.In(hypertension), gpes.Date.NotAfter(cohort.Index)).Exists()
//	cohort.Latest(gpes.Journal.Where(gpes.Code.In(systolic)), gpes.Value1).AtLeast(140)
//
// One row is one coded entry of one person at one practice. The key is the NHS number, or its pseudonym.
// Served quarterly, with about two months of lag. Unit, Comparator, the reference range and Deleted are of
// the newer feed only and missing elsewhere; [NotDeleted] is right for both.
//
// # Traps
//
// Absence is weak evidence: about 40,000 of more than 900,000 SNOMED CT codes are extracted, some only
// for the two years before the first extract, which reach back to May 2018, and people who opted out keep
// their old entries while new ones stop. Values carry no unit unless the feed is new: it follows from the
// code, and implausible values occur, so narrow to plausible values before taking the latest. Date is when an
// entry applies; RecordDate is when it was typed, perhaps years later. Entries dated far in the future occur:
// always give a window or an end. Ethnicity is filled in about a third of rows and coded in the journal as
// well.
//
// # Limits
//
// Extracts hold no period of registration, so whether a person was with the practice at the time is not
// known: ask PDS, as in cohort/person. Which clusters of codes reach back how far is not in the catalogue.
package gpes
