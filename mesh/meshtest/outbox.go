package meshtest

import (
	"net/http"
	"slices"
	"strings"
)

// send accepts a message of one chunk.
func (s *Server) send(r request) reply {
	h := r.Header
	if status, code, msg := s.checkSend(r); status != 0 {
		return refusal(status, "SEND", code, msg)
	}
	id := s.add(&message{
		Message: Message{
			From: r.box, Workflow: h.Get("Mex-Workflowid"), LocalID: h.Get("Mex-Localid"), Subject: h.Get("Mex-Subject"),
			FileName: h.Get("Mex-Filename"), ContentType: h.Get("Content-Type"), Chunks: [][]byte{r.body},
		},
		to: strings.ToUpper(h.Get("Mex-To")), kind: "DATA", encoding: strings.ToLower(h.Get("Content-Encoding")),
	})
	return document(http.StatusAccepted, map[string]string{"message_id": id})
}

// checkSend returns the status, code and text to refuse a message with; status 0
// accepts it.
func (s *Server) checkSend(r request) (status int, code, msg string) {
	h := r.Header
	for name, limit := range map[string]int{
		"Mex-To": 100, "Mex-Workflowid": 300, "Mex-Localid": 300, "Mex-Filename": 300, "Mex-Subject": 500, "Mex-Chunk-Range": 20,
	} {
		if v := h.Get(name); len(v) > limit || strings.ContainsFunc(v, func(c rune) bool { return c < ' ' || c == 0x7f }) {
			return http.StatusBadRequest, "06", "malformed header " + name
		}
	}
	to, known := s.boxes[strings.ToUpper(h.Get("Mex-To"))]
	chunk := h.Get("Mex-Chunk-Range")
	switch {
	case h.Get("Mex-To") == "":
		return http.StatusBadRequest, "08", "missing recipient"
	case h.Get("Mex-Workflowid") == "":
		return http.StatusBadRequest, "06", "missing workflow id"
	case h.Get("Mex-From") != "" && !strings.EqualFold(h.Get("Mex-From"), r.box):
		return http.StatusExpectationFailed, "07", "the sender is another mailbox"
	case chunk != "" && chunk != "1:1":
		return http.StatusNotImplemented, "", "this server takes messages of one chunk"
	case h.Get("Content-Encoding") != "" && !strings.EqualFold(h.Get("Content-Encoding"), "gzip"):
		return http.StatusUnprocessableEntity, "UnsupportedContentEncoding", "the encoding must be gzip"
	case len(r.body) == 0:
		return http.StatusExpectationFailed, "02", "data is missing"
	case !known:
		return http.StatusExpectationFailed, "12", "unregistered recipient"
	case !slices.Contains(to.Workflows, h.Get("Mex-Workflowid")):
		return http.StatusExpectationFailed, "17", "the workflow is not registered for the recipient"
	default:
		return 0, "", ""
	}
}
