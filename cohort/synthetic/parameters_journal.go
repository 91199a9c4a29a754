package synthetic

import (
	"github.com/personalised-prevention/nhs/cohort/person"
)

// Figures of the GP journal beyond its core, in percent of rows unless another unit is given. For the words published,
// memory and assumed see parameters.go; SDE is NHS England's count of GDPPR in its Secure Data Environment, 2025-11-04.
const (
	// Rows a person that the tables below make: of the core of a journal, which records in memory have, and of histories.
	coreRows    = 4.5
	historyRows = 1.8

	// Of rows beyond the core and histories, which have no prescriptions and few readings, so that published are, of all
	// rows of a national journal (SDE): EPISODE_PRESCRIPTION and VALUE1_PRESCRIPTION in 17.6%, VALUE1_CONDITION in 30.1%,
	// VALUE2_PRESCRIPTION in 29.9% (assumed: as 0 in rows of other kinds), and EPISODE_CONDITION in 3.5% (assumed: none in
	// prescriptions and readings).
	prescriptionPercent = 18.1
	readingPercent      = 29.9
	dailyAnyhowPercent  = 15.4
	eventEpisodePercent = 6.5

	linksPercent         = 1.3  // published, SDE: LINKS
	metresPercent        = 5.0  // assumed rate: heights in metres. Published: heights may be in metres or centimetres
	acutePercent         = 25.0 // assumed: of prescriptions, A
	authorisationPercent = 10.0 // assumed: of prescriptions, R
	resolvedPercent      = 6.0  // assumed: of conditions that have such a code, resolved
	journalYears         = 20   // assumed: years of entries, the later the more

	supersededKnownPercent = 50.0 // assumed: of second numbers, those that PDS had replaced by the extract

	languagePercent          = 4.0  // assumed: of people, with a preferred language
	interpreterFilledPercent = 20.0 // assumed: of the others, an interpreter not needed
	addressSincePercent      = 90.0 // assumed: a complete date
	defencePercent           = 0.2  // assumed: posted to DMS
	homePhonePercent         = 45.0 // assumed
	invalidPercent           = 0.05 // assumed
	notEligiblePercent       = 0.5  // assumed
	inquestPercent           = 5.0  // assumed: of deaths, registered months later
	causeFilledPercent       = 78.7 // published, SDE: S_COD_CODE_1 and S_UNDERLYING_COD_ICD10
	furtherCausePercent      = 55.0 // assumed: of certificates, one more cause each
)

// load scales how much care people take by age, so that the average stays. Assumed.
func load() byAge { return byAge{0.43, 0.67, 0.96, 1.82, 2.5} }

// history is a condition or circumstance that some people have entries of.
type history struct {
	name            string
	codes, resolved string // SNOMED CT, several parted by spaces
	percent         byAge  // of people
	sex             string // of the only ones; empty for all
	from            int    // age in years from which it is recorded
	years           int    // only within so many years of the end; 0 for ever
	more            int    // further entries, at most
	after           int    // a condition of the core, or smoking, with which it is likelier
	times           float64
}

// raisedGlucose is non-diabetic hyperglycaemia, with which readings are higher.
const raisedGlucose = "NDH"

// histories are the conditions and circumstances that published cohorts ask about, besides those of the core.
// Published by QOF as percentages of all ages: COPD 1.9, depression 11.5 (adults), CKD 3.4, severe mental illness 0.84;
// from memory of QOF: atrial fibrillation 2.1, stroke and TIA 1.9, heart failure 1.0, cancer 3.5, dementia 0.8, epilepsy
// 0.8, learning disability 0.6, peripheral arterial disease 0.6, rheumatoid arthritis 0.8, osteoporosis 0.9 (from 50),
// non-diabetic hyperglycaemia 7 to 8 (adults). All other figures, the shares of ages, and how much likelier diabetes makes
// CKD and smoking COPD, are assumed. Codes are those that package library names, and a few that nobody asks about yet.
func histories() []history {
	women := person.Female
	return []history{
		{name: "AF", codes: "49436004 5370000", resolved: "196371000000102", percent: byAge{0, 0.1, 0.8, 6, 17}, from: 30},
		{name: "stroke", codes: "230690007 422504002", percent: byAge{0, 0.1, 0.8, 3.5, 9}, from: 30},
		{name: "TIA", codes: "266257000", percent: byAge{0, 0.05, 0.4, 2, 5}, from: 30},
		{name: "heart failure", codes: "84114007 111283005", percent: byAge{0, 0.05, 0.4, 2.5, 9}, from: 30},
		{name: "PAD", codes: "840580004 399957001", percent: byAge{0, 0, 0.4, 2, 3}, from: 40},
		{name: "AAA", codes: "233985008", percent: byAge{0, 0, 0.1, 0.8, 1.5}, from: 50},
		{name: "CKD", codes: "433144002 431857002 433146000", resolved: "939211000000104", percent: byAge{0, 0.2, 1.2, 8, 25}, from: 30, more: 2, after: diabetes, times: 2.5},
		{name: "early CKD", codes: "431855005 431856006", percent: byAge{0, 0.1, 0.4, 1.5, 3}, from: 30},
		{name: "COPD", codes: "13645005", percent: byAge{0, 0.1, 1.8, 6, 8}, from: 35, more: 2, after: smoking, times: 5},
		{name: "cancer", codes: "363346000", percent: byAge{0.1, 0.6, 2.8, 10, 14}, from: 1},
		{name: "dementia", codes: "52448006", percent: byAge{0, 0, 0.03, 1.2, 11}, from: 45, more: 1},
		{name: "epilepsy", codes: "84757009", percent: byAge{0.5, 0.7, 0.9, 1, 1.2}, from: 1},
		{name: "rheumatoid arthritis", codes: "69896004", percent: byAge{0, 0.2, 0.8, 2, 2.4}, from: 18},
		{name: "osteoporosis", codes: "64859006", percent: byAge{0, 0, 0.1, 0.8, 2.6}, from: 50},
		{name: "bronchiectasis", codes: "190905008", percent: byAge{0.1, 0.05, 0.2, 0.6, 1}, from: 1},
		{name: "depression", codes: "35489007", resolved: "196381000000100", percent: byAge{0.8, 11, 14, 9, 7}, from: 14, more: 2},
		{name: "anxiety", codes: "197480006", percent: byAge{0.8, 8, 8, 5, 4}, from: 12, more: 1},
		{name: "severe mental illness", codes: "58214004 13746004", resolved: "111483008 191565008", percent: byAge{0, 0.9, 1.3, 1, 0.8}, from: 18},
		{name: "learning disability", codes: "416075005", percent: byAge{0.8, 0.7, 0.5, 0.4, 0.2}, from: 3},
		{name: "eating disorder", codes: "72366004 56882008", percent: byAge{0.3, 0.5, 0.2, 0.05, 0}, from: 12},
		{name: raisedGlucose, codes: "700449008 15777000 9414007", percent: byAge{0, 1.2, 6, 15, 16}, from: 18, more: 2},
		{name: "gestational diabetes", codes: "11687002 472971004", percent: byAge{0, 1.5, 2, 0.3, 0}, sex: women, from: 20},
		{name: "pregnancy", codes: "77386006", percent: byAge{0.3, 7, 0.7, 0, 0}, sex: women, from: 16, years: 1},
		{name: "delivery", codes: "3950001 169826009", percent: byAge{0.2, 15, 6, 0, 0}, sex: women, from: 17, years: 6},
		{name: "bariatric surgery", codes: "442338001", percent: byAge{0, 0.1, 0.3, 0.1, 0}, from: 20},
		{name: "lipids", codes: "445010006 403829002 398036000", percent: byAge{0.05, 0.2, 0.8, 1, 0.8}, from: 10},
		{name: "health check", codes: "523221000000100", percent: byAge{0, 0, 30, 25, 0}, from: 40, years: 8},
		{name: "palliative care", codes: "103735009", percent: byAge{0, 0.02, 0.1, 0.6, 4}, from: 20, years: 2},
		{name: "care home", codes: "160734000 394923006", percent: byAge{0, 0, 0.05, 0.5, 9}, from: 60, years: 4},
		{name: "carer", codes: "224484003", percent: byAge{0.2, 1.2, 4, 5, 3}, from: 12},
		{name: "refugee", codes: "446654005", percent: byAge{0.3, 0.3, 0.1, 0.05, 0}, from: 1},
		{name: "Addison's disease", codes: "363732003", percent: byAge{0.02, 0.02, 0.03, 0.04, 0.04}, from: 10},
		{name: "liver disease", codes: "19943007 10295004", percent: byAge{0, 0.1, 0.6, 0.8, 0.4}, from: 20},
		{name: "neurological disease", codes: "24700007", percent: byAge{0.01, 0.15, 0.3, 0.35, 0.2}, from: 3},
		{name: "spleen", codes: "38096003", percent: byAge{0.05, 0.1, 0.15, 0.2, 0.2}, from: 1},
		{name: "immunosuppression", codes: "86406008 118599009", percent: byAge{0.05, 0.3, 0.6, 0.9, 0.9}, from: 5},
		{name: "immunosuppressed for a time", codes: "370388006 370391006", percent: byAge{0.05, 0.2, 0.4, 0.8, 0.6}, from: 5, years: 3},
		{name: "chemotherapy or radiotherapy", codes: "367336001", percent: byAge{0.02, 0.1, 0.5, 1.5, 1}, from: 5, years: 3},
		{name: "living with immunosuppression", codes: "527401000000103", percent: byAge{0.1, 0.2, 0.2, 0.2, 0.1}, from: 1, years: 3},
		{name: "kidney disease", codes: "105502003", percent: byAge{0.02, 0.05, 0.1, 0.3, 0.4}, from: 5},
		{name: "asthma admission", codes: "708358003 183478001", percent: byAge{0.4, 0.3, 0.2, 0.2, 0.2}, from: 2, years: 3},
		{name: "body mass band", codes: "162864005 35425004 408512008", percent: byAge{0.2, 6, 11, 10, 4}, from: 16, years: 10},
		{name: "hysterectomy", codes: "116140006 116143008", percent: byAge{0, 0.3, 5, 14, 18}, sex: women, from: 30},
		{name: "cervical screening", codes: "417036008 996261000000103 888091000000108", percent: byAge{0, 55, 72, 45, 0}, sex: women, from: 24, years: 12, more: 2},
	}
}

// reading is a measurement in the journal.
type reading struct {
	share            float64 // of readings
	code             string  // SNOMED CT; empty for one of 200 that are made up
	mean, deviation  float64
	least            float64
	scale            float64 // 1 for whole numbers, 10 for one decimal
	diabetic, before float64 // more for people with diabetes, and with raised glucose short of it
	second           float64 // mean of a second value
}

// readings are assumed, in the units that package library reads them in. 1.1% of all rows have a second value: published,
// SDE.
func readings() []reading {
	return []reading{
		{share: 2.0, code: bloodPressureCode, mean: 132, deviation: 16, least: 60, scale: 1, second: 79},
		{share: 7, code: "271649006", mean: 131, deviation: 16, least: 60, scale: 1},
		{share: 7, code: "271650006", mean: 78, deviation: 10, least: 30, scale: 1},
		{share: 7, code: bodyMassCode, mean: 27.4, deviation: 5, least: 13, scale: 10},
		{share: 6, code: "999791000000106", mean: 37, deviation: 2.5, least: 18, scale: 1, diabetic: 20, before: 7},
		{share: 2, code: "1003141000000105", mean: 5, deviation: 0.3, least: 2.5, scale: 10, diabetic: 3, before: 0.9},
		{share: 5, code: "1005671000000105", mean: 5, deviation: 1.1, least: 1.5, scale: 10},
		{share: 2, code: "718087004", mean: 11, deviation: 8, least: 0.1, scale: 10},
		{share: 3, code: heightCode, mean: 168, deviation: 9, least: 120, scale: 1},
		{share: 58.6, mean: 60, deviation: 20, least: 0, scale: 10},
	}
}

// medicine is something prescribed.
type medicine struct {
	share float64 // of prescriptions
	code  string  // dm+d; empty for one of those that are made up
}

// medicines are assumed shares; the codes are those that package library names.
func medicines() []medicine {
	return []medicine{
		{4, "319997009"},
		{2, "134489001"},
		{2, "35908111000001105"},
		{0.6, "325426006"},
		{0.4, "325427002"},
		{0.3, "41759311000001100"},
		{90.7, ""},
	}
}
