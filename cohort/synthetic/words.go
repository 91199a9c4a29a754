package synthetic

import (
	"fmt"
	"strings"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// vocabularies are the texts that columns hold over and over again.
type vocabularies struct {
	sex, ethnicity                    []string
	areas, middleAreas, districts     []string // by area, district and district
	boards, providers, sites, sixes   []string // by board
	regions                           []string
	practices                         []string // and, after them, the codes that are none
	suppliers                         []string
	years, monthsOfBirth              []string // financial years from 1997, months from 1900-01
	times, longTimes                  []string // by minute
	diagnoses4, diagnoses3, diagnoses []string // the same, in three ways
	procedures4, procedures3          []string // the same
	named                             int      // how many of them the parameters name
	concepts, medicines               []string
	journal                           []string
	journalAt                         map[string]int
}

const (
	noPractices     = 5 // codes after the practices that are none
	firstMonth      = 1900
	firstYearOfCare = 1997
)

func newVocabularies(practices []share[practice]) *vocabularies {
	v := &vocabularies{
		sex:       []string{"0", "1", "2", "9", "X", "3"},
		ethnicity: strings.Split("A B C D E F G H J K L M N P R S Z X 99", " "),
		suppliers: []string{"EMIS", "TPP", "Cegedim Healthcare Suppliers", "EVA Health Technologies"},
	}
	for district := range 9 * boardsPerRegion * districtsPerBoard {
		v.areas = append(v.areas, areas(district)...)
		v.middleAreas = append(v.middleAreas, fmt.Sprintf("E029%05d", district))
		v.districts = append(v.districts, fmt.Sprintf("E099%05d", district))
	}
	v.areas = append(v.areas, noArea)
	for region := range 9 {
		v.regions = append(v.regions, fmt.Sprintf("E12%06d", region+1))
	}
	for board := range 9 * boardsPerRegion {
		provider := fmt.Sprintf("Y%c9", 'A'+board)
		v.boards = append(v.boards, "QZ"+boardCharacters[board:board+1])
		v.providers = append(v.providers, provider)
		v.sites = append(v.sites, provider+"01")
		v.sixes = append(v.sixes, provider+"00")
	}
	for _, p := range practices {
		v.practices = append(v.practices, p.value.code)
	}
	v.practices = append(v.practices, "V81999", "V81997", "V81998", "&", "X99999")
	for year := firstYearOfCare; year < 2200; year++ {
		v.years = append(v.years, fmt.Sprintf("%02d%02d", year%100, (year+1)%100))
	}
	for month := firstMonth * 12; month < 2200*12; month++ {
		v.monthsOfBirth = append(v.monthsOfBirth, fmt.Sprintf("%04d-%02d", month/12, month%12+1))
	}
	for minute := range 24 * 60 {
		v.times = append(v.times, fmt.Sprintf("%02d%02d", minute/60, minute%60))
		v.longTimes = append(v.longTimes, fmt.Sprintf("%02d:%02d:00", minute/60, minute%60))
	}
	v.hospital()
	for i := range inventedConcepts {
		v.concepts = append(v.concepts, invented(1000+i))
		v.medicines = append(v.medicines, invented(5000+i))
	}
	v.journalCodes()
	return v
}

// hospital lists diagnoses and procedures: those that the parameters name, and after them codes of every shape.
func (v *vocabularies) hospital() {
	add := func(code string) {
		v.diagnoses4 = append(v.diagnoses4, code)
		v.diagnoses3 = append(v.diagnoses3, code[:3])
		v.diagnoses = append(v.diagnoses, code)
	}
	for code := range strings.FieldsSeq(namedDiagnoses) {
		add(code)
	}
	v.named = len(v.diagnoses4)
	v.diagnoses[0] = "R69X6" // as the companion table writes that none is known
	for letter := 'A'; letter <= 'Z'; letter++ {
		for n := range 100 {
			for _, digit := range "0189" {
				add(fmt.Sprintf("%c%02d%c", letter, n, digit))
			}
		}
	}
	for code := range strings.FieldsSeq(namedProcedures) {
		v.procedures4 = append(v.procedures4, code)
		v.procedures3 = append(v.procedures3, code[:min(len(code), 3)])
	}
	for letter := 'A'; letter <= 'W'; letter++ {
		for n := 1; n < 70; n++ {
			for _, digit := range "1289" {
				v.procedures4 = append(v.procedures4, fmt.Sprintf("%c%02d%c", letter, n, digit))
				v.procedures3 = append(v.procedures3, fmt.Sprintf("%c%02d", letter, n))
			}
		}
	}
}

// journalCodes lists the codes of GP journals: those of the core, of histories and readings, and invented ones.
func (v *vocabularies) journalCodes() {
	v.journalAt = make(map[string]int)
	add := func(code string) {
		if _, ok := v.journalAt[code]; !ok {
			v.journalAt[code] = len(v.journal)
			v.journal = append(v.journal, code)
		}
	}
	for _, code := range v.concepts {
		add(code)
	}
	for _, code := range v.medicines {
		add(code)
	}
	for _, c := range conditions() {
		for _, s := range c.codes {
			add(s.value)
		}
	}
	for _, code := range []string{bloodPressureCode, bodyMassCode, smokerCode, exSmokerCode, neverSmokedCode, therapyCode} {
		add(code)
	}
	for _, h := range histories() {
		for code := range strings.FieldsSeq(h.codes + " " + h.resolved) {
			add(code)
		}
	}
	for _, r := range readings() {
		add(r.code)
	}
	for _, m := range medicines() {
		add(m.code)
	}
}

// inventedConcepts is how many codes are made up for each of events and medicines.
const inventedConcepts = 4000

// invented returns a SNOMED CT identifier that nobody has issued: of the highest namespace, with a right check
// digit.
func invented(item int) string {
	const namespace = "999999910"
	text := fmt.Sprintf("%d%s", item, namespace)
	for digit := '0'; digit <= '9'; digit++ {
		if code := text + string(digit); codelist.SNOMEDCT.Check(code) == nil {
			return code
		}
	}
	return text // never: one digit of ten is right
}
