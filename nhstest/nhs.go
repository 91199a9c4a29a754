package nhstest

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas/caastest"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/meshtest"
	"github.com/personalised-prevention/nhs/mesh/optout"
	"github.com/personalised-prevention/nhs/mesh/optout/optouttest"
	"github.com/personalised-prevention/nhs/notify/notifytest"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// Options say what the services hold and how they behave. The zero Options are
// services without people, plans and mailboxes. Authorize, Token and Now of the
// services' own options are set by [Start] where they are nil.
type Options struct {
	PDS    pdstest.Options
	Notify notifytest.Options
	MESH   meshtest.Options
	CaaS   caastest.Options

	// OptOuts is the national data opt-out check, a peer on MESH in the mailbox
	// [optout.IntegrationMailbox]. Whoever asks it needs [optout.Workflow] among the
	// workflows of their own mailbox.
	OptOuts optouttest.Options

	// Cohorts is CaaS as a peer on MESH, in the mailbox [caastest.MailboxID]. There is
	// none if it has no Programme.
	Cohorts caastest.PeerOptions

	Now    func() time.Time // the platform's clock; nil means time.Now
	Random io.Reader        // for access tokens; nil means crypto/rand.Reader. Keys do not use it
}

// NHS is a running set of services on a loopback address.
type NHS struct {
	PDS     *pdstest.Server
	Notify  *notifytest.Server
	MESH    *meshtest.Server
	CaaS    *caastest.Server
	OptOuts *optouttest.Service
	Cohorts *caastest.Peer // nil if Options.Cohorts has no Programme

	tokens *tokens
	url    string
	server *http.Server
	served chan error
}

// Start serves the services over HTTP on a free loopback port, each at the path it
// has on the API platform. Call [NHS.Close] when done.
func Start(o Options) (*NHS, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	issuer := newTokens(o.Now, o.Random)
	if o.PDS.Authorize == nil {
		o.PDS.Authorize = issuer.authorize
	}
	if o.PDS.Token == nil {
		o.PDS.Token = issuer.user
	}
	if o.Notify.Authorize == nil {
		o.Notify.Authorize = issuer.authorize
	}
	for _, now := range []*func() time.Time{&o.PDS.Now, &o.Notify.Now, &o.MESH.Now, &o.OptOuts.Now, &o.Cohorts.Now} {
		if *now == nil {
			*now = o.Now
		}
	}
	o.MESH.Mailboxes = slices.Concat([]meshtest.Mailbox{checkBox(), caastest.Mailbox(o.Cohorts)}, o.MESH.Mailboxes)
	n := &NHS{
		PDS: pdstest.New(o.PDS), Notify: notifytest.New(o.Notify), MESH: meshtest.New(o.MESH), CaaS: caastest.New(o.CaaS),
		tokens: issuer, served: make(chan error, 1),
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("nhstest: %w", err)
	}
	n.url = "http://" + listener.Addr().String()
	issuer.audience = n.Environment().TokenURL()
	if err := n.join(o); err != nil {
		return nil, errors.Join(fmt.Errorf("nhstest: %w", err), listener.Close())
	}
	n.server = &http.Server{Handler: n.routes(), ReadHeaderTimeout: time.Minute}
	go func() {
		n.served <- n.server.Serve(listener)
		close(n.served)
	}()
	return n, nil
}

// checkBox is the mailbox of the opt-out check.
func checkBox() meshtest.Mailbox {
	return meshtest.Mailbox{
		Mailbox:   mesh.Mailbox{ID: optout.IntegrationMailbox, Password: optout.Workflow, SharedKey: optout.Workflow},
		Workflows: []string{optout.Workflow},
	}
}

// join makes the peers on MESH, which are clients of it like any other.
func (n *NHS) join(o Options) error {
	app, err := nhs.NewApp(n.Environment(), nhs.Anonymous{}, nhs.WithClock(o.MESH.Now), nhs.WithRate(nhs.MESH, nhs.Rate{PerSecond: 1e6}))
	if err != nil {
		return err
	}
	check, err := mesh.New(app, checkBox().Mailbox)
	if err != nil {
		return err
	}
	if n.OptOuts, err = optouttest.New(check, o.OptOuts); err != nil || o.Cohorts.Programme == "" {
		return err
	}
	cohorts, err := mesh.New(app, caastest.Mailbox(o.Cohorts).Mailbox)
	if err != nil {
		return err
	}
	n.Cohorts, err = caastest.NewPeer(cohorts, o.Cohorts)
	return err
}

func (n *NHS) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /oauth2/token", n.tokens)
	mux.Handle("/personal-demographics/", n.PDS)
	mux.Handle("/comms/", n.Notify)
	mux.Handle("/messageexchange/", n.MESH)
	mux.Handle("/caas-published-cohort-definitions/", n.CaaS)
	return mux
}

// Environment returns the environment to make an [nhs.App] for.
func (n *NHS) Environment() nhs.Environment { return nhs.Loopback(n.url) }

// Register makes a new key known to the token endpoint for an application, and
// returns the credentials to use it with. An application may register again: its
// earlier keys stay valid.
func (n *NHS) Register(apiKey string) (nhs.SignedJWT, error) {
	if apiKey == "" {
		return nhs.SignedJWT{}, &nhs.ArgumentError{Name: "API key", Reason: "must not be empty"}
	}
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nhs.SignedJWT{}, fmt.Errorf("nhstest: %w", err)
	}
	return nhs.SignedJWT{
		APIKey: apiKey, KeyID: n.tokens.register(apiKey, &key.PublicKey),
		PrivateKey: pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}),
	}, nil
}

const keyBits = 2048 // the platform asks for 4096; making such a key takes seconds

// App registers an application and returns it, ready to make clients of.
func (n *NHS) App(apiKey string, opts ...nhs.Option) (*nhs.App, error) {
	credentials, err := n.Register(apiKey)
	if err != nil {
		return nil, err
	}
	return nhs.NewApp(n.Environment(), credentials, opts...)
}

// SignIn signs a user in, with [nhs.HealthcareWorkerAccess] or
// [nhs.PatientAccess], and returns credentials for an App that acts for them. They
// go on with a new access token when the old one has expired or been revoked. The
// user is known to PDS; to the other services every token is as good as any.
func (n *NHS) SignIn(user pdstest.Token) nhs.UserToken {
	s := &session{tokens: n.tokens, user: user}
	return nhs.UserToken{Access: user.Access, Token: s.token, Refused: s.refused}
}

// RevokeTokens makes every access token invalid, as if all had expired at once.
func (n *NHS) RevokeTokens() { n.tokens.revoke() }

// Close stops serving and cuts open connections. Closing again does nothing.
func (n *NHS) Close() error {
	err := n.server.Close()
	if served := <-n.served; served != nil && !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
