// Package flatfile reads and writes flat Parquet files, those whose columns hold at
// most one value a row, column by column and in bounded memory, whatever the file
// says.
//
// Parquet is full of sizes and counts that a reader allocates by: a few hostile
// bytes can ask for gigabytes. Here the footer is walked before it is decoded,
// memory grows with what a page really holds and never beyond a limit, and each
// page is decoded once, into buffers that are used again.
//
// It reads pages of version 1 and 2, uncompressed or in gzip, snappy or zstd, in
// the encodings plain, dictionary, RLE (booleans), delta and byte stream split.
// Encrypted files, nested or repeated columns, and other codecs are refused.
//
// There are two ways to write: [Writer], row by row, for files that are small or go to
// other systems, and [ColumnWriter], many values of one column at a time, for tables of
// millions of rows.
//
// Source: Apache Parquet format 2.10, and the Thrift compact protocol.
package flatfile

// MaxColumns and MaxWideColumns are how many columns a file may have.
const (
	MaxColumns     = 256
	MaxWideColumns = 2048
)

// Bounds, each far above what a cohort file needs.
const (
	maxFooter = 4 << 20   // bytes: some 500 row groups of 38 columns
	maxItems  = 256 << 10 // list elements in the footer
	maxChunks = 32 << 10  // columns of all row groups; each takes half a kilobyte
	maxHeader = 1 << 20   // bytes of a page header, of which statistics can be most
	maxHeld   = 256 << 20 // bytes of pages, dictionaries and what is decoded of them, held at once
	maxWindow = 64 << 20  // bytes that zstd may look back
	maxIndex  = 8 << 20   // bytes of what a file says about the pages of a column
	slack     = 16        // bytes of room behind a page

	// maxRowsPerByte bounds the rows that a file says it has: even the most
	// repetitive rows leave a trace in it.
	maxRowsPerByte = 1032
)
