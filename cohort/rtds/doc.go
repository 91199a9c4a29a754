// Package rtds is the catalogue of the Radiotherapy Data Set: radiotherapy paid for by the NHS in England,
// since April 2009, in the tables of the cancer registry.
//
//	rtds.Attendances.Where(
//		rtds.Attendances.Diagnosis.In(hodgkin),
//		rtds.Attendances.Date.NotAfter(cohort.Index),
//	).Exists()
//	cohort.Earliest(rtds.Attendances.Rows, rtds.Attendances.TreatmentStart)
//
// # The tables
//
//	Attendances    a row per visit, with its episode and diagnosis
//	Prescriptions  a row per prescription: modality, region and site treated, dose and fractions
//	Exposures      a row per exposure: beam and machine
//
// Each table is a variable: its fields are its columns, its methods narrow and count its rows, and each field
// says which published column it is. Columns of two tables do not mix, and a question about two tables cannot
// be tied to one visit: it is asked about the person.
//
// # Person key and refresh
//
// Rows carry PATIENTID, the registry's number of the person. The registry's patient table has the NHS number;
// its rows with an ALIASFLAG other than 0 are second entries of the same person. Trusts submit by the 15th
// working day of the next month, and the data reach to about two months ago.
//
// # Traps
//
// An attendance is a visit, not a course of treatment: narrow by date, or ask for the earliest. Site codes may
// carry a wrong last digit or text, and are filled for some regions only. Intent was not mandatory before
// April 2014. Trusts that merged changed their code. A few episode numbers are shared by two people.
//
// # Limits
//
// No dictionary of the registry's tables, and no count of their rows, was found in public: columns are those
// that published analyses and the synthetic Simulacrum use, so there are more. Values without a complete
// public list have none here. The standard in force is version 6, with molecular radiotherapy and SNOMED CT
// procedures, which are not here. The shape of the files of local systems is another: map it when loading.
package rtds

import "github.com/personalised-prevention/nhs/cohort"

// Tables returns the descriptions of all tables of the package.
func Tables() []*cohort.Table {
	return []*cohort.Table{Attendances.Table, Prescriptions.Table, Exposures.Table}
}

const (
	absence = "No row means no radiotherapy reported by an NHS provider in England since April 2009, or not yet " +
		"delivered. Treatment abroad, in private care or before 2009 does not show; not all providers reported from the " +
		"first day."
	refresh = "Submitted by trusts every month; the data reach to about two months ago. Collected by another body until " +
		"March 2016."
	source = "Columns that published code over the registry's tables uses, and the headers of Simulacrum version 2, as of " +
		"2025-08; region of the NHS Wales Data Dictionary. No published dictionary was found."
)
