package mesh

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"time"

	"github.com/personalised-prevention/nhs"
)

// TLS returns an HTTP client for [nhs.WithHTTPClient] that presents a client
// certificate with its key, and trusts only servers certified by the given
// authorities; each argument is PEM. MESH issues the certificate, and publishes
// the authorities of each environment. As the client trusts nobody else, MESH
// needs an App of its own.
//
// Proxies are those of the environment, as [http.ProxyFromEnvironment] says. The
// client speaks HTTP/1.1, which carries files faster than HTTP/2. A connection that
// takes 30 seconds to make, or an answer that has not begun five minutes after its
// request was sent, is a failure: [Client.Poll] never waits for either in vain.
func TLS(certPEM, keyPEM, caPEM []byte) (*http.Client, error) {
	certificate, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return nil, &nhs.ArgumentError{Name: "client certificate", Reason: "must be PEM, with the PEM of its own unencrypted key"}
	}
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(caPEM) {
		return nil, &nhs.ArgumentError{Name: "certificate authorities", Reason: "must be PEM with at least one certificate"}
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Client{Transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		Protocols:             protocols,
		DialContext:           (&net.Dialer{Timeout: connectWithin}).DialContext,
		TLSHandshakeTimeout:   connectWithin,
		ResponseHeaderTimeout: answerWithin,
		IdleConnTimeout:       90 * time.Second,
		ReadBufferSize:        bufferSize,
		WriteBufferSize:       bufferSize,
		TLSClientConfig: &tls.Config{
			Certificates: []tls.Certificate{certificate},
			RootCAs:      authorities,
			MinVersion:   tls.VersionTLS12,
		},
	}}, nil
}

const (
	connectWithin = 30 * time.Second
	answerWithin  = 5 * time.Minute // MESH may have to store a chunk first
)

// bufferSize suits files: the default of 4 KiB is for small messages.
const bufferSize = 64 << 10
