package governance

import (
	"crypto/sha256"
	"fmt"
	"regexp"
)

// Channel is a way NHS Notify delivers a message, by Notify's own name for it.
type Channel string

// The channels of NHS Notify.
const (
	ChannelNHSApp Channel = "nhsapp"
	ChannelEmail  Channel = "email"
	ChannelSMS    Channel = "sms"
	ChannelLetter Channel = "letter"
)

// MessageFacet fixes what people will read.
type MessageFacet struct {
	RoutingPlan RoutingPlan `json:"routingPlan"`
	// Templates are the texts behind the plan. A plan's id alone says nothing about its words.
	Templates []Template `json:"templates"`
	// PersonalisationKeys are the only values a batch may fill in.
	PersonalisationKeys []string `json:"personalisationKeys"`
	// AllowFreeText accepts one of Notify's global plans that send any text they are given.
	AllowFreeText bool `json:"allowFreeText"`
}

// RoutingPlan is a version of an NHS Notify routing plan.
type RoutingPlan struct {
	ID      string `json:"id"`
	Version string `json:"version"`
}

// Template is the text of one channel in one language and format.
type Template struct {
	Channel Channel `json:"channel"`
	// Language is a BCP 47 tag such as "en" or "cy".
	Language string `json:"language"`
	// Format is "standard" or the name of an accessible format such as "braille".
	Format string `json:"format"`
	// Text is the digest of the template, and Sample that of a message rendered from it as a person
	// would see it: the proof that was looked at. See [NewTemplate].
	Text   Digest `json:"text"`
	Sample Digest `json:"sample"`
}

// NewTemplate describes a template by its content and that of a rendered sample: text, or the file of a
// letter.
func NewTemplate(channel Channel, language, format string, text, sample []byte) Template {
	return Template{
		Channel: channel, Language: language, Format: format,
		Text: sha256.Sum256(text), Sample: sha256.Sum256(sample),
	}
}

// freeTextPlan matches NHS Notify's global free-text routing plans, which send whatever body the
// request holds: approving one approves nothing.
var freeTextPlan = regexp.MustCompile(`^0{8}-0{4}-0{4}-0{4}-0{11}[1-7]$`)

func (f MessageFacet) check(c *checker) {
	c.text("message.routingPlan.id", f.RoutingPlan.ID)
	c.text("message.routingPlan.version", f.RoutingPlan.Version)
	c.require(f.AllowFreeText || !freeTextPlan.MatchString(f.RoutingPlan.ID), "message.routingPlan.id",
		"is a global free-text plan that sends any text: set allowFreeText to approve that knowingly")
	c.require(len(f.Templates) > 0, "message.templates", "must not be empty")
	for i, t := range f.Templates {
		at := fmt.Sprintf("message.templates[%d].", i)
		checkChannel(c, at+"channel", t.Channel)
		c.text(at+"language", t.Language)
		c.text(at+"format", t.Format)
		c.digest(at+"text", t.Text)
		c.digest(at+"sample", t.Sample)
	}
	unique(c, "message.templates", namesOf(f.Templates, func(t Template) [3]string {
		return [3]string{string(t.Channel), t.Language, t.Format}
	}))
	for i, key := range f.PersonalisationKeys {
		c.text(fmt.Sprintf("message.personalisationKeys[%d]", i), key)
	}
	unique(c, "message.personalisationKeys", f.PersonalisationKeys)
}

func checkChannel(c *checker, field string, ch Channel) {
	oneOf(c, field, ch, ChannelNHSApp, ChannelEmail, ChannelSMS, ChannelLetter)
}
