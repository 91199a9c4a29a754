package caas_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/mesh"
)

// stored is a handler that stores everything.
func stored(context.Context, caas.Delivery) error { return nil }

// seq yields records, and an error after them if there is one.
func seq(err error, list ...caas.Record) func(func(caas.Record, error) bool) {
	return func(yield func(caas.Record, error) bool) {
		for _, r := range list {
			if !yield(r, nil) {
				return
			}
		}
		if err != nil {
			yield(caas.Record{}, err)
		}
	}
}

func receive(t *testing.T, from caas.Source, take func(context.Context, caas.Delivery) error) (caas.Received, error) {
	t.Helper()
	return caas.Receive(t.Context(), from, caas.Handlers{Delivery: take})
}

// An Iterator comes until it is acknowledged, whole each time.
func TestReceive_iterator(t *testing.T) {
	t.Parallel()
	arrived := time.Date(2026, 1, 2, 9, 0, 0, 0, time.UTC)
	source := &caas.Iterator{ID: "page-1", Arrived: arrived, Records: seq(nil,
		caas.Record{Type: caas.Add, Number: number(0)}, caas.Record{Type: caas.Delete, Number: number(1)})}
	errStore := errors.New("the store is closed")
	_, err := receive(t, source, func(_ context.Context, d caas.Delivery) error {
		for r := range d.Records {
			if r.Type == caas.Delete {
				return errStore
			}
		}
		return nil
	})
	if failure, ok := errors.AsType[*caas.DeliveryError](err); !ok || failure.ID != "page-1" || !errors.Is(err, errStore) {
		t.Fatalf("got %v", err)
	}
	rows := 0
	found, err := receive(t, source, func(_ context.Context, d caas.Delivery) error {
		for range d.Records {
			rows++
		}
		if d.File != nil || d.NilReturn {
			t.Errorf("a file %v, a nil return %v", d.File, d.NilReturn)
		}
		return nil
	})
	if err != nil || rows != 2 {
		t.Fatalf("%d rows, %v", rows, err)
	}
	diff(t, caas.Received{Deliveries: 1, Latest: arrived}, found)
	if found, err = receive(t, source, stored); err != nil || found != (caas.Received{}) {
		t.Errorf("again: %+v, %v", found, err)
	}
}

// No delivery, one that says nothing and one that says something are three things.
func TestReceive_nilReturn(t *testing.T) {
	t.Parallel()
	one := caas.Record{Type: caas.Add, Number: number(0)}
	errRow := &caas.RowError{Row: 1, Column: "nhs_number", Reason: "is missing"}
	for name, tt := range map[string]struct {
		records func(func(caas.Record, error) bool)
		want    int
	}{
		"nil return":      {seq(nil, caas.Record{}), 1},
		"two of them":     {seq(nil, caas.Record{}, caas.Record{}), 1},
		"nothing":         {seq(nil), 0},
		"and a change":    {seq(nil, caas.Record{}, one), 0},
		"a change":        {seq(nil, one), 0},
		"an unusable row": {seq(errRow), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := receive(t, &caas.Iterator{ID: name, Records: tt.records}, stored)
			if err != nil || found.Deliveries != 1 || found.NilReturns != tt.want {
				t.Errorf("%+v, %v", found, err)
			}
		})
	}
}

func TestReceived(t *testing.T) {
	t.Parallel()
	monday := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	all := caas.Received{Deliveries: 1, Latest: monday}.
		Plus(caas.Received{Deliveries: 1, NilReturns: 1, Reports: 2, Latest: monday.Add(-time.Hour)}).
		Plus(caas.Received{})
	diff(t, caas.Received{Deliveries: 2, NilReturns: 1, Reports: 2, Latest: monday}, all)
	for after, want := range map[time.Duration]bool{-time.Hour: false, 0: false, caas.Daily: false, caas.Daily + 1: true} {
		if got := all.Overdue(monday.Add(after), caas.Daily); got != want {
			t.Errorf("%v after: overdue %v", after, got)
		}
	}
	if !(caas.Received{}).Overdue(monday, caas.Daily) {
		t.Error("nothing has ever come, and is not overdue")
	}
}

// strange is a source of somebody else's.
type strange struct {
	delivery caas.Delivery
	err      error
	refuses  error // to acknowledge

	acknowledged []string
	ended        bool // the context that acknowledged had ended
}

func (s *strange) Waiting(context.Context) iter.Seq2[caas.Delivery, error] {
	return func(yield func(caas.Delivery, error) bool) { yield(s.delivery, s.err) }
}

func (s *strange) Acknowledge(ctx context.Context, id string) error {
	s.acknowledged, s.ended = append(s.acknowledged, id), ctx.Err() != nil
	return s.refuses
}

func TestReceive_otherSources(t *testing.T) {
	t.Parallel()
	errSource := errors.New("the source is closed")
	good := caas.Delivery{ID: "d1", Records: seq(nil)}
	for name, tt := range map[string]struct {
		source   *strange
		want     string
		asked    bool // to acknowledge
		delivery bool // the error is about one
	}{
		"as it should be": {&strange{delivery: good}, "", true, false},
		"source fails":    {&strange{err: errSource}, "the source is closed", false, false},
		"delivery fails":  {&strange{delivery: caas.Delivery{ID: "d1"}, err: errSource}, "caas: delivery d1: the source is closed", false, true},
		"no records":      {&strange{delivery: caas.Delivery{ID: "d1"}}, "caas: delivery d1: the source has given neither records nor a report", false, true},
		"no acknowledgement": {
			&strange{delivery: good, refuses: errSource}, "caas: delivery d1: the source is closed", true, true,
		},
		"a report":  {&strange{delivery: caas.Delivery{ID: "r1", Report: &mesh.Report{}}}, "", false, false},
		"a number":  {&strange{delivery: caas.Delivery{ID: number(0).Reveal()}, err: errSource}, "caas: delivery [redacted]: the source is closed", false, true},
		"displayed": {&strange{delivery: caas.Delivery{ID: "x " + number(0).Display()}, err: errSource}, "caas: delivery x [redacted]: the source is closed", false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := receive(t, tt.source, stored)
			if (err == nil) != (tt.want == "") || err != nil && err.Error() != tt.want {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			if _, ok := errors.AsType[*caas.DeliveryError](err); ok != tt.delivery {
				t.Errorf("the error is about a delivery: %v", ok)
			}
			if asked := len(tt.source.acknowledged) == 1; asked != tt.asked {
				t.Errorf("acknowledged %v", tt.source.acknowledged)
			}
			if want := tt.want == "" && tt.asked; (found.Deliveries == 1) != want {
				t.Errorf("found %+v", found)
			}
		})
	}
}

// What is stored while the context ends is acknowledged; what comes after is not
// begun.
func TestReceive_cancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	source := &strange{delivery: caas.Delivery{ID: "d1", Records: seq(nil)}}
	found, err := caas.Receive(ctx, source, caas.Handlers{Delivery: func(context.Context, caas.Delivery) error {
		cancel()
		return nil
	}})
	if err != nil || found.Deliveries != 1 || source.ended {
		t.Errorf("%+v, %v, ended %v", found, err, source.ended)
	}
	_, err = caas.Receive(ctx, source, caas.Handlers{Delivery: stored})
	if !errors.Is(err, context.Canceled) || len(source.acknowledged) != 1 {
		t.Errorf("%v, acknowledged %v", err, source.acknowledged)
	}
}

func TestReceive_refusesBadArguments(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	list := seq(nil)
	ok := caas.Handlers{Delivery: stored}
	for want, from := range map[string]caas.Source{
		"source":       nil,
		"mailbox":      caas.MESH{Workflow: workflow},
		"workflow id":  caas.MESH{Box: p.box, Workflow: "CAAS*"},
		"maximum size": caas.MESH{Box: p.box, Workflow: workflow, MaxSize: -1},
		"directory":    caas.Directory{},
		"done":         caas.Directory{Path: t.TempDir(), Done: "../done"},
		"delivery id":  &caas.Iterator{Records: list},
		"records":      &caas.Iterator{ID: "page-1"},
	} {
		_, err := caas.Receive(t.Context(), from, ok)
		assertArgument(t, fmt.Sprintf("%T", from), err, want)
		if from != nil && want != "delivery id" && want != "records" {
			assertArgument(t, fmt.Sprintf("acknowledge %T", from), from.Acknowledge(t.Context(), "d1"), want)
		}
	}
	_, err := caas.Receive(t.Context(), &caas.Iterator{ID: "page-1", Records: list}, caas.Handlers{})
	assertArgument(t, "no handler", err, "delivery handler")
	err = (&caas.Iterator{ID: "page-1", Records: list}).Acknowledge(t.Context(), "page-2")
	assertArgument(t, "another page", err, "delivery id")
	for _, id := range []string{"", "..", "done/x"} {
		assertArgument(t, id, caas.Directory{Path: t.TempDir()}.Acknowledge(t.Context(), id), "delivery id")
	}
}

// assertArgument fails if err is not about an argument with a name.
func assertArgument(t *testing.T, what string, err error, name string) {
	t.Helper()
	if bad, ok := errors.AsType[*nhs.ArgumentError](err); !ok || bad.Name != name {
		t.Errorf("%s: %v, want an error about %q", what, err, name)
	}
}
