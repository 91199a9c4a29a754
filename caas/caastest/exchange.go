package caastest

import (
	"errors"
	"fmt"
	"slices"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
)

// Exchange is a MESH behind TLS that asks for client certificates, with CaaS as a
// peer on it.
type Exchange struct {
	*meshtest.TLSServer

	Peer *Peer

	clock nhs.Option
}

// StartTLS starts a MESH with the given mailboxes and one for CaaS, [MailboxID], that
// may receive subscriptions. The programme's mailbox is one of those given, and must
// be registered for the workflow id of cohort files to get them. MESH goes by CaaS's
// clock. Call Close when done.
func StartTLS(o PeerOptions, m meshtest.Options) (*Exchange, error) {
	if o.Now == nil {
		return nil, &nhs.ArgumentError{Name: "clock", Reason: "is required"}
	}
	own := Mailbox(o)
	m.Now = o.Now
	m.Mailboxes = append(slices.Clone(m.Mailboxes), own)
	server, err := meshtest.StartTLS(m)
	if err != nil {
		return nil, fmt.Errorf("caastest: %w", err)
	}
	x := &Exchange{TLSServer: server, clock: nhs.WithClock(o.Now)}
	box, err := x.Client(own.Mailbox)
	if err == nil {
		x.Peer, err = NewPeer(box, o)
	}
	if err != nil {
		return nil, errors.Join(err, server.Close())
	}
	return x, nil
}

// Mailbox returns the mailbox that a [Peer] needs on a MESH in process.
func Mailbox(o PeerOptions) meshtest.Mailbox {
	box := meshtest.Mailbox{Mailbox: mesh.Mailbox{ID: MailboxID, Password: MailboxID, SharedKey: MailboxID}, Name: "CaaS"}
	if o.Subscribe != "" {
		box.Workflows = []string{o.Subscribe}
	}
	return box
}

// Client returns a client of a mailbox on the exchange, which presents a certificate
// and does not wait between requests.
func (x *Exchange) Client(box mesh.Mailbox, opts ...nhs.Option) (*mesh.Client, error) {
	client, err := mesh.TLS(x.CertificatePEM, x.KeyPEM, x.AuthorityPEM)
	if err != nil {
		return nil, err
	}
	opts = append([]nhs.Option{nhs.WithHTTPClient(client), x.clock, nhs.WithRate(nhs.MESH, nhs.Rate{PerSecond: 1e6})}, opts...)
	app, err := nhs.NewApp(x.Environment(), nhs.Anonymous{}, opts...)
	if err != nil {
		return nil, err
	}
	return mesh.New(app, box)
}
