// Package cohort is a language for saying exactly which people a health programme is for, so that the
// same definition is run, read, approved and explained.
//
//	registered := person.Practice.Known()
//	highBP := cohort.Define("high-systolic", "1.0.0",
//		cohort.Latest(gpes.Journal.Where(gpes.Code.In(systolic), gpes.Date.NotAfter(cohort.Index)), gpes.Value1).AtLeast(140))
//
//	definition, err := cohort.New("hypertension-review", "1.0.0",
//		cohort.Include("registered", registered),
//		cohort.Include("aged 40 to 74", person.AgeOn(cohort.Index).Between(40, 74)).IfUnknown(cohort.Refer),
//		cohort.Include("high blood pressure", highBP).IfUnknown(cohort.TreatAsNo),
//		cohort.Exclude("on the palliative care register", gpes.Journal.Where(gpes.Code.In(palliative)).Exists()))
//	plan, err := definition.Bind(cohort.Index.Is(date))
//
// # The parts
//
// A [Criterion] is a question about a person, answered yes, no or unknown. It asks about a series, one
// value per person ([NumberSeries], [DateSeries], [TextSeries], [CodeSeries], [CodesSeries]), or about the [Rows] of an
// event table: whether there are any, how many, or a value of the [Latest] or [Earliest]. Rows are
// narrowed with Where by a [RowPred], a question about a column. [All], [Any], [Not] and [AtLeast] combine
// both kinds, and [Define] names a criterion for reuse. Columns of different tables have different types:
// mixing tables does not compile. The tables come from catalogue packages such as cohort/person.
//
// # One meaning
//
// Every reader works on the same closed tree: [Plan.Evaluate] and [Plan.Run] decide, [Plan.Explain] says
// why for one person, [Plan.English] prints sentences for review, [Plan.JSON] and [Decode] store it,
// [Plan.Hash] identifies what it means and [Plan.Uses] lists the data it reads.
//
// Rules that are part of the meaning:
//
//   - Logic is strong Kleene. A missing value compared is unknown; whether rows exist and how many there
//     are never is. A step that can be unknown must say what happens then, or [New] refuses it.
//   - Latest and earliest follow a total order: date, the tie columns of the table, the column picked;
//     missing values last.
//   - Age is completed calendar years, or months; a birthday on a day that a month lacks, such as 29
//     February, falls on the first of the next. Windows include both ends; months are added by the rule of
//     [Date.AddMonths]. Nothing reads a clock.
//   - Of several codes in one row, AnyIn asks for at least one; it is unknown only when none is known.
//   - A person with no records is never a member.
//   - Code lists are bound by content; values that mean "not known" are declared by the catalogue.
//
// # Limits
//
// The reference evaluator is plain rather than fast. Absence of an event row is weak evidence in most data
// sets: see [TableInfo.Absence]. An [Attrition] prints only under a [Disclosure] policy, which protects
// single counts, not against comparison of several publications.
package cohort
