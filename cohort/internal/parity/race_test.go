package parity_test

import (
	"slices"
	"testing"
	"time"
)

// contender is one way to answer what others answer too.
type contender struct {
	name string
	run  func(b *testing.B) int // how many members
}

// race runs all contenders in turn, b.N times, so that they meet the same machine, and returns their median times. They
// have to agree.
func race(b *testing.B, contenders ...contender) map[string]time.Duration {
	b.Helper()
	times := map[string][]time.Duration{}
	members := contenders[0].run(b) // once to warm up
	for _, c := range contenders[1:] {
		if got := c.run(b); got != members {
			b.Fatalf("%s finds %d members, %s %d", c.name, got, contenders[0].name, members)
		}
	}
	b.ResetTimer()
	for range b.N {
		for _, c := range contenders {
			start := time.Now()
			c.run(b)
			times[c.name] = append(times[c.name], time.Since(start))
		}
	}
	b.StopTimer()
	b.ReportMetric(0, "ns/op")
	medians := map[string]time.Duration{}
	for name, all := range times {
		slices.Sort(all)
		medians[name] = all[len(all)/2]
		b.ReportMetric(float64(medians[name].Microseconds())/1000, name+"-ms")
	}
	return medians
}

// best is the fastest of some.
func best(medians map[string]time.Duration, names ...string) time.Duration {
	var all []time.Duration
	for _, name := range names {
		all = append(all, medians[name])
	}
	return slices.Min(all)
}
