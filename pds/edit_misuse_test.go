package pds_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
)

// Wishes that no patch can express are refused, whatever is allowed.
func TestEdit_Patches_misuse(t *testing.T) {
	t.Parallel()
	everything := []string{"Name", "Address", "Telecom", "Contact", "GeneralPractice", "Communication", "BirthPlace", "Patient", "Patient.Version"}
	for name, test := range map[string]struct {
		record string
		edit   func(*pds.Edit)
		want   string
	}{
		"several":        {full, func(e *pds.Edit) { e.Name(pds.Old).SetFamily("Lee") }, "Name is there more than once for this use: choose one by its id"},
		"several phones": {full, func(e *pds.Edit) { e.Telecom(pds.Phone, pds.Work).Remove() }, "Telecom is there more than once for this use: choose one by its id\nTelecom is not there to be removed"},
		"unknown id":     {full, func(e *pds.Edit) { e.AddressByID("x").SetPostcode("LS1 1AA") }, "Address with this id is not in the record"},
		"no id":          {full, func(e *pds.Edit) { e.Contact("").SetTelecom() }, "Contact with this id is not in the record"},
		"no JSON": {full, func(e *pds.Edit) {
			e.Address(pds.Home).Set(pds.Address{Postcode: "ZZ99 3VZ", Extensions: []json.RawMessage{json.RawMessage(`{"url":`)}})
		}, "Address.Extensions must be FHIR extensions"},
		"no JSON of a contact": {full, func(e *pds.Edit) {
			e.Contact("c1").SetTelecom(pds.ContactPoint{System: pds.Phone, Value: "1", Extensions: []json.RawMessage{nil}})
		}, "Contact.Telecom must be FHIR extensions"},
		"no JSON of a name": {full, func(e *pds.Edit) {
			e.Name(pds.Usual).Set(pds.HumanName{Family: "Lee", Extensions: []json.RawMessage{nil}})
		}, "Name.Extensions must be FHIR extensions"},
		"no JSON of a period": {full, func(e *pds.Edit) {
			e.Name(pds.Usual).SetPeriod(pds.Period{Start: "1990-01-01", Extensions: []json.RawMessage{nil}})
		}, "Name.Period must be FHIR extensions"},
		"no JSON of a new contact": {full, func(e *pds.Edit) {
			e.AddContact(pds.Contact{Telecom: []pds.ContactPoint{{System: pds.Phone, Value: "1"}}, Extensions: []json.RawMessage{nil}})
		}, "Contact.Extensions must be FHIR extensions"},
		"nothing there":    {full, func(e *pds.Edit) { e.Address(pds.Billing).Remove() }, "Address is not there to be removed"},
		"no birth place":   {full, func(e *pds.Edit) { e.RemoveBirthPlace() }, "BirthPlace is not there to be removed"},
		"version unknown":  {`{"resourceType":"Patient","id":"9990000018","meta":{"security":[{"code":"U"}]}}`, func(e *pds.Edit) { e.SetGender(pds.Male) }, "Patient.Version must be known: get the patient first"},
		"version odd":      {`{"resourceType":"Patient","id":"9990000018","meta":{"versionId":"2\r\nX: y"}}`, func(e *pds.Edit) { e.SetGender(pds.Male) }, "Patient.Version must be known: get the patient first"},
		"item without id":  {`{"resourceType":"Patient","id":"9990000018","meta":{"versionId":"2"},"name":[{"use":"usual"}]}`, func(e *pds.Edit) { e.Name(pds.Usual).SetFamily("Lee") }, "Name has no id from PDS, so it cannot be changed"},
		"removed, no id":   {`{"resourceType":"Patient","id":"9990000018","meta":{"versionId":"2"},"name":[{"use":"old"}]}`, func(e *pds.Edit) { e.Name(pds.Old).Remove() }, "Name has no id from PDS, so it cannot be changed"},
		"others unchanged": {`{"resourceType":"Patient","id":"9990000018","meta":{"versionId":"2"},"name":[{"use":"usual"}]}`, func(e *pds.Edit) { e.SetGender(pds.Male) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			edit := parse(t, test.record).Edit()
			edit.Allow(everything...)
			test.edit(edit)
			patches, err := edit.Patches()
			if test.want == "" {
				if err != nil || len(patches) == 0 {
					t.Errorf("got %v, %v", patches, err)
				}
				return
			}
			if err == nil || err.Error() != test.want || !errors.Is(err, nhs.ErrInvalid) || patches != nil {
				t.Errorf("got %v, %v, want %s", patches, err, test.want)
			}
		})
	}
}
