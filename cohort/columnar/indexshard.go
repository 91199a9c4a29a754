package columnar

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// indexShard is the people of one part of an index: some tables are read by code, the others by person.
type indexShard struct {
	plan   *storePlan
	people shard       // with the tables that are read by person
	limit  func(n int) // bounds how many people it hands out at a time
	at, n  int         // how many people there have been, of how many
	found  block
	reader *storeShard    // whose memory the tables by code use
	coded  []*indexReader // by table of the plan, nil for those that are read by person
	opened bool
}

// byCode makes a shard of each part of the index.
func (p *storePlan) byCode(ctx context.Context) ([]shard, error) {
	rest := p.byPerson()
	people := make([]shard, len(p.parts))
	limits := make([]func(int), len(p.parts))
	if len(rest.tables) == 1 {
		for i, first := 0, 0; i < len(p.parts); i++ {
			s := &rowShard{storeShard: rest.shard(), at: int64(first), end: int64(first + p.parts[i]), keys: true}
			people[i], limits[i] = s, func(n int) { s.limit = n }
			first += p.parts[i]
		}
	} else {
		shards, err := rest.cutAtRows(ctx, p.parts)
		if err != nil {
			return nil, err
		}
		for i, s := range shards {
			people[i], limits[i] = s, func(n int) { s.limit = n }
		}
	}
	out := make([]shard, len(people))
	for i := range out {
		s := &indexShard{plan: p, people: people[i], limit: limits[i], n: p.parts[i], reader: p.shard()}
		for _, t := range p.tables[:len(p.tables)-one(p.extra)] {
			var r *indexReader
			if t.by != nil {
				r = &indexReader{shard: s.reader, table: t.part(i), people: s.n}
			}
			s.coded = append(s.coded, r)
		}
		out[i] = s
	}
	return out, nil
}

// byPerson is the plan of the tables that are read by person.
func (p *storePlan) byPerson() *storePlan {
	rest := &storePlan{store: p.store, extra: p.extra, rows: p.rows, memory: p.memory, people: p.people}
	for i, t := range p.tables {
		if i == p.population {
			rest.population = len(rest.tables)
		}
		if t.by == nil {
			rest.tables = append(rest.tables, t)
		}
	}
	return rest
}

// part is the table with the files of a part alone.
func (t *planTable) part(i int) *planTable {
	by := *t.by
	by.codes = by.codes[i : i+1]
	return &planTable{storeTable: t.storeTable, of: t.of, files: t.files[i : i+1], by: &by}
}

// cutAtRows makes shards of so many people each.
func (p *storePlan) cutAtRows(ctx context.Context, people []int) ([]*storeShard, error) {
	l := newLocator(ctx, p)
	defer l.close()
	var keys []personKey
	row := int64(0)
	for _, n := range people[:len(people)-1] {
		row += int64(n)
		c, err := l.cursor(p.population, row)
		if err != nil {
			return nil, err
		}
		if c.done {
			return nil, errOldIndex
		}
		keys = append(keys, c.key)
	}
	return p.cutAt(l, keys)
}

// start finds the rows that are asked for, and has blocks so large that those of one fit.
func (s *indexShard) start(ctx context.Context) error {
	s.opened = true
	s.reader.remember()
	asked := 0
	for _, r := range s.coded {
		if r == nil {
			continue
		}
		if memory, ok := s.plan.readers.Get().(*indexMemory); ok {
			r.indexMemory = memory
		} else {
			r.indexMemory = new(indexMemory)
		}
		if err := r.open(ctx); err != nil {
			return err
		}
		asked += r.asked
	}
	if asked > s.plan.rows {
		s.limit(max(1024, min(s.n, int(int64(s.n)*int64(s.plan.rows)/int64(asked)))))
	}
	return nil
}

func (s *indexShard) next(ctx context.Context, b *block) error {
	if !s.opened {
		if err := s.start(ctx); err != nil {
			return err
		}
	}
	err := s.people.next(ctx, &s.found)
	if err == io.EOF && s.at < s.n || err == nil && s.found.people > s.n-s.at { //nolint:errorlint // as it is returned
		err = fmt.Errorf("table %s: its index: %w", s.plan.tables[s.plan.population].name, errOldIndex)
	}
	if err != nil {
		return err
	}
	b.people, b.key = s.found.people, s.found.key
	b.tables = extend(b.tables, len(s.coded))
	byPerson := s.found.tables
	for i, r := range s.coded {
		if r != nil {
			b.tables[i] = r.segmentsOf(s.at, b.people, b.tables[i][:0])
		} else {
			b.tables[i], byPerson = append(b.tables[i][:0], byPerson[0]...), byPerson[1:]
		}
	}
	s.at += b.people
	return nil
}

func (s *indexShard) close() error {
	for _, r := range s.coded {
		if r != nil && r.indexMemory != nil {
			r.close()
			s.plan.readers.Put(r.indexMemory)
			r.indexMemory = nil
		}
	}
	return errors.Join(s.reader.close(), s.people.close())
}

func (s *indexShard) reading() *Reading {
	var all Reading
	all.add(s.people.reading())
	all.add(&s.reader.read)
	return &all
}

func (s *indexShard) skipKeys() {
	if people, ok := s.people.(*rowShard); ok {
		people.keys = false
	}
}

// rowShard is people of whom it is known which rows of their table they have, one each. No other table is read.
type rowShard struct {
	*storeShard
	at, end int64
	keys    bool // who they are is asked for
	page    flatfile.Page
	of      keys
}

func (s *rowShard) next(_ context.Context, b *block) error {
	if !s.started {
		s.started = true
		s.remember()
	}
	n := int(min(int64(s.limit), s.end-s.at))
	if n == 0 {
		return io.EOF
	}
	t := s.tables[0]
	s.used, s.usedVecs = 0, 0
	t.groups = slices.DeleteFunc(t.groups, func(g *openGroup) bool {
		if g.end <= s.at {
			g.close()
			return true
		}
		g.recycle(s.at)
		return false
	})
	b.people, b.key = n, func(person int) string { return s.people[person].String() }
	b.tables = extend(b.tables, one(!s.plan.extra))
	for i := range b.tables {
		b.tables[i] = b.tables[i][:0]
	}
	s.people = s.people[:0]
	for row, end := s.at, s.at+int64(n); row < end && (s.keys || !s.plan.extra); {
		g, err := t.groupAt(row)
		if err != nil {
			return err
		}
		to := min(end, g.end)
		if s.keys {
			if err := s.readKeys(g, row, to); err != nil {
				return t.table.failGroup(g.file.name, g.group, err)
			}
		}
		for row < to {
			until := g.pagesEnd(row, to)
			if !s.plan.extra {
				b.tables[0] = append(b.tables[0], s.rows(g, row, until))
			}
			row = until
		}
	}
	s.at += int64(n)
	return nil
}

// rows returns a segment with one row for each person.
func (s *rowShard) rows(g *openGroup, from, to int64) *segment {
	seg := s.segment(g, from, to)
	seg.first = int(from - s.at)
	for i := range seg.rows + 1 {
		seg.starts = append(seg.starts, int32(i))
	}
	return seg
}

// readKeys adds the keys of people from one up to another.
func (s *rowShard) readKeys(g *openGroup, from, to int64) error {
	chunk, err := g.file.outline.Chunk(g.group, g.file.key, s.room)
	if err != nil {
		return err
	}
	defer chunk.Release()
	for i, l := range chunk.Pages {
		low, high := max(from-g.first-l.First, 0), min(to-g.first-l.First, int64(l.Rows))
		if low >= high {
			continue
		}
		if err := chunk.Read(i, &s.page); err != nil {
			return err
		}
		s.read.Pages++
		if s.page.Present() != nil {
			return errNoKey
		}
		values := s.page.Values
		if s.page.Indexed {
			if values, err = chunk.Dictionary(); err != nil {
				return err
			}
		}
		if err := s.of.take(chunk.Column, &values); err != nil {
			return err
		}
		for row := low; row < high; row++ {
			at := row
			if s.page.Indexed {
				at = int64(s.page.Indexes[row])
			}
			s.people = append(s.people, s.of.at(int(at)))
		}
	}
	return nil
}
