package pdstest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// Media types: Spine answers in FHIR, the gateway before it in plain JSON.
const (
	spine   = "application/fhir+json"
	gateway = "application/json"
)

// reply is an answer of the server.
type reply struct {
	status int
	header http.Header // more headers
	media  string
	body   []byte
}

func (a *reply) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	for _, name := range []string{"X-Request-Id", "X-Correlation-Id"} {
		if v := r.Header.Get(name); v != "" {
			h.Set(name, v)
		}
	}
	for name, values := range a.header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", a.media)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a reader that has gone is no fault of the server
}

// resource is a success.
func resource(status int, body any) *reply {
	return &reply{status: status, media: spine, body: encode(body)}
}

// versioned is a success with the version of a record.
func versioned(status int, body any, version string) *reply {
	a := resource(status, body)
	if version != "" {
		a.header = http.Header{"Etag": {`W/"` + version + `"`}}
	}
	return a
}

// object and list are JSON as it is read and rendered.
type (
	object = map[string]any
	list   = []any
)

// encode cannot fail: everything rendered is strings, numbers, lists and objects.
func encode(body any) []byte {
	data, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return data
}

// copied returns a deep copy of JSON, all of whose lists are of type list.
func copied(o object) object {
	var c object
	if err := json.Unmarshal(encode(o), &c); err != nil {
		panic(err)
	}
	return c
}

// concept is a CodeableConcept of one code. Empty parts are left out.
func concept(system, version, code, display string) object {
	return object{"coding": list{coding(system, version, code, display)}}
}

func coding(system, version, code, display string) object {
	c := object{"system": system, "code": code}
	fill(c, "version", version)
	fill(c, "display", display)
	return c
}

// plain writes JSON as Spine does in its diagnostics, which is as Python prints
// it: texts as they are, and quoted inside of lists and objects. The members of
// an object come in alphabetical order.
func plain(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	return quoted(value)
}

func quoted(value any) string {
	switch v := value.(type) {
	case nil:
		return "None"
	case bool:
		return strings.ToUpper(strconv.FormatBool(v)[:1]) + strconv.FormatBool(v)[1:]
	case string:
		if strings.Contains(v, "'") && !strings.Contains(v, `"`) {
			return `"` + v + `"`
		}
		return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`, "\n", `\n`).Replace(v) + "'"
	case list:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = quoted(item)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case object:
		parts := make([]string, 0, len(v))
		for _, name := range sortedKeys(v) {
			parts = append(parts, quoted(name)+": "+quoted(v[name]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	default:
		return string(encode(v))
	}
}

// class names the Python type of JSON, as the diagnostics of a failed test do.
func class(value any) string {
	name := "str"
	switch v := value.(type) {
	case nil:
		name = "NoneType"
	case bool:
		name = "bool"
	case float64:
		name = "float"
		if v == float64(int64(v)) {
			name = "int"
		}
	case list:
		name = "list"
	case object:
		name = "dict"
	}
	return "<class '" + name + "'>"
}
