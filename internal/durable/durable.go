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
// new file beside it, whose name ends in .new, syncs, and renames. The file is for
// its owner only. After an error, or a panic of write, path is as it was. Several may
// write the same path: one of them is the last.
func WriteFile(path string, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.new")
	if err != nil {
		return err
	}
	renamed := false
	defer func() {
		if !renamed {
			_ = file.Close()
			_ = os.Remove(file.Name())
		}
	}()
	if err = write(file); err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), path); err != nil {
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
