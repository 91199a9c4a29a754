package campaign

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/notify"
)

// Campaign takes one list of people from a definition to an account of everybody.
// Its methods are called one after the other; [Campaign.Outcome] and
// [Campaign.Report] may be called at any time.
type Campaign struct {
	config Config
	sealer *governance.Sealer
	root   governance.Digest // of the proposal

	mu       sync.Mutex // guards what follows, all of which can be read from Dir again
	manifest governance.Manifest
	list     []recipient      // in order of their tokens, which is the order of sending
	sealed   *governance.List // of their tokens
	excluded map[Reason]int
	checked  []governance.Checked
	runs     []*run // begun, in order of stages
	told     told   // by NHS Notify, in answer to requests
}

// recipient is one person on the sealed list.
type recipient struct {
	Number          nhs.Number     `json:"number"` // in clear in JSON, which is sealed whenever it is stored
	Personalisation map[string]any `json:"personalisation,omitempty"`
	token           governance.Token
	reference       string
}

// ErrNotBuilt means that there is no list to work with: call [Campaign.Build], or
// [Campaign.Restore] after a restart.
var ErrNotBuilt = errors.New("the list has not been built")

// New checks a configuration and returns a campaign. It reads and sends nothing.
// The error names what is wrong: it holds an [*nhs.ArgumentError], or what package
// governance says of the proposal.
func New(config Config) (*Campaign, error) {
	if err := config.check(); err != nil {
		return nil, fmt.Errorf("campaign: new: %w", err)
	}
	sealer, err := governance.NewSealer(config.Key, config.Proposal.ID)
	if err != nil {
		return nil, fmt.Errorf("campaign: new: %w", err)
	}
	config.Key = slices.Clone(config.Key)
	return &Campaign{config: config, sealer: sealer, root: config.Proposal.Root()}, nil
}

// Build checks everybody the definition selected against PDS, leaves out who must
// not be messaged, records the manifest of what remains in the audit log, seals
// the list in [Config.Dir] and returns the manifest to approve. It needs the
// approvals that come before building.
//
// Nothing is sent. A sentinel that is not caught ends Build with [ErrSentinel]; a
// refusal of access by PDS, an error of the members and one of ctx end it too.
// Whatever ends it, the list that was there before still stands.
//
// Build can be called again, also in the middle of a stage, as when the data
// have grown too old: the manifest changes, and the approvals of the old one are
// void. Whom NHS Notify has or may have a message to, or has refused, stays on the
// list, unchecked, to be accounted for and never messaged again.
func (c *Campaign) Build(ctx context.Context) (governance.Manifest, error) {
	if err := c.build(ctx); err != nil {
		return governance.Manifest{}, fmt.Errorf("campaign: build: %w", err)
	}
	return c.built(), nil
}

func (c *Campaign) build(ctx context.Context) error {
	permit, err := c.config.Authority.PermitBuild(ctx, c.config.Proposal)
	if err != nil {
		return err
	}
	facet, err := CohortFacet(c.config.Definition)
	if err != nil {
		return err
	}
	authorised, err := permit.AuthorizeBuild(ctx, governance.Build{Cohort: facet, Uses: Uses(c.config.Definition)})
	if err != nil {
		return err
	}
	built := &sealedList{CheckedAt: c.config.Now().UTC()}
	built.Manifest.Build = authorised
	if err := c.describe(built); err != nil { // before PDS is asked a million times
		return err
	}
	if err := c.recall(ctx); err != nil {
		return err
	}
	if err := c.checkSentinels(ctx, built); err != nil {
		return err
	}
	if err := c.checkMembers(ctx, built); err != nil {
		return err
	}
	if err := c.screen(ctx, built); err != nil {
		return err
	}
	c.order(built.People)
	if err := c.describe(built); err != nil {
		return err
	}
	// Logged first: should the process end here, the log holds a manifest nobody
	// will approve, and the list that was approved before is still in place.
	if err := permit.RecordManifest(ctx, built.Manifest); err != nil {
		return err
	}
	if err := c.seal(listName, built); err != nil {
		return err
	}
	return c.restore(context.WithoutCancel(ctx)) // what is sent is what a restart would send
}

// Restore takes up what an earlier [Campaign.Build] and [Campaign.Send] left in
// [Config.Dir], after a restart: the list, and who has been sent. The key and the
// proposal must be those of the Build: a proposal that has changed needs a new one.
func (c *Campaign) Restore(ctx context.Context) (governance.Manifest, error) {
	if err := c.restore(ctx); err != nil {
		return governance.Manifest{}, fmt.Errorf("campaign: restore: %w", err)
	}
	return c.built(), nil
}

func (c *Campaign) restore(ctx context.Context) error {
	stored := &sealedList{}
	switch err := c.unseal(listName, stored); {
	case errors.Is(err, errNoFile):
		return ErrNotBuilt
	case err != nil:
		return err
	case stored.Manifest.Proposal != c.root:
		return fmt.Errorf("%w since the proposal changed", ErrNotBuilt)
	}
	if err := c.recall(ctx); err != nil {
		return err
	}
	c.order(stored.People)
	sealed, err := governance.NewList(tokens(stored.People))
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.manifest, c.list, c.sealed = stored.Manifest, stored.People, sealed
	c.excluded, c.checked = stored.excluded(), stored.Checked
	return nil
}

// Format prints the proposal's id only, for every verb: a campaign holds a key and
// people.
func (c *Campaign) Format(s fmt.State, _ rune) {
	_, _ = io.WriteString(s, "campaign.Campaign("+c.config.Proposal.ID+")")
}

// LogValue logs the proposal's id only.
func (c *Campaign) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(c)) }

// order gives everybody a token and a reference, and sorts by token: an order
// that has nothing to do with who people are, so that each stage is a fair sample,
// and that is the same after a restart.
func (c *Campaign) order(people []recipient) {
	for i := range people {
		p := &people[i]
		p.token = c.sealer.Token(p.Number.Reveal())
		p.reference = notify.Reference(c.config.Key, "message", c.config.Proposal.ID, p.Number.Reveal())
	}
	slices.SortFunc(people, func(a, b recipient) int { return slices.Compare(a.token[:], b.token[:]) })
}

// describe fills in a list's manifest, all but the sentinels.
func (c *Campaign) describe(built *sealedList) error {
	list, err := governance.NewList(tokens(built.People))
	if err != nil {
		return err
	}
	m := &built.Manifest
	m.Proposal, m.Plan, m.Snapshots = c.root, c.config.Proposal.Cohort.Meaning, c.config.Snapshots
	m.Included, m.Recipients, m.BuiltAt = list.Len(), list.Digest(), c.config.Now().UTC()
	m.Exclusions, m.Segments = exclusions(built.excluded()), c.segments(built)
	return m.Validate()
}

// built returns the manifest of the list, which is zero while there is none.
func (c *Campaign) built() governance.Manifest {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.manifest
}

func tokens(people []recipient) []governance.Token {
	list := make([]governance.Token, len(people))
	for i := range people {
		list[i] = people[i].token
	}
	return list
}
