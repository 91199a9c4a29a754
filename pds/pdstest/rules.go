package pdstest

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// change refuses what an update may not do to a patient. Only what has changed is
// looked at: records hold much that could not be written today.
func (v *review) change(before, after object) {
	for _, name := range []string{"birthDate", "gender", "deceasedDateTime"} {
		v.forbid(before[name] != nil && after[name] == nil, "source not permitted to remove '"+name+"'")
	}
	v.scalars(before, after)
	for _, name := range []string{"name", "address", "telecom", "contact", "generalPractitioner", "extension"} {
		known := map[string]object{}
		for item := range items(before, name) {
			known[textOf(item, keyOf(name))] = item
		}
		all, _ := after[name].(list)
		for i, item := range all {
			o, _ := item.(object)
			old := known[textOf(o, keyOf(name))]
			if old == nil || !reflect.DeepEqual(old, o) {
				v.item(name, item, old, name+"/"+strconv.Itoa(i))
			}
		}
	}
	v.lists(before, after)
	v.death(before, after)
}

// scalars judges the members that are no lists.
func (v *review) scalars(before, after object) {
	changed := func(name string) bool { return after[name] != nil && !reflect.DeepEqual(before[name], after[name]) }
	if changed("gender") {
		v.conform(after["gender"], oneOf("male", "female", "unknown"), "gender")
	}
	if changed("birthDate") {
		v.conform(after["birthDate"], shape{text: wholeDate}, "birthDate")
		v.rule(textOf(after, "birthDate") > v.today, "birthDate cannot be in the future")
	}
	if changed("deceasedDateTime") {
		v.conform(after["deceasedDateTime"], matching(deathTime), "deceasedDateTime")
		v.rule(dayOf(after) > v.today, "deceasedDateTime cannot be in the future")
	}
	if changed("birthDate") || changed("deceasedDateTime") {
		v.rule(dayOf(after) != "" && textOf(after, "birthDate") > dayOf(after), "birthDate cannot be after deceasedDateTime")
	}
	if changed("multipleBirthInteger") {
		order, ok := after["multipleBirthInteger"].(float64)
		v.invalid(!ok || order != float64(int(order)) || order < 1 || order > 9, after["multipleBirthInteger"], "multipleBirthInteger")
	}
	if changed("managingOrganization") {
		v.conform(after["managingOrganization"], organisationShape(), "managingOrganization")
	}
}

// dayOf is the day of death, or "".
func dayOf(patient object) string {
	day, _, _ := strings.Cut(textOf(patient, "deceasedDateTime"), "T")
	return day
}

// item judges an item of a list that is new, or that was old before.
func (v *review) item(list string, item any, old object, field string) {
	o, ok := item.(object)
	v.invalid(!ok, item, field)
	switch list {
	case "name":
		v.name(o, old, field)
	case "address":
		v.address(o, old, field)
	case "telecom":
		v.conform(o, telecomShape(), field)
		v.email(o)
		v.rule(old != nil && (old["system"] != o["system"] || old["use"] != o["use"]), "system and use of a telecom cannot be changed")
	case "contact":
		v.conform(o, contactShape(), field)
		for point := range items(o, "telecom") {
			v.email(point)
		}
	case "generalPractitioner":
		v.conform(o, organisationShape(), field)
		period := inside(o, "identifier", "period")
		v.rule(period["end"] != nil, "a period end cannot be provided on a general practice")
		v.period(period)
	case "extension":
		v.extension(o, old, field)
	}
	v.period(inside(o, "period"))
}

// period judges a period of which the shape is right.
func (v *review) period(p object) {
	start, end := textOf(p, "start"), textOf(p, "end")
	v.rule(start > v.today, "period start cannot be in the future")
	v.rule(end != "" && end < start, "period end cannot be before period start")
}

func (v *review) name(o, old object, field string) {
	v.conform(o, nameShape(), field)
	suffixes, _ := o["suffix"].(list)
	for i, suffix := range suffixes {
		text, _ := suffix.(string)
		v.invalid(text != "" && (text[0] < 'A' || text[0] > 'Z'), suffix, field+"/suffix/"+strconv.Itoa(i))
	}
	v.rule(o["use"] == "usual" && inside(o, "period")["end"] != nil, "An end date can not be provided on usual name")
	v.rule(old != nil && old["use"] != o["use"], "use of a name cannot be changed")
}

func (v *review) address(o, old object, field string) {
	v.conform(o, addressShape(), field)
	use := textOf(o, "use")
	v.unsupported(use == "work", "work", field+"/use")
	if use == "temp" {
		v.missing(o["text"] == nil, field+"/text")
		v.invalid(old["text"] != o["text"] && !temporary(textOf(o, "text")), o["text"], field+"/text")
	}
	if use == "temp" || use == "billing" {
		v.missing(o["period"] == nil, field+"/period")
		period := inside(o, "period")
		v.missing(period["end"] == nil, field+"/period/end")
		most := map[string]int{"temp": 90, "billing": 366}[use]
		v.rule(daysOf(period) > most, fmt.Sprintf("period of a %s address cannot exceed %d days", use, most))
	}
	v.lines(o)
}

// temporary reports whether a temporary address may be described like this.
func temporary(text string) bool {
	switch text {
	case "Second Home", "Student Accommodation", "Respite Care Address", "Temporary Residence Address",
		"Convalescence Home", "Mobile Home", "Holiday Home":
		return true
	default:
		return false
	}
}

// daysOf is the length of a period in days.
func daysOf(period object) int {
	start, err := time.Parse(time.DateOnly, textOf(period, "start"))
	end, errEnd := time.Parse(time.DateOnly, textOf(period, "end"))
	if err != nil || errEnd != nil {
		return 0
	}
	return int(end.Sub(start).Hours() / 24)
}

// lines wants premises or street, and a town, unless the postcode says that there
// are none or the service can look them up. The lines of a new patient's address
// have fixed places; in an update the blank ones may be left out.
func (v *review) lines(o object) {
	all, _ := o["line"].(list)
	postcode := strings.ToUpper(compact(textOf(o, "postalCode")))
	if strings.HasPrefix(postcode, "ZZ99") || (postcode != "" && hasPAF(o)) {
		return
	}
	filled := func(i int) bool {
		if i >= len(all) {
			return false
		}
		text, _ := all[i].(string)
		return strings.TrimSpace(text) != ""
	}
	enough := (filled(0) || filled(1)) && filled(3)
	if !v.create {
		count := 0
		for i := range all {
			if filled(i) {
				count++
			}
		}
		enough = count >= 2
	}
	v.rule(!enough, "address lines 1 and 4 or 2 and 4 must be completed as a minimum")
}

// hasPAF reports whether an address has a key of the Postcode Address File.
func hasPAF(address object) bool {
	for key := range items(address, "extension") {
		if kind := extension(key, "type"); inside(kind, "valueCoding")["code"] == "PAF" {
			return true
		}
	}
	return false
}

// email judges the value of a contact point that is an email address.
func (v *review) email(point object) {
	value := textOf(point, "value")
	n := utf8.RuneCountInString(value)
	v.rule(point["system"] == "email" && (n < 6 || n > 90 || !email.MatchString(value)), "email format is invalid")
}

// lists judges lists as wholes.
func (v *review) lists(before, after object) {
	use := func(o object) string { return textOf(o, "use") }
	usual := func(patient object) int { return count(patient, "name", use)["usual"] }
	v.forbid(usual(before) > 0 && usual(after) == 0, "not permitted to remove usual name")
	for _, name := range []string{"usual", "nickname"} {
		v.forbid(more(before, after, "name", use, name), "multiple "+name+" names cannot be added")
	}
	for _, name := range []string{"home", "temp", "billing"} {
		v.rule(more(before, after, "address", use, name), "multiple "+name+" addresses cannot be added")
	}
	point := func(o object) string { return strings.TrimSpace(textOf(o, "use") + " " + textOf(o, "system")) }
	for _, name := range slices.Sorted(maps.Keys(count(after, "telecom", point))) {
		v.rule(more(before, after, "telecom", point, name), "multiple "+name+" telecoms cannot be added")
	}
	for _, name := range slices.Sorted(maps.Keys(count(after, "extension", nameOf))) {
		v.rule(more(before, after, "extension", nameOf, name), "multiple "+name+" extensions cannot be added")
	}
	practice := func(object) string { return "" }
	v.rule(more(before, after, "generalPractitioner", practice, ""), "multiple general practices cannot be added")
	v.forbid(before["generalPractitioner"] != nil && after["generalPractitioner"] == nil, "source not permitted to remove 'generalPractitioner'")
}

// count counts the items of a list by kind.
func count(patient object, name string, kind func(object) string) map[string]int {
	counts := map[string]int{}
	for o := range items(patient, name) {
		counts[kind(o)]++
	}
	return counts
}

// more reports whether there are several items of a kind, and more than before.
func more(before, after object, name string, kind func(object) string, of string) bool {
	n := count(after, name, kind)[of]
	return n > 1 && n > count(before, name, kind)[of]
}

// death judges date and notification of a death, which belong together.
func (v *review) death(before, after object) {
	const notification = "Extension-UKCore-DeathNotificationStatus"
	was, is := extension(before, notification), extension(after, notification)
	v.forbid(was != nil && is == nil, "source not permitted to remove 'deathNotificationStatus'")
	dated := !reflect.DeepEqual(before["deceasedDateTime"], after["deceasedDateTime"])
	notified := !reflect.DeepEqual(was, is)
	status := func(e object) string { return codeOf(extension(e, "deathNotificationStatus")) }
	v.forbid(status(was) == "2" && (dated || notified), "source not permitted to update a formal death notification")
	v.forbid(notified && status(is) == "2", "source not permitted to add a formal death notification")
	v.rule(dated && is == nil, "a death notification status must be supplied with deceasedDateTime")
	v.rule(notified && after["deceasedDateTime"] == nil, "deceasedDateTime must be supplied with a death notification status")
}

// extension judges an extension of a patient.
func (v *review) extension(o, old object, field string) {
	url, _ := o["url"].(string)
	v.missing(o["url"] == nil, field+"/url")
	switch name := nameOf(o); name {
	case "Extension-UKCore-NominatedPharmacy", "Extension-UKCore-PreferredDispenserOrganization", "Extension-UKCore-MedicalApplianceSupplier":
		v.conform(o, pharmacyShape(), field)
	case "Extension-UKCore-DeathNotificationStatus":
		v.missing(extension(o, "deathNotificationStatus") == nil, field+"/extension")
		code := codeOf(extension(o, "deathNotificationStatus"))
		v.unsupported(code == "U", code, field+"/extension/0/valueCodeableConcept/coding/0/code")
		v.invalid(code != "1" && code != "2", code, field+"/extension/0/valueCodeableConcept/coding/0/code")
	case "Extension-UKCore-NHSCommunication":
		v.communication(o, old, field)
	case "Extension-UKCore-ContactPreference":
		v.preference(o, field)
	case "patient-birthPlace":
		place := inside(o, "valueAddress")
		v.conform(o["valueAddress"], shape{parts: map[string]shape{"city": words(35), "district": words(35), "country": words(3)}}, field+"/valueAddress")
		v.rule(len(place) == 0, "at least one of city, district and country must be supplied")
	case "Extension-PDS-RemovalFromRegistration":
		v.rule(true, "Update unsupported for resource - '"+name+"'")
	default:
		v.invalid(true, url, field+"/url")
	}
}

func (v *review) communication(o, old object, field string) {
	const interpreter = "interpreterRequired"
	v.rule(old != nil && extension(old, interpreter) != nil && extension(o, interpreter) == nil, interpreter+" cannot be removed")
	if language := extension(o, "language"); language != nil {
		code := codeOf(language)
		v.invalid(code == "en" || !languageCode.MatchString(code), code, field+"/extension/0/valueCodeableConcept/coding/0/code")
	}
	v.subExtensions(o, field, "language", interpreter)
}

func (v *review) preference(o object, field string) {
	const method, times = "PreferredContactMethod", "PreferredContactTimes"
	v.subExtensions(o, field, method, times, "PreferredWrittenCommunicationFormat")
	if e := extension(o, times); e != nil {
		text := textOf(e, "valueString")
		v.invalid(text == "" || utf8.RuneCountInString(text) > 40, text, field+"/extension/valueString")
		v.rule(extension(o, method) == nil, "a preferred contact time needs a preferred contact method")
	}
}

// subExtensions wants an extension to have some of the named ones within it, and
// no others.
func (v *review) subExtensions(o object, field string, names ...string) {
	all, _ := o["extension"].(list)
	v.missing(len(all) == 0, field+"/extension")
	for i, item := range all {
		e, _ := item.(object)
		v.invalid(!slices.Contains(names, textOf(e, "url")), textOf(e, "url"), field+"/extension/"+strconv.Itoa(i)+"/url")
	}
}
