package caas

import (
	"errors"
	"fmt"
	"iter"
	"strconv"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/columnar"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// WriteMembers writes the members of a cohort as records of type [Add], with what the person table says of each, and
// returns how many. People who are referred are left out: somebody has to decide about them first. Both streams are
// in the same order and of the same population, as [columnar.Members] and [columnar.Store.Records] of one store give
// them; the records need not hold more than [person.Table], and the keys are NHS numbers. The caller closes w.
//
// Names, addresses and what else is not among the columns of the table stay empty.
func WriteMembers(w *Writer, members iter.Seq2[columnar.Member, error], people iter.Seq2[*cohort.Record, error]) (written int, err error) {
	next, stop := iter.Pull2(people)
	defer stop()
	for member, err := range members {
		if err != nil {
			return written, err
		}
		if member.Outcome != cohort.Member {
			continue
		}
		someone, err := find(member.Key, next)
		if err != nil {
			return written, fmt.Errorf("caas.WriteMembers: member %d: %w", written+1, err)
		}
		record, err := joining(someone)
		if err == nil {
			err = w.Write(record)
		}
		if err != nil {
			return written, fmt.Errorf("caas.WriteMembers: member %d: %w", written+1, err)
		}
		written++
	}
	return written, nil
}

// find passes over records until that of a member.
func find(key cohort.Key, next func() (*cohort.Record, error, bool)) (*cohort.Record, error) {
	for {
		record, err, ok := next()
		switch {
		case err != nil:
			return nil, err
		case !ok:
			return nil, errors.New("no record follows of this person: give the members and the records of one population, in one order")
		case record.Key() == key:
			return record, nil
		}
	}
}

// joining is the row of somebody who joins a cohort.
func joining(someone *cohort.Record) (Record, error) {
	number, err := nhs.ParseNumber(someone.Key().Reveal())
	if err != nil {
		return Record{}, errors.New("the key is not an NHS number")
	}
	row := demographics{}
	for table, cells := range someone.Rows() {
		if table == person.Table() {
			row = cells
		}
	}
	r := Record{
		Type: Add, Number: number,
		PrimaryCareProvider: row.text("primary_care_provider"), PrimaryCareProviderFrom: row.day("primary_care_effective_from_date"),
		CurrentPosting: row.text("current_posting"), CurrentPostingFrom: row.day("current_posting_effective_from_date"),
		BirthDate: row.day("date_of_birth"), Gender: Gender(row.text("gender")),
		Postcode: row.text("postcode"), AddressFrom: row.day("address_effective_from_date"),
		ReasonForRemoval: row.text("reason_for_removal"), ReasonForRemovalFrom: row.day("reason_for_removal_effective_from_date"),
		DeathDate: row.day("date_of_death"), DeathStatus: DeathStatus(row.text("death_status")),
		HomeTelephone: row.text("home_telephone_number"), MobileTelephone: row.text("mobile_telephone_number"),
		Email: row.text("email_address"), PreferredLanguage: row.text("preferred_language"),
		InterpreterRequired: row.truth("is_interpreter_required"), Invalid: row.truth("invalid_flag"), Eligible: row.truth("eligibility"),
	}
	if superseding := row.text("superseded_by_nhs_number"); superseding != "" {
		if r.SupersededBy, err = nhs.ParseNumber(superseding); err != nil {
			return Record{}, errors.New("superseded_by_nhs_number is not an NHS number")
		}
	}
	return r, nil
}

// demographics is a row of the person table, by published name.
type demographics map[string]any

func (d demographics) text(column string) string {
	text, _ := d[column].(string)
	return text
}

func (d demographics) day(column string) nhs.Date {
	day, ok := d[column].(cohort.Date)
	if !ok {
		return nhs.Date{}
	}
	date, _ := nhs.DateOf(day.Civil()) // which is a day of the calendar
	return date
}

func (d demographics) truth(column string) *bool {
	if truth, err := strconv.ParseBool(d.text(column)); err == nil {
		return &truth
	}
	return nil
}
