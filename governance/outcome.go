package governance

// Outcome accounts for everyone in the authorised batches of one stage. Every person is counted once.
type Outcome struct {
	Delivered int `json:"delivered"`
	// Failed people will not be reached by any channel.
	Failed int `json:"failed"`
	// Deceased counts those among the failed whom NHS Notify stopped because they have died.
	Deceased int `json:"deceased"`
	// Unaccounted people have no final state yet. A stage with any is not healthy.
	Unaccounted int `json:"unaccounted"`
}

func (o Outcome) total() int { return o.Delivered + o.Failed + o.Unaccounted }

// healthy reports whether a later stage may follow.
func (o Outcome) healthy(l StageLimits) bool {
	return o.total() > 0 && o.Unaccounted == 0 && o.within(l)
}

// within reports whether the stage itself may go on. Who is not accounted for yet is neither failed nor not.
func (o Outcome) within(l StageLimits) bool {
	return o.Failed*1000 <= l.FailedPerThousand*o.total() &&
		o.Deceased*1000 <= l.DeceasedPerThousand*o.total()
}

func (o Outcome) check(authorised int) error {
	var c checker
	c.count("outcome.delivered", o.Delivered)
	c.count("outcome.failed", o.Failed)
	c.count("outcome.deceased", o.Deceased)
	c.count("outcome.unaccounted", o.Unaccounted)
	c.require(o.Deceased <= o.Failed, "outcome.deceased", "must not exceed failed")
	c.require(o.total() == authorised, "outcome",
		"must account for everyone authorised: delivered, failed and unaccounted make %d, the log has %d",
		o.total(), authorised)
	return c.err()
}
