// Package synthetic invents a population: people as the Personal Demographics Service (PDS) shows them, and
// what GPs, hospitals and registries hold about the same people. Nobody in it exists.
//
//	pop, err := synthetic.New(synthetic.Config{Seed: 7, People: 20000})
//	for record, err := range pop.Records(ctx) { … } // for an engine: fields and GP journal
//	for person, err := range pop.People(ctx) { … }  // for a fake PDS or a cohort file
//
//	pop, err := synthetic.New(synthetic.Config{People: 10_000_000, Rows: synthetic.National()})
//	done, err := pop.Write(ctx, dir, synthetic.Files{}) // every table of the catalogues, as Parquet
//
// A seed always gives the same people. Each person is drawn alone, from the seed and an index, so a larger
// population begins with the people of a smaller one, and any of them can be had at once with
// [Population.Person] or [Population.Record]. Streams hold one person at a time; files are written in memory
// that does not grow with their number.
//
// # Records and files
//
// Without [Config.Rows] there are the fields of the person and the core of the GP journal: some five rows
// a person of what cohorts ask about most. With Rows there are the tables that it names, as large as it says,
// and a record holds what the files do, row by row. The core is part of every journal.
//
// Files are laid out as the data sets are: columns by their published names, several for a field of many
// codes (DIAG_4_01 to DIAG_4_20), the key first. In Parquet keys are INT64, days DATE, numbers DOUBLE, and
// texts and codes STRING; in CSV days are written 2026-09-01, and what is missing is empty. What a source
// writes for "not known" stands there as it writes it: 1800-01-01, R69X, -, &, Z99999999.
//
// # Two views, one older
//
// People is PDS on the day [Config.On]. Records and files are an extract made [ExtractLag] months before, as in
// life: since then some people died, moved, left their practice or asked for their details to be restricted, and
// some numbers turned out to be second numbers of somebody already there. Whoever messages people straight
// from the extract makes those mistakes; a check against PDS prevents them.
//
// # What is in it
//
// Ages, sex, ethnicity, regions; long-term conditions that rise with age, with readings, prescriptions and
// codes that published cohorts ask about; hospital episodes, appointments, visits to emergency care and
// critical care; cancer drugs in regimens and cycles, and courses of radiotherapy; registrations and deaths.
// And the dirt of real extracts: missing, partial, future and sentinel dates, implausible values, entries typed
// years late or twice, lost zeros, unknown sex and area, second numbers. The figures and where each comes from
// stand in tables, in the files whose names begin with parameters; how often a column is filled stands in the
// catalogues. Several figures are from memory or assumed, and fields are mostly drawn independently: use the
// population to exercise software, never to learn about England.
//
// # Identifiers
//
// NHS numbers are from 999 000 0000 upwards, the block for test people, with valid check digits; different
// seeds draw from the same block. A population of more than [MaxNumbers] people has pseudonyms instead, of
// 12 digits or more, and tables that have a column for pseudonyms have them there: NHS_NUMBER_DEID,
// PERSON_ID_DEID. Regions have their real names and codes. Every code below them is invented but has the right
// shape: integrated care boards, practices such as A99001, providers such as YA9, postcodes in districts that
// do not exist, and areas (LSOAs) from E01900001. Codes of diseases and medicines are those that package
// library names and, for the many others, SNOMED CT identifiers of a namespace that nobody has.
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
// A person's tables agree on who the person is and when care ended, but not on what it was for: a hospital
// diagnosis need not be in the journal, nor a death's cause anywhere else. Areas of deprivation are drawn, not
// scored, and there are 216 practices however many people. The dead are those of the last year only, in real data
// all since the beginning. Fields that only the newer GP feed has, such as units, are empty. SACT files with spaces
// in their NHS numbers cannot be had, as keys are numbers.
package synthetic
