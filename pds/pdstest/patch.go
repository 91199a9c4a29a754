package pdstest

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// patch is one operation of a JSON Patch (RFC 6902).
type patch struct {
	op, path string
	at       []string // path, unescaped
	value    any
}

// parsePatches reads the body of an update: {"patches": [...]}.
func parsePatches(data []byte) ([]patch, *reply) {
	var body any
	if err := json.Unmarshal(data, &body); err != nil {
		return nil, refuse("VALIDATION_ERROR", "")
	}
	o, ok := body.(object)
	if !ok {
		return nil, refuse("VALIDATION_ERROR", "")
	}
	patches, given := o["patches"]
	all, ok := patches.(list)
	switch {
	case !given || (ok && len(all) == 0):
		return nil, invalidUpdate("No patches found")
	case !ok:
		return nil, invalidValue(patches, "field", "patches")
	case len(o) > 1:
		delete(o, "patches")
		return nil, additionalProperties(sortedKeys(o)...)
	}
	parsed := make([]patch, len(all))
	for i, item := range all {
		p, refused := parsePatch(item, strconv.Itoa(i))
		if refused != nil {
			return nil, refused
		}
		parsed[i] = p
	}
	return parsed, nil
}

func parsePatch(item any, field string) (patch, *reply) {
	o, ok := item.(object)
	if !ok {
		return patch{}, invalidValue(item, "field", field)
	}
	value, valued := o["value"]
	p := patch{value: value}
	for _, part := range []struct {
		name string
		to   *string
	}{{"op", &p.op}, {"path", &p.path}} {
		given, ok := o[part.name]
		if !ok {
			return p, missingValue(field + "/" + part.name)
		}
		if *part.to, ok = given.(string); !ok {
			return p, invalidValue(given, "field", field+"/"+part.name)
		}
	}
	for _, name := range sortedKeys(o) {
		if name != "op" && name != "path" && name != "value" {
			return p, additionalProperties(name)
		}
	}
	switch {
	case !slices.Contains([]string{"add", "replace", "remove", "test"}, p.op):
		return p, invalidValue(p.op, "field", field+"/op")
	case !strings.HasPrefix(p.path, "/"):
		return p, invalidValue(p.path, "field", field+"/path")
	case !valued && p.op != "remove":
		return p, missingValue(field + "/value")
	}
	p.at = strings.Split(p.path[1:], "/")
	for i, token := range p.at {
		p.at[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
	}
	return p, nil
}

// item is the path of the list item that p is in, such as /name/0, or "" for what
// is in none.
func (p *patch) item() string {
	if len(p.at) < 2 || !isList(p.at[0]) {
		return ""
	}
	return "/" + p.at[0] + "/" + p.at[1]
}

// isList reports whether a member of a patient is a list of items with ids or
// URLs.
func isList(member string) bool {
	switch member {
	case "name", "address", "telecom", "contact", "generalPractitioner", "extension":
		return true
	default:
		return false
	}
}

// keyOf names the member by which the items of a list are known.
func keyOf(member string) string {
	if member == "extension" {
		return "url"
	}
	return "id"
}

// names reports whether p says, or asks, which item is at the place where it is.
func (p *patch) names(item string) bool {
	return p.op != "remove" && p.item() == item &&
		((len(p.at) == 3 && p.at[2] == keyOf(p.at[0])) || (len(p.at) == 2 && p.keyed()))
}

// keyed reports whether the value of p is an item with an id or URL.
func (p *patch) keyed() bool {
	value, _ := p.value.(object)
	return value[keyOf(p.at[0])] != nil
}

// checkForm applies the rules that can be told from the patches alone: what may be
// changed, and that items are named before they are.
func checkForm(patches []patch) *reply {
	for i := range patches {
		p := &patches[i]
		if !updatable(p.at[0]) {
			return invalidUpdate("Update unsupported for resource - '" + p.at[0] + "'")
		}
		var refused *reply
		switch {
		case p.op == "test" || !isList(p.at[0]):
		case p.op == "remove":
			refused = checkRemoval(patches, i)
		default:
			refused = checkNamed(patches, p)
		}
		if refused != nil {
			return refused
		}
	}
	return nil
}

func updatable(member string) bool {
	switch member {
	case "gender", "birthDate", "deceasedDateTime", "multipleBirthInteger", "managingOrganization":
		return true
	default:
		return isList(member)
	}
}

// checkRemoval wants a test of the item just before what removes it, or some of
// it.
func checkRemoval(patches []patch, i int) *reply {
	p := &patches[i]
	instead := "the first item"
	if i > 0 {
		before := &patches[i-1]
		if before.op == "test" && before.names(p.item()) {
			return nil
		}
		instead = "preceded by '" + before.op + " " + before.path + "'"
	}
	return invalidUpdate("removal '" + p.path + "' is not immediately preceded by equivalent test - instead it is " + instead)
}

// checkNamed wants an item to be named by what changes it, or by another patch. A
// new item has no name yet, and its place is the service's to choose.
func checkNamed(patches []patch, p *patch) *reply {
	if len(p.at) == 2 && p.at[1] == "-" && p.op == "add" {
		return nil
	}
	unnamed := invalidUpdate("no id or url found for path with root " + p.path)
	if len(p.at) < 2 || (len(p.at) == 2 && p.op == "add") {
		return unnamed
	}
	nested, _ := p.value.(object) // a whole extension within an extension names itself
	if len(p.at) == 4 && p.at[0] == "extension" && p.at[2] == "extension" && nested["url"] != nil {
		return nil
	}
	item := p.item()
	if slices.ContainsFunc(patches, func(other patch) bool { return other.names(item) }) {
		return nil
	}
	return invalidUpdate("no id or url found for path with root " + item)
}

// misnamed returns the refusal of a p that names another item than the one that
// is at its place, or gives a new item an id.
func (p *patch) misnamed(doc object) *reply {
	if len(p.at) < 2 || !isList(p.at[0]) || p.op == "remove" || p.op == "test" {
		return nil
	}
	key := keyOf(p.at[0])
	value, whole := p.value.(object)
	var claimed any
	switch {
	case len(p.at) == 2 && whole:
		claimed = value[key]
	case len(p.at) == 3 && p.at[2] == key:
		claimed = p.value
	}
	var known any
	if items, ok := doc[p.at[0]].(list); ok {
		if at, err := index(items, p.at[1]); err == nil {
			if item, ok := items[at].(object); ok {
				known = item[key]
			}
		}
	}
	fresh := p.at[1] == "-" && key == "url"
	if claimed == nil || fresh || reflect.DeepEqual(claimed, known) {
		return nil
	}
	return invalidUpdate(fmt.Sprintf("no '%s' resources with object %s '%s'", p.at[0], key, plain(claimed)))
}

// apply changes doc in place, or says why it cannot.
func (p *patch) apply(doc object) error {
	if p.op == "test" {
		return p.test(doc)
	}
	_, err := p.descend(doc, p.at)
	return err
}

func (p *patch) test(doc object) error {
	var found any = doc
	for _, token := range p.at {
		var err error
		if found, err = member(found, token); err != nil {
			return err
		}
	}
	found = pruned(found)
	if !reflect.DeepEqual(found, pruned(p.value)) {
		return fmt.Errorf("%s (%s) is not equal to tested value %s (%s)", plain(found), class(found), plain(p.value), class(p.value))
	}
	return nil
}

// descend changes what is at a place below node, and returns node as changed.
func (p *patch) descend(node any, at []string) (any, error) {
	if len(at) > 1 {
		child, err := member(node, at[0])
		if err != nil {
			return nil, err
		}
		if child, err = p.descend(child, at[1:]); err != nil {
			return nil, err
		}
		return node, set(node, at[0], child)
	}
	switch parent := node.(type) {
	case object:
		return parent, p.inObject(parent, at[0])
	case list:
		return p.inList(parent, at[0])
	default:
		return nil, unresolved(at[0])
	}
}

func (p *patch) inObject(parent object, name string) error {
	_, there := parent[name]
	switch {
	case p.op == "add", p.op == "replace" && there:
		parent[name] = p.value
	case p.op == "remove" && there:
		delete(parent, name)
	default:
		return fmt.Errorf("can't %s non-existent object '%s'", p.op, name)
	}
	return nil
}

func (p *patch) inList(parent list, token string) (list, error) {
	if p.op == "add" && token == "-" {
		return append(parent, p.value), nil
	}
	i, err := index(parent, token)
	switch {
	case p.op == "remove" && errors.Is(err, errBounds):
		return nil, fmt.Errorf("can't remove non-existent object '%s'", token)
	case p.op == "add" && token == strconv.Itoa(len(parent)):
		return append(parent, p.value), nil
	case err != nil:
		return nil, err
	case p.op == "add":
		return slices.Insert(parent, i, p.value), nil
	case p.op == "remove":
		return slices.Delete(parent, i, i+1), nil
	default:
		parent[i] = p.value
		return parent, nil
	}
}

// member returns what is at a place directly below node.
func member(node any, token string) (any, error) {
	switch parent := node.(type) {
	case object:
		if child, ok := parent[token]; ok {
			return child, nil
		}
		return nil, fmt.Errorf("member '%s' not found in %s", token, quoted(pruned(parent)))
	case list:
		i, err := index(parent, token)
		if err != nil {
			return nil, err
		}
		return parent[i], nil
	default:
		return nil, unresolved(token)
	}
}

// set puts child at a place that member has found.
func set(node any, token string, child any) error {
	switch parent := node.(type) {
	case object:
		parent[token] = child
	case list:
		i, err := index(parent, token)
		if err != nil {
			return err
		}
		parent[i] = child
	}
	return nil
}

func unresolved(token string) error {
	return fmt.Errorf("unable to fully resolve json pointer, part '%s'", token)
}

var errBounds = errors.New("is out of bounds")

// index reads the place of an item.
func index(items list, token string) (int, error) {
	i, err := strconv.Atoi(token)
	switch {
	case err != nil || token != strconv.Itoa(i):
		return 0, fmt.Errorf("'%s' is not a valid sequence index", token)
	case i < 0 || i >= len(items):
		return 0, fmt.Errorf("index '%s' %w", token, errBounds)
	default:
		return i, nil
	}
}
