package library

import "github.com/personalised-prevention/nhs/cohort/codelist"

// Hypertension returns an illustrative subset of the codes for hypertension.
func Hypertension() *codelist.List {
	return illustrative("hypertension",
		"38341003", // hypertensive disorder
		"59621000", // essential hypertension
	)
}

// Osteoarthritis returns an illustrative subset of the codes for osteoarthritis.
func Osteoarthritis() *codelist.List {
	return illustrative("osteoarthritis",
		"396275006", // osteoarthritis
		"239873007", // osteoarthritis of the knee
	)
}

// Diabetes returns an illustrative subset of the codes for diabetes, types 1 and 2.
func Diabetes() *codelist.List {
	return illustrative("diabetes",
		"73211009", // diabetes mellitus
		"46635009", // type 1
		"44054006", // type 2
	)
}

// Asthma returns an illustrative subset of the codes for asthma.
func Asthma() *codelist.List {
	return illustrative("asthma",
		"195967001", // asthma
	)
}

// CoronaryHeartDisease returns an illustrative subset of the codes for coronary heart disease.
func CoronaryHeartDisease() *codelist.List {
	return illustrative("coronary-heart-disease",
		"53741008",  // coronary arteriosclerosis
		"194828000", // angina
		"22298006",  // myocardial infarction
	)
}

// TalkingTherapiesContact returns codes that stand for contact with NHS Talking Therapies. They are
// general referral codes chosen for illustration: they are not the codes that the service records, and
// people can refer themselves without any entry in the GP journal.
func TalkingTherapiesContact() *codelist.List {
	return illustrative("talking-therapies-contact",
		"308459004", // referral to psychologist
		"306227000", // referral for mental health counselling
	)
}

func illustrative(id string, codes ...string) *codelist.List {
	return codelist.Must(codelist.New(codelist.Info{
		ID:      "illustrative/" + id,
		Version: "1",
		System:  codelist.SNOMEDCT,
		Source: "A short illustrative subset of SNOMED CT concepts, chosen for this project and not clinically " +
			"assured; SNOMED CT is licensed by SNOMED International, in the UK through NHS England.",
	}, codes...))
}
