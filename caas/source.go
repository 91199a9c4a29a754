package caas

import (
	"context"
	"iter"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/mesh"
)

// Source is where changes to a cohort come from: [MESH], a [Directory], an
// [Iterator], or whatever CaaS may offer one day. [Receive] is what reads one.
type Source interface {
	// Waiting yields what nobody has acknowledged, in the order in which it is to be
	// applied. A Delivery can be read until the next one is asked for; it may be
	// acknowledged meanwhile. An error is the last thing that comes. If it is about
	// one delivery, that comes with it and has its ID.
	Waiting(ctx context.Context) iter.Seq2[Delivery, error]

	// Acknowledge takes the delivery with an ID out of the source for good. It
	// returns nil only when that would survive a crash, and again if it is repeated.
	Acknowledge(ctx context.Context, id string) error
}

// Delivery is one handover of changes to a cohort: a cohort file, as a rule. What
// its source does not know is empty.
type Delivery struct {
	ID       string    // its name in the source: a MESH message id, a file name
	Arrived  time.Time // when it came
	From     string    // the sender's mailbox
	Workflow string    // the workflow id it came under
	FileName string    // the sender's name for the file, which need not follow [FileName]
	LocalID  string    // the sender's id for the message

	// Records yields the changes, as [File.Records] does, from the first each time.
	Records iter.Seq2[Record, error]

	// NilReturn says that the sender says that nothing has changed. A delivery without
	// any record does not say so.
	NilReturn bool

	// File is the cohort file that Records come from, nil if there is none.
	File *File

	// Report, if it is not nil, takes the place of the records: a message that was
	// sent earlier has not reached its receiver.
	Report *mesh.Report
}

// Iterator is a [Source] of one delivery: records that came in another way, or
// that a test makes up. It remembers in memory only that the delivery has been
// acknowledged, and is not safe for concurrent use.
type Iterator struct {
	ID      string    // of the delivery; required
	Arrived time.Time // when the records came

	// Records yields the records, from the first each time. It is ranged over once more
	// to know a nil return, as far as it looks like one. Required.
	Records iter.Seq2[Record, error]

	acknowledged bool
}

// Waiting implements [Source].
func (i *Iterator) Waiting(context.Context) iter.Seq2[Delivery, error] {
	return func(yield func(Delivery, error) bool) {
		switch {
		case i.acknowledged:
		case i.ID == "":
			yield(Delivery{}, &nhs.ArgumentError{Name: "delivery id", Reason: "must not be empty"})
		case i.Records == nil:
			yield(Delivery{}, &nhs.ArgumentError{Name: "records", Reason: "must not be nil"})
		default:
			yield(Delivery{ID: i.ID, Arrived: i.Arrived, Records: i.Records, NilReturn: nilReturn(i.Records)}, nil)
		}
	}
}

// Acknowledge implements [Source].
func (i *Iterator) Acknowledge(_ context.Context, id string) error {
	if id != i.ID {
		return &nhs.ArgumentError{Name: "delivery id", Reason: "must be that of the delivery"}
	}
	i.acknowledged = true
	return nil
}

// nilReturn reports whether there are records, and all say that there is nothing to
// report. It reads no further than the first that does not.
func nilReturn(records iter.Seq2[Record, error]) bool {
	said := false
	for r, err := range records {
		if err != nil || !r.NilReturn() {
			return false
		}
		said = true
	}
	return said
}

// withFile returns a delivery with what a cohort file under its name says, or with
// what is wrong with the file.
func (d Delivery) withFile(f *File, err error) (Delivery, error) {
	if err != nil {
		return d, err
	}
	if name, err := ParseFileName(d.FileName); err == nil {
		if err := name.CheckRows(f); err != nil {
			return d, err
		}
	}
	d.File, d.Records = f, f.Records()
	d.NilReturn = nilReturn(d.Records)
	return d, nil
}
