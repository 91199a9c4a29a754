package notify

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
)

// errTorn is what is left when a crash interrupts the writing of a block.
var errTorn = errors.New("the last block is incomplete")

// logEnd returns where the last good block ends, 0 for a file that has not begun.
// Damage that no crash can have done is [ErrJournalCorrupt].
func logEnd(file io.ReaderAt, size int64, title string) (int64, error) {
	s := newLogScanner(file, size)
	switch begun, err := s.begin(title); {
	case err != nil:
		return 0, err
	case !begun:
		return 0, nil
	}
	for {
		end := s.offset
		switch _, err := s.next(); {
		case errors.Is(err, io.EOF), errors.Is(err, errTorn):
			return end, nil
		case err != nil:
			return 0, err
		}
	}
}

// logRecords yields the records of a file that ends with a good block.
func logRecords(file io.ReaderAt, size int64, title string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		s := newLogScanner(file, size)
		_, err := s.begin(title)
		for err == nil {
			var content []byte
			if content, err = s.next(); err != nil {
				break
			}
			for len(content) > 0 && err == nil {
				var record []byte
				if record, content, err = cutRecord(content); err == nil && !yield(record, nil) {
					return
				}
			}
		}
		if errors.Is(err, errTorn) {
			err = fmt.Errorf("%w: %w", ErrJournalCorrupt, err) // it was whole when the file was opened
		}
		if !errors.Is(err, io.EOF) {
			yield(nil, err)
		}
	}
}

// cutRecord returns the first record of a block's content, and the rest.
func cutRecord(content []byte) (record, rest []byte, err error) {
	length, n := binary.Uvarint(content)
	if n <= 0 || length > uint64(len(content[n:])) {
		return nil, nil, fmt.Errorf("%w: a block holds no records", ErrJournalCorrupt)
	}
	end := n + int(length) //nolint:gosec // at most len(content)
	return content[n:end], content[end:], nil
}

// logScanner reads a file block by block.
type logScanner struct {
	file    io.ReaderAt
	size    int64
	r       *bufio.Reader
	offset  int64 // of the end of the last good block
	content []byte
}

func newLogScanner(file io.ReaderAt, size int64) *logScanner {
	const buffer = 64 << 10
	return &logScanner{file: file, size: size, r: bufio.NewReaderSize(io.NewSectionReader(file, 0, size), buffer)}
}

// begin reads the title. A file no longer than that which holds only a part of it,
// or nothing but zeros, has not begun: a crash can leave that. Any other belongs to
// somebody else.
func (s *logScanner) begin(title string) (begun bool, err error) {
	first := make([]byte, min(s.size, int64(len(title))))
	if _, err := io.ReadFull(s.r, first); err != nil {
		return false, err
	}
	s.offset = int64(len(first))
	switch {
	case string(first) == title:
		return true, nil
	case s.size <= int64(len(title)) && (title[:len(first)] == string(first) || len(bytes.Trim(first, "\x00")) == 0):
		return false, nil
	default:
		return false, fmt.Errorf("%w: it does not begin as one", ErrJournalCorrupt)
	}
}

// next returns the content of the next block, valid until the one after. At the
// end it returns io.EOF, behind a block that a crash left unfinished errTorn, and
// for other damage [ErrJournalCorrupt].
func (s *logScanner) next() ([]byte, error) {
	var header [logHeader]byte
	switch _, err := io.ReadFull(s.r, header[:]); {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errTorn
	case err != nil:
		return nil, err
	}
	length, ok := parseHeader(header[:])
	if !ok {
		return nil, s.damagedHeader()
	}
	end := s.offset + logHeader + int64(length)
	if end > s.size {
		return nil, errTorn
	}
	if cap(s.content) < length {
		s.content = make([]byte, length)
	}
	s.content = s.content[:length]
	if _, err := io.ReadFull(s.r, s.content); err != nil {
		return nil, err
	}
	if checksum(s.content) != binary.LittleEndian.Uint32(header[8:]) {
		if end == s.size {
			return nil, errTorn
		}
		return nil, s.corrupt()
	}
	s.offset = end
	return s.content, nil
}

// damagedHeader tells an unfinished block from a damaged one: nothing was written
// behind the former.
func (s *logScanner) damagedHeader() error {
	r := bufio.NewReader(io.NewSectionReader(s.file, s.offset+1, s.size-s.offset-1))
	for {
		header, err := r.Peek(logHeader)
		switch {
		case errors.Is(err, io.EOF):
			return errTorn
		case err != nil:
			return err
		}
		if _, ok := parseHeader(header); ok {
			return s.corrupt()
		}
		if _, err := r.Discard(1); err != nil {
			return err
		}
	}
}

func (s *logScanner) corrupt() error {
	return fmt.Errorf("%w: at byte %d", ErrJournalCorrupt, s.offset)
}

// parseHeader returns the length of the content behind a header, if it is one.
func parseHeader(header []byte) (length int, ok bool) {
	if string(header[:len(logMarker)]) != logMarker ||
		checksum(header[:12]) != binary.LittleEndian.Uint32(header[12:]) {
		return 0, false
	}
	length = int(binary.LittleEndian.Uint32(header[4:]))
	return length, length <= maxBlock
}
