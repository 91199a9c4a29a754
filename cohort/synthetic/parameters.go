package synthetic

import "github.com/personalised-prevention/nhs/cohort/person"

// This file is the table of everything the population is drawn from. Each figure says where it comes from:
//
//	published  a public source, named
//	memory     believed to be published, but not checked against a source
//	assumed    chosen here, to exercise software

// Figures in percent of people, unless another unit is given.
const (
	womenPercent       = 51.0 // published: Census 2021, England and Wales
	sexUnknownPercent  = 0.1  // assumed: code 0, not known
	sexNotGivenPercent = 0.05 // assumed: code 9, not specified

	birthMonthOnlyPercent = 0.2  // assumed: born in a known month, such as 1932-05
	birthYearOnlyPercent  = 0.1  // assumed: born in a known year
	birthMissingPercent   = 0.05 // assumed

	noAddressPercent  = 0.05 // published: LSOA filled in 99.95% of GDPPR rows, November 2025
	restrictedPercent = 0.3  // assumed: details restricted in PDS; the extract does not say so
	twinPercent       = 0.3  // assumed: a second, superseded number for a person who has another

	movedPercent       = 1.5  // memory: some 9% move home in a year; here, in the months since the extract
	removedPercent     = 3.0  // assumed: left their practice in the last removedMonths
	removedMonths      = 24   // months before Config.On
	earlierPercent     = 14.0 // published: 71.1 million pairs of person and practice for 62.2 million people, GDPPR, May 2022
	informalPercent    = 15.0 // assumed: of deaths, notified informally
	undatedPercent     = 30.0 // assumed: of informal notifications, without a date
	deathMonths        = 12   // months before Config.On in which the dead died
	deathNoticeDays    = 14   // assumed: a death is notified in fewer days than this
	ethnicNotSaid      = 4.0  // assumed: Z, not stated
	londonEthnicity    = 2.4  // assumed: times as many outside category A in London
	elsewhereEthnicity = 0.74 // assumed: the same outside London, so that the average stays
)

// Figures of the GP journal, in percent of rows unless another unit is given.
const (
	ethnicFilledPercent  = 36.8 // published: GDPPR completeness, November 2025
	episodeFilledPercent = 3.5  // published: the same; of entries of any kind
	dateMissingPercent   = 0.03 // published: the same; written as 1800-01-01
	typedMissingPercent  = 0.06 // published: the same
	futurePercent        = 0.02 // assumed rate; published: GDPPR holds dates up to 2919
	twicePercent         = 0.5  // assumed: the same row twice
	lateEntryPercent     = 20.0 // assumed: typed up to a month later
	backDatedPercent     = 5.0  // assumed: of diagnoses, typed years later
	implausiblePercent   = 0.3  // assumed: of readings

	smokerPercent        = 13.5 // published: QOF, adults
	exSmokerPercent      = 24.0 // assumed
	smokingAskedPercent  = 90.0 // assumed: of adults, with a smoking status on record
	pressureTakenPercent = 45.0 // assumed: of adults, and everybody with hypertension
	bodyMassTakenPercent = 55.0 // assumed: of adults

	therapyPercent = 15.0 // assumed: of adults, a contact within therapyYears, so some 3% within a year
	therapyYears   = 5    // years before the extract
	therapyWomen   = 1.3  // published: men are under-represented; assumed: by how much
	therapyMen     = 0.7  // assumed
	therapyFrom65  = 0.43 // published: 5.1% of referrals are of people of 65 or over, against 12% expected

	// Means and standard deviations, all assumed: mmHg, and kg/m2 for body mass.
	systolicMean, systolicDeviation   = 126.0, 14.0
	diastolicMean, diastolicDeviation = 78.0, 9.0
	systolicRaised, diastolicRaised   = 14.0, 7.0 // more with hypertension
	bodyMassMean, bodyMassDeviation   = 27.4, 5.0
)

// tables are the distributions below, made once.
type tables struct {
	ages           []share[ageBand]
	sexes          []share[string]
	given          map[string][]string
	family         []string
	categoryA      float64
	others         []share[string]
	otherEthnicity byAge
	removals       []share[string]
	deaths         byAge
	conditions     []condition
}

func newTables() (t tables) {
	t.ages, t.removals, t.deaths, t.conditions = ageBands(), removals(), deaths(), conditions()
	t.categoryA, t.others = ethnicities()
	t.otherEthnicity = otherEthnicity()
	t.sexes = []share[string]{
		{sexUnknownPercent, "0"},
		{sexNotGivenPercent, "9"},
		{womenPercent, person.Female},
		{100 - womenPercent, person.Male},
	}
	t.family, t.given = familyNames(), make(map[string][]string)
	for _, sex := range t.sexes {
		t.given[sex.value] = givenNames(sex.value)
	}
	return t
}

// ageBand is a range of ages in completed years.
type ageBand struct{ from, width int }

// ageBands are from memory of Census 2021, England, table TS007A. Ages from 85 reach 99, ever fewer.
func ageBands() []share[ageBand] {
	return []share[ageBand]{
		{5.4, ageBand{0, 5}},
		{5.9, ageBand{5, 5}},
		{6.0, ageBand{10, 5}},
		{5.7, ageBand{15, 5}},
		{6.0, ageBand{20, 5}},
		{6.6, ageBand{25, 5}},
		{7.0, ageBand{30, 5}},
		{6.7, ageBand{35, 5}},
		{6.3, ageBand{40, 5}},
		{6.4, ageBand{45, 5}},
		{6.9, ageBand{50, 5}},
		{6.7, ageBand{55, 5}},
		{5.8, ageBand{60, 5}},
		{4.9, ageBand{65, 5}},
		{5.0, ageBand{70, 5}},
		{3.6, ageBand{75, 5}},
		{2.5, ageBand{80, 5}},
		{2.4, ageBand{85, 15}},
	}
}

// byAge holds percentages for people under 20, 20 to 39, 40 to 59, 60 to 79, and 80 or over.
type byAge [5]float64

func (b byAge) at(age int) float64 { return b[min(age/20, len(b)-1)] }

// deaths is the percentage who died in deathMonths. Published: 0.55 to 0.6 million deaths a year in England,
// about 1% of people. Assumed: by age.
func deaths() byAge { return byAge{0.02, 0.05, 0.3, 1.8, 10} }

// otherEthnicity scales the share of people outside category A by age, so that the average stays. Assumed.
func otherEthnicity() byAge { return byAge{1.3, 1.2, 0.95, 0.55, 0.5} }

// condition is a long-term condition on the GP record.
type condition struct {
	percent byAge
	from    int // age in years from which it begins
	codes   []share[string]
	// doubles says that the condition of this place in the list doubles the chance of this one; or -1.
	doubles int
}

// Places in the list of conditions.
const (
	hypertension = iota
	diabetes
	asthma
	osteoarthritis
	coronaryHeartDisease
	smoking // is none, but what people do
)

// conditions are published by QOF as percentages of all ages: hypertension 15.3, diabetes 6.5, coronary
// heart disease 3.0; from memory of QOF, asthma 6.5; assumed, osteoarthritis 10.5, which QOF does not count.
// The shares of ages and codes are assumed, and average to those figures. Hypertension doubling coronary
// heart disease is assumed.
func conditions() []condition {
	return []condition{
		hypertension: {
			percent: byAge{0.1, 2, 14, 42, 60}, from: 18, doubles: -1,
			codes: []share[string]{{75, "38341003"}, {25, "59621000"}},
		},
		diabetes: {
			percent: byAge{0.3, 1.3, 7, 17, 20}, from: 5, doubles: -1,
			codes: []share[string]{{92, "44054006"}, {8, "46635009"}},
		},
		asthma: {
			percent: byAge{4, 6.5, 7.2, 8.4, 7.5}, from: 3, doubles: -1,
			codes: []share[string]{{100, "195967001"}},
		},
		osteoarthritis: {
			percent: byAge{0, 0.5, 9, 30, 45}, from: 35, doubles: -1,
			codes: []share[string]{{100, "396275006"}},
		},
		coronaryHeartDisease: {
			percent: byAge{0, 0.1, 1.8, 9.1, 15}, from: 35, doubles: hypertension,
			codes: []share[string]{{60, "53741008"}, {40, "194828000"}},
		},
	}
}

// SNOMED CT concepts of other journal entries.
const (
	bloodPressureCode = "75367002"
	bodyMassCode      = "60621009"
	heightCode        = "50373000" // in centimetres
	smokerCode        = "77176002"
	exSmokerCode      = "8517006"
	neverSmokedCode   = "266919005"
	therapyCode       = "308459004"
)

// ethnicities are the categories of 2001. Published by the Census of 2021, England and Wales: A, C, H, K, R
// and the sums of the five groups; from memory: the splits within groups, and J. Category C holds Gypsy,
// Roma and Irish Traveller people.
func ethnicities() (categoryA float64, others []share[string]) {
	return 74.4, []share[string]{
		{0.9, "B"},
		{6.5, "C"},
		{0.9, "D"},
		{0.4, "E"},
		{0.8, "F"},
		{0.8, "G"},
		{3.1, "H"},
		{2.7, "J"},
		{1.1, "K"},
		{1.6, "L"},
		{1.0, "M"},
		{2.5, "N"},
		{0.5, "P"},
		{0.7, "R"},
		{2.1, "S"},
	}
}

// region is a region of England with a postcode area that does not exist.
type region struct{ name, postcodeArea string }

const london = "London"

// regions are from memory of Census 2021, as percentages of England.
func regions() []share[region] {
	return []share[region]{
		{4.7, region{"North East", "NA"}},
		{13.1, region{"North West", "NB"}},
		{9.7, region{"Yorkshire and The Humber", "YB"}},
		{8.6, region{"East Midlands", "EB"}},
		{10.5, region{"West Midlands", "WB"}},
		{11.2, region{"East of England", "EF"}},
		{15.6, region{london, "LB"}},
		{16.4, region{"South East", "SB"}},
		{10.1, region{"South West", "SF"}},
	}
}

// listSizes are the sizes of a board's practices as multiples of a typical one: a log-normal spread with a
// standard deviation of 0.5. Assumed.
func listSizes() []float64 {
	return []float64{0.42, 0.56, 0.67, 0.77, 0.86, 0.95, 1.05, 1.16, 1.30, 1.49, 1.78, 2.38}
}

// removals are reasons to leave a practice's list, other than death: embarked, gone away, to Scotland, to
// Northern Ireland, armed forces. Shares assumed; codes are those of NHAIS.
func removals() []share[string] {
	return []share[string]{{45, "EMB"}, {30, "CGA"}, {15, "SCT"}, {5, "NIT"}, {5, "AFL"}}
}

// contact holds the percentages of people who read messages in the NHS App, and whose PDS record has a
// mobile number and an email address.
type contact struct{ app, mobile, email float64 }

// contacts are assumed. The NHS App is for people of 13 or over.
func contacts(age int) contact {
	switch {
	case age < 13:
		return contact{0, 70, 50}
	case age < 65:
		return contact{78, 93, 80}
	case age < 80:
		return contact{62, 85, 65}
	default:
		return contact{28, 55, 30}
	}
}

// Names are invented; a few carry the marks that break software.
func familyNames() []string {
	return []string{
		"Alderfable", "Brambleford", "Candlewick-Moor", "Dunmarrow", "Elmsworthy", "Fennimock", "Gorsehill",
		"Hazelmere-Test", "Inkberrow", "Juniperley", "Kestlewood", "Larkspurling", "Mockridge", "Nettlecombe",
		"O'Fable", "Pebblethwaite", "Quillfeather", "Rushmarsh", "Sampleton", "Thistledown", "Underbough",
		"Vellumby", "Wayfarrow", "Żabowska",
	}
}

func givenNames(gender string) []string {
	switch gender {
	case "1":
		return []string{"Aldo", "Bramwell", "Corin", "Dorian", "Eamon", "Florian", "Gideon", "Hamish", "Idris", "Jago"}
	case "2":
		return []string{"Ailsa", "Briony", "Clover", "Delphine", "Elowen", "Fenella", "Greta", "Héloïse", "Isolde", "Juno"}
	default:
		return []string{"Ashby", "Blake", "Cove", "Drew", "Ember"}
	}
}
