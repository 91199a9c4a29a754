package columnar

import "sort"

// numberRun is rows up to one, of one person whose key is a number.
type numberRun struct {
	key, end int64
}

// runsAtOnce is how many runs are found at once.
const runsAtOnce = 2048

// findRuns finds the next runs of the page at once, in the usual case that all rows have keys that are numbers, and people
// come in order. Where that ends, so do the runs.
func (c *keyCursor) findRuns() {
	c.pageRuns, c.atRun = c.pageRuns[:0], 0
	low, high, ok := c.bounds()
	if !ok {
		return
	}
	from, to := int(c.next-c.inPage), int(min(c.spans[0].to-c.inPage, int64(c.page.Rows)))
	if c.page.Indexed {
		c.pageRuns = c.indexedRuns(c.pageRuns, from, to)
	} else {
		c.pageRuns = c.plainRuns(c.pageRuns, from, to)
	}
	single := c.table.of.PerPerson
	for i, r := range c.pageRuns {
		if r.key < low || r.key >= high || single && r.end-int64(from) > 1 {
			c.pageRuns = c.pageRuns[:i]
			return
		}
		low, from = r.key+1, int(r.end)
		c.pageRuns[i].end += c.inPage
	}
}

// bounds returns from which key on, and up to which one, the next runs must be; it is not ok if that cannot be told by
// numbers alone, of all rows.
func (c *keyCursor) bounds() (low, high int64, ok bool) {
	low, high = 0, 1e18
	if s := c.shard; s.low.known() {
		low = s.low.number
	}
	if s := c.shard; s.high.known() {
		high = s.high.number
	}
	ok = low >= 0 && high >= 0 && !c.keys.isText && c.page.Present() == nil
	if c.some {
		ok = ok && c.last.number >= 0
		low = max(low, c.last.number)
		if c.table.of.PerPerson {
			low = max(low, c.last.number+1)
		}
	}
	return low, high, ok
}

// indexedRuns returns the next runs of rows of a page of indexes, from a row up to another.
func (c *keyCursor) indexedRuns(runs []numberRun, from, to int) []numberRun {
	all, numbers := c.page.Runs, c.keys.numbers
	all = all[sort.Search(len(all), func(i int) bool { return int(all[i].End) > from }):]
	for _, r := range all[:min(len(all), runsAtOnce)] {
		runs = append(runs, numberRun{numbers[r.Index], min(int64(r.End), int64(to))})
		if int(r.End) >= to {
			break
		}
	}
	return runs
}

// plainRuns does so of a page of values.
func (c *keyCursor) plainRuns(runs []numberRun, from, to int) []numberRun {
	numbers := c.keys.numbers[:to]
	for from < to && len(runs) < runsAtOnce {
		key := numbers[from]
		for from++; from < to && numbers[from] == key; {
			from++
		}
		runs = append(runs, numberRun{key, int64(from)})
	}
	return runs
}
