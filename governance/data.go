package governance

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// DataFacet lists every data set and field that is read, and on what terms.
type DataFacet struct {
	Sets []DataSet `json:"sets"`
}

// DataSet is one source of records.
type DataSet struct {
	// Name is the data set's name in the cohort definition, such as "gpes.journal".
	Name string `json:"name"`
	// Fields are exactly those the definition uses, and Earliest is exactly how far back it needs them:
	// a day such as "2024-11-01", or empty for everything there is. See [DataFacet.CheckUses].
	Fields   []string `json:"fields"`
	Earliest string   `json:"earliest"`
	// Controller is the organisation that answers for the data.
	Controller string `json:"controller"`
	// GPRecords says that the data come from GP records, which type 1 opt-outs protect.
	GPRecords bool `json:"gpRecords"`
	// MaxAgeHours is how old a snapshot may be when it is used, for building and for sending.
	MaxAgeHours int `json:"maxAgeHours"`
	// RetentionDays is how long what was read is kept.
	RetentionDays int `json:"retentionDays"`
}

// Use is what a live definition reads of one data set.
type Use struct {
	DataSet string
	Fields  []string
	// Earliest is the first day it needs, such as "2024-11-01", or empty for everything there is.
	Earliest string
}

// CheckUses compares what is approved with what a definition uses. They must be equal: an extra field or
// a longer reach is more data than the purpose needs, and what is missing was never approved. The error
// is a [*UsesError].
func (f DataFacet) CheckUses(uses []Use) error {
	approved := make(map[string]bool)
	reach := make(map[string]string)
	for _, s := range f.Sets {
		reach[s.Name] = s.Earliest
		for _, name := range s.Fields {
			approved[s.Name+"."+name] = true
		}
	}
	var e UsesError
	for _, use := range uses {
		if earliest, ok := reach[use.DataSet]; ok && earliest != use.Earliest {
			e.Reach = append(e.Reach, use.DataSet)
		}
		for _, name := range use.Fields {
			full := use.DataSet + "." + name
			if _, ok := approved[full]; !ok {
				e.Missing = append(e.Missing, full)
				continue
			}
			approved[full] = false
		}
	}
	for name, extra := range approved {
		if extra {
			e.Extra = append(e.Extra, name)
		}
	}
	if len(e.Extra)+len(e.Missing)+len(e.Reach) == 0 {
		return nil
	}
	for _, names := range []*[]string{&e.Extra, &e.Missing, &e.Reach} {
		slices.Sort(*names)
		*names = slices.Compact(*names)
	}
	return &e
}

// UsesError says how the data facet differs from what a definition uses. Fields are "set.field".
type UsesError struct {
	// Extra fields are in the facet and not used.
	Extra []string
	// Missing fields are used and not in the facet.
	Missing []string
	// Reach lists the data sets that are read from another day on than the facet says.
	Reach []string
}

// Error lists the differences.
func (e *UsesError) Error() string {
	var parts []string
	for _, p := range []struct {
		says  string
		names []string
	}{
		{"not used by the definition: ", e.Extra},
		{"used but not in the proposal: ", e.Missing},
		{"read from another day on: ", e.Reach},
	} {
		if len(p.names) > 0 {
			parts = append(parts, p.says+strings.Join(p.names, ", "))
		}
	}
	return "governance: data.sets " + strings.Join(parts, "; ")
}

func (f DataFacet) check(c *checker) {
	c.require(len(f.Sets) > 0, "data.sets", "must not be empty")
	for i, s := range f.Sets {
		at := fmt.Sprintf("data.sets[%d].", i)
		c.text(at+"name", s.Name)
		c.texts(at+"fields", s.Fields)
		c.require(s.Earliest == "" || isDay(s.Earliest), at+"earliest", "must be a day such as 2024-11-01, or empty")
		c.text(at+"controller", s.Controller)
		c.positive(at+"maxAgeHours", s.MaxAgeHours)
		c.positive(at+"retentionDays", s.RetentionDays)
	}
	unique(c, "data.sets", f.names())
}

func isDay(s string) bool {
	t, err := time.Parse(time.DateOnly, s)
	return err == nil && t.Format(time.DateOnly) == s
}

func (f DataFacet) names() []string {
	return namesOf(f.Sets, func(s DataSet) string { return s.Name })
}

// readsGPRecords reports whether any of the data come from GP records.
func (f DataFacet) readsGPRecords() bool {
	return slices.ContainsFunc(f.Sets, func(s DataSet) bool { return s.GPRecords })
}
