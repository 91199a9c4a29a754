package governance

import (
	"bytes"
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// appendCanonical appends the one byte form of v that digests are taken over: JSON as RFC 8785 writes
// it, for the types this package hashes. Two rules are ours. Times are UTC. Every list is a set, so its
// elements are written in byte order and the order in which someone typed them means nothing.
//
// It is total: no value fails, so a digest never does. Text that JSON could not carry is refused by
// Validate, long before anyone signs. An unsupported kind is a mistake in this package and panics.
func appendCanonical(b []byte, v reflect.Value) []byte {
	switch x := v.Interface().(type) {
	case time.Time:
		return appendString(b, x.UTC().Format(time.RFC3339Nano))
	case encoding.TextMarshaler:
		text, err := x.MarshalText()
		if err != nil {
			panic(fmt.Sprintf("governance: canonical form of %T: %v", x, err))
		}
		return appendString(b, string(text))
	}
	switch kind := v.Kind(); {
	case kind == reflect.String:
		return appendString(b, v.String())
	case kind == reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	case v.CanInt():
		return strconv.AppendInt(b, v.Int(), 10)
	case kind == reflect.Slice:
		return appendSet(b, v)
	case kind == reflect.Struct:
		return appendStruct(b, v)
	default:
		panic("governance: no canonical form for " + v.Type().String())
	}
}

func appendSet(b []byte, v reflect.Value) []byte {
	elements := make([][]byte, v.Len())
	for i := range elements {
		elements[i] = appendCanonical(nil, v.Index(i))
	}
	slices.SortFunc(elements, bytes.Compare)
	b = append(b, '[')
	b = append(b, bytes.Join(elements, []byte{','})...)
	return append(b, ']')
}

func appendStruct(b []byte, v reflect.Value) []byte {
	b = append(b, '{')
	for i, m := range members(v.Type()) {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, m.name)
		b = append(b, ':')
		b = appendCanonical(b, v.Field(m.index))
	}
	return append(b, '}')
}

// member is a struct field and the name its JSON has.
type member struct {
	name  string
	index int
}

// members lists the fields of a struct in the order of their JSON names.
func members(t reflect.Type) []member {
	list := make([]member, t.NumField())
	for i := range list {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name == "" {
			panic("governance: no JSON name for " + t.String() + "." + t.Field(i).Name)
		}
		list[i] = member{name: name, index: i}
	}
	slices.SortFunc(list, func(x, y member) int { return strings.Compare(x.name, y.name) })
	return list
}

// appendString escapes only what RFC 8785 section 3.2.2.2 says must be.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\b':
			b = append(b, '\\', 'b')
		case c == '\t':
			b = append(b, '\\', 't')
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\f':
			b = append(b, '\\', 'f')
		case c == '\r':
			b = append(b, '\\', 'r')
		case c < 0x20:
			b = fmt.Appendf(b, `\u%04x`, c)
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
