package export

import (
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/personalised-prevention/nhs/governance"
)

// The identifiers of an in-toto statement and of what this one says.
const (
	statementType = "https://in-toto.io/Statement/v1"
	predicateType = "https://github.com/personalised-prevention/nhs/governance/approval/v1"
	payloadType   = "application/vnd.in-toto+json"
)

// Statement is an in-toto statement: that a proposal, and a list if there is one, was approved by certain
// people, as tools for supply chains read it. The signed notes in the log remain what counts.
type Statement struct {
	Type          string            `json:"_type"`
	Subject       []Subject         `json:"subject"`
	PredicateType string            `json:"predicateType"`
	Predicate     ApprovalPredicate `json:"predicate"`
}

// Subject names a content by its digest, which is hexadecimal.
type Subject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"`
}

// ApprovalPredicate is what the statement says of its subjects.
type ApprovalPredicate struct {
	Proposal string           `json:"proposal"`
	Stage    governance.Stage `json:"stage,omitempty"`
	At       time.Time        `json:"at"`
	Approved bool             `json:"approved"`
	Gates    []GateLine       `json:"gates"`
}

// NewStatement makes the statement of a report about a proposal, and about a list if it is not nil.
func NewStatement(p governance.Proposal, m *governance.Manifest, report governance.Report) (*Statement, error) {
	approvals, err := NewApprovals(p, report, nil, report.At)
	if err != nil {
		return nil, err
	}
	s := &Statement{
		Type: statementType, PredicateType: predicateType,
		Subject: []Subject{subject("proposal", report.Root)},
		Predicate: ApprovalPredicate{
			Proposal: p.ID, Stage: report.Stage, At: report.At.UTC(), Approved: report.Approved(), Gates: approvals.Gates,
		},
	}
	if m != nil {
		if m.Proposal != report.Root {
			return nil, &governance.FieldError{Field: "manifest.proposal", Reason: "is of another proposal"}
		}
		s.Subject = append(s.Subject, subject("list", m.Digest()))
	}
	return s, nil
}

func subject(name string, d governance.Digest) Subject {
	return Subject{Name: name, Digest: map[string]string{"sha256": hex.EncodeToString(d[:])}}
}

// WriteJSON writes the statement without a signature.
func (s *Statement) WriteJSON(w io.Writer) error { return writeJSON(w, s) }

// WriteEnvelope writes the statement in a DSSE envelope, signed with an Ed25519 key.
func (s *Statement) WriteEnvelope(w io.Writer, keyID string, key crypto.Signer) error {
	if _, ok := key.Public().(ed25519.PublicKey); !ok {
		return &governance.FieldError{Field: "key", Reason: "must be an Ed25519 key"}
	}
	payload, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("export: statement: %w", err)
	}
	sig, err := key.Sign(nil, preAuthentication(payload), crypto.Hash(0))
	if err != nil {
		return fmt.Errorf("export: sign: %w", err)
	}
	type signature struct {
		KeyID string `json:"keyid"`
		Sig   string `json:"sig"`
	}
	return writeJSON(w, struct {
		PayloadType string      `json:"payloadType"`
		Payload     string      `json:"payload"`
		Signatures  []signature `json:"signatures"`
	}{payloadType, base64.StdEncoding.EncodeToString(payload), []signature{{keyID, base64.StdEncoding.EncodeToString(sig)}}})
}

// preAuthentication is what DSSE signs: the type and the payload with their lengths.
func preAuthentication(payload []byte) []byte {
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(payloadType), payloadType, len(payload), payload)
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("export: JSON: %w", err)
	}
	return nil
}
