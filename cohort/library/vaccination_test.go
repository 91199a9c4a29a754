package library_test

import (
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/library"
)

// Stages of kidney disease.
const stage1, stage3 = "431855005", "433144002"

func atRisk() []witness {
	const born = "1980-01-01"
	asthma := []change{has("AST_COD", "2015-01-01"), has("ASTRXM1_COD", "2024-07-01"), has("ASTRXM2_COD", "2024-06-01")}
	with := func(more ...change) *cohort.Record { return somebody(born, append(more, asthma...)...) }
	obesity := func(day string) change { return has("SEV_OBESITY_COD", day) }
	bmi := func(day string, value float64) change { return reads("BMI_COD", day, value) }
	return []witness{
		{"nothing known", somebody(born), cohort.NotMember},

		// Asthma.
		{"asthma, inhaler, steroids 12 and 23 months ago", with(has("ASTRXM2_COD", "2023-07-01")), cohort.Member},
		{"asthma, inhaler, steroids 12 and 25 months ago", with(has("ASTRXM2_COD", "2023-05-01")), cohort.NotMember},
		{"asthma, inhaler, steroids 24 months ago to the day", with(has("ASTRXM2_COD", "2023-06-01")), cohort.Member},
		{"asthma, inhaler, steroids once and once authorised", with(has("ASTRXM2_COD", "2024-01-01", gpes.EpisodePrescription.Of("R"))), cohort.NotMember},
		{"asthma, inhaler a year and a day ago, steroids twice", somebody(born, has("AST_COD", "2015-01-01"), has("ASTRXM1_COD", "2024-05-31"), has("ASTRXM2_COD", "2024-06-01"), has("ASTRXM2_COD", "2024-08-01")), cohort.NotMember},
		{"no asthma, inhaler, steroids twice", somebody(born, has("ASTRXM1_COD", "2024-07-01"), has("ASTRXM2_COD", "2024-06-01"), has("ASTRXM2_COD", "2024-08-01")), cohort.NotMember},
		{"admitted for asthma 2 years ago to the day", somebody(born, has("ASTADM_COD", "2023-06-01")), cohort.Member},
		{"admitted for asthma a day earlier", somebody(born, has("ASTADM_COD", "2023-05-31")), cohort.NotMember},

		// Kidneys.
		{"stage 3, stage 1 a year later", somebody(born, has(stage3, "2019-05-01"), has(stage1, "2020-05-01")), cohort.NotMember},
		{"stages 3 and 1 on one day", somebody(born, has(stage3, "2019-05-01"), has(stage1, "2019-05-01")), cohort.Member},
		{"stage 1, stage 3 a year later", somebody(born, has(stage1, "2019-05-01"), has(stage3, "2020-05-01")), cohort.Member},
		{"stage 1", somebody(born, has(stage1, "2019-05-01")), cohort.NotMember},
		{"dialysis, and stage 1 since", somebody(born, has("CKD_COV_COD", "2018-01-01"), has(stage1, "2019-05-01")), cohort.Member},

		// Obesity.
		{"body mass index 41, obesity coded a year before", somebody(born, obesity("2019-01-01"), bmi("2020-01-01", 41)), cohort.Member},
		{"body mass index 39, obesity coded a year later", somebody(born, bmi("2020-01-01", 39), obesity("2021-01-01")), cohort.Member},
		{"body mass index 39 on the day of the code", somebody(born, bmi("2020-01-01", 39), obesity("2020-01-01")), cohort.NotMember},
		{"body mass index 39 since the code", somebody(born, obesity("2019-01-01"), bmi("2020-01-01", 39)), cohort.NotMember},
		{"obesity coded", somebody(born, obesity("2019-01-01")), cohort.Member},
		{"body mass index 40", somebody(born, bmi("2020-01-01", 40)), cohort.Member},
		{"body mass index 39.9", somebody(born, bmi("2020-01-01", 39.9)), cohort.NotMember},
		{"body mass index 41, a lower band since", somebody(born, bmi("2020-01-01", 41), has("35425004", "2021-01-01")), cohort.NotMember},
		{"body mass index 41, a lower band on the day", somebody(born, bmi("2020-01-01", 41), has("35425004", "2020-01-01")), cohort.Member},
		{"body mass index 250", somebody(born, bmi("2020-01-01", 250)), cohort.NotMember},
		{"body mass index 200", somebody(born, bmi("2020-01-01", 200)), cohort.NotMember},
		{"body mass index 41, and 250 since", somebody(born, bmi("2020-01-01", 41), bmi("2021-01-01", 250)), cohort.Member},
		{"body mass index 41, and 4 since", somebody(born, bmi("2020-01-01", 41), bmi("2021-01-01", 4)), cohort.Member},
		{"body mass indices 39 and 41 on one day", somebody(born, bmi("2020-01-01", 41), bmi("2020-01-01", 39)), cohort.Member},
		{"body mass index 45 at 17", somebody("2007-06-02", bmi("2025-01-01", 45)), cohort.NotMember},
		{"body mass index 45 at 18 today", somebody("2007-06-01", bmi("2025-01-01", 45)), cohort.Member},
		{"body mass index 45, birth not known", somebody("", bmi("2025-01-01", 45)), cohort.Referred},

		// Diabetes.
		{"diabetes", somebody(born, has("DIAB_COD", "2018-01-01")), cohort.Member},
		{"diabetes resolved a year later", somebody(born, has("DIAB_COD", "2018-01-01"), has("DMRES_COD", "2019-01-01")), cohort.NotMember},
		{"diabetes resolved on the same day", somebody(born, has("DIAB_COD", "2018-01-01"), has("DMRES_COD", "2018-01-01")), cohort.NotMember},
		{"diabetes back since", somebody(born, has("DIAB_COD", "2018-01-01"), has("DMRES_COD", "2019-01-01"), has("DIAB_COD", "2019-01-02")), cohort.Member},
		{"resolved and never coded", somebody(born, has("DMRES_COD", "2019-01-01")), cohort.NotMember},
		{"Addison's disease", somebody(born, has("ADDIS_COD", "2018-01-01")), cohort.Member},
		{"gestational diabetes, not pregnant now", somebody(born, has("GDIAB_COD", "2018-01-01")), cohort.NotMember},
		{"gestational diabetes, pregnant 210 days ago", somebody(born, has("GDIAB_COD", "2018-01-01"), has("PREG_COD", "2024-11-03")), cohort.Member},
		{"gestational diabetes, pregnant 211 days ago", somebody(born, has("GDIAB_COD", "2018-01-01"), has("PREG_COD", "2024-11-02")), cohort.NotMember},
		{"gestational diabetes, pregnant 211 days ago after a delivery", somebody(born, has("GDIAB_COD", "2018-01-01"), has("PREGDEL_COD", "2024-11-01"), has("PREG_COD", "2024-11-02")), cohort.Member},
		{"gestational diabetes, pregnancy and delivery on one day", somebody(born, has("GDIAB_COD", "2018-01-01"), has("PREGDEL_COD", "2024-11-01"), has("PREG_COD", "2024-11-01")), cohort.NotMember},
		{"gestational diabetes, delivery 455 days ago and pregnant since", somebody(born, has("GDIAB_COD", "2018-01-01"), has("PREGDEL_COD", "2024-03-03"), has("PREG_COD", "2024-11-01")), cohort.Member},
		{"gestational diabetes, delivery 456 days ago and pregnant since", somebody(born, has("GDIAB_COD", "2018-01-01"), has("PREGDEL_COD", "2024-03-02"), has("PREG_COD", "2024-11-01")), cohort.NotMember},

		// Immunity.
		{"immunosuppressed by a condition", somebody(born, has("IMMDX_COV_COD", "1999-01-01")), cohort.Member},
		{"immunosuppressant 6 months ago", somebody(born, has("IMMRX_COD", "2024-12-01")), cohort.Member},
		{"immunosuppressant a day earlier", somebody(born, has("IMMRX_COD", "2024-11-30")), cohort.NotMember},
		{"recorded as immunosuppressed 3 years ago", somebody(born, has("IMMADM_COD", "2022-06-01")), cohort.Member},
		{"recorded as immunosuppressed a day earlier", somebody(born, has("IMMADM_COD", "2022-05-31")), cohort.NotMember},
		{"chemotherapy 6 months ago", somebody(born, has("DXT_CHEMO_COD", "2024-12-01")), cohort.Member},
		{"chemotherapy a day earlier", somebody(born, has("DXT_CHEMO_COD", "2024-11-30")), cohort.NotMember},

		// Minds.
		{"severe mental illness", somebody(born, has("SEV_MENTAL_COD", "2018-01-01")), cohort.Member},
		{"severe mental illness in remission since", somebody(born, has("SEV_MENTAL_COD", "2018-01-01"), has("SMHRES_COD", "2019-01-01")), cohort.NotMember},
		{"severe mental illness in remission on the day", somebody(born, has("SEV_MENTAL_COD", "2018-01-01"), has("SMHRES_COD", "2018-01-01")), cohort.NotMember},

		{"respiratory disease", somebody(born, has("RESP_COV_COD", "2018-01-01")), cohort.Member},
		{"liver disease", somebody(born, has("CLD_COD", "2018-01-01")), cohort.Member},
		{"neurological disease", somebody(born, has("CNS_COV_COD", "2018-01-01")), cohort.Member},
		{"heart disease", somebody(born, has("CHD_COV_COD", "2018-01-01")), cohort.Member},
		{"heart disease from tomorrow", somebody(born, has("CHD_COV_COD", "2025-06-02")), cohort.NotMember},
		{"asplenia", somebody(born, has("SPLN_COV_COD", "2018-01-01")), cohort.Member},
		{"learning disability", somebody(born, has("LEARNDIS_COD", "2018-01-01")), cohort.Member},
		{"pregnant alone", somebody(born, has("PREG_COD", "2025-05-01")), cohort.NotMember},
	}
}

func covid() []boundary {
	const born = "1980-01-01"
	campaign := func(which library.COVIDCampaign, day string) func() (*cohort.Plan, error) {
		return asOf(day, func() (*cohort.Definition, error) { return library.COVIDVaccination(which) })
	}
	weak, ill := has("IMMDX_COV_COD", "2010-01-01"), has("CHD_COV_COD", "2010-01-01")
	home := has("LONGRES_COD", "2020-01-01")
	ages := func(inside, outside string) []witness {
		return []witness{
			{"reaches the age by the day", somebody(inside), cohort.Member},
			{"reaches the age a day later", somebody(outside), cohort.NotMember},
		}
	}
	risk := func(inside, outside string) []witness {
		return append(ages(inside, outside),
			witness{"younger, heart disease", somebody(outside, ill), cohort.Member},
			witness{"birth not known", somebody(""), cohort.Referred},
			witness{"birth not known, heart disease", somebody("", ill), cohort.Member})
	}
	immune := func(inside, outside string) []witness {
		return append(ages(inside, outside),
			witness{"younger, heart disease", somebody(outside, ill), cohort.NotMember},
			witness{"younger, immunosuppressed", somebody(outside, weak), cohort.Member})
	}
	return []boundary{
		{
			"covid-at-risk", "on 1 June 2025", asOf("2025-06-01", func() (*cohort.Definition, error) { return library.COVIDAtRisk() }),
			append(atRisk(), nobody(born, "2025-06-01", ill)...),
		},
		{"covid-vaccination-autumn-2021", "16 by 31 August 2021", campaign(library.COVIDAutumn2021, "2021-09-06"), risk("2005-08-31", "2005-09-01")},
		{"covid-vaccination-spring-2022", "75 by 30 June 2022", campaign(library.COVIDSpring2022, "2022-03-21"), immune("1947-06-30", "1947-07-01")},
		{"covid-vaccination-autumn-2022", "50 by 31 March 2023", campaign(library.COVIDAutumn2022, "2022-08-29"), risk("1973-03-31", "1973-04-01")},
		{"covid-vaccination-spring-2023", "75 by 30 June 2023", campaign(library.COVIDSpring2023, "2023-04-03"), immune("1948-06-30", "1948-07-01")},
		{"covid-vaccination-autumn-2023", "65 by 31 March 2024", campaign(library.COVIDAutumn2023, "2023-08-28"), risk("1959-03-31", "1959-04-01")},
		{"covid-vaccination-spring-2024", "75 by 30 June 2024", campaign(library.COVIDSpring2024, "2024-04-15"), immune("1949-06-30", "1949-07-01")},
		{"covid-vaccination-autumn-2024", "65 by 31 March 2025", campaign(library.COVIDAutumn2024, "2024-09-30"), risk("1960-03-31", "1960-04-01")},
		{"covid-vaccination-spring-2025", "75 by 30 June 2025", campaign(library.COVIDSpring2025, "2025-06-30"), immune("1950-06-30", "1950-07-01")},
		{"covid-vaccination-autumn-2025", "75 by 31 March 2026", campaign(library.COVIDAutumn2025, "2025-10-01"), append(immune("1951-03-31", "1951-04-01"), []witness{
			{"immunosuppressed, 5 months for one more day", somebody("2025-04-02", weak), cohort.NotMember},
			{"immunosuppressed, 6 months today", somebody("2025-04-01", weak), cohort.Member},
			{"in a care home at 64 for one more day", somebody("1960-10-02", home), cohort.NotMember},
			{"in a care home at 65 today", somebody("1960-10-01", home), cohort.Member},
			{"left the care home", somebody("1960-10-01", home, has("160943002", "2021-01-01")), cohort.NotMember},
			{"in a care home by one of two entries of a day", somebody("1960-10-01", home, has("160943002", "2020-01-01")), cohort.Member},
		}...)},
	}
}

func TestCOVIDVaccinationRefuses(t *testing.T) {
	t.Parallel()
	if _, err := library.COVIDVaccination("autumn-1999"); err == nil || !strings.Contains(err.Error(), `no campaign "autumn-1999"`) {
		t.Errorf("got %v", err)
	}
}

func flu() []boundary {
	const adult = "1980-01-01"
	ill := has("CHD_COV_COD", "2010-01-01")
	plan := func(day string) func() (*cohort.Plan, error) {
		return asOf(day, func() (*cohort.Definition, error) { return library.Flu2025() })
	}
	pregnant := has("PREG_COD", "2025-05-01")
	return []boundary{
		{"flu-2025-26", "on 31 August 2025", plan("2025-08-31"), []witness{
			{"pregnant, the day before it begins", somebody(adult, pregnant), cohort.NotMember},
			{"aged 2", somebody("2023-08-31"), cohort.NotMember},
		}},
		{"flu-2025-26", "on 1 September 2025", plan("2025-09-01"), []witness{
			{"pregnant", somebody(adult, pregnant), cohort.Member},
			{"born 2023-09-01: 1 on 31 August", somebody("2023-09-01"), cohort.NotMember},
			{"born 2023-08-31: 2 on 31 August", somebody("2023-08-31"), cohort.Member},
			{"born 2021-08-31: 4, in Reception", somebody("2021-08-31"), cohort.Member},
			{"born 2009-09-01: 15, in Year 11", somebody("2009-09-01"), cohort.Member},
			{"born 2009-08-31: 16, left school", somebody("2009-08-31"), cohort.NotMember},
			{"heart disease, 5 months for one more day", somebody("2025-03-02", ill), cohort.NotMember},
			{"heart disease, 6 months today", somebody("2025-03-01", ill), cohort.Member},
			{"heart disease, 17 for one more day", somebody("2007-09-02", ill), cohort.Member},
			{"heart disease, 18 today", somebody("2007-09-01", ill), cohort.NotMember},
			{"65, a month too early", somebody("1950-01-01"), cohort.NotMember},
			{"carer, a month too early", somebody(adult, has("CARER_COD", "2020-01-01")), cohort.NotMember},
		}},
		{"flu-2025-26", "on 30 September 2025", plan("2025-09-30"), []witness{
			{"heart disease at 45, a day too early", somebody(adult, ill), cohort.NotMember},
		}},
		{"flu-2025-26", "on 1 October 2025", plan("2025-10-01"), append(nobody(adult, "2025-10-01", ill), []witness{
			{"nothing known", somebody(adult), cohort.NotMember},
			{"born 1961-03-31: 65 by 31 March", somebody("1961-03-31"), cohort.Member},
			{"born 1961-04-01", somebody("1961-04-01"), cohort.NotMember},
			{"heart disease at 45", somebody(adult, ill), cohort.Member},
			{"heart disease at 18 today", somebody("2007-10-01", ill), cohort.Member},
			{"severe mental illness is no group", somebody(adult, has("SEV_MENTAL_COD", "2018-01-01")), cohort.NotMember},
			{"stroke", somebody(adult, has("230690007", "2018-01-01")), cohort.Member},
			{"body mass index 40", somebody(adult, reads("BMI_COD", "2025-01-01", 40)), cohort.Member},
			{"asthma without steroids", somebody(adult, has("AST_COD", "2018-01-01"), has("ASTRXM1_COD", "2025-09-01")), cohort.NotMember},
			{"in a care home", somebody(adult, has("LONGRES_COD", "2020-01-01")), cohort.Member},
			{"carer", somebody(adult, has("CARER_COD", "2020-01-01")), cohort.Member},
			{"no longer a carer since that day", somebody(adult, has("CARER_COD", "2020-01-01"), has("NOTCARER_COD", "2020-01-01")), cohort.NotMember},
			{"lives with somebody immunosuppressed", somebody(adult, has("HHLD_IMDEF_COD", "2020-01-01")), cohort.Member},
			{"still pregnant", somebody(adult, pregnant), cohort.Member},
			{"born 2023-08-31", somebody("2023-08-31"), cohort.Member},
			{"birth not known", somebody(""), cohort.Referred},
			{"birth not known, carer", somebody("", has("CARER_COD", "2020-01-01")), cohort.Member},
		}...)},
	}
}

func rsv() []boundary {
	return []boundary{
		{"rsv-75-rolling", "on 1 June 2025", asOf("2025-06-01", library.RSVRolling), append(nobody("1948-01-01", "2025-06-01"), []witness{
			{"74 for one more day", somebody("1950-06-02"), cohort.NotMember},
			{"75 today", somebody("1950-06-01"), cohort.Member},
			{"79 for one more day", somebody("1945-06-02"), cohort.Member},
			{"80 today", somebody("1945-06-01"), cohort.NotMember},
			{"birth not known", somebody(""), cohort.Referred},
		}...)},
		{"rsv-75to79-2024", "on 31 August 2025", asOf("2025-08-31", library.RSV2024), []witness{
			{"turned 80 on 1 September 2024", somebody("1944-09-01"), cohort.NotMember},
			{"turned 80 on 2 September 2024", somebody("1944-09-02"), cohort.Member},
			{"turns 80 today", somebody("1945-08-31"), cohort.Member},
			{"turns 80 tomorrow", somebody("1945-09-01"), cohort.NotMember},
			{"birth not known", somebody(""), cohort.Referred},
		}},
		{"rsv-75to79-2024", "on 1 September 2025", asOf("2025-09-01", library.RSV2024), []witness{
			{"turned 80 on 2 September 2024, too late", somebody("1944-09-02"), cohort.NotMember},
		}},
	}
}
