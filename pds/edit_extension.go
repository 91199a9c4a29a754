package pds

import (
	"encoding/json"
	"slices"

	gen "github.com/personalised-prevention/nhs/internal/gen/pds"
)

// Addresses of UK Core, as PDS writes them today. An extension of the record keeps
// the address that it has there.
const (
	ukCore     = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-"
	codeSystem = "https://fhir.hl7.org.uk/CodeSystem/UKCore-"
	birthPlace = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"

	deathStatus   = ukCore + "DeathNotificationStatus"
	communication = ukCore + "NHSCommunication"
	preference    = ukCore + "ContactPreference"
	pharmacy      = ukCore + "NominatedPharmacy"
	dispenser     = ukCore + "PreferredDispenserOrganization"
	supplier      = ukCore + "MedicalApplianceSupplier"
)

// SetCommunication changes how to speak with the person. The language's code is
// enough; it must not be English.
func (e *Edit) SetCommunication(c Communication) {
	had, _ := e.patient.Communication()
	e.setParts(communication, c.parts(had), c.complaints())
}

// RemoveCommunication removes how to speak with the person.
func (e *Edit) RemoveCommunication() { e.removeExtension("Communication", communication) }

// SetContactPreference changes how the person wants to be contacted. Codes are
// enough; what is empty is removed.
func (e *Edit) SetContactPreference(c ContactPreference) {
	had, _ := e.patient.ContactPreference()
	e.setParts(preference, c.parts(had), c.complaints())
}

// RemoveContactPreference removes how the person wants to be contacted.
func (e *Edit) RemoveContactPreference() { e.removeExtension("ContactPreference", preference) }

// SetNominatedPharmacy changes the pharmacy that electronic prescriptions go to:
// an ODS code.
func (e *Edit) SetNominatedPharmacy(ods string) {
	e.setOrganisation("NominatedPharmacy", pharmacy, ods)
}

// RemoveNominatedPharmacy removes the pharmacy that electronic prescriptions go
// to.
func (e *Edit) RemoveNominatedPharmacy() {
	e.removeExtension("NominatedPharmacy", pharmacy)
}

// SetPreferredDispenser changes the dispensing practice: an ODS code.
func (e *Edit) SetPreferredDispenser(ods string) {
	e.setOrganisation("PreferredDispenser", dispenser, ods)
}

// RemovePreferredDispenser removes the dispensing practice.
func (e *Edit) RemovePreferredDispenser() {
	e.removeExtension("PreferredDispenser", dispenser)
}

// SetMedicalApplianceSupplier changes the supplier of medical appliances: an ODS
// code.
func (e *Edit) SetMedicalApplianceSupplier(ods string) {
	e.setOrganisation("MedicalApplianceSupplier", supplier, ods)
}

// RemoveMedicalApplianceSupplier removes the supplier of medical appliances.
func (e *Edit) RemoveMedicalApplianceSupplier() {
	e.removeExtension("MedicalApplianceSupplier", supplier)
}

// SetBirthPlace changes where the person was born: at least one of city, district
// and country.
func (e *Edit) SetBirthPlace(p Place) {
	e.setExtension(birthPlace, &gen.Extension{ValueAddress: &gen.Place{
		City: optional(p.City), District: optional(p.District), Country: optional(p.Country),
	}}, p.complaints())
}

// RemoveBirthPlace removes where the person was born.
func (e *Edit) RemoveBirthPlace() { e.removeExtension("BirthPlace", birthPlace) }

func (e *Edit) setOrganisation(field, url, ods string) {
	e.setExtension(url, &gen.Extension{
		ValueReference: &gen.Reference{Identifier: &gen.Identifier{System: new(odsSystem), Value: &ods}},
	}, pharmacyComplaints(field, ods))
}

// setDeathStatus is one half of a change of death; the other is the time. The date
// on which PDS took note is PDS's own.
func (e *Edit) setDeathStatus(status DeathStatus, display string) {
	notice, notified := e.patient.DeathNotification()
	if notified && notice.Status == status && (e.deathTime == nil || *e.deathTime == e.patient.DeathTime) {
		it := e.extension(deathStatus)
		it.touch()
		it.after, it.always = it.before, false
		return
	}
	e.setParts(deathStatus, []gen.Extension{
		coded("deathNotificationStatus", Coding{
			System: codeSystem + "DeathNotificationStatus", Version: "1.0.0", Code: string(status), Display: display,
		}),
		{URL: "systemEffectiveDate"},
	}, nil)
	e.extension(deathStatus).always = e.deathTime != nil // PDS wants both together
}

// extension returns the item of the extension with the last segment of url, a new
// one if the record has none.
func (e *Edit) extension(url string) *item[json.RawMessage] {
	same := func(x json.RawMessage) bool { return nameOf(contentOf(x)) == lastSegment(url) }
	if found := e.extensions.matching(same); len(found) > 0 {
		return found[0] // the one that the Patient's methods read
	}
	return e.extensions.add(raw(gen.Extension{URL: url}), same)
}

// setExtension wants an extension to have a value.
func (e *Edit) setExtension(url string, value *gen.Extension, broken []complaint) {
	it := e.extension(url)
	value.URL = contentOf(it.after).URL
	it.touch()
	it.after, it.broken = raw(value), broken
}

// setParts wants an extension to have parts: a part without a value is none, and
// parts that are not named stay as they are in the record.
func (e *Edit) setParts(url string, parts []gen.Extension, broken []complaint) {
	it := e.extension(url)
	var now struct {
		URL       string            `json:"url"`
		Extension []json.RawMessage `json:"extension,omitempty"`
	}
	_ = json.Unmarshal(it.before, &now) // a new one has none
	now.URL = contentOf(it.after).URL
	now.Extension = slices.DeleteFunc(now.Extension, func(x json.RawMessage) bool {
		return slices.ContainsFunc(parts, func(p gen.Extension) bool { return p.URL == nameOf(contentOf(x)) })
	})
	wanted := each(valued(parts), func(p gen.Extension) json.RawMessage { return raw(p) })
	now.Extension = append(wanted, now.Extension...)
	it.touch()
	it.after, it.broken = raw(now), broken
}

func (e *Edit) removeExtension(field, url string) {
	it := e.extension(url)
	it.broken = nil
	removeItem(e, field, it)
}

// parts are the parts of the extension. A code that the record has already keeps
// the words it has there.
func (c Communication) parts(had Communication) []gen.Extension {
	return []gen.Extension{
		coded("language", c.Language.completed(had.Language, "HumanLanguage")),
		{URL: "interpreterRequired", ValueBoolean: &c.InterpreterRequired},
	}
}

func (c ContactPreference) parts(had ContactPreference) []gen.Extension {
	return []gen.Extension{
		coded("PreferredWrittenCommunicationFormat", c.WrittenFormat.completed(had.WrittenFormat, "PreferredWrittenCommunicationFormat")),
		coded("PreferredContactMethod", c.Method.completed(had.Method, "PreferredContactMethod")),
		{URL: "PreferredContactTimes", ValueString: optional(c.Times)},
	}
}

// valued are the parts that have a value.
func valued(parts []gen.Extension) []gen.Extension {
	return slices.DeleteFunc(parts, func(p gen.Extension) bool {
		return p.ValueCodeableConcept == nil && p.ValueBoolean == nil && p.ValueString == nil
	})
}

// completed adds what a caller may leave out of a code of UK Core.
func (c Coding) completed(had Coding, system string) Coding {
	switch {
	case c == Coding{}:
		return c
	case c.Code == had.Code && c == Coding{Code: c.Code}:
		return had
	case c.System == "":
		c.System = codeSystem + system
	}
	return c
}

// coded is a part with a code, or without a value if there is no code.
func coded(url string, c Coding) gen.Extension {
	if c == (Coding{}) {
		return gen.Extension{URL: url}
	}
	return gen.Extension{URL: url, ValueCodeableConcept: &gen.CodeableConcept{Coding: []gen.Coding{c.wire()}}}
}
