package export

import (
	"encoding/base64"
	"fmt"
	"io"
	"iter"
	"strconv"
	"time"

	"github.com/personalised-prevention/nhs/governance"
)

// FHIR is a copy of the log of one proposal as a FHIR R4 Bundle: an AuditEvent for every entry, and a
// Provenance with the signed note for every statement of people.
type FHIR struct{ bundle map[string]any }

// resource is a FHIR resource or a part of one.
type resource = map[string]any

// Systems of codes and identifiers. Digests are those of RFC 6920.
const (
	entrySystem  = "https://github.com/personalised-prevention/nhs/governance/entry"
	personSystem = "https://github.com/personalised-prevention/nhs/governance/person"
	uriSystem    = "urn:ietf:rfc:3986"
	dicomSystem  = "http://dicom.nema.org/resources/ontology/DCM"
	astmSystem   = "urn:iso-astm:E1762-95:2013"
)

// NewFHIR copies the entries of a log that are about a proposal, whatever its content was then. The origin
// names the log. The register says whose signatures count.
func NewFHIR(origin string, p governance.Proposal, register governance.Register, entries iter.Seq[governance.Entry]) *FHIR {
	signed := map[int64]governance.RegisterEntry{}
	for _, e := range register {
		signed[e.Index] = e
	}
	var list []any
	add := func(r resource) { list = append(list, resource{"resource": r}) }
	for e := range entries {
		if e.Proposal != p.ID {
			continue
		}
		r, ok := signed[e.Index]
		add(auditEvent(origin, p, e, r.By))
		if ok && r.Approval != nil {
			add(provenance(e, r))
		}
	}
	return &FHIR{resource{"resourceType": "Bundle", "type": "collection", "entry": list}}
}

// WriteJSON writes the bundle.
func (f *FHIR) WriteJSON(w io.Writer) error { return writeJSON(w, f.bundle) }

func auditEvent(origin string, p governance.Proposal, e governance.Entry, by []governance.PersonID) resource {
	authority := resource{"who": resource{"display": origin}, "requestor": len(by) == 0}
	if !e.Root.IsZero() {
		authority["policy"] = []any{digestURI(e.Root)}
	}
	agents := []any{authority}
	for _, person := range by {
		agents = append(agents, resource{"who": staff(person), "requestor": true})
	}
	return resource{
		"resourceType": "AuditEvent", "id": "entry-" + strconv.FormatInt(e.Index, 10),
		"type": eventType(e.Kind), "subtype": []any{coding(entrySystem, string(e.Kind), "")},
		"action": action(e.Kind), "recorded": instant(e.At), "outcome": "0",
		"purposeOfEvent": []any{resource{"text": p.Purpose.Code}},
		"agent":          agents,
		"source":         resource{"observer": resource{"display": origin}},
		"entity":         entities(e),
	}
}

// eventType uses DICOM's codes where one says it, and the log's own otherwise.
func eventType(k governance.EntryKind) resource {
	if k == governance.EntryBuild {
		return coding(dicomSystem, "110112", "Query")
	}
	if k == governance.EntryBatch {
		return coding(dicomSystem, "110106", "Export")
	}
	return coding(entrySystem, string(k), "")
}

func action(k governance.EntryKind) string {
	if k == governance.EntryBuild || k == governance.EntryBatch {
		return "E"
	}
	return "C"
}

// entities are what the entry is about. A batch is a number of people and a digest, and nobody's name.
func entities(e governance.Entry) []any {
	list := []any{resource{"what": resource{"display": "proposal " + e.Proposal}, "name": e.Proposal}}
	if !e.Root.IsZero() {
		list = append(list, digestEntity("content", e.Root))
	}
	if !e.Manifest.IsZero() {
		list = append(list, digestEntity("list", e.Manifest))
	}
	if e.Batch != nil {
		batch := digestEntity("batch "+e.Batch.Reference, e.Batch.List)
		batch["detail"] = []any{
			detail("recipients", strconv.Itoa(e.Batch.Recipients)), detail("stage", string(e.Stage)),
		}
		list = append(list, batch)
	}
	return list
}

func digestEntity(name string, d governance.Digest) resource {
	return resource{"what": resource{"identifier": resource{"system": uriSystem, "value": digestURI(d)}}, "name": name}
}

func detail(name, value string) resource { return resource{"type": name, "valueString": value} }

// provenance is one signed statement about the content of a proposal.
func provenance(e governance.Entry, r governance.RegisterEntry) resource {
	a := r.Approval
	var agents, evidence, signatures, targets []any
	for _, f := range governance.AllFacets() {
		if d, ok := a.Facets[f]; ok {
			targets = append(targets, resource{"identifier": resource{"system": uriSystem, "value": digestURI(d)}, "display": "facet " + string(f)})
		}
	}
	for _, person := range r.By {
		agents = append(agents, resource{"who": staff(person)})
		signatures = append(signatures, resource{
			"type": []any{coding(astmSystem, "1.2.840.10065.1.12.1.5", "Verification Signature")},
			"when": instant(a.SignedAt), "who": staff(person), "sigFormat": "text/plain",
			"data": base64.StdEncoding.EncodeToString([]byte(e.Note)),
		})
	}
	if len(agents) == 0 {
		agents = []any{resource{"who": resource{"display": "nobody who is trusted"}}}
	}
	for _, x := range a.Evidence {
		evidence = append(evidence, resource{"role": "source", "what": resource{
			"identifier": resource{"system": uriSystem, "value": digestURI(x.Content)},
			"display":    fmt.Sprintf("%s: %s", x.Kind, x.Reference),
		}})
	}
	p := resource{
		"resourceType": "Provenance", "id": "note-" + strconv.FormatInt(e.Index, 10),
		"target": targets, "occurredDateTime": instant(a.SignedAt), "recorded": instant(e.At),
		"activity": resource{"text": string(a.Decision) + " at gate " + a.Gate}, "agent": agents,
	}
	if len(evidence) > 0 {
		p["entity"] = evidence
	}
	if len(signatures) > 0 {
		p["signature"] = signatures
	}
	return p
}

func staff(id governance.PersonID) resource {
	return resource{"identifier": resource{"system": personSystem, "value": string(id)}}
}

func coding(system, code, display string) resource {
	c := resource{"system": system, "code": code}
	if display != "" {
		c["display"] = display
	}
	return c
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// digestURI names a content by its digest.
func digestURI(d governance.Digest) string {
	return "ni:///sha-256;" + base64.RawURLEncoding.EncodeToString(d[:])
}
