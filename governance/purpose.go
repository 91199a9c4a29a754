package governance

import (
	"fmt"
	"slices"
	"time"
)

// PurposeFacet says why people are contacted and what makes it lawful. It carries the decision of
// named people; nothing here makes one.
type PurposeFacet struct {
	// Code is the programme's code for the purpose; Text says it so that the public understands.
	Code string `json:"code"`
	Text string `json:"text"`
	// Controllers are the organisations that decide the purpose.
	Controllers []string   `json:"controllers"`
	Basis       LegalBasis `json:"basis"`
	// SecondaryUse says that the same data also serve evaluation, planning or research, which is beyond
	// individual care and honours the opt-outs whatever the basis.
	SecondaryUse bool           `json:"secondaryUse"`
	OptOut       OptOutDecision `json:"optOut"`
	Class        MessageClass   `json:"class"`
}

// LegalBasis is the whole tuple: no layer implies another, and direct care is not a default.
type LegalBasis struct {
	Article6        Article6        `json:"article6"`
	Article9        Article9        `json:"article9"`
	Confidentiality Confidentiality `json:"confidentiality"`
	// Vehicle is the statutory vehicle and Reference identifies it, such as a direction's title and
	// date or a Confidentiality Advisory Group reference.
	Vehicle   string `json:"vehicle"`
	Reference string `json:"reference"`
	// Expires is when the basis ends or must be reviewed: bases change. No permit outlives it.
	Expires time.Time `json:"expires"`
	// DataSets are the data sets the basis covers. The proposal may read no others.
	DataSets []string `json:"dataSets"`
	// Conditions are those the basis was given under, such as those of a support letter. Nothing can
	// check them: whoever signs the legal gate answers for them.
	Conditions []string `json:"conditions"`
}

// Article6 is a lawful basis in UK GDPR Article 6.
type Article6 string

// The lawful bases of UK GDPR Article 6(1). Screening and vaccination notices cite the public task.
const (
	Article6Consent             Article6 = "6(1)(a)"
	Article6Contract            Article6 = "6(1)(b)"
	Article6LegalObligation     Article6 = "6(1)(c)"
	Article6VitalInterests      Article6 = "6(1)(d)"
	Article6PublicTask          Article6 = "6(1)(e)"
	Article6LegitimateInterests Article6 = "6(1)(f)"
)

// Article9 is a condition for special category data in UK GDPR Article 9.
type Article9 string

// The conditions of UK GDPR Article 9(2) that health programmes rely on.
const (
	Article9SubstantialPublicInterest Article9 = "9(2)(g)"
	Article9HealthCare                Article9 = "9(2)(h)" // preventive medicine and provision of care
	Article9PublicHealth              Article9 = "9(2)(i)"
)

// Confidentiality is what satisfies the common law duty of confidentiality.
type Confidentiality string

// The bases for setting the duty of confidentiality aside or meeting it.
const (
	ImpliedConsent           Confidentiality = "implied-consent" // individual care only
	ExplicitConsent          Confidentiality = "explicit-consent"
	Section251Regulation2    Confidentiality = "section-251-regulation-2" // COPI 2002: neoplasia
	Section251Regulation5    Confidentiality = "section-251-regulation-5" // COPI 2002: general
	CommunicableDisease      Confidentiality = "copi-regulation-3"        // COPI 2002: risks to public health
	StatutoryRequirement     Confidentiality = "statutory-requirement"
	OverridingPublicInterest Confidentiality = "overriding-public-interest"
)

// MessageClass says what kind of message this is under the Privacy and Electronic Communications
// Regulations. It has no default.
type MessageClass string

// The classes. NHS Notify does not carry marketing: no permit is issued for [DirectMarketing].
const (
	IndividualCare  MessageClass = "individual-care"
	ServiceMessage  MessageClass = "service-message"
	DirectMarketing MessageClass = "direct-marketing"
)

func (b Confidentiality) section251() bool {
	return b == Section251Regulation2 || b == Section251Regulation5
}

func (f PurposeFacet) check(c *checker, data DataFacet) {
	c.text("purpose.code", f.Code)
	c.text("purpose.text", f.Text)
	c.texts("purpose.controllers", f.Controllers)
	f.Basis.check(c)
	f.OptOut.check(c, f, data)
	c.require(f.Basis.Confidentiality != ImpliedConsent || !f.SecondaryUse, "purpose.secondaryUse",
		"cannot rest on implied consent, which is for individual care only")
	oneOf(c, "purpose.class", f.Class, IndividualCare, ServiceMessage, DirectMarketing)
}

func (b LegalBasis) check(c *checker) {
	oneOf(c, "purpose.basis.article6", b.Article6,
		Article6Consent, Article6Contract, Article6LegalObligation,
		Article6VitalInterests, Article6PublicTask, Article6LegitimateInterests)
	oneOf(c, "purpose.basis.article9", b.Article9,
		Article9SubstantialPublicInterest, Article9HealthCare, Article9PublicHealth)
	oneOf(c, "purpose.basis.confidentiality", b.Confidentiality,
		ImpliedConsent, ExplicitConsent, Section251Regulation2, Section251Regulation5,
		CommunicableDisease, StatutoryRequirement, OverridingPublicInterest)
	c.text("purpose.basis.vehicle", b.Vehicle)
	c.text("purpose.basis.reference", b.Reference)
	c.time("purpose.basis.expires", b.Expires)
	c.texts("purpose.basis.dataSets", b.DataSets)
	for i, s := range b.Conditions {
		c.text(fmt.Sprintf("purpose.basis.conditions[%d]", i), s)
	}
	unique(c, "purpose.basis.conditions", b.Conditions)
}

// oneOf requires a value from a closed list.
func oneOf[T ~string](c *checker, field string, got T, want ...T) {
	c.require(slices.Contains(want, got), field, "must be one of %v", want)
}
