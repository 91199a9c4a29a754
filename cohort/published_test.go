package cohort_test

import (
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// The rules of published national programmes, as far as they try what the language can say. The code lists
// are single codes that stand for them.

const (
	inhalerCode    = "91143003"
	steroidCode    = "10312003"
	ckdStage1Code  = "431855005"
	ckdStage3Code  = "433144002"
	diabetesGPCode = "73211009"
	resolvedCode   = "315051004"
	obesityCode    = "408512008"
	bmiStageCode   = "414916001"
	bmiCode        = "60621009"
	radiotherapy   = "108290001"
)

func entries(tb testing.TB, code string) cohort.Rows[gpes.Entry] {
	tb.Helper()
	l, err := codelist.New(codelist.Info{ID: "c" + code, Version: "1", System: codelist.SNOMEDCT, Source: "stands for a published list"}, code)
	if err != nil {
		tb.Fatal(err)
	}
	return gpes.Journal.Where(gpes.Code.In(l), gpes.Date.NotAfter(index))
}

func TestPublishedRules(t *testing.T) {
	t.Parallel()
	of := func(code string) cohort.Rows[gpes.Entry] { return entries(t, code) }
	last := func(rows cohort.Rows[gpes.Entry]) cohort.DateSeries { return cohort.Latest(rows, gpes.Date) }
	within := func(rows cohort.Rows[gpes.Entry], p cohort.Period) cohort.Rows[gpes.Entry] {
		return rows.Where(gpes.Date.Within(p, index))
	}

	asthma := cohort.All(of(asthmaCode).Exists(), within(of(inhalerCode), cohort.Years(1)).Exists(),
		within(of(steroidCode), cohort.Years(2)).Count().AtLeast(2))

	// stands asks whether there is one day, and no later one of another kind.
	stands := func(a, b cohort.DateSeries) cohort.Criterion {
		return cohort.Any(cohort.IsYes(a.NotBefore(b)), cohort.All(a.Known(), cohort.Not(b.Known())))
	}
	// The newest stage is 3 to 5; a stage 1 or 2 of the same day does not count against it.
	kidney := stands(last(of(ckdStage3Code)), last(of(ckdStage1Code)))

	bmi := of(bmiCode).Where(gpes.Value1.Above(4), gpes.Value1.Below(200))
	severeObesity := cohort.All(person.AgeOn(index).AtLeast(18), cohort.IsYes(cohort.Any(
		last(of(obesityCode)).After(last(bmi)),
		cohort.All(of(obesityCode).Exists(), cohort.Not(bmi.Exists())),
		cohort.All(cohort.Latest(bmi, gpes.Value1).AtLeast(40), cohort.Any(
			last(bmi).NotBefore(last(of(bmiStageCode))), cohort.Not(of(bmiStageCode).Exists()))),
	)))

	// One programme drops a diagnosis that was resolved on the same day, another keeps it.
	diagnosed, resolved := last(of(diabetesGPCode)), last(of(resolvedCode))
	strictly := cohort.Any(cohort.IsYes(diagnosed.After(resolved)), cohort.All(diagnosed.Known(), cohort.Not(resolved.Known())))
	kept := stands(diagnosed, resolved)

	// The lowest pair of the latest day with a valid one, then the highest group that applies.
	valid := within(of(pressureCode), cohort.Months(12)).Where(gpes.Value1.AtLeast(50), gpes.Value2.AtLeast(20))
	thatDay := valid.Where(gpes.Date.On(last(valid)))
	systolic, diastolic := cohort.Min(thatDay, gpes.Value1), cohort.Min(thatDay, gpes.Value2)
	limit := cohort.Case(cohort.When(person.AgeOn(index).AtLeast(80), cohort.Number(150)), cohort.Otherwise(cohort.Number(140)))
	group := cohort.Case(
		cohort.When(cohort.Not(valid.Exists()), cohort.Text("1e")),
		cohort.When(cohort.Any(systolic.Above(180), diastolic.Above(120)), cohort.Text("1d")),
		cohort.When(cohort.Any(systolic.Above(160), diastolic.Above(100)), cohort.Text("1c")),
		cohort.When(cohort.All(systolic.AtMostValue(limit), diastolic.AtMost(90)), cohort.Text("0")),
		cohort.When(person.AgeOn(index).AtLeast(80), cohort.Text("1b")),
		cohort.Otherwise(cohort.Text("1a")))

	// First irradiated at 10 to 35: from the later of an age and eight years after.
	first := cohort.Min(of(radiotherapy), gpes.Date)
	ageThen := cohort.AgeOn(person.DateOfBirth, first)
	from := cohort.Case(cohort.When(ageThen.Below(20), person.DateOfBirth.Plus(cohort.Years(25))), cohort.Otherwise(person.DateOfBirth.Plus(cohort.Years(30))))
	highRisk := cohort.All(ageThen.Between(10, 35), cohort.Greatest(from, first.Plus(cohort.Years(8))).NotAfter(index))

	born := func(on string, entries ...entry) *cohort.Record {
		r := journal(entries...)
		r.Set(person.DateOfBirth.Of(cohort.MustDate(on)))
		return r
	}
	at := func(code, on string) entry { return entry{code: code, date: on} }
	bloodPressure := func(birth string, pairs ...[3]any) *cohort.Record {
		r := born(birth)
		for _, pair := range pairs {
			on, _ := pair[0].(string)
			high, _ := pair[1].(int)
			low, _ := pair[2].(int)
			cohort.Append(r, gpes.Code.Of(pressureCode), gpes.Date.Of(cohort.MustDate(on)), gpes.Value1.Of(float64(high)), gpes.Value2.Of(float64(low)))
		}
		return r
	}
	tests := []struct {
		name      string
		criterion cohort.Criterion
		record    *cohort.Record
		want      cohort.Verdict
	}{
		{"asthma, two courses of steroids", asthma, born("1980-01-01", at(asthmaCode, "2015-01-01"), at(inhalerCode, "2024-07-01"), at(steroidCode, "2024-06-01"), at(steroidCode, "2023-07-01")), yes},
		{"asthma, one course too early", asthma, born("1980-01-01", at(asthmaCode, "2015-01-01"), at(inhalerCode, "2024-07-01"), at(steroidCode, "2024-06-01"), at(steroidCode, "2023-05-01")), no},
		{"kidney, stage 1 is newer", kidney, born("1980-01-01", at(ckdStage3Code, "2019-05-01"), at(ckdStage1Code, "2020-05-01")), no},
		{"kidney, same day", kidney, born("1980-01-01", at(ckdStage3Code, "2019-05-01"), at(ckdStage1Code, "2019-05-01")), yes},
		{"kidney, no stage", kidney, born("1980-01-01"), no},
		{"kidney, stage 3 alone", kidney, born("1980-01-01", at(ckdStage3Code, "2019-05-01")), yes},
		{"BMI after an older code", severeObesity, born("1980-01-01", entry{code: bmiCode, date: "2020-01-01", value: 41}, at(obesityCode, "2019-01-01")), yes},
		{"BMI before a newer code", severeObesity, born("1980-01-01", entry{code: bmiCode, date: "2020-01-01", value: 39}, at(obesityCode, "2021-01-01")), yes},
		{"BMI after it, and lower", severeObesity, born("1980-01-01", entry{code: bmiCode, date: "2022-01-01", value: 39}, at(obesityCode, "2021-01-01")), no},
		{"BMI that cannot be", severeObesity, born("1980-01-01", entry{code: bmiCode, date: "2022-01-01", value: 250}), no},
		{"BMI of a child", severeObesity, born("2008-01-01", entry{code: bmiCode, date: "2025-01-01", value: 45}), no},
		{"resolved the same day, strictly", strictly, born("1980-01-01", at(diabetesGPCode, "2020-01-01"), at(resolvedCode, "2020-01-01")), no},
		{"resolved the same day, kept", kept, born("1980-01-01", at(diabetesGPCode, "2020-01-01"), at(resolvedCode, "2020-01-01")), yes},
		{"resolved later", kept, born("1980-01-01", at(diabetesGPCode, "2018-01-01"), at(resolvedCode, "2019-01-01")), no},
		{"resolved and back", kept, born("1980-01-01", at(diabetesGPCode, "2018-01-01"), at(resolvedCode, "2019-01-01"), at(diabetesGPCode, "2020-01-01")), yes},
		{"never resolved", strictly, born("1980-01-01", at(diabetesGPCode, "2018-01-01")), yes},
		{"75 by the end of June", cohort.AgeOn(person.DateOfBirth, cohort.MustDate("2025-06-30")).AtLeast(75), born("1950-06-30"), yes},
		{"75 the day after", cohort.AgeOn(person.DateOfBirth, cohort.MustDate("2025-06-30")).AtLeast(75), born("1950-07-01"), no},
		{"no reading", group.Is("1e"), born("1960-01-01"), yes},
		{"exactly a year ago", group.Is("0"), bloodPressure("1960-01-01", [3]any{"2024-06-01", 130, 80}), yes},
		{"longer ago", group.Is("1e"), bloodPressure("1960-01-01", [3]any{"2024-05-31", 130, 80}), yes},
		{"very high diastolic", group.Is("1d"), bloodPressure("1960-01-01", [3]any{"2025-05-01", 170, 121}), yes},
		{"79", group.Is("1a"), bloodPressure("1945-06-02", [3]any{"2025-05-01", 145, 85}), yes},
		{"80", group.Is("0"), bloodPressure("1945-06-01", [3]any{"2025-05-01", 145, 85}), yes},
		{"82, diastolic", group.Is("1b"), bloodPressure("1943-06-01", [3]any{"2025-05-01", 148, 95}), yes},
		{"the lowest of the day", group.Is("0"), bloodPressure("1960-01-01", [3]any{"2025-05-01", 170, 100}, [3]any{"2025-05-01", 138, 88}, [3]any{"2025-04-01", 190, 80}), yes},
		{"a reading that cannot be does not hide another", group.Is("1c"), bloodPressure("1960-01-01", [3]any{"2025-05-01", 10, 5}, [3]any{"2025-04-01", 170, 80}), yes},
		{"irradiated at 14, now 24", highRisk, born("2000-06-02", at(radiotherapy, "2014-07-01")), no},
		{"irradiated at 14, now 25", highRisk, born("2000-06-01", at(radiotherapy, "2014-07-01")), yes},
		{"irradiated at 23, seven years ago", highRisk, born("1994-07-01", at(radiotherapy, "2017-07-02")), no},
		{"irradiated at 23, eight years ago", highRisk, born("1994-01-01", at(radiotherapy, "2017-06-01")), yes},
		{"irradiated at 9", highRisk, born("1990-01-01", at(radiotherapy, "1999-12-31")), no},
		{"never irradiated", highRisk, born("1990-01-01"), unknown},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := ask(t, test.criterion, test.record); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
			for _, finding := range planOf(t, test.criterion).Lint() {
				t.Errorf("lint: %v", finding)
			}
		})
	}
}
