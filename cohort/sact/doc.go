// Package sact is the catalogue of Systemic Anti-Cancer Therapy: chemotherapy and other drugs against cancer,
// as NHS trusts in England report them.
//
//	sact.Administrations.Where(
//		sact.Administrations.PrimaryDiagnosis.In(breastCancer),
//		sact.Administrations.Date.Within(cohort.Months(6), cohort.Index),
//	).Exists()
//	sact.Regimens.Where(sact.Regimens.Chemotherapy()).Count().AtLeast(2)
//
// # The tables
//
// The data come in two shapes. What a trust submits is flat, one row per drug given with everything repeated
// on it; the cancer registry merges that into a tree of tables. Load the shape you have.
//
//	Administrations  as submitted, version 3   a row per drug given
//	Regimens         registry                  a row per regimen
//	Cycles           registry                  a row per cycle of a regimen
//	Drugs            registry                  a row per drug given in a cycle
//	Outcomes         registry                  a row per regimen with an outcome
//
// Each table is a variable: its fields are its columns, its methods narrow and count its rows, and each field
// says which published column it is. Columns of two tables do not mix.
//
// # Person key and refresh
//
// Administrations carry NHS_Number, which may hold spaces: strip them. In the registry only the patient table
// has the NHS number and only regimens the patient, so the key is joined to the other tables when they are
// loaded. Trusts submit monthly; how far analysts' copies lag is not public.
//
// # Traps
//
// Not everything in SACT is chemotherapy: ask [RegimenTable.Chemotherapy]. Only Administrations say which
// cancer it was. Texts are as typed: write drug names in small letters when loading, and expect codes that
// have lost a leading zero. Dates of the end are often missing. The registry's own analyses use tables of the
// present shape from July 2017 on.
//
// # Limits
//
// No dictionary of the registry's tables, and no count of their rows, was found in public: their columns are
// the headers of the synthetic Simulacrum, and values without a public list have none here. Version 4 of the
// submission, of which a guide is published, drops several columns and adds others that are not here. A row
// has one intent where version 3 allows four.
package sact

import "github.com/personalised-prevention/nhs/cohort"

// Tables returns the descriptions of all tables of the package.
func Tables() []*cohort.Table {
	return []*cohort.Table{Administrations.Table, Regimens.Table, Cycles.Table, Drugs.Table, Outcomes.Table}
}
