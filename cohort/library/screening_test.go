package library_test

import (
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/library"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// ageScreening are the programmes that go by age and sex.
func ageScreening() []boundary {
	const day = "2025-06-01"
	bowel := func(youngest int) func() (*cohort.Definition, error) {
		return func() (*cohort.Definition, error) { return library.BowelScreening(youngest) }
	}
	aaa := func(choices library.AAAChoices) func() (*cohort.Definition, error) {
		return func() (*cohort.Definition, error) { return library.AAAScreening(choices) }
	}
	man, unknown := is(person.Gender.Of(person.Male)), is(person.Gender.Of("9"))
	return []boundary{
		{"bowel-cancer-screening", "from 50 on 1 June 2025", asOf(day, bowel(50)), append(nobody("1970-01-01", day), []witness{
			{"49 for one more day", somebody("1975-06-02"), cohort.NotMember},
			{"50 today", somebody("1975-06-01"), cohort.Member},
			{"74 for one more day", somebody("1950-06-02"), cohort.Member},
			{"75 today", somebody("1950-06-01"), cohort.NotMember},
			{"birth not known", somebody(""), cohort.Referred},
		}...)},
		{"bowel-cancer-screening", "from 60", asOf(day, bowel(60)), []witness{
			{"59 for one more day", somebody("1965-06-02"), cohort.NotMember},
			{"60 today", somebody("1965-06-01"), cohort.Member},
		}},
		{"breast-screening", "on 1 June 2025", asOf(day, library.BreastScreening), append(nobody("1970-01-01", day), []witness{
			{"49 for one more day", somebody("1975-06-02"), cohort.NotMember},
			{"50 today", somebody("1975-06-01"), cohort.Member},
			{"70 for one more day", somebody("1954-06-02"), cohort.Member},
			{"71st birthday", somebody("1954-06-01"), cohort.NotMember},
			{"born on a leap day, 50 on 1 March", somebody("1976-02-29"), cohort.NotMember},
			{"a man", somebody("1970-01-01", man), cohort.NotMember},
			{"sex not specified", somebody("1970-01-01", unknown), cohort.Referred},
			{"birth not known", somebody(""), cohort.Referred},
		}...)},
		{"abdominal-aortic-aneurysm-screening", "in 2024/25", asOf("2025-03-31", aaa(library.AAAChoices{})), append(nobody("1960-01-01", "2025-03-31", man), []witness{
			{"born 1959-04-01", somebody("1959-04-01", man), cohort.Member},
			{"born 1959-03-31", somebody("1959-03-31", man), cohort.NotMember},
			{"born 1960-03-31", somebody("1960-03-31", man), cohort.Member},
			{"born 1960-04-01", somebody("1960-04-01", man), cohort.NotMember},
			{"a woman", somebody("1960-01-01"), cohort.NotMember},
			{"sex not specified", somebody("1960-01-01", unknown), cohort.Referred},
			{"birth not known", somebody("", man), cohort.Referred},
		}...)},
		{"abdominal-aortic-aneurysm-screening", "in 2025/26", asOf("2025-04-01", aaa(library.AAAChoices{})), []witness{
			{"born 1960-03-31", somebody("1960-03-31", man), cohort.NotMember},
			{"born 1960-04-01", somebody("1960-04-01", man), cohort.Member},
		}},
		{"abdominal-aortic-aneurysm-screening", "with self-referral", asOf("2025-04-01", aaa(library.AAAChoices{SelfReferral: true})), []witness{
			{"born 1940-01-01", somebody("1940-01-01", man), cohort.Member},
			{"born 1961-03-31", somebody("1961-03-31", man), cohort.Member},
			{"born 1961-04-01", somebody("1961-04-01", man), cohort.NotMember},
		}},
	}
}

func TestBowelScreeningRefuses(t *testing.T) {
	t.Parallel()
	for _, youngest := range []int{49, 61} {
		if _, err := library.BowelScreening(youngest); err == nil || !strings.Contains(err.Error(), "youngest age") {
			t.Errorf("%d: got %v", youngest, err)
		}
	}
}

func cervical() []boundary {
	const day, at40, at55 = "2026-06-01", "1986-01-01", "1971-01-01"
	with := func(choices library.CervicalChoices) func() (*cohort.Plan, error) {
		return asOf(day, func() (*cohort.Definition, error) { return library.CervicalScreening(choices) })
	}
	return []boundary{
		{"cervical-screening", "three and five years on 1 June 2026", with(library.CervicalChoices{}), append(nobody(at40, day), []witness{
			{"24 and a half tomorrow", somebody("2001-12-02"), cohort.NotMember},
			{"24 and a half today", somebody("2001-12-01"), cohort.Member},
			{"64 for one more day", somebody("1961-06-02"), cohort.Member},
			{"65 today", somebody("1961-06-01"), cohort.NotMember},
			{"40, test 3 years ago to the day", somebody(at40, has("SMEAR_COD", "2023-06-01")), cohort.NotMember},
			{"40, test a day earlier", somebody(at40, has("SMEAR_COD", "2023-05-31")), cohort.Member},
			{"40, no virus found 3 years ago to the day", somebody(at40, has("hpv-negative", "2023-06-01")), cohort.NotMember},
			{"49 for one more day, test 4 years ago", somebody("1976-06-02", has("SMEAR_COD", "2022-06-01")), cohort.Member},
			{"50 today, test 4 years ago", somebody("1976-06-01", has("SMEAR_COD", "2022-06-01")), cohort.NotMember},
			{"55, test 5 years ago to the day", somebody(at55, has("SMEAR_COD", "2021-06-01")), cohort.NotMember},
			{"55, test a day earlier", somebody(at55, has("SMEAR_COD", "2021-05-31")), cohort.Member},
			{"total hysterectomy", somebody(at40, has("total-hysterectomy", "2020-01-01")), cohort.NotMember},
			{"a man", somebody(at40, is(person.Gender.Of(person.Male))), cohort.NotMember},
			{"sex not known", somebody(at40, is(person.Gender.Of("0"))), cohort.Referred},
			{"birth not known", somebody(""), cohort.Referred},
		}...)},
		{
			"cervical-screening", "five years on 1 June 2029",
			asOf("2029-06-01", func() (*cohort.Definition, error) {
				return library.CervicalScreening(library.CervicalChoices{FiveYears: true})
			}),
			[]witness{
				{"no virus on 1 July 2025", somebody("1989-01-01", has("hpv-negative", "2025-07-01")), cohort.NotMember},
				{"no virus on 30 June 2025", somebody("1989-01-01", has("hpv-negative", "2025-06-30")), cohort.Member},
				{"no virus, another test since", somebody("1989-01-01", has("hpv-negative", "2025-07-01"), has("SMEAR_COD", "2025-08-01")), cohort.Member},
				{"no virus twice, another test between", somebody("1989-01-01", has("hpv-negative", "2025-07-01"), has("SMEAR_COD", "2025-08-01"), has("hpv-negative", "2025-09-01")), cohort.NotMember},
				{"a test without result on 1 July 2025", somebody("1989-01-01", has("SMEAR_COD", "2025-07-01")), cohort.Member},
			},
		},
		{
			"cervical-screening", "five years on 2 July 2030",
			asOf("2030-07-02", func() (*cohort.Definition, error) {
				return library.CervicalScreening(library.CervicalChoices{FiveYears: true})
			}),
			[]witness{
				{"no virus 5 years ago to the day", somebody("1989-01-01", has("hpv-negative", "2025-07-02")), cohort.NotMember},
				{"no virus a day earlier", somebody("1989-01-01", has("hpv-negative", "2025-07-01")), cohort.Member},
			},
		},
	}
}
