package pdstest_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// Whatever is sent as an update is made or refused: nothing panics, and a record
// is either as it was or a readable new version.
func FuzzServer_update(f *testing.F) {
	for _, patches := range []string{
		put("gender", `"male"`), add("name", `{"use":"old","family":"Nan"}`), without("name", "1", "n2"), in("address", "0", "a1", "line/0", `"x"`),
		add("extension", death("1")) + "," + put("deceasedDateTime", `"2025-07-01"`), `{"op":"test","path":"/name/0/given/-/x~1y","value":[null]}`,
		add("contact", `{"telecom":[1]}`), put("managingOrganization", `{}`), `{"op":"replace","path":"/extension/1/extension/0","value":{"url":1}}`,
	} {
		f.Add(`{"patches":[` + patches + `]}`)
	}
	f.Fuzz(func(t *testing.T, body string) {
		s := serveJSON(t, pdstest.Options{Token: worker()}, full)
		before := get(s, own).Body.String()
		rec := send(s, http.MethodPatch, own, body, nil)
		after := get(s, own)
		if rec.Code == http.StatusOK {
			if p := decode(t, after.Body.Bytes()); p.Version != "2" || after.Body.String() != rec.Body.String() {
				t.Errorf("version %s after a success", p.Version)
			}
		} else if rec.Code >= http.StatusInternalServerError || after.Body.String() != before {
			t.Errorf("status %d, and the record has changed", rec.Code)
		}
	})
}

// Whatever is sent as a new patient is recorded or refused.
func FuzzServer_create(f *testing.F) {
	f.Add(newborn())
	f.Add(newborn(`"extension":[`, `"extension":[1,`))
	f.Add(newborn(`"line":[`, `"line":[[],`))
	f.Fuzz(func(t *testing.T, body string) {
		s := pdstest.New(pdstest.Options{Token: worker()})
		rec := send(s, http.MethodPost, "/Patient", body, nil)
		after := get(s, "/Patient/9990000018")
		recorded := rec.Code == http.StatusCreated && after.Code == http.StatusOK && decode(t, after.Body.Bytes()).Version == "1"
		if !recorded && (rec.Code != http.StatusBadRequest || after.Code != http.StatusNotFound || !json.Valid(rec.Body.Bytes())) {
			t.Errorf("status %d, then %d", rec.Code, after.Code)
		}
	})
}

// Whatever is sent as coverage is kept or refused.
func FuzzServer_coverage(f *testing.F) {
	f.Add(cover())
	f.Add(`{"subscriber":1,"period":[]}`)
	f.Fuzz(func(t *testing.T, body string) {
		s := serve(t, pdstest.Options{Token: patientToken()}, anna(t))
		rec := send(s, http.MethodPost, "/Coverage", body, func(h http.Header) { h.Set("If-Match", `W/"1"`) })
		tag := get(s, own).Header().Get("ETag")
		if (rec.Code == http.StatusCreated) != (tag == `W/"2"`) || rec.Code >= http.StatusInternalServerError {
			t.Errorf("status %d, version %s", rec.Code, tag)
		}
	})
}
