package synthetic

import (
	"github.com/personalised-prevention/nhs/internal/calendar"
)

// drawers are, by table and name, the columns that are drawn otherwise than [vocabularies.ofCatalogue] would. A table
// that is not among them is filled column by column.
func (v *vocabularies) drawers() map[string]map[string]drawer {
	return map[string]map[string]drawer{
		"person.deaths":        v.deathDrawers(),
		"hes.apc":              v.admissionDrawers(),
		"hes.op":               v.appointmentDrawers(),
		"hes.ae":               emergencyDrawers(),
		"hes.ecds":             v.emergencyCareDrawers(),
		"hes.cc":               criticalCareDrawers(),
		"sact.administrations": v.administrationDrawers(),
		"sact.regimens":        regimenDrawers(),
		"sact.cycles":          cycleDrawers(),
		"sact.drugs":           drugDrawers(),
		"sact.outcomes":        outcomeDrawers(),
		"rtds.attendances":     v.attendanceDrawers(),
		"rtds.prescriptions":   v.prescriptionDrawers(),
		"rtds.exposures":       exposureDrawers(),
	}
}

func flag(is func(r *row) bool) drawer {
	return number(func(r *row) float64 {
		if is(r) {
			return 1
		}
		return 0
	})
}

func (v *vocabularies) deathDrawers() map[string]drawer {
	underlying := func(r *row) []int { return r.diagnoses }
	return map[string]drawer{
		"REG_DATE_OF_DEATH": day(func(r *row) calendar.Day { return r.day }),
		"REG_DATE":          day(func(r *row) calendar.Day { return r.end }),
		"CANCELLED_FLAG":    oneOf("N 100"),
		"LSOAR":             word(v.areas, func(r *row) int { return r.p.area }),
		"NEO_NATE_FLAG":     flag(func(r *row) bool { return r.day-r.p.born < 28 }),
		"POD_CODE":          oneOf("H 45, E 25, ABCD1 20, ABCD2 10"),
		"REG_DISTRICT_CODE": word(v.sites, func(r *row) int { return r.p.site }),
		"REG_SUB_DISTRICT_CODE": word(v.sixes, func(r *row) int {
			return r.p.site
		}),
		"S_COD_CODE": listed(v.diagnoses4, underlying),
		"S_UNDERLYING_COD_ICD10": {words: v.diagnoses4, whole: true, draw: func(r *row, f *field) {
			if n := len(r.diagnoses); n > 0 {
				f.columns[0].word(r.diagnoses[n-1])
			}
		}},
		"POD_ESTABLISHMENT_TYPE": oneOf("3 40, 4 20, 7 20, 32 10, 83 10"),
		"S_INJURY_EXTERNAL":      oneOf("S720 40, S065 30, T179 30"),
		"POD_NHS_ESTABLISHMENT":  oneOf("0 20, 1 60, 2 20"),
	}
}

func (v *vocabularies) admissionDrawers() map[string]drawer {
	diagnoses := func(r *row) []int { return r.diagnoses }
	procedures := func(r *row) []int { return r.procedures }
	operated := func(r *row) bool { return len(r.procedures) > 0 && r.procedures[0] > 1 }
	emergency, planned := oneOf(emergencyAdmissions), oneOf(plannedAdmissions)
	first := len(emergency.words)
	last := func(r *row) bool { return r.order == r.of }
	return map[string]drawer{
		"ADMIMETH": {words: append(emergency.words, planned.words...), draw: func(r *row, f *field) {
			if r.emergency {
				emergency.draw(r, f)
				return
			}
			planned.draw(r, f)
			c := f.columns[0]
			c.places[len(c.places)-1] += uint32(first) //nolint:gosec // a short list
		}},
		"AEKEY":    text(func(r *row) []byte { return r.id(&r.other, "", 12, idAttendance) }),
		"DIAG_4":   listed(v.diagnoses4, diagnoses),
		"DIAG_3":   listed(v.diagnoses3, diagnoses),
		"DIAG":     listed(v.diagnoses, diagnoses),
		"OPERTN_4": listed(v.procedures4, procedures),
		"OPERTN_3": listed(v.procedures3, procedures),
		"OPERTN":   listed(v.procedures4, procedures),
		"OPERTN_COUNT": {whole: true, draw: func(r *row, f *field) {
			if operated(r) {
				f.columns[0].number(float64(len(r.procedures)))
			} else {
				f.columns[0].number(0)
			}
		}},
		"DIAG_COUNT": {whole: true, draw: func(r *row, f *field) { f.columns[0].number(float64(len(r.diagnoses))) }},
		"OPDATE_01": {whole: true, draw: func(r *row, f *field) {
			if operated(r) {
				f.columns[0].day(r.day)
			} else {
				f.columns[0].day(noDay())
			}
		}},
		"DISDATE": {whole: true, draw: func(r *row, f *field) {
			if r.to != 0 {
				f.columns[0].day(r.to)
			} else {
				f.columns[0].day(noDay())
			}
		}},
		"ELECDATE": {whole: true, draw: func(r *row, f *field) {
			if r.emergency {
				f.columns[0].day(noDay())
			} else {
				f.columns[0].day(r.decided)
			}
		}},
		"EPIORDER": number(func(r *row) float64 { return float64(r.order) }),
		"EPIDUR":   number(func(r *row) float64 { return float64(r.end - r.day) }),
		"EPISTAT":  oneOf("3 98.5, 1 1, 9 0.5"),
		"EPITYPE":  oneOf("1 95, 2 2.5, 3 2.5"),
		"CLASSPAT": oneOf("1 55, 2 36, 3 6, 4 0.5, 5 2, 8 0.3, 9 0.2"),
		"ADMISORC": oneOf("19 92, 51 3, 52 1, 29 1, 54 1, 65 1, 53 0.5, 99 0.5"),
		"DISDEST":  oneOf("19 88, 98 3, 51 3, 79 1.5, 54 1.5, 65 1, 29 1, 53 0.5, 99 0.5"),
		"DISMETH": {words: []string{"1", "4", "8", "2", "9"}, draw: func(r *row, f *field) {
			switch {
			case !last(r):
				f.columns[0].word(2)
			case r.p.died != 0 && r.to >= r.p.died:
				f.columns[0].word(1)
			case r.chance(selfDischargePercent):
				f.columns[0].word(3)
			default:
				f.columns[0].word(0)
			}
		}},
		"SPELBGIN":      {words: []string{"0", "2"}, draw: func(r *row, f *field) { f.columns[0].word(min(1, max(0, 2-r.order))) }},
		"SPELEND":       {words: []string{"N", "Y"}, draw: func(r *row, f *field) { f.columns[0].word(r.order / r.of) }},
		"SPELDUR_CALC":  number(func(r *row) float64 { return float64(max(r.end-r.from, 0)) }),
		"FAE":           flag(func(r *row) bool { return r.order == 1 }),
		"FAE_EMERGENCY": flag(func(r *row) bool { return r.order == 1 && r.emergency }),
		"FCE":           flag(func(*row) bool { return true }),
		"FDE":           flag(last),
		"SUSSPELLID": text(func(r *row) []byte {
			if r.chance(noSpellPercent) {
				return []byte("-1")
			}
			return r.parent
		}),
	}
}

func (v *vocabularies) appointmentDrawers() map[string]drawer {
	diagnoses := func(r *row) []int { return r.diagnoses }
	procedures := func(r *row) []int { return r.procedures }
	return map[string]drawer{
		"DIAG_4": listed(v.diagnoses4, diagnoses), "DIAG_3": listed(v.diagnoses3, diagnoses), "DIAG": listed(v.diagnoses, diagnoses),
		"OPERTN_4": listed(v.procedures4, procedures), "OPERTN_3": listed(v.procedures3, procedures),
		"OPERTN":     listed(v.procedures4, procedures),
		"DIAG_COUNT": number(func(r *row) float64 { return float64(len(r.diagnoses)) }),
		"OPERTN_COUNT": {whole: true, draw: func(r *row, f *field) {
			f.columns[0].number(float64(min(r.procedures[0], 1) * len(r.procedures)))
		}},
		"APPTDATE": day(func(r *row) calendar.Day { return r.day }),
		"REQDATE":  day(func(r *row) calendar.Day { return r.decided }),
		"WAITING":  number(func(r *row) float64 { return float64(r.day - r.decided) }),
		"ATTENDED": oneOf(attended), "ATENTYPE": oneOf("2 55, 1 25, 22 7, 21 3, 5 3, 4 2, 8 2, 7 1, 11 1, 13 1"),
		"FIRSTATT": oneOf("2 58, 1 30, 4 8, 3 3, X 1"),
		"OUTCOME":  oneOf("2 55, 1 30, 3 14, 9 1"),
		"PRIORITY": oneOf("1 82, 2 10, 3 6, 9 2"),
		"REFSOURC": oneOf("03 50, 05 20, 04 5, 06 5, 01 5, 11 5, 13 4, 17 2, 97 2, 92 1, 99 1"),
	}
}

func emergencyDrawers() map[string]drawer {
	return map[string]drawer{
		"ARRIVALDATE":   day(func(r *row) calendar.Day { return r.day }),
		"AEKEY":         text(func(r *row) []byte { return r.key }),
		"EPIKEY":        text(func(r *row) []byte { return r.id(&r.other, "", 12, idEpisode) }),
		"AEARRIVALMODE": oneOf("2 70, 1 29, 9 1"),
		"AEATTENDCAT":   oneOf("1 93, 3 4, 2 2, 9 1"),
		"AEDEPTTYPE":    oneOf("01 65, 03 25, 04 7, 02 3"),
		"AEATTENDDISP":  oneOf("03 40, 02 20, 01 25, 12 3, 06 3, 05 3, 11 2, 07 1, 13 1, 10 0.2, 14 1.5, 99 0.3"),
		"AEPATGROUP":    oneOf("80 60, 60 30, 40 3, 10 2, 30 2, 20 1, 99 2"),
		"CONCLDUR":      number(func(r *row) float64 { return float64(5 + r.below(330)) }),
	}
}

func (v *vocabularies) emergencyCareDrawers() map[string]drawer {
	return map[string]drawer{
		"ARRIVAL_DATE": {whole: true, draw: func(r *row, f *field) {
			switch at := r.unit() * 100; {
			case at < floorDayPercent:
				f.columns[0].day(calendar.Of(1900, 1, 1))
			case at < floorDayPercent+futureArrivalPercent:
				f.columns[0].day(r.day.AddDays(r.below(60_000)))
			default:
				f.columns[0].day(r.day)
			}
		}},
		"DIAGNOSIS_CODE":      several(v.concepts[:400], emergencySecondPercent),
		"DEPARTMENT_TYPE":     oneOf("01 62, 03 28, 04 4, 02 3, 05 3"),
		"ATTENDANCE_CATEGORY": oneOf("1 93, 2 4, 3 1, 4 1.5, X 0.5"),
	}
}

func criticalCareDrawers() map[string]drawer {
	supported := func(r *row) float64 {
		switch at := r.unit() * 100; {
		case at < daysNotKnownPercent:
			return 999
		case at < daysNotKnownPercent+manyDaysPercent:
			return 998
		default:
			return float64(r.below(int(max(2, r.end-r.day+2))))
		}
	}
	drawers := map[string]drawer{
		"CCSTARTDATE": day(func(r *row) calendar.Day { return r.day }),
		"CCDISDATE":   day(func(r *row) calendar.Day { return r.end }),
		"CCPERTYPE":   oneOf("01 90, 02 4, 03 6"),
		"BESTMATCH": {words: []string{"1"}, whole: true, draw: func(r *row, f *field) {
			if r.best {
				f.columns[0].word(0)
			}
		}},
		"EPISTAT":  oneOf("3 99, 1 0.5, 9 0.5"),
		"EPITYPE":  oneOf("61 94, 62 2, 63 4"),
		"CCPERNUM": oneOf("1 90, 2 8, 3 2"),
	}
	for _, organ := range []string{
		"ACARD", "ARES", "BCARD", "BRES", "REN", "NEURO", "LIVER", "DERM", "GI",
	} {
		drawers[organ+"SUPDAYS"] = number(supported)
	}
	drawers["CCLEV2DAYS"], drawers["CCLEV3DAYS"] = number(supported), number(supported)
	return drawers
}

// noDay is how hospital data write that no date was submitted.
func noDay() calendar.Day { return calendar.Of(1800, 1, 1) }

// longKeys is the day from which keys of hospital data have 20 digits.
func longKeys() calendar.Day { return calendar.Of(2021, 4, 1) }
