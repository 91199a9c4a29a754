package conformance_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// object is JSON of an official contract. The contracts are read as they are,
// because not all of them are valid.
type object = map[string]any

// official is an official contract.
type official struct {
	root       object
	operations map[string]object // by method and path, as named by nameOf
}

// readOfficial reads the official contract of a service. It skips the test when
// the contracts are not here.
func readOfficial(t *testing.T, service string) *official {
	t.Helper()
	o := &official{operations: map[string]object{}}
	if err := json.Unmarshal(sample(t, "specs", service+".json"), &o.root); err != nil {
		t.Fatal(err)
	}
	for path, item := range field(o.root, "paths") {
		item, _ := item.(object)
		for method, operation := range item {
			if operation, ok := operation.(object); ok {
				merged := maps.Clone(operation)
				merged["parameters"] = slices.Concat(list(operation, "parameters"), list(item, "parameters"))
				o.operations[nameOf(method, path)] = merged
			}
		}
	}
	return o
}

func field(o object, name string) object {
	value, _ := o[name].(object)
	return value
}

func list(o object, name string) []any {
	value, _ := o[name].([]any)
	return value
}

// nameOf names an operation. Path parameters go by their place, because we may
// call them otherwise.
func nameOf(method, path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if strings.HasPrefix(part, "{") {
			parts[i] = "{}"
		}
	}
	return strings.ToUpper(method) + " " + strings.Join(parts, "/")
}

// resolve follows references within a contract.
func (o *official) resolve(value any) object {
	v, _ := value.(object)
	for {
		ref, ok := v["$ref"].(string)
		if !ok {
			return v
		}
		next := o.root
		for name := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
			next = field(next, name)
		}
		v = next
	}
}

// comparison collects what an official contract demands and a document of ours
// lacks.
type comparison struct {
	*official
	missing map[string]bool
	done    map[string]bool // pairs of schemas compared
}

func (c *comparison) lack(at, what string) { c.missing[at+": "+what] = true }

// parameters compares the required parameters, but for those in the path.
func (c *comparison) parameters(name string, theirs object, ours []*openapi3.Parameter) {
	for _, p := range list(theirs, "parameters") {
		p := c.resolve(p)
		if in := p["in"]; p["required"] == true && in != "path" {
			at := slices.IndexFunc(ours, func(o *openapi3.Parameter) bool {
				return o.In == in && strings.EqualFold(o.Name, fmt.Sprint(p["name"]))
			})
			if at < 0 || !ours[at].Required {
				c.lack(name, fmt.Sprintf("required %s parameter %s", in, p["name"]))
			}
		}
	}
}

// contents compares bodies, in each media type that both have.
func (c *comparison) contents(at string, theirs object, ours openapi3.Content) {
	for media, body := range ours {
		if body.Schema != nil {
			c.schemas(at, field(field(theirs, "content"), media)["schema"], body.Schema)
		}
	}
}

// schemas compares the required properties of objects. Ours has to have each; it
// may be optional there, because one schema may serve requests and answers, and
// answers are not always as complete as their contract.
func (c *comparison) schemas(at string, theirs any, ours *openapi3.SchemaRef) {
	s := c.resolve(theirs)
	alternatives := flatten(ours)
	pair := fmt.Sprintf("%p %p %s", s, ours.Value, at)
	if s == nil || c.done[pair] || strings.Count(at, "/extension/") > 2 { // extensions hold extensions
		return
	}
	c.done[pair] = true
	for _, name := range []string{"allOf", "anyOf", "oneOf"} {
		for _, choice := range list(s, name) {
			c.schemas(at, choice, ours)
		}
	}
	for _, name := range list(s, "required") {
		if name := fmt.Sprint(name); find(alternatives, name) == nil && !open(alternatives) {
			c.lack(at, name)
		}
	}
	for name, property := range field(s, "properties") {
		if found := find(alternatives, name); found != nil {
			c.schemas(at+"/"+name, property, found)
		}
	}
	for _, alternative := range alternatives {
		if alternative.Items != nil {
			c.schemas(at+"/*", s["items"], alternative.Items)
		}
	}
}

// flatten returns a schema, or the schemas it is one of.
func flatten(ref *openapi3.SchemaRef) []*openapi3.Schema {
	choices := slices.Concat(ref.Value.OneOf, ref.Value.AnyOf, ref.Value.AllOf)
	if len(choices) == 0 {
		return []*openapi3.Schema{ref.Value}
	}
	var found []*openapi3.Schema
	for _, choice := range choices {
		found = append(found, flatten(choice)...)
	}
	return found
}

// find returns a property of any of the schemas.
func find(schemas []*openapi3.Schema, name string) *openapi3.SchemaRef {
	for _, s := range schemas {
		if property := s.Properties[name]; property != nil {
			return property
		}
	}
	return nil
}

// open reports whether a schema lists nothing, so that it holds anything.
func open(schemas []*openapi3.Schema) bool {
	return slices.ContainsFunc(schemas, func(s *openapi3.Schema) bool { return len(s.Properties) == 0 && s.Items == nil })
}

// compare returns what the official contract demands of the operations that our
// document describes, and our document lacks.
func compare(o *official, doc *openapi3.T) []string {
	c := &comparison{official: o, missing: map[string]bool{}, done: map[string]bool{}}
	for path, item := range doc.Paths.Map() {
		for method, ours := range item.Operations() {
			theirs, name := o.operations[nameOf(method, path)], ours.OperationID
			var parameters []*openapi3.Parameter
			for _, p := range slices.Concat(ours.Parameters, item.Parameters) {
				parameters = append(parameters, p.Value)
			}
			c.parameters(name, theirs, parameters)
			if ours.RequestBody != nil {
				c.contents(name+" request", c.resolve(theirs["requestBody"]), ours.RequestBody.Value.Content)
			}
			for status, response := range field(theirs, "responses") {
				found := ours.Responses.Value(status)
				if found == nil && !strings.HasPrefix(status, "2") {
					found, status = ours.Responses.Default(), "refusal"
				}
				if found != nil {
					c.contents(name+" "+status, c.resolve(response), found.Value.Content)
				}
			}
		}
	}
	for kind, path := range callbacks() {
		if ours := doc.Components.Schemas[kind]; ours != nil {
			body := c.resolve(o.operations["POST "+path]["requestBody"])
			for _, media := range field(body, "content") {
				media, _ := media.(object)
				c.schemas(kind, media["schema"], ours)
			}
		}
	}
	return slices.Sorted(maps.Keys(c.missing))
}

// callbacks are the schemas of ours that are bodies of callbacks, and where the
// official contract has them.
func callbacks() map[string]string {
	return map[string]string{
		"MessageStatusCallback": "/<client-provided-message-status-URI>",
		"ChannelStatusCallback": "/<client-provided-channel-status-URI>",
	}
}

// TestDocumentsMeetTheOfficialContracts fails when an official contract has a
// required parameter or property, in an operation that a document of ours
// describes, which ours lacks without a reason.
func TestDocumentsMeetTheOfficialContracts(t *testing.T) {
	t.Parallel()
	for _, service := range []string{"pds", "notify", "mesh"} {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			for _, lack := range compare(readOfficial(t, service), load(t, service)) {
				if _, what, _ := strings.Cut(lack, ": "); elsewhere(what) == "" {
					t.Errorf("lacks %s", lack)
				}
			}
		})
	}
}

// elsewhere says why what an official contract demands is in no document of ours,
// or "".
func elsewhere(what string) string {
	switch strings.ToLower(what) {
	case "required header parameter authorization", "required header parameter x-request-id":
		return "the transport adds it to every request"
	case "required header parameter content-type":
		return "OpenAPI describes it by the media type of the body"
	default:
		return ""
	}
}

// The comparison notices what is taken away from our documents.
func TestDocumentsMeetTheOfficialContracts_notices(t *testing.T) {
	t.Parallel()
	for want, tt := range map[string]struct {
		service string
		spoil   func(*openapi3.T)
	}{
		"createMessage request/data/attributes: messageReference": {"notify", func(doc *openapi3.T) {
			delete(doc.Components.Schemas["SingleMessage"].Value.Properties, "messageReference")
		}},
		"createMessageBatch 201/data/attributes/messages/*: id": {"notify", func(doc *openapi3.T) {
			delete(doc.Components.Schemas["CreatedMessage"].Value.Properties, "id")
		}},
		"ChannelStatusCallback/data/*/attributes: retryCount": {"notify", func(doc *openapi3.T) {
			delete(doc.Components.Schemas["ChannelStatusItem"].Value.Properties["attributes"].Value.Properties, "retryCount")
		}},
		"listInbox 200: messages": {"mesh", func(doc *openapi3.T) {
			delete(doc.Components.Schemas["Inbox"].Value.Properties, "messages")
		}},
		"sendMessage: required header parameter mex-to": {"mesh", func(doc *openapi3.T) {
			for _, p := range doc.Paths.Value("/messageexchange/{mailbox_id}/outbox").Post.Parameters {
				p.Value.Required = p.Value.Required && p.Value.Name != "mex-To"
			}
		}},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			doc := load(t, tt.service)
			tt.spoil(doc)
			if lacks := compare(readOfficial(t, tt.service), doc); !slices.Contains(lacks, want) {
				t.Errorf("lacks %q", lacks)
			}
		})
	}
}

// TestDocumentsStayWithinTheOfficialContracts fails when a document of ours
// describes an operation that the official one does not have.
func TestDocumentsStayWithinTheOfficialContracts(t *testing.T) {
	t.Parallel()
	for _, service := range []string{"pds", "notify", "mesh"} {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			theirs := readOfficial(t, service)
			for path, item := range load(t, service).Paths.Map() {
				for method := range item.Operations() {
					if method == http.MethodHead { // goes with GET, which the contracts list alone
						method = http.MethodGet
					}
					if theirs.operations[nameOf(method, path)] == nil {
						t.Errorf("%s %s is not in the official contract", method, path)
					}
				}
			}
		})
	}
}
