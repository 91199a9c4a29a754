package hes

import (
	"fmt"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/internal/catalogue"
)

// CriticalCarePeriod marks the columns of [CC]. It has no values of its own.
type CriticalCarePeriod struct{}

// CC is critical care: periods in intensive or high dependency care.
//
//nolint:gochecknoglobals // a value that is not changed, so that a definition reads as a sentence
var CC = cc()

// CCTable is the rows and columns of [CC], each with its published name.
type CCTable struct {
	cohort.Rows[CriticalCarePeriod]
	Table *cohort.Table

	StartDate     cohort.DateColumn[CriticalCarePeriod] // CCSTARTDATE
	StartTime     cohort.TextColumn[CriticalCarePeriod] // CCSTARTTIME
	EndDate       cohort.DateColumn[CriticalCarePeriod] // CCDISDATE
	ReadyDate     cohort.DateColumn[CriticalCarePeriod] // CCDISRDYDATE
	ActivityDate  cohort.DateColumn[CriticalCarePeriod] // CCACTIVDATE
	AdmissionDate cohort.DateColumn[CriticalCarePeriod] // ADMIDATE
	DischargeDate cohort.DateColumn[CriticalCarePeriod] // DISDATE
	EpisodeStart  cohort.DateColumn[CriticalCarePeriod] // EPISTART
	EpisodeEnd    cohort.DateColumn[CriticalCarePeriod] // EPIEND

	PeriodType           cohort.TextColumn[CriticalCarePeriod]  // CCPERTYPE
	UnitFunction         cohort.TextColumn[CriticalCarePeriod]  // CCUNITFUN
	UnitBeds             cohort.TextColumn[CriticalCarePeriod]  // UNITBEDCONFIG
	AdmissionType        cohort.TextColumn[CriticalCarePeriod]  // CCADMITYPE
	AdmissionSource      cohort.TextColumn[CriticalCarePeriod]  // CCADMISORC
	SourceLocation       cohort.TextColumn[CriticalCarePeriod]  // CCSORCLOC
	DischargeStatus      cohort.TextColumn[CriticalCarePeriod]  // CCDISSTAT
	DischargeDestination cohort.TextColumn[CriticalCarePeriod]  // CCDISDEST
	DischargeLocation    cohort.TextColumn[CriticalCarePeriod]  // CCDISLOC
	Activity             cohort.CodesColumn[CriticalCarePeriod] // CCACTCODE1 to CCACTCODE20
	HighCostDrug         cohort.CodesColumn[CriticalCarePeriod] // HCDCODE1 to HCDCODE20

	Level2Days                 cohort.NumberColumn[CriticalCarePeriod] // CCLEV2DAYS
	Level3Days                 cohort.NumberColumn[CriticalCarePeriod] // CCLEV3DAYS
	AdvancedRespiratoryDays    cohort.NumberColumn[CriticalCarePeriod] // ARESSUPDAYS
	BasicRespiratoryDays       cohort.NumberColumn[CriticalCarePeriod] // BRESSUPDAYS
	AdvancedCardiovascularDays cohort.NumberColumn[CriticalCarePeriod] // ACARDSUPDAYS
	BasicCardiovascularDays    cohort.NumberColumn[CriticalCarePeriod] // BCARDSUPDAYS
	RenalDays                  cohort.NumberColumn[CriticalCarePeriod] // RENSUPDAYS
	NeurologicalDays           cohort.NumberColumn[CriticalCarePeriod] // NEUROSUPDAYS
	LiverDays                  cohort.NumberColumn[CriticalCarePeriod] // LIVERSUPDAYS
	DermatologicalDays         cohort.NumberColumn[CriticalCarePeriod] // DERMSUPDAYS
	GastrointestinalDays       cohort.NumberColumn[CriticalCarePeriod] // GISUPDAYS
	OrgansSupported            cohort.NumberColumn[CriticalCarePeriod] // ORGSUPMAX
	GestationWeeks             cohort.NumberColumn[CriticalCarePeriod] // GESTDEL
	Weight                     cohort.NumberColumn[CriticalCarePeriod] // WEIGHTTYPE

	BestMatch     cohort.TextColumn[CriticalCarePeriod] // BESTMATCH
	EpisodeStatus cohort.TextColumn[CriticalCarePeriod] // EPISTAT
	EpisodeType   cohort.TextColumn[CriticalCarePeriod] // EPITYPE
	Provider      cohort.TextColumn[CriticalCarePeriod] // PROCODE3
	SUSRecord     cohort.TextColumn[CriticalCarePeriod] // SUSRECID
	PeriodNumber  cohort.TextColumn[CriticalCarePeriod] // CCPERNUM
	Key           cohort.TextColumn[CriticalCarePeriod] // HES_RECORD_ID
	FinancialYear cohort.TextColumn[CriticalCarePeriod] // FYEAR
}

// Once asks whether the row is the one that stands for its critical care period. About 0.2% of periods have
// no such row and as many have two; the daily activity of children and babies needs all rows.
func (t CCTable) Once() cohort.RowPred[CriticalCarePeriod] { return t.BestMatch.Is("1") }

// cc holds the catalogue entry.
func cc() (t CCTable) {
	const adults = " Adults only."
	days := func(name, phrase string, filled float64, doc string) cohort.ColumnInfo {
		return cohort.ColumnInfo{
			Name: name, Phrase: phrase, Unknowns: []string{"999"}, High: 998, Filled: filled,
			Values: map[string]string{"998": "998 or more", "999": "took place, number of days not known"},
			Doc:    doc + adults + " 999 is read as unknown, although the support did take place.",
		}
	}
	t.Rows, t.Table = catalogue.Table(cohort.TableInfo{
		Name: "hes.cc",
		Row:  "critical care period",
		Doc: "HES critical care, a part of admitted patient care: one row per critical care period of an adult and " +
			"admitted episode, and one row per period and day for children and babies. Joins the episode on SUSRECID. " +
			"Many fields are filled for adults only or for children and babies only: ask about CCPERTYPE. Left out: " +
			"relations to the episode other than the best match, and times other than that of the start.",
		Absence: "No row means no critical care in an NHS hospital in England since April 2008, for babies since April " +
			"2017, or not yet delivered.",
		Refresh:    refresh,
		Source:     fmt.Sprintf(dictionary, "hes_cc"),
		PersonKeys: []string{"PERSON_ID_DEID"},
		From:       cohort.MustDate("2008-04-01"),
		Lag:        cohort.Months(3),
		Order:      []string{"CCSTARTDATE", "CCSTARTTIME", "CCACTIVDATE", "HES_RECORD_ID"},
	},
		catalogue.Text(&t.FinancialYear, cohort.ColumnInfo{
			Name: "FYEAR", Phrase: "financial year", Filled: 100,
			Doc: "Financial year of the data, such as 2324 for April 2023 to March 2024.",
		}),
		catalogue.Date(&t.AdmissionDate, cohort.ColumnInfo{
			Name: "ADMIDATE", Phrase: "admission date", Unknowns: noDates(), Values: dates(), Filled: 100,
			Doc: "First day of the spell, from the episode; as submitted until March 2021, cleaned since.",
		}),
		catalogue.Number(&t.AdvancedCardiovascularDays, days("ACARDSUPDAYS", "days of advanced cardiovascular support", 36.7,
			"Such as several vasoactive drugs at a time.")),
		catalogue.Number(&t.AdvancedRespiratoryDays, days("ARESSUPDAYS", "days of advanced respiratory support", 36.8,
			"Such as invasive ventilation.")),
		catalogue.Number(&t.BasicCardiovascularDays, days("BCARDSUPDAYS", "days of basic cardiovascular support", 37.2,
			"Such as a central venous or arterial line.")),
		catalogue.Text(&t.BestMatch, cohort.ColumnInfo{
			Name: "BESTMATCH", Phrase: "best match with the episode", Values: map[string]string{"1": "best match"}, Filled: 43.7,
			Doc: "1 for the row that stands for the period; missing for the others.",
		}),
		catalogue.Number(&t.BasicRespiratoryDays, days("BRESSUPDAYS", "days of basic respiratory support", 36.9,
			"Such as more than 50% oxygen by face mask.")),
		catalogue.Codes(&t.Activity, cohort.ColumnInfo{
			Name: "CCACTCODE", Phrase: "critical care activities", System: codelist.CriticalCareActivity,
			Sources: catalogue.Numbered("CCACTCODE%d", 20), Filled: 62.6,
			Doc: "What was done on the day, such as 01 ventilation by tracheal tube and 09 oxygen; 99 means none of the " +
				"list. Children and babies only.",
		}),
		catalogue.Date(&t.ActivityDate, cohort.ColumnInfo{
			Name: "CCACTIVDATE", Phrase: "day of the activity", Unknowns: noDates(), Filled: 62.6,
			Doc: "Day that the row is about. Children and babies only.",
		}),
		catalogue.Text(&t.AdmissionSource, cohort.ColumnInfo{
			Name: "CCADMISORC", Phrase: "source of the critical care admission", Filled: 27.4,
			Values: map[string]string{
				"01": "same NHS hospital site", "02": "other NHS hospital site", "03": "independent hospital in the UK",
				"04": "outside hospital in the UK", "05": "outside the UK",
			},
			Doc: "Where the person was before." + adults,
		}),
		catalogue.Text(&t.AdmissionType, cohort.ColumnInfo{
			Name: "CCADMITYPE", Phrase: "type of the critical care admission", Filled: 27.0,
			Values: map[string]string{
				"01": "unplanned, local", "02": "unplanned transfer in", "03": "planned transfer in", "04": "planned, local surgical",
				"05": "planned, local medical", "06": "repatriation",
			},
			Doc: "Of the critical care, not of the stay in hospital." + adults,
		}),
		catalogue.Date(&t.EndDate, cohort.ColumnInfo{
			Name: "CCDISDATE", Phrase: "end of critical care", Unknowns: noDates(), Filled: 100,
			Doc: "Day of discharge from the unit or of death.",
		}),
		catalogue.Text(&t.DischargeDestination, cohort.ColumnInfo{
			Name: "CCDISDEST", Phrase: "destination after critical care", Filled: 25.2,
			Values: map[string]string{
				"01": "same NHS hospital site", "02": "other NHS hospital site", "03": "independent hospital in the UK",
				"04": "outside hospital in the UK", "05": "outside the UK", "06": "none: died in the unit",
			},
			Doc: "Kind of organisation the person went to." + adults,
		}),
		catalogue.Text(&t.DischargeLocation, cohort.ColumnInfo{
			Name: "CCDISLOC", Phrase: "location after critical care", Filled: 26.2,
			Values: map[string]string{
				"01": "ward", "02": "recovery", "03": "other intermediate care", "04": "adult bed of level 3", "05": "adult bed of level 2",
				"06": "none: died in the unit", "07": "obstetrics", "08": "critical care of children or babies",
				"09": "home or other residence", "10": "other, outside hospital",
			},
			Doc: "Place the person went to." + adults,
		}),
		catalogue.Date(&t.ReadyDate, cohort.ColumnInfo{
			Name: "CCDISRDYDATE", Phrase: "day ready to leave critical care", Unknowns: noDates(), Filled: 21.7,
			Doc: "Day on which the person was declared fit to leave and a bed was asked for." + adults,
		}),
		catalogue.Text(&t.DischargeStatus, cohort.ColumnInfo{
			Name: "CCDISSTAT", Phrase: "status at the end of critical care", Filled: 25.8,
			Values: map[string]string{
				"01": "fully ready", "02": "palliative care", "03": "early, for want of critical care beds",
				"04": "delayed, for want of other beds", "05": "same care elsewhere", "06": "more specialised care elsewhere",
				"07": "self-discharge against advice", "08": "died", "09": "died, heart beating donor", "10": "died, tissue donor",
				"11": "died, non heart beating donor",
			},
			Doc: "How the period ended." + adults,
		}),
		catalogue.Number(&t.Level2Days, days("CCLEV2DAYS", "days of level 2 care", 37.2, "Days of high dependency care.")),
		catalogue.Number(&t.Level3Days, days("CCLEV3DAYS", "days of level 3 care", 36.9, "Days of intensive care.")),
		catalogue.Text(&t.PeriodNumber, cohort.ColumnInfo{
			Name: "CCPERNUM", Phrase: "number of the period in the episode", Filled: 100,
			Doc: "1 to 9, in order of the start.",
		}),
		catalogue.Text(&t.PeriodType, cohort.ColumnInfo{
			Name: "CCPERTYPE", Phrase: "type of critical care period", Filled: 99.9,
			Values: map[string]string{"01": "adult", "02": "paediatric", "03": "neonatal"},
			Doc:    "Derived from the function of the unit.",
		}),
		catalogue.Text(&t.SourceLocation, cohort.ColumnInfo{
			Name: "CCSORCLOC", Phrase: "location before critical care", Filled: 27.0,
			Values: map[string]string{
				"01": "theatre and recovery", "02": "recovery", "03": "other ward", "04": "imaging", "05": "emergency department",
				"06": "other intermediate care", "07": "obstetrics", "08": "clinic", "09": "home or other residence",
				"10": "adult bed of level 3", "11": "adult bed of level 2", "12": "critical care of children or babies",
			},
			Doc: "Place the person was in before." + adults,
		}),
		catalogue.Date(&t.StartDate, cohort.ColumnInfo{
			Name: "CCSTARTDATE", Phrase: "start of critical care", Unknowns: noDates(), Filled: 100,
			Doc: "First day of the period.",
		}),
		catalogue.Text(&t.StartTime, cohort.ColumnInfo{
			Name: "CCSTARTTIME", Phrase: "time of the start of critical care", Filled: 95.4,
			Doc: "Time of day at which the period began.",
		}),
		catalogue.Text(&t.UnitFunction, cohort.ColumnInfo{
			Name: "CCUNITFUN", Phrase: "function of the unit", Values: units(), Filled: 99.9,
			Doc: "Whom the unit mostly cares for.",
		}),
		catalogue.Number(&t.DermatologicalDays, days("DERMSUPDAYS", "days of dermatological support", 36.6,
			"Such as burns of more than 30% of the body.")),
		catalogue.Date(&t.DischargeDate, cohort.ColumnInfo{
			Name: "DISDATE", Phrase: "discharge date", Unknowns: noDates(), Values: dates(), Filled: 97.6,
			Doc: "Last day of the spell, from the episode; filled when that is the last of its spell.",
		}),
		catalogue.Date(&t.EpisodeEnd, cohort.ColumnInfo{
			Name: "EPIEND", Phrase: "episode end date", Unknowns: noDates(), Values: dates(), Filled: 99.98,
			Doc: "From the episode.",
		}),
		catalogue.Date(&t.EpisodeStart, cohort.ColumnInfo{
			Name: "EPISTART", Phrase: "episode start date", Unknowns: noDates(), Values: dates(), Filled: 100,
			Doc: "From the episode.",
		}),
		catalogue.Text(&t.EpisodeStatus, cohort.ColumnInfo{
			Name: "EPISTAT", Phrase: "episode status", Filled: 100,
			Doc: "From the episode. The dictionary lists 1, 2 and 9 and says that 60 is added to the value of the episode: " +
				"check which your extract holds.",
		}),
		catalogue.Text(&t.EpisodeType, cohort.ColumnInfo{
			Name: "EPITYPE", Phrase: "episode type", Filled: 100,
			Values: map[string]string{"61": "general", "62": "delivery", "63": "birth"},
			Doc:    "From the episode, with 60 added.",
		}),
		catalogue.Number(&t.GestationWeeks, cohort.ColumnInfo{
			Name: "GESTDEL", Phrase: "weeks of gestation at delivery", Unknowns: []string{"99"}, Low: 10, High: 49, Filled: 51.9,
			Doc: "Completed weeks, of babies and of births and deliveries. 99 means not known.",
		}),
		catalogue.Number(&t.GastrointestinalDays, days("GISUPDAYS", "days of gastrointestinal support", 31.0,
			"Feeding other than by mouth.")),
		catalogue.Codes(&t.HighCostDrug, cohort.ColumnInfo{
			Name: "HCDCODE", Phrase: "high cost drugs", System: codelist.OPCS4,
			Sources: catalogue.Numbered("HCDCODE%d", 20), Filled: 4.8,
			Doc: "OPCS-4 codes, not validated. Children and babies only.",
		}),
		catalogue.Text(&t.Key, cohort.ColumnInfo{
			Name: "HES_RECORD_ID", Phrase: "period key", Filled: 100,
			Doc: "Identifies the row: since April 2021 the key of the episode and a number after it, 25 digits, which no " +
				"whole number of 64 bits holds.",
		}),
		catalogue.Number(&t.LiverDays, days("LIVERSUPDAYS", "days of liver support", 36.6, "Such as for acute liver failure.")),
		catalogue.Number(&t.NeurologicalDays, days("NEUROSUPDAYS", "days of neurological support", 36.7,
			"Such as for depression of the central nervous system that endangers the airway.")),
		catalogue.Number(&t.OrgansSupported, cohort.ColumnInfo{
			Name: "ORGSUPMAX", Phrase: "most organs supported on a day", High: 7, Filled: 33.4,
			Doc: "Most organ systems supported on any one day." + adults,
		}),
		catalogue.Text(&t.Provider, cohort.ColumnInfo{
			Name: "PROCODE3", Phrase: "provider", Filled: 100,
			Doc: "ODS code of the organisation that gave the care.",
		}),
		catalogue.Number(&t.RenalDays, days("RENSUPDAYS", "days of renal support", 36.7, "Such as haemofiltration.")),
		catalogue.Text(&t.SUSRecord, cohort.ColumnInfo{
			Name: "SUSRECID", Phrase: "SUS record", Filled: 100,
			Doc: "Joins the episode that the period belongs to. 14 digits.",
		}),
		catalogue.Text(&t.UnitBeds, cohort.ColumnInfo{
			Name: "UNITBEDCONFIG", Phrase: "beds of the unit", Filled: 27.5,
			Values: map[string]string{
				"02": "level 2 only", "03": "level 3 only", "05": "levels 2 and 3", "90": "temporary use of other beds",
			},
			Doc: "Kind of beds." + adults,
		}),
		catalogue.Number(&t.Weight, cohort.ColumnInfo{
			Name: "WEIGHTTYPE", Phrase: "weight", High: 999.999, Filled: 50.0,
			Doc: "Last weight of the day in kilograms. Babies only.",
		}),
	)
	return t
}
