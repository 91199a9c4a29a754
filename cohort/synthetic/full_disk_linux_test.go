package synthetic_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/personalised-prevention/nhs/cohort/synthetic"
)

// Where files may not grow beyond so many bytes, as where the disk is full, there is an error, and every file that is there
// is whole.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv("SYNTHETIC_DIR"); dir != "" {
		withoutRoom(t, dir, os.Getenv("SYNTHETIC_ROOM"))
		return
	}
	for _, room := range []string{"0", "5000", "100000"} {
		dir := t.TempDir()
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestFullDisk$", "-test.v")
		cmd.Env = append(os.Environ(), "SYNTHETIC_ROOM="+room, "SYNTHETIC_DIR="+dir)
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "it failed") {
			t.Fatalf("with room for %s bytes: %v\n%s", room, err, out)
		}
		checkWhole(t, dir)
	}
}

func withoutRoom(t *testing.T, dir, room string) {
	t.Helper()
	var limit syscall.Rlimit
	if _, err := fmt.Sscan(room, &limit.Cur); err != nil {
		t.Fatal(err)
	}
	limit.Max = limit.Cur
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Skip(err)
	}
	_, err := population(t, some(4000)).Write(t.Context(), dir, synthetic.Files{Parts: 5, Workers: 2})
	if !errors.Is(err, syscall.EFBIG) {
		t.Fatalf("got %v", err)
	}
	fmt.Println("it failed") // for the test that has started this one
}
