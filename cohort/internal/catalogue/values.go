package catalogue

import "fmt"

// Sex says what the codes for sex mean.
func Sex() map[string]string {
	return map[string]string{"0": "not known", "1": "male", "2": "female", "9": "not specified"}
}

// NoSex are the codes for sex that are read as not known.
func NoSex() []string { return []string{"0", "9"} }

// Ethnicity says what the ethnic categories of the census of 2001 mean.
func Ethnicity() map[string]string {
	return map[string]string{
		"A": "White: British", "B": "White: Irish", "C": "White: other",
		"D": "Mixed: White and Black Caribbean", "E": "Mixed: White and Black African",
		"F": "Mixed: White and Asian", "G": "Mixed: other",
		"H": "Asian: Indian", "J": "Asian: Pakistani", "K": "Asian: Bangladeshi", "L": "Asian: other",
		"M": "Black: Caribbean", "N": "Black: African", "P": "Black: other",
		"R": "Chinese", "S": "other", "Z": "not stated",
	}
}

// NoPractice are the practice codes that name no practice.
func NoPractice() []string { return []string{"V81997", "V81998", "V81999"} }

// NoArea are the codes of census areas that name no area.
func NoArea() []string { return []string{"Z99999999"} }

// Numbered are the names of n fields that differ in a number from 1 to n.
func Numbered(format string, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf(format, i+1)
	}
	return names
}

// NumberStatus says what the status of an NHS number in a submission means.
func NumberStatus() map[string]string {
	return map[string]string{
		"01": "present and verified", "02": "present, not traced", "03": "trace required", "04": "trace failed",
		"05": "trace to be resolved", "06": "trace in progress", "07": "not present, no trace required",
		"08": "trace postponed, baby under six weeks",
	}
}
