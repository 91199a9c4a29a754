// Package columnar answers cohort plans for millions of people on one machine, over columns.
package columnar
