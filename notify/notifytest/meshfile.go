package notifytest

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
)

// File is a file of messages as it comes by MESH, in the workflow
// NHS_NOTIFY_SEND_REQUEST.
type File struct {
	MESHMessageID string
	Subject       string // id of the routing plan
	LocalID       string // the sender's reference
	Content       io.Reader
}

// ReceiveFile accepts the messages of a file and returns the content of the
// acknowledgement. The error names the line that is not valid; nothing is accepted
// then.
//
// How the service refuses files is not public, nor whether it recognises a file
// that comes again: here it does not, and everybody is messaged again.
func (s *Server) ReceiveFile(f File) (ack []byte, err error) {
	items, err := readFile(f.Content)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	plan, ok := s.plans[strings.ToLower(f.Subject)]
	switch {
	case !ok:
		return nil, errors.New("the subject is no routing plan of the account")
	case strings.TrimSpace(f.LocalID) == "":
		return nil, errors.New("there is no local id")
	}
	request := s.newBatch(f.LocalID)
	for _, it := range items {
		s.add(it, plan, request)
	}
	return json.Marshal(object{"meshMessageId": f.MESHMessageID, "requestId": request})
}

func readFile(content io.Reader) ([]item, error) {
	in := csv.NewReader(content)
	header, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("no header: %w", err)
	}
	reference, number := slices.Index(header, "messageReference"), slices.Index(header, "nhsNumber")
	if reference < 0 || number < 0 {
		return nil, errors.New("no column messageReference, or none nhsNumber")
	}
	seen := map[string]bool{}
	var items []item
	for {
		values, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		it := item{reference: values[reference], personalisation: map[string]any{}}
		it.to, err = nhs.ParseNumber(values[number])
		line, _ := in.FieldPos(0)
		switch {
		case strings.TrimSpace(it.reference) == "":
			return nil, fmt.Errorf("line %d: no messageReference", line)
		case seen[it.reference]:
			return nil, fmt.Errorf("line %d: a messageReference that occurs before", line)
		case err != nil:
			return nil, fmt.Errorf("line %d: not a valid nhsNumber", line)
		}
		seen[it.reference] = true
		for i, name := range header {
			if field, ok := strings.CutPrefix(name, "personalisation_"); ok {
				it.personalisation[field] = values[i]
			}
		}
		items = append(items, it)
	}
	if len(items) == 0 {
		return nil, errors.New("no messages")
	}
	return items, nil
}

// DailyReport writes the report that the service sends by MESH in the workflow
// NHS_NOTIFY_DAILY_REPORT: the messages, however they were sent, that were
// delivered or failed on a day of UTC, with a row for each channel that was tried.
//
// Only the first four columns have public names; the others are those of the
// service's public reporting queries.
func (s *Server) DailyReport(w io.Writer, day time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := csv.NewWriter(w)
	rows := [][]string{{
		"completedDate", "sendingGroupId", "requestRefId", "requestId",
		"requestItemRefId", "requestItemId", "requestItemStatus", "requestItemFailedReason",
		"communicationType", "requestItemPlanStatus",
	}}
	now := s.now()
	for _, m := range s.messages {
		completed, done := m.completed(now)
		if date := completed.UTC().Format(time.DateOnly); done && date == day.UTC().Format(time.DateOnly) {
			rows = append(rows, m.report(date, s.batches[m.batch], m.at(completed))...)
		}
	}
	return out.WriteAll(rows)
}

// completed returns when a message came to its end, if it has.
func (m *message) completed(now time.Time) (time.Time, bool) {
	for _, step := range m.timeline() {
		if step.channel < 0 && step.status.Terminal() {
			when := m.accepted.Add(step.after)
			return when, !when.After(now)
		}
	}
	return time.Time{}, false
}

func (m *message) report(date, batch string, st state) [][]string {
	row := func(channel, status string) []string {
		return []string{
			date, m.plan.ID, batch, m.batch,
			m.reference, m.id, strings.ToUpper(string(st.status)), st.why.description, channel, status,
		}
	}
	var rows [][]string
	for _, c := range st.channels {
		channel, _ := c["type"].(notify.Channel)
		if status, _ := c["channelStatus"].(notify.Status); status.Terminal() {
			rows = append(rows, row(strings.ToUpper(string(channel)), strings.ToUpper(string(status))))
		}
	}
	if len(rows) == 0 { // failed before any channel was tried
		rows = append(rows, row("", ""))
	}
	return rows
}
