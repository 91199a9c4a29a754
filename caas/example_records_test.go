package caas_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
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

// Records are applied to the membership that the caller keeps. A delivery that ended
// in the middle, or comes again, is simply applied again.
func ExampleApplier() {
	var members caas.MemoryMembership // a database, in earnest
	applier := caas.Applier{Members: &members}

	ann, bea := nhs.MustNumber("9990000018"), nhs.MustNumber("9990000026")
	deliveries := []caas.Iterator{
		{ID: "monday", Records: exampleRecords(
			caas.Record{Type: caas.Add, Number: ann, SerialChangeNumber: 7},
			caas.Record{Type: caas.Add, Number: bea, SerialChangeNumber: 3},
		)},
		{ID: "tuesday", Records: exampleRecords(
			caas.Record{Type: caas.Delete, Number: ann, SerialChangeNumber: 8, ReasonForRemoval: "SCT"},
			caas.Record{Type: caas.Delete, Number: bea, SerialChangeNumber: 4},
		)},
		{ID: "monday, again", Records: exampleRecords(
			caas.Record{Type: caas.Add, Number: ann, SerialChangeNumber: 7},
		)},
	}
	for i := range deliveries {
		_, err := caas.Receive(context.Background(), &deliveries[i], caas.Handlers{
			Delivery: func(ctx context.Context, d caas.Delivery) error {
				totals, err := applier.Apply(ctx, d)
				fmt.Printf("%s: %d joined, %d left, %d outdated\n", d.ID, totals.Joined, totals.Left, totals.Outdated)
				return err // only now is the delivery acknowledged
			},
		})
		if err != nil {
			log.Fatal(err)
		}
	}
	for change := range members.Changes() {
		if change.Kind == caas.ChangeLeft {
			fmt.Println(change.Number, change.Kind+":", change.Reasons[0].Meaning())
		}
	}
	// Output:
	// monday: 2 joined, 0 left, 0 outdated
	// tuesday: 0 joined, 2 left, 0 outdated
	// monday, again: 0 joined, 0 left, 1 outdated
	// [NHS number] left: transferred to Scotland
	// [NHS number] left: no reason is stated
}

func exampleRecords(records ...caas.Record) iter.Seq2[caas.Record, error] {
	return func(yield func(caas.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}
