package pds

import (
	"encoding/json"
	"slices"
	"strings"

	gen "github.com/personalised-prevention/nhs/internal/gen/pds"
)

// Extensions are known by the last segment of their URL, because PDS has moved
// them from one base address to another, and both occur.

// Extension returns the first FHIR extension of the patient whose URL ends in
// name, such as "Extension-UKCore-NominatedPharmacy". It is for extensions that
// have no method here.
func (p Patient) Extension(name string) (json.RawMessage, bool) {
	i := slices.IndexFunc(p.Extensions, func(raw json.RawMessage) bool { return nameOf(contentOf(raw)) == name })
	if i < 0 {
		return nil, false
	}
	return p.Extensions[i], true
}

// DeathStatus says how far a death is certain. Values that are not listed here
// survive, and count as a death.
type DeathStatus string

// The death notification statuses of UK Core.
const (
	DeathInformal  DeathStatus = "1" // told by an NHS organisation
	DeathFormal    DeathStatus = "2" // told by the registrar of deaths
	DeathWithdrawn DeathStatus = "U" // the notice was wrong: the person is not known to be dead
)

// DeathNotification is what PDS was told of a death.
type DeathNotification struct {
	Status    DeathStatus
	Effective DateTime // when PDS took note
}

// DeathNotification returns what PDS was told of the person's death, and false
// when it was told nothing. See [Patient.Deceased].
func (p Patient) DeathNotification() (DeathNotification, bool) {
	e, ok := find(p.Extensions, "Extension-UKCore-DeathNotificationStatus")
	return DeathNotification{
		Status:    DeathStatus(concept(part(e, "deathNotificationStatus")).Code),
		Effective: DateTime(value(part(e, "systemEffectiveDate").ValueDateTime)),
	}, ok
}

// Removal is a removal from the list of a general practice.
type Removal struct {
	Reason Coding // PDS-RemovalReasonExitCode, such as SCT: transferred to Scotland
	Period Period // when it takes effect
}

// RemovedFromRegistration returns why and when the person was removed from
// registration with a general practice in England, and false when they were not.
// It does not judge whether the period has begun or ended.
func (p Patient) RemovedFromRegistration() (Removal, bool) {
	e, ok := find(p.Extensions, "Extension-PDS-RemovalFromRegistration")
	return Removal{
		Reason: concept(part(e, "removalFromRegistrationCode")),
		Period: periodFromWire(value(part(e, "effectiveTime").ValuePeriod)),
	}, ok
}

// Communication is how to speak with a person.
type Communication struct {
	Language            Coding // UKCore-HumanLanguage: ISO 639-1, q4 British Sign Language and others; never English
	InterpreterRequired bool
}

// Communication returns how to speak with the person, and false when PDS does not
// say.
func (p Patient) Communication() (Communication, bool) { return communicationIn(p.Extensions) }

func communicationIn(extensions []json.RawMessage) (Communication, bool) {
	e, ok := find(extensions, "Extension-UKCore-NHSCommunication")
	return Communication{
		Language:            concept(part(e, "language")),
		InterpreterRequired: value(part(e, "interpreterRequired").ValueBoolean),
	}, ok
}

// ContactPreference is how a person wants to be written to and spoken to.
type ContactPreference struct {
	Method        Coding // UKCore-PreferredContactMethod, such as 1: letter
	WrittenFormat Coding // UKCore-PreferredWrittenCommunicationFormat, such as 12: Braille
	Times         string // free text, such as "Not after 7pm"
}

// ContactPreference returns how the person wants to be contacted, and false when
// PDS does not say.
func (p Patient) ContactPreference() (ContactPreference, bool) {
	return contactPreferenceIn(p.Extensions)
}

func contactPreferenceIn(extensions []json.RawMessage) (ContactPreference, bool) {
	e, ok := find(extensions, "Extension-UKCore-ContactPreference")
	return ContactPreference{
		Method:        concept(part(e, "PreferredContactMethod")),
		WrittenFormat: concept(part(e, "PreferredWrittenCommunicationFormat")),
		Times:         value(part(e, "PreferredContactTimes").ValueString),
	}, ok
}

// Place is where somebody was born.
type Place struct {
	City, District string
	Country        string // ISO 3166-1 alpha-3, or PDS's one-digit code for a part of the British Isles
}

// BirthPlace returns where the person was born, and false when PDS does not say.
func (p Patient) BirthPlace() (Place, bool) {
	e, ok := find(p.Extensions, "patient-birthPlace")
	a := value(e.ValueAddress)
	return Place{City: value(a.City), District: value(a.District), Country: value(a.Country)}, ok
}

// Consent is a choice about the sharing of records. PDS shows it to applications
// that are entitled to it.
type Consent struct {
	Type  Coding // 4: national care records service
	Value Coding // 1: consent, 2: dissent
}

// RecordSharingConsent returns the person's choice, and false when PDS shows none.
func (p Patient) RecordSharingConsent() (Consent, bool) {
	e, ok := find(p.Extensions, "consent.html")
	return Consent{Type: concept(part(e, "consentType")), Value: concept(part(e, "consentValue"))}, ok
}

// NominatedPharmacy returns the ODS code of the pharmacy that electronic
// prescriptions go to, or "".
func (p Patient) NominatedPharmacy() string {
	return organisation(p.Extensions, "Extension-UKCore-NominatedPharmacy")
}

// PreferredDispenser returns the ODS code of the dispensing practice, or "".
func (p Patient) PreferredDispenser() string {
	return organisation(p.Extensions, "Extension-UKCore-PreferredDispenserOrganization")
}

// MedicalApplianceSupplier returns the ODS code of the supplier of medical
// appliances, or "".
func (p Patient) MedicalApplianceSupplier() string {
	return organisation(p.Extensions, "Extension-UKCore-MedicalApplianceSupplier")
}

// AddressKey is the key of an address in a national gazetteer.
type AddressKey struct {
	Type  string // PAF or UPRN
	Value string
}

// Keys returns the address's keys.
func (a Address) Keys() []AddressKey {
	var keys []AddressKey
	for _, raw := range a.Extensions {
		if e := contentOf(raw); nameOf(e) == "Extension-UKCore-AddressKey" {
			keys = append(keys, AddressKey{
				Type:  value(value(part(e, "type").ValueCoding).Code),
				Value: value(part(e, "value").ValueString),
			})
		}
	}
	return keys
}

// OtherSystem returns what a contact point of system other is, such as textphone,
// and false when PDS does not say.
func (c ContactPoint) OtherSystem() (Coding, bool) {
	e, ok := find(c.Extensions, "Extension-UKCore-OtherContactSystem")
	return codingFromWire(value(e.ValueCoding)), ok
}

// Verification returns how well an NHS number is verified, such as 01: present and
// verified, and false when PDS does not say.
func (i Identifier) Verification() (Coding, bool) {
	e, ok := find(i.Extensions, "Extension-UKCore-NHSNumberVerificationStatus")
	return concept(e), ok
}

func find(extensions []json.RawMessage, name string) (gen.Extension, bool) {
	for _, raw := range extensions {
		if e := contentOf(raw); nameOf(e) == name {
			return e, true
		}
	}
	return gen.Extension{}, false
}

// contentOf reads what it can of an extension. A part of an unforeseen type must
// not hide the others: a death notice stays one when its date cannot be read.
func contentOf(raw json.RawMessage) gen.Extension {
	var e gen.Extension
	_ = json.Unmarshal(raw, &e)
	return e
}

func nameOf(e gen.Extension) string { return lastSegment(e.URL) }

func lastSegment(url string) string { return url[strings.LastIndexByte(url, '/')+1:] }

// part returns the extension of that name within e, or an empty one.
func part(e gen.Extension, name string) gen.Extension {
	for _, inner := range e.Extension {
		if nameOf(inner) == name {
			return inner
		}
	}
	return gen.Extension{}
}

// concept returns the first code of an extension's concept.
func concept(e gen.Extension) Coding {
	if e.ValueCodeableConcept == nil || len(e.ValueCodeableConcept.Coding) == 0 {
		return Coding{}
	}
	return codingFromWire(e.ValueCodeableConcept.Coding[0])
}

func organisation(extensions []json.RawMessage, name string) string {
	e, _ := find(extensions, name)
	return referenceFromWire(value(e.ValueReference)).Identifier.Value
}
