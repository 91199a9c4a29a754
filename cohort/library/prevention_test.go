package library_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/library"
)

func healthCheck() []boundary {
	const day, born = "2025-06-01", "1970-01-01"
	with := func(choices library.HealthCheckChoices) func() (*cohort.Plan, error) {
		return asOf(day, func() (*cohort.Definition, error) { return library.HealthCheck(choices) })
	}
	people := append(nobody(born, day), []witness{
		{"nothing known", somebody(born), cohort.Member},
		{"39 for one more day", somebody("1985-06-02"), cohort.NotMember},
		{"40 today", somebody("1985-06-01"), cohort.Member},
		{"74 for one more day", somebody("1950-06-02"), cohort.Member},
		{"75th birthday", somebody("1950-06-01"), cohort.NotMember},
		{"birth not known", somebody(""), cohort.Referred},
		{"diagnosed today", somebody(born, has("CHD_COD", day)), cohort.NotMember},
		{"diagnosed tomorrow", somebody(born, has("CHD_COD", "2025-06-02")), cohort.Member},
		{"hypertension resolved", somebody(born, has("HYP_COD", "2018-01-01"), has("HYPRES_COD", "2019-01-01")), cohort.NotMember},
		{"statin on the first day of the window", somebody(born, has("STAT_COD", "2024-06-01")), cohort.NotMember},
		{"statin a day earlier", somebody(born, has("STAT_COD", "2024-05-31")), cohort.Member},
		{"statin only authorised", somebody(born, has("STAT_COD", "2025-01-01", gpes.EpisodePrescription.Of("R"))), cohort.Member},
		{"statin issued", somebody(born, has("STAT_COD", "2025-01-01", gpes.EpisodePrescription.Of("I"))), cohort.NotMember},
		{"risk of 19.9%", somebody(born, reads("QRISKSCORE_COD", "2015-01-01", 19.9)), cohort.Member},
		{"risk of 20%", somebody(born, reads("QRISKSCORE_COD", "2015-01-01", 20)), cohort.NotMember},
		{"risk without a value", somebody(born, has("QRISKSCORE_COD", "2015-01-01")), cohort.Member},
		{"check 4 years and 11 months ago", somebody(born, has("health-check-completed", "2020-07-01")), cohort.NotMember},
		{"check 5 years ago to the day", somebody(born, has("health-check-completed", "2020-06-01")), cohort.NotMember},
		{"check 5 years and a day ago", somebody(born, has("health-check-completed", "2020-05-31")), cohort.Member},
	}...)
	for _, condition := range []string{"CHD_COD", "CKD_COD", "DM_COD", "HYP_COD", "AFIB_COD", "TIA_COD", "FHYP_COD", "HF_COD", "PAD_COD", "STRK_COD"} {
		people = append(people, witness{condition + " long ago", somebody(born, has(condition, "1999-01-01")), cohort.NotMember})
	}
	return []boundary{
		{"nhs-health-check", "on 1 June 2025", with(library.HealthCheckChoices{}), people},
		{"nhs-health-check", "resolved hypertension invited", with(library.HealthCheckChoices{InviteResolvedHypertension: true}), []witness{
			{"resolved a year later", somebody(born, has("HYP_COD", "2018-01-01"), has("HYPRES_COD", "2019-01-01")), cohort.Member},
			{"resolved on the same day", somebody(born, has("HYP_COD", "2018-01-01"), has("HYPRES_COD", "2018-01-01")), cohort.NotMember},
			{"back since", somebody(born, has("HYP_COD", "2018-01-01"), has("HYPRES_COD", "2019-01-01"), has("HYP_COD", "2020-01-01")), cohort.NotMember},
		}},
		{"nhs-health-check", "eligible even if checked", with(library.HealthCheckChoices{EvenIfChecked: true}), []witness{
			{"checked last month", somebody(born, has("health-check-completed", "2025-05-01")), cohort.Member},
			{"checked last month, and diabetic", somebody(born, has("health-check-completed", "2025-05-01"), has("DM_COD", "2025-05-01")), cohort.NotMember},
		}},
	}
}

func diabetesPrevention() []boundary {
	const day, born, lately = "2025-06-01", "1970-01-01", "2025-01-10"
	with := func(choices library.DiabetesPreventionChoices) func() (*cohort.Plan, error) {
		return asOf(day, func() (*cohort.Definition, error) { return library.DiabetesPrevention(choices) })
	}
	hba1c := func(day string, value float64) change { return reads("IFCCHBAM_COD", day, value) }
	glucose := func(day string, value float64) change { return reads("FASPLASGLUC_COD", day, value) }
	in := hba1c(lately, 44)
	people := append(nobody(born, day, in), []witness{
		{"no reading", somebody(born), cohort.NotMember},
		{"HbA1c 41", somebody(born, hba1c(lately, 41)), cohort.NotMember},
		{"HbA1c 41 after gestational diabetes", somebody(born, hba1c(lately, 41), has("GDIAB_COD", "2005-01-01")), cohort.Member},
		{"gestational diabetes without a reading", somebody(born, has("GDIAB_COD", "2005-01-01")), cohort.NotMember},
		{"HbA1c 42", somebody(born, hba1c(lately, 42)), cohort.Member},
		{"HbA1c 47", somebody(born, hba1c(lately, 47)), cohort.Member},
		{"HbA1c 47.9", somebody(born, hba1c(lately, 47.9)), cohort.NotMember},
		{"HbA1c 48", somebody(born, hba1c(lately, 48)), cohort.NotMember},
		{"HbA1c of 12 months ago", somebody(born, hba1c("2024-06-01", 44)), cohort.Member},
		{"HbA1c a day older", somebody(born, hba1c("2024-05-31", 44)), cohort.NotMember},
		{"HbA1c of tomorrow", somebody(born, hba1c("2025-06-02", 44)), cohort.NotMember},
		{"normal since", somebody(born, hba1c("2024-10-01", 44), hba1c(lately, 40)), cohort.NotMember},
		{"diabetes in between", somebody(born, hba1c("2024-10-01", 50), hba1c(lately, 44)), cohort.Member},
		{"implausible value of 163 since", somebody(born, hba1c("2024-10-01", 44), hba1c(lately, 163)), cohort.Member},
		{"plausible value of 162 since", somebody(born, hba1c("2024-10-01", 44), hba1c(lately, 162)), cohort.NotMember},
		{"implausible value of 8.9 since", somebody(born, hba1c("2024-10-01", 44), hba1c(lately, 8.9)), cohort.Member},
		{"plausible value of 9 since", somebody(born, hba1c("2024-10-01", 44), hba1c(lately, 9)), cohort.NotMember},
		{"implausible value since", somebody(born, hba1c("2024-10-01", 44), hba1c(lately, 440)), cohort.Member},
		{"glucose 5.4", somebody(born, glucose(lately, 5.4)), cohort.NotMember},
		{"glucose 5.4 after gestational diabetes", somebody(born, glucose(lately, 5.4), has("GDIAB_COD", "2005-01-01")), cohort.Member},
		{"glucose 5.5", somebody(born, glucose(lately, 5.5)), cohort.Member},
		{"glucose 6.9", somebody(born, glucose(lately, 6.9)), cohort.Member},
		{"glucose 7", somebody(born, glucose(lately, 7)), cohort.NotMember},
		{"HbA1c 44, glucose 7", somebody(born, in, glucose(lately, 7)), cohort.NotMember},
		{"HbA1c 48 after gestational diabetes, glucose normal", somebody(born, hba1c(lately, 48), glucose(lately, 5), has("GDIAB_COD", "2005-01-01")), cohort.NotMember},
		{"17 for one more day", somebody("2007-06-02", in), cohort.NotMember},
		{"18 today", somebody("2007-06-01", in), cohort.Member},
		{"birth not known", somebody("", in), cohort.Referred},
		{"diabetes resolved", somebody(born, in, has("DM_COD", "2019-01-01"), has("DMRES_COD", "2022-01-01")), cohort.NotMember},
		{"pregnant", somebody(born, in, has("PREG_COD", "2025-03-01")), cohort.NotMember},
		{"eating disorder", somebody(born, in, has("eating-disorder", "1999-01-01")), cohort.NotMember},
		{"bariatric surgery 2 years ago", somebody(born, in, has("bariatric-surgery", "2023-06-01")), cohort.NotMember},
		{"bariatric surgery a day earlier", somebody(born, in, has("bariatric-surgery", "2023-05-31")), cohort.Member},
		{"palliative care", somebody(born, in, has("PALCARE_COD", "2025-05-01")), cohort.NotMember},
	}...)
	return []boundary{
		{"nhs-diabetes-prevention", "latest reading of 12 months on 1 June 2025", with(library.DiabetesPreventionChoices{}), people},
		{"nhs-diabetes-prevention", "24 months", with(library.DiabetesPreventionChoices{Window: cohort.Months(24)}), []witness{
			{"HbA1c of 24 months ago", somebody(born, hba1c("2023-06-01", 44)), cohort.Member},
			{"HbA1c a day older", somebody(born, hba1c("2023-05-31", 44)), cohort.NotMember},
		}},
		{"nhs-diabetes-prevention", "any reading", with(library.DiabetesPreventionChoices{AnyReading: true}), []witness{
			{"normal since", somebody(born, hba1c("2024-10-01", 44), hba1c(lately, 40)), cohort.Member},
			{"diabetes in between", somebody(born, hba1c("2024-10-01", 50), hba1c(lately, 44)), cohort.NotMember},
			{"once normal after gestational diabetes", somebody(born, hba1c("2024-10-01", 41), has("GDIAB_COD", "2005-01-01")), cohort.Member},
		}},
		{"nhs-diabetes-prevention", "with decimals", with(library.DiabetesPreventionChoices{Decimals: true}), []witness{
			{"HbA1c 47.9", somebody(born, hba1c(lately, 47.9)), cohort.Member},
			{"HbA1c 48", somebody(born, hba1c(lately, 48)), cohort.NotMember},
		}},
	}
}

func cvdPrevention() []boundary {
	const day, adult, child = "2025-06-01", "1970-01-01", "2015-01-01"
	established := []witness{
		{"nothing known", somebody(adult), cohort.NotMember},
		{"stroke of a child", somebody(child, has("STRK_COD", "2024-01-01")), cohort.Member},
		{"diagnosed today", somebody(adult, has("CHD_COD", day)), cohort.Member},
		{"diagnosed tomorrow", somebody(adult, has("CHD_COD", "2025-06-02")), cohort.NotMember},
		{"dissents", somebody(adult, has("CHD_COD", "2018-01-01"), has("audit-dissent", "2019-01-01")), cohort.NotMember},
		{"dissented, and consents since", somebody(adult, has("CHD_COD", "2018-01-01"), has("audit-dissent", "2019-01-01"), has("audit-consent", "2020-01-01")), cohort.Member},
		{"consented, and dissents since", somebody(adult, has("CHD_COD", "2018-01-01"), has("audit-dissent", "2021-01-01"), has("audit-consent", "2020-01-01")), cohort.NotMember},
		{"dissents and consents on one day", somebody(adult, has("CHD_COD", "2018-01-01"), has("audit-dissent", "2020-01-01"), has("audit-consent", "2020-01-01")), cohort.NotMember},
	}
	for _, condition := range []string{"STRK_COD", "TIA_COD", "CHD_COD", "HF_COD", "AAA_COD", "PAD_COD"} {
		established = append(established, witness{condition, somebody(adult, has(condition, "1999-01-01")), cohort.Member})
	}
	high := []witness{
		{"nothing known", somebody(adult), cohort.NotMember},
		{"diabetes and cardiovascular disease", somebody(adult, has("DMTYPE2AUDIT_COD", "2018-01-01"), has("TIA_COD", "2020-01-01")), cohort.NotMember},
		{"dissents", somebody(adult, has("DMTYPE2AUDIT_COD", "2018-01-01"), has("audit-dissent", "2019-01-01")), cohort.NotMember},
		{"hypertension at 15 for one more day", somebody("2009-06-02", has("HYP_COD", "2024-01-01")), cohort.NotMember},
		{"hypertension at 16 today", somebody("2009-06-01", has("HYP_COD", "2024-01-01")), cohort.Member},
		{"hypertension, birth not known", somebody("", has("HYP_COD", "2024-01-01")), cohort.Referred},
		{"diabetes, birth not known", somebody("", has("DMTYPE1AUDIT_COD", "2024-01-01")), cohort.Member},
		{"hypertension 2018, resolved 2019", somebody(adult, has("HYP_COD", "2018-01-01"), has("HYPRES_COD", "2019-01-01")), cohort.NotMember},
		{"hypertension 2018, resolved 2019, back 2020", somebody(adult, has("HYP_COD", "2018-01-01"), has("HYPRES_COD", "2019-01-01"), has("HYP_COD", "2020-01-01")), cohort.Member},
		{"hypertension resolved on the same day", somebody(adult, has("HYP_COD", "2018-01-01"), has("HYPRES_COD", "2018-01-01")), cohort.Member},
		{"kidney disease resolved", somebody(adult, has("CKD_COD", "2018-01-01"), has("CKDRES_COD", "2019-01-01")), cohort.NotMember},
		{"fibrillation resolved", somebody(adult, has("AFIB_COD", "2018-01-01"), has("AFIBRES_COD", "2019-01-01")), cohort.NotMember},
		{"resolved tomorrow", somebody(adult, has("AFIB_COD", "2018-01-01"), has("AFIBRES_COD", "2025-06-02")), cohort.Member},
	}
	for _, condition := range []string{"DMTYPE1AUDIT_COD", "DMTYPE2AUDIT_COD", "NDH_COD", "IGT_COD", "PRD_COD", "hyperlipidaemia", "DULIPID_COD", "SBROOME_COD"} {
		high = append(high, witness{condition + " of a child", somebody(child, has(condition, "2020-01-01")), cohort.Member})
	}
	for _, condition := range []string{"HYP_COD", "CKD_COD", "AFIB_COD"} {
		high = append(high,
			witness{condition, somebody(adult, has(condition, "2020-01-01")), cohort.Member},
			witness{condition + " of a child", somebody(child, has(condition, "2020-01-01")), cohort.NotMember})
	}
	return []boundary{
		{
			"cvdprevent-cvdpcx002", "on 1 June 2025", asOf(day, func() (*cohort.Definition, error) { return library.CVDEstablished() }),
			append(established, nobody(adult, day, has("CHD_COD", "2018-01-01"))...),
		},
		{
			"cvdprevent-cvdpcx001", "on 1 June 2025", asOf(day, func() (*cohort.Definition, error) { return library.CVDHighRisk() }),
			append(high, nobody(adult, day, has("NDH_COD", "2018-01-01"))...),
		},
	}
}

func highCholesterol() []boundary {
	const day, under30, from30 = "2025-06-01", "1995-06-02", "1995-06-01"
	with := func(choices library.CholesterolChoices) func() (*cohort.Plan, error) {
		return asOf(day, func() (*cohort.Definition, error) { return library.FamilialHypercholesterolaemia(choices) })
	}
	cholesterol := func(day string, value float64) change { return reads("CHOL2_COD", day, value) }
	return []boundary{
		{"familial-hypercholesterolaemia-search", "age on 1 June 2025", with(library.CholesterolChoices{}), []witness{
			{"29, 7.5", somebody(under30, cholesterol("2020-01-01", 7.5)), cohort.NotMember},
			{"29, 7.6", somebody(under30, cholesterol("2020-01-01", 7.6)), cohort.Member},
			{"30 today, 9", somebody(from30, cholesterol("2020-01-01", 9)), cohort.NotMember},
			{"30 today, 9.1", somebody(from30, cholesterol("2020-01-01", 9.1)), cohort.Member},
			{"once high, normal since", somebody(under30, cholesterol("2020-01-01", 8), cholesterol("2022-01-01", 5)), cohort.Member},
			{"high tomorrow", somebody(under30, cholesterol("2025-06-02", 8)), cohort.NotMember},
			{"diagnosed", somebody(under30, cholesterol("2020-01-01", 8), has("FHYP_COD", "2021-01-01")), cohort.NotMember},
			{"birth not known, 8", somebody("", cholesterol("2020-01-01", 8)), cohort.Referred},
			{"birth not known, 9.1", somebody("", cholesterol("2020-01-01", 9.1)), cohort.Referred},
			{"birth not known, 7", somebody("", cholesterol("2020-01-01", 7)), cohort.NotMember},
		}},
		{"familial-hypercholesterolaemia-search", "age at the reading", with(library.CholesterolChoices{AgeAtReading: true}), []witness{
			{"8 at 29, now 30", somebody(from30, cholesterol("2025-05-31", 8)), cohort.Member},
			{"7.5 at 29", somebody(from30, cholesterol("2025-05-31", 7.5)), cohort.NotMember},
			{"9 at 30", somebody(from30, cholesterol(day, 9)), cohort.NotMember},
			{"9.1 at 30", somebody(from30, cholesterol(day, 9.1)), cohort.Member},
			{"8 at 30", somebody(from30, cholesterol(day, 8)), cohort.NotMember},
			{"birth not known", somebody("", cholesterol("2020-01-01", 9.1)), cohort.NotMember},
		}},
	}
}

// riskGroups are plans that each ask for one group.
func riskGroups(t *testing.T) map[library.RiskGroup]*cohort.Plan {
	t.Helper()
	plans := map[library.RiskGroup]*cohort.Plan{}
	for _, group := range []library.RiskGroup{
		library.TargetUnder80, library.TargetFrom80, library.ModerateUnder80, library.ModerateFrom80, library.High, library.VeryHigh, library.NoReading,
	} {
		plan, err := hypertensionPlan(group)()
		if err != nil {
			t.Fatal(err)
		}
		plans[group] = plan
	}
	return plans
}

// groupOf is the risk group of somebody, by asking for each.
func groupOf(t *testing.T, plans map[library.RiskGroup]*cohort.Plan, record *cohort.Record) library.RiskGroup {
	t.Helper()
	found := library.NotHypertensive
	for group, plan := range plans {
		switch plan.Evaluate(record).Outcome {
		case cohort.Member:
			if found != library.NotHypertensive {
				t.Errorf("in %s and in %s", found, group)
			}
			found = group
		case cohort.Referred:
			return "?"
		case cohort.NotMember:
		}
	}
	return found
}

func hypertensionPlan(groups ...library.RiskGroup) func() (*cohort.Plan, error) {
	return func() (*cohort.Plan, error) {
		definition, err := library.HypertensionRisk(groups)
		if err != nil {
			return nil, err
		}
		return definition.Bind(append(library.With().BloodPressure(cohort.Index), cohort.Index.Is(on("2025-06-01")))...)
	}
}

// Of 79 and of 80 years on 1 May 2025, the day of most readings.
const at79, at80, at82 = "1945-05-02", "1945-05-01", "1943-01-01"

func pressure(day string, systolic, diastolic float64) change {
	return has("BP_COD", day, gpes.Value1.Of(systolic), gpes.Value2.Of(diastolic))
}

func TestRiskGroups(t *testing.T) {
	t.Parallel()
	const day = "2025-05-01"
	diagnosed := has("HYP_COD", "2010-01-01")
	tests := []struct {
		name, born string
		changes    []change
		want       library.RiskGroup
	}{
		{"79, 145/85", at79, []change{pressure(day, 145, 85)}, "1a"},
		{"80, 145/85", at80, []change{pressure(day, 145, 85)}, "0.2"},
		{"82, 148/95", at82, []change{pressure(day, 148, 95)}, "1b"},
		{"worked example: 170/121", at79, []change{pressure(day, 170, 121)}, "1d"},

		{"under 80, 140/90", at79, []change{pressure(day, 140, 90)}, "0.1"},
		{"under 80, 140.1/90", at79, []change{pressure(day, 140.1, 90)}, "1a"},
		{"under 80, 140/90.1", at79, []change{pressure(day, 140, 90.1)}, "1a"},
		{"under 80, 160/100", at79, []change{pressure(day, 160, 100)}, "1a"},
		{"from 80, 150/90", at80, []change{pressure(day, 150, 90)}, "0.2"},
		{"from 80, 150.1/90", at80, []change{pressure(day, 150.1, 90)}, "1b"},
		{"from 80, 150/90.1", at80, []change{pressure(day, 150, 90.1)}, "1b"},
		{"from 80, 160/100", at80, []change{pressure(day, 160, 100)}, "1b"},
		{"160.1 systolic", at80, []change{pressure(day, 160.1, 80)}, "1c"},
		{"100.1 diastolic", at79, []change{pressure(day, 130, 100.1)}, "1c"},
		{"180/120", at79, []change{pressure(day, 180, 120)}, "1c"},
		{"180.1 systolic", at79, []change{pressure(day, 180.1, 80)}, "1d"},
		{"120.1 diastolic", at79, []change{pressure(day, 130, 120.1)}, "1d"},

		{"lowest valid reading", at79, []change{pressure(day, 50, 20)}, "0.1"},
		{"systolic too low", at79, []change{pressure(day, 49.9, 80)}, "1e"},
		{"diastolic too low", at79, []change{pressure(day, 130, 19.9)}, "1e"},
		{"half a pair", at79, []change{reads("BP_COD", day, 130)}, "1e"},
		{"invalid since", at79, []change{pressure("2025-04-01", 145, 85), pressure(day, 0, 0)}, "1a"},

		{"12 months ago to the day", at79, []change{pressure("2024-06-01", 145, 85)}, "1a"},
		{"a day earlier", at79, []change{pressure("2024-05-31", 145, 85)}, "1e"},
		{"tomorrow", at79, []change{pressure("2025-06-02", 145, 85)}, "1e"},
		{"latest of two days", at79, []change{pressure("2025-04-01", 190, 110), pressure(day, 130, 80)}, "0.1"},
		{"lowest of a day", at79, []change{pressure(day, 170, 80), pressure(day, 130, 105)}, "0.1"},
		{"80 since the reading", "1945-05-15", []change{pressure(day, 145, 85)}, "1a"},

		{"halves on one day", at79, []change{reads("systolic", day, 145), reads("diastolic", day, 85)}, "1a"},
		{"lowest valid halves", at79, []change{reads("systolic", day, 50), reads("diastolic", day, 20)}, "0.1"},
		{"systolic half too low", at79, []change{reads("systolic", day, 49.9), reads("diastolic", day, 85)}, "1e"},
		{"diastolic half too low", at79, []change{reads("systolic", day, 145), reads("diastolic", day, 19.9)}, "1e"},
		{"a half with a second value", at79, []change{has("systolic", day, gpes.Value1.Of(145), gpes.Value2.Of(85)), reads("diastolic", day, 85)}, "1e"},
		{"a half is not enough", at79, []change{reads("systolic", day, 145)}, "1e"},
		{"halves on two days", at79, []change{reads("systolic", day, 145), reads("diastolic", "2025-05-02", 85)}, "1e"},
		{"halves lower than the pair", at79, []change{pressure(day, 140.1, 92.8), reads("53813002", day, 92.1), reads("314439003", day, 141.2)}, "1a"},
		{"a half below a pair of the day", at79, []change{pressure(day, 165, 85), reads("systolic", day, 138)}, "0.1"},
		{"a half newer than the pair", at79, []change{pressure("2025-04-01", 145, 85), reads("systolic", day, 200)}, "1a"},
		{"both halves newer, on two days", at79, []change{pressure("2025-04-01", 145, 85), reads("systolic", "2025-05-02", 200), reads("diastolic", day, 130)}, "?"},
		{"halves passed over", at79, []change{reads("systolic", "2025-04-01", 145), reads("diastolic", "2025-04-01", 85), reads("systolic", day, 200)}, "1a"},

		{"17 at the reading", "2007-05-02", []change{pressure(day, 145, 85)}, "1e"},
		{"18 at the reading", "2007-05-01", []change{pressure(day, 145, 85)}, "1a"},
		{"birth not known, 145/85", "", []change{pressure(day, 145, 85)}, "?"},
		{"birth not known, 165/85", "", []change{pressure(day, 165, 85)}, "1c"},
		{"birth not known, no reading", "", nil, "1e"},

		{"resolved", at79, []change{pressure(day, 145, 85), has("HYPRES_COD", "2012-01-01")}, "-1"},
	}
	plans := riskGroups(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := groupOf(t, plans, somebody(test.born, append(test.changes, diagnosed)...)); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func hypertensionRisk() []boundary {
	const day = "2025-05-01"
	diagnosed := has("HYP_COD", "2010-01-01")
	return []boundary{{
		"cvdprevent-hypertension-risk", "not treated to target on 1 June 2025", hypertensionPlan(),
		append(nobody(at79, "2025-06-01", diagnosed, pressure(day, 145, 85)), []witness{
			{"under 80, 140/90", somebody(at79, diagnosed, pressure(day, 140, 90)), cohort.NotMember},
			{"under 80, 141/90", somebody(at79, diagnosed, pressure(day, 141, 90)), cohort.Member},
			{"from 80, 150/90", somebody(at80, diagnosed, pressure(day, 150, 90)), cohort.NotMember},
			{"from 80, 151/90", somebody(at80, diagnosed, pressure(day, 151, 90)), cohort.Member},
			{"no reading", somebody(at79, diagnosed), cohort.Member},
			{"no hypertension", somebody(at79, pressure(day, 190, 130)), cohort.NotMember},
			{"birth not known", somebody("", diagnosed, pressure(day, 145, 85)), cohort.Referred},
		}...),
	}}
}

// TestOwnExtract asks each person at the day of their latest extract, as CVDPREVENT does.
func TestOwnExtract(t *testing.T) {
	t.Parallel()
	extract := cohort.Max(gpes.Journal, gpes.ExtractDate)
	definition, err := library.HypertensionRisk(nil)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := definition.Bind(append(library.With().BloodPressure(extract), cohort.Index.IsEach(extract))...)
	if err != nil {
		t.Fatal(err)
	}
	extracted := func(day string) change {
		return has("HYP_COD", "2010-01-01", gpes.ExtractDate.Of(on(day)))
	}
	for name, test := range map[string]struct {
		record *cohort.Record
		want   cohort.Outcome
	}{
		"reading within a year of the extract":     {somebody(at79, extracted("2023-04-01"), pressure("2022-06-01", 130, 80)), cohort.NotMember},
		"reading more than a year before the next": {somebody(at79, extracted("2023-04-01"), extracted("2023-07-01"), pressure("2022-06-01", 130, 80)), cohort.Member},
	} {
		if got := plan.Evaluate(test.record).Outcome; got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
	for _, define := range []func(...library.Lists) (*cohort.Definition, error){library.CVDEstablished, library.CVDHighRisk} {
		definition, err := define()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := definition.Bind(cohort.Index.IsEach(extract)); err != nil {
			t.Error(err)
		}
	}
}

func TestPreventionRefuses(t *testing.T) {
	t.Parallel()
	for _, group := range []library.RiskGroup{"-1", "2", ""} {
		if _, err := library.HypertensionRisk([]library.RiskGroup{"1a", group}); err == nil || !strings.Contains(err.Error(), "none of people with hypertension") {
			t.Errorf("%q: got %v", group, err)
		}
	}
	if _, err := library.DiabetesPrevention(library.DiabetesPreventionChoices{Window: cohort.Months(-1)}); err == nil || !strings.Contains(err.Error(), "not positive") {
		t.Errorf("got %v", err)
	}
}

func TestHypertensionLabels(t *testing.T) {
	t.Parallel()
	for _, groups := range [][]library.RiskGroup{nil, {"1d"}, {"1d", "1c"}} {
		plan, err := hypertensionPlan(groups...)()
		if err != nil {
			t.Fatal(err)
		}
		labels := []string{}
		for _, step := range plan.Steps() {
			labels = append(labels, step.Label)
		}
		want := map[int]string{0: "1a, 1b, 1c, 1d, 1e", 1: "group 1d", 2: "1c, 1d"}[len(groups)]
		if !slices.ContainsFunc(labels, func(label string) bool { return strings.HasSuffix(label, want) }) {
			t.Errorf("no label ends in %q: %q", want, labels)
		}
	}
}
