package campaign

import (
	"crypto/sha256"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/internal/redact"
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
	// Members are the people the definition selected, as delivered, from the first
	// for every Build. A person who comes twice counts once.
	Members iter.Seq2[nhs.Number, error]
	// Snapshots say when each data set the definition reads was taken.
	Snapshots []governance.Snapshot
	// Sentinels are planted test people whom the checks must catch, by kind: the
	// [Reason] that each must be caught for. At least as many as the proposal says.
	Sentinels map[string][]nhs.Number

	// Segment says which part of the cohort somebody is in, such as an area, for the counts that are
	// approved. Nil puts everybody in one.
	Segment func(nhs.Number) string

	// Patients is asked about everybody before the list is sealed, and again before
	// they are messaged if that was too long ago.
	Patients *pds.Client
	// Screens are the checks that PDS cannot make, by reason: [Objected] always, and
	// [NationalOptOut] and [Type1OptOut] where the proposal applies them.
	Screens map[Reason]Screen
	// Messages sends.
	Messages *notify.Client
	// Compose fills in the template for one person: only keys that the proposal
	// names, with strings, numbers, booleans or lists of these. Nil sends no
	// personalisation.
	Compose func(p *pds.Patient) map[string]any
	// Book is what the callback handler fills. It outlives a campaign, and its
	// process too if callbacks are stored and applied again.
	Book *notify.StatusBook
	// BatchSize is how many people are authorised and sent at a time: a halt stops a
	// stage at the next batch. 0 means 10,000; NHS Notify takes 45,000. Never more
	// than the proposal's daily cap.
	BatchSize int

	// Dir is where sealed lists and journals are kept, for a restart. It is made if
	// need be. One process at a time may use it.
	Dir string
	// Key is a secret of at least 32 random bytes, one for a proposal. It seals the
	// list and makes the references. Destroying it unlinks what is kept from people.
	Key []byte
	// Random seals the list; crypto/rand.Reader outside tests.
	Random io.Reader
	// Now is the clock; time.Now outside tests.
	Now func() time.Time
	// Progress is told how far a step has got, now and then; may be nil.
	Progress func(Progress)
}

// Progress is how far a step has got. Done never falls while a step lasts.
type Progress struct {
	Step  string // "check" or "send"
	Done  int    // people so far
	Total int    // people in all; 0 while not known
}

// Format prints the proposal's id only, for every verb: a configuration holds a key.
func (c Config) Format(s fmt.State, _ rune) {
	_, _ = io.WriteString(s, "campaign.Config("+redact.Text(c.Proposal.ID)+")")
}

// LogValue logs the proposal's id only.
func (c Config) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(c)) }

// check refuses a configuration that could not work, naming the field.
func (c Config) check() error {
	if err := c.Proposal.Validate(); err != nil {
		return err
	}
	for _, field := range []struct {
		name   string
		absent bool
	}{
		{"authority", c.Authority == nil},
		{"definition", c.Definition == nil},
		{"members", c.Members == nil},
		{"patients", c.Patients == nil},
		{"messages", c.Messages == nil},
		{"book", c.Book == nil},
		{"dir", c.Dir == ""},
		{"random", c.Random == nil},
		{"now", c.Now == nil},
	} {
		if field.absent {
			return &nhs.ArgumentError{Name: field.name, Reason: "is required"}
		}
	}
	if len(c.Key) < sha256.Size {
		return &nhs.ArgumentError{Name: "key", Reason: "must be at least 32 bytes"}
	}
	if c.BatchSize < 0 || c.BatchSize > maxBatch {
		return &nhs.ArgumentError{Name: "batch size", Reason: "must be 0 to 45,000"}
	}
	if err := c.checkSuppressions(); err != nil {
		return err
	}
	if err := c.checkSentinels(); err != nil {
		return err
	}
	return c.checkDefinition()
}

// checkSuppressions refuses a proposal that promises a check the campaign does
// not make.
func (c Config) checkSuppressions() error {
	for reason, screen := range c.Screens {
		if screen == nil || slices.Contains(lookups(), reason) {
			return &nhs.ArgumentError{Name: "screen " + redact.Text(string(reason)), Reason: "must be a check that PDS cannot make"}
		}
	}
	for _, s := range c.Proposal.Safety.Suppressions {
		if !slices.Contains(c.suppressions(), Reason(s.Name)) {
			return &nhs.ArgumentError{Name: "screen " + s.Name, Reason: "is required: the proposal promises that check"}
		}
	}
	return nil
}

// checkSentinels refuses sentinels that no check could catch, and fewer than the
// proposal asks for.
func (c Config) checkSentinels() error {
	for kind, numbers := range c.Sentinels {
		name := "sentinels of kind " + redact.Text(kind)
		distinct := map[nhs.Number]bool{}
		for _, n := range numbers {
			distinct[n] = true
		}
		switch {
		case !slices.Contains(c.suppressions(), Reason(kind)):
			return &nhs.ArgumentError{Name: name, Reason: fmt.Sprintf("must be caught by a check: %v", c.suppressions())}
		case len(distinct) < len(numbers):
			return &nhs.ArgumentError{Name: name, Reason: "must not repeat a number"}
		case distinct[nhs.Number{}]:
			return &nhs.ArgumentError{Name: name, Reason: "must have NHS numbers"}
		}
	}
	for _, want := range c.Proposal.Safety.Sentinels {
		if len(c.Sentinels[want.Kind]) < want.Planted {
			return &nhs.ArgumentError{Name: "sentinels of kind " + want.Kind, Reason: fmt.Sprintf("must be at least %d, as in the proposal", want.Planted)}
		}
	}
	return nil
}

// checkDefinition compares the live definition with the one in the proposal,
// before anybody is asked to sign for nothing.
func (c Config) checkDefinition() error {
	live, err := CohortFacet(c.Definition)
	if err != nil {
		return err
	}
	facet := governance.FacetCohort
	if (governance.Proposal{Cohort: live}).Facets()[facet] != c.Proposal.Facets()[facet] {
		return &nhs.ArgumentError{Name: "definition", Reason: "is not the one in the proposal"}
	}
	for i, set := range c.Proposal.Data.Sets {
		if strings.HasPrefix(set.Name, gpRecords) && !set.GPRecords {
			return &nhs.ArgumentError{
				Name: fmt.Sprintf("proposal data.sets[%d].gpRecords", i), Reason: "must be true of " + set.Name + ": type 1 opt-outs protect it",
			}
		}
	}
	return c.Proposal.Data.CheckUses(Uses(c.Definition))
}

// gpRecords begins the names of the tables of package cohort/gpes, whose data come from GP records whatever a
// proposal says of them.
const gpRecords = "gpes."

// The sizes of batches: the usual one, and NHS Notify's limit.
const (
	defaultBatch = 10_000
	maxBatch     = 45_000
)

// batchSize is never above the daily cap: such a batch would be refused every day.
func (c Config) batchSize() int {
	size := c.BatchSize
	if size == 0 {
		size = defaultBatch
	}
	return min(size, c.Proposal.Volume.DailyCap)
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

// Uses lists what a definition reads, for a proposal's data facet.
func Uses(p *cohort.Plan) []governance.Use {
	var uses []governance.Use
	for _, table := range p.Uses().Tables {
		use := governance.Use{DataSet: table.Table, Fields: table.Columns}
		if !table.Earliest.IsZero() {
			use.Earliest = table.Earliest.String()
		}
		uses = append(uses, use)
	}
	return uses
}
