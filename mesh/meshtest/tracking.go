package meshtest

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// track tells of a message by its id, in version 2.
func (s *Server) track(r request) reply {
	id := r.URL.Query().Get("messageID")
	i := slices.IndexFunc(s.messages, func(m *message) bool { return m.id == id && m.From == r.box && m.kind == "DATA" })
	if i < 0 {
		return noMessage()
	}
	m := s.messages[i]
	to, last := s.boxes[m.to], m.event()
	return document(http.StatusOK, map[string]any{
		"message_id": m.id, "local_id": m.LocalID, "workflow_id": m.Workflow, "filename": m.FileName,
		// Like the real service: no zone.
		"upload_timestamp": m.arrived.UTC().Format(zoneless), "expiry_time": m.arrived.Add(keep).UTC().Format(zoneless),
		"recipient": m.to, "recipient_name": to.Name, "recipient_ods_code": to.ODSCode,
		"status": m.status(), "status_success": m.failure == nil,
		"status_code": last.Code, "status_event": last.Event, "status_description": last.Description,
	})
}

// zoneless is how times come in version 2.
const zoneless = "2006-01-02T15:04:05.000000"

// trackLocalID tells of a message by its sender's id, in version 1.
func (s *Server) trackLocalID(r request) reply {
	var found []*message
	for _, m := range s.messages {
		if m.LocalID == r.PathValue("local") && m.From == r.box && m.kind == "DATA" {
			found = append(found, m)
		}
	}
	switch len(found) {
	case 0:
		return noMessage()
	case 1:
	default:
		return refusal(http.StatusMultipleChoices, "", "", "the local id is not unique")
	}
	m := found[0]
	size := 0
	for _, chunk := range m.Chunks {
		size += len(chunk)
	}
	status := m.status()
	success := "SUCCESS"
	if m.failure != nil {
		success = "ERROR"
	}
	answer := document(http.StatusOK, map[string]any{
		"addressType": "ALL", "chunkCount": m.total, "contentEncoding": m.encoding, "checksum": m.Checksum,
		"dtsId": m.id, "messageId": m.id, "localId": m.LocalID, "fileName": m.FileName, "fileSize": size,
		"messageType": "Data", "recipient": m.to, "recipientName": s.boxes[m.to].Name,
		"meshRecipientOdsCode": s.boxes[m.to].ODSCode, "sender": m.From, "senderName": s.boxes[m.From].Name,
		"senderOdsCode": s.boxes[m.From].ODSCode, "subject": m.Subject, "workflowId": m.Workflow, "version": "1.0",
		"status": strings.ToUpper(status[:1]) + status[1:], "statusSuccess": success,
		"uploadTimestamp": stamp(m.arrived), "expiryTime": stamp(m.arrived.Add(keep)),
	})
	answer.header.Set("Content-Type", "application/json")
	return answer
}

func stamp(at time.Time) string { return at.UTC().Format("20060102150405") }

// status names the state of a message for its sender.
func (m *message) status() string {
	switch m.state {
	case uploading:
		return "uploading"
	case acknowledged:
		return "acknowledged"
	case gone:
		return "undeliverable"
	case waiting:
	}
	return "accepted"
}

// lookup finds the mailboxes that may receive a workflow, of one organisation if
// the path names one.
func (s *Server) lookup(r request) reply {
	results := []map[string]string{}
	for id, box := range s.boxes {
		ods := r.PathValue("ods")
		if (ods == "" || strings.EqualFold(ods, box.ODSCode)) && slices.Contains(box.Workflows, r.PathValue("workflow")) {
			results = append(results, map[string]string{"mailbox_id": id, "mailbox_name": box.Name})
		}
	}
	slices.SortFunc(results, func(a, b map[string]string) int { return strings.Compare(a["mailbox_id"], b["mailbox_id"]) })
	return document(http.StatusOK, map[string]any{"results": results})
}
