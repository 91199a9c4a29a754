package synthetic

import (
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/internal/calendar"
)

// Figures of cancer treatment, in percent unless another unit is given. For the words published, memory and assumed see
// parameters.go. No public source was found that counts the rows of these data sets: their sizes are
// assumed, and so are the shares of treatments. Names of regimens, groups and drugs, diagnoses, sites, doses and
// fractions are those in use.
const (
	drugTreatedPercent = 50.0 // assumed: of people treated for cancer, with drugs since 2012
	irradiatedPercent  = 55.0 // assumed: and with radiotherapy since 2009
	lymphomaPercent    = 0.1  // assumed: of women, irradiated for Hodgkin lymphoma at 10 to 35. Published: some 17,000 are screened for it, which makes 0.06% of women

	regimensEach, cyclesEach, visitsEach = 2.0, 6.0, 1.5 // assumed: a treated person, a regimen, and a drug in a cycle
	fractionsEach                        = 18.0          // assumed: attendances of a course; memory: 2.5 million in 130,000 episodes a year
	cycleDays                            = 21            // days from cycle to cycle

	centimetresPercent = 1.0  // assumed: heights in centimetres, not metres
	notRecordedPercent = 2.0  // assumed: performance status 9
	zeroLostPercent    = 6.0  // assumed rate; published: the zero of 01 may be lost
	drugInSmallPercent = 70.0 // assumed rate; published: drug names are typed in capitals or not
	drugInTitlePercent = 20.0 // assumed
	finalDayPercent    = 60.0 // assumed rate; published: the day of final treatment is often missing
)

// treatedByAge is the percentage of people who have been treated for cancer in one of the ways. Memory of QOF: 3.5% have
// had cancer; assumed: by age, and a little more, since the dead stay in these data.
func treatedByAge() byAge { return byAge{0.15, 0.8, 3.2, 11, 14} }

// firstDrugTreatment and firstRadiotherapy are when the data sets begin. Published.
func firstDrugTreatment() calendar.Day { return calendar.Of(2012, 4, 1) }

func firstRadiotherapy() calendar.Day { return calendar.Of(2009, 4, 1) }

// regimens are those of drugs; the last three groups are not counted as chemotherapy.
func regimens() []treatment {
	return []treatment{
		{
			share: 14, cancer: "C509", sex: person.Female, regimen: "FEC", group: "FEC", intent: "1",
			drugs: []drug{{"fluorouracil", 900}, {"epirubicin", 150}, {"cyclophosphamide", 900}},
		},
		{share: 12, cancer: "C509", sex: person.Female, regimen: "Docetaxel", group: "DOCETAXEL", intent: "2", drugs: []drug{{"docetaxel", 140}}},
		{
			share: 14, cancer: "C189", regimen: "FOLFOX", group: "OXALIPLATIN + MDG", intent: "2",
			drugs: []drug{{"oxaliplatin", 150}, {"folinic acid", 350}, {"fluorouracil", 4200}},
		},
		{share: 10, cancer: "C189", regimen: "Capecitabine", group: "CAPECITABINE", intent: "1", oral: true, drugs: []drug{{"capecitabine", 3600}}},
		{
			share: 12, cancer: "C349", regimen: "Carboplatin and pemetrexed", group: "CARBOPLATIN + PEMETREXED", intent: "2",
			drugs: []drug{{"carboplatin", 550}, {"pemetrexed", 900}},
		},
		{share: 8, cancer: "C349", regimen: "Pembrolizumab", group: "PEMBROLIZUMAB", intent: "3", drugs: []drug{{"pembrolizumab", 200}}},
		{
			share: 8, cancer: "C833", regimen: "R-CHOP", group: "CHOP R", intent: "1",
			drugs: []drug{{"rituximab", 700}, {"cyclophosphamide", 1400}, {"doxorubicin", 90}, {"vincristine", 2}, {"prednisolone", 100}},
		},
		{
			share: 6, cancer: "C900", regimen: "VTD", group: "BORTEZOMIB + THALIDOMIDE + DEXAMETHASONE", intent: "4",
			drugs: []drug{{"bortezomib", 2}, {"thalidomide", 100}, {"dexamethasone", 40}},
		},
		{share: 6, cancer: "C61", sex: person.Male, regimen: "Docetaxel and prednisolone", group: "DOCETAXEL", intent: "2", drugs: []drug{{"docetaxel", 140}, {"prednisolone", 10}}},
		{share: 4, cancer: "C509", sex: person.Female, regimen: "Zoledronic acid", group: "ZOLEDRONIC ACID", intent: "1", drugs: []drug{{"zoledronic acid", 4}}},
		{share: 3, cancer: "C61", sex: person.Male, regimen: "Goserelin", group: "HORMONES", intent: "2", drugs: []drug{{"goserelin", 11}}},
		{share: 3, cancer: "C349", regimen: "Denosumab", group: "DENOSUMAB", intent: "3", drugs: []drug{{"denosumab", 120}}},
	}
}

// courses are those of radiotherapy.
func courses() []treatment {
	return []treatment{
		{share: 30, cancer: "C509", sex: person.Female, intent: "02", fractions: 15, dose: 40, region: "P", site: "Z151"},
		{share: 25, cancer: "C61", sex: person.Male, intent: "02", fractions: 20, dose: 60, region: "P", site: "Z422"},
		{share: 12, cancer: "C349", intent: "02", fractions: 20, dose: 55, region: "PR", site: "Z246"},
		{share: 8, cancer: "C349", intent: "01", fractions: 5, dose: 20, region: "M", site: "Z246"},
		{share: 6, cancer: "C329", intent: "02", fractions: 30, dose: 65, region: "P", site: "Z242"},
		{share: 4, cancer: "C099", intent: "02", fractions: 30, dose: 65, region: "PR", site: "Z256"},
		{share: 8, cancer: "C20", intent: "02", fractions: 25, dose: 45, region: "P", site: "Z291"},
		{share: 12, cancer: "C795", intent: "01", fractions: 1, dose: 8, region: "M", site: "Z992"},
		{share: 4, cancer: "C443", intent: "02", fractions: 10, dose: 45, region: "P", site: "Z471"},
	}
}

// hodgkin is radiotherapy of the nodes around the chest, breast tissue with it.
func hodgkin() treatment {
	return treatment{cancer: "C819", intent: "02", fractions: 17, dose: 30, region: "A", site: "Z619"}
}
