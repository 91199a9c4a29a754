package sqljournal_test

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/personalised-prevention/nhs/notify"
)

func Example() {
	ctx := context.Background()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection would have a memory of its own
	if _, err := db.ExecContext(ctx, table); err != nil {
		fmt.Println(err)
		return
	}
	journal, err := notify.OpenSQLJournal(ctx, db, "bp-2026 wave 1", notify.SQLOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	// As a rule a Bulk does this: sender, err := messages.Bulk(journal, options).
	if err := journal.Append(ctx, notify.Record{Kind: notify.RecordPlanned, Reference: "B0", Messages: 2}); err != nil {
		fmt.Println(err)
		return
	}
	for record, err := range journal.Records(ctx) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(record.Kind, record.Reference, record.Messages)
	}
	// Output: planned B0 2
}
