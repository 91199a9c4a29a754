package pdstest

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/personalised-prevention/nhs"
)

// PutRelatedJSON makes the given FHIR RelatedPersons those of a patient, in place
// of any others. They are served as they are. It refuses an unknown number, and
// what is no RelatedPerson.
func (s *Server) PutRelatedJSON(number nhs.Number, people ...[]byte) error {
	var all list
	for _, text := range people {
		person, err := parse(text, "RelatedPerson")
		if err != nil {
			return err
		}
		all = append(all, person)
	}
	return s.alter(number, func(r *record) { r.related = all })
}

// PutCoverageJSON makes a FHIR Coverage that of a patient, in place of any other.
// It is served as it is. It refuses an unknown number, and what is no Coverage.
func (s *Server) PutCoverageJSON(number nhs.Number, coverage []byte) error {
	cover, err := parse(coverage, "Coverage")
	if err != nil {
		return err
	}
	return s.alter(number, func(r *record) { r.cover = cover })
}

func parse(text []byte, kind string) (object, error) {
	var o object
	if err := json.Unmarshal(text, &o); err != nil {
		return nil, err
	}
	if o["resourceType"] != kind {
		return nil, errors.New("pdstest: the resource is no " + kind)
	}
	return o, nil
}

// alter changes a record that is known.
func (s *Server) alter(number nhs.Number, change func(*record)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.records[number]
	if !ok {
		return errUnknown
	}
	change(r)
	return nil
}

var errUnknown = errors.New("pdstest: the number is not known")

// relatedPeople is the operation get-related-people.
func (s *Server) relatedPeople(id string) *reply {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, refused := s.found(id)
	if refused != nil {
		return refused
	}
	var entries list
	if !r.person.restricted() {
		for _, item := range r.related {
			person, _ := item.(object)
			entries = append(entries, object{
				"fullUrl":  patientURL(r.person.Number) + "/RelatedPerson/" + textOf(person, "id"),
				"resource": person,
			})
		}
	}
	return resource(http.StatusOK, s.bundle(entries))
}

// coverage is the operation get-coverage, for the patient who has signed in.
func (s *Server) coverage(number nhs.Number) *reply {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, refused := s.found(number.Reveal())
	if refused != nil {
		return refused
	}
	return s.covered(http.StatusOK, r)
}

// covered shows the coverage of a record, with the record's version.
func (s *Server) covered(status int, r *record) *reply {
	var entries list
	if r.cover != nil {
		entries = list{object{
			"fullUrl":  "https://api.service.nhs.uk" + root + "/Coverage?subscriber:identifier=" + r.person.Number.Reveal(),
			"resource": r.cover,
		}}
	}
	b := s.bundle(entries)
	b["meta"] = object{"versionId": r.currentVersion()}
	return versioned(status, b, r.currentVersion())
}

// cover is the operation post-coverage.
func (s *Server) cover(r *http.Request, t Token) *reply {
	version, ok := ifMatch(r)
	media := mediaType(r)
	switch {
	case !ok:
		return preconditionFailed()
	case media != "application/json" && media != "application/json-patch+json":
		return refuse("UNSUPPORTED_SERVICE", "")
	}
	cover, refused := s.readCoverage(r)
	if refused != nil {
		return refused
	}
	number, err := nhs.ParseNumber(textOf(inside(cover, "subscriber", "identifier"), "value"))
	switch {
	case err != nil:
		return refuse("INVALID_RESOURCE_ID", "")
	case number != t.Patient:
		return notTheirs()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	rec, refused := s.writable(number)
	switch {
	case refused != nil:
		return refused
	case version != rec.currentVersion():
		return refuse("RESOURCE_VERSION_MISMATCH", "")
	}
	if refused := s.replace(rec, copied(rec.whole())); refused != nil {
		return refused
	}
	rec.cover = cover
	return s.covered(http.StatusCreated, rec)
}

// readCoverage reads a Coverage as strictly as PDS does.
func (s *Server) readCoverage(r *http.Request) (object, *reply) {
	data, whole := body(r)
	var cover object
	if !whole || json.Unmarshal(data, &cover) != nil || cover == nil {
		return nil, refuse("VALIDATION_ERROR", "")
	}
	v := review{today: s.today()}
	v.conform(cover, coverageShape(), "")
	end := textOf(inside(cover, "period"), "end")
	now := s.options.Now()
	v.invalid(end < now.AddDate(-150, 0, 0).Format("2006-01-02") || end > now.AddDate(150, 0, 0).Format("2006-01-02"), end, "period/end")
	cover["resourceType"] = "Coverage"
	return cover, v.refused
}
