package pdstest

import (
	"maps"
	"slices"
	"strings"
)

// opened returns a copy of a patient for patches to work on: with its absent lists
// empty, since Spine takes a patch to them as one to an empty list, and without the
// null lines that some applications are shown.
func opened(patient object) object {
	doc := copied(patient)
	for _, name := range []string{"name", "address", "telecom", "contact", "generalPractitioner", "extension"} {
		if _, ok := doc[name].(list); !ok {
			doc[name] = list{}
		}
	}
	for name := range items(doc, "name") {
		for _, part := range []string{"prefix", "given", "suffix"} {
			if _, ok := name[part].(list); !ok {
				name[part] = list{}
			}
		}
	}
	for address := range items(doc, "address") {
		delete(address, "_line")
		if lines, ok := address["line"].(list); ok {
			address["line"] = slices.DeleteFunc(lines, func(line any) bool { return line == nil })
		}
	}
	return doc
}

// pruned returns a copy of JSON without the empty lists that are members of
// objects.
func pruned(value any) any {
	switch v := value.(type) {
	case object:
		kept := make(object, len(v))
		for name, part := range v {
			if l, ok := part.(list); !ok || len(l) > 0 {
				kept[name] = pruned(part)
			}
		}
		return kept
	case list:
		kept := make(list, len(v))
		for i, item := range v {
			kept[i] = pruned(item)
		}
		return kept
	default:
		return v
	}
}

// items ranges over the objects in a list of doc.
func items(doc object, name string) func(func(object) bool) {
	return func(yield func(object) bool) {
		all, _ := doc[name].(list)
		for _, item := range all {
			if o, ok := item.(object); ok && !yield(o) {
				return
			}
		}
	}
}

// extension finds an extension by the last segment of its URL, or nil.
func extension(doc object, name string) object {
	for e := range items(doc, "extension") {
		if nameOf(e) == name {
			return e
		}
	}
	return nil
}

// inside returns the object at a path of names, or nil.
func inside(o object, path ...string) object {
	for _, name := range path {
		o, _ = o[name].(object)
	}
	return o
}

// codeOf is the first code of the CodeableConcept in an extension.
func codeOf(e object) string {
	for c := range items(inside(e, "valueCodeableConcept"), "coding") {
		return textOf(c, "code")
	}
	return ""
}

// textOf returns a member that is a text, or "".
func textOf(o object, name string) string {
	text, _ := o[name].(string)
	return text
}

// nameOf is the last segment of an extension's URL.
func nameOf(extension object) string {
	url := textOf(extension, "url")
	return url[strings.LastIndexByte(url, '/')+1:]
}

// withoutBlanks removes blank texts from a list of o.
func withoutBlanks(o object, name string) {
	if all, ok := o[name].(list); ok {
		o[name] = slices.DeleteFunc(all, func(item any) bool {
			text, ok := item.(string)
			return ok && strings.TrimSpace(text) == ""
		})
	}
}

func sortedKeys(o object) []string { return slices.Sorted(maps.Keys(o)) }
