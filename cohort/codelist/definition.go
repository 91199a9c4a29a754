package codelist

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Definition says which concepts of a hierarchy are meant by including some of them, with all that is below
// them, and excluding others. The nearest decides: below an included concept an excluded one can lie, and
// below that an included one again.
type Definition struct {
	// Include and Exclude are concepts.
	Include, Exclude []string
}

// ReadDefinition reads the definition download of OpenCodelists: a CSV file with the columns code and
// is_included, which is "+" for concepts that are included and "-" for those that are excluded.
func ReadDefinition(file io.Reader, system System) (*Definition, error) {
	d, err := readDefinition(file, system)
	if err != nil {
		return nil, fmt.Errorf("codelist: definition: %w", err)
	}
	return d, nil
}

func readDefinition(file io.Reader, system System) (*Definition, error) {
	t, err := openTable(file)
	if err != nil {
		return nil, err
	}
	var at [2]int
	for i, column := range []string{"code", "is_included"} {
		if at[i], err = t.first(column); err != nil {
			return nil, err
		}
	}
	d := &Definition{}
	status := map[string]string{}
	r := csvReader{system: system}
	err = r.rows(t, func(row []string) error {
		e, ok := r.code(t, row, at[0])
		if !ok {
			return nil
		}
		is := field(row, at[1])
		earlier, repeated := status[e.text]
		switch {
		case e.pattern():
			return fmt.Errorf("line %d: %s is a pattern: a definition names concepts", t.last, e.text)
		case is != "+" && is != "-":
			return fmt.Errorf("line %d: is_included is %s, neither + nor -", t.last, quote(is))
		case repeated && earlier != is:
			return fmt.Errorf("line %d: %s is both included and excluded", t.last, e.text)
		case repeated:
		case is == "+":
			d.Include = append(d.Include, e.text)
		default:
			d.Exclude = append(d.Exclude, e.text)
		}
		status[e.text] = is
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(d.Include) == 0 {
		return nil, errors.New("nothing is included")
	}
	return d, nil
}

// Expand makes the list of the concepts that the definition means in a hierarchy. Info must name the
// release that the hierarchy is of. A concept that is below an included and an excluded one, of which
// neither is below the other, is refused: the definition does not say what is meant.
func (d *Definition) Expand(ctx context.Context, hierarchy Hierarchy, info Info) (*List, error) {
	if err := info.check(); err != nil {
		return nil, err
	}
	if hierarchy == nil {
		return nil, fmt.Errorf("codelist %s: Expand: hierarchy is nil", info.ID)
	}
	if info.Release == "" {
		return nil, fmt.Errorf("codelist %s: Info.Release is required: say which release the hierarchy is of", info.ID)
	}
	included, err := d.expand(ctx, hierarchy)
	if err != nil {
		return nil, fmt.Errorf("codelist %s: definition: %w", info.ID, err)
	}
	return New(info, included...)
}

func (d *Definition) expand(ctx context.Context, hierarchy Hierarchy) ([]string, error) {
	below := map[string]set{} // of each concept of the definition
	said := map[string][]string{}
	for _, c := range slices.Concat(d.Include, d.Exclude) {
		if below[c] != nil {
			return nil, fmt.Errorf("%s is given twice", c)
		}
		if _, err := hierarchy.Children(ctx, c); err != nil {
			return nil, err
		}
		below[c] = set{}
		if err := reach(ctx, hierarchy.Children, c, true, below[c]); err != nil {
			return nil, err
		}
		for lower := range below[c] {
			said[lower] = append(said[lower], c)
		}
	}
	for c := range below {
		said[c] = []string{c} // itself decides
	}
	include := setOf(d.Include)
	var included []string
	var conflicts []error
	for _, c := range slices.Sorted(maps.Keys(said)) {
		var in, out string
		for _, a := range said[c] {
			switch {
			case slices.ContainsFunc(said[c], func(b string) bool { return below[a].has(b) && !below[b].has(a) }):
				// Something nearer decides.
			case include.has(a):
				in = a
			default:
				out = a
			}
		}
		switch {
		case in != "" && out != "":
			conflicts = append(conflicts, fmt.Errorf("%s is below %s, which is included, and %s, which is excluded: say which it is", c, in, out))
		case in != "":
			included = append(included, c)
		}
	}
	if len(conflicts) > 5 {
		conflicts = append(conflicts[:5], fmt.Errorf("and %d more", len(conflicts)-5))
	}
	return included, errors.Join(conflicts...)
}
