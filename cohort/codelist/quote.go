package codelist

import (
	"strconv"
	"strings"
)

// quote shows a text that was found where something else should be. It hides what may be an NHS number: a
// file of people can be taken for a list.
func quote(text string) string { return strconv.Quote(mask(text)) }

// mask replaces a text that may be an NHS number: ten digits, apart or not, of which the last is the check
// digit of the others.
func mask(text string) string {
	digits := strings.NewReplacer(" ", "", "-", "").Replace(text)
	if len(digits) != 10 {
		return text
	}
	sum := 0
	for i := range 9 {
		sum += (10 - i) * int(digits[i]-'0')
		if digits[i] < '0' || digits[i] > '9' {
			return text
		}
	}
	if (11-sum%11)%11 != int(digits[9]-'0') {
		return text
	}
	return "[ten digits]"
}
