package pds

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
)

// list is a list of the patient that an edit changes, such as the addresses. PDS
// orders its lists as it likes, so an index means something together with the
// item's key and the record's version only.
type list[T any] struct {
	name   string                      // the list's member of Patient
	field  string                      // as callers know it
	key    string                      // the member that tells items apart: id or url
	whole  bool                        // PDS lets some users change items of this list as a whole only
	encode func(T) object              // one item, as PDS takes it
	rules  func(T, string) []complaint // that an item breaks on a day; nil for what setters find
	kind   func(T) string              // of which a record has one, "" for any number; nil likewise
	items  []*item[T]                  // those of the record in its order, then new ones
}

// item is one item of a list, as fetched and as wanted.
type item[T any] struct {
	index         int // in the record as fetched; -1 for a new item
	before, after T
	touched       bool // something was set
	whole         bool // replaced as a whole
	removed       bool
	again         bool        // takes the place of an item that is removed
	always        bool        // sent even if it stays the same, beside what it belongs to
	broken        []complaint // rules that the wanted item breaks, as found when it was set
}

// fill gives the list the items of a record, without changes.
func (l *list[T]) fill(fetched []T) {
	for i, v := range fetched {
		l.items = append(l.items, &item[T]{index: i, before: v, after: v})
	}
}

// matching returns the items wanted in the end that match.
func (l *list[T]) matching(match func(T) bool) []*item[T] {
	var found []*item[T]
	for _, it := range l.items {
		if !it.removed && match(it.after) {
			found = append(found, it)
		}
	}
	return found
}

// add adds an item that is wanted once it is touched. Match finds the one that it
// may take the place of.
func (l *list[T]) add(v T, match func(T) bool) *item[T] {
	it := &item[T]{index: -1, after: v}
	it.again = slices.ContainsFunc(l.items, func(old *item[T]) bool { return old.removed && match(old.before) })
	l.items = append(l.items, it)
	return it
}

// nothing matches nothing, for an item that takes no place.
func nothing[T any](T) bool { return false }

// touch marks an item that the caller is about to set a part of.
func (it *item[T]) touch() { it.touched, it.removed = true, false }

// set replaces an item as a whole.
func (it *item[T]) set(v T) {
	it.touch()
	it.after, it.whole = v, true
}

// difference is what the wanted item has that the fetched one has not.
type difference struct {
	before, after object
	members       []string // that differ, in order; none for no change
	whole         bool     // must be replaced as a whole
}

func (l *list[T]) difference(it *item[T]) difference {
	d := difference{after: l.encode(it.after), whole: l.whole || it.whole || it.index < 0}
	if it.index < 0 {
		delete(d.after, "id") // PDS makes it
		for name := range d.after {
			d.members = append(d.members, name)
		}
		return d
	}
	d.before = l.encode(it.before)
	if key, ok := d.before[l.key]; ok {
		d.after[l.key] = key
	}
	for name, value := range d.after {
		if was := d.before[name]; !equal(was, value) && (name != "line" || !equalLines(was, value)) {
			d.members = append(d.members, name)
		}
	}
	for name := range d.before {
		if _, kept := d.after[name]; !kept {
			d.members = append(d.members, name)
			d.whole = true // PDS removes whole items only
		}
	}
	slices.Sort(d.members)
	return d
}

// patches returns what changes the record's list into the wanted one: changes
// first, while every index holds, then removals from the end, then additions.
func (l *list[T]) patches() ([]Patch, error) {
	var changed, removed, added []Patch
	for _, it := range l.items {
		if it.index < 0 {
			if it.touched {
				added = append(added, Patch{Op: opAdd, Path: "/" + l.name + "/-", Value: raw(l.difference(it).after)})
			}
			continue
		}
		d := l.difference(it)
		if !it.removed && !it.always && len(d.members) == 0 {
			continue
		}
		path := "/" + l.name + "/" + strconv.Itoa(it.index)
		key, ok := d.before[l.key]
		if !ok {
			return nil, refuse(l.field, "has no "+l.key+" from PDS, so it cannot be changed")
		}
		test := Patch{Op: opTest, Path: path + "/" + l.key, Value: key}
		switch {
		case it.removed: // PDS wants the test immediately before
			removed = slices.Insert(removed, 0, test, Patch{Op: opRemove, Path: path})
		case d.whole:
			changed = append(changed, Patch{Op: opReplace, Path: path, Value: raw(d.after)})
		default:
			changed = append(append(changed, test), d.patches(path)...)
		}
	}
	return slices.Concat(changed, removed, added), nil
}

// patches changes the members of the item at path one by one.
func (d difference) patches(path string) []Patch {
	var patches []Patch
	for _, name := range d.members {
		patches = append(patches, assign(path+"/"+name, d.before[name], d.after[name]))
	}
	return patches
}

// assign sets a member that may be there already.
func assign(path string, before, after json.RawMessage) Patch {
	if before == nil {
		return Patch{Op: opAdd, Path: path, Value: after}
	}
	return Patch{Op: opReplace, Path: path, Value: after}
}

// equal compares JSON values, whatever their layout.
func equal(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, okX := decoded(a)
	y, okY := decoded(b)
	return okX && okY && reflect.DeepEqual(x, y)
}

// equalLines compares lines of an address but for blank ones, which PDS drops.
func equalLines(a, b json.RawMessage) bool {
	var x, y []string
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	blank := func(line string) bool { return line == "" }
	return slices.Equal(slices.DeleteFunc(x, blank), slices.DeleteFunc(y, blank))
}

func decoded(text json.RawMessage) (any, bool) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // as written
	var v any
	err := d.Decode(&v)
	return v, err == nil
}
