package hes

import (
	"fmt"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/internal/catalogue"
)

// Attendance marks the columns of [AE]. It has no values of its own.
type Attendance struct{}

// AE is accident and emergency care until March 2020. From then on it is [ECDS].
//
//nolint:gochecknoglobals // a value that is not changed, so that a definition reads as a sentence
var AE = ae()

// AETable is the rows and columns of [AE], each with its published name.
type AETable struct {
	cohort.Rows[Attendance]
	Table *cohort.Table

	ArrivalDate cohort.DateColumn[Attendance] // ARRIVALDATE
	ArrivalTime cohort.TextColumn[Attendance] // ARRIVALTIME

	Diagnosis          cohort.CodesColumn[Attendance] // DIAG2_01 to DIAG2_12
	FirstDiagnosis     cohort.CodeColumn[Attendance]  // DIAG2_01
	DetailedDiagnosis  cohort.CodesColumn[Attendance] // DIAG3_01 to DIAG3_12
	FirstDiagnosisArea cohort.TextColumn[Attendance]  // DIAGA_01
	FirstDiagnosisSide cohort.TextColumn[Attendance]  // DIAGS_01
	DiagnosisScheme    cohort.TextColumn[Attendance]  // DIAGSCHEME
	Investigation      cohort.CodesColumn[Attendance] // INVEST2_01 to INVEST2_12
	Treatment          cohort.CodesColumn[Attendance] // TREAT2_01 to TREAT2_12
	DetailedTreatment  cohort.CodesColumn[Attendance] // TREAT3_01 to TREAT3_12
	TreatmentScheme    cohort.TextColumn[Attendance]  // TREATSCHEME

	Category       cohort.TextColumn[Attendance]   // AEATTENDCAT
	Unplanned      cohort.NumberColumn[Attendance] // AEATTEND_EXC_PLANNED
	DepartmentType cohort.TextColumn[Attendance]   // AEDEPTTYPE
	Disposal       cohort.TextColumn[Attendance]   // AEATTENDDISP
	PatientGroup   cohort.TextColumn[Attendance]   // AEPATGROUP
	ReferralSource cohort.TextColumn[Attendance]   // AEREFSOURCE
	ArrivalMode    cohort.TextColumn[Attendance]   // AEARRIVALMODE
	IncidentPlace  cohort.TextColumn[Attendance]   // AEINCLOCTYPE
	Minutes        cohort.NumberColumn[Attendance] // CONCLDUR

	Age       cohort.NumberColumn[Attendance] // ARRIVALAGE
	ExactAge  cohort.NumberColumn[Attendance] // ARRIVALAGE_CALC
	Sex       cohort.TextColumn[Attendance]   // SEX
	Ethnicity cohort.TextColumn[Attendance]   // ETHNOS
	Practice  cohort.TextColumn[Attendance]   // GPPRAC
	LSOA2011  cohort.TextColumn[Attendance]   // LSOA11
	LSOA2001  cohort.TextColumn[Attendance]   // LSOA01
	MSOA2011  cohort.TextColumn[Attendance]   // MSOA11
	District  cohort.TextColumn[Attendance]   // RESLADST_ONS
	Region    cohort.TextColumn[Attendance]   // RESGOR_ONS

	Provider          cohort.TextColumn[Attendance] // PROCODE3
	Provider5         cohort.TextColumn[Attendance] // PROCODE5
	TreatmentProvider cohort.TextColumn[Attendance] // PROCODET
	Site              cohort.TextColumn[Attendance] // SITETRET

	Key           cohort.TextColumn[Attendance]   // AEKEY
	Episode       cohort.TextColumn[Attendance]   // EPIKEY
	EpisodeMatch  cohort.NumberColumn[Attendance] // RANK_ORDER
	FinancialYear cohort.TextColumn[Attendance]   // FYEAR
	Extract       cohort.NumberColumn[Attendance] // PARTYEAR
}

// ae holds the catalogue entry.
func ae() (t AETable) {
	t.Rows, t.Table = catalogue.Table(cohort.TableInfo{
		Name: "hes.ae",
		Row:  "visit to A&E",
		Doc: "HES accident and emergency: one row per attendance, until the Emergency Care Data Set took its place. " +
			"Diagnoses, investigations and treatments have schemes of their own with two or three digits. Served as a " +
			"table a year with a companion (hes_ae and hes_ae_otr), of which nothing is here, and a sensitive table " +
			"with NEWNHSNO and the same key. Left out: geographies no longer kept up, health resource groups, times " +
			"other than that of arrival, and all anatomical areas and sides but the first.",
		Absence: "No row means no attendance in England from April 2007 to March 2020, or at a department that did not " +
			"report. Ask hes.ecds as well for anything since October 2018.",
		Refresh:    "Closed: the last attendances are of March 2020.",
		Source:     fmt.Sprintf(dictionary, "hes_ae and hes_ae_otr"),
		PersonKeys: []string{"NEWNHSNO", "PERSON_ID_DEID", "PSEUDO_HESID"},
		From:       cohort.MustDate("2007-04-01"),
		Until:      cohort.MustDate("2020-03-31"),
		Order:      []string{"ARRIVALDATE", "ARRIVALTIME", "AEKEY"},
	},
		catalogue.Text(&t.FinancialYear, cohort.ColumnInfo{
			Name: "FYEAR", Phrase: "financial year", Filled: 100,
			Doc: "Financial year of the data, such as 1819 for April 2018 to March 2019.",
		}),
		catalogue.Number(&t.Extract, cohort.ColumnInfo{
			Name: "PARTYEAR", Phrase: "HES extract", Filled: 100,
			Doc: "First year of the financial year and number of the extract, such as 201899. Final when it ends in 99.",
		}),
		catalogue.Text(&t.Key, cohort.ColumnInfo{
			Name: "AEKEY", Phrase: "attendance key", Filled: 100,
			Doc: "Identifies the row.",
		}),
		catalogue.Text(&t.ArrivalMode, cohort.ColumnInfo{
			Name: "AEARRIVALMODE", Phrase: "mode of arrival", Unknowns: []string{"9"}, Filled: 100,
			Values: map[string]string{"1": "ambulance, also by air", "2": "other", "9": "not known"},
			Doc:    "How the person came.",
		}),
		catalogue.Number(&t.Unplanned, cohort.ColumnInfo{
			Name: "AEATTEND_EXC_PLANNED", Phrase: "count of unplanned attendances", High: 1, Filled: 100,
			Doc: "1 for an unplanned attendance, 0 for a planned one, derived from AEATTENDCAT.",
		}),
		catalogue.Text(&t.Category, cohort.ColumnInfo{
			Name: "AEATTENDCAT", Phrase: "attendance category", Unknowns: []string{"9"}, Filled: 100,
			Values: map[string]string{"1": "first", "2": "planned follow-up", "3": "unplanned follow-up", "9": "not known"},
			Doc:    "First or later attendance for the same incident at the same department.",
		}),
		catalogue.Text(&t.Disposal, cohort.ColumnInfo{
			Name: "AEATTENDDISP", Phrase: "disposal", Unknowns: []string{"99"}, Filled: 100,
			Values: map[string]string{
				"01": "admitted", "02": "discharged, follow-up by the GP", "03": "discharged, no follow-up needed",
				"04": "referred to A&E clinic", "05": "referred to fracture clinic", "06": "referred to other outpatient clinic",
				"07": "transferred to another provider", "10": "died in the department", "11": "referred to another professional",
				"12": "left before treatment", "13": "left, having refused treatment", "14": "other", "99": "not known",
			},
			Doc: "How the attendance ended.",
		}),
		catalogue.Text(&t.DepartmentType, cohort.ColumnInfo{
			Name: "AEDEPTTYPE", Phrase: "department type", Unknowns: []string{"99"}, Values: departments(), Filled: 100,
			Doc: "Kind of department.",
		}),
		catalogue.Text(&t.IncidentPlace, cohort.ColumnInfo{
			Name: "AEINCLOCTYPE", Phrase: "place of the incident", Unknowns: []string{"99"}, Filled: 100,
			Values: map[string]string{
				"10": "home", "40": "work", "50": "educational establishment", "60": "public place", "91": "other", "99": "not known",
			},
			Doc: "Where it happened.",
		}),
		catalogue.Text(&t.PatientGroup, cohort.ColumnInfo{
			Name: "AEPATGROUP", Phrase: "patient group", Unknowns: []string{"99"}, Filled: 100,
			Values: map[string]string{
				"10": "road traffic accident", "20": "assault", "30": "deliberate self-harm", "40": "sports injury",
				"50": "firework injury", "60": "other accident", "70": "brought in dead", "80": "other", "99": "not known",
			},
			Doc: "Reason for the attendance.",
		}),
		catalogue.Text(&t.ReferralSource, cohort.ColumnInfo{
			Name: "AEREFSOURCE", Phrase: "source of referral", Unknowns: []string{"99"}, Filled: 100,
			Values: map[string]string{
				"00": "GP", "01": "self-referral", "02": "local authority social services", "03": "emergency services",
				"04": "work", "05": "educational establishment", "06": "police", "07": "health care provider", "08": "other",
				"92": "general dental practitioner", "93": "community dental service", "99": "not known",
			},
			Doc: "Who sent the person.",
		}),
		catalogue.Number(&t.Age, cohort.ColumnInfo{
			Name: "ARRIVALAGE", Phrase: "age on arrival", Unknowns: babies(), Values: babyAges(), Low: 1, High: 120, Filled: 99.1,
			Doc: "Completed years, 120 for 120 and more. Under one year it is a code, 7001 to 7007, which is read as " +
				"unknown: ask about ARRIVALAGE_CALC, or the age from PDS.",
		}),
		catalogue.Number(&t.ExactAge, cohort.ColumnInfo{
			Name: "ARRIVALAGE_CALC", Phrase: "age on arrival, babies in decimals", High: 120, Filled: 99.1,
			Doc: "As ARRIVALAGE, except that under one year it is 0.002, 0.010, 0.048, 0.167, 0.375, 0.625 or 0.875.",
		}),
		catalogue.Date(&t.ArrivalDate, cohort.ColumnInfo{
			Name: "ARRIVALDATE", Phrase: "arrival date", Unknowns: noDates(), Values: dates(), Filled: 100,
			Doc: "Day on which the person arrived.",
		}),
		catalogue.Text(&t.ArrivalTime, cohort.ColumnInfo{
			Name: "ARRIVALTIME", Phrase: "arrival time", Filled: 100,
			Doc: "Hours and minutes, written hhmm, or with colons and seconds where it is stored as a time.",
		}),
		catalogue.Number(&t.Minutes, cohort.ColumnInfo{
			Name: "CONCLDUR", Phrase: "minutes to the conclusion", High: 9999, Filled: 96.4,
			Doc: "Minutes from arrival to the end of the attendance or treatment.",
		}),
		catalogue.Codes(&t.Diagnosis, cohort.ColumnInfo{
			Name: "DIAG2", Phrase: "diagnoses", System: codelist.AEDiagnosis,
			Sources: catalogue.Numbered("DIAG2_%02d", 12), Filled: 71.0,
			Doc: "First two digits of each diagnosis in the scheme of A&E: 01 laceration to 39 nothing abnormal, such as " +
				"20 cardiac, 21 stroke, 25 respiratory, 35 psychiatric. The second is filled in 8.2% of rows. The dictionary " +
				"calls the field a description in one place and lists codes in another: check which your extract holds.",
		}),
		catalogue.Code(&t.FirstDiagnosis, cohort.ColumnInfo{
			Name: "DIAG2_01", Phrase: "first diagnosis", System: codelist.AEDiagnosis, Filled: 71.0,
			Doc: "First two digits of the first diagnosis.",
		}),
		catalogue.Codes(&t.DetailedDiagnosis, cohort.ColumnInfo{
			Name: "DIAG3", Phrase: "diagnoses in detail", System: codelist.AEDiagnosis,
			Sources: catalogue.Numbered("DIAG3_%02d", 12), Filled: 65.9,
			Doc: "First three digits of each diagnosis, such as 201 ischaemia and 251 asthma; two where there is no " +
				"sub-analysis.",
		}),
		catalogue.Text(&t.FirstDiagnosisArea, cohort.ColumnInfo{
			Name: "DIAGA_01", Phrase: "anatomical area of the first diagnosis", Filled: 35.7,
			Doc: "01 brain to 36 multiple sites, such as 22 chest and 23 breast.",
		}),
		catalogue.Text(&t.FirstDiagnosisSide, cohort.ColumnInfo{
			Name: "DIAGS_01", Phrase: "side of the first diagnosis", Filled: 20.8,
			Values: map[string]string{"L": "left", "R": "right", "B": "both", "8": "not applicable"},
			Doc:    "Side of the body.",
		}),
		catalogue.Text(&t.DiagnosisScheme, cohort.ColumnInfo{
			Name: "DIAGSCHEME", Phrase: "diagnosis scheme", Filled: 75.2,
			Values: map[string]string{"01": "A&E diagnosis", "02": "ICD-10", "04": "Read version 2"},
			Doc:    "Scheme in which the diagnoses were submitted; DIAG2 and DIAG3 make sense for 01 only.",
		}),
		catalogue.Text(&t.Ethnicity, cohort.ColumnInfo{
			Name: "ETHNOS", Phrase: "ethnic category", Unknowns: noEthnicity(), Values: ethnicity(), Filled: 100,
			Doc: "Ethnic category of 2001 as the person gave it. Poorly known before April 2011.",
		}),
		catalogue.Text(&t.Episode, cohort.ColumnInfo{
			Name: "EPIKEY", Phrase: "key of the episode after it", Filled: 12.2,
			Doc: "Key of the admitted episode that followed, where one was found.",
		}),
		catalogue.Text(&t.Practice, cohort.ColumnInfo{
			Name: "GPPRAC", Phrase: "registered GP practice", Unknowns: noPractice(), Filled: 100,
			Doc: "ODS code of the practice at the time. V81997 to V81999 and & are no practice.",
		}),
		catalogue.Codes(&t.Investigation, cohort.ColumnInfo{
			Name: "INVEST2", Phrase: "investigations", System: codelist.AEInvestigation,
			Sources: catalogue.Numbered("INVEST2_%02d", 12), Filled: 84.6,
			Doc: "First two digits of each investigation: 01 X-ray to 23, such as 02 electrocardiogram and 16 cardiac " +
				"enzymes; 24 means none, 99 other.",
		}),
		catalogue.Text(&t.Provider, cohort.ColumnInfo{
			Name: "PROCODE3", Phrase: "provider", Filled: 100,
			Doc: "ODS code of the organisation that gave the care. Trusts that merged change their code.",
		}),
		catalogue.Text(&t.Provider5, cohort.ColumnInfo{
			Name: "PROCODE5", Phrase: "provider, five characters", Unknowns: []string{"89997", "89999"}, Filled: 100,
			Doc: "The provider in five characters, filled up with zeros. 89997 and 89999 are providers without a code.",
		}),
		catalogue.Text(&t.TreatmentProvider, cohort.ColumnInfo{
			Name: "PROCODET", Phrase: "provider of treatment", Filled: 100,
			Doc: "The organisation for the NHS, the site for independent providers.",
		}),
		catalogue.Number(&t.EpisodeMatch, cohort.ColumnInfo{
			Name: "RANK_ORDER", Phrase: "rank of the match with the episode", Low: 1, High: 4, Filled: 12.2,
			Doc: "1 for a strong match with the episode of EPIKEY, 4 for a poor one.",
		}),
		catalogue.Text(&t.Region, cohort.ColumnInfo{
			Name: "RESGOR_ONS", Phrase: "region of residence", Unknowns: noRegion(), Values: regions(),
			From: cohort.MustDate("2011-04-01"), Filled: 75.8,
			Doc: "Derived from the postcode.",
		}),
		catalogue.Text(&t.District, cohort.ColumnInfo{
			Name: "RESLADST_ONS", Phrase: "local authority district of residence", Unknowns: noRegion(),
			From: cohort.MustDate("2011-04-01"), Filled: 75.8,
			Doc: "Derived from the postcode.",
		}),
		catalogue.Text(&t.Sex, cohort.ColumnInfo{
			Name: "SEX", Phrase: "sex", Unknowns: catalogue.NoSex(), Values: sex(), Filled: 100,
			Doc: "0 (not known) and 9 (not specified) are read as unknown.",
		}),
		catalogue.Text(&t.LSOA2001, cohort.ColumnInfo{
			Name: "LSOA01", Phrase: "neighbourhood (LSOA of 2001)", Unknowns: catalogue.NoArea(), Filled: 98.0,
			Doc: "Derived from the postcode.",
		}),
		catalogue.Codes(&t.Treatment, cohort.ColumnInfo{
			Name: "TREAT2", Phrase: "treatments", System: codelist.AETreatment,
			Sources: catalogue.Numbered("TREAT2_%02d", 12), Filled: 84.6,
			Doc: "First two digits of each treatment: 01 dressing to 57 prescription, such as 25 nebuliser and 28 " +
				"thrombolysis; 22 means guidance only, 99 none.",
		}),
		catalogue.Codes(&t.DetailedTreatment, cohort.ColumnInfo{
			Name: "TREAT3", Phrase: "treatments in detail", System: codelist.AETreatment,
			Sources: catalogue.Numbered("TREAT3_%02d", 12), Filled: 84.2,
			Doc: "First three digits of each treatment; two where there is no sub-analysis.",
		}),
		catalogue.Text(&t.TreatmentScheme, cohort.ColumnInfo{
			Name: "TREATSCHEME", Phrase: "treatment scheme", Filled: 71.1,
			Values: map[string]string{"1": "A&E treatment", "2": "OPCS-4", "4": "Read version 2"},
			Doc:    "Scheme in which the treatments were submitted; TREAT2 and TREAT3 make sense for 1 only.",
		}),
		catalogue.Text(&t.LSOA2011, cohort.ColumnInfo{
			Name: "LSOA11", Phrase: "neighbourhood (LSOA of 2011)", Unknowns: catalogue.NoArea(), Filled: 98.0,
			Doc: "Derived from the postcode. The Index of Multiple Deprivation of 2019 ranks these areas.",
		}),
		catalogue.Text(&t.MSOA2011, cohort.ColumnInfo{
			Name: "MSOA11", Phrase: "middle layer area (MSOA of 2011)", Unknowns: catalogue.NoArea(), Filled: 98.0,
			Doc: "Derived from the postcode.",
		}),
		catalogue.Text(&t.Site, cohort.ColumnInfo{
			Name: "SITETRET", Phrase: "site of treatment", Unknowns: []string{"89997", "89999"}, Filled: 25.1,
			Doc: "ODS code of the site. 89997 and 89999 are sites without a code.",
		}),
	)
	return t
}
