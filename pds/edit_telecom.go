package pds

import (
	"encoding/json"
	"slices"

	gen "github.com/personalised-prevention/nhs/internal/gen/pds"
)

// The systems of a contact point.
const (
	Phone = "phone"
	Fax   = "fax"
	Email = "email"

	// Textphone is FHIR's system other: the only other one that PDS knows. See
	// [ContactPoint.OtherSystem].
	Textphone = "other"
)

// TelecomEdit is a contact point that an [Edit] changes. Its methods return it, so
// that they can be chained.
type TelecomEdit struct {
	edit *Edit
	item *item[ContactPoint]
}

// Telecom returns the contact point of that system and use to be changed, such as
// [Phone] and [Mobile]. Where the record has none, setting something adds one.
// System and use of a contact point cannot change.
func (e *Edit) Telecom(system string, use Use) *TelecomEdit {
	fresh := ContactPoint{System: system, Use: use}
	if system == Textphone {
		fresh.Extensions = []json.RawMessage{textphone()}
	}
	return &TelecomEdit{e, choose(e, &e.telecom, fresh, func(c ContactPoint) bool {
		return c.System == system && c.Use == use
	})}
}

// TelecomByID returns the contact point with PDS's own id, to be changed. It is
// for a system and use that are there more than once.
func (e *Edit) TelecomByID(id string) *TelecomEdit {
	return &TelecomEdit{e, chooseByID(e, &e.telecom, id)}
}

// SetValue changes the number or address.
func (t *TelecomEdit) SetValue(number string) *TelecomEdit {
	t.item.touch()
	t.item.after.Value = number
	return t
}

// SetPeriod changes when the contact point is in use: whole dates.
func (t *TelecomEdit) SetPeriod(p Period) *TelecomEdit {
	t.item.touch()
	t.item.after.Period = t.edit.period("Telecom.Period", p, t.item.after.Period)
	return t
}

// Remove removes the contact point.
func (t *TelecomEdit) Remove() { removeItem(t.edit, "Telecom", t.item) }

// textphone says of a contact point of system other what it is.
func textphone() json.RawMessage {
	return raw(gen.Extension{URL: ukCore + "OtherContactSystem", ValueCoding: &gen.Coding{
		System: new(codeSystem + "OtherContactSystem"), Code: new("textphone"), Display: new("Minicom (Textphone)"),
	}})
}

// ContactEdit is an emergency contact that an [Edit] changes. Its methods return
// it, so that they can be chained.
type ContactEdit struct {
	edit *Edit
	item *item[Contact]
}

// Contact returns the emergency contact with PDS's own id, to be changed.
func (e *Edit) Contact(id string) *ContactEdit {
	return &ContactEdit{e, chooseByID(e, &e.contacts, id)}
}

// AddContact adds an emergency contact. Its ID is ignored; without a relationship
// it gets the one that PDS has for emergency contacts.
func (e *Edit) AddContact(c Contact) {
	if len(c.Relationship) == 0 {
		c.Relationship = []CodeableConcept{{Coding: []Coding{{
			System: "http://terminology.hl7.org/CodeSystem/v2-0131", Code: emergencyContact, Display: "Emergency Contact",
		}}}}
	}
	for _, relationship := range c.Relationship {
		e.encodable("Contact.Relationship", relationship.Extensions)
	}
	e.encodable("Contact.Extensions", slices.Concat(c.Extensions, c.Period.Extensions))
	e.reachable(c.Telecom)
	e.contacts.add(c, nothing).touch()
}

const emergencyContact = "C"

// SetTelecom changes the ways to reach the contact: phone numbers and email
// addresses, without a use or a period of their own.
func (c *ContactEdit) SetTelecom(points ...ContactPoint) *ContactEdit {
	c.edit.reachable(points)
	c.item.touch()
	c.item.after.Telecom = slices.Clone(points)
	return c
}

// SetPeriod changes when the contact is to be used: whole dates.
func (c *ContactEdit) SetPeriod(p Period) *ContactEdit {
	c.item.touch()
	c.item.after.Period = c.edit.period("Contact.Period", p, c.item.after.Period)
	return c
}

// Remove removes the contact.
func (c *ContactEdit) Remove() { removeItem(c.edit, "Contact", c.item) }

func (e *Edit) reachable(points []ContactPoint) {
	for _, point := range points {
		e.encodable("Contact.Telecom", slices.Concat(point.Extensions, point.Period.Extensions))
	}
}
