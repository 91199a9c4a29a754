package optout

import "io"

// ReadReply lets a fuzz target read replies without a mailbox. It returns nil for
// news of progress.
func ReadReply(from io.Reader, list *List) (*Result, error) {
	r, err := readReply(from, list)
	if r != nil {
		r.complete(Receipt{}, MaxAge)
	}
	return r, err
}
