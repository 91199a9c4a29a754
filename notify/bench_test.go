package notify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
)

// versus runs ours and theirs in turns and reports the median time of each, and
// how many times as fast ours is.
func versus(b *testing.B, ours, theirs func()) {
	b.Helper()
	var took [2][]time.Duration
	ours()
	theirs()
	for b.Loop() {
		for i, run := range []func(){ours, theirs} {
			start := time.Now()
			run()
			took[i] = append(took[i], time.Since(start))
		}
	}
	var median [2]float64
	for i, list := range took {
		slices.Sort(list)
		median[i] = float64(list[len(list)/2])
	}
	b.ReportMetric(median[0]/1e6, "ours-ms")
	b.ReportMetric(median[1]/1e6, "peer-ms")
	b.ReportMetric(median[1]/median[0], "x-peer")
}

// answering is a service that accepts batches of messages 0, 1, 2 and so on, and
// does not look at them.
func answering(tb testing.TB, size int) string {
	tb.Helper()
	var answer strings.Builder
	answer.WriteString(`{"data":{"type":"MessageBatch","id":"2ZljUiS8NjJNs95PqiYOO7gAfJb","attributes":{"messageBatchReference":"b","routingPlan":{"id":"p","name":"n","version":"1","createdDate":"2026-01-05T09:00:00Z"},"messages":[`)
	for i := range size {
		if i > 0 {
			answer.WriteByte(',')
		}
		fmt.Fprintf(&answer, `{"messageReference":"ref-%d","id":"%027d"}`, i, i)
	}
	answer.WriteString(`]}}}`)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, answer.String())
	}))
	tb.Cleanup(server.Close)
	return server.URL
}

// repeated yields n messages, numbered from 0 anew in each batch.
func repeated(n, size int) func(func(notify.Message, error) bool) {
	batch := messages(size)
	return func(yield func(notify.Message, error) bool) {
		for i := range n {
			if !yield(batch[i%size], nil) {
				return
			}
		}
	}
}

// BenchmarkBulk sends 100,000 messages in ten batches: with journal, digests and
// checks, and by a loop that appends the same bytes and posts them.
func BenchmarkBulk(b *testing.B) {
	const people, size = 100_000, 10_000
	url := answering(b, size)
	client := newClient(b, nhs.Loopback(url))
	batch := messages(size)
	plain := &http.Client{}
	dir, runs := b.TempDir(), 0
	versus(b, func() {
		runs++
		journal := openJournal(b, filepath.Join(dir, strconv.Itoa(runs)))
		result, err := newBulk(b, client, journal, notify.BulkOptions{}).Send(b.Context(), repeated(people, size))
		if err != nil || result.Accepted != people || result.IDsPending != 0 {
			b.Fatal(result, err)
		}
		_ = journal.Close()
	}, func() {
		for range people / size {
			body := handWritten(batch)
			req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url+"/comms/v1/message-batches", bytes.NewReader(body))
			if err != nil {
				b.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/vnd.api+json")
			resp, err := plain.Do(req)
			if err != nil {
				b.Fatal(err)
			}
			var answer struct {
				Data struct {
					ID         string `json:"id"`
					Attributes struct {
						Messages []struct {
							Reference string `json:"messageReference"`
							ID        string `json:"id"`
						} `json:"messages"`
					} `json:"attributes"`
				} `json:"data"`
			}
			err = json.NewDecoder(resp.Body).Decode(&answer)
			_ = resp.Body.Close()
			if err != nil || len(answer.Data.Attributes.Messages) != size {
				b.Fatal(err)
			}
		}
	})
	b.ReportMetric(people, "people/op")
}

// handWritten is the body as somebody would write it who knows that nothing needs
// an escape.
func handWritten(list []notify.Message) []byte {
	body := []byte(`{"data":{"type":"MessageBatch","attributes":{"routingPlanId":"` + planID + `","messageBatchReference":"AAAAAAAAAAAAAAAAAAAAAAAAAA","messages":[`)
	for i, m := range list {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, `{"messageReference":"`...)
		body = append(body, m.Reference...)
		body = append(body, `","recipient":{"nhsNumber":"`...)
		body = m.To.AppendDigits(body)
		body = append(body, `"},"personalisation":{"nhsapp_body":"`...)
		body = fmt.Append(body, m.Personalisation["nhsapp_body"])
		body = append(body, `","sms_body":"`...)
		body = fmt.Append(body, m.Personalisation["sms_body"])
		body = append(body, `"}}`...)
	}
	return append(body, `]}}}`...)
}

// BenchmarkBulkGrowth sends ever more people and reports the time for each and the
// memory in use at the end.
func BenchmarkBulkGrowth(b *testing.B) {
	const size = 10_000
	client := newClient(b, nhs.Loopback(answering(b, size)))
	for _, people := range []int{10_000, 100_000, 1_000_000} {
		b.Run(strconv.Itoa(people), func(b *testing.B) {
			var heap uint64
			dir, runs := b.TempDir(), 0
			for b.Loop() {
				runs++
				journal := openJournal(b, filepath.Join(dir, strconv.Itoa(runs)))
				options := notify.BulkOptions{Progress: func(o notify.BatchOutcome) {
					if o.Total.Accepted == people {
						heap = heapInUse()
					}
				}}
				if _, err := newBulk(b, client, journal, options).Send(b.Context(), repeated(people, size)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*people), "ns/person")
			b.ReportMetric(float64(heap)/1e6, "heap-MB")
		})
	}
}

// BenchmarkBatchBody encodes a batch, and the same with encoding/json.
func BenchmarkBatchBody(b *testing.B) {
	const size = 20_000
	batch := notify.Batch{Plan: planID, Reference: "AAAAAAAAAAAAAAAAAAAAAAAAAA", Messages: messages(size)}
	type recipient struct {
		NHSNumber string `json:"nhsNumber"`
	}
	type item struct {
		Reference       string         `json:"messageReference"`
		Recipient       recipient      `json:"recipient"`
		Personalisation map[string]any `json:"personalisation"`
	}
	items := make([]item, size)
	for i, m := range batch.Messages {
		items[i] = item{m.Reference, recipient{m.To.Reveal()}, m.Personalisation}
	}
	versus(b, func() {
		if _, err := notify.EncodeBatch(batch); err != nil {
			b.Fatal(err)
		}
	}, func() {
		if _, err := json.Marshal(map[string]any{"data": map[string]any{
			"type": "MessageBatch", "attributes": map[string]any{
				"routingPlanId": planID, "messageBatchReference": batch.Reference, "messages": items,
			},
		}}); err != nil {
			b.Fatal(err)
		}
	})
}

func acceptedRecord(size int) notify.Record {
	ids := make([]string, size)
	for i := range ids {
		ids[i] = fmt.Sprintf("%027d", i)
	}
	return notify.Record{Kind: notify.RecordAccepted, Reference: "AAAAAAAAAAAAAAAAAAAAAAAAAA", BatchID: "2ZljUiS8NjJNs95PqiYOO7gAfJb", IDs: ids}
}

// BenchmarkJournal records the ids of batches of 10,000 people, synced for each,
// and a loop appends the same with a checksum.
func BenchmarkJournal(b *testing.B) {
	const size = 10_000
	record := acceptedRecord(size)
	path := filepath.Join(b.TempDir(), "journal")
	journal := openJournal(b, path)
	file, err := os.Create(filepath.Join(b.TempDir(), "peer"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	records := 0
	versus(b, func() {
		records++
		if err := journal.Append(b.Context(), record); err != nil {
			b.Fatal(err)
		}
	}, func() {
		text := make([]byte, 4, 4+28*size)
		for _, id := range record.IDs {
			text = append(append(text, id...), '\n')
		}
		sum := crc32.Checksum(text[4:], crc32.MakeTable(crc32.Castagnoli))
		text[0], text[1], text[2], text[3] = byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24)
		if _, err := file.Write(text); err != nil {
			b.Fatal(err)
		}
		if err := file.Sync(); err != nil {
			b.Fatal(err)
		}
	})
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/float64(records*size), "bytes/person")
	b.ReportMetric(size, "people/op")
}

// BenchmarkJournalReopen opens a journal of ten million people and reads it all,
// and a loop reads the file and adds up a checksum.
func BenchmarkJournalReopen(b *testing.B) {
	const size, batches = 10_000, 1000
	path := filepath.Join(b.TempDir(), "journal")
	journal := openJournal(b, path)
	record := acceptedRecord(size)
	for range batches {
		if err := journal.Append(b.Context(), record); err != nil {
			b.Fatal(err)
		}
	}
	_ = journal.Close()
	versus(b, func() {
		people := 0
		journal := openJournal(b, path)
		for record, err := range journal.Records(b.Context()) {
			if err != nil {
				b.Fatal(err)
			}
			people += len(record.IDs)
		}
		if _ = journal.Close(); people != size*batches {
			b.Fatal(people)
		}
	}, func() {
		file, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
		if _, err := io.CopyBuffer(struct{ io.Writer }{sum}, struct{ io.Reader }{file}, make([]byte, 1<<20)); err != nil {
			b.Fatal(err)
		}
		_ = file.Close()
	})
	b.ReportMetric(size*batches, "people/op")
}

// BenchmarkCallbacks takes events from 64 connections at once: checked and synced
// to a log, and by a handler that reads them and does nothing.
func BenchmarkCallbacks(b *testing.B) {
	log, err := notify.OpenCallbackLog(filepath.Join(b.TempDir(), "callbacks"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = log.Close() })
	for _, bench := range []struct {
		name    string
		handler http.Handler
	}{
		{"durable", notify.Callbacks(secrets(b), log.Append)},
		{"unsynced", notify.Callbacks(secrets(b), func(context.Context, notify.Callback) error { return nil })},
		{"bare", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(http.StatusAccepted)
		})},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetParallelism(32)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					req := httptest.NewRequest(http.MethodPost, "/notify", strings.NewReader(signedBody))
					req.Header.Set("X-Api-Key", "api-key")
					req.Header.Set("X-Hmac-Sha256-Signature", signature)
					recorder := httptest.NewRecorder()
					if bench.handler.ServeHTTP(recorder, req); recorder.Code != http.StatusAccepted {
						b.Error(recorder.Code)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// BenchmarkPace waits for turns at 1,000 a second: an operation should take a
// millisecond.
func BenchmarkPace(b *testing.B) {
	app, err := nhs.NewApp(nhs.Sandbox, nhs.Anonymous{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := app.Wait(b.Context(), nhs.Notify, nhs.Rate{PerSecond: 1000}); err != nil {
			b.Fatal(err)
		}
	}
}
