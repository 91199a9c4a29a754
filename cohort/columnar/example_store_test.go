package columnar_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/columnar"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// extract is a folder of files of invented people, in no order.
func extract() (dir string, remove func()) {
	dir, err := os.MkdirTemp("", "extract")
	if err != nil {
		log.Fatal(err)
	}
	for name, text := range map[string]string{
		"person/people.csv": "nhs_number,date_of_birth\n" +
			"9990000026,1995-01-31\n9990000018,1965-01-31\n9990000034,1800-01-01\n",
		"gpes.journal/entries.csv": "NHS_NUMBER,DATE,RECORD_DATE,CODE,VALUE1_CONDITION,VALUE2_CONDITION,VALUE1_PRESCRIPTION," +
			"VALUE2_PRESCRIPTION,EPISODE_CONDITION,EPISODE_PRESCRIPTION,PRACTICE\n" +
			"9990000034,2025-05-01,2025-05-01,271649006,150,90,,,,,A99001\n9990000018,20250501,20250501,271649006,150,95,,,,,A99001\n" +
			"9990000018,2024-05-01,2024-05-01,271649006,120,80,,,,,A99001\n9990000042,2025-05-01,2025-05-01,271649006,170,90,,,,,A99001\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			log.Fatal(err)
		}
	}
	return dir, func() { _ = os.RemoveAll(dir) }
}

// Files as they come are sorted once; then any number of plans are run over the store.
func ExampleSort() {
	dir, remove := extract()
	defer remove()
	ctx, sorted := context.Background(), filepath.Join(dir, "store")
	read, err := columnar.Sort(ctx, sorted, dir, []*cohort.Table{person.Table(), gpes.Table()})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(read.Rows, "rows")
	store, err := columnar.Open(sorted)
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := columnar.Run(ctx, pressurePlan(), store)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("of", result.People(), "people", result.Members(), "is a member and", result.Referred(), "is referred")
	fmt.Println("rows of people who are not in the population:", result.Reading().Strangers)
	// Output:
	// 7 rows
	// of 3 people 1 is a member and 1 is referred
	// rows of people who are not in the population: 1
}

// An index lets a plan that asks for codes read only the rows that have them.
func ExampleIndex() {
	dir, remove := extract()
	defer remove()
	ctx, sorted := context.Background(), filepath.Join(dir, "store")
	if _, err := columnar.Sort(ctx, sorted, dir, []*cohort.Table{person.Table(), gpes.Table()}); err != nil {
		fmt.Println(err)
		return
	}
	store, err := columnar.Open(sorted)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := columnar.Index(ctx, store, []*cohort.Table{gpes.Table()}); err != nil {
		fmt.Println(err)
		return
	}
	if store, err = columnar.Open(sorted); err != nil {
		fmt.Println(err)
		return
	}
	result, err := columnar.Run(ctx, pressurePlan(), store)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Members(), "member,", result.Referred(), "referred")
	// Output:
	// 1 member, 1 referred
}

// A plan explains its decision about one person, whose rows alone are read.
func ExampleStore_Record() {
	dir, remove := extract()
	defer remove()
	ctx, sorted := context.Background(), filepath.Join(dir, "store")
	tables := []*cohort.Table{person.Table(), gpes.Table()}
	if _, err := columnar.Sort(ctx, sorted, dir, tables); err != nil {
		fmt.Println(err)
		return
	}
	store, err := columnar.Open(sorted)
	if err != nil {
		fmt.Println(err)
		return
	}
	record, err := store.Record(ctx, "9990000018", tables...)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(record, "has", record.Len(), "entries:", pressurePlan().Evaluate(record).Outcome)
	// Output:
	// record of [person] has 2 entries: a member
}

// The values that are read as missing, in all rows and columns.
func ExampleStore_Profile() {
	dir, remove := extract()
	defer remove()
	ctx, sorted := context.Background(), filepath.Join(dir, "store")
	if _, err := columnar.Sort(ctx, sorted, dir, []*cohort.Table{person.Table()}); err != nil {
		fmt.Println(err)
		return
	}
	store, err := columnar.Open(sorted)
	if err != nil {
		fmt.Println(err)
		return
	}
	read, err := store.Profile(ctx, person.Table())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range read.Columns {
		fmt.Println(c.Table, c.Column, "means not known in", c.Unknown, "of", read.Rows, "rows")
	}
	// Output:
	// person date_of_birth means not known in 1 of 3 rows
}
