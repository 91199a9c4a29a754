package pds_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
)

func TestPatient_losesNothing(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Patient", "Minimal_Patient", "Sensitive_Patient"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			roundTrip(t, sample(t, "pds/"+name+".json"))
		})
	}
	t.Run("PatientSearch", func(t *testing.T) {
		t.Parallel()
		var bundle struct {
			Entry []struct {
				Resource json.RawMessage `json:"resource"`
			} `json:"entry"`
		}
		if err := json.Unmarshal(sample(t, "pds/PatientSearch.json"), &bundle); err != nil || len(bundle.Entry) == 0 {
			t.Fatal("no entries", err)
		}
		for _, e := range bundle.Entry {
			roundTrip(t, e.Resource)
		}
	})
	t.Run("everything odd", func(t *testing.T) {
		t.Parallel()
		roundTrip(t, []byte(odd))
	})
}

// odd has what the published samples lack: partial dates, null lines, unknown
// codes and extensions, a legacy extension address, repeated and missing parts.
const odd = `{
	"resourceType": "Patient", "id": "9990000018",
	"meta": {"versionId": "17", "security": [{"code": "X", "display": "something new"}]},
	"identifier": [{"system": "a", "value": "b", "period": {"start": "1999"}}, {"extension": [{"url": "c", "valueMoney": {"value": 1.50}}]}],
	"name": [{"use": "maiden", "family": "Jones"}, {"use": "usual", "given": ["Jo Ann", "Zoë"], "period": {"end": "2001-02", "extension": [{"url": "e"}]}, "extension": [{"url": "f"}]}, {}],
	"gender": "something new", "birthDate": "1932-05", "multipleBirthInteger": 9, "deceasedDateTime": "2011-02-03T04:05:06",
	"address": [{"use": "home", "line": [null, "1 High Street"],
		"_line": [{"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}, null]},
		{"use": "temp", "text": "Holiday Home", "postalCode": "ZZ99 3VZ"}],
	"telecom": [{"system": "pager", "value": "1", "use": "old"}],
	"contact": [{"id": "C1", "relationship": [{"text": "neighbour", "extension": [{"url": "g"}]}, {"coding": [{"code": "C"}]}], "telecom": [{"value": "2"}],
		"extension": [{"url": "h", "valueInteger": 1}]}, {"period": {"extension": [{"url": "i"}]}}],
	"generalPractitioner": [{"id": "G1", "extension": [{"url": "j"}]}, {"identifier": {"value": "A20047"}}],
	"managingOrganization": {"type": "Organization", "identifier": {"value": "X", "extension": [{"url": "d"}]}, "extension": [{"url": "k"}]},
	"extension": [
		{"url": "https://fhir.nhs.uk/R4/StructureDefinition/Extension-UKCore-NominatedPharmacy", "valueReference": {"identifier": {"value": "FA123"}}},
		{"url": "https://example.org/new", "valueRatio": {"numerator": {"value": 10000000000000000000000.5}}, "nested": [1, null, {"x": "<&>"}]}
	]}`

func roundTrip(t *testing.T, document []byte) {
	t.Helper()
	var p pds.Patient
	if err := json.Unmarshal(document, &p); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	sameJSON(t, document, again)
}

func TestPatient_answers(t *testing.T) {
	t.Parallel()
	p := parse(t, string(sample(t, "pds/Patient.json")))
	name, named := p.UsualName()
	home, atHome := p.HomeAddress()
	notice, notified := p.DeathNotification()
	removal, removed := p.RemovedFromRegistration()
	communication, speaks := p.Communication()
	preference, prefers := p.ContactPreference()
	place, born := p.BirthPlace()
	textphone, other := p.Telecom[2].OtherSystem()
	verification, verified := p.Identifiers[0].Verification()
	pharmacy, found := p.Extension("Extension-UKCore-NominatedPharmacy")
	_, unknown := p.Extension("Extension-UKCore-Unknown")

	got := []any{
		p.ETag(), p.Restricted(), p.Deceased(), p.Superseded(nhs.MustNumber("9000000009")), p.Superseded(nhs.MustNumber(secret)),
		p.GeneralPractice(), p.NominatedPharmacy(), p.PreferredDispenser(), p.MedicalApplianceSupplier(),
		name.Family, named, home.Postcode, atHome, home.Keys(),
		notice, notified, removal.Reason.Code, removal.Period.Start.Date().String(), removed,
		communication.Language.Code, communication.InterpreterRequired, speaks,
		preference.Method.Code, preference.WrittenFormat.Code, preference.Times, prefers,
		place, born, textphone.Code, other, verification.Code, verified, strings.Contains(string(pharmacy), "Y12345"), found, unknown,
	}
	want := []any{
		`W/"2"`, false, true, false, true,
		"Y12345", "Y12345", "Y23456", "Y34567",
		"Smith", true, "LS1 6AE", true,
		[]pds.AddressKey{{Type: "PAF", Value: "12345678"}, {Type: "UPRN", Value: "123456789012"}},
		pds.DeathNotification{Status: pds.DeathFormal, Effective: "2010-10-22T00:00:00+00:00"},
		true, "SCT", "2020-01-01", true,
		"fr", true, true,
		"1", "12", "Not after 7pm", true,
		pds.Place{City: "Manchester", District: "Greater Manchester", Country: "GBR"},
		true, "textphone", true, "01", true, true, true, false,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

func TestPatient_answersOfNothing(t *testing.T) {
	t.Parallel()
	p := parse(t, minimal)
	if _, ok := p.UsualName(); ok {
		t.Error("a usual name")
	}
	if _, ok := p.HomeAddress(); ok {
		t.Error("a home address")
	}
	if _, ok := p.RemovedFromRegistration(); ok {
		t.Error("a removal")
	}
	if _, ok := p.BirthPlace(); ok {
		t.Error("a birth place")
	}
	if p.ETag() != "" || p.GeneralPractice() != "" || p.NominatedPharmacy() != "" || p.Deceased() {
		t.Error("a version, a practice, a pharmacy or a death")
	}
}

// Whatever is not plainly unrestricted is restricted.
func TestPatient_Restricted(t *testing.T) {
	t.Parallel()
	for security, want := range map[string]bool{
		`[{"code":"U"}]`: false, `[{"code":"R"}]`: true, `[{"code":"V"}]`: true, `[{"code":"REDACTED"}]`: true,
		`[{"code":"u"}]`: true, `[{}]`: true, `[]`: true, `null`: true, `[{"code":"U"},{"code":"R"}]`: true,
	} {
		p := parse(t, `{"resourceType":"Patient","id":"9990000018","meta":{"security":`+security+`}}`)
		if got := p.Restricted(); got != want {
			t.Errorf("security %s: restricted %t, want %t", security, got, want)
		}
	}
	if !parse(t, minimal).Restricted() {
		t.Error("a record without meta is not restricted")
	}
}

func TestPatient_Deceased(t *testing.T) {
	t.Parallel()
	notice := func(parts string) string {
		return `"extension":[{"url":"x/Extension-UKCore-DeathNotificationStatus","extension":[` + parts + `]}]`
	}
	status := func(code string) string {
		return notice(`{"url":"deathNotificationStatus","valueCodeableConcept":{"coding":[{"code":"` + code + `"}]}}`)
	}
	const day = `"deceasedDateTime":"2010"`
	for members, want := range map[string]bool{
		day:                      true,
		status("1"):              true,
		status("2") + "," + day:  true,
		status("U"):              false,
		status("U") + "," + day:  false,
		status("99"):             true,
		notice(``):               true,
		notice(`{"url":1}`):      true, // unreadable, and still a notice
		`"gender":"female"`:      false,
		`"extension":[null,1,2]`: false,
	} {
		p := parse(t, `{"resourceType":"Patient","id":"9990000018",`+members+`}`)
		if got := p.Deceased(); got != want {
			t.Errorf("%s: deceased %t, want %t", members, got, want)
		}
	}
}

func TestPatient_AgeOn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		born, on string
		age      int
		ok       bool
	}{
		{"1990-05-17", "2026-05-16", 35, true},
		{"1990-05-17", "2026-05-17", 36, true},
		{"1990-05-17", "1990-05-17", 0, true},
		{"1990-05-17", "1990-05-16", 0, false},
		{"2004-02-29", "2026-02-28", 21, true},
		{"2004-02-29", "2026-03-01", 22, true},
		{"2004-02-29", "2024-02-29", 20, true},
		{"1932-05", "2026-04-30", 93, true},
		{"1932-05", "2026-05-01", 0, false},
		{"1932-05", "2026-05-31", 94, true},
		{"1932", "2026-12-31", 94, true},
		{"1932", "2026-06-01", 0, false},
		{"1990-05-17", "2026-05", 0, false},
		{"", "2026-05-17", 0, false},
	} {
		p := pds.Patient{}
		if test.born != "" {
			p.BirthDate = date(t, test.born)
		}
		age, ok := p.AgeOn(date(t, test.on))
		if ok != test.ok || (ok && age != test.age) {
			t.Errorf("born %q on %s: %d, %t; want %d, %t", test.born, test.on, age, ok, test.age, test.ok)
		}
	}
}

func TestDateTime_Date(t *testing.T) {
	t.Parallel()
	for text, want := range map[pds.DateTime]string{
		"2010-10-22T23:59:59+00:00": "2010-10-22", "2010-10-22T00:00:00": "2010-10-22", "2010-10-22": "2010-10-22",
		"2010-10": "2010-10", "2010": "2010", "": "", "soon": "", "2010-02-30": "",
	} {
		if got := text.Date().String(); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestPatient_refusesOtherJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{}`, `[]`, `null`, `"9990000018"`, `{"resourceType":"Patient"}`, `{"resourceType":"Patient","id":"9990000019"}`,
		`{"resourceType":"Person","id":"9990000018"}`, `{"resourceType":"Patient","id":9990000018}`,
		`{"resourceType":"Patient","id":"9990000018","gender":9990000018}`,
	} {
		var p pds.Patient
		err := p.UnmarshalJSON([]byte(text))
		if !errors.Is(err, nhs.ErrInvalid) {
			t.Errorf("%s: got %v", text, err)
			continue
		}
		silent(t, err.Error())
	}
}

// One odd member does not lose the patient.
func TestPatient_oddMembers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`"meta":{"versionId":2}`:                            `"meta":{"versionId":"2"}`,
		`"meta":{"versionId":{"a":1}}`:                      ``,
		`"multipleBirthInteger":"2"`:                        `"multipleBirthInteger":2`,
		`"multipleBirthInteger":"first"`:                    ``,
		`"multipleBirthInteger":99900000180000000000000000`: ``,
		`"birthDate":"1932-13"`:                             `"birthDate":"1932-13"`,
		`"birthDate":"soon"`:                                `"birthDate":"soon"`,
		`"birthDate":""`:                                    ``,
	} {
		p := parse(t, `{"resourceType":"Patient","id":"9990000018",`+text+`}`)
		if _, ok := p.AgeOn(date(t, "2026-01-01")); ok || !p.BirthDate.IsZero() {
			t.Errorf("%s: born %s", text, p.BirthDate)
		}
		got, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if want != "" {
			want = "," + want
		}
		sameJSON(t, []byte(`{"resourceType":"Patient","id":"9990000018"`+want+`}`), got)
	}
	if tag := parse(t, `{"resourceType":"Patient","id":"9990000018","meta":{"versionId":2}}`).ETag(); tag != `W/"2"` {
		t.Errorf("the ETag is %s", tag)
	}
}

// Personal data does not show by accident.
func TestPatient_masksItself(t *testing.T) {
	t.Parallel()
	p := parse(t, `{"resourceType":"Patient","id":"9990000018","name":[{"family":"Unmistakable"}]}`)
	query := pds.Query{Family: "Unmistakable", Given: []string{secret}}
	var log bytes.Buffer
	for _, v := range []any{p, &p, []pds.Patient{p}, pds.Match{Patient: &p}, []pds.Match{{Patient: &p}}, query, &query} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x", "%q"} {
			fmt.Fprintf(&log, verb+"\n", v)
		}
	}
	text, structured := slog.New(slog.NewTextHandler(&log, nil)), slog.New(slog.NewJSONHandler(&log, nil))
	for _, l := range []*slog.Logger{text, structured} {
		l.Info("x", "patient", p, "pointer", &p, "match", pds.Match{Patient: &p, Score: 1}, "query", query)
	}
	silent(t, log.String())
	if strings.Contains(log.String(), "Unmistakable") {
		t.Errorf("this shows a name: %s", log.String())
	}
}

func FuzzPatient(f *testing.F) {
	f.Add([]byte(odd))
	f.Add([]byte(minimal))
	f.Add([]byte(`{"resourceType":"Patient","id":"9990000018","birthDate":"19320517","extension":[null],"name":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var p pds.Patient
		if json.Unmarshal(data, &p) != nil {
			return
		}
		p.Deceased()
		p.Restricted()
		p.ContactPreference()
		first, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var again pds.Patient
		if err := json.Unmarshal(first, &again); err != nil {
			t.Fatalf("its own JSON is refused: %v", err)
		}
		second, err := json.Marshal(again)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, second) {
			t.Errorf("not stable:\n%s\n%s", first, second)
		}
	})
}
