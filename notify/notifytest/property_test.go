package notifytest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
)

// anyPlan draws a plan of different channels, perhaps with a secondary cascade.
func anyPlan(t *rapid.T) notifytest.Plan {
	all := []notify.Channel{notify.NHSApp, notify.Email, notify.SMS, notify.Letter}
	order := rapid.Permutation(all).Draw(t, "order")
	return notifytest.Plan{
		ID: planID, Name: "any", Window: time.Duration(rapid.IntRange(1, 72).Draw(t, "window")) * time.Hour,
		Channels:  order[:rapid.IntRange(1, 4).Draw(t, "primary")],
		Secondary: rapid.Permutation(all[1:]).Draw(t, "secondary order")[:rapid.IntRange(0, 2).Draw(t, "secondary")],
	}
}

func anyJourney(t *rapid.T) notifytest.Journey {
	reach := rapid.SampledFrom([]notifytest.Reach{
		notifytest.Reached, notifytest.NoContact, notifytest.Ignored, notifytest.Bounced, notifytest.Retried,
	})
	j := notifytest.Journey{NHSApp: reach.Draw(t, "app"), Email: reach.Draw(t, "email"), SMS: reach.Draw(t, "SMS"), Letter: reach.Draw(t, "letter")}
	if rapid.IntRange(0, 9).Draw(t, "dead") == 0 {
		j.Unsendable = notifytest.FormallyDead
	}
	return j
}

// asked returns what the service says of a message when asked.
func asked(t *rapid.T, service http.Handler, path string) notify.MessageStatus {
	status, _, body := get(service, http.MethodGet, path)
	var m notify.MessageStatus
	if err := m.UnmarshalJSON([]byte(body)); err != nil || status != http.StatusOK {
		t.Fatalf("status %d, %v", status, err)
	}
	return m
}

// state is what a book has of the only message. Channels that have not begun are
// left out, because nothing is called back about them; times too, because asking
// tells fewer.
func state(book *notify.StatusBook) notify.MessageState {
	states := book.Reference("r")
	if len(states) == 0 {
		return notify.MessageState{}
	}
	m := states[0]
	m.Updated = time.Time{}
	var channels []notify.ChannelState
	for _, c := range m.Channels {
		if c.Updated = (time.Time{}); c.Status != notify.StatusCreated {
			channels = append(channels, c)
		}
	}
	m.Channels = channels
	return m
}

// TestCallbacksAgreeWithStatus wants callbacks to tell the same as asking does,
// whatever the plan and the person: at every moment while they come in order, and
// in the end when they come early, late, twice and in any order.
func TestCallbacksAgreeWithStatus(t *testing.T) {
	t.Parallel()
	var book *notify.StatusBook
	secret := notify.CallbackSecret{ApplicationID: "a", APIKey: "k"}
	secrets, err := notify.NewSecrets(secret)
	if err != nil {
		t.Fatal(err)
	}
	receiver := httptest.NewServer(notify.Callbacks(secrets, func(_ context.Context, c notify.Callback) error {
		book.Apply(c.Events...)
		return nil
	}))
	t.Cleanup(receiver.Close)
	rapid.Check(t, func(t *rapid.T) {
		book = new(notify.StatusBook)
		journey := anyJourney(t)
		service := newServer(func(o *notifytest.Options) {
			o.Plans = []notifytest.Plan{anyPlan(t)}
			o.Outcome = func(nhs.Number) notifytest.Journey { return journey }
		})
		subscriber := notifytest.Subscriber{URL: receiver.URL, Secret: secret}
		orderly := rapid.Bool().Draw(t, "orderly")
		if !orderly {
			subscriber.Early, subscriber.Disorder = rapid.Bool().Draw(t, "early"), true
			subscriber.Seed, subscriber.Late = rapid.Uint64().Draw(t, "seed"), 48*time.Hour
		}
		service.Subscribe(subscriber)
		_, _, header := post(service, "/comms/v1/messages", single("r", "9990000018"))
		path := "/comms" + header.Get("Location")
		pauses := rapid.SliceOfN(rapid.IntRange(1, 3000), 1, 4).Draw(t, "minutes")
		for _, minutes := range append(pauses, 60*24*20, 60*48) {
			if err := service.Advance(t.Context(), time.Duration(minutes)*time.Minute); err != nil {
				t.Fatal(err)
			}
			if !orderly {
				continue
			}
			var polled notify.StatusBook
			polled.Apply(asked(t, service, path))
			if diff := cmp.Diff(state(&polled), state(book)); diff != "" {
				t.Fatalf("after %d minutes (-asked +called back):\n%s", minutes, diff)
			}
		}
		answer := asked(t, service, path)
		var polled notify.StatusBook
		polled.Apply(answer)
		if !answer.Status.Terminal() {
			t.Errorf("in the end the message is %s", answer.Status)
		}
		if diff := cmp.Diff(state(&polled), state(book)); diff != "" {
			t.Errorf("in the end (-asked +called back):\n%s", diff)
		}
		before := state(book)
		book.Apply(answer)
		if diff := cmp.Diff(before, state(book)); diff != "" {
			t.Errorf("asking changed what callbacks had told (-before +after):\n%s", diff)
		}
		if got := service.Lost(); got != 0 {
			t.Errorf("%d callbacks lost", got)
		}
	})
}

// TestSecondaryCascade follows the published example: the NHS App is not read, so
// a text message goes out beside the letter.
func TestSecondaryCascade(t *testing.T) {
	t.Parallel()
	plan := notifytest.Plan{
		ID: planID, Name: "app then letter", Window: 24 * time.Hour,
		Channels: []notify.Channel{notify.NHSApp, notify.Letter}, Secondary: []notify.Channel{notify.SMS},
	}
	cases := []struct {
		name    string
		journey notifytest.Journey
		day     int // of the delivery
		status  notify.Status
		want    string // channels in the end, in the service's order
	}{
		{"both", notifytest.Journey{NHSApp: notifytest.Ignored}, 1, "delivered", "nhsapp primary 1 failed, sms secondary 1 delivered, letter primary 2 delivered"},
		{"not needed", notifytest.Journey{}, 0, "delivered", "nhsapp primary 1 delivered, sms secondary 1 created, letter primary 2 created"},
		{"letter only", notifytest.Journey{NHSApp: notifytest.Ignored, SMS: notifytest.Bounced}, 2, "delivered", "nhsapp primary 1 failed, sms secondary 1 failed, letter primary 2 delivered"},
		{"text message only", notifytest.Journey{NHSApp: notifytest.NoContact, Letter: notifytest.NoContact}, 0, "delivered", "nhsapp primary 1 failed, sms secondary 1 delivered, letter primary 2 failed"},
		{"neither", notifytest.Journey{NHSApp: notifytest.NoContact, SMS: notifytest.Bounced, Letter: notifytest.NoContact}, 0, "failed", "nhsapp primary 1 failed, sms secondary 1 failed, letter primary 2 failed"},
	}
	for _, tc := range cases {
		service := newServer(func(o *notifytest.Options) {
			o.Plans = []notifytest.Plan{plan}
			o.Outcome = func(nhs.Number) notifytest.Journey { return tc.journey }
		})
		_, _, header := post(service, "/comms/v1/messages", single("r", "9990000018"))
		if err := service.Advance(t.Context(), 7*24*time.Hour); err != nil {
			t.Fatal(err)
		}
		_, _, body := get(service, http.MethodGet, "/comms"+header.Get("Location"))
		var m notify.MessageStatus
		if err := m.UnmarshalJSON([]byte(body)); err != nil {
			t.Fatal(err)
		}
		var channels []string
		for _, c := range m.Channels {
			channels = append(channels, fmt.Sprint(c.Channel, " ", c.Cascade, " ", c.Order, " ", c.Status))
		}
		end := m.Delivered
		if end.IsZero() {
			end = m.Failed
		}
		got := strings.Join(channels, ", ")
		if day := int(end.Sub(m.Created).Hours() / 24); got != tc.want || m.Status != tc.status || day != tc.day {
			t.Errorf("%s: on day %d %s: %s, want %s", tc.name, day, m.Status, got, tc.want)
		}
	}
}
