package pdstest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
)

// create is the operation create-patient. It records a patient whom nobody
// matches.
func (s *Server) create(r *http.Request) *reply {
	if mediaType(r) != "application/json" {
		return refuse("UNSUPPORTED_SERVICE", "")
	}
	data, whole := body(r)
	var asked any
	if !whole || json.Unmarshal(data, &asked) != nil {
		return refuse("VALIDATION_ERROR", "")
	}
	o, ok := asked.(object)
	if !ok {
		return refuse("VALIDATION_ERROR", "")
	}
	v := review{today: s.today(), create: true}
	v.newPatient(o)
	if v.refused != nil {
		return v.refused
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tidy(object{}, o, nil)
	return s.record(o)
}

// record allocates a number and keeps a patient under it, unless somebody matches.
func (s *Server) record(o object) *reply {
	number, ok := s.allocate()
	if !ok {
		return failure(http.StatusInternalServerError)
	}
	rendered := (&Person{Number: number}).fhir(1)
	maps.Copy(rendered, o)
	rendered["resourceType"] = "Patient"
	keep(rendered, "extension", func(e object) bool {
		return nameOf(e) == "Extension-UKCore-NHSCommunication" || nameOf(e) == "Extension-UKCore-ContactPreference"
	})
	fhir := copied(rendered)
	var p pds.Patient
	if err := json.Unmarshal(encode(fhir), &p); err != nil {
		return refuse("VALIDATION_ERROR", "")
	}
	rec := &record{person: personOf(p), fhir: fhir}
	switch same := s.alike(&rec.person); len(same) {
	case 0:
	case 1:
		return refuse("SINGLE_MATCH", "Unable to create new patient. NHS number "+same[0].Reveal()+" found for supplied demographic data.")
	default:
		return refuse("MULTIPLE_MATCHES", "Unable to create new patient. Multiple matches found for supplied demographic data.")
	}
	s.issued = number.Int()
	s.put(rec)
	return versioned(http.StatusCreated, rec.patient(), rec.currentVersion())
}

// Numbers are allocated in the range for tests.
const (
	firstAllocated = 9_990_000_000
	lastAllocated  = 9_999_999_999
)

// allocate finds the next number that nobody has.
func (s *Server) allocate() (nhs.Number, bool) {
	for i := s.issued + 1; i <= lastAllocated; i++ {
		number, err := nhs.NumberFromInt(i)
		if err != nil {
			continue // a wrong check digit
		}
		_, known := s.records[number]
		if _, superseded := s.replaced[number]; !known && !superseded {
			return number, true
		}
	}
	return nhs.Number{}, false
}

// alike returns the people who may be the same person: of the same family name,
// first given name, birth date, gender and postcode.
func (s *Server) alike(p *Person) []nhs.Number {
	first := func(p *Person) string {
		if len(p.Given) == 0 {
			return ""
		}
		return p.Given[0]
	}
	var same []nhs.Number
	for number, r := range s.records {
		_, superseded := s.replaced[number]
		q := &r.person
		if !superseded && !r.invalid && p.Born == q.Born && p.Gender == q.Gender && strings.EqualFold(p.Family, q.Family) &&
			strings.EqualFold(first(p), first(q)) && strings.EqualFold(compact(p.Postcode), compact(q.Postcode)) {
			same = append(same, number)
		}
	}
	return same
}

// newPatient judges what is asked to be recorded of a new patient.
func (v *review) newPatient(o object) {
	for _, name := range []string{"name", "address", "gender", "birthDate"} {
		v.missing(o[name] == nil, name)
	}
	v.conform(o, shape{parts: map[string]shape{
		"resourceType": oneOf("Patient"),
		"address":      listOf(shape{parts: map[string]shape{"period": {}}, required: []string{"period"}, open: true}, 1, 0),
		"name":         listOf(shape{parts: map[string]shape{}, open: true}, 1, 1),
		"gender":       oneOf("male", "female", "unknown"),
		"birthDate":    {text: wholeDate},
		"telecom":      listOf(shape{parts: map[string]shape{}, open: true}, 0, 0),
		"extension":    listOf(shape{parts: map[string]shape{}, open: true}, 0, 0),
	}}, "")
	v.rule(textOf(o, "birthDate") > v.today, "birthDate cannot be in the future")
	for _, name := range []string{"name", "address", "telecom"} {
		all, _ := o[name].(list)
		for i, item := range all {
			v.item(name, item, nil, fmt.Sprint(name, "/", i))
		}
	}
	v.lists(object{}, o)
	v.missing(o["extension"] == nil, "extension")
	v.newExtensions(o)
}

// newExtensions judges the extensions of a new patient, of which one names who
// registers them.
func (v *review) newExtensions(o object) {
	all, _ := o["extension"].(list)
	for i, item := range all {
		e, _ := item.(object)
		field := fmt.Sprint("extension/", i)
		v.missing(e["url"] == nil, field+"/url")
		switch name := nameOf(e); {
		case name == "Extension-UKCore-RegisteringAuthority":
			v.authority(e, field)
		case name == "Extension-UKCore-NHSCommunication", name == "Extension-UKCore-ContactPreference":
			v.extension(e, nil, field)
		case !slices.Contains(ignored(), name):
			v.invalid(true, e["url"], field+"/url")
		}
	}
	authority := extension(o, "Extension-UKCore-RegisteringAuthority")
	v.missing(authority == nil, "extension/registeringAuthority")
}

// ignored are the extensions of a new patient that are accepted, but not kept.
func ignored() []string {
	return []string{
		"patient-birthPlace", "patient-cadavericDonor", "patient-interpreterRequired",
		"Extension-UKCore-BirthSex", "Extension-UKCore-DeathNotificationStatus", "Extension-UKCore-EthnicCategory",
		"Extension-UKCore-ResidentialStatus", "Extension-UKCore-NHSNumberUnavailableReason",
	}
}

func (v *review) authority(e object, field string) {
	kind, organisation := extension(e, "registeringAuthorityType"), extension(e, "organisationIdentifier")
	v.missing(kind == nil, field+"/registeringAuthorityType")
	v.missing(organisation == nil, field+"/organisationIdentifier")
	code, id := codeOf(kind), textOf(organisation, "valueString")
	v.invalid(!authorityCode.MatchString(code), code, field+"/registeringAuthorityType")
	n := utf8.RuneCountInString(id)
	v.invalid(n < 2 || n > 15, id, field+"/organisationIdentifier")
}
