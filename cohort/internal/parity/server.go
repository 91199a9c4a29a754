package parity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// server is an engine that runs as a process of its own.
type server struct {
	once sync.Once
	db   *sql.DB
	err  error
	stop []func() error
}

// errMissing says that an engine is not installed.
var errMissing = errors.New("not installed: run .ci/engines")

// get starts the server, or skips the test when the engine is not installed. With CI=true that is a failure: there
// all engines have to be.
func (s *server) get(tb testing.TB, start func(*server) error) *sql.DB {
	tb.Helper()
	s.once.Do(func() { s.err = start(s) })
	switch {
	case errors.Is(s.err, errMissing) && os.Getenv("CI") != "true":
		tb.Skip(s.err)
	case s.err != nil:
		tb.Fatal(s.err)
	}
	return s.db
}

func (s *server) close() (err error) {
	for i := range s.stop {
		err = errors.Join(err, s.stop[len(s.stop)-1-i]())
	}
	return err
}

// open waits until the database answers. The log explains why it does not.
func (s *server) open(db *sql.DB, log string) error {
	s.db = db
	s.stop = append(s.stop, db.Close)
	var err error
	for range 1800 { // three minutes, for a machine with much to do
		if err = db.PingContext(context.Background()); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	text, _ := os.ReadFile(log)
	return fmt.Errorf("the engine did not start: %w\n%s", err, text[max(0, len(text)-4000):])
}

// run starts a process that ends when it is told to, or when this process does: it lives as long as the pipe that
// is its standard input.
func (s *server) run(log string, as *syscall.Credential, env []string, name string, args ...string) error {
	const script = `"$@" </dev/null & child=$!; cat; kill $child; wait $child; true`
	cmd := exec.Command("bash", append([]string{"-c", script, "bash", name}, args...)...)
	file, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr, cmd.Env, cmd.Dir = file, file, append(os.Environ(), env...), filepath.Dir(log)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as, Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	s.stop = append(s.stop, func() error { return errors.Join(pipe.Close(), cmd.Wait()) })
	return nil
}

// temp makes a directory that is removed at the end. It is of the given owner.
func (s *server) temp(as *syscall.Credential) (string, error) {
	dir, err := os.MkdirTemp("", "parity")
	if err != nil {
		return "", err
	}
	s.stop = append(s.stop, func() error { return os.RemoveAll(dir) })
	if as != nil {
		err = os.Chown(dir, int(as.Uid), int(as.Gid))
	}
	return dir, err
}
