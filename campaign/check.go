package campaign

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/internal/redact"
	"github.com/personalised-prevention/nhs/pds"
)

// Reason says why somebody the definition selected is not messaged. All but
// [Unchecked] are also the names of the suppressions a proposal may ask for, and
// the kinds of sentinels.
type Reason string

// The reasons.
const (
	Deceased   Reason = "deceased"             // PDS knows of the death, formally or informally
	Restricted Reason = "restricted"           // the record is sensitive: anything but unrestricted
	Superseded Reason = "superseded"           // the number has been replaced: the cohort is of its old holder
	Removed    Reason = "removed"              // removed from registration: moved away, left the country
	NoRecord   Reason = "no-record"            // PDS does not have the number, or has invalidated it
	Unchecked  Reason = "could-not-be-checked" // PDS did not answer for this person
)

// suppressions are the reasons that are checks a proposal can ask for. All are
// always applied.
func suppressions() []Reason { return []Reason{Deceased, Restricted, Superseded, Removed, NoRecord} }

// ErrSentinel means that the checks did not catch a planted test person for the
// reason planted: they do not work, and nobody may be messaged.
var ErrSentinel = errors.New("a sentinel was not caught by the checks")

// suppress asks PDS about one person and returns why they must be left out, or ""
// and their record. An error is one that asking about others will not be without.
func (c *Campaign) suppress(ctx context.Context, number nhs.Number) (Reason, *pds.Patient, error) {
	patient, err := c.config.Patients.Get(ctx, number)
	switch {
	case ctx.Err() != nil:
		return "", nil, ctx.Err()
	case errors.Is(err, nhs.ErrUnauthorized), errors.Is(err, nhs.ErrForbidden):
		return "", nil, err
	case errors.Is(err, nhs.ErrNotFound):
		return NoRecord, nil, nil
	case err != nil:
		return Unchecked, nil, nil //nolint:nilerr // the reason stands for the error
	case patient.Superseded(number):
		return Superseded, nil, nil
	case patient.Deceased():
		return Deceased, nil, nil
	case patient.Restricted():
		return Restricted, nil, nil
	}
	if _, removed := patient.RemovedFromRegistration(); removed {
		return Removed, nil, nil
	}
	return "", patient, nil
}

// checkSentinels runs the planted test people through the same checks.
func (c *Campaign) checkSentinels(ctx context.Context) ([]governance.SentinelResult, error) {
	var results []governance.SentinelResult
	for _, kind := range slices.Sorted(maps.Keys(c.config.Sentinels)) {
		result := governance.SentinelResult{Kind: kind, Planted: len(c.config.Sentinels[kind])}
		for _, number := range c.config.Sentinels[kind] {
			reason, _, err := c.suppress(ctx, number)
			if err != nil {
				return nil, err
			}
			if string(reason) == kind {
				result.Caught++
			}
		}
		if result.Caught < result.Planted {
			return nil, fmt.Errorf("%w: of %d %s sentinels %d were caught", ErrSentinel, result.Planted, kind, result.Caught)
		}
		results = append(results, result)
	}
	return results, nil
}

// checkMembers runs everybody the definition selected through the checks. Who has
// been messaged already, with an earlier list, stays on the list as they are: they
// must be accounted for, and not be messaged again.
func (c *Campaign) checkMembers(ctx context.Context, built *sealedList) error {
	messaged := c.messaged()
	seen := map[nhs.Number]bool{}
	for number, err := range c.config.Members {
		if err != nil {
			return fmt.Errorf("after %d members: %w", len(seen), maskedError{err})
		}
		if number.IsZero() {
			return fmt.Errorf("after %d members: %w", len(seen), &nhs.ArgumentError{Name: "member", Reason: "must have an NHS number"})
		}
		if seen[number] {
			continue
		}
		seen[number] = true
		if _, done := messaged[number]; !done {
			if err := c.checkMember(ctx, number, built); err != nil {
				return err
			}
		}
		if len(seen)%progressEvery == 0 {
			c.progress("check", len(seen), 0)
		}
	}
	built.People = slices.AppendSeq(built.People, maps.Values(messaged))
	c.progress("check", len(seen), len(seen))
	return nil
}

// progressEvery is after how many checks progress is told.
const progressEvery = 1000

func (c *Campaign) checkMember(ctx context.Context, number nhs.Number, built *sealedList) error {
	reason, patient, err := c.suppress(ctx, number)
	if err != nil {
		return err
	}
	if reason != "" {
		built.Excluded[reason]++
		return nil
	}
	values, err := c.compose(patient)
	if err != nil {
		return err
	}
	built.People = append(built.People, recipient{Number: number, Personalisation: values})
	return nil
}

// compose fills in a template, with the approved keys and with values NHS Notify
// takes: one that it does not take would stop a stage.
func (c *Campaign) compose(p *pds.Patient) (map[string]any, error) {
	if c.config.Compose == nil {
		return nil, nil
	}
	values := c.config.Compose(p)
	for key, value := range values {
		name := "personalisation key " + redact.Text(key)
		if !slices.Contains(c.config.Proposal.Message.PersonalisationKeys, key) {
			return nil, &nhs.ArgumentError{Name: name, Reason: "is not in the proposal"}
		}
		text, err := json.Marshal(value)
		if err != nil || text[0] == '{' || text[0] == 'n' { // an object, or null
			return nil, &nhs.ArgumentError{Name: name, Reason: "must have a string, number, boolean or list"}
		}
	}
	return values, nil
}

// maskedError hides what may be an NHS number in the text of an error that is not
// this module's.
type maskedError struct{ err error }

func (e maskedError) Error() string { return redact.Text(e.err.Error()) }

func (e maskedError) Unwrap() error { return e.err }

func sortedReasons(counts map[Reason]int) []Reason { return slices.Sorted(maps.Keys(counts)) }
