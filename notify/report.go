package notify

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"
)

// ReportRow is one row of a report of the MESH route. A daily report has one for
// every message, or every channel of a message, that was completed that day.
//
// Columns are known by their names, whatever their order; the service may append
// new ones. Completed, Plan, BatchReference and BatchID have public names. The
// others are assumed to have those of the service's public reporting queries:
// requestItemRefId, requestItemId, requestItemStatus, requestItemFailedReason,
// communicationType and requestItemPlanStatus. A field whose column is absent is
// empty; Columns has everything.
type ReportRow struct {
	Completed      time.Time // completedDate; zero if it is not a date
	Plan           string    // sendingGroupId, which is the service's older word for a routing plan
	BatchReference string    // requestRefId
	BatchID        string    // requestId

	Reference     string // requestItemRefId
	MessageID     string // requestItemId
	Status        Status // requestItemStatus
	Description   string // requestItemFailedReason
	Channel       Channel
	ChannelStatus Status

	Columns map[string]string // every column of the row, by name
}

// Event returns what the row says about its message, for a [StatusBook], and
// whether it says enough: the message's id, reference and status, without which the
// book would take it for another message. What it says about a channel is not part of it: the
// place in the cascade, by which the book knows a channel, is not in a report.
func (r ReportRow) Event() (MessageEvent, bool) {
	e := MessageEvent{
		MessageID: r.MessageID, Reference: r.Reference, Status: r.Status, Description: r.Description, At: r.Completed,
		Plan: RoutingPlan{ID: r.Plan},
	}
	return e, r.MessageID != "" && r.Reference != "" && r.Status != ""
}

// ReadReport reads a report row by row: a daily report, or a batch report, whose
// columns are not public. An error ends it; its text holds line numbers and
// nothing of the report.
func ReadReport(r io.Reader) iter.Seq2[ReportRow, error] {
	return func(yield func(ReportRow, error) bool) {
		fail := func(err error) { yield(ReportRow{}, fmt.Errorf("notify: report: %w", err)) }
		buffered := bufio.NewReader(r)
		if start, err := buffered.Peek(len(byteOrderMark)); err == nil && string(start) == byteOrderMark {
			_, _ = buffered.Discard(len(byteOrderMark))
		}
		in := csv.NewReader(buffered)
		in.ReuseRecord = true
		header, err := in.Read()
		if err != nil {
			fail(err) // io.EOF, too: a report without a header is none
			return
		}
		names := make([]string, len(header))
		for i, name := range header {
			names[i] = strings.TrimSpace(name)
		}
		for {
			values, err := in.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				fail(err)
				return
			}
			columns := make(map[string]string, len(names))
			for i, name := range names {
				columns[name] = values[i]
			}
			if !yield(reportRow(columns), nil) {
				return
			}
		}
	}
}

func reportRow(columns map[string]string) ReportRow {
	row := ReportRow{Columns: columns}
	for name, value := range columns {
		switch plainName(name) {
		case "completeddate":
			row.Completed = reportDate(value)
		case "sendinggroupid":
			row.Plan = value
		case "requestrefid":
			row.BatchReference = value
		case "requestid":
			row.BatchID = value
		case "requestitemrefid":
			row.Reference = value
		case "requestitemid":
			row.MessageID = value
		case "requestitemstatus":
			row.Status = Status(strings.ToLower(value))
		case "requestitemfailedreason":
			row.Description = value
		case "communicationtype":
			row.Channel = Channel(strings.ToLower(value))
		case "requestitemplanstatus":
			row.ChannelStatus = Status(strings.ToLower(value))
		}
	}
	return row
}

// reportDate reads a date, with or without the time of day.
func reportDate(s string) time.Time {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t
	}
	return instant(s)
}
