package campaign

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"github.com/personalised-prevention/nhs/notify"
)

// polledName is the file of the answers NHS Notify has given to Settle. Callbacks
// are the programme's to keep, but nobody else has these: without them somebody
// whose last callback was lost would be unaccounted for again after a restart.
//
// It has a line of JSON for each message that has ended: ids, references, codes and
// times, nothing about a person. A line that a crash has cut is passed over: its
// message is asked about again.
const polledName = "polled.jsonl"

// keep appends answers.
func (c *Campaign) keep(answers []notify.MessageStatus) error {
	if len(answers) == 0 {
		return nil
	}
	file, err := os.OpenFile(c.path(polledName), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	var text []byte
	for _, status := range answers {
		line, err := json.Marshal(withoutWords(status))
		if err != nil {
			return errors.Join(err, file.Close())
		}
		text = append(append(text, '\n'), line...) // the line before may be cut
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Sync(), file.Close())
}

// reread applies what was kept to the book.
func (c *Campaign) reread() error {
	text, err := os.ReadFile(c.path(polledName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for line := range bytes.Lines(text) {
		var status notify.MessageStatus
		if json.Unmarshal(line, &status) == nil {
			c.config.Book.Apply(status)
		}
	}
	return err
}

// withoutWords drops the service's descriptions, which nobody needs and which may
// say anything.
func withoutWords(m notify.MessageStatus) notify.MessageStatus {
	m.Description = ""
	for i := range m.Channels {
		m.Channels[i].Description = ""
	}
	return m
}
