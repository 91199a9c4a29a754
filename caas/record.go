package caas

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/personalised-prevention/nhs"
)

// Record is one row of a cohort file: a change to who is in the cohort, with the
// person's demographics. The zero value of a field means that the file says
// nothing.
//
// A Record is personal data. It prints and logs as its row number only.
//
// Source: the 38 columns of the public consumer dtos-cohort-manager, in the order
// of the file. No schema is published for programmes other than breast screening.
type Record struct {
	Row int64 // position in the file, from 1; not written

	Type               RecordType // record_type
	ChangeTimestamp    int64      // change_time_stamp: yyyyMMddHHmmss as a number; its time zone is not stated
	SerialChangeNumber int64      // serial_change_number of PDS
	Number             nhs.Number // nhs_number; zero in a nil return only
	SupersededBy       nhs.Number // superseded_by_nhs_number: the record was merged into this one

	PrimaryCareProvider     string // primary_care_provider: ODS code of the GP practice
	PrimaryCareProviderFrom nhs.Date
	CurrentPosting          string // current_posting, such as "BAA"
	CurrentPostingFrom      nhs.Date

	NamePrefix         string
	GivenName          string
	OtherGivenName     string
	FamilyName         string
	PreviousFamilyName string
	BirthDate          nhs.Date // date_of_birth
	Gender             Gender

	AddressLines [5]string // address_line_1 to address_line_5
	Postcode     string    // may be a dummy: ZZ99..., ZZZSECUR, ANK, NFA
	PAFKey       string    // paf_key: Postcode Address File
	AddressFrom  nhs.Date  // address_effective_from_date

	ReasonForRemoval     string // reason_for_removal, such as "DEA" or "RDI"
	ReasonForRemovalFrom nhs.Date
	DeathDate            nhs.Date // date_of_death
	DeathStatus          DeathStatus

	HomeTelephone       string
	HomeTelephoneFrom   nhs.Date
	MobileTelephone     string
	MobileTelephoneFrom nhs.Date
	Email               string
	EmailFrom           nhs.Date

	PreferredLanguage   string
	InterpreterRequired *bool // is_interpreter_required
	Invalid             *bool // invalid_flag
	Eligible            *bool // eligibility; not in files of 2024

	// Extra holds the values of columns beyond the 38, by name: string, int64,
	// float64 or bool. A [Writer] refuses those that it has no [ExtraColumn] for.
	Extra map[string]any
}

// NilReturn reports whether the row says "there is nothing to report": its NHS
// number is 0. It tells a day without changes from a day without a file.
func (r Record) NilReturn() bool { return r.Number.IsZero() }

// Format prints the row number, for every verb.
func (r Record) Format(s fmt.State, _ rune) {
	_, _ = io.WriteString(s, fmt.Sprintf("Record(row %d)", r.Row))
}

// LogValue logs the row number.
func (r Record) LogValue() slog.Value { return slog.GroupValue(slog.Int64("row", r.Row)) }

// RecordType says what a record does to the cohort.
type RecordType string

// The record types of cohort files.
const (
	Add    RecordType = "ADD"     // joins the cohort
	Amend  RecordType = "AMENDED" // stays, with changed demographics
	Delete RecordType = "DEL"     // leaves, for a reason that is not given
)

func (t RecordType) known() bool { return t == Add || t == Amend || t == Delete }

// Gender is a person's gender, by its code. Other codes may come.
//
// Source: NHS Data Dictionary, PERSON GENDER CODE.
type Gender string

// The codes of gender.
const (
	GenderNotKnown     Gender = "0"
	GenderMale         Gender = "1"
	GenderFemale       Gender = "2"
	GenderNotSpecified Gender = "9"
)

// DeathStatus is how a death is known, by its code. Other codes may come.
type DeathStatus string

// The codes of death status.
const (
	DeathInformal DeathStatus = "1" // told by a local NHS organisation, and not registered yet
	DeathFormal   DeathStatus = "2" // registered
)
