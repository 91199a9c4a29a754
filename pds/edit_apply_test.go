package pds_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/pds"
)

// apply applies patches to a record as PDS does, and fails the test when they break
// one of its rules. It is written apart from the builder and from the fake, so that
// a misreading of the rules has to be made three times to go unnoticed.
func apply(t *testing.T, record []byte, patches []pds.Patch) []byte {
	t.Helper()
	var r map[string]any
	if err := json.Unmarshal(record, &r); err != nil {
		t.Fatal(err)
	}
	if err := checkCompanions(patches); err != nil {
		t.Fatalf("%v in %v", err, patches)
	}
	for i, p := range patches {
		if err := applyOne(r, patches, i); err != nil {
			t.Fatalf("patch %d, %s: %v in %v", i, p, err, patches)
		}
	}
	out, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// key is the member that tells the items of a list apart.
func key(list string) string {
	if list == "extension" {
		return "url"
	}
	return "id"
}

// checkCompanions: what changes part of an item comes with its id or URL.
func checkCompanions(patches []pds.Patch) error {
	for _, p := range patches {
		at := strings.Split(p.Path[1:], "/")
		if p.Op == "test" || p.Op == "remove" || len(at) < 3 {
			continue
		}
		companion := "/" + at[0] + "/" + at[1] + "/" + key(at[0])
		if !slices.ContainsFunc(patches, func(q pds.Patch) bool { return q.Path == companion }) {
			return fmt.Errorf("no id or url found for path with root /%s/%s", at[0], at[1])
		}
	}
	return nil
}

func applyOne(r map[string]any, patches []pds.Patch, i int) error {
	p := patches[i]
	var v any
	if p.Op != "remove" {
		if err := json.Unmarshal(p.Value, &v); err != nil {
			return err
		}
	}
	if p.Op != "remove" && hasNull(v) {
		return fmt.Errorf("a null is sent: %s", p.Value)
	}
	at := strings.Split(p.Path[1:], "/")
	if len(at) == 1 { // a member of the patient itself
		return setMember(r, p.Op, at[0], v)
	}
	list, _ := r[at[0]].([]any)
	if at[1] == "-" {
		item, _ := v.(map[string]any)
		if p.Op != "add" || item == nil || item["id"] != nil || len(at) != 2 {
			return errors.New("not an addition without an id")
		}
		r[at[0]] = append(list, v)
		return nil
	}
	n, err := strconv.Atoi(at[1])
	if err != nil || n < 0 || n >= len(list) {
		return fmt.Errorf("index %q is out of bounds", at[1])
	}
	item, _ := list[n].(map[string]any)
	switch {
	case len(at) == 2 && p.Op == "remove":
		before := "/" + at[0] + "/" + at[1] + "/" + key(at[0])
		if i == 0 || patches[i-1].Op != "test" || patches[i-1].Path != before {
			return errors.New("removal is not immediately preceded by equivalent test")
		}
		r[at[0]] = slices.Delete(list, n, n+1)
		return nil
	case len(at) == 2:
		whole, _ := v.(map[string]any)
		if p.Op != "replace" || whole[key(at[0])] != item[key(at[0])] {
			return fmt.Errorf("a whole item without its own %s", key(at[0]))
		}
		if at[0] == "telecom" && (whole["system"] != item["system"] || whole["use"] != item["use"]) {
			return errors.New("system or use changes")
		}
		list[n] = v
		return nil
	case len(at) == 3:
		return setMember(item, p.Op, at[2], v)
	default:
		return errors.New("deeper than this builder goes")
	}
}

// hasNull reports whether PDS's nulls, or its reasons for them, are in v.
func hasNull(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case []any:
		return slices.ContainsFunc(v, hasNull)
	case map[string]any:
		for name, member := range v {
			if name == "_line" || hasNull(member) {
				return true
			}
		}
	}
	return false
}

func setMember(o map[string]any, op, name string, v any) error {
	was, there := o[name]
	switch {
	case op == "test" && !reflect.DeepEqual(was, v):
		return errors.New("is not equal to tested value")
	case op == "replace" && !there:
		return fmt.Errorf("can't replace non-existent object %q", name)
	case op == "replace" && reflect.DeepEqual(was, v):
		return fmt.Errorf("replaces %q by itself", name)
	case op == "add" && there:
		return fmt.Errorf("adds %q, which is there", name)
	case op == "remove":
		return errors.New("removes less than an item")
	case op != "test":
		o[name] = v
	}
	return nil
}
