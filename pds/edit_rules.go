package pds

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
)

// complaint is a rule of PDS that a wanted value breaks.
type complaint struct {
	member string // of the item, such as "line": the rule counts if it changes; "" always counts
	field  string // as callers know it, such as "Address.Lines"
	reason string
}

// refusal is the error of the rules that are broken, but for allowed fields.
func refusal(found []complaint, allowed []string) error {
	var errs []error
	for i, c := range found {
		if !slices.Contains(allowed, c.field) && !slices.Contains(found[:i], c) {
			errs = append(errs, refuse(c.field, c.reason))
		}
	}
	return errors.Join(errs...)
}

// complaints returns the rules of PDS that the wanted changes break. What the
// record has broken already is no fault of the edit.
func (e *Edit) complaints(today string) []complaint {
	found := e.scalarComplaints(today)
	for _, l := range e.lists() {
		found = append(found, l.complaints(today)...)
	}
	for _, it := range e.names.items {
		if it.removed && it.before.Use == Usual {
			found = append(found, complaint{field: "Name", reason: "must not be removed: it is the usual name"})
		}
	}
	if e.patient.Restricted() {
		found = append(found, e.withheld()...)
	}
	return found
}

// withheld are the changes to what a restricted record does not show. What is
// there is not known, so that changing it would be blind.
func (e *Edit) withheld() []complaint {
	var found []complaint
	hide := func(field string, changed bool) {
		if changed {
			found = append(found, complaint{field: field, reason: "is withheld, because the record is restricted"})
		}
	}
	hide("Address", e.addresses.changed())
	hide("Telecom", e.telecom.changed())
	hide("Contact", e.contacts.changed())
	hide("GeneralPractice", e.practices.changed())
	hide("NominatedPharmacy", e.extensionChanged(pharmacy))
	hide("PreferredDispenser", e.extensionChanged(dispenser))
	hide("MedicalApplianceSupplier", e.extensionChanged(supplier))
	hide("BirthPlace", e.extensionChanged(birthPlace))
	return found
}

func (e *Edit) scalarComplaints(today string) []complaint {
	var found []complaint
	require := func(ok bool, field, reason string) {
		if !ok {
			found = append(found, complaint{field: field, reason: reason})
		}
	}
	died := e.patient.DeathTime
	if e.deathTime != nil {
		died = *e.deathTime
		require(isDeathTime(died), "DeathTime", "must be a date, or a time in UTC that ends in +00:00")
		require(!later(died.Date().String(), today), "DeathTime", "must not be in the future")
	}
	if notice, _ := e.patient.DeathNotification(); notice.Status == DeathFormal {
		require(e.deathTime == nil || *e.deathTime == e.patient.DeathTime, "DeathTime", "must stay: the death is formal")
		require(!e.extensionChanged(deathStatus), "DeathStatus", "must stay: the death is formal")
	}
	if e.birthDate != nil {
		require(e.birthDate.Whole(), "BirthDate", "must be a whole date")
		require(!later(e.birthDate.String(), today), "BirthDate", "must not be in the future")
	}
	if e.birthDate != nil || e.deathTime != nil {
		born := e.patient.BirthDate
		if e.birthDate != nil {
			born = *e.birthDate
		}
		require(!later(born.String(), died.Date().String()), "BirthDate", "must not be after the death")
	}
	require(e.gender == nil || slices.Contains([]Gender{Male, Female, Unknown}, value(e.gender)), "Gender", "must be male, female or unknown")
	require(e.birthOrder == nil || (*e.birthOrder >= 1 && *e.birthOrder <= 9), "MultipleBirth", "must be 1 to 9")
	return found
}

// isDeathTime reports whether PDS can read the time of a death.
func isDeathTime(t DateTime) bool {
	if !strings.Contains(string(t), "T") {
		return !t.Date().IsZero()
	}
	_, err := time.Parse("2006-01-02T15:04:05-07:00", string(t))
	return err == nil && strings.HasSuffix(string(t), "+00:00")
}

func (e *Edit) extensionChanged(url string) bool {
	name := lastSegment(url)
	return slices.ContainsFunc(e.extensions.items, func(it *item[json.RawMessage]) bool {
		return nameOf(contentOf(it.after)) == name && e.extensions.changes(it)
	})
}

// complaints checks the items that change.
func (l *list[T]) complaints(today string) []complaint {
	var found []complaint
	for _, it := range l.items {
		if !it.touched || !l.changes(it) || it.removed {
			continue
		}
		d := l.difference(it)
		all := it.index < 0 || (d.whole && !l.whole) // a whole item, as the caller gave it
		broken := it.broken
		if l.rules != nil {
			broken = l.rules(it.after, today)
		}
		for _, c := range broken {
			if all || c.member == "" || slices.Contains(d.members, c.member) {
				found = append(found, c)
			}
		}
		if it.index < 0 && l.isSecond(it) {
			found = append(found, complaint{field: l.field + ".Use", reason: "must be there once"})
		}
	}
	return found
}

// isSecond reports whether the record would have another item of the same kind.
func (l *list[T]) isSecond(it *item[T]) bool {
	if l.kind == nil || l.kind(it.after) == "" {
		return false
	}
	return slices.ContainsFunc(l.items, func(other *item[T]) bool {
		wanted := !other.removed && (other.index >= 0 || other.touched)
		return other != it && wanted && l.kind(other.after) == l.kind(it.after)
	})
}

// changed reports whether anything is to change.
func (l *list[T]) changed() bool {
	return slices.ContainsFunc(l.items, l.changes)
}

func (l *list[T]) changes(it *item[T]) bool {
	return it.removed || (it.touched && len(l.difference(it).members) > 0)
}

// The kinds of items that a record has once, "" for the others.

func nameKind(n HumanName) string {
	if n.Use == Usual || n.Use == Nickname {
		return string(n.Use)
	}
	return ""
}

func addressKind(a Address) string { return string(a.Use) }

func telecomKind(c ContactPoint) string { return c.System + " " + string(c.Use) }
