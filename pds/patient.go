package pds

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs"
	gen "github.com/personalised-prevention/nhs/internal/gen/pds"
)

// Patient is a person as PDS knows them. Everything but Number may be missing.
//
// It holds personal data and masks itself in fmt and slog, except as an
// unexported field of another struct, where fmt does not ask it. Its JSON is the
// FHIR resource. Do not change a Patient that others read.
//
// Source: PDS FHIR API, schema Patient.
type Patient struct {
	Number               nhs.Number   // id
	Version              string       // meta.versionId, a whole number that grows with every change
	Security             []Coding     // meta.security; see Restricted
	Identifiers          []Identifier // the NHS number with its verification status
	Names                []HumanName  // see UsualName
	Gender               Gender
	BirthDate            nhs.Date          // may be known to the month or year; zero if it is no date
	MultipleBirth        int               // place in a multiple birth: 1 to 7, 8 not applicable, 9 unknown, 0 absent
	DeathTime            DateTime          // deceasedDateTime; see Deceased
	Addresses            []Address         // see HomeAddress
	Telecom              []ContactPoint    // phone numbers, email addresses and the like
	Contacts             []Contact         // emergency contacts
	GeneralPractitioners []Reference       // at most one general practice; see GeneralPractice
	ManagingOrganization Reference         // of a patient who is not registered with a practice
	Extensions           []json.RawMessage // FHIR extensions as received; methods read the known ones

	birthText string // birthDate as received, if it is no date
	partial   bool   // found by a search, which leaves out much
}

// Superseded reports whether PDS answered a request for the number asked with the
// record of another one, which has replaced it. Use p.Number from then on.
func (p Patient) Superseded(asked nhs.Number) bool { return p.Number != asked }

// ETag returns the entity tag of this version, such as W/"2", or "" when the
// version is not known. PDS sends the same with every single patient.
func (p Patient) ETag() string {
	if p.Version == "" {
		return ""
	}
	return `W/"` + p.Version + `"`
}

// Restricted reports whether the record is restricted, very restricted or
// redacted: whereabouts are withheld, and must not be guessed or passed on. Only a
// record that says it is unrestricted is not.
func (p Patient) Restricted() bool {
	for _, label := range p.Security {
		if Confidentiality(label.Code) != Unrestricted {
			return true
		}
	}
	return len(p.Security) == 0
}

// Deceased reports whether the person is dead, as far as PDS knows. A death notice
// that has been withdrawn is no death, whatever date remains; any other notice is
// one, even without a date. [Patient.DeathNotification] tells formal from informal.
func (p Patient) Deceased() bool {
	notice, notified := p.DeathNotification()
	if notified {
		return notice.Status != DeathWithdrawn
	}
	return p.DeathTime != ""
}

// UsualName returns the name in usual use, and false when there is none.
func (p Patient) UsualName() (HumanName, bool) {
	for _, n := range p.Names {
		if n.Use == Usual {
			return n, true
		}
	}
	return HumanName{}, false
}

// HomeAddress returns the home address, and false when there is none or it is
// withheld.
func (p Patient) HomeAddress() (Address, bool) {
	for _, a := range p.Addresses {
		if a.Use == Home {
			return a, true
		}
	}
	return Address{}, false
}

// GeneralPractice returns the ODS code of the patient's general practice, or ""
// when there is none or it is withheld.
func (p Patient) GeneralPractice() string {
	for _, gp := range p.GeneralPractitioners {
		if gp.Identifier.Value != "" {
			return gp.Identifier.Value
		}
	}
	return ""
}

// AgeOn returns the completed years of age on a whole date, whether or not the
// person lived to see it. Who was born on 29 February has their birthday on 1
// March in other years. It returns false before birth, and when what is known of
// the birth date allows for two ages.
func (p Patient) AgeOn(date nhs.Date) (years int, ok bool) {
	by, bm, bd := p.BirthDate.Parts()
	if p.BirthDate.IsZero() || !date.Whole() {
		return 0, false
	}
	firstMonth, firstDay, lastMonth, lastDay := bm, bd, bm, bd
	if bm == 0 {
		firstMonth, lastMonth = time.January, time.December
	}
	if bd == 0 {
		firstDay, lastDay = 1, 31
	}
	oldest, youngest := age(by, firstMonth, firstDay, date), age(by, lastMonth, lastDay, date)
	return youngest, oldest == youngest && youngest >= 0
}

// age counts completed years on a whole date; before birth it is negative.
func age(year int, month time.Month, day int, on nhs.Date) int {
	y, m, d := on.Parts()
	if m < month || (m == month && d < day) {
		y--
	}
	return y - year
}

// Format prints a mask for every verb and flag.
func (p Patient) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[PDS patient]") }

// LogValue logs the mask.
func (p Patient) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(p)) }

// MarshalJSON returns the FHIR resource. It reveals personal data.
func (p Patient) MarshalJSON() ([]byte, error) { return json.Marshal(p.wire()) }

// UnmarshalJSON reads a FHIR Patient of PDS. The error is an [*nhs.ArgumentError]
// that does not repeat the text.
func (p *Patient) UnmarshalJSON(data []byte) error {
	var w gen.Patient
	if err := json.Unmarshal(data, &w); err != nil {
		return refuse("patient", "must have the shape that PDS documents")
	}
	read, err := patientFromWire(&w)
	if err != nil {
		return refuse("patient", "must be as PDS documents it: "+err.Error())
	}
	*p = *read
	return nil
}

// DateTime is a FHIR dateTime as received: with or without a time zone, a time, a
// day or a month. "" is none.
type DateTime string

// Date returns the calendar date as written, at the precision known, or the zero
// Date where there is none or it cannot be read.
func (t DateTime) Date() nhs.Date {
	day, _, _ := strings.Cut(string(t), "T")
	date, err := nhs.ParseDate(day)
	if err != nil {
		return nhs.Date{}
	}
	return date
}
