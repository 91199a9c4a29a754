package notify

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"iter"
	"slices"

	"github.com/personalised-prevention/nhs"
)

// The workflows of the MESH route, which takes one file in place of a hundred
// batches and brings reports in place of callbacks. This package writes and reads
// the files; package mesh carries them.
//
// Source: NHS Notify MESH, API catalogue.
const (
	WorkflowSend        = "NHS_NOTIFY_SEND_REQUEST"     // a [SendFile]; the subject is its Plan, the local id its Reference
	WorkflowAck         = "NHS_NOTIFY_SEND_REQUEST_ACK" // see [ReadAck]
	WorkflowBatchReport = "NHS_NOTIFY_BATCH_REPORT"     // see [ReadReport]
	WorkflowDailyReport = "NHS_NOTIFY_DAILY_REPORT"     // see [ReadReport]; the subject is the day
)

// SendFile is a file of messages for the MESH route: CSV with the columns
// messageReference, nhsNumber and personalisation_ with the name of each field.
//
// The names of other columns are not public. Whoever has agreed them with the
// service may give them; without a name, a message that needs the column is
// refused. Contact details and lists cannot be sent: how a file would hold them is
// not public either.
type SendFile struct {
	Plan string // id of the routing plan of all its messages, a UUID

	// Reference names the file for ever, in acknowledgements and reports. It does not
	// protect from sending twice, as that of a [Batch] does: nothing public says that
	// the service recognises a file that comes again, so a second file with the same
	// reference messages everybody again. Record each file before it is sent.
	Reference string

	Fields []string // of the personalisation, each in every message; see [Templates.Fields]

	OriginatorColumn string // for Message.Originator; empty if not agreed
	BillingColumn    string // for Message.BillingReference; empty if not agreed
}

// The limits of one file.
//
// Source: NHS Notify MESH, API catalogue.
const (
	maxFileMessages = 6_000_000
	maxFileBytes    = 2_000_000_000 - 1
)

// Write writes messages, up to 6,000,000 and below 2 GB, and returns how many. The
// file is of use only if there is no error. An [*nhs.ArgumentError] names the
// place of a message that is not valid.
//
// Memory is some 20 bytes a message, to notice a repeated reference.
func (f SendFile) Write(w io.Writer, messages iter.Seq2[Message, error]) (int, error) {
	if err := f.check(); err != nil {
		return 0, err
	}
	if messages == nil {
		return 0, errNilMessages()
	}
	out := csv.NewWriter(&limitedWriter{w: w, left: maxFileBytes})
	header := []string{"messageReference", "nhsNumber"}
	for _, field := range f.Fields {
		header = append(header, "personalisation_"+field)
	}
	for _, column := range []string{f.OriginatorColumn, f.BillingColumn} {
		if column != "" {
			header = append(header, column)
		}
	}
	if err := out.Write(header); err != nil {
		return 0, err
	}
	written, seen := 0, map[uint64]struct{}{}
	row := make([]string, 0, len(header))
	for m, err := range messages {
		if err != nil {
			return written, err
		}
		if written == maxFileMessages {
			return written, &nhs.ArgumentError{Name: "messages", Reason: "must be at most 6,000,000"}
		}
		if row, err = f.row(row[:0], m); err != nil {
			return written, at(written, err)
		}
		mark := hashOf(m.Reference)
		if _, again := seen[mark]; again {
			return written, at(written, &nhs.ArgumentError{Name: "reference", Reason: "must not repeat that of an earlier message"})
		}
		seen[mark] = struct{}{}
		if err := out.Write(row); err != nil {
			return written, err
		}
		written++
	}
	if written == 0 {
		return 0, &nhs.ArgumentError{Name: "messages", Reason: "must not be empty"}
	}
	out.Flush()
	return written, out.Error()
}

func (f SendFile) check() error {
	if err := checkPlan("file plan", f.Plan); err != nil {
		return err
	}
	sorted := slices.Sorted(slices.Values(f.Fields))
	switch {
	case isBlank(f.Reference):
		return &nhs.ArgumentError{Name: "file reference", Reason: "must not be blank"}
	case slices.ContainsFunc(sorted, isBlank):
		return &nhs.ArgumentError{Name: "fields", Reason: "must not be blank"}
	case len(slices.Compact(sorted)) != len(f.Fields):
		return &nhs.ArgumentError{Name: "fields", Reason: "must not repeat"}
	}
	return nil
}

func (f SendFile) row(row []string, m Message) ([]string, error) {
	if err := m.check(); err != nil {
		return row, err
	}
	noColumn := func(name string) error {
		return &nhs.ArgumentError{Name: name, Reason: "needs a column, whose name is to be agreed with the service"}
	}
	switch {
	case m.Plan != "" && m.Plan != f.Plan:
		return row, &nhs.ArgumentError{Name: "plan", Reason: "must be empty or the file's own"}
	case m.Contact != nil: // which also means that there is an NHS number
		return row, &nhs.ArgumentError{Name: "contact", Reason: "cannot be sent in a file"}
	case m.Originator != "" && f.OriginatorColumn == "":
		return row, noColumn("originator")
	case m.BillingReference != "" && f.BillingColumn == "":
		return row, noColumn("billing reference")
	}
	row = append(row, m.Reference, m.To.Reveal())
	for _, field := range f.Fields {
		value, given := m.Personalisation[field]
		if !given {
			return row, badValue(field, "must be given")
		}
		if isList(value) {
			return row, badValue(field, "must not be a list in a file")
		}
		row = append(row, valueText(value))
	}
	if len(m.Personalisation) > len(f.Fields) {
		return row, &nhs.ArgumentError{Name: "personalisation", Reason: "must hold the file's fields only"}
	}
	if f.OriginatorColumn != "" {
		row = append(row, m.Originator)
	}
	if f.BillingColumn != "" {
		row = append(row, m.BillingReference)
	}
	return row, nil
}

func hashOf(s string) uint64 {
	h := fnv.New64a()
	_, _ = io.WriteString(h, s)
	return h.Sum64()
}

// limitedWriter refuses to write more than there is room for.
type limitedWriter struct {
	w    io.Writer
	left int
}

// Write implements [io.Writer].
func (l *limitedWriter) Write(p []byte) (int, error) {
	if len(p) > l.left {
		return 0, &nhs.ArgumentError{Name: "messages", Reason: "must be below 2 GB as CSV"}
	}
	n, err := l.w.Write(p)
	l.left -= n
	return n, err
}

// Ack is the service's acknowledgement of a [SendFile]. The local id of its MESH
// message is the file's Reference.
type Ack struct {
	MESHMessageID string // of the file, as it was sent
	RequestID     string // the service's id of the request
}

// ReadAck reads the content of an acknowledgement.
//
// What acknowledgements of files hold is not public. ReadAck assumes what another
// service of the same makers sends in this workflow: a JSON object with
// meshMessageId and requestId, under the subject 202.
//
// Source: NHSDigital/nhs-notify-digital-letters, lambda mesh-acknowledge.
func ReadAck(r io.Reader) (Ack, error) {
	const limit = 1 << 20
	text, err := io.ReadAll(io.LimitReader(r, limit))
	if err != nil {
		return Ack{}, fmt.Errorf("notify: acknowledgement: %w", err)
	}
	var wire struct {
		MESHMessageID string `json:"meshMessageId"`
		RequestID     string `json:"requestId"`
	}
	if json.Unmarshal(bytes.TrimPrefix(text, []byte(byteOrderMark)), &wire) != nil || wire.RequestID == "" {
		return Ack{}, fmt.Errorf("notify: acknowledgement: %w", errNotRead)
	}
	return Ack(wire), nil
}

var errNotRead = errors.New("not of a known form")

const byteOrderMark = "\ufeff"
