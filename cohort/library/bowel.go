package library

import (
	"fmt"

	"github.com/personalised-prevention/nhs/cohort"
)

// BowelScreening is the cohort of bowel cancer screening: aged from the youngest age to 74 on the index date,
// registered and alive. The youngest age came down from 60 to 50 between 2021 and 2025; use 50 unless the
// index date is of that time.
//
// The source is the ages as practices publish them. Partial: the kit comes every two years, which the
// screening system keeps count of, as it does of people it does not invite, such as those without a colon;
// neither is in the data.
func BowelScreening(youngest int) (*cohort.Definition, error) {
	if youngest < 50 || youngest > 60 {
		return nil, fmt.Errorf("library.BowelScreening: youngest age %d: want 50 to 60, where the programme has been", youngest)
	}
	return invite("bowel-cancer-screening", aged(fmt.Sprintf("aged %d to 74", youngest), float64(youngest), 74))
}
