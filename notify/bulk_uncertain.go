package notify

// UncertainError stops a run at a batch of which the service refuses some
// messages, although an earlier request with the very same batch may have been
// accepted: its answer was lost, or told of trouble. To leave the refused out and
// send the rest again might message people twice, so the batch stays open.
//
// Started again, the run repeats the batch, and goes on if the service now knows
// it. Otherwise somebody has to find out whether the service has the batch, from
// callbacks or from those who run it, and to append what [UncertainError.Settle]
// returns to the journal.
type UncertainError struct {
	Batch BatchPlan
	Err   error // the refusal: a [*BatchError]
}

// Error implements the error interface.
func (e *UncertainError) Error() string {
	return "an earlier request with the batch may have been accepted: " + e.Err.Error()
}

// Unwrap returns the refusal.
func (e *UncertainError) Unwrap() error { return e.Err }

// Settle returns the record that settles whether the service has the batch. If it
// has, the next Send counts all of its messages as accepted, their ids pending; if
// not, it sends the batch anew and leaves out what is refused.
func (e *UncertainError) Settle(accepted bool) Record {
	kind := RecordRefused
	if accepted {
		kind = RecordAccepted
	}
	return Record{Kind: kind, Batch: e.Batch.Number, Round: e.Batch.Round, Reference: e.Batch.Reference}
}
