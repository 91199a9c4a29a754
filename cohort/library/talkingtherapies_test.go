package library_test

import (
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/library"
	"github.com/personalised-prevention/nhs/cohort/person"
)

func talkingTherapies() []boundary {
	const day, born, contact = "2025-06-01", "1970-01-01", "talking-therapies-contact"
	plan := func(day string) func() (*cohort.Plan, error) {
		return asOf(day, func() (*cohort.Definition, error) {
			return library.TalkingTherapies(45, 70, person.Practice.In("A81001", "A81002"))
		})
	}
	ill := has("HYP_COD", "2010-01-01")
	people := append(nobody(born, day, ill), []witness{
		{"hypertension", somebody(born, ill), cohort.Member},
		{"45 today", somebody("1980-06-01", ill), cohort.Member},
		{"45 tomorrow", somebody("1980-06-02", ill), cohort.NotMember},
		{"70 for one more day", somebody("1954-06-02", ill), cohort.Member},
		{"71 today", somebody("1954-06-01", ill), cohort.NotMember},
		{"birth not known", somebody("", ill), cohort.Referred},
		{"birth not known and no condition", somebody(""), cohort.NotMember},
		{"second practice", somebody(born, ill, is(person.Practice.Of("A81002"))), cohort.Member},
		{"another place", somebody(born, ill, is(person.Practice.Of("A81003"))), cohort.NotMember},
		{"no condition", somebody(born), cohort.NotMember},
		{"condition today", somebody(born, has("HYP_COD", day)), cohort.Member},
		{"condition tomorrow", somebody(born, has("HYP_COD", "2025-06-02")), cohort.NotMember},
		{"condition without a day", somebody(born, has("HYP_COD", "1900-01-01")), cohort.NotMember},
		{"another code", somebody(born, has(contact, "2010-01-01")), cohort.NotMember},
		{"dies tomorrow", somebody(born, ill, is(person.DateOfDeath.Of(on("2025-06-02")), person.DeathStatus.Of("2"))), cohort.Member},
		{"contact on the first day of the window", somebody(born, ill, has(contact, "2024-06-01")), cohort.NotMember},
		{"contact a day earlier", somebody(born, ill, has(contact, "2024-05-31")), cohort.Member},
		{"contact today", somebody(born, ill, has(contact, day)), cohort.NotMember},
		{"contact tomorrow", somebody(born, ill, has(contact, "2025-06-02")), cohort.Member},
	}...)
	for _, condition := range []string{"HYP_COD", "osteoarthritis", "DM_COD", "AST_COD", "CHD_COD"} {
		people = append(people, witness{condition, somebody(born, has(condition, "2020-01-01")), cohort.Member})
	}
	leap := func(want cohort.Outcome) []witness {
		return []witness{{"45 on 1 March, born on a leap day", somebody("1980-02-29", ill), want}}
	}
	return []boundary{
		{"talking-therapies", "45 to 70 on 1 June 2025", plan(day), people},
		{"talking-therapies", "on 28 February 2025", plan("2025-02-28"), leap(cohort.NotMember)},
		{"talking-therapies", "on 1 March 2025", plan("2025-03-01"), leap(cohort.Member)},
	}
}

func underrepresented() []boundary {
	const day, born, id = "2025-06-01", "1980-01-01", "talking-therapies-underrepresented"
	man, low := is(person.Gender.Of(person.Male)), has("DEPR_COD", "2025-01-01")
	ethnicity := func(day, category string) change {
		return has("60621009", day, gpes.Ethnicity.Of(category))
	}
	return []boundary{{
		id, "on 1 June 2025", asOf(day, func() (*cohort.Definition, error) { return library.TalkingTherapiesUnderrepresented() }),
		append(nobody(born, day, man, low), []witness{
			{"a man with depression", somebody(born, man, low), cohort.Member},
			{"a woman with depression", somebody(born, low), cohort.NotMember},
			{"a man without", somebody(born, man), cohort.NotMember},
			{"17 for one more day", somebody("2007-06-02", man, low), cohort.NotMember},
			{"18 today", somebody("2007-06-01", man, low), cohort.Member},
			{"birth not known", somebody("", man, low), cohort.Referred},

			{"anxiety long ago", somebody(born, man, has("anxiety", "1999-01-01")), cohort.Member},
			{"depression long ago", somebody(born, man, has("DEPR_COD", "1999-01-01")), cohort.Member},
			{"depression resolved", somebody(born, man, has("DEPR_COD", "2020-01-01"), has("DEPRES_COD", "2021-01-01")), cohort.NotMember},
			{"depression and its end on one day", somebody(born, man, has("DEPR_COD", "2020-01-01"), has("DEPRES_COD", "2020-01-01")), cohort.Member},
			{"depression 12 months ago, resolved since", somebody(born, man, has("DEPR_COD", "2024-06-01"), has("DEPRES_COD", "2024-09-01")), cohort.Member},
			{"depression a day earlier, resolved since", somebody(born, man, has("DEPR_COD", "2024-05-31"), has("DEPRES_COD", "2024-09-01")), cohort.NotMember},
			{"contact 12 months ago", somebody(born, man, low, has("talking-therapies-contact", "2024-06-01")), cohort.NotMember},
			{"contact a day earlier", somebody(born, man, low, has("talking-therapies-contact", "2024-05-31")), cohort.Member},

			{"64 for one more day", somebody("1960-06-02", low), cohort.NotMember},
			{"65 today", somebody("1960-06-01", low), cohort.Member},
			{"sex not known", somebody(born, low, is(person.Gender.Of("0"))), cohort.NotMember},
			{"Indian", somebody(born, low, ethnicity("2020-01-01", "H")), cohort.Member},
			{"other white", somebody(born, low, ethnicity("2020-01-01", "C")), cohort.NotMember},
			{"not stated since", somebody(born, low, ethnicity("2020-01-01", "H"), ethnicity("2021-01-01", "Z")), cohort.Member},
			{"British since", somebody(born, low, ethnicity("2020-01-01", "H"), ethnicity("2021-01-01", "A")), cohort.NotMember},
			{"second tenth of deprivation", somebody(born, low, is(person.IMDDecile.Of(2))), cohort.Member},
			{"third tenth of deprivation", somebody(born, low, is(person.IMDDecile.Of(3))), cohort.NotMember},
			{"learning disability", somebody(born, low, has("LEARNDIS_COD", "2000-01-01")), cohort.Member},
			{"carer", somebody(born, low, has("CARER_COD", "2020-01-01")), cohort.Member},
			{"refugee", somebody(born, low, has("refugee", "2020-01-01")), cohort.Member},
			{"veteran", somebody(born, low, has("veteran", "2020-01-01")), cohort.Member},
		}...),
	}}
}

func TestTalkingTherapiesRefuses(t *testing.T) {
	t.Parallel()
	for _, ages := range [][2]int{{70, 45}, {-1, 45}, {45, 131}} {
		if _, err := library.TalkingTherapies(ages[0], ages[1], person.Practice.Known()); err == nil || !strings.Contains(err.Error(), "ages") {
			t.Errorf("ages %v: got %v", ages, err)
		}
	}
	if _, err := library.TalkingTherapies(45, 70, cohort.Criterion{}); err == nil || !strings.Contains(err.Error(), "place") {
		t.Errorf("no place: got %v", err)
	}
	for _, place := range []cohort.Criterion{person.LSOA.In("E01000001"), person.Outcode.In("LS1"), person.ICB.In("QWO"), person.Practice.Known()} {
		if _, err := library.TalkingTherapies(45, 70, place); err != nil {
			t.Errorf("place: %v", err)
		}
	}
}
