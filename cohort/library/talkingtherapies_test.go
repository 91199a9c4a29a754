package library_test

import (
	"fmt"
	"log"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/library"
	"github.com/personalised-prevention/nhs/cohort/person"
)

const (
	nhsNumber    = "9990000018"
	hypertension = "38341003"
	contact      = "308459004"
)

type cell = cohort.Cell[cohort.Criterion]

func on(text string) cohort.Date { return cohort.MustDate(text) }

// patient is inside the cohort of 45 to 70 as at 2025-06-01, except for what a test changes.
func patient(fields ...cell) *cohort.Record {
	r := cohort.NewRecord(nhsNumber, person.DateOfBirth.Of(on("1970-01-01")), person.Practice.Of("A81001"))
	r.Set(fields...)
	return r
}

// with adds an entry to the GP journal.
func with(r *cohort.Record, code, day string) *cohort.Record {
	cohort.Append(r, gpes.Code.Of(code), gpes.Date.Of(on(day)))
	return r
}

func plan(tb testing.TB, index string) *cohort.Plan {
	tb.Helper()
	definition, err := library.TalkingTherapies(45, 70, person.Practice.In("A81001", "A81002"))
	if err != nil {
		tb.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(on(index)))
	if err != nil {
		tb.Fatal(err)
	}
	return plan
}

func TestTalkingTherapies(t *testing.T) {
	t.Parallel()
	ill := func(fields ...cell) *cohort.Record { return with(patient(fields...), hypertension, "2010-01-01") }
	born := person.DateOfBirth.Of
	tests := []struct {
		name   string
		record *cohort.Record
		want   cohort.Outcome
	}{
		{"inside", ill(), cohort.Member},
		{"45 today", ill(born(on("1980-06-01"))), cohort.Member},
		{"45 tomorrow", ill(born(on("1980-06-02"))), cohort.NotMember},
		{"70 for one more day", ill(born(on("1954-06-02"))), cohort.Member},
		{"71 today", ill(born(on("1954-06-01"))), cohort.NotMember},
		{"birth not known", ill(born(cohort.Date{})), cohort.Referred},
		{"birth not known and no condition", patient(born(cohort.Date{})), cohort.NotMember},

		{"not registered", ill(person.Practice.Of("")), cohort.NotMember},
		{"dummy practice", ill(person.Practice.Of("V81999")), cohort.NotMember},
		{"removed from the list", ill(person.ReasonForRemoval.Of("EMB")), cohort.NotMember},
		{"second practice", ill(person.Practice.Of("A81002")), cohort.Member},
		{"another place", ill(person.Practice.Of("A81003")), cohort.NotMember},

		{"no condition", patient(), cohort.NotMember},
		{"condition today", with(patient(), hypertension, "2025-06-01"), cohort.Member},
		{"condition tomorrow", with(patient(), hypertension, "2025-06-02"), cohort.NotMember},
		{"condition without a day", with(patient(), hypertension, "1900-01-01"), cohort.NotMember},
		{"another code", with(patient(), contact, "2010-01-01"), cohort.NotMember},

		{"died today", ill(person.DateOfDeath.Of(on("2025-06-01"))), cohort.NotMember},
		{"died tomorrow", ill(person.DateOfDeath.Of(on("2025-06-02")), person.DeathStatus.Of("2")), cohort.Member},
		{"died, day not known", ill(person.DeathStatus.Of("1")), cohort.NotMember},

		{"contact on the first day of the window", with(ill(), contact, "2024-06-01"), cohort.NotMember},
		{"contact a day earlier", with(ill(), contact, "2024-05-31"), cohort.Member},
		{"contact today", with(ill(), contact, "2025-06-01"), cohort.NotMember},
		{"contact tomorrow", with(ill(), contact, "2025-06-02"), cohort.Member},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := plan(t, "2025-06-01").Evaluate(test.record).Outcome; got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// TestLeapDay: someone born on 29 February is 45 on 1 March of a year without that day.
func TestLeapDay(t *testing.T) {
	t.Parallel()
	r := with(patient(person.DateOfBirth.Of(on("1980-02-29"))), hypertension, "2010-01-01")
	for index, want := range map[string]cohort.Outcome{"2025-02-28": cohort.NotMember, "2025-03-01": cohort.Member} {
		if got := plan(t, index).Evaluate(r).Outcome; got != want {
			t.Errorf("on %s: got %v, want %v", index, got, want)
		}
	}
}

func TestEveryCondition(t *testing.T) {
	t.Parallel()
	for _, codes := range []*codelist.List{
		library.Hypertension(), library.Osteoarthritis(), library.Diabetes(), library.Asthma(), library.CoronaryHeartDisease(),
	} {
		for code := range codes.Codes() {
			if got := plan(t, "2025-06-01").Evaluate(with(patient(), code, "2020-01-01")).Outcome; got != cohort.Member {
				t.Errorf("%s: code %s gives %v", codes.ID(), code, got)
			}
		}
		if !strings.Contains(codes.Source(), "illustrative") || !strings.HasPrefix(codes.ID(), "illustrative/") {
			t.Errorf("%s does not say that it is illustrative", codes.ID())
		}
	}
	for code := range library.TalkingTherapiesContact().Codes() {
		r := with(with(patient(), hypertension, "2020-01-01"), code, "2025-01-01")
		if got := plan(t, "2025-06-01").Evaluate(r).Outcome; got != cohort.NotMember {
			t.Errorf("contact code %s gives %v", code, got)
		}
	}
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

func ExampleTalkingTherapies() {
	definition, err := library.TalkingTherapies(45, 70, person.Outcode.In("LS1", "LS2"))
	if err != nil {
		log.Fatal(err)
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2025-06-01")))
	if err != nil {
		log.Fatal(err)
	}
	for _, use := range plan.Uses().Tables {
		fmt.Println(use.Table, use.Columns)
	}
	// Output:
	// gpes.journal [DATE CODE]
	// person [date_of_birth outcode primary_care_provider reason_for_removal date_of_death death_status]
}
