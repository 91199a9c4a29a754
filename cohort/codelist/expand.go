package codelist

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Expand makes the list of the concepts that the expression means in a hierarchy. Info must name the
// release that the hierarchy is of; the expression and the release are added to the Source of the list. As
// every list it holds codes, and has the hash of these: another release makes another list.
//
// Concepts and reference sets that the expression names must be in the hierarchy. Members of a reference
// set need not be: sets keep inactive concepts, which are below nothing. Should the hierarchy go round in a
// circle, a concept is not below itself.
func (e *Expression) Expand(ctx context.Context, hierarchy Hierarchy, info Info) (*List, error) {
	if err := info.check(); err != nil {
		return nil, err
	}
	switch {
	case e == nil || e.root == nil:
		return nil, fmt.Errorf("codelist %s: Expand: the expression is empty: make it with ParseExpression", info.ID)
	case hierarchy == nil:
		return nil, fmt.Errorf("codelist %s: Expand: hierarchy is nil", info.ID)
	case info.Release == "":
		return nil, fmt.Errorf("codelist %s: Info.Release is required: say which release the hierarchy is of", info.ID)
	case info.System != SNOMEDCT && info.System != DMD:
		return nil, fmt.Errorf("codelist %s: Info.System: expressions are about %s and %s, not %s", info.ID, SNOMEDCT, DMD, info.System)
	}
	found, err := expander{hierarchy}.term(ctx, e.root)
	if err != nil {
		return nil, fmt.Errorf("codelist %s: expression: %w", info.ID, err)
	}
	info.Source = fmt.Sprintf("%s. Expanded from %s in %s.", strings.TrimSuffix(info.Source, "."), e, info.Release)
	return New(info, slices.Sorted(maps.Keys(found))...)
}

// set is a set of concepts.
type set map[string]struct{}

func (s set) has(concept string) bool {
	_, ok := s[concept]
	return ok
}

// expander works out terms in a hierarchy.
type expander struct{ Hierarchy }

func (x expander) term(ctx context.Context, t term) (set, error) {
	switch t := t.(type) {
	case concept:
		if _, err := x.Children(ctx, t.id); err != nil {
			return nil, fmt.Errorf("%v: %w", t.at, err)
		}
		return set{t.id: {}}, nil
	case related:
		return x.related(ctx, t)
	case combined:
		return x.combined(ctx, t)
	default:
		panic(fmt.Sprintf("codelist: term %T", t))
	}
}

func (x expander) combined(ctx context.Context, t combined) (set, error) {
	all, err := x.term(ctx, t.of[0])
	if err != nil {
		return nil, err
	}
	for _, part := range t.of[1:] {
		next, err := x.term(ctx, part)
		if err != nil {
			return nil, err
		}
		switch t.operator {
		case "OR":
			maps.Copy(all, next)
		case "AND":
			maps.DeleteFunc(all, func(c string, _ struct{}) bool { return !next.has(c) })
		case "MINUS":
			maps.DeleteFunc(all, func(c string, _ struct{}) bool { return next.has(c) })
		}
	}
	return all, nil
}

func (x expander) related(ctx context.Context, t related) (set, error) {
	if refset, ok := t.of.(concept); ok && t.operator == "^" {
		members, err := x.Members(ctx, refset.id)
		if err != nil {
			return nil, fmt.Errorf("%v: %w", refset.at, err)
		}
		return setOf(members), nil
	}
	from, err := x.term(ctx, t.of)
	if err != nil {
		return nil, err
	}
	step := x.Children
	if t.operator[0] == '>' {
		step = x.Parents
	}
	found := set{}
	for c := range from {
		if err := reach(ctx, step, c, !strings.HasSuffix(t.operator, "!"), found); err != nil {
			return nil, err
		}
	}
	if strings.HasPrefix(t.operator, "<<") || strings.HasPrefix(t.operator, ">>") {
		maps.Copy(found, from)
	}
	return found, nil
}

func setOf(concepts []string) set {
	s := make(set, len(concepts))
	for _, c := range concepts {
		s[c] = struct{}{}
	}
	return s
}

// reach adds what is one step, or any number of steps, from a concept. What is in found already has been
// followed.
func reach(ctx context.Context, step func(context.Context, string) ([]string, error), from string, far bool, found set) error {
	next, err := step(ctx, from)
	if errors.Is(err, ErrUnknown) {
		return nil // a member of a reference set: concepts that are named have been looked up
	}
	for err == nil && len(next) > 0 {
		if err = ctx.Err(); err != nil {
			break
		}
		c := next[len(next)-1]
		next = next[:len(next)-1]
		if c == from || found.has(c) {
			continue
		}
		found[c] = struct{}{}
		if far {
			var more []string
			more, err = step(ctx, c)
			next = append(next, more...)
		}
	}
	return err
}
