package library_test

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/library"
)

// assessment marks the columns of a table of a caller's own, with the risks of lung cancer.
type assessment struct{}

// The table, as a catalogue package has it.
var (
	assessmentSchema = cohort.EventTable[assessment](cohort.TableInfo{
		Name: "assessments", Row: "lung cancer risk assessment", Order: []string{"DAY"},
		Columns: []cohort.ColumnInfo{
			{Name: "DAY", Kind: cohort.DateKind}, {Name: "PLCO", Kind: cohort.NumberKind}, {Name: "LLP", Kind: cohort.NumberKind},
		},
	})
	assessments = cohort.RowsOf(assessmentSchema)
	assessed    = assessmentSchema.Date("DAY")
	plco        = assessmentSchema.Number("PLCO")
	llp         = assessmentSchema.Number("LLP")
)

func lung() []boundary {
	const day, born = "2025-06-01", "1965-01-01"
	risk := func(p, l float64) change {
		return func(r *cohort.Record) { cohort.Append(r, assessed.Of(on("2025-05-01")), plco.Of(p), llp.Of(l)) }
	}
	smoked := has("EXSMOK_COD", "2000-01-01")
	return []boundary{
		{
			"lung-cancer-screening", "on 1 June 2025", asOf(day, func() (*cohort.Definition, error) { return library.LungScreening() }),
			append(nobody(born, day, smoked), []witness{
				{"54 for one more day", somebody("1970-06-02", smoked), cohort.NotMember},
				{"55 today", somebody("1970-06-01", smoked), cohort.Member},
				{"turns 75 tomorrow", somebody("1950-06-02", smoked), cohort.Member},
				{"turns 75 today", somebody("1950-06-01", smoked), cohort.NotMember},
				{"smoker", somebody(born, has("LSMOK_COD", "2000-01-01")), cohort.Member},
				{"never, a former smoker since", somebody(born, has("266919005", "2000-01-01"), has("EXSMOK_COD", "2010-01-01")), cohort.Member},
				{"former smoker, never since", somebody(born, smoked, has("266919005", "2010-01-01")), cohort.Member},
				{"never", somebody(born, has("266919005", "2000-01-01")), cohort.NotMember},
				{"nothing known", somebody(born), cohort.NotMember},
				{"birth not known", somebody("", smoked), cohort.Referred},
			}...),
		},
		{
			"lung-cancer-scan", "on 1 June 2025", asOf(day, func() (*cohort.Definition, error) {
				return library.LungScan(cohort.Any(
					cohort.Latest(assessments, plco).AtLeast(library.PLCOm2012Risk), cohort.Latest(assessments, llp).AtLeast(library.LLPv2Risk)))
			}),
			[]witness{
				{"just under both", somebody(born, smoked, risk(1.50, 2.49)), cohort.NotMember},
				{"PLCOm2012 of 1.51%", somebody(born, smoked, risk(1.51, 0)), cohort.Member},
				{"LLPv2 of 2.5%", somebody(born, smoked, risk(0, 2.5)), cohort.Member},
				{"not assessed", somebody(born, smoked), cohort.NotMember},
				{"never smoked", somebody(born, risk(5, 5)), cohort.NotMember},
			},
		},
	}
}
