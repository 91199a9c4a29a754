package campaign

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/internal/redact"
	"github.com/personalised-prevention/nhs/pds"
)

// Reason says why somebody the definition selected is not messaged. All but
// [Unchecked] are also the names of the suppressions a proposal may ask for, and
// the kinds of sentinels. A programme may add its own, with a [Screen].
type Reason string

// The reasons: what PDS is asked about, and what screens are.
const (
	Deceased   Reason = governance.SuppressDeceased   // PDS knows of the death, formally or informally
	Restricted Reason = governance.SuppressRestricted // the record is sensitive: anything but unrestricted
	Superseded Reason = governance.SuppressSuperseded // the number has been replaced: the cohort is of its old holder
	Removed    Reason = governance.SuppressRemoved    // removed from registration: moved away, left the country
	NoRecord   Reason = governance.SuppressNoRecord   // PDS does not have the number, or has invalidated it
	UnderAge   Reason = governance.SuppressUnderAge   // younger than the proposal's minimum age, as far as is known
	Unchecked  Reason = "could-not-be-checked"        // PDS did not answer for this person

	Objected       Reason = governance.SuppressObjection      // to the programme or its channels
	Type1OptOut    Reason = governance.SuppressType1          // from the GP record
	NationalOptOut Reason = governance.SuppressNationalOptOut // the national data opt-out
)

// lookups are the reasons that PDS is asked about, always.
func lookups() []Reason {
	return []Reason{Deceased, Restricted, Superseded, Removed, NoRecord, UnderAge}
}

// suppressions are the checks a proposal can ask for. All are always applied.
func (c Config) suppressions() []Reason {
	return append(lookups(), slices.Sorted(maps.Keys(c.Screens))...)
}

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
	if !oldEnough(patient.BirthDate, c.config.Now(), c.config.Proposal.Safety.MinimumAge) {
		return UnderAge, nil, nil
	}
	return "", patient, nil
}

// oldEnough reports whether somebody has completed so many years for certain. Of a
// birth date that is known to the month or the year the last possible day counts.
// The day is that of UTC, which is never later than that of London.
func oldEnough(born nhs.Date, now time.Time, years int) bool {
	year, month, day := born.Parts()
	if born.IsZero() {
		return false
	}
	if month == 0 {
		month = time.December
	}
	if day == 0 {
		day = 31
	}
	thisYear, thisMonth, today := now.UTC().Date()
	age := thisYear - year
	if thisMonth < month || thisMonth == month && today < day {
		age--
	}
	return age >= years
}

// checkSentinels runs the planted test people whom PDS knows through the same
// checks.
func (c *Campaign) checkSentinels(ctx context.Context, built *sealedList) error {
	for _, kind := range lookups() {
		planted := c.config.Sentinels[string(kind)]
		result := governance.SentinelResult{Kind: string(kind), Planted: len(planted)}
		for _, number := range planted {
			reason, _, err := c.suppress(ctx, number)
			if err != nil {
				return err
			}
			if reason == kind {
				result.Caught++
			}
		}
		if err := built.caught(result); err != nil {
			return err
		}
	}
	return nil
}

// checkMembers runs everybody the definition selected through the checks. Who has
// been messaged already, with an earlier list, stays on the list as they are: they
// must be accounted for, and not be messaged again.
func (c *Campaign) checkMembers(ctx context.Context, built *sealedList) error {
	messaged := c.messaged()
	seen := map[nhs.Number]bool{}
	for number, err := range c.config.Members {
		if err != nil {
			return fmt.Errorf("after %d members: %w", len(seen), redact.Error(err))
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
	asked := len(built.People)
	for _, n := range built.excluded() {
		asked += n
	}
	built.lookedUp(asked)
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
		built.exclude(number, c.segment(number), reason)
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

func sortedReasons(counts map[Reason]int) []Reason { return slices.Sorted(maps.Keys(counts)) }
