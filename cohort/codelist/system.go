package codelist

import (
	"errors"
	"regexp"
	"strings"
)

// System is a coding system used in English health data.
type System string

// The coding systems whose codes are checked.
const (
	SNOMEDCT System = "SNOMED CT" // concept ids, with the Verhoeff check digit
	DMD      System = "dm+d"      // medicines; same form as SNOMED CT
	ICD10    System = "ICD-10"    // NHS fifth edition, no dot, three-character codes may end in X
	OPCS4    System = "OPCS-4"    // no dot, no chapter I

	AEDiagnosis          System = "A&E diagnosis"          // of A&E data until 2020; two digits, or three with the sub-analysis
	AEInvestigation      System = "A&E investigation"      // likewise
	AETreatment          System = "A&E treatment"          // likewise
	CriticalCareActivity System = "critical care activity" // of children and babies; two digits
)

var (
	icd10Form = regexp.MustCompile(`^[A-Z][0-9]{2}(X[0-9]?|[0-9]{0,2})$`)
	opcs4Form = regexp.MustCompile(`^[A-HJ-Z][0-9]{2,3}$`)
	aeForm    = regexp.MustCompile(`^[0-9]{2,3}$`)
	careForm  = regexp.MustCompile(`^[0-9]{2}$`)
)

// Normalise writes a code as its system stores it: without surrounding space and, for ICD-10 and OPCS-4,
// in capitals, without the dot and without the dagger.
func (s System) Normalise(code string) string {
	code = strings.TrimSpace(code)
	if s == ICD10 || s == OPCS4 {
		return strings.ToUpper(strings.TrimSuffix(strings.ReplaceAll(code, ".", ""), "†"))
	}
	return code
}

// Check reports what is wrong with a normalised code, or nil. It checks the form and any check digit; it
// cannot know whether the code was ever issued.
func (s System) Check(code string) error {
	switch s {
	case SNOMEDCT:
		return checkSNOMED(code, true)
	case DMD:
		return checkSNOMED(code, false)
	case ICD10:
		if !icd10Form.MatchString(code) {
			return errors.New("not an ICD-10 code such as I10X or E119")
		}
		return nil
	case OPCS4:
		if !opcs4Form.MatchString(code) {
			return errors.New("not an OPCS-4 code such as K40 or K401")
		}
		return nil
	case AEDiagnosis, AEInvestigation, AETreatment:
		if !aeForm.MatchString(code) {
			return errors.New("not a code of A&E data such as 20 or 201")
		}
		return nil
	case CriticalCareActivity:
		if !careForm.MatchString(code) {
			return errors.New("not a code of critical care activity such as 05")
		}
		return nil
	default:
		return errors.New("unknown coding system " + string(s))
	}
}

// checkSNOMED checks an identifier of SNOMED CT: 6 to 18 digits, the check digit, and, for a concept,
// the two partition digits before it.
func checkSNOMED(code string, concept bool) error {
	if len(code) < 6 || len(code) > 18 || code[0] == '0' {
		return errors.New("not 6 to 18 digits without a leading zero")
	}
	for i := range len(code) {
		if code[i] < '0' || code[i] > '9' {
			return errors.New("not 6 to 18 digits without a leading zero")
		}
	}
	if !verhoeff(code) {
		return errors.New("the check digit is wrong; spreadsheets damage long identifiers, so load them as text")
	}
	if partition := code[len(code)-3 : len(code)-1]; concept && partition != "00" && partition != "10" {
		return errors.New("identifies a description or a relationship, not a concept")
	}
	return nil
}

// verhoeff reports whether the last digit is the right check digit. Verhoeff's scheme multiplies, in the
// symmetry group of the pentagon, each digit after a permutation that depends on its place.
func verhoeff(digits string) bool {
	permutation := [10]int{1, 5, 7, 6, 2, 8, 3, 0, 9, 4}
	sum := 0
	for place := range len(digits) {
		d := int(digits[len(digits)-1-place] - '0')
		for range place % 8 {
			d = permutation[d]
		}
		sum = pentagon(sum, d)
	}
	return sum == 0
}

// pentagon multiplies two symmetries of the pentagon: 0 to 4 are turns, 5 to 9 are flips.
func pentagon(a, b int) int {
	turn := b % 5
	if a >= 5 {
		turn = 5 - turn
	}
	product := (a + turn) % 5
	if (a >= 5) != (b >= 5) {
		product += 5
	}
	return product
}
