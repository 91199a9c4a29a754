package pds

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The rules of PDS for single fields. They are its own words about updates, and
// hold for new patients, too.

// periodRules: whole dates, no end without a start, no end before it.
func periodRules(field string, p Period, today string) []complaint {
	start, end := string(p.Start), string(p.End)
	reason := ""
	switch {
	case p.IsZero():
	case start == "":
		reason = "must have a start"
	case !isWholeDate(start), end != "" && !isWholeDate(end):
		reason = "must have whole dates, yyyy-mm-dd"
	case end != "" && end < start:
		reason = "must not end before it starts"
	case later(start, today):
		reason = "must not start in the future"
	}
	if reason == "" {
		return nil
	}
	return []complaint{{"period", field, reason}}
}

func isWholeDate(text string) bool {
	return len(text) == len(time.DateOnly) && DateTime(text).Date().Whole()
}

// days counts the days from one whole date to another.
func days(p Period) int {
	start, errStart := time.Parse(time.DateOnly, string(p.Start))
	end, errEnd := time.Parse(time.DateOnly, string(p.End))
	if errStart != nil || errEnd != nil {
		return 0
	}
	return int(end.Sub(start) / (24 * time.Hour))
}

func nameRules(n HumanName, today string) []complaint {
	found := periodRules("Name.Period", n.Period, today)
	add := func(broken bool, member, field, reason string) {
		if broken {
			found = append(found, complaint{member, field, reason})
		}
	}
	add(n.Use == Usual && n.Period.End != "", "period", "Name.Period", "must not end: it is of the usual name")
	add(n.Use == Usual && n.Family == "", "family", "Name.Family", "must not be missing")
	add(!slices.Contains([]Use{Usual, Temporary, Nickname, Old, Maiden}, n.Use), "use", "Name.Use", "must be usual, temp, nickname, old or maiden")
	add(len(n.Given) > 5, "given", "Name.Given", "must be at most five")
	for _, part := range []struct {
		member, field string
		texts         []string
	}{
		{"family", "Name.Family", []string{n.Family}},
		{"given", "Name.Given", n.Given},
		{"prefix", "Name.Prefix", n.Prefix},
		{"suffix", "Name.Suffix", n.Suffix},
	} {
		for _, text := range part.texts {
			add(strings.TrimSpace(text) == "" && (part.member != "family" || text != ""), part.member, part.field, "must not be blank")
			add(utf8.RuneCountInString(text) > maxNameLen, part.member, part.field, fmt.Sprintf("must have at most %d characters", maxNameLen))
			add(strings.ContainsFunc(text, outsideNames), part.member, part.field, "has a character that PDS does not take in names")
			add(part.member == "suffix" && (text == "" || text[0] < 'A' || text[0] > 'Z'), part.member, part.field, "must start with a capital letter A to Z")
		}
	}
	return found
}

// outsideNames reports a character that PDS does not take in names.
func outsideNames(r rune) bool {
	switch {
	case r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r >= '0' && r <= '9', strings.ContainsRune(" '-.", r):
		return false
	default: // letters of Latin-1 and Latin Extended-A, but for × and ÷
		return r < 192 || r > 383 || r == 215 || r == 247
	}
}

func addressRules(a Address, today string) []complaint {
	found := periodRules("Address.Period", a.Period, today)
	add := func(broken bool, member, field, reason string) {
		if broken {
			found = append(found, complaint{member, field, reason})
		}
	}
	add(a.Use != Home && a.Use != Temporary && a.Use != Billing, "", "Address.Use", "must be home, temp or billing; work can only be removed")
	add(a.Use == Temporary && !slices.Contains(temporaryKinds(), a.Text),
		"text", "Address.Text", "must be one of "+strings.Join(temporaryKinds(), ", "))
	if a.Use == Temporary || a.Use == Billing {
		limit := 366
		if a.Use == Temporary {
			limit = 90
		}
		add(a.Period.Start == "" || a.Period.End == "", "period", "Address.Period", "must have a start and an end")
		add(days(a.Period) > limit, "period", "Address.Period", fmt.Sprintf("must be at most %d days", limit))
	}
	add(len(a.Lines) > 5, "line", "Address.Lines", "must be at most five")
	add(!enoughLines(a), "line", "Address.Lines", "must have a town, and premises or a street")
	for _, key := range a.Keys() {
		add(!validKey(key), "extension", "Address.Keys", "must be a PAF key of 8 digits or a UPRN of up to 12")
	}
	return found
}

// enoughLines reports whether an address says where it is: by its lines, by its key,
// or by a postcode that stands for no place at all.
func enoughLines(a Address) bool {
	if strings.HasPrefix(a.Postcode, "ZZ99") {
		return true
	}
	if a.Postcode != "" && slices.ContainsFunc(a.Keys(), func(k AddressKey) bool { return k.Type == keyTypePAF }) {
		return true
	}
	line := func(n int) bool { return n <= len(a.Lines) && strings.TrimSpace(a.Lines[n-1]) != "" }
	return (line(1) || line(2)) && line(4)
}

func validKey(k AddressKey) bool {
	digits := !strings.ContainsFunc(k.Value, func(r rune) bool { return r < '0' || r > '9' })
	switch k.Type {
	case keyTypePAF:
		return digits && len(k.Value) == 8
	case keyUPRN:
		return digits && len(k.Value) >= 1 && len(k.Value) <= 12
	default:
		return false
	}
}

// temporaryKinds are the kinds of temporary address that PDS takes. It returns
// others, too.
func temporaryKinds() []string {
	return []string{
		"Second Home", "Student Accommodation", "Respite Care Address", "Temporary Residence Address",
		"Convalescence Home", "Mobile Home", "Holiday Home",
	}
}

func telecomRules(c ContactPoint, today string) []complaint {
	found := periodRules("Telecom.Period", c.Period, today)
	if !slices.Contains([]Use{Home, Work, Temporary, Mobile}, c.Use) {
		found = append(found, complaint{"use", "Telecom.Use", "must be home, work, temp or mobile"})
	}
	if !slices.Contains([]string{Phone, Fax, Email, Textphone}, c.System) {
		found = append(found, complaint{"system", "Telecom.System", "must be phone, fax, email or other"})
	}
	return append(found, valueRules("Telecom.Value", c)...)
}

func valueRules(field string, c ContactPoint) []complaint {
	switch {
	case strings.TrimSpace(c.Value) == "":
		return []complaint{{"value", field, "must not be blank"}}
	case c.System == Email && !isEmail(c.Value):
		return []complaint{{"value", field, "must be an email address of 6 to 90 characters"}}
	default:
		return nil
	}
}

func isEmail(text string) bool {
	address, err := mail.ParseAddress(text)
	return err == nil && address.Address == text && len(text) >= 6 && len(text) <= 90
}

func contactRules(c Contact, today string) []complaint {
	found := periodRules("Contact.Period", c.Period, today)
	for _, concept := range c.Relationship {
		if len(concept.Coding) != 1 || concept.Coding[0].Code != emergencyContact {
			found = append(found, complaint{"relationship", "Contact.Relationship", "must be C, emergency contact"})
		}
	}
	if len(c.Telecom) == 0 {
		found = append(found, complaint{"telecom", "Contact.Telecom", "must not be empty"})
	}
	for _, point := range c.Telecom {
		found = append(found, each(valueRules("Contact.Telecom", point), func(v complaint) complaint {
			return complaint{"telecom", v.field, v.reason}
		})...)
		switch {
		case point.Use != "" || !point.Period.IsZero():
			found = append(found, complaint{"telecom", "Contact.Telecom", "must not have a use or a period of its own"})
		case point.System != Phone && point.System != Email && point.System != Textphone:
			found = append(found, complaint{"telecom", "Contact.Telecom", "must be phone, email or other"})
		}
	}
	return found
}

func practiceRules(r Reference, _ string) []complaint {
	if code := r.Identifier.Value; code == "" || !isODSCode(code) {
		return []complaint{{"identifier", "GeneralPractice", "must be an ODS code: digits and capital letters"}}
	}
	return nil
}

func (c Communication) complaints() []complaint {
	switch code := c.Language.Code; {
	case code == "en":
		return []complaint{{"", "Communication.Language", "must not be English"}}
	case code == "" && !c.InterpreterRequired:
		return []complaint{{"", "Communication.Language", "must have a code"}}
	default:
		return nil
	}
}

func (c ContactPreference) complaints() []complaint {
	var found []complaint
	if c.Times != "" && c.Method.Code == "" {
		found = append(found, complaint{"", "ContactPreference.Times", "must come with a method"})
	}
	if utf8.RuneCountInString(c.Times) > 40 {
		found = append(found, complaint{"", "ContactPreference.Times", "must have at most 40 characters"})
	}
	if (c == ContactPreference{}) {
		found = append(found, complaint{"", "ContactPreference", "must not be empty: remove it"})
	}
	return found
}

func pharmacyComplaints(field, ods string) []complaint {
	outside := func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}
	if len(ods) < 3 || len(ods) > 10 || strings.ContainsFunc(ods, outside) {
		return []complaint{{"", field, "must be an ODS code: 3 to 10 letters and digits"}}
	}
	return nil
}

func (p Place) complaints() []complaint {
	switch {
	case p == Place{}:
		return []complaint{{"", "BirthPlace", "must have a city, a district or a country"}}
	case p.Country != "" && !isCountry(p.Country):
		return []complaint{{"", "BirthPlace.Country", "must be three capital letters, or PDS's digits for a part of the British Isles"}}
	default:
		return nil
	}
}

func isCountry(text string) bool {
	if slices.Contains([]string{"1", "2", "3", "4", "7", "9", "10"}, text) {
		return true
	}
	return len(text) == 3 && !strings.ContainsFunc(text, func(r rune) bool { return r < 'A' || r > 'Z' })
}
