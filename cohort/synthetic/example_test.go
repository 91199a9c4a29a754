package synthetic_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/cohort/synthetic"
)

// A cohort built from the extract, and those of its members whom PDS has since said not to message.
func Example() {
	ctx := context.Background()
	day := cohort.MustDate("2026-11-01")
	pop, err := synthetic.New(synthetic.Config{Seed: 7, People: 20000, On: day})
	if err != nil {
		fmt.Println(err)
		return
	}
	definition, err := cohort.New("registered-from-65", "1.0.0",
		cohort.Include("registered", person.Practice.Known()),
		cohort.Include("aged 65 or over", person.AgeOn(cohort.Index).AtLeast(65)).IfUnknown(cohort.TreatAsNo),
		cohort.Exclude("has died", person.DeadOn(cohort.Index)).IfUnknown(cohort.TreatAsNo),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := definition.Bind(cohort.Index.Is(day))
	if err != nil {
		fmt.Println(err)
		return
	}
	members := make(map[cohort.Key]bool)
	if _, err = plan.Run(ctx, pop.Records(ctx), func(record *cohort.Record, result cohort.Result) error {
		if result.Outcome == cohort.Member {
			members[record.Key()] = true
		}
		return nil
	}); err != nil {
		fmt.Println(err)
		return
	}

	died, left, restricted, superseded := 0, 0, 0, 0
	for p, err := range pop.People(ctx) {
		switch {
		case err != nil:
			fmt.Println(err)
			return
		case !members[p.Number]:
		case p.DeathStatus != "":
			died++
		case p.ReasonForRemoval != "":
			left++
		case p.Restricted:
			restricted++
		case p.SupersededBy != cohort.Key{}:
			superseded++
		}
	}
	fmt.Println(len(members), "members")
	fmt.Println(died, "died,", left, "left,", restricted, "restricted,", superseded, "superseded")
	// Output:
	// 3513 members
	// 28 died, 6 left, 6 restricted, 9 superseded
}

func ExamplePopulation_Person() {
	pop, err := synthetic.New(synthetic.Config{Seed: 7})
	if err != nil {
		fmt.Println(err)
		return
	}
	p := pop.Person(41)
	fmt.Println(p)
	fmt.Println(p.GivenName, p.FamilyName, p.DateOfBirth, p.Postcode, p.LSOA, p.Practice)
	// Output:
	// [person]
	// Clover Larkspurling 1983-03-04 EF5 3SG E01901774 F99017
}

// The data sets of a nation, at a fifteenth of its rows, into a folder of Parquet files.
func ExamplePopulation_Write() {
	pop, err := synthetic.New(synthetic.Config{Seed: 7, People: 1000, Rows: synthetic.National().Times(0.066)})
	if err != nil {
		fmt.Println(err)
		return
	}
	dir, err := os.MkdirTemp("", "synthetic")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	written, err := pop.Write(context.Background(), dir, synthetic.Files{Parts: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(written.People, "people,", written.Events/1000, "thousand events")
	files, err := filepath.Glob(filepath.Join(dir, "hes.*", "*"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, file := range files {
		fmt.Println(filepath.Base(filepath.Dir(file)), filepath.Base(file))
	}
	// Output:
	// 1000 people, 20 thousand events
	// hes.ae part-0000.parquet
	// hes.ae part-0001.parquet
	// hes.apc part-0000.parquet
	// hes.apc part-0001.parquet
	// hes.cc part-0000.parquet
	// hes.cc part-0001.parquet
	// hes.ecds part-0000.parquet
	// hes.ecds part-0001.parquet
	// hes.op part-0000.parquet
	// hes.op part-0001.parquet
}
