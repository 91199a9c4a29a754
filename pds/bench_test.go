package pds_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/time/rate"

	"github.com/personalised-prevention/nhs"
	gen "github.com/personalised-prevention/nhs/internal/gen/pds"
	"github.com/personalised-prevention/nhs/pds"
)

// BenchmarkDecode compares decoding a full patient into the public type with
// encoding/json into the wire type.
func BenchmarkDecode(b *testing.B) {
	data, err := os.ReadFile(filepath.Join("..", "..", "shared", "data", "pds", "Patient.json"))
	if err != nil {
		b.Skip("the published samples are not here")
	}
	b.Run("patient", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			var p pds.Patient
			if err := p.UnmarshalJSON(data); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("wire type", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			var p gen.Patient
			if err := json.Unmarshal(data, &p); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// instantly answers every request with a patient of the number asked.
type instantly struct{}

func (instantly) RoundTrip(req *http.Request) (*http.Response, error) {
	body := `{"resourceType":"Patient","id":"` + req.URL.Path[strings.LastIndexByte(req.URL.Path, '/')+1:] + `"}`
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/fhir+json"}},
		Body: io.NopCloser(strings.NewReader(body)), Request: req,
	}, nil
}

// BenchmarkTrace compares a trace with a loop over net/http that waits for a
// rate.Limiter, one request after the other, at a pace and as fast as it goes.
func BenchmarkTrace(b *testing.B) {
	client := &http.Client{Transport: instantly{}}
	for _, perSecond := range []float64{100, 1000, 1e9} {
		b.Run(fmt.Sprintf("trace/%v a second", perSecond), func(b *testing.B) {
			app, err := nhs.NewApp(nhs.Loopback(base), nhs.Anonymous{}, nhs.WithHTTPClient(client), nhs.WithRate(nhs.PDS, nhs.Rate{PerSecond: perSecond}))
			if err != nil {
				b.Fatal(err)
			}
			patients, err := pds.New(app)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			endless := func(yield func(nhs.Number, error) bool) {
				for yield(nhs.MustNumber(secret), nil) {
				}
			}
			n := 0
			for r, err := range patients.Trace(b.Context(), endless) {
				if err != nil || r.Err != nil {
					b.Fatal(err, r.Err)
				}
				if n++; n >= b.N {
					break
				}
			}
		})
		b.Run(fmt.Sprintf("loop/%v a second", perSecond), func(b *testing.B) {
			limiter := rate.NewLimiter(rate.Limit(perSecond), 1)
			b.ReportAllocs()
			for range b.N {
				if err := get(b.Context(), client, limiter); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func get(ctx context.Context, client *http.Client, limiter *rate.Limiter) error {
	if err := limiter.Wait(ctx); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var p gen.Patient
	return json.NewDecoder(resp.Body).Decode(&p)
}
