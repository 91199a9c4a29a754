package columnar

import (
	"math/bits"

	"github.com/personalised-prevention/nhs/internal/tree"
)

// Most of what is asked about every person or row is whether a day or a number lies in a range.

// fewLive is how many live items of a word are better looked at one by one than all of the word.
const fewLive = 12

// dayRange asks whether a day is one of those from low to high.
type dayRange struct {
	of        series
	low, high tree.Day
	out       answer
}

func (q *dayRange) ask(live words) answer {
	days, out := q.of.read(live).days, q.out.fit(live)
	width := uint32(q.high - q.low) //nolint:gosec // not negative
	for w, word := range live {
		switch part := days[w*64 : min(w*64+64, len(days))]; {
		case word == 0:
		case len(part) < 64 || bits.OnesCount64(word) <= fewLive:
			for ; word != 0; word &= word - 1 {
				i := bits.TrailingZeros64(word)
				in := bit(uint32(part[i]-q.low) <= width) //nolint:gosec // what lies before low wraps round
				out.yes[w] |= in << (i & 63)
				out.no[w] |= ((in ^ 1) & bit(part[i] != 0)) << (i & 63)
			}
		default:
			// Each comes in at the top, so that the first ends up at the bottom.
			var in, known uint64
			for _, day := range part {
				in = in>>1 | bit(uint32(day-q.low) <= width)<<63 //nolint:gosec // what lies before low wraps round
				known = known>>1 | bit(day != 0)<<63
			}
			out.yes[w], out.no[w] = word&in, word&known&^in // no day is in no range
		}
	}
	return *out
}

// numberRange asks whether a number lies from low to high.
type numberRange struct {
	of        series
	low, high float64
	out       answer
}

func (q *numberRange) ask(live words) answer {
	numbers, out := q.of.read(live).numbers, q.out.fit(live)
	for w, word := range live {
		switch part := numbers[w*64 : min(w*64+64, len(numbers))]; {
		case word == 0:
		case len(part) < 64 || bits.OnesCount64(word) <= fewLive:
			for ; word != 0; word &= word - 1 {
				i := bits.TrailingZeros64(word)
				out.yes[w] |= (bit(part[i] >= q.low) & bit(part[i] <= q.high)) << (i & 63)
				out.no[w] |= (bit(part[i] < q.low) | bit(part[i] > q.high)) << (i & 63)
			}
		default:
			var yes, no uint64 // neither of what is missing
			for _, x := range part {
				yes = yes>>1 | (bit(x >= q.low)&bit(x <= q.high))<<63
				no = no>>1 | (bit(x < q.low)|bit(x > q.high))<<63
			}
			out.yes[w], out.no[w] = word&yes, word&no
		}
	}
	return *out
}
