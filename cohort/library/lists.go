package library

import (
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// Lists are code lists by the name of their [Cluster], such as HYP_COD:
//
//	domain, err := codelist.ReadPCD(file, info)
//	definition, err := library.CVDHighRisk(library.Lists(domain), library.Lists{"audit-dissent": dissent})
//
// Constructors of cohorts that ask about codes take any number of them. A list given replaces the illustrative
// one; of several for one cluster the last counts. Lists of clusters that a cohort does not ask about are left
// alone, so that a whole release can be passed; what is still illustrative in the end is what [Illustrative]
// says.
//
// Publishers use some names twice. The clusters of vaccination are those of UKHSA and PRIMIS, and a release of
// the primary care domain may hold other codes under the same names: give theirs after it.
type Lists map[string]*codelist.List

// Cluster is a set of codes that cohorts of this package ask about.
type Cluster struct {
	// ID is the key in [Lists]: in capitals it is the publisher's own, such as HYP_COD, in small letters a
	// name given here, because the publisher has none or it was not found.
	ID string
	// Title says what the codes stand for.
	Title string
	// Origin says where the complete set is published.
	Origin string
	// List is the list that is used unless another is given: an illustrative one or, where the publisher names
	// few codes, all of them.
	List *codelist.List
}

// Clusters returns every cluster that a cohort of this package asks about, in order of ID within each field
// of medicine.
func Clusters() []Cluster {
	specs := clusters()
	all := make([]Cluster, len(specs))
	for i, spec := range specs {
		all[i] = Cluster{ID: spec.id, Title: spec.title, Origin: spec.origin(), List: spec.list()}
	}
	return all
}

// Illustrative returns the code lists of a plan that are still illustrative lists of this package, in the
// order of [cohort.Uses]. A plan that has any must not be used to choose people.
func Illustrative(plan *cohort.Plan) []*codelist.List {
	var found []*codelist.List
	for _, list := range plan.Uses().CodeLists {
		if strings.HasPrefix(list.ID(), prefix) {
			found = append(found, list)
		}
	}
	return found
}

// prefix begins the id of every illustrative list, and complete that of the few that are published whole.
const (
	prefix   = "illustrative/"
	complete = "published/"
)

// The publishers of the complete sets.
const (
	domain  = "primary care domain reference sets of NHS England, cluster "
	primis  = "COVID-19 vaccination uptake specification of UKHSA and PRIMIS, version 2.5, at OpenCodelists, list "
	prevent = "CVDPREVENT tool of NHS England (MIT licence), codes "
	gdppr   = "GDPPR analytical code of NHS England (BSD licence), "
)

// cluster is the description of a cluster and its illustrative list.
type cluster struct {
	id, slug, title string
	// publisher and name are where the complete set is; empty when none was found.
	publisher, name string
	system          codelist.System
	codes           []string
	// whole says that the codes are all that the publisher names.
	whole bool
}

func (c cluster) origin() string {
	if c.publisher == "" {
		return "no public set was found"
	}
	return c.publisher + c.name
}

func (c cluster) list() *codelist.List {
	id := prefix + c.slug
	if c.whole {
		id = complete + c.slug
	}
	return codelist.Must(codelist.New(codelist.Info{
		ID: id, Version: "1", System: c.system, Source: c.source(),
	}, c.codes...))
}

// source says plainly what the list is, and under which key the real one is given.
func (c cluster) source() string {
	text := "A short illustrative subset of the codes for " + c.title + " (" + c.origin() + "), chosen for this " +
		"project and not clinically assured; give the complete list as " + c.id + ". "
	switch {
	case c.whole:
		text = "All codes for " + c.title + " that the " + c.origin() + " names; not clinically assured. "
	case c.standIn():
		text = "Only a stand-in, illustrative: no public set of the codes for " + c.title + " was read, and the one " +
			"code here is made up, so that no record holds it; give the list as " + c.id + ". "
	}
	switch c.system { //nolint:exhaustive // the systems of the clusters here
	case codelist.ICD10:
		return text + "ICD-10 is the World Health Organization's."
	case codelist.OPCS4:
		return text + "OPCS-4 is Crown copyright."
	default:
		return text + "SNOMED CT is licensed by SNOMED International, in the UK through NHS England."
	}
}

// namespace is the highest namespace of SNOMED CT identifiers, which nobody is known to use, followed by the
// digits that make a concept of an extension. Identifiers that are made up are in it.
const namespace = "999999910"

// standIn reports whether the list holds nothing but an identifier that no record holds.
func (c cluster) standIn() bool { return len(c.codes) == 1 && strings.Contains(c.codes[0], namespace) }

// find returns the list of a cluster: that of the last of the given lists that has one, or the illustrative.
func find(lists []Lists, id string) *codelist.List {
	for _, given := range slices.Backward(lists) {
		if list, ok := given[id]; ok {
			return list
		}
	}
	for _, spec := range clusters() {
		if spec.id == id {
			return spec.list()
		}
	}
	panic("library: no cluster " + id)
}
