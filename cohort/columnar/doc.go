// Package columnar answers cohort plans for millions of people on one machine, over columns.
//
//	store, err := columnar.Open("/data/store")
//	result, err := columnar.Run(ctx, plan, store)
//	published, err := result.Attrition().Publish(policy)
//	for member, err := range columnar.Members(ctx, plan, store) {
//		...
//	}
//
// Its answers are those of the reference evaluator, [cohort.Plan.Evaluate], for every person and every step; tests compare
// the two on definitions and people that are drawn at random.
//
// # Sources
//
// A plan is run over a [Source]:
//
//   - [Store] is Parquet files in order of person. [Sort] puts files of any order into one, and [Index] adds an order by
//     code, for plans that ask about rows with some codes only.
//   - [Memory] is a population in memory, from records or from columns.
//
// # Answers
//
//   - [Run] counts: members, referred, and the attrition with everything that [cohort.Counts] has.
//   - [Members] yields the members and the referred in order of person, and [Everyone] yields everybody with the answer of
//     every step.
//   - [WriteMembers] writes them to a Parquet file, which is whole or not there.
//
// Each of them reads every row at most once, works on all processors, and stops promptly when its context is done. Memory
// does not grow with the number of people.
//
// # How a plan is run
//
// A plan is compiled once. Of every different code, a table of flags says in which of the plan's lists it is, so that one
// pass over the codes of some thousand people finds the rows that any question can be about. Only of these rows are other
// columns read, and only as far as a question depends on them: parts of a question, steps and whole tables that can no
// longer change anything are passed over. Questions about people, and about rows, are worked out for 64 at a time.
//
// # Limits
//
// A table with one row a person has at most one row for each; a store says which row is one too many. One person's rows
// must fit in memory.
package columnar
