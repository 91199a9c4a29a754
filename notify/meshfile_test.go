package notify_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
)

func seq(messages ...notify.Message) iter.Seq2[notify.Message, error] {
	return func(yield func(notify.Message, error) bool) {
		for _, m := range messages {
			if !yield(m, nil) {
				return
			}
		}
	}
}

func sendFile() notify.SendFile {
	return notify.SendFile{Plan: planID, Reference: "file-1", Fields: []string{"nhsapp_body", "sms_body"}}
}

func TestSendFile(t *testing.T) {
	t.Parallel()
	list := messages(2)
	list[0].Plan = ""
	list[1].Personalisation = notify.Personalisation{"nhsapp_body": "a \"quoted\",\nlong text", "sms_body": 12}
	var out bytes.Buffer
	n, err := sendFile().Write(&out, seq(list...))
	if err != nil || n != 2 {
		t.Fatal(n, err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"messageReference", "nhsNumber", "personalisation_nhsapp_body", "personalisation_sms_body"},
		{"ref-0", number(0).Reveal(), "Please book a check.", "Please book."},
		{"ref-1", number(1).Reveal(), "a \"quoted\",\nlong text", "12"},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}

	file := sendFile()
	file.OriginatorColumn, file.BillingColumn = "originatorCode", "billing"
	list[0].Originator, list[0].BillingReference = "X26", "cost 1"
	out.Reset()
	if _, err := file.Write(&out, seq(list...)); err != nil {
		t.Fatal(err)
	}
	if rows, err = csv.NewReader(&out).ReadAll(); err != nil {
		t.Fatal(err)
	}
	got := [][]string{rows[0][4:], rows[1][4:], rows[2][4:]}
	if diff := cmp.Diff([][]string{{"originatorCode", "billing"}, {"X26", "cost 1"}, {"", ""}}, got); diff != "" {
		t.Errorf("agreed columns (-want +got):\n%s", diff)
	}
}

// TestSendFileValues expects the text that people read.
func TestSendFileValues(t *testing.T) {
	t.Parallel()
	for want, value := range map[string]any{
		"1234567": 1234567.0, "1000000000000000000000": 1e21, "0.00001": 0.00001, "12.5": 12.5, "0.1": float32(0.1), "-3": int8(-3),
		"18446744073709551615": uint64(math.MaxUint64), "true": true, "1000000000": time.Second, "12": json.Number("12"),
	} {
		m := message(0)
		m.Personalisation = notify.Personalisation{"a": value}
		file := sendFile()
		file.Fields = []string{"a"}
		var out bytes.Buffer
		if _, err := file.Write(&out, seq(m)); err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(out.String(), ","+want+"\n") {
			t.Errorf("%v: %q, want %s", value, out.String(), want)
		}
	}
}

func TestSendFileRefusals(t *testing.T) {
	t.Parallel()
	alter := func(change func(*notify.Message)) []notify.Message {
		m := messages(2)
		change(&m[1])
		return m
	}
	set := func(field string, value any) func(*notify.Message) {
		return func(m *notify.Message) {
			m.Personalisation = notify.Personalisation{"nhsapp_body": "a", "sms_body": "b", field: value}
		}
	}
	for _, tc := range []struct {
		messages []notify.Message
		want     string
	}{
		{nil, "messages must not be empty"},
		{alter(func(m *notify.Message) { m.Reference = "" }), "messages[1].reference must not be blank"},
		{alter(func(m *notify.Message) { m.Reference = "ref-0" }), "messages[1].reference must not repeat that of an earlier message"},
		{alter(func(m *notify.Message) { m.Plan = otherPlanID }), "messages[1].plan must be empty or the file's own"},
		{alter(func(m *notify.Message) { m.Contact = &notify.ContactDetails{SMS: "07700900123"} }), "messages[1].contact cannot be sent in a file"},
		{alter(func(m *notify.Message) { m.Originator = "X26" }), "messages[1].originator needs a column, whose name is to be agreed with the service"},
		{alter(func(m *notify.Message) { m.BillingReference = "x" }), "messages[1].billing reference needs a column, whose name is to be agreed with the service"},
		{alter(func(m *notify.Message) { m.Personalisation = nil }), "messages[1].personalisation.nhsapp_body must be given"},
		{alter(set("sms_body", []string{"a"})), "messages[1].personalisation.sms_body must not be a list in a file"},
		{alter(set("other", "a")), "messages[1].personalisation must hold the file's fields only"},
	} {
		_, err := sendFile().Write(&bytes.Buffer{}, seq(tc.messages...))
		checkArgument(t, "Write", err, tc.want)
	}
	for want, change := range map[string]func(*notify.SendFile){
		"file plan must be a routing plan id, a UUID": func(f *notify.SendFile) { f.Plan = "x" },
		"file reference must not be blank":            func(f *notify.SendFile) { f.Reference = " " },
		"fields must not repeat":                      func(f *notify.SendFile) { f.Fields = []string{"a", "b", "a"} },
		"fields must not be blank":                    func(f *notify.SendFile) { f.Fields = []string{"a", ""} },
	} {
		file := sendFile()
		change(&file)
		_, err := file.Write(&bytes.Buffer{}, seq(messages(1)...))
		checkArgument(t, "Write", err, want)
	}
	broken := errors.New("input broke")
	n, err := sendFile().Write(&bytes.Buffer{}, func(yield func(notify.Message, error) bool) {
		_ = yield(message(0), nil) && yield(notify.Message{}, broken)
	})
	if n != 1 || !errors.Is(err, broken) {
		t.Errorf("%d messages, %v", n, err)
	}
	if _, err := sendFile().Write(fullDisk{}, seq(messages(1)...)); !errors.Is(err, errFullDisk) {
		t.Errorf("error is %v", err)
	}
}

var errFullDisk = errors.New("disk full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFullDisk }

// TestSendFileLimits writes endless files.
func TestSendFileLimits(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes a second or two")
	}
	long := strings.Repeat("x", 1<<20)
	n, err := sendFile().Write(sink{}, func(yield func(notify.Message, error) bool) {
		for i := 0; ; i++ {
			m := message(0)
			m.Reference = fmt.Sprint("r", i)
			m.Personalisation = notify.Personalisation{"nhsapp_body": long, "sms_body": ""}
			if !yield(m, nil) {
				return
			}
		}
	})
	checkArgument(t, "Write", err, "messages must be below 2 GB as CSV")
	if n < 1_900 || n > 1_910 {
		t.Errorf("%d messages", n)
	}
}

type sink struct{}

func (sink) Write(p []byte) (int, error) { return len(p), nil }

const dailyReport = "\ufeffcompletedDate,sendingGroupId,requestRefId,requestId,requestItemRefId,requestItemId,requestItemStatus,requestItemFailedReason,communicationType,requestItemPlanStatus,added later\r\n" +
	"2026-01-06," + planID + ",file-1,2WL5qbEa7TzSWZXU2IAOCCrLXVL,ref-0,2WL3qFTEFM0qMY8xjRbt1LIKCzM,DELIVERED,,NHSAPP,DELIVERED,x\r\n" +
	"2026-01-06T10:00:00Z," + planID + ",file-1,2WL5qbEa7TzSWZXU2IAOCCrLXVL,ref-1,2WL3ydEEk37IzREoWRhuAdolFCE,FAILED,\"No channels, none\",,,\r\n"

func TestReadReport(t *testing.T) {
	t.Parallel()
	var rows []notify.ReportRow
	book := &notify.StatusBook{}
	for row, err := range notify.ReadReport(strings.NewReader(dailyReport)) {
		if err != nil {
			t.Fatal(err)
		}
		if event, ok := row.Event(); ok {
			book.Apply(event)
		}
		rows = append(rows, row)
	}
	if len(rows) != 2 || rows[0].Columns["added later"] != "x" || rows[0].Columns["completedDate"] != "2026-01-06" || len(rows[1].Columns) != 11 {
		t.Fatalf("rows are %+v", rows)
	}
	rows[0].Columns, rows[1].Columns = nil, nil
	want := []notify.ReportRow{
		{
			Completed: time.Date(2026, time.January, 6, 0, 0, 0, 0, time.UTC), Plan: planID, BatchReference: "file-1", BatchID: "2WL5qbEa7TzSWZXU2IAOCCrLXVL",
			Reference: "ref-0", MessageID: "2WL3qFTEFM0qMY8xjRbt1LIKCzM", Status: notify.StatusDelivered,
			Channel: notify.NHSApp, ChannelStatus: notify.StatusDelivered,
		},
		{
			Completed: time.Date(2026, time.January, 6, 10, 0, 0, 0, time.UTC), Plan: planID, BatchReference: "file-1", BatchID: "2WL5qbEa7TzSWZXU2IAOCCrLXVL",
			Reference: "ref-1", MessageID: "2WL3ydEEk37IzREoWRhuAdolFCE", Status: notify.StatusFailed, Description: "No channels, none",
		},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if states := book.Reference("ref-1"); len(states) != 1 || states[0].Status != notify.StatusFailed || states[0].Description != "No channels, none" || book.Len() != 2 {
		t.Errorf("the book has %+v", states)
	}
	rows[0].Reference = ""
	if event, ok := rows[0].Event(); ok {
		t.Errorf("a row without a reference is %+v", event)
	}
	for range notify.ReadReport(strings.NewReader(dailyReport)) {
		break // a reader may stop
	}
}

// TestReadReportByHeader has the columns in another order, and none of those that
// are assumed.
func TestReadReportByHeader(t *testing.T) {
	t.Parallel()
	for row, err := range notify.ReadReport(strings.NewReader("requestId, requestRefId,completed_date\nid,ref,soon\n")) {
		want := notify.ReportRow{
			BatchID: "id", BatchReference: "ref",
			Columns: map[string]string{"requestId": "id", "requestRefId": "ref", "completed_date": "soon"},
		}
		if diff := cmp.Diff(want, row); err != nil || diff != "" {
			t.Errorf("%v, row (-want +got):\n%s", err, diff)
		}
		if _, ok := row.Event(); ok {
			t.Error("the row says something of a message")
		}
	}
}

func TestReadReportErrors(t *testing.T) {
	t.Parallel()
	secret := number(7).Reveal()
	for _, text := range []string{"", "a,b\n1\n", "a,b\n1,\"" + secret, "a,b\n" + secret + "\"x,1\n"} {
		var last error
		for _, err := range notify.ReadReport(strings.NewReader(text)) {
			last = err
		}
		if last == nil || strings.Contains(last.Error(), secret) {
			t.Errorf("%q: error is %v", text, last)
		}
	}
}

func FuzzReadReport(f *testing.F) {
	f.Add(dailyReport)
	f.Add("a,a\n1,2\n")
	f.Add("\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		failed := false
		for row, err := range notify.ReadReport(strings.NewReader(text)) {
			if failed {
				t.Fatal("goes on after an error")
			}
			failed = err != nil
			if event, ok := row.Event(); ok && event.MessageID == "" {
				t.Error("an event without a message")
			}
		}
	})
}

func TestReadAck(t *testing.T) {
	t.Parallel()
	got, err := notify.ReadAck(strings.NewReader(`{"meshMessageId":"20260105090000000000_ABC","requestId":"r-1","more":1}`))
	if want := (notify.Ack{MESHMessageID: "20260105090000000000_ABC", RequestID: "r-1"}); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	for _, text := range []string{"", "{}", "[]", "a,b\n", number(7).Reveal()} {
		if got, err := notify.ReadAck(strings.NewReader(text)); err == nil || got != (notify.Ack{}) || strings.Contains(err.Error(), number(7).Reveal()) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}

func ExampleSendFile() {
	file := notify.SendFile{Plan: planID, Reference: "bp-2026-wave-1", Fields: []string{"practice"}}
	var out bytes.Buffer // a real program has the file that goes to package mesh
	n, err := file.Write(&out, seq(notify.Message{
		Reference: "first", To: nhs.MustNumber("9990000018"), Personalisation: notify.Personalisation{"practice": "High Street"},
	}))
	header, _, _ := strings.Cut(out.String(), "\n")
	fmt.Println(n, err, header)
	// Output: 1 <nil> messageReference,nhsNumber,personalisation_practice
}

func ExampleReadReport() {
	report := strings.NewReader("completedDate,requestItemRefId,requestItemId,requestItemStatus\n" +
		"2026-01-06,first,2WL3qFTEFM0qMY8xjRbt1LIKCzM,DELIVERED\n")
	book := &notify.StatusBook{}
	for row, err := range notify.ReadReport(report) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if event, ok := row.Event(); ok {
			book.Apply(event)
		}
	}
	fmt.Println(book.Reference("first")[0].Status)
	// Output: delivered
}
