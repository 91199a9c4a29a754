// Package hive is a small database/sql driver for Spark's Thrift server (the HiveServer2 protocol without SASL),
// for tests: no public one speaks database/sql. A connection is a session of the server.
//
// The protocol has no parameters. Spark's EXECUTE IMMEDIATE has, so a statement with arguments is sent as
//
//	EXECUTE IMMEDIATE 'SELECT ... ?' USING 140.0D, DATE '2025-06-01', 'line\nline'
//
// and Spark itself binds them to the markers, from 4.1 on everywhere in a statement. Results come in columns, a batch at a time; dates and decimals
// arrive as texts.
package hive
