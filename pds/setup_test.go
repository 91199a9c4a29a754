package pds_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
)

const (
	base   = "https://127.0.0.1/base"
	secret = "9990000018" // the NHS number that no log and no error may show
	target = base + "/personal-demographics/FHIR/R4/Patient/" + secret
)

// bench is a client over a mock, with everything a test looks at.
type bench struct {
	client *pds.Client
	log    *bytes.Buffer

	mu   sync.Mutex // the mock answers a cancellable request in a goroutine
	seen []*http.Request
}

// setup returns a bench on which answers are played in turn, the last one for
// ever. The pace is PDS's own unless opts say otherwise.
func setup(t *testing.T, answers []httpmock.Responder, opts ...nhs.Option) *bench {
	t.Helper()
	return setupIn(t, nhs.Loopback(base), answers, opts...)
}

func setupIn(t *testing.T, env nhs.Environment, answers []httpmock.Responder, opts ...nhs.Option) *bench {
	t.Helper()
	return setupAs(t, env, nhs.Anonymous{}, answers, opts...)
}

// as are credentials of a user with a token.
func as(access nhs.Access) nhs.UserToken {
	return nhs.UserToken{Access: access, Token: func(context.Context) (string, error) { return "token", nil }}
}

func setupAs(t *testing.T, env nhs.Environment, c nhs.Credentials, answers []httpmock.Responder, opts ...nhs.Option) *bench {
	t.Helper()
	b := &bench{log: &bytes.Buffer{}}
	mock := httpmock.NewMockTransport()
	mock.RegisterNoResponder(func(req *http.Request) (*http.Response, error) {
		b.mu.Lock()
		n := min(len(b.seen), len(answers)-1)
		b.seen = append(b.seen, req)
		b.mu.Unlock()
		return answers[n](req)
	})
	logger := slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	opts = append([]nhs.Option{nhs.WithHTTPClient(&http.Client{Transport: mock}), nhs.WithLogger(logger)}, opts...)
	app, err := nhs.NewApp(env, c, opts...)
	if err != nil {
		t.Fatal(err)
	}
	if b.client, err = pds.New(app); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) requests() []*http.Request {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.seen
}

func play(answers ...httpmock.Responder) []httpmock.Responder { return answers }

func answer(status int, contentType, body string, header ...string) httpmock.Responder {
	return func(req *http.Request) (*http.Response, error) {
		resp := httpmock.NewStringResponse(status, body)
		resp.Request = req
		resp.Header.Set("Content-Type", contentType)
		for i := 0; i < len(header); i += 2 {
			resp.Header.Set(header[i], header[i+1])
		}
		return resp, nil
	}
}

func fhir(status int, body string) httpmock.Responder {
	return answer(status, "application/fhir+json", body)
}

const minimal = `{"resourceType":"Patient","id":"` + secret + `"}`

// silent fails the test when text shows the secret.
func silent(t *testing.T, text string) {
	t.Helper()
	if strings.Contains(text, secret) || strings.Contains(text, "999 000 0018") {
		t.Errorf("this shows an NHS number: %s", text)
	}
}

// sample returns a published sample, or skips the test.
func sample(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "shared", "data", name))
	if err != nil {
		t.Skip("the published samples are not here")
	}
	return data
}

// sameJSON compares two documents as JSON values.
func sameJSON(t *testing.T, want, got []byte) {
	t.Helper()
	var w, g any
	if err := json.Unmarshal(want, &w); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(got, &g); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(w, g); diff != "" {
		t.Errorf("JSON mismatch (-want +got):\n%s", diff)
	}
}

func date(t *testing.T, text string) nhs.Date {
	t.Helper()
	d, err := nhs.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func parse(t *testing.T, text string) pds.Patient {
	t.Helper()
	var p pds.Patient
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatal(err)
	}
	return p
}
