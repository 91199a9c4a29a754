package pdstest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// The numbered rules of patches, as far as they refuse.
func TestServer_update_rules(t *testing.T) {
	t.Parallel()
	const update = "Invalid update with error - "
	const usual = `{"op":"test","path":"/name/0/id","value":"n1"}`
	for name, tt := range map[string]struct {
		patches           string // the list, or a whole body
		status            int
		code, diagnostics string
	}{
		"2: none of the patches, if one fails": {
			`{"op":"replace","path":"/gender","value":"male"},{"op":"remove","path":"/multipleBirthInteger"}`,
			400, "INVALID_UPDATE", update + "Invalid patch - can't remove non-existent object 'multipleBirthInteger'",
		},
		"3: a new item at a place": {
			`{"op":"add","path":"/name/1","value":{"use":"nickname","family":"Nan"}}`,
			400, "INVALID_UPDATE", update + "no id or url found for path with root /name/1",
		},
		"3: a new item with an id": {
			`{"op":"add","path":"/name/-","value":{"id":"n9","use":"nickname","family":"Nan"}}`,
			400, "INVALID_UPDATE", update + "no 'name' resources with object id 'n9'",
		},
		"3: a new list": {
			`{"op":"add","path":"/name","value":[]}`,
			400, "INVALID_UPDATE", update + "no id or url found for path with root /name",
		},
		"4: a part of an item that is not named": {
			`{"op":"replace","path":"/address/0/line/0","value":"2 High Street"},{"op":"replace","path":"/address/0/postalCode","value":"LS1 4BU"}`,
			400, "INVALID_UPDATE", update + "no id or url found for path with root /address/0",
		},
		"4: not named, and out of bounds": {
			`{"op":"replace","path":"/address/7/line/0","value":"2 High Street"}`,
			400, "INVALID_UPDATE", update + "no id or url found for path with root /address/7",
		},
		"4: another item is named": {
			`{"op":"test","path":"/address/1/id","value":"a2"},{"op":"replace","path":"/address/0/postalCode","value":"LS1 4BU"}`,
			400, "INVALID_UPDATE", update + "no id or url found for path with root /address/0",
		},
		"4: a part of an extension without its URL": {
			`{"op":"replace","path":"/extension/0/valueReference/identifier/value","value":"FWC88"}`,
			400, "INVALID_UPDATE", update + "no id or url found for path with root /extension/0",
		},
		"4: the wrong name": {
			`{"op":"replace","path":"/address/0/id","value":"123456"},{"op":"replace","path":"/address/0/postalCode","value":"LS1 4BU"}`,
			400, "INVALID_UPDATE", update + "no 'address' resources with object id '123456'",
		},
		"4: the wrong name only": {
			`{"op":"replace","path":"/address/0/id","value":"123456"}`,
			400, "INVALID_UPDATE", update + "no 'address' resources with object id '123456'",
		},
		"4: the wrong URL": {
			`{"op":"add","path":"/extension/0/url","value":"x"}`,
			400, "INVALID_UPDATE", update + "no 'extension' resources with object url 'x'",
		},
		"5: a whole item without its id": {
			`{"op":"replace","path":"/name/0","value":{"use":"usual","family":"Capone"}}`,
			400, "INVALID_UPDATE", update + "no id or url found for path with root /name/0",
		},
		"5: a whole item with another's id": {
			`{"op":"replace","path":"/name/0","value":{"id":"n2","use":"usual","family":"Capone"}}`,
			400, "INVALID_UPDATE", update + "no 'name' resources with object id 'n2'",
		},
		"6: a removal without a test": {
			`{"op":"remove","path":"/name/1"}`,
			400, "INVALID_UPDATE", update + "removal '/name/1' is not immediately preceded by equivalent test - instead it is the first item",
		},
		"6: something between the test and the removal": {
			`{"op":"test","path":"/name/1/id","value":"n2"},{"op":"replace","path":"/gender","value":"male"},{"op":"remove","path":"/name/1"}`,
			400, "INVALID_UPDATE", update + "removal '/name/1' is not immediately preceded by equivalent test - instead it is preceded by 'replace /gender'",
		},
		"6: a test of another item": {
			`{"op":"test","path":"/name/2/id","value":"n3"},{"op":"remove","path":"/name/1"}`,
			400, "INVALID_UPDATE", update + "removal '/name/1' is not immediately preceded by equivalent test - instead it is preceded by 'test /name/2/id'",
		},
		"6: a test of something else in the item": {
			`{"op":"test","path":"/name/1/family","value":"Jones"},{"op":"remove","path":"/name/1"}`,
			400, "INVALID_UPDATE", update + "removal '/name/1' is not immediately preceded by equivalent test - instead it is preceded by 'test /name/1/family'",
		},
		"6: removals in ascending order": {
			`{"op":"test","path":"/name/1/id","value":"n2"},{"op":"remove","path":"/name/1"},
			{"op":"test","path":"/name/2/id","value":"n3"},{"op":"remove","path":"/name/2"}`,
			400, "INVALID_UPDATE", update + "Invalid patch - index '2' is out of bounds",
		},
		"7: a place that is out of bounds": {
			`{"op":"test","path":"/name/7/id","value":"n1"},{"op":"remove","path":"/name/7"}`,
			400, "INVALID_UPDATE", update + "Invalid patch - index '7' is out of bounds",
		},
		"7: a replacement that is out of bounds": {
			`{"op":"replace","path":"/name/7","value":{"id":"n7","use":"old","family":"Capone"}}`,
			400, "INVALID_UPDATE", update + "Invalid patch - index '7' is out of bounds",
		},
		"7: no such member": {
			`{"op":"test","path":"/address/1/id","value":"a2"},{"op":"replace","path":"/address/1/line","value":["2 High Street","Leeds"]}`,
			400, "INVALID_UPDATE", update + "Invalid patch - can't replace non-existent object 'line'",
		},
		"7: nothing to remove": {
			usual + `,{"op":"remove","path":"/name/0/suffix/0"}`,
			400, "INVALID_UPDATE", update + "Invalid patch - can't remove non-existent object '0'",
		},
		"7: a test that fails": {
			`{"op":"test","path":"/name/1/id","value":"n1"},{"op":"remove","path":"/name/1"}`,
			400, "INVALID_UPDATE", update + "Invalid patch - n2 (<class 'str'>) is not equal to tested value n1 (<class 'str'>)",
		},
		"7: a test of a whole item that fails": {
			`{"op":"test","path":"/extension/1","value":{"url":"` + ukCore + `NHSCommunication","extension":[
				{"url":"language","valueCodeableConcept":{"coding":" "}},{"url":"interpreterRequired","valueBoolean":false}]}},
			{"op":"remove","path":"/extension/1"}`,
			400, "INVALID_UPDATE", update + "Invalid patch - {'extension': [{'url': 'language', 'valueCodeableConcept': {'coding': [{'code': 'fr'}]}}, " +
				"{'url': 'interpreterRequired', 'valueBoolean': True}], 'url': '" + ukCore + "NHSCommunication'} (<class 'dict'>) is not equal to tested value " +
				"{'extension': [{'url': 'language', 'valueCodeableConcept': {'coding': ' '}}, {'url': 'interpreterRequired', 'valueBoolean': False}], " +
				"'url': '" + ukCore + "NHSCommunication'} (<class 'dict'>)",
		},
		"7: tests of other types": {
			`{"op":"test","path":"/gender","value":null}`,
			400, "INVALID_UPDATE", update + "Invalid patch - female (<class 'str'>) is not equal to tested value None (<class 'NoneType'>)",
		},
		"7: tests of numbers and lists": {
			`{"op":"test","path":"/name/0/given","value":[1,2.5,true]}`,
			400, "INVALID_UPDATE", update + "Invalid patch - ['Anna', 'Mary Jane'] (<class 'list'>) is not equal to tested value [1, 2.5, True] (<class 'list'>)",
		},
		"7: no index": {
			`{"op":"test","path":"/name/x/id","value":"n1"}`,
			400, "INVALID_UPDATE", update + "Invalid patch - 'x' is not a valid sequence index",
		},
		"7: into a text": {
			`{"op":"test","path":"/gender/0","value":"f"}`,
			400, "INVALID_UPDATE", update + "Invalid patch - unable to fully resolve json pointer, part '0'",
		},
		"7: an unknown member": {
			`{"op":"test","path":"/contact/0/name","value":"f"}`,
			400, "INVALID_UPDATE", update + "Invalid patch - member 'name' not found in {'id': 'c1', 'relationship': [{'coding': [{'code': 'C'}]}], " +
				"'telecom': [{'system': 'phone', 'value': '01632960588'}]}",
		},
		"7: an unknown operation": {`{"op":"bad_value","path":"not a path"}`, 400, "INVALID_VALUE", "Invalid value - 'bad_value' in field '0/op'"},
		"7: no pointer":           {`{"op":"remove","path":"not a path"}`, 400, "INVALID_VALUE", "Invalid value - 'not a path' in field '0/path'"},
		"7: no operation":         {`{"path":"/gender"}`, 400, "MISSING_VALUE", "Missing value - '0/op'"},
		"7: no path":              {`{"op":"remove"}`, 400, "MISSING_VALUE", "Missing value - '0/path'"},
		"7: no value":             {`{"op":"add","path":"/gender"}`, 400, "MISSING_VALUE", "Missing value - '0/value'"},
		"7: a path of numbers":    {`{"op":"add","path":[1]}`, 400, "INVALID_VALUE", "Invalid value - '[1]' in field '0/path'"},
		"7: more than a patch":    {`{"op":"remove","path":"/gender","from":"/x"}`, 400, "ADDITIONAL_PROPERTIES", "Invalid request with error - Additional properties are not allowed ('from' was unexpected)"},
		"7: no patch":             {`7`, 400, "INVALID_VALUE", "Invalid value - '7' in field '0'"},
		"7: no patches":           {`{}`, 400, "INVALID_UPDATE", update + "No patches found"},
		"7: an empty list":        {`{"patches":[]}`, 400, "INVALID_UPDATE", update + "No patches found"},
		"7: no list":              {`{"patches":{"a":"it's"}}`, 400, "INVALID_VALUE", `Invalid value - '{'a': "it's"}' in field 'patches'`},
		"7: more than patches":    {`{"patches":[{"op":"remove","path":"/gender"}],"b":1,"a":1}`, 400, "ADDITIONAL_PROPERTIES", "Invalid request with error - Additional properties are not allowed ('a', 'b' were unexpected)"},
		"7: a bare list":          {`[]`, 400, "VALIDATION_ERROR", ""},
		"7: no JSON":              {`{"patches":`, 400, "VALIDATION_ERROR", ""},
		"8: what is there already": {
			`{"op":"replace","path":"/gender","value":"female"}`,
			400, "INVALID_UPDATE", update + "Invalid patch - Provided patch made no changes to the resource",
		},
		"8: only tests": {
			usual, 400, "INVALID_UPDATE", update + "Invalid patch - Provided patch made no changes to the resource",
		},
		"8: there and back": {
			`{"op":"replace","path":"/gender","value":"male"},{"op":"replace","path":"/gender","value":"female"}`,
			400, "INVALID_UPDATE", update + "Invalid patch - Provided patch made no changes to the resource",
		},
		"no such member of patients": {
			`{"op":"add","path":"/pets/-","value":"dog"}`,
			400, "INVALID_UPDATE", update + "Update unsupported for resource - 'pets'",
		},
		"a member of PDS's own": {
			`{"op":"replace","path":"/id","value":"9990000026"}`,
			400, "INVALID_UPDATE", update + "Update unsupported for resource - 'id'",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serveJSON(t, pdstest.Options{Token: worker()}, full)
			body := tt.patches
			if !strings.Contains(body, `"patches"`) && body != "{}" && body != "[]" {
				body = `{"patches":[` + body + `]}`
			}
			rec := send(s, http.MethodPatch, own, body, nil)
			refused(t, rec, tt.status, tt.code, tt.diagnostics)
			sameJSON(t, full, get(s, own).Body.Bytes()) // nothing has happened
		})
	}
}

// The numbered rules of patches, as far as they allow.
func TestServer_update(t *testing.T) {
	t.Parallel()
	period := map[string]any{"start": "2026-01-05"}
	named := func(id, use, family string, more ...any) map[string]any {
		n := map[string]any{"id": id, "use": use, "family": family}
		for i := 0; i < len(more); i += 2 {
			n[fmt.Sprint(more[i])] = more[i+1]
		}
		return n
	}
	anna := named("n1", "usual", "Capon", "given", []any{"Anna", "Mary Jane"}, "prefix", []any{"Mrs"})
	jones := named("n2", "old", "Jones", "given", []any{"Anna"}, "suffix", []any{"MBE"})
	smith := named("n3", "maiden", "Smith")
	for name, tt := range map[string]struct {
		patches string
		member  string
		want    any
	}{
		"1: a scalar":  {`{"op":"replace","path":"/gender","value":"unknown"}`, "gender", "unknown"},
		"10: a number": {`{"op":"add","path":"/multipleBirthInteger","value":2}`, "multipleBirthInteger", 2.0},
		"3: a new item, with an id and a period of PDS's, in PDS's order": {
			`{"op":"add","path":"/name/-","value":{"use":"nickname","family":"Nan","prefix":["mrs."," "],"suffix":[""]}}`,
			"name",
			[]any{anna, named("00000001", "nickname", "Nan", "period", period, "prefix", []any{"Mrs"}), smith, jones},
		},
		"4: a part of a named item": {
			`{"op":"test","path":"/name/0/id","value":"n1"},{"op":"replace","path":"/name/0/given/0","value":"Ann"}`,
			"name",
			[]any{named("n1", "usual", "Capon", "given", []any{"Ann", "Mary Jane"}, "prefix", []any{"Mrs"}), smith, jones},
		},
		"4: named afterwards, by add": {
			`{"op":"add","path":"/name/0/suffix","value":["Esquire"]},{"op":"add","path":"/name/0/id","value":"n1"}`,
			"name",
			[]any{named("n1", "usual", "Capon", "given", []any{"Anna", "Mary Jane"}, "prefix", []any{"Mrs"}, "suffix", []any{"Esquire"}), smith, jones},
		},
		"4: named by replace, into a list": {
			`{"op":"replace","path":"/name/1/id","value":"n2"},{"op":"add","path":"/name/1/given/0","value":"Rose"},{"op":"add","path":"/name/1/given/2","value":"May"}`,
			"name",
			[]any{anna, smith, named("n2", "old", "Jones", "given", []any{"Rose", "Anna", "May"}, "suffix", []any{"MBE"})},
		},
		"5: a whole item, whose period begins today": {
			`{"op":"replace","path":"/telecom/0","value":{"id":"t1","system":"phone","use":"home","value":"01632960001"}}`,
			"telecom",
			[]any{
				map[string]any{"id": "t1", "system": "phone", "use": "home", "value": "01632960001", "period": period},
				map[string]any{"id": "t2", "system": "phone", "use": "mobile", "value": "07700900001"},
				map[string]any{"id": "t3", "system": "email", "use": "home", "value": "anna@example.com"},
			},
		},
		"6: a removal": {
			`{"op":"test","path":"/name/1/id","value":"n2"},{"op":"remove","path":"/name/1"}`, "name", []any{anna, smith},
		},
		"6: removals in descending order": {
			`{"op":"test","path":"/name/2/id","value":"n3"},{"op":"remove","path":"/name/2"},{"op":"test","path":"/name/1/id","value":"n2"},{"op":"remove","path":"/name/1"}`,
			"name",
			[]any{anna},
		},
		"6: a removal with a test of the whole": {
			`{"op":"test","path":"/address/1","value":{"id":"a2","use":"work","postalCode":"LS1 1AA"}},{"op":"remove","path":"/address/1"}`,
			"address",
			[]any{map[string]any{"id": "a1", "use": "home", "line": []any{"1 High Street", "Leeds"}, "postalCode": "LS1 6AE"}},
		},
		"6: a removal with a test of the URL": {
			`{"op":"test","path":"/extension/1/url","value":"` + ukCore + `NHSCommunication"},{"op":"remove","path":"/extension/1"},
			{"op":"test","path":"/extension/0/url","value":"` + ukCore + `NominatedPharmacy"},{"op":"remove","path":"/extension/0"}`,
			"extension", nil,
		},
		"6: the last item of a list": {
			`{"op":"test","path":"/contact/0/id","value":"c1"},{"op":"remove","path":"/contact/0"}`, "contact", nil,
		},
		"6: an inner list": {
			`{"op":"test","path":"/name/1/id","value":"n2"},{"op":"remove","path":"/name/1/suffix"}`,
			"name",
			[]any{anna, smith, named("n2", "old", "Jones", "given", []any{"Anna"})},
		},
		"a test that holds, of an absent list too": {
			`{"op":"test","path":"/name/0/suffix","value":[]},{"op":"test","path":"/gender","value":"female"},{"op":"replace","path":"/gender","value":"male"}`,
			"gender", "male",
		},
		"an extension within an extension": {
			`{"op":"replace","path":"/extension/1/extension/1","value":{"url":"interpreterRequired","valueBoolean":false}}`,
			"extension",
			[]any{
				map[string]any{"url": ukCore + "NominatedPharmacy", "valueReference": map[string]any{"identifier": map[string]any{"value": "FWC87"}}},
				map[string]any{"url": ukCore + "NHSCommunication", "extension": []any{
					map[string]any{"url": "language", "valueCodeableConcept": map[string]any{"coding": []any{map[string]any{"code": "fr"}}}},
					map[string]any{"url": "interpreterRequired", "valueBoolean": false},
				}},
			},
		},
		"escapes": {
			`{"op":"test","path":"/name/0/id","value":"n1"},{"op":"add","path":"/name/0/given/-","value":"Eve"},{"op":"remove","path":"/multiple~1Birth"}`, "", nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serveJSON(t, pdstest.Options{Token: worker()}, full)
			rec := patch(s, tt.patches)
			if tt.member == "" {
				refused(t, rec, 400, "INVALID_UPDATE", "Invalid update with error - Update unsupported for resource - 'multiple/Birth'")
				return
			}
			var patient map[string]any
			if err := json.Unmarshal(rec.Body.Bytes(), &patient); err != nil || rec.Code != 200 {
				t.Fatalf("got %d %s", rec.Code, rec.Body)
			}
			if diff := cmp.Diff(tt.want, patient[tt.member]); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.member, diff)
			}
			if rec.Header().Get("ETag") != `W/"2"` || rec.Header().Get("Content-Type") != "application/fhir+json" {
				t.Errorf("headers %v", rec.Header())
			}
			sameJSON(t, rec.Body.String(), get(s, own).Body.Bytes())
		})
	}
}
