package library

import "github.com/personalised-prevention/nhs/cohort"

// BreastScreening is the cohort of breast screening: women from 50 up to the day before the 71st birthday.
//
// The source is the ages of NHS England's guidance on very high risk screening, which implies the 71st
// birthday, and of practices, which say 50 to 71. Partial: invitations come every three years, by practice,
// which the screening system keeps count of; people recorded as male who have breasts, and women without,
// cannot be told from the data. Whoever is recorded as neither is referred.
func BreastScreening() (*cohort.Definition, error) {
	return invite("breast-screening", female(), aged("aged 50 to 70", 50, 70))
}
