// Package conformance holds tests only. They keep four things together: the
// official contracts, the module's OpenAPI documents, the clients and the fakes.
//
// The documents are valid, describe no operation that the official contracts do
// not have, and have every parameter and property that those demand. Clients and
// fakes talk over HTTP, and every request and answer is held against the document
// of its service, closed: what it does not describe is wrong. A test fails when an
// operation, or a status and media type of its answers, is described and does not
// take place. What the documents forbid, the fakes refuse, with the status and code
// of the real services.
//
// It is a module of its own so that the validator reaches nobody's module graph.
package conformance
