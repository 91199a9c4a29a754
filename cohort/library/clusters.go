package library

import (
	"slices"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// clusters are the clusters of every field. The codes of each stand with what they mean.
func clusters() []cluster {
	return slices.Concat(circulation(), metabolism(), vaccination(), mind(), screening(), hospital())
}

// circulation is heart, vessels and kidneys, mostly of CVDPREVENT and the NHS Health Check.
func circulation() []cluster {
	pcd := func(id, slug, title string, codes ...string) cluster {
		return cluster{id: id, slug: slug, title: title, publisher: domain, name: id, system: codelist.SNOMEDCT, codes: codes}
	}
	return []cluster{
		pcd("AAA_COD", "abdominal-aortic-aneurysm", "abdominal aortic aneurysm",
			"233985008"), // abdominal aortic aneurysm
		pcd("AFIB_COD", "atrial-fibrillation", "atrial fibrillation and flutter",
			"49436004", // atrial fibrillation
			"5370000"), // atrial flutter
		pcd("AFIBRES_COD", "atrial-fibrillation-resolved", "atrial fibrillation resolved",
			"196371000000102"), // atrial fibrillation resolved
		pcd("BP_COD", "blood-pressure", "blood pressure, systolic and diastolic in one entry",
			"75367002",   // blood pressure
			"163020007"), // on examination: blood pressure reading
		pcd("CHD_COD", "coronary-heart-disease", "coronary heart disease",
			"53741008",  // coronary arteriosclerosis
			"194828000", // angina
			"22298006"), // myocardial infarction
		pcd("CKD_COD", "kidney-disease", "chronic kidney disease, stages 3 to 5",
			"433144002",  // stage 3
			"431857002",  // stage 4
			"433146000"), // stage 5
		pcd("CKDRES_COD", "kidney-disease-resolved", "chronic kidney disease resolved",
			"939211000000104"), // chronic kidney disease resolved
		pcd("HF_COD", "heart-failure", "heart failure",
			"84114007",   // heart failure
			"111283005"), // chronic left-sided heart failure
		pcd("HYP_COD", "hypertension", "hypertension",
			"38341003",  // hypertensive disorder
			"59621000"), // essential hypertension
		pcd("HYPRES_COD", "hypertension-resolved", "hypertension resolved",
			"162659009"), // hypertension resolved
		pcd("PAD_COD", "peripheral-arterial-disease", "peripheral arterial disease",
			"399957001",  // peripheral arterial occlusive disease
			"840580004"), // peripheral arterial disease
		pcd("QRISKSCORE_COD", "cardiovascular-risk", "scores of the 10-year risk of cardiovascular disease, in percent",
			"718087004",         // QRISK2
			"1085871000000105"), // QRISK3
		{
			id: "STAT_COD", slug: "statins", title: "statins",
			publisher: domain, name: "STAT_COD", system: codelist.DMD,
			codes: []string{
				"319997009", // simvastatin 20 mg tablets
				"134489001", // atorvastatin 80 mg tablets
			},
		},
		pcd("STRK_COD", "stroke", "stroke",
			"230690007",  // cerebrovascular accident
			"422504002"), // ischaemic stroke
		pcd("TIA_COD", "transient-ischaemic-attack", "transient ischaemic attack",
			"266257000"), // transient ischaemic attack
		{
			id: "audit-consent", slug: "audit-consent", title: "consent to national audit",
			system: codelist.SNOMEDCT,
			codes:  []string{"19999999103"},
		},
		{
			id: "audit-dissent", slug: "audit-dissent", title: "dissent from national audit",
			system: codelist.SNOMEDCT,
			codes:  []string{"29999999105"},
		},
		{
			id: "diastolic", slug: "diastolic-pressure", title: "diastolic pressure in an entry of its own",
			publisher: prevent, name: "DIASTOLIC_BP_CODES", system: codelist.SNOMEDCT,
			codes: []string{
				"271650006", // diastolic blood pressure
				"53813002",  // a diastolic pressure, of the source's worked example
			},
		},
		{
			id: "health-check-completed", slug: "health-check-completed", title: "a completed NHS Health Check",
			system: codelist.SNOMEDCT,
			codes:  []string{"523221000000100"}, // NHS Health Check completed
		},
		{
			id: "systolic", slug: "systolic-pressure", title: "systolic pressure in an entry of its own",
			publisher: prevent, name: "SYSTOLIC_BP_CODES", system: codelist.SNOMEDCT,
			codes: []string{
				"271649006", // systolic blood pressure
				"314439003", // a systolic pressure, of the source's worked example
			},
		},
	}
}

// metabolism is diabetes, what comes before it, and blood lipids.
func metabolism() []cluster {
	pcd := func(id, slug, title string, codes ...string) cluster {
		return cluster{id: id, slug: slug, title: title, publisher: domain, name: id, system: codelist.SNOMEDCT, codes: codes}
	}
	return []cluster{
		pcd("CHOL2_COD", "total-cholesterol", "total cholesterol, in mmol/L",
			"1005671000000105"), // serum cholesterol level
		pcd("DM_COD", "diabetes", "diabetes, types 1 and 2",
			"73211009",  // diabetes mellitus
			"46635009",  // type 1
			"44054006"), // type 2
		pcd("DMTYPE1AUDIT_COD", "diabetes-type-1", "type 1 diabetes, as audited",
			"46635009"), // type 1
		pcd("DMTYPE2AUDIT_COD", "diabetes-type-2", "type 2 diabetes, as audited",
			"44054006"), // type 2
		pcd("DULIPID_COD", "dutch-lipid-score", "the Dutch Lipid Clinic Network score",
			"39999999107"),
		pcd("FASPLASGLUC_COD", "fasting-glucose", "fasting plasma glucose, in mmol/L",
			"1003141000000105"), // plasma fasting glucose level
		pcd("FHYP_COD", "familial-hypercholesterolaemia", "familial hypercholesterolaemia",
			"398036000"), // familial hypercholesterolaemia
		pcd("IFCCHBAM_COD", "hba1c", "HbA1c by the IFCC standard, in mmol/mol",
			"999791000000106"), // haemoglobin A1c level, IFCC standardised
		pcd("IGT_COD", "impaired-glucose-tolerance", "impaired glucose tolerance",
			"9414007"), // impaired glucose tolerance
		pcd("NDH_COD", "non-diabetic-hyperglycaemia", "non-diabetic hyperglycaemia",
			"700449008"), // non-diabetic hyperglycaemia
		pcd("PRD_COD", "pre-diabetes", "pre-diabetes",
			"15777000"), // prediabetes
		pcd("SBROOME_COD", "simon-broome-score", "the Simon Broome criteria",
			"49999999102"),
		{
			id: "bariatric-surgery", slug: "bariatric-surgery", title: "bariatric surgery",
			system: codelist.SNOMEDCT,
			codes:  []string{"442338001"}, // bypass of stomach
		},
		{
			id: "hyperlipidaemia", slug: "hyperlipidaemia", title: "familial hypercholesterolaemia and other hyperlipidaemias, possible and probable ones too",
			publisher: prevent, name: "FH_SNOMED_CODES", system: codelist.SNOMEDCT,
			codes: []string{
				"398036000", // familial hypercholesterolaemia
				"403829002", // of the source; it gives no names
				"445010006", // likewise
			},
		},
	}
}

// mind is mental health, learning disability and the circumstances that the Talking Therapies look at.
func mind() []cluster {
	own := func(id, title string, codes ...string) cluster {
		return cluster{id: id, slug: id, title: title, system: codelist.SNOMEDCT, codes: codes}
	}
	return []cluster{
		{
			id: "DEPR_COD", slug: "depression", title: "depression",
			publisher: domain, name: "DEPR_COD", system: codelist.SNOMEDCT,
			codes: []string{"35489007"}, // depressive disorder
		},
		{
			id: "DEPRES_COD", slug: "depression-resolved", title: "depression resolved",
			publisher: domain, name: "DEPRES_COD", system: codelist.SNOMEDCT,
			codes: []string{"196381000000100"}, // depression resolved
		},
		{
			id: "PALCARE_COD", slug: "palliative-care", title: "palliative care",
			publisher: domain, name: "PALCARE_COD", system: codelist.SNOMEDCT,
			codes: []string{"103735009"}, // palliative care
		},
		own("anxiety", "anxiety disorders",
			"197480006"), // anxiety disorder
		own("eating-disorder", "eating disorders",
			"72366004",  // eating disorder
			"56882008"), // anorexia nervosa
		own("osteoarthritis", "osteoarthritis",
			"396275006",  // osteoarthritis
			"239873007"), // osteoarthritis of the knee
		own("refugee", "being a refugee",
			"446654005"), // refugee
		// General referral codes: they are not the codes that the service records, and people can refer
		// themselves without any entry in the GP journal.
		own("talking-therapies-contact", "contact with NHS Talking Therapies",
			"308459004",  // referral to psychologist
			"306227000"), // referral for mental health counselling
		own("veteran", "having served in the armed forces",
			"59999999104"),
	}
}
