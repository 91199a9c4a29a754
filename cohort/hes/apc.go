package hes

import (
	"fmt"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/internal/catalogue"
)

// Episode marks the columns of [APC]. It has no values of its own.
type Episode struct{}

// APC is admitted patient care: episodes of care under one consultant, of people admitted to hospital.
//
//nolint:gochecknoglobals // a value that is not changed, so that a definition reads as a sentence
var APC = apc()

// APCTable is the rows and columns of [APC], each with its published name.
type APCTable struct {
	cohort.Rows[Episode]
	Table *cohort.Table

	EpisodeStart  cohort.DateColumn[Episode] // EPISTART
	EpisodeEnd    cohort.DateColumn[Episode] // EPIEND
	AdmissionDate cohort.DateColumn[Episode] // ADMIDATE
	DischargeDate cohort.DateColumn[Episode] // DISDATE
	DecisionDate  cohort.DateColumn[Episode] // ELECDATE

	Diagnosis                cohort.CodesColumn[Episode]  // DIAG_4_01 to DIAG_4_20
	PrimaryDiagnosis         cohort.CodeColumn[Episode]   // DIAG_4_01
	DiagnosisCategory        cohort.CodesColumn[Episode]  // DIAG_3_01 to DIAG_3_20
	PrimaryDiagnosisCategory cohort.CodeColumn[Episode]   // DIAG_3_01
	SubmittedDiagnosis       cohort.CodesColumn[Episode]  // DIAG_01 to DIAG_20
	DiagnosisCount           cohort.NumberColumn[Episode] // DIAG_COUNT
	Cause                    cohort.CodeColumn[Episode]   // CAUSE_4
	CauseCategory            cohort.CodeColumn[Episode]   // CAUSE_3

	Procedure          cohort.CodesColumn[Episode]  // OPERTN_4_01 to OPERTN_4_24
	MainProcedure      cohort.CodeColumn[Episode]   // OPERTN_4_01
	ProcedureCategory  cohort.CodesColumn[Episode]  // OPERTN_3_01 to OPERTN_3_24
	SubmittedProcedure cohort.CodesColumn[Episode]  // OPERTN_01 to OPERTN_24
	MainProcedureDate  cohort.DateColumn[Episode]   // OPDATE_01
	ProcedureCount     cohort.NumberColumn[Episode] // OPERTN_COUNT
	OperationStatus    cohort.TextColumn[Episode]   // OPERSTAT

	AdmissionMethod        cohort.TextColumn[Episode]   // ADMIMETH
	AdmissionSource        cohort.TextColumn[Episode]   // ADMISORC
	AdministrativeCategory cohort.TextColumn[Episode]   // ADMINCAT
	PatientClass           cohort.TextColumn[Episode]   // CLASSPAT
	DischargeMethod        cohort.TextColumn[Episode]   // DISMETH
	DischargeDestination   cohort.TextColumn[Episode]   // DISDEST
	EpisodeType            cohort.TextColumn[Episode]   // EPITYPE
	EpisodeStatus          cohort.TextColumn[Episode]   // EPISTAT
	EpisodeOrder           cohort.NumberColumn[Episode] // EPIORDER
	EpisodeDays            cohort.NumberColumn[Episode] // EPIDUR
	SpellDays              cohort.NumberColumn[Episode] // SPELDUR_CALC
	SpellBegins            cohort.TextColumn[Episode]   // SPELBGIN
	SpellEnds              cohort.TextColumn[Episode]   // SPELEND
	MainSpecialty          cohort.TextColumn[Episode]   // MAINSPEF
	Specialty              cohort.TextColumn[Episode]   // TRETSPEF

	Age          cohort.NumberColumn[Episode] // STARTAGE
	ExactAge     cohort.NumberColumn[Episode] // STARTAGE_CALC
	MonthOfBirth cohort.TextColumn[Episode]   // MYDOB
	Sex          cohort.TextColumn[Episode]   // SEX
	Ethnicity    cohort.TextColumn[Episode]   // ETHNOS
	Practice     cohort.TextColumn[Episode]   // GPPRAC
	LSOA2011     cohort.TextColumn[Episode]   // LSOA11
	LSOA2001     cohort.TextColumn[Episode]   // LSOA01
	MSOA2011     cohort.TextColumn[Episode]   // MSOA11
	District     cohort.TextColumn[Episode]   // RESLADST_ONS
	Region       cohort.TextColumn[Episode]   // RESGOR_ONS
	Deprivation  cohort.TextColumn[Episode]   // IMD04_DECILE

	Provider          cohort.TextColumn[Episode] // PROCODE3
	Provider5         cohort.TextColumn[Episode] // PROCODE5
	TreatmentProvider cohort.TextColumn[Episode] // PROCODET
	Site              cohort.TextColumn[Episode] // SITETRET

	FinishedEpisode          cohort.NumberColumn[Episode] // FCE
	FinishedAdmission        cohort.NumberColumn[Episode] // FAE
	FinishedEmergency        cohort.NumberColumn[Episode] // FAE_EMERGENCY
	FinishedDischarge        cohort.NumberColumn[Episode] // FDE
	AmbulatoryCareSensitive  cohort.NumberColumn[Episode] // ACSCFLAG
	Key                      cohort.TextColumn[Episode]   // EPIKEY
	Spell                    cohort.TextColumn[Episode]   // SUSSPELLID
	SUSRecord                cohort.TextColumn[Episode]   // SUSRECID
	EmergencyAttendance      cohort.TextColumn[Episode]   // AEKEY
	EmergencyAttendanceMatch cohort.NumberColumn[Episode] // RANK_ORDER
	FinancialYear            cohort.TextColumn[Episode]   // FYEAR
	Extract                  cohort.NumberColumn[Episode] // PARTYEAR
}

// Emergency asks whether the person was admitted as an emergency: by any of the methods that begin with 2.
func (t APCTable) Emergency() cohort.RowPred[Episode] {
	return t.AdmissionMethod.In("21", "22", "23", "24", "25", "28", "2A", "2B", "2C", "2D")
}

// Elective asks whether the admission was planned: from the waiting list, booked or planned.
func (t APCTable) Elective() cohort.RowPred[Episode] { return t.AdmissionMethod.In("11", "12", "13") }

// Finished asks whether the episode had finished. Unfinished ones seldom carry diagnoses and come again once
// they are finished.
func (t APCTable) Finished() cohort.RowPred[Episode] { return t.EpisodeStatus.Is("3") }

// apc holds the catalogue entry.
func apc() (t APCTable) {
	t.Rows, t.Table = catalogue.Table(cohort.TableInfo{
		Name: "hes.apc",
		Row:  "hospital episode",
		Doc: "HES admitted patient care: one row per consultant episode. One or more episodes make a spell, from " +
			"admission to discharge; admission fields are the same on all episodes of a spell, discharge fields are " +
			"filled on the last. Served as a table and a companion with more fields (hes_apc and hes_apc_otr) a " +
			"year; here they are one, joined on EPIKEY. NEWNHSNO stands in a third, sensitive table with the same key. " +
			"Some episodes come unfinished: ask for finished ones. Left out: geographies no longer kept up, health " +
			"resource groups and alcohol fractions.",
		Absence: "No row means no admission paid for by the NHS in England since 1997, or not yet delivered. Care " +
			"outside hospital and in other countries does not show.",
		Refresh:    refresh,
		Source:     fmt.Sprintf(dictionary, "hes_apc and hes_apc_otr"),
		PersonKeys: []string{"NEWNHSNO", "PERSON_ID_DEID", "PSEUDO_HESID"},
		From:       cohort.MustDate("1997-04-01"),
		Lag:        cohort.Months(3),
		Order:      []string{"EPISTART", "EPIORDER", "EPIEND", "EPIKEY"},
	},
		catalogue.Text(&t.FinancialYear, cohort.ColumnInfo{
			Name: "FYEAR", Phrase: "financial year", Filled: 100,
			Doc: "Financial year of the data, such as 2324 for April 2023 to March 2024.",
		}),
		catalogue.Number(&t.Extract, cohort.ColumnInfo{
			Name: "PARTYEAR", Phrase: "HES extract", Filled: 100,
			Doc: "First year of the financial year and number of the extract, such as 202399. Final when it ends in 99, " +
				"provisional otherwise.",
		}),
		catalogue.Text(&t.Key, cohort.ColumnInfo{
			Name: "EPIKEY", Phrase: "episode key", Filled: 100,
			Doc: "Identifies the row: 12 digits from 2003 to March 2021 and 20 since, which no whole number of 64 bits holds.",
		}),
		catalogue.Text(&t.EmergencyAttendance, cohort.ColumnInfo{
			Name: "AEKEY", Phrase: "key of the A&E attendance before it", Filled: 10.3,
			Doc: "Key of the A&E attendance that led to the episode, where one was found.",
		}),
		catalogue.Date(&t.AdmissionDate, cohort.ColumnInfo{
			Name: "ADMIDATE", Phrase: "admission date", Unknowns: noDates(), Values: dates(), Filled: 99.97,
			Doc: "First day of the spell, the same on all its episodes.",
		}),
		catalogue.Text(&t.AdmissionMethod, cohort.ColumnInfo{
			Name: "ADMIMETH", Phrase: "method of admission", Unknowns: []string{"99"}, Values: admissions(), Filled: 100,
			Doc: "How the person was admitted, the same on all episodes of the spell. All that begin with 2 are emergencies.",
		}),
		catalogue.Text(&t.AdministrativeCategory, cohort.ColumnInfo{
			Name: "ADMINCAT", Phrase: "administrative category", Unknowns: []string{"99"}, Values: categories(), Filled: 100,
			Doc: "Who paid, at admission.",
		}),
		catalogue.Text(&t.AdmissionSource, cohort.ColumnInfo{
			Name: "ADMISORC", Phrase: "source of admission", Unknowns: []string{"99"}, Values: whence(), Filled: 100,
			Doc: "Where the person was before admission. 51 to 53 are transfers between hospitals.",
		}),
		catalogue.Code(&t.CauseCategory, cohort.ColumnInfo{
			Name: "CAUSE_3", Phrase: "category of external cause", System: codelist.ICD10, Filled: 7.5,
			Doc: "First three characters of the first diagnosis that is an external cause, V01 to Y98.",
		}),
		catalogue.Code(&t.Cause, cohort.ColumnInfo{
			Name: "CAUSE_4", Phrase: "external cause", System: codelist.ICD10, Filled: 7.5,
			Doc: "First four characters of the first diagnosis that is an external cause, V01 to Y98.",
		}),
		catalogue.Text(&t.PatientClass, cohort.ColumnInfo{
			Name: "CLASSPAT", Phrase: "patient classification", Unknowns: []string{"9"}, Filled: 100,
			Values: map[string]string{
				"1": "ordinary admission", "2": "day case", "3": "regular day attender", "4": "regular night attender",
				"5": "mother and baby using delivery facilities only", "8": "not applicable", "9": "not known",
			},
			Doc: "What happened, whatever was intended. Regular attenders are there since April 2002.",
		}),
		catalogue.Codes(&t.DiagnosisCategory, cohort.ColumnInfo{
			Name: "DIAG_3", Phrase: "diagnosis categories", System: codelist.ICD10,
			Sources: catalogue.Numbered("DIAG_3_%02d", 20), Unknowns: []string{"R69"}, Filled: 99.9,
			Doc: "First three characters of each diagnosis: for lists of categories such as I21. R69 means not known.",
		}),
		catalogue.Code(&t.PrimaryDiagnosisCategory, cohort.ColumnInfo{
			Name: "DIAG_3_01", Phrase: "category of the primary diagnosis", System: codelist.ICD10,
			Unknowns: []string{"R69"}, Filled: 99.9,
			Doc: "First three characters of the primary diagnosis. R69 means not known.",
		}),
		catalogue.Codes(&t.Diagnosis, cohort.ColumnInfo{
			Name: "DIAG_4", Phrase: "diagnoses", System: codelist.ICD10,
			Sources: catalogue.Numbered("DIAG_4_%02d", 20), Unknowns: []string{"R69X"}, Filled: 99.9,
			Doc: "First four characters of each diagnosis, without the dot; codes of three characters end in X, such as " +
				"I10X. Twenty since April 2007, fourteen since April 2002, seven before. 4.5 a row on average.",
		}),
		catalogue.Code(&t.PrimaryDiagnosis, cohort.ColumnInfo{
			Name: "DIAG_4_01", Phrase: "primary diagnosis", System: codelist.ICD10, Unknowns: []string{"R69X"}, Filled: 99.9,
			Doc: "The main condition treated or investigated, in four characters. R69X means not known, invalid or none.",
		}),
		catalogue.Number(&t.DiagnosisCount, cohort.ColumnInfo{
			Name: "DIAG_COUNT", Phrase: "number of diagnoses", High: 20, Filled: 99.9,
			Doc: "How many diagnoses the row has.",
		}),
		catalogue.Date(&t.DischargeDate, cohort.ColumnInfo{
			Name: "DISDATE", Phrase: "discharge date", Unknowns: noDates(), Values: dates(), Filled: 97.0,
			Doc: "Last day of the spell; filled on its last episode.",
		}),
		catalogue.Text(&t.DischargeDestination, cohort.ColumnInfo{
			Name: "DISDEST", Phrase: "destination on discharge", Unknowns: []string{"99"}, Values: whither(), Filled: 99.99,
			Doc: "Where the person went. 51 to 53 are transfers between hospitals, 98 means not discharged.",
		}),
		catalogue.Text(&t.DischargeMethod, cohort.ColumnInfo{
			Name: "DISMETH", Phrase: "method of discharge", Unknowns: []string{"9"}, Filled: 99.99,
			Values: map[string]string{
				"1": "clinical advice or consent", "2": "by the patient or a relative", "3": "by a tribunal, minister or court",
				"4": "died", "5": "stillbirth", "8": "not applicable: not discharged", "9": "not known",
			},
			Doc: "How the spell ended; filled on its last episode.",
		}),
		catalogue.Date(&t.DecisionDate, cohort.ColumnInfo{
			Name: "ELECDATE", Phrase: "date of the decision to admit", Unknowns: noDates(), Values: dates(), Filled: 74.3,
			Doc: "Day on which it was decided to admit the person, now or later.",
		}),
		catalogue.Number(&t.EpisodeDays, cohort.ColumnInfo{
			Name: "EPIDUR", Phrase: "days of the episode", High: 29200, Filled: 99.8,
			Doc: "Days from the start to the end of the episode.",
		}),
		catalogue.Date(&t.EpisodeEnd, cohort.ColumnInfo{
			Name: "EPIEND", Phrase: "episode end date", Unknowns: noDates(), Values: dates(), Filled: 99.8,
			Doc: "Day on which the consultant's care ended. Missing for unfinished episodes.",
		}),
		catalogue.Number(&t.EpisodeOrder, cohort.ColumnInfo{
			Name: "EPIORDER", Phrase: "order of the episode in its spell", Unknowns: []string{"98", "99"}, Low: 1, High: 87,
			Values: map[string]string{"98": "not applicable", "99": "not known"}, Filled: 100,
			Doc: "1 for the first episode of a spell.",
		}),
		catalogue.Date(&t.EpisodeStart, cohort.ColumnInfo{
			Name: "EPISTART", Phrase: "episode start date", Unknowns: noDates(), Values: dates(), Filled: 99.97,
			Doc: "Day on which the consultant's care began; for the first episode of a spell, the day of admission.",
		}),
		catalogue.Text(&t.EpisodeStatus, cohort.ColumnInfo{
			Name: "EPISTAT", Phrase: "episode status", Filled: 100,
			Values: map[string]string{"1": "unfinished, until 2016-17", "3": "finished", "9": "derived as unfinished"},
			Doc: "Whether the episode had finished by the end of the financial year. An unfinished one comes again, " +
				"finished, in the data of the next.",
		}),
		catalogue.Text(&t.EpisodeType, cohort.ColumnInfo{
			Name: "EPITYPE", Phrase: "episode type", Filled: 100,
			Values: map[string]string{
				"1": "general", "2": "delivery", "3": "birth", "4": "detained or long-term psychiatric, until 2016-17",
				"5": "other delivery", "6": "other birth",
			},
			Doc: "5 and 6 happened outside hospital and have few other fields.",
		}),
		catalogue.Text(&t.Ethnicity, cohort.ColumnInfo{
			Name: "ETHNOS", Phrase: "ethnic category", Unknowns: append(noEthnicity(), "9"), Values: earlyEthnicity(), Filled: 100,
			Doc: "Ethnic category of 2001 as the person gave it. Digits are the scheme used until April 2001, and " +
				"together with the new one until March 2003.",
		}),
		catalogue.Number(&t.FinishedAdmission, cohort.ColumnInfo{
			Name: "FAE", Phrase: "count of finished admission episodes", High: 1, Filled: 100,
			Doc: "1 when the episode is finished and the first of its spell: counts admissions.",
		}),
		catalogue.Number(&t.FinishedEmergency, cohort.ColumnInfo{
			Name: "FAE_EMERGENCY", Phrase: "count of finished emergency admission episodes", High: 1, Filled: 100,
			Doc: "1 when FAE is and the admission was an emergency.",
		}),
		catalogue.Number(&t.FinishedEpisode, cohort.ColumnInfo{
			Name: "FCE", Phrase: "count of finished consultant episodes", High: 1, Filled: 100,
			Doc: "1 when the episode is finished and not of a regular attender.",
		}),
		catalogue.Number(&t.FinishedDischarge, cohort.ColumnInfo{
			Name: "FDE", Phrase: "count of finished discharge episodes", High: 1, Filled: 100,
			Doc: "1 when FCE is and the person was discharged at its end.",
		}),
		catalogue.Text(&t.Practice, cohort.ColumnInfo{
			Name: "GPPRAC", Phrase: "registered GP practice", Unknowns: noPractice(), Filled: 100,
			Doc: "ODS code of the practice at the time. V81997 to V81999 and & are no practice.",
		}),
		catalogue.Text(&t.MainSpecialty, cohort.ColumnInfo{
			Name: "MAINSPEF", Phrase: "main specialty of the consultant", Unknowns: []string{"&"}, Filled: 99.97,
			Doc: "Code of the specialty that the consultant is contracted for, such as 320 for cardiology.",
		}),
		catalogue.Text(&t.MonthOfBirth, cohort.ColumnInfo{
			Name: "MYDOB", Phrase: "month of birth", Filled: 99.995,
			Doc: "Month and year of birth as MMYYYY. Take the date of birth from PDS.",
		}),
		catalogue.Codes(&t.ProcedureCategory, cohort.ColumnInfo{
			Name: "OPERTN_3", Phrase: "procedure categories", System: codelist.OPCS4,
			Sources: catalogue.Numbered("OPERTN_3_%02d", 24), Unknowns: []string{"-", "&"}, Filled: 59.1,
			Doc: "First three characters of each procedure. - means no operation, & not known.",
		}),
		catalogue.Codes(&t.Procedure, cohort.ColumnInfo{
			Name: "OPERTN_4", Phrase: "procedures", System: codelist.OPCS4,
			Sources: catalogue.Numbered("OPERTN_4_%02d", 24), Unknowns: []string{"-", "&", "X999"}, Filled: 59.1,
			Doc: "First four characters of each procedure, without the dot. - and the old X999 mean no operation, & not " +
				"known; the old X998 is an operation without a code. The first field holds something in 99.8% of rows, " +
				"an operation in 59.1%. Twenty-four since April 2007, twelve before.",
		}),
		catalogue.Code(&t.MainProcedure, cohort.ColumnInfo{
			Name: "OPERTN_4_01", Phrase: "main procedure", System: codelist.OPCS4, Unknowns: []string{"-", "&", "X999"}, Filled: 59.1,
			Doc: "The procedure that took most resources, in four characters. - means no operation, & not known.",
		}),
		catalogue.Number(&t.ProcedureCount, cohort.ColumnInfo{
			Name: "OPERTN_COUNT", Phrase: "number of procedures", High: 24, Filled: 59.1,
			Doc: "How many procedures the row has.",
		}),
		catalogue.Text(&t.Provider, cohort.ColumnInfo{
			Name: "PROCODE3", Phrase: "provider", Filled: 100,
			Doc: "ODS code of the organisation that gave the care: three characters, or five when registered since October " +
				"2020. Trusts that merged change their code.",
		}),
		catalogue.Text(&t.Provider5, cohort.ColumnInfo{
			Name: "PROCODE5", Phrase: "provider, five characters", Unknowns: []string{"89997", "89999"}, Filled: 100,
			Doc: "The provider in five characters, filled up with zeros. 89997 and 89999 are providers without a code.",
		}),
		catalogue.Text(&t.TreatmentProvider, cohort.ColumnInfo{
			Name: "PROCODET", Phrase: "provider of treatment", Filled: 85.1,
			Doc: "The organisation for the NHS, the site for independent providers.",
		}),
		catalogue.Number(&t.EmergencyAttendanceMatch, cohort.ColumnInfo{
			Name: "RANK_ORDER", Phrase: "rank of the match with the A&E attendance", Low: 1, High: 4, Filled: 6.5,
			Doc: "1 for a strong match with the attendance of AEKEY, 4 for a poor one.",
		}),
		catalogue.Text(&t.Region, cohort.ColumnInfo{
			Name: "RESGOR_ONS", Phrase: "region of residence", Unknowns: noRegion(), Values: regions(),
			From: cohort.MustDate("2011-04-01"), Filled: 59.5,
			Doc: "Derived from the postcode.",
		}),
		catalogue.Text(&t.District, cohort.ColumnInfo{
			Name: "RESLADST_ONS", Phrase: "local authority district of residence", Unknowns: noRegion(),
			From: cohort.MustDate("2011-04-01"), Filled: 59.5,
			Doc: "Derived from the postcode.",
		}),
		catalogue.Text(&t.Sex, cohort.ColumnInfo{
			Name: "SEX", Phrase: "sex", Unknowns: catalogue.NoSex(), Values: sex(), Filled: 100,
			Doc: "0 (not known) and 9 (not specified) are read as unknown. A whole number in some extracts.",
		}),
		catalogue.Text(&t.Site, cohort.ColumnInfo{
			Name: "SITETRET", Phrase: "site of treatment", Unknowns: []string{"89997", "89999"}, Filled: 94.1,
			Doc: "ODS code of the site at the start of the episode. 89997 and 89999 are sites without a code.",
		}),
		catalogue.Text(&t.LSOA2001, cohort.ColumnInfo{
			Name: "LSOA01", Phrase: "neighbourhood (LSOA of 2001)", Unknowns: catalogue.NoArea(), Filled: 97.1,
			Doc: "Derived from the postcode.",
		}),
		catalogue.Text(&t.SpellBegins, cohort.ColumnInfo{
			Name: "SPELBGIN", Phrase: "beginning of the spell", Filled: 99.97,
			Values: map[string]string{
				"0": "not the first episode", "1": "first episode of a spell that began in an earlier year",
				"2": "first episode of a spell that began this year",
			},
			Doc: "Whether the episode is the first of its spell.",
		}),
		catalogue.Number(&t.SpellDays, cohort.ColumnInfo{
			Name: "SPELDUR_CALC", Phrase: "days of the spell", High: 29200, Filled: 50.0,
			Doc: "Days from admission to discharge, of finished episodes; missing for day cases and regular attenders.",
		}),
		catalogue.Text(&t.SpellEnds, cohort.ColumnInfo{
			Name: "SPELEND", Phrase: "end of the spell", Values: map[string]string{"Y": "last episode", "N": "not the last"}, Filled: 100,
			Doc: "Whether the episode is the last of its spell.",
		}),
		catalogue.Number(&t.Age, cohort.ColumnInfo{
			Name: "STARTAGE", Phrase: "age at the start of the episode", Unknowns: babies(), Values: babyAges(), Low: 1, High: 120,
			Filled: 99.3,
			Doc: "Completed years, 120 for 120 and more. Under one year it is a code, 7001 to 7007, which is read as " +
				"unknown: ask about STARTAGE_CALC, or the age from PDS.",
		}),
		catalogue.Number(&t.ExactAge, cohort.ColumnInfo{
			Name: "STARTAGE_CALC", Phrase: "age at the start of the episode, babies in decimals", High: 120, Filled: 99.3,
			Doc: "As STARTAGE, except that under one year it is 0.002, 0.010, 0.048, 0.167, 0.375, 0.625 or 0.875.",
		}),
		catalogue.Text(&t.SUSRecord, cohort.ColumnInfo{
			Name: "SUSRECID", Phrase: "SUS record", Filled: 73.4,
			Doc: "Joins the critical care periods of the episode. 14 digits.",
		}),
		catalogue.Text(&t.Specialty, cohort.ColumnInfo{
			Name: "TRETSPEF", Phrase: "treatment specialty", Unknowns: []string{"&"}, Filled: 99.97,
			Doc: "Code of the specialty the consultant worked in, such as 103 for breast surgery; a new list since April 2004.",
		}),
		catalogue.Text(&t.LSOA2011, cohort.ColumnInfo{
			Name: "LSOA11", Phrase: "neighbourhood (LSOA of 2011)", Unknowns: catalogue.NoArea(), Filled: 82.8,
			Doc: "Derived from the postcode. The Index of Multiple Deprivation of 2019 ranks these areas.",
		}),
		catalogue.Text(&t.MSOA2011, cohort.ColumnInfo{
			Name: "MSOA11", Phrase: "middle layer area (MSOA of 2011)", Unknowns: catalogue.NoArea(), Filled: 82.8,
			Doc: "Derived from the postcode.",
		}),
		catalogue.Number(&t.AmbulatoryCareSensitive, cohort.ColumnInfo{
			Name: "ACSCFLAG", Phrase: "mark of a condition treatable outside hospital", High: 1, Filled: 30.9,
			Doc: "1 when a finished emergency episode has an ambulatory care sensitive diagnosis, 0 when not.",
		}),
		catalogue.Codes(&t.SubmittedDiagnosis, cohort.ColumnInfo{
			Name: "DIAG", Phrase: "diagnoses as submitted", System: codelist.ICD10,
			Sources: catalogue.Numbered("DIAG_%02d", 20), Unknowns: []string{"R69X", "R69X3", "R69X6", "R69X8"}, Filled: 99.9,
			Doc: "Four to six characters: the fifth may be a filler -, the sixth D for dagger or A for asterisk, and " +
				"neither is validated. Lists compare whole codes, so prefer DIAG_4. R69X6 means none, R69X8 invalid, " +
				"R69X3 an external cause given as primary.",
		}),
		catalogue.Text(&t.Deprivation, cohort.ColumnInfo{
			Name: "IMD04_DECILE", Phrase: "tenth of deprivation", Values: deprivation(), Filled: 96.7,
			Doc: "A label, not a number, by the indices of 2004, 2007 and 2010 as the years went. Prefer the index of 2019 " +
				"by LSOA11.",
		}),
		catalogue.Date(&t.MainProcedureDate, cohort.ColumnInfo{
			Name: "OPDATE_01", Phrase: "date of the main procedure", Unknowns: noDates(), Values: dates(), Filled: 59.1,
			Doc: "Day of the procedure in OPERTN_4_01. The dates of the others, OPDATE_02 to OPDATE_24, are left out.",
		}),
		catalogue.Text(&t.OperationStatus, cohort.ColumnInfo{
			Name: "OPERSTAT", Phrase: "operation status", Unknowns: []string{"9"}, Values: operations(), Filled: 81.2,
			Doc: "Tells no operation from not known, which a missing procedure does not.",
		}),
		catalogue.Codes(&t.SubmittedProcedure, cohort.ColumnInfo{
			Name: "OPERTN", Phrase: "procedures as submitted", System: codelist.OPCS4,
			Sources: catalogue.Numbered("OPERTN_%02d", 24), Unknowns: []string{"-", "&", "X999"}, Filled: 59.1,
			Doc: "The same as OPERTN_4, in the companion table.",
		}),
		catalogue.Text(&t.Spell, cohort.ColumnInfo{
			Name: "SUSSPELLID", Phrase: "SUS spell", Unknowns: []string{"-1"}, Filled: 70.0,
			Doc: "Number of the spell in SUS. -1 means that episodes make no spell; missing where no tariff applies.",
		}),
	)
	return t
}
