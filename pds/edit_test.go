package pds_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
)

// full is a record with something in every place that can change.
const full = `{
	"resourceType": "Patient", "id": "9990000018",
	"meta": {"versionId": "7", "security": [{"code": "U"}]},
	"name": [
		{"id": "n1", "use": "usual", "given": ["Anna"], "family": "Capon", "period": {"start": "1990-01-01"}},
		{"id": "n2", "use": "nickname", "given": ["Annie"]},
		{"id": "n3", "use": "old", "family": "Smith"},
		{"id": "n4", "use": "old", "family": "Jones"}],
	"gender": "female", "birthDate": "1953-05-29",
	"address": [
		{"id": "a1", "use": "temp", "text": "Caravan", "line": ["The Pitch", "Whitby"], "period": {"start": "2025-12-01", "end": "2026-01-31"}},
		{"id": "a2", "use": "home", "line": [null, "1 High Street", null, "Leeds", null],
			"_line": [{"extension": []}, null, {"extension": []}, null, {"extension": []}], "postalCode": "LS1 1AA",
			"extension": [{"url": "x/Extension-UKCore-AddressKey", "extension": [{"url": "type", "valueCoding": {"code": "UPRN"}}, {"url": "value", "valueString": "1"}]},
				{"url": "https://example.org/kept"}]},
		{"id": "a3", "use": "work", "line": ["Mill", "", "", "Leeds"]}],
	"telecom": [
		{"id": "t1", "system": "phone", "use": "home", "value": "01632960001"},
		{"id": "t2", "system": "email", "use": "home", "value": "anna@example.com", "extension": [{"url": "https://example.org/kept"}]},
		{"id": "t3", "system": "phone", "use": "work", "value": "1"},
		{"id": "t4", "system": "phone", "use": "work", "value": "2"}],
	"contact": [{"id": "c1", "relationship": [{"coding": [{"code": "C"}]}], "telecom": [{"system": "phone", "value": "01632960002"}]}],
	"generalPractitioner": [{"id": "g1", "type": "Organization", "identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "A20047", "period": {"start": "2020-01-01", "end": "2025-01-01"}}}],
	"extension": [
		{"url": "https://example.org/other"},
		{"url": "https://fhir.nhs.uk/R4/StructureDefinition/Extension-UKCore-NominatedPharmacy", "valueReference": {"identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "FA123"}}},
		{"url": "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSCommunication", "extension": [
			{"url": "language", "valueCodeableConcept": {"coding": [{"system": "https://fhir.hl7.org.uk/CodeSystem/UKCore-HumanLanguage", "version": "1.0.0", "code": "fr", "display": "French"}]}},
			{"url": "interpreterRequired", "valueBoolean": true}, {"url": "new", "valueString": "kept"}]}]
}`

func lines() pds.AddressLines {
	return pds.AddressLines{Premises: "2", Street: "Low Road", Town: "Leeds"}
}

// What every method makes of the full record.
func TestEdit_Patches(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		edit func(*pds.Edit)
		want []string
	}{
		"nothing":               {func(*pds.Edit) {}, nil},
		"gender":                {func(e *pds.Edit) { e.SetGender(pds.Male) }, []string{`replace /gender "male"`}},
		"the later wish counts": {func(e *pds.Edit) { e.SetGender("x"); e.SetGender(pds.Female) }, nil},
		"birth date":            {func(e *pds.Edit) { e.SetBirthDate(day("1953-05-30")) }, []string{`replace /birthDate "1953-05-30"`}},
		"multiple birth":        {func(e *pds.Edit) { e.SetMultipleBirth(2) }, []string{`add /multipleBirthInteger 2`}},
		"death": {func(e *pds.Edit) { e.SetDeath("2026-01-02T03:04:05+00:00") }, []string{
			`add /deceasedDateTime "2026-01-02T03:04:05+00:00"`,
			`add /extension/- {"extension":[{"url":"deathNotificationStatus","valueCodeableConcept":{"coding":[{"code":"1","display":"Informal - death notice received via an update from a local NHS Organisation such as GP or Trust","system":"https://fhir.hl7.org.uk/CodeSystem/UKCore-DeathNotificationStatus","version":"1.0.0"}]}}],"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeathNotificationStatus"}`,
		}},
		"name": {func(e *pds.Edit) {
			e.Name(pds.Usual).SetFamily("O'Brien").SetGiven("Zoë", "Mary Jane").SetPrefix("Mrs")
		}, []string{
			`test /name/0/id "n1"`, `replace /name/0/family "O'Brien"`, `replace /name/0/given ["Zoë","Mary Jane"]`, `add /name/0/prefix ["Mrs"]`,
		}},
		"name without a part": {func(e *pds.Edit) { e.NameByID("n3").SetFamily("").SetGiven("Ann") }, []string{
			`replace /name/2 {"given":["Ann"],"id":"n3","use":"old"}`,
		}},
		"whole name": {func(e *pds.Edit) { e.Name(pds.Usual).Set(pds.HumanName{ID: "x", Use: pds.Old, Family: "Capone"}) }, []string{
			`replace /name/0 {"family":"Capone","id":"n1","use":"usual"}`,
		}},
		"new name": {func(e *pds.Edit) { e.Name(pds.Maiden).SetFamily("Lee"); e.Name(pds.Maiden).SetGiven("Ann") }, []string{
			`add /name/- {"family":"Lee","given":["Ann"],"use":"maiden"}`,
		}},
		"another name": {func(e *pds.Edit) { e.AddName(pds.HumanName{ID: "x", Use: pds.Old, Family: "Lee"}) }, []string{
			`add /name/- {"family":"Lee","use":"old"}`,
		}},
		"removals from the end": {func(e *pds.Edit) {
			e.Name(pds.Nickname).Remove()
			e.NameByID("n4").Remove()
			e.AddName(pds.HumanName{Use: pds.Old, Family: "Lee"})
			e.Name(pds.Usual).SetSuffix("OBE")
		}, []string{
			`test /name/0/id "n1"`, `add /name/0/suffix ["OBE"]`,
			`test /name/3/id "n4"`, `remove /name/3`, `test /name/1/id "n2"`, `remove /name/1`,
			`add /name/- {"family":"Lee","use":"old"}`,
		}},
		"removed and wanted again": {func(e *pds.Edit) { n := e.Name(pds.Nickname); n.Remove(); n.SetGiven("Annie") }, nil},
		"removed for another": {func(e *pds.Edit) { e.Name(pds.Nickname).Remove(); e.Name(pds.Nickname).SetGiven("Nan") }, []string{
			`test /name/1/id "n2"`, `remove /name/1`, `add /name/- {"given":["Nan"],"use":"nickname"}`,
		}},
		"removed twice": {func(e *pds.Edit) {
			e.Name(pds.Nickname).Remove()
			e.Name(pds.Nickname).Remove()
			e.RemoveNominatedPharmacy()
			e.RemoveNominatedPharmacy()
		}, []string{
			`test /name/1/id "n2"`, `remove /name/1`,
			`test /extension/1/url "https://fhir.nhs.uk/R4/StructureDefinition/Extension-UKCore-NominatedPharmacy"`, `remove /extension/1`,
		}},
		"new and not wanted": {func(e *pds.Edit) { n := e.Name(pds.Maiden).SetFamily("Lee"); n.Remove() }, nil},
		"postcode": {func(e *pds.Edit) { e.Address(pds.Home).SetPostcode("LS1 6AE") }, []string{
			`test /address/1/id "a2"`, `replace /address/1/postalCode "LS1 6AE"`,
		}},
		"the same postcode": {func(e *pds.Edit) { e.Address(pds.Home).SetPostcode("LS1 1AA") }, nil},
		"lines": {func(e *pds.Edit) { e.Address(pds.Home).SetLines(lines()).SetPeriod(pds.Period{Start: "2026-01-01"}) }, []string{
			`test /address/1/id "a2"`, `replace /address/1/line ["2","Low Road","","Leeds"]`, `add /address/1/period {"start":"2026-01-01"}`,
		}},
		"keys": {func(e *pds.Edit) { e.Address(pds.Home).SetKeys(pds.AddressKey{Type: "PAF", Value: "12345678"}) }, []string{
			`test /address/1/id "a2"`, `replace /address/1/extension [{"url":"https://example.org/kept"},{"extension":[{"url":"type","valueCoding":{"code":"PAF","system":"https://fhir.hl7.org.uk/CodeSystem/UKCore-AddressKeyType"}},{"url":"value","valueString":"12345678"}],"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AddressKey"}]`,
		}},
		"moved": {func(e *pds.Edit) {
			e.Address(pds.Home).Set(pds.Address{Lines: []string{"3", "", "", "Hull"}, Postcode: "HU1 1AA"})
		}, []string{
			`replace /address/1 {"id":"a2","line":["3","","","Hull"],"postalCode":"HU1 1AA","use":"home"}`,
		}},
		"no postcode, and so the whole without nulls": {func(e *pds.Edit) {
			e.Address(pds.Temporary).SetText("Holiday Home").SetPeriod(pds.Period{})
			e.Allow("Address.Period", "Address.Lines")
		}, []string{
			`replace /address/0 {"id":"a1","line":["The Pitch","Whitby"],"text":"Holiday Home","use":"temp"}`,
		}},
		"read only text stays": {func(e *pds.Edit) { e.Address(pds.Temporary).SetPostcode("YO1 1AA") }, []string{
			`test /address/0/id "a1"`, `add /address/0/postalCode "YO1 1AA"`,
		}},
		"work": {func(e *pds.Edit) { e.Address(pds.Work).Remove() }, []string{`test /address/2/id "a3"`, `remove /address/2`}},
		"billing": {func(e *pds.Edit) {
			e.Address(pds.Billing).SetLines(lines()).SetPeriod(pds.Period{Start: "2026-01-01", End: "2026-12-31"})
		}, []string{`add /address/- {"line":["2","Low Road","","Leeds"],"period":{"end":"2026-12-31","start":"2026-01-01"},"use":"billing"}`}},
		"email, whole": {func(e *pds.Edit) {
			e.Telecom(pds.Email, pds.Home).SetValue("a@example.com").SetPeriod(pds.Period{Start: "2026-01-01"})
		}, []string{
			`replace /telecom/1 {"extension":[{"url":"https://example.org/kept"}],"id":"t2","period":{"start":"2026-01-01"},"system":"email","use":"home","value":"a@example.com"}`,
		}},
		"new mobile": {func(e *pds.Edit) { e.Telecom(pds.Phone, pds.Mobile).SetValue("07700900123") }, []string{
			`add /telecom/- {"system":"phone","use":"mobile","value":"07700900123"}`,
		}},
		"textphone": {func(e *pds.Edit) { e.Telecom(pds.Textphone, pds.Home).SetValue("01632960003") }, []string{
			`add /telecom/- {"extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-OtherContactSystem","valueCoding":{"code":"textphone","display":"Minicom (Textphone)","system":"https://fhir.hl7.org.uk/CodeSystem/UKCore-OtherContactSystem"}}],"system":"other","use":"home","value":"01632960003"}`,
		}},
		"telecom by id": {func(e *pds.Edit) { e.TelecomByID("t4").Remove() }, []string{`test /telecom/3/id "t4"`, `remove /telecom/3`}},
		"contact": {func(e *pds.Edit) {
			e.Contact("c1").SetTelecom(pds.ContactPoint{System: pds.Phone, Value: "01632960009"})
		}, []string{
			`test /contact/0/id "c1"`, `replace /contact/0/telecom [{"system":"phone","value":"01632960009"}]`,
		}},
		"contact's period": {func(e *pds.Edit) { e.Contact("c1").SetPeriod(pds.Period{Start: "2026-01-01"}) }, []string{`test /contact/0/id "c1"`, `add /contact/0/period {"start":"2026-01-01"}`}},
		"contact no more":  {func(e *pds.Edit) { e.Contact("c1").Remove() }, []string{`test /contact/0/id "c1"`, `remove /contact/0`}},
		"new contact": {func(e *pds.Edit) {
			e.AddContact(pds.Contact{Telecom: []pds.ContactPoint{{System: pds.Phone, Value: "1"}}})
		}, []string{`add /contact/- {"relationship":[{"coding":[{"code":"C","display":"Emergency Contact","system":"http://terminology.hl7.org/CodeSystem/v2-0131"}]}],"telecom":[{"system":"phone","value":"1"}]}`}},
		"practice":          {func(e *pds.Edit) { e.SetGeneralPractice("B81001") }, []string{`test /generalPractitioner/0/id "g1"`, `replace /generalPractitioner/0/identifier {"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"B81001"}`}},
		"the same practice": {func(e *pds.Edit) { e.SetGeneralPractice("B81001"); e.SetGeneralPractice("A20047") }, nil},
		"language": {func(e *pds.Edit) { e.SetCommunication(pds.Communication{Language: pds.Coding{Code: "q4"}}) }, []string{
			`replace /extension/2 {"extension":[{"url":"language","valueCodeableConcept":{"coding":[{"code":"q4","system":"https://fhir.hl7.org.uk/CodeSystem/UKCore-HumanLanguage"}]}},{"url":"interpreterRequired","valueBoolean":false},{"url":"new","valueString":"kept"}],"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSCommunication"}`,
		}},
		"the same language": {func(e *pds.Edit) {
			e.SetCommunication(pds.Communication{Language: pds.Coding{Code: "en"}})
			e.SetCommunication(pds.Communication{Language: pds.Coding{Code: "fr"}, InterpreterRequired: true})
		}, nil},
		"no language": {func(e *pds.Edit) { e.RemoveCommunication() }, []string{
			`test /extension/2/url "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSCommunication"`, `remove /extension/2`,
		}},
		"preference": {func(e *pds.Edit) {
			e.SetContactPreference(pds.ContactPreference{Method: pds.Coding{Code: "1"}, Times: "Not after 7pm"})
		}, []string{
			`add /extension/- {"extension":[{"url":"PreferredContactMethod","valueCodeableConcept":{"coding":[{"code":"1","system":"https://fhir.hl7.org.uk/CodeSystem/UKCore-PreferredContactMethod"}]}},{"url":"PreferredContactTimes","valueString":"Not after 7pm"}],"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-ContactPreference"}`,
		}},
		"pharmacies": {func(e *pds.Edit) {
			e.SetNominatedPharmacy("FX999")
			e.SetPreferredDispenser("D1234")
			e.SetMedicalApplianceSupplier("S1234")
		}, []string{
			`replace /extension/1 {"url":"https://fhir.nhs.uk/R4/StructureDefinition/Extension-UKCore-NominatedPharmacy","valueReference":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"FX999"}}}`,
			`add /extension/- {"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-PreferredDispenserOrganization","valueReference":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"D1234"}}}`,
			`add /extension/- {"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-MedicalApplianceSupplier","valueReference":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"S1234"}}}`,
		}},
		"the same pharmacy": {func(e *pds.Edit) { e.SetNominatedPharmacy("FA123") }, nil},
		"no pharmacy": {func(e *pds.Edit) { e.RemoveNominatedPharmacy() }, []string{
			`test /extension/1/url "https://fhir.nhs.uk/R4/StructureDefinition/Extension-UKCore-NominatedPharmacy"`, `remove /extension/1`,
		}},
		"extensions from the end": {func(e *pds.Edit) { e.RemoveNominatedPharmacy(); e.RemoveCommunication() }, []string{
			`test /extension/2/url "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSCommunication"`, `remove /extension/2`,
			`test /extension/1/url "https://fhir.nhs.uk/R4/StructureDefinition/Extension-UKCore-NominatedPharmacy"`, `remove /extension/1`,
		}},
		"birth place": {func(e *pds.Edit) { e.SetBirthPlace(pds.Place{City: "Leeds", Country: "1"}) }, []string{
			`add /extension/- {"url":"http://hl7.org/fhir/StructureDefinition/patient-birthPlace","valueAddress":{"city":"Leeds","country":"1"}}`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			edit := parse(t, full).Edit()
			test.edit(edit)
			patches, err := edit.Patches()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, shown(t, patches)); diff != "" {
				t.Errorf("patches (-want +got):\n%s", diff)
			}
			apply(t, []byte(full), patches)
		})
	}
}

// Once made, the same wishes change nothing.
func TestEdit_Patches_twice(t *testing.T) {
	t.Parallel()
	wish := func(record []byte) []pds.Patch {
		e := parse(t, string(record)).Edit()
		e.SetGender(pds.Unknown)
		e.SetBirthDate(day("1953-06-01"))
		e.SetMultipleBirth(9)
		e.SetDeath("2026-01-02")
		e.Name(pds.Usual).SetFamily("Lee").SetGiven("Ann").SetPrefix("Ms").SetSuffix("OBE").SetPeriod(pds.Period{Start: "2026-01-01"})
		e.Name(pds.Maiden).Set(pds.HumanName{Family: "Lee"})
		e.Address(pds.Home).Set(pds.Address{Lines: []string{"3", "", "", "Hull"}, Postcode: "HU1 1AA"})
		e.Address(pds.Temporary).SetLines(lines()).SetText("Second Home").SetKeys(pds.AddressKey{Type: "UPRN", Value: "12"})
		e.Address(pds.Billing).SetLines(lines()).SetPeriod(pds.Period{Start: "2026-01-01", End: "2026-12-31"})
		e.Telecom(pds.Email, pds.Home).SetValue("a@example.com")
		e.Telecom(pds.Textphone, pds.Work).SetValue("1")
		e.Contact("c1").SetTelecom(pds.ContactPoint{System: pds.Phone, Value: "2"})
		e.SetGeneralPractice("B81001")
		e.SetCommunication(pds.Communication{Language: pds.Coding{Code: "cy"}})
		e.SetContactPreference(pds.ContactPreference{Method: pds.Coding{Code: "3"}, WrittenFormat: pds.Coding{Code: "11"}})
		e.SetNominatedPharmacy("FX999")
		e.SetPreferredDispenser("D1234")
		e.SetMedicalApplianceSupplier("S1234")
		e.SetBirthPlace(pds.Place{District: "Leeds"})
		patches, err := e.Patches()
		if err != nil {
			t.Fatal(err)
		}
		return patches
	}
	patches := wish([]byte(full))
	if len(patches) < 25 {
		t.Errorf("only %s", shown(t, patches))
	}
	if again := wish(withIDs(t, apply(t, []byte(full), patches))); len(again) != 0 {
		t.Errorf("a second time: %s", shown(t, again))
	}
}

// shown are the patches with their values, members in order.
func shown(t *testing.T, patches []pds.Patch) []string {
	t.Helper()
	var all []string
	for _, p := range patches {
		text := p.Op + " " + p.Path
		if p.Value != nil {
			var v any
			if err := json.Unmarshal(p.Value, &v); err != nil {
				t.Fatal(err)
			}
			sorted, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			text += " " + string(sorted)
		}
		all = append(all, text)
	}
	return all
}

// withIDs gives new items ids, as PDS does.
func withIDs(t *testing.T, record []byte) []byte {
	t.Helper()
	var r map[string]any
	if err := json.Unmarshal(record, &r); err != nil {
		t.Fatal(err)
	}
	for name, list := range r {
		items, _ := list.([]any)
		for i, v := range items {
			if item, ok := v.(map[string]any); ok && name != "extension" && item["id"] == nil {
				item["id"] = fmt.Sprint(name, i)
			}
		}
	}
	out, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func day(text string) nhs.Date {
	d, err := nhs.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

const minimalUnrestricted = `{"resourceType":"Patient","id":"9990000018","meta":{"versionId":"2","security":[{"code":"U"}]}}`

// Lists that are not there yet come to be.
func TestEdit_Patches_ofNothing(t *testing.T) {
	t.Parallel()
	edit := parse(t, minimalUnrestricted).Edit()
	edit.Name(pds.Usual).SetFamily("Lee")
	edit.SetGender(pds.Unknown)
	edit.SetGeneralPractice("A20047")
	edit.SetNominatedPharmacy("FA123")
	patches, err := edit.Patches()
	if err != nil {
		t.Fatal(err)
	}
	p := parse(t, string(apply(t, []byte(minimalUnrestricted), patches)))
	name, _ := p.UsualName()
	if name.Family != "Lee" || p.Gender != pds.Unknown || p.GeneralPractice() != "A20047" || p.NominatedPharmacy() != "FA123" {
		t.Errorf("got %s", shown(t, patches))
	}
}

// A preview shows what changes, and not to what.
func TestEdit_masksItself(t *testing.T) {
	t.Parallel()
	edit := parse(t, full).Edit()
	edit.Address(pds.Home).SetPostcode("Unmistakable")
	edit.Name(pds.Usual).SetFamily(secret)
	patches, err := edit.Patches()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(patches[1]), "replace /name/0/family [value]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var log bytes.Buffer
	for _, v := range []any{edit, patches, patches[1], &patches[1]} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x", "%q"} {
			fmt.Fprintf(&log, verb+"\n", v)
		}
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(h).Info("x", "edit", edit, "patch", patches[1])
	}
	silent(t, log.String())
	if strings.Contains(log.String(), "Unmistakable") {
		t.Errorf("this shows an address: %s", log.String())
	}
	if edit.Number() != nhs.MustNumber(secret) || edit.ETag() != `W/"7"` {
		t.Errorf("number %v, tag %s", edit.Number(), edit.ETag())
	}
}
