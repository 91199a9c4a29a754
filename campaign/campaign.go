package campaign

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

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

	mu        sync.Mutex // guards what follows
	manifest  governance.Manifest
	list      []recipient // in order of their tokens, which is the order of sending
	approved  int         // people the definition selected
	excluded  map[Reason]int
	checkedAt time.Time
	sent      map[string]string // accepted by NHS Notify: reference to message id, "" while pending
	refused   map[string]string // not accepted: reference to NHS Notify's reason
}

// recipient is one person on the sealed list.
type recipient struct {
	Number          nhs.Number     `json:"number"` // in clear in JSON, which is sealed whenever it is stored
	Personalisation map[string]any `json:"personalisation,omitempty"`
	token           governance.Token
	reference       string
}

// listName is the name of the sealed list; the parts of stages have the stages'.
const listName = "list"

// ErrNotBuilt means that there is no list to send to: call [Campaign.Build] or
// [Campaign.Restore] first.
var ErrNotBuilt = errors.New("campaign: the list has not been built")

// New checks a configuration and returns a campaign. It reads and sends nothing.
// The error is an [*nhs.ArgumentError] or a [*governance.FieldError], and names
// what is wrong.
func New(config Config) (*Campaign, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	sealer, err := governance.NewSealer(config.Key, config.Proposal.ID)
	if err != nil {
		return nil, fmt.Errorf("campaign.New: %w", err)
	}
	config.Key = slices.Clone(config.Key)
	return &Campaign{config: config, sealer: sealer, root: config.Proposal.Root()}, nil
}

// Build checks everybody the definition selected against PDS, leaves out who must
// not be messaged, seals the list in [Config.Dir] and returns the manifest to
// approve. It needs the approvals that come before building, and records the
// manifest in the audit log.
//
// A sentinel that is not caught ends Build with [ErrSentinel]; an error of the
// members or of ctx ends it too. Nothing is sent, and Build can be called again:
// the manifest changes, and the approvals of the old one are void.
func (c *Campaign) Build(ctx context.Context) (governance.Manifest, error) {
	manifest, err := c.build(ctx)
	if err != nil {
		return governance.Manifest{}, fmt.Errorf("campaign: build: %w", err)
	}
	return manifest, nil
}

func (c *Campaign) build(ctx context.Context) (governance.Manifest, error) {
	permit, err := c.config.Authority.PermitBuild(ctx, c.config.Proposal)
	if err != nil {
		return governance.Manifest{}, err
	}
	facet, err := CohortFacet(c.config.Definition)
	if err != nil {
		return governance.Manifest{}, err
	}
	live := governance.Build{Cohort: facet, Fields: Fields(c.config.Definition)}
	if err := permit.AuthorizeBuild(ctx, live); err != nil {
		return governance.Manifest{}, err
	}
	sentinels, err := c.checkSentinels(ctx)
	if err != nil {
		return governance.Manifest{}, err
	}
	begun, err := c.begun()
	if err != nil {
		return governance.Manifest{}, err
	}
	built := &sealedList{Excluded: map[Reason]int{}, CheckedAt: c.config.Now().UTC()}
	if err := c.checkMembers(ctx, built, begun); err != nil {
		return governance.Manifest{}, err
	}
	c.order(built.People)
	built.Manifest, err = c.describe(built, sentinels)
	if err != nil {
		return governance.Manifest{}, err
	}
	if err := c.seal(listName, built); err != nil {
		return governance.Manifest{}, err
	}
	if err := permit.RecordManifest(ctx, built.Manifest); err != nil {
		return governance.Manifest{}, err
	}
	c.adopt(built)
	return built.Manifest, nil
}

// Restore takes up the list that an earlier Build sealed in [Config.Dir], after a
// restart. The key and the proposal must be the same.
func (c *Campaign) Restore() (governance.Manifest, error) {
	stored := &sealedList{}
	if err := c.unseal(listName, stored); err != nil {
		return governance.Manifest{}, fmt.Errorf("campaign: restore: %w", err)
	}
	c.order(stored.People)
	c.adopt(stored)
	return stored.Manifest, nil
}

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

func (c *Campaign) describe(built *sealedList, sentinels []governance.SentinelResult) (governance.Manifest, error) {
	digest, err := governance.RecipientsDigest(tokens(built.People))
	if err != nil {
		return governance.Manifest{}, err
	}
	plan, err := CohortFacet(c.config.Definition)
	if err != nil {
		return governance.Manifest{}, err
	}
	m := governance.Manifest{
		Proposal: c.root, Plan: plan.Meaning, Snapshots: c.config.Snapshots, Included: len(built.People),
		Sentinels: sentinels, Recipients: digest, BuiltAt: c.config.Now().UTC(),
	}
	for _, reason := range sortedReasons(built.Excluded) {
		m.Exclusions = append(m.Exclusions, governance.Exclusion{Reason: string(reason), Count: built.Excluded[reason]})
	}
	return m, nil
}

// adopt makes a list the campaign's own.
func (c *Campaign) adopt(built *sealedList) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.manifest, c.list, c.excluded, c.checkedAt = built.Manifest, built.People, built.Excluded, built.CheckedAt
	c.approved = len(built.People)
	for _, n := range built.Excluded {
		c.approved += n
	}
	if c.sent == nil {
		c.sent, c.refused = map[string]string{}, map[string]string{}
	}
}

func tokens(people []recipient) []governance.Token {
	list := make([]governance.Token, len(people))
	for i := range people {
		list[i] = people[i].token
	}
	return list
}
