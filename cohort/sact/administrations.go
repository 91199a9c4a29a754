package sact

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/internal/catalogue"
)

// Administration marks the columns of [Administrations]. It has no values of its own.
type Administration struct{}

// Administrations are the drugs given, as trusts submit them, with diagnosis, regimen and cycle on every row.
//
//nolint:gochecknoglobals // a value that is not changed, so that a definition reads as a sentence
var Administrations = administrations()

// AdministrationTable is the rows and columns of [Administrations], each with its published name.
type AdministrationTable struct {
	cohort.Rows[Administration]
	Table *cohort.Table

	Date         cohort.DateColumn[Administration] // Administration_Date
	CycleStart   cohort.DateColumn[Administration] // Start_Date_Of_Cycle
	RegimenStart cohort.DateColumn[Administration] // Start_Date_Of_Regimen
	DecisionDate cohort.DateColumn[Administration] // Date_Decision_To_Treat

	PrimaryDiagnosis  cohort.CodeColumn[Administration] // Primary_Diagnosis
	Morphology        cohort.TextColumn[Administration] // Morphology_ICD-O
	DiagnosisSNOMED   cohort.CodeColumn[Administration] // Diagnosis_Code_(SNOMED_CT)
	Adjunctive        cohort.TextColumn[Administration] // Adjunctive_Therapy
	Intent            cohort.TextColumn[Administration] // Intent_Of_Treatment
	Regimen           cohort.TextColumn[Administration] // Regimen
	ClinicalTrial     cohort.TextColumn[Administration] // Clinical_Trial
	ComorbidityAdjust cohort.TextColumn[Administration] // Comorbidity_Adjustment

	Drug     cohort.TextColumn[Administration]   // Drug_Name
	DrugCode cohort.CodeColumn[Administration]   // DM+D
	Dose     cohort.NumberColumn[Administration] // Actual_Dose_Per_Administration
	Unit     cohort.TextColumn[Administration]   // Administration_Measurement_Per_Actual_Dose
	UnitText cohort.TextColumn[Administration]   // Other_-_ Administration_Measurement_Per_Actual_Dose
	UnitCode cohort.CodeColumn[Administration]   // Unit_Of_Measurement_(SNOMED_CT_DM+D)
	Route    cohort.TextColumn[Administration]   // SACT_Administration_Route
	RouteDMD cohort.CodeColumn[Administration]   // Route_Of_Administration_(SNOMED_CT_DM+D)

	Cycle                   cohort.NumberColumn[Administration] // Cycle_Number
	Height                  cohort.NumberColumn[Administration] // Height_At_Start_Of_Regimen
	Weight                  cohort.NumberColumn[Administration] // Weight_At_Start_Of_Regimen
	CycleWeight             cohort.NumberColumn[Administration] // Weight_At_Start_Of_Cycle
	PerformanceStatus       cohort.NumberColumn[Administration] // Performance_Status_At_Start_Of_Regimen_-_Adult
	CyclePerformanceStatus  cohort.NumberColumn[Administration] // Performance_Status_At_Start_Of_Cycle_-_Adult
	DoseReduction           cohort.TextColumn[Administration]   // Regimen_Modification_-_Dose_Reduction
	CompletedAsPlanned      cohort.TextColumn[Administration]   // Regimen_Outcome_Summary_-_Curative_(Completed_As_Planned)
	NotCompletedReason      cohort.TextColumn[Administration]   // Regimen_Outcome_Summary_-_Curative_(Not_Completed_As_Planned)_Reason
	NotCompletedReasonOther cohort.TextColumn[Administration]   // Other_-_Regimen_Outcome_Summary_-_Curative_(Not_Completed_As_Planned)_Reason
	NonCurativeOutcome      cohort.TextColumn[Administration]   // Regimen_Outcome_Summary_Non_Curative
	Toxicity                cohort.TextColumn[Administration]   // Regimen_Outcome_Summary_Toxicity
	DateOfBirth             cohort.DateColumn[Administration]   // Date_Of_Birth
	StatedGender            cohort.TextColumn[Administration]   // Person_Stated_Gender_Code
	Postcode                cohort.TextColumn[Administration]   // Patient_Postcode
	NumberStatus            cohort.TextColumn[Administration]   // NHS_Number_Status_Indicator_Code
	Specialty               cohort.TextColumn[Administration]   // Consultant_Specialty_Code
	Provider                cohort.TextColumn[Administration]   // Organisation_Identifier_(Code_Of_Provider)
	AdministeringProvider   cohort.TextColumn[Administration]   // Organisation_Identifier_Of_SACT_Administration
}

// administrations holds the catalogue entry.
func administrations() (t AdministrationTable) {
	yesNo := func(name, phrase, doc string) cohort.ColumnInfo {
		return cohort.ColumnInfo{Name: name, Phrase: phrase, Values: map[string]string{"Y": "yes", "N": "no"}, Doc: doc}
	}
	t.Rows, t.Table = catalogue.Table(cohort.TableInfo{
		Name: "sact.administrations",
		Row:  "systemic anti-cancer drug given",
		Doc: "The submission of version 3: one row per drug given, with everything about the person, the tumour, the " +
			"regimen and the cycle repeated on it. NHS numbers may hold spaces: strip them. Names, the local patient " +
			"number and the consultant are left out: no criterion asks for them.",
		Absence: absence,
		Refresh: refresh,
		Source: "Columns and values as a public loader of version 3 reads them (answerdigital/oxford-omop-data-mapper, " +
			"2026-01); routes of the NHS Data Dictionary, September 2020.",
		PersonKeys: []string{"NHS_Number"},
		From:       cohort.MustDate("2012-04-01"),
		Order: []string{
			"Administration_Date", "Start_Date_Of_Cycle", "Start_Date_Of_Regimen", "Regimen", "Cycle_Number", "Drug_Name",
			"DM+D", "Actual_Dose_Per_Administration", "SACT_Administration_Route", "Primary_Diagnosis",
		},
	},
		catalogue.Text(&t.NumberStatus, cohort.ColumnInfo{
			Name: "NHS_Number_Status_Indicator_Code", Phrase: "status of the NHS number", Values: catalogue.NumberStatus(),
			Doc: "Whether the sender traced the person.",
		}),
		catalogue.Date(&t.DateOfBirth, cohort.ColumnInfo{
			Name: "Date_Of_Birth", Phrase: "date of birth as submitted",
			Doc: "Take the date of birth from PDS.",
		}),
		catalogue.Text(&t.StatedGender, cohort.ColumnInfo{
			Name: "Person_Stated_Gender_Code", Phrase: "stated gender", Unknowns: []string{"X"},
			Values: map[string]string{"1": "male", "2": "female", "9": "indeterminate", "X": "not known"},
			Doc:    "As the person said.",
		}),
		catalogue.Text(&t.Postcode, cohort.ColumnInfo{
			Name: "Patient_Postcode", Phrase: "postcode as submitted",
			Doc: "Headed Patient_PostCode in some files. Take the postcode from PDS.",
		}),
		catalogue.Text(&t.Specialty, cohort.ColumnInfo{
			Name: "Consultant_Specialty_Code", Phrase: "main specialty of the consultant",
			Doc: "Specialty of the consultant who began the treatment, such as 370 for medical oncology.",
		}),
		catalogue.Text(&t.Provider, cohort.ColumnInfo{
			Name: "Organisation_Identifier_(Code_Of_Provider)", Phrase: "provider",
			Doc: "ODS code of the organisation responsible.",
		}),
		catalogue.Code(&t.PrimaryDiagnosis, cohort.ColumnInfo{
			Name: "Primary_Diagnosis", Phrase: "primary diagnosis", System: codelist.ICD10,
			Doc: "The cancer at the start of the treatment. Mandatory, unless the morphology is given.",
		}),
		catalogue.Text(&t.Morphology, cohort.ColumnInfo{
			Name: "Morphology_ICD-O", Phrase: "morphology",
			Doc: "Morphology in ICD-O, such as 8500/3. Mandatory, unless the primary diagnosis is given.",
		}),
		catalogue.Code(&t.DiagnosisSNOMED, cohort.ColumnInfo{
			Name: "Diagnosis_Code_(SNOMED_CT)", Phrase: "diagnosis in SNOMED CT", System: codelist.SNOMEDCT,
			Doc: "Optional.",
		}),
		catalogue.Text(&t.Adjunctive, cohort.ColumnInfo{
			Name: "Adjunctive_Therapy", Phrase: "adjunctive therapy", Unknowns: []string{"9"},
			Values: map[string]string{"1": "adjuvant", "2": "neoadjuvant", "3": "not applicable: primary treatment", "9": "not known"},
			Doc:    "Whether the drugs are given after or before the main treatment. Gone in version 4.",
		}),
		catalogue.Text(&t.Intent, cohort.ColumnInfo{
			Name: "Intent_Of_Treatment", Phrase: "intent of treatment", Values: intents(),
			Doc: "Of the regimen; up to four values, so that one may stand in for several. What 5, 98 and 99 say is not " +
				"certain. Version 2 had letters.",
		}),
		catalogue.Text(&t.Regimen, cohort.ColumnInfo{
			Name: "Regimen", Phrase: "regimen",
			Doc: "Acronym or name of the regimen, as typed. Mandatory.",
		}),
		catalogue.Number(&t.Height, cohort.ColumnInfo{
			Name: "Height_At_Start_Of_Regimen", Phrase: "height at the start of the regimen",
			Doc: "In metres.",
		}),
		catalogue.Number(&t.Weight, cohort.ColumnInfo{
			Name: "Weight_At_Start_Of_Regimen", Phrase: "weight at the start of the regimen",
			Doc: "In kilograms.",
		}),
		catalogue.Number(&t.PerformanceStatus, cohort.ColumnInfo{
			Name: "Performance_Status_At_Start_Of_Regimen_-_Adult", Phrase: "performance status at the start of the regimen",
			Unknowns: []string{"9"}, Low: 0, High: 4, Values: performance(),
			Doc: "World Health Organization scale, of adults.",
		}),
		catalogue.Text(&t.ComorbidityAdjust, yesNo("Comorbidity_Adjustment", "adjustment for comorbidity",
			"Whether other illness changed the treatment at its start. Gone in version 4.")),
		catalogue.Date(&t.DecisionDate, cohort.ColumnInfo{
			Name: "Date_Decision_To_Treat", Phrase: "date of the decision to treat",
			Doc: "Day on which the regimen was agreed with the person.",
		}),
		catalogue.Date(&t.RegimenStart, cohort.ColumnInfo{
			Name: "Start_Date_Of_Regimen", Phrase: "start date of the regimen",
			Doc: "Day of the first drug of the regimen. Mandatory.",
		}),
		catalogue.Text(&t.ClinicalTrial, cohort.ColumnInfo{
			Name: "Clinical_Trial", Phrase: "clinical trial",
			Doc: "1, 01, Y and y all mean that the regimen is part of a trial.",
		}),
		catalogue.Number(&t.Cycle, cohort.ColumnInfo{
			Name: "Cycle_Number", Phrase: "cycle number", Low: 1, High: 999,
			Doc: "Number of the cycle within the regimen.",
		}),
		catalogue.Date(&t.CycleStart, cohort.ColumnInfo{
			Name: "Start_Date_Of_Cycle", Phrase: "start date of the cycle",
			Doc: "Day of the first drug of the cycle. Mandatory.",
		}),
		catalogue.Number(&t.CycleWeight, cohort.ColumnInfo{
			Name: "Weight_At_Start_Of_Cycle", Phrase: "weight at the start of the cycle",
			Doc: "In kilograms.",
		}),
		catalogue.Number(&t.CyclePerformanceStatus, cohort.ColumnInfo{
			Name: "Performance_Status_At_Start_Of_Cycle_-_Adult", Phrase: "performance status at the start of the cycle",
			Unknowns: []string{"9"}, Low: 0, High: 4, Values: performance(),
			Doc: "World Health Organization scale, of adults.",
		}),
		catalogue.Text(&t.Drug, cohort.ColumnInfo{
			Name: "Drug_Name", Phrase: "drug",
			Doc: "Name of the drug, as typed, in capitals or not: texts are compared exactly, so write it in small letters " +
				"when loading.",
		}),
		catalogue.Code(&t.DrugCode, cohort.ColumnInfo{
			Name: "DM+D", Phrase: "drug in dm+d", System: codelist.DMD,
			Doc: "Identifier of the drug.",
		}),
		catalogue.Number(&t.Dose, cohort.ColumnInfo{
			Name: "Actual_Dose_Per_Administration", Phrase: "dose",
			Doc: "What was given; its unit stands in the next column.",
		}),
		catalogue.Text(&t.Unit, cohort.ColumnInfo{
			Name: "Administration_Measurement_Per_Actual_Dose", Phrase: "unit of the dose",
			Values: map[string]string{
				"01": "milligrams", "02": "micrograms", "03": "grams", "04": "units", "05": "cells",
				"06": "plaque forming units, millions", "07": "plaque forming units, hundreds of millions", "98": "other",
			},
			Doc: "The leading zero may be lost: 1 stands for 01.",
		}),
		catalogue.Text(&t.UnitText, cohort.ColumnInfo{
			Name: "Other_-_ Administration_Measurement_Per_Actual_Dose", Phrase: "other unit of the dose",
			Doc: "As typed, where the unit is 98. The name has a space in it.",
		}),
		catalogue.Code(&t.UnitCode, cohort.ColumnInfo{
			Name: "Unit_Of_Measurement_(SNOMED_CT_DM+D)", Phrase: "unit of the dose in dm+d", System: codelist.SNOMEDCT,
			Doc: "Concept of the unit.",
		}),
		catalogue.Text(&t.Route, cohort.ColumnInfo{
			Name: "SACT_Administration_Route", Phrase: "route of administration", Values: routes(),
			Doc: "The leading zero may be lost: 1 stands for 01.",
		}),
		catalogue.Code(&t.RouteDMD, cohort.ColumnInfo{
			Name: "Route_Of_Administration_(SNOMED_CT_DM+D)", Phrase: "route of administration in dm+d", System: codelist.SNOMEDCT,
			Doc: "Concept of the route.",
		}),
		catalogue.Date(&t.Date, cohort.ColumnInfo{
			Name: "Administration_Date", Phrase: "date of administration",
			Doc: "Day on which the drug was given, or first dispensed when taken by mouth.",
		}),
		catalogue.Text(&t.AdministeringProvider, cohort.ColumnInfo{
			Name: "Organisation_Identifier_Of_SACT_Administration", Phrase: "place of administration",
			Doc: "ODS code of where the drug was given.",
		}),
		catalogue.Text(&t.DoseReduction, yesNo("Regimen_Modification_-_Dose_Reduction", "dose reduction",
			"Whether the dose was reduced in the course of the regimen. Gone in version 4.")),
		catalogue.Text(&t.CompletedAsPlanned, yesNo("Regimen_Outcome_Summary_-_Curative_(Completed_As_Planned)",
			"completion as planned", "Of curative regimens. Gone in version 4.")),
		catalogue.Text(&t.NotCompletedReason, cohort.ColumnInfo{
			Name:   "Regimen_Outcome_Summary_-_Curative_(Not_Completed_As_Planned)_Reason",
			Phrase: "reason for not completing as planned",
			Doc:    "Code of the reason, of curative regimens; no list of them was found. Gone in version 4.",
		}),
		catalogue.Text(&t.NotCompletedReasonOther, cohort.ColumnInfo{
			Name:   "Other_-_Regimen_Outcome_Summary_-_Curative_(Not_Completed_As_Planned)_Reason",
			Phrase: "other reason for not completing as planned",
			Doc:    "As typed. Gone in version 4.",
		}),
		catalogue.Text(&t.NonCurativeOutcome, cohort.ColumnInfo{
			Name: "Regimen_Outcome_Summary_Non_Curative", Phrase: "outcome of a regimen that is not curative",
			Doc: "Code of the benefit; no list of them was found. Gone in version 4.",
		}),
		catalogue.Text(&t.Toxicity, yesNo("Regimen_Outcome_Summary_Toxicity", "stop for toxicity",
			"Whether toxicity decided the outcome. Gone in version 4.")),
	)
	return t
}
