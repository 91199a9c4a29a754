//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package durable

import (
	"os"
	"syscall"
)

// Lock waits until no other process has an open file locked, and locks it until
// unlock. It keeps out only those who lock it too.
func Lock(file *os.File) (unlock func() error, err error) {
	fd := int(file.Fd())
	if err := syscall.Flock(fd, syscall.LOCK_EX); err != nil {
		return nil, &os.PathError{Op: "lock", Path: file.Name(), Err: err}
	}
	return func() error { return syscall.Flock(fd, syscall.LOCK_UN) }, nil
}
