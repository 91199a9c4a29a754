package pdstest

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
)

// record is what the server holds of one person.
type record struct {
	person  Person // what searches look at
	version int
	fhir    object // as put with PutJSON, created or updated; nil to render person
	invalid bool

	related list   // of RelatedPerson
	cover   object // Coverage, or nil
}

// Put adds people, or replaces their records by new versions. It refuses a person
// without a number.
func (s *Server) Put(people ...Person) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range people {
		if p.Number.IsZero() {
			return errors.New("pdstest: a person has no NHS number")
		}
		s.put(&record{person: p})
	}
	return nil
}

// PutJSON adds a person as a FHIR Patient, which is served as it is, or replaces
// their record. Searches look at the usual name, the home address, the first
// phone number and the first email address.
func (s *Server) PutJSON(patient []byte) error {
	var p pds.Patient
	if err := json.Unmarshal(patient, &p); err != nil {
		return err
	}
	var fhir object
	if err := json.Unmarshal(patient, &fhir); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(&record{person: personOf(p), fhir: fhir})
	return nil
}

func (s *Server) put(r *record) {
	number := r.person.Number
	if before, ok := s.records[number]; ok {
		r.version, r.related, r.cover = before.version, before.related, before.cover
	}
	r.version++
	s.records[number] = r
	delete(s.replaced, number)
}

// Supersede replaces one number by another: who asks for the former is given the
// record of the latter, and searches do not find the former. It refuses a latter
// number that is unknown, or that leads back to the former.
func (s *Server) Supersede(former, latter nhs.Number) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	survivor := s.survivor(latter)
	if survivor == former {
		return errors.New("pdstest: a number cannot supersede itself")
	}
	if _, ok := s.records[survivor]; !ok {
		return errors.New("pdstest: the superseding number is not known")
	}
	s.replaced[former] = latter
	return nil
}

// Invalidate marks the record of a number as no person's. It refuses an unknown
// number.
func (s *Server) Invalidate(number nhs.Number) error {
	return s.alter(number, func(r *record) { r.invalid = true })
}

// survivor follows a number to the one that is not superseded.
func (s *Server) survivor(number nhs.Number) nhs.Number {
	for {
		next, ok := s.replaced[number]
		if !ok {
			return number
		}
		number = next
	}
}

// found finds a record that may be read, under whatever number.
func (s *Server) found(id string) (*record, *reply) {
	number, err := nhs.ParseNumber(id)
	if err != nil || len(id) != 10 {
		return nil, refuse("INVALID_RESOURCE_ID", "")
	}
	r, ok := s.records[s.survivor(number)]
	switch {
	case !ok:
		return nil, refuse("RESOURCE_NOT_FOUND", "")
	case r.invalid:
		return nil, refuse("INVALIDATED_RESOURCE", "")
	default:
		return r, nil
	}
}

// get is the operation get-patient.
func (s *Server) get(id string) *reply {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, refused := s.found(id)
	if refused != nil {
		return refused
	}
	return versioned(http.StatusOK, r.patient(), r.currentVersion())
}

// whole renders all of the record.
func (r *record) whole() object {
	if r.fhir != nil {
		return maps.Clone(r.fhir)
	}
	return r.person.fhir(r.version)
}

// currentVersion is the version that the record shows.
func (r *record) currentVersion() string {
	return cmp.Or(textOf(inside(r.fhir, "meta"), "versionId"), strconv.Itoa(r.version))
}

// patient renders the record as get-patient shows it to the application.
func (r *record) patient() object {
	p := r.whole()
	if !r.person.restricted() {
		return p
	}
	for _, name := range withheld() {
		delete(p, name)
	}
	keep(p, "extension", func(e object) bool { return !whereabouts(e) })
	return p
}

// restore puts back into shown, which has been changed since the record showed
// it, what the record withholds.
func (r *record) restore(shown object) {
	if !r.person.restricted() {
		return
	}
	all := r.whole()
	for _, name := range withheld() {
		if value, ok := all[name]; ok {
			shown[name] = value
		}
	}
	keep(all, "extension", whereabouts)
	hidden, _ := all["extension"].(list)
	if seen, _ := shown["extension"].(list); len(hidden) > 0 {
		shown["extension"] = slices.Concat(seen, hidden)
	}
}

// withheld are the members that tell where somebody may be found.
func withheld() []string { return []string{"address", "telecom", "contact", "generalPractitioner"} }

// whereabouts reports whether an extension tells where somebody may be found.
func whereabouts(e object) bool {
	switch nameOf(e) {
	case "Extension-UKCore-NominatedPharmacy", "Extension-UKCore-PreferredDispenserOrganization",
		"Extension-UKCore-MedicalApplianceSupplier", "patient-birthPlace":
		return true
	default:
		return false
	}
}

// searched renders the record as search-patient shows it: less than get-patient
// does.
func (r *record) searched() object {
	p := r.patient()
	delete(p, "managingOrganization")
	keep(p, "name", func(n object) bool { return n["use"] == "usual" || n["use"] == "nickname" || n["use"] == "temp" })
	keep(p, "address", func(a object) bool { return a["use"] == "home" })
	keep(p, "extension", func(e object) bool { return nameOf(e) == "Extension-UKCore-DeathNotificationStatus" })
	return p
}

// keep filters a list of p without changing the list itself, and removes an empty
// one.
func keep(p object, name string, wanted func(object) bool) {
	all, ok := p[name].(list)
	if !ok {
		return
	}
	var kept list
	for _, item := range all {
		if o, ok := item.(object); ok && wanted(o) {
			kept = append(kept, item)
		}
	}
	if kept == nil {
		delete(p, name)
		return
	}
	p[name] = kept
}
