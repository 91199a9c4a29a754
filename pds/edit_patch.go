package pds

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"

	gen "github.com/personalised-prevention/nhs/internal/gen/pds"
)

// Patch is one operation on a patient's record, as PDS is sent it (RFC 6902 with
// PDS's own rules). [Edit.Patches] makes them.
//
// A Patch shows its operation and path in fmt and slog, and masks its value. Its
// JSON holds the value.
type Patch struct {
	Op    string          `json:"op"`              // add, replace, remove or test
	Path  string          `json:"path"`            // JSON pointer into the patient, such as "/address/0/postalCode"
	Value json.RawMessage `json:"value,omitempty"` // nil for remove; may hold personal data
}

// Format prints the operation and the path, and a mask in place of the value.
func (p Patch) Format(s fmt.State, _ rune) {
	text := p.Op + " " + p.Path
	if p.Value != nil {
		text += " [value]"
	}
	_, _ = io.WriteString(s, text)
}

// LogValue logs what [Patch.Format] prints.
func (p Patch) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(p)) }

func (p Patch) wire() gen.Patch { return gen.Patch{Op: p.Op, Path: p.Path, Value: p.Value} }

// The operations of a patch.
const (
	opAdd     = "add"
	opReplace = "replace"
	opRemove  = "remove"
	opTest    = "test"
)

// object is a JSON object, each member as it is encoded.
type object map[string]json.RawMessage

// raw encodes a value that consists of strings, numbers, objects and lists, which
// cannot fail.
func raw(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return text
}

// members encodes a value and takes it apart. What is not an object has none.
func members(v any) object {
	o := object{}
	if json.Unmarshal(raw(v), &o) != nil || o == nil {
		return object{}
	}
	return o
}
