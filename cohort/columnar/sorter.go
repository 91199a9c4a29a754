package columnar

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// sorter sorts rows by their keys, bytes, and rows of one key by what they hold, with bounded memory: what does not fit
// is written to a folder in sorted runs, which are merged.
type sorter struct {
	files  files
	folder string
	memory int // of each rowCollector

	lock sync.Mutex // of
	runs []sortedRun

	passes int
}

// files makes files.
type files interface {
	create(path string) (sink, error)
}

// sink is a file that is written.
type sink interface {
	io.Writer
	Sync() error
	Close() error
}

// disk is the files of the system.
type disk struct{}

//nolint:ireturn // so that faults can be tested
func (disk) create(path string) (sink, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the caller says where
	return f, withoutPath(err)
}

// sortedRun is sorted rows in a file.
type sortedRun struct {
	path  string
	marks []mark
}

// mark is where a row is in a run.
type mark struct {
	key []byte
	at  int64
}

// markEvery is how many bytes of a run lie between marks, about.
const markEvery = 256 << 10

// rowCollector takes rows of one goroutine.
type rowCollector struct {
	sorter  *sorter
	arena   []byte
	entries []entry
}

// entry is a row in the arena.
type entry struct {
	prefix   uint64 // of the key, so that most rows are told apart by it
	at       uint32 // of the key
	key, row uint32 // how long they are
}

// add adds a row.
func (c *rowCollector) add(key, row []byte) error {
	// A quarter of the memory is for the entries, of which each takes 24 bytes.
	if limit := c.sorter.memory; len(c.entries) > 0 && (len(c.arena)+len(key)+len(row) > limit/4*3 || len(c.entries) >= limit/4/24) {
		if err := c.spill(); err != nil {
			return err
		}
	}
	c.arena = enough(c.arena, len(key)+len(row), c.sorter.memory/4*3)
	c.entries = enough(c.entries, 1, c.sorter.memory/4/24)
	var prefix [8]byte
	copy(prefix[:], key)
	c.entries = append(c.entries, entry{
		prefix: binary.BigEndian.Uint64(prefix[:]), at: uint32(len(c.arena)), //nolint:gosec // memory is far below 4 GB
		key: uint32(len(key)), row: uint32(len(row)), //nolint:gosec // so is a row
	})
	c.arena = append(append(c.arena, key...), row...)
	return nil
}

// enough returns s with room for n more, and, if it must grow, for twice as many as there was, up to a limit.
func enough[T any](s []T, n, limit int) []T {
	if len(s)+n <= cap(s) {
		return s
	}
	return slices.Grow(s, max(n, min(2*cap(s), limit)-len(s)))
}

func (c *rowCollector) compare(a, b entry) int {
	if a.prefix != b.prefix {
		if a.prefix < b.prefix {
			return -1
		}
		return 1
	}
	if n := bytes.Compare(c.arena[a.at:a.at+a.key], c.arena[b.at:b.at+b.key]); n != 0 {
		return n
	}
	return bytes.Compare(c.arena[a.at+a.key:a.at+a.key+a.row], c.arena[b.at+b.key:b.at+b.key+b.row])
}

// spill sorts what there is and writes it to a run.
func (c *rowCollector) spill() error {
	if len(c.entries) == 0 {
		return nil
	}
	slices.SortFunc(c.entries, c.compare)
	s := c.sorter
	s.lock.Lock()
	path := filepath.Join(s.folder, fmt.Sprintf("run-%06d", len(s.runs)))
	at := len(s.runs)
	s.runs = append(s.runs, sortedRun{path: path})
	s.lock.Unlock()
	out, err := s.files.create(path)
	if err != nil {
		return writing(err)
	}
	w := runWriter{out: bufio.NewWriterSize(out, 256<<10)}
	for _, e := range c.entries {
		if err = w.add(c.arena[e.at:e.at+e.key], c.arena[e.at+e.key:e.at+e.key+e.row]); err != nil {
			break
		}
	}
	if err == nil {
		err = writing(w.out.Flush())
	}
	if err = errors.Join(err, writing(out.Close())); err != nil {
		return err
	}
	s.lock.Lock()
	s.runs[at].marks = w.marks
	s.lock.Unlock()
	c.arena, c.entries = c.arena[:0], c.entries[:0]
	return nil
}

// runWriter writes a run.
type runWriter struct {
	out      *bufio.Writer
	at, next int64
	marks    []mark
}

func (w *runWriter) add(key, row []byte) error {
	if w.at >= w.next {
		w.marks = append(w.marks, mark{bytes.Clone(key), w.at})
		w.next = w.at + markEvery
	}
	var head [2 * binary.MaxVarintLen64]byte
	n := binary.PutUvarint(head[:], uint64(len(key)))
	n += binary.PutUvarint(head[n:], uint64(len(row)))
	for _, part := range [][]byte{head[:n], key, row} {
		if _, err := w.out.Write(part); err != nil {
			return writing(err)
		}
	}
	w.at += int64(n + len(key) + len(row))
	return nil
}

// writing says that something could not be written, without the path of what is about to go.
func writing(err error) error {
	if err = withoutPath(err); err == nil {
		return nil
	}
	return fmt.Errorf("what is written on the way to disk: %w", err)
}

// parts returns keys that split the rows into about n equal parts.
func (s *sorter) parts(n int) (keys [][]byte) {
	var all [][]byte
	for _, r := range s.runs {
		for _, m := range r.marks {
			all = append(all, m.key)
		}
	}
	slices.SortFunc(all, bytes.Compare)
	for i := 1; i < n && len(all) >= 4*n; i++ {
		key := all[len(all)*i/n]
		if len(keys) == 0 || !bytes.Equal(keys[len(keys)-1], key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// merge hands out the rows, in order, from one key on, if it is not nil, up to another, if it is not nil.
func (s *sorter) merge(ctx context.Context, from, to []byte, do func(key, row []byte) error) error {
	return mergeRuns(ctx, s.runs, from, to, do)
}

// maxRuns is how many runs are open at a time.
const maxRuns = 128

// reduce merges runs until there are few enough.
func (s *sorter) reduce(ctx context.Context) error {
	for len(s.runs) > maxRuns {
		merged, rest := s.runs[:maxRuns], s.runs[maxRuns:]
		s.passes++
		run := sortedRun{path: filepath.Join(s.folder, fmt.Sprintf("merged-%06d", s.passes))}
		out, err := s.files.create(run.path)
		if err != nil {
			return writing(err)
		}
		w := runWriter{out: bufio.NewWriterSize(out, 256<<10)}
		err = mergeRuns(ctx, merged, nil, nil, w.add)
		if err == nil {
			err = writing(w.out.Flush())
		}
		if err = errors.Join(err, writing(out.Close())); err != nil {
			return err
		}
		for _, r := range merged {
			_ = os.Remove(r.path) // the folder goes in the end
		}
		run.marks = w.marks
		s.runs = append(slices.Clone(rest), run)
	}
	return nil
}

func mergeRuns(ctx context.Context, runs []sortedRun, from, to []byte, do func(key, row []byte) error) error {
	m := merger{}
	defer m.close()
	for _, r := range runs {
		reader, err := openRun(r, from)
		if err != nil {
			return err
		}
		m.all = append(m.all, reader)
		if err := reader.next(); err != nil {
			return err
		}
		for !reader.done && bytes.Compare(reader.key, from) < 0 {
			if err := reader.next(); err != nil {
				return err
			}
		}
		m.push(reader)
	}
	for n := 0; len(m.heap) > 0; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		first := m.heap[0]
		if to != nil && bytes.Compare(first.key, to) >= 0 {
			return nil
		}
		if err := do(first.key, first.row); err != nil {
			return err
		}
		if err := first.next(); err != nil {
			return err
		}
		m.sink()
	}
	return nil
}

// merger has the run with the least row at its front.
type merger struct {
	all  []*runReader
	heap []*runReader
}

func (m *merger) close() {
	for _, r := range m.all {
		_ = r.file.Close()
	}
}

func (m *merger) push(r *runReader) {
	if r.done {
		return
	}
	m.heap = append(m.heap, r)
	for i := len(m.heap) - 1; i > 0; {
		up := (i - 1) / 2
		if !m.heap[i].less(m.heap[up]) {
			return
		}
		m.heap[i], m.heap[up] = m.heap[up], m.heap[i]
		i = up
	}
}

// sink lets the run at the front go where its next row belongs.
func (m *merger) sink() {
	if m.heap[0].done {
		last := len(m.heap) - 1
		m.heap[0] = m.heap[last]
		m.heap = m.heap[:last]
	}
	for i := 0; ; {
		least := i
		for _, down := range []int{2*i + 1, 2*i + 2} {
			if down < len(m.heap) && m.heap[down].less(m.heap[least]) {
				least = down
			}
		}
		if least == i {
			return
		}
		m.heap[i], m.heap[least] = m.heap[least], m.heap[i]
		i = least
	}
}

// runReader reads a run.
type runReader struct {
	file     *os.File
	in       *bufio.Reader
	key, row []byte
	buffer   []byte
	done     bool
}

// openRun opens a run at the last mark before a key.
func openRun(r sortedRun, from []byte) (*runReader, error) {
	at := int64(0)
	for _, m := range r.marks {
		if from == nil || bytes.Compare(m.key, from) >= 0 {
			break
		}
		at = m.at
	}
	f, err := os.Open(r.path)
	if err == nil {
		_, err = f.Seek(at, io.SeekStart)
	}
	if err != nil {
		return nil, fmt.Errorf("what was written on the way: %w", withoutPath(err))
	}
	return &runReader{file: f, in: bufio.NewReaderSize(f, 64<<10)}, nil
}

func (r *runReader) less(other *runReader) bool {
	if n := bytes.Compare(r.key, other.key); n != 0 {
		return n < 0
	}
	return bytes.Compare(r.row, other.row) < 0
}

func (r *runReader) next() error {
	key, err := binary.ReadUvarint(r.in)
	if errors.Is(err, io.EOF) {
		r.done = true
		return nil
	}
	var row uint64
	if err == nil {
		row, err = binary.ReadUvarint(r.in)
	}
	if err == nil {
		r.buffer = extend(r.buffer, int(key+row)) //nolint:gosec // as it was written
		_, err = io.ReadFull(r.in, r.buffer)
	}
	if err != nil {
		return fmt.Errorf("what was written on the way: %w", withoutPath(err))
	}
	r.key, r.row = r.buffer[:key], r.buffer[key:]
	return nil
}
