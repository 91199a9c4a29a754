package main

import (
	"context"
	"os"

	"github.com/personalised-prevention/nhs/governance"
)

const logOrigin = "demonstration/talking-therapies-2026"

// openAuthority has the roots sign who counts, opens the log, and finds it a
// witness.
func (s *story) openAuthority(ctx context.Context) error {
	roots, trust, err := s.trust()
	if err != nil {
		return err
	}
	if s.storage, err = governance.OpenFile(s.path(governance.LogFile)); err != nil {
		return err
	}
	if s.log, err = governance.OpenLog(ctx, s.storage, logOrigin); err != nil {
		return err
	}
	s.authority, err = governance.NewAuthority(governance.Config{
		Trust: trust, Gates: governance.DefaultGates(), Log: s.log, Clock: s.clock.Now,
	})
	if err != nil {
		return err
	}
	if s.operator, err = s.signer(logOrigin); err != nil {
		return err
	}
	witness, err := s.signer("information-governance/witness")
	if err != nil {
		return err
	}
	s.witness, err = governance.OpenWitness(s.path(witnessFile), witness, logOrigin, s.operator.VerifierKey())
	if err != nil {
		return err
	}
	keys := governance.AuditKeys{
		Origin: logOrigin, Roots: roots, Operator: s.operator.VerifierKey(), Witnesses: []string{witness.CosignerKey()},
	}
	return os.WriteFile(s.path(keysFile), []byte(keys.Text()), 0o600)
}

// trust gives everybody a key, and has two of three roots sign the trust file.
func (s *story) trust() (governance.Roots, *governance.Trust, error) {
	valid := governance.Validity{From: s.clock.Now().AddDate(0, -1, 0), Until: s.clock.Now().AddDate(1, 0, 0)}
	file := governance.TrustFile{
		Serial: 1, IssuedAt: s.clock.Now(), Gates: governance.GatesDigest(governance.DefaultGates()),
	}
	s.staff = map[governance.PersonID]*governance.Signer{}
	for _, m := range staff() {
		signer, err := s.signer(m.id)
		if err != nil {
			return governance.Roots{}, nil, err
		}
		s.staff[m.id] = signer
		file.People = append(file.People, signer.Person(valid, m.roles...))
	}
	roots := governance.Roots{Threshold: 2}
	var signers []*governance.Signer
	for _, name := range []governance.PersonID{"root.one", "root.two", "root.three"} {
		signer, err := s.signer(name)
		if err != nil {
			return governance.Roots{}, nil, err
		}
		roots.Keys = append(roots.Keys, signer.VerifierKey())
		signers = append(signers, signer)
	}
	signed, err := file.Sign(signers[:roots.Threshold]...)
	if err != nil {
		return governance.Roots{}, nil, err
	}
	trust, err := governance.OpenTrust(signed, roots)
	return roots, trust, err
}

// signer makes somebody's key. Real people have theirs in hardware.
func (s *story) signer(id governance.PersonID) (*governance.Signer, error) {
	return governance.NewSigningKey(s.random(string(id)), id)
}

// cosign has the witness see what has been logged, and keeps what it says.
func (s *story) cosign() error {
	if s.log == nil || s.log.Size() == s.witness.Seen().Size {
		return nil
	}
	request, err := s.log.WitnessRequest(s.witness.Seen().Size, s.operator)
	if err != nil {
		return err
	}
	signed, err := s.witness.Cosign(request, s.clock.Now())
	if err != nil {
		return err
	}
	return governance.KeepCheckpoint(s.options.out, signed)
}
