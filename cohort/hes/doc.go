// Package hes is the catalogue of Hospital Episode Statistics and of emergency care: what hospitals in
// England did for people, as they reported it to be paid.
//
//	hes.APC.Where(
//		hes.APC.Diagnosis.AnyIn(stroke),
//		hes.APC.Emergency(),
//		hes.APC.AdmissionDate.Within(cohort.Years(2), cohort.Index),
//	).Exists()
//	hes.OP.Where(hes.OP.Specialty.Is("320"), hes.OP.Seen()).Count().AtLeast(2)
//	cohort.Latest(hes.CC.Where(hes.CC.PeriodType.Is("01")), hes.CC.Level3Days).AtLeast(1)
//
// # The tables
//
// Each table is a variable under the name that analysts use for it. Its fields are its columns, its methods
// narrow and count its rows, and each field says which published column it is. Columns of two tables do not
// mix: a definition that tries does not compile.
//
//	APC   admitted patient care   a row per consultant episode         since April 1997
//	OP    outpatients             a row per appointment, kept or not   since April 2003
//	AE    accident and emergency  a row per attendance                 April 2007 to March 2020
//	ECDS  emergency care          a row per attendance                 since October 2018, complete since April 2020
//	CC    critical care           a row per period, or period and day  since April 2008
//
// Numbered code columns are one column, asked with AnyIn: Diagnosis of APC stands for DIAG_4_01 to DIAG_4_20,
// Procedure for OPERTN_4_01 to OPERTN_4_24. Tables that are served together with a companion of more fields
// are one here. [cohort.TableInfo] of each table has its person keys, its lag and what a missing row means;
// [cohort.ColumnInfo] the values of each column and how far it is filled.
//
// # Person key and refresh
//
// NEWNHSNO, an NHS number, stands in sensitive tables of their own; elsewhere the key is PERSON_ID_DEID,
// which is the pseudonym of an NHS number, of a person whom PDS does not know, or of a single visit: there
// are more keys than people. HES is provisional every month and final some months after March; it is served
// with about three months of lag, so the last weeks before an index date are empty.
//
// # Traps
//
// Not known is a value in HES: the days 1800-01-01 and 1801-01-01, R69X for a diagnosis, - and & for a
// procedure, & and V81999 for a practice, 999 days. They are read as missing. "Not applicable" stays a value.
// An age under one year is a code from 7001 to 7007, and missing here; the decimal age has it.
//
// A diagnosis of APC is what was coded for payment in that episode: absence of a chronic condition means
// little. Outpatient diagnoses are almost never coded. ECDS has a small set of SNOMED CT codes of its own,
// and suspected diagnoses beside confirmed ones. A&E has codes of two or three digits.
//
// A spell has several episodes, so counting rows counts admissions too often: narrow to EpisodeOrder 1, or to
// FinishedAdmission 1. Unfinished episodes come again: narrow to Finished. An emergency before April 2020 may
// be in AE or in ECDS or in both: ask both, and do not add counts.
//
// # Limits
//
// Columns are described as of the dictionary that each table names, and some of those that a definition has
// no use for are left out. Fields that belong together by number are not paired: the date of each procedure,
// and the qualifier of each emergency diagnosis, are there for the first only. A critical care support of 999
// days took place for a number of days that is not known; it is read as unknown, so it is not counted as
// having taken place.
package hes

import "github.com/personalised-prevention/nhs/cohort"

// Tables returns the descriptions of all tables of the package.
func Tables() []*cohort.Table {
	return []*cohort.Table{APC.Table, OP.Table, AE.Table, ECDS.Table, CC.Table}
}
