package pdstest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/personalised-prevention/nhs"
)

// shape is what JSON has to look like: an object with parts, a list of items, or a
// text. The zero shape is anything.
type shape struct {
	parts    map[string]shape
	required []string // parts, in the order in which they are missed
	open     bool     // other parts are no fault

	items    *shape
	min, max int // how many items; a max of 0 is no limit

	text func(string) bool
}

// review looks for the first thing that PDS would refuse in what it is asked to
// record.
type review struct {
	today   string // yyyy-mm-dd
	create  bool
	refused *reply // the first fault found, or nil
}

func (v *review) fail(r *reply) {
	if v.refused == nil {
		v.refused = r
	}
}

// rule refuses what breaks a rule of PDS's business.
func (v *review) rule(broken bool, why string) {
	switch {
	case !broken:
	case v.create:
		v.fail(refuse("INVALID_CREATE", "Invalid patient create data provided - '"+why+"'"))
	default:
		v.fail(invalidUpdate(why))
	}
}

// forbid refuses what healthcare workers and patients may not do.
func (v *review) forbid(broken bool, why string) {
	if broken {
		v.fail(forbiddenUpdate(why))
	}
}

func (v *review) invalid(bad bool, value any, field string) {
	if bad {
		v.fail(invalidValue(value, "field", field))
	}
}

func (v *review) missing(absent bool, field string) {
	if absent {
		v.fail(missingValue(field))
	}
}

// unsupported refuses a value that may be read but no longer written.
func (v *review) unsupported(bad bool, value any, field string) {
	if bad {
		v.fail(refuse("UNSUPPORTED_VALUE", fmt.Sprintf("Unsupported value - '%s' in field '%s'", plain(value), field)))
	}
}

// conform refuses a value that is not of shape s.
func (v *review) conform(value any, s shape, field string) {
	switch {
	case v.refused != nil:
	case s.parts != nil:
		o, ok := value.(object)
		v.invalid(!ok, value, field)
		v.conformParts(o, s, field)
	case s.items != nil:
		l, ok := value.(list)
		v.invalid(!ok, value, field)
		v.conformItems(l, s, field)
	case s.text != nil:
		text, ok := value.(string)
		v.characters(text, field)
		v.invalid(!ok || !s.text(text), value, field)
	}
}

func (v *review) conformParts(o object, s shape, field string) {
	if field != "" {
		field += "/"
	}
	for _, name := range s.required {
		v.missing(o[name] == nil, field+name)
	}
	var more []string
	for _, name := range sortedKeys(o) {
		if part, ok := s.parts[name]; ok {
			v.conform(o[name], part, field+name)
		} else if !s.open {
			more = append(more, name)
		}
	}
	if len(more) > 0 {
		v.fail(additionalProperties(more...))
	}
}

func (v *review) conformItems(l list, s shape, field string) {
	if len(l) < s.min {
		v.fail(refuse("TOO_FEW_VALUES_SUBMITTED", fmt.Sprintf("Too few values submitted - %s in field '%s'", quoted(l), field)))
	}
	if s.max > 0 && len(l) > s.max {
		v.fail(refuse("TOO_MANY_VALUES_SUBMITTED", fmt.Sprintf("Too many values submitted - %s in field '%s'", quoted(l), field)))
	}
	for i, item := range l {
		v.conform(item, *s.items, field+"/"+strconv.Itoa(i))
	}
}

// characters refuses what Spine cannot store in any field.
func (v *review) characters(text, field string) {
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || r > 0xFFFF }) {
		v.fail(refuse("UNSUPPORTED_CHARACTERS_IN_FIELD", "Unsupported characters in field '"+field+"'"))
	}
}

func listOf(items shape, least, most int) shape { return shape{items: &items, min: least, max: most} }

// words are texts of at most so many characters.
func words(most int) shape {
	return shape{text: func(text string) bool { return utf8.RuneCountInString(text) <= most }}
}

// oneOf are texts of a list.
func oneOf(values ...string) shape {
	return shape{text: func(text string) bool { return slices.Contains(values, text) }}
}

// matching are texts of a pattern.
func matching(pattern *regexp.Regexp) shape { return shape{text: pattern.MatchString} }

// wholeDate are texts that name a day.
func wholeDate(text string) bool {
	d, err := nhs.ParseDate(text)
	return err == nil && d.Whole() && len(text) == len("yyyy-mm-dd")
}

func periodShape(required ...string) shape {
	date := shape{text: wholeDate}
	return shape{parts: map[string]shape{"start": date, "end": date}, required: required}
}

func nameShape() shape {
	name := shape{text: func(text string) bool {
		return utf8.RuneCountInString(text) <= 35 && !strings.ContainsFunc(text, func(r rune) bool { return !inNames(r) })
	}}
	return shape{
		parts: map[string]shape{
			"id": words(100), "use": oneOf("usual", "temp", "nickname", "old", "maiden"), "period": periodShape("start"),
			"given": listOf(name, 0, 5), "family": name, "prefix": listOf(name, 0, 0), "suffix": listOf(name, 0, 0),
		},
		required: []string{"use", "family"},
	}
}

// inNames reports whether a character may be in a name.
func inNames(r rune) bool {
	switch {
	case r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r >= '0' && r <= '9', strings.ContainsRune("-' .", r):
		return true
	default:
		return r >= 192 && r <= 383 && r != 215 && r != 247 // letters of Latin-1 and Latin Extended-A, without × and ÷
	}
}

func addressShape() shape {
	key := shape{
		parts: map[string]shape{
			"url":       {text: func(url string) bool { return strings.HasSuffix(url, "/Extension-UKCore-AddressKey") }},
			"extension": listOf(shape{}, 2, 2),
		},
		required: []string{"url", "extension"},
	}
	return shape{
		parts: map[string]shape{
			"id": words(100), "use": oneOf("home", "work", "temp", "billing"), "period": periodShape("start"), "text": words(100),
			"line": listOf(words(100), 0, 5), "postalCode": words(10), "extension": listOf(key, 0, 0),
		},
		required: []string{"use"},
	}
}

func telecomShape() shape {
	return shape{
		parts: map[string]shape{
			"id": words(100), "period": periodShape("start"), "system": oneOf("phone", "fax", "email", "other"), "value": words(100),
			"use": oneOf("home", "work", "temp", "mobile"), "extension": listOf(shape{}, 0, 1),
		},
		required: []string{"system", "value"},
	}
}

func contactShape() shape {
	point := shape{
		parts:    map[string]shape{"id": words(100), "system": oneOf("phone", "email", "other"), "value": words(100), "extension": {}},
		required: []string{"system", "value"},
	}
	relationship := listOf(shape{
		parts:    map[string]shape{"coding": listOf(shape{parts: map[string]shape{"code": oneOf("C")}, required: []string{"code"}, open: true}, 1, 1)},
		required: []string{"coding"}, open: true,
	}, 1, 1)
	return shape{
		parts: map[string]shape{
			"id": words(100), "period": periodShape("start"), "relationship": relationship, "telecom": listOf(point, 1, 0),
		},
		required: []string{"relationship", "telecom"},
	}
}

// organisationShape is a reference to an organisation by its ODS code.
func organisationShape() shape {
	return shape{
		parts: map[string]shape{
			"id": words(100), "type": oneOf("Organization"),
			"identifier": {
				parts:    map[string]shape{"system": {}, "value": matching(organisationCode), "period": periodShape("start")},
				required: []string{"value"},
			},
		},
		required: []string{"identifier"},
	}
}

// pharmacyShape is an extension that names a pharmacy.
func pharmacyShape() shape {
	return shape{
		parts: map[string]shape{
			"url": {},
			"valueReference": {
				parts: map[string]shape{"identifier": {
					parts:    map[string]shape{"system": {}, "value": matching(pharmacyCode)},
					required: []string{"value"},
				}},
				required: []string{"identifier"},
			},
		},
		required: []string{"valueReference"},
	}
}

func coverageShape() shape {
	party := func(most int) shape {
		value := shape{text: func(text string) bool { return cardText.MatchString(text) && len(text) <= most }}
		return shape{
			parts: map[string]shape{
				"identifier": {parts: map[string]shape{"value": value}, required: []string{"value"}, open: true},
			},
			required: []string{"identifier"}, open: true,
		}
	}
	card := party(25).parts["identifier"]
	card.required = []string{"value", "assigner"}
	card.parts["assigner"] = shape{
		parts: map[string]shape{"identifier": {
			parts: map[string]shape{"value": matching(countryCode)}, required: []string{"value"}, open: true,
		}},
		required: []string{"identifier"}, open: true,
	}
	subscriber := party(10)
	return shape{
		parts: map[string]shape{
			"status": oneOf("active"), "subscriber": subscriber, "identifier": listOf(card, 1, 1),
			"payor": listOf(party(30), 1, 1), "beneficiary": party(25), "period": periodShape("end"),
		},
		required: []string{"status", "beneficiary", "payor", "subscriber", "identifier", "period"}, open: true,
	}
}

var (
	organisationCode = regexp.MustCompile(`^[0-9A-Z]+$`)
	pharmacyCode     = regexp.MustCompile(`^[A-Za-z0-9]{3,10}$`)
	cardText         = regexp.MustCompile(`^[a-zA-Z0-9\-,/:'. ]+$`)
	countryCode      = regexp.MustCompile(`^[A-Z]{3}$`)
	authorityCode    = regexp.MustCompile(`^([a-x]|1)$`)
	languageCode     = regexp.MustCompile(`^([a-pr-z][a-z]|qu|q[1-5])$`) // ISO 639-1, and the NHS's own q1 to q5
	deathTime        = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\+00:00)?)?$`)
	email            = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
	coverageQuery    = regexp.MustCompile(`^subscriber%3Aidentifier=\d{10}$`)
)
