package hes

import (
	"fmt"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/internal/catalogue"
)

// Appointment marks the columns of [OP]. It has no values of its own.
type Appointment struct{}

// OP is outpatient care: appointments, kept or not.
//
//nolint:gochecknoglobals // a value that is not changed, so that a definition reads as a sentence
var OP = op()

// OPTable is the rows and columns of [OP], each with its published name.
type OPTable struct {
	cohort.Rows[Appointment]
	Table *cohort.Table

	Date         cohort.DateColumn[Appointment] // APPTDATE
	RequestDate  cohort.DateColumn[Appointment] // REQDATE
	LastMissDate cohort.DateColumn[Appointment] // DNADATE

	Attended               cohort.TextColumn[Appointment]   // ATTENDED
	AttendanceType         cohort.TextColumn[Appointment]   // ATENTYPE
	FirstAttendance        cohort.TextColumn[Appointment]   // FIRSTATT
	Outcome                cohort.TextColumn[Appointment]   // OUTCOME
	ReferralSource         cohort.TextColumn[Appointment]   // REFSOURC
	Priority               cohort.TextColumn[Appointment]   // PRIORITY
	ServiceType            cohort.TextColumn[Appointment]   // SERVTYPE
	StaffType              cohort.TextColumn[Appointment]   // STAFFTYP
	LocationClass          cohort.TextColumn[Appointment]   // LOCCLASS
	AdministrativeCategory cohort.TextColumn[Appointment]   // ADMINCAT
	WaitDays               cohort.NumberColumn[Appointment] // WAITING
	MainSpecialty          cohort.TextColumn[Appointment]   // MAINSPEF
	Specialty              cohort.TextColumn[Appointment]   // TRETSPEF

	Diagnosis          cohort.CodesColumn[Appointment]  // DIAG_4_01 to DIAG_4_12
	PrimaryDiagnosis   cohort.CodeColumn[Appointment]   // DIAG_4_01
	DiagnosisCategory  cohort.CodesColumn[Appointment]  // DIAG_3_01 to DIAG_3_12
	SubmittedDiagnosis cohort.CodesColumn[Appointment]  // DIAG_01 to DIAG_12
	DiagnosisCount     cohort.NumberColumn[Appointment] // DIAG_COUNT
	Procedure          cohort.CodesColumn[Appointment]  // OPERTN_4_01 to OPERTN_4_24
	MainProcedure      cohort.CodeColumn[Appointment]   // OPERTN_4_01
	ProcedureCategory  cohort.CodesColumn[Appointment]  // OPERTN_3_01 to OPERTN_3_24
	SubmittedProcedure cohort.CodesColumn[Appointment]  // OPERTN_01 to OPERTN_24
	ProcedureCount     cohort.NumberColumn[Appointment] // OPERTN_COUNT
	OperationStatus    cohort.TextColumn[Appointment]   // OPERSTAT

	Age          cohort.NumberColumn[Appointment] // APPTAGE
	ExactAge     cohort.NumberColumn[Appointment] // APPTAGE_CALC
	MonthOfBirth cohort.TextColumn[Appointment]   // MYDOB
	Sex          cohort.TextColumn[Appointment]   // SEX
	Ethnicity    cohort.TextColumn[Appointment]   // ETHNOS
	Practice     cohort.TextColumn[Appointment]   // GPPRAC
	LSOA2011     cohort.TextColumn[Appointment]   // LSOA11
	LSOA2001     cohort.TextColumn[Appointment]   // LSOA01
	MSOA2011     cohort.TextColumn[Appointment]   // MSOA11
	District     cohort.TextColumn[Appointment]   // RESLADST_ONS
	Region       cohort.TextColumn[Appointment]   // RESGOR_ONS

	Provider          cohort.TextColumn[Appointment] // PROCODE3
	Provider5         cohort.TextColumn[Appointment] // PROCODE5
	TreatmentProvider cohort.TextColumn[Appointment] // PROCODET
	Site              cohort.TextColumn[Appointment] // SITETRET
	Referrer          cohort.TextColumn[Appointment] // REFERORG

	Key           cohort.TextColumn[Appointment]   // ATTENDKEY
	FinancialYear cohort.TextColumn[Appointment]   // FYEAR
	Extract       cohort.NumberColumn[Appointment] // PARTYEAR
}

// Seen asks whether the person came and was seen, on time or late.
func (t OPTable) Seen() cohort.RowPred[Appointment] { return t.Attended.In("5", "6") }

// op holds the catalogue entry.
func op() (t OPTable) {
	t.Rows, t.Table = catalogue.Table(cohort.TableInfo{
		Name: "hes.op",
		Row:  "hospital outpatient appointment",
		Doc: "HES outpatients: one row per appointment, whether the person came or not. Served as a table and a " +
			"companion with more fields (hes_op and hes_op_otr) a year; here they are one, joined on ATTENDKEY. " +
			"NEWNHSNO stands in a third, sensitive table with the same key. Left out: geographies no longer kept up, " +
			"health resource groups.",
		Absence: "No row means no outpatient appointment paid for by the NHS in England since April 2003, or not yet " +
			"delivered. A row without a diagnosis means nothing: diagnoses are almost never coded, so never take " +
			"their absence for health.",
		Refresh:    refresh,
		Source:     fmt.Sprintf(dictionary, "hes_op and hes_op_otr"),
		PersonKeys: []string{"NEWNHSNO", "PERSON_ID_DEID", "PSEUDO_HESID"},
		From:       cohort.MustDate("2003-04-01"),
		Lag:        cohort.Months(3),
		Order:      []string{"APPTDATE", "ATTENDKEY"},
	},
		catalogue.Text(&t.AdministrativeCategory, cohort.ColumnInfo{
			Name: "ADMINCAT", Phrase: "administrative category", Unknowns: []string{"99"}, Values: categories(), Filled: 100,
			Doc: "Who paid.",
		}),
		catalogue.Number(&t.Age, cohort.ColumnInfo{
			Name: "APPTAGE", Phrase: "age on the day of the appointment", Unknowns: babies(), Values: babyAges(),
			Low: 1, High: 120, Filled: 99.4,
			Doc: "Completed years, 120 for 120 and more. Under one year it is a code, 7001 to 7007, which is read as " +
				"unknown: ask about APPTAGE_CALC, or the age from PDS.",
		}),
		catalogue.Number(&t.ExactAge, cohort.ColumnInfo{
			Name: "APPTAGE_CALC", Phrase: "age on the day of the appointment, babies in decimals", High: 120, Filled: 99.4,
			Doc: "As APPTAGE, except that under one year it is 0.002, 0.010, 0.048, 0.167, 0.375, 0.625 or 0.875.",
		}),
		catalogue.Date(&t.Date, cohort.ColumnInfo{
			Name: "APPTDATE", Phrase: "appointment date", Unknowns: noDates(), Values: dates(), Filled: 100,
			Doc: "Day of the appointment.",
		}),
		catalogue.Text(&t.AttendanceType, cohort.ColumnInfo{
			Name: "ATENTYPE", Phrase: "attendance type", Unknowns: []string{"13"}, Values: attendances(), Filled: 100,
			Doc: "Derived from ATTENDED and FIRSTATT. 21 and up are by telephone or video, since April 2008.",
		}),
		catalogue.Text(&t.Attended, cohort.ColumnInfo{
			Name: "ATTENDED", Phrase: "whether the person attended", Unknowns: []string{"9"}, Filled: 100,
			Values: map[string]string{
				"2": "cancelled by the patient", "3": "did not attend, without notice", "4": "cancelled or postponed by the provider",
				"5": "seen, on time", "6": "seen, late", "7": "came too late to be seen", "9": "not known",
			},
			Doc: "Only 5 and 6 were seen.",
		}),
		catalogue.Text(&t.Key, cohort.ColumnInfo{
			Name: "ATTENDKEY", Phrase: "appointment key", Filled: 100,
			Doc: "Identifies the row: 12 digits until March 2021 and 20 since, which no whole number of 64 bits holds.",
		}),
		catalogue.Codes(&t.DiagnosisCategory, cohort.ColumnInfo{
			Name: "DIAG_3", Phrase: "diagnosis categories", System: codelist.ICD10,
			Sources: catalogue.Numbered("DIAG_3_%02d", 12), Unknowns: []string{"R69"},
			Doc: "First three characters of each diagnosis. R69 means not known, which nearly all are.",
		}),
		catalogue.Codes(&t.Diagnosis, cohort.ColumnInfo{
			Name: "DIAG_4", Phrase: "diagnoses", System: codelist.ICD10,
			Sources: catalogue.Numbered("DIAG_4_%02d", 12), Unknowns: []string{"R69X"},
			Doc: "First four characters of each diagnosis. The first field always holds something, nearly always R69X for " +
				"not known; the second is filled in 0.7% of rows. Twelve since April 2008, two before.",
		}),
		catalogue.Code(&t.PrimaryDiagnosis, cohort.ColumnInfo{
			Name: "DIAG_4_01", Phrase: "primary diagnosis", System: codelist.ICD10, Unknowns: []string{"R69X"},
			Doc: "The main condition, in four characters; nearly always R69X for not known.",
		}),
		catalogue.Number(&t.DiagnosisCount, cohort.ColumnInfo{
			Name: "DIAG_COUNT", Phrase: "number of diagnoses", High: 12, Filled: 100,
			Doc: "How many diagnoses the row has, R69X among them.",
		}),
		catalogue.Date(&t.LastMissDate, cohort.ColumnInfo{
			Name: "DNADATE", Phrase: "date of the last missed appointment", Unknowns: noDates(), Values: dates(), Filled: 41.7,
			Doc: "Day of the last appointment that the person missed or cancelled.",
		}),
		catalogue.Text(&t.Ethnicity, cohort.ColumnInfo{
			Name: "ETHNOS", Phrase: "ethnic category", Unknowns: noEthnicity(), Values: ethnicity(), Filled: 100,
			Doc: "Ethnic category of 2001 as the person gave it. Poorly known before April 2011.",
		}),
		catalogue.Text(&t.FirstAttendance, cohort.ColumnInfo{
			Name: "FIRSTATT", Phrase: "first or follow-up appointment", Unknowns: []string{"X", "9"}, Filled: 100,
			Values: map[string]string{
				"1": "first, face to face", "2": "follow-up, face to face", "3": "first, by telephone or video",
				"4": "follow-up, by telephone or video", "X": "not known, since 2008", "9": "not known, until 2008",
			},
			Doc: "Whether it was the first appointment, and of which kind.",
		}),
		catalogue.Text(&t.FinancialYear, cohort.ColumnInfo{
			Name: "FYEAR", Phrase: "financial year", Filled: 100,
			Doc: "Financial year of the data, such as 2324 for April 2023 to March 2024.",
		}),
		catalogue.Text(&t.Practice, cohort.ColumnInfo{
			Name: "GPPRAC", Phrase: "registered GP practice", Unknowns: noPractice(), Filled: 100,
			Doc: "ODS code of the practice at the time. V81997 to V81999 and & are no practice.",
		}),
		catalogue.Text(&t.LocationClass, cohort.ColumnInfo{
			Name: "LOCCLASS", Phrase: "location", Unknowns: []string{"99"}, Filled: 100,
			Values: map[string]string{
				"01": "health site", "02": "home", "03": "delivery place", "04": "health site at the start of the activity",
				"05": "health site at the end of the activity", "99": "not known",
			},
			Doc: "Where the appointment took place.",
		}),
		catalogue.Text(&t.LSOA2001, cohort.ColumnInfo{
			Name: "LSOA01", Phrase: "neighbourhood (LSOA of 2001)", Unknowns: catalogue.NoArea(), Filled: 99.2,
			Doc: "Derived from the postcode.",
		}),
		catalogue.Text(&t.LSOA2011, cohort.ColumnInfo{
			Name: "LSOA11", Phrase: "neighbourhood (LSOA of 2011)", Unknowns: catalogue.NoArea(), Filled: 99.1,
			Doc: "Derived from the postcode. The Index of Multiple Deprivation of 2019 ranks these areas.",
		}),
		catalogue.Text(&t.MainSpecialty, cohort.ColumnInfo{
			Name: "MAINSPEF", Phrase: "main specialty of the consultant", Unknowns: []string{"&"}, Filled: 100,
			Doc: "Code of the specialty that the consultant is contracted for, such as 320 for cardiology.",
		}),
		catalogue.Text(&t.MSOA2011, cohort.ColumnInfo{
			Name: "MSOA11", Phrase: "middle layer area (MSOA of 2011)", Unknowns: catalogue.NoArea(), Filled: 99.1,
			Doc: "Derived from the postcode.",
		}),
		catalogue.Codes(&t.ProcedureCategory, cohort.ColumnInfo{
			Name: "OPERTN_3", Phrase: "procedure categories", System: codelist.OPCS4,
			Sources: catalogue.Numbered("OPERTN_3_%02d", 24), Unknowns: []string{"-", "&"}, Filled: 36.9,
			Doc: "First three characters of each procedure. - means no operation, & not known.",
		}),
		catalogue.Codes(&t.Procedure, cohort.ColumnInfo{
			Name: "OPERTN_4", Phrase: "procedures", System: codelist.OPCS4,
			Sources: catalogue.Numbered("OPERTN_4_%02d", 24), Unknowns: noProcedures(), Filled: 36.9,
			Doc: "First four characters of each procedure, without the dot. - and X999 mean no operation, & and X997 not " +
				"known; X998 is an operation without a code. Twenty-four since April 2008, twelve before.",
		}),
		catalogue.Code(&t.MainProcedure, cohort.ColumnInfo{
			Name: "OPERTN_4_01", Phrase: "main procedure", System: codelist.OPCS4, Unknowns: noProcedures(), Filled: 36.9,
			Doc: "The procedure that took most resources, in four characters. Always holds something, an operation in at " +
				"most 36.9% of rows.",
		}),
		catalogue.Number(&t.ProcedureCount, cohort.ColumnInfo{
			Name: "OPERTN_COUNT", Phrase: "number of procedures", High: 24, Filled: 36.9,
			Doc: "How many procedures the row has.",
		}),
		catalogue.Text(&t.Outcome, cohort.ColumnInfo{
			Name: "OUTCOME", Phrase: "outcome of the appointment", Unknowns: []string{"9"}, Filled: 99.2,
			Values: map[string]string{
				"1": "discharged", "2": "another appointment given", "3": "appointment to be made later", "9": "not known",
			},
			Doc: "What was agreed at the end.",
		}),
		catalogue.Number(&t.Extract, cohort.ColumnInfo{
			Name: "PARTYEAR", Phrase: "HES extract", Filled: 100,
			Doc: "First year of the financial year and number of the extract, such as 202399. Final when it ends in 99, " +
				"provisional otherwise.",
		}),
		catalogue.Text(&t.Priority, cohort.ColumnInfo{
			Name: "PRIORITY", Phrase: "priority of the referral", Unknowns: []string{"9"}, Filled: 100,
			Values: map[string]string{"1": "routine", "2": "urgent", "3": "two week wait", "9": "not known"},
			Doc:    "As the consultant saw it.",
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
			Name: "PROCODET", Phrase: "provider of treatment", Filled: 100,
			Doc: "The organisation for the NHS, the site for independent providers.",
		}),
		catalogue.Text(&t.Referrer, cohort.ColumnInfo{
			Name: "REFERORG", Phrase: "referring organisation", Unknowns: []string{"X99999"}, Filled: 92.9,
			Doc: "ODS code of the practice or trust that referred. X99998 means not applicable, X99999 not known.",
		}),
		catalogue.Text(&t.ReferralSource, cohort.ColumnInfo{
			Name: "REFSOURC", Phrase: "source of referral", Unknowns: []string{"99"}, Values: referrals(), Filled: 100,
			Doc: "Who referred. 17 is a national screening programme.",
		}),
		catalogue.Date(&t.RequestDate, cohort.ColumnInfo{
			Name: "REQDATE", Phrase: "date the referral was received", Unknowns: noDates(), Values: dates(), Filled: 100,
			Doc: "Day on which the provider received the request.",
		}),
		catalogue.Text(&t.Region, cohort.ColumnInfo{
			Name: "RESGOR_ONS", Phrase: "region of residence", Unknowns: noRegion(), Values: regions(),
			From: cohort.MustDate("2011-04-01"), Filled: 75.6,
			Doc: "Derived from the postcode.",
		}),
		catalogue.Text(&t.District, cohort.ColumnInfo{
			Name: "RESLADST_ONS", Phrase: "local authority district of residence", Unknowns: noRegion(),
			From: cohort.MustDate("2011-04-01"), Filled: 75.6,
			Doc: "Derived from the postcode.",
		}),
		catalogue.Text(&t.ServiceType, cohort.ColumnInfo{
			Name: "SERVTYPE", Phrase: "service requested", Unknowns: []string{"9"}, Filled: 100,
			Values: map[string]string{"1": "advice or consultation", "2": "specific procedure", "3": "other", "9": "not known"},
			Doc:    "What the referral asked for.",
		}),
		catalogue.Text(&t.Sex, cohort.ColumnInfo{
			Name: "SEX", Phrase: "sex", Unknowns: catalogue.NoSex(), Values: catalogue.Sex(), Filled: 100,
			Doc: "0 (not known) and 9 (not specified) are read as unknown.",
		}),
		catalogue.Text(&t.Site, cohort.ColumnInfo{
			Name: "SITETRET", Phrase: "site of treatment", Unknowns: []string{"89997", "89999"}, Filled: 97.7,
			Doc: "ODS code of the site. R9998 is no hospital site; 89997 and 89999 are sites without a code.",
		}),
		catalogue.Text(&t.StaffType, cohort.ColumnInfo{
			Name: "STAFFTYP", Phrase: "member of staff", Unknowns: []string{"09", "99"}, Filled: 100,
			Values: map[string]string{
				"01": "consultant, until 2005", "02": "member of the consultant's firm, until 2005", "03": "lead professional",
				"04": "member of the professional's team", "08": "not applicable", "09": "not known", "99": "not known",
			},
			Doc: "Who saw the person.",
		}),
		catalogue.Text(&t.Specialty, cohort.ColumnInfo{
			Name: "TRETSPEF", Phrase: "treatment specialty", Unknowns: []string{"&"}, Filled: 100,
			Doc: "Code of the specialty the consultant worked in, such as 103 for breast surgery; a new list since April 2004.",
		}),
		catalogue.Number(&t.WaitDays, cohort.ColumnInfo{
			Name: "WAITING", Phrase: "days waited", Filled: 83.3,
			Doc: "Days from the request, or the last missed appointment, to the appointment, whether or not it was kept.",
		}),
		catalogue.Codes(&t.SubmittedDiagnosis, cohort.ColumnInfo{
			Name: "DIAG", Phrase: "diagnoses as submitted", System: codelist.ICD10,
			Sources: catalogue.Numbered("DIAG_%02d", 12), Unknowns: []string{"R69X", "R69X6", "R69X8"},
			Doc: "Four to six characters: the fifth may be a filler -, the sixth D for dagger or A for asterisk, and " +
				"neither is validated. Lists compare whole codes, so prefer DIAG_4.",
		}),
		catalogue.Text(&t.MonthOfBirth, cohort.ColumnInfo{
			Name: "MYDOB", Phrase: "month of birth", Filled: 100,
			Doc: "Month and year of birth; the dictionary writes mm/yyyy where that of admitted patients has MMYYYY. Take " +
				"the date of birth from PDS.",
		}),
		catalogue.Text(&t.OperationStatus, cohort.ColumnInfo{
			Name: "OPERSTAT", Phrase: "operation status", Unknowns: []string{"9"}, Values: operations(), Filled: 88.2,
			Doc: "Tells no operation from not known, which a missing procedure does not.",
		}),
		catalogue.Codes(&t.SubmittedProcedure, cohort.ColumnInfo{
			Name: "OPERTN", Phrase: "procedures as submitted", System: codelist.OPCS4,
			Sources: catalogue.Numbered("OPERTN_%02d", 24), Unknowns: noProcedures(), Filled: 36.9,
			Doc: "The same as OPERTN_4, in the companion table.",
		}),
	)
	return t
}
