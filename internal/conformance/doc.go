// Package conformance holds tests only: the module's OpenAPI documents are valid,
// they stay within the official contracts, and the fakes and the clients speak
// exactly what they say. It is a module of its own so that the validator reaches
// nobody's module graph.
package conformance
