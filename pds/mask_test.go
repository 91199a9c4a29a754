package pds_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
)

// What holds a person shows none, however it is printed or logged. A JSON handler
// reaches into whatever does not say how it is logged.
func TestMasks(t *testing.T) {
	t.Parallel()
	p, number := parse(t, full), nhs.MustNumber(secret)
	query := pds.Query{Family: secret, Born: pds.On(day("1990-05-17"))}
	for name, test := range map[string]struct {
		value any
		want  string // as JSON
	}{
		"found": {
			pds.Traced{Index: 3, Asked: number, Outcome: pds.TraceFound, Patient: &p},
			`{"index":3,"outcome":"found","error":null}`,
		},
		"failed": {
			pds.Traced{Outcome: pds.TraceFailed, Err: errors.New("no")},
			`{"index":0,"outcome":"failed","error":"no"}`,
		},
		"finding": {
			pds.Finding{Step: "a", Matches: []pds.Match{{Patient: &p, Score: 1}}, Tried: []string{"a"}},
			`{"step":"a","matches":1,"tried":["a"]}`,
		},
		"step": {
			pds.Step{Name: "a", Query: query, MinScore: 0.5},
			`{"name":"a","query":"[PDS query]","minScore":0.5,"narrows":false}`,
		},
		"cover":    {pds.Cover{Version: "4", Coverage: new(card())}, `{"version":"4","covered":true}`},
		"no cover": {pds.Cover{Version: "4"}, `{"version":"4","covered":false}`},
		"raw request": {
			pds.RawRequest{Method: "GET", Path: "/Patient/" + secret, Body: []byte(secret)},
			`"GET [PDS request]"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asJSON, asText bytes.Buffer
			only := func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey {
					return slog.Attr{}
				}
				return a
			}
			slog.New(slog.NewJSONHandler(&asJSON, &slog.HandlerOptions{ReplaceAttr: only})).Info("", "v", test.value)
			slog.New(slog.NewTextHandler(&asText, nil)).Info("", "v", test.value)
			if got := asJSON.String(); got != `{"v":`+test.want+"}\n" {
				t.Errorf("logged %swant %s", got, test.want)
			}
			silent(t, asText.String())
			silent(t, fmt.Sprintf("%v %+v %#v %s", test.value, test.value, test.value, test.value))
		})
	}
}
