package columnar

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// blockPeople is how many people a block has at most.
const blockPeople = 2048

// storeShard is the people of a store from one key up to another.
type storeShard struct {
	plan      *storePlan
	low, high personKey // from, if it is known, up to, if it is known

	read    Reading
	started bool
	limit   int // people of a block
	tables  []*shardTable
	*shardMemory
}

// shardMemory is what a shard hands on to the next when it is closed.
type shardMemory struct {
	room     *flatfile.Room
	people   []personKey
	segments []*segment
	used     int
	free     []*readPage
	scratch  flatfile.Page // whose values no page needs
	vectors  []*storeVector
	usedVecs int
	tables   []tableMemory
}

// tableMemory is that of one table.
type tableMemory struct {
	runs     []personRun
	page     flatfile.Page // of keys
	keys     keys
	pageRuns []numberRun
}

// shardTable is what a shard reads of one table.
type shardTable struct {
	keyCursor
	rows   rowSpan // those of the shard
	runs   []personRun
	groups []*openGroup
}

// personRun is rows of one person, one after the other, in one page of keys.
type personRun struct {
	from, to int64
	person   int32
}

// holds reports whether a person belongs into the shard.
func (s *storeShard) holds(key personKey) bool {
	return (!s.low.known() || s.low.compare(key) <= 0) && (!s.high.known() || key.compare(s.high) < 0)
}

// counts reports whether every row of a table counts, because it says who there is.
func (s *storeShard) counts(t *planTable) bool {
	return s.plan.population < 0 || s.plan.tables[s.plan.population] == t
}

func (s *storeShard) start(ctx context.Context) error {
	s.started = true
	s.remember()
	for _, t := range s.tables {
		if err := t.start(ctx, t.rows.from, t.rows.to); err != nil {
			return err
		}
	}
	if p := s.plan.population; p >= 0 { // everybody has one row: room for all, in one piece
		t := s.tables[p]
		n := min(s.limit, int(t.rows.to-t.rows.from))
		s.people, t.runs = slices.Grow(s.people[:0], n), slices.Grow(t.runs[:0], n)
	}
	return nil
}

func (s *storeShard) next(ctx context.Context, b *block) error {
	if !s.started {
		if err := s.start(ctx); err != nil {
			return err
		}
	}
	s.recycle()
	if err := s.gather(ctx); err != nil {
		return err
	}
	if len(s.people) == 0 {
		return io.EOF
	}
	b.people = len(s.people)
	b.key = func(person int) string { return s.people[person].String() }
	reads := len(s.tables)
	if s.plan.extra {
		reads--
	}
	b.tables = extend(b.tables, reads)
	for i, t := range s.tables[:reads] {
		var err error
		if b.tables[i], err = s.cut(t, b.tables[i][:0]); err != nil {
			return err
		}
	}
	return nil
}

// gather collects the next people and where their rows are.
func (s *storeShard) gather(ctx context.Context) error {
	s.people = s.people[:0]
	for _, t := range s.tables {
		t.runs = t.runs[:0]
	}
	for rows := 0; len(s.people) < s.limit && rows < s.plan.rows; {
		key, ok := s.nextPerson()
		if !ok {
			return s.drain(ctx)
		}
		for _, t := range s.tables {
			n, err := t.collect(ctx, key, int32(len(s.people)), s.plan.rows) //nolint:gosec // at most blockPeople
			if err != nil {
				return err
			}
			rows += n
		}
		s.people = append(s.people, key)
	}
	return nil
}

// nextPerson returns who comes next in the population.
func (s *storeShard) nextPerson() (key personKey, ok bool) {
	if p := s.plan.population; p >= 0 {
		return s.tables[p].key, !s.tables[p].done
	}
	for _, t := range s.tables {
		if !t.done && (!ok || t.key.compare(key) < 0) {
			key, ok = t.key, true
		}
	}
	return key, ok
}

// drain counts the rows behind the last person.
func (s *storeShard) drain(ctx context.Context) error {
	for _, t := range s.tables {
		for !t.done {
			s.read.Strangers += t.to - t.from
			if err := t.advance(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// collect takes the runs of a person, of so many rows at most, and returns how many rows there are.
func (t *shardTable) collect(ctx context.Context, key personKey, person int32, most int) (rows int, err error) {
	for !t.done {
		order := 0
		if t.key.number != key.number || key.number < 0 {
			order = t.key.compare(key)
		}
		if order > 0 {
			break
		}
		n := int(t.to - t.from)
		if order < 0 {
			t.shard.read.Strangers += int64(n)
		} else {
			t.runs = append(t.runs, personRun{t.from, t.to, person})
			rows += n
			if rows > most {
				return 0, t.tooMany(person)
			}
		}
		if t.hop() {
			continue
		}
		if err := t.advance(ctx); err != nil {
			return 0, err
		}
	}
	t.shard.read.Rows += int64(rows)
	return rows, nil
}

// tooMany says whose rows do not fit, by where they are.
func (t *shardTable) tooMany(person int32) error {
	first := slices.IndexFunc(t.runs, func(r personRun) bool { return r.person == person })
	return t.fail(t.runs[first].from, fmt.Errorf(
		"one person has more than the %d rows that fit in memory, from this one to row %d or further: give Open a larger Budget, or leave rows out that are not of a person",
		t.shard.plan.rows, t.to-t.table.fileAt(t.from).first))
}

func (s *storeShard) close() error {
	for _, t := range s.tables {
		t.close()
		for _, g := range t.groups {
			g.close()
		}
		t.groups = nil
	}
	if s.shardMemory != nil {
		for i, t := range s.tables {
			s.shardMemory.tables[i] = tableMemory{t.runs, t.page, t.keys, t.pageRuns}
		}
		s.plan.memories.Put(s.shardMemory)
		s.shardMemory = nil
	}
	return nil
}

// remember takes the memory of a shard that has been closed, or else new memory.
func (s *storeShard) remember() {
	memory, ok := s.plan.memories.Get().(*shardMemory)
	if !ok {
		memory = &shardMemory{room: flatfile.NewRoom(s.plan.memory), tables: make([]tableMemory, len(s.tables))}
	}
	s.shardMemory = memory
	for i, t := range s.tables {
		m := &memory.tables[i]
		t.runs, t.page, t.keys, t.pageRuns = m.runs, m.page, m.keys, m.pageRuns[:0]
	}
}

func (s *storeShard) reading() *Reading { return &s.read }

// cut makes segments of the rows of a table: where a column comes to its next page, or rows belong to nobody, the next
// one begins.
func (s *storeShard) cut(t *shardTable, segments []*segment) ([]*segment, error) {
	for runs := t.runs; len(runs) > 0; {
		g, err := t.groupAt(runs[0].from)
		if err != nil {
			return nil, err
		}
		from := runs[0].from
		end, n := runs[0].to, 1
		for n < len(runs) && runs[n].from == end && end < g.end {
			end = runs[n].to
			n++
		}
		of := runs[:n]
		for at := from; at < end; {
			to := g.pagesEnd(at, end)
			seg := s.segment(g, at, to)
			of = seg.fill(of, at, to)
			segments = append(segments, seg)
			at = to
		}
		runs = runs[n:]
	}
	return segments, nil
}

// segment returns a segment of rows of a row group, for use again.
func (s *storeShard) segment(g *openGroup, from, to int64) *segment {
	if s.used == len(s.segments) {
		s.segments = append(s.segments, new(segment))
	}
	seg := s.segments[s.used]
	s.used++
	seg.rows, seg.starts, seg.people = int(to-from), seg.starts[:0], nil
	seg.columns = extend(seg.columns, len(g.columns))
	for i, sources := range g.columns {
		seg.columns[i] = extend(seg.columns[i], len(sources))
		for j, c := range sources {
			seg.columns[i][j] = s.vector(c, from-g.first, int(to-from))
		}
	}
	return seg
}

// fill says whose the rows of the segment are, and returns the runs that are not behind them.
func (seg *segment) fill(runs []personRun, from, to int64) []personRun {
	seg.first = int(runs[0].person)
	for i, r := range runs {
		if r.from >= to {
			runs = runs[i:]
			break
		}
		at := int32(max(r.from, from) - from) //nolint:gosec // within a block
		for len(seg.starts) <= int(r.person)-seg.first {
			seg.starts = append(seg.starts, at)
		}
		if r.to > to || i == len(runs)-1 {
			runs = runs[i:]
			break
		}
	}
	seg.starts = append(seg.starts, int32(to-from)) //nolint:gosec // within a block
	return runs
}

// recycle takes back what the block before used.
func (s *storeShard) recycle() {
	s.used, s.usedVecs = 0, 0
	for _, t := range s.tables {
		kept := t.groups[:0]
		for _, g := range t.groups {
			if t.done || g.end <= t.from {
				g.close()
			} else {
				g.recycle(t.from)
				kept = append(kept, g)
			}
		}
		t.groups = kept
	}
}
