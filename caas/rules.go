package caas

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"

	"github.com/personalised-prevention/nhs"
)

// RecordRules are the validation rules that one programme has for records. They are
// for the caller to apply: nothing else in this package does. A programme without
// published rules writes down its own.
type RecordRules struct {
	Name  string // the programme, such as "Breast Screening"
	Rules []RecordRule
}

// RecordRule is one validation rule.
type RecordRule struct {
	Number   int    // in the programme's count; not always unique there
	Name     string // "Postcode"
	Category RuleCategory
	Fatal    bool

	// Asks is what the rule asks for, in words that go into a [Finding].
	Asks string

	// When says which records the rule is for. Nil means all.
	When func(RuleCase) bool

	// Check judges a record that the rule is for.
	Check func(context.Context, RuleCase) (RuleOutcome, error)

	// Column is that of a value which breaks the rule if it cannot be read; see
	// [RecordRules.Refused].
	Column string
}

// ID returns number, name, category and fatality in their public form, such as
// "30.Postcode.NBO.NonFatal".
func (r RecordRule) ID() string {
	fatality := "NonFatal"
	if r.Fatal {
		fatality = "Fatal"
	}
	return strconv.Itoa(r.Number) + "." + r.Name + "." + r.Category.String() + "." + fatality
}

// RuleCase is a record to check, and what rules may ask of its circumstances.
type RuleCase struct {
	Record Record

	// Today is the day on which the check is made. Required, whole.
	Today nhs.Date

	// ManualAdd says that somebody adds the person by hand: the record does not come
	// from a cohort file.
	ManualAdd bool

	// Existing is what the programme held of the person before; nil if that is not
	// known. Rules that compare are not checked then.
	Existing *Record

	// Reference is the programme's reference data; nil if there are none. Rules that
	// look something up are not checked then.
	Reference ReferenceData
}

// LogValue logs where the record stands.
func (c RuleCase) LogValue() slog.Value { return c.Record.LogValue() }

// ReferenceData are what rules look up. No table of them comes with this package:
// the public ones are of one programme, and of one day.
type ReferenceData interface {
	// Practice reports whether a GP practice exists, by its ODS code.
	Practice(ctx context.Context, code string) (bool, error)

	// ExcludedPractice reports whether a GP practice is on the programme's list of
	// excluded ones, by its ODS code.
	ExcludedPractice(ctx context.Context, code string) (bool, error)

	// PostingCategory returns the category of a posting, such as "ENGLAND", "WALES",
	// "IOM" or "DMS"; "" for a posting that is not known.
	PostingCategory(ctx context.Context, posting string) (string, error)

	// Outcode reports whether the first half of a postcode, in upper case, is known.
	Outcode(ctx context.Context, outcode string) (bool, error)
}

// RuleOutcome is what became of a rule.
type RuleOutcome string

// What may become of a rule.
const (
	RulePassed      RuleOutcome = "passed"
	RuleBroken      RuleOutcome = "broken"
	RuleNoReference RuleOutcome = "not checked: there are no reference data"
	RuleNoExisting  RuleOutcome = "not checked: what was held before is not known"
)

// Checked reports whether the record has been judged.
func (o RuleOutcome) Checked() bool { return o == RulePassed || o == RuleBroken }

// Finding is a rule that a record breaks, or that could not be checked. It holds
// nothing of the record but its row.
type Finding struct {
	Row     int64  // of the record in its file; 0 if it comes from elsewhere
	Rule    string // [RecordRule.ID]
	Outcome RuleOutcome
	Asks    string // what the rule asks for
}

// String returns the finding in words.
func (f Finding) String() string {
	return fmt.Sprintf("row %d: %s %s (%s)", f.Row, f.Rule, f.Outcome, f.Asks)
}

// Check applies the rules to a record, and returns those that it breaks and those
// that could not be checked, in their order. An error is that of the reference
// data, or an [*nhs.ArgumentError]; there are no findings then.
func (s RecordRules) Check(ctx context.Context, c RuleCase) ([]Finding, error) {
	switch {
	case !c.Today.Whole():
		return nil, &nhs.ArgumentError{Name: "today", Reason: "must be a whole date"}
	case c.Record.NilReturn():
		return nil, &nhs.ArgumentError{Name: "record", Reason: "must not be a nil return, which is about nobody"}
	}
	var findings []Finding
	for _, r := range s.Rules {
		if r.When != nil && !r.When(c) {
			continue
		}
		outcome, err := r.Check(ctx, c)
		if err != nil {
			return nil, fmt.Errorf("caas: rule %s: %w", r.ID(), err)
		}
		if outcome != RulePassed {
			findings = append(findings, r.finding(c.Record.Row, outcome))
		}
	}
	return findings, nil
}

// Refused returns the rules that a row breaks which could not even be read, for one
// of its values: a date of birth that is no date breaks the rule that there is a
// valid one. There may be none.
func (s RecordRules) Refused(e *RowError) []Finding {
	var findings []Finding
	for _, r := range s.Rules {
		if r.Column == "" || r.Column != e.Column {
			continue
		}
		if r.When == nil || r.When(RuleCase{Record: Record{Type: e.Type}}) {
			findings = append(findings, r.finding(e.Row, RuleBroken))
		}
	}
	return findings
}

func (r RecordRule) finding(row int64, outcome RuleOutcome) Finding {
	return Finding{Row: row, Rule: r.ID(), Outcome: outcome, Asks: r.Asks}
}

// RuleCategory says who has to deal with what breaks a rule. The numbers are those
// of the public consumer.
//
// Source: dtos-cohort-manager, ExceptionCategory.
type RuleCategory int

// The categories.
const (
	CategoryNon           RuleCategory = 0
	CategoryBSSelect      RuleCategory = 1
	CategoryCaaS          RuleCategory = 2
	CategoryNBO           RuleCategory = 3
	CategoryFile          RuleCategory = 5
	CategoryNilReturnFile RuleCategory = 7
	CategoryDeleteRecord  RuleCategory = 8
	CategoryOutsideCohort RuleCategory = 9 // ParticipantLocationRemainingOutsideOfCohort
	CategorySchema        RuleCategory = 10
	CategoryTransform     RuleCategory = 11 // TransformExecuted
	CategoryConfusion     RuleCategory = 12
	CategorySuperseded    RuleCategory = 13
)

// String returns the public name of the category.
func (c RuleCategory) String() string {
	switch c {
	case CategoryNon:
		return "Non"
	case CategoryBSSelect:
		return "BSSelect"
	case CategoryCaaS:
		return "CaaS"
	case CategoryNBO:
		return "NBO"
	case CategoryFile:
		return "File"
	case CategoryNilReturnFile:
		return "NilReturnFile"
	case CategoryDeleteRecord:
		return "DeleteRecord"
	case CategoryOutsideCohort:
		return "ParticipantLocationRemainingOutsideOfCohort"
	case CategorySchema:
		return "Schema"
	case CategoryTransform:
		return "TransformExecuted"
	case CategoryConfusion:
		return "Confusion"
	case CategorySuperseded:
		return "Superseded"
	}
	return strconv.Itoa(int(c))
}
