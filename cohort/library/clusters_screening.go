package library

import "github.com/personalised-prevention/nhs/cohort/codelist"

// screening is what the screening programmes look at.
func screening() []cluster {
	return []cluster{
		{
			id: "EXSMOK_COD", slug: "ex-smokers", title: "former smokers",
			publisher: gdppr, name: "smoking, non_smoker_findings_codes", system: codelist.SNOMEDCT,
			codes: []string{
				"8517006",   // ex-smoker
				"281018007", // ex-cigarette smoker
			},
		},
		{
			id: "LSMOK_COD", slug: "smokers", title: "smokers",
			publisher: gdppr, name: "smoking, Value_Finding_Smoker", system: codelist.SNOMEDCT,
			codes: []string{
				"77176002",  // smoker
				"160603005", // light cigarette smoker
			},
		},
		{
			id: "SMEAR_COD", slug: "cervical-screening", title: "a cervical screening test",
			publisher: domain, name: "SMEAR_COD", system: codelist.SNOMEDCT,
			codes: []string{
				"417036008",       // liquid based cervical cytology screening
				"996261000000103", // cervical cytology screening test
			},
		},
		{
			id: "hpv-negative", slug: "hpv-negative", title: "a cervical screening test without human papillomavirus",
			system: codelist.SNOMEDCT,
			codes:  []string{"888091000000108"}, // cervical smear: human papillomavirus negative
		},
		{
			id: "total-hysterectomy", slug: "total-hysterectomy", title: "total hysterectomy",
			system: codelist.SNOMEDCT,
			codes: []string{
				"116140006", // total hysterectomy
				"116143008", // total abdominal hysterectomy
			},
		},
	}
}

// hospital is radiotherapy and chemotherapy.
func hospital() []cluster {
	return []cluster{
		{
			id: "breast-sites", slug: "breast-radiotherapy-sites", title: "the breast and the chest as site of radiotherapy",
			publisher: "published analysis of recurrent breast cancer over the radiotherapy data set", system: codelist.OPCS4,
			codes: []string{
				"Z15*", // breast
				"Z52*", // chest
			},
		},
		{
			id: "chemotherapy-procedures", slug: "chemotherapy-procedures", title: "chemotherapy, bought or given in hospital",
			publisher: "published treatment tables of the national cancer registry", system: codelist.OPCS4, whole: true,
			codes: []string{
				"A106", "T133", "T482", "X352", "X353", "X373", "X374", "X384", "X385", "X701-X705", "X708", "X709",
				"X711-X715", "X718", "X719", "X721-X724", "X728", "X729", "X731", "X738", "X739", "X748", "X749", "X962", "Y123",
			},
		},
		{
			id: "hodgkin", slug: "hodgkin-lymphoma", title: "Hodgkin lymphoma",
			publisher: "published rule for very high risk screening", system: codelist.ICD10, whole: true,
			codes: []string{"C81*"},
		},
		{
			id: "lung-head-and-neck-cancer", slug: "lung-head-and-neck-cancer", title: "cancers of the lung, windpipe, head and neck",
			publisher: "published analysis of deaths after radiotherapy", system: codelist.ICD10, whole: true,
			codes: []string{"C00-C14", "C30-C32", "C33-C34"},
		},
		{
			id: "mantle-sites", slug: "mantle-radiotherapy-sites", title: "lymph nodes as site of radiotherapy",
			publisher: "published analysis of recurrent breast cancer over the radiotherapy data set", system: codelist.OPCS4,
			codes: []string{"Z61*"},
		},
	}
}
