package pdstest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
)

// update is the operation update-patient-partial.
func (s *Server) update(r *http.Request, id string, t Token) *reply {
	number, err := nhs.ParseNumber(id)
	if err != nil || len(id) != 10 {
		return refuse("INVALID_RESOURCE_ID", "")
	}
	version, ok := ifMatch(r)
	data, whole := body(r)
	switch {
	case !ok:
		return preconditionFailed()
	case mediaType(r) != "application/json-patch+json":
		return refuse("UNSUPPORTED_SERVICE", "")
	case !whole:
		return refuse("VALIDATION_ERROR", "")
	}
	patches, refused := parsePatches(data)
	if refused != nil {
		return refused
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	rec, refused := s.writable(number)
	if refused != nil {
		return refused
	}
	repeat := s.updates[r.Header.Get("X-Request-ID")] == number
	switch {
	case repeat && s.options.RepeatsMakeNoChange:
		return invalidUpdate(noChange)
	case version != rec.currentVersion():
		return refuse("RESOURCE_VERSION_MISMATCH", "")
	}
	changed, refused := s.amend(rec, patches, t)
	if refused != nil {
		return refused
	}
	if refused := s.replace(rec, changed); refused != nil {
		return refused
	}
	s.updates[r.Header.Get("X-Request-ID")] = number
	return versioned(http.StatusOK, rec.patient(), rec.currentVersion())
}

const noChange = "Invalid patch - Provided patch made no changes to the resource"

var ifMatchPattern = regexp.MustCompile(`^W/"([0-9]+)"$`)

// ifMatch returns the version that a change was made for.
func ifMatch(r *http.Request) (string, bool) {
	match := ifMatchPattern.FindStringSubmatch(r.Header.Get("If-Match"))
	if match == nil {
		return "", false
	}
	return match[1], true
}

func mediaType(r *http.Request) string {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return media
}

// writable finds a record that may be changed.
func (s *Server) writable(number nhs.Number) (*record, *reply) {
	rec, ok := s.records[s.survivor(number)]
	_, superseded := s.replaced[number]
	switch {
	case !ok:
		return nil, refuse("RESOURCE_NOT_FOUND", "")
	case rec.invalid:
		return nil, refuse("INVALIDATED_RESOURCE", "")
	case superseded:
		return nil, forbiddenUpdate("Update Failed - NHS No. supplied has been superseded in a merge")
	default:
		return rec, nil
	}
}

// amend returns the patient as patches make them, all of them or none. Patches are
// for what the application has seen: what a restricted record withholds stays.
func (s *Server) amend(rec *record, patches []patch, t Token) (object, *reply) {
	if refused := checkForm(patches); refused != nil {
		return nil, refused
	}
	shown := rec.patient()
	doc := opened(shown)
	var misnamed *reply
	for i := range patches {
		p := &patches[i]
		switch {
		case t.Access == nhs.PatientAccess && !p.forPatients(doc):
			return nil, invalidUpdate("This user does not have permission to update the fields in the patches provided.")
		case rec.person.restricted() && p.locates():
			return nil, forbiddenUpdate("not permitted to update the whereabouts of a restricted patient")
		}
		if misnamed == nil {
			misnamed = p.misnamed(doc)
		}
		if err := p.apply(doc); err != nil {
			return nil, invalidUpdate("Invalid patch - " + err.Error())
		}
	}
	if misnamed != nil {
		return nil, misnamed
	}
	before, _ := pruned(opened(shown)).(object)
	after, _ := pruned(doc).(object)
	if reflect.DeepEqual(before, after) {
		return nil, invalidUpdate(noChange)
	}
	v := review{today: s.today()}
	v.change(before, after)
	if v.refused != nil {
		return nil, v.refused
	}
	s.tidy(before, after, patches)
	rec.restore(after)
	return after, nil
}

// forPatients reports whether patients may make this change to their own record.
func (p *patch) forPatients(doc object) bool {
	if p.op == "test" || p.at[0] == "address" || p.at[0] == "contact" {
		return true
	}
	if p.at[0] != "telecom" && p.at[0] != "extension" || len(p.at) != 2 {
		return false
	}
	item, _ := p.value.(object)
	if known, err := member(doc[p.at[0]], p.at[1]); err == nil && p.op != "add" {
		item, _ = known.(object)
	}
	if p.at[0] == "telecom" {
		return item["use"] == "mobile" || item["system"] == "email"
	}
	name := nameOf(item)
	return name == "Extension-UKCore-NHSCommunication" || whereabouts(item)
}

// locates reports whether p is about where a patient may be found.
func (p *patch) locates() bool {
	switch p.at[0] {
	case "address", "telecom", "contact", "generalPractitioner":
		return true
	case "extension":
		value, _ := p.value.(object)
		return whereabouts(value)
	default:
		return false
	}
}

// tidy does to changed items what Spine does: it gives new ones an id and a period
// that begins today, leaves out blanks, writes titles its own way, and orders
// lists.
func (s *Server) tidy(before, after object, patches []patch) {
	replaced := map[string]bool{} // ids of items replaced as wholes
	for i := range patches {
		if p := &patches[i]; p.op == "replace" && len(p.at) == 2 && isList(p.at[0]) {
			value, _ := p.value.(object)
			replaced[p.at[0]+textOf(value, "id")] = true
		}
	}
	for _, name := range []string{"name", "address", "telecom", "contact", "generalPractitioner"} {
		for item := range items(after, name) {
			id := textOf(item, "id")
			if id == "" {
				s.serial++
				item["id"] = fmt.Sprintf("%08X", s.serial)
			}
			dated := item
			if name == "generalPractitioner" {
				dated = inside(item, "identifier")
			}
			if (id == "" || replaced[name+id]) && dated != nil && dated["period"] == nil {
				dated["period"] = object{"start": s.today()}
			}
		}
	}
	for address := range items(after, "address") {
		withoutBlanks(address, "line")
	}
	for name := range items(after, "name") {
		tidyName(name)
	}
	if died := textOf(after, "deceasedDateTime"); after["deceasedDateTime"] != before["deceasedDateTime"] &&
		strings.Contains(died, "T") && !strings.HasSuffix(died, "+00:00") {
		after["deceasedDateTime"] = died + "+00:00"
	}
	order(after, "name", "usual", "nickname", "temp", "maiden", "old")
	order(after, "address", "home", "temp", "billing", "work")
}

func tidyName(name object) {
	for _, part := range []string{"prefix", "given", "suffix"} {
		withoutBlanks(name, part)
		if l, ok := name[part].(list); ok && len(l) == 0 {
			delete(name, part)
		}
	}
	titles, _ := name["prefix"].(list)
	for i, title := range titles {
		text, _ := title.(string)
		titles[i] = titled(strings.TrimRight(text, "."))
	}
}

// titled writes the titles that have a fixed form in it.
func titled(text string) string {
	for _, form := range []string{"Mr", "Mrs", "Ms", "Dr", "Rev", "Sir", "Lady", "Lord"} {
		if strings.EqualFold(text, form) {
			return form
		}
	}
	return text
}

// order sorts a list of doc by use.
func order(doc object, name string, uses ...string) {
	all, _ := doc[name].(list)
	slices.SortStableFunc(all, func(a, b any) int {
		x, _ := a.(object)
		y, _ := b.(object)
		return cmp.Compare(slices.Index(uses, textOf(x, "use")), slices.Index(uses, textOf(y, "use")))
	})
}

// replace makes changed the current version of a record.
func (s *Server) replace(rec *record, changed object) *reply {
	version, err := strconv.Atoi(rec.currentVersion())
	if err != nil {
		return failure(http.StatusInternalServerError)
	}
	meta := maps.Clone(inside(changed, "meta"))
	if meta == nil {
		meta = object{}
	}
	meta["versionId"] = strconv.Itoa(version + 1)
	changed["meta"] = meta
	var p pds.Patient
	if err := json.Unmarshal(encode(changed), &p); err != nil {
		return refuse("VALIDATION_ERROR", "")
	}
	rec.person, rec.fhir, rec.version = personOf(p), changed, version+1
	return nil
}
