package columnar

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// WriteMembersTo is WriteMembers to something other than a file.
func WriteMembersTo(ctx context.Context, plan *cohort.Plan, from Source, out io.Writer) error {
	_, err := writeMembers(ctx, plan, from, out, nil)
	return err
}

// Scattered is a source with the rows of a Memory, handed out in as many other ways as the joint allows: shards and
// blocks that end anywhere, several segments of a table in a block, rows of one person in any order and in several
// segments, columns with and without dictionaries, and rows that are not in order of person.
type Scattered struct {
	Memory *Memory
	Seed   uint64
	// Fail makes the read of a column fail after so many reads; 0 for never.
	Fail int
	// Stop ends reading, with an error, after so many blocks; 0 for never.
	Stop int
	Open *atomic.Int64 // shards that have not been closed
}

// ErrRead is what a Scattered fails with.
var ErrRead = errors.New("reading failed")

func (s Scattered) shards(ctx context.Context, plan *tree.Plan, _ int) ([]shard, error) {
	whole, err := s.Memory.shards(ctx, plan, 1)
	if err != nil || len(whole) == 0 {
		return nil, err
	}
	r := rand.New(rand.NewPCG(s.Seed, 1))
	from, ok := whole[0].(*memoryShard)
	if !ok {
		return nil, errors.New("not of a Memory")
	}
	var out []shard
	for at := from.at; at < from.end; {
		end := min(at+1+r.IntN(from.end-from.at), from.end)
		own := newMemoryShard(s.Memory, from.tables, from.at, from.end) // its buffers are for one goroutine
		out = append(out, &scatteredShard{Scattered: s, of: own, r: rand.New(rand.NewPCG(s.Seed, uint64(at+2))), at: at, end: end})
		at = end
	}
	if s.Open != nil {
		s.Open.Add(int64(len(out)))
	}
	return out, nil
}

type scatteredShard struct {
	Scattered
	of      *memoryShard
	r       *rand.Rand
	at, end int
	blocks  int
	reads   int
}

func (s *scatteredShard) close() error {
	if s.Open != nil {
		s.Open.Add(-1)
	}
	return nil
}

func (s *scatteredShard) reading() *Reading { return &Reading{Files: 1} }

func (s *scatteredShard) next(_ context.Context, b *block) error {
	if s.at == s.end {
		return io.EOF
	}
	if s.blocks++; s.blocks == s.Stop {
		return ErrRead
	}
	first := s.at
	s.at = min(first+1+s.r.IntN(s.end-s.at), s.end)
	b.people = s.at - first
	b.key = func(person int) string { return s.Memory.keys[first+person] }
	b.tables = nil
	for i, t := range s.of.tables {
		b.tables = append(b.tables, s.segments(t, s.of.parts[i], first, b.people))
	}
	return nil
}

// segments deals the rows of some people out to segments.
func (s *scatteredShard) segments(t memoryTables, whole *segment, first, people int) []*segment {
	type row struct{ person, row int32 }
	dealt := make([][]row, 1+s.r.IntN(3))
	for person := range people {
		for at := t.starts[first+person]; at < t.starts[first+person+1]; at++ {
			to := s.r.IntN(len(dealt))
			dealt[to] = append(dealt[to], row{int32(person), at})
		}
	}
	var out []*segment
	for _, rows := range dealt {
		s.r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		seg := &segment{rows: len(rows)}
		if s.r.IntN(3) > 0 {
			slices.SortStableFunc(rows, func(a, b row) int { return int(a.person - b.person) })
			seg.starts = []int32{0}
			if len(rows) > 0 {
				seg.first = s.r.IntN(int(rows[0].person) + 1)
				last := int(rows[len(rows)-1].person)
				last += s.r.IntN(people - last)
				for person, at := seg.first, 0; person <= last; person++ {
					for ; at < len(rows) && int(rows[at].person) == person; at++ {
					}
					seg.starts = append(seg.starts, int32(at))
				}
			}
		} else {
			seg.people = []int32{}
			for _, each := range rows {
				seg.people = append(seg.people, each.person)
			}
		}
		for _, vectors := range whole.columns {
			var column []vector
			for _, v := range vectors {
				moved := &movedVector{shard: s, of: v}
				for _, each := range rows {
					moved.rows = append(moved.rows, each.row)
				}
				moved.coded = v.dictionary() != nil && s.r.IntN(2) == 0
				column = append(column, moved)
			}
			seg.columns = append(seg.columns, column)
		}
		out = append(out, seg)
	}
	return out
}

// movedVector reads another vector at other rows.
type movedVector struct {
	shard *scatteredShard
	of    vector
	rows  []int32
	coded bool
	given []tree.Day
}

func (v *movedVector) at(rows []int32) []int32 {
	if rows == nil {
		return v.rows
	}
	if !slices.IsSorted(rows) {
		panic("rows are asked for out of order")
	}
	out := make([]int32, len(rows))
	for i, row := range rows {
		out[i] = v.rows[row]
	}
	return out
}

func (v *movedVector) fail() error {
	if v.shard.reads++; v.shard.reads == v.shard.Fail {
		return ErrRead
	}
	return nil
}

func (v *movedVector) dictionary() *dictionary {
	if !v.coded {
		return nil
	}
	return v.of.dictionary()
}

func (v *movedVector) ids() ([]uint32, error) {
	if err := v.fail(); err != nil {
		return nil, err
	}
	all, err := v.of.ids()
	if err != nil {
		return nil, err
	}
	var out []uint32
	for _, row := range v.rows {
		out = append(out, all[row])
	}
	return out, nil
}

func (v *movedVector) days(rows []int32) ([]tree.Day, error) {
	if err := v.fail(); err != nil {
		return nil, err
	}
	// What was returned before is no longer good.
	for i := range v.given {
		v.given[i] = 12345
	}
	days, err := v.of.days(v.at(rows))
	v.given = slices.Clone(days)
	return v.given, err
}

func (v *movedVector) numbers(rows []int32) ([]float64, error) {
	if err := v.fail(); err != nil {
		return nil, err
	}
	return v.of.numbers(v.at(rows))
}

func (v *movedVector) texts(rows []int32) ([]string, error) {
	if err := v.fail(); err != nil {
		return nil, err
	}
	return v.of.texts(v.at(rows))
}

// FirstStep answers the first step of a plan that is no definition's, about everybody in one block.
func FirstStep(plan *tree.Plan, m *Memory) (yes []bool, err error) {
	shards, err := m.shards(context.Background(), plan, 1)
	if err != nil {
		return nil, err
	}
	p := newProgram(plan, nil)
	var b block
	if err := shards[0].next(context.Background(), &b); err != nil {
		return nil, err
	}
	if err := p.run(&b, everything); err != nil {
		return nil, err
	}
	for i := range b.people {
		yes = append(yes, p.answers[0].yes.has(int32(i)))
	}
	return yes, nil
}
