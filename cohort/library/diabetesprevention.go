package library

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/gpes"
)

// DiabetesPreventionChoices are what providers of the NHS Diabetes Prevention Programme do differently. The
// zero value is the most common rule.
type DiabetesPreventionChoices struct {
	// Window is how old a blood test may be; zero means 12 months. Greater Manchester takes 24.
	Window cohort.Period
	// AnyReading takes any blood test of the window; without it the latest of each kind decides.
	AnyReading bool
	// Decimals takes HbA1c up to 47.9 mmol/mol, as one provider writes; without it up to 47, so that 47.5 is
	// neither in the range nor diabetes.
	Decimals bool
}

// DiabetesPrevention is the cohort that can be referred to the NHS Diabetes Prevention Programme: adults,
// registered and alive, without diabetes and not pregnant, with an HbA1c of 42 to 47 mmol/mol or a fasting
// glucose of 5.5 to 6.9 mmol/L in the window; or who ever had gestational diabetes and have an HbA1c below 42
// or a fasting glucose below 5.5 in it.
//
// The source is what providers publish of the national service specification. Left open there and chosen
// here: diabetes is any such code ever, resolved or not, as people in remission have a programme of their
// own; pregnant is [Criteria.Pregnant]; the end of life is any palliative care code, a rule of Greater
// Manchester; of several tests of a kind on one day the one typed last counts, then the larger. HbA1c is read
// from 9 to 162 mmol/mol, the limits that NHS England publishes; for glucose there are none.
//
// Partial: whether an eating disorder is active cannot be told from codes, so anybody with one on record is
// left out.
func DiabetesPrevention(choices DiabetesPreventionChoices, lists ...Lists) (*cohort.Definition, error) {
	if choices.Window == (cohort.Period{}) {
		choices.Window = cohort.Months(12)
	}
	upTo := 47.0
	if choices.Decimals {
		upTo = 47.9
	}
	c := With(lists...)
	hba1c := c.within(choices.Window, "IFCCHBAM_COD").Where(gpes.Value1.Between(9, 162))
	glucose := c.within(choices.Window, "FASPLASGLUC_COD").Where(gpes.Value1.Known())
	// some asks about the latest reading of a kind or, if so chosen, about any.
	some := func(readings cohort.Rows[gpes.Entry], latest cohort.Criterion, each cohort.RowPred[gpes.Entry]) cohort.Criterion {
		if choices.AnyReading {
			return readings.Where(each).Exists()
		}
		return cohort.IsYes(latest)
	}
	lastHbA1c, lastGlucose := cohort.Latest(hba1c, gpes.Value1), cohort.Latest(glucose, gpes.Value1)
	return invite("nhs-diabetes-prevention",
		cohort.Include("aged 18 or over", adult()).IfUnknown(cohort.Refer),
		cohort.Include("raised blood glucose, or gestational diabetes and normal since", cohort.Any(
			some(hba1c, lastHbA1c.Between(42, upTo), gpes.Value1.Between(42, upTo)),
			some(glucose, lastGlucose.Between(5.5, 6.9), gpes.Value1.Between(5.5, 6.9)),
			cohort.All(c.ever("GDIAB_COD"), cohort.Any(
				some(hba1c, lastHbA1c.Below(42), gpes.Value1.Below(42)),
				some(glucose, lastGlucose.Below(5.5), gpes.Value1.Below(5.5)))))),
		cohort.Exclude("blood glucose in the range of diabetes", cohort.Any(
			some(hba1c, lastHbA1c.AtLeast(48), gpes.Value1.AtLeast(48)),
			some(glucose, lastGlucose.AtLeast(7), gpes.Value1.AtLeast(7)))),
		cohort.Exclude("diabetes", c.ever("DM_COD")),
		cohort.Exclude("pregnant", c.Pregnant()),
		cohort.Exclude("eating disorder", c.ever("eating-disorder")),
		cohort.Exclude("bariatric surgery in the last 2 years", c.within(cohort.Years(2), "bariatric-surgery").Exists()),
		cohort.Exclude("palliative care", c.ever("PALCARE_COD")),
	)
}
