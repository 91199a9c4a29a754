package columnar

import (
	"context"
	"strconv"

	"github.com/personalised-prevention/nhs/internal/tree"
)

// A Source holds the rows of everybody in a population. This package has two: [Memory], and a store of Parquet files.
type Source interface {
	// shards splits the population into about so many parts, of whole people and in order of person, that are read
	// independently.
	shards(ctx context.Context, plan *tree.Plan, about int) ([]shard, error)
}

// A shard hands out its people block by block.
type shard interface {
	// next fills b with the next people; io.EOF after the last. What b held before is reused.
	next(ctx context.Context, b *block) error
	// close lets go of files and buffers.
	close() error
	// reading says what was read, once there is no more to come; nil if there is nothing to say.
	reading() *Reading
}

// block is some people and their rows.
type block struct {
	// people is how many there are.
	people int
	// key returns the key of one of them, as text. It is called for members only.
	key func(person int) string
	// tables are the rows, table by table as in the plan.
	tables [][]*segment
}

// segment is rows of one table, in order of person unless people is given. The segments of a block come in any order:
// nothing that is asked depends on the order of rows.
type segment struct {
	// rows is how many there are.
	rows int
	// first is the person, in the block, of the first row; the rows of person first+i are those from starts[i] up to
	// starts[i+1]. People without rows have none there.
	first  int
	starts []int32
	// people is, when starts is nil, the person of every row, counted from first, in any order: for rows that are laid
	// out by their code.
	people []int32
	// columns are as in the plan's table. A column of codes has one vector for each of its Sources, the others have
	// one.
	columns [][]vector
}

// vector is one column of a segment, read only when it is asked for.
type vector interface {
	// dictionary returns the values of a column that is coded by them, or nil.
	dictionary() *dictionary
	// ids returns the dictionary position of every row; that of missing values is the last one of the dictionary.
	// Only for a column with a dictionary.
	ids() ([]uint32, error)
	// days, numbers and texts return the value of every row, or of the given rows, which are in order. What is
	// returned is good until the next call; for given rows it may be written to. The last is for texts and codes: it is slow, and only asked where there
	// is no dictionary.
	days(rows []int32) ([]tree.Day, error)
	numbers(rows []int32) ([]float64, error)
	texts(rows []int32) ([]string, error)
}

// uniform is a vector of texts or codes that may know that all its rows have the same one, as those of rows laid out by
// their code do. Then it need not be read to find the rows that are asked about.
type uniform interface {
	vector
	same() (text string, ok bool)
}

// dictionary is the different values of a column, cleaned: what the catalogue says to be "not known" is missing. The last
// value is always a missing one. One dictionary may serve many segments, and does not change until it is no longer used:
// then its size is 0.
type dictionary struct {
	size    int
	days    []tree.Day // one of these three, by the kind of the column
	numbers []float64
	texts   []string
	// integers are, of texts that are stored as whole numbers, these, but for the missing one at the end. Few of them are
	// ever asked for as texts.
	integers []int64
}

// isText reports whether the values are texts.
func (d *dictionary) isText() bool { return d.texts != nil || d.integers != nil }

// spelled returns the values as texts. Those that are stored as whole numbers are for one goroutine.
func (d *dictionary) spelled() []string {
	if d.texts == nil && d.integers != nil {
		d.texts = make([]string, d.size)
		for i, n := range d.integers {
			d.texts[i] = strconv.FormatInt(n, 10)
		}
	}
	return d.texts
}
