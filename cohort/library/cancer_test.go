package library_test

import (
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/hes"
	"github.com/personalised-prevention/nhs/cohort/library"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/cohort/rtds"
	"github.com/personalised-prevention/nhs/cohort/sact"
)

// prescribed adds a prescription of radiotherapy.
func prescribed(day, site string) change {
	return func(r *cohort.Record) {
		p := rtds.Prescriptions
		cohort.Append(r, p.Date.Of(on(day)), p.Site.Of(site), p.Modality.Of("05"))
	}
}

// attended adds an attendance for radiotherapy, of a treatment that began on the day.
func attended(day, diagnosis, began string) change {
	return func(r *cohort.Record) {
		a := rtds.Attendances
		cells := []cohort.Cell[cohort.RowPred[rtds.Attendance]]{a.Diagnosis.Of(diagnosis), a.Intent.Of("02"), a.Provider.Of("RRV")}
		if began != "" {
			cells = append(cells, a.TreatmentStart.Of(on(began)))
		}
		cohort.Append(r, a.Date.Of(on(day)), cells...)
	}
}

func veryHighRisk() []boundary {
	plan := func(day string) func() (*cohort.Plan, error) {
		return func() (*cohort.Plan, error) {
			definition, err := library.VeryHighRiskBreast()
			if err != nil {
				return nil, err
			}
			return definition.Bind(library.With().FirstIrradiation(), cohort.Index.Is(on(day)))
		}
	}
	const id, day, breast = "very-high-risk-breast-after-radiotherapy", "2025-06-01", "Z15"
	const eight = "2017-06-01" // eight years before the day
	return []boundary{
		{id, "on 1 June 2025", plan(day), append(nobody("1995-01-01", day, prescribed("2012-01-01", breast)), []witness{
			{"not irradiated", somebody("1995-01-01"), cohort.NotMember},
			{"another site", somebody("1995-01-01", prescribed("2012-01-01", "Z421")), cohort.NotMember},
			{"site not known", somebody("1995-01-01", prescribed("2012-01-01", "")), cohort.NotMember},

			{"irradiated at 14, 24 for one more day", somebody("2000-06-02", prescribed("2014-07-01", breast)), cohort.NotMember},
			{"irradiated at 14, 25 today", somebody("2000-06-01", prescribed("2014-07-01", breast)), cohort.Member},
			{"irradiated at 23 a day less than 8 years ago, 31", somebody("1994-01-01", prescribed("2017-06-02", breast)), cohort.NotMember},
			{"irradiated at 23 eight years ago, 31", somebody("1994-01-01", prescribed(eight, breast)), cohort.Member},
			{"irradiated at 20, 29 for one more day", somebody("1995-06-02", prescribed("2016-01-01", breast)), cohort.NotMember},
			{"irradiated at 20, 30 today", somebody("1995-06-01", prescribed("2016-01-01", breast)), cohort.Member},
			{"irradiated at 19, 27 and 8 years", somebody("1997-06-02", prescribed(eight, breast)), cohort.Member},
			{"irradiated at 20, 28 and 8 years", somebody("1997-06-01", prescribed(eight, breast)), cohort.NotMember},
			{"irradiated at 9", somebody("1999-01-02", prescribed("2009-01-01", breast)), cohort.NotMember},
			{"irradiated at 10", somebody("1999-01-01", prescribed("2009-01-01", breast)), cohort.Member},
			{"irradiated at 35", somebody("1980-01-02", prescribed("2016-01-01", breast)), cohort.Member},
			{"irradiated at 36", somebody("1980-01-01", prescribed("2016-01-01", breast)), cohort.NotMember},
			{"irradiated first at 9", somebody("2000-01-02", prescribed("2010-01-01", breast), prescribed("2014-01-01", breast)), cohort.NotMember},
			{"irradiated again last year", somebody("1994-01-01", prescribed("2016-01-01", breast), prescribed("2024-01-01", breast)), cohort.Member},

			{"treatment began before the prescription's day", somebody("1994-01-01", prescribed("2017-06-10", breast), attended("2017-06-10", "C509", eight)), cohort.Member},
			{"treatment began a day less than 8 years ago", somebody("1994-01-01", prescribed(eight, breast), attended(eight, "C509", "2017-06-02")), cohort.NotMember},
			{"attendance without a start", somebody("1994-01-01", prescribed(eight, breast), attended(eight, "C509", "")), cohort.Member},

			{"Hodgkin lymphoma, lymph nodes", somebody("1994-01-01", attended("2016-01-01", "C819", "2016-01-01"), attended("2016-02-01", "C819", "2016-01-01"), prescribed("2016-02-01", "Z61")), cohort.Member},
			{"Hodgkin lymphoma, lymph nodes irradiated later", somebody("1994-01-01", attended("2016-01-01", "C819", "2016-01-01"), prescribed("2016-02-01", "Z61")), cohort.NotMember},
			{"another lymphoma, lymph nodes", somebody("1994-01-01", attended("2016-02-01", "C833", "2016-01-01"), prescribed("2016-02-01", "Z61")), cohort.NotMember},
			{"Hodgkin lymphoma, site not known", somebody("1994-01-01", attended("2016-02-01", "C81", "2016-01-01"), prescribed("2016-02-01", "")), cohort.NotMember},

			{"a man", somebody("1994-01-01", is(person.Gender.Of(person.Male)), prescribed("2016-01-01", breast)), cohort.NotMember},
			{"sex not specified", somebody("1994-01-01", is(person.Gender.Of("9")), prescribed("2016-01-01", breast)), cohort.Referred},
			{"birth not known", somebody("", prescribed("2016-01-01", breast)), cohort.NotMember},
		}...)},
		{id, "on 1 January 2046", plan("2046-01-01"), []witness{
			{"70 for one more day", somebody("1975-01-02", prescribed("2010-06-01", "Z52")), cohort.Member},
			{"71st birthday", somebody("1975-01-01", prescribed("2010-06-01", "Z52")), cohort.NotMember},
		}},
	}
}

// regimen adds a regimen that began on the day.
func regimen(day, group string) change {
	return func(r *cohort.Record) {
		cohort.Append(r, sact.Regimens.StartDate.Of(on(day)), sact.Regimens.BenchmarkGroup.Of(group))
	}
}

// given adds a drug.
func given(day string) change {
	return func(r *cohort.Record) { cohort.Append(r, sact.Drugs.Date.Of(on(day))) }
}

func cancerTreatment() []boundary {
	const day, born, id = "2025-06-01", "1960-01-01", "immunosuppressed-by-cancer-treatment"
	with := func(choices library.CancerTreatmentChoices) func() (*cohort.Plan, error) {
		return asOf(day, func() (*cohort.Definition, error) { return library.CancerTreatment(choices) })
	}
	procedure := func(day, code string) change {
		return func(r *cohort.Record) {
			cohort.Append(r, hes.APC.EpisodeStart.Of(on(day)), hes.APC.Procedure.Of("-", code))
		}
	}
	exposed := func(day string) change {
		return func(r *cohort.Record) { cohort.Append(r, rtds.Exposures.Date.Of(on(day))) }
	}
	chemotherapy := []witness{
		{"nothing known", somebody(born), cohort.NotMember},
		{"regimen begun 6 months ago", somebody(born, regimen("2024-12-01", "FEC")), cohort.Member},
		{"regimen begun a day earlier", somebody(born, regimen("2024-11-30", "FEC")), cohort.NotMember},
		{"regimen from tomorrow", somebody(born, regimen("2025-06-02", "FEC")), cohort.NotMember},
		{"hormones", somebody(born, regimen("2025-01-01", "HORMONES"), given("2025-05-01")), cohort.NotMember},
		{"regimen without a group", somebody(born, regimen("2025-01-01", "")), cohort.NotMember},
		{"old regimen, drug 6 months ago", somebody(born, regimen("2024-01-01", "FEC"), given("2024-12-01")), cohort.Member},
		{"old regimen, drug a day earlier", somebody(born, regimen("2024-01-01", "FEC"), given("2024-11-30")), cohort.NotMember},
		{"drug without a regimen", somebody(born, given("2025-05-01")), cohort.NotMember},
		{"old regimen, hormones since, drug lately", somebody(born, regimen("2024-01-01", "FEC"), regimen("2024-06-01", "HORMONES"), given("2025-05-01")), cohort.NotMember},
		{"old regimen and hormones on one day, drug lately", somebody(born, regimen("2024-01-01", "FEC"), regimen("2024-01-01", "HORMONES"), given("2025-05-01")), cohort.Member},
	}
	return []boundary{
		{id, "on 1 June 2025", with(library.CancerTreatmentChoices{}), append(append(chemotherapy, nobody(born, day, regimen("2025-05-01", "FEC"))...), []witness{
			{"procedure 6 months ago", somebody(born, procedure("2024-12-01", "X721")), cohort.Member},
			{"procedure a day earlier", somebody(born, procedure("2024-11-30", "X721")), cohort.NotMember},
			{"procedure at the end of the list's range", somebody(born, procedure("2025-05-01", "X715")), cohort.Member},
			{"procedure beyond it", somebody(born, procedure("2025-05-01", "X716")), cohort.NotMember},
			{"another procedure", somebody(born, procedure("2025-05-01", "K401")), cohort.NotMember},
			{"irradiated 6 months ago", somebody(born, exposed("2024-12-01")), cohort.Member},
			{"irradiated a day earlier", somebody(born, exposed("2024-11-30")), cohort.NotMember},
		}...)},
		{id, "by SACT alone", with(library.CancerTreatmentChoices{SACTOnly: true}), append(chemotherapy, []witness{
			{"procedure", somebody(born, procedure("2025-05-01", "X721")), cohort.NotMember},
			{"irradiated", somebody(born, exposed("2025-05-01")), cohort.NotMember},
		}...)},
	}
}

func radiotherapy() []boundary {
	const born, began = "1950-01-01", "2023-05-01"
	treated := func(fields ...cohort.Cell[cohort.RowPred[rtds.Attendance]]) change {
		return func(r *cohort.Record) {
			a := rtds.Attendances
			cohort.Append(r, a.Date.Of(on(began)), append([]cohort.Cell[cohort.RowPred[rtds.Attendance]]{
				a.TreatmentStart.Of(on(began)), a.Diagnosis.Of("C341"), a.Intent.Of("02"), a.Provider.Of("RRV"),
			}, fields...)...)
		}
	}
	beam := func(day string) change { return prescribed(day, "") }
	a := rtds.Attendances
	return []boundary{{
		"radiotherapy-mortality", "April 2022 to March 2024",
		func() (*cohort.Plan, error) {
			definition, err := library.RadiotherapyMortality(on("2022-04-01"), on("2024-03-31"))
			if err != nil {
				return nil, err
			}
			return definition.Bind()
		},
		[]witness{
			{"lung, radical, external beam", somebody(born, treated(), beam(began)), cohort.Member},
			{"has died since", somebody(born, treated(), beam(began), is(person.DateOfDeath.Of(on("2023-06-01")))), cohort.Member},
			{"palliative", somebody(born, treated(a.Intent.Of("01")), beam(began)), cohort.NotMember},
			{"intent not known", somebody(born, treated(a.Intent.Of("")), beam(began)), cohort.NotMember},
			{"no prescription", somebody(born, treated()), cohort.NotMember},
			{"external beam on another day only", somebody(born, treated(), beam("2023-05-02")), cohort.NotMember},
			{"brachytherapy", somebody(born, treated(), func(r *cohort.Record) {
				cohort.Append(r, rtds.Prescriptions.Date.Of(on(began)), rtds.Prescriptions.Modality.Of("06"))
			}), cohort.NotMember},
			{"C14", somebody(born, treated(a.Diagnosis.Of("C148")), beam(began)), cohort.Member},
			{"C15", somebody(born, treated(a.Diagnosis.Of("C150")), beam(began)), cohort.NotMember},
			{"C30", somebody(born, treated(a.Diagnosis.Of("C30")), beam(began)), cohort.Member},
			{"C33", somebody(born, treated(a.Diagnosis.Of("C33X")), beam(began)), cohort.Member},
			{"C35", somebody(born, treated(a.Diagnosis.Of("C35")), beam(began)), cohort.NotMember},
			{"excluded provider", somebody(born, treated(a.Provider.Of("RP6")), beam(began)), cohort.NotMember},
			{"provider not known", somebody(born, treated(a.Provider.Of("")), beam(began)), cohort.Member},
			{"begun on the first day", somebody(born, treated(a.TreatmentStart.Of(on("2022-04-01"))), beam("2022-04-01")), cohort.Member},
			{"begun a day earlier", somebody(born, treated(a.TreatmentStart.Of(on("2022-03-31"))), beam("2022-03-31")), cohort.NotMember},
			{"begun on the last day", somebody(born, treated(a.TreatmentStart.Of(on("2024-03-31"))), beam("2024-03-31")), cohort.Member},
			{"begun a day later", somebody(born, treated(a.TreatmentStart.Of(on("2024-04-01"))), beam("2024-04-01")), cohort.NotMember},
		},
	}}
}

func TestRadiotherapyMortalityRefuses(t *testing.T) {
	t.Parallel()
	for _, period := range [][2]cohort.Date{{on("2024-04-01"), on("2024-03-31")}, {{}, on("2024-03-31")}, {on("2024-04-01"), {}}} {
		if _, err := library.RadiotherapyMortality(period[0], period[1]); err == nil || !strings.Contains(err.Error(), "want two days") {
			t.Errorf("%v: got %v", period, err)
		}
	}
}
