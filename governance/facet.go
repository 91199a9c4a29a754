package governance

// Facet names one separately hashed part of a [Proposal]. A gate signs the facets it can judge, so a
// corrected message does not void the approvals of the data.
type Facet string

// The seven facets.
const (
	FacetCohort  Facet = "cohort"
	FacetData    Facet = "data"
	FacetPurpose Facet = "purpose"
	FacetMessage Facet = "message"
	FacetVolume  Facet = "volume"
	FacetSafety  Facet = "safety"
	FacetWindow  Facet = "window"
)

// AllFacets returns the seven facets in the order they are read.
func AllFacets() []Facet {
	return []Facet{
		FacetCohort, FacetData, FacetPurpose, FacetMessage, FacetVolume, FacetSafety, FacetWindow,
	}
}

// CohortFacet identifies what the cohort definition means, code by code.
type CohortFacet struct {
	// Definition and Version name the definition, for people.
	Definition string `json:"definition"`
	Version    string `json:"version"`
	// Meaning is the digest of the bound definition: the rules, the age and date functions, the index
	// date and the content of every code list. It changes whenever the answer could.
	Meaning Digest `json:"meaning"`
	// CodeLists are the lists the definition is bound to, so that a clinician sees which.
	CodeLists []CodeList `json:"codeLists"`
	// English is the digest of the plain English text generated from the definition: what people read.
	English Digest `json:"english"`
}

// CodeList is one list of clinical codes, bound by content.
type CodeList struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	// Codes is the digest of the codes themselves.
	Codes Digest `json:"codes"`
}

func (f CohortFacet) check(c *checker) {
	c.text("cohort.definition", f.Definition)
	c.text("cohort.version", f.Version)
	c.digest("cohort.meaning", f.Meaning)
	c.digest("cohort.english", f.English)
	for _, l := range f.CodeLists {
		c.text("cohort.codeLists.id", l.ID)
		c.text("cohort.codeLists.version", l.Version)
		c.digest("cohort.codeLists.codes", l.Codes)
	}
	unique(c, "cohort.codeLists", namesOf(f.CodeLists, func(l CodeList) string { return l.ID }))
}

// namesOf lists what identifies each element of a set.
func namesOf[T any, K comparable](list []T, name func(T) K) []K {
	names := make([]K, len(list))
	for i, v := range list {
		names[i] = name(v)
	}
	return names
}
