package notify_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
)

const (
	planID      = "b838b13c-f98c-4def-93f0-515d4e4f4ee1"
	otherPlanID = "00000000-0000-0000-0000-000000000001"
)

// number returns a valid NHS number, another one for each i.
func number(i int) nhs.Number {
	for stem := 999_000_001 + 2*i; ; stem++ { // no two stems in a row lack a check digit
		for check := range 10 {
			if n, err := nhs.ParseNumber(strconv.Itoa(stem*10 + check)); err == nil {
				return n
			}
		}
	}
}

func message(i int) notify.Message {
	return notify.Message{
		Plan:            planID,
		Reference:       fmt.Sprintf("ref-%d", i),
		To:              number(i),
		Personalisation: map[string]any{"nhsapp_body": "Please book a check.", "sms_body": "Please book."},
	}
}

func messages(n int) []notify.Message {
	list := make([]notify.Message, n)
	for i := range list {
		list[i] = message(i)
	}
	return list
}

func appThenSMS() notifytest.Plan {
	return notifytest.Plan{
		ID: planID, Name: "app-then-sms", Channels: []notify.Channel{notify.NHSApp, notify.SMS},
		Personalisation: []string{"nhsapp_body", "sms_body"},
	}
}

func acceptAnyone(*http.Request) error { return nil }

// quick retries without waiting long and sends at any pace.
func quick(more ...nhs.Option) []nhs.Option {
	return append([]nhs.Option{
		nhs.WithRate(nhs.Notify, nhs.Rate{PerSecond: 1e6, Burst: 1000}),
		nhs.WithRetry(nhs.RetryPolicy{MinWait: time.Microsecond, MaxWait: time.Millisecond}),
	}, more...)
}

// setup returns a client of a new fake. Options may leave plans and authorisation
// out.
func setup(tb testing.TB, options notifytest.Options, more ...nhs.Option) (*notify.Client, *notifytest.Server) {
	tb.Helper()
	if options.Plans == nil {
		options.Plans = []notifytest.Plan{appThenSMS()}
	}
	if options.Authorize == nil {
		options.Authorize = acceptAnyone
	}
	service := notifytest.New(options)
	server := httptest.NewServer(service)
	tb.Cleanup(server.Close)
	return newClient(tb, nhs.Loopback(server.URL), more...), service
}

func newClient(tb testing.TB, env nhs.Environment, more ...nhs.Option) *notify.Client {
	tb.Helper()
	app, err := nhs.NewApp(env, nhs.Anonymous{}, quick(more...)...)
	if err != nil {
		tb.Fatal(err)
	}
	client, err := notify.New(app)
	if err != nil {
		tb.Fatal(err)
	}
	return client
}

// recordBody answers requests with next, and keeps the body of the latest.
func recordBody(tb testing.TB, mock *httpmock.MockTransport, method, url string, next httpmock.Responder) *[]byte {
	tb.Helper()
	var body []byte
	mock.RegisterResponder(method, url, func(r *http.Request) (*http.Response, error) {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		return next(r)
	})
	return &body
}
