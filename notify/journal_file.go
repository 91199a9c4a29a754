package notify

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"iter"
	"os"
	"path/filepath"
	"sync"
)

// FileJournal is a [Journal] in a file that is only ever appended to: a line for
// each record, with its checksum (CRC-32C, eight hexadecimal digits), a space and
// JSON. Each Append is synced to disk before it returns.
//
// A last line that is incomplete or damaged is what a crash leaves: it had not
// been confirmed, and [OpenJournal] drops it. Damage before that is refused with
// [ErrJournalCorrupt].
type FileJournal struct {
	mu     sync.Mutex
	file   *os.File
	size   int64
	broken bool
}

// OpenJournal opens the journal at path, which it creates readable by the user
// alone if there is none. Nothing keeps a second process from opening it: see to
// it that there is one at a time.
func OpenJournal(path string) (*FileJournal, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the caller names the file
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	j := &FileJournal{file: file}
	if err := j.recover(path); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("open journal: %w", err)
	}
	return j, nil
}

// recover finds the end of the last good record, and cuts off what a crash left
// behind it.
func (j *FileJournal) recover(path string) error {
	info, err := j.file.Stat()
	if err != nil {
		return err
	}
	scanner := newLineScanner(io.NewSectionReader(j.file, 0, info.Size()))
	for {
		_, err := scanner.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			if !errors.Is(err, ErrJournalCorrupt) || !scanner.torn() {
				return err
			}
			break
		}
		j.size = scanner.offset
	}
	if j.size < info.Size() {
		if err := j.file.Truncate(j.size); err != nil {
			return err
		}
	}
	if err := j.file.Sync(); err != nil {
		return err
	}
	return syncDirectory(filepath.Dir(path))
}

// Close closes the file. The journal is complete without it.
func (j *FileJournal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.file.Close()
}

// Append implements [Journal]. After a failure the end of the file is unknown, and
// every further Append fails with [ErrJournalBroken].
func (j *FileJournal) Append(_ context.Context, record Record) error {
	text, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	line := fmt.Appendf(make([]byte, 0, len(text)+10), "%s %s\n", checksum(text), text)
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.broken {
		return ErrJournalBroken
	}
	_, err = j.file.WriteAt(line, j.size)
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		j.broken = true
		return fmt.Errorf("journal: %w", err)
	}
	j.size += int64(len(line))
	return nil
}

// Records implements [Journal]. Records appended after the call are not among
// them.
func (j *FileJournal) Records(ctx context.Context) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		j.mu.Lock()
		scanner := newLineScanner(io.NewSectionReader(j.file, 0, j.size))
		j.mu.Unlock()
		for {
			record, err := scanner.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err == nil {
				err = ctx.Err()
			}
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

// maxLine bounds a line: the ids of a full batch are below two megabytes.
const maxLine = 16 << 20

// lineScanner reads records one by one.
type lineScanner struct {
	r      *bufio.Reader
	line   []byte // last read
	number int    // of that line, from 1
	offset int64  // of its end
}

func newLineScanner(r io.Reader) *lineScanner {
	return &lineScanner{r: bufio.NewReaderSize(r, 64<<10)}
}

// next returns io.EOF at the end, and ErrJournalCorrupt for a line that is not a
// good record.
func (s *lineScanner) next() (Record, error) {
	s.number++
	s.line = s.line[:0]
	for {
		part, err := s.r.ReadSlice('\n')
		s.line = append(s.line, part...)
		s.offset += int64(len(part))
		switch {
		case errors.Is(err, io.EOF) && len(s.line) == 0:
			return Record{}, io.EOF
		case err == nil:
			record, ok := parseLine(s.line)
			if !ok {
				return Record{}, fmt.Errorf("%w: record %d", ErrJournalCorrupt, s.number)
			}
			return record, nil
		case errors.Is(err, io.EOF) || len(s.line) > maxLine:
			return Record{}, fmt.Errorf("%w: record %d is incomplete", ErrJournalCorrupt, s.number)
		case !errors.Is(err, bufio.ErrBufferFull):
			return Record{}, err
		}
	}
}

// torn reports whether the line last read, which is not a good record, can be what
// a crash leaves: the last line, and not a good record that damage has joined with
// the next.
func (s *lineScanner) torn() bool {
	if _, err := s.r.ReadByte(); !errors.Is(err, io.EOF) {
		return false
	}
	sum, text, _ := bytes.Cut(bytes.TrimSuffix(s.line, []byte("\n")), []byte(" "))
	var record json.RawMessage
	first := json.NewDecoder(bytes.NewReader(text))
	good := first.Decode(&record) == nil && checksum(record) == string(sum)
	return !good || len(text) <= len(record)+1 // at most its own damaged line end follows
}

// parseLine reads "checksum record\n".
func parseLine(line []byte) (Record, bool) {
	line, whole := bytes.CutSuffix(line, []byte("\n"))
	sum, text, ok := bytes.Cut(line, []byte(" "))
	if !whole || !ok || checksum(text) != string(sum) {
		return Record{}, false
	}
	var record Record
	return record, json.Unmarshal(text, &record) == nil
}

func checksum(text []byte) string {
	return fmt.Sprintf("%08x", crc32.Checksum(text, crc32.MakeTable(crc32.Castagnoli)))
}

// syncDirectory makes a new file's name durable. Its error is not looked at:
// systems that cannot sync a directory refuse, and need not.
func syncDirectory(path string) error {
	dir, err := os.Open(path) //nolint:gosec // the directory of that file
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	_ = dir.Sync()
	return nil
}
