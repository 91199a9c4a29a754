package notify_test

import (
	"path/filepath"
	"runtime"
	"testing"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
)

// TestBulkFlatMemory sends 150,000 people and looks at the memory in use on the
// way: it is that of one batch, however many went before. It does not run beside
// other tests, whose memory would count.
func TestBulkFlatMemory(t *testing.T) { //nolint:paralleltest // see above
	const people, size = 150_000, 2000
	client := newClient(t, nhs.Loopback(answering(t, size)))
	journal := openJournal(t, filepath.Join(t.TempDir(), "journal"))
	var early, late uint64
	options := notify.BulkOptions{MaxMessages: size, Progress: func(o notify.BatchOutcome) {
		switch o.Total.Accepted {
		case 10 * size:
			early = heapInUse()
		case people - size:
			late = heapInUse()
		}
	}}
	for range 2 { // the second time from the journal
		early, late = 0, 0
		result, err := newBulk(t, client, journal, options).Send(t.Context(), repeated(people, size))
		if err != nil || result.Accepted != people {
			t.Fatal(result, err)
		}
		t.Logf("%.1f MB after ten batches, %.1f MB at the end", float64(early)/1e6, float64(late)/1e6)
		if early == 0 || late == 0 || late > early+2<<20 {
			t.Errorf("%d bytes in use after ten batches became %d", early, late)
		}
	}
}

func heapInUse() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
