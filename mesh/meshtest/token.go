package meshtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// window is how far a token's timestamp may be from the server's clock.
const window = 2 * time.Hour

// authorise checks the Authorization value for a mailbox, and returns what is
// wrong with it, or "".
func (s *Server) authorise(box, header string) string {
	token, ok := strings.CutPrefix(header, "NHSMESH ")
	parts := strings.Split(token, ":")
	if !ok || len(parts) != 5 {
		return "the authorization header is not in the form NHSMESH mailbox:nonce:count:timestamp:hash"
	}
	id, nonce, count, timestamp, hash := parts[0], parts[1], parts[2], parts[3], parts[4]
	owner, known := s.boxes[box]
	at, err := time.Parse("200601021504", timestamp)
	switch {
	case id != box:
		return "the token is for another mailbox"
	case !known:
		return "no mailbox matches"
	case len(nonce) < 16 || count == "" || strings.Trim(count, "0123456789") != "":
		return "the nonce or its count is malformed"
	case err != nil || at.Sub(s.now()).Abs() > window:
		return "the timestamp is malformed or more than two hours off"
	}
	mac := hmac.New(sha256.New, []byte(owner.SharedKey))
	mac.Write([]byte(id + ":" + nonce + ":" + count + ":" + owner.Password + ":" + timestamp))
	if hash != hex.EncodeToString(mac.Sum(nil)) {
		return "the token's hash is wrong"
	}
	if s.seen[token] {
		return "the token has been used before"
	}
	s.seen[token] = true
	return ""
}
