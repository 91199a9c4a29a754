package synthetic

// Figures of hospital data, in percent of rows unless another unit is given. For the words published, memory and
// assumed see parameters.go; SDE is NHS England's count of its Secure Data Environment, 2025-11-04, and its data
// dictionary of 2024-06-24. How often a column holds anything is published by SDE and stands in the catalogue, which
// is where it is taken from. Columns that are not named here draw from the catalogue's values, the first more often;
// assumed.
const (
	invalidDayPercent  = 10.0 // assumed: of days that are missing, 1801-01-01 and not 1800-01-01
	unknownPercent     = 1.0  // assumed: each of a column's values for not known, against 100 for the first value
	noPracticePercent  = 0.7  // assumed: V81997 to V81999 or &
	noEthnicityPercent = 3.0  // assumed: 99
	furtherCodePercent = 25.0 // assumed: of rows with a code in a field, another one in the next

	longSpellPercent     = 12.0 // assumed: of spells, with two or three episodes
	emergencyPercent     = 35.0 // assumed: of spells; memory: some 6 of 17 million admissions a year
	nightPercent         = 25.0 // assumed: of other spells, overnight
	selfDischargePercent = 1.0  // assumed
	noSpellPercent       = 0.04 // published: CVDPREVENT, of episodes with a spell id, -1

	noDiagnosisPercent       = 0.5  // assumed: R69X as primary diagnosis
	namedDiagnosisPercent    = 60.0 // assumed: of diagnoses, one of namedDiagnoses
	procedurePercent         = 59.1 // published, SDE: OPERTN_4_01 that is not - or &
	procedureNotKnownPercent = 0.4  // assumed: &
	procedureEmptyPercent    = 0.2  // published, SDE: OPERTN_4_01 is filled in 99.8% of rows, with - mostly

	outpatientDiagnosisPercent = 3.0  // assumed: published is that nearly all are R69X
	outpatientSecondPercent    = 23.3 // published, SDE: 0.7% of all rows have a second diagnosis
	outpatientProcedurePercent = 36.9 // published, SDE, at most
	outpatientFurtherPercent   = 30.0 // assumed: of rows with a procedure, one more each

	emergencySecondPercent = 7.25 // published, SDE: 4.9% of all rows have a second diagnosis, 67.6% a first

	floorDayPercent      = 0.13 // published: 1900-01-01 in about 200,000 rows of 150.8 million
	futureArrivalPercent = 0.02 // assumed rate; published: arrivals up to the year 2199

	bestMatchPercent    = 43.7 // published, SDE: BESTMATCH
	daysNotKnownPercent = 0.5  // assumed: 999, took place
	manyDaysPercent     = 0.05 // assumed: 998 or more
)

// diagnosisPercents are the chances of one more diagnosis, from none on: published (SDE) are the shares of
// episodes with at least 2 (82%), 3 (57), 4 (45), 5 (35), 8 (17.5), 10 (11.4), 15 (3.3) and 20 (1.2).
func diagnosisPercents() [20]float64 {
	return [20]float64{100, 82, 69.5, 79, 78, 79, 79, 80, 81, 81, 78, 78, 78, 78, 78, 82, 82, 82, 82, 82}
}

// procedurePercents are the same for procedures, of episodes with any: published (SDE) are at least 2 (39% of all), 3 (21) and 5 (6).
func procedurePercents() [24]float64 {
	return [24]float64{100, 66, 54, 53, 53, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60}
}

// Shares of values, all assumed but for the codes, which are published (SDE).
const (
	emergencyAdmissions = "21 62, 22 12, 2A 8, 24 5, 2B 5, 2D 4, 28 2, 23 1, 25 1"
	plannedAdmissions   = "11 38, 12 30, 13 20, 31 5, 82 4, 81 2, 32 0.7, 99 0.3"
	attended            = "5 68, 6 9, 3 7, 2 8, 4 7, 7 0.5, 9 0.5"
	specialties         = "300 16, 100 10, 110 9, 502 7, 101 6, 301 6, 320 6, 340 4, 370 4, 800 4, 303 4, 420 5, 103 3, 130 5, 120 4, 330 4, 400 2, & 1"
	numberStatuses      = "01 97, 02 2, 03 0.7, 04 0.3"
)

// namedDiagnoses are ICD-10 codes as hospital data write them, the more frequent first; the order is assumed. The first
// means that none is known.
const namedDiagnoses = "R69X I10X Z867 E119 E780 Z864 I251 J459 Z921 N390 K590 F329 J449 I489 N183 R074 Z720 J189 " +
	"I259 E039 R104 K219 Z880 M199 I209 N179 E669 D649 F171 Z902 I500 R55X A419 F419 K573 Z501 E109 H269 I219 J22X " +
	"C509 C61X C349 C189 C443 C900 C859 C819 I639 I64X G459 I739 I714 F009 F03X G20X G409 K746 K700 F209 F319 N185 " +
	"O800 Z370 Z380 O429 S720 S525 S019 T391 W190 X599 L039 K802 K409 N40X M169 M179 I839 J440 J690 R11X R31X"

// namedProcedures are OPCS-4 codes, the more frequent first after - (none) and & (not known); the order is assumed.
// Codes X70 to X74 are chemotherapy.
const namedProcedures = "- & Y981 Z942 Z943 U051 Y533 X403 Z274 G459 H221 H251 C751 X721 X729 X731 X701 X709 W379 " +
	"W401 J183 R249 R245 K634 K751 U212 U201 E492 M459 X292 S571 W903 Q181 X362 X352 T482 A106 Y123"
