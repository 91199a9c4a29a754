package codelist

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Union makes a list of all that is in at least one of the lists. Info is that of the new list.
func Union(info Info, lists ...*List) (*List, error) {
	return combine(info, lists, func() ([]entry, error) {
		var entries []entry
		for _, l := range lists {
			entries = append(entries, l.entries...)
		}
		return entries, nil
	})
}

// Intersect makes a list of all that is in both lists. Info is that of the new list.
func Intersect(info Info, a, b *List) (*List, error) {
	return combine(info, []*List{a, b}, func() ([]entry, error) {
		switch {
		case len(a.ranges) == 0:
			return a.filter(b.Contains), nil
		case len(b.ranges) == 0:
			return b.filter(a.Contains), nil
		default:
			return info.System.form().write(overlap(a.spans(), b.spans()))
		}
	})
}

// Except makes a list of what is in the list and in none of the others. Info is that of the new list.
//
// A code alone cannot be taken out of a prefix or range of which longer codes would stay, as I252 out of
// I20-I25: take out I252*.
func Except(info Info, list *List, without ...*List) (*List, error) {
	return combine(info, append([]*List{list}, without...), func() ([]entry, error) {
		if len(list.ranges) == 0 {
			return list.filter(func(code string) bool {
				return !slices.ContainsFunc(without, func(l *List) bool { return l.Contains(code) })
			}), nil
		}
		spans := list.spans()
		for _, l := range without {
			spans = minus(spans, l.spans())
		}
		return info.System.form().write(spans)
	})
}

func combine(info Info, lists []*List, entries func() ([]entry, error)) (*List, error) {
	if err := info.check(); err != nil {
		return nil, err
	}
	for _, l := range lists {
		if l == nil {
			return nil, fmt.Errorf("codelist %s: a list to combine is nil", info.ID)
		}
		if l.info.System != info.System {
			return nil, fmt.Errorf("codelist %s: list %s is of %s, not of %s", info.ID, l.info.ID, l.info.System, info.System)
		}
	}
	combined, err := entries()
	if err != nil {
		return nil, fmt.Errorf("codelist %s: %w", info.ID, err)
	}
	return build(info, combined)
}

// filter returns the codes, in a list without patterns, that are to be kept.
func (l *List) filter(keep func(code string) bool) []entry {
	return slices.DeleteFunc(slices.Clone(l.entries), func(e entry) bool { return !keep(e.text) })
}

func (l *List) spans() []span { return l.info.System.form().spans(l.entries) }

// spans returns what entries hold, joined.
func (f form) spans(entries []entry) []span {
	spans := make([]span, len(entries))
	for i, e := range entries {
		spans[i] = f.of(e)
	}
	return join(spans)
}

// write writes spans as codes and patterns.
func (f form) write(spans []span) ([]entry, error) {
	var all []entry
	for _, s := range spans {
		all = append(all, f.entries(s)...)
	}
	for _, e := range all {
		if code := strings.TrimSuffix(e.span.from, "\x00"); e.text == "" {
			return nil, fmt.Errorf("%s alone cannot be left out, as codes below it would stay: leave out %s*", code, code)
		}
	}
	return all, nil
}

// String describes a span that is neither a code nor a pattern.
func (s span) String() string {
	from, ok := strings.CutSuffix(s.from, "\x00")
	if ok {
		return fmt.Sprintf("after %s, before %s", from, s.before)
	}
	return fmt.Sprintf("from %s, before %s", from, s.before)
}

// overlap returns what lies in both of two sorted sets of spans.
func overlap(a, b []span) []span {
	var both []span
	for len(a) > 0 && len(b) > 0 {
		if s := (span{max(a[0].from, b[0].from), min(a[0].before, b[0].before)}); s.from < s.before {
			both = append(both, s)
		}
		if a[0].before < b[0].before {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return both
}

// minus returns what lies in the first of two sorted sets of spans and not in the second.
func minus(a, b []span) []span {
	var rest []span
	for _, s := range a {
		for _, cut := range b {
			if cut.before <= s.from || cut.from >= s.before {
				continue
			}
			if s.from < cut.from {
				rest = append(rest, span{s.from, cut.from})
			}
			s.from = cut.before
		}
		if s.from < s.before {
			rest = append(rest, s)
		}
	}
	return rest
}

// Difference is what one list has and another has not, for those who review a new version.
type Difference struct {
	// Added and Removed are codes and patterns, in order.
	Added, Removed []string
}

// Diff compares two versions of a list.
func Diff(older, newer *List) (Difference, error) {
	if older == nil || newer == nil {
		return Difference{}, errors.New("codelist: Diff: a list is nil")
	}
	if older.info.System != newer.info.System {
		return Difference{}, fmt.Errorf("codelist: Diff: %s is of %s and %s of %s", older.info.ID, older.info.System, newer.info.ID, newer.info.System)
	}
	return Difference{Added: beyond(newer, older), Removed: beyond(older, newer)}, nil
}

// String returns a line for each code, after "+" if it was added and "-" if it was removed.
func (d Difference) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%d added, %d removed", len(d.Added), len(d.Removed))
	for _, code := range d.Added {
		out.WriteString("\n+ " + code)
	}
	for _, code := range d.Removed {
		out.WriteString("\n- " + code)
	}
	return out.String()
}

// beyond returns what a list has and another has not.
func beyond(list, other *List) []string {
	var texts []string
	if len(list.ranges) == 0 {
		for _, e := range list.filter(func(code string) bool { return !other.Contains(code) }) {
			texts = append(texts, e.text)
		}
		return texts
	}
	f := list.info.System.form()
	for _, s := range minus(list.spans(), other.spans()) {
		for _, e := range f.entries(s) {
			if e.text == "" {
				e.text = e.span.String()
			}
			texts = append(texts, e.text)
		}
	}
	return texts
}
