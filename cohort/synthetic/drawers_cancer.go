package synthetic

import (
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs/internal/calendar"
)

// planned draws a text of the treatment.
func planned(of func(t *treatment) string) drawer {
	var words []string
	for _, t := range append(append(regimens(), courses()...), hodgkin()) {
		if w := of(&t); !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	return word(words, func(r *row) int { return placeOf(words, of(r.plan)) })
}

// dosed draws a text of the drug.
func dosed(of func(d drug) string) drawer {
	var words []string
	for _, t := range regimens() {
		for _, d := range t.drugs {
			if w := of(d); !slices.Contains(words, w) {
				words = append(words, w)
			}
		}
	}
	return word(words, func(r *row) int { return placeOf(words, of(r.plan.drugs[r.drug])) })
}

func diagnosis() drawer { return planned(func(t *treatment) string { return t.cancer }) }

func (v *vocabularies) administrationDrawers() map[string]drawer {
	names := dosed(func(d drug) string { return d.name })
	n := len(names.words)
	var written []string
	for _, write := range []func(string) string{
		strings.ToLower, func(s string) string { return strings.ToUpper(s[:1]) + s[1:] }, strings.ToUpper,
	} {
		for _, name := range names.words {
			written = append(written, write(name))
		}
	}
	medicine := func(r *row) int { return placeOf(names.words, r.plan.drugs[r.drug].name) }
	return map[string]drawer{
		"Date_Of_Birth":             day(func(r *row) calendar.Day { return r.p.born }),
		"Patient_Postcode":          text(func(r *row) []byte { return []byte(r.p.home.postcode) }),
		"Consultant_Specialty_Code": oneOf("370 60, 800 25, 303 15"),
		"Primary_Diagnosis":         diagnosis(),
		"Morphology_ICD-O":          some(60, oneOf("8500/3 30, 8140/3 30, 8070/3 20, 9680/3 20")),
		"Adjunctive_Therapy":        oneOf("3 55, 1 25, 2 15, 9 5"),
		"Intent_Of_Treatment":       planned(func(t *treatment) string { return t.intent }),
		"Regimen":                   planned(func(t *treatment) string { return t.regimen }),
		"Height_At_Start_Of_Regimen": number(func(r *row) float64 {
			if r.chance(centimetresPercent) {
				return float64(150 + r.below(45)) // in centimetres
			}
			return float64(150+r.below(45)) / 100
		}),
		"Weight_At_Start_Of_Regimen":                     some(85, number(func(r *row) float64 { return float64(45 + r.below(70)) })),
		"Weight_At_Start_Of_Cycle":                       some(75, number(func(r *row) float64 { return float64(45 + r.below(70)) })),
		"Performance_Status_At_Start_Of_Regimen_-_Adult": some(80, performance()),
		"Performance_Status_At_Start_Of_Cycle_-_Adult":   some(70, performance()),
		"Date_Decision_To_Treat":                         some(90, day(func(r *row) calendar.Day { return r.decided })),
		"Start_Date_Of_Regimen":                          day(func(r *row) calendar.Day { return r.from }),
		"Start_Date_Of_Cycle":                            day(func(r *row) calendar.Day { return r.to }),
		"Administration_Date":                            day(func(r *row) calendar.Day { return r.day }),
		"Clinical_Trial":                                 some(30, oneOf("2 70, 02 10, 1 12, 01 4, Y 3, y 1")),
		"Cycle_Number":                                   number(func(r *row) float64 { return float64(r.cycle) }),
		"Drug_Name": word(written, func(r *row) int {
			switch at := r.unit() * 100; {
			case at < drugInSmallPercent:
				return medicine(r)
			case at < drugInSmallPercent+drugInTitlePercent:
				return n + medicine(r)
			default:
				return 2*n + medicine(r)
			}
		}),
		"DM+D":                           some(60, word(v.medicines[:n], medicine)),
		"Actual_Dose_Per_Administration": number(func(r *row) float64 { return r.dose }),
		"Administration_Measurement_Per_Actual_Dose":                                   oneOf("01 88, 1 7, 03 2, 02 1, 04 1, 98 1"),
		"Other_-_ Administration_Measurement_Per_Actual_Dose":                          some(1, oneOf("ml 60, tablet 40")),
		"Unit_Of_Measurement_(SNOMED_CT_DM+D)":                                         some(10, oneOf("258684004 100")),
		"SACT_Administration_Route":                                                    route(),
		"Route_Of_Administration_(SNOMED_CT_DM+D)":                                     some(10, oneOf("47625008 80, 26643006 20")),
		"Diagnosis_Code_(SNOMED_CT)":                                                   some(5, oneOf("254837009 40, 363346000 60")),
		"Comorbidity_Adjustment":                                                       some(60, oneOf("N 85, Y 15")),
		"Regimen_Modification_-_Dose_Reduction":                                        some(60, oneOf("N 85, Y 15")),
		"Regimen_Outcome_Summary_-_Curative_(Completed_As_Planned)":                    some(30, oneOf("Y 75, N 25")),
		"Regimen_Outcome_Summary_-_Curative_(Not_Completed_As_Planned)_Reason":         some(7, oneOf("1 50, 2 30, 3 20")),
		"Other_-_Regimen_Outcome_Summary_-_Curative_(Not_Completed_As_Planned)_Reason": some(1, oneOf("moved away 50, see letter 50")),
		"Regimen_Outcome_Summary_Non_Curative":                                         some(20, oneOf("1 50, 2 30, 3 20")),
		"Regimen_Outcome_Summary_Toxicity":                                             some(30, oneOf("N 90, Y 10")),
	}
}

func performance() drawer {
	return number(func(r *row) float64 {
		if r.chance(notRecordedPercent) {
			return 9
		}
		u := r.unit()
		return float64(int(u * u * 4.5))
	})
}

// route is into a vein or by mouth, now and then without the zero that begins it.
func route() drawer {
	words := []string{"01", "02", "1", "2"}
	return word(words, func(r *row) int {
		at := 0
		if r.plan.oral {
			at = 1
		}
		if r.chance(zeroLostPercent) {
			at += 2
		}
		return at
	})
}

func regimenDrawers() map[string]drawer {
	return map[string]drawer{
		"MERGED_REGIMEN_ID":          text(func(r *row) []byte { return r.top }),
		"LINK_NUMBER":                text(func(r *row) []byte { return r.top }),
		"HEIGHT_AT_START_OF_REGIMEN": number(func(r *row) float64 { return float64(150+r.below(45)) / 100 }),
		"WEIGHT_AT_START_OF_REGIMEN": number(func(r *row) float64 { return float64(45 + r.below(70)) }),
		"INTENT_OF_TREATMENT":        planned(func(t *treatment) string { return t.intent }),
		"DATE_DECISION_TO_TREAT":     some(90, day(func(r *row) calendar.Day { return r.decided })),
		"START_DATE_OF_REGIMEN":      day(func(r *row) calendar.Day { return r.from }),
		"MAPPED_REGIMEN":             planned(func(t *treatment) string { return t.regimen }),
		"BENCHMARK_GROUP":            planned(func(t *treatment) string { return t.group }),
		"CLINICAL_TRIAL":             some(30, oneOf("2 70, 02 10, 1 12, 01 4, Y 3, y 1")),
		"CHEMO_RADIATION":            some(80, oneOf("N 90, Y 10")),
	}
}

func cycleDrawers() map[string]drawer {
	return map[string]drawer{
		"MERGED_REGIMEN_ID":          text(func(r *row) []byte { return r.top }),
		"MERGED_CYCLE_ID":            text(func(r *row) []byte { return r.parent }),
		"CYCLE_NUMBER":               number(func(r *row) float64 { return float64(r.cycle) }),
		"START_DATE_OF_CYCLE":        day(func(r *row) calendar.Day { return r.to }),
		"OPCS_PROCUREMENT_CODE":      some(80, oneOf("X701 30, X702 20, X711 30, X712 20")),
		"PERF_STATUS_START_OF_CYCLE": some(70, performance()),
	}
}

func drugDrawers() map[string]drawer {
	return map[string]drawer{
		"MERGED_DRUG_DETAIL_ID":          text(func(r *row) []byte { return r.key }),
		"MERGED_CYCLE_ID":                text(func(r *row) []byte { return r.parent }),
		"ACTUAL_DOSE_PER_ADMINISTRATION": number(func(r *row) float64 { return r.dose }),
		"OPCS_DELIVERY_CODE":             some(80, oneOf("X721 30, X722 20, X723 20, X731 30")),
		"ADMINISTRATION_ROUTE":           route(),
		"ADMINISTRATION_DATE":            day(func(r *row) calendar.Day { return r.day }),
		"DRUG_GROUP":                     dosed(func(d drug) string { return strings.ToUpper(d.name) }),
	}
}

func outcomeDrawers() map[string]drawer {
	yesOrNo := some(70, oneOf("N 85, Y 15"))
	return map[string]drawer{
		"MERGED_REGIMEN_ID":          text(func(r *row) []byte { return r.top }),
		"DATE_OF_FINAL_TREATMENT":    some(finalDayPercent, day(func(r *row) calendar.Day { return r.day })),
		"REGIMEN_MOD_DOSE_REDUCTION": yesOrNo, "REGIMEN_MOD_TIME_DELAY": yesOrNo, "REGIMEN_MOD_STOPPED_EARLY": yesOrNo,
		"REGIMEN_OUTCOME_SUMMARY": some(50, oneOf("1 50, 2 30, 3 20")),
	}
}

func (v *vocabularies) attendanceDrawers() map[string]drawer {
	return map[string]drawer{
		"TUMOURID":                 text(func(r *row) []byte { return r.top }),
		"RADIOTHERAPYEPISODEID":    text(func(r *row) []byte { return r.parent }),
		"ATTENDID":                 text(func(r *row) []byte { return r.key }),
		"APPTDATE":                 day(func(r *row) calendar.Day { return r.day }),
		"RADIOTHERAPYDIAGNOSISICD": diagnosis(),
		"RADIOTHERAPYINTENT":       some(97, planned(func(t *treatment) string { return t.intent })),
		"RADIOTHERAPYPRIORITY":     oneOf("R 80, U 15, E 5"),
		"DECISIONTOTREATDATE":      some(97, day(func(r *row) calendar.Day { return r.decided })),
		"EARLIESTCLINAPPROPDATE":   some(80, day(func(r *row) calendar.Day { return r.decided })),
		"TREATMENTSTARTDATE":       day(func(r *row) calendar.Day { return r.from }),
		"PRIMARYPROCEDUREOPCS":     oneOf("X651 40, X653 10, X654 40, X656 10"),
		"PROCEDUREDATE":            day(func(r *row) calendar.Day { return r.day }),
	}
}

func (v *vocabularies) prescriptionDrawers() map[string]drawer {
	part := func(r *row) float64 { return float64(r.order) / float64(r.of) }
	return map[string]drawer{
		"PRESCRIPTIONID":            text(func(r *row) []byte { return r.join }),
		"RTTREATMENTMODALITY":       oneOf("05 96, 06 3, 04 1"),
		"RTPRESCRIBEDDOSE":          number(func(r *row) float64 { return r.plan.dose }),
		"PRESCRIBEDFRACTIONS":       number(func(r *row) float64 { return float64(r.plan.fractions) }),
		"RTACTUALDOSE":              some(95, number(func(r *row) float64 { return float64(int(r.plan.dose * part(r))) })),
		"ACTUALFRACTIONS":           some(95, number(func(r *row) float64 { return float64(r.order) })),
		"RTTREATMENTREGION":         planned(func(t *treatment) string { return t.region }),
		"RTTREATMENTANATOMICALSITE": some(95, planned(func(t *treatment) string { return t.site })),
		"NUMBEROFTELETHERAPYFIELDS": some(96, number(func(r *row) float64 { return float64(1 + r.below(6)) })),
		"RADIOTHERAPYEPISODEID":     text(func(r *row) []byte { return r.parent }),
		"ATTENDID":                  text(func(r *row) []byte { return r.key }),
		"APPTDATE":                  day(func(r *row) calendar.Day { return r.day }),
	}
}

func exposureDrawers() map[string]drawer {
	return map[string]drawer{
		"PRESCRIPTIONID":         text(func(r *row) []byte { return r.join }),
		"RADIOISOTOPE":           some(2, oneOf("Ir-192 70, Co-60 30")),
		"RADIOTHERAPYBEAMTYPE":   oneOf("PHOTON 92, ELECTRON 8"),
		"RADIOTHERAPYBEAMENERGY": number(func(r *row) float64 { return [...]float64{6, 6, 6, 10, 15}[r.below(5)] }),
		"MACHINEID":              oneOf("LINAC1 30, LINAC2 30, LINAC3 20, LINAC4 20"),
		"RADIOTHERAPYEPISODEID":  text(func(r *row) []byte { return r.parent }),
		"ATTENDID":               text(func(r *row) []byte { return r.key }),
		"APPTDATE":               day(func(r *row) calendar.Day { return r.day }),
	}
}
