package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
)

// Reference returns a message reference that is the same for the same key and
// parts, and tells nothing about them: 26 letters and digits of a keyed hash
// (HMAC-SHA256, 130 bits in base32). Parts may therefore include an NHS number:
//
//	notify.Reference(key, "bp-2026", "wave-1", number.Reveal())
//
// The key is a secret of at least 16 bytes, one for a campaign, and has to be
// kept as long as its messages matter: whoever has it can find the reference of
// a person. Without a stable reference a repeated run sends twice.
func Reference(key []byte, parts ...string) string {
	mac := hmac.New(sha256.New, key)
	var length [8]byte
	for _, part := range parts {
		// Lengths keep "ab", "c" apart from "a", "bc".
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		_, _ = mac.Write(length[:])
		_, _ = mac.Write([]byte(part))
	}
	return referenceText(mac.Sum(nil))
}

// referenceText makes printable text of a digest: enough of it that no two
// references ever meet, in characters that survive any system.
func referenceText(digest []byte) string {
	return base32.StdEncoding.EncodeToString(digest)[:26]
}
