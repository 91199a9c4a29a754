package notify

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"iter"
	"os"
	"path/filepath"
	"sync"

	"github.com/personalised-prevention/nhs/internal/durable"
)

// recordLog is a file of records that is only ever appended to: what
// [FileJournal] and [CallbackLog] are made of.
//
// The file starts with a line that says what it is. Blocks follow: a header, and
// in it the length and checksum of the records behind it. A block holds all that
// was waiting while the one before was synced, so that many callers share the
// wait for the disk, and none is written before the one in front of it is safe.
// So only the last block can be what a crash left half done.
type recordLog struct {
	path  string
	title string // the first line

	queueing sync.Mutex // held for an instant
	queue    []*logBlock

	writing sync.Mutex // held while the disk works
	file    *os.File
	size    int64 // of what is synced
	broken  bool
}

// logBlock is records on their way to the disk.
type logBlock struct {
	data []byte        // header included
	done chan struct{} // closed when it is written, or has failed with err
	err  error
}

// maxBlock bounds a block, and with it the memory that reading needs: the ids of
// a full batch are below two megabytes.
const maxBlock = 16 << 20

// openRecordLog opens the file at path, which it creates readable by the user
// alone if there is none, and drops what a crash left behind its end.
func openRecordLog(path, title string) (*recordLog, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the caller names the file
	if err != nil {
		return nil, err
	}
	l := &recordLog{path: path, title: title, file: file}
	if err := l.recover(); err != nil {
		_ = file.Close()
		return nil, err
	}
	return l, nil
}

// recover finds the end of the last good block and cuts off what is behind it.
func (l *recordLog) recover() error {
	info, err := l.file.Stat()
	if err != nil {
		return err
	}
	l.size, err = logEnd(l.file, info.Size(), l.title)
	if err != nil {
		return err
	}
	if l.size < info.Size() {
		if err := l.file.Truncate(l.size); err != nil {
			return err
		}
	}
	if l.size == 0 {
		if _, err := l.file.WriteAt([]byte(l.title), 0); err != nil {
			return err
		}
		l.size = int64(len(l.title))
	}
	// Also what an earlier process wrote and had not synced when it ended.
	if err := l.file.Sync(); err != nil {
		return err
	}
	return durable.SyncDir(filepath.Dir(l.path))
}

func (l *recordLog) close() error {
	l.writing.Lock()
	defer l.writing.Unlock()
	return l.file.Close()
}

// append returns when record is on the disk. After a failure the end of the file
// is unknown, and every further append fails with [ErrJournalBroken].
func (l *recordLog) append(record []byte) error {
	if len(record) > maxBlock-logHeader-binary.MaxVarintLen64 {
		return errors.New("the record is too large")
	}
	b, first := l.enqueue(record)
	if first {
		// Whoever begins a block writes one: as a rule this one, when the disk is free.
		l.writing.Lock()
		l.writeNext()
		l.writing.Unlock()
	}
	<-b.done
	return b.err
}

// enqueue adds record to the block that is written next, and reports whether it is
// the first in it.
func (l *recordLog) enqueue(record []byte) (b *logBlock, first bool) {
	l.queueing.Lock()
	defer l.queueing.Unlock()
	if n := len(l.queue); n > 0 {
		b = l.queue[n-1]
	}
	if first = b == nil || len(b.data)+binary.MaxVarintLen64+len(record) > maxBlock; first {
		b = &logBlock{
			data: make([]byte, logHeader, logHeader+binary.MaxVarintLen64+len(record)),
			done: make(chan struct{}),
		}
		l.queue = append(l.queue, b)
	}
	b.data = appendRecord(b.data, record)
	return b, first
}

// writeNext writes the first block in the queue.
func (l *recordLog) writeNext() {
	l.queueing.Lock()
	b := l.queue[0]
	l.queue = l.queue[1:]
	l.queueing.Unlock()
	defer close(b.done)
	if l.broken {
		b.err = ErrJournalBroken
		return
	}
	if b.err = l.write(b.data); b.err != nil {
		l.broken = true
	}
}

func (l *recordLog) write(block []byte) error {
	if err := l.checkAlone(); err != nil {
		return err
	}
	if err := writeBlock(l.file, l.size, block); err != nil {
		return err
	}
	if err := l.file.Sync(); err != nil {
		return err
	}
	l.size += int64(len(block))
	return nil
}

// checkAlone finds out when another process has written to the file, or put
// another in its place.
func (l *recordLog) checkAlone() error {
	own, err := l.file.Stat()
	if err != nil {
		return err
	}
	there, err := os.Stat(l.path)
	if err != nil {
		return err
	}
	if !os.SameFile(own, there) || own.Size() != l.size {
		return errors.New("another process uses the file")
	}
	return nil
}

// records yields the records that were on the disk when it was called. A record
// is valid until the next.
func (l *recordLog) records() iter.Seq2[[]byte, error] {
	l.writing.Lock()
	defer l.writing.Unlock()
	return logRecords(l.file, l.size, l.title)
}

// rewrite replaces the file by one with the records that choose leaves of it, at
// once: a crash leaves the one or the other.
func (l *recordLog) rewrite(choose func(iter.Seq2[[]byte, error]) iter.Seq2[[]byte, error]) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	if l.broken {
		return ErrJournalBroken
	}
	if err := l.checkAlone(); err != nil {
		return err
	}
	path := l.path + ".new"
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // beside the file the caller named
	if err != nil {
		return err
	}
	size, err := writeLog(file, l.title, choose(logRecords(l.file, l.size, l.title)))
	if err == nil {
		err = os.Rename(path, l.path)
	}
	if err != nil {
		_ = file.Close()
		_ = os.Remove(path)
		return err
	}
	_ = l.file.Close()
	l.file, l.size = file, size
	return durable.SyncDir(filepath.Dir(l.path))
}

// writeLog writes a whole file and syncs it.
func writeLog(file *os.File, title string, records iter.Seq2[[]byte, error]) (size int64, err error) {
	const enough = 1 << 20
	if _, err := file.WriteAt([]byte(title), 0); err != nil {
		return 0, err
	}
	size = int64(len(title))
	block := make([]byte, logHeader)
	flush := func() error {
		err := writeBlock(file, size, block)
		size += int64(len(block))
		block = block[:logHeader]
		return err
	}
	for record, err := range records {
		if err != nil {
			return 0, err
		}
		if len(block) > logHeader && len(block)+len(record) > enough {
			if err := flush(); err != nil {
				return 0, err
			}
		}
		block = appendRecord(block, record)
	}
	if len(block) > logHeader {
		if err := flush(); err != nil {
			return 0, err
		}
	}
	return size, file.Sync()
}

// The header of a block: a marker, the length of what follows the header, its
// checksum, and the checksum of the header up to here, all CRC-32C and four bytes
// each. The header's own makes the length reliable when what follows is damaged.
const (
	logHeader = 16
	logMarker = "\x89NB\n"
)

func appendRecord(b, record []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(record)))
	return append(b, record...)
}

// writeBlock completes the header of block and writes it.
func writeBlock(w io.WriterAt, at int64, block []byte) error {
	content := block[logHeader:]
	copy(block, logMarker)
	binary.LittleEndian.PutUint32(block[4:], uint32(len(content))) //nolint:gosec // at most maxBlock
	binary.LittleEndian.PutUint32(block[8:], checksum(content))
	binary.LittleEndian.PutUint32(block[12:], checksum(block[:12]))
	_, err := w.WriteAt(block, at)
	return err
}

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }
