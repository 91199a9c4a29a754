package campaign

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/internal/durable"
)

// sealedList is what Build leaves for the stages to send. Sealed files are the
// only place where NHS numbers are stored, and never in clear.
type sealedList struct {
	Manifest  governance.Manifest       `json:"manifest"`
	People    []recipient               `json:"people"`
	Excluded  map[string]map[Reason]int `json:"excluded"` // by segment
	CheckedAt time.Time                 `json:"checkedAt"`
	Checked   []governance.Checked      `json:"checked"`

	leftOut []leftOut // since it was read or made
}

// listName is the name of the sealed list; those of runs have the runs' names.
const listName = "list"

// sealedSuffix ends the names of sealed files in [Config.Dir].
const sealedSuffix = ".sealed"

// ErrSeal means that a sealed file was made with another key or for a proposal
// with another id, has another's name, or has been changed.
var ErrSeal = errors.New("the sealed file does not open with this key and proposal")

// errNoFile means that nothing has been sealed under a name.
var errNoFile = errors.New("there is no sealed file")

// seal writes v, encrypted with AES-256-GCM and bound to the proposal and the
// name.
func (c *Campaign) seal(name string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("seal %s: %w", name, err)
	}
	aead, err := c.aead()
	if err != nil {
		return err
	}
	nonce := make([]byte, aead.NonceSize())
	if _, err := io.ReadFull(c.config.Random, nonce); err != nil {
		return fmt.Errorf("seal %s: random: %w", name, err)
	}
	if err := os.MkdirAll(c.config.Dir, 0o700); err != nil {
		return err
	}
	return durable.WriteFile(c.path(name+sealedSuffix), func(w io.Writer) error {
		_, err := w.Write(aead.Seal(nonce, nonce, text, c.binding(name)))
		return err
	})
}

// unseal reads what seal wrote into v.
func (c *Campaign) unseal(name string, v any) error {
	sealed, err := os.ReadFile(c.path(name + sealedSuffix))
	if errors.Is(err, fs.ErrNotExist) {
		return errNoFile
	}
	if err != nil {
		return err
	}
	aead, err := c.aead()
	if err != nil {
		return err
	}
	if len(sealed) < aead.NonceSize() {
		return ErrSeal
	}
	nonce, sealed := sealed[:aead.NonceSize()], sealed[aead.NonceSize():]
	text, err := aead.Open(nil, nonce, sealed, c.binding(name))
	if err != nil {
		return ErrSeal
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber() // personalisation must come out as it went in, to the digit
	if decoder.Decode(v) != nil {
		return ErrSeal // the decoder's own error might quote the list
	}
	return nil
}

func (c *Campaign) path(name string) string { return filepath.Join(c.config.Dir, name) }

// binding ties a sealed file to its campaign and its name.
func (c *Campaign) binding(name string) []byte { return []byte(c.config.Proposal.ID + "\x00" + name) }

// aead derives the sealing key from the campaign's, so that the two uses of one
// secret have nothing in common.
func (c *Campaign) aead() (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, c.config.Key, nil, "nhs-prevention/list/v1", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
