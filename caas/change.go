package caas

import (
	"log/slog"
	"strings"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/redact"
)

// Change is what one record did to a [Membership]. It holds the NHS number, which
// masks itself, and nothing else of the person; its JSON shows the number, a log does not.
type Change struct {
	Delivery string // what the record came in: see [Applier.Apply]
	Row      int64  // of the record in it

	Number    nhs.Number
	Type      RecordType
	Serial    int64 // serial change number of the record
	Timestamp int64 // change time stamp of the record

	Kind      ChangeKind
	Reasons   []ChangeReason // why, as far as the record says; at least ReasonUnknown
	Anomalies []Anomaly      // what does not go together with what was known

	// Survivor is the NHS number that took the place of a superseded one, where that
	// is followed; SurvivorJoined says that it came into the cohort thereby.
	Survivor       nhs.Number
	SurvivorJoined bool
}

// LogValue logs what became of the record, not whose it is.
func (c Change) LogValue() slog.Value {
	return slog.GroupValue(slog.Int64("row", c.Row), slog.String("type", redact.Code(string(c.Type))), slog.String("kind", string(c.Kind)))
}

// ChangeKind is what became of a record.
type ChangeKind string

// What may become of a record.
const (
	ChangeJoined     ChangeKind = "joined"     // the person came into the cohort
	ChangeAmended    ChangeKind = "amended"    // the person stays in it, with other details
	ChangeLeft       ChangeKind = "left"       // the person left it
	ChangeSuperseded ChangeKind = "superseded" // the membership went over to another NHS number
	ChangeUnchanged  ChangeKind = "unchanged"  // the record is noted, and nobody joined or left
	ChangeRepeated   ChangeKind = "repeated"   // the record has been applied before; not stored
	ChangeOutdated   ChangeKind = "outdated"   // a newer record of the person has been applied; not stored
)

// Anomaly is something about a record that does not go together with what was known
// before. The record is dealt with by the rules of [Applier] nevertheless.
type Anomaly string

// The anomalies.
const (
	AnomalyAddOfMember       Anomaly = "ADD of a member"                          // amended
	AnomalyAmendOfAbsent     Anomaly = "AMENDED of an absent person"              // joins: CaaS takes the person to be in the cohort
	AnomalyDeleteOfAbsent    Anomaly = "DEL of an absent person"                  // noted, so that an ADD that arrives late does not count
	AnomalyStampsDisagree    Anomaly = "serial and time disagree"                 // the serial change number decides
	AnomalySupersedesItself  Anomaly = "superseded by itself"                     // not followed
	AnomalySurvivorsInCircle Anomaly = "superseded in a circle"                   // not followed
	AnomalySurvivorLeft      Anomaly = "the surviving number has left"            // stays out: its own record decides
	AnomalyOvertaken         Anomaly = "repeats what was overtaken"               // not applied: since then the person left, or came back, with the same stamps
	AnomalyNoLongerMerged    Anomaly = "no longer superseded"                     // back under its own number; look at the surviving one
	AnomalyOtherSurvivor     Anomaly = "superseded by another number than before" // goes over again; look at the one before
)

// ChangeReason is a reason for a change that a record states: one of the constants,
// or a reason for removal that is not among them, by its code.
type ChangeReason string

// ReasonUnknown stands for no reason. A person is deleted without one when they get
// a sensitive record, which CaaS cannot tell from other deletions, when they no
// longer meet the criteria, and in other cases: it says nothing.
const ReasonUnknown ChangeReason = "unknown"

// Reasons that follow from other columns than the reason for removal.
const (
	ReasonFormalDeath   ChangeReason = "formal-death"   // death_status 2
	ReasonInformalDeath ChangeReason = "informal-death" // death_status 1
	ReasonDeathDate     ChangeReason = "death-date"     // there is a date of death
	ReasonSuperseded    ChangeReason = "superseded"     // superseded_by_nhs_number
	ReasonInvalid       ChangeReason = "invalid"        // invalid_flag
	ReasonNotEligible   ChangeReason = "not-eligible"   // eligibility is false
	ReasonOtherRemoval  ChangeReason = "removal"        // a reason for removal that is no code
)

// Reasons for removal from a practice's list, by their codes. There is no complete
// public list.
//
// Source: the PDS API's PDS-RemovalReasonExitCode for DEA, EMB, NIT, ORR, SCT and TRA;
// dtos-cohort-manager, rule 98, for AFL, AFN, LDN, SDL and SDN; NHSDigital/bcss-playwright,
// deduction reasons, for the others. The last differs in who notifies SDN.
const (
	ReasonArmedForcesLocal   ChangeReason = "AFL"
	ReasonArmedForces        ChangeReason = "AFN"
	ReasonGoneAway           ChangeReason = "CGA"
	ReasonDeath              ChangeReason = "DEA"
	ReasonPracticeDissolved  ChangeReason = "DIS"
	ReasonEmbarked           ChangeReason = "EMB"
	ReasonLogicalDeletion    ChangeReason = "LDN"
	ReasonNorthernIreland    ChangeReason = "NIT"
	ReasonOutOfPracticeArea  ChangeReason = "OPA"
	ReasonOther              ChangeReason = "ORR"
	ReasonPracticeImmediate  ChangeReason = "RDI"
	ReasonPracticeRequest    ChangeReason = "RDR"
	ReasonResidential        ChangeReason = "RFI"
	ReasonPatientRequest     ChangeReason = "RPR"
	ReasonScotland           ChangeReason = "SCT"
	ReasonServiceFamilyLocal ChangeReason = "SDL"
	ReasonServiceFamily      ChangeReason = "SDN"
	ReasonTemporaryResident  ChangeReason = "TRA"
)

// Meaning returns what the reason means in words, and "" for a code whose meaning is
// not public.
func (r ChangeReason) Meaning() string {
	switch r {
	case ReasonUnknown:
		return "no reason is stated"
	case ReasonFormalDeath:
		return "death, registered"
	case ReasonInformalDeath:
		return "death, notified informally"
	case ReasonDeathDate:
		return "death, with a date"
	case ReasonSuperseded:
		return "the record was merged into that of another NHS number"
	case ReasonInvalid:
		return "the record is marked as invalid"
	case ReasonNotEligible:
		return "the record is marked as not eligible"
	case ReasonOtherRemoval:
		return "removed, for a reason that is not a code"
	case ReasonArmedForcesLocal:
		return "joined the armed forces, notified locally"
	case ReasonArmedForces:
		return "joined the armed forces, notified by them"
	case ReasonGoneAway:
		return "gone away"
	case ReasonDeath:
		return "death"
	case ReasonPracticeDissolved:
		return "the practice was dissolved"
	case ReasonEmbarked:
		return "left the country"
	case ReasonLogicalDeletion:
		return "logical deletion"
	case ReasonNorthernIreland:
		return "transferred to Northern Ireland"
	case ReasonOutOfPracticeArea:
		return "address out of the practice's area"
	case ReasonOther:
		return "another reason"
	case ReasonPracticeImmediate:
		return "the practice's request, immediate"
	case ReasonPracticeRequest:
		return "the practice's request"
	case ReasonResidential:
		return "residential institute"
	case ReasonPatientRequest:
		return "the patient's request"
	case ReasonScotland:
		return "transferred to Scotland"
	case ReasonServiceFamilyLocal:
		return "services dependant, notified locally"
	case ReasonServiceFamily:
		return "services dependant, notified by the services"
	case ReasonTemporaryResident:
		return "temporary resident who did not return"
	default:
		return ""
	}
}

// Death reports whether the reason says that the person has died.
func (r ChangeReason) Death() bool {
	return r == ReasonFormalDeath || r == ReasonInformalDeath || r == ReasonDeathDate || r == ReasonDeath
}

// Reasons returns the reasons that the record states for what it does, those about
// death first, and [ReasonUnknown] if it states none. They follow from nothing but
// the record: that two of them do not agree is not mended.
func (r Record) Reasons() []ChangeReason {
	var reasons []ChangeReason
	for _, stated := range []struct {
		is     bool
		reason ChangeReason
	}{
		{r.DeathStatus == DeathFormal, ReasonFormalDeath},
		{r.DeathStatus == DeathInformal, ReasonInformalDeath},
		{!r.DeathDate.IsZero(), ReasonDeathDate},
		{r.ReasonForRemoval != "", removalReason(r.ReasonForRemoval)},
		{!r.SupersededBy.IsZero(), ReasonSuperseded},
		{r.Invalid != nil && *r.Invalid, ReasonInvalid},
		{r.Eligible != nil && !*r.Eligible, ReasonNotEligible},
	} {
		if stated.is {
			reasons = append(reasons, stated.reason)
		}
	}
	if reasons == nil {
		return []ChangeReason{ReasonUnknown}
	}
	return reasons
}

// removalReason returns a reason for removal, if it looks like a code: a change is
// printed and stored where nothing of the person should be.
func removalReason(s string) ChangeReason {
	code := strings.ToUpper(strings.TrimSpace(s))
	if len(code) > 5 || redact.Code(code) != code || code == "" {
		return ReasonOtherRemoval
	}
	return ChangeReason(code)
}
