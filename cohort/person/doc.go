// Package person is the catalogue of what is known about people themselves: birth, address and registration
// from the Personal Demographics Service (PDS), and registered deaths.
//
//	person.AgeOn(cohort.Index).Between(40, 74)
//	person.Practice.In("A81001", "A81002")
//	person.DateOfDeath.NotAfter(cohort.Index)
//	person.PracticeOn(cohort.Index).Is("A81001")
//	person.Deaths.Where(person.Deaths.MentionedCause.AnyIn(drowning)).Exists()
//
// # The tables
//
// The person table has one row per person: its fields are the variables of the package. Two tables have any
// number of rows; each is a variable, whose fields are its columns and whose methods narrow and count its
// rows.
//
//	Registrations  the history of GP practices that PDS keeps   a row per period
//	Deaths         civil registrations of death, with causes    a row per registration
//
// Field names of the person table are those of the demographics feed that Cohorting as a Service sends,
// except where the description of a column says that it is derived. A whole number or a truth value of the
// feed that stands for a category is a text here: "1", "true".
//
// # Person key and refresh
//
// The key is the NHS number. A number may have been replaced by another: follow the replacements before
// linking other data, and leave out people with SupersededBy. PDS changes within the day; a feed is typically
// a file of changes a day. Deaths reach PDS sooner than the register, which has the causes.
//
// # Traps
//
// Dates in the feed may be partial; only complete days are dates here, so a partial one must be left missing.
// No date of death usually means alive: see [DeadOn]. A person removed from a practice's list may still show
// the practice: ask about ReasonForRemoval. Some postcodes are no places.
//
// # Limits
//
// The person table holds the present state, not its history; of that, only registrations are here. PDS holds
// no ethnicity and no diagnoses. Names and address lines are left out, as no criterion asks for them. The
// reasons for removal have no complete public list.
package person
