package notify

import (
	"regexp"
	"slices"
)

// Template is the text that one channel of a routing plan sends. The service does
// not tell its templates, so whoever agreed them has to say.
type Template struct {
	Channel Channel

	// Text has the fields of the personalisation in double brackets, or for a
	// letter in braces: "See ((practice))", "See {d.practice}". For an email it is
	// the subject and the body. An empty text is one that is not known.
	Text string
}

// Templates are those of one routing plan, in the order in which its channels are
// attempted.
type Templates []Template

// The ids of the plans that every account may use, which send any text. National
// programmes and campaigns may not use them. [FreeText] has their templates.
//
// Source: NHS Notify API, sending free text.
const (
	FreeTextApp              = freeTextPlan + "1" // fails after 24 hours
	FreeTextEmail            = freeTextPlan + "2" // fails after 72 hours
	FreeTextSMS              = freeTextPlan + "3" // fails after 72 hours
	FreeTextAppThenEmail     = freeTextPlan + "4" // email after 24 hours
	FreeTextAppThenEmailSoon = freeTextPlan + "5" // email after 4 hours
	FreeTextAppThenSMS       = freeTextPlan + "6" // SMS after 24 hours
	FreeTextAppThenSMSSoon   = freeTextPlan + "7" // SMS after 4 hours
)

const freeTextPlan = "00000000-0000-0000-0000-00000000000"

// FreeText returns the templates of a plan that sends any text, and nil for other
// plans.
func FreeText(plan string) Templates {
	app := Template{Channel: NHSApp, Text: "((nhsapp_body))"}
	email := Template{Channel: Email, Text: "((email_subject))((email_body))"}
	sms := Template{Channel: SMS, Text: "((sms_body))"}
	switch plan {
	case FreeTextApp:
		return Templates{{Channel: NHSApp, Text: "((body))"}}
	case FreeTextEmail:
		return Templates{email}
	case FreeTextSMS:
		return Templates{sms}
	case FreeTextAppThenEmail, FreeTextAppThenEmailSoon:
		return Templates{app, email}
	case FreeTextAppThenSMS, FreeTextAppThenSMSSoon:
		return Templates{app, sms}
	default:
		return nil
	}
}

// Fields returns the names of the fields that messages have to give, in order.
// Those that the service fills in itself are not among them.
func (t Templates) Fields() []string { return slices.DeleteFunc(t.fields(), filledByService) }

// AppFirst reports whether the NHS App is tried first, and another channel follows
// for those whom it does not reach.
func (t Templates) AppFirst() bool { return len(t) > 1 && t[0].Channel == NHSApp }

var (
	bracketField = regexp.MustCompile(`\(\(([^()]+)\)\)`)
	letterField  = regexp.MustCompile(`\{d\.([^{}]+)\}`)
)

func (t Template) pattern() *regexp.Regexp {
	if t.Channel == Letter {
		return letterField
	}
	return bracketField
}

// fields returns the names of all fields, in order.
func (t Templates) fields() []string {
	var fields []string
	for _, template := range t {
		for _, match := range template.pattern().FindAllStringSubmatch(template.Text, -1) {
			fields = append(fields, match[1])
		}
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}

// fill returns the text with values in it, and whether it lacks anything: all of
// it, a value, or what the service fills in.
func (t Template) fill(values Personalisation) (text string, partial bool) {
	pattern := t.pattern()
	partial = t.Text == ""
	text = pattern.ReplaceAllStringFunc(t.Text, func(field string) string {
		name := pattern.FindStringSubmatch(field)[1]
		value, ok := values[name]
		if !ok {
			partial = true
			return ""
		}
		return valueText(value)
	})
	return text, partial
}
