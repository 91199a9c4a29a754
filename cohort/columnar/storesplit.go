package columnar

import (
	"context"
	"sort"

	"github.com/personalised-prevention/nhs/internal/flatfile"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// shards splits the population where the largest table has about equally many rows on both sides.
func (s *Store) shards(ctx context.Context, plan *tree.Plan, about int) ([]shard, error) {
	p, err := s.resolve(plan)
	if err != nil {
		return nil, err
	}
	if p.parts != nil {
		return p.byCode(ctx)
	}
	l := newLocator(ctx, p)
	defer l.close()
	keys, err := l.split(about)
	if err != nil {
		return nil, err
	}
	shards, err := p.cutAt(l, keys)
	if err != nil {
		return nil, err
	}
	out := make([]shard, len(shards))
	for i := range shards {
		out[i] = shards[i]
	}
	return out, nil
}

// cutAt makes shards that begin with people, but for the first.
func (p *storePlan) cutAt(l *locator, keys []personKey) ([]*storeShard, error) {
	shards := make([]*storeShard, len(keys)+1)
	for i := range shards {
		shards[i] = p.shard()
		if i > 0 {
			shards[i].low, shards[i-1].high = keys[i-1], keys[i-1]
		}
	}
	for t, table := range p.tables {
		for i, key := range keys {
			row, err := l.seek(t, key)
			if err != nil {
				return nil, err
			}
			if row < shards[i].tables[t].rows.from {
				return nil, table.fail(row, errUnsorted)
			}
			shards[i].tables[t].rows.to, shards[i+1].tables[t].rows.from = row, row
		}
	}
	// What it took to find the places counts as well.
	shards[0].read.Files, shards[0].read.Bytes = l.shard.read.Files, l.shard.read.Bytes
	return shards, nil
}

// shard returns a shard of everybody.
func (p *storePlan) shard() *storeShard {
	s := &storeShard{plan: p, low: nobody(), high: nobody(), limit: p.people}
	for _, t := range p.tables {
		s.tables = append(s.tables, &shardTable{keyCursor: keyCursor{shard: s, table: t}, rows: rowSpan{0, t.rows}})
	}
	return s
}

// locator finds people in the tables of a plan.
type locator struct {
	context context.Context //nolint:containedctx // it lives as long as the call that makes it
	plan    *storePlan
	shard   *storeShard // of everybody, to read with
	groups  [][]groupKey
}

// groupKey is who a row group begins with.
type groupKey struct {
	file, group int
	first       int64 // row
	key         personKey
	known       bool // key is
}

func newLocator(ctx context.Context, p *storePlan) *locator {
	l := &locator{context: ctx, plan: p, shard: p.shard(), groups: make([][]groupKey, len(p.tables))}
	l.shard.remember()
	for i, t := range p.tables {
		for j, f := range t.files {
			first := f.first
			for g := range f.file.RowGroups() {
				if rows := f.file.GroupRows(g); rows > 0 {
					l.groups[i] = append(l.groups[i], groupKey{file: j, group: g, first: first})
					first += rows
				}
			}
		}
	}
	return l
}

func (l *locator) close() {
	_ = l.shard.close()
}

// split returns the people with whom the parts begin, but for the first.
func (l *locator) split(about int) (keys []personKey, err error) {
	largest := 0
	for i, t := range l.plan.tables {
		if t.rows > l.plan.tables[largest].rows {
			largest = i
		}
	}
	rows := l.plan.tables[largest].rows
	for i := 1; i < about; i++ {
		c, err := l.cursor(largest, l.near(largest, rows*int64(i)/int64(about), rows/int64(4*about)))
		if err != nil {
			return nil, err
		}
		if c.done {
			break
		}
		if n := len(keys); n == 0 || keys[n-1].compare(c.key) < 0 {
			keys = append(keys, c.key)
		}
	}
	return keys, nil
}

// near returns the first row of the row group that begins nearest to a row, if that is within so many rows: then its
// dictionaries are read by one part only.
func (l *locator) near(table int, row, within int64) int64 {
	best := row
	for _, g := range l.groups[table] {
		if distance := max(g.first-row, row-g.first); distance <= within {
			best, within = g.first, distance
		}
	}
	return best
}

// cursor returns a cursor at the first run at or behind a row. It is good until the next call.
func (l *locator) cursor(table int, row int64) (*keyCursor, error) {
	c := &l.shard.tables[table].keyCursor
	c.close()
	*c = keyCursor{shard: l.shard, table: l.plan.tables[table], whole: true, page: c.page, keys: c.keys, pageRuns: c.pageRuns[:0]}
	return c, c.start(l.context, row, l.plan.tables[table].rows)
}

// seek returns the first row of people at or behind a key, or how many rows there are. In a table that is not in order it
// is any row, always the same.
func (l *locator) seek(table int, key personKey) (int64, error) {
	groups := l.groups[table]
	var failed error
	// The last row group that begins before the key.
	at := sort.Search(len(groups), func(i int) bool {
		begins, err := l.begins(table, &groups[i])
		if err != nil {
			failed = err
		}
		return err != nil || begins.compare(key) >= 0
	}) - 1
	if failed != nil {
		return 0, failed
	}
	if at < 0 {
		return l.row(table, 0, key)
	}
	first, behind, err := l.page(table, &groups[at], key)
	switch {
	case err != nil:
		return 0, err
	case behind && at+1 == len(groups):
		return l.plan.tables[table].rows, nil
	case behind:
		return groups[at+1].first, nil
	default:
		return l.row(table, first, key)
	}
}

// row returns the first row, from one on, of people at or behind a key.
func (l *locator) row(table int, from int64, key personKey) (int64, error) {
	c, err := l.cursor(table, from)
	for ; err == nil && !c.done; err = c.advance(l.context) {
		if c.key.compare(key) >= 0 {
			return c.from, nil
		}
	}
	return l.plan.tables[table].rows, err
}

// begins returns who a row group begins with, as the file says, or else as its rows do.
func (l *locator) begins(table int, g *groupKey) (personKey, error) {
	if g.known {
		return g.key, nil
	}
	chunk, file, err := l.chunk(table, g)
	if err != nil {
		return personKey{}, err
	}
	low, _, told := chunk.Bounds().Integers(chunk.Column)
	chunk.Release()
	file.release()
	if told && low >= 0 {
		g.key, g.known = numberKey(low), true
		return g.key, nil
	}
	c, err := l.cursor(table, g.first)
	if err != nil {
		return personKey{}, err
	}
	g.key, g.known = c.key, true
	if c.done {
		g.key = personKey{-1, string(make([]byte, maxKey+1))} // behind everybody
	}
	return g.key, nil
}

// chunk opens the keys of a row group.
func (l *locator) chunk(table int, g *groupKey) (*flatfile.Chunk, *openFile, error) {
	t := l.plan.tables[table]
	file, err := l.shard.openFile(&t.files[g.file])
	if err != nil {
		return nil, nil, t.fail(g.first, err)
	}
	chunk, err := file.outline.Chunk(g.group, file.key, l.shard.room)
	if err != nil {
		file.release()
		return nil, nil, t.fail(g.first, err)
	}
	return chunk, file, nil
}

// page returns the first row of the last page of a row group that begins before a key, or that the key is behind all of the
// row group, as the file says.
func (l *locator) page(table int, g *groupKey, key personKey) (first int64, behind bool, err error) {
	chunk, file, err := l.chunk(table, g)
	if err != nil {
		return 0, false, err
	}
	defer file.release()
	defer chunk.Release()
	pages, column := chunk.Pages, chunk.Column
	if low, high, told := chunk.Bounds().Integers(column); told && low >= 0 && numberKey(high).compare(key) < 0 {
		return 0, true, nil
	}
	bounds, err := chunk.PageBounds()
	if err != nil {
		return 0, false, l.plan.tables[table].fail(g.first, err)
	}
	var failed error
	at := sort.Search(len(pages), func(i int) bool {
		if bounds != nil {
			if low, _, told := bounds[i].Integers(column); told && low >= 0 {
				return numberKey(low).compare(key) >= 0
			}
		}
		c, err := l.cursor(table, g.first+pages[i].First)
		if err != nil {
			failed = err
		}
		return err != nil || c.done || c.key.compare(key) >= 0
	})
	return g.first + pages[max(at-1, 0)].First, false, failed
}
