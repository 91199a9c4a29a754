package pds

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs"
	gen "github.com/personalised-prevention/nhs/internal/gen/pds"
	"github.com/personalised-prevention/nhs/internal/transport"
)

// NewPatient is somebody who has no NHS number yet. It masks itself in fmt and
// slog.
//
// Source: PDS FHIR API, operation create-patient.
type NewPatient struct {
	Name      HumanName      // the usual name; without a period, from today
	Gender    Gender         // Male, Female or Unknown
	BirthDate nhs.Date       // a whole date
	Addresses []Address      // at least one; lines as in AddressLines, "" being blank; without a period, from today
	Telecom   []ContactPoint // may be empty

	Authority         RegisteringAuthority
	Communication     Communication     // how to speak with the person; zero for not known
	ContactPreference ContactPreference // how the person wants to be contacted; zero for not known

	// Extensions are further FHIR extensions, such as the birth place. PDS takes
	// several and keeps none but the three above.
	Extensions []json.RawMessage

	// Allow names fields that may break a rule that this package knows, so that PDS
	// decides. They are named as in the error, such as "Address.Lines".
	Allow []string
}

// RegisteringAuthority is the organisation that asks for the NHS number.
type RegisteringAuthority struct {
	Type         string // code of UKCore-RegisteringAuthorityType: a letter a to x, or 1
	Organisation string // its identifier, 2 to 15 characters
}

// Format prints a mask.
func (n NewPatient) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[new PDS patient]") }

// LogValue logs the mask.
func (n NewPatient) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(n)) }

// Outcomes of [Client.Create] that leave PDS as it was. Each is found in a
// [*MatchError] with [errors.Is].
var (
	ErrSingleMatch     = errors.New("one patient in PDS matches")
	ErrMultipleMatches = errors.New("several patients in PDS match")
)

// MatchError reports that PDS did not create a patient because it may know them
// already. It is an [ErrSingleMatch] or an [ErrMultipleMatches].
//
// After more than one attempt, a single match may be the patient that the first
// created without its answer arriving; see Cause.Attempts.
type MatchError struct {
	Number nhs.Number // of the one patient that matches; zero if several do
	Cause  *nhs.Error // the answer of PDS
}

// Error implements the error interface.
func (e *MatchError) Error() string { return e.Cause.Error() }

// Unwrap returns the cause.
func (e *MatchError) Unwrap() error { return e.Cause }

// Create records a new patient and returns them with the NHS number that PDS
// allocates: POST /Patient. It is not for registration with a general practice.
//
// What PDS would refuse gives [*nhs.ArgumentError]s. If PDS knows the person, or
// cannot tell, the error is a [*MatchError]. Create is retried, under the same
// X-Request-ID, after 429, 503 and network faults. It needs healthcare worker
// access; see [ErrAccess].
func (c *Client) Create(ctx context.Context, n NewPatient) (*Patient, error) {
	const op = "pds.Create"
	if err := c.permit(op, nhs.HealthcareWorkerAccess); err != nil {
		return nil, err
	}
	if err := n.validate(latestToday(c.app.Settings().Now())); err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	call, err := c.createCall(ctx, op)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	body := n.since(nhs.DateIn(c.app.Settings().Now().UTC())).wire()
	got, answer, err := transport.Do[patientAnswer](ctx, c.chain, call,
		func(ctx context.Context) (*http.Response, error) { return c.api.CreatePatient(ctx, body) })
	if err != nil {
		return nil, refined(err)
	}
	p, err := patientOf(op, answer, &got)
	if e, ok := errors.AsType[*nhs.Error](err); ok {
		return nil, matched(e)
	}
	return p, err
}

// matched gives an outcome that tells of matches its own type.
func matched(e *nhs.Error) error {
	switch e.Code {
	case codeSingleMatch:
		e.Kind = ErrSingleMatch
		return &MatchError{Number: numberIn(e.Issues), Cause: e}
	case codeMultipleMatches:
		e.Kind = ErrMultipleMatches
		return &MatchError{Cause: e}
	default:
		return e
	}
}

var tenDigits = regexp.MustCompile(`\b\d{10}\b`)

// numberIn finds the NHS number that PDS puts into words only.
func numberIn(issues []nhs.Issue) nhs.Number {
	for _, issue := range issues {
		for _, digits := range tenDigits.FindAllString(issue.Text, -1) {
			if number, err := nhs.ParseNumber(digits); err == nil {
				return number
			}
		}
	}
	return nhs.Number{}
}

// since returns the patient with a beginning of name and addresses: PDS asks for
// one of each.
func (n NewPatient) since(today nhs.Date) NewPatient {
	begin := func(p *Period) {
		if p.IsZero() {
			p.Start = DateTime(today.String())
		}
	}
	begin(&n.Name.Period)
	n.Addresses = slices.Clone(n.Addresses)
	for i := range n.Addresses {
		begin(&n.Addresses[i].Period)
	}
	return n
}

func (n NewPatient) wire() gen.NewPatient {
	name := n.Name
	name.Use = Usual
	extensions := slices.Clone(n.Extensions)
	if authority := n.Authority; authority != (RegisteringAuthority{}) {
		extensions = append(extensions, raw(gen.Extension{URL: ukCore + "RegisteringAuthority", Extension: []gen.Extension{
			coded("registeringAuthorityType", Coding{System: "https://fhir.nhs.uk/CodeSystem/UKCore-RegisteringAuthorityType", Code: authority.Type}),
			{URL: "organisationIdentifier", ValueString: &authority.Organisation},
		}}))
	}
	if n.Communication != (Communication{}) {
		extensions = append(extensions, raw(gen.Extension{URL: communication, Extension: valued(n.Communication.parts(Communication{}))}))
	}
	if n.ContactPreference != (ContactPreference{}) {
		extensions = append(extensions, raw(gen.Extension{URL: preference, Extension: valued(n.ContactPreference.parts(ContactPreference{}))}))
	}
	return gen.NewPatient{
		ResourceType: patientType, Name: []gen.HumanName{name.wire()}, Gender: string(n.Gender), BirthDate: n.BirthDate.String(),
		Address: each(n.Addresses, Address.sent), Telecom: each(n.Telecom, ContactPoint.wire), Extension: extensions,
	}
}

// validate refuses what PDS would refuse.
func (n NewPatient) validate(today string) error {
	var found []complaint
	require := func(ok bool, field, reason string) {
		if !ok {
			found = append(found, complaint{field: field, reason: reason})
		}
	}
	name := n.Name
	name.Use = Usual
	found = append(found, nameRules(name, today)...)
	require(slices.Contains([]Gender{Male, Female, Unknown}, n.Gender), "Gender", "must be male, female or unknown")
	require(n.BirthDate.Whole(), "BirthDate", "must be a whole date")
	require(!later(n.BirthDate.String(), today), "BirthDate", "must not be in the future")
	require(len(n.Addresses) > 0, "Address", "must not be missing")
	for i, a := range n.Addresses {
		found = append(found, addressRules(a, today)...)
		require(areExtensions(a.Extensions, a.Period.Extensions), "Address.Extensions", notExtensions)
		require(!slices.ContainsFunc(n.Addresses[:i], func(b Address) bool { return a.Use == b.Use }), "Address.Use", "must be there once")
	}
	for i, t := range n.Telecom {
		found = append(found, telecomRules(t, today)...)
		require(areExtensions(t.Extensions, t.Period.Extensions), "Telecom.Extensions", notExtensions)
		require(!slices.ContainsFunc(n.Telecom[:i], func(b ContactPoint) bool { return telecomKind(t) == telecomKind(b) }),
			"Telecom.Use", "must be there once")
	}
	kind, organisation := n.Authority.Type, n.Authority.Organisation
	require(kind == "1" || (len(kind) == 1 && kind[0] >= 'a' && kind[0] <= 'x'), "Authority.Type", "must be a letter a to x, or 1")
	require(len(organisation) >= 2 && len(organisation) <= 15, "Authority.Organisation", "must have 2 to 15 characters")
	if n.Communication != (Communication{}) {
		found = append(found, n.Communication.complaints()...)
	}
	if n.ContactPreference != (ContactPreference{}) {
		found = append(found, n.ContactPreference.complaints()...)
	}
	require(areExtensions(n.Name.Extensions, n.Name.Period.Extensions), "Name.Extensions", notExtensions)
	require(areExtensions(n.Extensions), "Extensions", notExtensions)
	return refusal(found, n.Allow)
}

const notExtensions = "must be FHIR extensions"

// areExtensions reports whether all have the URL that a whole extension has.
func areExtensions(all ...[]json.RawMessage) bool {
	return !slices.ContainsFunc(slices.Concat(all...), func(x json.RawMessage) bool { return !strings.Contains(contentOf(x).URL, "/") })
}
