package campaign

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/pds"
)

// Reason says why somebody the definition selected is not messaged. The first
// five are also the names of the suppressions a proposal may ask for.
type Reason string

// The reasons.
const (
	Deceased   Reason = "deceased"             // PDS knows of the death, formally or not
	Restricted Reason = "restricted"           // the record is sensitive: anything but unrestricted
	Superseded Reason = "superseded"           // the number has been replaced: the cohort is of its old holder
	Removed    Reason = "removed"              // removed from registration: moved away, left the country
	NoRecord   Reason = "no-record"            // PDS does not have the number, or has invalidated it
	Unchecked  Reason = "could-not-be-checked" // PDS did not answer for this person
)

// suppressions are the reasons that are checks a proposal can ask for. All are
// always applied.
func suppressions() []Reason { return []Reason{Deceased, Restricted, Superseded, Removed, NoRecord} }

// ErrSentinel means that a planted test person got through the checks: they do
// not work, and nobody may be messaged.
var ErrSentinel = errors.New("a sentinel got through the checks")

// suppress asks PDS about one person and returns why they must be left out, or ""
// and their record.
func (c *Campaign) suppress(ctx context.Context, number nhs.Number) (Reason, *pds.Patient, error) {
	patient, err := c.config.Patients.Get(ctx, number)
	switch {
	case ctx.Err() != nil:
		return "", nil, ctx.Err()
	case errors.Is(err, nhs.ErrUnauthorized), errors.Is(err, nhs.ErrForbidden):
		return "", nil, err // no answer about anybody will be better
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
// been messaged already, in a stage begun with an earlier list, stays on the list
// as they are: they must be accounted for, and not be messaged again.
func (c *Campaign) checkMembers(ctx context.Context, built *sealedList, begun map[nhs.Number]recipient) error {
	seen := map[nhs.Number]bool{}
	for number, err := range c.config.Members {
		if err != nil {
			return fmt.Errorf("member %d: %w", len(seen)+1, err)
		}
		if seen[number] {
			continue
		}
		seen[number] = true
		if _, messaged := begun[number]; !messaged {
			if err := c.checkMember(ctx, number, built); err != nil {
				return err
			}
		}
		if len(seen)%1000 == 0 {
			c.progress("check", len(seen), 0)
		}
	}
	built.People = slices.AppendSeq(built.People, maps.Values(begun))
	c.progress("check", len(seen), len(seen))
	return nil
}

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

// compose fills in a template, with the approved keys only.
func (c *Campaign) compose(p *pds.Patient) (map[string]any, error) {
	if c.config.Compose == nil {
		return nil, nil
	}
	values := c.config.Compose(p)
	for key := range values {
		if !slices.Contains(c.config.Proposal.Message.PersonalisationKeys, key) {
			return nil, &nhs.ArgumentError{Name: "personalisation key " + key, Reason: "is not in the proposal"}
		}
	}
	return values, nil
}

func (c *Campaign) progress(step string, done, total int) {
	if c.config.Progress != nil {
		c.config.Progress(Progress{Step: step, Done: done, Total: total})
	}
}

func sortedReasons(counts map[Reason]int) []Reason { return slices.Sorted(maps.Keys(counts)) }

// words says the reason for a report.
func (r Reason) words() string {
	switch r {
	case Deceased:
		return "PDS knows of their death"
	case Restricted:
		return "Restricted record"
	case Superseded:
		return "NHS number superseded"
	case Removed:
		return "No longer registered"
	case NoRecord:
		return "No PDS record"
	case Unchecked:
		return "Could not be checked against PDS"
	default:
		return string(r)
	}
}
