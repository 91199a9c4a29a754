package pds

import (
	"encoding/json"
	"slices"

	gen "github.com/personalised-prevention/nhs/internal/gen/pds"
)

// AddressLines are the lines of an address by their meaning. PDS needs the town,
// and the premises or the street.
type AddressLines struct {
	Premises string // number or name of the house
	Street   string
	Locality string
	Town     string
	County   string
}

// list returns the lines in PDS's places, blank ones included, but for the last.
func (l AddressLines) list() []string {
	lines := []string{l.Premises, l.Street, l.Locality, l.Town, l.County}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// AddressEdit is an address that an [Edit] changes. Its methods return it, so that
// they can be chained.
type AddressEdit struct {
	edit *Edit
	item *item[Address]
}

// Address returns the address of that use to be changed: [Home], [Temporary],
// [Billing], or [Work], which can only be removed. Where the record has none,
// setting something adds one.
//
// SetPostcode and the other methods that set a part correct an address, and leave
// the rest of it as it is, gazetteer keys included. For somebody who has moved,
// Set replaces the whole address.
func (e *Edit) Address(use Use) *AddressEdit {
	return &AddressEdit{e, choose(e, &e.addresses, Address{Use: use}, func(a Address) bool { return a.Use == use })}
}

// AddressByID returns the address with PDS's own id, to be changed. It is for uses
// that are there more than once.
func (e *Edit) AddressByID(id string) *AddressEdit {
	return &AddressEdit{e, chooseByID(e, &e.addresses, id)}
}

// SetLines changes the lines. PDS drops blank lines from what it returns, so that
// the meaning of a fetched line is not known: give them all.
func (a *AddressEdit) SetLines(l AddressLines) *AddressEdit {
	a.item.touch()
	a.item.after.Lines = l.list()
	return a
}

// SetPostcode changes the postcode.
func (a *AddressEdit) SetPostcode(postcode string) *AddressEdit {
	a.item.touch()
	a.item.after.Postcode = postcode
	return a
}

// SetText changes what kind of temporary address it is, such as "Holiday Home".
func (a *AddressEdit) SetText(text string) *AddressEdit {
	a.item.touch()
	a.item.after.Text = text
	return a
}

// SetPeriod changes when the address is in use: whole dates. A temporary or
// billing address has a start and an end.
func (a *AddressEdit) SetPeriod(p Period) *AddressEdit {
	a.item.touch()
	a.item.after.Period = a.edit.period("Address.Period", p, a.item.after.Period)
	return a
}

// SetKeys changes the address's keys in national gazetteers. A PAF key with a
// postcode stands for the lines.
func (a *AddressEdit) SetKeys(keys ...AddressKey) *AddressEdit {
	a.item.touch()
	others := slices.DeleteFunc(slices.Clone(a.item.after.Extensions), func(x json.RawMessage) bool {
		return nameOf(contentOf(x)) == lastSegment(addressKey)
	})
	a.item.after.Extensions = slices.Concat(others, each(keys, AddressKey.extension))
	return a
}

// Set replaces the address as a whole, extensions included. It keeps id and use,
// whatever address says of them. Lines stand in PDS's places, as in
// [AddressLines], "" being blank.
func (a *AddressEdit) Set(address Address) *AddressEdit {
	address.ID, address.Use = a.item.after.ID, a.item.after.Use
	a.edit.encodable("Address.Extensions", slices.Concat(address.Extensions, address.Period.Extensions))
	a.item.set(address)
	return a
}

// Remove removes the address.
func (a *AddressEdit) Remove() { removeItem(a.edit, "Address", a.item) }

const (
	addressKey = ukCore + "AddressKey"
	keyTypePAF = "PAF"
	keyUPRN    = "UPRN"
)

func (k AddressKey) extension() json.RawMessage {
	return raw(gen.Extension{URL: addressKey, Extension: []gen.Extension{
		{URL: "type", ValueCoding: &gen.Coding{System: new(codeSystem + "AddressKeyType"), Code: &k.Type}},
		{URL: "value", ValueString: &k.Value},
	}})
}

// withoutNulls is the address as PDS keeps it: null lines, and why they are null,
// are there for some applications to read, and must not be sent back.
func (a Address) withoutNulls() Address {
	a.Lines = slices.DeleteFunc(slices.Clone(a.Lines), func(line string) bool { return line == "" })
	a.LineElements = nil
	return a
}

// sent is the address as PDS takes it: lines have places, so blank ones stay.
func (a Address) sent() gen.Address {
	w := a.wire()
	w.Line = each(a.Lines, func(line string) *string { return &line })
	w.LineElement = nil
	return w
}
