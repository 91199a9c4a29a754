// Package drawing draws definitions and people at random, to compare engines with the reference evaluator. It
// uses pgregory.net/rapid, and is imported by tests only.
//
//	rapid.Check(t, func(t *rapid.T) {
//		plan := drawing.Plan(t, drawing.Size{})
//		for _, someone := range drawing.People(t, 20, drawing.Dirt{}, plan) {
//			// someone.Rows is what an engine reads, someone.Record() what the reference evaluator does
//		}
//	})
//
// [Definition] and [Population] draw the same by number, for engines that are too slow for rapid's search.
//
// Definitions use the whole language over the catalogue's [Tables]: every node and value, every operator, unit and
// summary, rows that refer to other rows, parameters of each person's own, windows and shifts of days from which
// months are hard to count and that lie near the ends of the calendar.
//
// People are drawn for the plans that they are asked about: values lie at the plan's own days, numbers, codes and
// texts, a period of the plan away from these or from what else the person has, and one beside. They are as dirty as
// sources are: missing cells and empty texts, what means "not known", rows twice, ties in all that orders rows,
// people with no rows at all, and, with [Dirt], what not every engine can hold.
package drawing
