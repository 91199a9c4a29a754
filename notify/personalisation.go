package notify

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/redact"
)

// Personalisation holds values by the name of the template's field. A value is a
// string, a number, a boolean, or a list of these; others, and nil, are refused.
// [Lint] says whether they fit the templates.
type Personalisation map[string]any

// check names the first key, in order, that has a value of the wrong kind.
func (p Personalisation) check() error {
	bad, found := "", false
	for key, value := range p {
		if !isValue(value) && (!found || key < bad) {
			bad, found = key, true
		}
	}
	switch {
	case !found:
		return nil
	case p[bad] == nil:
		return badValue(bad, "must not be nil")
	default:
		return badValue(bad, "must be a string, number, boolean or list of these")
	}
}

func isValue(value any) bool {
	switch value.(type) {
	case string, bool, int, int64, float64, []string:
		return true
	case nil:
		return false
	}
	v := reflect.ValueOf(value)
	if !isList(value) {
		return isScalar(v)
	}
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
		return false // JSON would make base64 of bytes
	}
	for i := range v.Len() {
		if !isScalar(v.Index(i)) {
			return false
		}
	}
	return true
}

func isList(value any) bool {
	kind := reflect.TypeOf(value).Kind()
	return kind == reflect.Slice || kind == reflect.Array
}

// isScalar also accepts named types: what matters is what JSON makes of them.
func isScalar(v reflect.Value) bool {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	return v.Kind() == reflect.String || v.Kind() == reflect.Bool || v.CanInt() || v.CanUint() || v.CanFloat()
}

// valueText is how a value reads. How lists are set out is for the service; their
// items and a break between them are what is counted.
func valueText(value any) string {
	if s, ok := value.(string); ok || value == nil {
		return s
	}
	v := reflect.ValueOf(value)
	if !isList(value) {
		return scalarText(v)
	}
	items := make([]string, v.Len())
	for i := range items {
		items[i] = scalarText(v.Index(i))
	}
	return strings.Join(items, "\n")
}

// scalarText looks at what a value is made of, as JSON does, and not at its String
// method. Numbers are written out, as people read them. What is not a value is
// empty.
func scalarText(v reflect.Value) string {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch {
	case v.Kind() == reflect.String:
		return v.String()
	case v.Kind() == reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10)
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10)
	case v.CanFloat():
		return strconv.FormatFloat(v.Float(), 'f', -1, v.Type().Bits())
	default:
		return ""
	}
}

func badValue(key, reason string) error {
	return &nhs.ArgumentError{Name: "personalisation." + redact.Text(key), Reason: reason}
}
