// Package cohort is a language for saying exactly which people a health programme is for, so that the
// same definition is run, read, approved and explained.
//
//	const threshold cohort.Param[float64] = "threshold"
//
//	upToIndex := gpes.Date.NotAfter(cohort.Index)
//	diagnosed := cohort.Latest(gpes.Journal.Where(gpes.Code.In(hypertension), upToIndex), gpes.Date)
//	resolved := cohort.Latest(gpes.Journal.Where(gpes.Code.In(hypertensionResolved), upToIndex), gpes.Date)
//	readings := gpes.Journal.Where(gpes.Code.In(systolic), gpes.Value1.Between(50, 300),
//		gpes.Date.Within(cohort.Months(12), cohort.Index))
//
//	hasHypertension := cohort.Define("nhs.hypertension.current", "1.0.0", cohort.Any(
//		cohort.IsYes(diagnosed.NotBefore(resolved)),
//		cohort.All(diagnosed.Known(), cohort.Not(resolved.Known()))))
//
//	definition, err := cohort.New("hypertension-review", "1.0.0",
//		cohort.Include("registered", person.Practice.Known()),
//		cohort.Include("aged 40 to 74", person.AgeOn(cohort.Index).Between(40, 74)).IfUnknown(cohort.Refer),
//		cohort.Include("has hypertension", hasHypertension),
//		cohort.Include("high in the last year",
//			cohort.Latest(readings, gpes.Value1).AtLeastValue(threshold)).IfUnknown(cohort.TreatAsNo),
//		cohort.Exclude("has died", person.DeadOn(cohort.Index)).IfUnknown(cohort.TreatAsNo))
//	plan, err := definition.Bind(cohort.Index.Is(date), threshold.Is(140))
//	result := plan.Evaluate(record)
//
// # Definitions and plans
//
// A [Definition] is a list of steps; the members are the people who pass every one. Each [Step] has a label,
// includes or excludes by one criterion, and says what happens when that is unknown. [New] checks it all and
// lists every fault with its step and its remedy. [Definition.Bind] gives the parameters their values and
// makes a [Plan], on which every reader works.
//
// # Criteria
//
// A [Criterion] is a question about a person that is answered yes, no or unknown. A [RowPred] is the same
// about one row of an event table. Both are made by asking about a value, and combined alike:
//
//   - [All], [Any], [Not] and [AtLeast] are those of strong three-valued logic.
//   - [IsYes] and [IsUnknown] are always yes or no: is it certain, and is it unknown?
//   - [Define] gives a criterion a name and a version, for use in many definitions.
//
// # Values
//
// A series is one value per person, a column one value per row; either may be missing. There are five
// kinds, each with its own questions:
//
//   - Numbers, [NumberSeries] and [NumberColumn], are asked Is, AtLeast, AtMost, Above, Below and Between;
//     IsValue to BetweenValues compare them with a parameter or a series.
//   - Days, [DateSeries] and [DateColumn], are asked On, Before, NotAfter, NotBefore, After, Between, Within
//     and WithinAfter. They are compared with an [Operand]: a [Date], a parameter such as [Index], or the
//     day of a series.
//   - Texts, [TextSeries] and [TextColumn], are asked Is, In and InParam.
//   - A code, [CodeSeries] and [CodeColumn], is asked In and InParam.
//   - Codes, [CodesSeries] and [CodesColumn], all those of one or many source columns, are asked AnyIn and
//     AnyInParam.
//
// All are asked Known. The fields of a catalogue such as cohort/person are series and columns; others are
// worked out:
//
//   - [AgeOn] and [AgeInMonthsOn] are the age of a person on a day; [AgeAt] and [AgeInMonthsAt] on the day
//     of a row.
//   - [DaysBetween], [MonthsBetween] and [YearsBetween] count from one day to another, of one person or of
//     one row.
//   - [DateValue.Plus] and [DateValue.Minus] are the day a [Period] later or earlier, [DateValue.StartOf]
//     and [DateValue.EndOf] the first and the last day of the calendar, financial or school [Year].
//   - [Case], with [When] and [Otherwise], is the value of the first condition that is yes; [Coalesce],
//     [Least] and [Greatest] are the first, smallest or largest of those that are known.
//   - [Day], [Number] and [Text] are a literal, or a parameter for a day, as a series.
//
// # Rows
//
// The [Rows] of an event table are narrowed with Where, and asked about:
//
//   - [Rows.Exists], [Rows.Count] and [Rows.Episodes]: whether there are any, how many, in how many runs.
//   - [Latest] and [Earliest]: a column of one row.
//   - [Min], [Max], [Sum], [Mean] and [CountDistinct]: a column over all of them.
//
// [InOrder] compares two days of one row inside Where. Columns of different tables have different types, so
// that mixing tables does not compile. A row may be compared with a series of its person, and so with what
// other rows say:
//
//	thatDay := readings.Where(gpes.Date.On(cohort.Latest(readings, gpes.Date)))
//	lowest := cohort.Min(thatDay, gpes.Value1) // the lowest of the latest day with a reading
//
// # Parameters
//
// A [Param] is a day, a number, a set of texts or a code list that is left to Bind. [Param.Is] gives it one
// value for everybody, [Param.IsEach] a series: each person's own day or number, such as the first
// diagnosis. A criterion written with [Index] can so be asked as at a day, and as at an event.
//
// # Rules that are part of the meaning
//
//   - Unknown: logic is strong Kleene. A missing value compared is unknown. Known, Exists, Count, Episodes,
//     CountDistinct, IsYes and IsUnknown always have an answer: a row for which a predicate is unknown is not
//     counted, and an explanation shows it. A step that can be unknown must say what happens then, or New,
//     or Bind with a parameter of each person's own, refuses it. A condition of a [Case] that is unknown
//     before any is yes makes the value missing.
//   - Order: Latest and Earliest follow a total order: date, the tie columns of the table, the column
//     picked; missing values last. The order in which rows arrive never changes an answer.
//   - Numbers: summaries leave missing values out; without others they are missing, and a count is 0. [Sum]
//     and [Mean] are exact on the decimal numbers that the data hold, and rounded once.
//   - Calendar: an age is completed calendar years, or months; a birthday on a day that a month lacks, such
//     as 29 February, falls on the first of the next. Periods are added by the rule of [Date.AddMonths],
//     which stops at the last day of the month. Windows include both ends. Episodes are runs of rows with no
//     more than the gap from each day to the next. Dates are days in England; nothing reads a clock.
//   - Codes: of several codes in one row, AnyIn asks for at least one; it is unknown only when none is known.
//     Code lists are bound by content. Values that mean "not known" are declared by the catalogue, and are
//     missing.
//   - Population: a person with no records is never a member, nor referred. New and Bind refuse a definition
//     of which that is not so.
//
// # One meaning
//
// Every reader works on the same closed tree, and a test sees that none leaves a part of it out:
// [Plan.Evaluate] and [Plan.Run] decide, [Plan.Explain] says why for one person and what would change it,
// with reason codes, [Plan.Witnesses] makes people up on both sides of every line, [Plan.English] prints
// sentences for review, [Plan.Lint] finds what a reviewer would question, [Plan.JSON] and [Decode] store it,
// [Plan.Hash] identifies what it means and [Plan.Uses] lists the data it reads. The meaning hash leaves out
// names, labels and the order of parts where that decides nothing.
//
// In the document of a plan, a question has the member "op":
//
//	all any not atLeast isYes isUnknown named      of other questions
//	< <= = >= > between inCodes inTexts known      of values
//	exists                                         of rows
//
// and a value the member "is":
//
//	date number text                               a literal, perhaps from a parameter; each: a series from one
//	column                                         of the row in hand, or of the person's one row
//	latest earliest min max sum mean countDistinct of a column of rows
//	count episodes                                 of rows
//	age ageInMonths daysBetween monthsBetween yearsBetween
//	before after startOf endOf
//	case coalesce least greatest
//
// # Limits
//
// The reference evaluator is plain rather than fast. There is no arithmetic on numbers but Sum and Mean,
// and what is worked out inside a row, such as the length of a stay, can be compared but not picked or
// summed up. Rows of two kinds are related only through a value of the person, such as the day of the
// latest. The series of a parameter that is each person's own cannot rest on another such parameter. Absence
// of an event row is weak evidence in most data sets: see [TableInfo.Absence]. An [Attrition] prints only
// under a [Disclosure] policy, which protects every hidden count against arithmetic within one table, not
// against comparison of several publications.
package cohort
