package pds_test

import (
	"encoding/json"
	"testing"

	"github.com/personalised-prevention/nhs/pds"
)

func TestPatient_RecordSharingConsent(t *testing.T) {
	t.Parallel()
	const record = `{"resourceType":"Patient","id":"9990000018","extension":[{"url":"https://hl7.org/fhir/R4/consent.html","extension":[
		{"url":"consentType","valueCodeableConcept":{"coding":[{"code":"4","display":"NCRS"}]}},
		{"url":"consentValue","valueCodeableConcept":{"coding":[{"code":"2","display":"Dissent"}]}}]}]}`
	var p pds.Patient
	if err := json.Unmarshal([]byte(record), &p); err != nil {
		t.Fatal(err)
	}
	consent, ok := p.RecordSharingConsent()
	if !ok || consent.Type.Code != "4" || consent.Value.Code != "2" || consent.Value.Display != "Dissent" {
		t.Errorf("got %v, %v", consent, ok)
	}
	if _, ok := (pds.Patient{}).RecordSharingConsent(); ok {
		t.Error("a choice that nobody made")
	}
}
