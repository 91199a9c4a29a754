package pds

import "slices"

// NameEdit is a name that an [Edit] changes. Its methods return it, so that they
// can be chained.
type NameEdit struct {
	edit *Edit
	item *item[HumanName]
}

// Name returns the name of that use, such as [Usual], to be changed. Where the
// record has none, setting something adds one. The usual name can be changed, but
// not removed.
func (e *Edit) Name(use Use) *NameEdit {
	return &NameEdit{e, choose(e, &e.names, HumanName{Use: use}, func(n HumanName) bool { return n.Use == use })}
}

// NameByID returns the name with PDS's own id, to be changed. It is for uses that
// may be there more than once.
func (e *Edit) NameByID(id string) *NameEdit {
	return &NameEdit{e, chooseByID(e, &e.names, id)}
}

// AddName adds a name to those of the record. Its ID is ignored.
func (e *Edit) AddName(n HumanName) {
	e.encodable("Name.Extensions", slices.Concat(n.Extensions, n.Period.Extensions))
	e.names.add(n, nothing).touch()
}

// SetFamily changes the family name.
func (n *NameEdit) SetFamily(family string) *NameEdit {
	n.item.touch()
	n.item.after.Family = family
	return n
}

// SetGiven changes the given names, first name first, at most five.
func (n *NameEdit) SetGiven(given ...string) *NameEdit {
	n.item.touch()
	n.item.after.Given = slices.Clone(given)
	return n
}

// SetPrefix changes the titles.
func (n *NameEdit) SetPrefix(prefix ...string) *NameEdit {
	n.item.touch()
	n.item.after.Prefix = slices.Clone(prefix)
	return n
}

// SetSuffix changes the suffixes, each of which starts with a capital letter.
func (n *NameEdit) SetSuffix(suffix ...string) *NameEdit {
	n.item.touch()
	n.item.after.Suffix = slices.Clone(suffix)
	return n
}

// SetPeriod changes when the name is in use: whole dates, a start and perhaps an
// end, which a usual name has not.
func (n *NameEdit) SetPeriod(p Period) *NameEdit {
	n.item.touch()
	n.item.after.Period = n.edit.period("Name.Period", p, n.item.after.Period)
	return n
}

// Set replaces the name as a whole, extensions included. It keeps id and use,
// whatever name says of them.
func (n *NameEdit) Set(name HumanName) *NameEdit {
	name.ID, name.Use = n.item.after.ID, n.item.after.Use
	n.edit.encodable("Name.Extensions", slices.Concat(name.Extensions, name.Period.Extensions))
	n.item.set(name)
	return n
}

// Remove removes the name.
func (n *NameEdit) Remove() { removeItem(n.edit, "Name", n.item) }
