package caas

import (
	"fmt"
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// listed is a code list that a rule looks for, in one coding system.
type listed struct {
	list  *codelist.List
	label string            // the cluster, or what the list is about
	terms map[string]string // what published codes mean
}

// lists reads the lists of a rule for the coding systems that its tables record. It is
// false when a loss lets the rule find nobody. Effect is what leaving codes out does.
func (im *importer) lists(rule place, field, what string, lists []CodeList, tables []table, effect Effect) (out []listed, ok bool) {
	ok = true
	if len(lists) == 0 {
		im.note(rule, Expressed, "no "+what+"s", "not asked", field)
	}
	for i, l := range lists {
		p := rule.at(field, i, what).called(label(l))
		reader := listReader{importer: im, place: p, effect: effect, ok: true, tables: tables, label: label(l)}
		if given := im.given(l); given != nil {
			reader.replace(l, given)
		} else {
			reader.read(l)
		}
		out = append(out, reader.out...)
		ok = reader.ok && ok
	}
	return out, ok
}

// given returns the lists that the caller gave for a published one.
func (im *importer) given(l CodeList) []*codelist.List {
	if lists, ok := im.options.Lists[l.ID]; ok && l.ID != "" {
		return lists
	}
	if l.ClusterName == nil || *l.ClusterName == "" {
		return nil
	}
	return im.options.Lists[*l.ClusterName]
}

// listReader reads one published list.
type listReader struct {
	*importer

	place  place
	effect Effect
	tables []table
	label  string
	out    []listed
	ok     bool // no loss lets the rule find nobody
}

func (r *listReader) lose(p place, loss Loss, what, avoid string, fields ...string) {
	r.ok = r.lost(p, loss, what, avoid, r.effect, either(), fields...) == LeaveOut && r.ok
}

// replace takes the caller's lists for all the published codes.
func (r *listReader) replace(l CodeList, given []*codelist.List) {
	terms := map[string]string{}
	for i, c := range l.Codes {
		p := r.place.at("codes", i, "code")
		_, code, _ := sorted(c, l.CodeSystem)
		terms[code] = c.ShortDescription
		if slices.ContainsFunc(given, func(g *codelist.List) bool { return g.Contains(code) }) {
			r.note(p, Expressed, shown(c), "in the list given", codeFields()...)
			continue
		}
		r.lose(p, UnlistedCode, shown(c)+" is not in the list given for it", "give a list that holds it", codeFields()...)
	}
	for _, g := range given {
		r.take(g, terms)
	}
	r.note(r.place, Given, "the list "+r.label, fmt.Sprintf("%s is what the caller gave: %v", r.label, given), listFields(l)...)
}

// read takes the published codes, each in its coding system.
func (r *listReader) read(l CodeList) {
	const give = "give the list in ImportOptions.Lists, by its cluster or its id"
	cluster := l.ClusterName != nil && *l.ClusterName != ""
	switch {
	case len(l.Codes) == 0:
		r.lose(r.place, NoCodes, "the list "+r.label+" has no codes", give, listFields(l)...)
	case cluster:
		r.lose(r.place, ClusterNotGiven, fmt.Sprintf("%s, of which %s published", r.label, areCodes(len(l.Codes))), give, listFields(l)...)
	default:
		r.note(r.place, Expressed, fmt.Sprintf("the list %s, %s", r.label, plural(len(l.Codes), "code")), "its codes", listFields(l)...)
	}
	bySystem, terms := map[codelist.System][]string{}, map[string]string{}
	for i, c := range l.Codes {
		p := r.place.at("codes", i, "code")
		system, code, done := sorted(c, l.CodeSystem)
		category := hospital(system) && len(code) == 3
		switch {
		case system == "":
			r.lose(p, UnsortedCode, shown(c)+" "+done, give, codeFields()...)
			continue
		case !recorded(r.tables, system) || hospital(system) && len(code) > 4:
			r.lose(p, UnreadCode, fmt.Sprintf("%s is %s, and such codes are in no data set of the rule that can be read", shown(c), system),
				"ask CaaS where the code is looked for", codeFields()...)
			continue
		case done != "":
			r.note(p, Assumed, shown(c), done, codeFields()...)
		case category:
			r.note(p, Assumed, shown(c), categories, codeFields()...)
		default:
			r.note(p, Expressed, shown(c), string(system), codeFields()...)
		}
		terms[code] = c.ShortDescription
		if category {
			code += "*"
		}
		bySystem[system] = append(bySystem[system], code)
	}
	source := fmt.Sprintf("Published cohort definition %s: code list %s, %s", r.options.ID, line(l.ID, "without id"), line(l.ShortDescription, "without description"))
	for _, system := range []codelist.System{codelist.SNOMEDCT, codelist.DMD, codelist.ICD10, codelist.OPCS4} {
		codes := bySystem[system]
		if len(codes) == 0 {
			continue
		}
		info := codelist.Info{ID: r.label, Version: r.options.Version, System: system, Source: source}
		if system != codelist.SNOMEDCT {
			info.ID += " " + string(system)
		}
		r.out = append(r.out, listed{r.made(info, codes), r.label, terms})
	}
}

// categories is the assumption on codes such as I26 and K04.
const categories = "codes of three characters of ICD-10 and OPCS-4 stand for all that begin with them"

// take adds a list of the caller's, whose codes of ICD-10 and OPCS-4 stand for
// themselves: hospital data have those of four characters.
func (r *listReader) take(g *codelist.List, terms map[string]string) {
	const avoid = "give lists that the rule's data sets can hold, with prefixes such as I26* for categories"
	if !recorded(r.tables, g.System()) {
		r.lose(r.place, UnreadCode, fmt.Sprintf("%v: no data set of the rule that can be read records the system", g), avoid)
		return
	}
	never, codes := 0, 0
	for code := range g.Exact() {
		codes++
		if hospital(g.System()) && len(code) != 4 {
			never++
		}
	}
	for range g.Ranges() {
		codes++
	}
	if never > 0 {
		r.lose(r.place, UnreadCode, fmt.Sprintf("%v, of which %s not of four characters, as hospital data have them", g, areCodes(never)), avoid)
	}
	if never < codes {
		r.out = append(r.out, listed{g, r.label, terms})
	}
}

// made makes a list of checked codes. Its name is its own: one cluster may be published
// twice with other codes.
func (r *listReader) made(info codelist.Info, codes []string) *codelist.List {
	id := info.ID
	for n := 2; ; n++ {
		list := codelist.Must(codelist.New(info, codes...))
		key := list.ID() + " " + list.Version()
		known, taken := r.names[key]
		if !taken {
			r.names[key] = list
			return list
		}
		if known.Hash() == list.Hash() && known.Source() == list.Source() {
			return known
		}
		info.ID = fmt.Sprintf("%s (%d)", id, n)
	}
}

// sorted finds the coding system of a code and writes the code as that system does.
// Done says how, if its label alone did not tell. Without a system it says why.
func sorted(c Code, list *CodeSystem) (system codelist.System, code, done string) {
	named := c.CodeSystem.Name
	if named == "" && list != nil {
		named = list.Name
	}
	labelled := systemNamed(named)
	value, by := strings.TrimSpace(c.Value), "label"
	if prefix, rest, found := strings.Cut(value, ":"); found {
		if s := systemNamed(prefix); s != "" {
			value, by = rest, "prefix"
			labelled, done = s, fmt.Sprintf("codes with the prefix %s are %s, whatever their label", prefix, s)
		}
	}
	if labelled != "" {
		if code = labelled.Normalise(value); labelled.Check(code) == nil {
			return labelled, code, done
		}
	}
	var fits []codelist.System
	for _, s := range []codelist.System{codelist.SNOMEDCT, codelist.ICD10, codelist.OPCS4} {
		if s.Check(s.Normalise(value)) == nil {
			fits = append(fits, s)
		}
	}
	switch {
	case by == "prefix":
		return "", value, "is no code of the system that its prefix names"
	case len(fits) == 1:
		return fits[0], fits[0].Normalise(value), fmt.Sprintf("codes that are well formed only as %s are %s, whatever their label", fits[0], fits[0])
	case len(fits) > 1:
		return "", value, fmt.Sprintf("is not what its label says, and could be %s or %s", fits[0], fits[1])
	default:
		return "", value, "is no code of any system that can be read"
	}
}

// systemNamed returns the coding system that a label means, or none.
func systemNamed(name string) codelist.System {
	switch strings.NewReplacer(" ", "", "-", "", "_", "").Replace(strings.ToUpper(name)) {
	case "SNOMED", "SNOMEDCT":
		return codelist.SNOMEDCT
	case "DM+D", "DMD":
		return codelist.DMD
	case "ICD10", "ICD":
		return codelist.ICD10
	case "OPCS", "OPCS4":
		return codelist.OPCS4
	default:
		return ""
	}
}

// label names a published list in texts.
func label(l CodeList) string {
	if l.ClusterName != nil && line(*l.ClusterName, "") != "" {
		return line(*l.ClusterName, "")
	}
	return line(l.ShortDescription, "a list without a name")
}

// shown says a code with what it means.
func shown(c Code) string {
	return fmt.Sprintf("%s (%s)", line(c.Value, "an empty code"), line(c.ShortDescription, "without description"))
}

func areCodes(n int) string {
	if n == 1 {
		return "1 code is"
	}
	return fmt.Sprintf("%d codes are", n)
}

func codeFields() []string {
	return []string{"id", "value", "shortDescription", "codeSystem.id", "codeSystem.name"}
}

// listFields are the fields of a list but for its codes, which are accounted for one by
// one if there are any.
func listFields(l CodeList) []string {
	fields := []string{"id", "shortDescription", "clusterName"}
	if l.CodeSystem == nil {
		fields = append(fields, "codeSystem")
	} else {
		fields = append(fields, "codeSystem.id", "codeSystem.name")
	}
	if len(l.Codes) == 0 {
		fields = append(fields, "codes")
	}
	return fields
}
