package notifytest_test

import (
	"bytes"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
)

// TestMESHRoute sends a file, and wants its daily reports to tell what callbacks
// would have told.
func TestMESHRoute(t *testing.T) {
	t.Parallel()
	people := map[string]notifytest.Journey{
		"9990000018": {},
		"9990000026": {NHSApp: notifytest.Ignored},
		"9990000034": {Unsendable: notifytest.FormallyDead},
		"9990000042": {NHSApp: notifytest.NoContact, SMS: notifytest.Bounced},
	}
	service := newServer(func(o *notifytest.Options) {
		o.Plans[0].Channels = []notify.Channel{notify.NHSApp, notify.SMS}
		o.Outcome = func(n nhs.Number) notifytest.Journey { return people[n.Reveal()] }
	})
	var list []notify.Message
	for number := range people {
		list = append(list, notify.Message{
			Reference: "r-" + number[7:], To: nhs.MustNumber(number), Personalisation: notify.Personalisation{"body": "one, \"two\"\nthree"},
		})
	}
	var file, first, second bytes.Buffer
	written, err := notify.SendFile{Plan: planID, Reference: "file-1", Fields: []string{"body"}}.Write(&file, each(list))
	if err != nil || written != len(people) {
		t.Fatalf("%d messages written, %v", written, err)
	}
	answer, err := service.ReceiveFile(notifytest.File{MESHMessageID: "m1", Subject: planID, LocalID: "file-1", Content: &file})
	if err != nil {
		t.Fatal(err)
	}
	ack, err := notify.ReadAck(bytes.NewReader(answer))
	if err != nil || ack.MESHMessageID != "m1" || ack.RequestID == "" {
		t.Errorf("acknowledgement is %+v, %v", ack, err)
	}
	if err := service.Advance(t.Context(), 72*time.Hour); err != nil {
		t.Fatal(err)
	}
	monday := time.Date(2026, time.January, 5, 0, 0, 0, 0, time.UTC)
	if err := errors.Join(service.DailyReport(&first, monday), service.DailyReport(&second, monday.AddDate(0, 0, 1))); err != nil {
		t.Fatal(err)
	}
	var book notify.StatusBook
	var rows []string
	for _, report := range []*bytes.Buffer{&first, &second} {
		for row, err := range notify.ReadReport(report) {
			if err != nil {
				t.Fatal(err)
			}
			if row.BatchReference != "file-1" || row.BatchID != ack.RequestID || row.Plan != planID {
				t.Errorf("row is %+v", row)
			}
			rows = append(rows, strings.Join([]string{
				row.Completed.Format(time.DateOnly), row.Reference, string(row.Status), string(row.Channel), string(row.ChannelStatus), row.Description,
			}, " "))
			if event, ok := row.Event(); ok {
				book.Apply(event)
			}
		}
	}
	slices.Sort(rows)
	want := []string{
		"2026-01-05 r-018 delivered nhsapp delivered ",
		"2026-01-05 r-034 failed   Failed reason: Patient is formally dead",
		"2026-01-05 r-042 failed nhsapp failed Failed reason: The supplier couldn’t deliver the message",
		"2026-01-05 r-042 failed sms failed Failed reason: The supplier couldn’t deliver the message",
		"2026-01-06 r-026 delivered nhsapp failed ",
		"2026-01-06 r-026 delivered sms delivered ",
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if book.Len() != len(people) {
		t.Errorf("%d messages in the book", book.Len())
	}
	for m := range book.All() {
		if !m.Terminal() {
			t.Errorf("%s is %s", m.Reference, m.Status)
		}
	}
}

func each(list []notify.Message) iter.Seq2[notify.Message, error] {
	return func(yield func(notify.Message, error) bool) {
		for _, m := range list {
			if !yield(m, nil) {
				return
			}
		}
	}
}

func TestReceiveFileRefuses(t *testing.T) {
	t.Parallel()
	const header = "messageReference,nhsNumber,personalisation_body\n"
	cases := []struct {
		name, subject, local, content, want string
	}{
		{"plan", "b838b13c-f98c-4def-93f0-515d4e4f4ee2", "l", header + "r,9990000018,x\n", "the subject is no routing plan of the account"},
		{"local id", planID, " ", header + "r,9990000018,x\n", "there is no local id"},
		{"nothing", planID, "l", "", "no header: EOF"},
		{"columns", planID, "l", "messageReference,number\n", "no column messageReference, or none nhsNumber"},
		{"nobody", planID, "l", header, "no messages"},
		{"short row", planID, "l", header + "r,9990000018\n", "record on line 2: wrong number of fields"},
		{"reference", planID, "l", header + "r,9990000018,x\n ,9990000018,x\n", "line 3: no messageReference"},
		{"again", planID, "l", header + "r,9990000018,x\nr,9990000026,x\n", "line 3: a messageReference that occurs before"},
		{"number", planID, "l", header + "r,9990000019,x\n", "line 2: not a valid nhsNumber"},
	}
	for _, tc := range cases {
		service := newServer()
		_, err := service.ReceiveFile(notifytest.File{Subject: tc.subject, LocalID: tc.local, Content: strings.NewReader(tc.content)})
		if err == nil || err.Error() != tc.want || service.Messages() != 0 {
			t.Errorf("%s: error %v, %d messages", tc.name, err, service.Messages())
		}
	}
}
