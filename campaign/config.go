package campaign

import (
	"crypto/sha256"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/pds"
)

// Config is what a campaign needs. Fields are required unless they say otherwise.
type Config struct {
	// Proposal is what was approved, and Authority decides by the approvals.
	Proposal  governance.Proposal
	Authority *governance.Authority

	// Definition is the live definition. It must be the approved one.
	Definition *cohort.Plan
	// Attrition is what the definition did to the population; nil leaves it out of
	// the report.
	Attrition *cohort.Attrition
	// Members are the people the definition selected, as delivered. A person who
	// comes twice counts once.
	Members iter.Seq2[nhs.Number, error]
	// Snapshots say when each data set the definition reads was taken.
	Snapshots []governance.Snapshot
	// Sentinels are planted test people whom the checks must catch, by kind.
	Sentinels map[string][]nhs.Number

	// Patients is asked about everybody before the list is sealed.
	Patients *pds.Client
	// Messages sends.
	Messages *notify.Client
	// Compose fills in the template for one person: only keys that the proposal
	// names. Nil sends no personalisation.
	Compose func(p *pds.Patient) map[string]any
	// Book is what the callback handler fills. It outlives a campaign.
	Book *notify.StatusBook

	// Dir is where the sealed list and the journal are kept, for a restart.
	Dir string
	// Key is a secret of at least 32 random bytes, one for a proposal. It seals the
	// list and makes the references. Destroying it unlinks everything from people.
	Key []byte
	// Random seals the list; crypto/rand.Reader outside tests.
	Random io.Reader
	// Now is the clock; time.Now outside tests.
	Now func() time.Time
	// Progress is told how far a step has got, now and then; may be nil.
	Progress func(Progress)
}

// Progress is how far a step has got.
type Progress struct {
	Step  string // "check" or "send"
	Done  int    // people so far
	Total int    // people in all; 0 while not known
}

// check refuses a configuration that could not work, naming the field.
func (c Config) check() error {
	missing := func(name string, absent bool) error {
		if absent {
			return &nhs.ArgumentError{Name: name, Reason: "is required"}
		}
		return nil
	}
	for _, err := range []error{
		c.Proposal.Validate(),
		missing("authority", c.Authority == nil),
		missing("definition", c.Definition == nil),
		missing("members", c.Members == nil),
		missing("patients", c.Patients == nil),
		missing("messages", c.Messages == nil),
		missing("book", c.Book == nil),
		missing("dir", c.Dir == ""),
		missing("random", c.Random == nil),
		missing("clock", c.Now == nil),
		missing("key of 32 bytes", len(c.Key) < sha256.Size),
		c.checkSuppressions(),
		c.checkFacet(),
	} {
		if err != nil {
			return fmt.Errorf("campaign.New: %w", err)
		}
	}
	return nil
}

// checkSuppressions refuses a proposal that promises a check the campaign does
// not make.
func (c Config) checkSuppressions() error {
	for _, s := range c.Proposal.Safety.Suppressions {
		if !slices.Contains(suppressions(), Reason(s.Name)) {
			return &nhs.ArgumentError{Name: "suppression " + s.Name, Reason: fmt.Sprintf("is not one a campaign applies: %v", suppressions())}
		}
	}
	return nil
}

// checkFacet compares the live definition with the one in the proposal, before
// anybody is asked to sign for nothing.
func (c Config) checkFacet() error {
	live, err := CohortFacet(c.Definition)
	if err != nil {
		return err
	}
	if live.Meaning != c.Proposal.Cohort.Meaning || live.English != c.Proposal.Cohort.English {
		return &nhs.ArgumentError{Name: "definition", Reason: "is not the one in the proposal"}
	}
	return nil
}

// CohortFacet describes a definition for a proposal: its meaning, its code lists
// and the English text that people sign.
func CohortFacet(p *cohort.Plan) (governance.CohortFacet, error) {
	meaning, err := governance.ParseDigest("sha256:" + p.Hash())
	if err != nil {
		return governance.CohortFacet{}, fmt.Errorf("definition hash: %w", err)
	}
	facet := governance.CohortFacet{
		Definition: p.ID(), Version: p.Version(), Meaning: meaning,
		English: sha256.Sum256([]byte(p.English())),
	}
	for _, list := range p.Uses().CodeLists {
		codes, err := governance.ParseDigest("sha256:" + list.Hash())
		if err != nil {
			return governance.CohortFacet{}, fmt.Errorf("code list %s: %w", list.ID(), err)
		}
		facet.CodeLists = append(facet.CodeLists, governance.CodeList{ID: list.ID(), Version: list.Version(), Codes: codes})
	}
	return facet, nil
}

// Fields lists the fields a definition uses, by data set, for a proposal's data
// facet.
func Fields(p *cohort.Plan) map[string][]string {
	fields := map[string][]string{}
	for _, use := range p.Uses().Tables {
		fields[use.Table] = use.Columns
	}
	return fields
}
