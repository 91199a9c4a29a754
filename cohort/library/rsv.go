package library

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// RSVRolling is the cohort of the vaccination against respiratory syncytial virus that people join at 75:
// aged 75 to 79 on the index date.
//
// The source is the cohort rsv_75_rolling of NHS England's eligibility signposting service, as its published
// tests and configuration name it. People who have had the vaccine are not taken out.
func RSVRolling() (*cohort.Definition, error) {
	return invite("rsv-75-rolling", aged("aged 75 to 79", 75, 79))
}

// RSV2024 is the cohort of people who turned 80 after the programme began, on 1 September 2024, and stay
// eligible until 31 August 2025: its index date is a day up to then.
//
// The source is the cohort rsv_75to79_2024 of NHS England's eligibility signposting service. Somebody who
// turned 80 on 1 September 2024 is not in it, as the source says after. People who have had the vaccine are
// not taken out.
func RSV2024() (*cohort.Definition, error) {
	began := cohort.MustDate("2024-09-01")
	return invite("rsv-75to79-2024",
		cohort.Include("turned 80 after 1 September 2024", cohort.All(
			person.AgeOn(began).AtMost(79),
			person.AgeOn(cohort.Index).AtLeast(80))).IfUnknown(cohort.Refer),
		cohort.Include("asked by 31 August 2025", cohort.Day(cohort.Index).NotAfter(cohort.MustDate("2025-08-31"))).IfUnknown(cohort.TreatAsNo))
}
