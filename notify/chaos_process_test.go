package notify_test

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
)

// What the process of [TestSenderProcess] is told by its environment.
const (
	senderURL     = "NOTIFY_TEST_SENDER_URL"
	senderJournal = "NOTIFY_TEST_SENDER_JOURNAL"
	senderPeople  = "NOTIFY_TEST_SENDER_PEOPLE"
)

// TestSenderProcess is no test: it is the process that [TestChaosProcess] starts
// and kills.
func TestSenderProcess(t *testing.T) { //nolint:paralleltest // it is alone
	url := os.Getenv(senderURL)
	if url == "" {
		t.Skip("not started by TestChaosProcess")
	}
	people, err := strconv.Atoi(os.Getenv(senderPeople))
	if err != nil {
		t.Fatal(err)
	}
	bulk := newBulk(t, newClient(t, nhs.Loopback(url)), openJournal(t, os.Getenv(senderJournal)), notify.BulkOptions{MaxMessages: 5})
	if _, err := bulk.Send(t.Context(), input(people)); err != nil {
		t.Fatal(err)
	}
}

// TestChaosProcess starts the sender as a process of its own and kills it as the
// operating system would, at random moments, until one of them gets to the end.
func TestChaosProcess(t *testing.T) {
	t.Parallel()
	const people = 60
	runs := uint64(8)
	if testing.Short() {
		runs = 2
	}
	for seed := range runs {
		random := rand.New(rand.NewPCG(seed, 2))
		victim := &victim{}
		service := notifytest.New(notifytest.Options{
			Plans: []notifytest.Plan{appThenSMS()}, Authorize: acceptAnyone,
			Fault: func(*http.Request) notifytest.Fault { return victim.fault() },
		})
		server := httptest.NewServer(service)
		journal := filepath.Join(t.TempDir(), "journal")
		kills := 0
		for starts := 0; ; starts++ {
			if starts > 50 {
				t.Fatalf("seed %d: the sender does not get to the end", seed)
			}
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSenderProcess$")
			cmd.Env = append(os.Environ(), senderURL+"="+server.URL, senderJournal+"="+journal, senderPeople+"="+strconv.Itoa(people))
			if err := victim.start(cmd, 1+random.IntN(6), random.Uint64()); err != nil {
				t.Fatal(err)
			}
			err := cmd.Wait()
			if err == nil {
				break
			}
			if cmd.ProcessState.ExitCode() >= 0 {
				t.Fatalf("seed %d: the sender failed: %v", seed, err)
			}
			kills++
		}
		server.Close()
		everyoneOnce(t, service, people)
		if kills == 0 {
			t.Errorf("seed %d: nobody was killed", seed)
		}
	}
}

// victim is a process to be killed.
type victim struct {
	mu     sync.Mutex
	random *rand.Rand
	left   int // requests until then
	cmd    *exec.Cmd
}

func (v *victim) start(cmd *exec.Cmd, requests int, seed uint64) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.cmd, v.left, v.random = cmd, requests, rand.New(rand.NewPCG(seed, 3))
	return cmd.Start()
}

// fault kills the process when its time has come: before its request is read,
// after the work is done, or a moment after the answer, while it writes its journal
// or packs the next batch.
func (v *victim) fault() notifytest.Fault {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.left--; v.left != 0 {
		return notifytest.Fault{}
	}
	switch v.random.IntN(3) {
	case 0:
		_ = v.cmd.Process.Kill()
		return notifytest.Fault{Status: http.StatusBadGateway}
	case 1:
		_ = v.cmd.Process.Kill()
		return notifytest.Fault{LoseAnswer: true}
	default:
		process, wait := v.cmd.Process, time.Duration(v.random.IntN(3000))*time.Microsecond
		time.AfterFunc(wait, func() { _ = process.Kill() })
		return notifytest.Fault{}
	}
}
