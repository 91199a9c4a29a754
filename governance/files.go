package governance

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs/internal/redact"
)

// FilesEntry says which files were beside the log when they were recorded.
type FilesEntry struct {
	// Place is a file, or a directory with everything below it: no other file may be there. It is relative
	// to the log's own directory, with slashes.
	Place string `json:"place"`
	Files []File `json:"files"`
	// Checkpoints are those that had been kept.
	Checkpoints []File `json:"checkpoints,omitempty"`
}

// File is a file beside the log and the SHA-256 digest of its content.
type File struct {
	Name   string `json:"name"`
	Digest Digest `json:"digest"`
}

// maxFiles bounds an entry, which is one record of the log.
const maxFiles = 2000

// RecordFiles writes into the log which files are at a place in the log's directory, such as "report.html" or
// "evidence" with everything below it, and which checkpoints have been kept there. From the next checkpoint
// on nobody can change one of them, take one away or add one at that place: [AuditDirectory] finds it.
// Record a place again when its files have been written again; the last record of a place counts.
//
// The names are logged, so none may hold an NHS number. The error is one of reading, or a [*FieldError]: about
// a place that has nothing, that is outside the directory, or that holds more than 2000 files or anything but
// files and directories.
func (a *Authority) RecordFiles(ctx context.Context, dir, place string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("governance: files: %w", err)
	}
	defer func() { _ = root.Close() }()
	entry, err := filesAt(root.FS(), place)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	_, err = a.record(ctx, Entry{At: a.refresh(), Kind: EntryFiles, Files: &entry})
	return err
}

func filesAt(dir fs.FS, place string) (entry FilesEntry, err error) {
	if place == "." || place == LogFile || !fs.ValidPath(place) {
		return entry, &FieldError{Field: "place", Reason: "must be a file or directory below that of the log"}
	}
	entry.Place = place
	if entry.Files, err = filesBelow(dir, place); err != nil {
		return entry, err
	}
	beside, err := fs.ReadDir(dir, ".")
	for _, at := range beside {
		if isCheckpoint(at.Name()) && err == nil {
			var f File
			f, err = readFile(dir, at.Name())
			entry.Checkpoints = append(entry.Checkpoints, f)
		}
	}
	if err != nil {
		return entry, fmt.Errorf("governance: files: %w", err)
	}
	return entry, entry.check()
}

// filesBelow returns the file of a name, or all below a directory, in the order of a walk. What is neither has
// no digest.
func filesBelow(dir fs.FS, place string) (files []File, err error) {
	err = fs.WalkDir(dir, place, func(name string, at fs.DirEntry, err error) error {
		if err != nil || at.IsDir() {
			return err
		}
		f := File{Name: name}
		if at.Type().IsRegular() {
			f, err = readFile(dir, name)
		}
		files = append(files, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("governance: files: %w", err)
	}
	return files, nil
}

func readFile(dir fs.FS, name string) (File, error) {
	f := File{Name: name}
	file, err := dir.Open(name)
	if err != nil {
		return f, err
	}
	defer func() { _ = file.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return f, err
	}
	sum.Sum(f.Digest[:0])
	return f, nil
}

// all are the files of the place and the checkpoints.
func (e FilesEntry) all() []File { return slices.Concat(e.Files, e.Checkpoints) }

// has reports whether a name is at the place.
func (e FilesEntry) has(name string) bool {
	return name == e.Place || strings.HasPrefix(name, e.Place+"/")
}

// check refuses an entry that RecordFiles would not make.
func (e FilesEntry) check() error {
	var c checker
	c.text("place", e.Place)
	c.require(len(e.Files) > 0, "place", "must hold a file")
	c.require(len(e.all()) <= maxFiles, "place", "must hold at most %d files", maxFiles)
	for i, f := range e.all() {
		field := fmt.Sprintf("files[%d]", i)
		c.text(field, f.Name)
		c.require(!f.Digest.IsZero(), field, "must be a file, and no link")
		c.require(fs.ValidPath(f.Name) && (e.has(f.Name) || i >= len(e.Files) && isCheckpoint(f.Name)), field, "must be at the place")
	}
	unique(&c, "files", namesOf(e.all(), func(f File) string { return f.Name }))
	return c.err()
}

// What an audit finds of files.
var (
	errFileGone    = errors.New("a file is gone")
	errFileChanged = errors.New("a file is not what was recorded")
	errFileAdded   = errors.New("a file was not recorded")
)

// recorded is a file, and the entry that counts for it.
type recorded struct {
	Digest

	entry int64
}

// recordedFiles returns the files of the last record of each place, and every checkpoint of any.
func (a *auditor) recordedFiles() (files map[string]recorded, places map[string]int64) {
	files, places = map[string]recorded{}, map[string]int64{}
	for _, e := range a.entries {
		if e.Kind != EntryFiles {
			continue
		}
		maps.DeleteFunc(files, func(name string, _ recorded) bool { return e.Files.has(name) })
		maps.DeleteFunc(places, func(place string, _ int64) bool { return e.Files.has(place) })
		places[e.Files.Place] = e.Index
		for _, f := range e.Files.all() {
			files[f.Name] = recorded{f.Digest, e.Index}
		}
	}
	return files, places
}

// compareFiles looks at everything that was recorded, and at everything that is at those places now.
func (a *auditor) compareFiles(dir fs.FS) error {
	files, places := a.recordedFiles()
	a.report.Recorded = len(files)
	if dir == nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		was := files[name]
		now, err := readFile(dir, name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			a.find(was.entry, fmt.Errorf("%w: %s", errFileGone, name))
		case err != nil:
			return fmt.Errorf("governance: files: %w", err)
		case now.Digest != was.Digest:
			a.find(was.entry, fmt.Errorf("%w: %s", errFileChanged, name))
		default:
			a.report.Unchanged++
		}
	}
	for _, place := range slices.Sorted(maps.Keys(places)) {
		list, err := filesBelow(dir, place)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, f := range list {
			if _, ok := files[f.Name]; !ok {
				a.find(places[place], fmt.Errorf("%w: %s", errFileAdded, redact.Name(f.Name)))
			}
		}
	}
	return nil
}
