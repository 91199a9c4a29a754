package caas

import (
	"context"
	"regexp"
	"strings"

	"github.com/personalised-prevention/nhs"
)

// BreastScreeningRules returns the validation rules of the breast screening
// programme under their public numbers and names, those of its static rules first
// and then those that look something up or compare. No other programme has published
// rules.
//
// None is fatal. None but those for manual adds is for a record of type DEL. Four
// are not what they seem:
//
//   - 49 asks for 0 or 1, but is published as "not 0 or not 1", which is always true.
//     Only a value that is no number breaks it, and such a row is refused: it is
//     found by [RecordRules.Refused] alone.
//   - 3 asks for exactly one of practice and reason for removal; a record with
//     neither breaks it as well.
//   - 71 is the number of two rules: for new people that some address line is there,
//     and for amended ones that the postcode is the same if none is. The second, as
//     published, overlooks the second address line; here all five count.
//   - 17 and 18 take a partial date for its first day.
//
// Source: dtos-cohort-manager at 743ebcc, Breast_Screening_staticRules.json,
// Breast_Screening_lookupRules.json, ValidationHelper and ReasonForRemovalLookup.
func BreastScreeningRules() RecordRules {
	return RecordRules{Name: "Breast Screening", Rules: append(breastStatic(), breastLookup()...)}
}

func breastStatic() []RecordRule {
	return []RecordRule{
		{
			Number: 8, Name: "RecordType", Category: CategoryCaaS, Column: columnType,
			Asks:  "record type is ADD, AMENDED or DEL",
			Check: holds(func(c RuleCase) bool { return c.Record.Type.known() }),
		},
		{
			Number: 30, Name: "Postcode", Category: CategoryNBO, When: notDeleted,
			Asks:  "postcode is empty, of the UK, or a known dummy",
			Check: holds(func(c RuleCase) bool { return c.Record.Postcode == "" || isPostcode(c.Record.Postcode) }),
		},
		{
			Number: 17, Name: "DateOfBirth", Category: CategoryNBO, When: notDeleted, Column: "date_of_birth",
			Asks:  "date of birth is there, valid and not in the future",
			Check: holds(func(c RuleCase) bool { return !c.Record.BirthDate.IsZero() && past(c.Record.BirthDate, c.Today) }),
		},
		{
			Number: 39, Name: "FamilyName", Category: CategoryNBO, When: notDeleted,
			Asks:  "family name is there, except in an amendment",
			Check: holds(func(c RuleCase) bool { return c.Record.FamilyName != "" || c.Record.Type == Amend }),
		},
		{
			Number: 40, Name: "FirstName", Category: CategoryNBO, When: notDeleted,
			Asks:  "given name is there, except in an amendment",
			Check: holds(func(c RuleCase) bool { return c.Record.GivenName != "" || c.Record.Type == Amend }),
		},
		{
			Number: 18, Name: "DateOfDeath", Category: CategoryNBO, When: notDeleted, Column: "date_of_death",
			Asks:  "date of death is empty, or valid and not in the future",
			Check: holds(func(c RuleCase) bool { return c.Record.DeathDate.IsZero() || past(c.Record.DeathDate, c.Today) }),
		},
		{
			Number: 49, Name: "InterpreterCheck", Category: CategoryNBO, When: notDeleted, Column: "is_interpreter_required",
			Asks:  "interpreter required is a number, whichever",
			Check: holds(func(RuleCase) bool { return true }),
		},
		{
			Number: 3, Name: "PrimaryCareProviderAndReasonForRemoval", Category: CategoryNBO, When: notDeleted,
			Asks: "either primary care provider or reason for removal is there, except when added by hand",
			Check: holds(func(c RuleCase) bool {
				return c.ManualAdd || (c.Record.PrimaryCareProvider == "") != (c.Record.ReasonForRemoval == "")
			}),
		},
		{
			Number: 97, Name: "NoDummyGPorPCP", Category: CategoryNBO, When: manualAdd,
			Asks: "primary care provider is there, or reason for removal is RDR, RPR or RDI",
			Check: holds(func(c RuleCase) bool {
				return c.Record.PrimaryCareProvider != "" || unregistered(c.Record.ReasonForRemoval)
			}),
		},
		{
			Number: 98, Name: "ManualAddWithBlockingRFR", Category: CategoryNBO, When: manualAdd,
			Asks:  "reason for removal does not rule out an invitation",
			Check: holds(func(c RuleCase) bool { return !ruledOut(strings.ToUpper(c.Record.ReasonForRemoval)) }),
		},
		{
			Number: 71, Name: "NewParticipantWithNoAddress", Category: CategoryNBO, When: added,
			Asks:  "a new person has an address line",
			Check: holds(func(c RuleCase) bool { return hasAddress(c.Record) }),
		},
		{
			Number: 53, Name: "CurrentPostingAndPrimaryCareProvider", Category: CategoryNon, When: amended,
			Asks:  "a primary care provider comes with a current posting",
			Check: holds(func(c RuleCase) bool { return c.Record.CurrentPosting != "" || c.Record.PrimaryCareProvider == "" }),
		},
		{
			Number: 66, Name: "DeathStatus", Category: CategoryNBO, When: amended,
			Asks: "after a formal death the reason for removal is DEA",
			Check: holds(func(c RuleCase) bool {
				return c.Record.DeathStatus != DeathFormal || c.Record.ReasonForRemoval == "DEA"
			}),
		},
	}
}

func breastLookup() []RecordRule {
	return []RecordRule{
		{
			Number: 45, Name: "GPPracticeCodeDoesNotExist", Category: CategoryNBO, When: notDeleted,
			Asks:  "primary care provider is empty, exists or is excluded, or the posting is Welsh",
			Check: practiceExistsOrElsewhere,
		},
		{
			Number: 54, Name: "ValidateBsoCode", Category: CategoryNon, When: amended,
			Asks:  "a person who left the list has a known outcode, or had a known practice or a dummy one",
			Check: officeKnown,
		},
		{
			Number: 71, Name: "AddressLinesNullAndPostcodeDoesNotMatchExisting", Category: CategoryNBO, When: amended,
			Asks:  "an address without lines has the postcode of before",
			Check: sameAddress,
		},
		{
			Number: 51, Name: "ParticipantLocationRemainingOutsideOfCohort", Category: CategoryOutsideCohort, When: amended,
			Asks:  "the person does not stay outside the area of the cohort",
			Check: entersArea,
		},
		{
			Number: 3601, Name: "ValidatePrimaryCareProvider", Category: CategoryNBO, When: manualAdd,
			Asks: "primary care provider is empty or exists",
			Check: func(ctx context.Context, c RuleCase) (RuleOutcome, error) {
				return lookUp(c.Record.PrimaryCareProvider == "", c, func(r ReferenceData) (bool, error) {
					return r.Practice(ctx, c.Record.PrimaryCareProvider)
				})
			},
		},
	}
}

// Which records rules are for.
func notDeleted(c RuleCase) bool { return c.Record.Type != Delete }
func added(c RuleCase) bool      { return c.Record.Type == Add }
func amended(c RuleCase) bool    { return c.Record.Type == Amend }
func manualAdd(c RuleCase) bool  { return c.ManualAdd }

// holds makes a check of a condition on the record alone.
func holds(condition func(RuleCase) bool) func(context.Context, RuleCase) (RuleOutcome, error) {
	return func(_ context.Context, c RuleCase) (RuleOutcome, error) { return outcome(condition(c)), nil }
}

func outcome(passed bool) RuleOutcome {
	if passed {
		return RulePassed
	}
	return RuleBroken
}

// lookUp passes what needs no looking up, and otherwise asks the reference data, if
// there are any.
func lookUp(passed bool, c RuleCase, ask func(ReferenceData) (bool, error)) (RuleOutcome, error) {
	switch {
	case passed:
		return RulePassed, nil
	case c.Reference == nil:
		return RuleNoReference, nil
	}
	passed, err := ask(c.Reference)
	return outcome(passed), err
}

// practiceExistsOrElsewhere is rule 45.
func practiceExistsOrElsewhere(ctx context.Context, c RuleCase) (RuleOutcome, error) {
	practice := c.Record.PrimaryCareProvider
	return lookUp(practice == "", c, func(r ReferenceData) (bool, error) {
		if exists, err := r.Practice(ctx, practice); err != nil || exists {
			return exists, err
		}
		if excluded, err := r.ExcludedPractice(ctx, practice); err != nil || excluded {
			return excluded, err
		}
		return welsh(ctx, r, c.Record.CurrentPosting)
	})
}

// officeKnown is rule 54: without outcode and practice there is no screening office
// to send the person to.
func officeKnown(ctx context.Context, c RuleCase) (RuleOutcome, error) {
	if !unregistered(strings.ToUpper(c.Record.ReasonForRemoval)) {
		return RulePassed, nil
	}
	if code := outcode(c.Record.Postcode); code != "" {
		known, err := lookUp(false, c, func(r ReferenceData) (bool, error) { return r.Outcode(ctx, code) })
		if err != nil || known != RuleBroken {
			return known, err
		}
	}
	if c.Existing == nil {
		return RuleNoExisting, nil
	}
	practice := c.Existing.PrimaryCareProvider
	if practice == "" {
		return RuleBroken, nil
	}
	return lookUp(strings.HasPrefix(practice, "ZZZ"), c, func(r ReferenceData) (bool, error) { return r.Practice(ctx, practice) })
}

// sameAddress is rule 71 for amended people.
func sameAddress(_ context.Context, c RuleCase) (RuleOutcome, error) {
	switch {
	case hasAddress(c.Record):
		return RulePassed, nil
	case c.Record.Postcode == "":
		return RuleBroken, nil
	case c.Existing == nil:
		return RuleNoExisting, nil
	default:
		return outcome(strings.EqualFold(c.Record.Postcode, c.Existing.Postcode)), nil
	}
}

// entersArea is rule 51.
func entersArea(ctx context.Context, c RuleCase) (RuleOutcome, error) {
	switch {
	case c.Record.CurrentPosting == "":
		return RulePassed, nil
	case c.Existing == nil:
		return RuleNoExisting, nil
	}
	return lookUp(c.Existing.CurrentPosting == "", c, func(r ReferenceData) (bool, error) {
		for _, record := range []Record{c.Record, *c.Existing} {
			if outside, err := outsideArea(ctx, r, record); err != nil || !outside {
				return err == nil, err
			}
		}
		return false, nil
	})
}

// outsideArea reports whether a person lives in Wales or is with an excluded practice
// of the armed forces.
func outsideArea(ctx context.Context, r ReferenceData, record Record) (bool, error) {
	if strings.EqualFold(record.CurrentPosting, "DMS") && record.PrimaryCareProvider != "" {
		if excluded, err := r.ExcludedPractice(ctx, record.PrimaryCareProvider); err != nil || excluded {
			return excluded, err
		}
	}
	return welsh(ctx, r, record.CurrentPosting)
}

func welsh(ctx context.Context, r ReferenceData, posting string) (bool, error) {
	if posting == "" {
		return false, nil
	}
	category, err := r.PostingCategory(ctx, posting)
	return strings.EqualFold(category, "WALES"), err
}

func hasAddress(r Record) bool { return r.AddressLines != [5]string{} }

// unregistered reports whether a reason for removal leaves people in the country,
// without a practice.
func unregistered(reason string) bool { return reason == "RDR" || reason == "RDI" || reason == "RPR" }

// ruledOut reports whether nobody removed for the reason is invited.
func ruledOut(reason string) bool {
	switch reason {
	case "AFL", "AFN", "DEA", "LDN", "SDL", "SDN", "TRA":
		return true
	default:
		return false
	}
}

// past reports whether a date, or the first day of a partial one, is not after today.
func past(d, today nhs.Date) bool {
	first := func(d nhs.Date) int {
		y, m, day := d.Parts()
		return (y*100+int(max(m, 1)))*100 + max(day, 1)
	}
	return first(d) <= first(today)
}

// postcodes are the patterns that the programme has for a postcode and its dummies;
// the last has the outcode in parentheses.
var (
	ukPostcode    = regexp.MustCompile(`(?i)^(?:[A-Z][A-HJ-Y]?[0-9][A-Z0-9]? ?[0-9][A-Z]{2}|GIR ?0A{2})$`)
	dummyPostcode = regexp.MustCompile(`(?i)^ZZ99 ?[0-9][A-Z]{2}$`)
	withOutcode   = regexp.MustCompile(`(?i)^([A-Z][A-Z]?[0-9][A-Z0-9]?) ?[0-9][A-Z]{2}$`)
)

func isPostcode(s string) bool {
	switch s {
	case "ZZZSECUR", "ANK", "ZZ99", "NFA":
		return true
	default:
		return ukPostcode.MatchString(s) || dummyPostcode.MatchString(s)
	}
}

// outcode returns the first half of a postcode in upper case, "" if it has none.
func outcode(postcode string) string {
	m := withOutcode.FindStringSubmatch(postcode)
	if m == nil {
		return ""
	}
	return strings.ToUpper(m[1])
}
