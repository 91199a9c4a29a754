package governance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// decodeStrict decodes exactly one JSON value without unknown or repeated names. Its errors say where
// and never what, because the text may be anybody's.
func decodeStrict(data []byte, v any) error {
	if !utf8.Valid(data) {
		return errors.New("not valid UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
			return fmt.Errorf("%s has the wrong type or an unknown value", wrong.Field)
		}
		return fmt.Errorf("not JSON, or an unknown name or value, near byte %d", d.InputOffset())
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("text after the end, near byte %d", d.InputOffset())
	}
	return refuseRepeats(json.NewDecoder(bytes.NewReader(data)))
}

// refuseRepeats walks one JSON value and refuses names that encoding/json would take for the same one:
// it matches without case and keeps the last, so a reader could be shown another value than is used.
func refuseRepeats(d *json.Decoder) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	open, ok := t.(json.Delim)
	if !ok {
		return nil
	}
	seen := make(map[string]bool)
	for d.More() {
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return err
			}
			folded := strings.ToLower(strings.ToUpper(fmt.Sprint(name)))
			if seen[folded] {
				return fmt.Errorf("a name is repeated near byte %d", d.InputOffset())
			}
			seen[folded] = true
		}
		if err := refuseRepeats(d); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}
