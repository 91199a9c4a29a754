package columnar

import "math/bits"

// words are yes or no for up to 64 items each: the people of a block, or some rows.
type words []uint64

// fit returns words for n items, all no. What w held is lost.
func (w words) fit(n int) words {
	n = (n + 63) / 64
	if cap(w) < n {
		return make(words, n, n+n/4)
	}
	w = w[:n]
	clear(w)
	return w
}

// full is fit with all yes.
func (w words) full(n int) words {
	w = w.fit(n)
	for i := range w {
		w[i] = ^uint64(0)
	}
	if n%64 != 0 {
		w[len(w)-1] = 1<<(n%64) - 1
	}
	return w
}

// copyOf returns words that are the same as from. What w held is lost.
func (w words) copyOf(from words) words { return append(w[:0], from...) }

func (w words) empty() bool {
	for _, word := range w {
		if word != 0 {
			return false
		}
	}
	return true
}

func (w words) count() (n int) {
	for _, word := range w {
		n += bits.OnesCount64(word)
	}
	return n
}

func (w words) has(i int32) bool { return w[i>>6]>>(i&63)&1 != 0 }

func (w words) set(i int32) { w[i>>6] |= 1 << (i & 63) }

// add and remove are by set.

func (w words) add(of words) {
	for i, word := range of {
		w[i] |= word
	}
}

func (w words) remove(of words) {
	for i, word := range of {
		w[i] &^= word
	}
}

// lacking makes w those of live that are not done, and reports whether there are any.
func lacking(w *words, live, done words) bool {
	*w = w.copyOf(live)
	w.remove(done)
	return !w.empty()
}

// clearIn sets the values of some items to x.
func clearIn[T any](values []T, items words, x T) {
	for w, word := range items {
		part := values[w*64 : min(w*64+64, len(values))]
		for ; word != 0; word &= word - 1 {
			part[bits.TrailingZeros64(word)] = x
		}
	}
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// extend returns a slice of length n whose content means nothing.
func extend[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	return s[:n]
}
