package library

import "github.com/personalised-prevention/nhs/cohort/codelist"

// vaccination is what puts people at risk from COVID-19 and flu, by the clusters of UKHSA and PRIMIS.
func vaccination() []cluster {
	list := func(id, slug, title, name string, codes ...string) cluster {
		return cluster{id: id, slug: slug, title: title, publisher: primis, name: name, system: codelist.SNOMEDCT, codes: codes}
	}
	medicine := func(id, slug, title, name string, codes ...string) cluster {
		return cluster{id: id, slug: slug, title: title, publisher: primis, name: name, system: codelist.DMD, codes: codes}
	}
	return []cluster{
		list("ADDIS_COD", "addisons-disease", "Addison's disease and hypoadrenalism", "addis_cod",
			"363732003"), // Addison's disease
		list("AST_COD", "asthma", "asthma", "ast",
			"195967001"), // asthma
		list("ASTADM_COD", "asthma-admission", "admission to hospital for asthma", "astadm",
			"183478001",  // emergency hospital admission for asthma
			"708358003"), // emergency asthma admission since last encounter
		medicine("ASTRXM1_COD", "asthma-inhalers", "inhaled medicines for asthma", "astrxm1",
			"35908111000001105"), // beclometasone 100 microgram inhaler
		medicine("ASTRXM2_COD", "asthma-steroids", "steroids by mouth or injection for asthma", "astrxm2",
			"325426006",  // prednisolone 1 mg tablets
			"325427002"), // prednisolone 5 mg tablets
		list("BMI_COD", "body-mass-index", "body mass index as a value", "bmi",
			"60621009"), // body mass index
		list("BMI_STAGE_COD", "body-mass-index-band", "body mass index as a band", "bmi_stage",
			"35425004",   // normal
			"162864005",  // 30 and over
			"408512008"), // 40 and over
		list("CARER_COD", "carer", "being a carer", "carer",
			"224484003"), // patient themselves providing care
		list("CHD_COV_COD", "heart-disease", "chronic heart disease", "chd_cov",
			"84114007",  // heart failure
			"53741008"), // coronary arteriosclerosis
		list("CKD15_COD", "kidney-disease-staged", "chronic kidney disease of any stage", "ckd15",
			"431855005",  // stage 1
			"431856006",  // stage 2
			"433144002",  // stage 3
			"431857002",  // stage 4
			"433146000"), // stage 5
		list("CKD35_COD", "kidney-disease-stages-3-to-5", "chronic kidney disease, stages 3 to 5", "ckd35",
			"433144002",  // stage 3
			"431857002",  // stage 4
			"433146000"), // stage 5
		list("CKD_COV_COD", "kidney-disease-at-risk", "chronic kidney disease that counts whatever its stage", "ckd_cov",
			"105502003"), // dependence on renal dialysis
		list("CLD_COD", "liver-disease", "chronic liver disease", "cld",
			"19943007",  // cirrhosis of liver
			"10295004"), // chronic viral hepatitis
		list("CNS_COV_COD", "neurological-disease", "chronic neurological disease, stroke and transient ischaemic attack too", "cns_cov",
			"84757009",   // epilepsy
			"24700007",   // multiple sclerosis
			"230690007"), // cerebrovascular accident
		list("DIAB_COD", "diabetes-at-risk", "diabetes", "diab",
			"46635009",  // type 1
			"44054006"), // type 2
		list("DMRES_COD", "diabetes-resolved", "diabetes resolved", "dmres",
			"315051004"), // diabetes resolved
		list("DXT_CHEMO_COD", "chemotherapy-or-radiotherapy", "chemotherapy and radiotherapy, as a GP records them", "dxt_chemo_cod",
			"367336001"), // chemotherapy
		list("GDIAB_COD", "gestational-diabetes", "gestational diabetes, also in the past", "gdiab_cod",
			"11687002",   // gestational diabetes mellitus
			"472971004"), // history of it
		list("HHLD_IMDEF_COD", "household-contact", "living with somebody who is immunosuppressed", "hhld_imdef",
			"527401000000103"), // lives with immunocompromised person
		list("IMMADM_COD", "immunosuppression-recorded", "immunosuppression as an administrative entry", "immunosuppression-admin-codes",
			"370388006",  // patient immunocompromised
			"370391006"), // patient immunosuppressed
		list("IMMDX_COV_COD", "immunosuppression", "conditions that suppress immunity", "immdx_cov",
			"86406008",   // human immunodeficiency virus infection
			"118599009"), // Hodgkin's disease
		medicine("IMMRX_COD", "immunosuppressants", "medicines that suppress immunity", "immrx",
			"41759311000001100"), // azathioprine 50 mg tablets
		list("LEARNDIS_COD", "learning-disability", "learning disability", "learndis",
			"416075005"), // on learning disability register
		list("LONGRES_COD", "care-home", "living in a nursing or residential home", "longres",
			"160734000",  // lives in nursing home
			"394923006"), // lives in a residential home
		list("NOTCARER_COD", "no-longer-carer", "being no longer a carer", "notcarer",
			"69999999101"),
		list("PREG_COD", "pregnancy", "pregnancy", "preg",
			"77386006"), // pregnancy
		list("PREGDEL_COD", "pregnancy-or-delivery", "delivery, and pregnancy coded as over", "pregdel",
			"3950001",    // birth
			"169826009"), // single live birth
		list("RESIDE_COD", "residence", "where somebody lives, care homes and all else", "reside_cod",
			"160734000",  // lives in nursing home
			"394923006",  // lives in a residential home
			"160943002"), // lives in own home
		list("RESP_COV_COD", "respiratory-disease", "chronic respiratory disease other than asthma", "resp_cov",
			"13645005",   // chronic obstructive lung disease
			"190905008"), // cystic fibrosis
		list("SEV_MENTAL_COD", "severe-mental-illness", "severe mental illness", "sev_mental",
			"58214004",  // schizophrenia
			"13746004"), // bipolar disorder
		list("SEV_OBESITY_COD", "severe-obesity", "severe obesity", "sev_obesity",
			"408512008"), // body mass index 40 and over
		list("SMHRES_COD", "severe-mental-illness-in-remission", "severe mental illness in remission", "smhres",
			"111483008",  // catatonic schizophrenia in remission
			"191565008"), // latent schizophrenia in remission
		list("SPLN_COV_COD", "asplenia", "asplenia and disorders of the spleen", "spln_cov",
			"38096003"), // functional asplenia
	}
}
