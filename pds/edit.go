package pds

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/personalised-prevention/nhs"
)

// Edit is a set of wanted changes to a patient's record. [Patient.Edit] starts
// one, its methods say what is wanted, and [Client.Update] sends it. It is made of
// the patches that PDS's rules ask for; [Edit.Patches] shows them.
//
//	edit := p.Edit()
//	edit.Address(pds.Home).SetPostcode("LS1 6AE")
//	edit.Telecom(pds.Phone, pds.Mobile).SetValue("07700900123")
//	p, err := patients.Update(ctx, edit)
//
// Wanting what the record has already changes nothing, and of two wishes for the
// same thing the later one counts. What PDS would refuse is refused by Patches and
// Update, with errors that name the fields; [Edit.Allow] leaves a field to PDS.
//
// An Edit is not safe for concurrent use. It masks itself in fmt and slog.
//
// Source: PDS FHIR API, operation update-patient-partial.
type Edit struct {
	patient Patient

	// What has one value is left as it is while nil.
	gender     *Gender
	birthDate  *nhs.Date
	deathTime  *DateTime
	birthOrder *int

	names      list[HumanName]
	addresses  list[Address]
	telecom    list[ContactPoint]
	contacts   list[Contact]
	practices  list[Reference]
	extensions list[json.RawMessage]

	misuse  []error  // wishes that no patch can express
	allowed []string // fields that are not held to the rules
}

// Edit starts a set of changes to the patient. The patient must come from
// [Client.Get], [Client.Update] or [Client.Create]: a search leaves out too much.
func (p Patient) Edit() *Edit {
	e := &Edit{patient: p}
	e.names = list[HumanName]{
		name: "name", field: "Name", key: "id", rules: nameRules, kind: nameKind,
		encode: func(n HumanName) object { return members(n.wire()) },
	}
	e.addresses = list[Address]{
		name: "address", field: "Address", key: "id", rules: addressRules, kind: addressKind,
		encode: func(a Address) object { return members(a.sent()) },
	}
	e.telecom = list[ContactPoint]{
		name: "telecom", field: "Telecom", key: "id", whole: true, rules: telecomRules, kind: telecomKind,
		encode: func(c ContactPoint) object { return members(c.wire()) },
	}
	e.contacts = list[Contact]{
		name: "contact", field: "Contact", key: "id", rules: contactRules,
		encode: func(c Contact) object { return members(c.wire()) },
	}
	e.practices = list[Reference]{
		name: "generalPractitioner", field: "GeneralPractice", key: "id", rules: practiceRules,
		encode: func(r Reference) object { return members(r.wire()) },
	}
	e.extensions = list[json.RawMessage]{
		name: "extension", field: "Extension", key: "url", whole: true,
		encode: func(x json.RawMessage) object { return members(x) },
	}
	e.names.fill(p.Names)
	e.addresses.fill(each(p.Addresses, Address.withoutNulls))
	e.telecom.fill(p.Telecom)
	e.contacts.fill(p.Contacts)
	e.practices.fill(p.GeneralPractitioners)
	e.extensions.fill(p.Extensions)
	return e
}

// changeable is a list of any type.
type changeable interface {
	complaints(today string) []complaint
	patches() ([]Patch, error)
}

// lists are the lists of the record in the order of their patches.
func (e *Edit) lists() []changeable {
	return []changeable{&e.names, &e.addresses, &e.telecom, &e.contacts, &e.practices, &e.extensions}
}

// Number returns the NHS number of the patient to be changed.
func (e *Edit) Number() nhs.Number { return e.patient.Number }

// ETag returns the entity tag of the version that the changes are for.
func (e *Edit) ETag() string { return e.patient.ETag() }

// SetGender changes the gender: [Male], [Female] or [Unknown]. It cannot be
// removed.
func (e *Edit) SetGender(g Gender) { e.gender = &g }

// SetBirthDate changes the date of birth, which must be whole, past, and not after
// the death. It cannot be removed.
func (e *Edit) SetBirthDate(d nhs.Date) { e.birthDate = &d }

// SetMultipleBirth changes the place in a multiple birth: 1 to 7, 8 not
// applicable, 9 unknown.
func (e *Edit) SetMultipleBirth(order int) { e.birthOrder = &order }

// SetDeath records a death of which an NHS organisation was told, with its time:
// a date, or a time in UTC that ends in "+00:00". A death that the registrar has
// notified cannot change, and a notice cannot be withdrawn here: PDS takes that
// from special endpoints only.
func (e *Edit) SetDeath(at DateTime) {
	e.deathTime = &at
	e.setDeathStatus(DeathInformal, "Informal - death notice received via an update from a local NHS Organisation such as GP or Trust")
}

// SetGeneralPractice registers the patient with the general practice of that ODS
// code, in place of any other. A registration is not the caller's to end.
func (e *Edit) SetGeneralPractice(ods string) {
	it := choose(e, &e.practices, Reference{Type: "Organization"}, anyPractice)
	it.touch()
	if it.index >= 0 && it.before.Identifier.Value == ods {
		it.after = it.before
		return
	}
	it.after.Identifier = Identifier{System: odsSystem, Value: ods} // no period: PDS starts it today
}

func anyPractice(Reference) bool { return true }

const odsSystem = "https://fhir.nhs.uk/Id/ods-organization-code"

// Allow lets fields pass that break a rule this package knows, so that PDS
// decides. A field is named as in the error that refused it, such as
// "Address.Lines".
func (e *Edit) Allow(fields ...string) { e.allowed = append(e.allowed, fields...) }

// Patches returns the patches that make the wanted changes, for a look before
// [Client.Update] sends the same; none when the record is as wanted. Print them
// freely: they mask what they set.
//
// Its errors are [*nhs.ArgumentError]s, joined, that name the fields. It does not
// know today's date: only Update refuses dates in the future.
func (e *Edit) Patches() ([]Patch, error) { return e.patches("") }

// patches makes the patches, and refuses dates after today, if that is known.
func (e *Edit) patches(today string) ([]Patch, error) {
	switch {
	case e.patient.partial:
		return nil, refuse("Patient", "comes from a search, which leaves out much: get it first")
	case !isVersion(e.patient.Version):
		return nil, refuse("Patient.Version", "must be known: get the patient first")
	}
	refusals := slices.Clone(e.misuse)
	if err := refusal(e.complaints(today), e.allowed); err != nil {
		refusals = append(refusals, err)
	}
	patches := e.scalars()
	for _, l := range e.lists() {
		more, err := l.patches()
		if err != nil {
			refusals = append(refusals, err)
		}
		patches = append(patches, more...)
	}
	if len(refusals) > 0 {
		return nil, errors.Join(refusals...)
	}
	return patches, nil
}

// scalars patches what is not in a list.
func (e *Edit) scalars() []Patch {
	before := e.patient.wire()
	status := e.deathTime != nil && e.extensionChanged(deathStatus) // PDS wants both together
	var patches []Patch
	for _, m := range []struct {
		path           string
		before, wanted json.RawMessage
		always         bool
	}{
		{"/gender", encoded(before.Gender), encoded(e.gender), false},
		{"/birthDate", encoded(before.BirthDate), encoded(e.birthDate), false},
		{"/deceasedDateTime", encoded(before.DeceasedDateTime), encoded(e.deathTime), status},
		{"/multipleBirthInteger", encoded(before.MultipleBirthInteger), encoded(e.birthOrder), false},
	} {
		if m.wanted != nil && (m.always || !equal(m.before, m.wanted)) {
			patches = append(patches, assign(m.path, m.before, m.wanted))
		}
	}
	return patches
}

// encoded is what p points to, if anything.
func encoded[T any](p *T) json.RawMessage {
	if p == nil {
		return nil
	}
	return raw(*p)
}

// Format prints a mask: an edit is about a person.
func (e *Edit) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[PDS edit]") }

// LogValue logs the mask.
func (e *Edit) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(e)) }

// fault notes a wish that no patch can express.
func (e *Edit) fault(field, reason string) { e.misuse = append(e.misuse, refuse(field, reason)) }

// encodable notes extensions that are no JSON.
func (e *Edit) encodable(field string, extensions []json.RawMessage) {
	if slices.ContainsFunc(extensions, func(x json.RawMessage) bool { return contentOf(x).URL == "" }) {
		e.fault(field, "must be FHIR extensions")
	}
}

// removeItem marks an item to be removed.
func removeItem[T any](e *Edit, field string, it *item[T]) {
	switch {
	case it.index >= 0:
		it.removed = true
	case it.touched, it.again:
		it.touched = false
	default:
		e.fault(field, "is not there to be removed")
	}
}

// choose returns the one item that matches, a new one made of fresh if there is
// none, and one that belongs to no record if there are several.
func choose[T any](e *Edit, l *list[T], fresh T, match func(T) bool) *item[T] {
	switch found := l.matching(match); len(found) {
	case 0:
		return l.add(fresh, match)
	case 1:
		return found[0]
	default:
		e.fault(l.field, "is there more than once for this use: choose one by its id")
		return &item[T]{index: -1}
	}
}

// chooseByID returns the item of the record with the given id, and one that
// belongs to no record if there is none.
func chooseByID[T any](e *Edit, l *list[T], id string) *item[T] {
	for _, it := range l.items {
		if key, ok := l.encode(it.before)["id"]; ok && it.index >= 0 && equal(key, raw(id)) {
			return it
		}
	}
	e.fault(l.field, "with this id is not in the record")
	return &item[T]{index: -1}
}

// latestToday is the date in London, or the one after, as some part of the day
// may be there already.
func latestToday(now time.Time) string { return nhs.DateIn(now.UTC().Add(time.Hour)).String() }

func isVersion(text string) bool {
	for _, r := range text {
		if r < '0' || r > '9' {
			return false
		}
	}
	return text != ""
}
