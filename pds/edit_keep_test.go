package pds_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/pds"
)

// extended is a record with extensions in places where PDS documents none.
const extended = `{
	"resourceType": "Patient", "id": "9990000018",
	"meta": {"versionId": "7", "security": [{"code": "U"}]},
	"name": [{"id": "n1", "use": "usual", "family": "Capon", "prefix": ["Mrs"], "extension": [{"url": "kept"}],
		"period": {"start": "1990-01-01", "extension": [{"url": "kept"}]}}],
	"telecom": [{"id": "t1", "system": "phone", "use": "home", "value": "01632960001", "period": {"start": "1990-01-01", "extension": [{"url": "kept"}]}}],
	"contact": [{"id": "c1", "relationship": [{"coding": [{"code": "C"}], "extension": [{"url": "kept"}]}], "period": {"start": "1990-01-01"},
		"telecom": [{"system": "phone", "value": "01632960002"}], "extension": [{"url": "kept"}]}],
	"generalPractitioner": [{"id": "g1", "identifier": {"value": "A20047"}, "extension": [{"url": "kept"}]}]
}`

// A change leaves the extensions of what it changes, also where PDS wants the
// whole item.
func TestEdit_Patches_keepExtensions(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		edit func(*pds.Edit)
		want []string
	}{
		"name without a part": {func(e *pds.Edit) { e.Name(pds.Usual).SetPrefix() }, []string{
			`replace /name/0 {"extension":[{"url":"kept"}],"family":"Capon","id":"n1","period":{"extension":[{"url":"kept"}],"start":"1990-01-01"},"use":"usual"}`,
		}},
		"telecom": {func(e *pds.Edit) { e.Telecom(pds.Phone, pds.Home).SetValue("1") }, []string{
			`replace /telecom/0 {"id":"t1","period":{"extension":[{"url":"kept"}],"start":"1990-01-01"},"system":"phone","use":"home","value":"1"}`,
		}},
		"contact without a period": {func(e *pds.Edit) { e.Contact("c1").SetPeriod(pds.Period{}) }, []string{
			`replace /contact/0 {"extension":[{"url":"kept"}],"id":"c1","relationship":[{"coding":[{"code":"C"}],"extension":[{"url":"kept"}]}],"telecom":[{"system":"phone","value":"01632960002"}]}`,
		}},
		"practice": {func(e *pds.Edit) { e.SetGeneralPractice("B81001") }, []string{
			`test /generalPractitioner/0/id "g1"`,
			`replace /generalPractitioner/0/identifier {"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"B81001"}`,
		}},
		"period": {func(e *pds.Edit) { e.Name(pds.Usual).SetPeriod(pds.Period{Start: "1991-01-01"}) }, []string{
			`test /name/0/id "n1"`, `replace /name/0/period {"extension":[{"url":"kept"}],"start":"1991-01-01"}`,
		}},
		"the same period": {func(e *pds.Edit) { e.Name(pds.Usual).SetPeriod(pds.Period{Start: "1990-01-01"}) }, nil},
		"no period": {func(e *pds.Edit) { e.Name(pds.Usual).SetPeriod(pds.Period{}) }, []string{
			`replace /name/0 {"extension":[{"url":"kept"}],"family":"Capon","id":"n1","prefix":["Mrs"],"use":"usual"}`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			edit := parse(t, extended).Edit()
			test.edit(edit)
			patches, err := edit.Patches()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, shown(t, patches)); diff != "" {
				t.Errorf("patches (-want +got):\n%s", diff)
			}
		})
	}
}
