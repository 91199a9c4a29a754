package mesh_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
)

// serveTLS returns a MESH behind TLS, and what makes clients of it.
func serveTLS(tb testing.TB) (*meshtest.TLSServer, func(*http.Client, mesh.Mailbox) *mesh.Client) {
	tb.Helper()
	server, err := meshtest.StartTLS(meshtest.Options{
		Mailboxes: []meshtest.Mailbox{{Mailbox: sender()}, {Mailbox: receiver(), Workflows: []string{workflow}}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := server.Close(); err != nil {
			tb.Error(err)
		}
	})
	return server, func(client *http.Client, box mesh.Mailbox) *mesh.Client {
		tb.Helper()
		app, err := nhs.NewApp(server.Environment(), nhs.Anonymous{}, nhs.WithHTTPClient(client),
			nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: 1}), nhs.WithRate(nhs.MESH, nhs.Rate{PerSecond: 1e6}))
		if err != nil {
			tb.Fatal(err)
		}
		box.ID = strings.ToLower(box.ID)
		c, err := mesh.New(app, box)
		if err != nil {
			tb.Fatal(err)
		}
		return c
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	server, open := serveTLS(t)
	client, err := mesh.TLS(server.CertificatePEM, server.KeyPEM, server.AuthorityPEM)
	if err != nil {
		t.Fatal(err)
	}
	id, err := open(client, sender()).Send(t.Context(), chunked(strings.NewReader(text), 0))
	if err != nil {
		t.Fatal(err)
	}
	m, err := open(client, receiver()).Download(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, m); got != text {
		t.Errorf("got %q", got)
	}
}

// A stranger is not let in, and an unknown server is not spoken to.
func TestTLSRefusesStrangers(t *testing.T) {
	t.Parallel()
	server, open := serveTLS(t)
	other, _ := serveTLS(t)
	stranger, err := mesh.TLS(other.CertificatePEM, other.KeyPEM, server.AuthorityPEM)
	if err != nil {
		t.Fatal(err)
	}
	misled, err := mesh.TLS(server.CertificatePEM, server.KeyPEM, other.AuthorityPEM)
	if err != nil {
		t.Fatal(err)
	}
	for name, client := range map[string]*http.Client{"stranger": stranger, "misled": misled, "without certificate": {}} {
		if err := open(client, sender()).Handshake(t.Context()); !errors.Is(err, nhs.ErrUnavailable) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
}

// A server that says nothing does not keep a client for ever.
func TestTLSLosesPatience(t *testing.T) {
	t.Parallel()
	server, _ := serveTLS(t)
	client, err := mesh.TLS(server.CertificatePEM, server.KeyPEM, server.AuthorityPEM)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		transport, ok := client.Transport.(*http.Transport)
		if !ok {
			t.Fatal("not the transport of net/http")
		}
		transport = transport.Clone()
		defer transport.CloseIdleConnections()
		transport.DialContext = func(context.Context, string, string) (net.Conn, error) { return near, nil }
		go func() { _, _ = io.Copy(io.Discard, far) }()
		app, err := nhs.NewApp(nhs.Loopback("http://127.0.0.1"), nhs.Anonymous{},
			nhs.WithHTTPClient(&http.Client{Transport: transport}), nhs.WithRetry(nhs.RetryPolicy{MaxAttempts: 1}))
		if err != nil {
			t.Fatal(err)
		}
		c, err := mesh.New(app, sender())
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if err := c.Handshake(t.Context()); !errors.Is(err, nhs.ErrUnavailable) || time.Since(start) != 5*time.Minute {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
	})
}

func TestTLSRefusesBadInput(t *testing.T) {
	t.Parallel()
	server, _ := serveTLS(t)
	other, _ := serveTLS(t)
	const pair = "client certificate must be PEM, with the PEM of its own unencrypted key"
	for name, tt := range map[string]struct {
		certificate, key, authorities []byte
		want                          string
	}{
		"no certificate":   {nil, server.KeyPEM, server.AuthorityPEM, pair},
		"no key":           {server.CertificatePEM, nil, server.AuthorityPEM, pair},
		"key of another":   {server.CertificatePEM, other.KeyPEM, server.AuthorityPEM, pair},
		"cut short":        {bytes.TrimSpace(server.CertificatePEM[:40]), server.KeyPEM, server.AuthorityPEM, pair},
		"no authorities":   {server.CertificatePEM, server.KeyPEM, nil, "certificate authorities must be PEM with at least one certificate"},
		"key as authority": {server.CertificatePEM, server.KeyPEM, server.KeyPEM, "certificate authorities must be PEM with at least one certificate"},
	} {
		_, err := mesh.TLS(tt.certificate, tt.key, tt.authorities)
		if err == nil || err.Error() != tt.want || !errors.Is(err, nhs.ErrInvalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
