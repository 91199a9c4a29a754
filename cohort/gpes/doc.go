// Package gpes is the catalogue of the General Practice Extraction Service: the journal of coded entries
// in GP records, as in the GDPPR extract.
//
//	gpes.Journal.Where(gpes.Code.In(hypertension), gpes.Date.NotAfter(cohort.Index)).Exists()
//	cohort.Latest(gpes.Journal.Where(gpes.Code.In(systolic)), gpes.Value1).AtLeast(140)
//
// # Traps
//
// Absence is weak evidence: about 40,000 of more than 900,000 SNOMED CT codes are extracted, some only
// for the two years before the first extract, and people who opted out keep their old entries while new
// ones stop. Values carry no unit: it follows from the code, and implausible values occur, so narrow to
// plausible values before taking the latest. Date is when an entry applies; RecordDate is when it was
// typed, perhaps years later. Entries dated far in the future occur: always give a window or an end.
package gpes
