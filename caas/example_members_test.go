package caas_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/columnar"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/cohort/synthetic"
)

// A cohort file of the members of a cohort. With a store of files, store.Records(ctx, person.Table()) takes the
// place of the invented records.
func ExampleWriteMembers() {
	ctx := context.Background()
	people, err := synthetic.New(synthetic.Config{Seed: 7, People: 5000})
	if err != nil {
		fmt.Println(err)
		return
	}
	definition, err := cohort.New("registered-from-90", "1.0.0",
		cohort.Include("registered", person.Practice.Known()),
		cohort.Include("aged 90 or over", person.AgeOn(cohort.Index).AtLeast(90)).IfUnknown(cohort.TreatAsNo))
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2026-11-01")))
	if err != nil {
		fmt.Println(err)
		return
	}
	population, err := columnar.Collect(people.Records(ctx))
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	w := caas.NewWriter(&file)
	written, err := caas.WriteMembers(w, columnar.Members(ctx, plan, population), people.Records(ctx))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := w.Close(); err != nil {
		fmt.Println(err)
		return
	}
	read, err := caas.OpenFile(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		fmt.Println(err)
		return
	}
	for r, err := range read.Records() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(written, r.Type, r.Number, r.BirthDate, r.PrimaryCareProvider)
		break
	}
	// Output:
	// 54 ADD [NHS number] 1930-12-22 I99015
}
