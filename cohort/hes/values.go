package hes

import (
	"maps"

	"github.com/personalised-prevention/nhs/cohort/internal/catalogue"
)

// dictionary is where the descriptions of the package come from.
const dictionary = "NHS England data dictionary of the Secure Data Environment, 2024-06-24, sheets %s; filled as of " +
	"2025-11-04."

// refresh is how HES proper is renewed.
const refresh = "Every month provisionally, each extract replacing the one before; final some months after the financial " +
	"year ends in March, when PARTYEAR ends in 99. Served quarterly with about three months of lag."

// noDates are what HES writes for a date that is missing, and for one that was invalid.
func noDates() []string { return []string{"1800-01-01", "1801-01-01"} }

func dates() map[string]string {
	return map[string]string{"1800-01-01": "no date submitted", "1801-01-01": "invalid date submitted"}
}

// babies are the values of an age in years for which the true age is under one.
func babies() []string { return []string{"7001", "7002", "7003", "7004", "7005", "7006", "7007"} }

func babyAges() map[string]string {
	return map[string]string{
		"7001": "under 1 day", "7002": "1 to 6 days", "7003": "7 to 28 days", "7004": "29 to 90 days",
		"7005": "91 to 181 days", "7006": "182 to 272 days", "7007": "273 days to under 1 year",
	}
}

func noPractice() []string { return append(catalogue.NoPractice(), "&") }

// noRegion are the codes for a place in England that is not known more closely, and for no known place.
func noRegion() []string { return []string{"E99999999", "Y"} }

func regions() map[string]string {
	return map[string]string{
		"E12000001": "North East", "E12000002": "North West", "E12000003": "Yorkshire and The Humber",
		"E12000004": "East Midlands", "E12000005": "West Midlands", "E12000006": "East of England",
		"E12000007": "London", "E12000008": "South East", "E12000009": "South West",
		"E99999999": "England, not known more closely", "L99999999": "Channel Islands", "M99999999": "Isle of Man",
		"N99999999": "Northern Ireland", "S99999999": "Scotland", "W99999999": "Wales",
		"U": "no fixed abode", "X": "abroad", "Y": "not known",
	}
}

func sex() map[string]string {
	values := catalogue.Sex()
	values["3"] = "indeterminate (old code)"
	return values
}

func ethnicity() map[string]string {
	values := catalogue.Ethnicity()
	values["X"], values["99"] = "not known, until 2013", "not known, since 2013"
	return values
}

func noEthnicity() []string { return []string{"Z", "X", "99"} }

// earlyEthnicity adds the scheme that admitted patient care used until April 2001.
func earlyEthnicity() map[string]string {
	values := ethnicity()
	maps.Copy(values, map[string]string{
		"0": "White", "1": "Black: Caribbean", "2": "Black: African", "3": "Black: other", "4": "Indian",
		"5": "Pakistani", "6": "Bangladeshi", "7": "Chinese", "8": "other", "9": "not given",
	})
	return values
}

func categories() map[string]string {
	return map[string]string{
		"01": "NHS patient", "02": "private patient", "03": "amenity patient", "04": "category II patient",
		"98": "not applicable", "99": "not known",
	}
}

func departments() map[string]string {
	return map[string]string{
		"01": "emergency department, led by consultants, open all hours", "02": "department of one specialty",
		"03": "other, such as a minor injury unit", "04": "NHS walk-in centre", "99": "not known",
	}
}

func operations() map[string]string {
	return map[string]string{
		"1": "one or more operations carried out", "8": "none carried out or intended", "9": "not known",
	}
}

func admissions() map[string]string {
	return map[string]string{
		"11": "elective: waiting list", "12": "elective: booked", "13": "elective: planned",
		"21": "emergency: A&E of the same provider", "22": "emergency: GP", "23": "emergency: bed bureau",
		"24": "emergency: consultant clinic", "25": "emergency: mental health crisis team, since 2013",
		"2A": "emergency: A&E of another provider, since 2013", "2B": "emergency: transfer from another provider, since 2013",
		"2C": "emergency: baby born at home as intended, since 2013", "2D": "emergency: other, since 2013",
		"28": "emergency: other means", "31": "maternity: before delivery", "32": "maternity: after delivery",
		"81": "transfer from another provider, not an emergency", "82": "birth with this provider",
		"83": "birth outside this provider", "84": "high security hospital, admissions panel, 1999 to 2006",
		"89": "high security hospital, waiting list, 1999 to 2006", "98": "not applicable", "99": "not known",
	}
}

// places are those from which people come to hospital and to which they go.
func places() map[string]string {
	return map[string]string{
		"19": "usual place of residence", "29": "temporary place of residence",
		"30": "repatriation from a high security hospital", "37": "court", "38": "police station",
		"48": "high security hospital, Scotland", "49": "NHS high security hospital", "50": "NHS medium secure unit",
		"51": "NHS hospital: general ward", "52": "NHS hospital: maternity or neonatal ward",
		"53": "NHS hospital: mental health or learning disability ward", "54": "NHS care home",
		"65": "local authority residential accommodation", "66": "local authority foster care",
		"85": "care home outside NHS and local authority", "87": "hospital outside the NHS",
		"88": "hospice outside NHS and local authority", "99": "not known",
	}
}

func whence() map[string]string {
	values := places()
	maps.Copy(values, map[string]string{
		"39": "court, police station or custody suite", "69": "local authority home or care, until 1996",
		"79": "born in or on the way to hospital", "86": "nursing home outside NHS and local authority",
		"89": "institution outside the NHS, until 1996", "98": "not applicable",
	})
	return values
}

func whither() map[string]string {
	values := places()
	maps.Copy(values, map[string]string{
		"39": "penal establishment other than court and police station", "79": "not applicable: died or stillborn",
		"84": "medium secure unit outside the NHS", "98": "not applicable: not discharged",
	})
	return values
}

// deprivation are the labels of the tenths, which are also their meaning.
func deprivation() map[string]string {
	values := map[string]string{}
	for _, label := range []string{
		"Most deprived 10%", "More deprived 10-20%", "More deprived 20-30%", "More deprived 30-40%", "More deprived 40-50%",
		"Less deprived 40-50%", "Less deprived 30-40%", "Less deprived 20-30%", "Less deprived 10-20%", "Least deprived 10%",
	} {
		values[label] = label
	}
	return values
}

// noProcedures are the codes for no operation and for one that is not known. X998 is an operation.
func noProcedures() []string { return []string{"-", "&", "X997", "X999"} }

func attendances() map[string]string {
	return map[string]string{
		"1": "attended first", "2": "attended follow-up", "3": "attended, kind not known",
		"4": "did not attend first", "5": "did not attend follow-up", "6": "did not attend, kind not known",
		"7": "patient cancelled first", "8": "patient cancelled follow-up", "9": "patient cancelled, kind not known",
		"10": "hospital cancelled first", "11": "hospital cancelled follow-up", "12": "hospital cancelled, kind not known",
		"13": "not known", "21": "attended first, remotely", "22": "attended follow-up, remotely",
		"24": "did not attend first, remotely", "25": "did not attend follow-up, remotely",
		"27": "patient cancelled first, remotely", "28": "patient cancelled follow-up, remotely",
		"30": "hospital cancelled first, remotely", "31": "hospital cancelled follow-up, remotely",
	}
}

func referrals() map[string]string {
	return map[string]string{
		"01": "consultant, after an emergency admission", "02": "consultant, after a home visit",
		"10": "consultant, after an A&E attendance", "11": "consultant, other", "03": "GP", "04": "A&E department",
		"05": "consultant, other than in A&E", "06": "self-referral", "07": "prosthetist", "12": "GP with a special interest",
		"13": "specialist nurse", "14": "allied health professional", "15": "optometrist", "16": "orthoptist",
		"17": "national screening programme", "92": "general dental practitioner", "93": "community dental service",
		"08": "other", "97": "other, not begun by the consultant", "99": "not known",
	}
}

func units() map[string]string {
	return map[string]string{
		"01": "adults, general", "02": "adults, surgical", "03": "adults, medical", "04": "paediatric intensive care",
		"05": "adults, neurosciences", "06": "adults, cardiac surgery", "07": "adults, thoracic surgery",
		"08": "adults, burns and plastic surgery", "09": "adults, spinal", "10": "adults, renal", "11": "adults, liver",
		"12": "adults, obstetric and gynaecological", "13": "neonatal intensive care", "14": "babies, transitional care ward",
		"15": "babies, maternity ward", "16": "children, ward", "17": "children, high dependency", "18": "children, renal",
		"19": "children, burns", "90": "adults, ward area", "91": "other, operating department",
		"92": "children, operating department",
	}
}
