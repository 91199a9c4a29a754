package library

import (
	"github.com/personalised-prevention/nhs/cohort"
)

// Risks from which lung cancer screening offers a scan; either is enough.
const (
	PLCOm2012Risk = 1.51 // percent in six years, by the model PLCOm2012
	LLPv2Risk     = 2.5  // percent in five years, by the Liverpool Lung Project, version 2
)

// LungScreening is the cohort that lung cancer screening invites to be assessed: aged 55 up to the day before
// the 75th birthday, registered and alive, who ever smoked. Whoever was once recorded as a smoker or a former
// smoker did, whatever other entries say.
//
// The source is the programme as providers publish it. Partial: the programme means at least 100 cigarettes
// in a lifetime, which codes do not tell; and who is offered a scan depends on risks that are worked out at
// the assessment: see [LungScan].
func LungScreening(lists ...Lists) (*cohort.Definition, error) {
	return invite("lung-cancer-screening", lungSteps(With(lists...))...)
}

// LungScan is the cohort that lung cancer screening offers a scan: that of [LungScreening], at high risk. The
// risk is of a table of yours, with the results of the assessment:
//
//	risk := cohort.Any(plco.AtLeast(library.PLCOm2012Risk), llp.AtLeast(library.LLPv2Risk))
//
// People whose risk is unknown are not in it.
func LungScan(risk cohort.Criterion, lists ...Lists) (*cohort.Definition, error) {
	steps := append(lungSteps(With(lists...)), cohort.Include("at high risk", risk).IfUnknown(cohort.TreatAsNo))
	return invite("lung-cancer-scan", steps...)
}

func lungSteps(c Criteria) []cohort.Step {
	return []cohort.Step{
		aged("aged 55 to 74", 55, 74),
		cohort.Include("ever smoked", c.ever("LSMOK_COD", "EXSMOK_COD")),
	}
}
