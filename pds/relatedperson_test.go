package pds_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// resources are those in a published bundle.
func resources(t *testing.T, name string) []json.RawMessage {
	t.Helper()
	var bundle struct {
		Entry []struct {
			Resource json.RawMessage `json:"resource"`
		} `json:"entry"`
	}
	if err := json.Unmarshal(sample(t, name), &bundle); err != nil || len(bundle.Entry) == 0 {
		t.Fatal("no entries", err)
	}
	var all []json.RawMessage
	for _, e := range bundle.Entry {
		all = append(all, e.Resource)
	}
	return all
}

// oddPerson has what the published sample lacks.
const oddPerson = `{"resourceType":"RelatedPerson","active":false,
	"patient":{"reference":"https://api.service.nhs.uk/personal-demographics/FHIR/R4/Patient/9990000018","type":"Patient","display":"x","identifier":{"value":"9990000018"}},
	"name":[{"use":"usual","given":["Jo"]}],"address":[{"line":[null,"1 High Street"],"_line":[{"extension":[]},null]}],
	"relationship":[{"coding":[{"code":"Personal"},{"code":"MTH"},{"code":"N"}]}],
	"extension":[{"url":"https://example.org/new","valueRatio":{"numerator":{"value":1.50}}}]}`

func TestRelatedPerson_losesNothing(t *testing.T) {
	t.Parallel()
	for _, document := range append(resources(t, "pds/RelatedPersonBundle.json"), json.RawMessage(oddPerson)) {
		var r pds.RelatedPerson
		if err := json.Unmarshal(document, &r); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		sameJSON(t, document, again)
	}
}

func TestRelatedPerson_answers(t *testing.T) {
	t.Parallel()
	answers := func(document []byte) []any {
		var r pds.RelatedPerson
		if err := json.Unmarshal(document, &r); err != nil {
			t.Fatal(err)
		}
		silent(t, fmt.Sprintf("%v %+v %#v", r, r, &r))
		number, numbered := r.Number()
		language, speaks := r.Communication()
		preference, prefers := r.ContactPreference()
		return []any{
			number.Reveal(), numbered, r.Inactive(), r.NextOfKin(), r.CopyCorrespondence(), r.ContactRank(), len(r.Relationship()),
			language.Language.Code, speaks, preference.Times, prefers,
		}
	}
	for _, test := range []struct {
		document []byte
		want     []any
	}{
		{[]byte(oddPerson), []any{secret, true, true, true, false, 0, 3, "", false, "", false}},
		{[]byte(`{"resourceType":"RelatedPerson"}`), []any{"", false, false, false, false, 0, 0, "", false, "", false}},
		{resources(t, "pds/RelatedPersonBundle.json")[0], []any{"9000000009", true, false, false, true, 1, 1, "fr", true, "Not after 7pm", true}},
	} {
		if diff := cmp.Diff(test.want, answers(test.document)); diff != "" {
			t.Errorf("answers (-want +got):\n%s", diff)
		}
	}
}

func TestClient_RelatedPeople(t *testing.T) {
	t.Parallel()
	number := nhs.MustNumber(secret)
	fake, patients := serve(t, pdstest.Token{Access: nhs.HealthcareWorkerAccess}, full)
	if found, err := patients.RelatedPeople(t.Context(), number); err != nil || len(found) != 0 {
		t.Errorf("got %v, %v", found, err)
	}
	if err := fake.PutRelatedJSON(number, []byte(oddPerson)); err != nil {
		t.Fatal(err)
	}
	found, err := patients.RelatedPeople(t.Context(), number)
	if err != nil || len(found) != 1 || !found[0].NextOfKin() {
		t.Errorf("got %v, %v", found, err)
	}
	if _, err = patients.RelatedPeople(t.Context(), nhs.MustNumber("9990000026")); !errors.Is(err, nhs.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if _, err = patients.RelatedPeople(t.Context(), nhs.Number{}); !errors.Is(err, nhs.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}

func TestClient_RelatedPeople_otherAnswers(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, `{}`, minimal, `{"resourceType":"Bundle","total":1}`, `{"resourceType":"Bundle","total":1,"entry":[{"resource":` + minimal + `}]}`,
		`{"resourceType":"OperationOutcome","issue":[{"code":"x","diagnostics":"` + secret + `"}]}`,
	} {
		b := setup(t, play(fhir(http.StatusOK, text)), quick())
		_, err := b.client.RelatedPeople(t.Context(), nhs.MustNumber(secret))
		if !errors.Is(err, nhs.ErrUnexpected) {
			t.Errorf("%s: got %v", text, err)
			continue
		}
		silent(t, err.Error())
		silent(t, b.log.String())
	}
	b := setup(t, play(coded(http.StatusNotFound, "INVALIDATED_RESOURCE", "")), quick())
	if _, err := b.client.RelatedPeople(t.Context(), nhs.MustNumber(secret)); !errors.Is(err, pds.ErrInvalidated) {
		t.Errorf("got %v", err)
	}
}

func TestRelatedPerson_refusesOtherJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{}`, `[]`, minimal, `{"resourceType":"RelatedPerson","active":"` + secret + `"}`} {
		var r pds.RelatedPerson
		if err := r.UnmarshalJSON([]byte(text)); !errors.Is(err, nhs.ErrInvalid) {
			t.Errorf("%s: got %v", text, err)
		} else {
			silent(t, err.Error())
		}
	}
}

func FuzzRelatedPerson(f *testing.F) {
	f.Add([]byte(oddPerson))
	f.Fuzz(func(t *testing.T, data []byte) {
		var r, again pds.RelatedPerson
		if json.Unmarshal(data, &r) != nil {
			return
		}
		first, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(first, &again); err != nil {
			t.Fatalf("its own JSON is refused: %v", err)
		}
	})
}
