package redact

import (
	"fmt"
	"io"
)

// Error returns an error that is not this module's with its text masked as by [Text],
// under every verb. It unwraps to err.
func Error(err error) error { return &maskedError{err} }

type maskedError struct{ err error }

func (e *maskedError) Error() string { return Text(e.err.Error()) }

func (e *maskedError) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, e.Error()) }

func (e *maskedError) Unwrap() error { return e.err }
