package pds_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
)

func TestClient_Trace_outcomes(t *testing.T) {
	t.Parallel()
	refusal := func(status int, code string) httpmock.Responder {
		return fhir(status, `{"resourceType":"OperationOutcome","issue":[{"code":"x","details":{"coding":[{"code":"`+code+`"}]},"diagnostics":"`+secret+`"}]}`)
	}
	dead := `,"deceasedDateTime":"2020-01-01"`
	for _, test := range []struct {
		text   string
		answer httpmock.Responder
		want   pds.TraceOutcome
		err    error
	}{
		{secret, record(secret, "U", ""), pds.TraceFound, nil},
		{secret, record("9990000026", "U", ""), pds.TraceSuperseded, nil},
		{secret, record(secret, "R", ""), pds.TraceRestricted, nil},
		{secret, record("9990000026", "V", ""), pds.TraceRestricted, nil},
		{secret, record(secret, "U", dead), pds.TraceDead, nil},
		{secret, record("9990000026", "R", dead), pds.TraceDead, nil},
		{"9990000019", nil, pds.TraceInvalid, nhs.ErrInvalid},
		{secret, refusal(400, "INVALID_RESOURCE_ID"), pds.TraceInvalid, nhs.ErrInvalid},
		{secret, refusal(404, "RESOURCE_NOT_FOUND"), pds.TraceNotFound, nhs.ErrNotFound},
		{secret, refusal(404, "INVALIDATED_RESOURCE"), pds.TraceNotFound, pds.ErrInvalidated},
		{secret, refusal(400, "MISSING_VALUE"), pds.TraceFailed, nhs.ErrInvalid},
		{secret, fhir(200, "{}"), pds.TraceFailed, nhs.ErrUnexpected},
		{secret, refusal(503, "SERVICE_UNAVAILABLE"), pds.TraceFailed, nhs.ErrUnavailable},
		{secret, refusal(429, "TOO_MANY_REQUESTS"), pds.TraceFailed, nhs.ErrRateLimited},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := setup(t, play(test.answer))
			all, err := collect(b.client.Trace(t.Context(), numbers(test.text)))
			if err != nil || len(all) != 1 {
				t.Fatalf("%s: got %d results, %v", test.want, len(all), err)
			}
			r := all[0]
			if r.Outcome != test.want || !errors.Is(r.Err, test.err) || (r.Patient == nil) != (test.err != nil) {
				t.Errorf("got %s, %v; want %s, %v", r.Outcome, r.Err, test.want, test.err)
			}
			if r.Asked.IsZero() != (test.text != secret) {
				t.Errorf("%s: asked %v", test.want, r.Asked)
			}
			silent(t, fmt.Sprintf("%v %+v %#v", r, r, r))
			silent(t, b.log.String())
		})
	}
}

// A zero number is nobody's, however it came about.
func TestClient_Trace_zeroNumber(t *testing.T) {
	t.Parallel()
	b := setup(t, play(found))
	all, err := collect(b.client.Trace(t.Context(), func(yield func(nhs.Number, error) bool) { yield(nhs.Number{}, nil) }))
	if err != nil || len(all) != 1 || all[0].Outcome != pds.TraceInvalid || !errors.Is(all[0].Err, nhs.ErrInvalid) || len(b.requests()) != 0 {
		t.Errorf("got %v, %v", all, err)
	}
}

// However slow the answers, requests leave at the pace of the App, and results
// come in the order of the numbers.
func TestClient_Trace_pace(t *testing.T) {
	t.Parallel()
	const people = 301
	for name, test := range map[string]struct {
		slow time.Duration
		want time.Duration
	}{
		"at once":  {0, 60 * time.Second},
		"slow":     {4 * time.Second, 64 * time.Second},
		"too slow": {20 * time.Second, 140 * time.Second}, // 64 on their way: five waves
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := setup(t, play(after(test.slow, found)))
				start, texts := time.Now(), crowd(people)
				all, err := collect(b.client.Trace(t.Context(), numbers(texts...)))
				if err != nil || len(all) != people || len(b.requests()) != people {
					t.Fatalf("got %d results, %v after %d requests", len(all), err, len(b.requests()))
				}
				for i, r := range all {
					if r.Index != i || r.Asked.Reveal() != texts[i] || r.Patient.Number != r.Asked || r.Outcome != pds.TraceFound {
						t.Fatalf("result %d is %+v", i, r)
					}
				}
				if took := time.Since(start); took > test.want || took < 60*time.Second {
					t.Errorf("took %v, want at most %v", took, test.want)
				}
			})
		})
	}
}

// Somebody who waits for one patient is not behind a queue of bulk requests.
func TestClient_Trace_letsOthersIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, play(found))
		for r, err := range b.client.Trace(t.Context(), numbers(crowd(40)...)) {
			if err != nil {
				t.Fatal(err)
			}
			if r.Index%10 != 5 {
				continue
			}
			start := time.Now()
			if _, err := b.client.Get(t.Context(), nhs.MustNumber(secret)); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(start); took > 400*time.Millisecond {
				t.Errorf("a single request took %v", took)
			}
		}
	})
}

// PDS allows fewer requests than the App thinks: nobody fails, and few requests
// are refused.
func TestClient_Trace_adapts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const people, quota = 600, 100
		var minute time.Time
		spent, refused := 0, 0
		tooMany := fhir(http.StatusTooManyRequests, `{"issue":[{"code":"value"}]}`)
		var b *bench
		b = setup(t, play(func(req *http.Request) (*http.Response, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			if now := time.Now(); now.Sub(minute) >= time.Minute {
				minute, spent = now, 0
			}
			if spent++; spent > quota {
				refused++
				return tooMany(req)
			}
			return found(req)
		}))
		start := time.Now()
		all, err := collect(b.client.Trace(t.Context(), numbers(crowd(people)...)))
		if err != nil || len(all) != people {
			t.Fatalf("got %d results, %v", len(all), err)
		}
		if i := slices.IndexFunc(all, func(r pds.Traced) bool { return r.Outcome != pds.TraceFound }); i >= 0 {
			t.Errorf("result %d: %+v", i, all[i])
		}
		took := time.Since(start)
		t.Logf("%d people, 100 a minute, in %v with %d refusals", people, took, refused)
		if took > 10*time.Minute || refused > people/2 {
			t.Errorf("took %v with %d refusals", took, refused)
		}
	})
}

// A minute without PDS costs time, not people.
func TestClient_Trace_outage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		b := setup(t, play(func(req *http.Request) (*http.Response, error) {
			if up := time.Since(start); up > 10*time.Second && up < 70*time.Second {
				return answer(http.StatusBadGateway, "text/html", "<p>bad gateway")(req)
			}
			return found(req)
		}))
		all, err := collect(b.client.Trace(t.Context(), numbers(crowd(200)...)))
		if err != nil || len(all) != 200 {
			t.Fatalf("got %d results, %v", len(all), err)
		}
		for _, r := range all {
			if r.Outcome != pds.TraceFound {
				t.Errorf("%+v", r)
			}
		}
		if took := time.Since(start); took > 3*time.Minute {
			t.Errorf("took %v", took)
		}
	})
}

// One record that PDS cannot serve fails alone.
func TestClient_Trace_badRecord(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, play(func(req *http.Request) (*http.Response, error) {
			if strings.HasSuffix(req.URL.Path, secret) {
				return fhir(http.StatusInternalServerError, unavailable)(req)
			}
			return found(req)
		}))
		texts := append([]string{secret}, crowd(20)...)
		all, err := collect(b.client.Trace(t.Context(), numbers(slices.Compact(texts)...)))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range all {
			if failed := r.Asked == nhs.MustNumber(secret); (r.Outcome == pds.TraceFailed) != failed {
				t.Errorf("%+v", r)
			}
			if r.Err != nil {
				silent(t, r.Err.Error())
			}
		}
	})
}

func TestClient_Trace_ends(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk error")
	texts := crowd(20)
	interrupted := func(yield func(nhs.Number, error) bool) {
		for n, err := range numbers(texts...) {
			if !yield(n, err) {
				return
			}
		}
		yield(nhs.Number{}, broken)
	}
	denied := func(status int) httpmock.Responder {
		return func(req *http.Request) (*http.Response, error) {
			if strings.HasSuffix(req.URL.Path, texts[10]) {
				return fhir(status, `{"issue":[{"code":"forbidden"}]}`)(req)
			}
			return found(req)
		}
	}
	for name, test := range map[string]struct {
		numbers iter.Seq2[nhs.Number, error]
		answer  httpmock.Responder
		timeout time.Duration
		want    error
		results int
	}{
		"numbers break":            {interrupted, after(time.Second, found), time.Hour, broken, 20},
		"not authorised":           {numbers(texts...), denied(http.StatusUnauthorized), time.Hour, nhs.ErrUnauthorized, 10},
		"not allowed":              {numbers(texts...), denied(http.StatusForbidden), time.Hour, nhs.ErrForbidden, 10},
		"time is up":               {numbers(texts...), found, 1900 * time.Millisecond, context.DeadlineExceeded, 10},
		"time is up while waiting": {numbers(texts...), fhir(http.StatusBadGateway, ""), 20 * time.Second, context.DeadlineExceeded, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := setup(t, play(test.answer))
				ctx, cancel := context.WithTimeout(t.Context(), test.timeout)
				defer cancel()
				all, err := collect(b.client.Trace(ctx, test.numbers))
				if !errors.Is(err, test.want) || len(all) != test.results || !strings.HasPrefix(err.Error(), "pds.Trace: ") {
					t.Errorf("got %d results, %v; want %d, %v", len(all), err, test.results, test.want)
				}
			})
		})
	}
}

// Leaving the loop gives up what is on its way, and leaves nothing behind.
func TestClient_Trace_left(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, play(found, after(time.Hour, found)))
		start := time.Now()
		for _, err := range b.client.Trace(t.Context(), numbers(crowd(1000)...)) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("took %v to leave", took)
		}
	})
}

func TestClient_Trace_resumes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, play(found))
		texts := slices.Insert(crowd(9), 4, "not a number")
		whole, err := collect(b.client.Trace(t.Context(), numbers(texts...)))
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range whole {
			rest, err := collect(b.client.Trace(t.Context(), numbers(texts...), pds.Resume(r.Checkpoint())))
			if err != nil || len(rest) != len(whole)-i-1 {
				t.Fatalf("after %d: %d results, %v", i, len(rest), err)
			}
			if len(rest) > 0 && (rest[0].Index != i+1 || rest[len(rest)-1].Checkpoint() != whole[9].Checkpoint()) {
				t.Errorf("after %d: %+v", i, rest[0])
			}
		}
		if all, err := collect(b.client.Trace(t.Context(), numbers(texts...), pds.Resume(""))); err != nil || len(all) != len(whole) {
			t.Errorf("from the beginning: %d results, %v", len(all), err)
		}
		other := slices.Clone(texts)
		slices.Reverse(other)
		for name, bad := range map[string]struct {
			texts      []string
			checkpoint string
		}{
			"other numbers": {other, whole[7].Checkpoint()},
			"too few":       {texts[:3], whole[7].Checkpoint()},
			"no number":     {texts, "x-00"},
			"zero":          {texts, "0-00"},
			"other form":    {texts, "+" + whole[7].Checkpoint()},
		} {
			rest, err := collect(b.client.Trace(t.Context(), numbers(bad.texts...), pds.Resume(bad.checkpoint)))
			if _, ok := errors.AsType[*nhs.ArgumentError](err); !ok || len(rest) != 0 {
				t.Errorf("%s: %d results, %v", name, len(rest), err)
			}
		}
	})
}

func TestClient_Trace_progress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, play(found))
		texts := append(crowd(10), "nobody")
		var seen []pds.Progress
		report := pds.OnProgress(len(texts), func(p pds.Progress) { seen = append(seen, p) })
		if _, err := collect(b.client.Trace(t.Context(), numbers(texts...), report)); err != nil {
			t.Fatal(err)
		}
		counts := func(found int) map[pds.TraceOutcome]int { return map[pds.TraceOutcome]int{pds.TraceFound: found} }
		last := counts(10)
		last[pds.TraceInvalid] = 1
		want := []pds.Progress{
			{Done: 1, Total: 11, Outcomes: counts(1)},
			{Done: 6, Total: 11, Outcomes: counts(6), Rate: 6, Left: 5 * time.Second / 6},
			{Done: 11, Total: 11, Outcomes: last, Rate: 11 / 1.8},
		}
		if diff := cmp.Diff(want, []pds.Progress{seen[0], seen[5], seen[10]}); diff != "" || len(seen) != 11 {
			t.Errorf("%d reports (-want +got):\n%s", len(seen), diff)
		}
	})
}

func TestClient_Trace_refuses(t *testing.T) {
	t.Parallel()
	b := setup(t, play(found))
	for name, results := range map[string]iter.Seq2[pds.Traced, error]{
		"no numbers":     b.client.Trace(t.Context(), nil),
		"zero option":    b.client.Trace(t.Context(), numbers(secret), pds.TraceOption{}),
		"no function":    b.client.Trace(t.Context(), numbers(secret), pds.OnProgress(1, nil)),
		"negative total": b.client.Trace(t.Context(), numbers(secret), pds.OnProgress(-1, func(pds.Progress) {})),
	} {
		if all, err := collect(results); !errors.Is(err, nhs.ErrInvalid) || len(all)+len(b.requests()) != 0 {
			t.Errorf("%s: %d results, %v", name, len(all), err)
		}
	}
}

func FuzzResume(f *testing.F) {
	for _, text := range []string{"1-00", "12-ff", "", "-", "1-100", "01-00", "1-0F"} {
		f.Add(text)
	}
	app, err := nhs.NewApp(nhs.Loopback(base), nhs.Anonymous{})
	if err != nil {
		f.Fatal(err)
	}
	patients, err := pds.New(app)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, err := collect(patients.Trace(t.Context(), numbers(), pds.Resume(text)))
		if bad, ok := errors.AsType[*nhs.ArgumentError](err); text != "" && (!ok || bad.Name != "checkpoint") {
			t.Errorf("got %v", err)
		}
	})
}
