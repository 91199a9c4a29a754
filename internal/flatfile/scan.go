package flatfile

import (
	"errors"
	"fmt"
	"io"
)

// Scan reads the rows of a file in order, in batches. Its buffers are used for
// all of them.
type Scan struct {
	// Columns hold the values of the batch, in the order of [File.Columns].
	Columns []*Vector

	file    *File
	readers []reader
	shared  shared
	group   int   // the next row group
	left    int64 // rows of this one that are not read yet
}

// shared is what the columns of a scan have in common.
type shared struct {
	inflater inflater
	header   []byte // room for page headers
	raw      []byte // a page as it is stored
	held     int64  // bytes
	limit    int64  // of held; 0 for maxHeld
	spare    []spare
}

// spare is the memory of a dictionary that is no longer used.
type spare struct {
	page   []byte
	values Values
}

// Scan returns a scan that begins with the first row.
func (f *File) Scan() *Scan {
	s := &Scan{file: f, Columns: make([]*Vector, len(f.Columns)), readers: make([]reader, len(f.Columns))}
	for i := range f.Columns {
		r := &s.readers[i]
		r.column, r.shared, r.file = &f.Columns[i], &s.shared, f.reader
		s.Columns[i] = &r.out
	}
	return s
}

// Next reads a batch of up to limit rows into Columns and returns how many there
// are, none at the end. An error is final.
func (s *Scan) Next(limit int) (rows int, err error) {
	for s.left == 0 {
		if s.group == len(s.file.groups) {
			return 0, nil
		}
		g := &s.file.groups[s.group]
		for i := range s.readers {
			s.readers[i].begin(&g.chunks[i], g.rows)
		}
		s.group++
		s.left = g.rows
		if s.left == 0 {
			if err := s.finish(); err != nil {
				return 0, err
			}
		}
	}
	rows = int(min(int64(limit), s.left))
	for i := range s.readers {
		r := &s.readers[i]
		if err := safely(func() error { return r.read(rows) }); err != nil {
			return 0, s.fail(i, err)
		}
	}
	s.left -= int64(rows)
	if s.left == 0 {
		return rows, s.finish()
	}
	return rows, nil
}

// finish makes sure that no column has more values than rows.
func (s *Scan) finish() error {
	for i := range s.readers {
		if err := s.readers[i].finish(); err != nil {
			return s.fail(i, err)
		}
	}
	return nil
}

func (s *Scan) fail(i int, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = errRuns
	}
	return fmt.Errorf("column %d: %w", i+1, err)
}

// ErrMemory is wrapped by the error of what does not fit in the memory that there is room for.
var ErrMemory = errors.New("a row group needs too much memory")

// hold counts n bytes more as held.
func (s *shared) hold(n int64) error {
	limit := s.limit
	if limit == 0 {
		limit = maxHeld
	}
	if s.held+n > limit {
		return ErrMemory
	}
	s.held += n
	return nil
}

// grow returns b with room for n elements of size bytes each in all, counted as
// held.
func grow[T any](s *shared, b []T, n, size int64) ([]T, error) {
	if n <= int64(cap(b)) {
		return b, nil
	}
	if err := s.hold((n - int64(cap(b))) * size); err != nil {
		return nil, err
	}
	return append(make([]T, 0, n), b...), nil
}
