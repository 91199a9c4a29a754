package columnar

import (
	"context"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/internal/durable"
	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// WriteMembers writes the members and the people who are referred to a Parquet file, in order of person: their keys in
// the column key, and member or referred in the column outcome, both texts. It counts in the same pass, as [Run] does.
// The file is there whole, or, after an error, not at all: what was under the name before stays as it was. Only its owner
// may read it.
func WriteMembers(ctx context.Context, plan *cohort.Plan, from Source, path string, options ...Option) (*Result, error) {
	var result *Result
	err := durable.WriteFile(path, func(out io.Writer) (err error) {
		result, err = writeMembers(ctx, plan, from, out, options)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("columnar: WriteMembers: %w", err)
	}
	return result, nil
}

func writeMembers(ctx context.Context, plan *cohort.Plan, from Source, out io.Writer, options []Option) (*Result, error) {
	r, err := newRun(plan, from, counts, options)
	if err != nil {
		return nil, err
	}
	text := new(format.StringType)
	file, err := flatfile.NewColumnWriter(out, []flatfile.Column{
		{Name: "key", Type: format.ByteArray, Logical: text}, {Name: "outcome", Type: format.ByteArray, Logical: text},
	}, flatfile.Layout{Codec: format.Snappy, CreatedBy: "nhs cohort/columnar"})
	if err != nil {
		return nil, err
	}
	file.Columns[1].UseTexts([]string{"member", "referred"})
	var failed error
	var places []uint32
	err = r.inOrder(ctx, func(d *decided) bool {
		places = places[:0]
		for _, outcome := range d.outcomes {
			places = append(places, uint32(bit(outcome == cohort.Referred))) //nolint:gosec // one bit
		}
		file.Columns[0].Texts(d.keys, nil)
		file.Columns[1].Indexes(places, nil)
		failed = file.EndBatch(len(d.keys))
		return failed == nil
	})
	if err == nil {
		err = failed
	}
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		return nil, err
	}
	return r.result(plan)
}
