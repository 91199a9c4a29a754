package pds

import "encoding/json"

// Gender is an administrative gender. Values that are not listed here survive.
type Gender string

// The genders of FHIR.
const (
	Male    Gender = "male"
	Female  Gender = "female"
	Other   Gender = "other"
	Unknown Gender = "unknown"
)

// Confidentiality says how far a record may be seen. Values that are not listed
// here count as restricted.
//
// Source: HL7 v3 code system Confidentiality, as PDS uses it.
type Confidentiality string

// The confidentialities of PDS.
const (
	Unrestricted   Confidentiality = "U"
	Restricted     Confidentiality = "R"
	VeryRestricted Confidentiality = "V"
	Redacted       Confidentiality = "REDACTED"
)

// Use says what a name, an address or a contact point is for. Values that are not
// listed here survive.
type Use string

// The uses of names, addresses and contact points in PDS.
const (
	Usual     Use = "usual"    // name
	Nickname  Use = "nickname" // name
	Old       Use = "old"      // name
	Maiden    Use = "maiden"   // name
	Home      Use = "home"     // address, contact point
	Work      Use = "work"     // address, contact point
	Billing   Use = "billing"  // address for correspondence
	Mobile    Use = "mobile"   // contact point
	Temporary Use = "temp"     // any
)

// HumanName is one name of a person. Any part may be missing.
type HumanName struct {
	ID     string // PDS's own, to refer to in a change
	Use    Use
	Period Period
	Given  []string // first name first; at most five
	Family string
	Prefix []string // titles
	Suffix []string

	Extensions []json.RawMessage // as received
}

// Address is one address of a person. PDS has no city: the post town is one of
// the lines, at no fixed place.
type Address struct {
	ID       string // PDS's own, to refer to in a change
	Use      Use
	Period   Period
	Text     string   // what kind of temporary address it is, such as "Holiday Home"
	Lines    []string // at most five; "" is a line that PDS sent as null
	Postcode string

	// LineElements is FHIR's _line as received, which says why lines are null. It
	// is nil unless the application asked PDS for empty lines.
	LineElements json.RawMessage
	Extensions   []json.RawMessage // as received; see Keys
}

// ContactPoint is a phone number, an email address or the like.
type ContactPoint struct {
	ID         string // PDS's own, to refer to in a change
	Use        Use
	Period     Period
	System     string // phone, fax, email or other; see OtherSystem
	Value      string
	Extensions []json.RawMessage // as received
}

// Contact is somebody to call in an emergency.
type Contact struct {
	ID           string // PDS's own, to refer to in a change
	Period       Period
	Relationship []CodeableConcept
	Telecom      []ContactPoint
	Extensions   []json.RawMessage // as received
}

// Reference names an organisation by its ODS code, or a person by their NHS
// number.
type Reference struct {
	ID         string // PDS's own, to refer to in a change
	URL        string // where the record is, if it has one
	Type       string // Organization or Patient
	Identifier Identifier
	Display    string            // the name in words
	Extensions []json.RawMessage // as received
}

// Identifier is an identifier in a system, such as an ODS code.
type Identifier struct {
	System     string // URL of the system
	Value      string
	Period     Period
	Extensions []json.RawMessage // as received; see Verification
}

// Period is a time between two moments, both included. A missing End is usual for
// what is current.
type Period struct {
	Start, End DateTime
	Extensions []json.RawMessage // as received
}

// CodeableConcept is a concept in words, in codes, or in both.
type CodeableConcept struct {
	Coding     []Coding
	Text       string
	Extensions []json.RawMessage // as received
}

// Coding is a code in a system.
type Coding struct {
	System  string // URL of the code system
	Version string
	Code    string
	Display string // the code in words
}
