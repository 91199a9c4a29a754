package governance

import (
	"fmt"
	"slices"
	"time"
)

// Manifest describes a built list without showing anyone on it. Building again changes it and voids
// the gates that cover it.
type Manifest struct {
	// Proposal is the root of the proposal it was built for, and Build what [Permit.AuthorizeBuild]
	// returned: no two builds have the same manifest, even of the same people.
	Proposal Digest `json:"proposal"`
	Build    int64  `json:"build"`
	// Plan is the digest of what was run: the meaning in the cohort facet.
	Plan      Digest     `json:"plan"`
	Snapshots []Snapshot `json:"snapshots"`
	// Included is how many people are on the list; Exclusions says why the others are not.
	Included   int         `json:"included"`
	Exclusions []Exclusion `json:"exclusions"`
	// Segments break both down. Together they make exactly the same counts.
	Segments []Segment `json:"segments"`
	// Sentinels says how the planted test identities fared.
	Sentinels []SentinelResult `json:"sentinels"`
	// Recipients is the [List.Digest] of the list.
	Recipients Digest    `json:"recipients"`
	BuiltAt    time.Time `json:"builtAt"`
}

// Snapshot is the state of a data set that was read.
type Snapshot struct {
	DataSet string    `json:"dataSet"`
	ID      string    `json:"id"`
	TakenAt time.Time `json:"takenAt"`
}

// Exclusion counts the people left out for one reason.
type Exclusion struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
}

// Segment counts the people of one part of the cohort, such as an area, who get one routing plan.
type Segment struct {
	Name string `json:"name"`
	// Plan is the id of the routing plan.
	Plan       string      `json:"plan"`
	Included   int         `json:"included"`
	Exclusions []Exclusion `json:"exclusions"`
}

// SentinelResult counts the test identities of one kind that were planted and that were caught.
type SentinelResult struct {
	Kind    string `json:"kind"`
	Planted int    `json:"planted"`
	Caught  int    `json:"caught"`
}

// Digest is what the summary and release gates sign.
func (m Manifest) Digest() Digest { return digestOf("manifest", m) }

// Validate reports everything wrong with the manifest. Each error is a [*FieldError].
func (m Manifest) Validate() error {
	var c checker
	c.digest("manifest.proposal", m.Proposal)
	c.require(m.Build >= 0, "manifest.build", "must be the log index of a build")
	c.digest("manifest.plan", m.Plan)
	c.digest("manifest.recipients", m.Recipients)
	c.count("manifest.included", m.Included)
	c.time("manifest.builtAt", m.BuiltAt)
	for i, s := range m.Snapshots {
		at := fmt.Sprintf("manifest.snapshots[%d].", i)
		c.text(at+"dataSet", s.DataSet)
		c.text(at+"id", s.ID)
		c.time(at+"takenAt", s.TakenAt)
		c.require(!s.TakenAt.After(m.BuiltAt), at+"takenAt", "must not be later than builtAt")
	}
	unique(&c, "manifest.snapshots", namesOf(m.Snapshots, func(s Snapshot) string { return s.DataSet }))
	checkExclusions(&c, "manifest.exclusions", m.Exclusions)
	m.checkSegments(&c)
	for i, s := range m.Sentinels {
		at := fmt.Sprintf("manifest.sentinels[%d].", i)
		c.text(at+"kind", s.Kind)
		c.count(at+"planted", s.Planted)
		c.count(at+"caught", s.Caught)
	}
	unique(&c, "manifest.sentinels", namesOf(m.Sentinels, func(s SentinelResult) string { return s.Kind }))
	return c.err()
}

func checkExclusions(c *checker, field string, list []Exclusion) {
	for i, e := range list {
		at := fmt.Sprintf("%s[%d].", field, i)
		c.text(at+"reason", e.Reason)
		c.count(at+"count", e.Count)
	}
	unique(c, field, namesOf(list, func(e Exclusion) string { return e.Reason }))
}

// checkSegments requires segments that add up to the whole: nobody is in two, and nobody is lost.
func (m Manifest) checkSegments(c *checker) {
	included, excluded := 0, make(map[string]int)
	for i, s := range m.Segments {
		at := fmt.Sprintf("manifest.segments[%d].", i)
		c.text(at+"name", s.Name)
		c.text(at+"plan", s.Plan)
		c.count(at+"included", s.Included)
		checkExclusions(c, at+"exclusions", s.Exclusions)
		included += s.Included
		for _, e := range s.Exclusions {
			excluded[e.Reason] += e.Count
		}
	}
	unique(c, "manifest.segments", namesOf(m.Segments, func(s Segment) [2]string { return [2]string{s.Name, s.Plan} }))
	c.require(included == m.Included, "manifest.segments", "must include as many people as the manifest: they make %d of %d", included, m.Included)
	for _, e := range m.Exclusions {
		c.require(excluded[e.Reason] == e.Count, "manifest.segments", "must exclude as many people as the manifest for each reason")
		delete(excluded, e.Reason)
	}
	for _, n := range excluded {
		c.require(n == 0, "manifest.segments", "must not exclude people for a reason the manifest does not have")
	}
}

// clone copies the manifest so that its owner's later changes cannot reach ours.
func (m Manifest) clone() Manifest {
	m.Snapshots = slices.Clone(m.Snapshots)
	m.Exclusions = slices.Clone(m.Exclusions)
	m.Sentinels = slices.Clone(m.Sentinels)
	m.Segments = slices.Clone(m.Segments)
	for i := range m.Segments {
		m.Segments[i].Exclusions = slices.Clone(m.Segments[i].Exclusions)
	}
	return m
}
