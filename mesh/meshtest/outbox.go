package meshtest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// send accepts a message, or the first chunk of one.
func (s *Server) send(r request) reply {
	h := r.Header
	total, refused := s.checkSend(r)
	if refused != nil {
		return refused.reply("")
	}
	m := &message{
		Message: Message{
			From: r.box, Workflow: h.Get("Mex-Workflowid"), LocalID: h.Get("Mex-Localid"), Subject: h.Get("Mex-Subject"),
			FileName: h.Get("Mex-Filename"), ContentType: h.Get("Content-Type"), Checksum: h.Get("Mex-Content-Checksum"),
			Chunks: [][]byte{r.body},
		},
		to: strings.ToUpper(h.Get("Mex-To")), kind: "DATA", encoding: strings.ToLower(h.Get("Content-Encoding")), total: total,
	}
	if total > 1 {
		m.state = uploading
	}
	return document(http.StatusAccepted, map[string]string{"message_id": s.add(m)})
}

// refused says why a message or chunk is not accepted.
type refused struct {
	status    int
	code, msg string
}

func (r *refused) reply(messageID string) reply {
	body := map[string]any{"detail": []any{map[string]string{"event": "SEND", "code": r.code, "msg": r.msg}}}
	if messageID != "" {
		body["message_id"] = messageID
	}
	return document(r.status, body)
}

// checkSend returns the number of chunks, or why the message is refused.
func (s *Server) checkSend(r request) (total int, _ *refused) {
	h := r.Header
	for name, limit := range map[string]int{
		"Mex-To": 100, "Mex-Workflowid": 300, "Mex-Localid": 300, "Mex-Filename": 300, "Mex-Subject": 500,
		"Mex-Partnerid": 500, "Mex-Chunk-Range": 20, "Mex-Content-Checksum": 100, "Mex-Content-Type": 100, "Content-Type": 100,
	} {
		if v := h.Get(name); len(v) > limit || strings.ContainsFunc(v, func(c rune) bool { return c < ' ' || c == 0x7f }) {
			return 0, &refused{http.StatusBadRequest, "06", "malformed header " + name}
		}
	}
	for _, name := range []string{"Mex-To", "Mex-Workflowid", "Mex-Content-Checksum"} {
		if v := strings.ToLower(h.Get(name)); strings.HasPrefix(v, "http://") || strings.HasPrefix(v, "https://") {
			return 0, &refused{http.StatusBadRequest, "06", "an address in header " + name}
		}
	}
	number, total, ok := chunkRange(h.Get("Mex-Chunk-Range"))
	to, known := s.boxes[strings.ToUpper(h.Get("Mex-To"))]
	switch {
	case h.Get("Mex-To") == "":
		return 0, &refused{http.StatusBadRequest, "08", "missing recipient"}
	case h.Get("Mex-Workflowid") == "":
		return 0, &refused{http.StatusBadRequest, "06", "missing workflow id"}
	case strings.ContainsFunc(h.Get("Mex-Content-Checksum"), func(c rune) bool { return !isChecksum(c) }):
		return 0, &refused{http.StatusBadRequest, "Invalid checksum", "a checksum is letters, digits, space, : - and /"}
	case h.Get("Mex-From") != "" && !strings.EqualFold(h.Get("Mex-From"), r.box):
		return 0, &refused{http.StatusExpectationFailed, "07", "the sender is another mailbox"}
	case !ok || number != 1:
		return 0, &refused{http.StatusExpectationFailed, "InvalidHeaderChunks", "the chunk range must be absent or 1:n"}
	case h.Get("Content-Encoding") != "" && !strings.EqualFold(h.Get("Content-Encoding"), "gzip"):
		return 0, &refused{http.StatusUnprocessableEntity, "UnsupportedContentEncoding", "the encoding must be gzip"}
	case len(r.body) == 0:
		return 0, &refused{http.StatusExpectationFailed, "02", "data is missing"}
	case !known:
		return 0, &refused{http.StatusExpectationFailed, "12", "unregistered recipient"}
	case !slices.Contains(to.Workflows, h.Get("Mex-Workflowid")):
		return 0, &refused{http.StatusExpectationFailed, "17", "the workflow is not registered for the recipient"}
	default:
		return total, nil
	}
}

func isChecksum(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune(" :-/", c)
}

// chunkRange reads "k:n"; nothing is 1:1.
func chunkRange(text string) (number, total int, ok bool) {
	if text == "" {
		return 1, 1, true
	}
	k, n, _ := strings.Cut(text, ":")
	number, errK := strconv.Atoi(k)
	total, errN := strconv.Atoi(n)
	return number, total, errK == nil && errN == nil && 0 < number && number <= total
}

// sendChunk accepts a chunk after the first; the last one completes the message.
func (s *Server) sendChunk(r request) reply {
	id := r.PathValue("id")
	i := slices.IndexFunc(s.messages, func(m *message) bool { return m.id == id })
	if i < 0 {
		return noMessage()
	}
	m := s.messages[i]
	if m.From != r.box {
		return refusal(http.StatusForbidden, "SEND", "", "the message is another mailbox's")
	}
	asked, err := strconv.Atoi(r.PathValue("chunk"))
	if err != nil {
		return noMessage()
	}
	if refused := m.checkChunk(r, asked); refused != nil {
		return refused.reply(id)
	}
	if asked > len(m.Chunks) {
		m.Chunks = append(m.Chunks, nil)
	}
	m.Chunks[asked-1] = r.body
	if asked == m.total {
		m.state, m.arrived = waiting, s.now()
	}
	return document(http.StatusAccepted, nil)
}

// checkChunk returns why a chunk is refused. Chunks come in order; one that is
// there already may come again.
func (m *message) checkChunk(r request, asked int) *refused {
	number, total, ok := chunkRange(r.Header.Get("Mex-Chunk-Range"))
	switch {
	case r.Header.Get("Mex-Chunk-Range") == "" || !ok || number != asked:
		return &refused{http.StatusExpectationFailed, "InvalidHeaderChunks", "the chunk range does not fit the path"}
	case m.state != uploading:
		return &refused{http.StatusLocked, "Message already accepted", "the message is complete"}
	case asked < 2 || asked > m.total:
		return &refused{http.StatusNotAcceptable, "", fmt.Sprintf("the message has %d chunks", m.total)}
	case total != m.total || asked > len(m.Chunks)+1:
		return &refused{http.StatusExpectationFailed, "InvalidHeaderChunks", "chunks come in order, and their number stays"}
	case !strings.EqualFold(r.Header.Get("Content-Encoding"), m.encoding):
		return &refused{http.StatusExpectationFailed, "", "cannot change content encoding"}
	case len(r.body) == 0:
		return &refused{http.StatusExpectationFailed, "02", "data is missing"}
	default:
		return nil
	}
}
