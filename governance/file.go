package governance

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"sync"

	"github.com/personalised-prevention/nhs/internal/durable"
)

// maxRecord bounds one record, so that a damaged file cannot fill memory.
const maxRecord = 1 << 20

// FileStorage keeps one record on each line of a file. It is safe for concurrent use. Where the system can
// lock files (not Windows) two processes can have one open: the slower gets ErrConflict.
type FileStorage struct {
	mu      sync.Mutex
	file    *os.File
	size    int64 // bytes in whole records
	records int64
	broken  error // why nothing can be appended
}

// OpenFile opens or creates a log file, readable by its owner only. A torn tail is not an error here:
// [FileStorage.Records] reports it and Append refuses until [FileStorage.DiscardTornTail].
func OpenFile(path string) (*FileStorage, error) {
	file, err := os.OpenFile(filepath.Clean(path), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("governance: log file: %w", err)
	}
	s := &FileStorage{file: file}
	if err := errors.Join(s.scan(), durable.SyncDir(filepath.Dir(path))); err != nil {
		return nil, errors.Join(fmt.Errorf("governance: log file: %w", err), file.Close())
	}
	return s, nil
}

// openReadOnly opens a log file to be read, and never makes one.
func openReadOnly(path string) (*FileStorage, error) {
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("governance: log file: %w", err)
	}
	return &FileStorage{file: file, broken: fs.ErrPermission}, nil
}

// Append implements [Storage]. After a failed write or sync nobody knows what the disk holds, so the
// storage takes no more records until it is opened again.
func (s *FileStorage) Append(ctx context.Context, index int64, record []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(record) > maxRecord || bytes.IndexByte(record, '\n') >= 0 {
		return &FieldError{Field: "record", Reason: fmt.Sprintf("must be one line of at most %d bytes", maxRecord)}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return s.broken
	}
	// Another process must not write between the question how long the file is and the answer.
	unlock, err := durable.Lock(s.file)
	if err != nil {
		return fmt.Errorf("governance: log file: %w", err)
	}
	defer func() { _ = unlock() }()
	info, err := s.file.Stat()
	if err != nil {
		return fmt.Errorf("governance: log file: %w", err)
	}
	if index != s.records || info.Size() != s.size {
		return ErrConflict
	}
	line := append(bytes.Clone(record), '\n')
	_, err = s.file.Write(line)
	if err == nil {
		err = s.file.Sync()
	}
	if err != nil {
		s.broken = fmt.Errorf("governance: log file must be opened again: %w", err)
		return s.broken
	}
	s.size += int64(len(line))
	s.records++
	return nil
}

// Records implements [Storage]. It reads the file as it is when the iteration starts.
func (s *FileStorage) Records(ctx context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		info, err := s.file.Stat()
		if err != nil {
			yield(nil, fmt.Errorf("governance: log file: %w", err))
			return
		}
		lines := bufio.NewScanner(io.NewSectionReader(s.file, 0, info.Size()))
		lines.Buffer(nil, maxRecord+1)
		lines.Split(wholeLines)
		var count, bytesRead int64
		for lines.Scan() {
			count++
			bytesRead += int64(len(lines.Bytes())) + 1
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if !yield(bytes.Clone(lines.Bytes()), nil) {
				return
			}
		}
		switch err := lines.Err(); {
		case errors.Is(err, bufio.ErrTooLong):
			yield(nil, fmt.Errorf("%w: record %d is too long", ErrTampered, count))
		case err != nil:
			yield(nil, fmt.Errorf("governance: log file: %w", err))
		case bytesRead < info.Size():
			yield(nil, &TornTailError{Records: count, Bytes: info.Size() - bytesRead})
		}
	}
}

// DiscardTornTail removes the unfinished record a crash left and returns its length. Verify the log
// against a checkpoint afterwards: this cannot tell a crash from a cut.
func (s *FileStorage) DiscardTornTail() (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	torn, ok := errors.AsType[*TornTailError](s.broken)
	if !ok {
		return 0, nil
	}
	if err := errors.Join(s.file.Truncate(s.size), s.file.Sync()); err != nil {
		return 0, fmt.Errorf("governance: log file: %w", err)
	}
	s.broken = nil
	return torn.Bytes, nil
}

// Close closes the file.
func (s *FileStorage) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = os.ErrClosed
	return s.file.Close()
}

// scan finds the end of the last whole record.
func (s *FileStorage) scan() error {
	for record, err := range s.Records(context.Background()) {
		if torn, ok := errors.AsType[*TornTailError](err); ok {
			s.broken = torn
			return nil
		}
		if err != nil {
			return err
		}
		s.size += int64(len(record)) + 1
		s.records++
	}
	return nil
}

// wholeLines splits at newlines and leaves out what follows the last one.
func wholeLines(data []byte, _ bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	return 0, nil, nil
}
