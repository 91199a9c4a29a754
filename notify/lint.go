package notify

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/personalised-prevention/nhs/internal/redact"
)

// Problem is a kind of [Finding].
type Problem string

// The problems.
const (
	ProblemReserved Problem = "reserved" // the service uses the name of the value for something else
	ProblemMissing  Problem = "missing"  // a template needs the value: the message would be accepted and not sent
	ProblemUnused   Problem = "unused"   // no template has a field for the value
	ProblemTooLong  Problem = "too_long" // the text is over the channel's limit: the message would be accepted and not sent
	ProblemAlphabet Problem = "alphabet" // a character makes the text message need more fragments
)

// Finding is something about a message that the service would not refuse, and
// that would go wrong later or cost more than need be.
type Finding struct {
	Problem Problem
	Field   string  // of the personalisation, if it is about one
	Channel Channel // if it is about one
	Detail  string  // numbers and limits; no values
}

// String describes the finding without any value.
func (f Finding) String() string {
	parts := []string{string(f.Problem), string(f.Channel), f.Field, f.Detail}
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " ")
}

// Lint looks for what the service lets pass and then fails to send: names that it
// reserves, values that templates lack, and texts that are too long. Templates are
// those of the message's plan; for a free-text plan nil will do. For other plans
// nil leaves only the names to check.
//
// A text with a field that the service fills in, such as the person's name, may
// become too long without Lint noticing.
//
// Source: NHS Notify, personalising your messages.
func Lint(m Message, templates Templates) []Finding {
	if templates == nil {
		templates = FreeText(m.Plan)
	}
	var findings []Finding
	fields := templates.fields()
	for _, key := range slices.Sorted(maps.Keys(m.Personalisation)) {
		switch {
		case isReserved(key):
			findings = append(findings, Finding{Problem: ProblemReserved, Field: redact.Text(key)})
		case templates.known() && !slices.Contains(fields, key):
			findings = append(findings, Finding{Problem: ProblemUnused, Field: redact.Text(key)})
		}
	}
	for _, field := range fields {
		if _, ok := m.Personalisation[field]; !ok && !filledByService(field) {
			findings = append(findings, Finding{Problem: ProblemMissing, Field: field})
		}
	}
	for _, template := range templates {
		findings = append(findings, template.lint(m.Personalisation)...)
	}
	return findings
}

// known reports whether there are templates, and none without its text.
func (t Templates) known() bool {
	return len(t) > 0 && !slices.ContainsFunc(t, func(one Template) bool { return one.Text == "" })
}

// lint looks at the text with its values.
func (t Template) lint(values Personalisation) []Finding {
	text, _ := t.fill(values)
	size := measure(text)
	characters := size.runes
	if t.Channel == SMS {
		characters = size.characters()
	}
	var findings []Finding
	if limit := limitOf(t.Channel); limit > 0 && characters > limit {
		findings = append(findings, Finding{
			Problem: ProblemTooLong, Channel: t.Channel, Detail: fmt.Sprintf("%d characters, %d are allowed", characters, limit),
		})
	}
	if t.Channel == SMS && !size.gsm {
		findings = append(findings, Finding{
			Problem: ProblemAlphabet, Channel: SMS, Detail: fmt.Sprintf("needs %d fragments", size.fragments()),
		})
	}
	return findings
}

// limitOf is how many characters a channel allows, template and values together;
// 0 for an unknown channel.
//
// Source: NHS Notify, personalising your messages.
func limitOf(c Channel) int {
	switch c {
	case NHSApp:
		return 5_000
	case Email:
		return 100_000
	case SMS:
		return 918
	case Letter:
		return 15_000
	default:
		return 0
	}
}

// isReserved reports a name that the service uses itself, however it is written.
func isReserved(name string) bool {
	switch plain := plainName(name); plain {
	case "emailaddress", "phonenumber", "middlenames", "nameprefix", "namesuffix", "clientref", "recipientcontactvalue", "template":
		return true
	default:
		line, ok := strings.CutPrefix(plain, "addressline")
		return filledByService(name) || ok && len(line) == 1 && line[0] >= '1' && line[0] <= '7'
	}
}

// filledByService reports a field that the service fills in from the person's
// record, or with the date.
func filledByService(name string) bool {
	switch plainName(name) {
	case "fullname", "firstname", "lastname", "nhsnumber", "date":
		return true
	default:
		return false
	}
}

// plainName takes away what the service does not look at: case, spaces and
// punctuation.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}
