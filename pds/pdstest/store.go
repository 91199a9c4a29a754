package pdstest

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strings"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
)

// record is what the server holds of one person.
type record struct {
	person  Person // what searches look at
	version int
	fhir    object // as put with PutJSON; nil to render person
	invalid bool
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
		r.version = before.version
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
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.records[number]
	if !ok {
		return errors.New("pdstest: the number is not known")
	}
	r.invalid = true
	return nil
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

// get is the operation get-patient.
func (s *Server) get(id string) reply {
	number, err := nhs.ParseNumber(id)
	if err != nil || len(id) != 10 {
		return invalidResourceID()
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, ok := s.records[s.survivor(number)]
	switch {
	case !ok:
		return notFound()
	case r.invalid:
		return invalidated()
	}
	patient := r.patient()
	a := resource(patient)
	if meta, ok := patient["meta"].(object); ok {
		if version, ok := meta["versionId"].(string); ok {
			a.header = http.Header{"Etag": {`W/"` + version + `"`}}
		}
	}
	return a
}

// patient renders the record as get-patient shows it to the application.
func (r *record) patient() object {
	p := maps.Clone(r.fhir)
	if p == nil {
		p = r.person.fhir(r.version)
	}
	if !r.person.restricted() {
		return p
	}
	for _, name := range []string{"address", "telecom", "contact", "generalPractitioner"} {
		delete(p, name)
	}
	keep(p, "extension", func(e object) bool {
		switch nameOf(e) {
		case "Extension-UKCore-NominatedPharmacy", "Extension-UKCore-PreferredDispenserOrganization",
			"Extension-UKCore-MedicalApplianceSupplier", "patient-birthPlace":
			return false
		default:
			return true
		}
	})
	return p
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

// nameOf is the last segment of an extension's URL.
func nameOf(extension object) string {
	url, _ := extension["url"].(string)
	return url[strings.LastIndexByte(url, '/')+1:]
}
