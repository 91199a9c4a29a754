package synthetic

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/internal/calendar"
)

// drawer fills one field of a row.
type drawer struct {
	words []string
	draw  func(r *row, f *field)
	// whole says that draw itself leaves out what the source does not hold.
	whole bool
}

// assign gives every field of a sheet its drawer: that of its table, that which tables share, or one made of what
// the catalogue says. A column that two fields share is filled by the first.
func (v *vocabularies) assign(s *sheet) {
	own, drawn := v.drawers()[s.table.Name()]
	if !drawn {
		return // this table is filled column by column
	}
	shared := v.shared()
	done := make(map[*column]bool)
	for _, f := range s.fields {
		if done[f.columns[0]] {
			continue
		}
		d, ok := own[f.Name]
		if !ok {
			d, ok = shared[f.Name]
		}
		if !ok {
			d = v.ofCatalogue(f.ColumnInfo)
		}
		for _, c := range f.columns {
			c.words, done[c] = d.words, true
		}
		f.draw = d.draw
		if f.Filled > 0 && f.Filled < 100 && !d.whole {
			f.draw = partly(f.ColumnInfo, d.draw)
		}
	}
}

// partly leaves a field out as often as the source does. Days that hospital data lack have a day that says so.
func partly(info cohort.ColumnInfo, draw func(*row, *field)) func(*row, *field) {
	var none []calendar.Day
	for _, unknown := range info.Unknowns {
		if info.Kind == cohort.DateKind {
			none = append(none, dayOf(cohort.MustDate(unknown)))
		}
	}
	return func(r *row, f *field) {
		switch {
		case r.chance(info.Filled):
			draw(r, f)
		case len(none) == 0:
		case r.chance(invalidDayPercent):
			f.columns[0].day(none[len(none)-1])
		default:
			f.columns[0].day(none[0])
		}
	}
}

// word draws one of some words by a function.
func word(words []string, of func(r *row) int) drawer {
	return drawer{words: words, draw: func(r *row, f *field) { f.columns[0].word(of(r)) }}
}

// number draws a number by a function.
func number(of func(r *row) float64) drawer {
	return drawer{draw: func(r *row, f *field) { f.columns[0].number(of(r)) }}
}

// day draws a day by a function; none when that returns none.
func day(of func(r *row) calendar.Day) drawer {
	return drawer{draw: func(r *row, f *field) { f.columns[0].day(of(r)) }}
}

// text draws a text by a function; none when that is empty.
func text(of func(r *row) []byte) drawer {
	return drawer{draw: func(r *row, f *field) { f.columns[0].text(of(r)) }}
}

// oneOf draws one of some texts, written with their weights: "1 60, 2 40".
func oneOf(shares string) drawer {
	var list []share[string]
	for s := range strings.SplitSeq(shares, ", ") {
		at := strings.LastIndexByte(s, ' ')
		weight, err := strconv.ParseFloat(s[at+1:], 64)
		if err != nil {
			panic("synthetic: no weight: " + s) // a fault in the tables
		}
		list = append(list, share[string]{weight, s[:at]})
	}
	return choose(list)
}

func choose(list []share[string]) drawer {
	c := newChoice(list)
	words := make([]string, len(list))
	for i, s := range list {
		words[i] = s.value
	}
	return word(words, func(r *row) int { return c.draw(&r.dice) })
}

// some leaves a field out in all but a percentage of rows.
func some(percent float64, d drawer) drawer {
	return drawer{words: d.words, whole: true, draw: func(r *row, f *field) {
		if r.chance(percent) {
			d.draw(r, f)
		}
	}}
}

// listed puts places among words in the columns of a field, as many as there are.
func listed(words []string, of func(r *row) []int) drawer {
	return drawer{words: words, whole: true, draw: func(r *row, f *field) {
		list := of(r)
		for i, c := range f.columns {
			if i == len(list) {
				break
			}
			c.word(list[i])
		}
	}}
}

// ofCatalogue draws what the catalogue says that a column may hold: the values it lists, the first ones more often;
// numbers within its bounds; days of the row; codes of its system. Its values for "not known" are among them.
func (v *vocabularies) ofCatalogue(info cohort.ColumnInfo) drawer {
	switch info.Kind {
	case cohort.DateKind:
		return day(func(r *row) calendar.Day { return r.day })
	case cohort.NumberKind:
		low, high := info.Low, info.High
		if high == 0 {
			high = 100
		}
		return number(func(r *row) float64 {
			u := r.unit()
			return low + float64(int(u*u*u*(high-low+1)))
		})
	case cohort.CodeKind, cohort.CodesKind:
		return v.codes(info)
	case cohort.TextKind:
	}
	if len(info.Values) == 0 {
		return oneOf("1 50, 2 30, 3 20")
	}
	var list []share[string]
	for _, value := range slices.Sorted(maps.Keys(info.Values)) {
		weight := 100 / float64(len(list)+1)
		if slices.Contains(info.Unknowns, value) {
			weight = unknownPercent
		}
		list = append(list, share[string]{weight, value})
	}
	return choose(list)
}

// codes draws codes of a column's system, of which the first is there when any is, and each further one less often.
func (v *vocabularies) codes(info cohort.ColumnInfo) drawer {
	words := v.concepts[:400]
	switch string(info.System) {
	case "ICD-10":
		words = v.diagnoses4
	case "OPCS-4":
		words = v.procedures4[2:]
	case "SNOMED CT":
	case "dm+d":
		words = v.medicines[:400]
	default: // schemes of two or three digits
		words = make([]string, 39)
		for i := range words {
			words[i] = strconv.Itoa(101 + i)[1:]
		}
	}
	return several(words, furtherCodePercent)
}

// several draws some of the words, the first ones more often: one, and in a percentage of rows with so many one more.
func several(words []string, further float64) drawer {
	return drawer{words: words, draw: func(r *row, f *field) {
		for _, c := range f.columns {
			u := r.unit()
			c.word(int(u * u * float64(len(words))))
			if !r.chance(further) {
				return
			}
		}
	}}
}

// shared are the drawers of columns that tables of hospitals and registries have alike, by name.
func (v *vocabularies) shared() map[string]drawer {
	area := word(v.areas, func(r *row) int { return r.p.area })
	listedPractice := word(v.practices, func(r *row) int {
		if r.chance(noPracticePercent) {
			return len(v.practices) - noPractices + r.below(noPractices-1)
		}
		return r.p.practice
	})
	provider := func(words []string) drawer { return word(words, func(r *row) int { return r.p.site }) }
	ageNow, ageExact := number(func(r *row) float64 { return r.age(false) }), number(func(r *row) float64 { return r.age(true) })
	ethnicity := word(v.ethnicity, func(r *row) int {
		if r.chance(noEthnicityPercent) {
			return len(v.ethnicity) - 1
		}
		return r.p.ethnicity
	})
	stated := word([]string{"X", "1", "2", "9"}, func(r *row) int { return r.p.sex })
	return map[string]drawer{
		"SEX": word(v.sex, func(r *row) int { return r.p.sex }), "STATED_GENDER": stated, "Person_Stated_Gender_Code": stated,
		"ETHNOS": ethnicity, "LSOA01": area, "LSOA11": area,
		"MSOA11":        word(v.middleAreas, func(r *row) int { return r.p.district }),
		"RESGOR_ONS":    word(v.regions, func(r *row) int { return r.p.region }),
		"RESLADST_ONS":  word(v.districts, func(r *row) int { return r.p.district }),
		"RESIDENCE_CCG": provider(v.boards),
		"GPPRAC":        listedPractice, "PRACTICE_CODE_Patient_REGISTRATION": listedPractice, "REFERORG": listedPractice,
		"PROCODE3": provider(v.providers), "PROCODET": provider(v.providers), "PROCODE5": provider(v.sixes),
		"SITETRET": provider(v.sites), "SITE": provider(v.sites), "PROVIDER_CODE": provider(v.sixes),
		"ORGCODEPROVIDER": provider(v.providers),
		"Organisation_Identifier_(Code_Of_Provider)":     provider(v.sixes),
		"Organisation_Identifier_Of_SACT_Administration": provider(v.sites),
		"FYEAR":    word(v.years, func(r *row) int { return r.financialYear() - firstYearOfCare }),
		"PARTYEAR": number(func(r *row) float64 { return float64(r.financialYear()*100 + 99) }),
		"MYDOB":    text(func(r *row) []byte { return r.monthOfBirth() }),
		"STARTAGE": ageNow, "STARTAGE_CALC": ageExact, "APPTAGE": ageNow, "APPTAGE_CALC": ageExact,
		"ARRIVALAGE": ageNow, "ARRIVALAGE_CALC": ageExact,
		"AGE_AT_CDS_ACTIVITY_DATE": number(func(r *row) float64 { return float64(max(r.p.born.Years(r.day), 0)) }),
		"ARRIVALTIME":              word(v.times, func(r *row) int { return r.below(len(v.times)) }),
		"CCSTARTTIME":              word(v.longTimes, func(r *row) int { return r.below(len(v.times)) }),
		"ARRIVAL_TIME":             word(v.longTimes, func(r *row) int { return r.below(len(v.times)) }),
		"TIMEOFEXPOSURE":           word(v.longTimes, func(r *row) int { return 480 + r.below(600) }),
		"MAINSPEF":                 oneOf(specialties), "TRETSPEF": oneOf(specialties),
		"NHS_NUMBER_STATUS_INDICATOR_CODE": oneOf(numberStatuses), "NHS_Number_Status_Indicator_Code": oneOf(numberStatuses),
		"EPIKEY": text(func(r *row) []byte { return r.key }), "ATTENDKEY": text(func(r *row) []byte { return r.key }),
		"ECDSKEY": text(func(r *row) []byte { return r.key }), "HES_RECORD_ID": text(func(r *row) []byte { return r.key }),
		"SUSRECID": text(func(r *row) []byte { return r.join }),
		"ADMIDATE": day(func(r *row) calendar.Day { return r.from }),
		"DISDATE":  day(func(r *row) calendar.Day { return r.to }),
		"EPISTART": day(func(r *row) calendar.Day { return r.day }), "EPIEND": day(func(r *row) calendar.Day { return r.end }),
		"LINKCODE": text(func(r *row) []byte { return r.top }),
	}
}

// financialYear returns the year in which the financial year of the row began.
func (r *row) financialYear() int {
	year, month, _ := r.day.Civil()
	if month < 4 {
		year--
	}
	return max(year, firstYearOfCare)
}

// monthOfBirth returns month and year as MMYYYY.
func (r *row) monthOfBirth() []byte {
	year, month, _ := r.p.born.Civil()
	return []byte{
		decimal[month/10], decimal[month%10], decimal[year/1000], decimal[year/100%10], decimal[year/10%10], decimal[year%10],
	}
}

// age returns the age on the row's day as hospital data have it: below one year a code of its own, or a fraction.
func (r *row) age(exact bool) float64 {
	if years := r.p.born.Years(r.day); years >= 1 {
		return float64(min(years, 120))
	}
	days := int(r.day - r.p.born)
	for i, limit := range [...]int{1, 7, 29, 91, 182, 273} {
		if days < limit {
			return infancy(i, exact)
		}
	}
	return infancy(6, exact)
}

func infancy(band int, exact bool) float64 {
	if exact {
		return [...]float64{0.002, 0.010, 0.048, 0.167, 0.375, 0.625, 0.875}[band]
	}
	return float64(7001 + band)
}
