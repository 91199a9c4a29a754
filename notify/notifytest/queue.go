package notifytest

import (
	"container/heap"
	"time"
)

// event is a step of a message's timeline: first one that will happen, then, if
// somebody has subscribed, a callback about it that has to be delivered.
type event struct {
	due     time.Time // to happen or to be delivered
	serial  int       // order among those due at one time
	message *message
	step    int
	when    time.Time // it happened; zero before
	first   time.Time // the first delivery that failed; zero before
	tries   int       // deliveries that failed
}

// queue holds the events to come, soonest first.
type queue struct {
	list   []event
	serial int
}

func (q *queue) add(e event) {
	q.serial++
	e.serial = q.serial
	heap.Push((*soonest)(&q.list), e)
}

// next removes the soonest event due by the given time.
func (q *queue) next(by time.Time) (event, bool) {
	if len(q.list) == 0 || q.list[0].due.After(by) {
		return event{}, false
	}
	e, ok := heap.Pop((*soonest)(&q.list)).(event)
	return e, ok
}

// soonest implements [heap.Interface].
type soonest []event

func (s *soonest) Len() int { return len(*s) }

func (s *soonest) Less(i, j int) bool {
	a, b := &(*s)[i], &(*s)[j]
	if order := a.due.Compare(b.due); order != 0 {
		return order < 0
	}
	return a.serial < b.serial
}

func (s *soonest) Swap(i, j int) { (*s)[i], (*s)[j] = (*s)[j], (*s)[i] }

func (s *soonest) Push(x any) {
	if e, ok := x.(event); ok {
		*s = append(*s, e)
	}
}

func (s *soonest) Pop() any {
	list := *s
	last := list[len(list)-1]
	*s = list[:len(list)-1]
	return last
}
