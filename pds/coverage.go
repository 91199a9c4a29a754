package pds

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs"
	gen "github.com/personalised-prevention/nhs/internal/gen/pds"
	"github.com/personalised-prevention/nhs/internal/transport"
)

// Coverage is the health cover that a patient has from another country: what their
// European Health Insurance Card says.
//
// It holds personal data and masks itself in fmt and slog. Its JSON is the FHIR
// resource.
//
// Source: PDS FHIR API, schema Coverage.
type Coverage struct {
	Number      nhs.Number // the patient: subscriber
	Status      string     // active; "" is sent as active
	Card        string     // number of the card: identifier, at most 25 characters
	Country     string     // that issued it: ISO 3166-1 alpha-3
	CountryName string     // in words; PDS's own, not sent
	Institution string     // identification of the institution that pays: payor, at most 30 characters
	Personal    string     // personal identification number there: beneficiary, at most 25 characters
	Expires     nhs.Date   // last day of the cover, within 150 years of today: period.end
}

// Format prints a mask for every verb and flag.
func (c Coverage) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[PDS coverage]") }

// LogValue logs the mask.
func (c Coverage) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(c)) }

// MarshalJSON returns the FHIR resource. It reveals personal data.
func (c Coverage) MarshalJSON() ([]byte, error) { return json.Marshal(c.wire()) }

// UnmarshalJSON reads a FHIR Coverage of PDS. The error is an [*nhs.ArgumentError]
// that does not repeat the text.
func (c *Coverage) UnmarshalJSON(data []byte) error {
	var w gen.Coverage
	if json.Unmarshal(data, &w) != nil {
		return refuse("coverage", "must have the shape that PDS documents")
	}
	read, err := coverageFromWire(&w)
	if err != nil {
		return refuse("coverage", "must be as PDS documents it: "+err.Error())
	}
	*c = read
	return nil
}

// Cover is what PDS holds of a patient's cover.
type Cover struct {
	Version  string    // a whole number that grows with every change
	Coverage *Coverage // nil if there is none
}

// LogValue logs the version and whether there is cover.
func (c Cover) LogValue() slog.Value {
	return slog.GroupValue(slog.String("version", c.Version), slog.Bool("covered", c.Coverage != nil))
}

// Coverage returns the health cover that a patient has from another country: GET
// /Coverage. It needs patient access, of an application that PDS has entitled to
// it; see [ErrAccess].
//
// A patient without cover is no error: the version is what [Client.SetCoverage]
// needs. Coverage is retried.
func (c *Client) Coverage(ctx context.Context, number nhs.Number) (Cover, error) {
	const op = "pds.Coverage"
	if err := c.permit(op, nhs.PatientAccess); err != nil {
		return Cover{}, err
	}
	if number.IsZero() {
		return Cover{}, fmt.Errorf("%s: %w", op, refuse("NHS number", "must not be zero"))
	}
	// The gateway wants the colon of the parameter's name percent-encoded, which
	// the generated client does.
	params := &gen.GetCoverageParams{Subscriber: number.Reveal()}
	got, answer, err := transport.Do[coverAnswer](ctx, c.chain, transport.Call{Op: op, Repeatable: true},
		func(ctx context.Context) (*http.Response, error) { return c.api.GetCoverage(ctx, params) })
	if err != nil {
		return Cover{}, refined(err)
	}
	return coverOf(op, answer, got)
}

// SetCoverage records a patient's cover in place of what PDS holds, and returns
// what it holds then: POST /Coverage. Version is that of the [Cover] it replaces.
//
// What PDS would refuse gives an [*nhs.ArgumentError]. Expect [nhs.ErrConflict]
// when the cover has changed since that version. SetCoverage is retried, under the
// same X-Request-ID; after several attempts, a conflict may be one's own doing. It
// needs patient access, as [Client.Coverage] does.
func (c *Client) SetCoverage(ctx context.Context, coverage Coverage, version string) (Cover, error) {
	const op = "pds.SetCoverage"
	if err := c.permit(op, nhs.PatientAccess); err != nil {
		return Cover{}, err
	}
	err := coverage.validate(c.app.Settings().Now())
	if err == nil && !isVersion(version) {
		err = refuse("version", "must be a whole number, from Coverage")
	}
	if err != nil {
		return Cover{}, fmt.Errorf("%s: %w", op, err)
	}
	coverage.CountryName = "" // PDS's own
	body, params := coverage.wire(), &gen.PostCoverageParams{IfMatch: `W/"` + version + `"`}
	got, answer, err := transport.Do[coverAnswer](ctx, c.chain, transport.Call{Op: op, Repeatable: true},
		func(ctx context.Context) (*http.Response, error) { return c.api.PostCoverage(ctx, params, body) })
	if err != nil {
		return Cover{}, refined(err)
	}
	return coverOf(op, answer, got)
}

// coverAnswer has room for an outcome in place of the cover.
type coverAnswer struct {
	gen.CoverageBundle

	Issue []gen.Issue `json:"issue"`
}

func coverOf(op string, answer transport.Answer, got coverAnswer) (Cover, error) {
	if got.ResourceType != bundleType {
		return Cover{}, outcome(op, answer, got.Issue)
	}
	if got.Total > len(got.Entry) {
		return Cover{}, unexpected(op, answer, errFewerEntries)
	}
	cover := Cover{Version: plain(value(got.Meta).VersionID)}
	if tag, ok := strings.CutPrefix(answer.Header.Get("ETag"), `W/"`); ok && cover.Version == "" {
		cover.Version = strings.TrimSuffix(tag, `"`)
	}
	if len(got.Entry) == 0 {
		return cover, nil
	}
	coverage, err := coverageFromWire(&got.Entry[0].Resource)
	if err != nil {
		return Cover{}, unexpected(op, answer, err)
	}
	cover.Coverage = &coverage
	return cover, nil
}

const coverageType = "Coverage"

// What a coverage may have wrong. The texts hold no values.
var (
	errNotCoverage = errors.New("the resource is not a Coverage")
	errBadExpiry   = errors.New("the period.end is not a date")
)

func coverageFromWire(w *gen.Coverage) (Coverage, error) {
	if w.ResourceType != coverageType {
		return Coverage{}, errNotCoverage
	}
	number, err := nhs.ParseNumber(value(w.Subscriber.Identifier.Value))
	if err != nil {
		return Coverage{}, errBadNumber
	}
	expires, err := nhs.ParseDate(value(w.Period.End))
	if err != nil {
		return Coverage{}, errBadExpiry
	}
	c := Coverage{
		Number: number, Status: w.Status, Expires: expires,
		Personal: value(w.Beneficiary.Identifier.Value),
	}
	for _, card := range w.Identifier {
		c.Card, c.CountryName = card.Value, value(card.Assigner.Display)
		c.Country = value(value(card.Assigner.Identifier).Value)
	}
	for _, payor := range w.Payor {
		c.Institution = value(payor.Identifier.Value)
	}
	return c, nil
}

func (c Coverage) wire() gen.Coverage {
	party := func(id string) gen.CoverageParty { return gen.CoverageParty{Identifier: gen.Identifier{Value: &id}} }
	status := c.Status
	if status == "" {
		status = activeCoverage
	}
	return gen.Coverage{
		ResourceType: coverageType, Status: status,
		Subscriber: gen.CoverageParty{Identifier: gen.Identifier{System: new("https://fhir.nhs.uk/Id/nhs-number"), Value: new(c.Number.Reveal())}},
		Identifier: []gen.CoverageIdentifier{{Value: c.Card, Assigner: gen.Reference{
			Identifier: &gen.Identifier{System: new("urn:iso:std:iso:3166"), Value: &c.Country}, Display: optional(c.CountryName),
		}}},
		Payor: []gen.CoverageParty{party(c.Institution)}, Beneficiary: party(c.Personal),
		Period: gen.Period{End: new(c.Expires.String())},
	}
}

const activeCoverage = "active"

// validate refuses what PDS would refuse.
func (c Coverage) validate(now time.Time) error {
	earliest, latest := nhs.DateIn(now.AddDate(-150, 0, 0)).String(), nhs.DateIn(now.AddDate(150, 0, 0)).String()
	switch expires := c.Expires.String(); {
	case c.Number.IsZero():
		return refuse("Coverage.Number", "must not be zero")
	case c.Status != "" && c.Status != activeCoverage:
		return refuse("Coverage.Status", "must be active")
	case !isCardText(c.Card, 25):
		return refuse("Coverage.Card", "must have 1 to 25 letters, digits, spaces and - , / : ' .")
	case !isCardText(c.Institution, 30):
		return refuse("Coverage.Institution", "must have 1 to 30 letters, digits, spaces and - , / : ' .")
	case !isCardText(c.Personal, 25):
		return refuse("Coverage.Personal", "must have 1 to 25 letters, digits, spaces and - , / : ' .")
	case len(c.Country) != 3 || !isCountry(c.Country):
		return refuse("Coverage.Country", "must be three capital letters")
	case !c.Expires.Whole():
		return refuse("Coverage.Expires", "must be a whole date")
	case expires < earliest || expires > latest:
		return refuse("Coverage.Expires", "must be within 150 years of today")
	default:
		return nil
	}
}

func isCardText(text string, most int) bool {
	return text != "" && len(text) <= most && !strings.ContainsFunc(text, func(r rune) bool {
		letter := (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z')
		return !letter && (r < '0' || r > '9') && !strings.ContainsRune("-,/:'. ", r)
	})
}
