package columnar

import (
	"cmp"
	"errors"
	"slices"
	"strconv"

	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// personKey says whose a row is. Keys are texts; a number is its decimal text. They are in order of length, and those of
// one length in order of their bytes, so that numbers are in order of size.
type personKey struct {
	number int64  // what text says, or -1 if that is no number like this
	text   string // empty if number is not -1
}

// maxDigits is how many digits fit in a number whatever they are.
const maxDigits = 18

// newKey makes a key of a text, which must not be empty.
func newKey(text []byte) personKey {
	if n, ok := keyNumber(text); ok {
		return personKey{number: n}
	}
	return personKey{-1, string(text)}
}

// keyNumber returns the number that a text is. One with a leading zero is a text like others.
func keyNumber(text []byte) (n int64, ok bool) {
	if len(text) == 0 || len(text) > maxDigits || text[0] == '0' && len(text) > 1 {
		return 0, false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// numberKey makes a key of a number that is not negative.
func numberKey(n int64) personKey {
	if n >= 1e18 {
		return personKey{-1, strconv.FormatInt(n, 10)}
	}
	return personKey{number: n}
}

func (k personKey) String() string {
	if k.number >= 0 {
		return strconv.FormatInt(k.number, 10)
	}
	return k.text
}

func (k personKey) compare(other personKey) int {
	switch {
	case k.number < 0 || other.number < 0:
		return k.compareTexts(other)
	case k.number < other.number:
		return -1
	default:
		return one(k.number > other.number)
	}
}

func (k personKey) compareTexts(other personKey) int {
	a, b := k.String(), other.String()
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

// checkKey returns why a column cannot say whose a row is, or nil.
func checkKey(c *flatfile.Column) error {
	if form := formOf(c); form != formText && form != formInteger {
		return errors.New("holds neither whole numbers nor texts, and so cannot say whose a row is")
	}
	return nil
}

var errNegativeKey = errors.New("a person's key is negative")

// keys are those of a page or of a dictionary.
type keys struct {
	numbers []int64 // where all are numbers, or
	texts   []personKey
	isText  bool
	read    []int64 // numbers that are written as texts
}

// take takes the values of a column, which stay as they are.
func (k *keys) take(c *flatfile.Column, v *flatfile.Values) error {
	k.isText = c.Type != format.Int32 && c.Type != format.Int64
	if !k.isText {
		k.numbers = v.Integers
		if len(k.numbers) > 0 && slices.Min(k.numbers) < 0 {
			return errNegativeKey
		}
		return nil
	}
	if k.readNumbers(v.Texts) {
		k.isText = false
		return nil
	}
	k.texts = extend(k.texts, len(v.Texts))
	for i, text := range v.Texts {
		switch {
		case len(text) == 0:
			k.texts[i] = nobody()
		case len(text) > maxKey:
			return errLongKey
		case i > 0 && string(v.Texts[i-1]) == string(text):
			k.texts[i] = k.texts[i-1]
		default:
			k.texts[i] = newKey(text)
		}
	}
	return nil
}

// readNumbers reads texts as numbers, and reports whether all of them are.
func (k *keys) readNumbers(texts [][]byte) bool {
	k.read = extend(k.read, len(texts))
	for i, text := range texts {
		if i > 0 && string(texts[i-1]) == string(text) {
			k.read[i] = k.read[i-1]
			continue
		}
		n, ok := keyNumber(text)
		if !ok {
			return false
		}
		k.read[i] = n
	}
	k.numbers = k.read
	return true
}

func (k *keys) at(i int) personKey {
	if k.isText {
		return k.texts[i]
	}
	return numberKey(k.numbers[i])
}

// maxKey is how many bytes a person's key may have.
const maxKey = 256

var errLongKey = errors.New("a person's key is longer than 256 bytes")

// nobody is no key.
func nobody() personKey { return personKey{number: -1} }

// known reports whether there is a key at all.
func (k personKey) known() bool { return k.number >= 0 || k.text != "" }
