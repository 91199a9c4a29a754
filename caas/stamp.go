package caas

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/personalised-prevention/nhs"
)

// order says whether a record is newer than the last one applied to the person,
// above zero, or older, below; zero if its stamps do not tell. The two stamps may
// disagree; the serial change number decides.
func (m Member) order(r Record) (order int, disagree bool) {
	serial, timestamp := 0, 0
	if r.SerialChangeNumber != 0 && m.Serial != 0 {
		serial = cmp.Compare(r.SerialChangeNumber, m.Serial)
	}
	if r.ChangeTimestamp != 0 && m.Timestamp != 0 {
		timestamp = cmp.Compare(r.ChangeTimestamp, m.Timestamp)
	}
	return cmp.Or(serial, timestamp), serial*timestamp < 0
}

// stamped reports whether there is anything to tell one change of a person from
// another by.
func (r Record) stamped() bool { return r.SerialChangeNumber != 0 || r.ChangeTimestamp != 0 }

// maxDigests is how many records with the same stamps a person's digests are kept
// of: the last ones. More than a few is no real file.
const maxDigests = 16

// reached reports whether the person's records have been applied up to a place.
func (m Member) reached(p rowPlace) bool {
	same := m.Delivery == p.delivery && (m.Arrived.IsZero() || p.arrived.IsZero() || m.Arrived.Equal(p.arrived))
	return same && p.position <= m.Position
}

// arrivedAfter reports whether the delivery of the last record applied is known to
// have arrived after that of a record at a place.
func (m Member) arrivedAfter(p rowPlace) bool {
	return !p.arrived.IsZero() && m.Arrived.After(p.arrived)
}

// noted returns the person with a record as the last one applied.
func (m Member) noted(c Change, p rowPlace, order int, digest string) Member {
	if order > 0 {
		m.Digests = nil
	}
	m.Serial = cmp.Or(c.Serial, m.Serial)
	m.Timestamp = cmp.Or(c.Timestamp, m.Timestamp)
	m.Delivery, m.Arrived, m.Position = p.delivery, p.arrived, p.position
	m.Digests = append(slices.Clone(m.Digests), digest)
	m.Digests = m.Digests[max(0, len(m.Digests)-maxDigests):]
	return m
}

// digest returns a hash of everything that a record says, in hexadecimal digits. It
// depends on every column, and not on the row.
func (r Record) digest() string {
	h := sha256.New()
	add := func(texts ...string) {
		for _, t := range texts {
			_, _ = h.Write(binary.AppendUvarint(nil, uint64(len(t)))) // so that texts do not run together
			_, _ = h.Write([]byte(t))
		}
	}
	add(
		string(r.Type), strconv.FormatInt(r.ChangeTimestamp, 10), strconv.FormatInt(r.SerialChangeNumber, 10), r.Number.Reveal(), r.SupersededBy.Reveal(),
		r.PrimaryCareProvider, r.CurrentPosting, r.NamePrefix, r.GivenName, r.OtherGivenName, r.FamilyName, r.PreviousFamilyName, string(r.Gender),
		r.Postcode, r.PAFKey, r.ReasonForRemoval, string(r.DeathStatus), r.HomeTelephone, r.MobileTelephone, r.Email, r.PreferredLanguage,
	)
	add(r.AddressLines[:]...)
	for _, d := range []nhs.Date{
		r.PrimaryCareProviderFrom, r.CurrentPostingFrom, r.BirthDate, r.AddressFrom, r.ReasonForRemovalFrom,
		r.DeathDate, r.HomeTelephoneFrom, r.MobileTelephoneFrom, r.EmailFrom,
	} {
		add(d.Compact())
	}
	for _, b := range []*bool{r.InterpreterRequired, r.Invalid, r.Eligible} {
		if b == nil {
			add("")
		} else {
			add(strconv.FormatBool(*b))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Extra)) {
		add(name, fmt.Sprintf("%T %v", r.Extra[name], r.Extra[name]))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
