// Package durable is the one way this module makes files survive a power cut.
package durable

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// WriteFile puts what write gives under path, whole or not at all: it writes to a
// name of its own beside it, syncs, and renames. The file is for its owner only.
// After an error, or a panic of write, path is as it was.
func WriteFile(path string, write func(io.Writer) error) error {
	temporary := path + ".new"
	file, err := os.OpenFile(temporary, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // beside a file of the caller's
	if err != nil {
		return err
	}
	renamed := false
	defer func() {
		if !renamed {
			_ = file.Close()
			_ = os.Remove(temporary)
		}
	}()
	if err = write(file); err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		return err
	}
	renamed = true
	return SyncDir(filepath.Dir(path))
}

// SyncDir makes the names in a directory durable: files created, renamed and
// removed. Systems that cannot sync a directory refuse, and need not: that is no
// error.
func SyncDir(path string) error {
	dir, err := os.Open(path) //nolint:gosec // a directory of the caller's
	if err != nil {
		return err
	}
	err = dir.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission) {
		err = nil
	}
	return errors.Join(err, dir.Close())
}
