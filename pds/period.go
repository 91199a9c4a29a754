package pds

import "github.com/personalised-prevention/nhs"

// IsZero reports whether nothing is known of the period.
func (p Period) IsZero() bool { return p.Start == "" && p.End == "" && len(p.Extensions) == 0 }

// period is the wanted period in place of an old one. New dates leave the old
// extensions as they are, unless there are new ones or no dates at all.
func (e *Edit) period(field string, wanted, old Period) Period {
	e.encodable(field, wanted.Extensions)
	if !wanted.IsZero() && wanted.Extensions == nil {
		wanted.Extensions = old.Extensions
	}
	return wanted
}

// Covers reports whether the period holds a whole date, its ends included. A bound
// that is missing, or that cannot be read, bounds nothing; one that is known to the
// month or year stands for all of it.
func (p Period) Covers(date nhs.Date) bool {
	on := date.String()
	return date.Whole() && !later(p.Start.Date().String(), on) && !later(on, p.End.Date().String())
}

// later reports whether date a is after date b, as far as both are known.
func later(a, b string) bool {
	n := min(len(a), len(b))
	return a[:n] > b[:n]
}

// GeneralPracticeOn returns the ODS code of the patient's general practice on a
// whole date, or "" when it is withheld or not known. PDS tells of the present
// registration only: a date before it is not known.
func (p Patient) GeneralPracticeOn(date nhs.Date) string {
	for _, gp := range p.GeneralPractitioners {
		if gp.Identifier.Period.Covers(date) && gp.Identifier.Value != "" {
			return gp.Identifier.Value
		}
	}
	return ""
}

// AddressOn returns the address of that use on a whole date, and false when there
// is none or it is withheld.
func (p Patient) AddressOn(use Use, date nhs.Date) (Address, bool) {
	for _, a := range p.Addresses {
		if a.Use == use && a.Period.Covers(date) {
			return a, true
		}
	}
	return Address{}, false
}

// ContactPointsOn returns the phone numbers, email addresses and the like in use
// on a whole date, in PDS's order; none when they are withheld. How the person
// wants to be contacted is [Patient.ContactPreference].
func (p Patient) ContactPointsOn(date nhs.Date) []ContactPoint {
	var points []ContactPoint
	for _, c := range p.Telecom {
		if c.Period.Covers(date) && c.Value != "" {
			points = append(points, c)
		}
	}
	return points
}
