package governance

import (
	"fmt"
	"slices"
	"strings"
)

// DataFacet lists every data set and field that is read, and on what terms.
type DataFacet struct {
	Sets []DataSet `json:"sets"`
}

// DataSet is one source of records.
type DataSet struct {
	// Name is the data set's name in the cohort definition, such as "gpes.journal".
	Name string `json:"name"`
	// Fields are exactly those the definition uses: see [DataFacet.CheckFields].
	Fields []string `json:"fields"`
	// Controller is the organisation that answers for the data.
	Controller string `json:"controller"`
	// LookBackMonths is how far back records are read. Zero reads the whole history.
	LookBackMonths int `json:"lookBackMonths"`
	// MaxAgeHours is how old a snapshot may be when it is used, for building and for sending.
	MaxAgeHours int `json:"maxAgeHours"`
	// RetentionDays is how long what was read is kept.
	RetentionDays int `json:"retentionDays"`
}

// CheckFields compares the approved fields with those a definition uses, by data set. They must be
// equal: an extra field is more data than the purpose needs, a missing one was never approved.
// The error is a [*FieldsError].
func (f DataFacet) CheckFields(used map[string][]string) error {
	approved := make(map[string]bool)
	for _, s := range f.Sets {
		for _, name := range s.Fields {
			approved[s.Name+"."+name] = true
		}
	}
	var e FieldsError
	for set, names := range used {
		for _, name := range names {
			full := set + "." + name
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
	if len(e.Extra)+len(e.Missing) == 0 {
		return nil
	}
	slices.Sort(e.Extra)
	slices.Sort(e.Missing)
	e.Missing = slices.Compact(e.Missing)
	return &e
}

// FieldsError says how the data facet differs from what a definition uses. Names are "set.field".
type FieldsError struct {
	// Extra fields are in the facet and not used.
	Extra []string
	// Missing fields are used and not in the facet.
	Missing []string
}

// Error lists both differences.
func (e *FieldsError) Error() string {
	var parts []string
	if len(e.Extra) > 0 {
		parts = append(parts, "not used by the definition: "+strings.Join(e.Extra, ", "))
	}
	if len(e.Missing) > 0 {
		parts = append(parts, "used but not in the proposal: "+strings.Join(e.Missing, ", "))
	}
	return "governance: data.sets fields " + strings.Join(parts, "; ")
}

func (f DataFacet) check(c *checker) {
	c.require(len(f.Sets) > 0, "data.sets", "must not be empty")
	for i, s := range f.Sets {
		at := fmt.Sprintf("data.sets[%d].", i)
		c.text(at+"name", s.Name)
		c.texts(at+"fields", s.Fields)
		c.text(at+"controller", s.Controller)
		c.count(at+"lookBackMonths", s.LookBackMonths)
		c.positive(at+"maxAgeHours", s.MaxAgeHours)
		c.positive(at+"retentionDays", s.RetentionDays)
	}
	unique(c, "data.sets", f.names())
}

func (f DataFacet) names() []string {
	return namesOf(f.Sets, func(s DataSet) string { return s.Name })
}
