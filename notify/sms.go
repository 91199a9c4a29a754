package notify

import (
	"strings"
	"unicode/utf16"
)

// smsText is what a text message costs the network: how much it counts, and
// whether it fits the small alphabet.
type smsText struct {
	runes  int // characters
	septet int // characters in the small alphabet, where some count twice
	units  int // 16-bit units, if it does not fit
	gsm    bool
}

// measure reads text as the networks do. A text with one character outside their
// small alphabet is sent whole in a larger one, with less room in each fragment.
//
// Source: 3GPP TS 23.038, GSM 7 bit default alphabet and its extension.
func measure(text string) smsText {
	size := smsText{gsm: true}
	for _, r := range text {
		size.runes++
		size.units += max(utf16.RuneLen(r), 1)
		switch {
		case isPlain(r):
			size.septet++
		case strings.ContainsRune(gsmExtension, r):
			size.septet += 2
		default:
			size.gsm = false
		}
	}
	return size
}

func (s smsText) fragments() int {
	if s.gsm {
		return fragments(s.septet, 160, 153)
	}
	return fragments(s.units, 70, 67)
}

// fragments is how many are needed: each of several gives up some room to say
// where it belongs.
func fragments(size, alone, each int) int {
	switch {
	case size == 0:
		return 0
	case size <= alone:
		return 1
	default:
		return (size + each - 1) / each
	}
}

// characters is what counts against the service's limit.
func (s smsText) characters() int {
	if s.gsm {
		return s.septet
	}
	return s.runes
}

// isPlain reports a character that counts once in the small alphabet.
func isPlain(r rune) bool {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == ' ' {
		return true
	}
	return strings.ContainsRune(gsmOther, r)
}

const (
	gsmOther = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà"

	// gsmExtension are the characters that count twice.
	gsmExtension = "\f^{}\\[~]|€"
)
