package mesh_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
)

const (
	benchChunk = 4_000_000
	benchSize  = 64 * benchChunk
)

// source is content of any size in no memory.
type source struct{ block []byte }

func newSource() source { return source{bytes.Repeat([]byte("9a8b7c6d"), 8<<10)} }

func (s source) Read(p []byte) (int, error) { return copy(p, s.block), nil }

// BenchmarkTransfer compares sending a message in chunks of 4 MB, and reading one,
// with io.Copy of the same bytes over one connection with the same TLS. The server
// throws away, or makes up, what it moves: no side stores a message.
func BenchmarkTransfer(b *testing.B) {
	server := httptest.NewTLSServer(http.HandlerFunc(discard))
	b.Cleanup(server.Close)
	keys, err := meshtest.StartTLS(meshtest.Options{}) // for the client's certificate only
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = keys.Close() })
	client, err := mesh.TLS(keys.CertificatePEM, keys.KeyPEM,
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	if err != nil {
		b.Fatal(err)
	}
	app, err := nhs.NewApp(nhs.Loopback(server.URL), nhs.Anonymous{}, nhs.WithHTTPClient(client), nhs.WithRate(nhs.MESH, nhs.Rate{PerSecond: 1e6}))
	if err != nil {
		b.Fatal(err)
	}
	box, err := mesh.New(app, sender())
	if err != nil {
		b.Fatal(err)
	}
	b.Run("io.Copy", func(b *testing.B) {
		transport, ok := client.Transport.(*http.Transport)
		if !ok {
			b.Fatal("not the transport of net/http")
		}
		benchmarkCopy(b, &tls.Config{Certificates: server.TLS.Certificates, MinVersion: tls.VersionTLS12}, transport.TLSClientConfig)
	})
	b.Run("send", func(b *testing.B) {
		measure(b, func(ctx context.Context) error {
			_, err := box.Send(ctx, mesh.SendRequest{
				To: "X26ABC2", Workflow: workflow, Body: io.LimitReader(newSource(), benchSize), Size: benchSize, ChunkSize: benchChunk,
			})
			return err
		})
	})
	b.Run("download", func(b *testing.B) {
		measure(b, func(ctx context.Context) error {
			m, err := box.Download(ctx, "M1")
			if err != nil {
				return err
			}
			defer m.Close()
			_, err = io.Copy(io.Discard, m)
			return err
		})
	})
}

// discard is a MESH without memory: it takes chunks, and has one message.
func discard(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		number := 1
		if _, chunk, ok := strings.Cut(r.URL.Path, "/M1/"); ok {
			number, _ = strconv.Atoi(chunk)
		}
		count := benchSize / benchChunk
		w.Header().Set("Mex-Chunk-Range", strconv.Itoa(number)+":"+strconv.Itoa(count))
		w.Header().Set("Content-Length", strconv.Itoa(benchChunk))
		if number < count {
			w.WriteHeader(http.StatusPartialContent)
		}
		_, _ = io.Copy(w, io.LimitReader(newSource(), benchChunk))
		return
	}
	_, _ = io.Copy(io.Discard, r.Body)
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"message_id":"M1"}`)
}

// benchmarkCopy sends the bytes over one connection, and waits for a byte back.
func benchmarkCopy(b *testing.B, serverConfig, clientConfig *tls.Config) {
	b.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", serverConfig)
	if err != nil {
		b.Fatal(err)
	}
	defer listener.Close()
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		for {
			if n, _ := io.Copy(io.Discard, io.LimitReader(conn, benchSize)); n < benchSize {
				return
			}
			if _, err := conn.Write([]byte{1}); err != nil {
				return
			}
		}
	}()
	conn, err := tls.Dial("tcp", listener.Addr().String(), clientConfig)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	answer := bufio.NewReader(conn)
	measure(b, func(context.Context) error {
		if _, err := io.Copy(conn, io.LimitReader(newSource(), benchSize)); err != nil {
			return err
		}
		_, err := answer.ReadByte()
		return err
	})
}

// measure times transfers, and reports how much memory the heap took at most for
// one, in chunks.
func measure(b *testing.B, transfer func(context.Context) error) {
	b.Helper()
	var before, after runtime.MemStats
	debug.FreeOSMemory()
	runtime.ReadMemStats(&before)
	b.SetBytes(benchSize)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		runtime.GC() // what an earlier transfer left is not this one's
		b.StartTimer()
		if err := transfer(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapSys-after.HeapReleased-before.HeapInuse)/benchChunk, "chunks-of-heap")
}
