// Package sqljournal tests notify's journal, and caas's membership, in a real
// database, SQLite. It is a module of its own so that its driver stays out of the
// graph of those who import the SDK.
package sqljournal
