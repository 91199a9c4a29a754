package pds

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"

	"github.com/personalised-prevention/nhs"
	gen "github.com/personalised-prevention/nhs/internal/gen/pds"
	"github.com/personalised-prevention/nhs/internal/transport"
)

// RelatedPerson is somebody related to a patient, such as a mother or a guardian.
// Everything but the relationship may be missing.
//
// It holds personal data and masks itself in fmt and slog. Its JSON is the FHIR
// resource.
//
// Source: PDS FHIR API, schema RelatedPerson.
type RelatedPerson struct {
	ID            string // PDS's own
	Patient       Reference
	Active        *bool // nil where PDS does not say; see Inactive
	Period        Period
	Names         []HumanName // at most one
	Addresses     []Address   // at most one
	Telecom       []ContactPoint
	Relationships []CodeableConcept // one, of up to three codes; see Relationship
	Extensions    []json.RawMessage // FHIR extensions as received; methods read the known ones
}

// Number returns the NHS number in Patient, and false when there is none.
func (r RelatedPerson) Number() (nhs.Number, bool) {
	number, err := nhs.ParseNumber(r.Patient.Identifier.Value)
	return number, err == nil
}

// Inactive reports whether PDS says that the relationship has ended.
func (r RelatedPerson) Inactive() bool { return r.Active != nil && !*r.Active }

// Relationship returns the codes of the relationship: its role, such as Guardian,
// its type, such as MTH, and N for a next of kin. Each may be missing.
func (r RelatedPerson) Relationship() []Coding {
	var codes []Coding
	for _, concept := range r.Relationships {
		codes = append(codes, concept.Coding...)
	}
	return codes
}

// NextOfKin reports whether the person is the patient's next of kin.
func (r RelatedPerson) NextOfKin() bool {
	return slices.ContainsFunc(r.Relationship(), func(c Coding) bool { return c.Code == nextOfKin })
}

const nextOfKin = "N"

// CopyCorrespondence reports whether the person is to get copies of letters to the
// patient.
func (r RelatedPerson) CopyCorrespondence() bool {
	e, _ := find(r.Extensions, "Extension-UKCore-CopyCorrespondenceIndicator")
	return value(e.ValueBoolean)
}

// ContactRank returns the order in which to contact the patient's people, 1 being
// the first, or 0 when PDS does not say.
func (r RelatedPerson) ContactRank() int {
	e, _ := find(r.Extensions, "Extension-UKCore-ContactRank")
	return value(e.ValuePositiveInt)
}

// Communication returns how to speak with the person, and false when PDS does not
// say.
func (r RelatedPerson) Communication() (Communication, bool) { return communicationIn(r.Extensions) }

// ContactPreference returns how the person wants to be contacted, and false when
// PDS does not say.
func (r RelatedPerson) ContactPreference() (ContactPreference, bool) {
	return contactPreferenceIn(r.Extensions)
}

// Format prints a mask for every verb and flag.
func (r RelatedPerson) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[PDS related person]") }

// LogValue logs the mask.
func (r RelatedPerson) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(r)) }

// MarshalJSON returns the FHIR resource. It reveals personal data.
func (r RelatedPerson) MarshalJSON() ([]byte, error) { return json.Marshal(r.wire()) }

// UnmarshalJSON reads a FHIR RelatedPerson of PDS. The error is an
// [*nhs.ArgumentError] that does not repeat the text.
func (r *RelatedPerson) UnmarshalJSON(data []byte) error {
	var w gen.RelatedPerson
	if json.Unmarshal(data, &w) != nil || w.ResourceType != relatedPersonType {
		return refuse("related person", "must have the shape that PDS documents")
	}
	*r = relatedPersonFromWire(w)
	return nil
}

const relatedPersonType = "RelatedPerson"

var errNotRelatedPerson = errors.New("the resource is not a RelatedPerson")

// relatedAnswer has room for an outcome in place of the people.
type relatedAnswer struct {
	gen.RelatedPersonBundle

	Issue []gen.Issue `json:"issue"`
}

// RelatedPeople returns the people related to a patient, none for a restricted
// one: GET /Patient/{id}/RelatedPerson. A patient's own access sees their own.
//
// Expect [ErrInvalidated] and [nhs.ErrNotFound]. RelatedPeople is retried.
func (c *Client) RelatedPeople(ctx context.Context, number nhs.Number) ([]RelatedPerson, error) {
	const op = "pds.RelatedPeople"
	if number.IsZero() {
		return nil, fmt.Errorf("%s: %w", op, refuse("NHS number", "must not be zero"))
	}
	got, answer, err := transport.Do[relatedAnswer](ctx, c.chain, transport.Call{Op: op, Repeatable: true},
		func(ctx context.Context) (*http.Response, error) { return c.api.GetRelatedPeople(ctx, number.Reveal()) })
	if err != nil {
		return nil, refined(err)
	}
	if got.ResourceType != bundleType {
		return nil, outcome(op, answer, got.Issue)
	}
	if got.Total > len(got.Entry) {
		return nil, unexpected(op, answer, errFewerEntries)
	}
	for _, entry := range got.Entry {
		if entry.Resource.ResourceType != relatedPersonType {
			return nil, unexpected(op, answer, errNotRelatedPerson)
		}
	}
	return each(got.Entry, func(e gen.RelatedPersonEntry) RelatedPerson { return relatedPersonFromWire(e.Resource) }), nil
}

func relatedPersonFromWire(w gen.RelatedPerson) RelatedPerson {
	return RelatedPerson{
		ID: value(w.ID), Patient: referenceFromWire(w.Patient), Active: w.Active, Period: periodFromWire(value(w.Period)),
		Names: each(w.Name, nameFromWire), Addresses: each(w.Address, addressFromWire), Telecom: each(w.Telecom, contactPointFromWire),
		Relationships: each(w.Relationship, conceptFromWire), Extensions: w.Extension,
	}
}

func (r RelatedPerson) wire() gen.RelatedPerson {
	return gen.RelatedPerson{
		ResourceType: relatedPersonType,
		ID:           optional(r.ID), Patient: r.Patient.wire(), Active: r.Active, Period: r.Period.wire(),
		Name: each(r.Names, HumanName.wire), Address: each(r.Addresses, Address.wire), Telecom: each(r.Telecom, ContactPoint.wire),
		Relationship: each(r.Relationships, CodeableConcept.wire), Extension: r.Extensions,
	}
}
