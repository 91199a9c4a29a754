package caas

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/durable"
)

// Directory is a [Source] of the cohort files in a directory: those whose name ends
// in .parquet. Whoever puts a file there gives it another name until it is complete.
//
// An acknowledged file is moved into the directory Done, by a rename that is synced
// to the disk: a crash leaves it in one of the two, and one that was handled but not
// moved comes again. A file whose name is in Done already is an error, so a copy
// that fetches handled files again shows. Files in Done are the caller's to delete.
//
// One process at a time may receive from a directory.
type Directory struct {
	Path string // required

	// Done is the name of a directory in Path; "" means "done". It is made if need be.
	Done string

	// Order compares file names: negative if a comes before b. If it is nil, files
	// come in the order of the times in their names, and a name without one is an
	// error: files are changes that follow upon each other, so their order matters.
	Order func(a, b string) int
}

// Waiting implements [Source].
func (s Directory) Waiting(ctx context.Context) iter.Seq2[Delivery, error] {
	return func(yield func(Delivery, error) bool) {
		names, err := s.names()
		if err != nil {
			yield(Delivery{}, err)
			return
		}
		if i := slices.IndexFunc(names, s.undated); i >= 0 {
			yield(Delivery{ID: names[i]}, errUndated)
			return
		}
		for _, name := range names {
			if err := ctx.Err(); err != nil {
				yield(Delivery{}, err)
				return
			}
			if !s.yield(name, yield) {
				return
			}
		}
	}
}

// Acknowledge implements [Source].
func (s Directory) Acknowledge(_ context.Context, id string) error {
	if err := s.check(); err != nil {
		return err
	}
	if !isName(id) {
		return &nhs.ArgumentError{Name: "delivery id", Reason: "must be the name of a file in the directory"}
	}
	if err := os.MkdirAll(s.done(), 0o700); err != nil {
		return plain(err)
	}
	from := filepath.Join(s.Path, id)
	switch err := s.unhandled(id); {
	case errors.Is(err, errHandled) && missing(from):
		return nil // acknowledged before
	case err != nil:
		return err
	}
	if err := os.Rename(from, filepath.Join(s.done(), id)); err != nil {
		return plain(err)
	}
	return errors.Join(durable.SyncDir(s.done()), durable.SyncDir(s.Path))
}

var (
	errHandled = errors.New("a file of this name has been handled before: take it away if it is the same")
	errUndated = errors.New("its name does not tell when it came: rename it, or give Directory an Order")
)

func (s Directory) check() error {
	switch {
	case s.Path == "":
		return &nhs.ArgumentError{Name: "directory", Reason: "must not be empty"}
	case s.Done != "" && !isName(s.Done):
		return &nhs.ArgumentError{Name: "done", Reason: "must be the name of a directory in the directory"}
	default:
		return nil
	}
}

func (s Directory) done() string { return filepath.Join(s.Path, cmp.Or(s.Done, "done")) }

// unhandled returns an error unless no file with a name has been handled.
func (s Directory) unhandled(name string) error {
	switch _, err := os.Lstat(filepath.Join(s.done(), name)); {
	case err == nil:
		return errHandled
	case !errors.Is(err, fs.ErrNotExist):
		return plain(err)
	default:
		return nil
	}
}

// names returns the names of the cohort files, in their order.
func (s Directory) names() ([]string, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(s.Path)
	if err != nil {
		return nil, plain(err)
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && strings.EqualFold(filepath.Ext(e.Name()), ".parquet") {
			names = append(names, e.Name())
		}
	}
	order := s.Order
	if order == nil {
		order = byStamp
	}
	slices.SortStableFunc(names, order) // of names that are in order already
	return names, nil
}

// undated reports whether a file has no place among the others.
func (s Directory) undated(name string) bool { return s.Order == nil && stampOf(name) == "" }

// yield opens one file, hands it over, and reports whether to go on.
func (s Directory) yield(name string, yield func(Delivery, error) bool) bool {
	d := Delivery{ID: name, FileName: name}
	if parsed, err := ParseFileName(name); err == nil {
		d.Workflow = parsed.Workflow
	}
	file, size, err := s.open(&d)
	if err != nil {
		yield(d, err)
		return false
	}
	defer func() { _ = file.Close() }() // it has been read
	d, err = d.withFile(OpenFile(file, size))
	return yield(d, err) && err == nil
}

// open opens the file of a delivery, and finds out when it came.
func (s Directory) open(d *Delivery) (*os.File, int64, error) {
	if err := s.unhandled(d.ID); err != nil {
		return nil, 0, err
	}
	file, err := os.Open(filepath.Join(s.Path, d.ID))
	if err != nil {
		return nil, 0, plain(err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, errors.Join(plain(err), file.Close())
	}
	d.Arrived = info.ModTime()
	if stamp := stampOf(d.ID); stamp != "" {
		d.Arrived, _ = time.Parse(stampLayout, stamp[:len(stampLayout)]) // stampOf has checked it
	}
	return file, info.Size(), nil
}

const stampLayout = "20060102150405"

// stampOf returns the digits of the time in the name of a cohort file: of the
// message id, which begins with one, or else of when the file was made. Both are
// taken as UTC, which is stated of neither. It returns "" where there is no time.
func stampOf(name string) string {
	parsed, err := ParseFileName(name)
	if err != nil {
		return ""
	}
	for _, text := range []string{parsed.MessageID, parsed.Created} {
		digits := text[:len(text)-len(strings.TrimLeft(text, "0123456789"))]
		if len(digits) < len(stampLayout) {
			continue
		}
		if _, err := time.Parse(stampLayout, digits[:len(stampLayout)]); err == nil {
			return digits
		}
	}
	return ""
}

func byStamp(a, b string) int { return strings.Compare(stampOf(a), stampOf(b)) }

// isName reports whether s is one segment of a path that stays where it is.
func isName(s string) bool { return filepath.IsLocal(s) && filepath.Base(s) == s && s != "." }

// missing reports whether there is nothing under a path.
func missing(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}
