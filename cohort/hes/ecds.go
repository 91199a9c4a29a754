package hes

import (
	"fmt"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/internal/catalogue"
)

// EmergencyAttendance marks the columns of [ECDS]. It has no values of its own.
type EmergencyAttendance struct{}

// ECDS is emergency care since October 2018, from the Emergency Care Data Set. Before it is [AE].
//
//nolint:gochecknoglobals // a value that is not changed, so that a definition reads as a sentence
var ECDS = ecds()

// ECDSTable is the rows and columns of [ECDS], each with its published name.
type ECDSTable struct {
	cohort.Rows[EmergencyAttendance]
	Table *cohort.Table

	ArrivalDate    cohort.DateColumn[EmergencyAttendance] // ARRIVAL_DATE
	ArrivalTime    cohort.TextColumn[EmergencyAttendance] // ARRIVAL_TIME
	AssessmentDate cohort.DateColumn[EmergencyAttendance] // ASSESSMENT_DATE
	SeenDate       cohort.DateColumn[EmergencyAttendance] // SEEN_DATE
	DecisionDate   cohort.DateColumn[EmergencyAttendance] // DECIDED_TO_ADMIT_DATE
	ConclusionDate cohort.DateColumn[EmergencyAttendance] // CONCLUSION_DATE
	DepartureDate  cohort.DateColumn[EmergencyAttendance] // DEPARTURE_DATE

	Diagnosis               cohort.CodesColumn[EmergencyAttendance] // DIAGNOSIS_CODE_1 to DIAGNOSIS_CODE_12
	FirstDiagnosis          cohort.CodeColumn[EmergencyAttendance]  // DIAGNOSIS_CODE_1
	FirstDiagnosisQualifier cohort.CodeColumn[EmergencyAttendance]  // DIAGNOSIS_QUALIFIER_1
	ChiefComplaint          cohort.CodeColumn[EmergencyAttendance]  // CHIEF_COMPLAINT
	Acuity                  cohort.CodeColumn[EmergencyAttendance]  // ACUITY
	Comorbidity             cohort.CodesColumn[EmergencyAttendance] // COMORBIDITIES_1 to COMORBIDITIES_10
	Investigation           cohort.CodesColumn[EmergencyAttendance] // INVESTIGATION_CODE_1 to INVESTIGATION_CODE_12
	Treatment               cohort.CodesColumn[EmergencyAttendance] // TREATMENT_CODE_1 to TREATMENT_CODE_12
	DrugOrAlcohol           cohort.CodesColumn[EmergencyAttendance] // DRUG_ALCOHOL_CODE_1 to DRUG_ALCOHOL_CODE_4

	InjuryDate     cohort.DateColumn[EmergencyAttendance] // INJURY_DATE
	InjuryIntent   cohort.CodeColumn[EmergencyAttendance] // INJURY_INTENT
	InjuryCause    cohort.CodeColumn[EmergencyAttendance] // INJURY_MECHANISM
	InjuryActivity cohort.CodeColumn[EmergencyAttendance] // INJURY_ACTIVITY_TYPE
	InjuryPlace    cohort.CodeColumn[EmergencyAttendance] // PLACE_OF_INJURY

	Category             cohort.TextColumn[EmergencyAttendance] // ATTENDANCE_CATEGORY
	DepartmentType       cohort.TextColumn[EmergencyAttendance] // DEPARTMENT_TYPE
	ArrivalMode          cohort.CodeColumn[EmergencyAttendance] // ARRIVAL_MODE
	Source               cohort.CodeColumn[EmergencyAttendance] // ATTENDANCE_SOURCE
	DischargeStatus      cohort.CodeColumn[EmergencyAttendance] // DISCHARGE_STATUS
	DischargeDestination cohort.CodeColumn[EmergencyAttendance] // DISCHARGE_DESTINATION
	FollowUp             cohort.CodeColumn[EmergencyAttendance] // DISCHARGE_FOLLOW_UP
	AdmittingSpecialty   cohort.TextColumn[EmergencyAttendance] // TREATMENT_FUNCTION_CODE

	Age                 cohort.NumberColumn[EmergencyAttendance] // AGE_AT_CDS_ACTIVITY_DATE
	StatedGender        cohort.TextColumn[EmergencyAttendance]   // STATED_GENDER
	Accommodation       cohort.CodeColumn[EmergencyAttendance]   // ACCOMMODATION_STATUS
	SpokenLanguage      cohort.CodeColumn[EmergencyAttendance]   // PREFERRED_SPOKEN_LANGUAGE
	InterpreterLanguage cohort.CodeColumn[EmergencyAttendance]   // INTERPRETER_LANGUAGE
	Practice            cohort.TextColumn[EmergencyAttendance]   // PRACTICE_CODE_Patient_REGISTRATION
	ResidenceArea       cohort.TextColumn[EmergencyAttendance]   // RESIDENCE_CCG

	Provider     cohort.TextColumn[EmergencyAttendance] // PROVIDER_CODE
	Site         cohort.TextColumn[EmergencyAttendance] // SITE
	NumberStatus cohort.TextColumn[EmergencyAttendance] // NHS_NUMBER_STATUS_INDICATOR_CODE
	Key          cohort.TextColumn[EmergencyAttendance] // ECDSKEY
}

// ecds holds the catalogue entry.
func ecds() (t ECDSTable) {
	noDates := []string{"1900-01-01"}
	concept := func(name, phrase string, filled float64, doc string) cohort.ColumnInfo {
		return cohort.ColumnInfo{Name: name, Phrase: phrase, System: codelist.SNOMEDCT, Filled: filled, Doc: doc}
	}
	t.Rows, t.Table = catalogue.Table(cohort.TableInfo{
		Name: "hes.ecds",
		Row:  "visit to emergency care",
		Doc: "Emergency Care Data Set, as the low latency feed serves it: one row per attendance. Clinical fields are " +
			"SNOMED CT, from a reference set of its own that is small, so that a list made for GP records may match " +
			"nothing. Left out: times other than that of arrival, dates of single investigations, treatments and " +
			"referrals, members of staff, contract fields, and the qualifiers of all diagnoses but the first.",
		Absence: "No row means no attendance at a department that reported: reporting began in October 2017, this copy " +
			"holds October 2018 on, and it is complete from April 2020. Ask hes.ae as well for anything before that.",
		Refresh:    "Served quarterly with about three months of lag; one to two months where it comes straight from SUS.",
		Source:     fmt.Sprintf(dictionary, "lowlat_ecds"),
		PersonKeys: []string{"PERSON_ID_DEID"},
		From:       cohort.MustDate("2018-10-01"),
		Complete:   cohort.MustDate("2020-04-01"),
		Lag:        cohort.Months(3),
		Order:      []string{"ARRIVAL_DATE", "ARRIVAL_TIME", "ECDSKEY"},
	},
		catalogue.Code(&t.Accommodation, concept("ACCOMMODATION_STATUS", "accommodation", 39.8, "Where the person lives.")),
		catalogue.Code(&t.Acuity, concept("ACUITY", "acuity", 83.9, "How urgent the case was at the first assessment.")),
		catalogue.Number(&t.Age, cohort.ColumnInfo{
			Name: "AGE_AT_CDS_ACTIVITY_DATE", Phrase: "age on the day of the attendance", Unknowns: []string{"999"}, High: 120,
			Filled: 99.99,
			Doc: "Completed years as the sender derived them, stored as text. 999 is what commissioning data write for not " +
				"known.",
		}),
		catalogue.Date(&t.ArrivalDate, cohort.ColumnInfo{
			Name: "ARRIVAL_DATE", Phrase: "arrival date", Unknowns: noDates, Filled: 100,
			Doc: "Day on which the person arrived. 1900-01-01 stands in about 200,000 rows, and days as far as the year 2200 " +
				"occur: give a window.",
		}),
		catalogue.Code(&t.ArrivalMode, concept("ARRIVAL_MODE", "mode of arrival", 95.6, "How the person came.")),
		catalogue.Text(&t.ArrivalTime, cohort.ColumnInfo{
			Name: "ARRIVAL_TIME", Phrase: "arrival time", Filled: 100,
			Doc: "Written HH:MM:SS.",
		}),
		catalogue.Date(&t.AssessmentDate, cohort.ColumnInfo{
			Name: "ASSESSMENT_DATE", Phrase: "date of the first assessment", Unknowns: noDates, Filled: 90.1,
			Doc: "Day of the initial assessment.",
		}),
		catalogue.Text(&t.Category, cohort.ColumnInfo{
			Name: "ATTENDANCE_CATEGORY", Phrase: "attendance category", Filled: 96.1,
			Values: map[string]string{
				"1": "first, unplanned", "2": "unplanned follow-up within 7 days here",
				"3": "unplanned follow-up within 7 days elsewhere", "4": "planned follow-up within 7 days here",
				"X": "not applicable: dead on arrival",
			},
			Doc: "First or later attendance for a condition.",
		}),
		catalogue.Code(&t.Source, concept("ATTENDANCE_SOURCE", "source of the attendance", 88.0, "Where the person came from.")),
		catalogue.Code(&t.ChiefComplaint, concept("CHIEF_COMPLAINT", "chief complaint", 78.4,
			"Nature of the complaint as assessed first.")),
		catalogue.Codes(&t.Comorbidity, cohort.ColumnInfo{
			Name: "COMORBIDITIES", Phrase: "comorbidities", System: codelist.SNOMEDCT,
			Sources: catalogue.Numbered("COMORBIDITIES_%d", 10), Filled: 4.0,
			Doc: "Medical conditions of a short national list; hardly ever filled.",
		}),
		catalogue.Date(&t.ConclusionDate, cohort.ColumnInfo{
			Name: "CONCLUSION_DATE", Phrase: "date of the conclusion", Unknowns: noDates, Filled: 27.8,
			Doc: "Day on which the attendance or the treatment ended; for people admitted, that of the decision.",
		}),
		catalogue.Date(&t.DecisionDate, cohort.ColumnInfo{
			Name: "DECIDED_TO_ADMIT_DATE", Phrase: "date of the decision to admit", Unknowns: noDates, Filled: 17.4,
			Doc: "Day on which it was decided to admit the person, now or later.",
		}),
		catalogue.Text(&t.DepartmentType, cohort.ColumnInfo{
			Name: "DEPARTMENT_TYPE", Phrase: "department type", Filled: 100,
			Values: map[string]string{
				"01": "emergency department, led by consultants, open all hours", "02": "department of one specialty",
				"03": "other, such as an urgent treatment centre", "04": "NHS walk-in centre", "05": "ambulatory emergency care",
			},
			Doc: "Kind of department.",
		}),
		catalogue.Date(&t.DepartureDate, cohort.ColumnInfo{
			Name: "DEPARTURE_DATE", Phrase: "departure date", Unknowns: noDates, Filled: 98.9,
			Doc: "Day on which the person left.",
		}),
		catalogue.Codes(&t.Diagnosis, cohort.ColumnInfo{
			Name: "DIAGNOSIS_CODE", Phrase: "diagnoses", System: codelist.SNOMEDCT,
			Sources: catalogue.Numbered("DIAGNOSIS_CODE_%d", 12), Filled: 67.6,
			Doc: "Suspected and confirmed alike: the qualifier of each stands in a field beside it, which this column does " +
				"not show. The second is filled in 4.9% of rows.",
		}),
		catalogue.Code(&t.FirstDiagnosis, concept("DIAGNOSIS_CODE_1", "first diagnosis", 67.6,
			"The diagnosis recorded first; ask about its qualifier as well.")),
		catalogue.Code(&t.FirstDiagnosisQualifier, concept("DIAGNOSIS_QUALIFIER_1", "qualifier of the first diagnosis", 74.0,
			"Whether the first diagnosis is confirmed or suspected.")),
		catalogue.Code(&t.DischargeDestination, concept("DISCHARGE_DESTINATION", "destination on discharge", 84.4,
			"Where the person was to go.")),
		catalogue.Code(&t.FollowUp, concept("DISCHARGE_FOLLOW_UP", "follow-up", 68.0, "Service that was to follow up.")),
		catalogue.Code(&t.DischargeStatus, concept("DISCHARGE_STATUS", "status on discharge", 89.4, "How the attendance ended.")),
		catalogue.Codes(&t.DrugOrAlcohol, cohort.ColumnInfo{
			Name: "DRUG_ALCOHOL_CODE", Phrase: "drugs or alcohol involved", System: codelist.SNOMEDCT,
			Sources: catalogue.Numbered("DRUG_ALCOHOL_CODE_%d", 4), Filled: 0.2,
			Doc: "What is thought to have contributed; hardly ever filled.",
		}),
		catalogue.Code(&t.InjuryActivity, concept("INJURY_ACTIVITY_TYPE", "activity at the time of the injury", 5.3,
			"What the person was doing.")),
		catalogue.Date(&t.InjuryDate, cohort.ColumnInfo{
			Name: "INJURY_DATE", Phrase: "date of the injury", Unknowns: noDates, Filled: 36.8,
			Doc: "Day of the injury.",
		}),
		catalogue.Code(&t.InjuryIntent, concept("INJURY_INTENT", "intent of the injury", 18.5,
			"Accident, self-harm or assault, as assessed.")),
		catalogue.Code(&t.InjuryCause, concept("INJURY_MECHANISM", "cause of the injury", 7.6, "How the injury came about.")),
		catalogue.Code(&t.InterpreterLanguage, concept("INTERPRETER_LANGUAGE", "language of the interpreter needed", 1.4,
			"Filled for those who need an interpreter.")),
		catalogue.Codes(&t.Investigation, cohort.ColumnInfo{
			Name: "INVESTIGATION_CODE", Phrase: "investigations", System: codelist.SNOMEDCT,
			Sources: catalogue.Numbered("INVESTIGATION_CODE_%d", 12), Filled: 71.1,
			Doc: "What was investigated.",
		}),
		catalogue.Text(&t.NumberStatus, cohort.ColumnInfo{
			Name: "NHS_NUMBER_STATUS_INDICATOR_CODE", Phrase: "status of the NHS number", Values: catalogue.NumberStatus(), Filled: 99.9,
			Doc: "Whether the sender traced the person. A row that was not is less surely this person's.",
		}),
		catalogue.Code(&t.InjuryPlace, concept("PLACE_OF_INJURY", "place of the injury", 12.9, "Where it happened.")),
		catalogue.Text(&t.Practice, cohort.ColumnInfo{
			Name: "PRACTICE_CODE_Patient_REGISTRATION", Phrase: "registered GP practice", Unknowns: catalogue.NoPractice(),
			Filled: 98.9,
			Doc:    "ODS code as submitted, not checked. The name has small letters in it.",
		}),
		catalogue.Code(&t.SpokenLanguage, concept("PREFERRED_SPOKEN_LANGUAGE", "preferred spoken language", 52.2,
			"Language the person prefers to speak.")),
		catalogue.Text(&t.Provider, cohort.ColumnInfo{
			Name: "PROVIDER_CODE", Phrase: "provider", Filled: 100,
			Doc: "ODS code of the organisation, as submitted.",
		}),
		catalogue.Text(&t.ResidenceArea, cohort.ColumnInfo{
			Name: "RESIDENCE_CCG", Phrase: "area responsible for the residence", Filled: 96.0,
			Doc: "Code of the body responsible for care where the person lives, in England a clinical commissioning group.",
		}),
		catalogue.Date(&t.SeenDate, cohort.ColumnInfo{
			Name: "SEEN_DATE", Phrase: "date seen", Unknowns: noDates, Filled: 86.9,
			Doc: "Day on which somebody who can decide on the care saw the person.",
		}),
		catalogue.Text(&t.Site, cohort.ColumnInfo{
			Name: "SITE", Phrase: "site of treatment", Filled: 100,
			Doc: "ODS code of the site.",
		}),
		catalogue.Text(&t.StatedGender, cohort.ColumnInfo{
			Name: "STATED_GENDER", Phrase: "stated gender", Unknowns: []string{"X"}, Filled: 99.7,
			Values: map[string]string{"1": "male", "2": "female", "9": "indeterminate", "X": "not known"},
			Doc:    "As the person said. Not the values of sex in HES: 9 is an answer here.",
		}),
		catalogue.Codes(&t.Treatment, cohort.ColumnInfo{
			Name: "TREATMENT_CODE", Phrase: "treatments", System: codelist.SNOMEDCT,
			Sources: catalogue.Numbered("TREATMENT_CODE_%d", 12), Filled: 77.6,
			Doc: "What was done.",
		}),
		catalogue.Text(&t.AdmittingSpecialty, cohort.ColumnInfo{
			Name: "TREATMENT_FUNCTION_CODE", Phrase: "specialty admitted to", Filled: 15.6,
			Doc: "Code of the service to which the person is to be admitted.",
		}),
		catalogue.Text(&t.Key, cohort.ColumnInfo{
			Name: "ECDSKEY", Phrase: "attendance key", Filled: 100,
			Doc: "Identifies the row.",
		}),
	)
	return t
}
