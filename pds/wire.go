package pds

import (
	"cmp"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/personalised-prevention/nhs"
	gen "github.com/personalised-prevention/nhs/internal/gen/pds"
)

// The conversions between the public types and the generated wire types. An
// absent value is a nil pointer on the wire and a zero value here; FHIR has no
// empty strings and no empty lists, so nothing is lost.

// What a resource may have wrong, beyond its shape. The texts hold no values.
var (
	errNotPatient = errors.New("the resource is not a Patient")
	errBadNumber  = errors.New("the id is not an NHS number")
)

func patientFromWire(w *gen.Patient) (*Patient, error) {
	if w.ResourceType != patientType {
		return nil, errNotPatient
	}
	number, err := nhs.ParseNumber(w.ID)
	if err != nil {
		return nil, errBadNumber
	}
	meta := value(w.Meta)
	p := &Patient{
		Number:               number,
		Version:              plain(meta.VersionID),
		Security:             each(meta.Security, codingFromWire),
		Identifiers:          each(w.Identifier, identifierFromWire),
		Names:                each(w.Name, nameFromWire),
		Gender:               Gender(value(w.Gender)),
		DeathTime:            DateTime(value(w.DeceasedDateTime)),
		Addresses:            each(w.Address, addressFromWire),
		Telecom:              each(w.Telecom, contactPointFromWire),
		Contacts:             each(w.Contact, contactFromWire),
		GeneralPractitioners: each(w.GeneralPractitioner, referenceFromWire),
		ManagingOrganization: referenceFromWire(value(w.ManagingOrganization)),
		Extensions:           w.Extension,
	}
	if p.BirthDate, err = nhs.ParseDate(value(w.BirthDate)); err != nil {
		p.birthText = value(w.BirthDate)
	}
	if order, err := strconv.Atoi(plain(value(w.MultipleBirthInteger))); err == nil {
		p.MultipleBirth = order
	}
	return p, nil
}

const patientType = "Patient"

func (p Patient) wire() gen.Patient {
	w := gen.Patient{
		ResourceType:        patientType,
		ID:                  p.Number.Reveal(),
		Identifier:          each(p.Identifiers, Identifier.wire),
		Name:                each(p.Names, HumanName.wire),
		Gender:              optional(string(p.Gender)),
		BirthDate:           optional(cmp.Or(p.BirthDate.String(), p.birthText)),
		DeceasedDateTime:    optional(string(p.DeathTime)),
		Address:             each(p.Addresses, Address.wire),
		Telecom:             each(p.Telecom, ContactPoint.wire),
		Contact:             each(p.Contacts, Contact.wire),
		GeneralPractitioner: each(p.GeneralPractitioners, Reference.wire),
		Extension:           p.Extensions,
	}
	if !p.ManagingOrganization.isZero() {
		w.ManagingOrganization = new(p.ManagingOrganization.wire())
	}
	if p.Version != "" || len(p.Security) > 0 {
		w.Meta = &gen.Meta{Security: each(p.Security, Coding.wire)}
	}
	if p.Version != "" {
		w.Meta.VersionID = raw(p.Version)
	}
	if p.MultipleBirth != 0 {
		w.MultipleBirthInteger = new(raw(p.MultipleBirth))
	}
	return w
}

func matchFromWire(w *gen.Entry) (Match, error) {
	p, err := patientFromWire(&w.Resource)
	if err != nil {
		return Match{}, err
	}
	p.partial = true
	return Match{Patient: p, Score: value(value(w.Search).Score)}, nil
}

func (q Query) wire() *gen.SearchPatientParams {
	return &gen.SearchPatientParams{
		FuzzyMatch:          optional(q.Fuzzy),
		ExactMatch:          optional(q.Exact),
		History:             optional(q.History),
		MaxResults:          optional(q.MaxResults),
		Family:              optional(q.Family),
		Given:               q.Given,
		Gender:              optional(string(q.Gender)),
		Birthdate:           q.Born.wire(),
		DeathDate:           q.Died.wire(),
		AddressPostalcode:   optional(q.Postcode),
		GeneralPractitioner: optional(q.GP),
		Email:               optional(q.Email),
		Phone:               optional(q.Phone),
	}
}

func nameFromWire(w gen.HumanName) HumanName {
	return HumanName{
		ID: value(w.ID), Use: Use(value(w.Use)), Period: periodFromWire(value(w.Period)),
		Given: w.Given, Family: value(w.Family), Prefix: w.Prefix, Suffix: w.Suffix,
		Extensions: w.Extension,
	}
}

func (n HumanName) wire() gen.HumanName {
	return gen.HumanName{
		ID: optional(n.ID), Use: optional(string(n.Use)), Period: n.Period.wire(),
		Given: n.Given, Family: optional(n.Family), Prefix: n.Prefix, Suffix: n.Suffix,
		Extension: n.Extensions,
	}
}

func addressFromWire(w gen.Address) Address {
	return Address{
		ID: value(w.ID), Use: Use(value(w.Use)), Period: periodFromWire(value(w.Period)),
		Text: value(w.Text), Lines: each(w.Line, value[string]), Postcode: value(w.PostalCode),
		LineElements: w.LineElement, Extensions: w.Extension,
	}
}

func (a Address) wire() gen.Address {
	return gen.Address{
		ID: optional(a.ID), Use: optional(string(a.Use)), Period: a.Period.wire(),
		Text: optional(a.Text), Line: each(a.Lines, optional[string]), PostalCode: optional(a.Postcode),
		LineElement: a.LineElements, Extension: a.Extensions,
	}
}

func contactPointFromWire(w gen.ContactPoint) ContactPoint {
	return ContactPoint{
		ID: value(w.ID), Use: Use(value(w.Use)), Period: periodFromWire(value(w.Period)),
		System: value(w.System), Value: value(w.Value), Extensions: w.Extension,
	}
}

func (c ContactPoint) wire() gen.ContactPoint {
	return gen.ContactPoint{
		ID: optional(c.ID), Use: optional(string(c.Use)), Period: c.Period.wire(),
		System: optional(c.System), Value: optional(c.Value), Extension: c.Extensions,
	}
}

func contactFromWire(w gen.Contact) Contact {
	return Contact{
		ID: value(w.ID), Period: periodFromWire(value(w.Period)),
		Relationship: each(w.Relationship, conceptFromWire), Telecom: each(w.Telecom, contactPointFromWire),
		Extensions: w.Extension,
	}
}

func (c Contact) wire() gen.Contact {
	return gen.Contact{
		ID: optional(c.ID), Period: c.Period.wire(),
		Relationship: each(c.Relationship, CodeableConcept.wire), Telecom: each(c.Telecom, ContactPoint.wire),
		Extension: c.Extensions,
	}
}

func referenceFromWire(w gen.Reference) Reference {
	return Reference{
		ID: value(w.ID), URL: value(w.Reference), Type: value(w.Type),
		Identifier: identifierFromWire(value(w.Identifier)), Display: value(w.Display),
		Extensions: w.Extension,
	}
}

func (r Reference) wire() gen.Reference {
	w := gen.Reference{
		ID: optional(r.ID), Reference: optional(r.URL), Type: optional(r.Type), Display: optional(r.Display),
		Extension: r.Extensions,
	}
	if !r.Identifier.isZero() {
		w.Identifier = new(r.Identifier.wire())
	}
	return w
}

func (r Reference) isZero() bool {
	return r.ID == "" && r.URL == "" && r.Type == "" && r.Display == "" && r.Identifier.isZero() && len(r.Extensions) == 0
}

func identifierFromWire(w gen.Identifier) Identifier {
	return Identifier{
		System: value(w.System), Value: value(w.Value),
		Period: periodFromWire(value(w.Period)), Extensions: w.Extension,
	}
}

func (i Identifier) wire() gen.Identifier {
	return gen.Identifier{
		System: optional(i.System), Value: optional(i.Value),
		Period: i.Period.wire(), Extension: i.Extensions,
	}
}

func (i Identifier) isZero() bool {
	return i.System == "" && i.Value == "" && i.Period.IsZero() && len(i.Extensions) == 0
}

func periodFromWire(w gen.Period) Period {
	return Period{Start: DateTime(value(w.Start)), End: DateTime(value(w.End)), Extensions: w.Extension}
}

func (p Period) wire() *gen.Period {
	if p.IsZero() {
		return nil
	}
	return &gen.Period{Start: optional(string(p.Start)), End: optional(string(p.End)), Extension: p.Extensions}
}

func conceptFromWire(w gen.CodeableConcept) CodeableConcept {
	return CodeableConcept{Coding: each(w.Coding, codingFromWire), Text: value(w.Text), Extensions: w.Extension}
}

func (c CodeableConcept) wire() gen.CodeableConcept {
	return gen.CodeableConcept{Coding: each(c.Coding, Coding.wire), Text: optional(c.Text), Extension: c.Extensions}
}

func codingFromWire(w gen.Coding) Coding {
	return Coding{System: value(w.System), Version: value(w.Version), Code: value(w.Code), Display: value(w.Display)}
}

func (c Coding) wire() gen.Coding {
	return gen.Coding{
		System: optional(c.System), Version: optional(c.Version),
		Code: optional(c.Code), Display: optional(c.Display),
	}
}

// plain is a text, or a number as text, whichever the service has chosen; "" for
// anything else.
func plain(v json.RawMessage) string {
	var text string
	if json.Unmarshal(v, &text) == nil {
		return text
	}
	var number json.Number
	_ = json.Unmarshal(v, &number)
	return number.String()
}

// value is what p points to, or the zero value.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// optional is nil for the zero value.
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func each[A, B any](list []A, convert func(A) B) []B {
	if len(list) == 0 {
		return nil
	}
	out := make([]B, len(list))
	for i, a := range list {
		out[i] = convert(a)
	}
	return out
}
