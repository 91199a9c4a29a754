// Package synthetic invents a population: people as the Personal Demographics Service (PDS) shows them, and
// the records that a GP extract holds about the same people. Nobody in it exists.
//
//	pop, err := synthetic.New(synthetic.Config{Seed: 7, People: 20000})
//	for record, err := range pop.Records(ctx) { … } // for an engine: fields and GP journal
//	for person, err := range pop.People(ctx) { … }  // for a fake PDS or a cohort file
//
// A seed always gives the same people. Each person is drawn alone, from the seed and an index, so a larger
// population begins with the people of a smaller one, and any of them can be had at once with
// [Population.Person] or [Population.Record]. Streams hold one person at a time.
//
// # Two views, one older
//
// People is PDS on the day [Config.On]. Records is an extract made [ExtractLag] months before, as in life:
// since then some people died, moved, left their practice or asked for their details to be restricted, and
// some numbers turned out to be second numbers of somebody already there. Whoever messages people straight
// from the extract makes those mistakes; a check against PDS prevents them.
//
// # What is in it
//
// Ages, sex, ethnicity, regions, five long-term conditions that rise with age, blood pressure, body mass
// index, smoking, and contacts with NHS Talking Therapies; and the dirt of real extracts: missing, partial,
// future and sentinel dates, implausible values, entries typed years late or twice, unknown sex and area.
// The figures and where each comes from stand in one table, parameters.go. Several are from memory or
// assumed, and fields are mostly drawn independently: use the population to exercise software, never to
// learn about England.
//
// # Identifiers
//
// NHS numbers are from 999 000 0000 upwards, the block for test people, with valid check digits; different
// seeds draw from the same block. Regions have their real names. Every code below them is invented but has
// the right shape: integrated care boards, practices such as A99001, postcodes in districts that do not
// exist, and areas (LSOAs) from E01900001.
//
//	North East                 QZ1, QZ2   A99001 to A99024   NA1 to NA8
//	North West                 QZ3, QZ4   B99001 to B99024   NB1 to NB8
//	Yorkshire and The Humber   QZ5, QZ6   C99001 to C99024   YB1 to YB8
//	East Midlands              QZ7, QZ8   D99001 to D99024   EB1 to EB8
//	West Midlands              QZ9, QZA   E99001 to E99024   WB1 to WB8
//	East of England            QZB, QZC   F99001 to F99024   EF1 to EF8
//	London                     QZD, QZE   G99001 to G99024   LB1 to LB8
//	South East                 QZF, QZG   H99001 to H99024   SB1 to SB8
//	South West                 QZH, QZI   I99001 to I99024   SF1 to SF8
//
// # Limits
//
// The GP journal is the only event table so far. It has no prescriptions, and about five rows a person
// where England has more than two hundred. Areas have no deprivation scores. The block for test people has
// room for [MaxPeople].
package synthetic
