package caas

// question is one field of a [Request] with what is to be known about it.
type question struct {
	section string
	title   string
	item    MissingItem
	field   func(*Request) *string
}

// Who can answer, by the roles that sign for it in package governance.
const (
	sayRequestor      = "requestor"
	sayCommissioner   = "commissioner"
	sayClinician      = "clinical lead"
	saySafety         = "clinical safety officer"
	sayBudget         = "budget holder"
	sayLegal          = "legal or information governance"
	sayDataProtection = "data protection officer"
)

// questions returns the fields of a request, in the order of the document.
func questions() []question {
	q := func(section, title, field, ask, who string, step OnboardingStep, value func(*Request) *string) question {
		return question{section, title, MissingItem{Field: field, Ask: ask, Who: who, Step: step}, value}
	}
	const (
		who      = "Requestor and commissioner"
		details  = "The cohort"
		concerns = "Risks, dependencies and assumptions"
		clinical = "Clinical data"
		people   = "Demographics and other needs"
		formal   = "Funding, legal basis and data protection"
	)
	return []question{
		q(who, "Requestor", "requestor.name", "who asks", sayRequestor, StepAsk,
			func(r *Request) *string { return &r.Requestor.Name }),
		q(who, "Requestor's contact", "requestor.contact", "how to reach them: CaaS has one contact", sayRequestor, StepAsk,
			func(r *Request) *string { return &r.Requestor.Contact }),
		q(who, "Programme", "commissioner.programme", "the programme, which is part of NHS England and supports direct care", sayCommissioner, StepAsk,
			func(r *Request) *string { return &r.Commissioner.Programme }),
		q(who, "Lead contact", "commissioner.lead", "the programme's main contact", sayCommissioner, StepAsk,
			func(r *Request) *string { return &r.Commissioner.Lead }),
		q(who, "Other involvement", "commissioner.involvement", "who else is involved, and how", sayCommissioner, StepAsk,
			func(r *Request) *string { return &r.Commissioner.Involvement }),

		q(details, "Goals and objectives", "cohortDetails.goals", "what the cohort is for", sayCommissioner, StepAsk,
			func(r *Request) *string { return &r.Cohort.Goals }),
		q(details, "Issues to address", "cohortDetails.issues", "which issues it addresses", sayCommissioner, StepAsk,
			func(r *Request) *string { return &r.Cohort.Issues }),
		q(details, "Timelines", "cohortDetails.timelines", "when data are to be delivered", sayRequestor, StepAsk,
			func(r *Request) *string { return &r.Cohort.Timelines }),
		q(details, "Clinical policies and criteria", "cohortDetails.criteria", "the clinical policies and criteria", sayClinician, StepDefine,
			func(r *Request) *string { return &r.Cohort.Criteria }),

		q(concerns, "Risks", "risks", "the risks, and what is done about them", saySafety, StepAssess,
			func(r *Request) *string { return &r.Risks }),
		q(concerns, "Dependencies", "dependencies", "what the cohort depends on, and what depends on it", sayRequestor, StepAssess,
			func(r *Request) *string { return &r.Dependencies }),
		q(concerns, "Assumptions", "assumptions", "what is assumed", sayRequestor, StepAssess,
			func(r *Request) *string { return &r.Assumptions }),

		q(clinical, "Diagnosis", "dataRequirements.clinical.diagnosis", "which diagnoses matter", sayClinician, StepAssess,
			func(r *Request) *string { return &r.Data.Clinical.Diagnosis }),
		q(clinical, "Treatment", "dataRequirements.clinical.treatment", "which treatments and procedures matter", sayClinician, StepAssess,
			func(r *Request) *string { return &r.Data.Clinical.Treatment }),
		q(clinical, "Medication", "dataRequirements.clinical.medication", "which medicines matter", sayClinician, StepAssess,
			func(r *Request) *string { return &r.Data.Clinical.Medication }),
		q(clinical, "Other clinical data", "dataRequirements.clinical.other", "which other clinical data matter", sayClinician, StepAssess,
			func(r *Request) *string { return &r.Data.Clinical.Other }),

		q(people, "Age ranges", "dataRequirements.demographics.ageRanges", "which ages", sayClinician, StepAssess,
			func(r *Request) *string { return &r.Data.Demographics.AgeRanges }),
		q(people, "Locations", "dataRequirements.demographics.locations", "which places", sayCommissioner, StepAssess,
			func(r *Request) *string { return &r.Data.Demographics.Locations }),
		q(people, "Inclusion and exclusion", "dataRequirements.demographics.inclusionExclusion", "who is in and who is out", sayClinician, StepDefine,
			func(r *Request) *string { return &r.Data.Demographics.InclusionExclusion }),
		q(people, "Unique needs", "dataRequirements.uniqueNeeds", "what this cohort needs that others do not", sayRequestor, StepAssess,
			func(r *Request) *string { return &r.Data.UniqueNeeds }),

		q(formal, "Funding", "funding", "the funds for building and running the cohort, secured before it is built", sayBudget, StepAsk,
			func(r *Request) *string { return &r.Funding }),
		q(formal, "Legal basis", "legalBasis", "what makes the use of the data lawful", sayLegal, StepJoin,
			func(r *Request) *string { return &r.LegalBasis }),
		q(formal, "DPIA", "dpia", "the data protection impact assessment", sayDataProtection, StepJoin,
			func(r *Request) *string { return &r.DPIA }),
	}
}
