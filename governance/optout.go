package governance

// OptOutDecision records which opt-outs remove people. [DeriveOptOut] says what the legal basis asks for:
// a decision may honour more than that and never less. Whoever signs the legal gate counter-signs it.
// Objections to a programme or a channel are always honoured and are not a choice.
type OptOutDecision struct {
	// NationalDataOptOut says whether the national data opt-out is applied.
	NationalDataOptOut bool `json:"nationalDataOptOut"`
	// Disapplied refers to the letter in which the Confidentiality Advisory Group set the standard
	// condition aside. Only section 251 support can have one.
	Disapplied string `json:"disapplied"`
	// Type1 says whether type 1 opt-outs from the GP record are applied.
	Type1 bool `json:"type1"`
	// Reason says how the decision follows from the legal basis.
	Reason string `json:"reason"`
}

// Treatment says what a legal basis makes of an opt-out.
type Treatment string

// The treatments. [Depends] leaves the answer to the decision, whose reason has to give it.
const (
	Applies      Treatment = "applies"
	DoesNotApply Treatment = "does-not-apply"
	Depends      Treatment = "depends"
)

// OptOutRule is one row of the decision table for opt-outs.
type OptOutRule struct {
	Confidentiality Confidentiality
	// NationalDataOptOut and Type1 say whether the opt-outs apply. Type 1 opt-outs concern data from GP
	// records only.
	NationalDataOptOut Treatment
	Type1              Treatment
	// Reason gives the ground in a sentence.
	Reason string
}

// OptOutRules returns the decision table: a row for every basis in confidentiality. It is this package's
// reading of public policy and carries nobody's legal opinion, which is why the legal gate signs the
// result.
//
// Sources: NHS Digital, "When does a national data opt-out apply?"; the policy's list of cases where it
// does not (consent, required by law, overriding public interest), as given by the RCGP. Regulation 3 of
// the COPI regulations is in neither, so it is left to the decision.
func OptOutRules() []OptOutRule {
	const section251Reason = "section 251 support is beyond individual care: the national data opt-out applies unless the " +
		"letter of support says otherwise, and type 1 opt-outs apply to GP records"
	return []OptOutRule{
		{ImpliedConsent, DoesNotApply, DoesNotApply, "individual care: neither opt-out concerns it"},
		{Section251Regulation2, Applies, Applies, section251Reason},
		{Section251Regulation5, Applies, Applies, section251Reason},
		{ExplicitConsent, DoesNotApply, Depends, "consent has been given: the national data opt-out does not concern it"},
		{StatutoryRequirement, DoesNotApply, Depends, "the law requires it: the national data opt-out does not concern it"},
		{OverridingPublicInterest, DoesNotApply, Depends, "overriding public interest: the national data opt-out does not concern it"},
		{CommunicableDisease, Depends, Depends, "regulation 3 is for communicable disease and other risks to public health: say which exemption is relied on"},
	}
}

// DeriveOptOut says which opt-outs a purpose has to honour, given whether it reads GP records. Evaluation,
// planning and research on the same data honour both, whatever the basis.
func DeriveOptOut(basis Confidentiality, secondaryUse, gpRecords bool) OptOutRule {
	rule := OptOutRule{Confidentiality: basis, NationalDataOptOut: Depends, Type1: Depends}
	for _, r := range OptOutRules() {
		if r.Confidentiality == basis {
			rule = r
		}
	}
	if secondaryUse {
		rule.NationalDataOptOut, rule.Type1 = Applies, Applies
		rule.Reason = "the data are also used beyond care"
	}
	if !gpRecords {
		rule.Type1 = DoesNotApply
	}
	return rule
}

// check compares the decision with what is derived.
func (o OptOutDecision) check(c *checker, f PurposeFacet, data DataFacet) {
	c.text("purpose.optOut.reason", o.Reason)
	rule := DeriveOptOut(f.Basis.Confidentiality, f.SecondaryUse, data.readsGPRecords())
	disapplied := o.Disapplied != ""
	if disapplied {
		c.text("purpose.optOut.disapplied", o.Disapplied)
		c.require(f.Basis.Confidentiality.section251(), "purpose.optOut.disapplied", "is for section 251 support only")
		c.require(!f.SecondaryUse, "purpose.optOut.disapplied", "does not reach beyond care: secondaryUse applies the opt-out")
		c.require(!o.NationalDataOptOut, "purpose.optOut.disapplied", "must be empty when the opt-out is applied")
	}
	c.require(o.NationalDataOptOut || disapplied || rule.NationalDataOptOut != Applies, "purpose.optOut.nationalDataOptOut",
		"must be true: %s", rule.Reason)
	c.require(o.Type1 || rule.Type1 != Applies, "purpose.optOut.type1", "must be true: %s", rule.Reason)
}
