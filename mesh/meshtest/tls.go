package meshtest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"time"

	"github.com/personalised-prevention/nhs"
)

// TLSServer is a [Server] on a loopback port behind TLS, which lets in clients
// only that present a certificate of its own authority. The PEM fields are what
// [mesh.TLS] takes; they are made for the server and worthless elsewhere.
type TLSServer struct {
	*Server

	CertificatePEM []byte // of a client
	KeyPEM         []byte // of the client
	AuthorityPEM   []byte // that certified client and server

	url    string
	web    *http.Server
	served chan error
}

// StartTLS starts a server on a free port. Call [TLSServer.Close] when done.
func StartTLS(o Options) (*TLSServer, error) {
	t := &TLSServer{Server: New(o), served: make(chan error, 1)}
	authority, err := newAuthority()
	if err != nil {
		return nil, fmt.Errorf("meshtest: %w", err)
	}
	certificate, key, err := authority.issue("localhost", x509.ExtKeyUsageServerAuth)
	if err != nil {
		return nil, fmt.Errorf("meshtest: %w", err)
	}
	own, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, fmt.Errorf("meshtest: %w", err)
	}
	t.AuthorityPEM = encode("CERTIFICATE", authority.certificate.Raw)
	t.CertificatePEM, t.KeyPEM, err = authority.issue("test.x26.api.mesh-client.nhs.uk", x509.ExtKeyUsageClientAuth)
	if err != nil {
		return nil, fmt.Errorf("meshtest: %w", err)
	}
	clients := x509.NewCertPool()
	clients.AddCert(authority.certificate)
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("meshtest: %w", err)
	}
	t.url = "https://" + listener.Addr().String()
	t.web = &http.Server{
		Handler: t, ReadHeaderTimeout: time.Minute,
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // clients without a certificate are not news
	}
	secure := tls.NewListener(listener, &tls.Config{
		Certificates: []tls.Certificate{own}, ClientCAs: clients, ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS12,
	})
	go func() {
		t.served <- t.web.Serve(secure)
		close(t.served)
	}()
	return t, nil
}

// Environment returns the environment to make an [nhs.App] for.
func (t *TLSServer) Environment() nhs.Environment { return nhs.Loopback(t.url) }

// Close stops the server and cuts open connections. Closing again does nothing.
func (t *TLSServer) Close() error {
	err := t.web.Close()
	if served := <-t.served; served != nil && !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// authority issues certificates that no clock finds out of date.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	issued      int64
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "meshtest authority"}, NotBefore: from(), NotAfter: until(),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(raw)
	return &authority{certificate: certificate, key: key, issued: 1}, err
}

// issue returns a certificate and its key as PEM.
func (a *authority) issue(name string, usage x509.ExtKeyUsage) (certificate, key []byte, err error) {
	a.issued++
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(a.issued), Subject: pkix.Name{CommonName: name}, NotBefore: from(), NotAfter: until(),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{usage},
		DNSNames: []string{name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, a.certificate, own.Public(), a.key)
	if err != nil {
		return nil, nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(own)
	return encode("CERTIFICATE", raw), encode("PRIVATE KEY", secret), err
}

func from() time.Time  { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }
func until() time.Time { return time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC) }

func encode(kind string, raw []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw})
}
