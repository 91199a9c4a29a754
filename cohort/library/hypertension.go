package library

import (
	"fmt"
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// RiskGroup is a group of people with hypertension by their blood pressure, as CVDPREVENT names it.
type RiskGroup string

// The groups. An upper end belongs to a group, a lower end does not: 140 is treated to target, and 140.1 is
// not. Of two groups the higher counts.
const (
	NotHypertensive RiskGroup = "-1"  // no hypertension, or resolved
	TargetUnder80   RiskGroup = "0.1" // under 80: up to 140 and up to 90
	TargetFrom80    RiskGroup = "0.2" // from 80: up to 150 and up to 90
	ModerateUnder80 RiskGroup = "1a"  // under 80: over 140 or over 90
	ModerateFrom80  RiskGroup = "1b"  // from 80: over 150 or over 90
	High            RiskGroup = "1c"  // over 160 or over 100
	VeryHigh        RiskGroup = "1d"  // over 180 or over 120
	NoReading       RiskGroup = "1e"  // no valid reading in 12 months
)

// Parameters of [HypertensionRisk], which [Criteria.BloodPressure] gives each person's own values.
const (
	ReadingDay cohort.Param[cohort.Date] = "day of the reading"
	Systolic   cohort.Param[float64]     = "systolic pressure"
	Diastolic  cohort.Param[float64]     = "diastolic pressure"
)

// HypertensionRisk is the cohort of people with hypertension who are in one of the groups; without any they
// are those who are not treated to target, 1a to 1e. It has parameters beside the index date:
//
//	definition, err := library.HypertensionRisk(nil, lists)
//	plan, err := definition.Bind(append(library.With(lists).BloodPressure(cohort.Index), cohort.Index.Is(date))...)
//
// The blood pressure is that of the latest day, of the 12 months that end on the index date, with a valid
// reading. A reading is an entry with both values, or one entry for each on the same day, and valid from 50
// systolic and 20 diastolic. Of several on the day the lowest systolic and the lowest diastolic count. The
// age is that on the day of the reading; readings under 18 do not count.
//
// The source is NHS England's CVDPREVENT tool, documentation and code. The documentation has group 1b from
// over 80 and the code from 80, which is followed. The source asks at the day of each person's latest extract:
// bind that day or, for everybody's own, see [Criteria.BloodPressure].
//
// Partial: where entries of one pressure only, on days of their own, are newer than all readings, the day of
// the latest reading may not be found, and the person is referred. Readings over the age of 120 count.
func HypertensionRisk(groups []RiskGroup, lists ...Lists) (*cohort.Definition, error) {
	if len(groups) == 0 {
		groups = []RiskGroup{ModerateUnder80, ModerateFrom80, High, VeryHigh, NoReading}
	}
	names := make([]string, len(groups))
	for i, group := range groups {
		if !slices.Contains([]RiskGroup{TargetUnder80, TargetFrom80, ModerateUnder80, ModerateFrom80, High, VeryHigh, NoReading}, group) {
			return nil, fmt.Errorf("library.HypertensionRisk: group %q is none of people with hypertension: use one of the constants, such as VeryHigh", group)
		}
		names[i] = string(group)
	}
	slices.Sort(names)
	c := With(lists...)
	return invite("cvdprevent-hypertension-risk",
		cohort.Include("hypertension", c.Hypertension()),
		cohort.Include("blood pressure in group "+strings.Join(names, ", "), c.RiskGroup().In(names...)).IfUnknown(cohort.Refer))
}

// RiskGroup is the group that somebody is in, one of the [RiskGroup] constants. It has the parameters of
// [HypertensionRisk].
func (c Criteria) RiskGroup() cohort.TextSeries {
	over := func(pressure cohort.Param[float64], limit float64) cohort.Criterion {
		return cohort.Number(limit).BelowValue(pressure)
	}
	age := person.AgeOn(ReadingDay)
	// It is unknown when the day has no systolic pressure, and so is everything that follows: the day is not that
	// of a reading.
	read := over(Systolic, 0)
	in := func(group RiskGroup) cohort.TextSeries { return cohort.Text(string(group)) }
	return cohort.Case(
		cohort.When(cohort.Not(c.Hypertension()), in(NotHypertensive)),
		cohort.When(cohort.Any(cohort.Not(cohort.Day(ReadingDay).Known()), cohort.IsYes(age.Below(18))), in(NoReading)),
		cohort.When(cohort.All(read, cohort.Any(over(Systolic, 180), over(Diastolic, 120))), in(VeryHigh)),
		cohort.When(cohort.Any(over(Systolic, 160), over(Diastolic, 100)), in(High)),
		cohort.When(cohort.All(age.Below(80), cohort.Any(over(Systolic, 140), over(Diastolic, 90))), in(ModerateUnder80)),
		cohort.When(cohort.All(age.AtLeast(80), cohort.Any(over(Systolic, 150), over(Diastolic, 90))), in(ModerateFrom80)),
		cohort.When(age.Below(80), in(TargetUnder80)),
		cohort.Otherwise(in(TargetFrom80)))
}

// BloodPressure gives the parameters of [HypertensionRisk] their values, from the readings of the 12 months
// that end on the given day, both ends included. The day is [cohort.Index], unless the index date is each
// person's own: then it is the series that the index is given, for example
//
//	extract := cohort.Max(gpes.Journal, gpes.ExtractDate)
//	plan, err := definition.Bind(append(library.With(lists).BloodPressure(extract), cohort.Index.IsEach(extract))...)
func (c Criteria) BloodPressure(upTo cohort.Operand[cohort.Date]) []cohort.Binding {
	taken := gpes.Journal.Where(gpes.Date.Within(cohort.Months(12), upTo))
	isBoth := cohort.All(c.in("BP_COD"), gpes.Value1.AtLeast(50), gpes.Value2.AtLeast(20))
	isSystolic := cohort.All(c.in("systolic"), gpes.Value1.AtLeast(50), cohort.Not(gpes.Value2.Known()))
	isDiastolic := cohort.All(c.in("diastolic"), gpes.Value1.AtLeast(20), cohort.Not(gpes.Value2.Known()))

	// The day of two separate entries is no later than the latest of each kind, so that this is the latest
	// reading's day, if there is a systolic pressure on it.
	day := cohort.Greatest(
		cohort.Max(taken.Where(isBoth), gpes.Date),
		cohort.Max(taken.Where(isDiastolic, gpes.Date.NotAfter(cohort.Max(taken.Where(isSystolic), gpes.Date))), gpes.Date))
	onDay := gpes.Journal.Where(gpes.Date.On(day))
	return []cohort.Binding{
		ReadingDay.IsEach(day),
		Systolic.IsEach(cohort.Min(onDay.Where(cohort.Any(isBoth, isSystolic)), gpes.Value1)),
		Diastolic.IsEach(cohort.Least(
			cohort.Min(onDay.Where(isBoth), gpes.Value2),
			cohort.Min(onDay.Where(isDiastolic), gpes.Value1))),
	}
}
