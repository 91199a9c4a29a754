package columnar

import (
	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// unpruned returns which rows of the row group may matter: those of pages that have days late enough.
func (c *keyCursor) unpruned(first, end int64) ([]rowSpan, error) {
	whole := []rowSpan{{max(first, c.next), min(end, c.end)}}
	if c.whole || c.openFile.date < 0 || c.shard.counts(c.table) {
		return whole, nil
	}
	chunk, err := c.openFile.outline.Chunk(c.group, c.openFile.date, c.shard.room)
	if err != nil {
		return nil, err
	}
	defer chunk.Release()
	if c.tooEarly(chunk.Column, chunk.Bounds()) {
		return nil, nil
	}
	bounds, err := chunk.PageBounds()
	if err != nil || bounds == nil {
		return whole, err
	}
	var spans []rowSpan
	for i, page := range chunk.Pages {
		if c.tooEarly(chunk.Column, bounds[i]) {
			c.shard.read.PrunedPages++
			continue
		}
		s := rowSpan{max(whole[0].from, first+page.First), min(whole[0].to, first+page.First+int64(page.Rows))}
		switch n := len(spans); {
		case s.from >= s.to:
		case n > 0 && spans[n-1].to == s.from:
			spans[n-1].to = s.to
		default:
			spans = append(spans, s)
		}
	}
	return spans, nil
}

// tooEarly reports whether all days lie before those that matter. Days that are missing match no question about
// days on or after one.
func (c *keyCursor) tooEarly(column *flatfile.Column, b flatfile.Bounds) bool {
	_, high, ok := b.Integers(column)
	if !ok {
		return false
	}
	if formOf(column) == formSeconds {
		points := converter{of: column, form: formSeconds, zone: c.shard.plan.store.zone}
		high = points.dayOf(high)
	}
	return high < int64(c.table.of.Earliest-calendar.Epoch)
}
