package caas_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
)

// Bad rows are counted and passed on, and the file is told from one that says that
// nothing has changed.
func ExampleTally() {
	var out bytes.Buffer
	w := caas.NewWriter(&out)
	for range 2 {
		if err := w.Write(caas.Record{Type: caas.Add, Number: nhs.MustNumber("9990000018")}); err != nil {
			log.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}

	file, err := caas.OpenFile(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		log.Fatal(err)
	}
	var tally caas.Tally
	for record, err := range file.Records() {
		tally.Count(record, err)
		if bad, ok := errors.AsType[*caas.RowError](err); ok {
			fmt.Println("put aside:", bad) // and go on
			continue
		}
		if err != nil {
			log.Fatal(err) // the rest of the file cannot be read
		}
		fmt.Println("stored: row", record.Row)
	}
	fmt.Println(tally.Content(), tally.Adds, tally.Refused)
	// Output:
	// stored: row 1
	// put aside: row 2: nhs_number comes a second time with the same record type
	// changes 1 1
}

// The rules of breast screening find what is odd with records. They are applied by
// the caller, and change nothing.
func ExampleBreastScreeningRules() {
	var out bytes.Buffer
	w := caas.NewWriter(&out)
	born, err := nhs.ParseDate("1960-01-11")
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range []caas.Record{
		{Type: caas.Add, Number: nhs.MustNumber("9990000018"), GivenName: "Ann", FamilyName: "Example", BirthDate: born, Postcode: "LS1", ReasonForRemoval: "SCT"},
		{Type: caas.Delete, Number: nhs.MustNumber("9990000026")},
	} {
		if err := w.Write(r); err != nil {
			log.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}

	file, err := caas.OpenFile(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		log.Fatal(err)
	}
	rules := caas.BreastScreeningRules()
	today, err := nhs.ParseDate("2026-01-31") // of the caller's clock
	if err != nil {
		log.Fatal(err)
	}
	for record, err := range file.Records() {
		if bad, ok := errors.AsType[*caas.RowError](err); ok {
			fmt.Println(bad, rules.Refused(bad))
			continue
		}
		if err != nil {
			log.Fatal(err)
		}
		findings, err := rules.Check(context.Background(), caas.RuleCase{Record: record, Today: today})
		if err != nil {
			log.Fatal(err)
		}
		for _, f := range findings {
			fmt.Println(f)
		}
	}
	// Output:
	// row 1: 30.Postcode.NBO.NonFatal broken (postcode is empty, of the UK, or a known dummy)
	// row 1: 71.NewParticipantWithNoAddress.NBO.NonFatal broken (a new person has an address line)
}
