package notifytest

import (
	"net/http"
	"regexp"
	"slices"

	"github.com/personalised-prevention/nhs/notify"
)

// examine does the checks behind the gateway: what the account may do, contact
// details, and people of whom the test says that they are refused. pointer names
// the place of an item.
func (s *Server) examine(items []item, pointer func(int) string) []complaint {
	var v validator
	named := func(it item) bool { return it.originator != "" }
	switch rule := s.options.Originator; {
	case rule == OriginatorFixed && slices.ContainsFunc(items, named):
		v.bad("CM_CANNOT_SET_ODS_CODE", "/data/attributes/messages") // also for a single message
	case rule == OriginatorRequired && !all(items, named):
		v.bad("CM_ODS_CODE_REQUIRED", "/data/attributes/messages")
	}
	for i, it := range items {
		if v.full() {
			break
		}
		at := pointer(i) + "/recipient"
		switch {
		case it.contacts != nil && !s.options.ContactDetails:
			v.bad("CM_CANNOT_SET_CONTACT_DETAILS", at+"/contactDetails")
		case it.contacts != nil:
			v.contacts(it.contacts, at+"/contactDetails")
		case it.to.IsZero(): // assumed: the service does not say how it refuses nobody
			v.bad("CM_MISSING_VALUE", at+"/nhsNumber")
		}
		if it.to.IsZero() {
			continue
		}
		if code := s.options.Outcome(it.to).Refused; code != "" {
			v.bad(code, at+"/nhsNumber")
		}
	}
	return v.complaints
}

// all reports whether every item passes.
func all(items []item, pass func(item) bool) bool {
	return !slices.ContainsFunc(items, func(it item) bool { return !pass(it) })
}

// The form of an email address, which the service does not anchor.
var emailForm = regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z|]{2,}`)

// contacts checks contact details. Which field a complaint about an address names
// is that of the service's sandbox; a missing last name is assumed to be alike.
func (v *validator) contacts(value any, at string) {
	contacts, ok := value.(map[string]any)
	if !ok {
		v.bad("CM_INVALID_VALUE", at)
		return
	}
	v.texts(contacts, at, "sms", "email")
	if email, ok := contacts["email"].(string); ok && (len(email) < 6 || len(email) > 90 || !emailForm.MatchString(email)) {
		v.says("CM_INVALID_VALUE", at+"/email", "Input failed format check")
	}
	if value, given := contacts["address"]; given {
		if address, ok := value.(map[string]any); ok {
			v.address(address, at+"/address")
		} else {
			v.says("CM_INVALID_VALUE", at+"/address", "Invalid")
		}
	}
	if value, given := contacts["name"]; given {
		if name, ok := value.(map[string]any); ok {
			v.name(name, at+"/name")
		} else {
			v.says("CM_INVALID_VALUE", at+"/name", "Invalid")
		}
	}
}

func (v *validator) address(address map[string]any, at string) {
	lines, isList := address["lines"].([]any)
	notText := func(line any) bool { _, ok := line.(string); return !ok }
	switch {
	case address["lines"] == nil:
		v.says("CM_MISSING_VALUE", at, "`lines` is missing")
	case !isList || slices.ContainsFunc(lines, notText):
		v.says("CM_INVALID_VALUE", at, "'lines' is not a string array")
	case len(lines) < 2:
		v.says("CM_TOO_FEW_ITEMS", at, "Too few address lines were provided")
	case len(lines) > 5:
		v.says("CM_INVALID_VALUE", at, "Too many address lines were provided")
	}
	if address["postcode"] == nil {
		v.says("CM_MISSING_VALUE", at, "`postcode` is missing")
	}
	v.texts(address, at, "postcode")
}

func (v *validator) name(name map[string]any, at string) {
	if name["lastName"] == nil {
		v.says("CM_MISSING_VALUE", at, "`lastName` is missing")
	}
	v.texts(name, at, "prefix", "firstName", "middleNames", "lastName", "suffix")
}

// texts wants the fields that are there to be strings.
func (v *validator) texts(fields map[string]any, at string, keys ...string) {
	for _, key := range keys {
		value, given := fields[key]
		if _, ok := value.(string); given && value != nil && !ok {
			v.says("CM_INVALID_VALUE", at+"/"+key, "'"+key+"' is not a string")
		}
	}
}

// says complains in words of its own.
func (v *validator) says(code, pointer, detail string) {
	if !v.full() {
		v.complaints = append(v.complaints, complaint{
			code: code, status: http.StatusBadRequest, pointer: pointer, detail: detail,
		})
	}
}

// overridden lists the channels for which an item brings its own contact detail.
func (it item) overridden() []notify.Channel {
	contacts, _ := it.contacts.(map[string]any)
	var channels []notify.Channel
	for key, channel := range map[string]notify.Channel{"email": notify.Email, "sms": notify.SMS, "address": notify.Letter} {
		if contacts[key] != nil {
			channels = append(channels, channel)
		}
	}
	return channels
}
